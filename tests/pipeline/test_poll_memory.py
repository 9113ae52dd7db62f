"""What the poller remembers from look to look: gaps and their filling, stuck validators, moves, hosts that rest, outages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from monitor.clock import SimulatedClock
from monitor.model import (
    Entry,
    Feed,
    FeedAsks,
    Fetched,
    FetchFailed,
    FetchFault,
    FetchRequest,
    NotModified,
    ParsedFeed,
    Settings,
)
from monitor.pipeline import Plan, Poller, PollResult
from monitor.rules import build
from monitor.store import SqliteStore

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
URL = "https://news.example/feed"


@dataclass
class Web:
    """Addresses and what they answer; one that is not there is a 404."""

    pages: dict[str, Fetched | NotModified | FetchFailed] = field(default_factory=dict)
    asked: list[FetchRequest] = field(default_factory=list)

    def fetch(self, request: FetchRequest) -> Fetched | NotModified | FetchFailed:
        self.asked.append(request)
        missing = FetchFailed(url=request.url, fault=FetchFault.HTTP_STATUS, detail="it is not there", status=404)
        return self.pages.get(request.url, missing)

    def close(self) -> None:
        pass


@dataclass
class Reader:
    """Reads "12-9" as the entries 12 down to 9, one an hour; "bad" is no feed."""

    asks: dict[str, FeedAsks] = field(default_factory=dict)

    def parse(self, body: bytes, *, content_type: str, url: str) -> ParsedFeed | FetchFailed:  # noqa: ARG002 - the port
        if body == b"bad":
            return FetchFailed(url=url, fault=FetchFault.NOT_A_FEED, detail="this is no feed")
        top, _, last = body.decode().partition("-")
        entries = tuple(
            Entry(guid=f"g{n}", title=f"Number {n}", published=NOON + n * HOUR)
            for n in range(int(top), int(last) - 1, -1)
        )
        return ParsedFeed(
            format="rss", encoding="utf-8", title="T", entries=entries, asks=self.asks.get(url, FeedAsks())
        )

    def close(self) -> None:
        pass


def page(numbers: str, url: str = URL, **values) -> Fetched:
    return Fetched(**{"url": url, "status": 200, "body": numbers.encode(), "etag": f'"{numbers}"', **values})


@dataclass
class Desk:
    store: SqliteStore
    clock: SimulatedClock
    web: Web
    reader: Reader
    poller: Poller
    feeds: dict[str, Feed]

    def poll(self, answer=None, *, url: str = URL, after: timedelta = HOUR):
        self.clock.advance(after)
        if answer is not None:
            self.web.pages[url] = answer
        due = self.store.claim_feed(url, self.clock.now(), lease=HOUR / 60)
        assert due is not None
        plan = Plan(settings=Settings(), feeds=self.feeds, watches={}, channels={}, rules=build([], {}))
        return self.poller.poll(due, self.feeds[url], plan)

    def row(self, url: str = URL):
        return next(row for row in self.store.feeds() if row.url == url)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    clock, web, reader = SimulatedClock(NOON), Web(), Reader()
    feeds = {url: Feed(url=url) for url in (URL, *(f"https://h{n}.example/feed" for n in range(9)))}
    with SqliteStore.open(tmp_path / "m.db", clock=clock) as store:
        store.sync_feeds(tuple(feeds.values()), NOON)
        yield Desk(store, clock, web, reader, Poller(store=store, fetcher=web, parser=reader, clock=clock), feeds)


# --- gaps ---


def test_a_gap_is_filled_from_older_pages_in_the_same_look(desk: Desk) -> None:
    """RFC 5005: page by page, until one holds an entry that was known; what was missed is stored with the rest."""
    desk.reader.asks[URL] = FeedAsks(older="https://news.example/a2")
    desk.reader.asks["https://news.example/a2"] = FeedAsks(older="https://news.example/a1")
    desk.poll(page("3-1"))
    desk.web.pages["https://news.example/a2"] = page("9-7", "https://news.example/a2")
    desk.web.pages["https://news.example/a1"] = page("6-3", "https://news.example/a1")
    outcome = desk.poll(page("12-10"), after=12 * HOUR)
    assert outcome.new == 9
    assert outcome.gap == "6 missed entries were found on older pages, up to one that was known"
    assert [asked.url for asked in desk.web.asked[2:]] == ["https://news.example/a2", "https://news.example/a1"]
    assert (desk.row().gaps, desk.row().gap, desk.row().articles) == (1, outcome.gap, 12)


def test_after_a_gap_a_feed_is_looked_at_more_often(desk: Desk) -> None:
    """The interval is half of the one that was too long, and grows again slowly."""
    desk.poll(page("3-1"))
    desk.poll(page("12-10"), after=2 * HOUR)
    assert desk.row().gap == "missed entries were not found; the feed offers no older pages"
    claimed = desk.store.claim_feed(URL, desk.clock.now(), lease=HOUR)
    assert claimed is not None
    assert claimed.closest == HOUR
    assert desk.row().next_check - desk.clock.now() <= 1.1 * HOUR


@pytest.mark.parametrize(
    ("pages", "said", "new"),
    [
        ({}, "missed entries were not found; its older pages can't be had: it is not there", 3),
        (
            {2: NotModified(url="x")},
            "missed entries were not found; its older pages can't be had: the page did not come",
            3,
        ),
        ({2: page("bad")}, "missed entries were not found; its older pages can't be read: this is no feed", 3),
        ({2: page("3-1")}, "no entry was missed after all", 3),
        (
            {2: page("9-8"), 3: page("7-6")},
            "4 missed entries were found on older pages; its older pages can't be had: it is not there",
            7,
        ),
        (
            {2: page("19-18"), 3: page("17-16"), 4: page("15-14"), 5: page("9-8")},
            "8 missed entries were found on older pages; more lie farther back than 4 pages",
            11,
        ),
    ],
)
def test_wordpress_gives_older_pages_by_number(desk: Desk, pages, said, new) -> None:
    """Whatever comes of it is told; the look itself is stored all the same."""
    desk.reader.asks[URL] = FeedAsks(paged=True)
    desk.poll(page("3-1"))
    desk.web.pages |= {f"{URL}?paged={number}": answer for number, answer in pages.items()}
    outcome = desk.poll(page("32-30"), after=20 * HOUR)
    assert (outcome.gap, outcome.new) == (said, new)


# --- validators ---


def test_a_stuck_validator_is_found_out_and_not_sent_for_a_month(desk: Desk) -> None:
    """Once a week the document is asked for whole; what comes then under the same ETag was hidden until now."""
    desk.poll(page("3-1", etag='"stuck"'))
    for _ in range(6):
        desk.poll(NotModified(url=URL), after=DAY)
        assert desk.web.asked[-1].etag == '"stuck"'
    outcome = desk.poll(page("5-2", etag='"stuck"'), after=2 * DAY)
    assert desk.web.asked[-1].etag is None
    assert outcome.new == 2
    assert any("unchanged" in problem for problem in outcome.problems)
    desk.poll(after=DAY)
    assert desk.web.asked[-1].etag is None
    desk.poll(after=31 * DAY)
    assert desk.web.asked[-1].etag is None  # the weekly look
    desk.poll(after=DAY)
    assert desk.web.asked[-1].etag == '"stuck"'


def test_a_validator_that_changes_with_its_document_is_trusted(desk: Desk) -> None:
    desk.poll(page("3-1"))
    desk.poll(page("4-2"), after=8 * DAY)
    assert desk.row().distrust_until is None


# --- moves ---


def test_a_move_that_is_stable_is_followed_directly_and_taken_back_when_its_place_is_no_good(desk: Desk) -> None:
    """Without a failure being held against the feed, and without an end by a 410 of the new place."""
    new = "https://new.example/feed"
    desk.web.pages[new] = NotModified(url=new)
    desk.poll(page("3-1", new, moved_to=new))
    for _ in range(6):
        desk.poll(NotModified(url=new, moved_to=new), after=DAY)
    assert [asked.url for asked in desk.web.asked] == [URL] * 5 + [new] * 2
    assert desk.row().moved is not None
    desk.web.pages[new] = FetchFailed(url=new, fault=FetchFault.GONE, detail="gone for good", status=410)
    outcome = desk.poll(after=DAY)
    assert (outcome.result, outcome.failures) == (PollResult.FAILED, 0)
    assert (desk.row().gone, desk.row().moved) == (False, None)
    desk.poll(page("4-2"), after=HOUR)
    assert desk.web.asked[-1].url == URL
    assert desk.row().error == ""


# --- what is not the feed's doing ---


def test_a_feed_whose_host_rests_is_put_off_and_nothing_is_held_against_it(desk: Desk) -> None:
    desk.poll(page("3-1"))
    before = desk.row()
    held = FetchFailed(url=URL, fault=FetchFault.HELD_BACK, detail="the host asked for rest", retry_after=2 * HOUR)
    outcome = desk.poll(held)
    assert outcome.result is PollResult.PUT_OFF
    row = desk.row()
    assert (row.failures, row.error, row.checked) == (0, "", before.checked)
    assert (row.why, row.next_check >= desk.clock.now() + 2 * HOUR) == ("the host asked for rest", True)


def test_when_no_host_can_be_reached_no_feed_is_punished(desk: Desk) -> None:
    """The first ones are forgiven once it is clear; one answer ends it, and then a failure counts again."""
    down = [f"https://h{n}.example/feed" for n in range(6)]
    for url in down:
        desk.poll(FetchFailed(url=url, fault=FetchFault.CONNECT, detail="no route"), url=url)
    assert [desk.row(url).failures for url in down] == [0] * 6
    assert "not held against a feed" in desk.row(down[5]).why
    assert all(desk.row(url).next_check <= desk.clock.now() + HOUR for url in down)
    desk.poll(page("3-1"))
    assert desk.poll(url=down[0]).failures == 1


def test_servers_that_answer_badly_show_that_there_is_a_network(desk: Desk) -> None:
    for number in range(6):
        url = f"https://h{number}.example/feed"
        fault = FetchFault.CONNECT if number % 2 else FetchFault.HTTP_STATUS
        assert desk.poll(FetchFailed(url=url, fault=fault, detail="bad"), url=url).failures == 1


def test_feeds_of_one_host_are_one_host(desk: Desk) -> None:
    """A server that is down takes its own feeds with it, and says nothing of the network."""
    for _ in range(6):
        desk.poll(FetchFailed(url=URL, fault=FetchFault.DNS, detail="no name"))
    assert desk.row().failures == 6
