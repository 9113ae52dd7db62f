"""What a concept looks for all told, and who uses it: the question before a person changes one.

On the article's way: nowhere. Follows the same ways as :mod:`monitor.rules.compile`, which takes names over, but keeps
where each comes from. Takes concepts and rules that were checked: without circles, and naming only what exists.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from monitor.rules.compile import Rule
from monitor.rules.concepts import Concept, Name
from monitor.rules.syntax import ConceptRef, WatchRef, walk

__all__ = ["ConceptUse", "TakenIn", "WatchUse", "concept_uses", "taken_in", "watch_uses"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenIn:
    """A name that a concept looks for, and the concept in which it is written."""

    name: Name
    concept: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConceptUse:
    """A concept that uses another: takes its names over, or wants one of them near a name of its own."""

    concept: str
    names: bool
    near: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchUse:
    """A watch whose rule depends on a concept: by naming it, or through what it names (``@other``, ``@watch:name``)."""

    watch: str
    direct: bool
    through: tuple[str, ...]


def taken_in(concept: str, concepts: Mapping[str, Concept]) -> tuple[TakenIn, ...]:
    """All names that a concept looks for, its own first, then those that it takes over, in the order of their use."""
    found: dict[TakenIn, None] = {}
    waiting = [concept]
    seen = set(waiting)
    for here in waiting:
        for name in concepts[here].names:
            if not name.uses:
                found.setdefault(TakenIn(name=name, concept=here))
            elif name.uses not in seen:
                seen.add(name.uses)
                waiting.append(name.uses)
    return tuple(found)


def concept_uses(concept: str, concepts: Mapping[str, Concept]) -> tuple[ConceptUse, ...]:
    """The concepts that name this one, in the order of the config."""
    uses = (
        ConceptUse(
            concept=other.name,
            names=any(name.uses == concept for name in other.names),
            near=any(f"@{concept}" in name.near for name in other.names),
        )
        for other in concepts.values()
    )
    return tuple(use for use in uses if use.names or use.near)


def watch_uses(concept: str, concepts: Mapping[str, Concept], rules: Iterable[Rule]) -> tuple[WatchUse, ...]:
    """The watches that change when this concept does, in the order of the config."""
    reaching = {concept}
    while more := {other.name for other in concepts.values() if other.uses & reaching} - reaching:
        reaching |= more
    named = {rule.name: _named(rule) for rule in rules}
    marks = {f"@{one}" for one in reaching}
    while more := {name for name, parts in named.items() if f"@watch:{name}" not in marks and marks & parts}:
        marks |= {f"@watch:{name}" for name in more}
    own = f"@{concept}"
    return tuple(
        WatchUse(watch=name, direct=own in parts, through=tuple(sorted(marks & parts - {own})))
        for name, parts in named.items()
        if marks & parts
    )


def _named(rule: Rule) -> frozenset[str]:
    """The concepts and watches that a rule names, as they are written."""
    return frozenset(
        f"@{node.name}" if isinstance(node, ConceptRef) else f"@watch:{node.name}"
        for node in walk(rule.root)
        if isinstance(node, ConceptRef | WatchRef)
    )
