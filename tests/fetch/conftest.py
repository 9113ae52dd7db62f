"""A fetcher with the machine's clock, a server that misbehaves."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from monitor.clock import SystemClock
from monitor.fetch import HttpFetcher
from monitor.model import Settings
from tests.servers import MisbehavingServer


@pytest.fixture
def fetcher(tmp_path: Path) -> Iterator[HttpFetcher]:
    made = HttpFetcher(Settings(), SystemClock(), "1.2.3", tmp_path)
    yield made
    made.close()


@pytest.fixture
def server() -> Iterator[MisbehavingServer]:
    with MisbehavingServer() as running:
        yield running
