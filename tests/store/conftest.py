"""A clock that tests move by hand, and a store in a file of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from store_builders import ManualClock

from monitor.store import SqliteStore


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def store(tmp_path, clock) -> Iterator[SqliteStore]:
    with SqliteStore.open(tmp_path / "monitor.db", clock=clock) as store:
        yield store
