"""When a feed is looked at next: its rhythm, the budget, its bounds, and what the server and the feed ask."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.feeds import CheckReason, Demand, NextCheck, demand_of, fair_price, learn, looks_a_day, next_check
from monitor.model import Feed, FeedAsks, Rhythm

NOW = datetime(2024, 7, 23, 12, tzinfo=UTC)  # a Tuesday
FEED = Feed(url="https://e.example/feed", interval_min=timedelta(minutes=5), interval_max=timedelta(hours=2))
WIDE = Feed(url="https://e.example/feed", interval_min=timedelta(minutes=1), interval_max=timedelta(days=2))
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def steady(a_day: float, *, days: int = 28, window: int = 1000, now: datetime = NOW) -> Rhythm:
    """A feed that publishes day and night alike."""
    count = int(a_day * days)
    times = [now - timedelta(days=days) + timedelta(days=(n + 0.5) / a_day) for n in range(count)]
    return learn(None, times, looked=None, now=now, window=window)


def by_day(*, days: int = 28, hours: range = range(8, 18), now: datetime = NOW) -> Rhythm:
    """A feed of one entry an hour in the hours of work, from Monday to Friday."""
    start = now.replace(hour=0) - timedelta(days=days)
    times = [
        start + timedelta(days=day, hours=hour, minutes=30)
        for day in range(days + 1)
        for hour in hours
        if (start + timedelta(days=day)).weekday() < 5
    ]
    return learn(None, [time for time in times if time < now], looked=None, now=now, window=1000)


def check(*, now=NOW, interval=HOUR, chance=0.5, feed=FEED, **asked) -> NextCheck:
    return next_check(now=now, feed=feed, interval=interval, chance=chance, **asked)


def wait(**asked) -> timedelta:
    return check(**asked).at - asked.get("now", NOW)


@pytest.mark.parametrize(
    ("given_", "wait", "reason"),
    [
        ({"interval": None}, 15 * MINUTE, CheckReason.FIRST),
        ({"max_age": 100 * MINUTE}, 100 * MINUTE, CheckReason.SERVER_ASKS),
        ({"asks": FeedAsks(ttl=100 * MINUTE)}, 100 * MINUTE, CheckReason.SERVER_ASKS),
        ({"max_age": 365 * DAY}, 2 * HOUR, CheckReason.SERVER_ASKS),
        ({"failures": 1}, 5 * MINUTE, CheckReason.FAILED),
        ({"failures": 4}, 40 * MINUTE, CheckReason.FAILED),
        ({"failures": 400}, DAY, CheckReason.FAILED),
        ({"failures": 1, "interval": None}, 5 * MINUTE, CheckReason.FAILED),
        ({"failures": 1, "retry_after": HOUR}, 63 * MINUTE, CheckReason.RETRY_AFTER),
        ({"failures": 1, "retry_after": 90 * DAY}, 1.05 * DAY, CheckReason.RETRY_AFTER),
        ({"failures": 4, "retry_after": MINUTE}, 40 * MINUTE, CheckReason.FAILED),
        ({"rhythm": steady(2000)}, 5 * MINUTE, CheckReason.SHORTEST),
        ({"rhythm": steady(0.05, days=200), "price": 0.5}, 2 * HOUR, CheckReason.LONGEST),
        ({"gap": 40 * MINUTE, "rhythm": steady(1)}, 20 * MINUTE, CheckReason.GAP),
        ({"closest": 20 * MINUTE, "rhythm": steady(1)}, 25 * MINUTE, CheckReason.GAP),
    ],
)
def test_each_outcome_has_its_wait_and_its_reason(given_, wait, reason):
    """At the middle of chance there is no jitter, except where it may only add."""
    found = check(**given_)
    assert (found.at - NOW, found.reason) == (wait, reason)
    assert found.why


@pytest.mark.parametrize(("a_day", "minutes"), [(24, 20), (96, 10), (384, 5)])
def test_looks_come_as_densely_as_the_square_root_of_the_rate(a_day, minutes):
    """Four times the entries are worth twice the looks: so the delay of all entries together is least."""
    found = check(rhythm=steady(a_day), feed=WIDE, price=3.0)
    assert found.reason is CheckReason.RHYTHM
    assert found.interval / MINUTE == pytest.approx(minutes, rel=0.1)
    assert f"{a_day}" in found.why or "entries a day" in found.why


def test_a_feed_is_looked_at_when_it_publishes_and_left_alone_when_it_sleeps():
    noon, night = (by_day(now=NOW.replace(hour=hour)) for hour in (12, 23))
    at_noon = wait(rhythm=noon, feed=WIDE, price=2.0)
    at_night = wait(rhythm=night, feed=WIDE, price=2.0, now=NOW.replace(hour=23))
    assert at_night > 3 * at_noon


def test_the_weekend_is_learnt_too():
    friday, saturday = (by_day(now=datetime(2024, 7, day, 12, tzinfo=UTC)) for day in (26, 27))
    on_friday = check(rhythm=friday, feed=WIDE, now=datetime(2024, 7, 26, 12, tzinfo=UTC)).interval
    on_saturday = check(rhythm=saturday, feed=WIDE, now=datetime(2024, 7, 27, 12, tzinfo=UTC)).interval
    assert on_saturday > 1.5 * on_friday


def test_a_feed_that_lists_few_entries_is_looked_at_before_they_run_out():
    """At most half of what it lists may come between two looks."""
    found = check(rhythm=steady(240, window=10), feed=WIDE, price=0.2)
    assert found.reason is CheckReason.WINDOW
    assert found.interval / MINUTE == pytest.approx(30, rel=0.1)
    assert "lists only 10 entries" in found.why


def test_of_a_feed_with_one_entry_nothing_is_expected_to_run_out():
    assert check(rhythm=steady(240, window=1), feed=WIDE, price=0.2).reason is CheckReason.RHYTHM


def test_what_a_gap_has_taught_is_forgotten_look_by_look():
    rhythm = steady(1)
    closest = check(gap=16 * MINUTE, rhythm=rhythm).closest
    seen = [closest]
    while closest is not None:
        closest = check(closest=closest, rhythm=rhythm).closest
        seen.append(closest)
    assert seen[0] == 8 * MINUTE
    assert seen[:-1] == sorted(seen[:-1])
    assert 10 < len(seen) < 20


@pytest.mark.parametrize(
    ("asks", "now", "opened"),
    [
        (FeedAsks(skip_hours=(12, 13, 14)), NOW, datetime(2024, 7, 23, 15, tzinfo=UTC)),
        (FeedAsks(skip_days=(1,)), NOW, datetime(2024, 7, 24, tzinfo=UTC)),
        (FeedAsks(skip_days=(5, 6)), datetime(2024, 7, 27, 1, tzinfo=UTC), datetime(2024, 7, 29, tzinfo=UTC)),
        (FeedAsks(skip_days=(0, 1, 2, 3, 4, 5), skip_hours=(1,)), NOW, None),
        (FeedAsks(skip_hours=(3,)), NOW, None),
    ],
)
def test_hours_and_days_in_which_the_feed_says_that_it_is_silent_are_passed_over(asks, now, opened):
    """But never more than three days on end. What is opened at once is not asked at once by everybody."""
    found = check(now=now, asks=asks, rhythm=steady(24, now=now))
    if opened is None:
        assert found.reason is CheckReason.RHYTHM
    else:
        assert found.reason is CheckReason.SKIPPED
        assert opened <= found.at <= opened + 10 * MINUTE


def test_a_feed_looked_at_more_seldom_than_daily_backs_off_to_its_own_bound():
    weekly = Feed(url="https://e.example/f", interval_min=DAY, interval_max=7 * DAY)
    assert check(feed=weekly, failures=9).at == NOW + 7 * DAY


_SPAN = st.timedeltas(timedelta(0), timedelta(days=40))
_MAYBE = st.none() | _SPAN
_CHANCE = st.floats(0, 1, exclude_max=True)
_RHYTHMS = st.sampled_from([None, steady(0.1), steady(5), steady(300), steady(300, window=4), by_day()])


@settings(max_examples=200)
@given(_SPAN, _SPAN, _RHYTHMS, st.floats(0.001, 1000), _MAYBE, _MAYBE, _MAYBE, _MAYBE, _CHANCE)
def test_after_a_good_look_the_persons_bounds_hold(one, other, rhythm, price, max_age, ttl, gap, closest, chance):
    feed = Feed(url="https://e.example/f", interval_min=min(one, other), interval_max=max(one, other))
    found = check(
        feed=feed, rhythm=rhythm, price=price, max_age=max_age, asks=FeedAsks(ttl=ttl), gap=gap, closest=closest,
        chance=chance,
    )  # fmt: skip
    low = max(feed.interval_min, timedelta(seconds=1))
    high = max(feed.interval_max, low)
    assert low <= found.at - NOW <= high
    assert found.interval <= high


@given(st.integers(1, 10_000), _MAYBE, _CHANCE)
def test_the_server_is_never_asked_before_the_time_it_named(failures, retry_after, chance):
    found = check(failures=failures, retry_after=retry_after, chance=chance)
    assert found.at - NOW >= min(retry_after or timedelta(0), DAY)
    assert found.at - NOW <= 1.1 * DAY


@given(_CHANCE, _CHANCE)
def test_chance_spreads_looks_by_ten_per_cent(one, other):
    first, second = (wait(chance=chance, max_age=90 * MINUTE, rhythm=steady(24)) for chance in (one, other))
    assert 90 * MINUTE <= min(first, second) <= max(first, second) <= 99 * MINUTE
    first, second = (wait(chance=chance, rhythm=steady(24)) for chance in (one, other))
    middle = wait(rhythm=steady(24))
    assert 0.9 * middle <= first <= 1.1 * middle
    assert (one < other) <= (first <= second)


@pytest.mark.parametrize("rhythm", [steady(2000), steady(0.001, days=300)])
def test_feeds_at_a_bound_are_spread_too(rhythm):
    assert len({check(rhythm=rhythm, price=1.0, chance=n / 20).at for n in range(11)}) == 11


# --- the budget ---


def demands(*, feed=WIDE, asks=None) -> list[Demand]:
    rhythms = [steady(rate) for rate in (0.2, 1, 5, 24, 200)] + [None]
    return [demand_of(rhythm, feed, asks or FeedAsks(), NOW) for rhythm in rhythms]


@pytest.mark.parametrize("budget", [150, 400, 2000])
def test_the_looks_of_all_feeds_come_to_the_budget(budget):
    found = demands()
    assert looks_a_day(found, fair_price(found, budget)) == pytest.approx(budget, rel=0.01)


def test_bounds_stand_above_the_budget():
    """Six feeds that must be looked at every two hours need 72 looks; every five minutes is 288 for each."""
    found = demands(feed=FEED)
    assert looks_a_day(found, fair_price(found, 10)) >= 72
    assert looks_a_day(found, fair_price(found, 1e6)) <= 6 * 288


def test_what_a_feed_asks_for_frees_its_looks_for_others():
    asked = demands(asks=FeedAsks(ttl=timedelta(hours=12)))
    assert looks_a_day(asked, 1e4) == pytest.approx(6 * 2, rel=0.01)


def test_a_feed_that_lists_few_entries_gets_the_looks_that_it_needs():
    demand = demand_of(steady(240, window=10), WIDE, FeedAsks(), NOW)
    assert demand.least == pytest.approx(2, rel=0.1)
    assert demand_of(steady(240, window=1), WIDE, FeedAsks(), NOW).least == HOUR / WIDE.interval_max


def test_while_a_hub_pushes_looks_wait_for_the_longest_interval_or_the_leases_end() -> None:
    """And no longer: whatever is left of the lease bounds the wait, and a lease that is over counts for nothing."""
    busy = steady(200)
    assert wait(rhythm=busy) < HOUR
    pushed = check(rhythm=busy, pushed_until=NOW + 10 * DAY)
    assert (pushed.at - NOW, pushed.reason) == (2 * HOUR, CheckReason.PUSHED)
    assert wait(rhythm=busy, pushed_until=NOW + 100 * MINUTE) == 100 * MINUTE
    assert wait(rhythm=busy, pushed_until=NOW - HOUR) == wait(rhythm=busy)
