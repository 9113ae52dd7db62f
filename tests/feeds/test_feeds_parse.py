"""Feeds in, entries out: each fixture beside what must be read from it; and what is said of bytes that are no feed."""

from __future__ import annotations

import json
import time
from contextlib import suppress
from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.errors import ParseError
from monitor.feeds import parse_feed
from monitor.model import ParsedFeed

DATA = Path(__file__).parent / "data"
URL = "https://feeds.example/all.xml"


def read(body: bytes | str, *, content_type: str = "", max_entries: int = 5000) -> ParsedFeed:
    raw = body.encode() if isinstance(body, str) else body
    return parse_feed(raw, content_type=content_type, url=URL, max_entries=max_entries)


def rss(*items: str) -> str:
    return f'<rss version="2.0"><channel><title>T</title>{"".join(items)}</channel></rss>'


def item(inside: str) -> str:
    return f"<item>{inside}</item>"


@pytest.mark.parametrize("name", ["rss20", "atom", "rdf", "jsonfeed"])
@pytest.mark.parametrize(
    "mangle", [lambda b: b, lambda b: b"\xef\xbb\xbf" + b.replace(b"\n", b"\r\n")], ids=["", "win"]
)
def test_every_format_gives_the_entries_written_beside_it(name, mangle):
    """The same values come out of a feed with Unix lines and of one saved on Windows with a byte-order mark."""
    parsed = asdict(read(mangle((DATA / f"{name}.xml").read_bytes())))
    expected = json.loads((DATA / f"{name}.json").read_text(encoding="utf-8"))
    for entry in expected["entries"]:
        entry["links"] = tuple(entry.get("links", ()))
        entry["published"] = datetime.fromisoformat(entry["published"]) if entry["published"] else None
    ttl = expected.pop("ttl")
    parsed["asks"] = parsed["asks"]["ttl"]
    expected["asks"] = timedelta(minutes=ttl) if ttl else None
    parsed["entries"] = list(parsed["entries"])
    parsed["problems"] = list(parsed["problems"])
    assert parsed == expected


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "0 bytes"),
        (b" \n\t ", "nothing but blanks"),
        (b"just a sentence", "no XML and no JSON"),
        (b"<!DOCTYPE html><html><head></head><body>hello</body></html>", "an HTML page, not a feed"),
        (b"<HTML><body><rss></rss></body></HTML>", "an HTML page, not a feed"),
        (b"<!-- a --><div><p>Please log in</p></div>", "first element is <div>"),
        (b"<urlset><url/></urlset>", "a sitemap, not a feed"),
        (b"<opml version='2.0'><body/></opml>", "an OPML list"),
        (b"<config><channel/></config>", "first element is <config>"),
        (b"<rss><channel><title>T</title>", "ends in the middle, before its first entry"),
        (b"<rss><channel><item><title>T", "ends in the middle, before its first entry was whole"),
        (b"<!DOCTYPE rss [ <!ENTITY a 'b'>", "no XML"),
        (b'{"items": [', "is broken"),
        (b'{"version": "x"}', 'no list of "items"'),
        (b"[1, 2]", 'no list of "items"'),
        (b'{"items":' + b"[" * 100_000, "nested deeper"),
    ],
)
def test_what_is_no_feed_is_named_in_words(body, said):
    with pytest.raises(ParseError, match=said):
        read(body)


def test_a_feed_without_entries_is_a_feed():
    parsed = read(rss())
    assert (parsed.format, parsed.entries, parsed.problems) == ("rss", (), ())


def test_a_truncated_feed_yields_the_entries_that_are_whole():
    whole = rss(item("<title>One</title>"), item("<title>Two</title>"), item("<title>Three</title>"))
    parsed = read(whole[: whole.index("hree")])
    assert [entry.title for entry in parsed.entries] == ["One", "Two"]
    assert parsed.problems == ("the XML ends in the middle, after 2 whole entries",)


def test_a_feed_cut_inside_cdata_yields_the_entries_before():
    parsed = read("<rss><channel>" + item("<title>One</title>") + "<item><title><![CDATA[Tw")
    assert [entry.title for entry in parsed.entries] == ["One"]
    assert parsed.problems == ("the XML ends in the middle, after 1 whole entry",)


def test_no_more_entries_than_allowed_are_read_and_a_problem_says_so():
    parsed = read(rss(*(item(f"<title>T{n}</title>") for n in range(9))), max_entries=4)
    assert [entry.title for entry in parsed.entries] == ["T0", "T1", "T2", "T3"]
    assert parsed.problems == ("it holds more than 4 entries; the first 4 were read",)


def test_empty_entries_count_as_entries():
    parsed = read(rss("<item/>" * 9), max_entries=4)
    assert (len(parsed.entries), parsed.problems) == (4, ("it holds more than 4 entries; the first 4 were read",))
    assert len(read("<rss><channel><item/><item/><item>").entries) == 2


def test_a_stray_closing_tag_ends_nothing():
    parsed = read(rss("</feed></item>", item("<title>One</b></title>"), item("<title>Two</title>")))
    assert [entry.title for entry in parsed.entries] == ["One", "Two"]


def test_json_entries_are_bounded_too():
    parsed = read(json.dumps({"items": [{"id": str(n)} for n in range(9)]}), max_entries=4)
    assert [entry.guid for entry in parsed.entries] == ["0", "1", "2", "3"]
    assert parsed.problems == ("it holds more than 4 entries; the first 4 were read",)


def test_fifty_thousand_items_cost_what_the_allowed_ones_cost():
    body = rss(*(item(f"<title>T{n}</title>") for n in range(50_000)))
    start = time.process_time()
    assert len(read(body, max_entries=100).entries) == 100
    assert time.process_time() - start < 5


@pytest.mark.parametrize("closed", [True, False])
def test_deep_nesting_is_refused_at_once(closed):
    inside = "<a>" * 200_000 + ("</a>" * 200_000 if closed else "")
    start = time.process_time()
    with pytest.raises(ParseError, match="nested more than 500 deep"):
        read(rss(item(f"<description>{inside}</description>")))
    assert time.process_time() - start < 5


def test_elements_left_open_in_each_entry_are_no_nesting():
    """A broken feed with a thousand unclosed tags, spread over its entries, is still read."""
    parsed = read(rss(*(item(f"<title>T{n}</title><description><br><br><br>x</description>") for n in range(400))))
    assert len(parsed.entries) == 400


def test_billion_laughs_are_not_expanded():
    levels = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    doctype = f'<!DOCTYPE rss [<!ENTITY l0 "lol"><!-- ]> --> {levels}]>'
    body = '<?xml version="1.0"?>' + doctype + rss(item("<title>&l9; caf&eacute;&nbsp;&copy; &lt;3 &LT;</title>"))
    start = time.process_time()
    parsed = read(body)
    assert parsed.entries[0].title == "&l9; café © <3 <"
    assert parsed.problems == ("the document defines entities of its own; they were not expanded",)
    assert time.process_time() - start < 2


def test_an_external_entity_is_not_read():
    body = '<!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + rss(item("<title>a &x; b</title>"))
    assert read(body).entries[0].title == "a &x; b"


def test_bare_ampersands_and_forbidden_characters_do_not_break_a_feed():
    parsed = read(
        rss(
            item(
                "<title>Salt &#0;&amp; R&D\x0b &#150; &#x1F600; &#99999999;</title><link>https://a.example/?x=1&y=2</link>"
            )
        )
    )
    assert (parsed.entries[0].title, parsed.entries[0].url) == ("Salt & R&D – 😀", "https://a.example/?x=1&y=2")
    assert parsed.problems == ("1 control characters that XML forbids were left out",)


def test_an_error_message_printed_before_the_feed_is_skipped():
    parsed = read("<br />\n<b>Warning</b>: deprecated in <b>x</b><br />\n" + rss(item("<title>One</title>")))
    assert [entry.title for entry in parsed.entries] == ["One"]
    assert parsed.problems == ("text before the feed was skipped",)


def test_words_before_the_feed_are_skipped():
    parsed = read("deprecated! <![CDATA[x]]>" + rss(item("<title>One</title>")))
    assert parsed.problems == ("text before the feed was skipped",)


def test_an_undeclared_rss_prefix_means_rss():
    body = rss(item("<title>One</title>")).replace("<item", "<rss:item").replace("</item", "</rss:item")
    assert [entry.title for entry in read(body).entries] == ["One"]


def test_broken_xml_is_read_as_far_as_it_goes_and_said():
    parsed = read(rss(item("<title>A</title><link href='it's'/>"), item("<title>B</title>")))
    assert [entry.title for entry in parsed.entries] == ["A", "B"]
    assert "its XML is broken" in parsed.problems[0]


def test_a_prefixed_atom_feed_is_atom():
    body = (
        '<a:feed xmlns:a="http://www.w3.org/2005/Atom"><a:title>F</a:title>'
        "<a:entry><a:title>One</a:title><a:link href='https://a.example/1'/></a:entry></a:feed>"
    )
    parsed = read(body)
    assert (parsed.format, parsed.entries[0].url) == ("atom", "https://a.example/1")
    with_cut = read(body[: body.rindex("</a:feed>")])
    assert len(with_cut.entries) == 1


@pytest.mark.parametrize(
    ("inside", "url"),
    [
        ("<guid>12345</guid>", ""),
        ("<guid isPermaLink='false'>https://a.example/1</guid>", ""),
        ("<guid>https://a.example/1</guid>", "https://a.example/1"),
        ("<link>javascript:alert(1)</link>", ""),
        ("<link>ftp://a.example/1</link>", ""),
        ("<link>https://[broken/1</link>", ""),
        ("<link>\n https://a.example/a\n b </link>", "https://a.example/ab"),
        ("<link>https://a.example/a b</link>", "https://a.example/a%20b"),
        ("<link>//a.example/1</link>", "https://a.example/1"),
    ],
)
def test_only_web_addresses_become_links(inside, url):
    assert read(rss(item(f"<title>T</title>{inside}"))).entries[0].url == url


@pytest.mark.parametrize(
    ("ttl", "meant"), [("60", timedelta(hours=1)), ("0", None), ("soon", None), ("99999", timedelta(days=7))]
)
def test_ttl_is_minutes_when_it_is_a_number(ttl, meant):
    assert read(f"<rss><channel><ttl>{ttl}</ttl></channel></rss>").asks.ttl == meant


def test_an_element_with_unknown_attributes_is_no_text():
    """feedparser gives a mapping in place of such an element; it must not reach an entry."""
    body = rss(
        item("<title>T</title><created x='1'>2024</created><source>Wire</source><author>a@b.example (Ann)</author>")
    )
    entry = read(body).entries[0]
    assert (entry.published, entry.source, entry.author) == (None, "Wire", "Ann")


def test_a_plain_summary_keeps_its_lines():
    entry = "<entry><title>T</title><summary>one  two\n\nthree</summary></entry>"
    body = f'<feed xmlns="http://www.w3.org/2005/Atom">{entry}</feed>'
    assert read(body).entries[0].text == "one two\nthree"


@given(st.binary(max_size=400) | st.text(max_size=300).map(lambda text: rss(item(text)).encode("utf-8", "replace")))
def test_any_bytes_are_read_or_refused_in_words(body):
    """Nothing but ParseError ever comes out, and no entry holds an address that isn't one of the web."""
    with suppress(ParseError):
        parsed = read(body)
        assert all(entry.url == "" or entry.url.startswith(("http://", "https://")) for entry in parsed.entries)


@given(
    st.lists(st.text(alphabet=st.characters(categories=["L", "N"]), min_size=1, max_size=8), min_size=1, max_size=6),
    st.data(),
)
def test_a_feed_cut_anywhere_never_invents_or_reorders_entries(titles, data):
    """Whatever the place of the cut, what is read is a prefix of what was there."""
    whole = rss(*(item(f"<title>{title}</title>") for title in titles)).encode()
    cut = data.draw(st.integers(0, len(whole)))
    before = [entry.title for entry in read(whole).entries]
    try:
        after = [entry.title for entry in read(whole[:cut]).entries]
    except ParseError:
        return
    assert after == before[: len(after)]
