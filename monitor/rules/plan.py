"""Compiled rules: the same tree as the syntax, with every word made ready to be looked for.

On the article's way: made once from the config by :mod:`monitor.rules.compile`, walked for each article by
:mod:`monitor.rules.evaluate`. Parts that ask for the same are one object, compared by identity, so that an article
answers each only once. Values only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

import regex

from monitor.rules.pattern import TermPattern, WordTest

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
    "Terms",
    "UrlLeaf",
]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Terms:
    """Terms that are looked for together. ``hooks``: for each word, the terms that can't be met where it is missing.

    ``words``: those words.
    """

    patterns: tuple[TermPattern, ...]
    hooks: Mapping[WordTest, tuple[int, ...]]
    words: frozenset[WordTest]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CompiledName:
    """One name of a concept. ``near``: one of these must stand close by; ``negative``: it must lie in none of these.

    ``within``: how close, in words between, in the same paragraph; None for the wide neighbourhood.
    """

    text: str
    language: str
    pattern: TermPattern
    near: Terms | None = None
    within: int | None = None
    negative: Terms | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TermLeaf:
    """A word or phrase. ``fields`` index :data:`monitor.rules.document.FIELDS`.

    ``lone``: the term's only word, where one of the forms that meet it is all that it asks for. ``pair``: its two
    words, where it asks only that one follows the other in title or body.
    """

    written: str
    text: str
    pattern: TermPattern
    fields: tuple[int, ...]
    lone: WordTest | None = None
    pair: tuple[WordTest, WordTest] | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ConceptLeaf:
    """Any name of a concept. ``hooks``: for each word, the numbers of the names that can't be met without it.

    ``words``: those words; leaves of the same concept share them. ``cost``: a guess at the share of articles that hold
    one of the names.
    """

    written: str
    concept: str
    names: tuple[CompiledName, ...]
    hooks: Mapping[WordTest, tuple[int, ...]]
    words: frozenset[WordTest]
    cost: float
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
