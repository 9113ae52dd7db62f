"""A total deadline that holds whatever the other side does.

On the article's way: around one whole fetch. A socket's own timeout counts anew with every byte, so a server that drips
headers or body can hold a reader for as long as it likes. Here an alarm shuts the connection down at the deadline, and
the blocked read ends at once.

It does not say what the fetch's failure means; whoever reads asks ``passed`` first, for a connection that was shut
down can look like any other broken one, or like a complete answer.
"""

from __future__ import annotations

import contextlib
import heapq
import os
import socket
import threading
from collections.abc import Callable
from datetime import timedelta
from time import monotonic  # noqa: TID251 - as threading's own timers do; what it ends are sockets
from types import TracebackType
from typing import Self

from monitor.ports import Clock

_MOST_CANCELLED = 256
_LINGER = 1.0  # seconds that the thread waits for more before it ends


class Alarm:
    """A call to be made at a time, unless it is cancelled before."""

    __slots__ = ("at", "call")

    def __init__(self, at: float, call: Callable[[], None] | None) -> None:
        self.at = at
        self.call = call

    def __lt__(self, other: Alarm) -> bool:
        return self.at < other.at


class _Alarms:
    """All deadlines watched by one thread: a timer of its own for each fetch would cost as much as the fetch.

    The thread ends when there is nothing left to watch. Its seconds are those of the system, whatever clock a deadline
    reads: what it ends are sockets.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._waiting: list[Alarm] = []
        self._live = 0
        self._running = False

    def set(self, seconds: float, call: Callable[[], None]) -> Alarm:
        with self._changed:
            alarm = Alarm(monotonic() + seconds, call)
            heapq.heappush(self._waiting, alarm)
            self._live += 1
            if not self._running:
                self._running = True
                threading.Thread(target=self._watch, name="fetch-deadline", daemon=True).start()
            elif self._waiting[0] is alarm:
                self._changed.notify()
            return alarm

    def cancel(self, alarm: Alarm) -> None:
        with self._changed:
            if alarm.call is None:
                return
            alarm.call = None
            self._live -= 1
            # Those that were cancelled lie in the heap until their time; not too many of them.
            if len(self._waiting) > 2 * self._live + _MOST_CANCELLED:
                self._waiting = [one for one in self._waiting if one.call is not None]
                heapq.heapify(self._waiting)

    def _watch(self) -> None:
        while True:
            with self._changed:
                while self._waiting and self._waiting[0].call is None:
                    heapq.heappop(self._waiting)
                wait = self._waiting[0].at - monotonic() if self._waiting else _LINGER
                if wait > 0:
                    self._changed.wait(wait)
                    if not self._live and not self._waiting:
                        self._running = False
                        return
                    continue
                call, self._waiting[0].call = self._waiting[0].call, None
                self._live -= 1
            if call is not None:
                call()


_ALARMS = _Alarms()


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
        self._alarm: Alarm | None = None

    def __enter__(self) -> Self:
        self._alarm = _ALARMS.set(self._span, self.cut)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        if self._alarm is not None:
            _ALARMS.cancel(self._alarm)
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
