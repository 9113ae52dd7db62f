"""One look at a feed: what is asked for, what came, and what it leaves behind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from monitor.model.articles import IdentityRecord, NewArticle

__all__ = [
    "Arrival",
    "ArriveResult",
    "DueFeed",
    "FeedUpdate",
    "FetchFailed",
    "FetchFault",
    "FetchRequest",
    "Fetched",
    "NotModified",
]


class FetchFault(StrEnum):
    """Why a fetch brought nothing, by kind; the words for people stand beside it."""

    ADDRESS_REFUSED = "address-refused"  # private, loopback, link-local ... and the feed's config does not allow it
    BAD_URL = "bad-url"
    DNS = "dns"
    CONNECT = "connect"
    TLS = "tls"
    DEADLINE = "deadline"  # the whole fetch took longer than its total deadline
    TOO_LARGE = "too-large"  # more bytes after decompressing than allowed
    REDIRECTS = "redirects"  # a loop, or too many hops
    HTTP_STATUS = "http-status"
    GONE = "gone"  # 410
    BROKEN_BODY = "broken-body"  # cut off, wrong length, undecodable compression
    FILE = "file"  # a local feed file that can't be read
    NOT_A_FEED = "not-a-feed"  # set by parsing
    PARSE_DEADLINE = "parse-deadline"  # the parser was killed for taking too long or too much memory
    CUT_OFF = "cut-off"  # we stopped, or our own processes ended: not the feed's doing, and not held against it


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchRequest:
    """One conditional fetch: the feed's place, and the validators of the last success, verbatim."""

    url: str
    etag: str | None = None
    last_modified: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    proxy: str | None = field(default=None, repr=False)
    allow_private: bool = False
    deadline: timedelta = timedelta(seconds=60)
    max_bytes: int = 20_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """A body that arrived whole. ``url`` is where it came from after redirects."""

    url: str
    status: int
    body: bytes = field(repr=False)
    content_type: str = ""
    etag: str | None = None
    last_modified: str | None = None
    max_age: timedelta | None = None
    moved_to: str | None = None  # the target when every hop on the way was a permanent redirect


@dataclass(frozen=True, slots=True, kw_only=True)
class NotModified:
    """304: nothing new. Validators are those of this answer where it gave any."""

    url: str
    etag: str | None = None
    last_modified: str | None = None
    max_age: timedelta | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchFailed:
    """An expected failure, as a value. ``detail`` is a sentence for people without secrets."""

    url: str
    fault: FetchFault
    detail: str
    status: int | None = None
    retry_after: timedelta | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DueFeed:
    """What the store knows of a feed when it is claimed for a look."""

    id: int
    url: str
    title: str
    etag: str | None
    last_modified: str | None
    body_hash: str | None
    failures: int  # in a row
    first_sight: bool  # no successful look yet
    last_new: datetime | None  # when it last brought something new
    interval: timedelta | None  # the last interval chosen
    identity: IdentityRecord = field(default_factory=IdentityRecord)


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedUpdate:
    """A look's outcome for the feed's own row, committed together with its articles (T1).

    None for a validator means: forget it. ``error`` empty means the look went well. ``title`` empty keeps the old one.
    """

    feed_id: int
    checked: datetime
    next_check: datetime
    interval: timedelta
    etag: str | None
    last_modified: str | None
    body_hash: str | None
    status: int | None = None
    title: str = ""
    error: str = ""
    fault: FetchFault | None = None
    failures: int = 0
    gone: bool = False
    moved_to: str | None = None
    problems: tuple[str, ...] = ()
    identity: IdentityRecord | None = None  # None keeps what is known


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """T1: what one look at one feed brought, committed whole or not at all.

    ``page_wait``: how long a new article may wait for its page before it is judged by its summary.
    """

    feed: FeedUpdate
    articles: tuple[NewArticle, ...] = ()
    page_wait: timedelta = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class ArriveResult:
    """How many entries were new, known with a changed text, and known as they were."""

    new: int
    changed: int
    known: int
