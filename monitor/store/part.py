"""What every part of the store stands on: the database and the clock."""

from __future__ import annotations

from monitor.ports import Clock
from monitor.store.connection import Database


class StorePart:
    """One group of the store's methods; ``SqliteStore`` joins them all over one database."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
