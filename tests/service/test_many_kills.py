"""Two hundred kills at points all along the way, and calls that fail: nothing is lost, no event told by two alerts.

The state lives through all of them while its feeds publish on. The kinds of point take turns: the Nth call to the
database (every other kill; the process kills itself before it), the Nth request that a server or receiver sees (before
or after its answer), the Nth line of the log, or a moment. N and the moment are drawn from a series that each test
always begins alike; two kills may draw the same. ``MONITOR_KILLS`` sets another number of kills.
"""

from __future__ import annotations

import os
import random
import signal
import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from program import item, monitor, query, read_alerts, rss, serve_documents, service, wait_for, write_config
from receivers import Act, HttpSink, SmtpSink
from starting import Started, Starter, starter

KILLS = int(os.environ.get("MONITOR_KILLS", "200"))
STATES = 4
LONGEST = 30.0  # seconds within which each point is reached: the service polls on
CALLS, REQUESTS, LINES, MOMENT = 300, 10, 7, 1.5  # how far the points reach: somewhat beyond the way of an alert
FAILING = 360  # how far the calls reach that fail
OPENING = 60  # so many are made before the service is at work
CHANNELS = ("log", "hook", "desk")
WATCH = '[[watch]]\nname = "Flood"\nany = ["flood"]\nchannels = ["log", "hook", "desk"]\n'


class Point:
    """Where the process is to be killed: at a request of this number, before or after its answer."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._left: int | None = None
        self._at = ""
        self._victim: Started | None = None

    def set(self, victim: Started, at: str, number: int) -> None:
        with self._lock:
            self._victim, self._at, self._left = victim, at, number

    def passed(self, at: str) -> None:
        with self._lock:
            if self._victim is None or self._left is None or at != self._at:
                return
            self._left -= 1
            if self._left == 0:
                self._victim.kill()


class DeadlySink(HttpSink):
    """A webhook whose requests are points."""

    point: Point

    def _answer(self, handler: Any, act: Act) -> None:
        self.point.passed("asked")
        super()._answer(handler, act)
        self.point.passed("answered")


@dataclass
class World:
    """Two outlets that publish on, receivers, and the state that lives through it all."""

    config: Path
    state: Path
    documents: dict[str, bytes]
    hook: HttpSink
    desk: SmtpSink
    point: Point
    chance: random.Random
    items: dict[str, list[str]] = field(default_factory=lambda: {"/a": [], "/b": []})
    told: list[str] = field(default_factory=list)

    def publish(self) -> None:
        """One more event, told by both outlets, and something else beside it."""
        title = f"Flood in {self._word().title()}"
        text = " ".join(self._word() for _ in range(40))
        number = len(self.told)
        self.told.append(title)
        self._print("/a", item(title, text, link=f"https://a.example/{number}", guid=f"{number}"))
        self._print("/a", item(f"Bread in {self._word()}", text[::-1], guid=f"{number}-other"))
        self._print("/b", item(title, text, link=f"https://b.example/{number}", guid=f"{number}"))

    def _print(self, outlet: str, printed: str) -> None:
        self.items[outlet] = [printed, *self.items[outlet]][:60]
        self.documents[outlet] = rss(*self.items[outlet], title=f"Outlet {outlet[1:]}")

    def _word(self) -> str:
        return "".join(self.chance.choice("bdfgklmnprstvz") + self.chance.choice("aeiou") for _ in range(4))

    def kill_once(self, starts: Starter, number: int) -> None:
        """Start the service, and let it get as far as the point of this number."""
        log = self.state / "killed.log"
        log.unlink(missing_ok=True)
        kind = ("call", "asked", "call", "answered", "call", "line", "call", "moment")[number % 8]
        calls = self.chance.randrange(1, CALLS) if kind == "call" else None
        arguments = ("run", "--config", self.config, "--state", self.state, "--log-format", "json")
        process = starts.start(arguments, log, at_call=calls)
        if kind in {"asked", "answered"}:
            self.point.set(process, kind, self.chance.randrange(1, REQUESTS))
        elif kind == "line":
            lines = self.chance.randrange(1, LINES)
            wait_for(lambda: log.exists() and log.read_bytes().count(b"\n") >= lines, seconds=LONGEST)
            process.kill()
        elif kind == "moment":
            process.over.wait(self.chance.uniform(0, MOMENT))
            process.kill()
        assert process.over.wait(LONGEST), f"{kind} was not reached\n{log.read_text()[-3000:]}"
        assert process.status == signal.SIGKILL, log.read_text()[-3000:]

    def fail_once(self, starts: Starter, number: int) -> None:
        """Start the service, let its call of this number fail, and end it when all is told."""
        log = self.state / "failing.log"
        log.unlink(missing_ok=True)
        arguments = ("run", "--config", self.config, "--state", self.state, "--log-format", "json")
        process = starts.start(arguments, log, at_call=number, dies=False)
        wait_for(lambda: process.over.is_set() or self.settled(), seconds=60, why=log.read_text)
        process.kill(signal.SIGTERM)
        assert process.over.wait(LONGEST)
        if os.waitstatus_to_exitcode(process.status):
            assert number < OPENING, log.read_text()[-3000:]
            assert "the disk took no more" in log.read_text()

    def settled(self) -> bool:
        """Whether all that was published was judged and sent."""
        counts = query(
            self.state,
            "SELECT (SELECT count(*) FROM article WHERE state = 'judged'), (SELECT count(*) FROM delivery WHERE state <> 'sent')",
        )
        return counts == [(3 * len(self.told), 0)]


@pytest.fixture
def world(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[World]:
    documents = {"/a": b"", "/b": b""}
    point = Point()
    with serve_documents(documents) as site, DeadlySink() as hook, SmtpSink() as desk:
        hook.point = point
        for path in documents:
            site.around(path, before=lambda: point.passed("asked"), after=lambda: point.passed("answered"))
        config = write_config(
            tmp_path / "config",
            feeds=[site.url(path) for path in documents],
            watches=WATCH,
            channels=f'[hook]\nurl = "{hook.apprise_url}"\nallow_private = true\n[desk]\nurl = "{desk.apprise_url}"\n',
        )
        state = tmp_path / "state"
        state.mkdir()
        yield World(config, state, documents, hook, desk, point, random.Random(request.node.name))


@pytest.mark.parametrize("life", range(STATES))
def test_nothing_is_lost_and_no_event_told_by_two_alerts_wherever_the_service_is_killed(
    world: World, life: int
) -> None:
    """A message arrives twice only where a kill cut a send off, once for each such cut."""
    with starter(world.config) as starts:
        for number in range(life, KILLS, STATES):
            world.publish()
            world.kill_once(starts, number // STATES)
    with service(world.config, world.state) as running:
        running.wait_for(lambda: running.events("started") and world.settled(), seconds=60)
        assert running.stop() == 0

    judge(world)


@pytest.mark.parametrize("life", range(2))
def test_a_service_whose_database_fails_at_any_call_tells_all_without_a_new_start(world: World, life: int) -> None:
    """Only one that can't even open its database ends, and says so; nothing is told twice."""
    world.publish()
    assert monitor("poll", "--config", world.config, "--state", world.state).returncode == 0
    with starter(world.config) as starts:
        for number in range(1 + 12 * life, FAILING, 24):
            world.publish()
            world.fail_once(starts, number)
    assert judge(world) == 0


def judge(world: World) -> int:
    """Hold what arrived against what was published; how many messages came once more."""
    assert query(world.state, "PRAGMA integrity_check") == [("ok",)]
    assert sorted(query(world.state, "SELECT title FROM alert")) == sorted((title,) for title in world.told)
    rows = query(
        world.state,
        "SELECT channel, title, idempotency_key, (SELECT count(*) FROM attempt WHERE delivery = delivery.id"
        " AND outcome = 'unknown') FROM delivery JOIN alert ON alert.id = alert WHERE delivery.state = 'sent'",
    )
    assert Counter((channel, title) for channel, title, _, _ in rows) == Counter(
        (channel, title) for channel in CHANNELS for title in world.told
    )
    arrived = Counter(("log", line["id"]) for line in read_alerts(world.state))
    arrived.update(("hook", post.headers["Idempotency-Key"]) for post in world.hook.posted)
    arrived.update(("desk", mail.message["Message-ID"].strip("<>").partition("@")[0]) for mail in world.desk.mails)
    assert arrived.keys() == {(channel, key) for channel, _, key, _ in rows}
    for channel, title, key, cut_off in rows:
        assert arrived[channel, key] <= 1 + (0 if channel == "log" else cut_off), (channel, title)
    return arrived.total() - len(rows)
