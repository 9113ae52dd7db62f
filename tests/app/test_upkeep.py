"""What the operator is told of feeds, through the upkeep's own passes on a real store, in simulated time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path

import pytest
from program import write_config

from monitor.app import Parts, plan_of, read_config
from monitor.app.upkeep import Upkeep
from monitor.clock import SimulatedClock
from monitor.feeds import learn
from monitor.model import AlertKind, Arrival, FeedUpdate

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
FEED = "https://a.example/feed"


class Day:
    """A service's upkeep that can be started anew, and a feed that published each hour until noon."""

    def __init__(self, config: Path, parts: Parts, clock: SimulatedClock) -> None:
        self.parts, self.clock = parts, clock
        self.plan = plan_of(read_config(config, {}))
        parts.store.sync_feeds(tuple(self.plan.feeds.values()), NOON)
        self.rhythm = learn(None, [NOON - HOUR * (n + 0.5) for n in range(40)], looked=None, now=NOON, window=40)
        self.look(rhythm=self.rhythm)
        self.start()

    def start(self) -> None:
        """The service starts (anew): nothing that it held in memory is there."""
        self.upkeep = Upkeep(self.parts, self.clock)

    def look(self, **values) -> None:
        now = self.clock.now()
        feed = self.parts.store.claim_feed(FEED, now, lease=HOUR)
        assert feed is not None
        update = {"checked": now, "next_check": now + HOUR, "interval": HOUR, "etag": None, "last_modified": None}
        self.parts.store.arrive(Arrival(feed=FeedUpdate(feed_id=feed.id, body_hash=None, **{**update, **values})))

    def publish(self) -> None:
        now = self.clock.now()
        self.look(rhythm=learn(self.rhythm, [now], looked=NOON, now=now, window=40))

    def after(self, span: timedelta) -> None:
        """So much later the upkeep looks round."""
        self.clock.advance(span)
        self.upkeep.run(self.plan)

    def told(self) -> list[str]:
        """What was put into the outbox for the operator, oldest first."""
        return [alert.title for alert in reversed(self.parts.store.alerts(99)) if alert.kind is AlertKind.NOTICE]


@pytest.fixture
def day(tmp_path: Path) -> Iterator[Day]:
    channels = '[ops]\nurl = "json://ops.example/"\n'
    config = write_config(
        tmp_path / "config",
        feeds=[f'[[feed]]\nurl = "{FEED}"\nname = "The Delta"\nallow_private = true\n'],
        channels=channels,
        settings='operator = ["ops"]',
    )
    clock = SimulatedClock(NOON)
    with Parts.make(read_config(config, {}), tmp_path / "state", clock=clock, out=StringIO()) as parts:
        yield Day(config, parts, clock)


def test_a_feed_that_fell_silent_is_told_once_and_its_return_once(day: Day) -> None:
    """Over restarts too; that it fails meanwhile is no return."""
    day.after(HOUR)
    assert day.told() == []
    day.after(47 * HOUR)
    (silent,) = day.told()
    assert silent.startswith("feed The Delta is silent: it answers, but has brought nothing new for 2 days")
    for _ in range(2):
        day.start()
        day.after(HOUR)
    day.look(error="no answer", failures=1)
    day.after(HOUR)
    day.look()
    day.after(HOUR)
    assert day.told() == [silent]
    day.publish()
    for _ in range(3):
        day.start()
        day.after(HOUR / 2)
    assert day.told() == [silent, "feed The Delta brings news again"]
    day.after(96 * HOUR)
    assert len(day.told()) == 3, "the next silence is told again"


def test_a_feed_that_fails_is_told_once_over_restarts(day: Day) -> None:
    """And again when it fails after it worked."""
    for _ in range(2):
        day.look(error="no answer", failures=9)
        for _ in range(2):
            day.start()
            day.after(HOUR)
        day.publish()
        day.after(HOUR)
    assert day.told() == ["feed The Delta fails: no answer"] * 2


def test_a_silent_feed_that_leaves_the_config_ends_its_trouble_without_a_word(day: Day) -> None:
    day.after(48 * HOUR)
    day.plan = plan_of(
        read_config(
            write_config(
                day.parts.store.path.parent / "other",
                channels='[ops]\nurl = "json://ops.example/"\n',
                settings='operator = ["ops"]',
            ),
            {},
        )
    )
    day.after(HOUR)
    assert day.parts.store.troubles() == frozenset()
    assert len(day.told()) == 1
