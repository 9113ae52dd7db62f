"""How hosts are spared, and the ways to reach a server that does not take us as we are."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from monitor.clock import SystemClock
from monitor.fetch import HttpFetcher
from monitor.fetch.gates import HostGates, Place
from monitor.fetch.hosts import limit_of, means_too_many
from monitor.model import FetchFault, NotModified, Settings
from tests.fetch.asking import ask, failed, fetched
from tests.servers import MisbehavingServer, in_turn, redirect, reply, with_validators

BODY = b"<rss><channel/></rss>"


@pytest.fixture
def anywhere() -> Iterator[HttpFetcher]:
    """A fetcher for which every name is this machine."""

    def resolve(host: str, port: int):
        return [(2, 1, 6, "", ("127.0.0.1", port))]

    made = HttpFetcher(Settings(), SystemClock(), "1", Path(), resolve=resolve)
    yield made
    made.close()


@pytest.mark.parametrize(
    ("host", "limit", "distance"),
    [
        ("news.example", "news.example:443", 0.0),
        ("one.tumblr.com", "tumblr.com", 1.0),
        ("Two.Tumblr.com", "tumblr.com", 1.0),
        ("tumblr.com", "tumblr.com", 1.0),
        ("nottumblr.com", "nottumblr.com:443", 0.0),
        ("www.reddit.com", "reddit.com", 2.0),
    ],
)
def test_sites_of_one_platform_share_its_limit(host: str, limit: str, distance: float) -> None:
    assert limit_of(host, 443) == (limit, distance)


def test_some_hosts_mean_too_many_by_forbidden() -> None:
    assert means_too_many("old.reddit.com")
    assert not means_too_many("reddit.com.example")


def test_a_host_that_says_too_many_is_asked_for_no_other_feed(anywhere: HttpFetcher, server: MisbehavingServer) -> None:
    """429 counts for the whole host: the other feeds come back when the first may, and nothing is held against them."""
    server.route("/a", reply(status=429, headers={"Retry-After": "600"}))
    server.route("/b", reply(BODY))
    first = failed(anywhere, server.url("/a", host="news.example"), FetchFault.HTTP_STATUS)
    assert first.retry_after == timedelta(minutes=10)
    second = failed(anywhere, server.url("/b", host="news.example"), FetchFault.HELD_BACK)
    assert second.retry_after is not None
    assert timedelta(minutes=9) < second.retry_after <= timedelta(minutes=10)
    assert fetched(anywhere, server.url("/b", host="other.example")).body == BODY
    assert server.paths() == ["/a", "/b"]


def test_a_wish_for_rest_is_told_and_can_be_taken_up_again(server: MisbehavingServer, tmp_path: Path) -> None:
    """As after a restart: the new fetcher asks nothing of the host, and tells how long it is to be left alone."""
    told: list[tuple[str, timedelta]] = []
    server.route("/a", reply(status=429, headers={"Retry-After": "600"}))
    first = HttpFetcher(Settings(), SystemClock(), "1", tmp_path, on_rest=lambda *wish: told.append(wish))
    failed(first, server.url("/a"), FetchFault.HTTP_STATUS)
    assert told == [(f"127.0.0.1:{server.port}", timedelta(minutes=10))]
    first.close()
    second = HttpFetcher(Settings(), SystemClock(), "1", tmp_path)
    second.rest(*told[0])
    held = failed(second, server.url("/b"), FetchFault.HELD_BACK)
    assert held.retry_after is not None
    assert held.retry_after > timedelta(minutes=9)
    assert server.paths() == ["/a"]
    second.close()


def test_a_form_is_sent_as_a_post_and_follows_only_what_keeps_it_one(
    fetcher: HttpFetcher, server: MisbehavingServer
) -> None:
    """307 and 308 keep the method; any other redirect would make a GET of it, and is an answer like any other."""
    form = b"hub.mode=subscribe"
    server.route("/there", reply(status=202))
    assert fetched(fetcher, server.route("/kept", redirect("/there", status=307)), form=form).status == 202
    assert fetched(fetcher, server.route("/empty", reply(status=204)), form=form).body == b""
    failed(fetcher, server.route("/moved", redirect("/there", status=302)), FetchFault.HTTP_STATUS, form=form)
    failed(fetcher, server.route("/no", reply(status=400)), FetchFault.HTTP_STATUS, form=form)
    assert [(seen.method, seen.path) for seen in server.requests] == [
        ("POST", path) for path in ("/kept", "/there", "/empty", "/moved", "/no")
    ]
    for seen in server.requests:
        assert seen.headers["content-type"] == "application/x-www-form-urlencoded"
        assert seen.raw.endswith(b"\r\n\r\n" + form)


def test_what_link_headers_say_of_a_hub_comes_with_the_body(fetcher: HttpFetcher, server: MisbehavingServer) -> None:
    link = '</hub>; rel="hub", </topic>; rel="self"'
    got = fetched(fetcher, server.route("/feed", reply(BODY, headers={"Link": link})))
    assert (got.hub, got.topic) == (server.url("/hub"), server.url("/topic"))


def test_a_platform_rests_as_a_whole_and_its_forbidden_is_understood(
    anywhere: HttpFetcher, server: MisbehavingServer
) -> None:
    """Five minutes where it does not say for how long."""
    server.route("/r", reply(status=403))
    said = failed(anywhere, server.url("/r", host="www.reddit.com"), FetchFault.HTTP_STATUS)
    assert said.retry_after == timedelta(minutes=5)
    assert "asked less often" in said.detail
    failed(anywhere, server.url("/x", host="old.reddit.com"), FetchFault.HELD_BACK)
    assert server.paths() == ["/r"]


def test_an_ordinary_forbidden_concerns_its_feed_alone(fetcher: HttpFetcher, server: MisbehavingServer) -> None:
    assert failed(fetcher, server.route("/a", reply(status=403)), FetchFault.HTTP_STATUS).retry_after is None
    assert fetched(fetcher, server.route("/b", reply(BODY))).body == BODY


def test_the_starts_of_two_requests_to_a_platform_lie_apart() -> None:
    """The second waits its time, and takes its place then."""
    clock = SystemClock()
    gates = HostGates(2, clock)
    starts = []
    for _ in range(3):
        with gates.place("a", wait=5, distance=0.05) as given:
            assert given is Place.MINE
            starts.append(clock.monotonic())
    assert min(later - earlier for earlier, later in itertools.pairwise(starts)) >= 0.05
    with gates.place("b", wait=0, distance=9), gates.place("b", wait=0.01, distance=9) as given:
        assert given is Place.BUSY


def test_who_waits_for_a_place_is_sent_away_when_the_host_wants_rest() -> None:
    gates = HostGates(1, SystemClock())
    given: list[Place] = []

    def wait() -> None:
        with gates.place("a", wait=20) as place:
            given.append(place)

    with gates.place("a", wait=0):
        waiting = threading.Thread(target=wait)
        waiting.start()
        gates.rest("a", 60)
        waiting.join(5)
    assert given == [Place.RESTING]
    assert 50 < gates.resting("a") <= 60
    assert gates.resting("b") == 0


def test_nothing_is_kept_of_a_host_that_has_no_wish() -> None:
    gates = HostGates(1, SystemClock())
    for number in range(100):
        with gates.place(f"h{number}", wait=0):
            pass
    assert not gates._hosts


@pytest.mark.parametrize(
    ("scripts", "agents"),
    [
        ((reply(status=403), reply(BODY)), 2),
        ((reply(status=403), reply(status=403)), 2),
        ((reply(status=403, headers={"cf-mitigated": "challenge"}), reply(BODY)), 1),
        ((reply(status=403, headers={"Retry-After": "60"}), reply(BODY)), 1),
        ((reply(status=404), reply(BODY)), 1),
    ],
)
def test_a_second_name_is_tried_once_after_a_403(
    fetcher: HttpFetcher, server: MisbehavingServer, scripts, agents
) -> None:
    """Neither where we are asked to wait nor where a person is wanted; and only if the config gives one."""
    url = server.route("/feed", in_turn(*scripts))
    fetcher.fetch(ask(url, second_agent="Reader/2", headers={"user-agent": "Own/1"}))
    assert [seen.headers["user-agent"] for seen in server.requests] == ["Own/1", "Reader/2"][:agents]


def test_without_a_second_name_a_403_is_the_answer(fetcher: HttpFetcher, server: MisbehavingServer) -> None:
    failed(fetcher, server.route("/feed", reply(status=403)), FetchFault.HTTP_STATUS)
    assert len(server.requests) == 1


@pytest.mark.parametrize(("status", "moved"), [(301, True), (308, True), (302, False)])
def test_a_move_is_seen_over_a_304_too(
    fetcher: HttpFetcher, server: MisbehavingServer, status: int, moved: bool
) -> None:
    new = server.route("/new", with_validators(BODY, etag='"1"'))
    got = fetcher.fetch(ask(server.route("/old", redirect("/new", status=status)), etag='"1"'))
    assert isinstance(got, NotModified)
    assert got.moved_to == (new if moved else None)
