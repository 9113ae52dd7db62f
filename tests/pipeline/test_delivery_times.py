"""Whatever the clock does, in quiet hours, digests and under caps: nothing is lost, nothing comes twice."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bench.waiting import let_wait
from monitor.alerts import gate
from monitor.alerts.when import is_quiet
from monitor.clock import SimulatedClock
from monitor.model import Channel, DeliveryOutcome, DeliveryState, Priority, Quiet, Rate
from monitor.store import SqliteStore

MINUTE = timedelta(minutes=1)
# Shortly before the clocks of Paris change, in spring and in autumn.
STARTS = (datetime(2026, 3, 28, 18, tzinfo=UTC), datetime(2026, 10, 24, 18, tzinfo=UTC))
ZONES = ("Europe/Paris", "UTC", "Australia/Lord_Howe")


@st.composite
def channels(draw: st.DrawFn) -> Channel:
    zone = draw(st.sampled_from(ZONES))
    start, end = draw(st.lists(st.times(), min_size=2, max_size=2, unique_by=lambda at: (at.hour, at.minute)))
    quiet = Quiet(start=time(start.hour, start.minute), end=time(end.hour, end.minute), zone=zone)
    return Channel(
        name="desk",
        url="json://desk.example",
        zone=zone,
        quiet=draw(st.none() | st.just(quiet)),
        digest=draw(st.sampled_from(["", "every 30 minutes", "30 2 * * *", "0 8,17 * * *"])),
        rate=draw(st.none() | st.just(Rate(count=2, span=timedelta(hours=1)))),
    )


events = st.lists(
    st.one_of(
        st.tuples(st.just("alert"), st.sampled_from([Priority.NORMAL, Priority.URGENT])),
        st.tuples(st.just("pass"), st.integers(1, 600)),
        st.tuples(st.just("back"), st.integers(1, 600)),
        st.tuples(st.just("fail"), st.sampled_from(["failed", "unknown", "killed"])),
    ),
    max_size=25,
)


class Desk:
    """A store with one channel, and what arrived there."""

    def __init__(self, store: SqliteStore, clock: SimulatedClock, channel: Channel) -> None:
        self.store, self.clock, self.channel = store, clock, channel
        self.arrived: Counter[int] = Counter()
        self.doubtful: set[int] = set()
        self.made = 0

    def alert(self, priority: Priority) -> None:
        self.made += 1
        let_wait(self.store, self.clock, [str(self.made)], "desk", priority=priority)

    def send(self, outcome: str = "sent") -> None:
        """Send all that may go now, each once."""
        now = self.clock.now()
        while claimed := self.store.claim_deliveries(
            now, limit=1, lease=MINUTE, busy=(), channels=[gate(self.channel, now)]
        ):
            (one,) = claimed
            if is_quiet(self.channel, now):
                assert all(alert.priority is Priority.URGENT for alert in one.alerts), "quiet hours"
            ids = [alert.alert_id for alert in one.alerts]
            if outcome in {"unknown", "killed"}:
                self.doubtful.update(ids)
            if outcome == "killed":
                self.store.release_claims()
                return
            state = DeliveryState.SENT if outcome == "sent" else DeliveryState.PENDING
            if outcome == "sent":
                self.arrived.update(ids)
            assert self.store.record_outcome(
                DeliveryOutcome(
                    id=one.id, token=one.token, state=state, at=now, due=now + MINUTE,
                    in_doubt=outcome == "unknown", failures=int(outcome != "sent"),
                )
            )  # fmt: skip


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(channels(), st.sampled_from(STARTS), events)
def test_every_alert_comes_once_whatever_the_clock_does(channel: Channel, start: datetime, told: list) -> None:
    with TemporaryDirectory() as folder:
        clock = SimulatedClock(start)
        with SqliteStore.open(Path(folder) / "monitor.db", clock=clock, durable=False) as store:
            desk = Desk(store, clock, channel)
            for what, value in told:
                if what == "alert":
                    desk.alert(value)
                elif what == "pass":
                    clock.advance(value * MINUTE)
                elif what == "back":
                    clock.advance(-value * MINUTE)
                    store.forget_future(clock.now())
                desk.send(value if what == "fail" else "sent")
            # In quiet hours that leave a digest no minute of a day, a day's end is not enough.
            for _ in range(49):
                clock.advance(61 * MINUTE)
                desk.send()
            assert store.integrity_check() == ()
            if channel.quiet is None:
                assert len(desk.arrived) == desk.made, "two days bring every digest"
            wait = Channel(name="desk", url=channel.url)
            desk.channel = wait
            clock.advance(timedelta(hours=1))
            desk.send()
            assert dict(desk.arrived) == dict.fromkeys(range(1, desk.made + 1), 1)
