"""Times that come back: digests by cron or every so often, and the quiet hours of a day, in any zone.

On the article's way: asked when deliveries are claimed. Everything is reckoned from the moment that is asked about, so
that a clock that jumps, a restart or a day of 23 or 25 hours neither skips a digest nor makes two.

Wall times become moments so: one that a spring night leaves out counts as much later as the clock was moved; one that
an autumn night has twice counts the first time.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

__all__ = ["Cron", "Every", "hours_of", "last_slot", "next_slot", "parse_schedule"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAY = timedelta(days=1)
_FAR = 366 * 8 + 2  # days: a schedule of the 29th of February rests for eight years around 2100
_EVERY = re.compile(r"every\s+(?:(\d{1,4})\s*)?(minutes?|min|m|hours?|h|days?|d)", re.IGNORECASE)
_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_PART = re.compile(r"(\*|\w+)(?:-(\w+))?(?:/(\d{1,2}))?")


@dataclass(frozen=True, slots=True)
class Every:
    """Each so often, counted from midnight UTC of 1970: "every 30 minutes" is at each full and half hour."""

    span: timedelta


@dataclass(frozen=True, slots=True)
class Cron:
    """Five fields as cron has them; where day of month and day of week are both given, either is enough."""

    minutes: frozenset[int]
    hours: frozenset[int]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]
    either: bool

    def holds(self, day: date) -> bool:
        """Whether it comes at all on this day."""
        by_date = day.day in self.days
        by_weekday = day.isoweekday() % 7 in self.weekdays
        return day.month in self.months and ((by_date or by_weekday) if self.either else (by_date and by_weekday))


@lru_cache(maxsize=256)
def parse_schedule(text: str) -> Every | Cron:
    """Read "every 30 minutes", "every 2 hours", "every day"; or cron's five fields ("0 8,17 * * mon-fri").

    Raises:
        ValueError: in words for a person.
    """
    found = _EVERY.fullmatch(text.strip())
    if found:
        span = int(found[1] or 1) * _UNITS[found[2][0].lower()]
        if not timedelta(minutes=1) <= span <= timedelta(days=31):
            raise ValueError("it must come at least once in 31 days, and at most once a minute")
        return Every(span)
    fields = text.lower().split()
    if len(fields) != 5:
        raise ValueError(
            'write "every 30 minutes", or five fields as in cron: "0 8,17 * * mon-fri" (minute hour day month weekday)'
        )
    cron = Cron(
        minutes=_field("minute", fields[0], 0, 59),
        hours=_field("hour", fields[1], 0, 23),
        days=_field("day", fields[2], 1, 31),
        months=_field("month", fields[3], 1, 12, names=_MONTHS, first=1),
        # 7 is Sunday as well.
        weekdays=frozenset(day % 7 for day in _field("weekday", fields[4], 0, 7, names=_DAYS)),
        either=not fields[2].startswith("*") and not fields[4].startswith("*"),
    )
    if not any(cron.holds(date(2024, 1, 1) + number * _DAY) for number in range(366)):
        raise ValueError("there is no such day in any year")
    return cron


def _field(name: str, text: str, low: int, high: int, *, names: tuple[str, ...] = (), first: int = 0) -> frozenset[int]:
    def number(word: str) -> int:
        value = names.index(word) + first if word in names else int(word) if word.isdecimal() else -1
        if not low <= value <= high:
            raise ValueError(f"{word!r} is no {name}: {low} to {high}" + (f", or {names[0]} …" if names else ""))
        return value

    values: set[int] = set()
    for part in text.split(","):
        found = _PART.fullmatch(part)
        if found is None or found[3] == "0":
            raise ValueError(f"{part!r} can't be read as a {name}")
        if found[1] == "*":
            start, end = low, high
        else:
            start = number(found[1])
            end = number(found[2]) if found[2] else high if found[3] else start
        if end < start:
            raise ValueError(f"{part!r} ends before it begins")
        values.update(range(start, end + 1, int(found[3] or 1)))
    return frozenset(values)


def last_slot(schedule: Every | Cron, zone: str, now: datetime) -> datetime | None:
    """The latest time of the schedule that is not after ``now``; None when there is none in eight years."""
    if isinstance(schedule, Every):
        return _EPOCH + (now - _EPOCH) // schedule.span * schedule.span
    today = now.astimezone(ZoneInfo(zone)).date()
    for back in range(-1, _FAR):
        slots = _slots(schedule, zone, today - back * _DAY)
        if slots and slots[0] <= now:
            return slots[bisect_right(slots, now) - 1]
    return None


def next_slot(schedule: Every | Cron, zone: str, now: datetime) -> datetime | None:
    """The first time of the schedule after ``now``; None when there is none in eight years."""
    if isinstance(schedule, Every):
        return _EPOCH + ((now - _EPOCH) // schedule.span + 1) * schedule.span
    today = now.astimezone(ZoneInfo(zone)).date()
    for ahead in range(-1, _FAR):
        slots = _slots(schedule, zone, today + ahead * _DAY)
        if slots and slots[-1] > now:
            return slots[bisect_right(slots, now)]
    return None


@lru_cache(maxsize=512)
def _slots(cron: Cron, zone: str, day: date) -> tuple[datetime, ...]:
    if not cron.holds(day):
        return ()
    times = (time(hour, minute) for hour in cron.hours for minute in cron.minutes)
    return _in_order(_moment(day, at, zone) for at in times)


def _in_order(moments: Iterable[datetime]) -> tuple[datetime, ...]:
    return tuple(sorted(set(moments)))


def _moment(day: date, at: time, zone: str) -> datetime:
    return datetime.combine(day, at, tzinfo=ZoneInfo(zone)).astimezone(UTC)


def hours_of(start: time, end: time, zone: str, now: datetime) -> tuple[tuple[datetime, datetime], ...]:
    """The spans from one wall time to the other that began between the day before yesterday and tomorrow, in order."""
    today = now.astimezone(ZoneInfo(zone)).date()
    over_midnight = 1 if end <= start else 0
    spans = (
        (_moment(day, start, zone), _moment(day + over_midnight * _DAY, end, zone))
        for day in (today + number * _DAY for number in range(-2, 2))
    )
    # A span that lies within the hour that a spring night leaves out has no length.
    return tuple(span for span in spans if span[0] < span[1])
