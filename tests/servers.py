"""HTTP servers that misbehave, for all tests: real sockets on loopback, one thread a connection, a free port each.

A ``Script`` is what the server does for a path: a list of steps, played in order for each request. Nothing in it
sleeps: a server that hangs waits for the client to go away or for its own end, and a drip waits between two bytes for
the same.

::

    with MisbehavingServer() as server:
        server.route("/feed", reply(b"<rss/>", headers={"ETag": '"1"'}))
        server.route("/slow", drip(b"<rss>", every=0.05))
        fetch(server.url("/feed"))
        assert server.requests[0].headers["user-agent"]
"""

from __future__ import annotations

import contextlib
import gzip
import socket
import ssl
import struct
import threading
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from email.utils import format_datetime
from http import HTTPStatus
from typing import Self

MOST_BODY = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A request as it came. Header names are in lower case; ``raw`` holds the head's bytes and what came with them.

    ``body`` is read where the request tells its length, and no further than ``MOST_BODY``.
    """

    method: str
    path: str
    headers: Mapping[str, str]
    raw: bytes = field(repr=False)
    body: bytes = field(default=b"", repr=False)


class Peer:
    """A script's hands: the connection, the request, and how to wait without outliving the test."""

    def __init__(self, sock: socket.socket, seen: Seen, stop: threading.Event) -> None:
        self.sock = sock
        self.seen = seen
        self._stop = stop

    def send(self, data: bytes) -> None:
        self.sock.sendall(data)

    def wait_for_end(self, seconds: float = 60.0) -> bool:
        """Until the client hangs up, the server is stopped, or the time is over; True for the first two."""
        step = 0.02
        waited = 0.0
        while waited < seconds:
            if self._stop.wait(min(step, seconds - waited)):
                return True
            waited += step
            self.sock.setblocking(False)
            try:
                if self.sock.recv(1) == b"":
                    return True
            except (BlockingIOError, ssl.SSLWantReadError):
                pass
            except OSError:
                return True
            finally:
                with contextlib.suppress(OSError):
                    self.sock.settimeout(30)
        return False

    def reset(self) -> None:
        """End the connection with RST instead of FIN."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.sock.close()


Script = Callable[[Peer], None]


def head(status: int = 200, headers: Mapping[str, str] | None = None) -> bytes:
    """A status line and headers, ended."""
    phrase = HTTPStatus(status).phrase if status in set(HTTPStatus) else "Odd"
    lines = [f"HTTP/1.1 {status} {phrase}", *(f"{name}: {value}" for name, value in (headers or {}).items())]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def reply(body: bytes = b"", *, status: int = 200, headers: Mapping[str, str] | None = None) -> Script:
    """A proper answer."""
    extra = dict(headers or {})
    return lambda peer: peer.send(head(status, {"Content-Length": str(len(body)), **extra}) + body)


def in_turn(*scripts: Script) -> Script:
    """The first request meets the first script and so on; the last one stays."""
    waiting = list(scripts)
    lock = threading.Lock()

    def run(peer: Peer) -> None:
        with lock:
            script = waiting.pop(0) if len(waiting) > 1 else waiting[0]
        script(peer)

    return run


def with_validators(body: bytes, *, etag: str | None = None, last_modified: str | None = None) -> Script:
    """200 with validators, and 304 for whoever sends one of them back as it was."""

    def run(peer: Peer) -> None:
        validators = {name: value for name, value in (("ETag", etag), ("Last-Modified", last_modified)) if value}
        sent = peer.seen.headers
        known = (etag is not None and sent.get("if-none-match") == etag) or (
            last_modified is not None and sent.get("if-modified-since") == last_modified
        )
        if known:
            peer.send(head(304, validators))
        else:
            peer.send(head(200, {"Content-Length": str(len(body)), **validators}) + body)

    return run


def redirect(location: str, *, status: int = 302) -> Script:
    """Elsewhere."""
    return reply(status=status, headers={"Location": location})


def hang() -> Script:
    """Takes the request and never answers."""
    return lambda peer: void(peer.wait_for_end())


def hang_after(data: bytes) -> Script:
    """Sends some bytes, and then nothing more, on an open connection."""

    def run(peer: Peer) -> None:
        peer.send(data)
        peer.wait_for_end()

    return run


def drip(data: bytes, *, every: float = 0.05, first: bytes | None = None) -> Script:
    """Sends one byte at a time; ``first`` (a proper head, if left out) goes at once."""

    def run(peer: Peer) -> None:
        peer.send(head(200, {"Content-Type": "application/xml"}) if first is None else first)
        for position in range(len(data)):
            peer.send(data[position : position + 1])
            if peer.wait_for_end(every):
                return

    return run


def cut(data: bytes) -> Script:
    """Sends these bytes and closes."""
    return lambda peer: peer.send(data)


def reset_after(data: bytes) -> Script:
    """Sends these bytes and resets the connection."""

    def run(peer: Peer) -> None:
        peer.send(data)
        peer.wait_for_end(0.05)  # let the bytes arrive: a reset drops what was not read
        peer.reset()

    return run


def wrong_length(body: bytes, *, declared: int) -> Script:
    """Declares another length than it sends."""
    return cut(head(200, {"Content-Length": str(declared)}) + body)


def chunked(pieces: Sequence[bytes], *, ended: bool = True, headers: Mapping[str, str] | None = None) -> Script:
    """Sends chunks; without its end, the last chunk is missing."""
    body = b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces) + (b"0\r\n\r\n" if ended else b"")
    return cut(head(200, {"Transfer-Encoding": "chunked", **(headers or {})}) + body)


def packed(body: bytes, *, coding: str = "gzip", keep: int | None = None) -> Script:
    """A compressed answer; ``keep`` bytes of it, with a length that fits, when it is to be cut inside."""
    data = gzip.compress(body) if coding == "gzip" else zlib.compress(body)
    return reply(data[:keep], headers={"Content-Encoding": coding})


def gzip_bomb(megabytes: int) -> Script:
    """A few kilobytes that unpack to this many megabytes."""
    engine = zlib.compressobj(9, zlib.DEFLATED, 16 + zlib.MAX_WBITS)
    million = bytes(1_000_000)
    data = b"".join(engine.compress(million) for _ in range(megabytes)) + engine.flush()
    return reply(data, headers={"Content-Encoding": "gzip"})


def http_date(moment: object) -> str:
    """A date as HTTP writes it; takes an aware UTC datetime."""
    return format_datetime(moment, usegmt=True)  # type: ignore[arg-type]


def void(_: object) -> None:
    """Drop a result where a script gives none."""


class MisbehavingServer:
    """A scripted HTTP server on loopback. Unknown paths get 404. ``requests`` holds what came, in order.

    ``accept`` False: connections are taken by the kernel and never read. ``tls``: a server context.
    """

    def __init__(self, *, tls: ssl.SSLContext | None = None, accept: bool = True) -> None:
        self.requests: list[Seen] = []
        self.open_now = 0
        self.open_most = 0
        self._tls = tls
        self._accept = accept
        self._routes: dict[str, Script] = {}
        self._default: Script = reply(b"not here", status=404)
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._threads: list[threading.Thread] = []
        self._listener = socket.create_server(("127.0.0.1", 0))

    def __enter__(self) -> Self:
        if self._accept:
            self._listener.settimeout(1)
            self._start(self._serve)
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)  # wakes the thread that accepts
        self._listener.close()
        for thread in self._threads:
            thread.join(10)
            assert not thread.is_alive(), "a scripted server did not end"

    @property
    def port(self) -> int:
        return int(self._listener.getsockname()[1])

    def url(self, path: str = "/", *, host: str = "127.0.0.1") -> str:
        return f"{'https' if self._tls else 'http'}://{host}:{self.port}{path}"

    def route(self, path: str, script: Script) -> str:
        """Play this for requests of the path (its query aside); returns the URL."""
        self._routes[path] = script
        return self.url(path)

    def otherwise(self, script: Script) -> None:
        """Play this for every path without a script of its own."""
        self._default = script

    def paths(self) -> list[str]:
        return [seen.path for seen in self.requests]

    def _start(self, work: Callable[..., None], *args: object) -> None:
        thread = threading.Thread(target=work, args=args, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _serve(self) -> None:
        while not self._stop.is_set():
            try:
                sock, _ = self._listener.accept()
            except TimeoutError:
                continue
            except OSError:
                return
            self._start(self._talk, sock)

    def _talk(self, raw: socket.socket) -> None:
        with contextlib.ExitStack() as stack:
            stack.callback(raw.close)
            stack.enter_context(contextlib.suppress(OSError))
            raw.settimeout(30)
            sock = self._tls.wrap_socket(raw, server_side=True) if self._tls else raw
            stack.callback(sock.close)
            seen = _read_request(sock)
            if seen is None:
                return
            with self._lock:
                self.requests.append(seen)
                self.open_now += 1
                self.open_most = max(self.open_most, self.open_now)
            try:
                self._routes.get(seen.path.partition("?")[0], self._default)(Peer(sock, seen, self._stop))
            finally:
                with self._lock:
                    self.open_now -= 1


def _read_request(sock: socket.socket) -> Seen | None:
    data = b""
    while b"\r\n\r\n" not in data:
        piece = sock.recv(65_536)
        if not piece:
            return None
        data += piece
        if data.startswith(b"\x16"):  # a TLS greeting: answered in plain HTTP, as web servers do
            sock.sendall(head(400))
            return None
    lines = data.split(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")
    method, path, _ = lines[0].split(" ", 2)
    pairs = (line.partition(":") for line in lines[1:])
    headers = {n.strip().lower(): v.strip() for n, _, v in pairs}
    body, length = data.split(b"\r\n\r\n", 1)[1], min(int(headers.get("content-length", "0")), MOST_BODY)
    while len(body) < length and (piece := sock.recv(65_536)):
        body += piece
    return Seen(method=method, path=path, headers=headers, raw=data, body=body)
