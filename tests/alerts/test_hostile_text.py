"""Feed text arrives as plain words: the table of what was tried, and that none of it acts."""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from alert_samples import NOW, alert, met
from hostile import HOSTILE
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.alerts import Templates, check_template, render, render_digest
from monitor.alerts.clean import escape_markdown, plain_line, safe_url, shorten, without_mentions

KINDS = ["tgram", "discord", "slack", "mmost", "ntfy", "json", "twilio", "terminal", "mailto", "unheard-of"]


ALERT = """Own form of {{ watch }} {{ source }}{{ language }}
{{ headline }}{{ quotes | join }}
{% for outlet in outlets %}{{ outlet.name }}{{ outlet.link }}{% endfor +%}
{{ reasons | join("; ") }} {{ subject | short(200) }} {{ heading }} {{ facts }}
{{ link }}"""
DIGEST = """Own form {% for watch in watches %}{{ watch.name }}{% for story in watch.stories +%}
{{ story.headline }}{{ story.source | upper }}{{ story.facts }} {{ story.link }}
{% endfor %}{% endfor %}{{ left_out }}"""


def overridden() -> Templates:
    """Every form in a person's own words, a text beside a text."""
    texts = {f"{kind}.{form}": text for kind, text in (("alert", ALERT), ("digest", DIGEST)) for form in ("txt", "md")}
    texts |= {
        "alert.title": "{{ headline }}{{ source }}",
        "digest.title": "{{ subject }}",
        "alert.short": "Own form {{ headline | short(60) }}{{ source | short(20) }}",
        "digest.short": "Own form {{ watches[0].stories[0].headline | short(60) }}",
        "alert.html": f"<div>{ALERT}<a href='{{{{ link }}}}'>{{{{ headline }}}}</a></div>",
        "digest.html": f"<div>{DIGEST}</div>",
    }
    own = {name: check_template(name, text, {kind: kind for kind in KINDS}) for name, text in texts.items()}
    assert not [fault for fault in own.values() if isinstance(fault, list)]
    return Templates(own=own)


class _Page(HTMLParser):
    """Collects what a mail reader would make of the page."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str | None]] = []
        self.words = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.words += data


def _acts(line: str) -> bool:
    """Whether a line holds a character that does something instead of being read."""
    return any(unicodedata.category(letter) in {"Cc", "Cf", "Cs", "Zl", "Zp"} for letter in line)


OVERRIDDEN = overridden()


@pytest.mark.parametrize(("hostile", "words"), HOSTILE, ids=range(len(HOSTILE)))
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("form", ["alone", "digest", "template", "digest by template"])
def test_hostile_text_arrives_as_plain_words(kind: str, hostile: str, words: str, form: str) -> None:
    """In every place of every message: headline, sentence, met words, source, watch and outlets; in digests too.

    Also where a person's own template says how they are told.
    """
    base = alert(
        title=hostile,
        text=hostile,
        source=hostile,
        evidence=(met(hostile[:200], text=hostile, sentence=hostile[:400]),),
    )
    if form == "alone":
        message = render(base, kind=kind, zone="UTC", now=NOW)
    elif form == "template":
        rendered = OVERRIDDEN.alert(base, kind=kind, zone="UTC", now=NOW)
        assert not rendered.fault
        message = rendered.message
        assert "Own form" in message.body
    elif form == "digest by template":
        rendered = OVERRIDDEN.digest([base, replace(base, story=9)], kind=kind, zone="UTC", now=NOW)
        assert not rendered.fault
        message = rendered.message
        assert "Own form" in message.body
    else:
        message = render_digest([base, replace(base, story=9)], kind=kind, zone="UTC", now=NOW)
    assert not _acts(message.title)
    assert not any(map(_acts, message.body.split("\n")))
    shown = message.title + "\n" + message.body
    if message.format == "html":
        assert not any(map(_acts, message.plain.split("\n")))
        assert words in message.plain
        assert "@everyone" not in message.plain
        page = _Page()
        page.feed(message.body)
        assert page.tags <= {"div", "p", "h1", "h2", "a", "blockquote", "mark", "br", "span"}
        assert {name for name, _ in page.attributes} <= {"style", "href", "dir"}
        assert all(value.startswith("https://") for name, value in page.attributes if name == "href" and value)
        assert words in page.words or words.rstrip("a") == ""
        return
    plain = shown.replace("\\", "")
    assert words in plain
    for mention in ("@everyone", "@here", "@channel", "@all", "<!", "<@", "<#", "](", "<http"):
        assert mention not in shown
    if kind in {"discord", "mmost"}:
        for markup in ("**bold**", "__under__", "||spoiler||", "`code`"):
            assert markup not in shown
        assert not any(line.startswith(("# ", "> ", "- ", "1. ")) for line in shown.split("\n"))


@pytest.mark.parametrize(
    "url",
    [
        "",
        "javascript:alert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "ftp://host.example/x",
        "https://",
        "http://[",
        "//host.example/x",
        "https://bank.example@evil.example/",
        "https://user:pw@evil.example/",
        "https://evil.example/\r\nX: y",
        "https://evil.example/ space",
        'https://evil.example/"onclick=x',
        "https://evil.example/<script>",
        "https://evil.example/\u202egnp",
        "https://evil.example/" + "x" * 2_000,
        "https:\\\\evil.example",
    ],
)
def test_a_link_that_is_not_plainly_http_is_not_shown(url: str) -> None:
    assert safe_url(url) == ""
    for kind in ("tgram", "mailto", "twilio"):
        body = render(alert(url=url, also_in=()), kind=kind, zone="UTC", now=NOW).body
        assert "href" not in body
        assert not url or url not in body


@pytest.mark.parametrize(
    "url",
    ["https://a.example/x?y=1&z=%20#f", "HTTP://A.example/", "https://пример.example/статья", "http://[2001:db8::1]/"],
)
def test_a_plain_link_is_shown_as_it_is(url: str) -> None:
    assert safe_url(url) == url


class TestPlainLine:
    @pytest.mark.parametrize(
        ("written", "shown"),
        [
            ("می\u200cروند", "می\u200cروند"),  # Persian needs the non-joiner
            ("क्\u200dष", "क्\u200dष"),
            ("👩\u200d🚒 team", "👩\u200d🚒 team"),
            ("pass\u200cword", "password"),
            ("\u200d start", "start"),
            ("Việt Nam", "Việt Nam"),
            ("a\u00a0b\tc\n d", "a b c d"),
        ],
    )
    def test_joiners_stay_where_they_mean_something(self, written: str, shown: str) -> None:
        assert plain_line(written) == shown

    @settings(max_examples=200)
    @given(st.text(max_size=300))
    def test_making_a_line_harmless_twice_changes_nothing_more(self, text: str) -> None:
        once = without_mentions(plain_line(text))
        assert without_mentions(plain_line(once)) == once
        assert not any(unicodedata.category(letter) in {"Cc", "Cs", "Zl", "Zp"} for letter in once)

    def test_addresses_of_people_stay_readable(self) -> None:
        assert without_mentions("write to a.b@c.example; 5 < 6 > 4") == "write to a.b@c.example; 5 < 6 > 4"
        assert without_mentions("press@all.example, x@group-a.example") == "press@all.example, x@group-a.example"

    def test_a_call_to_all_calls_nobody_whatever_stands_before_it(self) -> None:
        assert (
            without_mentions("now@here x.@Everyone, a@all. b@channel") == "now＠here x.＠Everyone, a＠all. b＠channel"
        )

    def test_markdown_comes_out_as_it_went_in(self) -> None:
        assert escape_markdown("1. a_b") == r"1\. a\_b"


class TestShorten:
    @pytest.mark.parametrize(
        ("line", "limit", "short"),
        [
            ("one two three", 13, "one two three"),
            ("one two three", 12, "one two…"),
            ("one two three", 8, "one two…"),
            ("one, two", 6, "one…"),
            ("unbrokenword", 5, "unbr…"),
            ("x", 0, ""),
            ("xy", 1, "…"),
            ("aaaa e\u0301\u0301\u0301", 7, "aaaa…"),
            ("aa👩\u200d🚒bbb", 4, "aa…"),
        ],
    )
    def test_a_line_is_cut_between_words_and_never_inside_a_letter(self, line: str, limit: int, short: str) -> None:
        assert shorten(line, limit) == short

    @given(st.text(max_size=80), st.integers(min_value=0, max_value=60))
    def test_the_limit_holds(self, line: str, limit: int) -> None:
        assert len(shorten(line, limit)) <= limit or shorten(line, limit) == line
        assert len(shorten(line, limit)) <= max(limit, 0)


@pytest.mark.parametrize("kind", ["discord", "mmost", "rocket", "slack", "tgram", "json", "terminal", "twilio"])
def test_a_link_calls_nobody(kind: str) -> None:
    """A name for everybody in a link's path is written as its escape; the names of people are left as they are."""
    body = render(alert(url="https://agence.example/@everyone/@Here/@ada"), kind=kind, zone="UTC", now=NOW).body
    assert "https://agence.example/%40everyone/%40Here/@ada" in body


def test_a_language_without_a_name_acts_as_nothing_in_a_mail() -> None:
    evidence = met("conclure la mission", language="x\u202e\x1b[31m")
    body = render(alert(language="x\u202e\x07", evidence=(evidence,)), kind="mailto", zone="UTC", now=NOW).body
    assert not {"\u202e", "\x1b", "\x07"} & set(body)
