"""Pages of articles: read under robots.txt and the guards, put off or given up with a reason; over a real store."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from monitor.clock import SimulatedClock
from monitor.errors import ParseError
from monitor.feeds import extract_page
from monitor.fulltext import BETWEEN_PAGES, PageRead, PageReader, RobotsMemory
from monitor.model import (
    Arrival,
    DuePage,
    Feed,
    FeedUpdate,
    Fetched,
    FetchFailed,
    FetchFault,
    FetchRequest,
    NewArticle,
    PageState,
    ParsedPage,
    Settings,
)
from monitor.store import SqliteStore

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
FEED = Feed(url="https://news.example/feed", headers={"Authorization": "secret"}, full_text=True)
PAGE = "https://news.example/2026/flood"
SENTENCES = "".join(
    f"<p>The flood reached village number {n}, whose people had left for the hills the night before it came.</p>"
    for n in range(9)
)
HTML = f"<html><body><article><h1>Flood</h1>{SENTENCES}</article></body></html>".encode()
ALLOWS = b"User-agent: *\nCrawl-delay: 4\nDisallow: /private"


@dataclass
class Web:
    """What each address answers; 404 for the rest."""

    answers: dict[str, Fetched | FetchFailed] = field(default_factory=dict)
    asked: list[FetchRequest] = field(default_factory=list)

    def fetch(self, request: FetchRequest) -> Fetched | FetchFailed:
        self.asked.append(request)
        return self.answers.get(request.url, failure(FetchFault.HTTP_STATUS, status=404))

    def close(self) -> None:
        pass

    def urls(self) -> list[str]:
        return [request.url for request in self.asked]


class Reading:
    """Reads pages in this process."""

    def extract(self, body: bytes, *, content_type: str, url: str) -> ParsedPage | FetchFailed:
        try:
            return extract_page(body, content_type=content_type, url=url)
        except ParseError as error:
            return failure(FetchFault.NOT_A_FEED, detail=str(error))


def failure(fault: FetchFault, **values) -> FetchFailed:
    return FetchFailed(**{"url": PAGE, "fault": fault, "detail": "it went wrong", **values})


def answer(body: bytes, url: str = PAGE) -> Fetched:
    return Fetched(url=url, status=200, body=body)


@dataclass
class Desk:
    store: SqliteStore
    clock: SimulatedClock
    web: Web
    memory: RobotsMemory = field(default_factory=RobotsMemory)

    def claim(self) -> DuePage:
        (page,) = self.store.claim_pages(self.clock.now(), limit=1, lease=MINUTE)
        return page

    def read(self, feed: Feed = FEED) -> PageRead:
        reader = PageReader(store=self.store, fetcher=self.web, parser=Reading(), clock=self.clock, robots=self.memory)
        return reader.read(self.claim(), feed, Settings())

    def text(self) -> str:
        (article,) = self.store.unjudged(9)
        return article.text


def arrive(store: SqliteStore, url: str) -> None:
    article = NewArticle(
        key="a", key_reason="guid", url=url, canonical_url=url, title="Flood", text="In short.", author="", source="News", language_hint=None,
        published=NOON, published_raw="", discovered=NOON, content_hash="h", page=url,
    )  # fmt: skip
    update = FeedUpdate(
        feed_id=1, checked=NOON, next_check=NOON, interval=MINUTE, etag=None, last_modified=None, body_hash=None
    )
    store.arrive(Arrival(feed=update, articles=(article,)))


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    clock = SimulatedClock(NOON)
    with SqliteStore.open(tmp_path / "monitor.db", clock=clock) as store:
        store.sync_feeds([FEED], NOON)
        arrive(store, PAGE)
        yield Desk(store, clock, Web({PAGE: answer(HTML), "https://news.example/robots.txt": answer(ALLOWS)}))


def test_a_page_becomes_its_articles_text(desk: Desk) -> None:
    """And the pause that its site asks for is kept."""
    outcome = desk.read()
    assert (outcome.state, outcome.recorded, outcome.pause) == (PageState.READ, True, timedelta(seconds=4))
    assert desk.text().count("village number") == 9
    assert desk.web.urls() == ["https://news.example/robots.txt", PAGE]


def test_what_proves_who_asks_goes_to_the_feeds_own_host_alone(desk: Desk, tmp_path: Path) -> None:
    """A feed's headers are for the feed's host."""
    desk.read()
    assert [request.headers.get("Authorization") for request in desk.web.asked] == ["secret"] * 2
    assert all(request.headers["Accept"].startswith("text/html") for request in desk.web.asked)
    assert all(request.etag is None for request in desk.web.asked)
    with SqliteStore.open(tmp_path / "other.db", clock=desk.clock) as store:
        store.sync_feeds([FEED], NOON)
        arrive(store, "https://other.example/1")
        other = Desk(store, desk.clock, Web())
        other.read()
        assert [set(request.headers) for request in other.web.asked] == [{"Accept"}] * 2


@pytest.mark.parametrize(
    ("robots", "state", "detail"),
    [
        (answer(b"User-agent: *\nDisallow: /2026"), PageState.FAILED, "its robots.txt forbids it"),
        (answer(b"User-agent: NewsWatch\nDisallow: /"), PageState.FAILED, "its robots.txt forbids it"),
        (failure(FetchFault.HTTP_STATUS, status=503), PageState.WAITING, "can't be asked"),
        (failure(FetchFault.HTTP_STATUS, status=429), PageState.WAITING, "can't be asked"),
        (failure(FetchFault.CONNECT), PageState.WAITING, "can't be asked"),
        (failure(FetchFault.HTTP_STATUS, status=403), PageState.READ, ""),
        (failure(FetchFault.BROKEN_BODY, detail="the body is empty"), PageState.READ, ""),
    ],
)
def test_a_robots_txt_is_obeyed_and_trouble_with_it_is_a_no_for_now(desk: Desk, robots, state, detail) -> None:
    """RFC 9309, 2.3.1."""
    desk.web.answers["https://news.example/robots.txt"] = robots
    outcome = desk.read()
    assert (outcome.state, detail in outcome.detail) == (state, True)
    assert (PAGE in desk.web.urls()) is (state is PageState.READ)
    assert "In short." in desk.text() or state is PageState.READ


def test_a_robots_txt_is_asked_for_once_a_day_and_after_trouble_within_the_hour(desk: Desk) -> None:
    """The memory is bounded."""
    desk.web.answers["https://news.example/robots.txt"] = failure(FetchFault.CONNECT)
    desk.read()
    desk.clock.advance(timedelta(minutes=6))
    desk.read()
    assert desk.web.urls() == ["https://news.example/robots.txt"]
    desk.clock.advance(timedelta(hours=1))
    desk.read()
    assert desk.web.urls() == ["https://news.example/robots.txt"] * 2
    for n in range(2_001):
        desk.memory.put(f"https://{n}.example", object(), 1e12)  # type: ignore[arg-type]
    assert desk.memory.get("https://0.example", 0) is None
    assert desk.memory.get("https://2000.example", 0) is not None


def test_a_page_that_leads_to_another_site_is_asked_for_there_too(desk: Desk) -> None:
    """A feed service's link is allowed by the service, and the site behind it may say no."""
    desk.web.answers[PAGE] = answer(HTML, "https://other.example/private/1")
    desk.web.answers["https://other.example/robots.txt"] = answer(ALLOWS, "https://other.example/robots.txt")
    assert desk.read().detail == "the robots.txt of the site that it leads to forbids it"
    assert desk.text() == "In short."


@pytest.mark.parametrize(
    ("page", "state"),
    [
        (failure(FetchFault.DEADLINE), PageState.WAITING),
        (failure(FetchFault.HTTP_STATUS, status=502), PageState.WAITING),
        (failure(FetchFault.HTTP_STATUS, status=429, retry_after=timedelta(hours=1)), PageState.WAITING),
        (failure(FetchFault.HTTP_STATUS, status=403), PageState.FAILED),
        (failure(FetchFault.TOO_LARGE), PageState.FAILED),
        (failure(FetchFault.ADDRESS_REFUSED), PageState.FAILED),
        (answer(b"%PDF-1.7"), PageState.FAILED),
        (answer(b"<p>We use cookies</p><button>Accept all</button>"), PageState.FAILED),
    ],
)
def test_what_may_pass_is_tried_again_and_the_rest_is_given_up_with_its_reason(desk: Desk, page, state) -> None:
    """The article stands by its summary at once, either way."""
    desk.web.answers[PAGE] = page
    outcome = desk.read()
    assert (outcome.state, bool(outcome.detail), outcome.recorded) == (state, True, True)
    assert desk.text() == "In short."
    assert desk.store.page_state(1) == (state, outcome.detail)
    wait = getattr(page, "retry_after", None) or timedelta(minutes=5)
    desk.clock.advance(wait - timedelta(seconds=1))
    assert desk.store.pages_due(desk.clock.now()) == 0
    desk.clock.advance(timedelta(seconds=1))
    assert desk.store.pages_due(desk.clock.now()) == (state is PageState.WAITING)


def test_a_page_that_never_comes_is_given_up_after_three_tries(desk: Desk) -> None:
    """Five minutes, half an hour, no more."""
    desk.web.answers[PAGE] = failure(FetchFault.CONNECT)
    states = []
    for _ in range(3):
        states.append(desk.read().state)
        desk.clock.advance(timedelta(minutes=31))
    assert states == [PageState.WAITING, PageState.WAITING, PageState.FAILED]
    assert desk.store.pages_due(desk.clock.now()) == 0


def test_our_own_stop_records_nothing(desk: Desk) -> None:
    """The page is claimed again when its lease has ended."""
    desk.web.answers[PAGE] = failure(FetchFault.CUT_OFF)
    outcome = desk.read()
    assert (outcome.recorded, outcome.state, outcome.pause >= BETWEEN_PAGES) == (False, PageState.WAITING, True)
    desk.clock.advance(MINUTE)
    assert desk.claim().tries == 0
