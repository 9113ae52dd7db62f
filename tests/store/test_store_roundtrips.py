"""Laws of the store, over values that hypothesis makes up: what goes in comes out, and queries equal plain counting."""

from __future__ import annotations

import contextlib
import tempfile
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from program import wait_for
from store_builders import (
    DAY,
    FEED,
    MINUTE,
    NOON,
    ManualClock,
    alerting,
    evidence,
    feed_in,
    judgement,
    new_article,
    update,
)

from monitor.model import Arrival, Evidence, Gate, Match
from monitor.store import SqliteStore
from monitor.store.values import (
    evidence_from,
    span_or_none_from,
    storable,
    stored_evidence,
    stored_hash,
    stored_span,
    stored_time,
    time_from,
)

TEXT = st.text(max_size=60)
ZONES = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
TIMES = st.datetimes(min_value=datetime(2, 1, 1), max_value=datetime(9998, 1, 1), timezones=ZONES)
ARTICLES = st.builds(
    new_article,
    st.text(min_size=1, max_size=40),
    url=TEXT,
    canonical_url=TEXT,
    title=TEXT,
    text=st.text(max_size=400),
    author=TEXT,
    source=TEXT,
    language_hint=st.none() | TEXT,
    published=st.none() | TIMES,
    published_raw=TEXT,
    discovered=TIMES,
    content_hash=TEXT,
    quiet=st.booleans(),
)


@contextlib.contextmanager
def fresh_store():
    with tempfile.TemporaryDirectory() as folder, SqliteStore.open(Path(folder) / "m.db", clock=ManualClock()) as store:
        feed_in(store)
        yield store


@given(TIMES, TIMES)
def test_times_come_back_exactly_and_sort_as_they_are(one, other):
    assert time_from(stored_time(one)) == one
    assert time_from(stored_time(one)).tzinfo is UTC
    assert (stored_time(one) < stored_time(other)) == (one < other)


def test_a_naive_time_is_a_mistake_of_the_caller():
    with pytest.raises(TypeError):
        stored_time(datetime(2026, 3, 1))


@given(st.timedeltas())
def test_durations_come_back_exactly(span):
    assert span_or_none_from(stored_span(span)) == span


@given(st.text(alphabet=st.characters(exclude_categories=())))
def test_every_text_can_be_stored_at_its_length(text):
    assert len(storable(text)) == len(text)
    storable(text).encode()
    if "\N{REPLACEMENT CHARACTER}" not in storable(text):
        assert storable(text) == text


@given(
    st.lists(
        st.builds(
            Evidence,
            **dict.fromkeys(["term", "alias", "words", "sentence"], st.text()),
            concept=TEXT,
            language=TEXT,
            field=st.sampled_from(["title", "body"]),
            start=st.integers(0),
            end=st.integers(0),
        )
    )
)
def test_evidence_comes_back_exactly(items):
    assert evidence_from(stored_evidence(items)) == tuple(items)


@given(st.lists(st.integers(0, 2**64 - 1), unique=True))
def test_hashes_stay_apart_and_fit(hashes):
    stored = {stored_hash(value) for value in hashes}
    assert len(stored) == len(hashes)
    assert all(-(2**63) <= value < 2**63 for value in stored)


@settings(max_examples=30)
@given(st.lists(ARTICLES, max_size=6, unique_by=lambda article: article.key))
def test_articles_come_back_as_they_arrived(articles):
    with fresh_store() as store:
        result = store.arrive(Arrival(feed=update(), articles=tuple(articles)))
        assert result.new == len(articles)
        back = store.unjudged(100)
        for given_, stored in zip(articles, back, strict=True):
            for name in ("key", "url", "canonical_url", "title", "text", "author", "source"):
                assert getattr(stored, name) == getattr(given_, name), name
            assert stored.feed_url == FEED
            assert (stored.published, stored.discovered) == (given_.published, given_.discovered)
            assert (stored.quiet, stored.language_hint) == (given_.quiet, given_.language_hint)
        assert store.arrive(Arrival(feed=update(), articles=tuple(articles))).known == len(articles)
        assert store.integrity_check() == ()


def test_what_comes_and_changes_in_one_commit_is_found_by_its_last_words():
    """A look and a hub's push of the same feed can end together."""
    with fresh_store() as store, ThreadPoolExecutor(3) as threads:
        store.arrive(Arrival(feed=update(), articles=(new_article("old"),)))
        with store.judging():  # what arrives meanwhile waits, and all that waits goes in together
            threads.submit(store.arrive, Arrival(feed=update()))
            wait_for(lambda: store._arriving.locked() and not store._queue)
            for text in ("flood", "drought"):
                articles = (new_article("a", text=text), new_article("old", text=text))
                threads.submit(store.arrive, Arrival(feed=update(), articles=articles))
                wait_for(lambda text=text: text in [one.arrival.articles[0].text for one in store._queue])
        threads.shutdown()
        assert len(store.search("drought", limit=5)) == 2
        assert store.search("flood", limit=5) == ()
        assert store.integrity_check() == ()


@settings(max_examples=20)
@given(st.lists(st.tuples(ARTICLES, ARTICLES), max_size=4, unique_by=lambda pair: pair[0].key))
def test_the_search_index_agrees_with_the_articles_through_edits_and_retention(pairs):
    with fresh_store() as store:
        store.arrive(Arrival(feed=update(), articles=tuple(first for first, _ in pairs)))
        edited = tuple(
            new_article(first.key, title=second.title, text=second.text, content_hash=second.content_hash)
            for first, second in pairs
        )
        store.arrive(Arrival(feed=update(), articles=edited))
        with store.judging() as session:
            for article in store.unjudged(100):
                session.record(judgement(article))
        assert store.integrity_check() == ()
        store.prune(NOON)
        assert store.integrity_check() == ()


@settings(max_examples=30)
@given(
    st.lists(st.frozensets(st.integers(0, 12)), max_size=8),
    st.frozensets(st.integers(0, 12)),
    st.integers(0, 8),
    st.integers(1, 10),
)
def test_the_closest_by_shingles_are_those_of_plain_counting(stored, asked, since, limit):
    with fresh_store() as store:
        articles = tuple(new_article(f"n{n}", discovered=NOON + (n * 5 % 8) * MINUTE) for n in range(len(stored)))
        store.arrive(Arrival(feed=update(), articles=articles))
        with store.judging() as session:
            for article, shingles in zip(store.unjudged(100), stored, strict=True):
                session.record(judgement(article, shingles=tuple(shingles)))
            found = session.by_shingles(tuple(asked), NOON + since * MINUTE, limit)
        expected = sorted(
            (
                (number + 1, len(shingles & asked), len(shingles))
                for number, shingles in enumerate(stored)
                if shingles & asked and number * 5 % 8 >= since
            ),
            key=lambda row: (-row[1], row[0]),
        )
        assert [(article, shared, size) for article, _, shared, size in found] == expected[:limit]


@settings(max_examples=20)
@given(
    channels=st.lists(st.sampled_from("abc"), max_size=4),
    words=st.text(min_size=1),
    watch=st.text(min_size=1, max_size=20),
)
def test_every_channel_gets_what_was_judged_once(channels, words, watch):
    with fresh_store() as store:
        store.arrive(Arrival(feed=update(), articles=(new_article(),)))
        (article,) = store.unjudged(1)
        met = Match(watch=watch, evidence=(evidence(words),))
        with store.judging() as session:
            session.record(alerting(article, *channels, watch=watch, matches=(met,)))
        claimed = store.claim_deliveries(
            NOON + DAY, limit=9, lease=MINUTE, busy=(), channels=[Gate(channel=name) for name in "abc"]
        )
        assert sorted(one.channel for one in claimed) == sorted(set(channels))
        assert all(one.alert.evidence == met.evidence and one.alert.watch == watch for one in claimed)
