"""The use case: read the pages of articles whose feeds give only a summary.

::

    claim page         under a lease, with a fencing token; one a host
    | robots.txt       what the site asks to leave alone is left alone
    | fetch            under the same guards as feeds
    | extract          in another process
    | record           the article's text, or why its summary has to do, in one commit

An article does not wait for its page for long: it is judged by its summary when the page fails or takes its time, and
again when the page comes after all. A kill anywhere loses nothing: what was claimed is claimed again.

Starts no threads and writes no log; whoever runs it (``app``) does.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from datetime import timedelta
from urllib.parse import urlsplit

from monitor.feeds import ALLOW_ALL, REFUSE_ALL, Robots, read_robots
from monitor.model import (
    DuePage,
    Feed,
    Fetched,
    FetchFailed,
    FetchFault,
    FetchRequest,
    PageOutcome,
    PageState,
    ParsedPage,
    Settings,
)
from monitor.ports import Clock, Fetcher, PageParser, Store

AGENT = "NewsWatch"
"""The product token that robots.txt may name."""

BETWEEN_PAGES = timedelta(seconds=1)
"""The least between two pages of one host; what its robots.txt asks for may be more."""

_ACCEPT = "text/html, application/xhtml+xml;q=0.9, */*;q=0.5"
_MAX_PAGE_BYTES = 8_000_000
_ROBOTS_BYTES = 1_000_000
_ROBOTS_COUNT = timedelta(hours=24).total_seconds()
_ROBOTS_AGAIN = timedelta(hours=1).total_seconds()
_MOST_ROBOTS = 2_000
_PAUSES = (timedelta(minutes=5), timedelta(minutes=30))
_LONGEST_PAUSE = timedelta(hours=6)
_PASSING = frozenset({
    FetchFault.DNS, FetchFault.CONNECT, FetchFault.TLS, FetchFault.DEADLINE, FetchFault.BROKEN_BODY,
    FetchFault.HELD_BACK,
})  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class PageRead:
    """One try at one page, told for the log. ``pause`` is how long its host is to be left alone."""

    page: DuePage
    state: PageState
    detail: str
    pause: timedelta
    recorded: bool


@dataclass(slots=True)
class RobotsMemory:
    """What the hosts' robots.txt said, for a day; one that could not be had is asked for again within the hour."""

    _lock: threading.Lock = field(default_factory=threading.Lock)
    _known: dict[str, tuple[float, Robots]] = field(default_factory=dict)

    def get(self, site: str, now: float) -> Robots | None:
        """The rules of a site (scheme, host and port) while they count."""
        with self._lock:
            until, robots = self._known.get(site, (now, ALLOW_ALL))
            return robots if until > now else None

    def put(self, site: str, robots: Robots, until: float) -> None:
        """Remember a site's rules; the ones learnt first make room."""
        with self._lock:
            self._known.pop(site, None)
            while len(self._known) >= _MOST_ROBOTS:
                del self._known[next(iter(self._known))]
            self._known[site] = (until, robots)


@dataclass(frozen=True, slots=True, kw_only=True)
class PageReader:
    """From a claimed page to the article's text. Thread-safe."""

    store: Store
    fetcher: Fetcher
    parser: PageParser
    clock: Clock
    robots: RobotsMemory = field(default_factory=RobotsMemory)

    def read(self, page: DuePage, feed: Feed, settings: Settings) -> PageRead:
        """Read one claimed page and record what came of it.

        Raises:
            StoreError: the database refused; the page is claimed again when its lease has ended.
        """
        robots = self._robots_for(page.url, feed, settings)
        pause = max(BETWEEN_PAGES, robots.pause)
        if not robots.allows(page.url):
            why = "its site can't be asked for its robots.txt" if robots is REFUSE_ALL else "its robots.txt forbids it"
            return self._not_read(page, why, pause, again=robots is REFUSE_ALL)
        fetched = self.fetcher.fetch(_request(page.url, feed, settings, _MAX_PAGE_BYTES))
        if isinstance(fetched, FetchFailed):
            return self._failed(page, fetched, pause)
        assert isinstance(fetched, Fetched), "asked without validators"
        if _site(fetched.url) != _site(page.url) and not self._robots_for(fetched.url, feed, settings).allows(
            fetched.url
        ):
            return self._not_read(page, "the robots.txt of the site that it leads to forbids it", pause)
        parsed = self.parser.extract(fetched.body, content_type=fetched.content_type, url=fetched.url)
        if isinstance(parsed, FetchFailed):
            return self._failed(page, parsed, pause)
        if not parsed.usable:
            return self._not_read(page, "; ".join(parsed.doubts), pause)
        return self._read(page, parsed, pause)

    def _read(self, page: DuePage, parsed: ParsedPage, pause: timedelta) -> PageRead:
        detail = "; ".join(parsed.doubts)
        outcome = PageOutcome(
            article=page.article,
            token=page.token,
            state=PageState.READ,
            at=self.clock.now(),
            text=parsed.text,
            canonical_url=parsed.canonical_url,
            language=parsed.language,
            links=parsed.links,
            detail=detail,
        )
        recorded = self.store.record_page(outcome)
        return PageRead(page=page, state=PageState.READ, detail=detail, pause=pause, recorded=recorded)

    def _failed(self, page: DuePage, failure: FetchFailed, pause: timedelta) -> PageRead:
        if failure.fault is FetchFault.CUT_OFF:
            # Our own stop: nothing is recorded, the page is read at the next start.
            return PageRead(page=page, state=PageState.WAITING, detail=failure.detail, pause=pause, recorded=False)
        passing = failure.fault in _PASSING or failure.status in {408, 425, 429} or (failure.status or 0) >= 500
        return self._not_read(page, failure.told(), max(pause, failure.retry_after or pause), again=passing)

    def _not_read(self, page: DuePage, detail: str, pause: timedelta, *, again: bool = False) -> PageRead:
        """The article stands by its summary; ``again``: what kept the page away may pass."""
        state, due = PageState.FAILED, None
        now = self.clock.now()
        if again and page.tries < len(_PAUSES):
            state, due = PageState.WAITING, now + max(_PAUSES[page.tries], min(pause, _LONGEST_PAUSE))
        outcome = PageOutcome(article=page.article, token=page.token, state=state, at=now, due=due, detail=detail)
        recorded = self.store.record_page(outcome)
        return PageRead(page=page, state=state, detail=detail, pause=pause, recorded=recorded)

    def _robots_for(self, url: str, feed: Feed, settings: Settings) -> Robots:
        """The rules of the page's site (RFC 9309, section 2.3): none where there is no file, all refused in trouble."""
        site = _site(url)
        now = self.clock.monotonic()
        robots = self.robots.get(site, now)
        if robots is not None:
            return robots
        answer = self.fetcher.fetch(_request(f"{site}/robots.txt", feed, settings, _ROBOTS_BYTES))
        counts = _ROBOTS_COUNT
        if isinstance(answer, Fetched):
            robots = read_robots(answer.body, agent=AGENT)
        elif isinstance(answer, FetchFailed) and not _forbids(answer):
            robots = ALLOW_ALL
        else:
            robots, counts = REFUSE_ALL, _ROBOTS_AGAIN
        self.robots.put(site, robots, now + counts)
        return robots


def _forbids(answer: FetchFailed) -> bool:
    """Whether a robots.txt that did not come means "nothing": a server in trouble, or none that could be reached."""
    if answer.fault is FetchFault.BROKEN_BODY and "empty" in answer.detail:
        return False
    return answer.status is None or answer.status == 429 or answer.status >= 500


def _request(url: str, feed: Feed, settings: Settings, max_bytes: int) -> FetchRequest:
    """A page's request. What the config gives the feed to prove who asks goes to the feed's own host alone."""
    mine = urlsplit(url).hostname == urlsplit(feed.url).hostname
    return FetchRequest(
        url=url,
        # A server that has both must not answer with its feed.
        headers={"Accept": _ACCEPT, **(feed.headers if mine else {})},
        proxy=feed.proxy,
        allow_private=feed.allow_private,
        deadline=settings.fetch_deadline,
        max_bytes=max_bytes,
    )


def _site(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"
