"""When a feed is looked at next.

On the article's way: after each look, before T1, which commits the answer together with what the look brought. A pure
decision: the time, and the chance for the jitter, are passed in. Says nothing about how a fetch is made or spaced per
host.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from monitor.model import Feed

__all__ = ["CheckReason", "NextCheck", "next_check"]

_START = timedelta(minutes=15)
_LONGEST_WAIT = timedelta(hours=24)
_JITTER = 0.1
_MOST_DOUBLINGS = 20


class CheckReason(StrEnum):
    """Why the next look falls when it does."""

    FIRST = "first"  # nothing is known of the feed's rhythm yet
    BROUGHT_NEW = "brought-new"  # it publishes: look sooner
    NOTHING_NEW = "nothing-new"  # it was quiet: look later
    SERVER_ASKS = "server-asks"  # max-age or ttl: the copy we hold is good until then
    FAILED = "failed"  # each failure in a row doubles the wait
    RETRY_AFTER = "retry-after"  # the server named the time


@dataclass(frozen=True, slots=True, kw_only=True)
class NextCheck:
    """When to look next.

    ``interval`` is the feed's own rhythm as learnt so far, without jitter and without what the server asked for this
    once: it is what the next decision goes on from. ``at`` is aware UTC.
    """

    at: datetime
    interval: timedelta
    reason: CheckReason


def next_check(
    *,
    now: datetime,
    feed: Feed,
    interval: timedelta | None,
    found_new: bool,
    failures: int,
    retry_after: timedelta | None = None,
    max_age: timedelta | None = None,
    ttl: timedelta | None = None,
    chance: float,
) -> NextCheck:
    """Decide when ``feed`` is looked at again.

    Args:
        now: the time of this look.
        feed: gives the bounds ``interval_min`` and ``interval_max``, which always hold after a look that went well.
        interval: the last interval chosen; None at the first look.
        found_new: this look brought at least one new entry.
        failures: failed looks in a row, this one counted; 0 when it went well.
        retry_after: what a 429 or 503 asked for (RFC 9110, 10.2.3); obeyed up to 24 hours.
        max_age: Cache-Control max-age of the answer, also of a 304 (RFC 9111, 5.2.2.1).
        ttl: what the feed itself says (RSS 2.0 ``ttl``).
        chance: in [0, 1), spreads looks by ten per cent either way.
    """
    shortest = max(feed.interval_min, timedelta(seconds=1))
    longest = max(feed.interval_max, shortest)
    known = None if interval is None else _within(interval, shortest, longest)
    start = _within(_START, shortest, longest)
    if failures > 0:
        kept = known or start
        backoff = shortest * 2 ** min(failures - 1, _MOST_DOUBLINGS)
        wait = min(backoff, max(_LONGEST_WAIT, longest))
        asked = min(retry_after or timedelta(0), _LONGEST_WAIT)
        # Coming back before the named time is what gets a reader banned, so jitter may then only add.
        if asked >= wait:
            return NextCheck(at=now + _later(asked, chance), interval=kept, reason=CheckReason.RETRY_AFTER)
        floor = max(asked, shortest)
        ceiling = max(_LONGEST_WAIT, longest)
        return NextCheck(at=now + _spread(wait, chance, floor, ceiling), interval=kept, reason=CheckReason.FAILED)

    if known is None:
        rhythm, reason = start, CheckReason.FIRST
    elif found_new:
        rhythm, reason = _within(known / 2, shortest, longest), CheckReason.BROUGHT_NEW
    else:
        rhythm, reason = _within(known * 1.5, shortest, longest), CheckReason.NOTHING_NEW
    # A server that says "good for a year" must not hide the news: the person's upper bound holds.
    asked = min(max(max_age or timedelta(0), ttl or timedelta(0)), longest)
    if asked > rhythm:
        at = now + _spread(asked, chance, asked, max(longest, asked))
        return NextCheck(at=at, interval=rhythm, reason=CheckReason.SERVER_ASKS)
    return NextCheck(at=now + _spread(rhythm, chance, max(shortest, asked), longest), interval=rhythm, reason=reason)


def _within(value: timedelta, low: timedelta, high: timedelta) -> timedelta:
    return min(max(value, low), high)


def _later(wait: timedelta, chance: float) -> timedelta:
    return wait * (1 + _JITTER * chance)


def _spread(wait: timedelta, chance: float, floor: timedelta, ceiling: timedelta) -> timedelta:
    """``wait`` give or take ten per cent, mirrored back at a bound: many feeds at the bound are spread all the same."""
    spread = wait * (1 + _JITTER * (2 * chance - 1))
    if spread < floor:
        spread = floor + (floor - spread)
    if spread > ceiling:
        spread = ceiling - (spread - ceiling)
    return _within(spread, floor, ceiling)
