"""What the commands read from the store, as plain frozen values.

Times are aware UTC. Texts come from feeds and are plain text; whoever shows them makes them safe for the place.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor.model import AlertKind, AlertReason, DeliveryState, Evidence, FetchFault, Priority, StoryReason

__all__ = ["AlertRow", "AttemptRow", "DeliveryRow", "FeedRow", "FoundArticle", "HeldBack", "Status", "StoryRow"]


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


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedRow:
    """A feed's state.

    ``name`` is the config's, ``title`` the feed's own. ``configured``: in the config now and enabled. ``error`` is
    empty when the last look went well. ``entries``: how many the feed listed when it was last read; ``articles``: how
    many of its articles are stored. ``problems`` are what parsing had to say about the last document.
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
