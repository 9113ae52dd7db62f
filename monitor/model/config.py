"""What a person configures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time, timedelta
from enum import StrEnum

__all__ = ["Channel", "Feed", "Priority", "Quiet", "Rate", "Route", "Settings", "WatchConfig"]


class Priority(StrEnum):
    """How much an alert matters to its reader, lowest first."""

    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"
    URGENT = "urgent"

    @property
    def rank(self) -> int:
        """Its place, lowest 0."""
        return list(Priority).index(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """A source that is polled, as configured.

    ``url`` is the feed's identity: ``http(s)://...``, or ``file:NAME`` for a file relative to the config directory.
    ``name`` is shown as the source; when empty the feed's own title is. ``language`` (BCP 47, "fr") is a hint for texts
    whose own language is in doubt. ``interval_min``/``interval_max`` bound the time between two looks.
    ``allow_private`` lets this feed live on a private or loopback address. ``first_alert_age``: entries older than this
    at the first sight of the feed are stored as seen and not alerted. ``ca_file``: a PEM file of authorities that this
    feed's certificate may come from, beside the usual ones. ``second_user_agent``: tried once more with when the server
    answers 403 to ours; empty for never. ``full_text``: where the feed gives only a
    summary, the article's page is read. Without ``stories`` each of its articles begins a story of its own.
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
    stories: bool = True
    full_text: bool = False
    enabled: bool = True
    ca_file: str = ""
    second_user_agent: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """Where a watch's alerts go instead, when the article's feed has one of these tags."""

    tags: tuple[str, ...]
    channels: tuple[str, ...] = ()
    priority: Priority | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchConfig:
    """A person's rule: a query, where it applies, where its alerts go.

    Either ``query`` is set, or the simple form ``any``/``all``/``none`` (each a list of query terms: a word, a phrase
    of several words, or ``@concept``; never operators). ``languages``: only articles in these (empty: all).
    ``feeds_tagged``: only articles of feeds with one of these tags (empty: all). ``backfill``: alert on the archive
    this far back when the watch is first seen (None: only news). ``updates`` says how a told story is followed:
    "once", "milestones", "every". ``remind_after``: an urgent alert that nobody acknowledged is told again then, on the
    channels of ``escalate`` (its own where there are none). ``spike``: tell when there are more stories than usual. The
    first of ``routes`` whose tag the feed has decides on channels and priority. Without ``stories`` every
    article that meets the watch is told. ``templates``: the folder of the templates by which its alerts are told.
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
    remind_after: timedelta | None = None
    escalate: tuple[str, ...] = ()
    spike: bool = False
    routes: tuple[Route, ...] = ()
    backfill: timedelta | None = None
    examples_match: tuple[str, ...] = ()
    examples_no_match: tuple[str, ...] = ()
    templates: str = ""
    stories: bool = True
    enabled: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Quiet:
    """Hours in which a channel is silent: from one wall time to another in ``zone``, each day.

    What has at least the priority ``passes`` comes all the same.
    """

    start: time
    end: time
    zone: str
    passes: Priority = Priority.URGENT


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """At most ``count`` messages in any ``span``."""

    count: int
    span: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """Where alerts go.

    ``url`` is an Apprise URL with its secrets filled in, or ``log:`` (JSON lines in the state directory) or
    ``terminal:``. It is a secret as a whole: shown nowhere; ``repr`` leaves it out. People see ``name`` and ``kind``
    (the URL's scheme). ``on_unknown``: what to do with a delivery of unknown fate: "resend" or "hold" for a person.
    ``zone``: IANA zone in which times are written for this channel's readers, and in which a ``digest``'s schedule runs
    ("every 30 minutes", or cron; empty: each alert at once). ``backlog``: what waited longer comes as one digest.
    ``max_age``: a delivery tried in vain for so long is given up. ``fallback``: the channel that takes over when this
    one has failed for an hour. ``language``: the language of the messages' own words. ``least``: alerts of a lower
    priority don't go here. ``templates``: the folder of the templates by which its messages are written.
    """

    name: str
    url: str = field(repr=False)
    on_unknown: str = "resend"
    max_attempts: int = 12
    zone: str = "UTC"
    allow_private: bool = False
    quiet: Quiet | None = None
    digest: str = ""
    rate: Rate | None = None
    backlog: timedelta = timedelta(minutes=10)
    max_age: timedelta = timedelta(days=7)
    fallback: str = ""
    least: Priority = Priority.LOW
    language: str = "en"
    templates: str = ""

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
    requests_a_day: int = 0  # the budget of looks at all feeds together; 0: 72 for each feed
    page_wait: timedelta = timedelta(seconds=60)
    push_url: str = ""  # where hubs reach us (WebSub); empty: nothing is subscribed to
    push_listen: str = "127.0.0.1:8035"  # where we listen for them
    console_listen: str = ""  # where people look at it with a browser, on this machine alone; empty: nowhere
    keep_articles: timedelta = timedelta(days=90)
    story_window: timedelta = timedelta(days=14)
    log_format: str = "auto"
    log_level: str = "info"
    operator: tuple[str, ...] = ()  # channels for the service's own troubles
    default_channels: tuple[str, ...] = ("terminal", "log")  # where the alerts of a watch that names none go
