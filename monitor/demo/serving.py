"""The demo's newsroom on loopback: outlets that publish their planned articles as feeds, each in its own manner.

Serves what is published by now in RSS, Atom, RDF or JSON Feed, with validators. It knows nothing of the service that
polls it.
"""

from __future__ import annotations

import hashlib
import json
import sys
import threading
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from xml.sax.saxutils import escape, quoteattr

from monitor.demo.content import Newsroom, Outlet, Piece
from monitor.ports import Clock


class LoopbackServer(ThreadingHTTPServer):
    """A server that prints no trace when a client hangs up: it is the client's right, and no news to a reader."""

    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Tell of a fault of ours only."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


@dataclass
class NewsroomServer:
    """The newsroom, serving. ``speed`` 1 lets its minute take a minute; 12 lets it take five seconds."""

    newsroom: Newsroom
    clock: Clock
    speed: float
    _asked: Counter[str] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self._started = self.clock.monotonic()
        self._opened = self.clock.now()
        self._quit = threading.Event()
        handler = type("Handler", (_Handler,), {"room": self})
        self._server = LoopbackServer(("127.0.0.1", 0), handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._quit.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def base(self) -> str:
        """The address of the newsroom, without a slash at its end."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def feed_url(self, outlet: Outlet) -> str:
        """Where an outlet's feed is."""
        return f"{self.base}/{outlet.id}/feed"

    @property
    def second(self) -> float:
        """The newsroom's own second since it opened."""
        return (self.clock.monotonic() - self._started) * self.speed

    def published(self, outlet: Outlet) -> tuple[Piece, ...]:
        """What the outlet has published by now, the newest first; an edited piece stands in its newest wording."""
        newest: dict[str, Piece] = {}
        for piece in sorted(self.newsroom.pieces, key=lambda piece: piece.second):
            if piece.outlet == outlet.id and piece.second <= self.second:
                newest[piece.guid] = piece
        return tuple(sorted(newest.values(), key=lambda piece: (-piece.second, piece.guid)))

    def time_of(self, piece: Piece) -> datetime:
        """When a piece was published, on the machine's clock."""
        return self._opened + timedelta(seconds=piece.second / self.speed)

    def answer(self, outlet: Outlet) -> tuple[int, str, bytes]:
        """Status, content type and body of one request; trouble is the outlet's own."""
        with self._lock:
            self._asked[outlet.id] += 1
            refused = outlet.fault == "failing" and self._asked[outlet.id] <= outlet.failures
        if refused:
            return 500, "text/plain; charset=utf-8", b"the press is being oiled"
        if outlet.fault == "slow":
            self._quit.wait(outlet.delay / self.speed)
        return 200, _CONTENT_TYPES[outlet.format] + f"; charset={outlet.encoding}", self._document(outlet)

    def _document(self, outlet: Outlet) -> bytes:
        pieces = [(piece, self.time_of(piece)) for piece in self.published(outlet)]
        text = _FORMATS[outlet.format](outlet, pieces)
        if outlet.fault == "unescaped":
            # An ampersand that is none, and an end that never came: the ways in which real feeds break.
            text = text.replace("</title>", " & more</title>", 1).removesuffix("</channel></rss>\n")
        return text.encode(outlet.encoding, "xmlcharrefreplace")


class _Handler(BaseHTTPRequestHandler):
    room: NewsroomServer
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        outlet = self.room.newsroom.outlet(self.path.strip("/").partition("/")[0])
        if outlet is None:
            self._send(404, "text/plain", b"no such outlet")
            return
        status, content_type, body = self.room.answer(outlet)
        etag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
        if status == 200 and self.headers.get("If-None-Match") == etag:
            self._send(304, "", b"", etag)
        else:
            self._send(status, content_type, body, etag)

    def _send(self, status: int, content_type: str, body: bytes, etag: str = "") -> None:
        try:
            self.send_response(status)
            if etag:
                self.send_header("ETag", etag)
            if status != 304:
                self.send_header("Content-Type", content_type)
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
        except ConnectionError:
            self.close_connection = True

    def log_message(self, *_args: object) -> None:
        """The demo's screen belongs to the alerts."""


_Published = Sequence[tuple[Piece, datetime]]

_CONTENT_TYPES = {
    "rss": "application/rss+xml",
    "atom": "application/atom+xml",
    "rdf": "application/rdf+xml",
    "json": "application/feed+json",
}


def _rss(outlet: Outlet, pieces: _Published) -> str:
    items = "".join(
        f"<item><title>{escape(piece.title)}</title><link>{escape(piece.url)}</link>"
        f'<guid isPermaLink="false">{escape(piece.guid)}</guid><pubDate>{format_datetime(time)}</pubDate>'
        f"<description>{escape(_html(piece.text))}</description></item>\n"
        for piece, time in pieces
    )
    return (
        f'<?xml version="1.0" encoding="{outlet.encoding}"?>\n<rss version="2.0"><channel>'
        f"<title>{escape(outlet.name)}</title><link>{outlet.site}/</link>"
        f"<language>{outlet.language}</language>\n{items}</channel></rss>\n"
    )


def _atom(outlet: Outlet, pieces: _Published) -> str:
    entries = "".join(
        f"<entry><title>{escape(piece.title)}</title><link href={quoteattr(piece.url)}/><id>{escape(piece.guid)}</id>"
        f'<updated>{time.isoformat()}</updated><content type="html">{escape(_html(piece.text))}</content></entry>\n'
        for piece, time in pieces
    )
    return (
        f'<?xml version="1.0" encoding="{outlet.encoding}"?>\n'
        f'<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="{outlet.language}"><title>{escape(outlet.name)}</title>'
        f"<id>urn:{outlet.id}</id>\n{entries}</feed>\n"
    )


def _rdf(outlet: Outlet, pieces: _Published) -> str:
    items = "".join(
        f"<item rdf:about={quoteattr(piece.url)}><title>{escape(piece.title)}</title><link>{escape(piece.url)}</link>"
        f"<dc:date>{time.isoformat()}</dc:date><dc:identifier>{escape(piece.guid)}</dc:identifier>"
        f"<description>{escape(_html(piece.text))}</description></item>\n"
        for piece, time in pieces
    )
    return (
        f'<?xml version="1.0" encoding="{outlet.encoding}"?>\n'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f'<channel rdf:about="{outlet.site}/"><title>{escape(outlet.name)}</title>'
        f"<link>{outlet.site}/</link><dc:language>{outlet.language}</dc:language></channel>\n{items}</rdf:RDF>\n"
    )


def _json_feed(outlet: Outlet, pieces: _Published) -> str:
    items = [
        {
            "id": piece.guid,
            "url": piece.url,
            "title": piece.title,
            "content_text": piece.text,
            "date_published": time.isoformat(),
        }
        for piece, time in pieces
    ]
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": outlet.name,
        "language": outlet.language,
        "items": items,
    }
    return json.dumps(feed, ensure_ascii=False, indent=1)


def _html(text: str) -> str:
    return "".join(f"<p>{escape(paragraph)}</p>" for paragraph in text.split("\n") if paragraph.strip())


_FORMATS = {"rss": _rss, "atom": _atom, "rdf": _rdf, "json": _json_feed}
