"""A small HTTP server for what comes to us unasked: bounded in size, in time and in number, and silent.

On the article's way: where hubs push (WebSub); and beside it, where people look (the console). It stands behind the
person's reverse proxy, and yet believes nothing: whatever is odd about a request ends it. It knows no address and no
meaning; whoever answers does. It writes no log, for the addresses that it is asked for are secrets.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

__all__ = ["Call", "Listener", "Reply"]

_MOST_AT_ONCE = 16
_SECONDS = 20.0
"""For one request as a whole, from its connection to the answer's last byte."""

_LONGEST_PATH = 8_192
_MOST_UNREAD, _SECONDS_MORE = 32_000_000, 2.0  # bytes that are thrown away, and how long each wait for some may be


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A request: GET, HEAD or POST, its path with the query, what of its headers counts, and its body.

    ``host`` is empty where the caller named none, or several.
    """

    method: str
    path: str = field(repr=False)
    content_type: str
    signature: str = field(repr=False)
    body: bytes = field(repr=False)
    host: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """A status and, rarely, a text; ``headers`` go beside those that every answer has."""

    status: int
    text: str = ""
    retry_after: int = 0
    content_type: str = "text/plain; charset=utf-8"
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """Whom a request's questions go to."""

    answer: Callable[[Call], Reply]
    knows: Callable[[str], bool]
    most_bytes: Callable[[], int]
    methods: tuple[str, ...]


class Listener:
    """Listens at ``host:port`` from ``start`` to ``stop``; each request is answered in a thread by ``answer``.

    A body is read only where ``knows`` has the path for one of ours: strangers can't make us keep any. A method that is
    not among ``methods`` is refused.
    """

    def __init__(
        self,
        place: str,
        *,
        answer: Callable[[Call], Reply],
        knows: Callable[[str], bool],
        most_bytes: Callable[[], int],
        methods: tuple[str, ...] = ("GET", "POST"),
    ) -> None:
        host, _, port = place.rpartition(":")
        self._place = (host.strip("[]"), int(port))
        self._asked = _Asked(answer=answer, knows=knows, most_bytes=most_bytes, methods=methods)
        self._server: _Server | None = None
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin.

        Raises:
            OSError: the place can't be had.
        """
        self._server = _Server(self._place, self._asked)
        self._thread = threading.Thread(target=self._server.serve_forever, name="listener", daemon=True)
        self._thread.start()

    @property
    def port(self) -> int:
        """Where it listens, also when it was left to the system to choose (port 0)."""
        return 0 if self._server is None else int(self._server.server_address[1])

    def stop(self) -> None:
        """Take nothing more; what is being answered goes on to its end."""
        if self._server is not None and self._thread is not None:
            self._server.shutdown()
            self._server.server_close()
            self._thread.join()


class _Server(HTTPServer):
    """A thread a request, a bounded number of them; one more is not let in."""

    allow_reuse_address = True
    request_queue_size = 64

    def __init__(self, place: tuple[str, int], asked: _Asked) -> None:
        self.address_family = socket.AF_INET6 if ":" in place[0] else socket.AF_INET
        self._places = threading.BoundedSemaphore(_MOST_AT_ONCE)
        self._asked = asked
        super().__init__(place, _Handler)

    def server_bind(self) -> None:
        """Bind without asking the network for our own name, as ``HTTPServer`` does."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()

    def finish_request(self, request: Any, client_address: Any) -> None:
        """Talk with one that called, to its end."""
        _Handler(self._asked, request, client_address, self)

    def process_request(self, request: Any, client_address: Any) -> None:
        if not self._places.acquire(blocking=False):
            self.shutdown_request(request)
            return
        threading.Thread(target=self._talk, args=(request, client_address), daemon=True).start()

    def _talk(self, request: socket.socket, client_address: Any) -> None:
        # Reading may be dripped at for ever, whatever each read may take: the whole has an end.
        end = threading.Timer(_SECONDS, _cut, args=(request,))
        end.daemon = True
        end.start()
        try:
            with contextlib.suppress(OSError, ValueError):
                self.finish_request(request, client_address)
                _hear_out(request)
        finally:
            end.cancel()
            self.shutdown_request(request)
            self._places.release()


def _hear_out(sock: socket.socket) -> None:
    """Let whoever still sends what was not read have its answer: closing at once would reset the connection."""
    sock.shutdown(socket.SHUT_WR)
    sock.settimeout(_SECONDS_MORE)
    left = _MOST_UNREAD
    while left > 0 and (piece := sock.recv(65_536)):
        left -= len(piece)


def _cut(sock: socket.socket) -> None:
    with contextlib.suppress(OSError):
        sock.shutdown(socket.SHUT_RDWR)


class _Handler(BaseHTTPRequestHandler):
    timeout = _SECONDS
    server_version = "NewsWatch"
    sys_version = ""

    def __init__(self, asked: _Asked, *connection: Any) -> None:
        self._asked = asked
        super().__init__(*connection)

    def do_GET(self) -> None:
        self._take(b"")

    def do_HEAD(self) -> None:
        self._take(b"")

    def do_POST(self) -> None:
        if "POST" not in self._asked.methods:
            self._refuse_method()
            return
        length = self.headers.get("Content-Length", "")
        if "Transfer-Encoding" in self.headers or not (length.isascii() and length.isdigit()):
            self._say(Reply(status=HTTPStatus.LENGTH_REQUIRED))
            return
        if len(length) > 12 or int(length) > self._asked.most_bytes():
            self._say(Reply(status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE))
            return
        if len(self.path) > _LONGEST_PATH or not self._asked.knows(self.path):
            self._say(Reply(status=HTTPStatus.NOT_FOUND))
            return
        body = self.rfile.read(int(length))
        if len(body) == int(length):
            self._take(body)

    def _take(self, body: bytes) -> None:
        if self.command not in self._asked.methods:
            self._refuse_method()
            return
        if len(self.path) > _LONGEST_PATH:
            self._say(Reply(status=HTTPStatus.NOT_FOUND))
            return
        hosts = self.headers.get_all("Host", [])
        call = Call(
            method=self.command,
            path=self.path,
            content_type=self.headers.get("Content-Type", ""),
            signature=self.headers.get("X-Hub-Signature", ""),
            body=body,
            host=hosts[0] if len(hosts) == 1 else "",
        )
        self._say(self._asked.answer(call))

    def _refuse_method(self) -> None:
        allowed = ("Allow", ", ".join(self._asked.methods))
        self._say(Reply(status=HTTPStatus.METHOD_NOT_ALLOWED, headers=(allowed,)))

    def _say(self, reply: Reply) -> None:
        body = reply.text.encode("utf-8", "replace")
        self.send_response(reply.status)
        self.send_header("Content-Type", reply.content_type)
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Content-Length", str(len(body)))
        if reply.retry_after:
            self.send_header("Retry-After", str(reply.retry_after))
        for name, value in reply.headers:
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:  # noqa: ARG002
        """What is no request that we take: its status alone, for what was asked for is not said again."""
        self.close_connection = True
        self._say(Reply(status=code))

    def log_message(self, *_: object) -> None:
        """Nothing: whoever answers says what is worth it."""
