"""A feed's publishing rhythm: what is learnt from its entries' times, and what is expected of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.feeds import learn, silent_since
from monitor.feeds.rhythm import expected, pull, rate, weights

NOW = datetime(2024, 7, 23, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def hourly(count: int, *, now: datetime = NOW, step: timedelta = HOUR):
    times = [now - step * (n + 0.5) for n in range(count)]
    return learn(None, times, looked=None, now=now, window=count)


def test_the_first_document_already_tells_how_much_a_feed_publishes():
    assert rate(hourly(30), NOW) == pytest.approx(1.0, rel=0.1)
    assert rate(hourly(30, step=DAY), NOW) * 24 == pytest.approx(1.0, rel=0.15)


def test_an_old_entry_that_stays_on_top_does_not_make_a_busy_feed_a_quiet_one():
    times = [NOW - HOUR * n for n in range(30)] + [NOW - 900 * DAY, NOW - 2000 * DAY]
    assert rate(learn(None, times, looked=None, now=NOW, window=32), NOW) == pytest.approx(1.0, rel=0.15)


@pytest.mark.parametrize("times", [[], [NOW], [NOW + DAY]])
def test_little_is_believed_where_little_is_known(times):
    """Without dates, with one, and with one of tomorrow: half an entry in the first hour, less with each that passes."""
    rhythm = learn(None, times, looked=None, now=NOW, window=1)
    assert 0.4 < rate(rhythm, NOW) <= 0.5
    assert rate(rhythm, NOW + DAY) < 0.05
    assert expected(rhythm, NOW, NOW + HOUR) == pytest.approx(rate(rhythm, NOW), rel=0.05)


def test_a_feed_that_falls_silent_is_expected_to_bring_less_and_less():
    rhythm = hourly(200)
    rates = [rate(rhythm, NOW + DAY * days) for days in (0, 7, 30, 90)]
    assert rates == sorted(rates, reverse=True)
    assert rates[-1] < rates[0] / 20


def test_entries_count_from_when_they_can_have_come():
    """One that is dated before the last look was not there then."""
    rhythm = hourly(48)
    looked, now = NOW, NOW + 2 * HOUR
    late = learn(rhythm, [NOW - 20 * DAY], looked=looked, now=now, window=48)
    assert late.last == looked
    assert late.longest_pause == rhythm.longest_pause
    undated = learn(rhythm, [NOW - 20 * DAY], looked=None, now=now, window=48)
    assert undated.last == rhythm.last


def test_hours_that_were_never_watched_count_as_average_ones():
    """Thirty entries of one morning say nothing of the evening."""
    rhythm = hourly(30, step=timedelta(minutes=10))
    busy = {round(weight, 1) for _, weight in weights(rhythm, NOW.replace(hour=18), NOW.replace(hour=23))}
    assert all(0.5 < weight <= 1.3 for weight in busy)


def test_what_is_expected_of_a_whole_week_is_its_rate():
    rhythm = hourly(500)
    assert expected(rhythm, NOW, NOW + 7 * DAY) == pytest.approx(168 * rate(rhythm, NOW), rel=0.05)
    assert pull(rhythm, NOW) == pytest.approx(rate(rhythm, NOW) ** 0.5, rel=0.05)


def test_a_batch_is_one_moment():
    times = [NOW - DAY * day + timedelta(minutes=minute) for day in range(1, 11) for minute in range(5)]
    rhythm = learn(None, times, looked=None, now=NOW, window=50)
    assert 7 < rhythm.moments < 11
    assert rhythm.longest_pause < 1.1 * DAY


@pytest.mark.parametrize(
    ("rhythm", "after", "silent"),
    [
        (hourly(100), 5 * HOUR, False),
        (hourly(100), 12 * HOUR, True),
        (hourly(30, step=7 * DAY), 20 * DAY, False),
        (hourly(30, step=7 * DAY), 120 * DAY, True),
        (hourly(3), 30 * DAY, False),  # too little is known
        (learn(None, [], looked=None, now=NOW, window=0), 30 * DAY, False),
    ],
)
def test_a_feed_is_silent_when_its_pause_is_a_wonder_by_its_own_rhythm(rhythm, after, silent):
    assert silent_since(rhythm, NOW + after) == (rhythm.last if silent else None)


def test_a_feed_that_has_paused_as_long_before_is_not_called_silent():
    times = [NOW - 40 * DAY - HOUR * n for n in range(100)] + [NOW - HOUR * n for n in range(100)]
    rhythm = learn(None, times, looked=None, now=NOW, window=200)
    assert silent_since(rhythm, NOW + 30 * DAY) is None


@given(
    st.lists(st.datetimes(datetime(2020, 1, 1), datetime(2026, 1, 1), timezones=st.just(UTC)), max_size=50),
    st.lists(st.datetimes(datetime(2020, 1, 1), datetime(2026, 1, 1), timezones=st.just(UTC)), max_size=20),
    st.none() | st.just(NOW - DAY),
)
def test_whatever_dates_a_feed_has_its_rhythm_makes_sense(first, more, looked):
    rhythm = learn(None, first, looked=None, now=NOW - DAY, window=len(first))
    rhythm = learn(rhythm, more, looked=looked, now=NOW, window=len(first))
    assert rate(rhythm, NOW) > 0
    assert all(weight > 0 for _, weight in weights(rhythm, NOW, NOW + 7 * DAY))
    assert rhythm.last is None or rhythm.last <= NOW
    assert rhythm.longest_pause >= timedelta(0)
