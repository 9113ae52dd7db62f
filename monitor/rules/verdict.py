"""A rule's verdict as one quick function.

On the article's way: *match*, between choosing the rules to look at (:mod:`monitor.rules.index`) and finding places
(:mod:`monitor.rules.evaluate`). Most rules are rejected, and most of those by a word that is not there: AND, OR and
NOT of single words are answered from the set of words that the article holds, cheap parts before dear ones. Whatever
needs a place in the text is asked of the :class:`monitor.rules.evaluate.View`, which decides what meets what.
"""

from __future__ import annotations

from collections.abc import Callable

from monitor.rules.document import PROSE
from monitor.rules.evaluate import View
from monitor.rules.needs import needs
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

__all__ = ["Verdict", "lone_word", "verdict"]

#: Whether an article meets a plan; equal to :meth:`monitor.rules.evaluate.View.met`.
Verdict = Callable[[View], bool]


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
            return lambda view: view.has(plan)
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
    others = tuple(verdict(part) for part in sorted(parts, key=_effort) if lone_word(part) is None)
    if not others:
        return lambda view: view.present >= words
    if len(others) == 1:
        (other,) = others
        return lambda view: view.present >= words and other(view)
    return lambda view: view.present >= words and all(one(view) for one in others)


def _any_of(parts: tuple[Plan, ...]) -> Verdict:
    words = frozenset(word for part in parts if (word := lone_word(part)) is not None)
    others = tuple(verdict(part) for part in sorted(parts, key=_effort) if lone_word(part) is None)
    if not others:
        return lambda view: not words.isdisjoint(view.present)
    return lambda view: not words.isdisjoint(view.present) or any(one(view) for one in others)


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
