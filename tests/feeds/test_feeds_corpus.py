"""Recorded feeds of real sites: every entry is found, with its title and its date, and no headline is rubbish.

The second opinion shares nothing with our readers: elements by regular expressions and a recovering parser, titles
through the HTML parser of the standard library, dates through email.utils and dateutil.
"""

from __future__ import annotations

import html
import json
import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from html.parser import HTMLParser
from pathlib import Path

import pytest
from dateutil import parser as dateutil
from lxml import etree

from monitor.feeds import identify, parse_feed
from monitor.feeds.encoding import decode
from monitor.feeds.wellformed import read_well_formed
from monitor.model import ParsedFeed

pytestmark = pytest.mark.corpus

# Where the counts differ, and why.
DIFFERENCES = {
    "blogs/7ef13a42fa7e177a.xml": "elements under an undeclared prefix and unquoted attributes: not XML for another reader",
}


@pytest.fixture(scope="module")
def recorded(corpus: Path) -> dict[str, tuple[bytes, str, ParsedFeed]]:
    """Every recorded feed by file: its bytes, its address, and what was read."""
    folder = corpus / "corpus" / "feeds"
    rows = json.loads((folder / "index.json").read_text(encoding="utf-8"))
    bodies = {row["file"]: ((folder / row["file"]).read_bytes(), row["url"]) for row in rows}
    return {
        file: (body, url, parse_feed(body, content_type="application/xml", url=url))
        for file, (body, url) in bodies.items()
    }


def second_count(body: bytes) -> int:
    root = etree.fromstring(body.lstrip(), etree.XMLParser(recover=True, huge_tree=True, resolve_entities=False))
    return sum(1 for element in root.iter("{*}item", "{*}entry") if etree.QName(element).namespace in _FEED_SPACES)


_FEED_SPACES = {None, "http://www.w3.org/2005/Atom", "http://purl.org/rss/1.0/", "http://backend.userland.com/rss2"}


def test_every_entry_is_found(recorded):
    counts = {file: (len(parsed.entries), second_count(body)) for file, (body, _, parsed) in recorded.items()}
    assert len(counts) >= 80
    assert {file for file, (ours, theirs) in counts.items() if ours != theirs} == set(DIFFERENCES)
    assert all(counts[file][0] > counts[file][1] for file in DIFFERENCES)


def test_no_headline_is_rubbish(recorded):
    """No lost characters, no doubly encoded ones, no markup, no references."""
    rubbish = re.compile(r"�|Ã[\x80-\xbf©¨]|â€|Ð[\x80-\xbf°]|</?[a-z]+[ >/]|&(?:#\d+|[a-z]+);")
    entries = [entry for _, _, parsed in recorded.values() for entry in parsed.entries]
    titles = [entry.title for entry in entries]
    assert [title for title in titles if rubbish.search(title)] == []
    assert all(entry.title for entry in entries if entry.text)


def test_every_entry_has_a_link_and_nearly_all_have_a_date(recorded):
    entries = [entry for _, _, parsed in recorded.values() for entry in parsed.entries]
    assert all(entry.url for entry in entries)
    undated = {entry.published_raw for entry in entries if entry.published is None}
    assert undated <= {"Mon, 01 Jan 0001 00:00:00 +0000"}  # a generator's "no date"


def test_entries_are_one_only_when_they_are_printed_twice(recorded):
    for file, (_, url, parsed) in recorded.items():
        keys = [key for key, _ in identify(parsed.entries, url=url)]
        assert len(set(keys)) == len(set(parsed.entries)), file


@pytest.mark.parametrize(
    ("file", "encoding", "language", "script"),
    [
        ("news/oren-ru-windows-1251.xml", "cp1251", None, r"[А-Яа-яЁё]"),
        ("news/bbc-urdu-2018.xml", "utf-8", "ur", r"[\u0600-\u06ff]"),
        ("news/bbc-chinese-2013.xml", "utf-8", None, r"[\u4e00-\u9fff]"),
        ("news/uol-noticias.xml", "cp1252", None, r"[a-zà-ú]"),
    ],
)
def test_feeds_in_other_scripts_come_out_in_them(recorded, file, encoding, language, script):
    _, _, parsed = recorded[file]
    assert (parsed.encoding, parsed.language) == (encoding, language)
    assert all(len(re.findall(script, entry.title)) >= len(entry.title) / 2 for entry in parsed.entries)


ITEM = re.compile(r"<(item|entry)[\s>](?:(?!</\1>).)*</\1>", re.DOTALL)
# A picture's title in an item is not the item's.
PICTURE = re.compile(r"<(media:content|media:group|image|source)\b[^>]*(?<!/)>.*?</\1>", re.DOTALL)
TITLE = re.compile(r"<title([^>]*)>(.*?)</title>", re.DOTALL)
DATES = (
    re.compile(r"<(?:pubDate|published|issued|dc:issued)[^>]*>(.+?)</", re.DOTALL),
    re.compile(r"<(?:updated|modified|dc:date)[^>]*>(.+?)</", re.DOTALL),
)
PORTUGUESE = {"Fev": "Feb", "Abr": "Apr", "Mai": "May", "Ago": "Aug", "Set": "Sep", "Out": "Oct", "Dez": "Dec"}


class Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []

    def handle_data(self, data: str) -> None:
        self.found.append(data)


def second_title(item: str) -> str:
    found = TITLE.search(PICTURE.sub("", item))
    if found is None:
        return ""
    attributes, inner = found.groups()
    literal = inner.strip().startswith("<![CDATA[")
    value = re.sub(r"<!\[CDATA\[(.*?)\]\]>", r"\1", inner, flags=re.DOTALL) if literal else html.unescape(inner)
    plain = 'type="text"' in attributes and "&lt;" in inner
    if not plain and re.search(r"</?[a-z]+[ >/]|&#?\w+;", value):
        words = Words()
        words.feed(value)
        words.close()
        value = "".join(words.found)
    return squeezed(value)


def squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text)


def second_date(item: str) -> datetime | None:
    item = PICTURE.sub("", item)
    raw = next((found[1].strip() for pattern in DATES if (found := pattern.search(item))), "")
    raw = re.sub(r"<!\[CDATA\[(.*?)\]\]>", r"\1", raw).strip()
    if " 0001 " in raw:
        return None
    raw = re.sub(r"^\w+, (\d+) (Fev|Abr|Mai|Ago|Set|Out|Dez)\b", lambda one: f"{one[1]} {PORTUGUESE[one[2]]}", raw)
    try:
        moment = parsedate_to_datetime(raw)
    except (TypeError, ValueError):
        try:
            moment = dateutil.parse(raw)
        except (OverflowError, ValueError):
            return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return moment.astimezone(UTC).replace(microsecond=0) if moment.year > 1970 else None


def second_opinion(body: bytes) -> list[tuple[str, datetime | None]]:
    text = decode(body, content_type="").text.replace("rss:", "")
    return [(second_title(found[0]), second_date(found[0])) for found in ITEM.finditer(text)]


def test_titles_and_dates_agree_with_a_second_opinion(recorded):
    """Where an entry has no title, its first words stand in for one; where it has, both readers see the same."""
    judged = 0
    for file, (body, _, parsed) in recorded.items():
        theirs = second_opinion(body)
        assert len(theirs) == len(parsed.entries), file
        for entry, (title, date) in zip(parsed.entries, theirs, strict=True):
            assert not title or squeezed(entry.title) == title, file
            assert entry.published == date, (file, entry.published_raw)
            judged += 1
    assert judged > 2000


def test_the_quick_reader_agrees_with_the_patient_one(recorded):
    """Id, link, title, text, date and all else of every entry; the patient one may have more to complain about."""
    quick = 0
    for file, (body, url, parsed) in recorded.items():
        patient = parse_feed(body, content_type="application/xml", url=url, quick=False)
        assert parsed.entries == patient.entries, file
        assert (parsed.format, parsed.title, parsed.language, parsed.site, parsed.asks) == (
            patient.format, patient.title, patient.language, patient.site, patient.asks,
        ), file  # fmt: skip
        quick += read_well_formed(decode(body, content_type="application/xml").text, max_entries=5000) is not None
    assert quick >= 0.9 * len(recorded)
