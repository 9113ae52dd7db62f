"""When a feed is looked at next.

On the article's way: after each look, before T1, which commits the answer together with what the look brought. A pure
decision: the time, and the chance for the jitter, are passed in. Says nothing about how a fetch is made or spaced per
host.

The looks that a person allows for a day are spent where they shorten the delay most. A feed's entries wait, in sum,
least when its looks come as densely as the square root of its rate says, hour by hour; the factor is the same for all
feeds (``price``), and is found from the budget (``fair_price``). Bounds, what the server asks, and what the feed itself
asks stand above that.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from monitor.feeds.rhythm import pull, rate, weights
from monitor.model import Feed, FeedAsks, Rhythm

__all__ = ["USUAL_PRICE", "CheckReason", "Demand", "NextCheck", "demand_of", "fair_price", "looks_a_day", "next_check"]

USUAL_PRICE = 3.0
"""Looks an hour and root of an entry an hour, where no budget was worked out yet: a feed of one entry an hour is looked
at every 20 minutes."""

_START = timedelta(minutes=15)
_LONGEST_WAIT = timedelta(hours=24)
_LONGEST_SKIP = timedelta(days=3)
_HOUR = timedelta(hours=1)
_JITTER = 0.1
_MOST_DOUBLINGS = 20
_WINDOW_SHARE = 0.5  # of the entries that a feed lists: so many may come between two looks, for news come in bursts
_GAP_FORGOTTEN = 1.25  # after a gap the interval grows by this factor with each look that has none


class CheckReason(StrEnum):
    """Why the next look falls when it does."""

    FIRST = "first"  # nothing is known of the feed's rhythm yet
    RHYTHM = "rhythm"  # its share of the looks, by what is to be expected of it now
    WINDOW = "window"  # it lists few entries: they must not run out of it between two looks
    GAP = "gap"  # entries were missed between two looks: look more often for a while
    SHORTEST = "shortest"  # the person's lower bound
    LONGEST = "longest"  # the person's upper bound
    SERVER_ASKS = "server-asks"  # max-age, ttl or sy:updatePeriod: the copy we hold is good until then
    SKIPPED = "skipped"  # skipHours or skipDays: nothing is published before
    FAILED = "failed"  # each failure in a row doubles the wait
    RETRY_AFTER = "retry-after"  # the server named the time
    PUSHED = "pushed"  # a hub pushes what is new: a look now and then makes sure of it


@dataclass(frozen=True, slots=True, kw_only=True)
class NextCheck:
    """When to look next.

    ``interval`` is the time between looks by the feed's own rhythm, without jitter and without what the server asked
    for this once. ``closest`` is the interval that a gap has taught, while it still binds. ``at`` is aware UTC. ``why``
    says it to a person.
    """

    at: datetime
    interval: timedelta
    reason: CheckReason
    why: str
    closest: timedelta | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """What a feed can use of the budget: its ``pull``, and the least and most looks an hour that it may have."""

    pull: float
    least: float
    most: float


def demand_of(rhythm: Rhythm | None, feed: Feed, asks: FeedAsks, now: datetime) -> Demand:
    """A feed's demand as it stands."""
    shortest, longest = _bounds(feed)
    shortest = min(max(shortest, asks.ttl or timedelta(0)), longest)
    most, least = _HOUR / shortest, _HOUR / longest
    if rhythm is None:
        return Demand(pull=0.0, least=min(max(least, _HOUR / _START), most), most=most)
    if rhythm.window > 1:
        least = min(max(least, rate(rhythm, now) / (rhythm.window * _WINDOW_SHARE)), most)
    return Demand(pull=pull(rhythm, now), least=least, most=most)


def looks_a_day(demands: Sequence[Demand], price: float) -> float:
    """How many looks a day come of a price."""
    return 24 * sum(min(max(price * demand.pull, demand.least), demand.most) for demand in demands)


def fair_price(demands: Sequence[Demand], budget: float) -> float:
    """The price at which the looks of all feeds together come to ``budget`` a day.

    Where the bounds alone need more, the price is so low that nothing is added to them; where all feeds are as often
    looked at as they may be, it is merely high.
    """
    low, high = 1e-4, 1e4
    for _ in range(50):
        middle = math.sqrt(low * high)
        low, high = (middle, high) if looks_a_day(demands, middle) < budget else (low, middle)
    return low


def next_check(
    *,
    now: datetime,
    feed: Feed,
    interval: timedelta | None,
    rhythm: Rhythm | None = None,
    price: float = USUAL_PRICE,
    asks: FeedAsks | None = None,
    failures: int = 0,
    gap: timedelta | None = None,
    closest: timedelta | None = None,
    retry_after: timedelta | None = None,
    max_age: timedelta | None = None,
    pushed_until: datetime | None = None,
    chance: float,
) -> NextCheck:
    """Decide when ``feed`` is looked at again.

    Args:
        now: the time of this look.
        feed: gives the bounds ``interval_min`` and ``interval_max``, which always hold after a look that went well,
            but for the hours in which the feed says that it publishes nothing.
        interval: the last interval chosen; None at the first look.
        rhythm: what is known of its publishing, this look's entries among it.
        price: what a look is worth; see ``fair_price``.
        asks: what the feed's last document asked for.
        failures: failed looks in a row, this one counted; 0 when it went well.
        gap: this look shared no entry with the one before, which is so long ago.
        closest: the interval that an earlier gap has taught.
        retry_after: what a 429 or 503 asked for (RFC 9110, 10.2.3); obeyed up to 24 hours.
        max_age: Cache-Control max-age of the answer, also of a 304 (RFC 9111, 5.2.2.1).
        pushed_until: a hub pushes what is new until then; the looks wait for ``interval_max`` so long.
        chance: in [0, 1), spreads looks by ten per cent either way.
    """
    shortest, longest = _bounds(feed)
    if failures > 0:
        kept = _within(interval or _START, shortest, longest)
        wait, reason, why = _after_failure(shortest, longest, failures, retry_after, chance)
        return NextCheck(at=now + wait, interval=kept, reason=reason, why=why, closest=closest)
    asks = asks or FeedAsks()
    wait, reason, why = _by_rhythm(rhythm, price, now, shortest, longest)
    if gap is not None:
        closest = _within(gap / 2, shortest, longest)
    elif closest is not None:
        closest = closest * _GAP_FORGOTTEN
        closest = closest if closest < longest else None
    if closest is not None and closest < wait:
        wait, reason = closest, CheckReason.GAP
        why = f"entries were missed between two looks; until that is long ago, {_say(wait)} between looks"
    rhythm_wait = wait
    if pushed_until is not None and wait < (left := min(pushed_until - now, longest)):
        wait, reason = left, CheckReason.PUSHED
        why = f"its hub pushes what is new; a look every {_say(longest)} makes sure of it"
    # A server that says "good for a year" must not hide the news: the person's upper bound holds.
    asked = min(max(max_age or timedelta(0), asks.ttl or timedelta(0)), longest)
    floor, ceiling = max(shortest, asked), longest
    if asked > wait:
        wait, reason = asked, CheckReason.SERVER_ASKS
        why = f"its server asks for {_say(asked)} between looks (by its own rhythm they would be {_say(rhythm_wait)})"
        ceiling = max(longest, asked)
    at = now + _spread(wait, chance, floor, ceiling)
    opened = _not_skipped(at, asks, chance)
    if opened > at:
        at, reason, why = opened, CheckReason.SKIPPED, "the feed says that it publishes nothing in these hours or days"
    return NextCheck(at=at, interval=rhythm_wait, reason=reason, why=why, closest=closest)


def _after_failure(
    shortest: timedelta, longest: timedelta, failures: int, retry_after: timedelta | None, chance: float
) -> tuple[timedelta, CheckReason, str]:
    ceiling = max(_LONGEST_WAIT, longest)
    wait = min(shortest * 2 ** min(failures - 1, _MOST_DOUBLINGS), ceiling)
    asked = min(retry_after or timedelta(0), _LONGEST_WAIT)
    # Coming back before the named time is what gets a reader banned, so jitter may then only add.
    if asked >= wait:
        return _later(asked, chance), CheckReason.RETRY_AFTER, f"its server asked us to wait {_say(asked)}"
    times = "once" if failures == 1 else f"{failures} times in a row"
    why = f"it failed {times}; each failure doubles the wait"
    return _spread(wait, chance, max(asked, shortest), ceiling), CheckReason.FAILED, why


def _by_rhythm(
    rhythm: Rhythm | None, price: float, now: datetime, shortest: timedelta, longest: timedelta
) -> tuple[timedelta, CheckReason, str]:
    """The wait by what is to be expected: the looks' density, summed up until one look is due."""
    if rhythm is None:
        wait = _within(_START, shortest, longest)
        return wait, CheckReason.FIRST, f"nothing is known of its rhythm yet; {_say(wait)} to begin with"
    average = rate(rhythm, now)
    room = max(rhythm.window * _WINDOW_SHARE, 1.0)
    urge = entries = hours = 0.0
    reason = CheckReason.LONGEST
    for length, weight in weights(rhythm, now, now + longest):
        busy = average * weight
        density = price * math.sqrt(busy)
        until_urge, until_room = (1 - urge) / density, (room - entries) / busy
        if rhythm.window <= 1:  # of one entry there is no telling how many came before it
            until_room = math.inf
        step = min(length, until_urge, until_room)
        urge, entries, hours = urge + density * step, entries + busy * step, hours + step
        if step < length:
            reason = CheckReason.RHYTHM if until_urge <= until_room else CheckReason.WINDOW
            break
    wait = timedelta(hours=hours)
    if wait < shortest:
        return shortest, CheckReason.SHORTEST, f"interval_min: {_say(shortest)}; by its rhythm it would be {_say(wait)}"
    pace = f"it publishes {_number(average * 24)} entries a day, and {_number(entries)} are to be expected by then"
    if reason is CheckReason.WINDOW:
        return wait, reason, f"it lists only {rhythm.window} entries at once; {pace}"
    if reason is CheckReason.RHYTHM:
        return wait, reason, f"{pace}; its share of the looks is one every {_say(wait)}"
    return longest, reason, f"interval_max: {_say(longest)}; {pace}"


def _not_skipped(at: datetime, asks: FeedAsks, chance: float) -> datetime:
    """``at``, or soon after the hours and days in which the feed publishes nothing; at most three days later."""
    opened = at
    while opened.hour in asks.skip_hours or opened.weekday() in asks.skip_days:
        opened = opened.replace(minute=0, second=0, microsecond=0) + _HOUR
        if opened - at > _LONGEST_SKIP:
            return at
    # All who skip the same hours would come at once when they are over.
    return opened if opened == at else opened + timedelta(minutes=10) * chance


def _bounds(feed: Feed) -> tuple[timedelta, timedelta]:
    shortest = max(feed.interval_min, timedelta(seconds=1))
    return shortest, max(feed.interval_max, shortest)


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


def _say(span: timedelta) -> str:
    seconds = span.total_seconds()
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def _number(value: float) -> str:
    return f"{value:.0f}" if value >= 10 else f"{value:.1f}" if value >= 0.1 else f"{value:.2f}"
