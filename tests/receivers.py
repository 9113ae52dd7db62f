"""Receivers for tests: a real SMTP server, a real webhook server, and a silent one, all on loopback at a free port.

Each records what arrives, and can be told how to behave to each request in turn. They run in threads of their own and
are used as context managers. Waiting is on conditions, never on time.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import struct
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default as modern
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

__all__ = ["Act", "HttpSink", "Posted", "RamblingSmtp", "SilentServer", "SmtpSink", "closed_port"]

WAIT = 10.0  # seconds after which a condition that was waited for counts as never met


class _Recorder:
    """A list that can be waited on."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._items: list[Any] = []

    def add(self, item: Any) -> None:
        with self._condition:
            self._items.append(item)
            self._condition.notify_all()

    def all(self) -> list[Any]:
        with self._condition:
            return list(self._items)

    def forget(self) -> None:
        with self._condition:
            self._items.clear()

    def wait_until(self, met: Callable[[list[Any]], bool], timeout: float) -> list[Any]:
        with self._condition:
            if not self._condition.wait_for(lambda: met(self._items), timeout):
                raise AssertionError(f"not met within {timeout} s; what arrived: {self._items!r}")
            return list(self._items)


# --- webhooks ---


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """How to answer one request.

    ``status``, ``headers`` and ``body`` are the answer. ``hang``: take the request, answer only when the sink is
    closed or ``release()``d. ``reset``: take the request and reset the connection. ``drip``: send the answer's head one
    byte at a time, a byte each ``drip`` seconds.
    """

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b"{}"
    hang: bool = False
    reset: bool = False
    drip: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """One request as it arrived."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class HttpSink:
    """A webhook. ``script`` holds the acts for the first requests in order; ``otherwise`` answers the later ones."""

    def __init__(self, *script: Act, otherwise: Act | None = None) -> None:
        self._script = list(script)
        self._otherwise = otherwise or Act()
        self._lock = threading.Lock()
        self._posted = _Recorder()
        self._released = threading.Event()
        sink = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _take(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                # The act is chosen before the request is shown, so that who waits for it may change the script then.
                act = sink._next_act()
                sink._posted.add(
                    Posted(method=self.command, path=self.path, headers=dict(self.headers.items()), body=body)
                )
                with contextlib.suppress(OSError):  # the client may be gone by now, which is often the point
                    sink._answer(self, act)

            do_GET = do_POST = do_PUT = _take  # noqa: N815 -- the names that http.server looks for

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 -- the name in the base class
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, request: Any, client_address: Any) -> None:
                pass  # a client that hung up; the tests look at what arrived

        self._server = Server(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.release()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(WAIT)

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    @property
    def apprise_url(self) -> str:
        """As a channel of kind ``json``."""
        return f"json://127.0.0.1:{self.port}/hook"

    @property
    def posted(self) -> list[Posted]:
        return self._posted.all()

    def wait(self, count: int = 1, timeout: float = WAIT) -> list[Posted]:
        """All that was posted, once at least ``count`` requests have arrived."""
        return self._posted.wait_until(lambda items: len(items) >= count, timeout)

    def forget(self) -> None:
        """Let what was posted so far be nothing."""
        self._posted.forget()

    def then(self, *acts: Act) -> None:
        """Add acts for the next requests."""
        with self._lock:
            self._script.extend(acts)

    def release(self) -> None:
        """Let all hanging answers go out, and those to come."""
        self._released.set()

    def _next_act(self) -> Act:
        with self._lock:
            return self._script.pop(0) if self._script else self._otherwise

    def _answer(self, handler: BaseHTTPRequestHandler, act: Act) -> None:
        handler.close_connection = True
        if act.reset:
            # Lingering for no time makes the close a reset.
            handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            handler.connection.close()
            return
        if act.hang:
            self._released.wait(60)
        if act.drip:
            for byte in b"HTTP/1.1 200 OK\r\nX-Slow: " + b"x" * 1_000:
                if self._released.wait(act.drip):
                    return
                handler.wfile.write(bytes([byte]))
            return
        handler.send_response(act.status)
        for name, value in {"Content-Type": "application/json", **act.headers}.items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(act.body)))
        handler.end_headers()
        handler.wfile.write(act.body)


# --- mail ---


@dataclass(frozen=True, slots=True, kw_only=True)
class Mailed:
    """One mail as it was taken."""

    sender: str
    recipients: tuple[str, ...]
    raw: bytes

    @property
    def message(self) -> EmailMessage:
        parsed = message_from_bytes(self.raw, policy=modern)
        assert isinstance(parsed, EmailMessage)
        return parsed

    def part(self, kind: str) -> str:
        """The text of the part of type ``text/kind``."""
        found = self.message.get_body(preferencelist=(kind,))
        assert found is not None
        return str(found.get_content())


class SmtpSink:
    """A mail server.

    ``answers`` maps a step ("mail", "rcpt", "data") to the reply with which it refuses; ``hang`` names a step at which
    it falls silent ("data" is after the whole message came). ``login`` is the one (user, password) that it takes.
    """

    def __init__(
        self,
        *,
        answers: Mapping[str, str] | None = None,
        hang: str = "",
        login: tuple[str, str] | None = None,
    ) -> None:
        self.answers = dict(answers or {})
        self.hang = hang
        self._mails = _Recorder()
        self._reached = _Recorder()
        self._held: list[asyncio.Event] = []

        def check(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
            # handled=False leaves the answer to the server, which then says 535.
            return AuthResult(success=(data.login.decode(), data.password.decode()) == login, handled=False)

        options: dict[str, Any] = {}
        if login is not None:
            options = {"authenticator": check, "auth_require_tls": False}
        self._controller = _OnFreePort(self, hostname="127.0.0.1", port=0, **options)

    def __enter__(self) -> Self:
        self._controller.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.release()
        self._controller.stop()

    @property
    def port(self) -> int:
        return self._controller.port

    @property
    def apprise_url(self) -> str:
        """As a channel of kind ``mailto``."""
        return f"mailto://127.0.0.1:{self.port}?from=watch@example.org&to=desk@example.org&mode=insecure"

    @property
    def mails(self) -> list[Mailed]:
        return self._mails.all()

    def wait(self, count: int = 1, timeout: float = WAIT) -> list[Mailed]:
        """All mails taken, once there are at least ``count``."""
        return self._mails.wait_until(lambda items: len(items) >= count, timeout)

    def forget(self) -> None:
        """Let the mails so far be nothing."""
        self._mails.forget()

    def wait_for_step(self, step: str, timeout: float = WAIT) -> None:
        """Until a client has come to this step."""
        self._reached.wait_until(lambda items: step in items, timeout)

    def release(self) -> None:
        """Let every conversation that was held go on."""
        for event in self._held:
            self._controller.loop.call_soon_threadsafe(event.set)

    async def handle_MAIL(self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:  # noqa: N802
        refusal = await self._at("mail")
        if not refusal:
            envelope.mail_from = address
        return refusal or "250 OK"

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:  # noqa: N802
        refusal = await self._at("rcpt")
        if not refusal:
            envelope.rcpt_tos.append(address)
        return refusal or "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        if "data" not in self.answers:
            mailed = Mailed(
                sender=envelope.mail_from, recipients=tuple(envelope.rcpt_tos), raw=envelope.original_content
            )
            self._mails.add(mailed)
        return await self._at("data") or "250 OK"

    async def _at(self, step: str) -> str:
        self._reached.add(step)
        if self.hang == step:
            event = asyncio.Event()
            self._held.append(event)
            await event.wait()
        return self.answers.get(step, "")


class _OnFreePort(Controller):
    """aiosmtpd's controller, told which port the system gave it before it tries its own server."""

    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


# --- nothing ---


class SilentServer:
    """Takes connections and never says a word, as a hung host does."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._taken = _Recorder()
        self._thread = threading.Thread(target=self._accept, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        # Closing alone does not wake a thread that waits in accept().
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(WAIT)
        for connection in self._taken.all():
            connection.close()

    @property
    def port(self) -> int:
        return int(self._listener.getsockname()[1])

    def wait(self, count: int = 1) -> None:
        self._taken.wait_until(lambda items: len(items) >= count, WAIT)

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self._taken.add(connection)


class RamblingSmtp:
    """A mail server that at one step ("greeting" or "receipt") begins an answer and never ends it, line after line."""

    def __init__(self, step: str) -> None:
        self._step = step
        self._over = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(WAIT)

    @property
    def apprise_url(self) -> str:
        port = self._listener.getsockname()[1]
        return f"mailto://127.0.0.1:{port}?from=watch@example.org&to=desk@example.org&mode=insecure"

    def _serve(self) -> None:
        with contextlib.suppress(OSError):  # the client hung up, or the test is over
            connection, _ = self._listener.accept()
            with connection, connection.makefile("rb") as lines:
                self._converse(connection, lines)

    def _converse(self, connection: socket.socket, lines: Any) -> None:
        if self._step == "greeting":
            self._ramble(connection, b"220-wait\r\n")
        connection.sendall(b"220 here\r\n")
        for line in lines:
            if line == b".\r\n":
                self._ramble(connection, b"250-wait\r\n")
            elif line.startswith(b"DATA"):
                connection.sendall(b"354 go on\r\n")
            elif line[:4] in {b"ehlo", b"EHLO", b"mail", b"MAIL", b"rcpt", b"RCPT"}:
                connection.sendall(b"250 ok\r\n")

    def _ramble(self, connection: socket.socket, line: bytes) -> None:
        while not self._over.wait(0.02):
            connection.sendall(line)


@contextlib.contextmanager
def closed_port() -> Iterator[int]:
    """A port of this machine at which nobody listens, kept from others while the test runs."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield bound.getsockname()[1]
