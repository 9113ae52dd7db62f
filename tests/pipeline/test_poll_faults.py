"""What servers do to a feed reader: for each, what is stored, what the person is told, and that nothing is lost.

Each row of the table is one behaviour of a real server. It is met by the real fetcher, reader and store, twice in a row;
then the server is well again, and every entry must be there, once.
"""

from __future__ import annotations

import gzip
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from monitor.clock import SystemClock
from monitor.fetch import HttpFetcher
from monitor.model import Feed, FetchFault, Settings
from monitor.parsing import ProcessParser
from monitor.pipeline import Plan, Poller, PollResult
from monitor.rules import build
from monitor.showing import ailments
from monitor.store import SqliteStore
from tests.servers import (
    MisbehavingServer,
    Script,
    chunked,
    cut,
    drip,
    gzip_bomb,
    hang,
    hang_after,
    head,
    packed,
    redirect,
    reply,
    reset_after,
    wrong_length,
)

F = FetchFault
ENTRIES = 6
NOW = datetime.now(UTC)


def document(
    *, first: int = 0, guid: str = "g{n}", date: str = "", encoding: str = "utf-8", word: str = "Überschwemmung"
) -> bytes:
    items = "".join(
        f"<item><guid>{guid.format(n=n)}</guid><title>{word} {n}</title><link>https://a.example/{n}</link>{date}</item>"
        for n in range(first + ENTRIES - 1, first - 1, -1)
    )
    text = f'<?xml version="1.0" encoding="{encoding}"?><rss version="2.0"><channel><title>T</title>{items}</channel></rss>'
    return text.encode(encoding)


GOOD = document()
LONG = {"Content-Length": "500"}
HEAD = head(200, LONG)
HALF = GOOD[: GOOD.index(b"g3") - 12]
TITLE_ONLY = GOOD[: GOOD.index(b"<item>") + 20]


@dataclass(frozen=True)
class Row:
    """A behaviour; the fault that it is stored as (None: the feed was read), and words of what the person is told."""

    script: Script
    fault: FetchFault | None
    words: str = ""
    quick: bool = False  # only a deadline ends it
    stays: int = ENTRIES  # articles after the recovery


TABLE: dict[str, Row] = {
    # no answer, or only part of one
    "closes at once": Row(cut(b""), F.CONNECT, "closed the connection without an answer"),
    "resets at once": Row(reset_after(b""), F.CONNECT),
    "never answers": Row(hang(), F.DEADLINE, "did not send its whole answer within the time allowed", quick=True),
    "stalls in the status line": Row(hang_after(b"HTTP/1.1 2"), F.DEADLINE, quick=True),
    "stalls in the headers": Row(hang_after(b"HTTP/1.1 200 OK\r\nContent-Le"), F.DEADLINE, quick=True),
    "stalls before the body": Row(hang_after(HEAD), F.DEADLINE, quick=True),
    "stalls in the body": Row(hang_after(HEAD + GOOD[:200]), F.DEADLINE, quick=True),
    "stalls in a chunk": Row(
        hang_after(head(200, {"Transfer-Encoding": "chunked"}) + b"ff\r\n<rss"), F.DEADLINE, quick=True
    ),
    "drips headers": Row(drip(b"X" * 5000, first=b"HTTP/1.1 200 OK\r\nX-Slow: "), F.DEADLINE, quick=True),
    "drips the body": Row(drip(b"<rss>" + b" " * 5000), F.DEADLINE, quick=True),
    "resets in the headers": Row(reset_after(b"HTTP/1.1 200 OK\r\nContent-Le"), F.CONNECT),
    "resets in the body": Row(reset_after(HEAD + GOOD[:200]), F.BROKEN_BODY, "cut off before its end"),
    "closes in the body": Row(wrong_length(GOOD[:200], declared=len(GOOD)), F.BROKEN_BODY, "cut off before its end"),
    "declares too little": Row(wrong_length(GOOD, declared=len(HALF)), None, "ends in the middle, after"),
    "declares too much": Row(wrong_length(GOOD, declared=len(GOOD) + 10), F.BROKEN_BODY),
    "leaves the last chunk out": Row(chunked([GOOD], ended=False), F.BROKEN_BODY),
    "miscounts a chunk": Row(cut(head(200, {"Transfer-Encoding": "chunked"}) + b"zz\r\n" + GOOD), F.BROKEN_BODY),
    "speaks no HTTP": Row(cut(b"220 ftp.example ready\r\n\r\n"), F.CONNECT, "without an answer in HTTP"),
    "sends the body alone": Row(cut(GOOD), F.CONNECT, "without an answer in HTTP"),
    "sends a header without end": Row(cut(b"HTTP/1.1 200 OK\r\nX: " + b"x" * 200_000 + b"\r\n\r\n"), F.CONNECT),
    "sends a thousand headers": Row(cut(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 1000 + b"\r\n"), F.CONNECT),
    # redirects
    "redirects to itself": Row(redirect("/feed"), F.REDIRECTS, "in a circle"),
    "redirects for ever": Row(
        lambda peer: redirect(f"/feed?{len(peer.seen.path)}{'x' * len(peer.seen.path)}"[:120])(peer), F.REDIRECTS
    ),
    "redirects to a file": Row(redirect("file:///etc/passwd"), F.REDIRECTS, "not a web address"),
    "redirects to a script": Row(redirect("javascript:alert(1)"), F.REDIRECTS),
    "redirects to FTP": Row(redirect("ftp://a.example/feed"), F.REDIRECTS),
    "redirects to rubbish": Row(redirect("http://[broken/"), F.REDIRECTS),
    "redirects to nowhere": Row(reply(status=302), F.HTTP_STATUS, "302"),
    "redirects to a missing page": Row(redirect("/missing", status=301), F.HTTP_STATUS, "404"),
    "redirects to a name that is not": Row(redirect("http://nowhere.invalid/"), F.DNS, "nowhere.invalid"),
    "redirects to the metadata service": Row(redirect("http://169.254.169.254/latest/"), F.ADDRESS_REFUSED),
    # statuses
    "204": Row(reply(status=204), F.HTTP_STATUS, "204"),
    "206": Row(reply(GOOD[:100], status=206), F.HTTP_STATUS, "206"),
    "304 that nobody asked for": Row(reply(status=304), F.HTTP_STATUS, "304"),
    "400": Row(reply(status=400), F.HTTP_STATUS, "400"),
    "401": Row(reply(status=401), F.HTTP_STATUS, "it wants a login"),
    "402": Row(reply(status=402), F.HTTP_STATUS, "it wants a subscription"),
    "403": Row(reply(status=403), F.HTTP_STATUS, "it does not let us in"),
    "Cloudflare's challenge": Row(
        reply(status=403, headers={"cf-mitigated": "challenge"}), F.HTTP_STATUS, "Cloudflare"
    ),
    "404": Row(reply(status=404), F.HTTP_STATUS, "there is no such page"),
    "410": Row(reply(status=410), F.GONE, "gone for good"),
    "451": Row(reply(status=451), F.HTTP_STATUS, "451"),
    "500": Row(reply(b"<rss/>", status=500), F.HTTP_STATUS, "the server is in trouble"),
    "503 with a wish": Row(reply(status=503, headers={"Retry-After": "3600"}), F.HTTP_STATUS, "503"),
    "599": Row(reply(status=599), F.HTTP_STATUS, "599"),
    # other things than a feed
    "nothing": Row(reply(b""), F.BROKEN_BODY, "the body is empty"),
    "blanks": Row(reply(b" \n "), F.NOT_A_FEED, "nothing but blanks"),
    "a page for logging in": Row(
        reply(b"<!DOCTYPE html><html><form>Log in</form></html>"), F.NOT_A_FEED, "an HTML page"
    ),
    "an error page called a feed": Row(
        reply(b"<html><h1>Database error</h1></html>", headers={"Content-Type": "application/rss+xml"}),
        F.NOT_A_FEED,
        "an HTML page",
    ),
    "an error in JSON": Row(reply(b'{"error": "quota"}'), F.NOT_A_FEED, "no JSON Feed"),
    "broken JSON": Row(reply(b'{"items": ['), F.NOT_A_FEED, "broken"),
    "words": Row(reply(b"Service unavailable"), F.NOT_A_FEED, "no XML and no JSON"),
    "a picture": Row(reply(b"\x89PNG\r\n\x1a\n" + bytes(500)), F.NOT_A_FEED),
    "other XML": Row(reply(b"<opml><body/></opml>"), F.NOT_A_FEED, "OPML"),
    "a feed without its first entry's end": Row(reply(TITLE_ONLY), F.NOT_A_FEED, "before its first entry was whole"),
    # packing
    "says gzip and sends none": Row(
        reply(GOOD, headers={"Content-Encoding": "gzip"}), F.BROKEN_BODY, "can't be unpacked"
    ),
    "says br and sends none": Row(reply(GOOD, headers={"Content-Encoding": "br"}), F.BROKEN_BODY),
    "says zstd and sends none": Row(reply(GOOD, headers={"Content-Encoding": "zstd"}), F.BROKEN_BODY),
    "packs in its own way": Row(reply(GOOD, headers={"Content-Encoding": "rot13"}), F.BROKEN_BODY, "did not ask for"),
    "half of a packed answer": Row(packed(GOOD, keep=len(gzip.compress(GOOD)) // 2), F.BROKEN_BODY, "breaks off"),
    "a gzip bomb": Row(gzip_bomb(5), F.TOO_LARGE, "larger than"),
    "declares a billion bytes": Row(wrong_length(b"<rss>", declared=10**9), F.TOO_LARGE),
    "an endless body": Row(
        lambda peer: [peer.send(head(200) if n == 0 else b" " * 100_000) for n in range(40)] and None, F.TOO_LARGE
    ),
    # hostile XML
    "a billion laughs": Row(
        reply(b'<!DOCTYPE r [<!ENTITY a "' + b"ha" * 50 + b'"><!ENTITY b "' + b"&a;" * 50 + b'">]>' + GOOD[38:]),
        None,
        "entities of its own",
    ),
    "nested too deep": Row(reply(b"<rss>" + b"<a>" * 5000), F.NOT_A_FEED, "nested"),
    # feeds that can be read, with something to say
    "half a feed": Row(reply(HALF), None, "ends in the middle, after"),
    "an empty feed": Row(reply(b"<rss><channel><title>T</title></channel></rss>"), None),
    "one bad byte": Row(reply(GOOD.replace("Überschwemmung 1".encode(), b"\xff 1")), None),
    "control characters": Row(reply(GOOD.replace(b" 2</title>", b" 2\x00\x08</title>")), None, "control characters"),
    "windows-1252 called UTF-8": Row(
        reply(
            document(encoding="cp1252").replace(b"cp1252", b"utf-8"),
            headers={"Content-Type": "text/xml; charset=utf-8"},
        ),
        None,
    ),
    "UTF-16": Row(reply(document(encoding="utf-16")), None),
    "dates of the next century": Row(reply(document(date="<pubDate>Tue, 10 Feb 2099 10:00:00 GMT</pubDate>")), None),
    "dates before the web": Row(reply(document(date="<pubDate>Thu, 01 Jan 1970 00:00:00 GMT</pubDate>")), None),
    "a feed called a picture": Row(reply(GOOD, headers={"Content-Type": "image/png"}), None),
    "validators that make no sense": Row(reply(GOOD, headers={"ETag": "\x7f\xe9", "Last-Modified": "never"}), None),
    "other guids for the same entries": Row(reply(document(guid="other-{n}")), None),
    "no guids": Row(reply(GOOD.replace(b"guid>", b"nothing>")), None),
    "one guid for all": Row(reply(document(guid="same")), None),
    "older entries": Row(reply(document(first=100)), None, stays=2 * ENTRIES),
}


@dataclass
class Desk:
    """A poller of the real parts, one feed, and its server."""

    server: MisbehavingServer
    store: SqliteStore
    poller: Poller
    feed: Feed
    plan: Plan

    def poll(self, *, quick: bool = False):
        due = self.store.claim_feed(self.feed.url, NOW, lease=timedelta(seconds=1))
        assert due is not None
        seconds = timedelta(seconds=0.5 if quick else 30)
        return self.poller.poll(
            due, self.feed, replace(self.plan, settings=replace(self.plan.settings, fetch_deadline=seconds))
        )

    def row(self):
        (row,) = self.store.feeds()
        return row


@pytest.fixture(scope="module")
def reader() -> Iterator[ProcessParser]:
    parser = ProcessParser(Settings(parse_processes=1))
    yield parser
    parser.close()


@pytest.fixture
def desk(tmp_path: Path, reader: ProcessParser) -> Iterator[Desk]:
    clock, settings = SystemClock(), Settings(max_feed_bytes=2_000_000)
    with MisbehavingServer() as server, SqliteStore.open(tmp_path / "m.db", clock=clock, durable=False) as store:
        feed = Feed(url=server.url("/feed"), allow_private=True)
        plan = Plan(settings=settings, feeds={feed.url: feed}, watches={}, channels={}, rules=build([], {}))
        fetcher = HttpFetcher(settings, clock, "1", tmp_path)
        store.sync_feeds([feed], NOW)
        yield Desk(server, store, Poller(store=store, fetcher=fetcher, parser=reader, clock=clock), feed, plan)
        fetcher.close()


def test_the_table_is_long_enough() -> None:
    """The behaviours that were asked for, and each is told apart by its name."""
    assert len(TABLE) >= 60


@pytest.mark.parametrize("known_before", [False, True], ids=["first", "later"])
@pytest.mark.parametrize("name", TABLE)
def test_each_behaviour_has_its_stored_state_and_its_words_and_nothing_is_lost(
    desk: Desk, name: str, known_before: bool
) -> None:
    """At the first sight of a feed and at a later one."""
    row = TABLE[name]
    if known_before:
        desk.server.route("/feed", reply(GOOD))
        assert desk.poll().new == ENTRIES
    desk.server.route("/feed", row.script)
    for look in (1, 2):
        outcome = desk.poll(quick=row.quick)
        stored = desk.row()
        if row.fault is None:
            assert outcome.result in {PollResult.READ, PollResult.UNCHANGED}, outcome
            assert (stored.fault, stored.error, stored.failures) == (None, "", 0)
            assert row.words in " ".join(stored.problems)
        else:
            assert (outcome.result, outcome.fault) == (PollResult.FAILED, row.fault), outcome
            assert (stored.fault, stored.failures) == (row.fault, look)
            assert row.words in stored.error
            assert stored.why
            told = dict(ailments(stored, datetime.now(UTC)))
            assert stored.error in next(iter(told.values()))
            assert stored.gone is (row.fault is F.GONE)
            assert stored.articles == (ENTRIES if known_before else 0)
    desk.server.route("/feed", reply(GOOD))
    desk.poll()
    stored = desk.row()
    assert (stored.fault, stored.error, stored.failures, stored.gone) == (None, "", 0, False)
    assert stored.articles == row.stays, name


@pytest.mark.parametrize("address", ["10.0.0.1", "127.0.0.1", "169.254.169.254"])
def test_a_name_that_changes_its_address_between_looks_gains_nothing(desk: Desk, tmp_path: Path, address: str) -> None:
    """DNS rebinding: the address that is connected to is the one that is judged, at each look."""
    answers: Callable[[str, int], list] = lambda _, port: [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]  # noqa: E731
    fetcher = HttpFetcher(Settings(), SystemClock(), "1", tmp_path, resolve=answers)
    desk.feed = Feed(url=f"http://rebound.example:{desk.server.port}/feed")
    desk.store.sync_feeds([desk.feed], NOW)
    desk.poller = replace(desk.poller, fetcher=fetcher)
    assert desk.poll().fault is F.ADDRESS_REFUSED
    assert desk.server.requests == []
    fetcher.close()


def test_nobody_listens(desk: Desk) -> None:
    """A port that refuses is told in the system's words; the feed is tried again."""
    desk.feed = Feed(url="http://127.0.0.1:1/feed", allow_private=True)
    desk.store.sync_feeds([desk.feed], NOW)
    outcome = desk.poll()
    assert (outcome.fault, outcome.failures, "connection refused" in outcome.detail) == (F.CONNECT, 1, True)
