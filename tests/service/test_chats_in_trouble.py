"""Telegram, Slack and Discord in trouble: the real program posts to their real addresses, which lead to servers of ours.

A proxy on loopback takes every connection to a server that answers as those services do, with their bodies, their
words for errors and their limits, and shows a certificate for their names. One service process has a channel for each
service and each trouble; all get the same alert at the same moment.
"""

from __future__ import annotations

import json
import select
import socket
import ssl
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from html import escape
from pathlib import Path

import pytest
from program import item, query, rss, serve_documents, service, write_config
from servers import MisbehavingServer, Peer, Script, drip, hang, head, in_turn, reply

CERTIFICATE = Path(__file__).parent / "chats.pem"  # for the three services' names, with its key; used nowhere else
DEADLINE = 9.0  # seconds for one try to send
PATIENCE = 20  # seconds that a receiver asks for: longer than the first pause ever is
TITLE = "Flood in the delta, error=413, Read timed out " + "of a river with a very long name " * 20
TEXT = "The flood took a bridge & <b>more</b>. " * 3_000


@dataclass(frozen=True)
class Chat:
    """One service: its channel's URL and its path for a channel's number, what it says, and what it takes."""

    url: str
    path: str
    taken: Script
    too_long: Callable[[Mapping], bool]
    busy: bytes


CHATS = {
    "telegram": Chat(
        url="tgram://1{:08}:abcdefghijklmnopqrstuvwxyzABCDEFGHI/12345",
        path="/bot1{:08}:abcdefghijklmnopqrstuvwxyzABCDEFGHI/sendMessage",
        taken=reply(b'{"ok": true, "result": {"message_id": 1}}'),
        too_long=lambda sent: len(sent["text"]) > 4096,
        busy=b'{"ok": false, "error_code": 429, "description": "Too Many Requests: retry after %d", "parameters": {"retry_after": %d}}'
        % (PATIENCE, PATIENCE),
    ),
    "slack": Chat(
        url="slack://T1JJ3T3L2/A1B{:06}/TIiajkdnlazkcOXrIdevi7FQ/#general",
        path="/services/T1JJ3T3L2/A1B{:06}/TIiajkdnlazkcOXrIdevi7FQ",
        taken=reply(b"ok"),
        too_long=lambda sent: any(len(part.get("text", "")) > 3500 for part in sent.get("attachments", [])),
        busy=b"rate_limited",
    ),
    "discord": Chat(
        url="discord://1{:017}/abcdefghijklmnopqrstuvwxyz",
        path="/api/webhooks/1{:017}/abcdefghijklmnopqrstuvwxyz",
        taken=reply(status=204),
        too_long=lambda sent: len(sent["content"]) > 2000,
        busy=b'{"message": "You are being rate limited.", "retry_after": %d.0, "global": false}' % PATIENCE,
    ),
}

DOUBT = "may have arrived"
# What a receiver does at first: the try's outcome, words of its reason, what becomes of the delivery, posts in all.
TROUBLES = {
    "well": ("sent", "", "sent", 1),
    "busy": ("pending", "429", "sent", 2),
    "broken": ("pending", "500", "sent", 2),
    "hangs": ("unknown", DOUBT, "sent", 2),
    "resets": ("unknown", DOUBT, "sent", 2),
    "drips": ("unknown", DOUBT, "sent", 2),
    "late": ("unknown", DOUBT, "sent", 2),
    "late-held": ("unknown", DOUBT, "held", 1),
    "too-large": ("dead", "413", "dead", 1),
}
PROMPT = ("well", "busy", "broken", "too-large")
CHANNELS = {f"{chat}-{trouble}": (chat, trouble) for chat in CHATS for trouble in TROUBLES}


def takes(chat: Chat) -> Script:
    """Takes a message, unless it is longer than the service allows."""

    def run(peer: Peer) -> None:
        sent = json.loads(peer.seen.body)
        (reply(b"too long", status=400) if chat.too_long(sent) else chat.taken)(peer)

    return run


def late(chat: Chat) -> Script:
    """Takes the message, and says so when nobody listens any more."""

    def run(peer: Peer) -> None:
        peer.wait_for_end(DEADLINE)
        chat.taken(peer)

    return run


def in_trouble(chat: Chat, trouble: str) -> Script:
    first = {
        "well": takes(chat),
        "busy": reply(chat.busy, status=429, headers={"Retry-After": str(PATIENCE)}),
        # A page of an edge server, which speaks of another error than it is.
        "broken": reply(b"<a href='/help?error=413'>Something went wrong</a>", status=500),
        "hangs": hang(),
        "resets": lambda peer: peer.reset(),
        "drips": drip(b"X-Slow: " + b"x" * 100, every=1.0, first=b"HTTP/1.1 200 OK\r\n"),
        "late": late(chat),
        "late-held": late(chat),
        "too-large": reply(b"Payload Too Large", status=413),
    }[trouble]
    return in_turn(first, takes(chat))


@pytest.fixture
def chats() -> Iterator[tuple[MisbehavingServer, dict[str, str]]]:
    """The server behind all three names, and the environment that leads to it."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)
    with MisbehavingServer(tls=context) as server, MisbehavingServer() as proxy:
        proxy.otherwise(lambda peer: tunnel(peer, server.port))
        for number, (chat, trouble) in enumerate(CHANNELS.values()):
            server.route(CHATS[chat].path.format(number), in_trouble(CHATS[chat], trouble))
        yield server, {"HTTPS_PROXY": proxy.url(""), "REQUESTS_CA_BUNDLE": str(CERTIFICATE), "NO_PROXY": ""}


def tunnel(peer: Peer, port: int) -> None:
    """Answer a CONNECT, wherever it wants to go."""
    with socket.create_connection(("127.0.0.1", port)) as far:
        peer.send(head(200))
        while True:
            for ready in select.select([peer.sock, far], [], [])[0]:
                data = ready.recv(65_536)
                if not data:
                    return
                (far if ready is peer.sock else peer.sock).sendall(data)


def test_a_chat_in_trouble_keeps_its_alert_tells_it_once_and_holds_up_no_other(
    tmp_path: Path, chats: tuple[MisbehavingServer, dict[str, str]]
) -> None:
    """What was refused comes at the second try, no sooner than was asked; only what may have arrived is posted again."""
    server, env = chats
    urls = [CHATS[chat].url.format(number) for number, (chat, _) in enumerate(CHANNELS.values())]
    blocks = [f'[{name}]\nurl = "{url}"\n' for name, url in zip(CHANNELS, urls, strict=True)]
    blocks = [block + ('on_unknown = "hold"\n' if "held" in block else "") for block in blocks]
    with serve_documents({"/feed": rss(item(escape(TITLE), escape(TEXT), guid="1"))}) as site:
        config = write_config(
            tmp_path / "config",
            feeds=[site.url("/feed")],
            watches=f'[[watch]]\nname = "Flood"\nany = ["flood"]\nchannels = {json.dumps([*CHANNELS, "log"])}\n',
            channels="".join(blocks),
            settings=f'send_deadline = "{DEADLINE:.0f}s"',
        )
        state = tmp_path / "state"
        with service(config, state, env=env) as running:
            running.wait_for(running.alerts)
            running.wait_for(lambda: waiting(state) == 0, seconds=90)
            assert running.stop() == 0

    found = {
        name: (first.outcome, first.detail, first.state, posts(server, name))
        for name, (first, *_) in tries(state).items()
        if name != "log"
    }
    assert {name: (outcome, len(detail) > 0, *rest) for name, (outcome, detail, *rest) in found.items()} == {
        name: (outcome, words != "", ended, count)
        for name, (_, trouble) in CHANNELS.items()
        for outcome, words, ended, count in [TROUBLES[trouble]]
    }
    for name, (_, trouble) in CHANNELS.items():
        assert TROUBLES[trouble][1] in found[name][1], name
        if trouble == "busy":
            first, second = tries(state)[name]
            assert second.at - first.at >= PATIENCE
    # Whoever answers at once was served before anyone's patience with the others was over.
    firsts = {name: first.at for name, (first, *_) in tries(state).items()}
    prompt = [at for name, at in firsts.items() if name == "log" or CHANNELS[name][1] in PROMPT]
    assert max(prompt) < min(at for name, at in firsts.items() if name.endswith(("hangs", "drips", "late")))


@dataclass(frozen=True)
class Try:
    """One try of one delivery: when, what became of it, why; and the state in which the delivery is now."""

    at: float
    outcome: str
    detail: str
    state: str


def tries(state: Path) -> dict[str, list[Try]]:
    """The tries of each channel, in their order."""
    found: dict[str, list[Try]] = {}
    for channel, at, outcome, detail, ended in query(
        state,
        "SELECT channel, at / 1e6, outcome, attempt.detail, state FROM attempt"
        " JOIN delivery ON delivery.id = delivery ORDER BY attempt.id",
    ):
        found.setdefault(channel, []).append(Try(at, outcome, detail, ended))
    return found


def waiting(state: Path) -> int:
    ((count,),) = query(state, "SELECT count(*) FROM delivery WHERE state IN ('pending', 'sending')")
    return count


def posts(server: MisbehavingServer, name: str) -> int:
    """How many requests the channel of this name made."""
    path = CHATS[CHANNELS[name][0]].path.format(list(CHANNELS).index(name))
    return sum(seen.path.partition("?")[0] == path for seen in server.requests)
