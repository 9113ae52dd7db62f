"""The only reader of time and chance.

Everything else gets its ``now`` passed in, or holds a ``Clock``; ruff's banned-api keeps it so.
"""

from __future__ import annotations

import random
import secrets
import time
from datetime import UTC, datetime, timedelta


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The wall time, aware, UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Seconds that never go back."""
        return time.monotonic()

    def chance(self) -> float:
        """A number in [0, 1)."""
        return random.random()

    def token(self) -> str:
        """32 hexadecimal digits that can't be guessed."""
        return secrets.token_hex(16)


class SimulatedClock:
    """Time as it is told, chance in the middle, tokens in order: for replays and tests."""

    def __init__(self, start: datetime) -> None:
        self._start = self._now = start
        self._tokens = 0

    def now(self) -> datetime:
        """The time as it was last set."""
        return self._now

    def set(self, now: datetime) -> None:
        """Let it be this time; going back is allowed, as with any machine's clock."""
        self._now = now

    def advance(self, span: timedelta) -> None:
        """Let this much time pass."""
        self._now += span

    def monotonic(self) -> float:
        """Seconds since the start."""
        return max(0.0, (self._now - self._start).total_seconds())

    def chance(self) -> float:
        """Always the middle, so that jitter moves nothing."""
        return 0.5

    def token(self) -> str:
        """Tokens in order."""
        self._tokens += 1
        return f"{self._tokens:032x}"
