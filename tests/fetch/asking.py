"""Requests as the fetch tests make them."""

from __future__ import annotations

from datetime import timedelta

from monitor.fetch import HttpFetcher
from monitor.model import Fetched, FetchFailed, FetchFault, FetchRequest


def ask(url: str, *, seconds: float = 10, allow_private: bool = True, **more: object) -> FetchRequest:
    """A request that may go to loopback, with a deadline in seconds."""
    return FetchRequest(url=url, deadline=timedelta(seconds=seconds), allow_private=allow_private, **more)  # type: ignore[arg-type]


def fetched(fetcher: HttpFetcher, url: str, **more: object) -> Fetched:
    """What came; anything else fails the test."""
    got = fetcher.fetch(ask(url, **more))  # type: ignore[arg-type]
    assert isinstance(got, Fetched), got
    return got


def failed(fetcher: HttpFetcher, url: str, fault: FetchFault, **more: object) -> FetchFailed:
    """The failure, of the kind that is expected."""
    got = fetcher.fetch(ask(url, **more))  # type: ignore[arg-type]
    assert isinstance(got, FetchFailed), got
    assert got.fault is fault, got
    return got
