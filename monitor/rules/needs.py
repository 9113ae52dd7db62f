"""What a plan needs: words without which no article meets it.

On the article's way: nowhere; asked when rules are made ready, by :mod:`monitor.rules.index` and
:mod:`monitor.rules.verdict`, so that most rules are rejected by a look at the set of words that an article holds.
"""

from __future__ import annotations

from collections.abc import Sequence

from monitor.rules.pattern import WordTest
from monitor.rules.plan import AllOf, AnyOf, ConceptLeaf, CountOf, NearOf, Plan, SentenceOf, TermLeaf

__all__ = ["Needs", "needs"]

#: Words that all must be there, and sets of words of which one each must be there.
Needs = tuple[frozenset[WordTest], tuple[frozenset[WordTest], ...]]


def needs(plan: Plan) -> Needs:
    """Words without which the plan can't be met, and sets of words of which it needs one each."""
    match plan:
        case TermLeaf():
            return frozenset(plan.pattern.words), ()
        case ConceptLeaf(words=words):
            return frozenset(), (words,)
        case AllOf(parts=parts):
            found = [needs(part) for part in parts]
        case NearOf(left=left, right=right):
            found = [needs(left), needs(right)]
        case AnyOf(parts=parts):
            return _one_of(parts)
        case CountOf(part=part) | SentenceOf(part=part):
            return needs(part)
        case _:
            return frozenset(), ()
    words = frozenset[WordTest]().union(*(words for words, _ in found))
    return words, tuple(choice for _, choices in found for choice in choices if words.isdisjoint(choice))


def _one_of(parts: Sequence[Plan]) -> Needs:
    """A word of each alternative: one of them must be there. Nothing, when an alternative needs no word."""
    choice: set[WordTest] = set()
    for part in parts:
        words, choices = needs(part)
        if words:
            choice.add(min(words, key=lambda word: (-len(word.form), word.form)))
        elif choices:
            choice |= min(choices, key=len)
        else:
            return frozenset(), ()
    return frozenset(), (frozenset(choice),)
