"""Where a site's feeds may be: stated, named in the page, usual, in sitemaps; a redirector's link and its publisher's."""

from __future__ import annotations

import base64
from datetime import UTC, datetime

import pytest

from monitor.feeds import make_articles, places_in_page, places_in_robots, usual_places
from monitor.feeds.urls import unwrapped
from monitor.model import DueFeed, Entry, Feed, ParsedFeed

URL = "https://www.courier.example/news/"


def places(html: str) -> list[tuple[str, str, str]]:
    return [
        (place.url, place.title, place.found_by)
        for place in places_in_page(html.encode(), content_type="text/html", url=URL)
    ]


def test_stated_feeds_come_first_and_each_once():
    found = places(
        '<head><link rel="alternate" type="application/rss+xml" title=" The  Courier " href="/rss.xml"><link rel="ALTERNATE" type="application/atom+xml; charset=utf-8" href="atom">'
        '<link rel="feed" href="https://feeds.example/1"><link rel="feed" href="mailto:x"><link rel="alternate" type="application/rss+xml" href="/rss.xml"><link rel="alternate" type="application/feed+json" href="/f.json">'
        '</head><body><a href="/rss.xml">RSS</a><a href="/world/feed/">World</a></body>'
    )
    assert found == [
        ("https://www.courier.example/rss.xml", "The Courier", "link"),
        ("https://www.courier.example/news/atom", "", "link"),
        ("https://feeds.example/1", "", "link"),
        ("https://www.courier.example/f.json", "", "link"),
        ("https://www.courier.example/world/feed/", "World", "named in the page"),
    ]


@pytest.mark.parametrize(
    "link",
    [
        '<link rel="alternate" type="application/json" href="/wp-json/wp/v2/posts">',
        '<link rel="alternate" type="application/json+oembed" href="/oembed?url=x">',
        '<link rel="alternate" type="application/rss+xml" href="/comments/feed/">',
        '<link rel="alternate" hreflang="fr" href="/fr/">',
        '<link rel="stylesheet" href="/feed.css">',
        '<a href="/feedback">RSS?</a>',
        '<a href="/rss.png">RSS</a>',
        '<a href="/story/about-a-cat">A cat</a>',
        '<a name="x">RSS</a>',
        '<a href="javascript:void(0)">RSS</a>',
    ],
)
def test_what_is_no_feed_is_passed_over(link):
    assert places(f"<html><body>{link}</body></html>") == []


def test_what_a_page_names_of_its_own_site_comes_before_other_sites():
    found = places(
        '<a href="https://other.example/rss">o</a><a href="/x?format=1">Our RSS feeds</a><a href="https://feeds.feedburner.com/c">f</a>'
    )
    assert [place for place, _, _ in found] == [
        "https://www.courier.example/x?format=1",
        "https://other.example/rss",
        "https://feeds.feedburner.com/c",
    ]
    assert places_in_page(b"\x00", content_type="", url=URL) == ()


def test_usual_places_lie_beside_the_page_and_at_the_root():
    found = [place.url for place in usual_places("https://courier.example/world")]
    assert found[0] == "https://courier.example/world/feed/"
    assert "https://courier.example/rss.xml" in found
    assert found[-1] == "https://courier.example/sitemap/news.xml"
    for page in ("https://courier.example/", "https://courier.example/index.html"):
        assert usual_places(page)[0].url == "https://courier.example/feed/"


def test_sitemaps_of_a_robots_txt_news_first():
    found = places_in_robots(
        b"User-agent: *\nSitemap: https://c.example/a.xml\n sitemap:/News.xml\nSitemap: https://c.example/a.xml",
        "https://c.example",
    )
    assert [(place.url, place.found_by) for place in found] == [
        ("https://c.example/News.xml", "sitemap"),
        ("https://c.example/a.xml", "sitemap"),
    ]


def google(inner: bytes) -> str:
    return (
        "https://news.google.com/rss/articles/"
        + base64.urlsafe_b64encode(b"\x08\x13\x22" + inner).decode().rstrip("=")
        + "?oc=5"
    )


@pytest.mark.parametrize(
    ("link", "publisher"),
    [
        (
            google(b"\x2dhttps://courier.example/2024/ferry?id=1&x=2\xd2\x01\x00"),
            "https://courier.example/2024/ferry?id=1&x=2",
        ),
        (
            "https://www.google.com/url?rct=j&url=https://courier.example/a%3Fb%3D1&ct=ga",
            "https://courier.example/a?b=1",
        ),
        (
            "https://www.bing.com/news/apiclick.aspx?ref=x&url=https%3a%2f%2fcourier.example%2fa",
            "https://courier.example/a",
        ),
        ("https://courier.example/a?utm_source=x", "https://courier.example/a?utm_source=x"),
    ],
)
def test_a_redirectors_link_gives_way_to_the_publishers(link, publisher):
    assert unwrapped(link) == publisher


@pytest.mark.parametrize(
    "link",
    [
        google(b"AU_yqLMxyz" * 4),
        "https://news.google.com/rss/articles/CBMi" + "A" * 21,
        "https://news.google.com/search?q=x",
    ],
)
def test_a_link_that_holds_no_address_stays(link):
    assert unwrapped(link) == link


def test_a_circle_of_redirectors_ends():
    link = "https://courier.example/"
    for _ in range(7):
        link = "https://www.google.com/url?url=" + link.replace("%", "%25").replace("&", "%26").replace("?", "%3F")
    assert unwrapped(link).startswith("https://")


def test_a_search_feeds_article_is_the_publishers():
    now = datetime(2024, 7, 23, tzinfo=UTC)
    feed = Feed(url="https://news.google.com/rss/search?q=ferry", full_text=True)
    due = DueFeed(
        id=1,
        url=feed.url,
        title="",
        etag=None,
        last_modified=None,
        body_hash=None,
        failures=0,
        first_sight=False,
        last_new=None,
        interval=None,
    )

    def made(title: str, source: str):
        entry = Entry(
            guid="1", url=google(b"\x1ehttps://courier.example/ferry-1\xd2\x01\x00"), title=title, source=source
        )
        return make_articles(ParsedFeed(format="rss", encoding="utf-8", title="", entries=(entry,)), feed, due, now)[0]

    article = made("Ferry - strike ends - The Courier", "The Courier")
    assert (article.title, article.source) == ("Ferry - strike ends", "The Courier")
    assert (article.url, article.canonical_url, article.page) == ("https://courier.example/ferry-1",) * 3
    assert made("Ferry - strike ends", "").title == "Ferry - strike ends"
