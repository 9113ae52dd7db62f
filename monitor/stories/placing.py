"""Placing an article: its story as a copy, else as another telling of the same event, else a new one.

On the article's way: inside the judging transaction (T2), before alerts. Copies are recognised by their wording
(:mod:`monitor.stories.decide`). For the rest the index proposes stored articles that share rare terms or signs; their
stories are compared by a dozen features, and a table of weights makes of these one score. The best story above the
table's threshold is joined; in doubt the article begins a new one. Deterministic: scores are rounded, ties go to the
oldest story. It writes nothing.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from monitor.model import Article, KnownSketch, Sketch, StoryReason, StoryVerdict
from monitor.ports import StoryIndex
from monitor.stories.decide import Recognised, recognise
from monitor.stories.fingerprints import Fingerprint
from monitor.stories.likeness import Likeness, Subject, likeness, subject
from monitor.stories.sketch import PAIR, SIGN, Draft, is_address, language_key, rarest, weigh
from monitor.stories.weights import WEIGHTS, Line

__all__ = ["Placed", "place", "scored"]

_EACH_TERM = 30  # articles that one term may propose, the latest
_PROPOSED = 64  # articles that are looked at
_ROUNDED = 0.002  # more than rounding to three digits can add to the distance of two
_MEMBERS = 6  # of one story
_TITLE_MEMBERS = 16  # as above, for an article that is a title alone: only many titles together tell what a story is of
_STORIES = 20
# How near a story is to an article that has nothing to do with it, in a database that knows many: among few, none being
# nearer proves nothing.
_BACKGROUND = 0.15
_JOINED = 0.5  # the score from which an article joins a story
# With fewer different words, beside common ones, than the first an article is another telling only of a story with
# which it shares some, or whose own word it has: of "Storm warning" nobody can say which one it is.
_LEAST_TELLING, _LEAST_AGREED = 5, 3
_OWN_WORD = 0.6  # of the latest articles with a word, the share that a story has, one more counted: three at the least
_ALIKE = 0.25  # of what a title says, from which two may tell the same


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """The verdict on an article, the sketch to store with it, and the stories that were compared, best first."""

    verdict: StoryVerdict
    sketch: Sketch
    counted_as: tuple[int, ...]
    compared: tuple[tuple[float, Likeness], ...] = ()


def place(
    *,
    article: Article,
    fingerprint: Fingerprint,
    draft: Draft,
    index: StoryIndex,
    since: datetime,
    alone: bool = False,
) -> Placed:
    """The story of ``article``, or that it begins one, with the reason and each feature's share.

    ``since`` bounds how far back stored articles count. ``alone``: it joins no other article's story, whatever it
    tells. Whatever ``index`` raises passes through.
    """
    counted_as = (language_key(draft.language), language_key("*"))
    seen = index.seen((*draft.hashes, *counted_as))
    rarity, sketch = weigh(draft, seen)
    if alone:
        own = index.article_in_story(article.id)
        reason = StoryReason.NEW if own is None else StoryReason.SAME_ARTICLE
        verdict = StoryVerdict(story=own, reason=reason, score=0.0 if own is None else 1.0)
        return Placed(verdict=verdict, sketch=sketch, counted_as=counted_as)
    known = recognise(article=article, fingerprint=fingerprint, index=index, since=since)
    if known.verdict.story is not None:
        return Placed(verdict=known.verdict, sketch=sketch, counted_as=counted_as)
    ours = subject(
        sketch,
        rarity,
        published=article.published,
        discovered=article.discovered,
        copied=known.copied,
        common=draft.common,
        rarest=rarest(seen),
    )
    compared = compare(article, ours, known, index, since)
    few = _telling(draft) < _LEAST_TELLING
    may_join = tuple(pair for pair in compared if _vouched(pair[1]) and (not few or _speaks_of(pair[1])))
    return Placed(verdict=_verdict(known.verdict, may_join), sketch=sketch, counted_as=counted_as, compared=compared)


def _telling(draft: Draft) -> int:
    """How many different words an article has, beside common ones."""
    return sum(
        not kind & (SIGN | PAIR) and number not in draft.common
        for number, kind in zip(draft.hashes, draft.kinds, strict=True)
    )


def _speaks_of(found: Likeness) -> bool:
    """Whether even few words say which story it is: three are shared, or one of them is used of little else."""
    return found.agreed >= _LEAST_AGREED or round(found.features["sole"], 4) >= _OWN_WORD


def _vouched(found: Likeness) -> bool:
    """Whether more than one thing speaks for a story in other languages, for what is learnt of rivals says too much in
    a young archive, where there are hardly any.
    """
    return found.kind != "across" or found.vouched


def compare(
    article: Article, ours: Subject, known: Recognised, index: StoryIndex, since: datetime
) -> tuple[tuple[float, Likeness], ...]:
    """The stories that may be the article's, each with its score, best first."""
    users, members_of = _proposed(article, ours, known, index, since)
    found = [likeness(ours, members) for members in members_of]
    measure = [round(max(one.features["both"], one.features["signs"]), 4) for one in found]
    # How near the nearest of the others is to the article, by place: the first is the second's rival, and all others'.
    highest = sorted(measure, reverse=True)[:2]
    whose = {across: _Words(ours, users, across=across) for across in {one.kind == "across" for one in found}}
    rated = []
    for place_, one in enumerate(found):
        own = measure[place_]
        if one.kind == "titles":
            # Who tells much the same as this story is no rival of it: a long story may lie in several. Of titles alone:
            # where texts tell more than that, they tell a new turn from the event before it.
            rival = max(
                (value * (1.0 - _alike(one, found[other])) for other, value in enumerate(measure) if other != place_),
                default=0.0,
            )
        else:
            rival = highest[own == highest[0]] if len(highest) > 1 else 0.0
        rival = max(rival, _BACKGROUND)
        # Less than nothing ahead is as bad as nothing.
        full = replace(
            one,
            features={
                **one.features,
                **whose[one.kind == "across"].of(one.story),
                "margin": max(0.0, own - rival),
                "ahead": own / (own + rival) if own else 0.0,
            },
        )
        rated.append((_score(full), full))
    return _oldest_first(sorted(rated, key=lambda pair: (-pair[0], pair[1].story)))


def _oldest_first(ranked: Sequence[tuple[float, Likeness]]) -> tuple[tuple[float, Likeness], ...]:
    """The same, but of several stories that the article fits and that tell much the same, the oldest comes first.

    Of titles alone, as for rivals.
    """
    fitting = [pair for pair in ranked if pair[0] >= _JOINED]
    if len(fitting) < 2 or fitting[0][1].kind != "titles":
        return tuple(ranked)
    best = fitting[0]
    first = min(
        (pair for pair in fitting if pair is best or _alike(best[1], pair[1]) > 0), key=lambda pair: pair[1].story
    )
    return (first, *(pair for pair in ranked if pair is not first))


def _alike(one: Likeness, other: Likeness) -> float:
    """How much of what the shorter of two titles says both say: 0 up to a quarter, 1 where it is all."""
    shorter = min(len(one.says), len(other.says))
    return max(0.0, len(one.says & other.says) / shorter - _ALIKE) / (1 - _ALIKE) if shorter else 0.0


def _proposed(
    article: Article, ours: Subject, known: Recognised, index: StoryIndex, since: datetime
) -> tuple[Mapping[int, Counter[int]], Sequence[Sequence[KnownSketch]]]:
    """Stories whose articles share rare terms or signs with ours, each by some of these, what shares most first.

    And for each such term, how many of the latest articles that have it are of which story.
    """
    worth: defaultdict[int, float] = defaultdict(float)
    users: defaultdict[int, list[int]] = defaultdict(list)
    story_of: dict[int, int] = {}
    weights = {term: ours.rarity[term] ** 2 for term in ours.sketch.strong}
    for term, found, story in index.by_terms(ours.sketch.strong, since, _EACH_TERM):
        if found != article.id and found not in known.other_issues:
            worth[found] += weights[term]
            users[term].append(story)
            story_of[found] = story
    most = _MEMBERS if ours.sketch.norms[1] else _TITLE_MEMBERS
    stories: dict[int, list[int]] = {}
    for found in _worthiest(worth):
        story = story_of[found]
        if story in stories or len(stories) < _STORIES:
            members = stories.setdefault(story, [])
            if len(members) < most:
                members.append(found)
    wanted = [found for members in stories.values() for found in members]
    sketches = {member.article: member for member in index.sketches(wanted, since)}
    known_members = ([sketches[found] for found in members if found in sketches] for members in stories.values())
    return {term: Counter(by) for term, by in users.items()}, [members for members in known_members if members]


def _worthiest(worth: Mapping[int, float]) -> Sequence[int]:
    """The articles that are looked at: those worth most, to three digits, then the oldest."""
    least = sorted(worth.values(), reverse=True)[:_PROPOSED][-1] - _ROUNDED if worth else 0.0
    near = [found for found, value in worth.items() if value >= least]  # none else is among them, however rounded
    return sorted(near, key=lambda found: (-round(worth[found], 3), found))[:_PROPOSED]


class _Words:
    """The words that an article tells by, and whose they are."""

    def __init__(self, ours: Subject, users: Mapping[int, Counter[int]], *, across: bool) -> None:
        """``across``: what survives translation, else the words of the article's language."""
        self._whole = 0.0
        self._used: list[tuple[Counter[int], float, int, float]] = []
        for term in ours.sketch.strong:
            kind = ours.entries[term][0]
            if bool(kind & SIGN) is across and not is_address(kind):
                weight = ours.rarity[term] ** 2
                self._whole += weight
                if by := users.get(term):
                    total = by.total()
                    self._used.append((by, weight, total + 1, weight * total / (total + 2)))

    def of(self, story: int) -> dict[str, float]:
        """How much of their weight is the story's, how much of it only others use."""
        own = other = sole = 0.0
        for by, weight, total, of_others in self._used:
            if story in by:
                here = by[story]
                own += weight * here / total
                sole = max(sole, here / total)
            else:
                other += of_others
        whole = self._whole
        return {
            "held": own / whole if whole else 0.0,
            "other_terms": other / whole if whole else 0.0,
            "sole": sole,
        }


def scored(found: Likeness) -> tuple[float, tuple[tuple[str, float], ...]]:
    """The probability that a story is the article's, and what each feature adds to its logit, strongest first."""
    return _score(found), tuple(sorted(_shares(found), key=lambda share: (-abs(share[1]), share[0])))


def _score(found: Likeness) -> float:
    logit = WEIGHTS[found.kind][""][0][1] + math.fsum(share for _, share in _shares(found))
    return round(1.0 / (1.0 + math.exp(-max(-40.0, min(40.0, logit)))), 3)


def _shares(found: Likeness) -> list[tuple[str, float]]:
    """What each feature that says anything adds, to two digits; the features count to four."""
    features = found.features
    shares = []
    for name, line in WEIGHTS[found.kind].items():
        # At nothing every line is at nothing, which most features are.
        if name and (value := features[name]) and (share := round(_worth(line, round(value, 4)), 2)):
            shares.append((name, share))
    return shares


def _worth(line: Line, value: float) -> float:
    """What a feature of this value is worth: between two points of its line what lies between them."""
    below = line[0]
    for above in line[1:]:
        if value <= above[0]:
            return below[1] + (above[1] - below[1]) * (value - below[0]) / (above[0] - below[0])
        below = above
    return below[1]


def _verdict(copy: StoryVerdict, compared: Sequence[tuple[float, Likeness]]) -> StoryVerdict:
    if not compared:
        return copy
    score, best = compared[0]
    if score >= _JOINED:
        second = compared[1] if len(compared) > 1 else None
        return StoryVerdict(
            story=best.story,
            reason=StoryReason.SAME_EVENT,
            score=score,
            article=best.article,
            shares=scored(best)[1],
            other=second[1].story if second else None,
            other_score=second[0] if second else 0.0,
            other_shares=scored(second[1])[1] if second else (),
        )
    return replace(
        copy, score=score, article=best.article, other=best.story, other_score=score, other_shares=scored(best)[1]
    )
