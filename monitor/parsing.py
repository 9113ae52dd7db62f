"""Reads feeds and web pages in processes of their own, which can be killed.

On the article's way: between a body that arrived and its entries. A feed can be made so that reading it takes minutes
or all memory (entities that multiply, a hundred thousand nested tags), inside C code that no thread can be stopped in.
Here each body is read by a worker process under a time and a memory limit; what goes wrong there stays there.

It does not know how a feed is read: ``monitor.feeds`` does. It does not fetch, and stores nothing.
"""

from __future__ import annotations

import contextlib
import fcntl
import multiprocessing
import os
import resource
import select
import signal
import sys
import threading
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, CancelledError, wait
from concurrent.futures import TimeoutError as FutureTimeoutError
from multiprocessing.context import ForkServerContext, ForkServerProcess
from multiprocessing.popen_forkserver import Popen
from multiprocessing.process import BaseProcess
from types import ModuleType
from typing import Protocol, TypeVar

import structlog
from pebble import ProcessExpired, ProcessFuture, ProcessPool

from monitor.errors import ParseError
from monitor.feeds import extract_page, parse_feed
from monitor.model import FetchFailed, FetchFault, ParsedFeed, ParsedPage, Settings

MEMORY_BYTES = 1 << 30  # address space of one worker, the interpreter's own included
TASKS_PER_WORKER = 500  # then a fresh one: what a parser leaks is gone
_TRIES = 2  # a pool that broke under one feed is replaced, and the feed tried once more

_WATCH_SECONDS = 0.25

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
        self._lock = threading.Lock()
        self._pool: ProcessPool | None = None
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
        for _ in range(_TRIES):
            pool = self._running_pool()
            if pool is None:
                break
            try:
                future: ProcessFuture[T] = pool.schedule(
                    read,
                    args=(body,),
                    kwargs=arguments,
                    timeout=self._settings.parse_deadline.total_seconds(),
                )
            except RuntimeError:  # the pool broke, or was closed, since it was looked at
                self._discard(pool)
                continue
            try:
                return _result(pool, future)
            except ParseError as error:
                return _failed(url, FetchFault.NOT_A_FEED, str(error))
            except FutureTimeoutError:
                seconds = self._settings.parse_deadline.total_seconds()
                return _failed(url, FetchFault.PARSE_DEADLINE, f"reading this feed took longer than {seconds:g} s")
            except MemoryError:
                return _failed(url, FetchFault.PARSE_DEADLINE, "reading this feed needs more memory than it may have")
            except ProcessExpired as error:
                # Killed by the system for its memory, or crashed in a C library: the feed did that, not a bug of ours.
                _log.warning("parser_died", feed=url, exit_code=error.exitcode)
                return _failed(url, FetchFault.PARSE_DEADLINE, "reading this feed brought its process down")
            except (BrokenExecutor, CancelledError, _PoolEnded):
                self._discard(pool)
            except Exception as error:  # noqa: BLE001 (any fault that hostile bytes provoke concerns this feed alone)
                _log.error("parser_failed", feed=url, error=type(error).__name__, exc_info=error)
                return _failed(url, FetchFault.NOT_A_FEED, f"this can't be read as a feed ({type(error).__name__})")
        return _failed(url, FetchFault.CUT_OFF, "the processes that read feeds ended before they were done")

    def close(self) -> None:
        """End the worker processes now; feeds that are being read end as failures."""
        with self._lock:
            self._closed = True
            pool, self._pool = self._pool, None
        if pool is not None:
            _end(pool)

    def _running_pool(self) -> ProcessPool | None:
        with self._lock:
            if self._closed:
                return None
            if self._pool is None:
                context = _Context()
                context.set_forkserver_preload([__name__])
                self._pool = ProcessPool(
                    max_workers=self._settings.parse_processes,
                    max_tasks=TASKS_PER_WORKER,
                    initializer=_prepare_worker,
                    initargs=(self._memory,),
                    context=context,
                )
            return self._pool

    def _discard(self, pool: ProcessPool) -> None:
        """Drop a broken pool; the next feed starts a new one."""
        with self._lock:
            mine = self._pool is pool
            if mine:
                self._pool = None
        if mine:
            _log.warning("parser_pool_replaced")
            _end(pool)


class _PoolEnded(Exception):
    """The pool was closed, or broke, while a feed waited in it."""


def _result(pool: ProcessPool, future: ProcessFuture[T]) -> T:
    """The future's result. A pool that ends leaves its futures open for ever, so it is watched meanwhile."""
    while not wait((future,), timeout=_WATCH_SECONDS).done:
        if not pool.active:
            raise _PoolEnded
    return future.result()


def _end(pool: ProcessPool) -> None:
    pool.stop()
    pool.join()


def _failed(url: str, fault: FetchFault, detail: str) -> FetchFailed:
    return FetchFailed(url=url, fault=fault, detail=detail)


# --- the worker processes ---


class _Process(ForkServerProcess):
    """A worker that does not run the service's main module first.

    Multiprocessing imports the parent's ``__main__`` into each child, which here would load the whole service. A worker
    needs nothing of it, so it is out of sight for the moment in which the child's orders are written.
    """

    _out_of_sight = threading.Lock()

    @staticmethod
    def _Popen(process_obj: BaseProcess) -> Popen:  # noqa: N802 (multiprocessing's name)
        with _Process._out_of_sight:
            main = sys.modules["__main__"]
            sys.modules["__main__"] = ModuleType("__main__")
            try:
                return ForkServerProcess._Popen(process_obj)  # noqa: SLF001 (the one place to hook in)
            finally:
                sys.modules["__main__"] = main


class _Context(ForkServerContext):
    """Workers are forked by a small server process that has one thread.

    A fork of the service itself would copy the locks that its other threads hold.
    """

    Process = _Process


def _prepare_worker(memory: int) -> None:
    """Runs first in each worker: its limits, and its end."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    # Not Python's handler, which would wait until the C code that we want to stop comes back.
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    with contextlib.suppress(OSError, ValueError):  # a system without this limit, or with a lower one
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    _end_with_service()


def _end_with_service() -> None:
    """Have the kernel end this process when the service is gone, even while C code holds the interpreter.

    Every child has the read end of a pipe whose write end only the service holds. Asynchronous notice on it (O_ASYNC)
    raises SIGIO when that end closes, and SIGIO's default action ends the process.
    """
    parent = multiprocessing.parent_process()
    if parent is None:
        return
    sentinel = parent.sentinel
    signal.signal(signal.SIGIO, signal.SIG_DFL)
    fcntl.fcntl(sentinel, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(sentinel, fcntl.F_SETFL, fcntl.fcntl(sentinel, fcntl.F_GETFL) | os.O_ASYNC)
    if select.select([sentinel], [], [], 0)[0]:  # it was gone before the notice was set
        os._exit(1)
