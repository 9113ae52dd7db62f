"""``channels.toml``: where alerts go. The channels ``log`` and ``terminal`` are always there."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from datetime import time, timedelta
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from monitor.alerts import LANGUAGES, parse_schedule
from monitor.config.document import Document
from monitor.config.faults import Faults, did_you_mean, in_quotes
from monitor.config.secrets import Secrets
from monitor.config.templates import read_template_folder
from monitor.config.values import Table
from monitor.model import Channel, Priority, Quiet, Rate

__all__ = ["BUILT_IN", "ChannelCheck", "read_channels"]

ChannelCheck = Callable[[Channel], str | None]
"""Asked about a channel, its secrets filled in; answers what is wrong with its URL in words, or None."""

BUILT_IN: Mapping[str, Channel] = {
    "log": Channel(name="log", url="log:"),
    "terminal": Channel(name="terminal", url="terminal:"),
}

_RATE = re.compile(r"(\d{1,5})\s*(?:/|per|an?|each)\s*(minute|min|hour|h|day|d)", re.IGNORECASE)
_SPANS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}
_WALL_TIME = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")
_SHORTEST_SECRET = 4
_REFERENCE = re.compile(r"\$\{[^}]*\}")
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)


def read_channels(
    document: Document | None,
    secrets: Secrets,
    faults: Faults,
    check: ChannelCheck | None,
    folders: Collection[str],
) -> dict[str, Channel]:
    """The channels by name, the built-in ones among them. ``folders``: those of templates, which one may name."""
    channels = dict(BUILT_IN)
    if document is None:
        return channels
    top = Table(document, (), document.data, "", faults)
    tables: dict[str, Table] = {}
    for name in document.data:
        if not isinstance(document.data[name], dict):
            top.fault(
                f"{name} stands outside of any channel",
                "each channel begins with its name in brackets: [ops-chat]",
                at=(name,),
            )
            continue
        usable = name.isprintable() and name.strip()
        table = Table(document, (name,), document.data[name], f"channel {name if usable else in_quotes(name)}", faults)
        if not usable:
            table.fault("the name is empty or holds control characters", "a name such as [ops-chat]")
            continue
        channels[name] = _channel(name, table, secrets, check, folders)
        tables[name] = table
    _check_fallbacks(channels, tables)
    return channels


def _channel(
    name: str, table: Table, secrets: Secrets, check: ChannelCheck | None, folders: Collection[str]
) -> Channel:
    default = Channel(name=name, url="")
    channel = Channel(
        name=name,
        url=_url(name, table, secrets),
        on_unknown=table.choice("on_unknown", default.on_unknown, ("resend", "hold")),
        max_attempts=table.number("max_attempts", default.max_attempts, low=1, high=1000),
        zone=_zone(table, default.zone),
        allow_private=table.flag("allow_private", default.allow_private),
        quiet=_quiet(table),
        digest=_digest(table),
        rate=_rate(table),
        backlog=table.duration("backlog", default.backlog, low=timedelta(seconds=1), high=timedelta(days=7)),
        max_age=table.duration("max_age", default.max_age, low=timedelta(hours=1), high=timedelta(days=365)),
        fallback=table.text("fallback", ""),
        least=Priority(table.choice("least", default.least, list(Priority))),
        language=table.choice("language", default.language, sorted(LANGUAGES)),
        templates=read_template_folder(table, folders),
    )
    table.finish()
    problem = check(channel) if check and channel.url else None
    if problem:
        table.fault(f"url can't be used: {_redacted(problem, secrets)}", at=("url",))
    return channel


def _url(name: str, table: Table, secrets: Secrets) -> str:
    if "url" not in table:
        table.fault("has no url", 'add a line such as url = "mailtos://…", or url = "log:" for a file')
    written = table.text("url", None, secret=True)
    if written is None:
        return ""
    url = secrets.fill(table, written, at=("url",), quoted=True)
    if url is None:
        return ""
    if not _SCHEME.match(url):
        table.fault(
            "url does not begin with a kind of channel", 'such as "mailtos://", "tgram://", "log:"', at=("url",)
        )
        return ""
    for built_in in BUILT_IN.values():
        if url.partition(":")[0].lower() == built_in.kind:
            if url.lower().rstrip("/") != built_in.url:
                table.fault(f"a {built_in.kind} channel has no address", f'write url = "{built_in.url}"', at=("url",))
            return built_in.url
    secrets.hide(url)
    _notice_plain_password(name, table, written, secrets)
    return url


def _notice_plain_password(name: str, table: Table, written: str, secrets: Secrets) -> None:
    # A reference to a secret holds a colon of its own.
    try:
        password = urlsplit(_REFERENCE.sub("", written)).password
    except ValueError:
        return
    if password:
        secrets.hide(password)
        table.faults.notice(
            f"channel {name}: a password stands in {table.document.path}; ${{env:NAME}} or ${{file:/path}} keeps it out"
        )


def _check_fallbacks(channels: Mapping[str, Channel], tables: Mapping[str, Table]) -> None:
    for name, table in tables.items():
        seen = [name]
        while (then := channels[seen[-1]].fallback if seen[-1] in channels else "") and then not in seen:
            seen.append(then)
        fallback = channels[name].fallback
        if fallback and fallback not in channels:
            table.fault(
                f"there is no channel {in_quotes(fallback)} to fall back to",
                did_you_mean(fallback, channels),
                at=("fallback",),
            )
        elif then == name:
            table.fault(
                f"falls back in a circle: {' > '.join([*seen, name])}", "let one of them end it", at=("fallback",)
            )


def _quiet(table: Table) -> Quiet | None:
    quiet = table.table("quiet", example='{ from = "22:00", to = "06:00", zone = "Europe/Paris" }')
    if quiet is None:
        return None
    start, end = _wall_time(quiet, "from"), _wall_time(quiet, "to")
    passes = quiet.choice("except", Priority.URGENT, [Priority.HIGH, Priority.URGENT])
    zone = _zone(quiet, _zone(table, "UTC"))
    quiet.finish()
    if start is None or end is None:
        return None
    if start == end:
        quiet.fault("begins and ends at the same time", "two different times, such as 22:00 and 06:00")
        return None
    return Quiet(start=start, end=end, zone=zone, passes=Priority(passes))


def _wall_time(table: Table, key: str) -> time | None:
    if key not in table:
        table.fault(f"has no {key}", f'write {key} = "22:00"')
    text = table.text(key, None)
    if text is None:
        return None
    found = _WALL_TIME.fullmatch(text)
    if found is None:
        table.fault(f"{key} is not a time of day: {in_quotes(text)}", 'write it as "22:00"', at=(key,))
        return None
    return time(int(found[1]), int(found[2]))


def _digest(table: Table) -> str:
    text = table.text("digest", "")
    try:
        if text:
            parse_schedule(text)
    except ValueError as error:
        table.fault(f"digest can't be {in_quotes(text)}: {error}", at=("digest",))
        return ""
    return text


def _rate(table: Table) -> Rate | None:
    text = table.text("rate", None)
    if text is None:
        return None
    found = _RATE.fullmatch(text)
    if found is None or int(found[1]) == 0:
        table.fault(
            f"rate can't be {in_quotes(text)}", 'write "10 per hour", "1 per minute", "50 per day"', at=("rate",)
        )
        return None
    return Rate(count=int(found[1]), span=_SPANS[found[2][0].lower()])


def _zone(table: Table, default: str) -> str:
    zone = table.text("zone", default)
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        # Letters that stand for a zone say not where it is (CST), and what is spelled like them lies elsewhere.
        place = 'such as "Europe/Paris" or "UTC"'
        hint = place if zone.isupper() else did_you_mean(zone, available_timezones(), otherwise=place)
        table.fault(f"zone {in_quotes(zone)} is not a time zone", hint, at=("zone",))
        return default
    return zone


def _redacted(text: str, secrets: Secrets) -> str:
    """What the check said, whatever it said, without a secret."""
    for value in sorted(secrets.values, key=len, reverse=True):
        # A shorter one would blot out ordinary words, and tells nothing that those don't.
        if len(value) >= _SHORTEST_SECRET:
            text = text.replace(value, "…")
    return text
