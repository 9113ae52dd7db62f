"""The syntax tree of a rule: what a person asked for, before any word is looked up.

On the article's way: nowhere yet; :mod:`monitor.rules.grammar` and the simple form of a watch make these trees,
:mod:`monitor.rules.compile` turns them into what is evaluated. Holds no behaviour but printing a tree the way it was
understood. Two trees are equal when they ask for the same; where and how they were written does not count.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

__all__ = [
    "TEXT_FIELDS",
    "And",
    "AtLeast",
    "ConceptRef",
    "InField",
    "Near",
    "Node",
    "Not",
    "Or",
    "Regex",
    "Sentence",
    "Term",
    "WatchRef",
    "children_of",
    "format_rule",
    "walk",
]

#: The fields in which words are looked for when a rule names none.
TEXT_FIELDS = ("title", "body")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Written:
    """``written`` is the person's own spelling of the part, ``position`` its first character in the query (0-based)."""

    written: str = field(default="", compare=False)
    position: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Term(_Written):
    """A word or phrase. ``exact``: written in braces, so case and form count. ``slop``: the n of ``"a b"~n``."""

    text: str
    exact: bool = False
    slop: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Regex(_Written):
    """A regular expression, searched in the original text without regard to case."""

    pattern: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConceptRef(_Written):
    """``@name``: any of the concept's names, in any language."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchRef(_Written):
    """``@watch:name``: the article meets that other watch."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InField(_Written):
    """``field:child``: what the child asks for must stand in that field."""

    field: str
    child: Node


@dataclass(frozen=True, slots=True, kw_only=True)
class Not(_Written):
    """The article does not meet the child."""

    child: Node


@dataclass(frozen=True, slots=True, kw_only=True)
class And(_Written):
    """The article meets all the children."""

    children: tuple[Node, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Or(_Written):
    """The article meets at least one of the children."""

    children: tuple[Node, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Near(_Written):
    """Left and right stand with at most ``distance`` words between them; when ``ordered``, left first."""

    left: Node
    right: Node
    distance: int
    ordered: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AtLeast(_Written):
    """The child is met in at least ``count`` places."""

    count: int
    child: Node


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence(_Written):
    """The child is met by the words of one sentence alone."""

    child: Node


Node: TypeAlias = Term | Regex | ConceptRef | WatchRef | InField | Not | And | Or | Near | AtLeast | Sentence

_BARE = re.compile(r"\w[\w.'’*?-]*")
_RESERVED = frozenset({"and", "or", "not", "near", "onear", "atleast", "sentence"})


def format_rule(node: Node) -> str:
    """The rule as it was understood, every operator's part in parentheses; reading the result gives the same tree."""
    match node:
        case And(children=children):
            return " AND ".join(_part(child) for child in children)
        case Or(children=children):
            return " OR ".join(_part(child) for child in children)
        case Not(child=child):
            return f"NOT {_part(child)}"
        case Near(left=left, right=right):
            operator = "ONEAR" if node.ordered else "NEAR"
            return f"{_part(left)} {operator}/{node.distance} {_part(right)}"
        case AtLeast(count=count, child=child):
            return f"ATLEAST/{count}({format_rule(child)})"
        case Sentence(child=child):
            return f"SENTENCE({format_rule(child)})"
        case InField(field=name, child=child):
            return f"{name}:{_part(child)}"
        case ConceptRef(name=name):
            return f"@{name}"
        case WatchRef(name=name):
            return f"@watch:{name}" if _BARE.fullmatch(name) else f'@watch:"{name}"'
        case Regex(pattern=pattern):
            return f"/{pattern}/"
        case _:
            return _term(node)


def _part(node: Node) -> str:
    text = format_rule(node)
    return f"({text})" if isinstance(node, And | Or | Not | Near | InField) else text


def _term(term: Term) -> str:
    if term.exact:
        return f"{{{term.text}}}"
    if term.slop is not None:
        return f'"{term.text}"~{term.slop}'
    bare = _BARE.fullmatch(term.text) and term.text.casefold() not in _RESERVED
    return term.text if bare else f'"{term.text}"'


def children_of(node: Node) -> tuple[Node, ...]:
    """The parts of a node, left to right."""
    if isinstance(node, Term):
        return ()  # as most are
    match node:
        case And(children=children) | Or(children=children):
            return children
        case Near(left=left, right=right):
            return (left, right)
        case Not(child=child) | AtLeast(child=child) | Sentence(child=child) | InField(child=child):
            return (child,)
        case _:
            return ()


def walk(node: Node) -> Iterator[Node]:
    """The node and all below it, left to right."""
    waiting = [node]
    while waiting:
        node = waiting.pop()
        yield node
        waiting += reversed(children_of(node))
