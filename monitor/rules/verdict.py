"""A rule's verdict as one quick function.

On the article's way: *match*, between choosing the rules to look at (:mod:`monitor.rules.index`) and finding places
(:mod:`monitor.rules.evaluate`). Most rules are rejected, and most of those by a word that is not there: AND, OR and
NOT of single words are answered from the set of words that the article holds, cheap parts before dear ones. Whatever
needs a place in the text is asked of the :class:`monitor.rules.evaluate.View`, which decides what meets what.

A rule's :class:`Screen` is all that sets of words tell of it where one of its leaves is met, so that a look at four
sets rejects it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from monitor.rules.document import PROSE
from monitor.rules.evaluate import View
from monitor.rules.needs import Needs, needs
from monitor.rules.pattern import WordTest
from monitor.rules.plan import (
    AllOf,
    AnyOf,
    ConceptLeaf,
    CountOf,
    LanguageLeaf,
    NearOf,
    NotOf,
    Plan,
    RegexLeaf,
    SentenceOf,
    TagLeaf,
    TermLeaf,
)

__all__ = ["Anchor", "Screen", "Verdict", "lets_through", "lone_word", "screens", "verdict", "words_of"]

_MANY = 40  # words of a set that is likely to be asked for by many rules
_NONE: frozenset[WordTest] = frozenset()

#: What a rule can hang on.
Anchor = TermLeaf | ConceptLeaf

#: Whether an article meets a plan; equal to :meth:`monitor.rules.evaluate.View.met`.
Verdict = Callable[[View], bool]


class Screen(NamedTuple):
    """What sets of words tell of a plan where a certain leaf is met, and what is left to ask when they rule it not out.

    Title and body must hold all of ``words``, one of ``choice`` and of each of ``choices``, none of ``without``; any
    field must hold all of ``needed``, one of each of ``some`` and of each of ``many`` (large sets, which rules share).
    Where a set is empty nothing is asked. An article for which this holds meets the plan if all of ``rest`` say so.
    """

    choice: frozenset[WordTest]
    words: frozenset[WordTest]
    without: frozenset[WordTest]
    choices: tuple[frozenset[WordTest], ...]
    needed: frozenset[WordTest]
    some: tuple[frozenset[WordTest], ...]
    many: tuple[frozenset[WordTest], ...]
    rest: tuple[Verdict, ...]


def lets_through(screen: Screen, view: View) -> bool:
    """Whether sets of words do not rule the plan out."""
    choice, words, without, choices, needed, some, many, _ = screen
    present, hits = view.present, view.hits
    # Most of a screen is empty, and this runs for every rule that shares a word with the article.
    return not (
        (choice and present.isdisjoint(choice))
        or (words and not present >= words)
        or (without and not present.isdisjoint(without))
        or (choices and any(map(present.isdisjoint, choices)))
        or (needed and not hits >= needed)
        or (some and any(map(hits.isdisjoint, some)))
        or (many and any(map(view.lacks, many)))
    )


def screens(plan: Plan, leaves: Iterable[Anchor]) -> tuple[tuple[Anchor, Screen], ...]:
    """The plan's screen for articles that meet one of some leaves, for each of them."""
    asked = _asked(plan)
    return tuple((leaf, _screen(asked, leaf)) for leaf in leaves)


def words_of(leaf: Anchor) -> frozenset[WordTest]:
    """The words that are there whenever the leaf is met."""
    return frozenset(leaf.pattern.words) if isinstance(leaf, TermLeaf) else frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """What a plan asks for, whatever is known of an article: as in :class:`Screen`, which shares these sets.

    ``parts``: what is left to ask, cheap ones first, each with the words and sets of words that it needs.
    """

    words: frozenset[WordTest]
    without: frozenset[WordTest]
    choices: tuple[frozenset[WordTest], ...]
    parts: tuple[tuple[Plan, Needs], ...]


def _asked(plan: Plan) -> _Asked:
    words: set[WordTest] = set()
    without: set[WordTest] = set()
    choices: list[frozenset[WordTest]] = []
    rest: list[Plan] = []
    for part in _conditions(plan):
        if (word := lone_word(part)) is not None:
            words.add(word)
        elif (choice := _lone_words(part)) is not None:
            choices.append(choice)
        elif isinstance(part, NotOf) and (ruled_out := _lone_words(part.part)) is not None:
            without |= ruled_out
        else:
            rest.append(part)
    return _Asked(
        words=frozenset(words),
        without=frozenset(without),
        choices=tuple(choices),
        parts=tuple((part, needs(part)) for part in sorted(rest, key=_effort)),
    )


def _screen(asked: _Asked, leaf: Anchor) -> Screen:
    given = words_of(leaf) if set(leaf.fields) <= set(PROSE) else _NONE
    known = asked.words | given
    parts = [one for one in asked.parts if not _told_by(leaf, one[0])]
    needed = _NONE.union(*(words for _, (words, _) in parts)) - known
    choice, *choices = [choice for choice in asked.choices if choice.isdisjoint(known)] or [_NONE]
    known |= needed
    some = [choice for _, (_, choices) in parts for choice in choices if choice.isdisjoint(known)]
    return Screen(
        choice=choice,
        words=asked.words - given,
        without=asked.without,
        choices=tuple(choices),
        needed=needed,
        some=tuple(choice for choice in some if len(choice) < _MANY),
        many=tuple(choice for choice in some if len(choice) >= _MANY),
        rest=tuple(verdict(part) for part, _ in parts),
    )


def _told_by(leaf: Anchor, plan: Plan) -> bool:
    """Whether a plan is met whenever the leaf is, as far as can be told at once."""
    return plan is leaf or (isinstance(plan, AnyOf) and leaf in plan.parts)


def _conditions(plan: Plan) -> Iterator[Plan]:
    """The parts that all must be met."""
    if isinstance(plan, AllOf):
        for part in plan.parts:
            yield from _conditions(part)
    else:
        yield plan


def _lone_words(plan: Plan) -> frozenset[WordTest] | None:
    """The words of which one is enough, where that is all that a plan asks for."""
    parts = plan.parts if isinstance(plan, AnyOf) else (plan,)
    words = [word for part in parts if (word := lone_word(part)) is not None]
    return frozenset(words) if len(words) == len(parts) else None


def verdict(plan: Plan) -> Verdict:
    """The plan's verdict as a function of the article."""
    match plan:
        case AllOf(parts=parts):
            return _all_of(parts)
        case AnyOf(parts=parts):
            return _any_of(parts)
        case NotOf(part=part):
            inner = verdict(part)
            return lambda view: not inner(view)
        case TermLeaf():
            word = lone_word(plan)
            if word is not None:
                return lambda view: word in view.present
            words = frozenset(plan.pattern.words)
            return lambda view: view.hits >= words and view.has(plan)
        case NearOf() | CountOf() | SentenceOf():
            return _if_possible(plan)
        case _:
            return lambda view: view.met(plan)


def _if_possible(plan: Plan) -> Verdict:
    """The verdict of a plan that costs more to find than to rule out by its words."""
    words, choices = needs(plan)

    def met(view: View) -> bool:
        return view.hits >= words and not any(map(view.lacks, choices)) and view.met(plan)

    return met


def lone_word(plan: Plan) -> WordTest | None:
    """The word by whose presence in title or body alone a plan is met."""
    return plan.lone if isinstance(plan, TermLeaf) and plan.fields == PROSE else None


def _all_of(parts: tuple[Plan, ...]) -> Verdict:
    words = frozenset(word for part in parts if (word := lone_word(part)) is not None)
    others = _others(parts)
    return lambda view: view.present >= words and all(one(view) for one in others)


def _any_of(parts: tuple[Plan, ...]) -> Verdict:
    words = frozenset(word for part in parts if (word := lone_word(part)) is not None)
    others = _others(parts)
    if not others:
        return lambda view: not words.isdisjoint(view.present)
    leaves = frozenset(parts)
    return lambda view: (
        not leaves.isdisjoint(view.found) or not words.isdisjoint(view.present) or any(one(view) for one in others)
    )


def _others(parts: tuple[Plan, ...]) -> tuple[Verdict, ...]:
    """The verdicts of what is no lone word, cheap ones first."""
    return tuple(verdict(part) for part in sorted(parts, key=_effort) if lone_word(part) is None)


def _effort(plan: Plan) -> int:
    """How much work a plan is likely to be, for doing the least first."""
    match plan:
        case AllOf(parts=parts) | AnyOf(parts=parts):
            return sum(map(_effort, parts))
        case NotOf(part=part):
            return _effort(part)
        case LanguageLeaf() | TagLeaf():
            return 1
        case TermLeaf():
            return 1 if plan.lone else 3
        case NearOf(left=left, right=right):
            return 5 + _effort(left) + _effort(right)
        case ConceptLeaf():
            return 20
        case RegexLeaf() | SentenceOf():
            return 100
        case _:
            return 10
