"""What a feed's readers have to say to people, where more than one of them says it.

On the article's way: beside the entries, for the feed's own row.
"""

from __future__ import annotations

from collections.abc import Sequence

from monitor.feeds.markup import one_line
from monitor.model import Entry

__all__ = ["odd_dates", "too_many"]

_SHOWN = 40  # characters of a date


def too_many(max_entries: int) -> str:
    """The document holds more entries than are read."""
    return f"it holds more than {max_entries} entries; the first {max_entries} were read"


def odd_dates(entries: Sequence[Entry]) -> tuple[str, ...]:
    """The dates that could not be understood."""
    odd = [entry.published_raw for entry in entries if entry.published_raw.strip() and entry.published is None]
    if not odd:
        return ()
    return (f"{len(odd)} of {len(entries)} dates were not understood, such as {one_line(odd[0])[:_SHOWN]!r}",)
