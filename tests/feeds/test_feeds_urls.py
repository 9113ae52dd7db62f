"""One spelling for one address; two articles never share one."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.feeds import canonical_url
from monitor.feeds.urls import absolute_url, host_of

STORY = "https://paper.example/world/story-1"


@pytest.mark.parametrize(
    "twin",
    [
        "http://paper.example/world/story-1",
        "https://www.paper.example/world/story-1/",
        "https://WWW2.Paper.Example.:443/world/story-1#top",
        "http://paper.example:80/world/./x/../story-1",
        "https://m.paper.example//world//story-1",
        "https://amp.paper.example/world/story-1",
        "https://www.paper.example/amp/world/story-1",
        "https://paper.example/world/story-1/amp/",
        "https://paper.example/world/story-1.amp",
        "https://paper.example/world/story-1?amp=1&outputType=amp&amp",
        "https://paper.example/world/story-1?utm_source=rss&utm_medium=x&fbclid=1&gclid=2&CMP=share&smid=tw",
        "https://paper.example/world/story-1?at_medium=rss&ns_mchannel=rss&xtor=RSS-1&ref=rss&rss=1&source=rss",
        "https://paper.example/world/st%6Fry-1;jsessionid=12AB?mobile=1",
        "https://user:secret@paper.example/world/story-1",
        "  https://paper.example/world/story-1\n",
        "https://www.google.com/url?rct=j&url=https%3A%2F%2Fpaper.example%2Fworld%2Fstory-1%3Futm_source%3Dx&ct=ga",
        "https://news.google.com/url?q=https://paper.example/world/story-1",
        "https://l.facebook.com/l.php?u=https%3A%2F%2Fpaper.example%2Fworld%2Fstory-1&h=AT0",
        "https://www.google.com/amp/s/paper.example/world/story-1.amp",
        "https://paper-example.cdn.ampproject.org/c/s/paper.example/world/story-1?amp=1",
        "https://www.google.com/url?q=https%3A%2F%2Fwww.google.com%2Furl%3Fq%3Dhttps%253A%252F%252Fpaper.example%252Fworld%252Fstory-1",
    ],
)
def test_the_many_links_of_one_article_have_one_spelling(twin):
    assert canonical_url(twin) == STORY


@pytest.mark.parametrize(
    "other",
    [
        f"{STORY}?id=5", f"{STORY}?cid=5", f"{STORY}?uid=5", f"{STORY}?source=4455", f"{STORY}?page=2", f"{STORY}?src=9",
        "https://paper.example/World/story-1", "https://paper.example/world/story-1%2F", "https://paper.example:8080/world/story-1",
        "https://news.paper.example/world/story-1", f"{STORY}#!/live/3", "https://paper.example/world/story-1amp",
        "https://paper.example/world/camp", "https://paper.example/amp", f"{STORY}.html",
    ],
)  # fmt: skip
def test_what_may_be_another_article_stays_apart(other):
    assert canonical_url(other) not in {STORY, "", "https://paper.example/"}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("/news.php?ref=1001", "/news.php?ref=1002"),
        ("/read?pk_id=1", "/read?pk_id=2"),
        ("/live/today#block-66a0b1c8f08d", "/live/today#block-66a0b1c9aaaa"),
        ("/live/today#post-12345", "/live/today#post-12346"),
        ("/live/today#post12345", "/live/today"),
        ("/a#comment-208257", "/a#comment-208258"),
        ("/#/article/1", "/#/article/2"),
    ],
)
def test_two_articles_of_one_host_never_share_a_spelling(one, other):
    host = "https://paper.example"
    assert canonical_url(host + one) != canonical_url(host + other)
    assert canonical_url(canonical_url(host + one)) == canonical_url(host + one)


@pytest.mark.parametrize(
    "place",
    [
        "top",
        "xtor=RSS-3208",
        "Echobox=1721735000",
        "ixzz3abc1234",
        "section2",
        ".Vx12345",
        "publisher=newsstand",
        "0",
        "",
    ],
)
def test_a_place_in_a_page_is_no_article_of_its_own(place):
    assert canonical_url(f"{STORY}#{place}") == STORY


@pytest.mark.parametrize(
    ("url", "plain"),
    [
        ("https://e.example/?b=2&a=1&b=1", "https://e.example/?a=1&b=1&b=2"),
        ("https://e.example/?q=a+b&empty=&&=x", "https://e.example/?empty&q=a%20b"),
        ("https://e.example/a.amp.html", "https://e.example/a.html"),
        ("https://e.example/%7ejoe/%e9/é/%zz", "https://e.example/~joe/%E9/%C3%A9/%25zz"),
        ("https://пример.example/я", "https://xn--e1afmkfd.example/%D1%8F"),
        ("https://en.m.wiki.example/x", "https://en.wiki.example/x"),
        ("https://www.com", "https://www.com/"),
        ("https://team.e.example/x", "https://team.e.example/x"),
        ("https://a.www.e.example/x", "https://a.www.e.example/x"),
        ("http://[2001:DB8::1]:8080/x", "https://[2001:db8::1]:8080/x"),
        ("https://e.example/..", "https://e.example/"),
        ("https://www.google.com/url?q=nothing", "https://google.com/url?q=nothing"),
        ("https://www.google.com/search?q=https://a.example", "https://google.com/search?q=https://a.example"),
        ("https://news.google.com/rss/articles/CBMiX?oc=5", "https://news.google.com/rss/articles/CBMiX?oc=5"),
        (
            "https://news.google.com/rss/articles/CBMiAU_yqLPaBcDeFgHiJkLmN?oc=5&hl=fr&gl=FR&ceid=FR:fr",
            "https://news.google.com/articles/CBMiAU_yqLPaBcDeFgHiJkLmN",
        ),
        (
            "http://news.google.fr/read/CBMiAU_yqLPaBcDeFgHiJkLmN?hl=de",
            "https://news.google.com/articles/CBMiAU_yqLPaBcDeFgHiJkLmN",
        ),
        ("https://x.cdn.ampproject.org/c/s/", "https://x.cdn.ampproject.org/c/s"),
        ("https://e.example/#!", "https://e.example/"),
    ],
)
def test_the_plain_spelling(url, plain):
    assert canonical_url(url) == plain


@pytest.mark.parametrize(
    "garbage",
    ["", "story-1", "mailto:a@b.example", "javascript:alert(1)", "file:sample.xml", "https://", "https://a b/", "http://[::1/",
     "https://e.example:99999/", "https://" + "a" * 64 + ".example/", "https://..", "https://a..b/", "https://%65.example/",
     "https://e.example/" + "a" * 9000, "https://\ud800.example/", "https://e\u2100.example/"],
)  # fmt: skip
def test_what_is_no_web_address_is_empty(garbage):
    assert canonical_url(garbage) == ""


def test_an_endless_chain_of_redirectors_is_empty():
    url = STORY
    for _ in range(9):
        url = "https://www.google.com/url?q=" + url.replace("%", "%25").replace("&", "%26")
    assert canonical_url(url) == ""


_PIECES = st.sampled_from(
    ["www.", "m.", "amp.", "en.", "a.example", "google.com", "cdn.ampproject.org", "/amp", "/", "..", ".", "//", ".amp", ".html",
     ";jsessionid=1", "%2e", "%2F", "%", "é", "?", "&", "=", "url", "q", "u", "https://", "http%3A%2F%2F", "utm_a", "rss", "#", "!",
     "+", ":80", "@", "\ud800", "/c/s/", "ß", "İ"]
)  # fmt: skip


@given(st.lists(_PIECES, max_size=12).map("".join) | st.text(max_size=60))
def test_canonical_is_idempotent_and_never_raises(rest):
    once = canonical_url("https://" + rest)
    assert canonical_url(once) == once
    assert once == "" or (once.startswith("https://") and once.isascii())
    assert isinstance(canonical_url(rest), str)


@given(st.sampled_from(["http", "https", "HTTP"]), st.lists(_PIECES, max_size=12).map("".join))
def test_an_address_that_needs_no_parser_comes_to_the_same_as_through_it(scheme, rest):
    """A blank behind it, which counts for nothing, lets any address go the long way."""
    url = f"{scheme}://{rest}"
    assert canonical_url(url) == canonical_url(url + " ")
    try:
        parts = urlsplit(url)
        usable = bool(parts.hostname) and " " not in url
    except ValueError:
        usable = False
    assert absolute_url(url) == (url if usable else "")


@given(st.permutations(["a=1", "b=2", "utm_source=x", "c=", "fbclid=1"]))
def test_the_order_of_the_query_does_not_matter(parts):
    assert canonical_url(f"{STORY}?{'&'.join(parts)}") == f"{STORY}?a=1&b=2&c"


@pytest.mark.parametrize(
    ("link", "bases", "found"),
    [
        ("/x", ("https://e.example/feed",), "https://e.example/x"),
        ("x", ("", "https://e.example/a/b"), "https://e.example/a/x"),
        ("/x", ("file:sample.xml",), ""),
        ("x", (), ""),
        ("", ("https://e.example/",), ""),
        ("http://[x", ("https://e.example/",), ""),
        ("https://e.example/\x01", (), ""),
        ("https://e.example/" + "a" * 9000, (), ""),
    ],
)
def test_links_become_absolute_or_empty(link, bases, found):
    assert absolute_url(link, *bases) == found


@pytest.mark.parametrize(("url", "host"), [("https://www.E.example/x", "e.example"), ("x", ""), ("http://[x", "")])
def test_the_host_a_person_would_name(url, host):
    assert host_of(url) == host
