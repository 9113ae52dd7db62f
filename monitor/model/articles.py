"""What a feed holds: entries as it gives them, articles as they are stored and matched."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from operator import attrgetter
from typing import Any

__all__ = [
    "Article",
    "ArticleState",
    "Entry",
    "EntryMarks",
    "FeedAsks",
    "IdentityRecord",
    "KnownEntry",
    "NewArticle",
    "ParsedFeed",
    "ParsedPage",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One item as the feed gives it, reduced to plain text.

    ``guid`` is the feed's own identifier, empty when it gives none. ``url`` is absolute, empty when there is none.
    ``text`` is the longest of content, summary and description, with markup removed and paragraphs as lines.
    ``published`` is what was understood of ``published_raw``; None when absent or not understood.
    """

    guid: str = ""
    url: str = ""
    title: str = ""
    text: str = ""
    author: str = ""
    published: datetime | None = None
    published_raw: str = ""
    language: str | None = None
    source: str = ""  # the publisher that an aggregator names (<source>)
    links: tuple[str, ...] = ()  # what its text links to on other sites

    def __reduce__(self) -> tuple[object, ...]:
        # Each entry comes over a pipe from where it was read: as one row, which takes half of what field by field does.
        return _entry, _row(self)


_row = attrgetter("guid", "url", "title", "text", "author", "published", "published_raw", "language", "source", "links")


def _entry(*row: Any) -> Entry:
    guid, url, title, text, author, published, raw, language, source, links = row
    return Entry(
        guid=guid, url=url, title=title, text=text, author=author,
        published=published, published_raw=raw, language=language, source=source,
        links=links,
    )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedAsks:
    """What a feed asks of its pollers, and what it offers them.

    ``ttl``: its document is good for so long. ``skip_hours`` (0-23) and ``skip_days`` (Monday is 0): nothing is
    published then, in UTC. ``hub`` and ``topic``: where WebSub pushes it, and by which address. ``older``: the page
    with the entries before its own. ``paged``: its software (WordPress) gives older entries for ``?paged=2``.
    """

    ttl: timedelta | None = None
    skip_hours: tuple[int, ...] = ()
    skip_days: tuple[int, ...] = ()
    hub: str = ""
    topic: str = ""
    older: str = ""
    paged: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedFeed:
    """A feed document as read. ``format`` is "rss", "atom", "rdf" or "json"; ``problems`` are sentences for people."""

    format: str
    encoding: str
    title: str
    entries: tuple[Entry, ...]
    language: str | None = None
    site: str = ""
    asks: FeedAsks = field(default_factory=FeedAsks)
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedPage:
    """A web page as read: the article in it, in plain text with paragraphs as lines.

    ``canonical_url`` is the page's own word for its address where that can be believed, else where it came from.
    ``doubts`` are sentences for people; without ``usable`` the text does not stand for the article. ``links`` is what
    the text links to on other sites.
    """

    title: str
    text: str
    language: str | None
    canonical_url: str
    published: datetime | None
    doubts: tuple[str, ...] = ()
    usable: bool = True
    links: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryMarks:
    """What an entry may be known by beside its key: 64-bit hashes of link, title and date; 0 says nothing."""

    link: int = 0
    title: int = 0
    date: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownEntry:
    """An entry that a feed listed before; ``content`` is the ``content_hash`` that it had last."""

    key: str
    marks: EntryMarks = EntryMarks()
    content: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityRecord:
    """How a feed's identifiers did over its last documents; the further back, the less a document counts.

    ``held``: entries that came again under their key; ``moved``: that came again under another; ``reused``: keys that
    came again on other entries.
    """

    held: int = 0
    moved: int = 0
    reused: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class NewArticle:
    """An entry made ready to be stored: identity decided, times settled, nothing judged yet.

    ``key`` is the entry's identity within its feed, and ``key_reason`` why that key was taken ("guid", "guid+url",
    "url", "title+date", "content"). ``content_hash`` changes when title or text do. ``quiet``: store as seen, never
    alert (old at the first sight of its feed). ``published`` is never later than ``discovered``; None when the feed
    gave no usable date. ``marks`` is what it may be known by when its key changes; ``new_key`` the key by which it is
    to be known from now on, when that is another; ``reason`` why it was taken for new or for one that is known.
    ``page`` is the address where the article stands whole, when it is to be read there; else empty. ``links`` is what
    its text links to on other sites.
    """

    key: str
    key_reason: str
    url: str
    canonical_url: str
    title: str
    text: str
    author: str
    source: str
    language_hint: str | None
    published: datetime | None
    published_raw: str
    discovered: datetime
    content_hash: str
    quiet: bool = False
    marks: EntryMarks = EntryMarks()
    new_key: str = ""
    reason: str = "new"
    page: str = ""
    links: tuple[str, ...] = ()


class ArticleState(StrEnum):
    """Where a stored article stands: waiting to be judged, or judged."""

    NEW = "new"
    JUDGED = "judged"
    SET_ASIDE = "set-aside"  # judging it failed on a fault of ours; tried again at the next start


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """A stored article, as it is matched. ``story`` is None until it was judged; ``version`` counts its wordings."""

    id: int
    feed_url: str
    key: str
    url: str
    canonical_url: str
    title: str
    text: str
    author: str
    source: str
    language_hint: str | None
    language: str | None
    published: datetime | None
    discovered: datetime
    quiet: bool
    state: ArticleState
    story: int | None
    version: int = 1
    links: tuple[str, ...] = ()
