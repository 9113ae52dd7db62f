"""Sketches that are found by their terms and counted exactly, and stories that a person merges and splits."""

from __future__ import annotations

from array import array

import pytest
from store_builders import (
    DAY,
    MINUTE,
    NOON,
    alerted,
    arrived,
    feed_in,
    holding_back,
    joins,
    judgement,
    new_article,
    recorded,
)

from monitor.errors import NotFound, StoreError
from monitor.model import DeliveryState, Gate, Sketch, StoryReason, StoryVerdict

LONG_AGO = NOON - 30 * DAY


def sketch(*terms: int, strong: tuple[int, ...] | None = None) -> Sketch:
    return Sketch(
        language="en",
        terms=array("i", terms).tobytes(),
        kinds=bytes([1] * len(terms)),
        counts=bytes([1] * len(terms)),
        norms=(1.0, 2.0, 3.0, 4.0, 5.0, 6.0),
        strong=terms if strong is None else strong,
    )


def sketched(store, key: str, *terms: int, **values) -> tuple[int, int]:
    """(article, story) of a new article with this sketch."""
    (article,) = arrived(store, new_article(key))
    (story,) = recorded(store, judgement(article, sketch=sketch(*terms), counted_as=(99,), **values))
    return article.id, story


def asked(store, *terms: int, each: int = 9, since=LONG_AGO):
    with store.judging() as session:
        return session.seen((*terms, 99)), list(session.by_terms(terms, since, each))


class TestSketches:
    def test_articles_are_found_by_each_strong_term_the_latest_first(self, store):
        feed_in(store)
        first, old = sketched(store, "a", 1, 2)
        second, new = sketched(store, "b", 2, 3)
        seen, found = asked(store, 2, 3, 4)
        assert seen == {2: 2, 3: 1, 99: 2}
        assert found == [(2, second, new), (2, first, old), (3, second, new)]
        assert asked(store, 2, each=1)[1] == [(2, second, new)]
        assert asked(store, 2, since=NOON + MINUTE)[1] == []

    def test_a_sketch_comes_back_as_it_was_with_its_story(self, store):
        feed_in(store)
        article, story = sketched(store, "a", 1, -2)
        with store.judging() as session:
            (known,) = session.sketches([article, 77], LONG_AGO)
            assert session.sketches([article], NOON + DAY) == ()
        assert (known.article, known.story, known.size, known.discovered) == (article, story, 1, NOON)
        assert known.published == NOON - MINUTE
        kept = sketch(1, -2)
        assert (known.sketch.terms, known.sketch.kinds, known.sketch.norms) == (kept.terms, kept.kinds, kept.norms)

    def test_a_batch_sees_what_it_counted_itself(self, store):
        feed_in(store)
        one, two = arrived(store, new_article("a"), new_article("b"))
        with store.judging() as session:
            session.record(judgement(one, sketch=sketch(5), counted_as=(99,)))
            assert session.seen([5, 6]) == {5: 1}
            session.record(judgement(two, sketch=sketch(5), counted_as=(99,)))
            assert session.seen([5]) == {5: 2}
        assert asked(store, 5)[0] == {5: 2, 99: 2}

    def test_an_edit_replaces_the_sketch_and_its_counts(self, store):
        feed_in(store)
        article, story = sketched(store, "a", 1, 2)
        (again,) = arrived(store, new_article("a", text="Edited."))
        recorded(store, judgement(again, sketch=sketch(2, 3), counted_as=(99,)))
        seen, found = asked(store, 1, 2, 3)
        assert seen == {2: 1, 3: 1, 99: 1}
        assert found == [(2, article, story), (3, article, story)]

    def test_an_edit_that_changes_no_word_changes_no_sketch(self, store):
        feed_in(store)
        article, story = sketched(store, "a", 1, 2)
        (again,) = arrived(store, new_article("a", text="Edited."))
        recorded(store, judgement(again, sketch=sketch(1, 2), counted_as=(99,)))
        assert asked(store, 1, 2) == ({1: 1, 2: 1, 99: 1}, [(1, article, story), (2, article, story)])

    def test_a_batch_that_was_refused_counts_nothing(self, store):
        feed_in(store)
        (article,) = arrived(store, new_article("a"))
        with pytest.raises(StoreError):
            recorded(store, judgement(article, sketch=sketch(5), counted_as=(99,)), judgement(77))
        assert asked(store, 5) == ({}, [])

    def test_retention_takes_sketches_and_counts_along(self, store):
        feed_in(store)
        sketched(store, "a", 1, 2)
        (bare,) = arrived(store, new_article("b"))
        recorded(store, judgement(bare))
        assert store.prune(NOON + MINUTE) == 2
        assert asked(store, 1, 2) == ({}, [])
        with store._database.reading() as db:
            for table in ("sketch", "term", "telling"):
                assert db.execute(f"SELECT count(*) FROM {table}").fetchone()[0] == 0, table

    def test_why_an_article_joined_is_kept_feature_by_feature(self, store):
        feed_in(store)
        _, story = sketched(store, "a", 1)
        verdict = StoryVerdict(
            story=story,
            reason=StoryReason.SAME_EVENT,
            score=0.8,
            article=1,
            shares=(("both", 2.5), ("time", 1.0)),
            other=7,
            other_score=0.2,
            other_shares=(("names", -1.0),),
        )
        article, _ = sketched(store, "b", 1, story=verdict)
        assert store.story_verdict(article) == verdict


class TestListing:
    def test_stories_are_listed_with_the_latest_first(self, store):
        feed_in(store)
        first = alerted(store, "log", key="a")
        (second,) = arrived(store, new_article("b", discovered=NOON + MINUTE, source="Other", language_hint="fr"))
        recorded(store, judgement(second, story=joins(first), language="fr"))
        (third,) = arrived(store, new_article("c", discovered=NOON + 2 * MINUTE, source=""))
        (other,) = recorded(store, judgement(third))
        rows = store.stories(limit=9)
        assert [row.story for row in rows] == [other, first]
        assert (rows[1].articles, rows[1].sources, rows[1].languages, rows[1].told) == (
            2,
            ("Example News", "Other"),
            ("en", "fr"),
            ("Withdrawal",),
        )
        assert [row.story for row in store.stories(limit=9, several=True)] == [first]
        assert [row.story for row in store.stories(limit=1)] == [other]
        assert [row.story for row in store.stories(limit=9, since=NOON + 2 * MINUTE)] == [other]
        assert store.story(first) == rows[1]

    def test_an_unknown_story_is_not_found(self, store):
        with pytest.raises(NotFound, match="no story 5"):
            store.story(5)


class TestMerging:
    def test_the_oldest_is_kept_and_nothing_is_told_again(self, store):
        feed_in(store)
        old = alerted(store, "mail", key="a")
        new = alerted(store, "mail", key="b", discovered=NOON + MINUTE)
        other = alerted(store, "mail", key="c", watch="Other", discovered=NOON + MINUTE)
        assert store.merge_stories([other, new, old]) == old
        assert [article.key for article in store.story_articles(old)] == ["a", "b", "c"]
        assert store.story(old).told == ("Other", "Withdrawal")
        waiting = store.claim_deliveries(NOON + DAY, limit=9, lease=MINUTE, busy=(), channels=(Gate(channel="mail"),))
        assert len(waiting) == 1
        states = [delivery.state for alert in store.alerts(9) for delivery in alert.deliveries]
        assert sorted(states) == [DeliveryState.DEAD, DeliveryState.PENDING, DeliveryState.SENDING]
        with pytest.raises(NotFound):
            store.story(new)

    def test_a_later_article_that_met_the_watch_is_not_told_either(self, store):
        feed_in(store)
        old = alerted(store, "mail", key="a")
        (quiet,) = arrived(store, new_article("b", discovered=NOON + MINUTE))
        (new,) = recorded(store, judgement(quiet))
        store.merge_stories([old, new])
        with store.judging() as session:
            assert session.watches_told(old) == {"Withdrawal"}
            assert session.article_in_story(quiet.id) == old
        assert store.unjudged(9) == ()
        assert store.story_verdict(quiet.id).reason is StoryReason.SAID_SAME

    def test_one_story_is_not_merged_with_itself_nor_with_what_is_not_there(self, store):
        feed_in(store)
        story = alerted(store, "mail")
        with pytest.raises(StoreError, match="two stories"):
            store.merge_stories([story, story])
        with pytest.raises(NotFound):
            store.merge_stories([story, 77])
        assert store.story(story).articles == 1


class TestSplitting:
    def test_an_article_that_was_swallowed_is_judged_again_in_its_own_story(self, store):
        feed_in(store)
        story = alerted(store, "mail", key="a")
        (held,) = arrived(store, new_article("b"))
        recorded(store, holding_back(held, story))
        own = store.split_story([held.id])
        assert own != story
        assert [one.id for one in store.unjudged(9)] == [held.id]
        with store.judging() as session:
            assert session.article_in_story(held.id) == own
            assert session.watches_told(own) == frozenset()
        assert store.story(story).articles == store.story(own).articles == 1
        assert store.story_verdict(held.id).reason is StoryReason.SAID_OTHER

    def test_what_was_told_with_it_goes_along_and_the_rest_is_told(self, store):
        """The alert spoke of the article that was taken out, so the story that stays was never told."""
        feed_in(store)
        story = alerted(store, "mail", key="a")
        (held,) = arrived(store, new_article("b"))
        recorded(store, holding_back(held, story))
        told = store.story_articles(story)[0]
        own = store.split_story([told.id])
        assert [one.id for one in store.unjudged(9)] == [held.id]
        assert store.story(own).told == ("Withdrawal",)
        assert store.story(story).told == ()

    def test_what_met_no_watch_is_not_judged_again(self, store):
        feed_in(store)
        story = alerted(store, "mail", key="a")
        (other,) = arrived(store, new_article("b"))
        recorded(store, judgement(other, story=joins(story)))
        store.split_story([other.id])
        assert store.unjudged(9) == ()

    def test_a_story_is_split_from_something(self, store):
        feed_in(store)
        story = alerted(store, "mail", key="a")
        other = alerted(store, "mail", key="b")
        (one,), (two,) = store.story_articles(story), store.story_articles(other)
        with pytest.raises(StoreError, match="no other articles"):
            store.split_story([one.id])
        with pytest.raises(StoreError, match="different stories"):
            store.split_story([one.id, two.id])
        with pytest.raises(NotFound):
            store.split_story([77])


class TestLines:
    def test_a_line_is_known_by_the_first_two_articles_that_bear_it(self, store):
        feed_in(store)
        found = arrived(store, *(new_article(key, title=f"Title {key}") for key in "abc"))
        for article, lines in zip(found, [(1, 2), (2, 3), (2, -(2**63))], strict=True):
            recorded(store, judgement(article, lines=lines))
        with store.judging() as session:
            assert session.bearers([1, 2, 4, -(2**63)]) == {
                1: ("Title a",),
                2: ("Title a", "Title b"),
                -(2**63): ("Title c",),
            }
            assert session.bearers([]) == {}

    def test_it_stays_known_without_its_articles_for_as_long_as_it_is_seen(self, store):
        feed_in(store)
        old, later = arrived(
            store, new_article("a", title="Title a"), new_article("b", title="Title b", discovered=NOON + DAY)
        )
        recorded(store, judgement(old, lines=(1, 2)), judgement(later, lines=(2,)))
        store.prune(NOON + MINUTE)
        with store.judging() as session:
            assert session.bearers([1, 2]) == {2: (None, "Title b")}
