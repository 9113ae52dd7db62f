"""``feeds.toml`` and ``*.opml``: what is polled.

Reads and checks the list; whether a feed answers is found out by polling it.
"""

from __future__ import annotations

import re
import ssl
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit

from monitor.config.document import Document, read_bytes
from monitor.config.faults import Faults, address_meant, did_you_mean, in_quotes
from monitor.config.languages import is_language, language_hint
from monitor.config.secrets import Secrets
from monitor.config.snapshot import PACKS
from monitor.config.values import Table, say_duration
from monitor.errors import ParseError
from monitor.feeds import canonical_url, read_opml
from monitor.model import Feed
from monitor.text import nearest

__all__ = ["read_feeds"]

_QUICKEST = timedelta(milliseconds=100)
_POLITE = timedelta(seconds=10)  # the least between two looks at somebody else's server
_DAY = timedelta(days=1)
_ONLY_OF_A_FEED = ("url", "file", "name", "headers", "allow_private", "stories", "enabled", "ca_file")
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # RFC 9110, 5.6.2
_OWN_HEADERS = {
    "accept-encoding", "connection", "content-length", "host", "if-modified-since", "if-none-match",
    "transfer-encoding",
}  # fmt: skip
_PROXIES = ("http", "https")


def read_feeds(
    document: Document | None, opml: Sequence[Path], root: Path, secrets: Secrets, faults: Faults
) -> tuple[Feed, ...]:
    """All feeds, those of ``feeds.toml`` first, each address once."""
    defaults = Feed(url="")
    known: dict[str, str] = {}  # canonical address -> where it was first named
    feeds: list[Feed] = []
    if document is not None:
        top = Table(document, (), document.data, "", faults)
        given = top.table("defaults", example='{ interval_min = "5 minutes" }')
        if given is not None:
            defaults = replace(
                _common(given, defaults), proxy=_proxy(given, secrets), second_user_agent=_second_agent(given, defaults)
            )
            for key in _ONLY_OF_A_FEED:
                given.refuse(key, f"{key} can't be said of all feeds", "say it of each [[feed]] by itself")
            given.finish()
        for table in top.tables("feed", "feed"):
            feed = _feed(table, defaults, root, secrets)
            if feed.url and _is_first(table, feed.url, known):
                feeds.append(feed)
        opml = [*opml, *_packs(top, root)]
        top.finish()
    for path in opml:
        feeds.extend(_from_opml(path, defaults, known, faults))
    return tuple(feeds)


def _packs(top: Table, root: Path) -> list[Path]:
    """The files of the packs that are named; what is not named is not read."""
    ready = {path.stem: path for path in sorted((root / PACKS).glob("*.opml"))}
    chosen: list[Path] = []
    for index, name in enumerate(top.texts("packs")):
        if name in ready:
            chosen.append(ready[name])
        else:
            hint = did_you_mean(name, ready, otherwise=f"packs lie in {PACKS}/, each as NAME.opml")
            top.fault(f"there is no pack {in_quotes(name)}", hint, at=("packs", index))
    return chosen


def _common(table: Table, default: Feed) -> Feed:
    """What both a feed and ``[defaults]`` may say; what is not said is as in ``default``."""
    language = table.text("language", default.language)
    if language is not None and not is_language(language.partition("-")[0]):
        table.fault(f"language {in_quotes(language)} is not a language", language_hint(language), at=("language",))
        language = None
    shortest = table.duration("interval_min", default.interval_min, low=_QUICKEST, high=30 * _DAY)
    longest = table.duration("interval_max", default.interval_max, low=_QUICKEST, high=30 * _DAY)
    if shortest > longest:
        key, other = ("interval_min", "interval_max") if "interval_min" in table else ("interval_max", "interval_min")
        said = "" if other in table else ", the default"
        spans = {"interval_min": say_duration(shortest), "interval_max": say_duration(longest)}
        relation = "longer" if key == "interval_min" else "shorter"
        table.fault(
            f"{key} ({spans[key]}) is {relation} than {other} ({spans[other]}{said})", f"set {other} too", at=(key,)
        )
    return replace(
        default,
        tags=table.texts("tags", default.tags),
        language=language,
        interval_min=shortest,
        interval_max=longest,
        full_text=table.flag("full_text", default=default.full_text),
        first_alert_age=table.duration(
            "first_alert_age", default.first_alert_age, low=timedelta(0), high=36_500 * _DAY
        ),
    )


def _feed(table: Table, defaults: Feed, root: Path, secrets: Secrets) -> Feed:
    feed = replace(
        _common(table, defaults),
        url=_address(table, root),
        name=table.text("name", ""),
        headers=_headers(table, secrets),
        proxy=_proxy(table, secrets) or defaults.proxy,
        allow_private=table.flag("allow_private", default=False),
        stories=table.flag("stories", default=True),
        enabled=table.flag("enabled", default=True),
        ca_file=_authorities(table, root),
        second_user_agent=_second_agent(table, defaults),
    )
    if feed.interval_min < _POLITE and not feed.allow_private and feed.url.startswith("http"):
        at = ("interval_min",) if "interval_min" in table else ()
        table.fault(
            f"interval_min is {say_duration(feed.interval_min)}: a public server is looked at every 10 s at the most",
            'such as "5 minutes"; only a feed of your own (allow_private = true) may be looked at more often',
            at=at,
        )
    table.finish()
    return feed


def _address(table: Table, root: Path) -> str:
    """The feed's ``url``, or ``file:NAME`` for its ``file``; empty when neither is usable (then a fault says why)."""
    if "url" in table and "file" in table:
        table.fault("has both a url and a file", "a feed is one or the other: keep one", at=("file",))
    if "url" not in table and "file" not in table:
        table.fault("has neither a url nor a file", 'add a line such as url = "https://example.org/feed.xml"')
    file = table.text("file", None)
    url = table.text("url", None)
    if file is not None:
        return _local_file(table, file, root)
    if url is None:
        return ""
    if problem := _web_address_problem(url):
        hint = address_meant(url) or 'such as "https://example.org/feed.xml"'
        table.fault(f"url {in_quotes(url)} {problem}", hint, at=("url",))
        return ""
    return url


def _local_file(table: Table, file: str, root: Path) -> str:
    path = PurePosixPath(file.removeprefix("file:").replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or re.match(r"[A-Za-z]:", str(path)):
        table.fault(f"file {in_quotes(file)} lies outside of {root}", "put the file into that folder", at=("file",))
        return ""
    if not (root / path).is_file():
        others = (found.name for found in root.iterdir() if found.is_file() and found.suffix not in {".toml", ".opml"})
        close = nearest(str(path), others)
        if close:
            table.fault(
                f"there is no file {in_quotes(str(path))} in {root}", did_you_mean(str(path), close), at=("file",)
            )
        else:
            table.faults.notice(f"{table.where}: there is no file {path} in {root} yet; it is read as soon as there is")
    return f"file:{path}"


def _web_address_problem(url: str) -> str:
    """What keeps ``url`` from being an address on the web; empty when nothing does."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        return "is not an address"
    if parts.scheme.lower() not in {"http", "https"}:
        return "is not an address of the web"
    if not host or port == 0:
        return "names no host"
    if re.search(r"\s", url):
        return "has a space in it"
    return ""


def _headers(table: Table, secrets: Secrets) -> dict[str, str]:
    given = table.table("headers", example='{ X-Token = "…" }')
    headers: dict[str, str] = {}
    if given is None:
        return headers
    for name in given.data:
        value = given.text(name, None, secret=True)
        if not _HEADER_NAME.fullmatch(name):
            given.fault(f"{in_quotes(name)} can't be the name of a header", "letters, digits and -", at=(name,))
        elif name.lower() in _OWN_HEADERS:
            given.fault(f"the header {name} is set by the monitor itself", "remove it", at=(name,))
        elif name.lower() in (known.lower() for known in headers):
            given.fault(f"the header {name} is given twice", "keep one: case does not count", at=(name,))
        elif value is not None and (filled := secrets.fill(given, value, at=(name,), quoted=False)) is not None:
            if not filled.isascii():
                given.fault(f"the header {name} holds more than plain ASCII", at=(name,))
            headers[name] = filled
    return headers


def _authorities(table: Table, root: Path) -> str:
    """The path of the feed's ``ca_file``, which may be relative to the config directory."""
    written = table.text("ca_file", "")
    if not written:
        return ""
    path = root / written
    try:
        ssl.create_default_context(cafile=path)
    except (OSError, ssl.SSLError):
        table.fault(
            f"ca_file {in_quotes(written)} holds no certificates that can be read",
            "a PEM file, its path from the config directory on",
            at=("ca_file",),
        )
        return ""
    return str(path)


def _second_agent(table: Table, defaults: Feed) -> str:
    agent = table.text("second_user_agent", defaults.second_user_agent)
    if not (agent.isascii() and agent.isprintable()):
        table.fault(
            "second_user_agent may hold plain ASCII only",
            'such as "Mozilla/5.0 (compatible; Desk/1.0)"',
            at=("second_user_agent",),
        )
        return ""
    return agent


def _proxy(table: Table, secrets: Secrets) -> str | None:
    written = table.text("proxy", None, secret=True)
    proxy = None if written is None else secrets.fill(table, written, at=("proxy",), quoted=True)
    if proxy is None:
        return None
    try:
        parts = urlsplit(proxy)
        usable = parts.scheme.lower() in _PROXIES and bool(parts.hostname)
        password = parts.password
    except ValueError:
        usable, password = False, None
    if not usable:
        table.fault("proxy is not the address of a proxy", 'such as "http://proxy.example.org:3128"', at=("proxy",))
        return None
    if password:
        secrets.hide(password)
        secrets.hide(proxy)
    return proxy


def _is_first(table: Table, url: str, known: dict[str, str]) -> bool:
    address = _same_address(url)
    if address in known:
        table.fault(
            f"the feed {in_quotes(url)} is listed twice (first in {known[address]})",
            "keep one: http and https, www and tracking parameters don't make another feed",
            at=("file",) if "file" in table else ("url",),
        )
        return False
    known[address] = f"line {table.line()}"
    return True


def _same_address(url: str) -> str:
    return url if url.startswith("file:") else canonical_url(url)


def _from_opml(path: Path, defaults: Feed, known: dict[str, str], faults: Faults) -> list[Feed]:
    raw = read_bytes(path, faults)
    if raw is None:
        return []
    try:
        listed = read_opml(raw)
    except ParseError as error:
        line = re.search(r"\bline (\d+)", str(error))
        faults.add(
            path, int(line[1]) if line else 0, "", str(error), "export it anew from your reader, or move it away"
        )
        return []
    feeds: list[Feed] = []
    for feed in listed:
        problem = "is a file of this machine" if feed.url.startswith("file:") else _web_address_problem(feed.url)
        address = _same_address(feed.url)
        if problem:
            faults.notice(f"{path}: left out: {in_quotes(feed.url)} {problem}")
        elif address in known:
            faults.notice(f"{path}: left out: {in_quotes(feed.url)} is already listed in {known[address]}")
        else:
            known[address] = path.name
            tags, language = feed.tags or defaults.tags, feed.language or defaults.language
            feeds.append(
                replace(
                    defaults,
                    url=feed.url,
                    name=feed.name,
                    tags=tags,
                    language=language,
                    interval_min=max(defaults.interval_min, _POLITE),
                    interval_max=max(defaults.interval_max, _POLITE),
                )
            )
    if not listed:
        faults.notice(f"{path}: lists no feeds")
    return feeds
