"""What a feed asks of its pollers, and what it offers them."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from monitor.feeds import parse_feed
from monitor.model import FeedAsks

HOUR = timedelta(hours=1)


def asks(head: str, *, tail: str = "", root: str = "rss") -> FeedAsks:
    inside = f"<title>T</title>{head}<item><title>A</title><ttl>1</ttl><link>https://a.example/1</link></item>{tail}"
    body = f'<{root} xmlns:sy="s" xmlns:atom="http://www.w3.org/2005/Atom"><channel>{inside}</channel></{root}>'
    return parse_feed(body.encode(), content_type="", url="https://a.example/feed").asks


@pytest.mark.parametrize(
    ("head", "ttl"),
    [
        ("<ttl>60</ttl>", HOUR),
        ("<ttl> 60 </ttl>", HOUR),
        ("<ttl></ttl>", None),
        ("<sy:updatePeriod>hourly</sy:updatePeriod><sy:updateFrequency>2</sy:updateFrequency>", HOUR / 2),
        ("<sy:updatePeriod> Daily </sy:updatePeriod>", 24 * HOUR),
        ("<sy:updatePeriod>daily</sy:updatePeriod><sy:updateFrequency>0</sy:updateFrequency>", 24 * HOUR),
        ("<sy:updatePeriod>daily</sy:updatePeriod><sy:updateFrequency>often</sy:updateFrequency>", 24 * HOUR),
        ("<sy:updatePeriod>yearly</sy:updatePeriod>", 7 * 24 * HOUR),
        ("<sy:updatePeriod>now and then</sy:updatePeriod>", None),
        ("<ttl>15</ttl><sy:updatePeriod>hourly</sy:updatePeriod>", HOUR),
        ("", None),
    ],
)
def test_the_longer_of_ttl_and_update_period_counts(head, ttl):
    """And nothing that stands inside an entry."""
    assert asks(head).ttl == ttl


@pytest.mark.parametrize(
    ("head", "hours", "days"),
    [
        ("<skipHours><hour>1</hour><hour> 24 </hour><hour>99</hour></skipHours>", (0, 1, 3), ()),
        ("<skipHours>" + "".join(f"<hour>{n}</hour>" for n in range(24)) + "</skipHours>", (), ()),
        ("<skipDays><day>Sunday</day><day>saturday</day><day>Feiertag</day></skipDays>", (), (5, 6)),
        ("<skipHours/><skipDays></skipDays>", (), ()),
    ],
)
@pytest.mark.parametrize("behind", [False, True])
def test_hours_and_days_of_silence_are_read_wherever_they_stand(head, hours, days, behind):
    """Before the entries or behind them; whoever names all 24 hours has misunderstood."""
    found = asks("", tail=head) if behind else asks(head)
    assert (found.skip_hours, found.skip_days) == (hours, days)


def test_all_days_of_the_week_are_none():
    names = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
    assert asks("<skipDays>" + "".join(f"<day>{name}</day>" for name in names) + "</skipDays>").skip_days == ()


def test_a_hub_and_older_pages_are_found():
    found = asks(
        '<atom:link rel="hub" href="https://hub.example/?a=1&amp;b=2"/>'
        "<atom:link href='/feed' rel='self'/><atom:link rel='next' href='?p=2'/>"
        "<generator>https://wordpress.org/?v=6.4</generator>"
    )
    assert found == FeedAsks(
        hub="https://hub.example/?a=1&b=2", topic="https://a.example/feed", older="https://a.example/feed?p=2",
        paged=True,
    )  # fmt: skip


def test_the_archive_stands_above_the_next_page():
    """RFC 5005: an archived feed's documents do not move."""
    found = asks('<atom:link rel="next" href="/n"/><atom:link rel="prev-archive" href="/a"/>')
    assert found.older == "https://a.example/a"


def test_a_feed_without_entries_is_asked_as_well():
    body = b"<rss><channel><title>T</title><ttl>5</ttl></channel></rss>"
    assert parse_feed(body, content_type="", url="https://a.example/f").asks.ttl == HOUR / 12


@pytest.mark.parametrize(
    ("hubs", "hub"),
    [
        ([{"type": "WebSub", "url": "https://hub.example/"}], "https://hub.example/"),
        ([{"type": "WebSub"}], ""),
        ([], ""),
        ("https://hub.example/", ""),
        (["x"], ""),
    ],
)
def test_json_feeds_name_hubs_and_pages_too(hubs, hub):
    body = {"version": "https://jsonfeed.org/version/1.1", "title": "T", "items": [], "hubs": hubs, "next_url": "/2"}
    found = parse_feed(json.dumps(body).encode(), content_type="", url="https://a.example/feed.json").asks
    assert (found.hub, found.older, found.topic) == (hub, "https://a.example/2", "")
