"""A feed's bytes read into entries: RSS 0.9x-2.0, Atom, RDF, JSON Feed and news sitemaps.

On the article's way: after the fetch, before entries get their identity. The bytes are decoded first. A well-formed
document is read by the rules of its format; all others go to feedparser, which forgives more broken XML than any other
reader: it sees only a document made safe, in clean UTF-8, from memory, and neither sanitises nor resolves. All text
leaves here without markup. Decides nothing about what is new.
"""

from __future__ import annotations

import io
import re
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import feedparser

from monitor.errors import ParseError
from monitor.feeds.asks import read_asks
from monitor.feeds.dates import puts_month_first, understand_date
from monitor.feeds.document import Prepared, prepare
from monitor.feeds.encoding import decode, unmangled
from monitor.feeds.jsonfeed import looks_like_json, read_json
from monitor.feeds.languages import language_code
from monitor.feeds.links import hrefs, links_out
from monitor.feeds.markup import first_words, html_to_text, looks_like_html, one_line, plain_lines
from monitor.feeds.problems import odd_dates, too_many
from monitor.feeds.sitemap import looks_like_sitemap, read_sitemap
from monitor.feeds.urls import absolute_url
from monitor.feeds.wellformed import read_well_formed
from monitor.model import Entry, ParsedFeed

__all__ = ["parse_feed"]

_ROOT_FORMATS = {"feed": "atom", "rdf": "rdf"}
_HTML_TYPES = frozenset({"text/html", "application/xhtml+xml", "html", "xhtml"})
_PLAIN_TYPES = frozenset({"text/plain", "text", ""})
# feedparser takes any text that could be UTF-8 read as Latin-1 for that, and "é" with a no-break space for Chinese. It
# can't where the second half of Latin-1's signs is not to be seen; they wait in the private use area meanwhile.
_HIDE = {0xA0 + n: 0xE0A0 + n for n in range(0x20)}
_SHOW = {there: here for here, there in _HIDE.items()}
_HIDDEN = re.compile("[\ue0a0-\ue0bf]")
_MAIL = re.compile(r"[<(]?(?:mailto:)?[\w.+-]+@[\w.-]+[>)]?")
_GZIP = b"\x1f\x8b"
_MOST_UNPACKED = 50_000_000
_LONGEST_NAME = 300
_DATES = ("published", "updated", "created", "date", "prism_publicationdate")


def parse_feed(body: bytes, *, content_type: str, url: str, max_entries: int = 5000, quick: bool = True) -> ParsedFeed:
    """Read a feed document.

    Args:
        body: the document as fetched, decompressed.
        content_type: the HTTP Content-Type, "" when there is none; only its charset counts.
        url: where the document came from: relative links are resolved against it.
        max_entries: further entries are not read; a problem says so.
        quick: read a well-formed document by the rules of its format alone; both ways come to the same.

    Returns:
        The feed with its entries in document order, all text plain. ``problems`` says what was wrong but read anyhow.

    Raises:
        ParseError: these bytes hold no feed; the message says what they are.
    """
    if not body:
        raise ParseError("the answer is empty: 0 bytes")
    if body.startswith(_GZIP):
        body = _unpacked(body)
    decoded = decode(body, content_type=content_type)
    if looks_like_json(decoded.text):
        return read_json(
            decoded.text, encoding=decoded.encoding, url=url, max_entries=max_entries, problems=decoded.problems
        )
    if looks_like_sitemap(decoded.text):
        return read_sitemap(
            decoded.text, encoding=decoded.encoding, url=url, max_entries=max_entries, problems=decoded.problems
        )
    read = (quick and _quickly(decoded.text, max_entries)) or _patiently(decoded.text, max_entries)
    site = absolute_url(_string(read.feed.get("link")), url)
    # RSS says nothing of relative links; its readers take the site's address. Atom's base is the document (RFC 4287).
    bases = (url,) if read.kind == "atom" else (site, url)
    language = language_code(read.feed.get("language"))
    made = tuple(_entry(item, kind=read.kind, bases=bases, language=language) for item in read.items)
    entries = _in_one_order(made)
    return ParsedFeed(
        format=read.kind,
        encoding=decoded.encoding,
        title=_title(read.feed, read.kind),
        entries=entries,
        language=language,
        site=site,
        asks=read_asks(decoded.text, url),
        problems=(*decoded.problems, *read.problems, *odd_dates(entries)),
    )


def _unpacked(body: bytes) -> bytes:
    """A document that was stored compressed ("news.xml.gz"), which HTTP knows nothing of.

    Raises:
        ParseError: it can't be unpacked, or is far larger than any feed.
    """
    engine = zlib.decompressobj(16 + zlib.MAX_WBITS)
    try:
        unpacked = engine.decompress(body, _MOST_UNPACKED)
    except zlib.error as error:
        raise ParseError("this is a compressed file that can't be unpacked") from error
    if engine.unconsumed_tail:
        raise ParseError(f"this is a compressed file of more than {_MOST_UNPACKED:,} bytes, which no feed is")
    return unpacked


@dataclass(frozen=True, slots=True, kw_only=True)
class _Read:
    """A document taken apart by one of the two readers, in feedparser's shapes."""

    kind: str
    feed: Mapping[str, Any]
    items: Sequence[dict[str, Any]]
    problems: tuple[str, ...]


def _quickly(text: str, max_entries: int) -> _Read | None:
    """The document by the rules of its format; None when it breaks them."""
    found = read_well_formed(text, max_entries=max_entries)
    if found is None:
        return None
    problems = (too_many(max_entries),) if found.more else ()
    return _Read(kind=found.kind, feed=found.feed, items=found.entries, problems=problems)


def _patiently(text: str, max_entries: int) -> _Read:
    """Any document, made safe and whole, through feedparser."""
    prepared = prepare(text, max_entries=max_entries)
    result = _parsed(prepared)
    problems = list(prepared.problems)
    if result["bozo"]:
        problems.append(
            f"its XML is broken ({one_line(str(result.get('bozo_exception')))}); what could be read was read"
        )
    return _Read(
        kind=_ROOT_FORMATS.get(prepared.root, "rss"),
        feed=result["feed"],
        items=result["entries"][:max_entries],
        problems=tuple(problems),
    )


def _parsed(prepared: Prepared) -> Mapping[str, Any]:
    """The document through feedparser. From a stream: bytes or a string could be taken for the name of a file."""
    result: Mapping[str, Any] = feedparser.parse(
        io.BytesIO(prepared.xml.translate(_HIDE).encode("utf-8")),
        response_headers={"content-type": "application/xml; charset=utf-8"},
        resolve_relative_uris=False,
        sanitize_html=False,
    )
    return result


def _entry(item: dict[str, Any], *, kind: str, bases: tuple[str, ...], language: str | None) -> Entry:
    texts = [*_texts(item)]
    text = _longest(texts) or _plain(_string(item.get("media_description_")) or _string(item.get("subtitle")), "")
    raw, published = _date(item)
    url = _link(item, bases)
    source = item.get("source")
    return Entry(
        guid=_string(item.get("id")).strip(),
        url=url,
        title=_title(item, kind) or _other_title(item) or first_words(text),
        text=text,
        author=_author(item),
        published=published,
        published_raw=raw,
        language=_own_language(item) or language,
        source=one_line(_string(source.get("title"))) if isinstance(source, Mapping) else "",
        links=links_out((link for value, _ in texts for link in hrefs(value)), url, *bases),
    )


def _in_one_order(entries: tuple[Entry, ...]) -> tuple[Entry, ...]:
    """The entries with their dates read in the order of day and month that the feed keeps to."""
    if not puts_month_first(entry.published_raw for entry in entries):
        return entries
    return tuple(replace(entry, published=understand_date(entry.published_raw, month_first=True)) for entry in entries)


def _date(item: dict[str, Any]) -> tuple[str, datetime | None]:
    """The first date that can be understood, as written and as understood; else the first one written."""
    first = ""
    for name in _DATES:
        # dict.get, because feedparser's own answers "updated" with "published" under a warning.
        raw = _string(dict.get(item, name)).strip()
        if raw and (understood := understand_date(raw)) is not None:
            return raw, understood
        first = first or raw
    return first, None


def _other_title(item: Mapping[str, Any]) -> str:
    """The title that a podcast or a film has where its entry has none."""
    given = _string(item.get("itunes_title")) or _string(item.get("media_title_"))
    return one_line(html_to_text(given) if looks_like_html(given) else given)


def _texts(item: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Every text that may be the article's, with its media type ("" when the feed's format leaves it open)."""
    for part in item.get("content") or ():
        yield _string(part.get("value")), _string(part.get("type"))
    summary = _string(item.get("summary"))
    if summary:
        yield summary, _type(item, "summary_detail")


def _longest(texts: Iterable[tuple[str, str]]) -> str:
    """The longest of these without their markup; of two that are as long, the one with paragraphs."""
    longest = ""
    for value, media_type in sorted(texts, key=lambda one: len(one[0]), reverse=True):
        if len(value) < len(longest):  # no text grows when its markup goes
            break
        plain = _plain(value, media_type)
        longest = max(longest, plain, key=lambda one: (len(one), one.count("\n"), one))
    return longest


def _plain(value: str, media_type: str) -> str:
    """A text without its markup, one paragraph a line."""
    if media_type in _HTML_TYPES:
        return html_to_text(value)
    if media_type not in _PLAIN_TYPES:
        return ""  # an attachment (an image in base64), no words
    # Many feeds write markup into a body that the format takes for plain. A body is no place for a lone "</p>".
    return html_to_text(value) if looks_like_html(value) else plain_lines(value)


def _title(holder: Mapping[str, Any], kind: str) -> str:
    value = _string(holder.get("title"))
    media_type = _type(holder, "title_detail")
    # Atom says what a title is, and plain means plain there ("Using <b>"). RSS leaves it open.
    markup = media_type in _HTML_TYPES or (kind != "atom" and looks_like_html(value))
    return one_line(html_to_text(value) if markup else value)


def _type(holder: Mapping[str, Any], name: str) -> str:
    detail = holder.get(name)
    return _string(detail.get("type")) if isinstance(detail, Mapping) else ""


def _link(item: Mapping[str, Any], bases: tuple[str, ...]) -> str:
    """The entry's own page: the publisher's link behind a feed service's, the alternate link, or a guid that is one."""
    given = [_string(item.get("feedburner_origlink"))]
    links = [link for link in item.get("links") or () if link.get("rel") == "alternate"]
    links.sort(key=lambda link: link.get("type") not in _HTML_TYPES)
    given += [_string(link.get("href")) for link in links]
    for link in given:
        if found := absolute_url(link, *bases):
            return found
    # A guid is the link unless it says isPermaLink="false" (feedparser has it as the link already). Only a whole URL is
    # one: "12345" isn't. An entry whose text lies elsewhere has that address, an
    # episode or a film without a page that of its file.
    whole = [item.get("link"), item.get("permalink")]
    whole += [part.get("src") for part in item.get("content") or ()]
    whole += [link.get("href") for link in item.get("links") or () if link.get("rel") == "enclosure"]
    whole += [part.get("url") for part in item.get("media_content") or ()]
    return next((found for link in whole if (found := absolute_url(_string(link)))), "")


def _author(item: Mapping[str, Any]) -> str:
    people = [_string(person.get("name")) for person in item.get("authors") or ()]
    # Of one author feedparser keeps the words as given; what it takes for the name in them is not always that.
    given = people if len(people) > 1 else [_string(item.get("author"))]
    return ", ".join(dict.fromkeys(name for person in given if (name := _person(person))))


def _person(given: str) -> str:
    """The name in "mail@example.org (Name)", "Name <mail@example.org>" or a plain name; else the address."""
    given = given[:_LONGEST_NAME]
    plain = one_line(html_to_text(given) if looks_like_html(given) else given)
    name, found = _MAIL.subn(" ", plain) if "@" in plain else (plain, 0)
    name = one_line(name)
    if found and name.startswith("(") and name.endswith(")"):
        name = name[1:-1].strip()
    return name or plain


def _own_language(item: Mapping[str, Any]) -> str | None:
    """dc:language, or the xml:lang that stood around the title or the text."""
    stated = [item.get("language")]
    for name in ("title_detail", "summary_detail"):
        detail = item.get(name)
        stated.append(detail.get("language") if isinstance(detail, Mapping) else None)
    return next((code for tag in stated if (code := language_code(tag))), None)


def _string(value: object) -> str:
    """Feedparser keeps an element that carries unknown attributes as a mapping, where a string is due."""
    if not isinstance(value, str):
        return ""
    return value if value.isascii() else unmangled(value.translate(_SHOW) if _HIDDEN.search(value) else value)
