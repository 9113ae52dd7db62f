"""Whether feeds fail one by one, or all alike because this machine has no network.

On the article's way: beside the poller. When several hosts in a row can't be reached, and none answers in between, it
is not they who are down: no feed is punished, and those that were are forgiven. One answer of any of them ends it.
"""

from __future__ import annotations

import threading

from monitor.feeds import host_of
from monitor.model import DueFeed, FetchFault

_ALIKE = 3
_UNREACHED = frozenset({FetchFault.DNS, FetchFault.CONNECT})


class Reach:
    """What the looks of late say of our own network. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._unreached: dict[str, list[int]] = {}  # host -> its feeds

    def failed(self, due: DueFeed, fault: FetchFault) -> tuple[bool, tuple[int, ...]]:
        """Whether our own network is down, and the feeds that were wrongly blamed before that was clear."""
        if fault not in _UNREACHED:
            self.answered(due)
            return False, ()
        with self._lock:
            known = len(self._unreached) > _ALIKE
            self._unreached.setdefault(host_of(due.url), []).append(due.id)
            down = len(self._unreached) > _ALIKE
            blamed = () if known or not down else tuple(feed for ids in self._unreached.values() for feed in ids)
        return down, tuple(feed for feed in blamed if feed != due.id)

    def answered(self, due: DueFeed) -> None:
        """A server answered, well or not: there is a network."""
        if due.url.startswith("http"):
            with self._lock:
                self._unreached.clear()
