"""Reads feeds and web pages in processes of their own, which can be killed.

On the article's way: between a body that arrived and its entries. A feed can be made so that reading it takes minutes
or all memory (entities that multiply, a hundred thousand nested tags), inside C code that no thread can be stopped in.
Here each body is read by a worker process under a time and a memory limit; what goes wrong there stays there.

It does not know how a feed is read: ``monitor.feeds`` does. It does not fetch, and stores nothing.
"""

from __future__ import annotations

import contextlib
import fcntl
import gc
import multiprocessing
import os
import pickle
import resource
import select
import signal
import sys
import threading
import traceback
from collections.abc import Callable
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerContext, ForkServerProcess
from multiprocessing.popen_forkserver import Popen
from multiprocessing.process import BaseProcess
from types import ModuleType
from typing import Any, Protocol, TypeVar

import structlog

from monitor.errors import ParseError
from monitor.feeds import extract_page, parse_feed
from monitor.model import FetchFailed, FetchFault, ParsedFeed, ParsedPage, Settings

MEMORY_BYTES = 1 << 30  # address space of one worker, the interpreter's own included
TASKS_PER_WORKER = 500  # then a fresh one: what a parser leaks is gone
_TRIES = 2  # a worker that could not be had is tried for once more
_END_SECONDS = 5.0
_START_SECONDS = 60.0  # for a worker to be there, on a machine that does much else

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
        self._idle: list[_Worker] = []
        self._workers: set[_Worker] = set()
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
        worker: _Worker | None = None
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

    def _worker(self) -> _Worker | None:
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

    def _started(self) -> _Worker | None:
        """A new worker; None when closed.

        Raises:
            OSError, EOFError: it did not come up.
        """
        worker = _Worker(self._memory)
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

    def _give_back(self, worker: _Worker | None) -> None:
        if worker is not None and not worker.usable:
            self._give_up(worker)
        with self._change:
            self._busy -= 1
            if worker is not None and worker.usable:
                self._idle.append(worker)
            self._change.notify()

    def _give_up(self, worker: _Worker) -> None:
        worker.end()
        with self._change:
            self._workers.discard(worker)


def _ended(url: str) -> FetchFailed:
    return _failed(url, FetchFault.CUT_OFF, "the processes that read feeds ended before they were done")


def _failed(url: str, fault: FetchFault, detail: str) -> FetchFailed:
    return FetchFailed(url=url, fault=fault, detail=detail)


# --- the worker processes ---


class _Worker:
    """One worker process, and the pipe that its work goes through; for one thread at a time.

    ``usable``: it may be given another feed.
    """

    def __init__(self, memory: int) -> None:
        context = _Context()
        context.set_forkserver_preload([__name__])
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_work, args=(theirs, memory), daemon=True)
        self._left = TASKS_PER_WORKER
        self.usable = False
        try:
            self._process.start()
        finally:
            theirs.close()

    def wait_until_ready(self) -> None:
        """Wait until it has loaded what it needs: the time for a feed counts from then on.

        Raises:
            EOFError, OSError: it ended, or did not come up.
        """
        if not self._pipe.poll(_START_SECONDS):
            raise TimeoutError
        self._pipe.recv_bytes()
        self.usable = True

    def waits(self) -> bool:
        """Whether it is there and has nothing to say: a pipe whose other end is gone has."""
        try:
            return not self._pipe.poll(0)
        except OSError:
            return False

    def ask(self, task: object, seconds: float) -> Any:
        """What the task came to, or the exception that it raised.

        Raises:
            TimeoutError: it took longer than ``seconds``; the worker is no longer usable.
            EOFError, OSError: the worker ended, or was ended.
        """
        self.usable = False
        self._pipe.send_bytes(pickle.dumps(task, pickle.HIGHEST_PROTOCOL))
        if not self._pipe.poll(seconds):
            raise TimeoutError
        answer = pickle.loads(self._pipe.recv_bytes())  # noqa: S301 - from our own process
        self._left -= 1
        self.usable = self._left > 0
        return answer

    def exit_code(self) -> int | None:
        """How it ended; None while it lives."""
        self._process.join(_END_SECONDS)
        return self._process.exitcode

    def end(self) -> None:
        """End it, whatever it is in."""
        self._process.kill()
        self._process.join(_END_SECONDS)


def _work(pipe: Connection, memory: int) -> None:
    """What a worker does until its pipe is closed."""
    _prepare_worker(memory)
    pipe.send_bytes(b"ready")
    while True:
        try:
            read, body, arguments = pickle.loads(pipe.recv_bytes())  # noqa: S301 - from our own process
        except EOFError:
            return
        pipe.send_bytes(_outcome(read, body, arguments))


def _outcome(read: Callable[..., object], body: bytes, arguments: dict[str, object]) -> bytes:
    try:
        return pickle.dumps(read(body, **arguments), pickle.HIGHEST_PROTOCOL)
    except ParseError as error:
        return pickle.dumps(error)
    except BaseException as error:  # noqa: BLE001 - told to whoever asked
        with contextlib.suppress(Exception):
            error.add_note("".join(traceback.format_tb(error.__traceback__)))
            return pickle.dumps(error)
        return pickle.dumps(RuntimeError(type(error).__name__))


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
    # What is loaded stays: a pass over it finds nothing, and would copy the pages that the workers share.
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)


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
