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
    "KnownSketch",
    "Match",
    "NewAlert",
    "Silence",
    "Sketch",
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
    SAME_EVENT = "same-event"  # told in other words, perhaps in another language
    SAID_SAME = "said-same"  # a person merged the stories
    SAID_OTHER = "said-other"  # a person took it out of the story that it was in
    SAME_ARTICLE = "same-article"  # judged before: an edit stays in its story


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryVerdict:
    """The same-story decision, explainable: ``story`` None means a new one; ``score`` 0-1 is the share that agreed.

    ``shares`` tells what each sign of one event added to the score or took from it, in logits, strongest first.
    ``other``, ``other_score`` and ``other_shares`` are those of the nearest story that it did not join.
    """

    story: int | None
    reason: StoryReason
    score: float = 1.0
    article: int | None = None  # the stored article that it resembles
    shares: tuple[tuple[str, float], ...] = ()
    other: int | None = None
    other_score: float = 0.0
    other_shares: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sketch:
    """What is kept of an article's content, so that other tellings of its event are found (``monitor.stories``).

    ``terms`` are signed 32-bit hashes, four bytes each in the machine's order; ``kinds`` and ``counts`` one byte for
    each of them. ``norms`` are the lengths of the title's, the text's, both's and the signs' vectors, by the counts of
    when it was made (0 for no text to speak of), how many names there are, and how many places. ``strong`` are
    the terms that it is looked up by.
    """

    language: str
    terms: bytes
    kinds: bytes
    counts: bytes
    norms: tuple[float, float, float, float, float, float]
    strong: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownSketch:
    """A stored article's sketch, with its story and how many articles that has."""

    article: int
    story: int
    size: int
    discovered: datetime
    published: datetime | None
    sketch: Sketch


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
    NOTICE = "notice"  # no news: the service tells its operator of its own troubles


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
class Acknowledgement:
    """Somebody takes care of a story: it is not reminded of."""

    story: int
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
    stored so that later articles find it; so is ``sketch`` (None keeps none),
    which is counted under each of its terms and under ``counted_as``. ``lines`` are those of its text
    that it bears as another article than those that are known to bear them.
    """

    article_id: int
    article_version: int
    language: str | None
    story: StoryVerdict
    shingles: tuple[int, ...]
    title_key: str
    sketch: Sketch | None = None
    counted_as: tuple[int, ...] = ()
    lines: tuple[int, ...] = ()
    matches: tuple[Match, ...] = ()
    verdicts: tuple[Verdict, ...] = ()
    alerts: tuple[NewAlert, ...] = ()
