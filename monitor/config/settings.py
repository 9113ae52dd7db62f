"""``monitor.toml``: the service's own settings, all optional."""

from __future__ import annotations

from datetime import timedelta
from ipaddress import ip_address
from urllib.parse import urlsplit

from monitor.config.document import Document
from monitor.config.faults import Faults, address_meant
from monitor.config.values import Table
from monitor.model import Settings

__all__ = ["read_settings"]

_SECOND = timedelta(seconds=1)
_TEN_MINUTES = timedelta(minutes=10)
_DAY = timedelta(days=1)


def read_settings(document: Document | None, faults: Faults) -> Settings:
    """The settings, with defaults for all that the file leaves out."""
    default = Settings()
    if document is None:
        return default
    table = Table(document, (), document.data, "", faults)
    settings = Settings(
        user_agent=_user_agent(table),
        tick=table.duration("tick", default.tick, low=timedelta(milliseconds=10), high=timedelta(minutes=1)),
        fetch_threads=table.number("fetch_threads", default.fetch_threads, low=1, high=64),
        parse_processes=table.number("parse_processes", default.parse_processes, low=1, high=32),
        send_threads=table.number("send_threads", default.send_threads, low=1, high=64),
        fetch_deadline=table.duration("fetch_deadline", default.fetch_deadline, low=_SECOND, high=_TEN_MINUTES),
        parse_deadline=table.duration("parse_deadline", default.parse_deadline, low=_SECOND, high=_TEN_MINUTES),
        send_deadline=table.duration("send_deadline", default.send_deadline, low=_SECOND, high=_TEN_MINUTES),
        max_feed_bytes=table.size("max_feed_bytes", default.max_feed_bytes, low=10_000, high=1_000_000_000),
        max_entries=table.number("max_entries", default.max_entries, low=1, high=100_000),
        per_host=table.number("per_host", default.per_host, low=1, high=32),
        requests_a_day=table.number("requests_a_day", default.requests_a_day, low=0, high=100_000_000),
        page_wait=table.duration("page_wait", default.page_wait, low=timedelta(0), high=_TEN_MINUTES),
        push_url=_push_url(table),
        push_listen=_push_listen(table, default.push_listen),
        console_listen=_console_listen(table),
        keep_articles=table.duration("keep_articles", default.keep_articles, low=_DAY, high=36_500 * _DAY),
        story_window=table.duration("story_window", default.story_window, low=timedelta(hours=1), high=365 * _DAY),
        log_format=table.choice("log_format", default.log_format, ("auto", "console", "json")),
        log_level=table.choice("log_level", default.log_level, ("debug", "info", "warning", "error")),
        default_channels=table.texts("default_channels", default.default_channels),
        operator=table.texts("operator"),
    )
    if settings.keep_articles < settings.story_window:
        table.fault(
            "keep_articles is shorter than story_window",
            "a story can only be recognised while its articles are kept",
            at=("keep_articles",),
        )
    if not settings.default_channels:
        table.fault(
            "default_channels is empty: alerts of a watch without channels would go nowhere",
            'name at least one: ["log"]',
            at=("default_channels",),
        )
    if settings.console_listen and settings.push_url and settings.console_listen == settings.push_listen:
        table.fault(
            "console_listen and push_listen are the same place",
            'give the console a port of its own: "127.0.0.1:8036"',
            at=("console_listen",),
        )
    table.finish()
    return settings


def _push_url(table: Table) -> str:
    """The public address of the callbacks, without a last slash."""
    said = table.text("push_url", "")
    try:
        parts = urlsplit(said)
        right = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
        right = right and not (parts.query or parts.fragment or parts.username or " " in said)
    except ValueError:
        right = False
    if said and not right:
        table.fault(
            "push_url is not a plain web address",
            address_meant(said) or 'the address under which hubs reach this service: "https://news.example.org/push"',
            at=("push_url",),
        )
        return ""
    return said.rstrip("/")


def _push_listen(table: Table, default: str) -> str:
    said = table.text("push_listen", default)
    if not _host_of_place(said):
        table.fault(
            "push_listen is no address with a port",
            'the place to listen at: "127.0.0.1:8035"',
            at=("push_listen",),
        )
        return default
    return said


def _console_listen(table: Table) -> str:
    """Where the console listens: on this machine alone, for it asks nobody who they are."""
    said = table.text("console_listen", "")
    if not said:
        return ""
    host = _host_of_place(said)
    if not host:
        table.fault(
            "console_listen is no address with a port",
            'the place to listen at: "127.0.0.1:8036"',
            at=("console_listen",),
        )
        return ""
    if not _is_loopback(host):
        table.fault(
            "console_listen is not an address of this machine alone: the console has no login",
            'write "127.0.0.1:8036", and reach it from elsewhere by an SSH tunnel (ssh -L 8036:127.0.0.1:8036 HOST) '
            "or by a reverse proxy with a login before it",
            at=("console_listen",),
        )
        return ""
    return said


def _host_of_place(said: str) -> str:
    """The host of ``host:port``; "" where it is no such thing."""
    host, colon, port = said.rpartition(":")
    sound = colon and len(port) <= 5 and port.isascii() and port.isdigit() and 0 < int(port) < 65536
    return host if sound else ""


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    bare = host[1:-1] if host.startswith("[") and host.endswith("]") else host
    try:
        return "%" not in bare and ip_address(bare).is_loopback and (":" in bare) == (bare != host)
    except ValueError:
        return False


def _user_agent(table: Table) -> str:
    said = table.text("user_agent", "")
    if not said.isascii():
        table.fault(
            "user_agent may hold plain ASCII only",
            'Name/version (+URL): "Desk/1.0 (+https://example.org)"',
            at=("user_agent",),
        )
        return ""
    return said
