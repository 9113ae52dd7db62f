"""When a feed is looked at next: its rhythm, its bounds, and what the server asks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.feeds import CheckReason, NextCheck, next_check
from monitor.model import Feed

NOW = datetime(2024, 7, 23, 12, tzinfo=UTC)
FEED = Feed(url="https://e.example/feed", interval_min=timedelta(minutes=5), interval_max=timedelta(hours=2))
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def check(*, interval=HOUR, found_new=False, failures=0, chance=0.5, feed=FEED, **asked) -> NextCheck:
    return next_check(
        now=NOW, feed=feed, interval=interval, found_new=found_new, failures=failures, chance=chance,
        retry_after=asked.get("retry_after"), max_age=asked.get("max_age"), ttl=asked.get("ttl"),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("given_", "wait", "rhythm", "reason"),
    [
        ({"interval": None, "found_new": True}, 15 * MINUTE, 15 * MINUTE, CheckReason.FIRST),
        ({"found_new": True}, 30 * MINUTE, 30 * MINUTE, CheckReason.BROUGHT_NEW),
        ({}, 90 * MINUTE, 90 * MINUTE, CheckReason.NOTHING_NEW),
        ({"max_age": 100 * MINUTE}, 100 * MINUTE, 90 * MINUTE, CheckReason.SERVER_ASKS),
        ({"ttl": 100 * MINUTE}, 100 * MINUTE, 90 * MINUTE, CheckReason.SERVER_ASKS),
        ({"max_age": 365 * DAY}, 2 * HOUR, 90 * MINUTE, CheckReason.SERVER_ASKS),
        ({"failures": 1}, 5 * MINUTE, HOUR, CheckReason.FAILED),
        ({"failures": 4}, 40 * MINUTE, HOUR, CheckReason.FAILED),
        ({"failures": 400}, DAY, HOUR, CheckReason.FAILED),
        ({"failures": 1, "interval": None}, 5 * MINUTE, 15 * MINUTE, CheckReason.FAILED),
        ({"failures": 1, "retry_after": HOUR}, 63 * MINUTE, HOUR, CheckReason.RETRY_AFTER),
        ({"failures": 1, "retry_after": 90 * DAY}, 1.05 * DAY, HOUR, CheckReason.RETRY_AFTER),
        ({"failures": 4, "retry_after": MINUTE}, 40 * MINUTE, HOUR, CheckReason.FAILED),
    ],
)
def test_each_outcome_has_its_wait_and_its_reason(given_, wait, rhythm, reason):
    """At the middle of chance there is no jitter, except where it may only add."""
    assert check(**given_) == NextCheck(at=NOW + wait, interval=rhythm, reason=reason)


def test_a_feed_looked_at_more_seldom_than_daily_backs_off_to_its_own_bound():
    weekly = Feed(url="https://e.example/f", interval_min=DAY, interval_max=7 * DAY)
    assert check(feed=weekly, failures=9).at == NOW + 7 * DAY


_SPAN = st.timedeltas(timedelta(0), timedelta(days=40))
_MAYBE = st.none() | _SPAN
_CHANCE = st.floats(0, 1, exclude_max=True)


@settings(deadline=None)
@given(_SPAN, _SPAN, _MAYBE, st.booleans(), _MAYBE, _MAYBE, _CHANCE)
def test_after_a_good_look_the_persons_bounds_hold(one, other, interval, found_new, max_age, ttl, chance):
    feed = Feed(url="https://e.example/f", interval_min=min(one, other), interval_max=max(one, other))
    found = check(feed=feed, interval=interval, found_new=found_new, max_age=max_age, ttl=ttl, chance=chance)
    low = max(feed.interval_min, timedelta(seconds=1))
    high = max(feed.interval_max, low)
    assert low <= found.interval <= high
    assert low <= found.at - NOW <= high


@settings(deadline=None)
@given(st.integers(1, 10_000), _MAYBE, _CHANCE)
def test_the_server_is_never_asked_before_the_time_it_named(failures, retry_after, chance):
    found = check(failures=failures, retry_after=retry_after, chance=chance)
    assert found.at - NOW >= min(retry_after or timedelta(0), DAY)
    assert found.at - NOW <= 1.1 * DAY


@settings(deadline=None)
@given(_CHANCE, _CHANCE)
def test_chance_spreads_looks_by_ten_per_cent(one, other):
    first, second = check(chance=one).at - NOW, check(chance=other).at - NOW
    assert 81 * MINUTE <= first <= 99 * MINUTE
    assert (one < other) <= (first <= second)


@pytest.mark.parametrize(("interval", "found_new"), [(5 * MINUTE, True), (2 * HOUR, False)])
def test_feeds_at_a_bound_are_spread_too(interval, found_new):
    assert len({check(interval=interval, found_new=found_new, chance=n / 20).at for n in range(11)}) == 11
