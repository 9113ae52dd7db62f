"""Recorded feeds of real sites: every entry is found, and no headline is rubbish.

The second look counts elements with another reader (libxml2, recovering), which shares nothing with ours.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from lxml import etree

from monitor.feeds import identify, parse_feed
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
