"""Lists of feeds, in and out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.errors import ParseError
from monitor.feeds import read_opml, write_opml
from monitor.model import Feed

LIST = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE opml [<!ENTITY x SYSTEM "file:///etc/passwd">]>
<opml version="1.0"><head><title>Mine</title></head><body>
 <!-- by hand -->
 <outline text="Harbours">
  <outline text="North &amp; East &x;">
   <outline text="Quay Notes" xmlUrl="https://quay.example/f?a=1&b=2" language="fr-FR" category="/ports/,news"/>
  </outline>
  <outline title="Old" xmlurl="feed://old.example/rss"/>
  <outline text="Same" xmlUrl="feed:https://quay.example/f?a=1&b=2"><outline xmlUrl="https://inner.example/"/></outline>
 </outline>
 <outline text="https://bare.example/" type="rss" xmlUrl=" https://bare.example/ "/>
 <outline text="Script" xmlUrl="javascript:alert(1)"/>
 <outline text="Local" xmlUrl="file:sample.xml"/>
</body></opml>"""


@pytest.mark.parametrize("body", [LIST.encode(), LIST.replace("\n", "\r\n").encode("utf-8-sig"), LIST.encode("utf-16")])
def test_folders_become_tags_and_every_address_comes_once(body):
    assert read_opml(body) == (
        Feed(
            url="https://quay.example/f?a=1&b=2", name="Quay Notes", language="fr",
            tags=("Harbours", "North & East &x;", "ports", "news"),
        ),
        Feed(url="http://old.example/rss", name="Old", tags=("Harbours",)),
        Feed(url="https://inner.example/", tags=("Harbours",)),
        Feed(url="https://bare.example/"),
        Feed(url="file:sample.xml", name="Local"),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "empty"),
        (b" \n", "empty"),
        (b"[feeds]", "not well-formed"),
        (b"<opml><body>", "not well-formed OPML"),
        (b"<rss/>", "begins with <rss>"),
        (b"<!DOCTYPE opml [", "not well-formed"),
    ],
)
def test_a_broken_list_is_refused_in_words(body, said):
    with pytest.raises(ParseError, match=said):
        read_opml(body)


def test_entities_are_not_expanded():
    levels = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    body = (
        f'<!DOCTYPE opml [<!ENTITY l0 "lol">{levels}]><opml><outline text="&l9;" xmlUrl="https://a.example/"/></opml>'
    )
    assert read_opml(body.encode())[0].name == "&l9;"


def test_a_feed_without_a_name_is_written_under_its_address():
    written = write_opml([Feed(url="https://a.example/", tags=("T",))], "My <list>\x00")
    assert "<title>My &lt;list&gt;</title>" in written
    assert read_opml(written.encode()) == (Feed(url="https://a.example/", tags=("T",)),)


def test_feeds_with_the_same_tags_share_a_folder():
    feeds = (Feed(url="https://a.example/", tags=("T", "U")), Feed(url="https://b.example/", tags=("T", "U")))
    written = write_opml(feeds, "Mine")
    assert (written.count('text="T"'), written.count('text="U"')) == (1, 1)
    assert read_opml(written.encode()) == feeds


_WORDS = st.text(
    alphabet=st.characters(exclude_categories=["Cc", "Cs", "Z"], exclude_characters="\ufffe\uffff"),
    min_size=1,
    max_size=9,
)
_FEEDS = st.builds(
    Feed,
    url=st.integers(0, 10**6).map(lambda n: f"https://e.example/{n}?a=1&b=<"),
    name=st.just("") | _WORDS,
    tags=st.lists(_WORDS, unique=True, max_size=3).map(tuple),
    language=st.sampled_from([None, "fr", "hy"]),
)


@given(st.lists(_FEEDS, unique_by=lambda feed: feed.url, max_size=8), st.text())
def test_what_is_written_is_read_again(feeds, title):
    """Order is kept but for feeds that share a folder: those stand together."""
    again = read_opml(write_opml(feeds, title).encode())
    assert sorted(again, key=lambda feed: feed.url) == sorted(feeds, key=lambda feed: feed.url)
