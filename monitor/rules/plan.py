"""Compiled rules: the same tree as the syntax, with every word made ready to be looked for.

On the article's way: made once from the config by :mod:`monitor.rules.compile`, walked for each article by
:mod:`monitor.rules.evaluate`. Parts that ask for the same are one object, compared by identity, so that an article
answers each only once. Values only.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import regex

from monitor.rules.pattern import TermPattern

__all__ = [
    "AllOf",
    "AnyOf",
    "CompiledName",
    "ConceptLeaf",
    "CountOf",
    "LanguageLeaf",
    "Leaf",
    "NearOf",
    "NotOf",
    "Plan",
    "RegexLeaf",
    "SentenceOf",
    "TagLeaf",
    "TermLeaf",
    "UrlLeaf",
]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CompiledName:
    """One name of a concept. ``near``: patterns with their languages, one of which must stand close by, if any."""

    text: str
    language: str
    pattern: TermPattern
    near: tuple[tuple[TermPattern, str], ...] = ()
    negative: tuple[TermPattern, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TermLeaf:
    """A word or phrase. ``fields`` index :data:`monitor.rules.document.FIELDS`."""

    written: str
    text: str
    pattern: TermPattern
    fields: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ConceptLeaf:
    """Any name of a concept."""

    written: str
    concept: str
    names: tuple[CompiledName, ...]
    fields: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RegexLeaf:
    """A regular expression; ``literals``: folded, one of them stands in every match. ``fields`` empty: in the URL."""

    written: str
    pattern: regex.Pattern[str]
    literals: tuple[str, ...]
    fields: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class UrlLeaf:
    """A part of the article's URL."""

    written: str
    pattern: regex.Pattern[str]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LanguageLeaf:
    """The article's language, or one of its two likeliest when in doubt."""

    written: str
    code: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TagLeaf:
    """A tag of the article's feed, as a whole and without regard to case; ``*`` and ``?`` as in words."""

    written: str
    pattern: regex.Pattern[str]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AllOf:
    """All parts are met."""

    parts: tuple[Plan, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AnyOf:
    """One of the parts is met."""

    parts: tuple[Plan, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class NotOf:
    """The part is not met."""

    part: Plan


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class NearOf:
    """Left and right stand close; see :func:`monitor.rules.places.pairs`."""

    written: str
    left: Plan
    right: Plan
    distance: int
    ordered: bool


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CountOf:
    """The part is met in at least ``count`` places, those inside another not counted."""

    written: str
    count: int
    part: Plan


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SentenceOf:
    """The part is met by what one sentence holds."""

    written: str
    part: Plan


Leaf: TypeAlias = TermLeaf | ConceptLeaf | RegexLeaf | UrlLeaf | LanguageLeaf | TagLeaf
Plan: TypeAlias = Leaf | AllOf | AnyOf | NotOf | NearOf | CountOf | SentenceOf
