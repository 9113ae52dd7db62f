"""Failures for tests at real seams: a database connection that fails at one call, and a wire that is cut at one piece.

Both count over all that goes through them and strike once, or from then on, so that a test can let every call of a
journey fail in its turn.
"""

from __future__ import annotations

import contextlib
import select
import socket
import sqlite3
import struct
import threading
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest


class Count:
    """Counts calls or pieces; ``strikes`` says whether this one is to fail: the one ``at``, and all ``ever_after``.

    Thread-safe. ``seen``: how many came so far.
    """

    def __init__(self, at: int | None = None, *, ever_after: bool = False) -> None:
        self.seen = 0
        self._at = at
        self._ever_after = ever_after
        self._lock = threading.Lock()

    def strikes(self) -> bool:
        with self._lock:
            self.seen += 1
            if self._at is None:
                return False
            return self.seen >= self._at if self._ever_after else self.seen == self._at

    @property
    def struck(self) -> bool:
        """Whether it came so far."""
        return self._at is not None and self.seen >= self._at


# --- the database ---


def failing_database(patch: pytest.MonkeyPatch, count: Count, *, only: str = "", done_first: bool = False) -> None:
    """From now on connections fail at the call that ``count`` names, as on a broken disk.

    ``only``: calls of this one statement are counted. ``done_first``: the call is carried out before it is said to have
    failed, which is how a commit may end whose last wait for the disk fails.
    """

    def call(run: Callable[[], sqlite3.Cursor], statement: str) -> sqlite3.Cursor:
        strikes = only in {"", statement} and count.strikes()
        if strikes and not done_first:
            raise broken_disk()
        done = run()
        if strikes:
            raise broken_disk()
        return done

    patch.setattr(sqlite3, "connect", partial(_CONNECT, factory=calling(call)))


def calling(call: Callable[[Callable[[], sqlite3.Cursor], str], sqlite3.Cursor]) -> type[sqlite3.Connection]:
    """A kind of connection whose every call, with its statement, goes through ``call``."""

    class Connection(sqlite3.Connection):
        def execute(self, *arguments: Any) -> sqlite3.Cursor:
            return call(partial(super().execute, *arguments), arguments[0])

        def executemany(self, *arguments: Any) -> sqlite3.Cursor:
            return call(partial(super().executemany, *arguments), arguments[0])

    return Connection


def full_database(patch: pytest.MonkeyPatch, pages: int) -> None:
    """From now on the disk has room for a database of so many pages."""

    class Connection(sqlite3.Connection):
        def __init__(self, *arguments: Any, **options: Any) -> None:
            super().__init__(*arguments, **options)
            self.execute(f"PRAGMA max_page_count = {pages}").close()

    patch.setattr(sqlite3, "connect", partial(_CONNECT, factory=Connection))


_CONNECT = sqlite3.connect


def broken_disk() -> sqlite3.OperationalError:
    """What SQLite says when a write failed."""
    error = sqlite3.OperationalError("disk I/O error")
    error.sqlite_errorcode = sqlite3.SQLITE_IOERR_WRITE
    error.sqlite_errorname = "SQLITE_IOERR_WRITE"
    return error


# --- the network ---


class Wire:
    """Relays of TCP connections to local ports; every connection and every piece of data either way is counted.

    Where the count strikes, both ends are reset. ``passed_on``: only after that piece has gone through.
    """

    def __init__(self) -> None:
        self.count = Count()
        self.passed_on = False
        self._listeners: list[socket.socket] = []
        self._threads: list[threading.Thread] = []

    def to(self, port: int) -> int:
        """A port that leads to that one."""
        listener = socket.create_server(("127.0.0.1", 0))
        self._listeners.append(listener)
        self._start(self._accept, listener, port)
        return int(listener.getsockname()[1])

    def close(self) -> None:
        for listener in self._listeners:
            with contextlib.suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)  # wakes the thread that accepts
            listener.close()
        for thread in self._threads:
            thread.join(10)
            assert not thread.is_alive(), "a relay did not end"

    def _start(self, work: Callable[..., None], *arguments: Any) -> None:
        thread = threading.Thread(target=work, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self, listener: socket.socket, port: int) -> None:
        while True:
            try:
                near, _ = listener.accept()
            except OSError:
                return
            if self.count.strikes():
                _reset(near)
                continue
            self._start(self._relay, near, socket.create_connection(("127.0.0.1", port)))

    def _relay(self, near: socket.socket, far: socket.socket) -> None:
        # One thread for both directions: a socket that another thread reads from can't be reset.
        targets = {near: far, far: near}
        with near, far, contextlib.suppress(OSError):
            while targets:
                for source in select.select(list(targets), [], [])[0]:
                    data = source.recv(65_536)
                    if not data:
                        targets.pop(source).shutdown(socket.SHUT_WR)
                        continue
                    strikes = self.count.strikes()
                    if not strikes or self.passed_on:
                        targets[source].sendall(data)
                    if strikes:
                        _reset(near)
                        _reset(far)
                        return


def _reset(end: socket.socket) -> None:
    end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    end.close()


@contextlib.contextmanager
def wire() -> Iterator[Wire]:
    """A wire for the time of a test."""
    relay = Wire()
    try:
        yield relay
    finally:
        relay.close()
