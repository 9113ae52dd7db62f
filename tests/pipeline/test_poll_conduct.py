"""A week of our polling in simulated time, scored by the server as the published rules for feed readers have it.

Conditional requests with the validators as they were given, spacing, what servers and feeds ask for, no cookies, no
referrer, nothing added to the address, one name, no burst after a restart.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from monitor.clock import SimulatedClock
from monitor.errors import ParseError
from monitor.feeds import parse_feed
from monitor.fetch import HttpFetcher
from monitor.model import Feed, FetchFailed, FetchFault, ParsedFeed, Settings
from monitor.pipeline import Plan, Poller, work_out_pace
from monitor.rules import build
from monitor.store import SqliteStore
from tests.servers import MisbehavingServer, Peer, head

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
WEEK = timedelta(days=7)
SHORTEST = 10 * MINUTE


class InProcess:
    """The reading of feeds without a process of its own."""

    def parse(self, body: bytes, *, content_type: str, url: str) -> ParsedFeed | FetchFailed:
        try:
            return parse_feed(body, content_type=content_type, url=url)
        except ParseError as error:
            return FetchFailed(url=url, fault=FetchFault.NOT_A_FEED, detail=str(error))

    def close(self) -> None:
        pass


@dataclass
class Site:
    """Feeds with different wishes, and a note of every request at its simulated time."""

    clock: SimulatedClock
    seen: list[tuple[datetime, str, dict[str, str]]] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    given: dict[str, dict[str, str]] = field(default_factory=dict)  # path -> the validators it was given last
    whole: dict[str, datetime] = field(default_factory=dict)  # path -> when it was given a whole document
    not_before: dict[str, datetime] = field(default_factory=dict)

    def body(self, path: str, *, channel: str = "") -> tuple[int, bytes]:
        """A new entry every five hours."""
        count = int((self.clock.now() - MONDAY) / (5 * HOUR)) + 20
        items = "".join(
            f"<item><guid>{path}-{n}</guid><title>Number {n}</title>"
            f"<pubDate>{format_datetime(MONDAY + (n - 20) * 5 * HOUR, usegmt=True)}</pubDate></item>"
            for n in range(count, count - 20, -1)
        )
        return count, f"<rss><channel><title>T</title>{channel}{items}</channel></rss>".encode()

    def answer(self, peer: Peer) -> None:
        now, path, sent = self.clock.now(), peer.seen.path, dict(peer.seen.headers)
        self._score(now, path, sent, peer.seen.method)
        self.seen.append((now, path, sent))
        extra: dict[str, str] = {"Set-Cookie": "track=me"}
        channel = ""
        match path:
            case "/ttl":
                channel = "<ttl>90</ttl>"
                self.not_before[path] = now + 90 * MINUTE
            case "/skips":
                channel = "<skipHours>" + "".join(f"<hour>{n}</hour>" for n in range(6)) + "</skipHours>"
            case "/fresh":
                extra["Cache-Control"] = "max-age=3000"
                self.not_before[path] = now + 50 * MINUTE
            case "/busy" if MONDAY + 30 * HOUR < now < MONDAY + 40 * HOUR:
                self.not_before[path] = now + 2 * HOUR
                peer.send(head(429, {"Retry-After": "7200", "Content-Length": "0"}))
                return
            case "/moved":
                peer.send(head(301, {"Location": "/new-place", "Content-Length": "0"}))
                return
            case "/gone" if now > MONDAY + 60 * HOUR:
                self.not_before[path] = now + 52 * WEEK
                peer.send(head(410, {"Content-Length": "0"}))
                return
        count, body = self.body(path, channel=channel)
        changed = format_datetime(MONDAY + (count - 20) * 5 * HOUR, usegmt=True)
        validators = (
            {"Last-Modified": changed}
            if path == "/fresh"
            else {"ETag": f'W/"{path}-{count}"', "Last-Modified": changed}
        )
        known = self.given.get(path)
        self.given[path] = validators
        conditional = sent.get("if-none-match", sent.get("if-modified-since"))
        if known == validators and conditional in validators.values():
            peer.send(head(304, validators | extra))
            return
        self.whole[path] = now
        peer.send(head(200, {"Content-Length": str(len(body))} | validators | extra) + body)

    def _score(self, now: datetime, path: str, sent: dict[str, str], method: str) -> None:
        def fault(what: str) -> None:
            self.faults.append(f"{now:%a %H:%M} {path}: {what}")

        before = [at for at, other, _ in self.seen if other == path]
        if before and now - before[-1] < SHORTEST * 0.99:
            fault(f"asked again after {now - before[-1]}")
        if now < self.not_before.get(path, now):
            fault(f"asked before {self.not_before[path]}")
        if path == "/skips" and now.hour < 6 and before:
            fault("asked in an hour that it leaves out")
        for name in ("cookie", "referer", "from", "cache-control", "pragma"):
            if name in sent:
                fault(f"sent {name}")
        if "?" in path or method != "GET":
            fault("something was added to the address")
        known = self.given.get(path, {})
        expected = {"if-none-match": known.get("ETag"), "if-modified-since": known.get("Last-Modified")}
        got = {name: sent.get(name) for name in expected}
        weekly = path in self.whole and now - self.whole[path] >= WEEK - HOUR
        if known and got != expected and not weekly and path != "/new-place":
            fault(f"validators {got} where {expected} were given")
        if "gzip" not in sent.get("accept-encoding", ""):
            fault("does not take compressed answers")


@pytest.fixture
def week(tmp_path: Path):
    """Runs the poller for a simulated week over these paths; gives the site with its notes."""

    def run(*paths: str, restart: Callable[[SqliteStore], None] | None = None) -> Site:
        clock = SimulatedClock(MONDAY)
        site = Site(clock)
        settings = Settings(requests_a_day=72 * len(paths), user_agent="desk@example.org")
        with MisbehavingServer() as server, SqliteStore.open(tmp_path / "m.db", clock=clock, durable=False) as store:
            server.otherwise(site.answer)
            feeds = {
                url: Feed(url=url, allow_private=True, interval_min=SHORTEST, interval_max=6 * HOUR)
                for url in map(server.url, paths)
            }
            plan = Plan(settings=settings, feeds=feeds, watches={}, channels={}, rules=build([], {}))
            fetcher = HttpFetcher(settings, clock, "1.0", tmp_path)
            poller = Poller(store=store, fetcher=fetcher, parser=InProcess(), clock=clock)
            store.sync_feeds(tuple(feeds.values()), clock.now())
            pace, restarted = None, False
            while clock.now() < MONDAY + WEEK:
                if pace is None or clock.now() - pace[1] > HOUR:
                    pace = work_out_pace(store, plan, clock.now()).price, clock.now()
                if restart and not restarted and clock.now() > MONDAY + 3 * 24 * HOUR:
                    restarted = True
                    store.release_claims()
                    store.sync_feeds(tuple(feeds.values()), clock.now())
                due = store.claim_due_feeds(clock.now(), limit=100, lease=HOUR)
                for one in due:
                    poller.poll(one, feeds[one.url], plan, price=pace[0])
                soon = [row.next_check for row in store.feeds() if not row.gone]
                if not due:
                    clock.set(max(min(soon), clock.now() + timedelta(seconds=1)))
            site.stored = {row.url.rpartition("/")[2]: row for row in store.feeds()}  # type: ignore[attr-defined]
            fetcher.close()
        return site

    return run


def test_a_week_of_polling_has_no_fault(week) -> None:
    """Seven feeds, each with wishes of its own, and a restart in the middle."""
    site = week("/plain", "/ttl", "/skips", "/fresh", "/busy", "/moved", "/gone", restart=lambda _: None)
    assert site.faults == []
    asked = {path: len(list(times)) for path, times in itertools.groupby(sorted(path for _, path, _ in site.seen))}
    assert asked["/busy"] > 100
    assert asked["/plain"] > 200
    assert asked["/new-place"] > 200
    assert asked["/moved"] < asked["/new-place"] / 2, "the new place is asked directly once the move is stable"
    assert len({sent["user-agent"] for _, _, sent in site.seen}) == 1
    assert site.seen[0][2]["user-agent"] == "NewsWatch/1.0 (+desk@example.org)"
    assert len(site.seen) < 72 * 7 * 7 * 1.1
    assert site.stored["gone"].gone
    assert all(row.articles >= 45 for name, row in site.stored.items() if name != "gone")
