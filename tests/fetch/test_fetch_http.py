"""What an answer means, against a real server: validators, statuses, redirects, what is sent and what is not."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from monitor.clock import SystemClock
from monitor.fetch import HttpFetcher
from monitor.fetch.fetcher import _first_hop, _next_hop, user_agent
from monitor.model import Fetched, FetchFault, NotModified, Settings
from tests.fetch.asking import ask, failed, fetched
from tests.servers import (
    MisbehavingServer,
    chunked,
    cut,
    head,
    http_date,
    in_turn,
    packed,
    redirect,
    reply,
    reset_after,
    with_validators,
    wrong_length,
)

BODY = b"<rss version='2.0'><channel><title>Port news</title></channel></rss>"


# --- what came ---


def test_a_body_comes_with_all_that_was_said_of_it(fetcher: HttpFetcher, server: MisbehavingServer) -> None:
    """Body, type, validators and freshness are those of the answer, byte for byte."""
    headers = {
        "Content-Type": "application/rss+xml; charset=windows-1251",
        "ETag": 'W/"a-b"',
        "Last-Modified": "Sun, 01 Mar 2026 09:00:00 GMT",
        "Cache-Control": "max-age=600",
    }
    url = server.route("/feed", reply(BODY, headers=headers))
    assert fetched(fetcher, url) == Fetched(
        url=url,
        status=200,
        body=BODY,
        content_type="application/rss+xml; charset=windows-1251",
        etag='W/"a-b"',
        last_modified="Sun, 01 Mar 2026 09:00:00 GMT",
        max_age=timedelta(minutes=10),
    )


@pytest.mark.parametrize(
    "script",
    [packed(BODY), packed(BODY, coding="deflate"), chunked([BODY[:9], BODY[9:]]), cut(head() + BODY)],
    ids=["gzip", "deflate", "chunked", "until the connection ends"],
)
def test_a_body_comes_whole_however_it_is_sent(fetcher: HttpFetcher, server: MisbehavingServer, script) -> None:
    """Codings and framings are undone."""
    assert fetched(fetcher, server.route("/feed", script)).body == BODY


@pytest.mark.parametrize(
    ("name", "value", "sent"),
    [
        ("etag", 'W/"caf\xe9"', "if-none-match"),
        ("last_modified", "Sun, 1 March 2026 (about nine)", "if-modified-since"),
    ],
)
def test_validators_go_back_as_they_came(
    fetcher: HttpFetcher, server: MisbehavingServer, name: str, value: str, sent: str
) -> None:
    """304 to a validator sent verbatim is NotModified, with the validators of this answer."""
    url = server.route("/feed", with_validators(BODY, **{name: value}))
    first = fetched(fetcher, url)
    assert getattr(first, name) == value
    assert fetcher.fetch(ask(url, **{name: value})) == NotModified(url=url, **{name: value})
    assert server.requests[-1].headers[sent] == value


def test_304_says_how_long_too(fetcher: HttpFetcher, server: MisbehavingServer) -> None:
    """Freshness is read from a 304 as well, and new validators are given on."""
    url = server.route("/feed", reply(status=304, headers={"Cache-Control": "max-age=60", "ETag": '"new"'}))
    assert fetcher.fetch(ask(url, etag='"old"')) == NotModified(url=url, etag='"new"', max_age=timedelta(seconds=60))


def test_304_to_an_unconditional_request_is_a_failure(fetcher: HttpFetcher, server: MisbehavingServer) -> None:
    """Nothing was known before, so "nothing new" can't be right."""
    assert failed(fetcher, server.route("/feed", reply(status=304)), FetchFault.HTTP_STATUS).status == 304


# --- statuses ---


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (202, "202 Accepted"),
        (204, "204 No Content"),
        (206, "206 Partial Content"),
        (401, "it wants a login"),
        (404, "there is no such page"),
        (418, "418 I'm a Teapot"),
        (429, "it wants to be asked less often"),
        (500, "the server is in trouble"),
        (599, "599 a status that HTTP does not know: the server is in trouble"),
        (302, "302 Found"),  # without a Location
    ],
)
def test_a_status_is_told_in_words(fetcher: HttpFetcher, server: MisbehavingServer, status: int, words: str) -> None:
    """The failure names the host, the status, and what it means; never the server's own words."""
    got = failed(
        fetcher, server.route("/feed", cut(b"HTTP/1.1 %d <b>Evil</b>\r\n\r\n" % status)), FetchFault.HTTP_STATUS
    )
    assert got.status == status
    assert got.detail.startswith("127.0.0.1 answered")
    assert words in got.detail
    assert "Evil" not in got.detail


def test_410_is_gone(fetcher: HttpFetcher, server: MisbehavingServer) -> None:
    """A feed that is gone for good is told apart from one that is missing."""
    assert failed(fetcher, server.route("/feed", reply(status=410)), FetchFault.GONE).status == 410


@pytest.mark.parametrize("status", [403, 503])
def test_retry_after_is_heeded(fetcher: HttpFetcher, server: MisbehavingServer, status: int) -> None:
    """Seconds and dates (against the server's own clock) come with the failure."""
    slow = datetime(2020, 1, 1, tzinfo=UTC)
    later = {"Retry-After": http_date(slow + timedelta(minutes=5)), "Date": http_date(slow)}
    url = server.route(
        "/feed", in_turn(reply(status=status, headers={"Retry-After": "90"}), reply(status=status, headers=later))
    )
    assert failed(fetcher, url, FetchFault.HTTP_STATUS).retry_after == timedelta(seconds=90)
    assert failed(fetcher, url, FetchFault.HTTP_STATUS).retry_after == timedelta(minutes=5)


def test_cloudflares_challenge_is_named(fetcher: HttpFetcher, server: MisbehavingServer) -> None:
    """A person can do something about it, once they know what it is."""
    url = server.route("/feed", reply(b"<html>", status=403, headers={"cf-mitigated": "challenge"}))
    assert "Cloudflare" in failed(fetcher, url, FetchFault.HTTP_STATUS).detail


# --- broken answers ---


@pytest.mark.parametrize(
    "script",
    [
        reply(b""),
        wrong_length(BODY, declared=len(BODY) + 5),
        chunked([BODY], ended=False),
        cut(head(200, {"Transfer-Encoding": "chunked"}) + b"zz\r\nabc"),
        packed(BODY, keep=30),
        reply(BODY, headers={"Content-Encoding": "gzip"}),
        reply(BODY, headers={"Content-Encoding": "br"}),
        reset_after(head(200, {"Content-Length": "500"}) + BODY),
    ],
    ids=["empty", "too short", "cut chunks", "bad chunk", "cut gzip", "no gzip", "brotli", "reset"],
)
def test_half_an_answer_is_never_taken_for_a_whole_one(fetcher: HttpFetcher, server: MisbehavingServer, script) -> None:
    """A body that did not come whole is a failure of its own kind."""
    failed(fetcher, server.route("/feed", script), FetchFault.BROKEN_BODY)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"SSH-2.0-OpenSSH_9\r\n",
        b"HTTP/1.1 abc\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 200,
        b"\x16\x03\x01",
    ],
    ids=["nothing", "ssh", "no status", "endless headers", "tls"],
)
def test_what_does_not_answer_in_http_is_told(fetcher: HttpFetcher, server: MisbehavingServer, data: bytes) -> None:
    """A port where something else lives, or that closes at once."""
    failed(fetcher, server.route("/feed", cut(data)), FetchFault.CONNECT)


def test_a_body_over_the_cap_is_refused(fetcher: HttpFetcher, server: MisbehavingServer) -> None:
    """Declared or not, more bytes than allowed are not read."""
    for script in (reply(bytes(2_001)), chunked([bytes(1_500), bytes(1_500)]), packed(bytes(2_001))):
        got = failed(fetcher, server.route("/feed", script), FetchFault.TOO_LARGE, max_bytes=2_000)
        assert "2,000 bytes" in got.detail
    assert len(fetched(fetcher, server.route("/feed", reply(bytes(2_000))), max_bytes=2_000).body) == 2_000


# --- redirects ---


def test_redirects_are_followed_to_the_end(fetcher: HttpFetcher, server: MisbehavingServer) -> None:
    """Relative, absolute and UTF-8 targets; the feed's URL is the last one."""
    server.route("/1", redirect("2?x=1#part"))
    server.route("/2", redirect(server.url("/caf\u00e9").encode().decode("latin-1")))
    last = server.route("/caf%C3%A9", reply(BODY))
    got = fetched(fetcher, server.url("/1"))
    assert (got.url, got.body, got.moved_to) == (last, BODY, None)
    assert server.paths() == ["/1", "/2?x=1", "/caf%C3%A9"]


@pytest.mark.parametrize(
    ("statuses", "moved"),
    [
        ((301,), True),
        ((308,), True),
        ((301, 308), True),
        ((302,), False),
        ((303,), False),
        ((307,), False),
        ((301, 302), False),
        ((302, 301), False),
        ((), False),
    ],
)
def test_a_feed_has_moved_when_every_hop_says_for_good(
    fetcher: HttpFetcher, server: MisbehavingServer, statuses: tuple[int, ...], moved: bool
) -> None:
    """One temporary redirect on the way, and the old address stays the feed's own."""
    for position, status in enumerate(statuses):
        server.route(f"/{position}", redirect(f"/{position + 1}", status=status))
    last = server.route(f"/{len(statuses)}", reply(BODY))
    assert fetched(fetcher, server.url("/0")).moved_to == (last if moved else None)


def test_a_redirect_loop_ends(fetcher: HttpFetcher, server: MisbehavingServer) -> None:
    """A way that comes back to itself is noticed at once."""
    server.route("/a", redirect("/b"))
    server.route("/b", redirect("/a"))
    assert "in a circle" in failed(fetcher, server.url("/a"), FetchFault.REDIRECTS).detail
    assert server.paths() == ["/a", "/b"]


def test_a_way_without_end_ends(fetcher: HttpFetcher, server: MisbehavingServer) -> None:
    """A new address each time is followed eight times."""
    server.otherwise(lambda peer: redirect(peer.seen.path + "x")(peer))
    assert "more than 8" in failed(fetcher, server.url("/"), FetchFault.REDIRECTS).detail
    assert len(server.requests) == 9


@pytest.mark.parametrize(
    "target", ["file:///etc/passwd", "ftp://example.org/", "javascript:alert(1)", "http://", "http://[::1", "data:,x"]
)
def test_redirects_lead_to_the_web_only(fetcher: HttpFetcher, server: MisbehavingServer, target: str) -> None:
    """No server makes us read our own files or speak another protocol."""
    failed(fetcher, server.route("/feed", redirect(target)), FetchFault.REDIRECTS)


# --- what is sent ---


def test_we_say_who_we_are_and_no_more(fetcher: HttpFetcher, server: MisbehavingServer) -> None:
    """Our name and what we can read; no cookie that a server set, no Referer."""
    server.route("/1", reply(status=302, headers={"Location": "/2", "Set-Cookie": "id=1"}))
    url = server.route("/2", reply(BODY, headers={"Set-Cookie": "id=2"}))
    fetched(fetcher, server.url("/1"))
    fetched(fetcher, url)
    for seen in server.requests:
        assert seen.method == "GET"
        assert seen.headers["user-agent"].startswith("NewsWatch/1.2.3 (")
        assert seen.headers["accept-encoding"] == "gzip, deflate, br, zstd"
        assert not {"cookie", "referer", "authorization", "if-none-match", "if-modified-since"} & set(seen.headers)


@pytest.mark.parametrize(
    ("contact", "says"),
    [
        ("https://example.org/watch", "NewsWatch/2 (+https://example.org/watch)"),
        ("desk@example.org", "NewsWatch/2 (+desk@example.org)"),
        ("OurReader/5 (+https://example.org)", "OurReader/5 (+https://example.org)"),
        ("Evil/1\r\nX: y", "Evil/1X: y"),
        ("", "NewsWatch/2 (self-hosted feed reader)"),
    ],
)
def test_the_user_agent_names_a_contact(contact: str, says: str) -> None:
    """An address goes behind our name; anything else is the whole of it; no line end gets in."""
    assert user_agent(contact, "2") == says


def test_environment_and_netrc_are_not_heeded(
    fetcher: HttpFetcher, server: MisbehavingServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Neither a proxy nor credentials come from outside the config."""
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login me password hush\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    fetched(fetcher, server.route("/feed", reply(BODY)))
    assert "authorization" not in server.requests[0].headers


def test_the_feeds_own_headers_are_sent(fetcher: HttpFetcher, server: MisbehavingServer) -> None:
    """Headers of the config go along, save those that the transport needs for itself."""
    url = server.route("/feed", reply(BODY))
    fetched(fetcher, url, headers={"X-Key": "k", "user-agent": "Other/1", "Accept-Encoding": "br", "Range": "bytes=0-"})
    seen = server.requests[0].headers
    assert (seen["x-key"], seen["user-agent"], seen["accept-encoding"]) == ("k", "Other/1", "gzip, deflate, br, zstd")
    assert "range" not in seen


def test_a_header_that_is_none_is_told(fetcher: HttpFetcher, server: MisbehavingServer) -> None:
    """A line end in a header's value never reaches the wire."""
    got = failed(fetcher, server.route("/feed", reply(BODY)), FetchFault.BAD_URL, headers={"X-Key": "a\r\nX-Evil: b"})
    assert "header" in got.detail
    assert not server.requests


def test_user_and_password_become_a_header_and_stand_nowhere_else(
    fetcher: HttpFetcher, server: MisbehavingServer
) -> None:
    """Basic authentication from the URL, decoded; the URLs that come back do not hold it."""
    server.route("/1", redirect("/feed"))
    server.route("/feed", in_turn(reply(BODY), reply(status=500)))
    url = server.url("/1").replace("//", "//desk:h%C3%BCsh%40@")
    got = fetched(fetcher, url)
    expected = "Basic " + base64.b64encode("desk:hüsh@".encode()).decode()
    assert [seen.headers.get("authorization") for seen in server.requests] == [expected, expected]
    assert got.url == server.url("/feed")
    failure = repr(failed(fetcher, url, FetchFault.HTTP_STATUS))
    assert not any(secret in failure for secret in ("h%C3%BCsh", "hüsh", "desk"))


def test_secrets_do_not_follow_to_another_host(fetcher: HttpFetcher, server: MisbehavingServer) -> None:
    """Credentials and the feed's headers stay behind where a redirect leads to another host or port."""
    with MisbehavingServer() as other:
        server.route("/feed", redirect(other.route("/feed", reply(BODY))))
        url = server.url("/feed").replace("//", "//desk:hush@")
        fetched(fetcher, url, headers={"X-Key": "k", "Cookie": "c=1", "User-Agent": "Other/1"})
        seen = other.requests[0].headers
        assert not {"authorization", "x-key", "cookie", "referer"} & set(seen)
        assert seen["user-agent"] == "Other/1"
        assert server.requests[0].headers["x-key"] == "k"


@pytest.mark.parametrize(
    ("start", "target", "kept"),
    [
        ("http://example.org/a", "https://example.org/a", True),
        ("http://example.org/a", "http://EXAMPLE.org:80/b", True),
        ("https://example.org/a", "http://example.org/a", False),
        ("http://example.org/a", "https://example.org:8443/a", False),
        ("http://example.org/a", "https://www.example.org/a", False),
        ("https://example.org/a", "//example.org.evil.example/a", False),
    ],
)
def test_only_a_step_up_to_https_is_still_the_same_server(start: str, target: str, kept: bool) -> None:
    """Credentials go along to the same place, or from port 80 to 443 of the host; never down to plain HTTP."""
    first = _first_hop(ask(start.replace("//", "//desk:hush@"), headers={"X-Key": "k", "Accept-Language": "fr"}))
    following = _next_hop(first, target)
    expected = {"X-Key", "Accept-Language", "Authorization"} if kept else {"Accept-Language"}
    assert set(following.headers) == expected


@pytest.mark.parametrize(
    "url", ["http://", "http:///feed", "ftp://example.org/", "example.org/feed", "http://[::1/", "http://a:99999/", ""]
)
def test_what_is_no_web_address_is_told(fetcher: HttpFetcher, url: str) -> None:
    """An address that can't be fetched is a failure, not an exception."""
    failed(fetcher, url, FetchFault.BAD_URL)


@pytest.mark.parametrize("host", ["*.example.org", "a" * 70 + ".org", "exa mple.org", "a..b"])
def test_a_host_that_can_be_none_is_told(fetcher: HttpFetcher, host: str) -> None:
    """Names that no name server could know fail before anything is sent."""
    got = fetcher.fetch(ask(f"http://{host}/"))
    assert getattr(got, "fault", None) in {FetchFault.BAD_URL, FetchFault.DNS}, got


def test_failures_show_no_secret_of_the_url(fetcher: HttpFetcher) -> None:
    """User, password and query values are left out of a failure."""
    got = failed(fetcher, "http://desk:hush@127.0.0.1:1/feed?token=quiet#x", FetchFault.CONNECT)
    assert got.url == "http://127.0.0.1:1/feed?..."
    assert not any(secret in repr(got) for secret in ("hush", "quiet", "desk"))


def test_a_page_is_fetched_like_a_feed(server: MisbehavingServer, tmp_path: Path) -> None:
    """Any URL will do; what the bytes are is not asked here."""
    with_page = HttpFetcher(Settings(), SystemClock(), "1", tmp_path)
    url = server.route("/page", reply(b"<html>", headers={"Content-Type": "text/html"}))
    assert fetched(with_page, url).content_type == "text/html"
    with_page.close()
