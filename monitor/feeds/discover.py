"""Where a site's feeds may be: what its page says, what its links look like, where feeds usually lie.

Beside the article's way: for a person who adds a source. Pure: it names places to look, best first; whether a place is
a feed is found out by reading it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from lxml import html

from monitor.errors import ParseError
from monitor.feeds.markup import one_line
from monitor.feeds.page import page_tree
from monitor.feeds.urls import absolute_url, canonical_url, same_site

__all__ = ["Place", "places_in_page", "places_in_robots", "usual_places"]

_FEED_TYPES = re.compile(
    r"application/(?:(?:rss|atom|rdf)\+xml|feed\+json|rss|atom|x\.atom\+xml|json|xml)|text/(?:rss\+)?xml"
)
_LOOKS = re.compile(
    r"(?:^|[/.?=_-])(?:rss|feeds?|atom|rdf|newsfeed)(?:[/.?=_&-]|\d|$)|\.(?:rss|rdf|atom)(?:$|\?)|feeds\.feedburner\.com",
    re.IGNORECASE,
)
_SAYS = re.compile(r"\b(?:rss|atom feed|web feed|flux rss|newsfeed|лента rss)\b", re.IGNORECASE)
_NO_FEED = re.compile(
    r"\.(?:png|jpe?g|gif|svg|css|js|pdf|zip)(?:$|\?)|feedback|/feed-?me|comments?/feed", re.IGNORECASE
)
_PAGE = re.compile(r"\.(?:html?|php|aspx?)$", re.IGNORECASE)
_MOST = 25
_SITEMAP = re.compile(rb"^\s*sitemap\s*:\s*(\S+)", re.IGNORECASE | re.MULTILINE)
_USUAL = (
    "feed/", "rss.xml", "rss", "feed.xml", "atom.xml", "index.xml", "feed.json", "rss/", "?feed=rss2",
    "feeds/posts/default", "arc/outboundfeeds/rss/?outputType=xml", "index.rdf", "news/rss",
)  # fmt: skip
_USUAL_SITEMAPS = ("news-sitemap.xml", "sitemap-news.xml", "sitemap_news.xml", "googlenews.xml", "sitemap/news.xml")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """An address that may be a feed: the page's own name for it, and how it was found."""

    url: str
    title: str = ""
    found_by: str


def places_in_page(body: bytes, *, content_type: str, url: str) -> tuple[Place, ...]:
    """What a page links as its feeds, then what looks like one; none for what is no page."""
    try:
        tree = page_tree(body, content_type)
    except ParseError:
        return ()
    stated = [
        Place(url=absolute_url(link.get("href") or "", url), title=one_line(link.get("title") or ""), found_by="link")
        for link in tree.iter("link")
        if _is_feed_link(link)
    ]
    named = [
        Place(url=place, title=one_line(str(link.text_content()))[:80], found_by="named in the page")
        for link in tree.iter("a")
        if (place := absolute_url(link.get("href") or "", url)) and _looks_like_feed(place, link)
    ]
    named.sort(key=lambda place: not same_site(place.url, url))
    return _distinct([*stated, *named])[:_MOST]


def places_in_robots(body: bytes, url: str) -> tuple[Place, ...]:
    """The sitemaps that a robots.txt names, those that speak of news first."""
    named = [absolute_url(found.decode("utf-8", "replace"), url) for found in _SITEMAP.findall(body)]
    named.sort(key=lambda place: "news" not in place.lower())
    return _distinct([Place(url=place, found_by="sitemap") for place in named])[:_MOST]


def usual_places(url: str) -> tuple[Place, ...]:
    """Where feeds and news sitemaps lie on most sites: beside the page, and at the site's root."""
    parts = urlsplit(url)
    root = f"{parts.scheme}://{parts.netloc}/"
    folder = parts.path if parts.path.endswith("/") else f"{parts.path}/"
    bases = [root] if folder == "/" or _PAGE.search(parts.path) else [root + folder.lstrip("/"), root]
    usual = [Place(url=base + path, found_by="a usual place") for base in bases for path in _USUAL]
    sitemaps = [Place(url=root + path, found_by="sitemap") for path in _USUAL_SITEMAPS]
    return _distinct([*usual, *sitemaps])


def _is_feed_link(link: html.HtmlElement) -> bool:
    rel = (link.get("rel") or "").lower().split()
    kind = (link.get("type") or "").lower().partition(";")[0].strip()
    href = link.get("href") or ""
    if "feed" in rel:
        return True
    if "alternate" not in rel or not _FEED_TYPES.fullmatch(kind):
        return False
    # WordPress links its data as application/json, and the comments of the page as a feed.
    return not (_NO_FEED.search(href) or (kind == "application/json" and "/wp-json/" in href) or "oembed" in href)


def _looks_like_feed(place: str, link: html.HtmlElement) -> bool:
    if _NO_FEED.search(place):
        return False
    return bool(_LOOKS.search(place.partition("://")[2]) or _SAYS.search(str(link.text_content())[:80]))


def _distinct(places: list[Place]) -> tuple[Place, ...]:
    known: dict[str, Place] = {}
    for place in places:
        if place.url:
            # Not canonical: "?feed=rss2" is what makes this one a feed.
            known.setdefault(place.url.rstrip("/") if canonical_url(place.url) else place.url, place)
    return tuple(known.values())
