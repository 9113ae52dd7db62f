"""Recorded articles through the real pipeline in simulated time (``monitor replay``): for measuring rules and stories.

The articles take the same way as polled ones (identity, T1, T2, the same kind of database, here a temporary one);
nothing is fetched and nothing is sent.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from monitor.app.parts import DATABASE
from monitor.clock import SimulatedClock
from monitor.errors import ParseError
from monitor.feeds import make_articles
from monitor.model import AlertKind, Arrival, DueFeed, Entry, Feed, FeedUpdate, Match, ParsedFeed
from monitor.pipeline import Judge, Plan
from monitor.store import SqliteStore

_FEED = "replay:"
_STEP = timedelta(seconds=1)
_START = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayInput:
    """One recorded article; ``id`` is the recorder's own, ``published`` None means a second after the one before."""

    id: str
    title: str
    text: str
    language: str | None = None
    url: str = ""
    source: str = ""
    published: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """What became of one recorded article: its story, what it met, and the alerts (watch, kind) it led to."""

    id: str
    language: str | None
    story: int
    matches: tuple[Match, ...]
    alerts: tuple[tuple[str, AlertKind], ...]


def read_replay(lines: Iterable[str]) -> Iterator[ReplayInput]:
    """Read recorded articles, a JSON object a line; empty lines are passed over.

    Raises:
        ParseError: a line that can't be read; the message names its number and the fault.
    """
    for number, line in enumerate(lines, start=1):
        if not line.strip().removeprefix("\ufeff"):
            continue
        try:
            raw = json.loads(line.removeprefix("\ufeff"))
            if not isinstance(raw, dict):
                raise TypeError("it is not a JSON object")
            yield ReplayInput(
                id=str(raw["id"]),
                title=_text(raw, "title"),
                text=_text(raw, "text"),
                language=_text(raw, "language") or None,
                url=_text(raw, "url"),
                source=_text(raw, "source"),
                published=_time(raw.get("published")),
            )
        except KeyError as error:
            raise ParseError(f"line {number}: the key {error} is missing") from error
        except (TypeError, ValueError) as error:
            raise ParseError(f"line {number}: {error}") from error


def _text(raw: dict[str, object], key: str) -> str:
    value = raw.get(key)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise TypeError(f"{key!r} is {type(value).__name__}, it should be a string")
    return value


def _time(value: object) -> datetime | None:
    if value in {None, ""}:
        return None
    if not isinstance(value, str):
        raise TypeError("'published' should be a string such as 2024-07-23T10:00:00Z")
    time = datetime.fromisoformat(value)
    return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)


def replay(articles: Iterable[ReplayInput], plan: Plan) -> Iterator[Replayed]:
    """Run the articles through T1 and T2 one after another, each at the time of its publishing.

    Time never goes back: an article that was published before the one ahead of it arrives together with that one.

    Raises:
        StoreError: the temporary database refused.
    """
    with TemporaryDirectory(prefix="monitor-replay-") as folder:
        clock = SimulatedClock(_START)
        store = SqliteStore.open(Path(folder) / DATABASE, clock=clock, durable=False)
        try:
            yield from _replay(articles, plan, store, clock)
        finally:
            store.close()


def _replay(
    articles: Iterable[ReplayInput], plan: Plan, store: SqliteStore, clock: SimulatedClock
) -> Iterator[Replayed]:
    judge = Judge(store=store, clock=clock)
    feed = Feed(url=_FEED)
    store.sync_feeds([feed], clock.now())
    claimed = store.claim_feed(_FEED, clock.now(), lease=timedelta(days=1))
    assert claimed is not None, "a new database holds no other claim"
    due = replace(claimed, first_sight=False)
    for number, article in enumerate(articles):
        clock.set(max(clock.now() + _STEP, article.published or clock.now()))
        store.arrive(_arrival(f"{number} {article.id}", article, feed, due, clock.now()))
        for judged in judge.judge(plan).judged:
            yield Replayed(
                id=article.id,
                language=judged.language,
                story=judged.story,
                matches=judged.matches,
                alerts=tuple((alert.watch, alert.kind) for alert in judged.alerts),
            )


def _arrival(guid: str, article: ReplayInput, feed: Feed, due: DueFeed, now: datetime) -> Arrival:
    entry = Entry(
        guid=guid,
        url=article.url,
        title=article.title,
        text=article.text,
        language=article.language,
        source=article.source,
        published=article.published,
    )
    parsed = ParsedFeed(format="replay", encoding="utf-8", title=article.source, entries=(entry,))
    update = FeedUpdate(
        feed_id=due.id,
        checked=now,
        next_check=now + timedelta(days=1),
        interval=timedelta(days=1),
        etag=None,
        last_modified=None,
        body_hash=None,
    )
    return Arrival(feed=update, articles=make_articles(parsed, feed, due, now))
