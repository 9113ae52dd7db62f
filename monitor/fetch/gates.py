"""Few at a time: how many fetches one host sees at once.

On the article's way: in front of each connection. A host that serves fifty of a person's feeds is asked as a
considerate reader would, however many threads there are.

It does not spread fetches over time; whoever plans them does.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class HostGates:
    """A bounded number of places for each host. Thread-safe."""

    def __init__(self, places: int) -> None:
        self._places = max(places, 1)
        self._changed = threading.Condition()
        self._taken: dict[str, int] = {}
        self._closed = False

    @contextmanager
    def place(self, host: str, *, wait: float) -> Iterator[bool]:
        """Hold one of the host's places while the block runs; waits at most ``wait`` seconds for it.

        Gives False, and holds nothing, when none came free in time or the gates were closed.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._closed or self._taken.get(host, 0) < self._places, timeout=wait)
            mine = not self._closed and self._taken.get(host, 0) < self._places
            if mine:
                self._taken[host] = self._taken.get(host, 0) + 1
        try:
            yield mine
        finally:
            if mine:
                with self._changed:
                    self._taken[host] -= 1
                    if not self._taken[host]:
                        del self._taken[host]
                    self._changed.notify_all()

    def close(self) -> None:
        """Let nobody in any more, and send those who wait away."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
