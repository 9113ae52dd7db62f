"""Time in a world where the machine's clock may jump: a trigger, a watch over the clock, and patience with repetition.

On the article's way: beside all of it, under the service. APScheduler runs on wall time; these keep it from waiting for
a time that was wrong, and from making up for years that never passed.
"""

from __future__ import annotations

import threading
from collections.abc import Hashable
from datetime import datetime, timedelta

from apscheduler.triggers.base import BaseTrigger

from monitor.ports import Clock

_JUMP = timedelta(seconds=1)
"""A clock that goes back by less than this harms nobody: a job is late by as much."""

_MOST_KEPT = 1000


class Every(BaseTrigger):  # type: ignore[misc]  # APScheduler is untyped
    """Fires a span after it last could.

    Unlike APScheduler's own interval it does not count up what was missed: after a clock that began in 1970 was set to
    today, a job of each second would be counted through more than a thousand million of runs.
    """

    def __init__(self, span: timedelta) -> None:
        self._span = span

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime:  # noqa: ARG002 - APScheduler names it
        """The next time, always later than ``now``."""
        return now + self._span


class ClockWatch:
    """Notices a wall clock that was set back, by the clock that never is."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._now, self._monotonic = clock.now(), clock.monotonic()

    def set_back(self) -> timedelta | None:
        """By how much the clock was set back since the last look; None when it was not."""
        now, monotonic = self._clock.now(), self._clock.monotonic()
        back = timedelta(seconds=monotonic - self._monotonic) - (now - self._now)
        self._now, self._monotonic = now, monotonic
        return back if back >= _JUMP else None


class Patience:
    """Whether something is to be said again: each thing once in a span. Thread-safe."""

    def __init__(self, clock: Clock, span: timedelta) -> None:
        self._clock = clock
        self._span = span.total_seconds()
        self._lock = threading.Lock()
        self._said: dict[Hashable, float] = {}

    def allows(self, what: Hashable) -> bool:
        """True when ``what`` was not allowed within the span."""
        now = self._clock.monotonic()
        with self._lock:
            if now - self._said.get(what, now - self._span) < self._span:
                return False
            if len(self._said) >= _MOST_KEPT:
                self._said = {key: at for key, at in self._said.items() if now - at < self._span}
            self._said[what] = now
            return True
