"""Requests without a proxy: HTTP/1.1 over our own guarded connections, and their use for more than one request.

On the article's way: below one fetch. Python's own ``http.client`` reads the answers; a connection is made by
``connection.connect``, which judges the address. Of the libraries' way the transport costs most of a conditional
request's time, and most requests of a feed reader are conditional ones that bring nothing.

A connection is used again only for the very server that it was made to, under the same permission and the same
authorities, and only for some seconds. It does not follow redirects and does not read bodies: ``fetcher`` does.
"""

from __future__ import annotations

import select
import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from http.client import HTTPException, HTTPResponse, IncompleteRead

from requests.structures import CaseInsensitiveDict

from monitor.fetch.connection import Wire, connect
from monitor.fetch.problems import FetchProblem
from monitor.model import FetchFault
from monitor.ports import Clock

_IDLE_SECONDS = 10.0
_MOST_IDLE = 32
_CHUNK = 65_536  # bytes read at once


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """What a connection may be used again for."""

    scheme: str
    host: str
    port: int
    allow_private: bool
    ca_file: str


@dataclass(slots=True)
class _Idle:
    sock: socket.socket
    since: float


class Lines:
    """Connections that wait to be used again. Thread-safe."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._idle: dict[Server, list[_Idle]] = {}
        self._count = 0
        self._closed = False

    def take(self, server: Server) -> socket.socket | None:
        """One that is still good, or None."""
        while True:
            with self._lock:
                waiting = self._idle.get(server)
                if not waiting:
                    return None
                idle = waiting.pop()
                self._count -= 1
                if not waiting:
                    del self._idle[server]
            # What can be read on it now is its end, or something that nobody asked for.
            if self._clock.monotonic() - idle.since < _IDLE_SECONDS and not _readable(idle.sock):
                return idle.sock
            idle.sock.close()

    def give(self, server: Server, sock: socket.socket) -> None:
        """Keep a connection whose answer was read to its end."""
        old: list[socket.socket] = []
        with self._lock:
            if self._closed or self._count >= _MOST_IDLE:
                old.append(sock)
            else:
                self._idle.setdefault(server, []).append(_Idle(sock, self._clock.monotonic()))
                self._count += 1
            if self._count >= _MOST_IDLE:
                old.extend(self._too_old())
        for one in old:
            one.close()

    def close(self) -> None:
        """Close all, and keep none any more."""
        with self._lock:
            self._closed = True
            idle = [one.sock for waiting in self._idle.values() for one in waiting]
            self._idle.clear()
        for sock in idle:
            sock.close()

    def _too_old(self) -> list[socket.socket]:
        limit = self._clock.monotonic() - _IDLE_SECONDS
        old: list[socket.socket] = []
        for server, waiting in list(self._idle.items()):
            old.extend(one.sock for one in waiting if one.since < limit)
            self._idle[server] = [one for one in waiting if one.since >= limit]
            if not self._idle[server]:
                del self._idle[server]
        self._count -= len(old)
        return old


class Answer:
    """The head of an answer, and its body still on the way. ``close`` ends it, whatever was read."""

    def __init__(
        self, status: int, headers: Mapping[str, str], chunks: Iterator[bytes], close: Callable[[], None]
    ) -> None:
        self.status_code = status
        self.headers = headers
        self.chunks = chunks
        self.close = close


def exchange(wire: Wire, server: Server, lines: Lines, head: bytes, tls: Callable[[], ssl.SSLContext]) -> Answer:
    """Send a request's head; the answer's head is read, its body is not.

    Raises:
        FetchProblem: no connection may or can be made.
        OSError, HTTPException: what the network and the server do.
    """
    kept = lines.take(server)
    if kept is not None:
        try:
            return _ask(wire, server, lines, head, kept)
        except (OSError, HTTPException):
            # The server had closed it in this very moment, which says nothing: ask again on a new one.
            if wire.deadline.passed:
                raise
    sock = connect(wire, server.host, server.port)
    try:
        if server.scheme == "https":
            sock = tls().wrap_socket(sock, server_hostname=server.host)
    except BaseException:  # nothing is swallowed: whatever ends this must not leave the socket open
        sock.close()
        raise
    return _ask(wire, server, lines, head, sock, watched=True)


def request_head(target: str, headers: Mapping[str, str], method: str = "GET") -> bytes:
    """The bytes of a request's head.

    Raises:
        FetchProblem: a header of the config can't be sent.
    """
    lines = [f"{method} {target} HTTP/1.1"]
    for name, value in headers.items():
        if not (name.isascii() and name.isprintable() and value.isprintable() and ":" not in name and name):
            raise FetchProblem(
                FetchFault.BAD_URL, "a header that the config sets for this feed is not a valid HTTP header"
            )
        lines.append(f"{name}: {value}")
    try:
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")
    except UnicodeEncodeError as error:
        raise FetchProblem(
            FetchFault.BAD_URL, "a header that the config sets for this feed is not a valid HTTP header"
        ) from error


def _ask(
    wire: Wire, server: Server, lines: Lines, head: bytes, sock: socket.socket, *, watched: bool = False
) -> Answer:
    response = None
    try:
        if not watched:
            wire.deadline.watch(sock)
        sock.settimeout(wire.deadline.remaining())
        sock.sendall(head)
        response = HTTPResponse(sock, method="GET")
        response.begin()
    except BaseException:  # as above
        if response is not None:
            response.close()
        sock.close()
        raise
    headers: CaseInsensitiveDict[str] = CaseInsensitiveDict()
    for name, value in response.headers.items():
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return Answer(response.status, headers, _chunks(response), lambda: _end(response, sock, server, lines))


def _chunks(response: HTTPResponse) -> Iterator[bytes]:
    while chunk := response.read(_CHUNK):
        yield chunk
    if response.length:
        raise IncompleteRead(b"", response.length)


def _end(response: HTTPResponse, sock: socket.socket, server: Server, lines: Lines) -> None:
    """Close the answer; keep its connection where its end is known to have come."""
    # A 304 has no body: its end has come without being read.
    ended = response.isclosed() or (response.length == 0 and not response.chunked)
    whole = ended and not response.will_close
    response.close()
    if whole:
        lines.give(server, sock)
    else:
        sock.close()


def _readable(sock: socket.socket) -> bool:
    poll = select.poll()
    try:
        poll.register(sock, select.POLLIN)
    except (OSError, ValueError):
        return True
    return bool(poll.poll(0))
