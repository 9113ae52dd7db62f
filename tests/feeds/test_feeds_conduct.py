"""What is remembered of a server from look to look: validators, moves, gaps."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from monitor.feeds import (
    Overlap,
    after_move,
    forget_move,
    make_articles,
    older_page,
    overlap_of,
    settled_address,
    stuck,
    validators_for,
)
from monitor.model import DueFeed, Entry, Feed, FeedAsks, FetchFailed, FetchFault, Moved, ParsedFeed

NOW = datetime(2024, 7, 23, 12, tzinfo=UTC)
DAY = timedelta(days=1)
OLD, NEW = "https://old.example/feed", "https://new.example/feed"
FEED = Feed(url=OLD)
DUE = DueFeed(
    id=1, url=OLD, title="", etag='"1"', last_modified="then", body_hash="b", failures=0, first_sight=False,
    last_new=None, interval=None, last_ok=NOW - DAY, listed=5, whole_at=NOW - DAY,
)  # fmt: skip


def due(**values) -> DueFeed:
    return replace(DUE, **values)


@pytest.mark.parametrize(
    ("known", "sent"),
    [
        ({}, ('"1"', "then")),
        ({"whole_at": None}, ('"1"', "then")),
        ({"whole_at": NOW - 7 * DAY}, (None, None)),
        ({"distrust_until": NOW + DAY}, (None, None)),
        ({"distrust_until": NOW}, ('"1"', "then")),
    ],
)
def test_validators_go_back_verbatim_but_not_for_ever(known, sent):
    """Once a week the document is asked for whole, and from a server that was found out all the time."""
    assert validators_for(due(**known), NOW) == sent


@pytest.mark.parametrize(
    ("etag", "last_modified", "same"),
    [('"1"', "then", True), ('"2"', "then", False), (None, None, False)],
)
def test_a_validator_is_stuck_when_a_changed_document_comes_under_it(etag, last_modified, same):
    assert stuck(due(), etag, last_modified) is same
    assert not stuck(due(etag=None, last_modified=None), None, None)


def moved(days: float, looks: int) -> Moved:
    return Moved(to=NEW, since=NOW - days * DAY, looks=looks)


@pytest.mark.parametrize(
    ("known", "feed", "asked"),
    [
        (None, FEED, OLD),
        (moved(2, 100), FEED, OLD),
        (moved(4, 4), FEED, OLD),
        (moved(4, 5), FEED, NEW),
        (moved(31, 99), FEED, NEW),
        (moved(31, 100), FEED, OLD),  # is it still so?
        (moved(4, 5), replace(FEED, headers={"X-Key": "k"}), OLD),
        (moved(4, 5), replace(FEED, url="https://me:word@old.example/feed"), "https://me:word@old.example/feed"),
        (Moved(to="https://old.example/new", since=NOW - 4 * DAY, looks=5), replace(FEED, headers={"X-Key": "k"}),
         "https://old.example/new"),
    ],
)  # fmt: skip
def test_the_new_place_is_asked_once_the_move_is_stable(known, feed, asked):
    """Never with what the config gives for the old place's server, and the old place is asked now and then."""
    assert settled_address(due(moved=known), feed, NOW) == asked


@pytest.mark.parametrize(
    ("before", "asked", "moved_to", "after"),
    [
        (None, OLD, None, None),
        (None, OLD, NEW, Moved(to=NEW, since=NOW, looks=1)),
        (moved(2, 3), OLD, NEW, moved(2, 4)),
        (moved(2, 3), OLD, "https://third.example/", Moved(to="https://third.example/", since=NOW, looks=1)),
        (moved(2, 3), OLD, None, None),
        (moved(4, 9), NEW, None, moved(4, 10)),
    ],
)
def test_a_move_is_counted_while_it_stays_the_same(before, asked, moved_to, after):
    assert after_move(due(moved=before), asked, moved_to, NOW) == after


@pytest.mark.parametrize(
    ("asked", "fault", "status", "forgotten"),
    [
        (NEW, FetchFault.GONE, 410, True),
        (NEW, FetchFault.HTTP_STATUS, 404, True),
        (NEW, FetchFault.HTTP_STATUS, 503, False),
        (NEW, FetchFault.NOT_A_FEED, None, True),
        (OLD, FetchFault.HTTP_STATUS, 404, False),
    ],
)
def test_a_new_place_that_is_no_good_is_forgotten(asked, fault, status, forgotten):
    failure = FetchFailed(url=asked, fault=fault, detail="", status=status)
    assert forget_move(due(moved=moved(9, 9)), asked, failure) is forgotten
    assert not forget_move(due(), asked, failure)


@pytest.mark.parametrize(
    ("asks", "url", "page"),
    [
        (FeedAsks(), OLD, ""),
        (FeedAsks(older="https://old.example/2023", paged=True), OLD, "https://old.example/2023"),
        (FeedAsks(paged=True), OLD, OLD + "?paged=3"),
        (FeedAsks(paged=True), OLD + "?cat=2&paged=2#top", OLD + "?cat=2&paged=3"),
    ],
)
def test_older_pages_are_where_the_feed_says(asks, url, page):
    assert older_page(asks, url, 3) == page


def articles(*days: float | None):
    entries = [
        Entry(guid=str(n), title=str(n), published=None if day is None else NOW - day * DAY)
        for n, day in enumerate(days)
    ]
    parsed = ParsedFeed(format="rss", encoding="utf-8", title="", entries=tuple(entries))
    return make_articles(parsed, FEED, DUE, NOW)


@pytest.mark.parametrize(
    ("days", "known", "overlap"),
    [
        ((0.1, 0.2, 0.3), 0, Overlap.GAP),
        ((None, None, None), 0, Overlap.GAP),
        ((0.1, 0.2, 5), 0, Overlap.GAP),
        ((0.1, 0.2, 3), 1, Overlap.SHARED),
        ((0.1,), 0, Overlap.SHARED),  # a feed of one entry always looks so
        ((0.1, 2, 3, 4), 0, Overlap.RENAMED),
        ((), 0, Overlap.SHARED),
    ],
)
def test_a_document_that_shares_no_entry_with_what_was_seen_is_a_gap(days, known, overlap):
    """But entries that are older than the last look should have been seen: their ids have changed."""
    found = articles(*days)
    unseen = {article.key for article in found[known:]}
    assert overlap_of(DUE, found, unseen) is overlap
    for nothing_before in (due(last_ok=None), due(listed=0)):
        assert overlap_of(nothing_before, found, unseen) is Overlap.SHARED
