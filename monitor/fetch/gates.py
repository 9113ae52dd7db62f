"""Few at a time, not too fast, and not at all while a host wants rest: how hosts are spared.

On the article's way: in front of each connection. A host that serves fifty of a person's feeds is asked as a
considerate reader would, however many threads there are; and when it asks one feed to wait, the others wait too.

It does not spread a feed's fetches over time; whoever plans them does.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum

from monitor.ports import Clock


class Place(Enum):
    """What a request to a host was given."""

    MINE = "mine"
    BUSY = "busy"  # none came free in time, or the gates were closed
    RESTING = "resting"  # the host wants no requests now


@dataclass(slots=True)
class _Host:
    taken: int = 0
    next_start: float = 0.0  # by the monotonic clock
    rest_until: float = 0.0
    waiting: int = field(default=0)


class HostGates:
    """A bounded number of places for each host, with a distance between the starts. Thread-safe."""

    def __init__(self, places: int, clock: Clock) -> None:
        self._places = max(places, 1)
        self._clock = clock
        self._changed = threading.Condition()
        self._hosts: dict[str, _Host] = {}
        self._closed = False

    @contextmanager
    def place(self, host: str, *, wait: float, distance: float = 0.0) -> Iterator[Place]:
        """Hold one of the host's places while the block runs; waits at most ``wait`` seconds for it.

        ``distance``: seconds between the starts of two requests to this host.
        """
        with self._changed:
            given = self._take(host, wait, distance)
        try:
            yield given
        finally:
            if given is Place.MINE:
                with self._changed:
                    self._hosts[host].taken -= 1
                    self._forget(host)
                    self._changed.notify_all()

    def rest(self, host: str, seconds: float) -> None:
        """Let no request to this host begin for so long."""
        with self._changed:
            known = self._hosts.setdefault(host, _Host())
            known.rest_until = max(known.rest_until, self._clock.monotonic() + seconds)
            self._changed.notify_all()

    def resting(self, host: str) -> float:
        """Seconds for which no request to this host may begin; 0 when one may."""
        with self._changed:
            known = self._hosts.get(host)
            return 0.0 if known is None else max(known.rest_until - self._clock.monotonic(), 0.0)

    def close(self) -> None:
        """Let nobody in any more, and send those who wait away."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def _take(self, name: str, wait: float, distance: float) -> Place:
        host = self._hosts.setdefault(name, _Host())
        deadline = self._clock.monotonic() + wait
        host.waiting += 1
        try:
            while not self._closed:
                now = self._clock.monotonic()
                if host.rest_until > now:
                    return Place.RESTING
                if host.taken < self._places and host.next_start <= now:
                    host.taken += 1
                    host.next_start = now + distance
                    return Place.MINE
                if now >= deadline:
                    break
                soon = host.next_start if host.taken < self._places else deadline
                self._changed.wait(max(min(soon, deadline) - now, 0.001))
            return Place.BUSY
        finally:
            host.waiting -= 1
            self._forget(name)

    def _forget(self, name: str) -> None:
        """Keep nothing of a host that nobody waits for and that has no wish."""
        host = self._hosts[name]
        now = self._clock.monotonic()
        if not host.taken and not host.waiting and host.next_start <= now and host.rest_until <= now:
            del self._hosts[name]
