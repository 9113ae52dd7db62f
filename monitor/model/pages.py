"""The page of an article whose feed gives only a summary: that it waits to be read, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

__all__ = ["DuePage", "PageOutcome", "PageState"]


class PageState(StrEnum):
    """Where an article's page stands."""

    WAITING = "waiting"
    READ = "read"
    FAILED = "failed"  # given up, with the reason; the article stands by its summary


@dataclass(frozen=True, slots=True, kw_only=True)
class DuePage:
    """A page claimed for reading. ``token`` fences: an outcome under an outrun lease is refused."""

    article: int
    token: str
    feed_url: str
    url: str
    host: str
    tries: int  # before this one


@dataclass(frozen=True, slots=True, kw_only=True)
class PageOutcome:
    """How a try to read a page ended, committed whole or not at all.

    While WAITING ``due`` is when to try again. ``text``, ``canonical_url`` and ``links`` are those of the page where it
    was READ; ``detail`` is why it was not, or the doubts that remain.
    """

    article: int
    token: str
    state: PageState
    at: datetime
    due: datetime | None = None
    text: str = ""
    canonical_url: str = ""
    language: str | None = None
    links: tuple[str, ...] = ()
    detail: str = ""
