"""Schedules and quiet hours are reckoned from the moment alone: on any day, also those of 23 and 25 hours."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.alerts.schedule import hours_of, last_slot, next_slot, parse_schedule

PARIS = "Europe/Paris"


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "zone", "now", "last", "after"),
    [
        ("every 30 minutes", "UTC", "2026-03-01 12:10", "2026-03-01 12:00", "2026-03-01 12:30"),
        ("every hour", PARIS, "2026-03-01 12:00", "2026-03-01 12:00", "2026-03-01 13:00"),
        ("Every 2 days", "UTC", "2026-03-01 12:10", "2026-02-28 00:00", "2026-03-02 00:00"),
        ("0 8,17 * * mon-fri", PARIS, "2026-03-01 12:00", "2026-02-27 16:00", "2026-03-02 07:00"),
        ("*/15 9-10 * * *", "UTC", "2026-03-01 10:50", "2026-03-01 10:45", "2026-03-02 09:00"),
        ("5/20 * * * *", "UTC", "2026-03-01 10:50", "2026-03-01 10:45", "2026-03-01 11:05"),
        ("0 0 1 * 0", "UTC", "2026-03-02 00:00", "2026-03-01 00:00", "2026-03-08 00:00"),
        ("0 0 13 * fri", "UTC", "2026-03-14 00:00", "2026-03-13 00:00", "2026-03-20 00:00"),
        ("0 12 29 2 *", "UTC", "2026-03-01 00:00", "2024-02-29 12:00", "2028-02-29 12:00"),
        ("0 6 * jan-mar 7", "UTC", "2026-04-01 00:00", "2026-03-29 06:00", "2027-01-03 06:00"),
        # The spring night that has no 02:30: half past three, and once.
        ("30 2 * * *", PARIS, "2026-03-29 12:00", "2026-03-29 01:30", "2026-03-30 00:30"),
        # The autumn night that has it twice: the first.
        ("30 2 * * *", PARIS, "2026-10-25 12:00", "2026-10-25 00:30", "2026-10-26 01:30"),
    ],
)
def test_a_schedule_names_its_last_and_its_next_time(text: str, zone: str, now: str, last: str, after: str) -> None:
    schedule = parse_schedule(text)
    assert last_slot(schedule, zone, utc(now)) == utc(last)
    assert next_slot(schedule, zone, utc(now)) == utc(after)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("every fortnight", "five fields"),
        ("every 45 days", "31 days"),
        ("0 24 * * *", "'24' is no hour: 0 to 23"),
        ("0 0 * foo *", "'foo' is no month: 1 to 12, or jan"),
        ("0 0 * * mon-", "can't be read"),
        ("*/0 * * * *", "can't be read"),
        ("30-10 * * * *", "ends before"),
        ("0 0 30 2 *", "no such day"),
    ],
)
def test_a_schedule_that_can_not_be_read_is_refused_in_words(text: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        parse_schedule(text)


@given(st.datetimes(datetime(2026, 3, 20), datetime(2026, 11, 5), timezones=st.just(UTC)), st.integers(0, 23 * 60))
def test_no_slot_lies_between_the_last_and_the_next_and_each_comes_once(now: datetime, minute: int) -> None:
    """Walking from slot to slot meets as many as there are days, through both changes of the clock."""
    schedule = parse_schedule(f"{minute % 60} {minute // 60} * * *")
    last, after = last_slot(schedule, PARIS, now), next_slot(schedule, PARIS, now)
    assert last is not None
    assert after is not None
    assert last <= now < after
    assert last_slot(schedule, PARIS, after) == after
    assert next_slot(schedule, PARIS, last) == after
    assert timedelta(hours=22) <= after - last <= timedelta(hours=26)


def test_a_schedule_too_far_off_has_no_slot() -> None:
    """Where no year near has the day, nothing is found instead of looking for ever."""
    schedule = parse_schedule("0 0 29 2 *")
    assert next_slot(schedule, "UTC", utc("2096-02-29 00:00")) == utc("2104-02-29 00:00")
    never = parse_schedule("0 0 29 2 *")
    object.__setattr__(never, "days", frozenset())
    assert last_slot(never, "UTC", utc("2026-01-01 00:00")) is None
    assert next_slot(never, "UTC", utc("2026-01-01 00:00")) is None
    parse_schedule.cache_clear()


@pytest.mark.parametrize(
    ("start", "end", "now", "span"),
    [
        (time(22), time(6), "2026-03-01 23:00", ("2026-03-01 21:00", "2026-03-02 05:00")),
        (time(1), time(5), "2026-03-01 02:00", ("2026-03-01 00:00", "2026-03-01 04:00")),
        (time(22), time(6), "2026-03-29 01:00", ("2026-03-28 21:00", "2026-03-29 04:00")),  # seven hours
        (time(22), time(6), "2026-10-25 01:00", ("2026-10-24 20:00", "2026-10-25 05:00")),  # nine hours
        (time(23), time(2, 30), "2026-03-29 01:10", ("2026-03-28 22:00", "2026-03-29 01:30")),
    ],
)
def test_quiet_hours_are_wall_times(start: time, end: time, now: str, span: tuple[str, str]) -> None:
    spans = hours_of(start, end, PARIS, utc(now))
    assert (utc(span[0]), utc(span[1])) in spans
    assert all(first < last for first, last in spans)


def test_quiet_hours_within_the_hour_that_is_left_out_have_no_length() -> None:
    spans = hours_of(time(2, 10), time(2, 10), "UTC", utc("2026-03-29 12:00"))
    assert len(spans) == 4
