"""The seams of the program: what the pipeline asks of the world, as Protocols.

The I/O modules implement these; the pipeline knows nothing else of them. Tests put hand-written fakes here and
nowhere deeper.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import Protocol

from monitor.model import (
    Arrival,
    ArriveResult,
    Article,
    Channel,
    ClaimedDelivery,
    DeliveryOutcome,
    DueFeed,
    DuePage,
    EntryMarks,
    Feed,
    FeedAsks,
    Fetched,
    FetchFailed,
    FetchRequest,
    Gate,
    Judgement,
    KnownEntry,
    KnownSketch,
    Message,
    NotModified,
    PageOutcome,
    ParsedFeed,
    ParsedPage,
    Rhythm,
    SendResult,
    Silence,
    StoryFacts,
)


class Clock(Protocol):
    """The only source of time and chance."""

    def now(self) -> datetime:
        """The wall time, aware, UTC."""

    def monotonic(self) -> float:
        """Seconds that never go back, for measuring spans."""

    def chance(self) -> float:
        """A number in [0, 1), for jitter."""

    def token(self) -> str:
        """An unguessable string of 32 hexadecimal digits, for leases."""


class Fetcher(Protocol):
    """Brings the bytes of a feed. Thread-safe; never raises for what the network or a server does."""

    def fetch(self, request: FetchRequest) -> Fetched | NotModified | FetchFailed:
        """One conditional fetch under a total deadline and a cap on decompressed bytes."""

    def close(self) -> None:
        """Let go of connections."""


class Parser(Protocol):
    """Reads a feed's bytes apart from this process, under a deadline. Thread-safe."""

    def parse(self, body: bytes, *, content_type: str, url: str) -> ParsedFeed | FetchFailed:
        """The feed, or a failure of kind NOT_A_FEED or PARSE_DEADLINE."""

    def close(self) -> None:
        """End the worker processes."""


class PageParser(Protocol):
    """Finds the article in a web page, apart from this process, under a deadline. Thread-safe."""

    def extract(self, body: bytes, *, content_type: str, url: str) -> ParsedPage | FetchFailed:
        """The page, or a failure of kind NOT_A_FEED (no page) or PARSE_DEADLINE."""


class Notifier(Protocol):
    """Hands a rendered message to one channel. Thread-safe; never raises for what a receiver does."""

    def send(self, channel: Channel, message: Message, delivery: ClaimedDelivery) -> SendResult:
        """One try, under the send deadline."""


class StoryIndex(Protocol):
    """What the same-story decision may ask of the articles stored so far (within the story window)."""

    def article_in_story(self, article_id: int) -> int | None:
        """The story that this very article is already in."""

    def by_canonical_url(self, canonical_url: str, since: datetime) -> Sequence[tuple[int, int]]:
        """(article, story) of articles in a story with this canonical URL, oldest first."""

    def by_title_key(self, title_key: str, since: datetime) -> Sequence[tuple[int, int]]:
        """(article, story) of articles in a story with this title key, oldest first."""

    def by_shingles(self, shingles: Sequence[int], since: datetime, limit: int) -> Sequence[tuple[int, int, int, int]]:
        """(article, story, shingles shared, shingles of that article) of the closest articles in a story.

        Most shared first, then oldest; at most ``limit``.
        """

    def seen(self, terms: Sequence[int]) -> Mapping[int, int]:
        """In how many stored articles' sketches each of these terms stands; those that stand in none are left out."""

    def by_terms(self, terms: Sequence[int], since: datetime, each: int) -> Sequence[tuple[int, int, int]]:
        """(term, article, story) for articles in a story that are looked up by one of these terms.

        Of every term the latest ``each`` are looked at; those discovered before ``since`` are left out.
        """

    def sketches(self, articles: Sequence[int], since: datetime) -> Sequence[KnownSketch]:
        """The sketches of those of these articles that are in a story and were discovered since then, by article."""


class JudgeSession(StoryIndex, Protocol):
    """One write transaction in which a batch of articles is judged (T2): each sees what the ones before it recorded."""

    def bearers(self, lines: Collection[int]) -> Mapping[int, Sequence[str | None]]:
        """For each of these lines that is known (``Judgement.lines``) the titles of one or two articles that bear it.

        None for one that is no longer there.
        """

    def watches_told(self, story: int) -> frozenset[str]:
        """The watches that were already alerted of this story."""

    def story_facts(self, story: int, article_id: int) -> StoryFacts:
        """What is known of a story but for this article, and what was told of it."""

    def silences(self, now: datetime) -> tuple[Silence, ...]:
        """The silences that hold now."""

    def record(self, judgement: Judgement) -> int | None:
        """Store one judgement; returns its story's id (a new one where the verdict named none).

        None, and nothing stored, when the article was edited since it was read: it waits to be judged again.
        Repeatable: an alert that exists for (watch, story, kind) and a delivery for (alert, channel) are left as they
        are.
        """


class Store(Protocol):
    """The database. Thread-safe. Every method raises ``StoreError`` (or a kind of it) when the database refuses."""

    # feeds
    def sync_feeds(self, feeds: Sequence[Feed], now: datetime) -> None:
        """Make the known feeds those of the config: new ones are due at once, missing ones are kept but never due."""

    def claim_due_feeds(self, now: datetime, *, limit: int, lease: timedelta) -> tuple[DueFeed, ...]:
        """Feeds whose next check has come, the longest overdue first.

        Claimed: no one else gets them until the lease ends.
        """

    def claim_feed(self, url: str, now: datetime, *, lease: timedelta) -> DueFeed | None:
        """This feed, due or not; None when it is unknown, not in the config now, or claimed by another."""

    def claim_feeds(self, urls: Sequence[str], now: datetime, *, lease: timedelta) -> tuple[DueFeed, ...]:
        """These feeds, due or not, in one commit; without those that can't be had."""

    def release_claims(self) -> None:
        """On start, under the instance lock: claims and delivery leases of a dead predecessor end now.

        A delivery that was being sent becomes pending with ``in_doubt`` set; an article that was set aside waits to be
        judged again.
        """

    def unseen_keys(self, feed_id: int, keys: Sequence[str]) -> frozenset[str]:
        """Those of an entry's identity keys that this feed never brought before."""

    def postpone(self, feed_id: int, until: datetime, why: str) -> None:
        """Put a claimed feed off that was not looked at, or not by its own fault; nothing else about it changes."""

    def give_back(self, feed_id: int) -> None:
        """End the claim of a feed with which nothing was done; nothing else about it changes."""

    def forgive(self, feed_ids: Sequence[int], now: datetime) -> None:
        """Take back the last failure of these feeds: it was not theirs. They are due now."""

    def rhythms(self) -> tuple[tuple[str, Rhythm | None, FeedAsks], ...]:
        """The rhythm of each configured feed, and what it asks for: what a budget is shared out by."""

    def recall(self, feed_id: int, wanted: Sequence[tuple[str, str, EntryMarks]]) -> tuple[KnownEntry, ...]:
        """What is known of entries of this feed, each wanted by its key, by another key ("": none) and by its marks.

        Where the first key is unknown, the entries that have the same link or the same title are given too.
        """

    def arrive(self, arrival: Arrival) -> ArriveResult:
        """T1: new and changed articles and the feed's row in one commit."""

    # pages
    def claim_pages(
        self, now: datetime, *, limit: int, lease: timedelta, busy: Sequence[str] = ()
    ) -> tuple[DuePage, ...]:
        """Pages that are due, of hosts that are not ``busy``; at most one a host, the longest due first.

        Claimed: no one else gets them until the lease ends or the outcome is recorded.
        """

    def record_page(self, outcome: PageOutcome) -> bool:
        """What came of a page. False, and nothing stored, when the token is no longer the page's.

        One that was read makes its article whole: it waits to be judged, again if it was. Any outcome ends the
        article's waiting for its page.
        """

    def end_page_waits(self) -> None:
        """Let every article be judged that waits for its page."""

    # judging
    def unjudged(self, limit: int) -> tuple[Article, ...]:
        """The oldest articles that wait to be judged, and not for their page, in the order of their arrival."""

    def set_aside(self, article_id: int, reason: str) -> None:
        """Mark an article whose judging failed on a fault of ours, so that it doesn't hold up the others."""

    def judging(self) -> AbstractContextManager[JudgeSession]:
        """One immediate write transaction: committed on leaving, rolled back on an exception."""

    def known_watches(self) -> frozenset[str]:
        """Names of the watches that were live before."""

    def remember_watches(self, names: Sequence[str], now: datetime) -> None:
        """Record that these watches are live (their backfill, if any, is done)."""

    def archive(self, since: datetime) -> Iterator[Article]:
        """Judged articles discovered since then, oldest first."""

    # deliveries
    def claim_deliveries(
        self, now: datetime, *, limit: int, lease: timedelta, busy: Sequence[str], channels: Sequence[Gate]
    ) -> tuple[ClaimedDelivery, ...]:
        """What goes next on those ``channels`` that are not ``busy`` and not paused, as far as their gates let it.

        At most one message a channel, which may be a digest; the channel served longest ago first.
        """

    def stories_met(self, watch: str, since: datetime) -> tuple[datetime, ...]:
        """When each story of a watch was first met, in order."""

    def watched_since(self, watch: str) -> datetime | None:
        """When a watch was first live."""

    def record_outcome(self, outcome: DeliveryOutcome) -> bool:
        """T3. False, and nothing stored, when the token is no longer the delivery's (its lease was outrun)."""

    def forget_future(self, now: datetime) -> None:
        """After the clock was set back: what was put off by the clock that ran ahead is due now, and its claims end."""

    def next_delivery_due(
        self, *, busy: Sequence[str], channels: Sequence[Gate], now: datetime | None = None
    ) -> datetime | None:
        """When the earliest delivery that could then be claimed (``claim_deliveries``) is due; None: none waits."""

    def close(self) -> None:
        """Checkpoint and close."""
