"""An entry is known again, and is neither swallowed by another nor doubled."""

from __future__ import annotations

import hashlib
import unicodedata
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.feeds import KeyReason, content_hash, identify
from monitor.model import Entry

FEED = "https://e.example/feed"
ONE = Entry(guid="g1", url="https://e.example/1", title="One", text="a", published_raw="Mon")
TWO = Entry(guid="g2", url="https://e.example/2", title="Two", text="b", published_raw="Tue")


def reasons(*entries: Entry) -> list[KeyReason]:
    return [reason for _, reason in identify(entries, url=FEED)]


def keys(*entries: Entry) -> list[str]:
    return [key for key, _ in identify(entries, url=FEED)]


def test_a_guid_is_taken_while_it_names_one_entry():
    assert reasons(ONE, TWO) == [KeyReason.GUID, KeyReason.GUID]


def test_an_edit_keeps_the_key():
    assert keys(ONE) == keys(replace(ONE, title="One, corrected", text="other", url="https://e.example/1?x=1"))


def test_a_guid_on_two_articles_goes_with_their_links():
    assert reasons(ONE, replace(TWO, guid="g1")) == [KeyReason.GUID_AND_URL, KeyReason.GUID_AND_URL]


def test_a_guid_and_link_on_two_articles_give_way_to_title_and_date():
    assert reasons(ONE, replace(ONE, title="Other")) == [KeyReason.TITLE_AND_DATE, KeyReason.TITLE_AND_DATE]


def test_articles_that_share_all_but_their_words_are_told_by_those():
    assert reasons(ONE, replace(ONE, text="other")) == [KeyReason.CONTENT, KeyReason.CONTENT]


def test_without_a_guid_the_canonical_link_is_taken():
    bare = replace(ONE, guid="")
    assert reasons(bare, TWO) == [KeyReason.URL, KeyReason.GUID]
    assert keys(bare) == keys(replace(bare, url="http://www.e.example/1?utm_source=rss"))


@pytest.mark.parametrize("link", ["", FEED, "http://e.example/feed/"])
def test_a_link_to_the_feed_itself_names_no_entry(link):
    assert reasons(replace(ONE, guid="", url=link), TWO) == [KeyReason.TITLE_AND_DATE, KeyReason.GUID]


def test_a_repeated_link_without_guid_gives_way_to_title_and_date():
    bare = replace(ONE, guid="")
    assert reasons(bare, replace(bare, title="Other")) == [KeyReason.TITLE_AND_DATE] * 2


def test_nothing_but_text_is_told_by_its_content():
    assert reasons(Entry(text="a"), Entry(text="b")) == [KeyReason.CONTENT] * 2


def test_the_scheme_of_a_guid_does_not_count():
    assert keys(replace(ONE, guid="http://e.example/1")) == keys(replace(ONE, guid="https://e.example/1"))


def test_an_item_printed_twice_keeps_the_key_it_has_alone():
    assert keys(ONE, ONE, TWO) == [*keys(ONE), *keys(ONE), *keys(TWO)]


def test_a_guid_never_equals_a_link():
    assert len(set(keys(Entry(guid="https://e.example/1"), Entry(url="https://e.example/1")))) == 2


def test_a_key_is_short_whatever_the_guid():
    long = [replace(ONE, guid="g" * 5000), replace(ONE, guid="g" * 5001)]
    assert len(set(keys(*long))) == 2
    assert max(map(len, keys(*long))) < 320


_TEXTS = st.sampled_from(["", "a", "b"])
_ENTRIES = st.builds(
    Entry,
    guid=st.sampled_from(["", "g", "h", "http://e.example/1", "https://e.example/1"]),
    url=st.sampled_from(["", FEED, "https://e.example/1", "https://www.e.example/1", "https://e.example/2"]),
    title=_TEXTS, text=_TEXTS, published_raw=_TEXTS, author=st.just(""), published=st.just(datetime(2024, 1, 1, tzinfo=UTC)),
)  # fmt: skip


@given(st.lists(_ENTRIES, max_size=8))
def test_equal_keys_mean_equal_entries(entries):
    """The law of identity: entries share a key exactly when they agree in guid, link, title, text and date."""

    def whole(entry: Entry) -> tuple[str, ...]:
        guid = entry.guid.replace("http://", "https://")
        link = "" if entry.url == FEED else entry.url.replace("www.", "")
        return guid, link, entry.title, entry.text, entry.published_raw

    found = keys(*entries)
    for key, entry in zip(found, entries, strict=True):
        for other_key, other in zip(found, entries, strict=True):
            assert (key == other_key) == (whole(entry) == whole(other))


@given(st.lists(_ENTRIES, max_size=6), st.randoms(use_true_random=False))
def test_the_order_of_the_feed_does_not_matter(entries, chance):
    shuffled = list(entries)
    chance.shuffle(shuffled)
    assert sorted(keys(*entries)) == sorted(keys(*shuffled))


@given(st.lists(st.text("ab\u00a0\u2028\u0301é \n\t\x1c", max_size=8), min_size=2, max_size=2))
def test_the_content_hash_is_that_of_the_words_whatever_stands_between_them(texts):
    """The store compares it with what it kept: it must never change for a text that has not changed."""
    plain = [" ".join(unicodedata.normalize("NFC", text).split()) for text in texts]
    whole = hashlib.sha256(b"".join(text.encode() + b"\0" for text in plain)).hexdigest()
    assert content_hash(*texts) == whole


def test_the_content_hash_sees_words_and_not_spacing():
    assert content_hash("A  title", "x\ny") == content_hash("A title ", "x y")
    assert len({content_hash("a", "b"), content_hash("ab", ""), content_hash("A", "b"), content_hash("", "")}) == 4
    assert content_hash("e\u0301", "\ud800") == content_hash("é", "\ud800")
