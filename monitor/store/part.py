"""What every part of the store stands on: the database and the clock; and how each of them makes deliveries."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from datetime import datetime

from monitor.ports import Clock
from monitor.store.connection import Database
from monitor.store.values import storable, stored_time


class StorePart:
    """One group of the store's methods; ``SqliteStore`` joins them all over one database."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock


def add_deliveries(  # noqa: PLR0917 - what a delivery is made of, in its order
    db: sqlite3.Connection, clock: Clock, alert: int, channels: Iterable[str], rank: int, now: datetime
) -> None:
    """Let an alert wait for these channels, each once, under a key of its own that all tries will share."""
    at = stored_time(now)
    db.executemany(
        "INSERT INTO delivery (alert, channel, state, created, due, idempotency_key, rank)"
        " VALUES (?, ?, 'pending', ?, ?, ?, ?)",
        [(alert, channel, at, at, clock.token(), rank) for channel in dict.fromkeys(map(storable, channels))],
    )
