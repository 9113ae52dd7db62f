"""What a poller remembers of a server from look to look: validators, moves, and whether entries were missed.

On the article's way: before a look (what is sent, and where to) and after it. Pure: the times are passed in.

A validator that its server never changes would hide the news for ever, so the document is asked for whole once a week;
a server that is found out is sent none for a month. A permanent redirect is followed for some days before its target is
asked directly: people move their sites back, and parked domains redirect everything for good.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from enum import StrEnum
from urllib.parse import urlsplit, urlunsplit

from monitor.model import DueFeed, Feed, FeedAsks, FetchFailed, FetchFault, Moved, NewArticle

__all__ = [
    "DISTRUST",
    "Overlap",
    "after_move",
    "forget_move",
    "older_page",
    "overlap_of",
    "settled_address",
    "stuck",
    "validators_for",
]

_WHOLE_AGAIN = timedelta(days=7)
DISTRUST = timedelta(days=30)
_SETTLED_AFTER, _SETTLED_LOOKS = timedelta(days=3), 5
_ASK_OLD_PLACE, _EACH = timedelta(days=30), 50
_LOST = frozenset({
    FetchFault.GONE, FetchFault.DNS, FetchFault.CONNECT, FetchFault.TLS, FetchFault.NOT_A_FEED, FetchFault.REDIRECTS,
    FetchFault.ADDRESS_REFUSED,
})  # fmt: skip
_LOST_STATUS = frozenset({401, 403, 404})


class Overlap(StrEnum):
    """What a document has in common with the one before."""

    SHARED = "shared"  # at least one entry, or nothing can be said: the usual case
    GAP = "gap"  # none: entries must have come and gone between two looks
    RENAMED = "renamed"  # none, but its entries are as old as those seen: the feed has given them new ids


def validators_for(due: DueFeed, now: datetime) -> tuple[str | None, str | None]:
    """The ETag and Last-Modified to send, verbatim; none where the document is to be had whole."""
    if due.distrust_until is not None and now < due.distrust_until:
        return None, None
    if due.whole_at is not None and now - due.whole_at >= _WHOLE_AGAIN:
        return None, None
    return due.etag, due.last_modified


def stuck(due: DueFeed, etag: str | None, last_modified: str | None) -> bool:
    """Whether a changed document came under the very validators of the one before."""
    return (etag, last_modified) == (due.etag, due.last_modified) and (etag or last_modified) is not None


def settled_address(due: DueFeed, feed: Feed, now: datetime) -> str:
    """Where to ask: the feed's own address, or the one that it has moved to once that has proved stable.

    What the config gives for the feed's own server (headers, a login in the address) is not taken elsewhere. After a
    month the old place is asked every fiftieth time: does it still say so?
    """
    moved = due.moved
    if moved is None or moved.looks < _SETTLED_LOOKS or now - moved.since < _SETTLED_AFTER:
        return feed.url
    secret = feed.headers or urlsplit(feed.url).username or urlsplit(feed.url).password
    if secret and _origin(moved.to) != _origin(feed.url):
        return feed.url
    return feed.url if now - moved.since >= _ASK_OLD_PLACE and not moved.looks % _EACH else moved.to


def after_move(due: DueFeed, asked: str, moved_to: str | None, now: datetime) -> Moved | None:
    """What is known of a move after an answer that came for ``asked``."""
    if due.moved is not None and moved_to is None and asked == due.moved.to:
        return replace(due.moved, looks=due.moved.looks + 1)
    if moved_to is None:
        return None
    if due.moved is not None and due.moved.to == moved_to:
        return replace(due.moved, looks=due.moved.looks + 1)
    return Moved(to=moved_to, since=now, looks=1)


def forget_move(due: DueFeed, asked: str, failure: FetchFailed) -> bool:
    """Whether the new place is no good: then the feed's own address is asked again, and nothing is held against it."""
    at_new_place = due.moved is not None and asked == due.moved.to
    return at_new_place and (failure.fault in _LOST or failure.status in _LOST_STATUS)


def overlap_of(due: DueFeed, articles: Sequence[NewArticle], unseen: Collection[str]) -> Overlap:
    """What this document's articles have in common with what was seen of the feed before."""
    if due.last_ok is None or not due.listed or len(articles) < 2 or len(unseen) < len(articles):
        return Overlap.SHARED
    dates = [article.published for article in articles if article.published is not None]
    older = sum(date <= due.last_ok for date in dates)
    return Overlap.RENAMED if older * 2 > len(dates) else Overlap.GAP


def older_page(asks: FeedAsks, url: str, number: int) -> str:
    """Where the entries before a page's are: by the link of RFC 5005, or WordPress's page ``number``; or nowhere."""
    if asks.older:
        return asks.older
    if not asks.paged:
        return ""
    parts = urlsplit(url)
    query = "&".join(part for part in parts.query.split("&") if part and not part.startswith("paged="))
    return urlunsplit(parts._replace(query=f"{query}&paged={number}".lstrip("&"), fragment=""))


def _origin(url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port
