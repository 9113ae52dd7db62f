"""TLS with certificates that are trusted or not, and fetching through a proxy."""

from __future__ import annotations

import base64
import select
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest

from monitor.clock import SystemClock
from monitor.fetch import HttpFetcher
from monitor.fetch.connection import AddressInfo, trusted_authorities
from monitor.model import FetchFault, Settings
from tests.fetch.asking import failed, fetched
from tests.servers import MisbehavingServer, Peer, head, redirect, reply

SELF_SIGNED = Path(__file__).parent / "self_signed.pem"  # for feeds.example, with its key; used nowhere else
BODY = b"<rss/>"


class Names:
    """All names lead to loopback; ``asked`` holds what was looked up."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def __call__(self, host: str, port: int) -> list[AddressInfo]:
        self.asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]


@pytest.fixture
def names() -> Names:
    return Names()


@pytest.fixture
def fetcher(names: Names) -> Iterator[HttpFetcher]:
    made = HttpFetcher(Settings(), SystemClock(), "1", Path(), resolve=names)
    yield made
    made.close()


@pytest.fixture
def secure() -> Iterator[MisbehavingServer]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(SELF_SIGNED)
    with MisbehavingServer(tls=context) as running:
        running.route("/feed", reply(BODY))
        yield running


def test_a_certificate_that_nobody_vouches_for_is_refused(fetcher: HttpFetcher, secure: MisbehavingServer) -> None:
    """No connection is made to a server that can't show who it is, and the reason is told."""
    got = failed(fetcher, secure.url("/feed", host="feeds.example"), FetchFault.TLS)
    assert "the certificate of feeds.example can't be trusted: self" in got.detail
    assert not secure.requests


def test_the_systems_own_authorities_are_trusted(
    fetcher: HttpFetcher, secure: MisbehavingServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A certificate of a company's own authority is good once the system knows it, for its own name only."""
    monkeypatch.setenv("SSL_CERT_FILE", str(SELF_SIGNED))
    assert fetched(fetcher, secure.url("/feed", host="feeds.example")).body == BODY
    assert "mismatch" in failed(fetcher, secure.url("/feed", host="other.example"), FetchFault.TLS).detail.lower()


def test_a_feed_may_bring_authorities_of_its_own(fetcher: HttpFetcher, secure: MisbehavingServer) -> None:
    """They are trusted for that feed alone."""
    url = secure.url("/feed", host="feeds.example")
    assert fetched(fetcher, url, ca_file=str(SELF_SIGNED)).body == BODY
    failed(fetcher, url, FetchFault.TLS)


@pytest.mark.parametrize("text", [None, "", "no certificate"])
def test_authorities_that_have_gone_are_told(
    fetcher: HttpFetcher, secure: MisbehavingServer, tmp_path: Path, text: str | None
) -> None:
    """The config was checked when it was read; the file may have changed since."""
    file = tmp_path / "ca.pem"
    if text is not None:
        file.write_text(text)
    got = failed(fetcher, secure.url("/feed"), FetchFault.TLS, ca_file=str(file))
    assert got.detail == "the feed's ca_file holds no certificates that can be read"


def test_the_authorities_are_read_once(
    fetcher: HttpFetcher, secure: MisbehavingServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All connections share one TLS context; none reads the bundle again, which would cost 50 ms each time."""
    monkeypatch.setenv("SSL_CERT_FILE", str(SELF_SIGNED))
    read: list[object] = []
    really = ssl.SSLContext.load_verify_locations

    def counted(context: ssl.SSLContext, *args: object, **names: object) -> None:
        read.append(args or names)
        really(context, *args, **names)  # type: ignore[arg-type]

    monkeypatch.setattr(ssl.SSLContext, "load_verify_locations", counted)
    for _ in range(3):
        fetched(fetcher, secure.url("/feed", host="feeds.example"))
    assert len(read) == 1


def test_no_tls_where_none_is_spoken(fetcher: HttpFetcher, server: MisbehavingServer) -> None:
    """A plain HTTP port under https:// is told apart from a server that is down."""
    failed(fetcher, server.url("/").replace("http:", "https:"), FetchFault.TLS)


def test_an_upgrade_to_https_keeps_what_was_for_the_host(
    fetcher: HttpFetcher, secure: MisbehavingServer, server: MisbehavingServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Other ports are other servers: only the usual step from port 80 to 443 counts as the same host."""
    monkeypatch.setenv("SSL_CERT_FILE", str(SELF_SIGNED))
    server.route("/feed", redirect(secure.url("/feed", host="feeds.example")))
    fetched(fetcher, server.url("/feed", host="feeds.example"), headers={"X-Key": "k"})
    assert "x-key" not in secure.requests[0].headers


def test_both_bundles_are_trusted() -> None:
    """The authorities shipped with requests are there even where the system has none."""
    assert trusted_authorities().verify_mode is ssl.CERT_REQUIRED
    assert len(trusted_authorities().get_ca_certs()) > 50


# --- proxies ---


def test_a_proxy_is_asked_instead(fetcher: HttpFetcher, server: MisbehavingServer, names: Names) -> None:
    """The whole URL goes to the proxy, with its own credentials; the feed's name is left for it to look up."""
    server.otherwise(reply(BODY))
    proxy = server.url("", host="proxy.example").replace("//", "//me:hush@")
    got = fetched(fetcher, "http://feeds.example/feed", proxy=proxy, allow_private=False)
    assert got.url == "http://feeds.example/feed"
    seen = server.requests[0]
    assert seen.path == "http://feeds.example/feed"
    assert seen.headers["proxy-authorization"] == "Basic " + base64.b64encode(b"me:hush").decode()
    assert names.asked == ["proxy.example"]


def test_a_proxy_makes_a_tunnel_for_tls(
    fetcher: HttpFetcher, server: MisbehavingServer, secure: MisbehavingServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Through CONNECT the certificate is still the feed's own."""
    monkeypatch.setenv("SSL_CERT_FILE", str(SELF_SIGNED))

    def tunnel(peer: Peer) -> None:
        with socket.create_connection(("127.0.0.1", secure.port)) as far:
            peer.send(head(200))
            relay(peer.sock, far)

    server.otherwise(tunnel)
    assert fetched(fetcher, "https://feeds.example/feed", proxy=server.url("")).body == BODY
    assert server.requests[0].method == "CONNECT"
    assert server.requests[0].path == "feeds.example:443"
    assert secure.requests[0].path == "/feed"


def test_a_proxy_that_refuses_is_told(fetcher: HttpFetcher, server: MisbehavingServer) -> None:
    """A tunnel that the proxy does not make is not the feed's fault."""
    server.otherwise(reply(status=403))
    got = failed(fetcher, "https://feeds.example/feed", FetchFault.CONNECT, proxy=server.url(""))
    assert got.detail == "the proxy did not connect us to feeds.example"


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "[::1]", "169.254.169.254", "127.1", "2130706433", "localhost", "a.localhost"]
)
def test_literal_addresses_are_judged_behind_a_proxy(
    fetcher: HttpFetcher, server: MisbehavingServer, host: str
) -> None:
    """What stands in the URL itself is refused before the proxy is asked; the same after a redirect."""
    server.otherwise(redirect(f"http://{host}/feed"))
    for url in (f"http://{host}/feed", "http://feeds.example/"):
        failed(fetcher, url, FetchFault.ADDRESS_REFUSED, proxy=server.url(""), allow_private=False)
    assert server.paths() == ["http://feeds.example/"]


@pytest.mark.parametrize("proxy", ["socks5://127.0.0.1:1", "http://", "proxy:3128", "http://[::1", "http://a:99999"])
def test_a_proxy_that_can_be_none_is_told(fetcher: HttpFetcher, proxy: str) -> None:
    """The words point at the proxy, not at the feed."""
    assert "proxy" in failed(fetcher, "http://feeds.example/", FetchFault.BAD_URL, proxy=proxy).detail


def relay(near: socket.socket, far: socket.socket) -> None:
    """Bytes in both directions until one side ends."""
    while True:
        for ready in select.select([near, far], [], [], 5)[0]:
            data = ready.recv(65_536)
            if not data:
                return
            (far if ready is near else near).sendall(data)
