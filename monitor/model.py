"""The values that travel from a feed to a person's alert: frozen, and named by their part on the way.

On the article's way: everywhere. Holds no behaviour beyond a value's own arithmetic, reads no clock, knows no database.
All times are aware UTC datetimes; all durations are ``timedelta``. Text taken from feeds is plain text (no markup).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

__all__ = [
    "AlertKind",
    "AlertReason",
    "AlertToSend",
    "Arrival",
    "ArriveResult",
    "Article",
    "ArticleState",
    "Channel",
    "ClaimedDelivery",
    "DeliveryOutcome",
    "DeliveryState",
    "DueFeed",
    "Entry",
    "Evidence",
    "Feed",
    "FeedUpdate",
    "FetchFailed",
    "FetchFault",
    "FetchRequest",
    "Fetched",
    "Judgement",
    "Match",
    "Message",
    "NewAlert",
    "NewArticle",
    "NotModified",
    "Outlet",
    "ParsedFeed",
    "Priority",
    "SendOutcome",
    "SendResult",
    "Settings",
    "StoryReason",
    "StoryVerdict",
    "Verdict",
    "WatchConfig",
]


# --- what a person configures ---


class Priority(StrEnum):
    """How much an alert matters to its reader, lowest first."""

    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"
    URGENT = "urgent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """A source that is polled, as configured.

    ``url`` is the feed's identity: ``http(s)://...``, or ``file:NAME`` for a file relative to the config directory.
    ``name`` is shown as the source; when empty the feed's own title is. ``language`` (BCP 47, "fr") is a hint for texts
    whose own language is in doubt. ``interval_min``/``interval_max`` bound the time between two looks.
    ``allow_private`` lets this feed live on a private or loopback address. ``first_alert_age``: entries older than this
    at the first sight of the feed are stored as seen and not alerted.
    """

    url: str
    name: str = ""
    tags: tuple[str, ...] = ()
    language: str | None = None
    interval_min: timedelta = timedelta(minutes=5)
    interval_max: timedelta = timedelta(hours=2)
    first_alert_age: timedelta = timedelta(hours=24)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    proxy: str | None = field(default=None, repr=False)
    allow_private: bool = False
    enabled: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchConfig:
    """A person's rule: a query, where it applies, where its alerts go.

    Either ``query`` is set, or the simple form ``any``/``all``/``none`` (each a list of query terms: a word, a phrase
    of several words, or ``@concept``; never operators). ``languages``: only articles in these (empty: all).
    ``feeds_tagged``: only articles of feeds with one of these tags (empty: all). ``backfill``: alert on the archive
    this far back when the watch is first seen (None: only news). ``updates`` says how a told story is followed (only
    "once" so far).
    """

    name: str
    query: str = ""
    any: tuple[str, ...] = ()
    all: tuple[str, ...] = ()
    none: tuple[str, ...] = ()
    priority: Priority = Priority.NORMAL
    channels: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    feeds_tagged: tuple[str, ...] = ()
    updates: str = "once"
    backfill: timedelta | None = None
    examples_match: tuple[str, ...] = ()
    examples_no_match: tuple[str, ...] = ()
    enabled: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """Where alerts go.

    ``url`` is an Apprise URL with its secrets filled in, or ``log:`` (JSON lines in the state directory) or
    ``terminal:``. It is a secret as a whole: shown nowhere; ``repr`` leaves it out. People see ``name`` and ``kind``
    (the URL's scheme). ``on_unknown``: what to do with a delivery of unknown fate: "resend" or "hold" for a person.
    ``zone``: IANA zone in which times are written for this channel's readers.
    """

    name: str
    url: str = field(repr=False)
    on_unknown: str = "resend"
    max_attempts: int = 12
    zone: str = "UTC"
    allow_private: bool = False

    @property
    def kind(self) -> str:
        """The URL's scheme, the one part of it that is safe to show."""
        scheme, colon, _ = self.url.partition(":")
        return scheme.lower() if colon else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The service's own settings (``monitor.toml``), each with a default that suits one small machine."""

    user_agent: str = ""
    tick: timedelta = timedelta(seconds=1)
    fetch_threads: int = 8
    parse_processes: int = 2
    send_threads: int = 8
    fetch_deadline: timedelta = timedelta(seconds=60)
    parse_deadline: timedelta = timedelta(seconds=30)
    send_deadline: timedelta = timedelta(seconds=30)
    max_feed_bytes: int = 20_000_000
    max_entries: int = 5_000
    per_host: int = 2
    keep_articles: timedelta = timedelta(days=90)
    story_window: timedelta = timedelta(days=14)
    log_format: str = "auto"
    log_level: str = "info"
    default_channels: tuple[str, ...] = ("terminal", "log")  # where the alerts of a watch that names none go


# --- fetch ---


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


# --- entries and articles ---


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


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedFeed:
    """A feed document as read. ``format`` is "rss", "atom", "rdf" or "json"; ``problems`` are sentences for people."""

    format: str
    encoding: str
    title: str
    entries: tuple[Entry, ...]
    language: str | None = None
    site: str = ""
    ttl: timedelta | None = None
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NewArticle:
    """An entry made ready to be stored: identity decided, times settled, nothing judged yet.

    ``key`` is the entry's identity within its feed, and ``key_reason`` why that key was taken ("guid", "guid+url",
    "url", "title+date", "content"). ``content_hash`` changes when title or text do. ``quiet``: store as seen, never
    alert (old at the first sight of its feed). ``published`` is never later than ``discovered``; None when the feed
    gave no usable date.
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


# --- polling ---


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """T1: what one look at one feed brought, committed whole or not at all."""

    feed: FeedUpdate
    articles: tuple[NewArticle, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ArriveResult:
    """How many entries were new, known with a changed text, and known as they were."""

    new: int
    changed: int
    known: int


# --- matching ---


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Why a rule was met: words of the original text, in their place.

    ``term`` is the part of the rule that was met as the person wrote it ("@coalition", "Islamic State", "@coalition
    NEAR/12 @withdrawal"); ``alias`` the name that met it ("conclure la mission"); ``concept`` the concept's name
    without "@" or ""; ``language`` the language whose name or stem met it; ``field`` "title", "body", "source",
    "url", "author", "lang" or "tag"; ``start``/``end`` index the original text of that field; ``words`` is that
    slice; ``sentence`` holds it.
    """

    term: str
    alias: str
    concept: str
    language: str
    field: str
    start: int
    end: int
    words: str
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """An article that meets a watch."""

    watch: str
    evidence: tuple[Evidence, ...]


# --- stories and alerts ---


class StoryReason(StrEnum):
    """Why an article joined its story."""

    NEW = "new"  # nothing stored tells the same
    SAME_URL = "same-url"
    SAME_TEXT = "same-text"
    NEAR_TEXT = "near-text"  # most of the shorter text's word sequences stand in the other
    SAME_TITLE = "same-title"
    SAME_ARTICLE = "same-article"  # judged before: an edit stays in its story


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryVerdict:
    """The same-story decision, explainable: ``story`` None means a new one; ``score`` 0-1 is the share that agreed."""

    story: int | None
    reason: StoryReason
    score: float = 1.0
    article: int | None = None  # the stored article that it resembles


class AlertKind(StrEnum):
    """What an alert tells: a story's first meeting with a watch (updates, spikes and digests come later)."""

    NEW = "new"


class AlertReason(StrEnum):
    """Why an article that met a watch was told, or not."""

    ALERTED = "alerted"
    STORY_ALREADY_TOLD = "story-already-told"
    OLD_AT_FIRST_SIGHT = "old-at-first-sight"
    NO_CHANNEL = "no-channel"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAlert:
    """An alert to be recorded in T2, with one pending delivery for each of ``channels``."""

    watch: str
    kind: AlertKind
    priority: Priority
    channels: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Why a match led to an alert or did not; kept for "why?"."""

    watch: str
    reason: AlertReason


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """T2: everything that judging one article decided, committed whole or not at all.

    ``article_version`` is the wording that was read. ``shingles`` and ``title_key`` are the article's fingerprint,
    stored so that later articles find it.
    """

    article_id: int
    article_version: int
    language: str | None
    story: StoryVerdict
    shingles: tuple[int, ...]
    title_key: str
    matches: tuple[Match, ...] = ()
    verdicts: tuple[Verdict, ...] = ()
    alerts: tuple[NewAlert, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlet:
    """Another place that tells the same story."""

    source: str
    url: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertToSend:
    """All that a message about one alert says, as plain data; rendering gives it a form."""

    alert_id: int
    watch: str
    kind: AlertKind
    priority: Priority
    story: int
    title: str
    url: str
    source: str
    language: str | None
    published: datetime | None
    discovered: datetime
    created: datetime
    text: str
    evidence: tuple[Evidence, ...]
    also_in: tuple[Outlet, ...]


class DeliveryState(StrEnum):
    """One alert on its way to one channel."""

    PENDING = "pending"
    SENDING = "sending"  # claimed under a lease
    SENT = "sent"
    HELD = "held"  # of unknown fate, and the channel asks for a person
    DEAD = "dead"  # given up, with the reason


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimedDelivery:
    """A delivery claimed for sending. ``token`` fences: an outcome under an outrun lease is refused.

    ``attempts`` counts the tries before this one. ``in_doubt``: an earlier try was cut off and may have arrived.
    ``idempotency_key`` is stable over all tries: for Message-ID and Idempotency-Key.
    """

    id: int
    token: str
    channel: str
    attempts: int
    in_doubt: bool
    idempotency_key: str
    alert: AlertToSend


class SendOutcome(StrEnum):
    """What became of one try to send."""

    SENT = "sent"
    FAILED = "failed"  # not delivered; may be tried again
    REFUSED = "refused"  # not delivered; trying again can't help
    UNKNOWN = "unknown"  # may have arrived (a time-out after the request went out)


@dataclass(frozen=True, slots=True, kw_only=True)
class SendResult:
    """The notifier's answer. ``detail`` is for people and never holds a secret."""

    outcome: SendOutcome
    detail: str = ""
    retry_after: timedelta | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryOutcome:
    """T3: how a claimed delivery ends this try. ``due`` is when to try again while PENDING."""

    id: int
    token: str
    state: DeliveryState
    at: datetime
    due: datetime | None = None
    detail: str = ""
    in_doubt: bool = False  # this try may have arrived


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A rendered message. ``body`` is plain text or HTML by ``format`` ("text" | "html")."""

    title: str
    body: str
    format: str
    headers: Mapping[str, str] = field(default_factory=dict)
