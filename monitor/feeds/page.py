"""An article's text out of its web page, and what makes one doubt it.

On the article's way: after the page of a summary was fetched, before the article is matched by its whole text. Runs in
a worker process, for pages are hostile and large. The text that the page hands to search engines (JSON-LD
``articleBody``) is taken where it is whole, else what trafilatura finds; then the page's furniture goes. Pages that
show something else than the article (a consent form, a wall to pay at, an error, a door-keeper) are said to.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from lxml import etree, html

from monitor.errors import ParseError
from monitor.feeds.dates import understand_date
from monitor.feeds.encoding import decode
from monitor.feeds.languages import language_code
from monitor.feeds.links import links_out
from monitor.feeds.markup import html_to_text, one_line, plain_lines
from monitor.feeds.urls import absolute_url, canonical_url, same_site
from monitor.feeds.walls import page_doubts, without_furniture
from monitor.model import ParsedPage

__all__ = ["extract_page", "page_tree"]

_CHARSET = re.compile(rb"""<meta[^>]{1,200}?charset\s*=\s*["']?\s*([\w.:-]{2,40})""", re.IGNORECASE)
_HEAD = 4096
_ARTICLE_TYPES = re.compile(r"(?:\w*Article|BlogPosting|LiveBlogPosting|Report|Review)")
_WHOLE = 250  # characters: a shorter body is a teaser
_AGREES = 0.6  # of the words found in the page: the rest is furniture
_ALL = 0.8  # of their length
_CUT_OFF = re.compile(r"(?:…|\.\.\.|\[\s*(?:…|\.\.\.)\s*\])\W*\Z")
_WORD = re.compile(r"\w+")
_SUFFIX = re.compile(r"\s+[|–—·•»-]\s+[^|–—·•»]{2,40}\Z")
_MOST_TAGS = 40_000  # to find the article among them takes time that grows with their square
# What stands within a line of text.
_INLINE = frozenset({"a", "abbr", "b", "cite", "em", "font", "i", "mark", "q", "small", "span", "strong", "u"})
_MOST_NODES = 20_000  # of JSON-LD


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stated:
    """What a page says of itself for search engines and social networks."""

    title: str = ""
    body: str = ""
    language: str | None = None
    published: datetime | None = None
    paid: bool = False


def extract_page(body: bytes, *, content_type: str, url: str) -> ParsedPage:
    """The article in a web page.

    Args:
        body: the page as fetched, decompressed.
        content_type: the HTTP Content-Type, "" when there is none.
        url: where the page came from after redirects: relative links are resolved against it.

    Raises:
        ParseError: it is no page; the message says what it is.
    """
    if not body.strip():
        raise ParseError("the answer is empty: 0 bytes")
    if body.startswith((b"%PDF-", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"PK\x03\x04", b"\x1f\x8b")):
        raise ParseError("this is a file (a document, a picture), not a web page")
    text = _decoded(body, content_type)
    if text.count("<") > _MOST_TAGS:
        raise ParseError(f"this page holds more than {_MOST_TAGS:,} tags, which no article needs")
    tree = _tree(text)
    stated = _stated(tree)
    found = _found(text)
    chosen = stated.body if _is_whole(stated.body, found) else found
    title = stated.title or _title(tree)
    lines = without_furniture(plain_lines(chosen), title=title)
    canonical, doubt = _canonical(tree, url)
    walls, usable = page_doubts(title=title, text=lines, visible=_visible(tree), paid=stated.paid, url=url)
    return ParsedPage(
        title=title,
        text=lines,
        language=stated.language or language_code(tree.get("lang")) or language_code(_meta(tree, "og:locale")),
        canonical_url=canonical,
        published=stated.published or understand_date(_meta(tree, "article:published_time")),
        doubts=(*walls, *((doubt,) if doubt else ())),
        usable=usable,
        links=links_out(_links(tree, lines), url, canonical),
    )


def page_tree(body: bytes, content_type: str) -> html.HtmlElement:
    """A page's elements.

    Raises:
        ParseError: it holds no HTML.
    """
    return _tree(_decoded(body, content_type))


def _decoded(body: bytes, content_type: str) -> str:
    if "charset" not in content_type.lower() and (named := _CHARSET.search(body[:_HEAD])):
        content_type = f"text/html; charset={named[1].decode('ascii')}"
    return decode(body, content_type=content_type).text.replace("\x00", "")


def _tree(text: str) -> html.HtmlElement:
    parser = html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, no_network=True, huge_tree=False)
    try:
        tree = html.document_fromstring(text.encode("utf-8", "replace"), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError) as error:
        raise ParseError("this is no web page: it holds no HTML") from error
    assert isinstance(tree, html.HtmlElement)
    return tree


def _found(text: str) -> str:
    """What trafilatura takes for the article."""
    # Half a second and forty megabytes to load, for a part of the feeds only.
    import trafilatura  # noqa: PLC0415

    return trafilatura.extract(text, fast=True, include_comments=False, include_tables=True) or ""


def _is_whole(body: str, found: str) -> bool:
    """Whether the body that a page states is all of the article, by what was found in the page itself."""
    if len(body) < _WHOLE or _CUT_OFF.search(body):
        return False
    ours = set(_WORD.findall(body.casefold()))
    theirs = _WORD.findall(found.casefold())
    return sum(word in ours for word in theirs) >= _AGREES * len(theirs) and len(body) >= _ALL * len(found)


def _stated(tree: html.HtmlElement) -> _Stated:
    """The longest article that the page's JSON-LD describes."""
    best = _Stated()
    paid = False
    for node in _json_nodes(tree):
        kinds = node.get("@type")
        names = kinds if isinstance(kinds, list) else [kinds]
        paid = paid or str(node.get("isAccessibleForFree")).lower() == "false"
        if not any(isinstance(name, str) and _ARTICLE_TYPES.fullmatch(name) for name in names):
            continue
        body = _string(node.get("articleBody"))
        one = _Stated(
            title=one_line(html_to_text(_string(node.get("headline")))),
            body=html_to_text(body) if "<" in body or "&" in body else plain_lines(body),
            language=language_code(node.get("inLanguage")),
            published=understand_date(_string(node.get("datePublished"))),
        )
        if not best.title or len(one.body) > len(best.body):
            best = one
    paid = paid or _meta(tree, "article:content_tier").lower() in {"locked", "metered", "paid"}
    return _Stated(title=best.title, body=best.body, language=best.language, published=best.published, paid=paid)


def _json_nodes(tree: html.HtmlElement) -> Iterator[Mapping[str, Any]]:
    waiting: list[object] = []
    for script in tree.iter("script"):
        if "ld+json" in (script.get("type") or "").lower() and script.text:
            try:
                waiting.append(json.loads(script.text.strip().strip(";"), strict=False))
            except (ValueError, RecursionError):
                continue
    for _ in range(_MOST_NODES):
        if not waiting:
            return
        node = waiting.pop(0)
        if isinstance(node, list):
            waiting += node
        elif isinstance(node, dict):
            yield node
            waiting += [value for value in node.values() if isinstance(value, (dict, list))]


def _title(tree: html.HtmlElement) -> str:
    given = _meta(tree, "og:title") or _meta(tree, "twitter:title")
    heads = [one_line(str(head.text_content())) for head in tree.iter("h1")]
    if not given and len([head for head in heads if head]) == 1:
        return next(head for head in heads if head)
    if not given:
        element = tree.find(".//title")
        given = "" if element is None else one_line(str(element.text_content()))
    # "Headline | Outlet": the headline alone, where the page prints it.
    short = _SUFFIX.sub("", given)
    return short if short in heads else given


def _meta(tree: html.HtmlElement, name: str) -> str:
    for element in tree.iter("meta"):
        if name in {(element.get("property") or "").lower(), (element.get("name") or "").lower()}:
            return one_line(element.get("content") or "")
    return ""


def _canonical(tree: html.HtmlElement, url: str) -> tuple[str, str]:
    """The page's own word for its address, canonical; and why that word was not taken ("" when it was)."""
    given = [
        link.get("href") or "" for link in tree.iter("link") if "canonical" in (link.get("rel") or "").lower().split()
    ]
    doubt = ""
    for place in (*given, _meta(tree, "og:url")):
        address = canonical_url(absolute_url(place, url))
        if not address:
            continue
        if not same_site(address, url):
            doubt = doubt or "its canonical link leads to another site; it was not taken"
        elif not urlsplit(address).path.strip("/") and "?" not in address:
            doubt = doubt or "its canonical link leads to the front page; it was not taken"
        else:
            return address, ""
    return canonical_url(url), doubt


def _visible(tree: html.HtmlElement) -> str:
    """The words that a reader sees, of the whole page; enough of them to know a wall by."""
    body = tree.find(".//body")
    parts: list[str] = []
    size = 0
    for element in (tree if body is None else body).iter():
        if not isinstance(element.tag, str) or element.tag in {"script", "style", "noscript", "template", "svg"}:
            parts.append(element.tail or "")
            continue
        parts += [element.text or "", element.tail or ""]
        size += len(parts[-1]) + len(parts[-2])
        if size > 20_000:
            break
    return one_line(" ".join(parts))


def _links(tree: html.HtmlElement, lines: str) -> Iterator[str]:
    """The whole addresses that the article's own lines link to, and not what stands around them."""
    ours = set(lines.split("\n"))
    told: dict[html.HtmlElement, bool] = {}  # a line may hold thousands of links
    for link in tree.iter("a"):
        address = link.get("href") or ""
        if not address.startswith(("http:", "https:")):
            continue
        line = _line_around(link)
        if line not in told:
            told[line] = one_line(line.text_content()) in ours
        if told[line]:
            yield address


def _line_around(element: html.HtmlElement) -> html.HtmlElement:
    """The paragraph, or list item, that an element is part of."""
    while element.tag in _INLINE and (above := element.getparent()) is not None:
        element = above
    return element


def _string(value: object) -> str:
    return value if isinstance(value, str) else ""
