"""What the commands read from the store, as plain frozen values.

Times are aware UTC. Texts come from feeds and are plain text; whoever shows them makes them safe for the place.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from monitor.model import (
    AlertKind,
    AlertReason,
    DeliveryState,
    Evidence,
    FeedAsks,
    FetchFault,
    IdentityRecord,
    Moved,
    Priority,
    Rhythm,
    StoryReason,
)

__all__ = [
    "AlertRow",
    "AttemptRow",
    "DeliveryRow",
    "EntryRow",
    "FeedRow",
    "FirstSight",
    "FoundArticle",
    "HeldBack",
    "OutboxRow",
    "Status",
    "StoryRow",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundArticle:
    """An article that a search met. ``snippet`` is a piece of its title or text with the words met between marks."""

    article: int
    story: int | None
    title: str
    url: str
    source: str
    language: str | None
    published: datetime | None
    discovered: datetime
    snippet: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryRow:
    """One alert's way to one channel, as it stands. ``detail`` tells what the last try met."""

    delivery: int
    channel: str
    state: DeliveryState
    attempts: int
    in_doubt: bool
    created: datetime
    due: datetime
    ended: datetime | None
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptRow:
    """One try to send a delivery: when it ended, the state that it led to ("unknown": it was cut off), and why."""

    at: datetime
    outcome: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertRow:
    """An alert as it was told. ``article`` is None once retention took its article."""

    alert: int
    watch: str
    kind: AlertKind
    priority: Priority
    story: int
    article: int | None
    title: str
    url: str
    source: str
    language: str | None
    published: datetime | None
    created: datetime
    evidence: tuple[Evidence, ...]
    deliveries: tuple[DeliveryRow, ...]
    about: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedRow:
    """A feed's state.

    ``name`` is the config's, ``title`` the feed's own. ``configured``: in the config now and enabled. ``error`` is
    empty when the last look went well. ``entries``: how many the feed listed when it was last read; ``articles``: how
    many of its articles are stored. ``problems`` are what parsing had to say about the last document. ``why`` tells why
    the next check is when it is. ``gaps``: how often entries were missed between two looks; ``gap`` what became of them
    the last time.
    """

    url: str
    name: str
    title: str
    configured: bool
    checked: datetime | None
    last_ok: datetime | None
    last_new: datetime | None
    next_check: datetime
    interval: timedelta | None
    failures: int
    status: int | None
    fault: FetchFault | None
    error: str
    entries: int
    articles: int
    problems: tuple[str, ...]
    moved_to: str | None
    gone: bool
    why: str = ""
    moved: Moved | None = None
    gaps: int = 0
    last_gap: datetime | None = None
    gap: str = ""
    distrust_until: datetime | None = None
    rhythm: Rhythm | None = None
    asks: FeedAsks = field(default_factory=FeedAsks)
    identity: IdentityRecord = field(default_factory=IdentityRecord)


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryRow:
    """An entry that a feed lists or listed: its key and why it has that one, and why it was taken for new or known.

    ``key_reason`` is empty, and so is ``title``, when retention took the article. ``page`` tells where the article's
    page stands ("read", "waiting", "failed") and why; empty when the feed gave it whole, or none is to be read.
    """

    key: str
    key_reason: str
    reason: str
    listed: datetime
    article: int | None
    title: str
    page: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldBack:
    """An article that met a watch and was not told, and why.

    ``told`` is the headline that was told of its story to this watch, if any; ``same_story_by`` is why the
    article joined that story, with ``score`` 0-1 as in ``StoryVerdict``.
    """

    article: int
    title: str
    url: str
    source: str
    discovered: datetime
    watch: str
    reason: AlertReason
    story: int | None
    told: str | None
    same_story_by: StoryReason
    score: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """How much is stored and what waits.

    ``set_aside``: articles whose judging failed on a fault of ours. ``deliveries`` counts by state, each state named.

    ``oldest_waiting`` is when the oldest delivery that is not yet sent was made. ``bytes`` is the database's size on
    disk without its write-ahead log.
    """

    feeds: int
    feeds_failing: int
    articles: int
    unjudged: int
    set_aside: int
    stories: int
    alerts: int
    deliveries: Mapping[DeliveryState, int]
    oldest_waiting: datetime | None
    bytes: int
    schema_version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryRow:
    """A story: its first article's title, how many articles it has, from when to when, where, and who was told."""

    story: int
    title: str
    articles: int
    first: datetime
    last: datetime
    sources: tuple[str, ...]
    languages: tuple[str, ...]
    told: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxRow:
    """A delivery with what it tells. ``digest``: those with the same one went, or go, together."""

    delivery: int
    alert: int
    channel: str
    state: DeliveryState
    watch: str
    kind: AlertKind
    about: str
    priority: str
    story: int
    article: int | None
    title: str
    attempts: int
    in_doubt: bool
    digest: str | None
    created: datetime
    due: datetime
    ended: datetime | None
    detail: str
    tries: tuple[AttemptRow, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstSight:
    """How an article came in, and whether it was set aside by a fault of ours."""

    at: datetime
    feed: str
    feed_name: str
    old_at_first_sight: bool
    state: str
    set_aside: str
