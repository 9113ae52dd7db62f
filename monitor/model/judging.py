"""What is decided of an article: what it met, its story, and whether a person is told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from monitor.model.config import Priority

__all__ = [
    "AlertKind",
    "AlertReason",
    "Evidence",
    "Judgement",
    "Match",
    "NewAlert",
    "Silence",
    "StoryFacts",
    "StoryReason",
    "StoryVerdict",
    "Verdict",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Why a rule was met: words of the original text, in their place.

    ``term`` is the part of the rule that was met as the person wrote it ("@coalition", "Islamic State", "@coalition
    NEAR/12 @withdrawal"); ``alias`` the name that met it ("conclure la mission"); ``concept`` the concept's name
    without "@" or ""; ``language`` the language whose name or stem met it; ``field`` "title", "body", "source",
    "url", "author", "lang" or "tag"; ``start``/``end`` index the original text of that field; ``words`` is that
    slice; ``sentence`` holds it.
    """

    term: str
    alias: str
    concept: str
    language: str
    field: str
    start: int
    end: int
    words: str
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """An article that meets a watch."""

    watch: str
    evidence: tuple[Evidence, ...]


class StoryReason(StrEnum):
    """Why an article joined its story."""

    NEW = "new"  # nothing stored tells the same
    SAME_URL = "same-url"
    SAME_TEXT = "same-text"
    NEAR_TEXT = "near-text"  # most of the shorter text's word sequences stand in the other
    SAME_TITLE = "same-title"
    SAME_ARTICLE = "same-article"  # judged before: an edit stays in its story


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryVerdict:
    """The same-story decision, explainable: ``story`` None means a new one; ``score`` 0-1 is the share that agreed."""

    story: int | None
    reason: StoryReason
    score: float = 1.0
    article: int | None = None  # the stored article that it resembles


class AlertKind(StrEnum):
    """What an alert tells: a story's first meeting with a watch, what is new of a told one, or that there are many."""

    NEW = "new"
    OUTLETS = "outlets"  # so many outlets have it by now
    LANGUAGE = "language"  # for the first time in this language
    OFFICIAL = "official"  # an official source has it
    REVISED = "revised"  # its headline now says otherwise
    EVERY = "every"  # one more article of a story that is followed closely
    REMINDER = "reminder"  # told, and nobody has acknowledged it
    SPIKE = "spike"  # more stories than the watch's history explains


class AlertReason(StrEnum):
    """Why an article that met a watch was told, or not."""

    ALERTED = "alerted"
    STORY_ALREADY_TOLD = "story-already-told"
    OLD_AT_FIRST_SIGHT = "old-at-first-sight"
    NO_CHANNEL = "no-channel"
    SILENCED = "silenced"


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """Somebody wants to hear nothing of a watch, a story (by its number) or a source until a time."""

    id: int
    kind: str
    name: str
    until: datetime
    author: str
    reason: str
    created: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryFacts:
    """What is known of a story before one more article of it.

    ``told``: the kinds of alerts by watch, each with its detail ("outlets:3"). ``titles``: what was told last of this
    very article, by watch.
    """

    outlets: frozenset[str] = frozenset()
    languages: frozenset[str] = frozenset()
    feeds: frozenset[str] = frozenset()
    told: Mapping[str, frozenset[str]] = field(default_factory=dict)
    titles: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAlert:
    """An alert to be recorded in T2, with one pending delivery for each of ``channels``.

    ``detail`` makes it another one of its kind: "10" outlets, the language "fr". Each is told once a story and watch.
    """

    watch: str
    kind: AlertKind
    priority: Priority
    channels: tuple[str, ...]
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Why a match led to an alert or did not; kept for "why?"."""

    watch: str
    reason: AlertReason


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """T2: everything that judging one article decided, committed whole or not at all.

    ``article_version`` is the wording that was read. ``shingles`` and ``title_key`` are the article's fingerprint,
    stored so that later articles find it.
    """

    article_id: int
    article_version: int
    language: str | None
    story: StoryVerdict
    shingles: tuple[int, ...]
    title_key: str
    matches: tuple[Match, ...] = ()
    verdicts: tuple[Verdict, ...] = ()
    alerts: tuple[NewAlert, ...] = ()
