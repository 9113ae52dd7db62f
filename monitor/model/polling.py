"""One look at a feed: what is asked for, what came, and what it leaves behind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from monitor.model.articles import FeedAsks, IdentityRecord, NewArticle

__all__ = [
    "Arrival",
    "ArriveResult",
    "DueFeed",
    "FeedUpdate",
    "FetchFailed",
    "FetchFault",
    "FetchRequest",
    "Fetched",
    "Moved",
    "NotModified",
    "PushState",
    "Rhythm",
    "Subscription",
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
    HELD_BACK = "held-back"  # its host asked for no more requests for now: this feed was not asked for
    CUT_OFF = "cut-off"  # we stopped, or our own processes ended: not the feed's doing, and not held against it


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchRequest:
    """One conditional fetch: the feed's place, and the validators of the last success, verbatim.

    With a ``form`` (URL-encoded) it is a POST of that, and its answer's body is of no interest.
    """

    url: str
    etag: str | None = None
    last_modified: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    proxy: str | None = field(default=None, repr=False)
    allow_private: bool = False
    deadline: timedelta = timedelta(seconds=60)
    max_bytes: int = 20_000_000
    ca_file: str = ""  # authorities to trust beside the usual ones
    second_agent: str = ""  # the User-Agent to try once more with after a 403
    form: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """A body that arrived whole. ``url`` is where it came from after redirects.

    ``hub`` and ``topic`` are what its Link headers say of WebSub; empty where they say nothing.
    """

    url: str
    status: int
    body: bytes = field(repr=False)
    content_type: str = ""
    etag: str | None = None
    last_modified: str | None = None
    max_age: timedelta | None = None
    moved_to: str | None = None  # the target when every hop on the way was a permanent redirect
    hub: str = ""
    topic: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NotModified:
    """304: nothing new. Validators are those of this answer where it gave any."""

    url: str
    etag: str | None = None
    last_modified: str | None = None
    max_age: timedelta | None = None
    moved_to: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchFailed:
    """An expected failure, as a value. ``detail`` is a sentence for people without secrets.

    ``permissible``: the address was refused as a private one, which whoever asks could permit.
    """

    url: str
    fault: FetchFault
    detail: str
    status: int | None = None
    retry_after: timedelta | None = None
    permissible: bool = False

    def told(self, permit: str = "allow_private = true in the feed's config") -> str:
        """The detail; where a permission would have helped, with how it is given."""
        return f"{self.detail} ({permit} permits private addresses)" if self.permissible else self.detail


@dataclass(frozen=True, slots=True, kw_only=True)
class Rhythm:
    """When a feed publishes, as learnt from its entries' times. Counts fade, so that old habits are forgotten.

    ``hours`` and ``days`` hold the entries seen in each hour of the day and each day of the week (UTC, Monday first),
    ``hours_watched`` and ``days_watched`` the hours for which it was watched there. ``recent`` counts the entries of
    the last days, for the rate of now. All are as of ``upto``; ``since`` is where the watching began. ``moments``
    counts the separate moments of publishing (a batch is one), ``longest_pause`` the longest time between two.
    ``window`` is how many entries the feed lists at once.
    """

    since: datetime
    upto: datetime
    hours: tuple[float, ...]
    hours_watched: tuple[float, ...]
    days: tuple[float, ...]
    days_watched: tuple[float, ...]
    recent: float = 0.0
    moments: float = 0.0
    last: datetime | None = None
    longest_pause: timedelta = timedelta(0)
    window: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """Where permanent redirects lead: since when they have, and at how many looks."""

    to: str
    since: datetime
    looks: int


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
    last_ok: datetime | None = None  # the last look that went well
    listed: int = 0  # how many entries its last document had
    rhythm: Rhythm | None = None
    asks: FeedAsks = field(default_factory=FeedAsks)
    closest: timedelta | None = None  # the interval that a gap has taught
    whole_at: datetime | None = None  # when its document last came whole, not as a 304
    distrust_until: datetime | None = None  # its validators were found stuck: none are sent until then
    moved: Moved | None = None
    identity: IdentityRecord = field(default_factory=IdentityRecord)
    pushed_until: datetime | None = None  # a hub pushes what is new, until then


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedUpdate:
    """A look's outcome for the feed's own row, committed together with its articles (T1).

    None for a validator means: forget it. ``error`` empty means the look went well. ``title`` empty keeps the old one,
    None for ``rhythm`` or ``asks`` too. ``why`` tells a person why the next check is when it is. ``gap`` tells what
    became of entries that were missed, when this look found that there must be some. ``pushed``: it was no look; a hub
    sent some entries, and of the feed only its rhythm, when it last brought news, and what is known of its identifiers
    change.
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
    moved: Moved | None = None
    problems: tuple[str, ...] = ()
    why: str = ""
    rhythm: Rhythm | None = None
    asks: FeedAsks | None = None
    closest: timedelta | None = None
    whole_at: datetime | None = None
    distrust_until: datetime | None = None
    gap: str = ""
    identity: IdentityRecord | None = None  # None keeps what is known
    pushed: bool = False


class PushState(StrEnum):
    """Where a subscription stands."""

    ASKED = "asked"  # the hub has not confirmed it
    LIVE = "live"
    REFUSED = "refused"  # the hub or the publisher does not want it
    LEAVING = "leaving"  # it is to end


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """What a hub pushes to us, or is asked to (W3C WebSub). ``token`` ends the callback's address.

    ``pending`` is the request that we wait to be asked about ("subscribe", "unsubscribe"; else empty). ``until`` is the
    end of the lease; ``missed`` counts the looks that found what the hub had not pushed since it last pushed.
    ``allow_private``: what its feed says of private addresses, or said last, for when it has left the config.
    """

    token: str = field(repr=False)
    feed: str
    hub: str
    topic: str
    callback: str = field(repr=False)
    secret: str = field(repr=False)
    state: PushState
    due: datetime
    until: datetime | None = None
    pending: str = ""
    tries: int = 0
    missed: int = 0
    detail: str = ""
    allow_private: bool = False


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
