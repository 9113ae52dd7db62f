"""Reading the pages of articles in the background: one thread that claims, a few that read, and a host's peace kept.

::

    page thread       claim due pages, one a host ──> read threads ──> article made whole ──> wake the judge

Polling never waits for it. What is due lives in the database; here are only the hosts that were asked a moment ago, and
they are let be for a moment after a start as well as without it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta

from pebble import ThreadPool

from monitor.app.parts import Parts
from monitor.errors import StoreError
from monitor.fulltext import BETWEEN_PAGES, PageRead
from monitor.logs import get_logger
from monitor.model import DuePage, Feed, PageState, Settings
from monitor.pipeline import Plan
from monitor.ports import Clock

PAGE_THREADS = 4

_IDLE = 5.0
_SOON = 0.25
_ONE_PASS = timedelta(minutes=2)
"""How long one pass (``monitor poll``) reads pages; what is left is read by the next."""

log = get_logger("monitor")


class HostPeace:
    """Which hosts are not to be asked now: one page at a time, and a pause after each. Thread-safe."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._reading: set[str] = set()
        self._until: dict[str, float] = {}

    def busy(self) -> tuple[str, ...]:
        """The hosts that are asked now, or were a moment ago."""
        now = self._clock.monotonic()
        with self._lock:
            self._until = {host: until for host, until in self._until.items() if until > now}
            return (*self._reading, *self._until)

    def begin(self, host: str) -> None:
        """A page of this host is being read."""
        with self._lock:
            self._reading.add(host)

    def end(self, host: str, pause: timedelta) -> None:
        """It was read; the host is let be for ``pause``."""
        with self._lock:
            self._reading.discard(host)
            self._until[host] = self._clock.monotonic() + pause.total_seconds()

    @property
    def reading(self) -> int:
        """How many pages are being read."""
        with self._lock:
            return len(self._reading)


class PageWork:
    """Pages read in the background. ``plan`` gives the plan in force; ``on_read`` is called when an article changed."""

    def __init__(self, parts: Parts, *, clock: Clock, plan: Callable[[], Plan], on_read: Callable[[], None]) -> None:
        self._parts = parts
        self._clock = clock
        self._plan = plan
        self._on_read = on_read
        self._peace = HostPeace(clock)
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._pool = ThreadPool(max_workers=PAGE_THREADS)
        self._thread = threading.Thread(target=self._loop, name="pages", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def wake(self) -> None:
        """New articles came; some may want their pages."""
        self._wake.set()

    def stop(self) -> None:
        """Begin nothing more; what is being read is cut off with the fetcher and read at the next start."""
        self._stopping.set()
        self._wake.set()
        self._pool.stop()

    def _loop(self) -> None:
        while not self._stopping.is_set():
            self._wake.clear()
            try:
                waiting = self._claim()
            except StoreError as error:
                log.error("pages_refused", detail=str(error))
                self._stopping.wait(_IDLE)
                continue
            # One fault of ours must not end the reading of all pages.
            except Exception:
                log.exception("page_fault")
                self._stopping.wait(_IDLE)
                continue
            self._wake.wait(_SOON if waiting else _IDLE)

    def _claim(self) -> bool:
        """Hand what is due to the read threads; whether more may be due soon."""
        plan = self._plan()
        room = PAGE_THREADS - self._peace.reading
        if room <= 0:
            return True
        lease = page_lease(plan.settings)
        busy = self._peace.busy()
        pages = self._parts.store.claim_pages(self._clock.now(), limit=room, lease=lease, busy=busy)
        for page in pages:
            self._peace.begin(page.host)
            self._pool.schedule(self._read, args=(page, plan))
        return bool(pages or busy)

    def _read(self, page: DuePage, plan: Plan) -> None:
        pause = BETWEEN_PAGES
        try:
            if self._stopping.is_set():
                return
            # A feed that left the config: its article is made whole all the same, as any reader would.
            outcome = self._parts.pages.read(
                page, plan.feeds.get(page.feed_url) or Feed(url=page.feed_url), plan.settings
            )
            pause = outcome.pause
            say_page(outcome)
            if outcome.recorded:
                self._on_read()
        except StoreError as error:
            if not self._stopping.is_set():
                log.error("page_not_recorded", article=page.article, detail=str(error))
        # A fault of ours in one page must not end the thread that reads the others; the lease brings it back.
        except Exception:
            log.exception("page_fault", article=page.article, url=page.url)
        finally:
            self._peace.end(page.host, pause)
            self._wake.set()


def read_pages(parts: Parts, plan: Plan, *, clock: Clock) -> tuple[PageRead, ...]:
    """Read the pages that are due now, each once, in one pass; articles then wait for none of the rest."""
    peace = HostPeace(clock)
    pool = ThreadPool(max_workers=PAGE_THREADS)
    done: list[PageRead] = []
    now, ends = clock.now(), clock.monotonic() + _ONE_PASS.total_seconds()
    progress = threading.Event()

    def read(page: DuePage) -> None:
        pause = BETWEEN_PAGES
        try:
            outcome = parts.pages.read(page, plan.feeds.get(page.feed_url) or Feed(url=page.feed_url), plan.settings)
            pause = outcome.pause
            say_page(outcome)
            done.append(outcome)
        finally:
            peace.end(page.host, pause)
            progress.set()

    try:
        while clock.monotonic() < ends:
            progress.clear()
            busy = peace.busy()
            room = max(0, PAGE_THREADS - peace.reading)
            # ``now`` stands still: what is put off for a later try is not due in this pass.
            pages = parts.store.claim_pages(now, limit=room, lease=page_lease(plan.settings), busy=busy) if room else ()
            for page in pages:
                peace.begin(page.host)
                pool.schedule(read, args=(page,))
            if not pages and not peace.reading and not parts.store.pages_due(now):
                break
            progress.wait(_SOON)
    finally:
        pool.close()
        pool.join()
    parts.store.end_page_waits()
    return tuple(done)


def page_lease(settings: Settings) -> timedelta:
    """For a page, its robots.txt and that of the site that it leads to."""
    return settings.fetch_deadline * 3 + settings.parse_deadline * 2 + timedelta(minutes=1)


def say_page(outcome: PageRead) -> None:
    """Log one try at one page."""
    bound = log.bind(article=outcome.page.article, url=outcome.page.url, detail=outcome.detail)
    if outcome.state is PageState.READ:
        bound.debug("page_read")
    elif outcome.state is PageState.WAITING:
        bound.info("page_put_off")
    else:
        bound.info("page_not_read")
