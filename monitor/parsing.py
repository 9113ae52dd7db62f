"""Reads feeds and web pages in processes of their own, which can be killed.

On the article's way: between a body that arrived and its entries. A feed can be made so that reading it takes minutes
or all memory (entities that multiply, a hundred thousand nested tags), inside C code that no thread can be stopped in.
Here each body is read by a worker process under a time and a memory limit; what goes wrong there stays there.

It does not know how a feed is read: ``monitor.feeds`` does. It does not fetch, and stores nothing.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from typing import Protocol, TypeVar

import structlog

from monitor.errors import ParseError
from monitor.feeds import extract_page, parse_feed
from monitor.model import FetchFailed, FetchFault, ParsedFeed, ParsedPage, Settings
from monitor.workers import Worker

MEMORY_BYTES = 1 << 30  # address space of one worker, the interpreter's own included
_TRIES = 2  # a worker that could not be had is tried for once more

T = TypeVar("T")

_log = structlog.stdlib.get_logger(__name__)


class Read(Protocol):
    """How a body is read; a module-level function, for workers find it by its name."""

    def __call__(self, body: bytes, *, content_type: str, url: str, max_entries: int) -> ParsedFeed:
        """The feed. Raises ``ParseError`` for bytes that hold none."""


class Extract(Protocol):
    """How a web page is read; a module-level function too."""

    def __call__(self, body: bytes, *, content_type: str, url: str) -> ParsedPage:
        """The page. Raises ``ParseError`` for bytes that hold none."""


class ProcessParser:
    """Reads feeds and pages in ``settings.parse_processes`` workers. Thread-safe.

    Implements the ``Parser`` and the ``PageParser`` port.

    Workers start at the first use, so that a command that parses nothing pays nothing. One that works longer than
    ``settings.parse_deadline`` on a feed, or needs more than ``memory`` bytes, is killed and replaced; the feed ends as
    ``FetchFault.PARSE_DEADLINE``. The deadline counts from when a worker takes the feed up, not while it waits for one.

    Workers ignore Ctrl-C (the service decides when they end) and never outlive the service, however it ends.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        read: Read = parse_feed,
        extract: Extract = extract_page,
        memory: int = MEMORY_BYTES,
    ) -> None:
        self._settings = settings
        self._read = read
        self._extract = extract
        self._memory = memory
        self._change = threading.Condition()
        self._starting = threading.Lock()
        self._idle: list[Worker] = []
        self._workers: set[Worker] = set()
        self._busy = 0
        self._closed = False

    def parse(self, body: bytes, *, content_type: str, url: str) -> ParsedFeed | FetchFailed:
        """The feed, or a failure of kind NOT_A_FEED or PARSE_DEADLINE; waits for a free worker."""
        return self._run(
            self._read, body, url, {"content_type": content_type, "url": url, "max_entries": self._settings.max_entries}
        )

    def extract(self, body: bytes, *, content_type: str, url: str) -> ParsedPage | FetchFailed:
        """The article in a web page, or a failure of the same kinds."""
        return self._run(self._extract, body, url, {"content_type": content_type, "url": url})

    def _run(self, read: Callable[..., T], body: bytes, url: str, arguments: dict[str, object]) -> T | FetchFailed:
        if not self._wait_for_place():
            return _ended(url)
        worker: Worker | None = None
        try:
            worker = self._worker()
            if worker is None:
                return _ended(url)
            answer: T | BaseException = worker.ask(
                (read, body, arguments), self._settings.parse_deadline.total_seconds()
            )
        except TimeoutError:
            seconds = self._settings.parse_deadline.total_seconds()
            return _failed(url, FetchFault.PARSE_DEADLINE, f"reading this feed took longer than {seconds:g} s")
        except (EOFError, OSError):
            if self._closed or worker is None:
                return _ended(url)
            # Killed by the system for its memory, or crashed in a C library: the feed did that, not a bug of ours.
            _log.warning("parser_died", feed=url, exit_code=worker.exit_code())
            return _failed(url, FetchFault.PARSE_DEADLINE, "reading this feed brought its process down")
        finally:
            self._give_back(worker)
        match answer:
            case ParseError():
                return _failed(url, FetchFault.NOT_A_FEED, str(answer))
            case MemoryError():
                return _failed(url, FetchFault.PARSE_DEADLINE, "reading this feed needs more memory than it may have")
            case BaseException():  # any fault that hostile bytes provoke concerns this feed alone
                _log.error("parser_failed", feed=url, error=type(answer).__name__, exc_info=answer)
                return _failed(url, FetchFault.NOT_A_FEED, f"this can't be read as a feed ({type(answer).__name__})")
        return answer

    def close(self) -> None:
        """End the worker processes now; feeds that are being read end as failures."""
        with self._change:
            self._closed = True
            workers = list(self._workers)
            self._change.notify_all()
        for worker in workers:
            worker.end()

    def _wait_for_place(self) -> bool:
        """Wait until fewer workers are busy than there may be; False when closed meanwhile."""
        with self._change:
            self._change.wait_for(lambda: self._closed or self._busy < self._settings.parse_processes)
            if self._closed:
                return False
            self._busy += 1
            return True

    def _worker(self) -> Worker | None:
        """A worker that waits for work, if need be a new one; None when closed."""
        with self._change:
            while self._idle:
                worker = self._idle.pop()
                if worker.waits():
                    return worker
                self._workers.discard(worker)  # killed from outside, between two feeds
        for _ in range(_TRIES):
            with self._starting, contextlib.suppress(OSError, EOFError):
                return self._started()
            _log.warning("parser_not_started")
        return None

    def _started(self) -> Worker | None:
        """A new worker; None when closed.

        Raises:
            OSError, EOFError: it did not come up.
        """
        worker = Worker(self._memory)
        with self._change:
            self._workers.add(worker)
            closed = self._closed
        try:
            if not closed:
                worker.wait_until_ready()
        finally:
            if not worker.usable:
                self._give_up(worker)
        return worker if worker.usable else None

    def _give_back(self, worker: Worker | None) -> None:
        if worker is not None and not worker.usable:
            self._give_up(worker)
        with self._change:
            self._busy -= 1
            if worker is not None and worker.usable:
                self._idle.append(worker)
            self._change.notify()

    def _give_up(self, worker: Worker) -> None:
        worker.end()
        with self._change:
            self._workers.discard(worker)


def _ended(url: str) -> FetchFailed:
    return _failed(url, FetchFault.CUT_OFF, "the processes that read feeds ended before they were done")


def _failed(url: str, fault: FetchFault, detail: str) -> FetchFailed:
    return FetchFailed(url=url, fault=fault, detail=detail)
