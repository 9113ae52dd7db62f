"""Hubs that push (WebSub), through the real program and a real hub on loopback: asked, confirmed, believed, let go."""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import http.client
import socket
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from program import item, monitor, monitor_json, query, rss, serve_documents, service, write_config
from servers import Peer, head, reply

WAITS = "SELECT 1 FROM feed WHERE next_check > checked + 1800000000"  # no look for half an hour
OLD = item("Old news", "Nothing.", guid="old")


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


def call(url: str, *, body: bytes | None = None, signature: str = "", query: str = "") -> tuple[int, bytes]:
    """One request to a callback: its status and its text."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port or 80, timeout=30)
    headers = {"Content-Type": "application/rss+xml"} | ({"X-Hub-Signature": signature} if signature else {})
    path = parts.path + (f"?{query}" if query else "")
    connection.request("GET" if body is None else "POST", path, body=body, headers=headers)
    response = connection.getresponse()
    text = response.read()
    connection.close()
    return response.status, text


def signed(secret: str, body: bytes, method: str = "sha256") -> str:
    return f"{method}={hmac.new(secret.encode(), body, getattr(hashlib, method)).hexdigest()}"


@dataclass
class Hub:
    """What it was asked, and how it goes about it: ``confirms`` with that lease; else it denies or keeps silent."""

    confirms: bool = True
    denies: bool = False
    lease: int = 3_600
    status: int = 202
    asked: list[dict[str, str]] = field(default_factory=list)
    confirmed: list[tuple[str, int, bytes]] = field(default_factory=list)

    def serve(self, peer: Peer) -> None:
        form = {name: values[0] for name, values in parse_qs(peer.seen.body.decode(), strict_parsing=True).items()}
        self.asked.append(form)
        peer.send(head(self.status, {"Content-Length": "0"}))
        said = {"hub.mode": form["hub.mode"], "hub.topic": form["hub.topic"], "hub.challenge": "<b>challenge&"}
        said["hub.lease_seconds"] = str(self.lease)
        if self.denies:
            said |= {"hub.mode": "denied", "hub.reason": "not you"}
        if self.confirms or self.denies:
            status, text = call(form["hub.callback"], query=urlencode(said))
            self.confirmed.append((said["hub.mode"], status, text))

    def of(self, mode: str) -> list[dict[str, str]]:
        return [form for form in self.asked if form["hub.mode"] == mode]


@dataclass
class World:
    """A feed that names its hub, and a config that lets hubs reach us."""

    hub: Hub
    feed: str
    topic: str
    hub_url: str
    config: Path
    state: Path
    documents: dict[str, bytes]
    requests: Callable[[], int]
    push: str
    place: str

    def settings(self, lines: str) -> None:
        (self.config / "monitor.toml").write_text(f'tick = "100ms"\n{lines}')

    def subscription(self) -> tuple[Any, ...] | None:
        with contextlib.suppress(sqlite3.OperationalError):  # not there yet
            for row in query(self.state, "SELECT state, pending, until, due, missed FROM push"):
                return row
        return None

    def live(self) -> bool:
        subscription = self.subscription()
        return subscription is not None and subscription[0] == "live"


@contextmanager
def world(tmp_path: Path, hub: Hub, *, links: str = "") -> Iterator[World]:
    documents: dict[str, bytes] = {"/feed": b""}
    with serve_documents(documents) as site:
        hub_url = site.server.route("/hub", hub.serve)
        whole = f'</hub>; rel="hub", <{site.url("/topic")}>; rel="self"'

        def give(peer: Peer) -> None:
            said = links or whole if peer.seen.path == "/feed" else whole
            reply(documents[peer.seen.path], headers={"Link": said})(peer)

        site.server.route("/feed", give)
        site.server.route("/second", give)
        documents["/feed"] = rss(OLD)
        push = f"http://127.0.0.1:{free_port()}/push"
        listen = urlsplit(push).netloc
        config = write_config(
            tmp_path / "config",
            feeds=[site.url("/feed")],
            settings=f'push_url = "{push}/"\npush_listen = "{listen}"\n',
        )
        (config / "feeds.toml").write_text(
            f'[[feed]]\nurl = "{site.url("/feed")}"\nallow_private = true\ninterval_min = "1s"\ninterval_max = "1h"\n'
        )
        yield World(
            hub=hub,
            feed=site.url("/feed"),
            topic=site.url("/topic"),
            hub_url=hub_url,
            config=config,
            state=tmp_path / "state",
            documents=documents,
            requests=lambda: len(site.requests("/feed")),
            push=push,
            place=listen,
        )


def test_what_a_hub_pushes_is_told_without_a_look(tmp_path: Path) -> None:
    """Asked with an unguessable callback and a secret, confirmed with its challenge, then an alert by a push alone."""
    with world(tmp_path, Hub()) as here, service(here.config, here.state) as running:
        running.wait_for(here.live)
        (form,) = here.hub.asked
        assert (form["hub.mode"], form["hub.topic"]) == ("subscribe", here.topic)
        assert form["hub.callback"].startswith(here.push + "/")
        assert len(form["hub.callback"].rpartition("/")[2]) == 32
        assert len(form["hub.secret"]) == 64
        assert here.hub.confirmed == [("subscribe", 200, b"<b>challenge&")]
        looks = here.requests()
        body = rss(item("River", "A flood came.", guid="new"), OLD)
        for method in ("sha256", "sha1"):  # twice: a hub that was not sure comes again
            assert call(form["hub.callback"], body=body, signature=signed(form["hub.secret"], body, method))[0] == 202
        running.wait_for(running.alerts)
        assert [alert["title"] for alert in running.alerts()] == ["River"]
        assert query(here.state, "SELECT count(*) FROM article") == [(2,)]
        assert here.requests() == looks
        assert here.subscription()[4] == 0
        assert form["hub.secret"] not in running.said()
        assert form["hub.callback"] not in running.said()
        assert running.stop() == 0


def test_when_a_hub_ends_a_look_comes_at_once(tmp_path: Path) -> None:
    with world(tmp_path, Hub()) as here, service(here.config, here.state) as running:
        running.wait_for(here.live)
        running.wait_for(lambda: query(here.state, WAITS))
        looks = here.requests()
        (form,) = here.hub.asked
        said = {"hub.mode": "denied", "hub.topic": here.topic, "hub.reason": "over\nquota"}
        assert call(form["hub.callback"], query=urlencode(said)) == (200, b"")
        running.wait_for(lambda: here.requests() > looks)
        assert here.subscription()[:2] == ("refused", "")
        assert running.events("push_denied")[0]["detail"]


def test_strangers_learn_nothing_and_change_nothing(tmp_path: Path) -> None:
    """Wrong paths, wrong questions, no signature and a forged one."""
    with world(tmp_path, Hub()) as here, service(here.config, here.state) as running:
        running.wait_for(here.live)
        (form,) = here.hub.asked
        callback, before = form["hub.callback"], here.subscription()
        body = rss(item("River", "A flood came.", guid="forged"))
        questions = [
            {"hub.mode": "subscribe", "hub.topic": here.topic, "hub.challenge": "again"},
            {"hub.mode": "unsubscribe", "hub.topic": here.topic, "hub.challenge": "x"},
            {"hub.mode": "denied", "hub.topic": "https://other.example/"},
            {f"hub.x{n}": "x" for n in range(99)},
        ]
        for wrong in (here.push, f"{here.push}/{'0' * 32}", callback + "/", callback + "0", callback.upper()):
            assert call(wrong, body=body, signature=signed(form["hub.secret"], body)) == (404, b"")
            assert call(wrong, query=urlencode(questions[1])) == (404, b"")
        for question in questions:
            assert call(callback, query=urlencode(question)) == (404, b"")
        for signature in ("", signed("guess", body), "sha256=", "md5=00"):
            assert call(callback, body=body, signature=signature) == (202, b"")
        assert here.subscription() == before
        assert query(here.state, "SELECT count(*) FROM article") == [(1,)]
        assert len(running.events("push_forged")) == 4


def test_a_feed_that_does_not_say_its_own_address_is_not_subscribed_to(tmp_path: Path) -> None:
    """Ours may hold what a hub must not see. The others go on as they did."""
    with world(tmp_path, Hub(), links='</hub>; rel="hub"') as here, service(here.config, here.state) as running:
        running.wait_for(here.requests)
        running.wait_for(lambda: query(here.state, "SELECT 1 FROM feed WHERE asks LIKE '%hub%'"))
        second = here.feed.replace("/feed", "/second")
        here.documents["/second"] = rss(OLD)
        with (here.config / "feeds.toml").open("a") as feeds:
            feeds.write(f'[[feed]]\nurl = "{second}"\nallow_private = true\n')
        running.wait_for(here.live)
        assert [form["hub.topic"] for form in here.hub.asked] == [here.topic]
        assert query(here.state, "SELECT feed.url FROM push JOIN feed ON feed.id = push.feed") == [(second,)]


def test_a_lease_is_renewed_before_its_end(tmp_path: Path) -> None:
    """When the time of renewal has come, the hub is asked again for the same callback, also after a restart."""
    with world(tmp_path, Hub()) as here:
        with service(here.config, here.state) as running:
            running.wait_for(here.live)
            _, _, until, due, _ = here.subscription()
            assert due < until
            running.stop()
        change(here.state, f"UPDATE push SET due = {due - 3_600_000_000}")
        with service(here.config, here.state) as running:
            running.wait_for(lambda: len(here.hub.confirmed) == 2)
            first, second = here.hub.asked
            assert first == second
            running.wait_for(lambda: here.subscription()[2] > until)
            assert here.live()


def test_a_feed_that_leaves_the_config_is_unsubscribed(tmp_path: Path) -> None:
    with world(tmp_path, Hub()) as here, service(here.config, here.state) as running:
        running.wait_for(here.live)
        (here.config / "feeds.toml").write_text("")
        running.wait_for(lambda: here.subscription() is None, seconds=60)
        (form,) = here.hub.of("unsubscribe")
        assert form["hub.callback"] == here.hub.asked[0]["hub.callback"]
        assert "hub.secret" not in form
        assert ("unsubscribe", 200, b"<b>challenge&") in here.hub.confirmed


def test_without_the_callback_address_the_hub_is_asked_to_end_it_after_a_restart_too(tmp_path: Path) -> None:
    """The service listens until the hub has had its answer, and then no more."""
    with world(tmp_path, Hub()) as here:
        with service(here.config, here.state) as running:
            running.wait_for(here.live)
            running.stop()
        here.settings(f'push_listen = "{here.place}"\n')
        looks = here.requests()
        with service(here.config, here.state) as running:
            running.wait_for(lambda: here.subscription() is None)
            running.wait_for(lambda: len(running.events("push_listening_ended")) == 2)
            assert ("unsubscribe", 200, b"<b>challenge&") in here.hub.confirmed
            running.wait_for(lambda: here.requests() > looks)  # polled as ever
            with pytest.raises(OSError, match="refused"):
                call(here.hub.asked[0]["hub.callback"])
            assert running.stop() == 0


def test_an_edit_of_the_running_service_lets_hubs_in_and_out(tmp_path: Path) -> None:
    """Neither needs a restart: with an address hubs are asked and heard, without one let go of, at another one asked anew."""
    with world(tmp_path, Hub()) as here:
        here.settings("")
        with service(here.config, here.state) as running:
            running.wait_for(here.requests)
            running.wait_for(lambda: query(here.state, "SELECT 1 FROM feed WHERE asks LIKE '%hub%'"))
            assert here.hub.asked == []
            here.settings(f'push_url = "{here.push}"\npush_listen = "{here.place}"\n')
            running.wait_for(here.live)
            here.settings(f'push_listen = "{here.place}"\n')
            running.wait_for(lambda: running.events("push_listening_ended"))
            assert ("unsubscribe", 200, b"<b>challenge&") in here.hub.confirmed
            for place in (f"127.0.0.1:{free_port()}", f"127.0.0.1:{free_port()}"):
                here.settings(f'push_url = "http://{place}/push"\npush_listen = "{place}"\n')
                there = f"SELECT 1 FROM push WHERE state = 'live' AND callback LIKE 'http://{place}/push/%'"
                running.wait_for(lambda: query(here.state, there))  # noqa: B023 - called at once
            assert not running.events("restart_needed")


@pytest.mark.parametrize(
    "hub", [Hub(confirms=False, status=500), Hub(confirms=False), Hub(confirms=False, denies=True)]
)
def test_a_hub_that_does_not_confirm_leaves_polling_as_it_is(tmp_path: Path, hub: Hub) -> None:
    with world(tmp_path, hub) as here, service(here.config, here.state) as running:
        running.wait_for(lambda: hub.asked)
        running.wait_for(lambda: hub.confirmed or not hub.denies)
        running.wait_for(lambda: here.subscription()[0] == ("refused" if hub.denies else "asked"))
        if hub.status == 500:
            running.wait_for(lambda: running.events("subscribe_failed"))
        here.documents["/feed"] = rss(item("River", "A flood came.", guid="new"), OLD)
        change(here.state, "UPDATE feed SET next_check = 0")
        running.wait_for(running.alerts)
        assert query(here.state, "SELECT count(*) FROM feed WHERE why LIKE 'its hub pushes%'") == [(0,)]
        assert not here.live()


def test_a_kill_in_the_midst_of_pushes_loses_and_doubles_nothing(tmp_path: Path) -> None:
    """Each push is repeated until it is acknowledged, as hubs do; the service is killed between and during them."""
    with world(tmp_path, Hub()) as here:
        bodies = [rss(item(f"River {n}", f"A flood came to town {n}.", guid=f"g{n}")) for n in range(12)]
        left = list(bodies)
        with service(here.config, here.state) as running:
            running.wait_for(here.live)
        (form,) = here.hub.asked

        def push(body: bytes) -> bool:
            try:
                return call(form["hub.callback"], body=body, signature=signed(form["hub.secret"], body))[0] == 202
            except (OSError, http.client.HTTPException):
                return False

        for round_ in range(3):
            with service(here.config, here.state) as running:
                running.wait_for(lambda: running.events("push_listening"))
                killer = threading.Timer(0.05 * (round_ + 1), running.process.kill)
                killer.start()
                while left and push(left[0]):
                    left.pop(0)
                killer.join()
        with service(here.config, here.state) as running:
            running.wait_for(lambda: running.events("push_listening"))
            while left:
                if push(left[0]):
                    left.pop(0)
            assert all(push(body) for body in bodies)
            keys = query(here.state, "SELECT key FROM article WHERE key LIKE 'guid:g%' ORDER BY id")
            assert sorted(keys) == sorted((f"guid:g{n}",) for n in range(12))
            running.wait_for(lambda: len(running.alerts()) == 12, seconds=60)


def test_what_is_pushed_and_cannot_be_read_brings_a_look(tmp_path: Path) -> None:
    with world(tmp_path, Hub()) as here, service(here.config, here.state) as running:
        running.wait_for(here.live)
        running.wait_for(lambda: query(here.state, WAITS))
        looks = here.requests()
        (form,) = here.hub.asked
        body = b"<html>not a feed"
        assert call(form["hub.callback"], body=body, signature=signed(form["hub.secret"], body))[0] == 202
        running.wait_for(lambda: here.requests() > looks)
        assert running.events("push_unreadable")


def test_a_place_that_is_taken_is_told_the_operator_and_had_once_it_is_free(tmp_path: Path) -> None:
    """Feeds are polled meanwhile, and no hub is asked: its question would find nobody."""
    with world(tmp_path, Hub()) as here, socket.create_server(("127.0.0.1", 0)) as taken:
        place = f"127.0.0.1:{taken.getsockname()[1]}"
        here.settings(f'push_url = "http://{place}/push"\npush_listen = "{place}"\noperator = ["log"]\n')
        with service(here.config, here.state) as running:
            running.wait_for(lambda: running.events("push_not_listening"))
            running.wait_for(lambda: query(here.state, "SELECT 1 FROM feed WHERE asks LIKE '%hub%'"))
            running.wait_for(running.alerts)
            (told,) = query(here.state, "SELECT said FROM notice")
            assert told[0].startswith(f"hubs can't push: nothing can listen at push_listen ({place})")
            assert here.hub.asked == []
            taken.close()
            running.wait_for(here.live)
            notices = query(here.state, "SELECT said FROM notice ORDER BY id")
            assert [said for (said,) in notices][1:] == [f"hubs can push again, at {place}"]
            assert len(running.events("push_not_listening")) == 1


def test_feeds_show_tells_how_it_stands_with_the_hub(tmp_path: Path) -> None:
    """And neither the callback nor the secret."""
    with world(tmp_path, Hub()) as here:
        with service(here.config, here.state) as running:
            running.wait_for(here.live)
            assert running.stop() == 0
        places = ("--config", here.config, "--state", here.state)
        (form,) = here.hub.asked
        said = monitor("feeds", "show", here.feed, *places).stdout
        assert f"hub {here.hub_url}: pushes until 20" in said
        (told,) = monitor_json("feeds", "show", here.feed, *places)["subscriptions"]
        assert (told["hub"], told["topic"], told["state"], told["missed"]) == (here.hub_url, here.topic, "live", 0)
        for secret in (form["hub.secret"], form["hub.callback"].rpartition("/")[2]):
            assert secret not in said
            assert secret not in str(told)
        change(here.state, "UPDATE push SET state = 'refused', until = NULL, missed = 2, tries = 3, detail = 'no'")
        assert (
            "it does not push to us, asked 3 times, next at 20" in monitor("feeds", "show", here.feed, *places).stdout
        )
        change(here.state, "UPDATE push SET state = 'live', until = due + 1")
        said = monitor("feeds", "show", here.feed, *places).stdout
        assert "2 looks since its last push found what it had not pushed (no)" in said


def change(state: Path, sql: str) -> None:
    """Change the database while no service runs."""
    db = sqlite3.connect(state / "monitor.db")
    with db:
        db.execute(sql)
    db.close()
