"""What an entry or a page links to on other sites."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.feeds import extract_page, parse_feed
from monitor.feeds.links import hrefs, links_out

OWN = "https://courier.example/2024/ferry"
REPORT = "https://harbour.example/reports/2024/aurora.pdf"


@pytest.mark.parametrize(
    ("markup", "found"),
    [
        (f'<p>As <a href="{REPORT}">the report</a> says.</p>', [REPORT]),
        (f"<A class='x' HREF='{REPORT}'>x</A>", [REPORT]),
        (f"<a href={REPORT}>x</a>", [REPORT]),
        (f'<a title="a > b" rel=nofollow href = " {REPORT}">x</a>', [REPORT]),
        ('<a href="https://a.example/?x=1&amp;y=2">x</a>', ["https://a.example/?x=1&y=2"]),
        ('<a href="/next">x</a><a href="#top">y</a><a href="mailto:a@b.example">z</a>', []),
        ('<a href="javascript:alert(1)">x</a>', []),
        (f'<link href="{REPORT}"><area href="{REPORT}"><abbr href="{REPORT}">', []),
        (f"as in href={REPORT}", []),
        ("no link at all", []),
    ],
)
def test_the_whole_addresses_of_anchors_are_found(markup, found):
    assert hrefs(markup) == found


def test_only_other_sites_count_each_once_in_one_spelling():
    given_ = [
        "https://www.courier.example/about/us-and-all",
        "http://www.harbour.example/reports/2024/aurora.pdf?utm_source=feed#page2",
        REPORT,
        "https:///",
    ]
    assert links_out(given_, OWN, "") == (REPORT,)


@pytest.mark.parametrize(
    "site", ["https://www.google.com/alerts/1", "https://[::1", "no address", "", "https://a.example"]
)
def test_a_redirector_leads_to_another_site_also_where_the_text_is_its_own(site):
    assert links_out([f"https://www.google.com/url?q={REPORT}"], site) == (REPORT,)


def test_a_site_of_its_own_that_is_no_address_keeps_no_link_back():
    for site in ("https://[/feed", "tag:example.org,2024:1", "/feed", "https://"):
        assert links_out([REPORT], site) == (REPORT,)


def test_a_list_of_links_counts_by_its_first():
    many = "".join(f'<a href="https://site-{n}.example/story-number-{n}">x</a>' for n in range(500))
    assert links_out(hrefs(many), OWN) == tuple(f"https://site-{n}.example/story-number-{n}" for n in range(20))


@given(st.text(alphabet="<a href=\"'>https:/x.\u3000é&#", max_size=200))
def test_any_markup_is_read_and_what_is_found_is_one_word(markup):
    for link in links_out(hrefs(f'<a href="https://x.example/{markup}">'), OWN):
        assert len(link.split()) == 1


def test_hostile_markup_is_read_in_linear_time():
    for piece in ('<a "', "<a '", "<a x", '<a href="https:', "<a href=https:x ", "<a " + 'x="y" '):
        began = time.process_time()
        hrefs(piece * 50_000 + "href")
        assert time.process_time() - began < 5


def rss() -> bytes:
    text = f'&lt;p&gt;It says &lt;a href="{REPORT}"&gt;so&lt;/a&gt;, and &lt;a href="{OWN}/more"&gt;more&lt;/a&gt;.&lt;/p&gt;'
    return f"<rss version='2.0'><channel><link>https://courier.example/</link><item><link>{OWN}</link><title>T</title><description>{text}</description></item></channel></rss>".encode()


def atom() -> bytes:
    return f"""<feed xmlns="http://www.w3.org/2005/Atom"><title>F</title><id>f</id><updated>2024-07-23T10:00:00Z</updated>
    <entry><id>1</id><title>T</title><updated>2024-07-23T10:00:00Z</updated><link href="{OWN}"/>
    <content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>It <a href="{REPORT}">says</a> so.</p></div></content></entry></feed>""".encode()


def jsonfeed() -> bytes:
    item = {"id": "1", "url": OWN, "title": "T", "content_html": f'<p>It <a href="{REPORT}">says</a> so.</p>'}
    return json.dumps({"version": "https://jsonfeed.org/version/1.1", "title": "F", "items": [item]}).encode()


@pytest.mark.parametrize("quick", [True, False], ids=["quick reader", "patient reader"])
@pytest.mark.parametrize("document", [rss(), atom(), jsonfeed()], ids=["rss", "atom", "json"])
def test_an_entry_keeps_what_its_text_links_to(document, quick):
    (entry,) = parse_feed(document, content_type="", url="https://courier.example/feed", quick=quick).entries
    assert entry.links == (REPORT,)


def test_a_line_of_thousands_of_links_is_read_once():
    """Read anew for each of them it took twelve seconds."""
    line = "The ferry left the harbour at dawn, and the crew said that it had cost them days. " * 4_000
    anchors = "".join(f'<a href="https://o.example/{n}">x</a>' for n in range(9_000))
    page = f"<html><body><article><h1>Ferry</h1><p>{line}{anchors}</p></article></body></html>".encode()
    began = time.process_time()
    extract_page(page, content_type="text/html; charset=utf-8", url=OWN)
    assert time.process_time() - began < 5


def test_a_page_keeps_what_its_own_lines_link_to():
    """And not what its menu, its lists of other stories and its footer do."""
    lines = [
        f"The {n} ferry left the harbour at dawn, and the crew said that it had cost them days." for n in "abcdefgh"
    ]
    body = "".join(f"<p>{line}</p>" for line in lines)
    linked = f'<p>All of it is told by <em>the <a href="{REPORT}">report</a></em> of the harbour, which was long awaited by all.</p>'
    around = '<nav><a href="https://partner.example/offers-of-the-day">Offers</a></nav>'
    page = f"<html><body>{around}<article><h1>Ferry</h1>{body}{linked}</article><footer>{around}</footer></body></html>"
    found = extract_page(page.encode(), content_type="text/html; charset=utf-8", url=OWN)
    assert found.links == (REPORT,)
