"""What is wrong with a feed, for the person who reads it: one sentence for each ailment, with what to do.

Beside the article's way: made of a feed's stored state, for ``monitor feeds health``, the console and the
service's log.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from urllib.parse import urlsplit

from monitor.feeds import silent_since
from monitor.pipeline import Pace
from monitor.store import FeedRow

__all__ = ["Ailment", "FeedTrouble", "ailments", "failing_alike", "feed_troubles", "of_budget"]

_ALIKE = 3  # feeds that fail alike are told one by one; more are told in one line

_GAP_RECENT = timedelta(days=7)


class Ailment(StrEnum):
    """Kinds of trouble with a feed, the worst first."""

    GONE = "gone"
    FAILING = "failing"
    SILENT = "silent"
    GAP = "gap"
    STUCK = "stuck-validators"
    MOVED = "moved"
    ODD = "odd"


def ailments(feed: FeedRow, now: datetime) -> tuple[tuple[Ailment, str], ...]:
    """What is wrong with a configured feed; nothing when all is well."""
    found: list[tuple[Ailment, str]] = []
    if feed.gone:
        found.append((Ailment.GONE, f"{feed.error}; it is not asked any more: take it out of the config"))
    elif feed.error:
        since = "it never worked" if feed.last_ok is None else f"it last worked {_ago(now - feed.last_ok)} ago"
        found.append((Ailment.FAILING, f"{feed.error} ({feed.failures} in a row; {since})"))
    if feed.rhythm is not None and (since_when := silent_since(feed.rhythm, now)) is not None and not feed.error:
        pause = _ago(now - since_when)
        longest = _ago(feed.rhythm.longest_pause)
        quiet = f"it answers, but has brought nothing new for {pause}; its longest pause before was {longest}"
        found.append((Ailment.SILENT, f"{quiet}: look whether the site has another feed now"))
    if feed.last_gap is not None and now - feed.last_gap < _GAP_RECENT:
        times = "once" if feed.gaps == 1 else f"{feed.gaps} times"
        found.append((Ailment.GAP, f"entries were missed between two looks, {times} so far; {feed.gap}"))
    if feed.distrust_until is not None and now < feed.distrust_until:
        found.append((Ailment.STUCK, "its server calls changed documents unchanged; it is asked for whole each time"))
    if feed.moved is not None:
        ago = _ago(now - feed.moved.since)
        found.append((Ailment.MOVED, f"it has moved for good to {feed.moved.to} ({ago} ago): change the config"))
    found.extend((Ailment.ODD, problem) for problem in feed.problems)
    return tuple(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedTrouble:
    """One ailment of one feed, in words."""

    url: str
    name: str
    kind: Ailment
    detail: str


def feed_troubles(feeds: Iterable[FeedRow], now: datetime) -> tuple[FeedTrouble, ...]:
    """What is wrong with the configured ones of these feeds, the worst first."""
    found = [
        FeedTrouble(url=row.url, name=row.name or row.title, kind=kind, detail=words)
        for row in feeds
        if row.configured
        for kind, words in ailments(row, now)
    ]
    order = list(Ailment)
    return tuple(sorted(found, key=lambda one: (order.index(one.kind), one.url)))


def failing_alike(feeds: Iterable[FeedRow]) -> tuple[tuple[str, int, datetime | None, str], ...]:
    """Which feeds fail: who, how often in a row, when it worked last, why; many that fail alike are one.

    All do without a network.
    """
    alike: defaultdict[str, list[FeedRow]] = defaultdict(list)
    for feed in feeds:
        if feed.failures:
            alike[feed.error.replace(urlsplit(feed.url).hostname or feed.url, "…")].append(feed)
    found: list[tuple[str, int, datetime | None, str]] = []
    for why, rows in alike.items():
        if len(rows) > _ALIKE:
            worked = max((row.last_ok for row in rows if row.last_ok), default=None)
            found.append((f"{len(rows)} feeds, such as {rows[0].url}", max(row.failures for row in rows), worked, why))
        else:
            found.extend((row.url, row.failures, row.last_ok, row.error) for row in rows)
    return tuple(found)


def of_budget(count: int, pace: Pace) -> str:
    """How many looks a day these feeds are given, and of how many."""
    said = f"{count} feeds, about {pace.looks:,.0f} looks a day of a budget of {pace.budget:,}"
    return f"{said}; interval_max in feeds.toml asks for more than requests_a_day allows" if pace.over else said


def _ago(span: timedelta) -> str:
    hours = span / timedelta(hours=1)
    if hours < 1:
        return f"{max(round(hours * 60), 1)} min"
    return f"{hours:.0f} h" if hours < 48 else f"{hours / 24:.0f} days"
