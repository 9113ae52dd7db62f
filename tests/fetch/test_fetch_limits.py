"""Limits of time, address and number that hold whatever the other side does."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from monitor.clock import SystemClock
from monitor.fetch import HttpFetcher
from monitor.fetch.connection import AddressInfo
from monitor.model import Fetched, FetchFailed, FetchFault, NotModified, Settings
from tests.fetch.asking import ask, failed, fetched
from tests.servers import MisbehavingServer, chunked, drip, gzip_bomb, hang, hang_after, head, in_turn, redirect, reply

BODY = b"<rss/>"
Got = Fetched | NotModified | FetchFailed


def info(address: str, port: int) -> AddressInfo:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    return (family, socket.SOCK_STREAM, 6, "", (address, port))


def resolver(**names: list[str]) -> Callable[[str, int], list[AddressInfo]]:
    """Name servers that know these names (dots written as _) and numeric addresses."""

    def resolve(host: str, port: int) -> list[AddressInfo]:
        known = names.get(host.replace(".", "_"), [host])
        return [info(address, port) for address in known]

    return resolve


def fetcher_with(resolve: Callable[[str, int], list[AddressInfo]], *, per_host: int = 2) -> HttpFetcher:
    return HttpFetcher(Settings(per_host=per_host), SystemClock(), "1", Path(), resolve=resolve)


def until(condition: Callable[[], bool], seconds: float = 5) -> None:
    end = time.monotonic() + seconds
    waiting = threading.Event()
    while not condition():
        assert time.monotonic() < end
        waiting.wait(0.005)


# --- time ---


@pytest.mark.parametrize(
    "script",
    [
        hang(),
        hang_after(b"HTTP/1.1 200 OK\r\nContent-Ty"),
        hang_after(head(200, {"Content-Length": "500"})),
        hang_after(head(200, {"Content-Length": "500"}) + BODY),
        hang_after(head(200, {"Transfer-Encoding": "chunked"}) + b"5\r\nab"),
        drip(b"HTTP/1.1 200 OK\r\nServer: " + b"x" * 500, first=b""),
        drip(b"x" * 500),
        drip(b"1\r\nx\r\n" * 200, first=head(200, {"Transfer-Encoding": "chunked"})),
        drip(b"HTTP/1.1 100 Continue\r\n\r\n" * 100, first=b""),
    ],
    ids=[
        "no answer",
        "half a header",
        "no body",
        "half a body",
        "half a chunk",
        "dripping headers",
        "dripping body",
        "dripping chunks",
        "continue for ever",
    ],
)
def test_the_deadline_is_total(fetcher: HttpFetcher, server: MisbehavingServer, script) -> None:
    """A server that hangs or drips, at whatever stage, is left at the deadline."""
    started = time.monotonic()
    got = failed(fetcher, server.route("/feed", script), FetchFault.DEADLINE, seconds=0.3)
    assert 0.25 < time.monotonic() - started < 5
    assert got.detail == "127.0.0.1 did not send its whole answer within the time allowed"


def test_the_deadline_holds_over_all_redirects(fetcher: HttpFetcher, server: MisbehavingServer) -> None:
    """Each redirect does not begin the time anew."""

    def slowly(peer) -> None:
        if not peer.wait_for_end(0.15):
            redirect(peer.seen.path + "x")(peer)

    server.otherwise(slowly)
    started = time.monotonic()
    failed(fetcher, server.url("/"), FetchFault.DEADLINE, seconds=0.9)
    assert time.monotonic() - started < 5
    assert 2 <= len(server.requests) <= 7


def test_a_handshake_that_hangs_is_left(fetcher: HttpFetcher) -> None:
    """A server that accepts and says nothing during TLS is left at the deadline as well."""
    with MisbehavingServer(accept=False) as silent:
        started = time.monotonic()
        failed(fetcher, silent.url("/").replace("http:", "https:"), FetchFault.DEADLINE, seconds=0.4)
        assert time.monotonic() - started < 5


def test_name_servers_that_hang_are_left() -> None:
    """Looking a name up counts too, though the system's resolver can't be interrupted."""
    over = threading.Event()

    def resolve(host: str, port: int) -> list[AddressInfo]:
        over.wait(30)
        return []

    fetcher = fetcher_with(resolve)
    started = time.monotonic()
    got = failed(fetcher, "http://slow.example/", FetchFault.DNS, seconds=0.3)
    assert time.monotonic() - started < 5
    assert "slow.example" in got.detail
    over.set()
    fetcher.close()


@pytest.mark.parametrize(
    ("error", "fault"),
    [
        (socket.gaierror(socket.EAI_NONAME, "x"), FetchFault.DNS),
        (socket.gaierror(socket.EAI_AGAIN, "x"), FetchFault.DNS),
        (UnicodeError("label too long"), FetchFault.BAD_URL),
    ],
)
def test_names_that_are_not_known(error: Exception, fault: FetchFault) -> None:
    """What the resolver says is told in words."""

    def resolve(host: str, port: int) -> list[AddressInfo]:
        raise error

    fetcher = fetcher_with(resolve)
    failed(fetcher, "http://feeds.example/", fault)
    fetcher.close()


def test_a_name_without_addresses() -> None:
    """A name that exists and leads nowhere."""
    fetcher = fetcher_with(resolver(empty_example=[]))
    failed(fetcher, "http://empty.example/", FetchFault.DNS)
    fetcher.close()


def test_the_time_is_no_shorter_than_said(fetcher: HttpFetcher, server: MisbehavingServer) -> None:
    """A slow server that ends in time is read whole."""
    url = server.route("/feed", drip(b"<rss/>", every=0.03))
    assert fetched(fetcher, url).body == b"<rss/>"


# --- size ---


def test_a_gzip_bomb_is_refused(fetcher: HttpFetcher, server: MisbehavingServer) -> None:
    """60 MB in 60 kB, under the usual cap."""
    failed(fetcher, server.route("/feed", gzip_bomb(60)), FetchFault.TOO_LARGE)


def test_a_body_without_end_is_refused(fetcher: HttpFetcher, server: MisbehavingServer) -> None:
    """A server that never stops sending is left at the cap."""
    server.route("/feed", chunked([bytes(60_000)] * 50))
    failed(fetcher, server.url("/feed"), FetchFault.TOO_LARGE, max_bytes=1_000_000)


# --- addresses ---


def test_our_own_network_is_refused_before_a_byte_is_sent(fetcher: HttpFetcher, server: MisbehavingServer) -> None:
    """A private address needs a permission, and the failure can say how whoever asked gives it."""
    got = failed(fetcher, server.route("/feed", reply(BODY)), FetchFault.ADDRESS_REFUSED, allow_private=False)
    assert "a loopback address" in got.detail
    assert "allow" not in got.detail
    assert "(allow_private = true in the feed's config permits" in got.told()
    assert "(--allow-private permits" in got.told("--allow-private")
    assert not server.requests


@pytest.mark.parametrize("proxied", [True, False])
def test_no_permission_is_offered_that_would_not_help(server: MisbehavingServer, proxied: bool) -> None:
    """Of an address that is refused to everybody nothing is said of what permits private ones."""
    fetcher = fetcher_with(resolver(bad_example=["169.254.1.1"]))
    url, proxy = ("http://169.254.1.1/", server.url("")) if proxied else ("http://bad.example/", None)
    got = failed(fetcher, url, FetchFault.ADDRESS_REFUSED, allow_private=False, proxy=proxy)
    assert got.told() == got.detail
    fetcher.close()


@pytest.mark.parametrize(
    "url",
    [
        "http://localhost/",
        "http://127.1/",
        "http://2130706433/",
        "http://0x7f000001/",
        "http://0177.0.0.1/",
        "http://[::1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://0.0.0.0/",
        "http://[::]/",
    ],
)
def test_loopback_in_disguise_is_refused(fetcher: HttpFetcher, url: str) -> None:
    """However an address is written, what counts is where the connection would go."""
    failed(fetcher, url, FetchFault.ADDRESS_REFUSED, allow_private=False)


@pytest.mark.parametrize("allowed", [True, False])
def test_a_redirect_to_the_metadata_service_is_refused(server: MisbehavingServer, allowed: bool) -> None:
    """Each hop is judged; link-local stays shut even for a feed that may live on a private address."""
    server.route("/feed", redirect("http://169.254.169.254/latest/meta-data/"))
    fetcher = fetcher_with(resolver())
    got = fetcher.fetch(ask(server.url("/feed"), allow_private=allowed))
    assert isinstance(got, FetchFailed)
    assert got.fault is FetchFault.ADDRESS_REFUSED
    assert ("metadata" in got.detail) is allowed
    fetcher.close()


def test_the_address_connected_to_is_the_one_judged(server: MisbehavingServer) -> None:
    """A name that answers publicly first and privately later gains nothing: it is looked up once a connection."""
    answers = iter([["127.0.0.1"], ["169.254.169.254"]])
    asked = []

    def resolve(host: str, port: int) -> list[AddressInfo]:
        asked.append(host)
        return [info(address, port) for address in next(answers)]

    fetcher = fetcher_with(resolve)
    server.route("/a", redirect("/b"))
    server.route("/b", reply(b"never"))
    failed(fetcher, server.url("/a", host="rebind.example"), FetchFault.ADDRESS_REFUSED)
    assert asked == ["rebind.example", "rebind.example"]
    assert server.paths() == ["/a"]
    fetcher.close()


def test_refused_addresses_of_a_name_are_passed_over(server: MisbehavingServer) -> None:
    """Of several addresses the first that may be connected to is taken; when none may, that is the failure."""
    fetcher = fetcher_with(resolver(two_example=["169.254.1.1", "127.0.0.1"], bad_example=["169.254.1.1", "10.0.0.1"]))
    server.route("/feed", reply(BODY))
    assert fetched(fetcher, server.url("/feed", host="two.example")).body == BODY
    failed(fetcher, "http://bad.example/", FetchFault.ADDRESS_REFUSED, allow_private=False)
    fetcher.close()


def test_a_dead_address_is_passed_over(server: MisbehavingServer) -> None:
    """The next address of the name is tried when one does not answer."""
    fetcher = fetcher_with(resolver(two_example=["127.0.0.2", "127.0.0.1"]))
    server.route("/feed", reply(BODY))
    assert fetched(fetcher, server.url("/feed", host="two.example")).body == BODY
    fetcher.close()


def test_nobody_at_the_port(fetcher: HttpFetcher) -> None:
    """A refused connection is told in the system's words."""
    got = failed(fetcher, "http://127.0.0.1:1/", FetchFault.CONNECT)
    assert got.detail == "127.0.0.1 can't be reached: connection refused"


# --- number ---


def test_a_host_sees_few_at_a_time(server: MisbehavingServer) -> None:
    """However many threads fetch, a host never has more than its places taken, and all are served."""
    fetcher = fetcher_with(resolver(), per_host=2)
    both = threading.Barrier(2)

    def pairwise(peer) -> None:
        both.wait(5)  # two at once, or nobody gets through
        reply(BODY)(peer)

    server.otherwise(pairwise)
    results = in_threads([lambda: fetcher.fetch(ask(server.url("/feed")))] * 8)
    assert all(isinstance(got, Fetched) for got in results), results
    assert server.open_most == 2
    fetcher.close()


def test_waiting_for_a_place_does_not_use_up_the_deadline(server: MisbehavingServer) -> None:
    """The time of a fetch begins when it has its place; one that gets none in time is told to come again."""
    fetcher = fetcher_with(resolver(), per_host=1)
    release = threading.Event()
    server.route("/slow", lambda peer: (release.wait(10), reply(BODY)(peer))[1])
    server.route("/quick", reply(BODY))
    results: list[Got] = []
    slow = threading.Thread(target=lambda: results.append(fetcher.fetch(ask(server.url("/slow")))))
    slow.start()
    until(lambda: len(server.requests) == 1)
    got = failed(fetcher, server.url("/quick"), FetchFault.HELD_BACK, seconds=0.2)
    assert got.detail == "127.0.0.1 was busy with other feeds of ours all the time"
    assert got.retry_after == timedelta(seconds=0.2)
    release.set()
    slow.join(5)
    assert isinstance(results[0], Fetched)
    assert fetched(fetcher, server.url("/quick")).body == BODY
    assert server.paths() == ["/slow", "/quick"]
    fetcher.close()


def test_other_hosts_do_not_wait(server: MisbehavingServer) -> None:
    """A host without a free place holds up nobody else."""
    fetcher = fetcher_with(resolver(), per_host=1)
    server.route("/slow", hang())
    slow = threading.Thread(target=lambda: fetcher.fetch(ask(server.url("/slow"))))
    slow.start()
    until(lambda: len(server.requests) == 1)
    with MisbehavingServer() as other:
        assert fetched(fetcher, other.route("/feed", reply(BODY))).body == BODY
    fetcher.close()
    slow.join(5)
    assert not slow.is_alive()


# --- the end ---


def test_close_cuts_off_what_is_being_fetched(server: MisbehavingServer) -> None:
    """Fetches under way, and those that wait for a place or a name, end at once; later ones are not begun."""
    over = threading.Event()

    def resolve(host: str, port: int) -> list[AddressInfo]:
        if host == "slow.example":
            over.wait(30)
        return [info("127.0.0.1", port)]

    fetcher = fetcher_with(resolve, per_host=1)
    server.route("/hang", hang())
    results: list[Got] = []
    urls = [server.url("/hang"), server.url("/hang"), "http://slow.example/"]
    threads = [
        threading.Thread(target=lambda url=url: results.append(fetcher.fetch(ask(url, seconds=30)))) for url in urls
    ]
    for thread in threads:
        thread.start()
    until(lambda: len(server.requests) == 1 and len(fetcher._running) == 2)
    started = time.monotonic()
    fetcher.close()
    for thread in threads:
        thread.join(5)
    assert time.monotonic() - started < 5
    results.append(fetcher.fetch(ask(server.url("/hang"))))
    assert [got.detail for got in results if isinstance(got, FetchFailed)] == [
        "the fetch was cut off because the service stops"
    ] * 4
    assert len(server.requests) == 1
    over.set()


def test_nothing_is_left_open(server: MisbehavingServer) -> None:
    """Good and bad fetches leave no descriptor and no thread behind."""
    fetcher = fetcher_with(resolver())
    script = in_turn(reply(BODY), hang(), redirect("/feed"), reply(b""), hang_after(head() + b"x"), reply(BODY))
    url = server.route("/feed", script)
    fetched(fetcher, url)
    before = descriptors()
    for _ in range(5):
        fetcher.fetch(ask(url, seconds=0.1))
    until(lambda: descriptors() <= before)
    until(lambda: not [one for one in threading.enumerate() if one.name.startswith("fetch-")])
    fetcher.close()


def descriptors() -> int:
    folder = Path("/proc/self/fd")
    if not folder.exists():
        pytest.skip("counts descriptors in /proc")
    return len(list(folder.iterdir()))


def in_threads(calls: list[Callable[[], Got]]) -> list[Got]:
    results: list[Got] = []
    threads = [threading.Thread(target=lambda call=call: results.append(call())) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    return results


# --- connections used again ---


def lasting(sockets: set[int]):
    """A script that answers any number of requests on one connection."""

    def run(peer) -> None:
        while True:
            sockets.add(id(peer))
            peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(BODY) + BODY)
            data = b""
            while b"\r\n\r\n" not in data:
                piece = peer.sock.recv(65_536)
                if not piece:
                    return
                data += piece

    return run


def test_a_connection_is_used_again_after_a_304(server: MisbehavingServer) -> None:
    """It has no body, and most answers to a feed reader are such."""
    fetcher = fetcher_with(resolver())

    def unchanged(peer) -> None:
        for _ in range(3):
            peer.send(b'HTTP/1.1 304 Not Modified\r\nETag: "1"\r\n\r\n')
            peer.sock.recv(65_536)

    url = server.route("/feed", unchanged)
    assert all(isinstance(fetcher.fetch(ask(url, etag='"1"')), NotModified) for _ in range(3))
    assert len(server.requests) == 1
    fetcher.close()


def test_a_connection_is_used_again_for_the_same_server(server: MisbehavingServer) -> None:
    """Under the same permission only: what one feed may reach is not lent to another."""
    fetcher = fetcher_with(resolver())
    sockets: set[int] = set()
    url = server.route("/feed", lasting(sockets))
    for _ in range(3):
        assert fetched(fetcher, url).body == BODY
    assert len(sockets) == 1
    assert fetched(fetcher, url, ca_file="another").body == BODY
    assert len(sockets) == 2
    failed(fetcher, url, FetchFault.ADDRESS_REFUSED, allow_private=False)
    fetcher.close()


def test_a_connection_that_has_ended_is_not_used_again(server: MisbehavingServer) -> None:
    """Its end can be seen before anything is asked on it; so can words that nobody asked for."""
    fetcher = fetcher_with(resolver())

    def talkative(peer) -> None:
        reply(BODY)(peer)
        peer.wait_for_end(0.02)
        peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil")
        peer.wait_for_end(5)

    for script in (reply(BODY), talkative):
        url = server.route("/feed", script)
        for _ in range(2):
            seen = len(server.requests)
            assert fetched(fetcher, url).body == BODY
            assert len(server.requests) == seen + 1
            threading.Event().wait(0.1)
    fetcher.close()


def test_a_server_that_hangs_up_on_the_second_request_is_asked_anew(server: MisbehavingServer) -> None:
    """It may close a connection in the very moment in which we use it; that is no failure."""
    fetcher = fetcher_with(resolver())

    def once(peer) -> None:
        peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(BODY) + BODY)
        peer.sock.recv(65_536)  # the second request, which gets no answer

    url = server.route("/feed", once)
    assert [fetched(fetcher, url).body for _ in range(3)] == [BODY] * 3
    assert len(server.requests) == 3
    fetcher.close()
