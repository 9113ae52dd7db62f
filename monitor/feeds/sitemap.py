"""News sitemaps: the list of a site's articles of the last two days that search engines are given.

On the article's way: beside the XML reader, with the same outcome. By the rules of the format
(https://www.sitemaps.org/protocol.html with the namespace sitemap-news/0.9) an entry has an address, a title, a date
and the publication's name and language, and no text. Pages of the list that are not news are no entries.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import cast

from lxml import etree

from monitor.errors import ParseError
from monitor.feeds.dates import understand_date
from monitor.feeds.document import without_doctype
from monitor.feeds.languages import language_code
from monitor.feeds.markup import html_to_text, looks_like_html, one_line
from monitor.feeds.problems import odd_dates, too_many
from monitor.feeds.urls import absolute_url
from monitor.model import Entry, ParsedFeed

__all__ = ["looks_like_sitemap", "read_sitemap", "sitemap_places"]

_START = re.compile(
    r"\A\ufeff?\s*(?:(?><\?.*?\?>|<!--.*?-->|<!DOCTYPE[^<>\[]*>)\s*)*+<(?:[A-Za-z][\w.-]*:)?(?:urlset|sitemapindex)[\s/>]",
    re.DOTALL,
)
_NEWS = "google.com/schemas/sitemap-news/"


def looks_like_sitemap(text: str) -> bool:
    """Whether a decoded body is a sitemap or an index of some, by its first element."""
    return _START.match(text) is not None


def read_sitemap(text: str, *, encoding: str, url: str, max_entries: int, problems: tuple[str, ...]) -> ParsedFeed:
    """The news in a sitemap.

    Raises:
        ParseError: it is an index of sitemaps, or names pages without saying what is news.
    """
    root = _root(text)
    if _local(root) == "sitemapindex":
        raise ParseError("this is an index of sitemaps, not a feed; one of those that it names may hold news")
    pages = [page for page in root if _local(page) == "url"]
    items = [(page, news) for page in pages if (news := _child(page, "news")) is not None]
    if not items and (pages or not _declares_news(root)):
        raise ParseError("this is a sitemap, not a feed: it names pages and says of none that it is news")
    entries = tuple(_entry(page, news, url) for page, news in items[:max_entries])
    said = [*problems, *((too_many(max_entries),) if len(items) > max_entries else ())]
    names = {entry.source for entry in entries}
    languages = {entry.language for entry in entries}
    return ParsedFeed(
        format="sitemap",
        encoding=encoding,
        title=names.pop() if len(names) == 1 else "",
        entries=entries,
        language=languages.pop() if len(languages) == 1 else None,
        problems=(*said, *odd_dates(entries)),
    )


def sitemap_places(text: str) -> tuple[tuple[str, bool], ...]:
    """The sitemaps that an index names, each with whether its name speaks of news; none for what is no index."""
    if not looks_like_sitemap(text) or _local(root := _root(text)) != "sitemapindex":
        return ()
    places = [_words(page, "loc") for page in root if _local(page) == "sitemap"]
    return tuple((place, "news" in place.lower()) for place in places if place)


def _entry(page: etree._Element, news: etree._Element, url: str) -> Entry:
    publication = _child(news, "publication")
    title = _words(news, "title")
    raw = _words(news, "publication_date") or _words(page, "lastmod")
    return Entry(
        url=absolute_url(_words(page, "loc"), url),
        title=one_line(html_to_text(title) if looks_like_html(title) else title),
        published=understand_date(raw),
        published_raw=raw,
        language=None if publication is None else language_code(_words(publication, "language")),
        source="" if publication is None else _words(publication, "name"),
    )


def _root(text: str) -> etree._Element:
    """The first element, which is there: ``looks_like_sitemap`` has seen it; what can't be read of it is left out."""
    safe, _ = without_doctype(text)
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, recover=True, remove_comments=True
    )
    return etree.fromstring(safe.encode(), parser)


def _declares_news(root: etree._Element) -> bool:
    return any(_NEWS in str(space) for space in root.nsmap.values())


def _children(element: etree._Element) -> Iterator[etree._Element]:
    return (child for child in element if isinstance(cast("object", child.tag), str))


def _child(element: etree._Element, name: str) -> etree._Element | None:
    return next((child for child in _children(element) if _local(child) == name), None)


def _words(element: etree._Element, name: str) -> str:
    child = _child(element, name)
    return "" if child is None else one_line("".join(str(piece) for piece in child.itertext()))


def _local(element: etree._Element) -> str:
    tag = element.tag
    return tag.rpartition("}")[2].rpartition(":")[2].lower() if isinstance(cast("object", tag), str) else ""
