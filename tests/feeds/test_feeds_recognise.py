"""Entries are known again from look to look: told once, and never swallowed, whatever their feed does to its guids."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.feeds import describe_record, make_articles, other_key, recognise
from monitor.model import DueFeed, Entry, EntryMarks, Feed, IdentityRecord, KnownEntry, ParsedFeed

NOW = datetime(2024, 7, 23, 12, tzinfo=UTC)
FEED = Feed(url="https://e.example/feed")
DUE = DueFeed(
    id=1, url=FEED.url, title="", etag=None, last_modified=None, body_hash=None, failures=0, first_sight=False, last_new=None,
    interval=None,
)  # fmt: skip


def story(n: int, **values) -> Entry:
    made = {
        "guid": f"g{n}",
        "url": f"https://e.example/2024/story-number-{n}",
        "title": f"Story {n}",
        "published": NOW - timedelta(hours=n + 1),
    }
    return Entry(**{**made, **values})


class Reader:
    """A feed's memory: what the store keeps from one look to the next, in a dict."""

    def __init__(self) -> None:
        self.known: dict[str, KnownEntry] = {}
        self.record = IdentityRecord()
        self.told: list[str] = []

    def look(self, *entries: Entry) -> list[tuple[str, str]]:
        """One document; (title, reason) in its order. What is new is told."""
        document = ParsedFeed(format="rss", encoding="utf-8", title="F", entries=entries)
        made = make_articles(document, FEED, DUE, NOW)
        found = recognise(made, tuple(self.known.values()), self.record)
        self.record = found.record
        for article in found.articles:
            if article.key not in self.known:
                self.told.append(article.title)
            else:
                del self.known[article.key]
            key = article.new_key or article.key
            assert key not in self.known
            self.known[key] = KnownEntry(key=key, marks=article.marks, content=article.content_hash)
        reasons = {article.title: article.reason for article in found.articles}
        return [(entry.title, reasons[entry.title]) for entry in entries]


def test_guids_that_hold_are_taken_at_their_word():
    reader = Reader()
    reader.look(*(story(n) for n in range(5)))
    edited = story(2, title="Corrected", url="https://e.example/2024/other-words-2")
    assert reader.look(story(9), edited, story(3)) == [("Story 9", "new"), ("Corrected", "known"), ("Story 3", "known")]
    assert len(reader.told) == 6
    assert describe_record(reader.record, ["guid"]).startswith("its guids hold")


def test_guids_made_anew_at_each_look_tell_nothing_twice():
    reader = Reader()
    for look in range(4):
        reader.look(*(story(n, guid=f"{look}-{n}") for n in range(look, look + 6)))
    assert sorted(reader.told) == [f"Story {n}" for n in range(9)]
    assert describe_record(reader.record, ["guid"]).startswith("its guids do not hold")


def test_a_site_that_moves_tells_nothing_twice():
    """Scheme, host, guid: all is another at once; titles and dates stay."""
    reader = Reader()
    reader.look(*(story(n) for n in range(6)))
    moved = [story(n, guid=f"new{n}", url=f"https://new.example/articles/{n}") for n in range(6)]
    assert {reason for _, reason in reader.look(*moved, story(7))} == {"key-drifts", "new"}
    assert {reason for _, reason in reader.look(*moved)} == {"known"}
    assert len(reader.told) == 7


def test_a_guid_that_counts_edits_is_the_same_entry():
    reader = Reader()
    reader.look(*(story(n, guid=f"https://e.example/{n}#0") for n in range(5)))
    later = story(1, guid="https://e.example/1#1", title="A new headline", published=NOW)
    others = [story(n, guid=f"https://e.example/{n}#0") for n in (2, 3, 4)]
    assert reader.look(later, *others)[0] == ("A new headline", "key-revised")


def test_a_changed_guid_with_the_same_link_and_title_is_the_same_entry_where_guids_hold():
    reader = Reader()
    reader.look(*(story(n) for n in range(5)))
    again = [story(n) for n in range(1, 5)]
    assert reader.look(story(0, guid="other", published=NOW), *again)[0] == ("Story 0", "key-changed")


def test_a_headline_that_comes_back_is_news_where_guids_hold():
    """The same title on another day, or with a link of its own."""
    reader = Reader()
    reader.look(story(0, title="Siren", url="https://e.example/alerts", guid="s0"), *(story(n) for n in range(1, 5)))
    rest = [story(n) for n in range(1, 5)]
    assert reader.look(story(5, title="Siren", url="https://e.example/alerts", guid="s1"), *rest)[0] == ("Siren", "new")
    same_day = story(5, title="Siren", guid="s2", published=story(5).published)
    assert reader.look(same_day, *rest)[0] == (
        "Siren",
        "key-changed",
    )  # the link says nothing of the first: title and date decide
    assert reader.look(replace(same_day, guid="s3", url="https://e.example/2024/siren-in-the-south"), *rest)[0] == (
        "Siren",
        "new",
    )


def test_a_link_that_stands_on_several_entries_knows_none_again():
    reader = Reader()
    live = "https://e.example/live-report-12345678"
    reader.look(*(story(n, url=live) for n in range(4)))
    assert reader.look(*(story(n, url=live) for n in range(2, 7)))[-1] == ("Story 6", "new")
    assert len(reader.told) == 7


def test_a_guid_that_names_whatever_is_listed_now_swallows_nothing():
    """One entry at a time, always under the same guid."""
    reader = Reader()
    for n in range(4):
        reader.look(story(n, guid="top-story"))
    assert reader.look(story(3, guid="top-story")) == [("Story 3", "known")]
    assert reader.told == [f"Story {n}" for n in range(4)]
    assert describe_record(reader.record, ["guid"]).startswith("its guids are used again")


def test_one_edit_that_changes_all_is_an_edit_where_guids_hold():
    reader = Reader()
    reader.look(*(story(n) for n in range(5)))
    again = [story(n) for n in range(1, 5)]
    assert reader.look(replace(story(77), guid="g0"), *again)[0] == ("Story 77", "known")


def test_a_guid_that_is_repeated_in_one_look_and_alone_in_the_next_knows_its_entry_again():
    reader = Reader()
    one, two = story(1, guid="g"), story(2, guid="g")
    reader.look(one)
    assert reader.look(one, two) == [("Story 1", "key-drifts"), ("Story 2", "new")]
    reader.look(two)
    reader.look(one, two)
    assert sorted(reader.told) == ["Story 1", "Story 2"]


def test_without_guids_a_link_that_drifts_is_known_by_title_and_date():
    reader = Reader()
    for look in range(3):
        reader.look(*(story(n, guid="", url=f"https://e.example/item?sid={look}{n}00") for n in range(5)))
    assert len(reader.told) == 5


def test_without_a_vote_in_the_document_what_was_learnt_decides():
    """Only the link agrees: the same entry in a feed whose guids are known to drift, another where they hold."""
    known = [KnownEntry(key="guid:a", marks=EntryMarks(link=1, title=2, date=3))]
    one = replace(
        make_articles(ParsedFeed(format="rss", encoding="", title="", entries=(story(1),)), FEED, DUE, NOW)[0],
        marks=EntryMarks(link=1, title=8, date=9),
    )
    assert [
        recognise([one], known, record).articles[0].reason
        for record in (IdentityRecord(moved=3), IdentityRecord(held=3))
    ] == ["key-drifts", "new"]
    # A key that came on something else: used again where that is known of the feed, and so in a document of its own.
    same = replace(one, key="guid:a", marks=EntryMarks(link=7, title=8, date=9))
    assert recognise([same], known, IdentityRecord()).articles[0].reason == "new-despite-key"


def test_no_known_entry_stands_for_two():
    known = [KnownEntry(key="guid:a", marks=EntryMarks(link=1, title=2, date=3))]
    (base,) = make_articles(ParsedFeed(format="rss", encoding="", title="", entries=(story(1),)), FEED, DUE, NOW)
    two = [replace(base, key=f"guid:{n}", marks=EntryMarks(link=n, title=2, date=3)) for n in (0, 1)]
    assert [article.reason for article in recognise(two, known, IdentityRecord()).articles] == ["new", "key-drifts"]


def test_without_links_and_dates_many_entries_of_the_same_words_are_the_same_and_one_alone_is_new():
    """A siren without a date, and a feed of headlines that makes all its guids anew."""
    reader = Reader()
    for look in range(3):
        reader.look(*(Entry(guid=f"{look}-{n}", title=f"Headline {n}") for n in range(4)))
    assert len(reader.told) == 4
    siren = Reader()
    for look in range(3):
        siren.look(Entry(guid=f"s{look}", title="Red alert"))
    assert len(siren.told) == 3


def test_without_a_guid_a_link_to_a_section_is_no_identity():
    """One alert at a time, always with the link of the page of alerts."""
    reader = Reader()
    for hour in range(3):
        reader.look(Entry(url="https://e.example/alerts", title="Red alert", published=NOW - timedelta(hours=hour)))
    assert reader.look(Entry(url="https://e.example/alerts", title="Red alert", published=NOW))[0][1] == "known"
    assert len(reader.told) == 3
    pinned = Reader()
    for hour in range(3):
        pinned.look(
            Entry(url="https://e.example/live", title="Live", published=NOW - timedelta(hours=hour)),
            *(story(n) for n in range(4)),
        )
    assert len(pinned.told) == 5


def test_marks_that_say_nothing_hold_no_key():
    assert other_key("guid:a", EntryMarks(date=3)) == ""
    assert (
        len(
            {
                other_key("guid:a", marks)
                for marks in (EntryMarks(link=1), EntryMarks(link=2), EntryMarks(title=1), EntryMarks(title=1, date=1))
            }
        )
        == 4
    )


def test_what_is_not_known_yet_is_said():
    assert (
        describe_record(IdentityRecord(), ["content"]) == "nothing is known of its identifiers yet: no entry came twice"
    )
    assert describe_record(IdentityRecord(held=2), ["url"]).startswith("its links hold (of late 2 held")


@pytest.mark.parametrize("guid", ["", "x"])
def test_an_entry_that_holds_nothing_is_no_article(guid):
    document = ParsedFeed(format="rss", encoding="", title="", entries=(Entry(guid=guid),))
    assert len(make_articles(document, FEED, DUE, NOW)) == len(guid)


_LOOKS = st.lists(st.lists(st.integers(0, 9), min_size=1, max_size=6, unique=True), min_size=1, max_size=6)


@settings(max_examples=60)
@given(_LOOKS, st.sampled_from(["hold", "drift", "absent", "http"]))
def test_each_story_is_told_once_in_any_order_of_looks(looks, guids):
    """The law: entries that differ in link, title and date are told once each, however their guids behave."""
    reader = Reader()
    for number, look in enumerate(looks):
        kinds = {
            "hold": story,
            "drift": lambda n, number=number: story(n, guid=f"{number}-{n}"),
            "absent": lambda n: story(n, guid=""),
            "http": lambda n, number=number: story(n, guid=f"http{'s' * (number % 2)}://e.example/{n}", url=f"http{'s' * (number % 2)}://e.example/story-number-{n}"),
        }  # fmt: skip
        reader.look(*(kinds[guids](n) for n in look))
    assert sorted(reader.told) == sorted({f"Story {n}" for look in looks for n in look})
