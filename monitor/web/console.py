"""Which page a request is for, and the headers that let a browser do nothing but show it.

No cookie, no script, nothing from elsewhere: the policy names our own stylesheet and forms alone. A request under any
other name than this machine's own is refused: a page on the web whose name leads here (DNS rebinding) learns nothing.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from http import HTTPStatus
from importlib.resources import files
from ipaddress import ip_address
from urllib.parse import parse_qs, unquote

from monitor.errors import NotFound
from monitor.listening import Call, Reply
from monitor.ports import Clock
from monitor.store import SqliteStore
from monitor.web.pages import Pages, Standing

__all__ = ["Console", "plain_reply"]

_AT_ONCE = 2
"""Pages made at the same time: whoever looks takes little from the service's own work."""

_PATIENCE = 5.0  # seconds
_COME_AGAIN = 5
_LONGEST_QUERY = 4_000
_MOST_FIELDS = 10
_LONGEST_NUMBER = 18  # digits, within what SQLite holds

_HTML = "text/html; charset=utf-8"
_CSS = "text/css; charset=utf-8"
_HEADERS = (
    (
        "Content-Security-Policy",
        "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    ),
    ("X-Frame-Options", "DENY"),
    ("Referrer-Policy", "no-referrer"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Cache-Control", "no-store"),
)
_NUMBERED = re.compile(rf"/(article|story)/([1-9][0-9]{{0,{_LONGEST_NUMBER - 1}}})")
_NUMBER = re.compile(rf"[1-9][0-9]{{0,{_LONGEST_NUMBER - 1}}}")
_HOST = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]+)(?::[0-9]{1,5})?")


class Console:
    """Answers calls with pages. Thread-safe; each call reads through connections of its own."""

    def __init__(self, store: SqliteStore, *, clock: Clock, standing: Callable[[], Standing]) -> None:
        self._pages = Pages(store, clock=clock, standing=standing)
        self._style = files("monitor.web").joinpath("style.css").read_text(encoding="utf-8")
        self._places = threading.BoundedSemaphore(_AT_ONCE)

    def answer(self, call: Call) -> Reply:
        """The page that was asked for, or why there is none.

        Raises:
            StoreError: the database refused.
        """
        if not _is_this_machine(call.host):
            return plain_reply(HTTPStatus.MISDIRECTED_REQUEST, "This console answers as localhost or 127.0.0.1 only.\n")
        path, _, query = call.path.partition("?")
        if path == "/style.css":
            return Reply(status=HTTPStatus.OK, text=self._style, content_type=_CSS, headers=_HEADERS)
        if not self._places.acquire(timeout=_PATIENCE):
            return plain_reply(
                HTTPStatus.SERVICE_UNAVAILABLE, "the console is busy; ask again\n", retry_after=_COME_AGAIN
            )
        try:
            return self._page(path, query)
        except NotFound as error:
            return _page(self._pages.missing(str(error)), HTTPStatus.NOT_FOUND)
        finally:
            self._places.release()

    def _page(self, path: str, query: str) -> Reply:
        asked = _asked(query)
        if asked is None:
            return _page(self._pages.missing("this is no question that the console knows"), HTTPStatus.BAD_REQUEST)
        before = int(asked["before"]) if _NUMBER.fullmatch(asked.get("before", "")) else None
        pages = self._pages
        if numbered := _NUMBERED.fullmatch(path):
            made = pages.article if numbered[1] == "article" else pages.story
            return _page(made(int(numbered[2])))
        match path:
            case "/":
                return _page(pages.overview())
            case "/alerts":
                return _page(pages.alerts(watch=asked.get("watch"), before=before))
            case "/article":
                return _found(pages.find(asked.get("find", "")))
            case "/feeds":
                return _page(pages.feeds())
            case "/deliveries":
                return _page(pages.deliveries(every="all" in asked, channel=asked.get("channel"), before=before))
        raise NotFound(f"there is no page {unquote(path, errors='replace')}")


def plain_reply(status: HTTPStatus, words: str, *, retry_after: int = 0) -> Reply:
    """An answer without a page, under the same headers."""
    return Reply(status=status, text=words, retry_after=retry_after, headers=_HEADERS)


def _page(text: str, status: HTTPStatus = HTTPStatus.OK) -> Reply:
    return Reply(status=status, text=text, content_type=_HTML, headers=_HEADERS)


def _found(article: int | None) -> Reply:
    """On to the article's own address, which can be kept; without one, back to the beginning."""
    to = "/" if article is None else f"/article/{article}"
    return Reply(status=HTTPStatus.SEE_OTHER, headers=(*_HEADERS, ("Location", to)))


def _asked(query: str) -> dict[str, str] | None:
    """The question's fields, the last of each name; None for what nobody asks."""
    if len(query) > _LONGEST_QUERY:
        return None
    try:
        fields = parse_qs(query, max_num_fields=_MOST_FIELDS, errors="replace")
    except ValueError:
        return None
    return {name: values[-1].strip() for name, values in fields.items() if values[-1].strip()}


def _is_this_machine(host: str) -> bool:
    """Whether a Host header names this machine as itself, at whatever port: a tunnel may have one of its own."""
    named = _HOST.fullmatch(host)
    if named is None:
        return False
    name = named[1].lower()
    try:
        return name == "localhost" or ip_address(name.strip("[]")).is_loopback
    except ValueError:
        return False
