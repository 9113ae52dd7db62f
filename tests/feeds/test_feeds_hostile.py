"""Feeds made to cost much, and feeds in encodings that nobody named: read in time, with every word in its place."""

from __future__ import annotations

import json
import time

import pytest

from monitor.feeds import parse_feed

TITLE = "Паводок в городе Омске"
ITEM = (
    f"<item><title>{TITLE}</title><link>https://e.example/1</link><description>Вода пришла ночью.</description></item>"
)


def read(items: str, *, head: str = "", channel: str = "<title>F</title>", encoding: str = "utf-8", quick: bool = True):
    document = f'{head}<rss version="2.0"><channel>{channel}{items}</channel></rss>'
    return parse_feed(document.encode(encoding), content_type="", url="https://e.example/feed", quick=quick)


LONG = "a" * 200_000


@pytest.mark.parametrize(
    "inside",
    [
        f"<author>{LONG}</author>",
        f"<author><![CDATA[{LONG}]]></author>",
        f'<dc:creator xmlns:dc="http://purl.org/dc/elements/1.1/">{LONG}</dc:creator>',
        "<author>" + "a.@" * 60_000 + "</author>",
        "".join(f"<category>c{number}</category>" for number in range(40_000)),
        "".join(f'<category term="c{number}"/>' for number in range(40_000)),
        "<x " + " ".join(f'a{number}="1"' for number in range(40_000)) + "/>",
        "<x " + " ".join(f'a{number}="1"' for number in range(40_000)) + "></x>",
    ],
    ids=["author", "cdata", "creator", "mails", "categories", "terms", "attributes", "attributes-open"],
)
@pytest.mark.parametrize("quick", [True, False])
def test_what_costs_the_square_of_its_length_is_left_out(inside, quick):
    start = time.process_time()
    parsed = read(f"<item>{inside}<title>{TITLE}</title><guid>1</guid></item>{ITEM}", quick=quick)
    assert time.process_time() - start < 3
    assert [(entry.title, entry.author) for entry in parsed.entries] == [(TITLE, ""), (TITLE, "")]
    assert parsed.problems == ()


def test_a_name_of_usual_length_and_a_category_in_a_text_stay():
    text = "<![CDATA[<p>The &lt;category&gt; of floods <category>x</category></p>]]>"
    (entry,) = read(f"<item><author>a@b.example (Ada)</author><description>{text}</description></item>").entries
    assert (entry.author, entry.text) == ("Ada", "The <category> of floods x")


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
@pytest.mark.parametrize("blanks", ["", "\n", "\r\n \t"])
def test_wide_encodings_are_known_without_a_mark_and_behind_blanks(encoding, blanks):
    parsed = read(ITEM, head=blanks, encoding=encoding)
    assert (parsed.encoding, parsed.entries[0].title) == (encoding, TITLE)


def test_zero_bytes_in_a_narrow_encoding_make_it_no_wide_one():
    body = b"<\0rss\0\0 version='2.0'><channel><item><title>Fl\0ood</title></item></channel></rss>"
    parsed = parse_feed(body.replace(b"<\0rss\0\0", b"<rss"), content_type="", url="")
    assert (parsed.encoding, parsed.entries[0].title) == ("utf-8", "Flood")


@pytest.mark.parametrize(
    ("encoding", "language"),
    [("cp1251", "ru"), ("koi8-r", "ru"), ("koi8-u", "uk"), ("koi8-r", None), ("cp1251", None), ("cp1251", "bg")],
)
def test_two_code_pages_of_one_script_are_told_apart(encoding, language):
    channel = f"<language>{language}</language>" if language else "<title>Новости</title>"
    parsed = read(ITEM, channel=channel, encoding=encoding)
    assert (parsed.encoding, parsed.entries[0].title) == (encoding, TITLE)


@pytest.mark.parametrize(
    "title",
    ["<![CDATA[A <![CDATA[flood]]> came]]>", "<![CDATA[&lt;![CDATA[A flood came]]&gt;]]>", "A <b>flood</b> came"],
)
def test_nested_cdata_leaves_no_sign_in_a_title(title):
    (entry,) = read(f"<item><title>{title}</title></item>").entries
    assert entry.title == "A flood came"


def test_entries_behind_the_end_are_not_lost_in_silence():
    document = f"<rss><channel>{ITEM}</channel></rss>"
    parsed = parse_feed((document + document).encode(), content_type="", url="")
    assert len(parsed.entries) == 1
    assert parsed.problems == ("entries behind the feed's end were skipped",)


def test_a_number_of_any_length_is_an_id():
    body = '{"items": [{"id": ' + "9" * 5_000 + ', "title": "A"}, {"id": 7, "title": "B"}, {"id": true, "title": 8}]}'
    parsed = parse_feed(body.encode(), content_type="", url="")
    assert [(entry.guid[:2], entry.title) for entry in parsed.entries] == [("99", "A"), ("7", "B"), ("", "8")]


def test_markup_in_plain_json_texts_is_no_word():
    item = {
        "id": "1",
        "title": "Mill &amp; <b>flood</b>",
        "content_text": "<p>Water &#8217;rose</p>",
        "summary": "x <y",
    }
    (entry,) = parse_feed(json.dumps({"items": [item]}).encode(), content_type="", url="").entries
    assert (entry.title, entry.text) == ("Mill & flood", "Water ’rose")


@pytest.mark.parametrize("cut", [1, 2, 3])
def test_a_body_cut_inside_a_character_is_still_utf8(cut):
    document = "<rss><channel><item><title>Mina 5ª</title></item><item><title>😀".encode()[: -4 + cut]
    parsed = parse_feed(document, content_type="", url="")
    assert (parsed.encoding, [entry.title for entry in parsed.entries]) == ("utf-8", ["Mina 5ª"])
