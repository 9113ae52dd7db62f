"""Entries become articles: oldest first, each once, old ones quiet at first sight."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from monitor.feeds import language_code, make_articles
from monitor.model import DueFeed, Entry, Feed, ParsedFeed

NOW = datetime(2024, 7, 23, 12, tzinfo=UTC)
FEED = Feed(url="https://e.example/feed")
DUE = DueFeed(
    id=1, url=FEED.url, title="", etag=None, last_modified=None, body_hash=None, failures=0, first_sight=True, last_new=None,
    interval=None,
)  # fmt: skip
LATER = replace(DUE, first_sight=False)


def entry(name: str, age: timedelta | None = timedelta(hours=1)) -> Entry:
    return Entry(guid=name, title=name, url=f"https://e.example/{name}", published=None if age is None else NOW - age)


def parsed(*entries: Entry, title: str = "Paper", language: str | None = None) -> ParsedFeed:
    return ParsedFeed(format="rss", encoding="utf-8", title=title, entries=entries, language=language)


def quiet(feed: Feed, due: DueFeed, *ages: timedelta | None) -> list[bool]:
    entries = [entry(str(index), age) for index, age in enumerate(ages)]
    found = {article.key: article.quiet for article in make_articles(parsed(*entries), feed, due, NOW)}
    return [found[f"guid:{index}"] for index in range(len(ages))]


def test_at_first_sight_only_the_young_are_told():
    day = FEED.first_alert_age
    assert quiet(FEED, DUE, timedelta(0), day, day + timedelta(seconds=1), timedelta(days=900)) == [
        False,
        False,
        True,
        True,
    ]


def test_after_first_sight_nothing_is_quiet():
    assert quiet(FEED, LATER, timedelta(days=900), None) == [False, False]


def test_an_undated_entry_is_as_old_as_its_dated_neighbour():
    """A feed that is added must not bring its whole archive as news."""
    assert quiet(FEED, DUE, None, timedelta(0), None, timedelta(days=9), None) == [False, False, False, True, True]


def test_an_undated_entry_above_an_old_one_is_told():
    """Feeds print the newest first, so the old one says nothing of it."""
    assert quiet(FEED, DUE, None, None, timedelta(days=21)) == [False, False, True]


def test_in_a_feed_without_dates_all_is_told():
    assert quiet(FEED, DUE, None, None) == [False, False]


def test_a_date_far_ahead_is_no_date_of_publishing():
    assert quiet(FEED, DUE, timedelta(days=9), timedelta(days=-300), timedelta(hours=-3)) == [True, True, False]


def test_articles_come_oldest_first_and_undated_ones_keep_their_place():
    ages = [timedelta(hours=1), None, timedelta(hours=3), timedelta(hours=2), None]
    entries = [entry(str(index), age) for index, age in enumerate(ages)]
    assert [a.title for a in make_articles(parsed(*entries), FEED, LATER, NOW)] == ["4", "2", "1", "3", "0"]


def test_a_feed_without_dates_is_turned_round():
    entries = [entry(name, None) for name in "cba"]
    assert [a.title for a in make_articles(parsed(*entries), FEED, LATER, NOW)] == ["a", "b", "c"]


def test_an_item_printed_twice_is_one_article():
    assert len(make_articles(parsed(entry("a"), entry("a"), entry("b")), FEED, DUE, NOW)) == 2


def test_the_future_is_now():
    (article,) = make_articles(parsed(entry("a", timedelta(hours=-5))), FEED, DUE, NOW)
    assert (article.published, article.discovered) == (NOW, NOW)


@pytest.mark.parametrize(
    ("named", "feed", "title", "url", "source"),
    [
        ("Wire", "Mine", "Paper", "https://e.example/1", "Wire"),
        ("", "Mine", "Paper", "https://e.example/1", "Mine"),
        ("", "", "Paper", "https://e.example/1", "Paper"),
        ("", "", "", "https://www.e.example/1", "e.example"),
        ("", "", "", "", "feeds.example"),
    ],
)
def test_the_source_is_the_nearest_name(named, feed, title, url, source):
    one = replace(entry("a"), source=named, url=url)
    (article,) = make_articles(parsed(one, title=title), Feed(url="https://feeds.example/x", name=feed), DUE, NOW)
    assert article.source == source


def test_a_local_file_is_its_own_source_when_nothing_else_names_one():
    (article,) = make_articles(parsed(replace(entry("a"), url=""), title=""), Feed(url="file:sample.xml"), DUE, NOW)
    assert article.source == "file:sample.xml"


@pytest.mark.parametrize(
    ("own", "persons", "feeds", "hint"),
    [
        ("fr", "de", "en", "fr"),
        ("en", "de-AT", "en", "de"),
        (None, None, "en", "en"),
        ("en", None, "en", "en"),
        (None, None, None, None),
    ],
)
def test_the_language_is_the_entrys_then_the_persons_then_the_feeds(own, persons, feeds, hint):
    one = replace(entry("a"), language=own)
    (article,) = make_articles(parsed(one, language=feeds), replace(FEED, language=persons), DUE, NOW)
    assert article.language_hint == hint


@pytest.mark.parametrize(
    ("stated", "code"),
    [("en-US", "en"), (" pt_BR ", "pt"), ("deu", "de"), ("zh-Hans-CN", "zh"), ("iw", "he"), ("nb-NO", "no"), ("english", None),
     ("", None), (None, None), (7, None), ("qqq", None), ("xx", None), ("x", None)],
)  # fmt: skip
def test_stated_languages_become_iso_codes(stated, code):
    assert language_code(stated) == code
