"""How an article and a story agree: the features of the same-story decision.

On the article's way: in the judging transaction, for the few stories that the index proposes. Each feature is a number
from 0 to 1 (``margin`` may be less), each says something that a person can check. It weighs
nothing: what the features are worth stands in :mod:`monitor.stories.weights`.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import compress

from monitor.model import KnownSketch, Sketch
from monitor.stories.sketch import (
    BOTH_WEIGHT,
    CODE,
    CONCEPT,
    DAY,
    LINK,
    NAME,
    NUMBER,
    OWN,
    PAIR,
    PLACE,
    SHAPE,
    SIGN,
    SIGN_WEIGHT,
    TEXT,
    TEXT_WEIGHT,
    TITLE,
    YEAR,
    is_address,
)

__all__ = ["Likeness", "Subject", "likeness"]

_HEAD = SIGN | NAME | TITLE
_THINGS = NUMBER | PLACE | CONCEPT | LINK
_GREAT = math.log(100)  # a story of so many articles is as great as one can be
_NEAREST = 2  # articles of a story
_THIRDS = 3
_COUNTED = frozenset({NUMBER, PLACE, CODE})
_VOUCHING_THINGS, _VOUCHING = 2, 3
_TELLING_LINK = 0.75  # of the rarest: what many link to says little
_UNDATED = timedelta(hours=36)  # so far apart are two, beside that, of which one does not say when it was published
_SPREAD = timedelta(hours=72)  # of the bell curve by which tellings of one event lie around each other


def _flags(of: Callable[[int], int]) -> bytes:
    """What each kind of entry is told apart by, for ``bytes.translate``."""
    return bytes(of(kind) for kind in range(256))


_TIMES = _flags(lambda kind: kind & _THINGS if kind & SIGN and kind & _THINGS in {DAY, YEAR} else 0)
_HEADS = _flags(lambda kind: kind & _HEAD == _HEAD)  # the names in a title
_SAID = _flags(lambda kind: kind & (SIGN | TITLE) == SIGN | TITLE)  # the signs in a title
_ADDRESS = tuple(map(is_address, range(256)))
_LEAST_AMONG = ("other_places", "other_heads", "other_days", "other_years", "other_codes")


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """The article that looks for its story, ready to be compared with many."""

    sketch: Sketch
    rarity: Mapping[int, float]
    published: datetime | None
    discovered: datetime
    entries: Mapping[int, _Entry] = field(repr=False)  # by term
    title: Mapping[int, float]  # its title's terms, each with the square of its rarity
    names: float  # the weight of all its names
    heads: Mapping[int, float]  # the names in its title, as for the title's terms
    times: frozenset[int]  # whether it names days, and years
    leading: int | None  # the name that weighs most
    rarest: float  # how rare what no other article has is
    copied: Mapping[int, float] = field(repr=False)  # by article: the share of the shorter text that both have


# What an entry of ours is, its rarity and the square of that; its weights as a term of a text, as one of both parts, as
# a sign and as a name; whether it is none of the common words.
_Entry = tuple[int, float, float, float, float, float, float, bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Likeness:
    """How a story agrees with the article.

    ``kind``: which table of weights fits; ``article``: its nearest article; ``nearest``: that one's terms and
    what they are; ``agreed``: how many words beside common ones one of its articles shares;
    ``vouched``: whether one of them shares two places, figures, codes or addresses, or three of these and names.
    """

    story: int
    article: int
    kind: str
    features: Mapping[str, float]
    agreed: int = 0
    vouched: bool = False
    nearest: tuple[bytes, bytes] = field(default=(b"", b""), repr=False)

    @property
    def says(self) -> frozenset[int]:
        """The signs in the title of its nearest article."""
        return _said(*self.nearest)


def subject(
    sketch: Sketch,
    rarity: Mapping[int, float],
    *,
    published: datetime | None,
    discovered: datetime,
    rarest: float,
    copied: Mapping[int, float],
    common: AbstractSet[int],
) -> Subject:
    """Make an article ready to be compared."""
    entries: dict[int, _Entry] = {}
    title: dict[int, float] = {}
    names: dict[int, float] = {}
    heads: dict[int, float] = {}
    for number, kind, count in zip(array("i", sketch.terms), sketch.kinds, sketch.counts, strict=True):
        rare, sign = rarity[number], SIGN_WEIGHT[kind][count]
        name = (rare * sign) ** 2
        text, both = TEXT_WEIGHT[count], BOTH_WEIGHT[kind][count]
        entries[number] = kind, rare, rare * rare, text, both, sign, name, number not in common
        if kind & TITLE and not kind & (SIGN | PAIR):
            title[number] = rare**2
        if kind & NAME:
            names[number] = name
            if kind & TITLE:
                heads[number] = rare**2
    return Subject(
        title=title,
        names=math.fsum(names.values()),
        heads=heads,
        times=frozenset(sketch.kinds.translate(_TIMES)) - {0},
        leading=max(names, key=lambda number: (round(names[number], 6), number)) if names else None,
        sketch=sketch,
        rarity=rarity,
        rarest=rarest,
        published=published,
        discovered=discovered,
        entries=entries,
        copied=copied,
    )


def likeness(ours: Subject, members: Sequence[KnownSketch]) -> Likeness:
    """How the article agrees with a story, by some of its articles (at least one)."""
    pairs = [_pair(ours, member) for member in members]
    same = [pair for pair, member in zip(pairs, members, strict=True) if member.sketch.language == ours.sketch.language]
    with_text = ours.sketch.norms[1] > 0 and any(member.sketch.norms[1] > 0 for member in members)
    kind = ("texts" if with_text else "titles") if same else "across"
    features = _over_all(pairs)
    judged_by = "both" if same else "signs"
    order = [pair.features[judged_by] for pair in pairs]
    features["other_name"] = 1.0 - features["leading_name"]
    # Of a long story no more than some articles can be like ours.
    nearest = sorted(order, reverse=True)[:_NEAREST]
    features["mean"] = math.fsum(nearest) / len(nearest)
    features["known_title"], features["core"] = _of_title(ours, same or pairs)
    features["size"] = min(1.0, math.log(members[0].size) / _GREAT)
    best = max(range(len(pairs)), key=lambda place: (order[place], -members[place].article)) if len(pairs) > 1 else 0
    return Likeness(
        story=members[0].story,
        article=members[best].article,
        kind=kind,
        nearest=(members[best].sketch.terms, members[best].sketch.kinds),
        agreed=max(pair.agreed for pair in pairs),
        vouched=any(pair.things >= _VOUCHING_THINGS or pair.things + pair.named >= _VOUCHING for pair in pairs),
        features=features,
    )


def _over_all(pairs: Sequence[_Pair]) -> dict[str, float]:
    """Of each feature the most that a pair has; of what speaks against a story, the least."""
    if len(pairs) == 1:
        return pairs[0].features
    columns = zip(*(pair.features.values() for pair in pairs), strict=True)
    features = dict(zip(pairs[0].features, map(max, columns), strict=True))
    for name in _LEAST_AMONG:
        features[name] = min(pair.features[name] for pair in pairs)
    return features


@dataclass(frozen=True, slots=True)
class _Pair:
    features: dict[str, float]
    shared: AbstractSet[int]
    agreed: int
    things: int  # places, figures, codes, addresses that both name
    named: int  # other names of both; where one marks no names, those of the other that it has as words


def _pair(ours: Subject, member: KnownSketch) -> _Pair:
    theirs = member.sketch
    entries = ours.entries
    title = text = both = signs = our_title = their_title = 0.0
    names = figures = places = pairs = overlap = links = linked = 0.0
    their_shared_names = agreed = counted = named = 0
    caseless = theirs.norms[4] == 0  # no name is known for one by its capital
    things: set[int] = set()
    numbers = array("i", theirs.terms)
    # In an order that does not depend on how either was read: sums of floats do.
    met = sorted(compress(zip(numbers, theirs.kinds, theirs.counts, strict=True), map(entries.__contains__, numbers)))
    for number, kind, count in met:
        our_kind, rare, square, our_text, our_both, our_sign, our_name, telling = entries[number]
        if kind & SIGN:
            if _ADDRESS[kind]:
                direct = OWN in {kind & OWN, our_kind & OWN}
                linked, links = (1.0, links) if direct else (linked, max(links, rare / ours.rarest))
                continue
            signs += square * SIGN_WEIGHT[kind][count] * our_sign
            if kind & NAME:
                their_shared_names += count
            if kind & our_kind & NAME:
                names += our_name
            which = kind & our_kind & _THINGS
            things.add(which)
            counted += which in _COUNTED
            named += which == 0 and bool(
                (kind if ours.names == 0 else our_kind) & (our_kind if caseless else kind) & NAME
            )
            if which == NUMBER:
                figures += max(0.0, rare - 2.0)
            elif which == PLACE:
                places += rare
            continue
        if kind & PAIR:
            pairs += rare
            continue
        overlap += square
        agreed += telling
        if our_kind & TITLE:
            our_title += square
        if kind & TITLE:
            their_title += square
            if our_kind & TITLE:
                title += square
        if kind & our_kind & TEXT:
            text += square * TEXT_WEIGHT[count] * our_text
        both += square * BOTH_WEIGHT[kind][count] * our_both
    norms, other = ours.sketch.norms, theirs.norms
    shared = {number for number, _, _ in met}
    heading, their_heading = _over(our_title, norms[0] ** 2), _over(their_title, other[0] ** 2)
    our_names, their_names = _over(names, ours.names), _over(their_shared_names, other[4])
    told = ours.times.intersection(theirs.kinds.translate(_TIMES)) if ours.times else ours.times
    heads, other_heads = _heads(ours, theirs, shared) if ours.heads else (0.0, 0.0)
    return _Pair(
        {
            "title": _over(title, norms[0] * other[0]),
            "text": _over(text, norms[1] * other[1]),
            "both": _over(both, norms[2] * other[2]),
            "heading": max(heading, their_heading),
            "headings": min(heading, their_heading),
            "signs": _over(signs, norms[3] * other[3]),
            "our_names": our_names,
            "their_names": their_names,
            "names": min(our_names, their_names),
            "leading_name": float(ours.leading in shared) if ours.leading is not None else 0.5,
            "pairs": pairs / (pairs + 10.0),
            "overlap": overlap / (overlap + 150.0),
            "figures": figures / (figures + 4.0),
            "places": places / (places + 5.0),
            "other_places": float(norms[5] > 0 and other[5] > 0 and not places),
            "links": links,
            "linked": linked,
            "days": float(DAY in things),
            "time": _time(ours, member),
            "copied": ours.copied.get(member.article, 0.0),
            # What both name, but not the same of it: days, years, which one of a series.
            "other_days": float(DAY in told and DAY not in things),
            "other_years": float(YEAR in told and YEAR not in things),
            "other_codes": float(SHAPE in things and CODE not in things),
            "heads": heads,
            "other_heads": other_heads,
        },
        shared,
        agreed,
        counted + (linked > 0 or links >= _TELLING_LINK),
        named,
    )


def _heads(ours: Subject, theirs: Sketch, shared: AbstractSet[int]) -> tuple[float, float]:
    """How many of our title's names the other article has; whether each title's names are unknown to the other."""
    known = math.fsum(weight for number, weight in ours.heads.items() if number in shared)
    theirs_too = _flagged(theirs.terms, theirs.kinds, _HEADS)
    apart = bool(theirs_too) and shared.isdisjoint(ours.heads) and shared.isdisjoint(theirs_too)
    return _over(known, math.fsum(ours.heads.values())), float(apart)


def _flagged(terms: bytes, kinds: bytes, flags: bytes) -> frozenset[int]:
    return frozenset(compress(array("i", terms), kinds.translate(flags)))


@lru_cache(maxsize=512)
def _said(terms: bytes, kinds: bytes) -> frozenset[int]:
    return _flagged(terms, kinds, _SAID)


def _of_title(ours: Subject, pairs: Sequence[_Pair]) -> tuple[float, float]:
    """The share of our title's weight that some article of the story has.

    And the same with each word counted by how many of the story's articles have it: a third of them or more is all.
    """
    known = core = math.fsum(
        weight for number, weight in ours.title.items() if any(number in pair.shared for pair in pairs)
    )
    if len(pairs) > _THIRDS:  # of fewer, one is a third of them
        core = math.fsum(
            weight * min(1.0, _THIRDS * sum(number in pair.shared for pair in pairs) / len(pairs))
            for number, weight in ours.title.items()
        )
    whole = ours.sketch.norms[0] ** 2
    return _over(known, whole), _over(core, whole)


def _time(ours: Subject, member: KnownSketch) -> float:
    """How near in time, on a bell curve; when both say when they were published by that, else by when they came."""
    if ours.published is not None and member.published is not None:
        return _bell(ours.published - member.published)
    return _bell(ours.discovered - member.discovered) * _bell(_UNDATED)


def _bell(apart: timedelta) -> float:
    return math.exp(-0.5 * (apart / _SPREAD) ** 2)


def _over(share: float, whole: float) -> float:
    return min(1.0, share / whole) if whole > 0.0 else 0.0
