"""``channels.toml``: where alerts go. The channels ``log`` and ``terminal`` are always there."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from monitor.config.document import Document
from monitor.config.faults import Faults, did_you_mean, in_quotes
from monitor.config.secrets import Secrets
from monitor.config.values import Table
from monitor.model import Channel

__all__ = ["BUILT_IN", "ChannelCheck", "read_channels"]

ChannelCheck = Callable[[Channel], str | None]
"""Asked about a channel, its secrets filled in; answers what is wrong with its URL in words, or None."""

BUILT_IN: Mapping[str, Channel] = {
    "log": Channel(name="log", url="log:"),
    "terminal": Channel(name="terminal", url="terminal:"),
}

_LATER = {
    "quiet": "quiet hours come with a later version",
    "digest": "digests come with a later version",
}
_SHORTEST_SECRET = 4
_REFERENCE = re.compile(r"\$\{[^}]*\}")
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)


def read_channels(
    document: Document | None, secrets: Secrets, faults: Faults, check: ChannelCheck | None
) -> dict[str, Channel]:
    """The channels by name, the built-in ones among them."""
    channels = dict(BUILT_IN)
    if document is None:
        return channels
    top = Table(document, (), document.data, "", faults)
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
        channels[name] = _channel(name, table, secrets, check)
    return channels


def _channel(name: str, table: Table, secrets: Secrets, check: ChannelCheck | None) -> Channel:
    default = Channel(name=name, url="")
    channel = Channel(
        name=name,
        url=_url(name, table, secrets),
        on_unknown=table.choice("on_unknown", default.on_unknown, ("resend", "hold")),
        max_attempts=table.number("max_attempts", default.max_attempts, low=1, high=1000),
        zone=_zone(table, default.zone),
        allow_private=table.flag("allow_private", default.allow_private),
    )
    table.finish(later=_LATER)
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


def _zone(table: Table, default: str) -> str:
    zone = table.text("zone", default)
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        hint = did_you_mean(zone, available_timezones(), otherwise='such as "Europe/Paris" or "UTC"')
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
