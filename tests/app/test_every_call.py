"""One short journey, poll to sent, in which every call to the database and every piece on the network fails in its turn.

After each failure the process starts anew, as a service manager would have it: nothing may be lost, nothing told twice.
"""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from failing import Count, Wire, failing_database, full_database, wire
from program import item, query, read_alerts, rss, serve_documents, write_config
from receivers import HttpSink, SmtpSink

from monitor.app import DATABASE, Parts, one_pass, plan_of, read_config
from monitor.clock import SystemClock
from monitor.errors import StoreError, StoreFull
from monitor.parsing import ProcessParser

CHANNELS = ("log", "hook", "desk")
WATCH = '[[watch]]\nname = "Flood"\nany = ["flood"]\nchannels = ["log", "hook", "desk"]\n'
DELTA = "The river rose by two metres in the night, and the flood took the bridge of Kamenka with it."
PAGE = (
    f"<html lang='en'><body><article><h1>Delta</h1><p>{DELTA}</p><p>{DELTA[::-1]}</p></article></body></html>".encode()
)
ARTICLES = 3


class LaterClock(SystemClock):
    """The machine's clock, ahead by as much as a test says: whoever waits for a later try need not."""

    ahead = timedelta(0)

    def now(self):
        return super().now() + self.ahead


@dataclass
class Journey:
    """A small world, and one state that a process works on."""

    config: Path
    hook: HttpSink
    desk: SmtpSink
    wire: Wire
    parser: ProcessParser
    folder: Path
    documents: dict[str, bytes]
    clock: LaterClock = field(default_factory=LaterClock)
    number: int = 0

    @property
    def state(self) -> Path:
        return self.folder / f"state-{self.number}"

    def begin(self) -> None:
        """The same world once more, and a state in which nothing was told yet."""
        empty = self.folder / "empty.db"
        if not empty.exists():
            with self.parts(self.folder):
                pass
            (self.folder / DATABASE).rename(empty)
        self.number += 1
        self.clock.ahead = timedelta(0)
        self.state.mkdir()
        shutil.copyfile(empty, self.state / DATABASE)
        self.hook.forget()
        self.desk.forget()

    def parts(self, state: Path) -> Parts:
        return Parts.make(read_config(self.config, {}), state, clock=self.clock, out=StringIO())

    def one_pass(self) -> None:
        """What ``monitor poll`` does, from the opening of the database to its closing."""
        plan = plan_of(read_config(self.config, {}))
        with self.parts(self.state) as parts:
            # The workers that read feeds are no part of this: new ones each time would cost more than all the rest.
            poller, pages = (replace(part, parser=self.parser) for part in (parts.poller, parts.pages))
            parts.store.release_claims()
            one_pass(
                replace(parts, poller=poller, pages=pages),
                plan,
                tuple(plan.feeds),
                clock=self.clock,
                advance=lambda: None,
            )

    def until_settled(self) -> None:
        """Start again, each time as late as the next try may be, until nothing waits."""
        for _ in range(4):
            self.clock.ahead += timedelta(hours=1)
            self.one_pass()
            if self.settled():
                return
        raise AssertionError(query(self.state, "SELECT channel, state, due, detail FROM delivery"))

    def settled(self) -> bool:
        return query(
            self.state,
            "SELECT (SELECT count(*) FROM article WHERE state = 'judged'), (SELECT count(*) FROM delivery WHERE state <> 'sent')",
        ) == [(ARTICLES, 0)]

    def judge(self) -> int:
        """Hold what arrived against what was published; how many messages came once more."""
        assert query(self.state, "PRAGMA integrity_check") == [("ok",)]
        assert query(self.state, "SELECT watch, title FROM alert") == [("Flood", "Flood in the delta")]
        rows = query(
            self.state,
            "SELECT channel, idempotency_key, (SELECT count(*) FROM attempt WHERE delivery = delivery.id"
            " AND outcome = 'unknown') FROM delivery WHERE state = 'sent' ORDER BY id",
        )
        assert [channel for channel, _, _ in rows] == list(CHANNELS)
        arrived = Counter(("log", line["id"]) for line in read_alerts(self.state))
        arrived.update(("hook", post.headers["Idempotency-Key"]) for post in self.hook.posted)
        arrived.update(("desk", mail.message["Message-ID"].strip("<>").partition("@")[0]) for mail in self.desk.mails)
        assert arrived.keys() == {(channel, key) for channel, key, _ in rows}
        for channel, key, unknown in rows:
            # Once more only where nobody could know of the first; the file of alerts can be looked into.
            assert arrived[channel, key] <= 1 + (0 if channel == "log" else unknown), (channel, rows)
        return arrived.total() - len(rows)


@pytest.fixture
def journey(tmp_path: Path) -> Iterator[Journey]:
    """Two feeds that tell one event, one of them in a page; a file, a webhook and a mailbox to tell it to."""
    documents = {"/a": b"", "/b": b"", "/robots.txt": b"User-agent: *\nDisallow:", "/delta": PAGE}
    with serve_documents(documents) as site, HttpSink() as hook, SmtpSink() as desk, wire() as relay:
        web = f"http://127.0.0.1:{relay.to(site.server.port)}"
        documents["/a"] = rss(
            item("Flood in the delta", DELTA, link="https://a.example/1", guid="1"),
            item("A new bakery", "Bread is sold in Petrov street.", link="https://a.example/2", guid="2"),
        )
        documents["/b"] = rss(item("Flood in the delta", DELTA, link=f"{web}/delta", guid="1"))
        feed = '[[feed]]\nurl = "{}"\nallow_private = true\n'
        mail = f"mailto://127.0.0.1:{relay.to(desk.port)}?from=watch@example.org&to=desk@example.org&mode=insecure"
        config = write_config(
            tmp_path / "config",
            feeds=[feed.format(f"{web}/a"), feed.format(f"{web}/b") + "full_text = true\n"],
            watches=WATCH,
            channels=f'[hook]\nurl = "json://127.0.0.1:{relay.to(hook.port)}/hook"\nallow_private = true\n'
            f'[desk]\nurl = "{mail}"\n',
        )
        parser = ProcessParser(read_config(config, {}).settings)
        try:
            yield Journey(config, hook, desk, relay, parser, tmp_path, documents)
        finally:
            parser.close()


@pytest.mark.parametrize("third", [1, 2, 3])
def test_whatever_call_to_the_database_fails_all_is_told_once_by_the_next_process(journey: Journey, third: int) -> None:
    """The process ends by it with an error of ours; nothing is told twice, for an outcome is recorded at the second try."""
    assert walk(journey, range(third, 999, 3)) == 0
    assert journey.number > 50, "the journey was walked"


@pytest.mark.parametrize("done_first", [False, True], ids=["and all that follow", "though it came to pass"])
def test_whatever_commit_is_refused_all_is_told_once_by_the_next_process(journey: Journey, done_first: bool) -> None:
    """Repeated is only what was sent when nothing could be recorded any more: by webhook and mail, three commits long."""
    repeated = walk(journey, range(1, 999), only="COMMIT", ever_after=not done_first, done_first=done_first)
    assert repeated == 0 if done_first else 3 <= repeated <= 5
    assert journey.number > 15, "the journey was walked"


def walk(
    journey: Journey, numbers: range, *, only: str = "", ever_after: bool = False, done_first: bool = False
) -> int:
    """Let the calls of these numbers fail, each in a journey of its own; how many messages came once more."""
    repeated = 0
    for number in numbers:
        journey.begin()
        count = Count(number, ever_after=ever_after)
        with pytest.MonkeyPatch.context() as patch:
            failing_database(patch, count, only=only, done_first=done_first)
            try:
                journey.one_pass()
            except StoreError:
                assert count.struck
        if not count.struck:
            break
        journey.until_settled()
        repeated += journey.judge()
    return repeated


def test_wherever_the_disk_is_full_all_is_told_once_when_there_is_room_again(journey: Journey) -> None:
    """SQLite's own limit, raised page by page until the journey fits."""
    villages = " ".join(f"Village {number} was reached." for number in range(2000))
    journey.documents["/a"] = journey.documents["/a"].replace(b"Petrov street.", villages.encode())
    journey.begin()
    ((first,),) = query(journey.state, "PRAGMA page_count")
    full = 0
    for pages in range(first, first + 300):
        journey.begin()
        with pytest.MonkeyPatch.context() as patch:
            full_database(patch, pages)
            try:
                journey.one_pass()
            except StoreFull:
                full += 1
            else:
                break
        journey.until_settled()
        assert journey.judge() <= 2
    assert full > 10


@pytest.mark.parametrize(
    ("ever_after", "passed_on"),
    [(False, False), (False, True), (True, False)],
    ids=["cut before it arrives", "cut after it arrived", "and the network stays dead"],
)
def test_wherever_a_wire_is_cut_all_is_told_once_when_it_is_mended(
    journey: Journey, ever_after: bool, passed_on: bool
) -> None:
    """Every connection, and every piece of every request, page, mail and answer."""
    repeated = 0
    while True:
        journey.begin()
        journey.wire.count, journey.wire.passed_on = Count(journey.number, ever_after=ever_after), passed_on
        journey.one_pass()
        struck = journey.wire.count.struck
        journey.wire.count = Count()
        if not struck:
            break
        journey.until_settled()
        repeated += journey.judge()
    assert journey.number > 25, "the journey was walked"
    assert repeated <= 6, "only where an answer was lost that would have said that it arrived"
