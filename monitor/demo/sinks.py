"""Where the demo's alerts arrive: a mail server and a chat webhook on loopback that keep what they are given."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler
from types import TracebackType
from typing import Any, Self

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from monitor.demo.serving import LoopbackServer


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatPost:
    """One request that the webhook was given."""

    headers: dict[str, str]
    payload: dict[str, Any]


class Sinks:
    """Both receivers; ``on_chat`` is told of each post as it comes."""

    def __init__(self, on_chat: Callable[[ChatPost], None] | None = None) -> None:
        self.mails: list[EmailMessage] = []
        self.posts: list[ChatPost] = []
        self._on_chat = on_chat
        self._lock = threading.Lock()
        self._mail = _MailServer(_MailHandler(self), hostname="127.0.0.1", port=0)
        handler = type("Handler", (_ChatHandler,), {"sinks": self})
        self._chat = LoopbackServer(("127.0.0.1", 0), handler)
        self._thread = threading.Thread(target=self._chat.serve_forever, args=(0.05,), daemon=True)

    def __enter__(self) -> Self:
        self._mail.start()
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._mail.stop()
        self._chat.shutdown()
        self._chat.server_close()
        self._thread.join()

    @property
    def mail_port(self) -> int:
        """Where the mail server listens."""
        return int(self._mail.port)

    @property
    def chat_port(self) -> int:
        """Where the webhook listens."""
        return self._chat.server_port

    def keep_mail(self, raw: bytes) -> None:
        """Keep a mail."""
        with self._lock:
            self.mails.append(message_from_bytes(raw, policy=policy.default))

    def keep_post(self, post: ChatPost) -> None:
        """Keep a post, and tell whoever watches."""
        with self._lock:
            self.posts.append(post)
        if self._on_chat:
            self._on_chat(post)


class _MailServer(Controller):
    """A mail server on a free port: which one is known only once it listens."""

    def _trigger_server(self) -> None:
        assert isinstance(self.server, asyncio.Server)
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()  # type: ignore[no-untyped-call]


class _MailHandler:
    def __init__(self, sinks: Sinks) -> None:
        self._sinks = sinks

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        content = envelope.content or b""
        self._sinks.keep_mail(content if isinstance(content, bytes) else content.encode())
        return "250 kept"


class _ChatHandler(BaseHTTPRequestHandler):
    sinks: Sinks
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.sinks.keep_post(ChatPost(headers=dict(self.headers.items()), payload=json.loads(body)))
        self.send_response(204)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_args: object) -> None:
        """The demo's screen belongs to the alerts."""
