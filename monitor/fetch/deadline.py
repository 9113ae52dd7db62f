"""A total deadline that holds whatever the other side does.

On the article's way: around one whole fetch. A socket's own timeout counts anew with every byte, so a server that drips
headers or body can hold a reader for as long as it likes. Here a timer shuts the connection down at the deadline, and
the blocked read ends at once.

It does not say what the fetch's failure means; whoever reads asks ``passed`` first, for a connection that was shut
down can look like any other broken one, or like a complete answer.
"""

from __future__ import annotations

import contextlib
import os
import socket
import threading
from collections.abc import Callable
from datetime import timedelta
from types import TracebackType
from typing import Self

from monitor.ports import Clock


class Deadline:
    """A context manager around one fetch; entered by the thread that fetches, cut from any thread."""

    def __init__(self, clock: Clock, span: timedelta) -> None:
        self._clock = clock
        self._span = span.total_seconds()
        self._end = clock.monotonic() + self._span
        self._lock = threading.Lock()
        self._wake: list[Callable[[], object]] = []
        self._handles: list[socket.socket] = []
        self._passed = False
        self._timer = threading.Timer(self._span, self.cut)
        self._timer.daemon = True
        self._timer.name = "fetch-deadline"

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self._timer.cancel()
        with self._lock:
            self._wake.clear()
            for handle in self._handles:
                handle.close()
            self._handles.clear()

    @property
    def passed(self) -> bool:
        """Whether the time is over, or the fetch was cut off before."""
        return self._passed or self._clock.monotonic() >= self._end

    def remaining(self) -> float:
        """Seconds left, never below a millisecond: zero would make a socket non-blocking."""
        return max(self._end - self._clock.monotonic(), 0.001)

    def cut(self) -> None:
        """End the fetch now: wake what waits and shut its connections down."""
        with self._lock:
            self._passed = True
            for wake in self._wake:
                wake()
            for handle in self._handles:
                _shut(handle)

    def on_cut(self, wake: Callable[[], object]) -> None:
        """Call ``wake`` (quick, from another thread) when the fetch is cut; at once when it already was."""
        with self._lock:
            self._wake.append(wake)
            if self._passed:
                wake()

    def watch(self, sock: socket.socket) -> None:
        """Shut this connection down when the fetch is cut.

        A duplicate of the descriptor is kept: TLS takes the socket object's own descriptor away from it, and
        http.client closes it while the body is still being read. A shutdown on the duplicate reaches the connection
        all the same.
        """
        handle = socket.socket(sock.family, sock.type, sock.proto, fileno=os.dup(sock.fileno()))
        with self._lock:
            self._handles.append(handle)
            if self._passed:
                _shut(handle)


def _shut(handle: socket.socket) -> None:
    with contextlib.suppress(OSError):  # not connected yet, or no longer: then there is nothing to end
        handle.shutdown(socket.SHUT_RDWR)
