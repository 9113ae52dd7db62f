"""The budget of looks worked out from what is stored, and what is told of feeds that are not well."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from monitor.clock import SimulatedClock
from monitor.feeds import learn
from monitor.model import Arrival, Feed, FeedAsks, FeedUpdate, FetchFault, Moved, Rhythm, Settings
from monitor.pipeline import Plan, work_out_pace
from monitor.rules import build
from monitor.showing import Ailment, ailments
from monitor.store import FeedRow, SqliteStore

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
FEEDS = tuple(Feed(url=f"https://n{n}.example/", interval_max=DAY) for n in range(4))


def rhythm(step: timedelta) -> Rhythm:
    return learn(None, [NOON - step * (n + 0.5) for n in range(40)], looked=None, now=NOON, window=40)


def plan(*, budget: int = 0, feeds: tuple[Feed, ...] = FEEDS) -> Plan:
    settings = Settings(requests_a_day=budget)
    return Plan(
        settings=settings, feeds={feed.url: feed for feed in feeds}, watches={}, channels={}, rules=build([], {})
    )


@pytest.fixture
def store(tmp_path: Path):
    with SqliteStore.open(tmp_path / "monitor.db", clock=SimulatedClock(NOON)) as opened:
        opened.sync_feeds(FEEDS, NOON)
        yield opened


def stored(store: SqliteStore, feed: Feed, **values) -> FeedRow:
    due = store.claim_feed(feed.url, NOON, lease=HOUR)
    assert due is not None
    update = {"checked": NOON, "next_check": NOON + HOUR, "interval": HOUR, "etag": None, "last_modified": None}
    store.arrive(Arrival(feed=FeedUpdate(feed_id=due.id, body_hash=None, **{**update, **values})))
    (row,) = (row for row in store.feeds() if row.url == feed.url)
    return row


def test_the_budget_is_shared_out_by_what_each_feed_publishes(store: SqliteStore) -> None:
    """Every feed that is configured has its share, also one that was never looked at."""
    stored(store, FEEDS[0], rhythm=rhythm(HOUR))
    stored(store, FEEDS[1], rhythm=rhythm(DAY), asks=FeedAsks(ttl=HOUR))
    for budget, looks in ((0, 4 * 72), (250, 250), (400, 400)):
        pace = work_out_pace(store, plan(budget=budget), NOON)
        assert pace.looks == pytest.approx(looks, rel=0.02)
        assert not pace.over
    assert work_out_pace(store, plan(budget=400), NOON).price > work_out_pace(store, plan(budget=250), NOON).price


def test_a_budget_below_what_the_bounds_ask_for_is_said_to_be_over(store: SqliteStore) -> None:
    """Two feeds that were never looked at need 96 looks each by themselves."""
    pace = work_out_pace(store, plan(budget=100), NOON)
    assert pace.over
    assert pace.looks > 192
    assert not work_out_pace(store, plan(budget=100, feeds=()), NOON).over


def test_the_usual_budget_is_no_bound_that_a_person_set(store: SqliteStore) -> None:
    """Feeds that were never looked at need more than it; nobody asked for less."""
    pace = work_out_pace(store, plan(budget=0), NOON)
    assert pace.looks > pace.budget * 1.1
    assert not pace.over


def test_what_is_known_of_a_feed_comes_back_from_the_store_as_it_was(store: SqliteStore) -> None:
    known = rhythm(HOUR)
    asks = FeedAsks(ttl=HOUR, skip_hours=(0, 1), skip_days=(6,), hub="https://hub.example/", paged=True)
    moved = Moved(to="https://new.example/", since=NOON - DAY, looks=3)
    row = stored(
        store, FEEDS[0], rhythm=known, asks=asks, moved=moved, why="so", closest=HOUR / 3, whole_at=NOON - DAY,
        distrust_until=NOON + DAY, gap="none found", etag='"1"',
    )  # fmt: skip
    assert (row.asks, row.moved, row.why, row.gaps, row.gap, row.last_gap) == (asks, moved, "so", 1, "none found", NOON)
    due = store.claim_feed(FEEDS[0].url, NOON + HOUR, lease=HOUR)
    assert due is not None
    assert (due.asks, due.moved, due.closest, due.whole_at) == (asks, moved, HOUR / 3, NOON - DAY)
    assert (due.distrust_until, due.last_ok) == (NOON + DAY, NOON)
    assert due.rhythm is not None
    assert due.rhythm.hours == pytest.approx(known.hours, rel=0.001)
    assert (due.rhythm.since, due.rhythm.last, due.rhythm.longest_pause) == (
        known.since,
        known.last,
        known.longest_pause,
    )
    store.postpone(due.id, NOON + 2 * HOUR, "later")
    store.arrive(
        Arrival(
            feed=FeedUpdate(
                feed_id=due.id, checked=NOON + HOUR, next_check=NOON + DAY, interval=HOUR, etag=None,
                last_modified=None, body_hash=None,
            )
        )
    )  # fmt: skip
    kept = store.claim_feed(FEEDS[0].url, NOON + DAY, lease=HOUR)
    assert kept is not None
    assert (kept.asks, kept.rhythm, kept.moved, kept.closest) == (asks, due.rhythm, None, None)


def test_a_feed_that_is_put_off_keeps_its_state(store: SqliteStore) -> None:
    """Its claim ends; a failure that was not its own is taken back."""
    stored(store, FEEDS[0], error="no answer", fault=FetchFault.CONNECT, failures=2)
    due = store.claim_feed(FEEDS[0].url, NOON, lease=HOUR)
    assert due is not None
    store.postpone(due.id, NOON + 3 * HOUR, "the host is tired")
    (row,) = (row for row in store.feeds() if row.url == FEEDS[0].url)
    assert (row.error, row.failures, row.next_check, row.why) == ("no answer", 2, NOON + 3 * HOUR, "the host is tired")
    assert store.claim_feed(FEEDS[0].url, NOON, lease=HOUR) is not None
    store.forgive([due.id], NOON + HOUR)
    (row,) = (row for row in store.feeds() if row.url == FEEDS[0].url)
    assert (row.failures, row.next_check) == (1, NOON + HOUR)


@pytest.mark.parametrize(
    ("values", "after", "kinds", "words"),
    [
        ({}, HOUR, [], ""),
        ({"rhythm": rhythm(HOUR)}, 3 * HOUR, [], ""),
        ({"rhythm": rhythm(HOUR)}, 48 * HOUR, [Ailment.SILENT], "nothing new for 2 days; its longest pause before was"),
        ({"rhythm": rhythm(HOUR / 2)}, 8 * HOUR, [Ailment.SILENT], "for 8 h; its longest pause before was 30 min"),
        ({"error": "no answer", "failures": 3}, HOUR, [Ailment.FAILING], "3 in a row; it never worked"),
        ({"error": "it is gone", "gone": True}, HOUR, [Ailment.GONE], "take it out of the config"),
        ({"gap": "2 missed entries were found"}, HOUR, [Ailment.GAP], "once so far; 2 missed entries were found"),
        ({"gap": "2 missed entries were found"}, 8 * DAY, [], ""),
        ({"distrust_until": NOON + DAY}, HOUR, [Ailment.STUCK], "calls changed documents unchanged"),
        ({"distrust_until": NOON + DAY}, 2 * DAY, [], ""),
        (
            {"moved": Moved(to="https://new.example/", since=NOON, looks=9)},
            DAY,
            [Ailment.MOVED],
            "to https://new.example/",
        ),
        ({"problems": ("odd dates",)}, HOUR, [Ailment.ODD], "odd dates"),
    ],
)
def test_each_ailment_is_told_in_a_sentence(store: SqliteStore, values, after, kinds, words) -> None:
    row = stored(store, FEEDS[0], **values)
    found = ailments(row, NOON + after)
    assert [kind for kind, _ in found] == kinds
    assert words in " ".join(said for _, said in found)


def test_a_feed_that_worked_once_is_told_since_when_it_fails(store: SqliteStore) -> None:
    stored(store, FEEDS[0])
    row = stored(store, FEEDS[0], error="no answer", failures=1, checked=NOON + HOUR)
    ((_, words),) = ailments(row, NOON + 30 * HOUR)
    assert words == "no answer (1 in a row; it last worked 30 h ago)"
