"""Each format's rules, one document a rule; the quick reader and the patient one come to the same."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime

import pytest

from monitor.errors import ParseError
from monitor.feeds import parse_feed
from monitor.feeds.sitemap import sitemap_places
from monitor.feeds.wellformed import read_well_formed
from monitor.model import ParsedFeed

URL = "https://e.example/feed"
MEDIA = 'xmlns:media="http://search.yahoo.com/mrss/"'
ITUNES = 'xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd"'
ATOM = 'xmlns="http://www.w3.org/2005/Atom"'


def rss(items: str, spaces: str = "", channel: str = "") -> str:
    return f'<rss version="2.0" {spaces}><channel><title>F</title><link>https://e.example/</link>{channel}{items}</channel></rss>'


def atom(entries: str, more: str = "") -> str:
    return f"<feed {ATOM} {more}><title>F</title>{entries}</feed>"


def both(document: str) -> ParsedFeed:
    """Read by both readers, which agree."""
    quick = parse_feed(document.encode(), content_type="", url=URL)
    patient = parse_feed(document.encode(), content_type="", url=URL, quick=False)
    assert quick == patient
    assert read_well_formed(document, max_entries=9) is not None
    return quick


def test_a_pictures_words_are_not_the_articles():
    (entry,) = both(rss(
        '<item><media:content url="x.jpg"><media:title>Photo</media:title><media:description type="plain">A photo of a very long bridge'
        '</media:description></media:content><title>Bridge shut</title><link>/a</link><description>Short.</description></item>', MEDIA,
    )).entries  # fmt: skip
    assert (entry.title, entry.text, entry.url) == ("Bridge shut", "Short.", "https://e.example/a")


@pytest.mark.parametrize("kind", ["film", "group"])
def test_media_rss_stands_in_where_an_entry_has_nothing_else(kind):
    inner = '<media:title>The film</media:title><media:description type="html">&lt;p&gt;What it shows&lt;/p&gt;</media:description><media:content url="https://e.example/v.mp4"/><media:content/>'
    inner = f"<media:group>{inner}</media:group>" if kind == "group" else inner
    (entry,) = both(rss(f"<item>{inner}</item>", MEDIA)).entries
    assert (entry.title, entry.text, entry.url) == ("The film", "What it shows", "https://e.example/v.mp4")


def test_an_episode_without_a_page_has_the_address_of_its_file():
    (entry,) = both(rss(
        '<item><itunes:title>Episode &lt;b&gt;1&lt;/b&gt;</itunes:title><enclosure/><enclosure url="https://e.example/1.mp3" type="audio/mpeg"/>'
        '<itunes:subtitle>About ports</itunes:subtitle><itunes:author>Ada</itunes:author><guid isPermaLink="false">ep1</guid></item>', ITUNES,
    )).entries  # fmt: skip
    assert (entry.title, entry.text, entry.author) == ("Episode 1", "About ports", "Ada")
    assert (entry.url, entry.guid) == ("https://e.example/1.mp3", "ep1")


def test_a_guid_is_the_link_unless_it_says_otherwise():
    found = both(rss(
        "<item><title>A</title><link/><guid>https://e.example/1</guid></item><item><title>B</title><guid>12</guid></item>"
        '<item><title>C</title><guid isPermaLink="false">https://e.example/3</guid></item>'
    ))  # fmt: skip
    assert [(entry.guid, entry.url) for entry in found.entries] == [
        ("https://e.example/1", "https://e.example/1"), ("12", ""), ("https://e.example/3", ""),
    ]  # fmt: skip


def test_an_atom_id_that_is_an_address_is_the_last_resort():
    (one, two) = both(atom(
        '<id>https://e.example/f</id><entry><id>https://e.example/1</id><title>A</title></entry>'
        '<entry><id>https://e.example/2</id><title>B</title><link href="/two"/><link rel="self"/></entry>'
    )).entries  # fmt: skip
    assert (one.url, two.url) == ("https://e.example/1", "https://e.example/two")


def test_atom_says_what_is_markup_and_what_links_are_relative_to():
    one, two = both(atom(
        '<entry xml:lang="fr"><id>urn:1</id><title type="html">AT&amp;amp;T &lt;i&gt;x&lt;/i&gt;</title><link href="a/1"/>'
        '<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>One</p><p>Two &lt;tag&gt;</p></div></content></entry>'
        '<entry><id>urn:2</id><title>Using &lt;b&gt;</title><link rel="self" href="s"/><link type="application/json" href="j"/><link type="text/html" href="h"/>'
        '<content type="text">a &lt;c</content><summary>A longer summary</summary></entry>', 'xml:base="https://b.example/x/"',
    )).entries  # fmt: skip
    assert (one.title, one.text, one.url, one.language) == ("AT&T x", "One\nTwo <tag>", "https://b.example/x/a/1", "fr")
    assert (two.title, two.text, two.url, two.language) == (
        "Using <b>",
        "A longer summary",
        "https://b.example/x/h",
        None,
    )


def test_a_base_that_is_no_address_changes_nothing():
    text = atom('<entry><id>1</id><title>A</title><link href="https://e.example/1"/></entry>', 'xml:base="https://[x/"')
    assert parse_feed(text.encode(), content_type="", url=URL).entries[0].url == "https://e.example/1"


def test_markup_that_nobody_escaped_is_markup():
    (entry,) = both(
        rss(
            "<item><title>A <b>bold</b> title</title><link>/1</link><description>5 &lt; 6 <p>One</p><p>Two</p></description></item>"
        )
    ).entries
    assert (entry.title, entry.text) == ("A bold title", "5 < 6\nOne\nTwo")


def test_of_two_titles_the_first_counts_and_words_in_elements_are_words():
    spaces = 'xmlns:dc="http://purl.org/dc/elements/1.1/"'
    document = rss("<item><title>A</title><dc:title>B</dc:title><guid>a<i>b</i>c</guid></item>", spaces)
    (entry,) = parse_feed(document.encode(), content_type="", url=URL).entries
    assert (entry.title, entry.guid) == ("A", "abc")


def test_an_empty_title_is_none_and_gives_way_to_the_next():
    spaces = 'xmlns:dc="http://purl.org/dc/elements/1.1/"'
    empty, named = both(
        rss(
            "<item><title> </title><guid>a</guid></item><item><title/><dc:title>B</dc:title><guid>b</guid></item>",
            spaces,
        )
    ).entries
    assert (empty.title, named.title) == ("", "B")


def test_rdf_has_its_entries_beside_the_channel():
    found = both(
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" xmlns:dc="https://purl.org/dc/elements/1.1/">'
        '<channel rdf:about="x"><title>F</title><link>https://e.example/</link><dc:language>de</dc:language></channel>'
        '<item rdf:about="https://e.example/1"><title>T</title><dc:date>2024-01-01T10:00+02:00</dc:date><dc:creator>A B</dc:creator><dc:creator>C D</dc:creator></item></rdf:RDF>'
    )
    (entry,) = found.entries
    assert (found.format, entry.guid, entry.author, entry.language) == ("rdf", "https://e.example/1", "A B, C D", "de")
    assert entry.published == datetime(2024, 1, 1, 8, tzinfo=UTC)


def test_a_channel_alone_and_items_outside_of_it_are_rss():
    assert [
        entry.title for entry in both("<channel><title>F</title><item><title>A</title></item></channel>").entries
    ] == ["A"]
    assert [
        entry.title
        for entry in both("<rss><channel><title>F</title></channel><item><title>A</title></item></rss>").entries
    ] == ["A"]


def test_the_first_date_that_can_be_understood_counts():
    spaces = 'xmlns:dc="http://purl.org/dc/elements/1.1/"'
    found = both(rss(
        "<item><title>A</title><pubDate>soon</pubDate><dc:date>2024-05-05</dc:date></item>"
        "<item><title>B</title><pubDate>soon</pubDate></item><item><title>C</title></item>", spaces,
    ))  # fmt: skip
    assert [(entry.published_raw, entry.published is None) for entry in found.entries] == [
        ("2024-05-05", False),
        ("soon", True),
        ("", True),
    ]
    assert found.problems == ("1 of 3 dates were not understood, such as 'soon'",)


@pytest.mark.parametrize(
    ("dates", "read"),
    [
        (["02/03/2024 10:00 PM", "02/13/2024"], ["2024-02-03", "2024-02-13"]),
        (["02/03/2024", "13/02/2024"], ["2024-03-02", "2024-02-13"]),
        (["02/03/2024", "02/13/2024", "13/02/2024"], ["2024-03-02", "2024-02-13", "2024-02-13"]),
        (["02/03/2024", "03/04/2024"], ["2024-03-02", "2024-04-03"]),
        (["02.03.2024", "02/13/2024", "2024/02/03"], ["2024-03-02", "2024-02-13", "2024-02-03"]),
        (["1/2/3456789/" * 20, "02/13/2024"], [None, "2024-02-13"]),
    ],
)
def test_a_feed_keeps_to_one_order_of_day_and_month(dates, read):
    """One date that can be read in one way only shows how the others are meant."""
    found = both(rss("".join(f"<item><title>A</title><pubDate>{one}</pubDate></item>" for one in dates))).entries
    assert [entry.published and f"{entry.published:%Y-%m-%d}" for entry in found] == read


def test_the_publisher_that_an_aggregator_names_is_the_source():
    assert (
        both(rss('<item><title>A</title><source url="https://p.example">The Post</source></item>')).entries[0].source
        == "The Post"
    )
    (entry,) = both(
        atom("<entry><source><id>s</id><title>Wire</title></source><id>1</id><title>A</title></entry>")
    ).entries
    assert (entry.source, entry.title) == ("Wire", "A")


@pytest.mark.parametrize(
    ("author", "name"),
    [
        ("<author>a@b.example (Ada)</author>", "Ada"),
        ("<author>Ada</author>", "Ada"),
        ("<author/>", ""),
        (f"<author><name>Ada</name><email>a@b.example</email></author><author {ATOM}><name>Bea</name></author>", "Ada, Bea"),
        ("<author><name>Ada</name><email>a@b.example</email></author>", "Ada"),
        ("<author><email>a@b.example</email></author>", "a@b.example"),
    ],
)  # fmt: skip
def test_people_are_named_whatever_the_format(author, name):
    assert both(rss(f"<item><title>A</title>{author}</item>")).entries[0].author == name


def test_an_entrys_language_is_the_nearest_that_is_stated():
    found = both(
        f'<feed {ATOM} xml:lang="en"><title>F</title><entry><id>1</id><title xml:lang="de">A</title></entry>'
        '<entry xml:lang="fr"><id>2</id><title>B</title></entry><entry><id>3</id><title>C</title></entry></feed>'
    )
    assert [entry.language for entry in found.entries] == ["de", "fr", "en"]
    assert (
        both(rss("<item><title>A</title><language>pl</language></item>", channel="<language>en</language><ttl>5</ttl>"))
        .entries[0]
        .language
        == "pl"
    )


@pytest.mark.parametrize(
    "document",
    [
        "<rss><channel><item><title>A</title>",
        "<html/>",
        "<rss><title>no channel</title></rss>",
        '<!DOCTYPE rss SYSTEM "x"><rss><channel/></rss>',
        "<rss><channel><item><title>A</title><item><title>B</title></item></item></channel></rss>",
        "<rss><channel><title>\x81\x00</title></channel></rss>",
        "<rss><channel><title>\ud800</title></channel></rss>",
    ],
)
def test_what_breaks_the_rules_is_for_the_patient_reader(document):
    assert read_well_formed(document, max_entries=9) is None


def test_characters_of_windows_1252_are_what_was_meant():
    (entry,) = both(
        rss("<item><title>It\x92s &#147;so&#x94;</title><description>&#127;&amp;#146;</description></item>")
    ).entries
    assert (entry.title, entry.text) == ("It’s “so”", "’")


def test_a_long_feed_is_cut_with_a_word_about_it():
    document = rss("<item><title>A</title></item>" * 4).encode()
    for quick in (True, False):
        found = parse_feed(document, content_type="", url=URL, max_entries=3, quick=quick)
        assert (len(found.entries), found.problems) == (3, ("it holds more than 3 entries; the first 3 were read",))


def test_markup_under_a_prefix_is_markup():
    (entry,) = both(atom(
        '<entry><id>1</id><title>A</title><summary type="xhtml" xmlns:x="http://www.w3.org/1999/xhtml"><x:div><x:p>One</x:p><x:p>Two</x:p></x:div></summary></entry>'
    )).entries  # fmt: skip
    assert entry.text == "One\nTwo"


def test_a_link_that_was_escaped_once_too_often_and_a_relation_written_out():
    assert (
        both(rss("<item><title>A</title><link><![CDATA[https://e.example/?a=1&amp;b=2]]></link></item>")).entries[0].url
        == "https://e.example/?a=1&b=2"
    )
    document = atom(
        '<entry><id>1</id><title>A</title><link rel="via" href="https://v.example/"/><link rel="http://www.iana.org/assignments/relation/alternate" href="/a"/></entry>'
    )
    assert parse_feed(document.encode(), content_type="", url=URL).entries[0].url == "https://e.example/a"


def test_an_empty_item_within_an_item_is_a_slip():
    document = rss(
        "<item><title>A</title><item/><feedburner:origLink>https://e.example/a</feedburner:origLink></item><item><title>B</title></item>",
        'xmlns:feedburner="http://rssnamespace.org/feedburner/ext/1.0"',
    )
    found = parse_feed(document.encode(), content_type="", url=URL).entries
    assert [(entry.title, entry.url) for entry in found] == [("A", "https://e.example/a"), ("B", "")]


def test_what_atom_0_3_packed_away_is_unpacked():
    head = '<feed version="0.3" xmlns="http://purl.org/atom/ns#"><title>F</title><entry><id>1</id>'
    packed = '<title type="text/html" mode="base64">QSA8Yj5ib2xkPC9iPg==</title><summary mode="base64">\xff</summary>'
    (entry,) = parse_feed(f"{head}{packed}</entry></feed>".encode(), content_type="", url=URL).entries
    assert (entry.title, entry.text) == ("A bold", "\xff")


def test_an_entry_whose_text_lies_elsewhere_has_that_address():
    assert (
        both(atom('<entry><id>1</id><title>A</title><content type="text/html" src="https://e.example/full"/></entry>'))
        .entries[0]
        .url
        == "https://e.example/full"
    )
    assert (
        both('<channel><title>F</title><item href="https://e.example/1"><title>A</title></item></channel>')
        .entries[0]
        .url
        == "https://e.example/1"
    )


@pytest.mark.parametrize(
    ("item", "url"),
    [
        ('"attachments": [7, {"url": "https://e.example/1.mp3"}]', "https://e.example/1.mp3"),
        ('"attachments": 7', ""),
        ('"external_url": "https://x.example/1", "attachments": []', "https://x.example/1"),
    ],
)
def test_a_json_entry_without_a_page_has_the_address_of_its_file(item, url):
    document = f'{{"version": "https://jsonfeed.org/version/1.1", "items": [{{"id": "1", "title": "A", {item}}}]}}'
    assert parse_feed(document.encode(), content_type="", url=URL).entries[0].url == url


SITEMAP = """<?xml version="1.0" encoding="UTF-8"?>
<!-- made daily -->
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">%s</urlset>"""
NEWS = """<url><loc> https://e.example/%d </loc><lastmod>2024-01-03</lastmod><news:news><news:publication><news:name>The Post</news:name>
<news:language>%s</news:language></news:publication>%s<news:title>Ports &amp;amp; rivers</news:title></news:news></url>"""


def sitemap(inner: str, **more: int) -> ParsedFeed:
    return parse_feed((SITEMAP % inner).encode(), content_type="", url="https://e.example/news.xml", **more)


def test_a_news_sitemap_is_a_feed_of_titles():
    found = sitemap(
        NEWS % (1, "en", "<news:publication_date>2024-01-02T03:04:05+01:00</news:publication_date>")
        + NEWS % (2, "en", "")
        + "<url><loc>https://e.example/about</loc></url>"
    )
    assert (found.format, found.title, found.language, found.problems) == ("sitemap", "The Post", "en", ())
    assert [(entry.url, entry.title, entry.source, entry.text) for entry in found.entries] == [
        (f"https://e.example/{n}", "Ports & rivers", "The Post", "") for n in (1, 2)
    ]
    assert [entry.published for entry in found.entries] == [
        datetime(2024, 1, 2, 2, 4, 5, tzinfo=UTC),
        datetime(2024, 1, 3, tzinfo=UTC),
    ]


def test_a_sitemap_of_several_publications_names_none_and_is_bounded():
    bare = "<url><loc>/3</loc><news:news><news:title>Bare</news:title></news:news></url>"
    found = sitemap(NEWS % (1, "en", "") + bare, max_entries=9)
    assert (found.title, found.language, found.entries[1].url, found.entries[1].source) == (
        "",
        None,
        "https://e.example/3",
        "",
    )
    assert sitemap(bare * 3, max_entries=2).problems == ("it holds more than 2 entries; the first 2 were read",)


def test_a_document_that_was_stored_compressed_is_unpacked():
    document = (SITEMAP % (NEWS % (1, "en", ""))).encode()
    assert (
        parse_feed(gzip.compress(document), content_type="application/x-gzip", url=URL).entries[0].title
        == "Ports & rivers"
    )
    with pytest.raises(ParseError, match="can't be unpacked"):
        parse_feed(b"\x1f\x8b\x00 nonsense", content_type="", url=URL)
    with pytest.raises(ParseError, match="which no feed is"):
        parse_feed(gzip.compress(bytes(60_000_000)), content_type="", url=URL)


def test_a_news_sitemap_may_be_empty_and_broken_at_its_end():
    assert sitemap("").entries == ()
    cut = (SITEMAP % (NEWS % (1, "en", ""))).replace("</urlset>", "<url><loc>https://e.e")
    assert [entry.title for entry in parse_feed(cut.encode(), content_type="", url=URL).entries] == ["Ports & rivers"]


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ("<urlset><url><loc>https://e.example/</loc></url></urlset>", "a sitemap, not a feed"),
        ("<urlset/>", "a sitemap, not a feed"),
        ("<sitemapindex><sitemap><loc>https://e.example/n.xml</loc></sitemap></sitemapindex>", "an index of sitemaps"),
        ("<urlset \x00", "a sitemap, not a feed"),
        ("a warning <urlset></urlset>", "a sitemap, not a feed"),
    ],
)
def test_a_sitemap_without_news_is_named_in_words(document, words):
    with pytest.raises(ParseError, match=words):
        parse_feed(document.encode(), content_type="", url=URL)


def test_an_index_tells_its_sitemaps_and_which_speak_of_news():
    index = "<sitemapindex><sitemap><loc>https://e.example/News.xml</loc></sitemap><sitemap><loc>https://e.example/p.xml</loc></sitemap><sitemap/></sitemapindex>"
    assert sitemap_places(index) == (("https://e.example/News.xml", True), ("https://e.example/p.xml", False))
    assert sitemap_places(SITEMAP % "") == sitemap_places("<rss/>") == sitemap_places("<sitemapindex") == ()
