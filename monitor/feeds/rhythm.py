"""A feed's publishing rhythm: learnt from the times of its entries, and asked what is to be expected when.

On the article's way: beside the decision when a feed is looked at next. A feed is taken for a Poisson process whose
rate is the product of three things: how much it publishes these days, the hour of the day, and the day of the week.
Hours and days that were hardly watched yet count as average ones, so that thirty entries of one morning don't make a
feed that sleeps all night.

Times are UTC. Pure: knows no clock, and decides nothing.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from monitor.model import Rhythm

__all__ = ["expected", "learn", "pull", "rate", "silent_since", "weights"]

_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)
_RECENT = 14 * 24.0  # hours after which an entry counts 1/e for the rate of now
_HABIT = 42 * 24.0  # and for the habits
_DOUBT_HOUR = 0.7  # entries of an average feed that each hour, and each day, is believed to have had before any
_DOUBT_DAY = 5.0
_DOUBT_RATE, _DOUBT_HOURS = 0.5, 1.0  # so many entries in so many hours, before any was seen
_FEW_MOMENTS = 4.0
_NO_WONDER = 7.0  # e to the minus seventh is one in a thousand
_LONGEST_LOOK_BACK = timedelta(days=28)
_BATCH = timedelta(minutes=20)
_LONGEST_CATCH_UP = 56 * 24  # hours; what lies farther back has faded
_OLDEST_TENTH = 10


def learn(
    rhythm: Rhythm | None, times: Sequence[datetime], *, looked: datetime | None, now: datetime, window: int
) -> Rhythm:
    """The rhythm with what a look has brought.

    Args:
        rhythm: what was known; None at the first look.
        times: of the entries that are new, when they say that they were published.
        looked: the last look that went well, None at the first: an entry can't have come before it, whatever its date.
        now: the time of this look.
        window: how many entries the feed lists.
    """
    came = sorted(min(time, now) for time in times)
    if rhythm is None:
        # A feed lists what fits. Its oldest entries may be pinned ones: the watching begins with the oldest tenth.
        start = came[min(len(came) - 1, 1 + len(came) // _OLDEST_TENTH) - (len(came) > 1)] if came else now
        came = [time for time in came if time > start]
        none24, none7 = (0.0,) * 24, (0.0,) * 7
        rhythm = Rhythm(
            since=start, upto=start, hours=none24, hours_watched=none24, days=none7, days_watched=none7, last=start
        )
    elif looked is not None:
        came = [max(time, looked) for time in came]
    return _counted(rhythm, came, now, window)


def rate(rhythm: Rhythm, now: datetime) -> float:
    """Entries an hour that the feed publishes these days, on the average of day and night."""
    since = max((now - rhythm.since) / _HOUR, 0.0)
    watched = _RECENT * (1 - math.exp(-since / _RECENT))
    return (_faded(rhythm.recent, rhythm.upto, now, _RECENT) + _DOUBT_RATE) / (watched + _DOUBT_HOURS)


def expected(rhythm: Rhythm, start: datetime, end: datetime) -> float:
    """How many entries are to be expected between two times."""
    return rate(rhythm, start) * sum(hours * weight for hours, weight in weights(rhythm, start, end))


def pull(rhythm: Rhythm, now: datetime) -> float:
    """The mean over a week of the square root of the rate, in roots of entries an hour.

    What looks are best spent by: the delay that a feed's entries have to bear in sum is least when its looks are as
    close as the square root of its rate (and not the rate itself) says.
    """
    hours = sum(math.sqrt(factor) for factor in _hours(rhythm)) / 24
    days = sum(math.sqrt(factor) for factor in _factors(rhythm.days, rhythm.days_watched, _DOUBT_DAY)) / 7
    return math.sqrt(rate(rhythm, now)) * hours * days


def silent_since(rhythm: Rhythm, now: datetime) -> datetime | None:
    """Since when the feed has been quiet against its own rhythm; None while its pause is no wonder.

    Counted in moments of publishing, for ten entries at once are one sign of life: so many would have been expected
    since the last one that none at all happens once in a thousand times. And the pause is well longer than any known.
    """
    if rhythm.last is None or rhythm.moments < _FEW_MOMENTS:
        return None
    pause = now - rhythm.last
    entries = sum(rhythm.hours)
    habit = rhythm.moments / entries  # moments an entry; both have faded alike
    # The rate of the time before the pause: by now it has faded because of the pause itself.
    soon = min(now, rhythm.last + _LONGEST_LOOK_BACK)
    hours = sum(length * weight for length, weight in weights(rhythm, rhythm.last, soon)) + (now - soon) / _HOUR
    missing = rate(rhythm, rhythm.last) * habit * hours
    return rhythm.last if missing > _NO_WONDER and pause > 1.5 * rhythm.longest_pause else None


def weights(rhythm: Rhythm, start: datetime, end: datetime) -> Iterator[tuple[float, float]]:
    """The time between, cut at each full hour: the length of each piece in hours, how much busier than the average."""
    hours = _hours(rhythm)
    days = _factors(rhythm.days, rhythm.days_watched, _DOUBT_DAY)
    for piece, length in _pieces(start, end):
        yield length, hours[piece.hour] * days[piece.weekday()]


def _counted(rhythm: Rhythm, came: Sequence[datetime], now: datetime, window: int) -> Rhythm:
    """Everything faded to ``now``, the watched time and the entries added, each as faded as it is old."""
    fade = math.exp(-max((now - rhythm.upto) / _HOUR, 0.0) / _HABIT)
    hours, days = [count * fade for count in rhythm.hours], [count * fade for count in rhythm.days]
    hours_watched = [watched * fade for watched in rhythm.hours_watched]
    days_watched = [watched * fade for watched in rhythm.days_watched]
    whole_days = 0.0
    for piece, length in _days(max(rhythm.upto, now - _LONGEST_CATCH_UP * _HOUR), now):
        seen = length * math.exp((piece - now) / _HOUR / _HABIT)
        days_watched[piece.weekday()] += seen
        if length <= 1:
            hours_watched[piece.hour] += seen
        else:
            whole_days += seen / 24
    hours_watched = [watched + whole_days for watched in hours_watched]
    recent = _faded(rhythm.recent, rhythm.upto, now, _RECENT)
    moments = rhythm.moments * fade
    last, longest = rhythm.last, rhythm.longest_pause
    for time in came:
        age = max((now - time) / _HOUR, 0.0)
        weight = math.exp(-age / _HABIT)
        hours[time.hour] += weight
        days[time.weekday()] += weight
        recent += math.exp(-age / _RECENT)
        if last is None or time - last > _BATCH:
            moments += weight
            longest = longest if last is None else max(longest, time - last)
        last = time if last is None else max(last, time)
    return Rhythm(
        since=rhythm.since,
        upto=max(now, rhythm.upto),
        hours=tuple(hours),
        hours_watched=tuple(hours_watched),
        days=tuple(days),
        days_watched=tuple(days_watched),
        recent=recent,
        moments=moments,
        last=last,
        longest_pause=longest,
        window=window,
    )


def _hours(rhythm: Rhythm) -> tuple[float, ...]:
    """How busy each hour is; its neighbours have a say, for what comes at 8:59 one day comes at 9:01 the next."""
    return _factors(_smooth(rhythm.hours), _smooth(rhythm.hours_watched), _DOUBT_HOUR)


def _smooth(counts: Sequence[float]) -> list[float]:
    return [
        counts[hour - 1] / 4 + counts[hour] / 2 + counts[(hour + 1) % len(counts)] / 4 for hour in range(len(counts))
    ]


def _factors(counts: Sequence[float], watched: Sequence[float], doubt: float) -> tuple[float, ...]:
    """How much busier than its average each hour or day is: 1 where little was seen."""
    total, span = sum(counts), sum(watched)
    if not total or not span:
        return (1.0,) * len(counts)
    mean = total / span
    raw = [(count + doubt) / (seen * mean + doubt) for count, seen in zip(counts, watched, strict=True)]
    level = sum(raw) / len(raw)
    return tuple(factor / level for factor in raw)


def _days(start: datetime, end: datetime) -> Iterable[tuple[datetime, float]]:
    """The time between in whole days (24 hours from midnight), and in hours before and after them."""
    morning = min(start.replace(hour=0, minute=0, second=0, microsecond=0) + _DAY, end)
    yield from _pieces(start, morning)
    while morning + _DAY <= end:
        yield morning, 24.0
        morning += _DAY
    yield from _pieces(morning, end)


def _pieces(start: datetime, end: datetime) -> Iterable[tuple[datetime, float]]:
    piece, following = start, start.replace(minute=0, second=0, microsecond=0) + _HOUR
    while following < end:
        yield piece, (following - piece) / _HOUR
        piece, following = following, following + _HOUR
    if piece < end:
        yield piece, (end - piece) / _HOUR


def _faded(count: float, at: datetime, now: datetime, span: float) -> float:
    return count * math.exp(-max((now - at) / _HOUR, 0.0) / span)
