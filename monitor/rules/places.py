"""Places in an article where a part of a rule is met, and how places stand to each other.

On the article's way: between finding words and judging rules. Pure arithmetic over token indexes; knows no rules.

How near is near: n counts the words *between* two places, on the word positions of the article (``positions``: see
:attr:`monitor.rules.document.Document.places`), on which no two paragraphs and no two fields are ever near. Two places
that share words are near (0 between) when one is not the other: "conclure la mission" and "mission de la coalition"
are, in "conclure la mission de la coalition"; "state" is near "Islamic State" that holds it. Two concepts that the very
same words name are near as well. In order means: one begins no later and ends no later than the other.

Terms with gaps ("end ... mission", "a b"~5) stand where their words are closest: a stretch that holds a shorter one
for the same term is no place of its own.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

__all__ = ["MAX_PLACES", "Place", "Span", "between", "closest", "in_order", "outermost", "pairs", "smallest_windows"]

#: Places of one part of a rule that are looked at in one article; later ones are passed over.
MAX_PLACES = 1000

_LOOK_EVERY = 16  # places; to look whether enough pairs are found costs a while

#: First and last token, both within.
Span = tuple[int, int]


class Place(NamedTuple):
    """A place that meets a part of a rule.

    ``first``/``last``: its tokens (-1 where the field is not made of words). ``field``: the name of the field.
    ``slice``: of the field's original text, where that is not from the first token to the last. ``alias``,
    ``concept``, ``language``, ``term``: as in :class:`monitor.model.Evidence`. ``parts``: the two places that a NEAR
    joined; ``gap``: the words between them.
    """

    first: int
    last: int
    field: str
    term: str
    alias: str
    concept: str
    language: str
    slice: Span | None = None
    parts: tuple[Place, ...] = ()
    gap: int = 0


def between(positions: Sequence[int], left: Span, right: Span) -> int:
    """Words between two spans, left ending before right begins."""
    return max(0, positions[right[0]] - positions[left[1]] - 1)


def outermost(spans: Iterable[Span]) -> list[Span]:
    """The spans that lie in no other, by position."""
    kept: list[Span] = []
    for span in sorted(set(spans), key=lambda span: (span[0], -span[1])):
        if not kept or span[1] > kept[-1][1]:
            kept.append(span)
    return kept


def _innermost(spans: Iterable[Span]) -> list[Span]:
    """The spans that hold no other, by position."""
    kept: list[Span] = []
    for span in sorted(set(spans), key=lambda span: (span[1], -span[0])):
        if not kept or span[0] > kept[-1][0]:
            kept.append(span)
    return kept


def in_order(positions: Sequence[int], runs: Sequence[Sequence[Span]], gaps: Sequence[int]) -> list[Span]:
    """Spans that hold one of each run in order, at most ``gaps[i]`` words after run i."""
    reached = sorted(runs[0])
    for run, gap in zip(runs[1:], gaps, strict=True):
        lasts = sorted((last, first) for first, last in reached)
        following: list[Span] = []
        # Of what ends close enough before a span, that which begins last: the first here, for one that ends earlier and
        # begins no later can't be it any more.
        close: deque[Span] = deque()
        at = 0
        for span in sorted(run):
            while at < len(lasts) and lasts[at][0] < span[0]:
                while close and close[-1][1] <= lasts[at][1]:
                    close.pop()
                close.append(lasts[at])
                at += 1
            while close and between(positions, (0, close[0][0]), span) > gap:
                close.popleft()
            if close:
                following.append((close[0][1], span[1]))
        reached = following
    return _innermost(reached)[:MAX_PLACES] if gaps else reached


def smallest_windows(positions: Sequence[int], runs: Sequence[Sequence[Span]], slop: int) -> list[Span]:
    """Spans that hold one of each run, in any order and apart from each other, with at most ``slop`` other words."""
    own = sum(positions[run[0][1]] - positions[run[0][0]] + 1 for run in runs)
    end_of_text = len(positions)
    windows: list[Span] = []
    for begin in sorted({span for run in runs for span in run}):
        here = positions[begin[0]]
        nearby = []
        for run in runs:
            at = bisect_left(run, begin)
            # Of as many spans as there are runs, the others can't take all.
            some = run[at : at + len(runs)]
            nearby.append(
                [s for s in some if positions[s[1]] - here < own + slop and s[1] - begin[0] >= positions[s[1]] - here]
            )
        # No choice can end before there are as many ends as runs.
        lasts = sorted({span[1] for choice in nearby for span in choice})
        if len(lasts) < len(runs):
            continue
        end = _assign(nearby, begin, (), end_of_text, lasts[len(runs) - 1])
        if end < end_of_text:
            windows.append((begin[0], end))
            if len(windows) == MAX_PLACES:
                break
    return _innermost(windows)


def _assign(choices: Sequence[Sequence[Span]], begin: Span, taken: tuple[Span, ...], best: int, least: int) -> int:
    """The smallest last token of one span of each choice, none sharing tokens, ``begin`` among them; else ``best``."""
    if len(taken) == len(choices):
        return max(span[1] for span in taken) if begin in taken else best
    for span in choices[len(taken)]:
        if best == least:
            break
        if span[1] < best and all(span[1] < other[0] or other[1] < span[0] for other in taken):
            best = _assign(choices, begin, (*taken, span), best, least)
    return best


def pairs(
    positions: Sequence[int], lefts: Sequence[Place], rights: Sequence[Place], distance: int, *, ordered: bool
) -> list[tuple[int, Place, Place]]:
    """Every left and right that stand near, with the words between; both sides sorted by position.

    Of those that span more than ``MAX_PLACES`` stretches, what reaches no further than to the first of these will do.
    """
    found: list[tuple[int, Place, Place]] = []
    if not rights:
        return found
    firsts = [right.first for right in rights]
    widest = max(positions[right.last] - positions[right.first] for right in rights)
    spans: set[Span] = set()
    for number, left in enumerate(lefts):
        here, there = positions[left.first], positions[left.last]
        start = bisect_left(firsts, left.first)
        # To the left: while even the widest right that begins there could still reach.
        while not ordered and start > 0 and here - positions[firsts[start - 1]] - 1 <= distance + widest:
            start -= 1
        if len(spans) >= MAX_PLACES and number % _LOOK_EVERY == 0:
            least = min((left.first, *firsts[start : start + 1]))  # no pair from here on begins earlier
            if sum(first < least for first, _ in spans) >= MAX_PLACES:
                break
        for index in range(start, len(rights)):
            right = rights[index]
            if positions[right.first] - there - 1 > distance:
                break
            gap = _gap(positions, left, right, ordered=ordered)
            if gap is not None and gap <= distance:
                found.append((gap, left, right))
                spans.add((min(left.first, right.first), max(left.last, right.last)))
    return found


def closest(positions: Sequence[int], lefts: Sequence[Place], rights: Sequence[Place], *, ordered: bool) -> int | None:
    """The fewest words between a left and a right that share none; None where no two are such, and in order."""
    gaps = list(_behind(positions, lefts, rights))
    if not ordered:
        gaps += _behind(positions, rights, lefts)
    return min(gaps, default=None)


def _behind(positions: Sequence[int], ones: Sequence[Place], others: Sequence[Place]) -> Iterator[int]:
    """For each of ``ones`` the words up to the first of ``others``, which are sorted, behind it."""
    firsts = [other.first for other in others]
    for one in ones:
        at = bisect_right(firsts, one.last)
        if at < len(firsts):
            yield between(positions, (one.first, one.last), (firsts[at], firsts[at]))


def _gap(positions: Sequence[int], left: Place, right: Place, *, ordered: bool) -> int | None:
    """Words between two places; None when they are one place, or in the wrong order."""
    one, other = (left.first, left.last), (right.first, right.last)
    if one == other:
        # "US withdrawal" names the troops and their leaving in one.
        return 0 if left.concept and right.concept and left.concept != right.concept else None
    if ordered and (one[0] > other[0] or one[1] > other[1]):
        return None
    if one[0] <= other[1] and other[0] <= one[1]:
        return 0
    return between(positions, *sorted((one, other)))
