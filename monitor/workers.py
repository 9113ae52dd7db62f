"""A process that works through tasks handed to it over a pipe, and can be killed: the one side and the other.

On the article's way: beneath ``parsing``, which owns the workers. It stands apart so that a worker loads nothing but
what it reads with: no log, no pool. It knows nothing of feeds.
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
from typing import Any

__all__ = ["TASKS_PER_WORKER", "Worker"]

TASKS_PER_WORKER = 500  # then a fresh one: what a parser leaks is gone
_END_SECONDS = 5.0
_START_SECONDS = 60.0  # for a worker to be there, on a machine that does much else
_PRELOAD = ["monitor.workers", "monitor.feeds"]  # once, by the process that the workers are forked from


class Worker:
    """One worker process, and the pipe that its work goes through; for one thread at a time.

    ``usable``: it may be given another feed.
    """

    def __init__(self, memory: int) -> None:
        context = _Context()
        context.set_forkserver_preload(_PRELOAD)
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_work, args=(theirs, memory), daemon=True)
        self._news = select.poll()  # ``Connection.poll`` makes one anew for each question
        self._news.register(self._pipe.fileno(), select.POLLIN)
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
        if not self._says_within(_START_SECONDS):
            raise TimeoutError
        self._pipe.recv_bytes()
        self.usable = True

    def waits(self) -> bool:
        """Whether it is there and has nothing to say."""
        return not self._says_within(0)

    def ask(self, task: object, seconds: float) -> Any:
        """What the task came to, or the exception that it raised.

        Raises:
            TimeoutError: it took longer than ``seconds``; the worker is no longer usable.
            EOFError, OSError: the worker ended, or was ended.
        """
        self.usable = False
        self._pipe.send_bytes(pickle.dumps(task, pickle.HIGHEST_PROTOCOL))
        if not self._says_within(seconds):
            raise TimeoutError
        try:
            answer = pickle.loads(self._pipe.recv_bytes())  # noqa: S301 - from our own process
        except (EOFError, OSError):
            raise
        except Exception as error:  # noqa: BLE001 - an answer too, and this worker's last
            return error
        self._left -= 1
        self.usable = self._left > 0
        return answer

    def _says_within(self, seconds: float) -> bool:
        """Whether there is something to read by then; a pipe whose other end is gone has."""
        return bool(self._news.poll(seconds * 1000))

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
    except BaseException as error:  # noqa: BLE001 - told to whoever asked
        return _told(error)


def _told(error: BaseException) -> bytes:
    """An exception in bytes that surely can be read; one that can't travel is told by its name."""
    try:
        error.add_note("".join(traceback.format_tb(error.__traceback__)))
        told = pickle.dumps(error)
        # Many can be packed and not unpacked: their class wants other arguments than they keep.
        if isinstance(pickle.loads(told), BaseException):  # noqa: S301 - our own bytes
            return told
    except BaseException:  # noqa: BLE001, S110 - it is told as below
        pass
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
