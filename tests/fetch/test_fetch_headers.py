"""When a server's headers say to come back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from monitor.fetch.headers import LONGEST, links, max_age, retry_after, sendable

NOW = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)
SERVERS_NOW = "Sun, 01 Mar 2026 09:00:00 GMT"


@pytest.mark.parametrize(
    ("value", "wait"),
    [
        ("120", timedelta(seconds=120)),
        ("0", timedelta(0)),
        (" 30 ", timedelta(seconds=30)),
        ("Sun, 01 Mar 2026 12:10:00 GMT", timedelta(minutes=10)),
        ("Sun, 01 Mar 2026 11:00:00 GMT", timedelta(0)),
        ("Sunday, 01-Mar-26 12:10:00 GMT", timedelta(minutes=10)),
        ("Sun, 01 Mar 2026 12:10:00 -0000", timedelta(minutes=10)),
        ("99999999", LONGEST),
        ("9" * 400, LONGEST),
        ("Fri, 31 Dec 9999 23:59:59 GMT", LONGEST),
        ("-5", None),
        ("1.5", None),
        ("²", None),
        ("soon", None),
        ("", None),
    ],
)
def test_retry_after_in_seconds_or_as_a_date(value: str, wait: timedelta | None) -> None:
    """Seconds and dates are read, nonsense is not there, and nothing silences a feed for longer than a week."""
    assert retry_after({"Retry-After": value}, NOW) == wait


def test_a_date_is_read_against_the_servers_own() -> None:
    """A server whose clock is three hours slow means its own ten minutes."""
    headers = {"Retry-After": "Sun, 01 Mar 2026 09:10:00 GMT", "Date": SERVERS_NOW}
    assert retry_after(headers, NOW) == timedelta(minutes=10)


def test_no_header_no_wait() -> None:
    """Without the header there is nothing to heed."""
    assert retry_after({"Date": SERVERS_NOW}, NOW) is None


@pytest.mark.parametrize(
    ("headers", "fresh"),
    [
        ({"Cache-Control": "max-age=300"}, timedelta(seconds=300)),
        ({"Cache-Control": 'Public, Max-Age="300"'}, timedelta(seconds=300)),
        ({"Cache-Control": "max-age=300", "Age": "100"}, timedelta(seconds=200)),
        ({"Cache-Control": "max-age=300", "Age": "900"}, timedelta(0)),
        ({"Cache-Control": "max-age=300", "Age": "old"}, timedelta(seconds=300)),
        ({"Cache-Control": "max-age=60, max-age=9"}, timedelta(seconds=60)),
        ({"Cache-Control": "max-age=999999999999"}, LONGEST),
        ({"Cache-Control": "s-maxage=300"}, None),
        ({"Cache-Control": "no-cache, max-age=300"}, None),
        ({"Cache-Control": "no-store, max-age=300"}, None),
        ({"Cache-Control": "max-age=never"}, None),
        ({}, None),
    ],
)
def test_freshness(headers: dict[str, str], fresh: timedelta | None) -> None:
    """max-age less Age, for a private reader; no-cache and no-store ask to look again."""
    assert max_age(headers) == fresh


@pytest.mark.parametrize("value", ['"abc"', 'W/"a b"', "Sun, 01 Mar 2026 09:00:00 GMT", '"caf\xe9"', "unquoted"])
def test_validators_go_back_verbatim(value: str) -> None:
    """Whatever a server gave that a header can hold is sent back as it was."""
    assert sendable(value) == value


@pytest.mark.parametrize("value", [None, "", '"a\r\nX-Evil: 1"', '"\x00"', '"日本"', ' "a"'])
def test_what_no_header_can_hold_is_not_sent(value: str | None) -> None:
    """A stored validator can't break the next request."""
    assert sendable(value) is None


@pytest.mark.parametrize(
    ("header", "found"),
    [
        ('<https://hub.example/>; rel="hub"', {"hub": "https://hub.example/"}),
        (
            '<https://hub.example/>; rel=hub, <https://other.example/>; rel="hub", </feed>; title="a, b"; rel="self"',
            {"hub": "https://hub.example/", "self": "https://news.example/feed"},
        ),
        ('<https://x.example/>;rel="Hub  SELF"', {"hub": "https://x.example/", "self": "https://x.example/"}),
        ('<javascript:x>; rel="hub"', {}),
        ('<http://[>; rel="hub"', {}),
        ("<https://x.example/>", {}),
        ('<https://x.example/>; relation="hub"', {}),
        ("<" * 100_000, {}),
        ("<https://x.example/>;" * 50_000, {}),
        ("", {}),
    ],
)
def test_links_by_their_relation(header: str, found: dict[str, str]) -> None:
    """The first of each relation, made absolute; what is no web address is not there."""
    assert links({"Link": header}, "https://news.example/a/b") == found
