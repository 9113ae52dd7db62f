"""A spike is more stories in an hour than the watch's own history explains, and never a handful."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pytest

from monitor.alerts import HISTORY, spike_in

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def times(*, hourly: int, last: int, hours: int = 24 * 30) -> list[datetime]:
    """So many stories in each hour before, and so many in the last."""
    before = [
        NOW - back * HOUR - HOUR * (part + 1) / (hourly + 1) for back in range(1, hours) for part in range(hourly)
    ]
    return sorted(before + [NOW - HOUR * (part + 1) / (last + 1) for part in range(last)])


@pytest.mark.parametrize(
    ("hourly", "last", "spikes"),
    [(0, 4, False), (0, 9, True), (2, 6, False), (2, 14, True), (10, 20, False), (10, 32, True)],
)
def test_the_more_is_usual_the_more_it_takes(hourly: int, last: int, spikes: bool) -> None:
    found = spike_in(times(hourly=hourly, last=last), NOW, since=NOW - HISTORY)
    assert (found is not None) is spikes
    if found:
        assert found.count == last
        assert found.expected == pytest.approx(hourly)
        assert found.chance < 1e-4


def test_without_a_week_of_history_there_is_no_usual() -> None:
    assert spike_in(times(hourly=0, last=50), NOW, since=NOW - timedelta(days=6)) is None


def test_a_busy_weekday_explains_itself() -> None:
    """Thirty each Sunday at this hour are no spike on a Sunday."""
    sundays = [NOW - timedelta(weeks=week) - HOUR * (part + 1) / 31 for week in range(5) for part in range(30)]
    assert spike_in(sorted(sundays), NOW, since=NOW - HISTORY) is None


def test_chance_alone_makes_hardly_a_spike_in_a_year() -> None:
    """Poisson stories at 2 an hour: of 2,000 hours looked at, none or one."""
    chance = random.Random(5)
    moments, at = [], NOW - timedelta(days=28 + 84)
    while at < NOW:
        at += HOUR * chance.expovariate(2)
        moments.append(at)
    hours = (NOW - HOUR * back for back in range(2_000))
    assert sum(spike_in(moments, hour, since=NOW - timedelta(days=200)) is not None for hour in hours) <= 1
