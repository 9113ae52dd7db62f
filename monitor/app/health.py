"""What is wrong with a feed, for the person who reads it: one sentence for each ailment, with what to do.

Beside the article's way: made of a feed's stored state, for ``monitor feeds health`` and for the service's log.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from monitor.feeds import silent_since
from monitor.store import FeedRow

_GAP_RECENT = timedelta(days=7)


class Ailment(StrEnum):
    """Kinds of trouble with a feed, the worst first."""

    GONE = "gone"
    FAILING = "failing"
    SILENT = "silent"
    GAP = "gap"
    STUCK = "stuck-validators"
    MOVED = "moved"
    ODD = "odd"


def ailments(feed: FeedRow, now: datetime) -> tuple[tuple[Ailment, str], ...]:
    """What is wrong with a configured feed; nothing when all is well."""
    found: list[tuple[Ailment, str]] = []
    if feed.gone:
        found.append((Ailment.GONE, f"{feed.error}; it is not asked any more: take it out of the config"))
    elif feed.error:
        since = "it never worked" if feed.last_ok is None else f"it last worked {_ago(now - feed.last_ok)} ago"
        found.append((Ailment.FAILING, f"{feed.error} ({feed.failures} in a row; {since})"))
    if feed.rhythm is not None and (since_when := silent_since(feed.rhythm, now)) is not None and not feed.error:
        pause = _ago(now - since_when)
        longest = _ago(feed.rhythm.longest_pause)
        quiet = f"it answers, but has brought nothing new for {pause}; its longest pause before was {longest}"
        found.append((Ailment.SILENT, f"{quiet}: look whether the site has another feed now"))
    if feed.last_gap is not None and now - feed.last_gap < _GAP_RECENT:
        times = "once" if feed.gaps == 1 else f"{feed.gaps} times"
        found.append((Ailment.GAP, f"entries were missed between two looks, {times} so far; {feed.gap}"))
    if feed.distrust_until is not None and now < feed.distrust_until:
        found.append((Ailment.STUCK, "its server calls changed documents unchanged; it is asked for whole each time"))
    if feed.moved is not None:
        ago = _ago(now - feed.moved.since)
        found.append((Ailment.MOVED, f"it has moved for good to {feed.moved.to} ({ago} ago): change the config"))
    found.extend((Ailment.ODD, problem) for problem in feed.problems)
    return tuple(found)


def _ago(span: timedelta) -> str:
    hours = span / timedelta(hours=1)
    if hours < 1:
        return f"{max(round(hours * 60), 1)} min"
    return f"{hours:.0f} h" if hours < 48 else f"{hours / 24:.0f} days"
