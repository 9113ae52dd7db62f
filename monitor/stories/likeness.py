"""How an article and a story agree: the features of the same-story decision.

On the article's way: in the judging transaction, for the few stories that the index proposes. Each feature is a number
from 0 to 1 (``margin`` may be less), each says something that a person can check. It weighs
nothing: what the features are worth stands in :mod:`monitor.stories.weights`.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache

from monitor.model import KnownSketch, Sketch
from monitor.stories.sketch import (
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
    TEXT,
    TITLE,
    YEAR,
    both_weight,
    is_address,
    sign_weight,
    text_weight,
)

__all__ = ["Likeness", "Subject", "likeness"]

_HEAD = SIGN | NAME | TITLE
_THINGS = NUMBER | PLACE | CONCEPT | LINK
_GREAT = math.log(100)  # a story of so many articles is as great as one can be
_NEAREST = 2  # articles of a story
_VOUCHING_THINGS, _VOUCHING = 2, 3
_TELLING_LINK = 0.75  # of the rarest: what many link to says little
_UNDATED = timedelta(hours=36)  # so far apart are two, beside that, of which one does not say when it was published
_SPREAD = timedelta(hours=72)  # of the bell curve by which tellings of one event lie around each other


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """The article that looks for its story, ready to be compared with many."""

    sketch: Sketch
    rarity: Mapping[int, float]
    published: datetime | None
    discovered: datetime
    entries: Mapping[int, tuple[int, int]] = field(repr=False)  # by term: what it is, and how often
    title: tuple[int, ...]  # its title's terms
    names: float  # the weight of all its names
    heads: frozenset[int]  # the names in its title
    times: frozenset[int]  # whether it names days, and years
    leading: int | None  # the name that weighs most
    rarest: float  # how rare what no other article has is
    common: AbstractSet[int] = field(repr=False)
    copied: Mapping[int, float] = field(repr=False)  # by article: the share of the shorter text that both have


@dataclass(frozen=True, slots=True, kw_only=True)
class Likeness:
    """How a story agrees with the article.

    ``kind``: which table of weights fits; ``article``: its nearest article; ``says``: the signs in that one's title;
    ``agreed``: how many words beside common ones one of its articles shares. ``vouched``: whether one of its articles
    shares two places, figures, codes or addresses, or three of these and names.
    """

    story: int
    article: int
    kind: str
    features: Mapping[str, float]
    agreed: int = 0
    vouched: bool = False
    says: frozenset[int] = frozenset()


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
    terms = array("i", sketch.terms)
    entries = {number: (kind, count) for number, kind, count in zip(terms, sketch.kinds, sketch.counts, strict=True)}
    names = {
        number: (rarity[number] * sign_weight(kind, count)) ** 2
        for number, (kind, count) in entries.items()
        if kind & NAME
    }
    return Subject(
        title=tuple(number for number, (kind, _) in entries.items() if kind & TITLE and not kind & (SIGN | PAIR)),
        names=math.fsum(names.values()),
        heads=frozenset(number for number in names if entries[number][0] & TITLE),
        times=_times_of(sketch.kinds),
        leading=max(names, key=lambda number: (round(names[number], 6), number)) if names else None,
        sketch=sketch,
        rarity=rarity,
        rarest=rarest,
        published=published,
        discovered=discovered,
        entries=entries,
        copied=copied,
        common=common,
    )


def likeness(ours: Subject, members: Sequence[KnownSketch]) -> Likeness:
    """How the article agrees with a story, by some of its articles (at least one)."""
    pairs = [_pair(ours, member) for member in members]
    same = [pair for pair, member in zip(pairs, members, strict=True) if member.sketch.language == ours.sketch.language]
    with_text = ours.sketch.norms[1] > 0 and any(member.sketch.norms[1] > 0 for member in members)
    kind = ("texts" if with_text else "titles") if same else "across"
    features = {name: max(pair.features[name] for pair in pairs) for name in pairs[0].features}
    for name in ("other_places", "other_heads", "other_days", "other_years", "other_codes"):
        features[name] = min(pair.features[name] for pair in pairs)
    judged_by = "both" if same else "signs"
    order = [pair.features[judged_by] for pair in pairs]
    features["other_name"] = 1.0 - features["leading_name"]
    # Of a long story no more than some articles can be like ours.
    nearest = sorted(order, reverse=True)[:_NEAREST]
    features["mean"] = math.fsum(nearest) / len(nearest)
    features["known_title"] = _known_title(ours, same or pairs)
    features["core"] = _core(ours, same or pairs)
    features["size"] = min(1.0, math.log(members[0].size) / _GREAT)
    best = max(range(len(pairs)), key=lambda place: (order[place], -members[place].article))
    return Likeness(
        story=members[0].story,
        article=members[best].article,
        kind=kind,
        says=_says_of(members[best].sketch.terms, members[best].sketch.kinds),
        agreed=max(pair.agreed for pair in pairs),
        vouched=any(pair.things >= _VOUCHING_THINGS or pair.things + pair.named >= _VOUCHING for pair in pairs),
        features={name: round(value, 4) for name, value in features.items()},
    )


@dataclass(frozen=True, slots=True)
class _Pair:
    features: dict[str, float]
    shared: AbstractSet[int]
    agreed: int
    things: int  # places, figures, codes, addresses that both name
    named: int  # other names of both; where one marks no names, those of the other that it has as words


def _pair(ours: Subject, member: KnownSketch) -> _Pair:
    theirs = member.sketch
    entries, rarity = ours.entries, ours.rarity
    title = text = both = signs = our_title = their_title = 0.0
    names = figures = places = pairs = overlap = 0.0
    their_shared_names = agreed = counted = named = 0
    links, linked = 0.0, False
    caseless = theirs.norms[4] == 0  # no name is known for one by its capital
    things: set[int] = set()
    theirs_at = _places_of(theirs.terms)
    shared = entries.keys() & theirs_at.keys()
    for number in sorted(shared):
        at = theirs_at[number]
        kind, count = theirs.kinds[at], theirs.counts[at]
        our_kind, our_count = entries[number]
        rare = rarity[number]
        square = rare * rare
        if is_address(kind):
            linked = linked or OWN in {kind & OWN, our_kind & OWN}
            links = max(links, rare / ours.rarest)
            continue
        if kind & SIGN:
            signs += square * sign_weight(kind, count) * sign_weight(our_kind, our_count)
            if kind & NAME:
                their_shared_names += count
            if kind & our_kind & NAME:
                names += (rare * sign_weight(our_kind, our_count)) ** 2
            which = kind & our_kind & _THINGS
            things.add(which)
            counted += which in {NUMBER, PLACE, CODE}
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
        agreed += number not in ours.common
        if our_kind & TITLE:
            our_title += square
        if kind & TITLE:
            their_title += square
            if our_kind & TITLE:
                title += square
        if kind & our_kind & TEXT:
            text += square * text_weight(count) * text_weight(our_count)
        both += square * both_weight(kind, count) * both_weight(our_kind, our_count)
    norms, other = ours.sketch.norms, theirs.norms
    heading, their_heading = _over(our_title, norms[0] ** 2), _over(their_title, other[0] ** 2)
    return _Pair(
        {
            "title": _over(title, norms[0] * other[0]),
            "text": _over(text, norms[1] * other[1]),
            "both": _over(both, norms[2] * other[2]),
            "heading": max(heading, their_heading),
            "headings": min(heading, their_heading),
            "signs": _over(signs, norms[3] * other[3]),
            "our_names": _over(names, ours.names),
            "their_names": _over(their_shared_names, other[4]),
            "names": min(_over(names, ours.names), _over(their_shared_names, other[4])),
            "leading_name": float(ours.leading in shared) if ours.leading is not None else 0.5,
            "pairs": pairs / (pairs + 10.0),
            "overlap": overlap / (overlap + 150.0),
            "figures": figures / (figures + 4.0),
            "places": places / (places + 5.0),
            "other_places": float(norms[5] > 0 and other[5] > 0 and not places),
            "links": links,
            "linked": float(linked),
            "days": float(DAY in things),
            "time": _time(ours, member),
            "copied": ours.copied.get(member.article, 0.0),
            **_conflicts(ours, theirs, things),
            **_heads(ours, theirs, shared),
        },
        shared,
        agreed,
        counted + (2 if linked else links >= _TELLING_LINK),
        named,
    )


def _conflicts(ours: Subject, theirs: Sketch, things: AbstractSet[int]) -> dict[str, float]:
    """What both name, but not the same of it: days, years, which one of a series."""
    told = ours.times & _times_of(theirs.kinds)
    return {
        "other_days": float(DAY in told and DAY not in things),
        "other_years": float(YEAR in told and YEAR not in things),
        "other_codes": float(SHAPE in things and CODE not in things),
    }


def _heads(ours: Subject, theirs: Sketch, shared: AbstractSet[int]) -> dict[str, float]:
    """How many of our title's names the other article has; whether each title's names are unknown to the other."""
    weights = {number: ours.rarity[number] ** 2 for number in sorted(ours.heads)}
    theirs_too = _heads_of(theirs.terms, theirs.kinds)
    apart = bool(ours.heads and theirs_too) and ours.heads.isdisjoint(shared) and theirs_too.isdisjoint(shared)
    known = math.fsum(weight for number, weight in weights.items() if number in shared)
    return {"heads": _over(known, math.fsum(weights.values())), "other_heads": float(apart)}


@lru_cache(maxsize=512)
def _places_of(terms: bytes) -> Mapping[int, int]:
    """Where each term stands in a sketch. The articles of a day are compared with the same few again and again."""
    return {number: at for at, number in enumerate(array("i", terms))}


@lru_cache(maxsize=512)
def _times_of(kinds: bytes) -> frozenset[int]:
    return frozenset(kind & _THINGS for kind in kinds if kind & SIGN).intersection({DAY, YEAR})


@lru_cache(maxsize=512)
def _says_of(terms: bytes, kinds: bytes) -> frozenset[int]:
    """The signs in a title."""
    said = SIGN | TITLE
    return frozenset(number for number, kind in zip(array("i", terms), kinds, strict=True) if kind & said == said)


@lru_cache(maxsize=512)
def _heads_of(terms: bytes, kinds: bytes) -> frozenset[int]:
    """The names in a title."""
    return frozenset(number for number, kind in zip(array("i", terms), kinds, strict=True) if kind & _HEAD == _HEAD)


def _known_title(ours: Subject, pairs: Sequence[_Pair]) -> float:
    """The share of our title's weight that some article of the story has."""
    known = math.fsum(ours.rarity[number] ** 2 for number in ours.title if any(number in pair.shared for pair in pairs))
    return _over(known, ours.sketch.norms[0] ** 2)


def _core(ours: Subject, pairs: Sequence[_Pair]) -> float:
    """As ``_known_title``, each word by how many of the story's articles have it: a third of them or more is all."""
    known = math.fsum(
        ours.rarity[number] ** 2 * min(1.0, 3 * sum(number in pair.shared for pair in pairs) / len(pairs))
        for number in ours.title
    )
    return _over(known, ours.sketch.norms[0] ** 2)


def _time(ours: Subject, member: KnownSketch) -> float:
    """How near in time, on a bell curve; when both say when they were published by that, else by when they came."""
    if ours.published is not None and member.published is not None:
        return _bell(ours.published - member.published)
    return _bell(ours.discovered - member.discovered) * _bell(_UNDATED)


def _bell(apart: timedelta) -> float:
    return math.exp(-0.5 * (apart / _SPREAD) ** 2)


def _over(share: float, whole: float) -> float:
    return min(1.0, share / whole) if whole > 0.0 else 0.0
