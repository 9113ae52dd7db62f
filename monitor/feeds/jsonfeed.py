"""JSON Feed, versions 1 and 1.1 (https://www.jsonfeed.org/version/1.1/).

On the article's way: beside the XML reader, with the same outcome. Feeds made by hand hold numbers where the format
asks for strings, null where it asks for nothing: what can be read is read, what can't is as if it weren't there.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from monitor.errors import ParseError
from monitor.feeds.asks import json_asks
from monitor.feeds.dates import understand_date
from monitor.feeds.languages import language_code
from monitor.feeds.links import hrefs, links_out
from monitor.feeds.markup import first_words, html_to_text, looks_like_html, one_line, plain_lines
from monitor.feeds.problems import odd_dates, too_many
from monitor.feeds.urls import absolute_url
from monitor.model import Entry, ParsedFeed

__all__ = ["looks_like_json", "read_json"]

_SURROGATE = re.compile("[\ud800-\udfff\x00]")


def looks_like_json(text: str) -> bool:
    """Whether a decoded body is JSON rather than XML, by its first character."""
    return text[:64].lstrip()[:1] in {"{", "["}


def read_json(text: str, *, encoding: str, url: str, max_entries: int, problems: tuple[str, ...]) -> ParsedFeed:
    """The feed in a JSON text.

    Raises:
        ParseError: it is no JSON, or JSON of another kind.
    """
    try:
        # Numbers stay as written: one of five thousand digits is refused by int(), and an id is compared, not counted.
        feed = json.loads(text, strict=False, parse_int=str)
    except RecursionError as error:
        raise ParseError("its JSON is nested deeper than any feed is") from error
    except ValueError as error:
        raise ParseError(f"this is no feed: it looks like JSON and is broken ({error})") from error
    if not isinstance(feed, dict) or not isinstance(feed.get("items"), list):
        raise ParseError('this is JSON but no JSON Feed: it has no list of "items"')
    items: list[object] = feed["items"]
    said = list(problems)
    if len(items) > max_entries:
        said.append(too_many(max_entries))
        items = items[:max_entries]
    site = absolute_url(_text(feed, "home_page_url"), url)
    language = language_code(feed.get("language"))
    entries = tuple(_entry(item, feed, (site, url), language) for item in items if isinstance(item, dict))
    if len(entries) < len(items):
        said.append(f"{len(items) - len(entries)} of its items are no entries and were left out")
    return ParsedFeed(
        format="json",
        encoding=encoding,
        title=one_line(_text(feed, "title")),
        entries=entries,
        language=language,
        site=site,
        asks=json_asks(feed, url),
        problems=(*said, *odd_dates(entries)),
    )


def _entry(
    item: Mapping[str, object], feed: Mapping[str, object], bases: tuple[str, ...], language: str | None
) -> Entry:
    markup = _text(item, "content_html")
    texts = [
        html_to_text(markup),
        _unmarked(_text(item, "content_text")),
        _unmarked(_text(item, "summary")),
    ]
    text = max(texts, key=len)
    url = _address(item, bases)
    raw = _text(item, "date_published") or _text(item, "date_modified")
    return Entry(
        guid=_text(item, "id").strip(),
        url=url,
        title=one_line(_unmarked(_text(item, "title"))) or first_words(text),
        text=text,
        author=_author(item) or _author(feed),
        published=understand_date(raw),
        published_raw=raw,
        language=language_code(item.get("language")) or language,
        links=links_out(hrefs(markup), url, *bases),
    )


def _address(item: Mapping[str, object], bases: tuple[str, ...]) -> str:
    """The entry's own page, else the one that it is about, else the file that it consists of."""
    attached = item.get("attachments")
    files = [_text(one, "url") for one in attached if isinstance(one, dict)] if isinstance(attached, list) else []
    given = (_text(item, "url"), _text(item, "external_url"), *files)
    return next((found for link in given if (found := absolute_url(link, *bases))), "")


def _author(holder: Mapping[str, object]) -> str:
    """1.1 has a list of authors, 1 had one."""
    authors = holder.get("authors")
    people = authors if isinstance(authors, list) else [holder.get("author")]
    names = [one_line(_text(one, "name")) if isinstance(one, dict) else "" for one in people]
    return ", ".join(name for name in names if name)


def _text(holder: Mapping[str, object], key: str) -> str:
    value = holder.get(key)
    # An id or a title may be a whole number, which reading left as text; true and 1.0 are no words.
    return _SURROGATE.sub("", value) if isinstance(value, str) else ""


def _unmarked(text: str) -> str:
    """A text that the format calls plain, without the markup that publishing systems leave in it."""
    return html_to_text(text) if looks_like_html(text) else plain_lines(text)
