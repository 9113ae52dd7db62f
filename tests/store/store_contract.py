"""What any store must keep, whatever database it stands on.

A store's own test module takes ``StoreContract`` as a base and gives it a fixture ``store`` (empty, on the clock of the
fixture ``clock``).
"""

from __future__ import annotations

import threading

import pytest
from store_builders import (
    DAY,
    FEED,
    MINUTE,
    NOON,
    alerting,
    arrived,
    feed_in,
    judgement,
    new_article,
    recorded,
    update,
)
from store_contract_alerts import DeliverContract, JudgeContract, claim
from store_contract_pages import PageContract
from store_contract_push import PushContract

from monitor.errors import StoreError
from monitor.model import (
    Arrival,
    ArriveResult,
    ArticleState,
    EntryMarks,
    Feed,
    IdentityRecord,
    KnownEntry,
)


class FeedContract:
    """Feeds: what is due, and who holds it."""

    def test_a_new_feed_is_due_at_once_and_seen_for_the_first_time(self, store):
        store.sync_feeds([Feed(url=FEED, name="Example")], NOON)
        (due,) = store.claim_due_feeds(NOON, limit=5, lease=MINUTE)
        assert (due.url, due.first_sight, due.failures, due.etag, due.interval) == (FEED, True, 0, None, None)

    def test_a_claimed_feed_is_no_one_elses_until_its_lease_ends(self, store):
        store.sync_feeds([Feed(url=FEED)], NOON)
        assert store.claim_due_feeds(NOON, limit=5, lease=MINUTE)
        assert store.claim_due_feeds(NOON + MINUTE / 2, limit=5, lease=MINUTE) == ()
        assert store.claim_feed(FEED, NOON + MINUTE / 2, lease=MINUTE) is None
        assert store.claim_due_feeds(NOON + MINUTE, limit=5, lease=MINUTE)

    def test_a_look_that_is_stored_ends_the_claim_and_sets_the_next_check(self, store):
        feed = feed_in(store)
        store.arrive(Arrival(feed=update(feed)))
        assert store.claim_due_feeds(NOON + 9 * MINUTE, limit=5, lease=MINUTE) == ()
        (due,) = store.claim_due_feeds(NOON + 10 * MINUTE, limit=5, lease=MINUTE)
        assert not due.first_sight
        assert (due.etag, due.last_modified, due.body_hash) == ('"v1"', "Sun, 01 Mar 2026 11:00:00 GMT", "b1")
        assert due.interval == 10 * MINUTE

    def test_feeds_come_longest_overdue_first(self, store):
        store.sync_feeds([Feed(url="https://b.example/"), Feed(url="https://a.example/")], NOON)
        store.sync_feeds(
            [Feed(url=f"https://{name}.example/") for name in ("a", "b", "c")],
            NOON - MINUTE,
        )
        due = store.claim_due_feeds(NOON, limit=2, lease=MINUTE)
        assert due[0].url == "https://c.example/"
        assert len(due) == 2

    def test_a_feed_that_left_the_config_is_kept_and_never_due(self, store):
        feed = feed_in(store)
        arrived(store, new_article(), feed=feed.id)
        store.sync_feeds([Feed(url="https://other.example/")], NOON)
        assert [due.url for due in store.claim_due_feeds(NOON + DAY, limit=5, lease=MINUTE)] == [
            "https://other.example/"
        ]
        assert store.claim_feed(FEED, NOON + DAY, lease=MINUTE) is None
        store.sync_feeds([Feed(url=FEED)], NOON)
        back = store.claim_feed(FEED, NOON + DAY, lease=MINUTE)
        assert back is not None
        assert (back.id, back.first_sight) == (feed.id, False)

    def test_a_feed_that_is_switched_off_is_never_due(self, store):
        store.sync_feeds([Feed(url=FEED, enabled=False)], NOON)
        assert store.claim_due_feeds(NOON + DAY, limit=5, lease=MINUTE) == ()

    def test_an_unknown_feed_can_not_be_claimed(self, store):
        assert store.claim_feed("https://unknown.example/", NOON, lease=MINUTE) is None

    def test_a_feed_that_is_gone_is_not_due_but_may_be_asked_for(self, store):
        feed = feed_in(store)
        store.arrive(Arrival(feed=update(feed, gone=True, error="410 Gone")))
        assert store.claim_due_feeds(NOON + DAY, limit=5, lease=MINUTE) == ()
        assert store.claim_feed(FEED, NOON + DAY, lease=MINUTE) is not None

    def test_a_gone_feed_that_was_taken_out_and_put_back_is_looked_at_again(self, store):
        feed = feed_in(store)
        store.arrive(Arrival(feed=update(feed, gone=True, error="410 Gone")))
        store.sync_feeds([Feed(url=FEED)], NOON)
        assert store.claim_due_feeds(NOON + DAY, limit=5, lease=MINUTE) == ()
        store.sync_feeds([], NOON)
        store.sync_feeds([Feed(url=FEED)], NOON)
        assert store.claim_due_feeds(NOON + DAY, limit=5, lease=MINUTE)

    def test_claims_of_a_dead_predecessor_end_at_the_start(self, store):
        feed_in(store)
        store.release_claims()
        assert store.claim_due_feeds(NOON, limit=5, lease=MINUTE)

    def test_a_failed_look_is_no_first_sight(self, store):
        feed = feed_in(store)
        store.arrive(Arrival(feed=update(feed, error="timed out", failures=1, etag=None, last_modified=None)))
        again = store.claim_feed(FEED, NOON, lease=MINUTE)
        assert (again.first_sight, again.failures, again.etag) == (True, 1, None)

    def test_the_feeds_own_title_stays_until_it_gives_another(self, store):
        feed = feed_in(store)
        store.arrive(Arrival(feed=update(feed, title="Example World")))
        store.arrive(Arrival(feed=update(feed)))
        assert store.claim_feed(FEED, NOON, lease=MINUTE).title == "Example World"

    def test_when_something_new_came_is_remembered(self, store):
        feed = feed_in(store)
        store.arrive(Arrival(feed=update(feed), articles=(new_article(),)))
        store.arrive(Arrival(feed=update(feed, checked=NOON + MINUTE), articles=(new_article(),)))
        assert store.claim_feed(FEED, NOON, lease=MINUTE).last_new == NOON


class ArriveContract:
    """T1: articles and the feed's validators in one commit."""

    def test_new_articles_wait_to_be_judged_in_the_order_of_their_arrival(self, store):
        feed = feed_in(store)
        result = store.arrive(Arrival(feed=update(feed), articles=(new_article("b"), new_article("a"))))
        assert result == ArriveResult(new=2, changed=0, known=0)
        first, second = store.unjudged(10)
        assert (first.key, second.key) == ("b", "a")
        assert (first.feed_url, first.state, first.story, first.language) == (FEED, ArticleState.NEW, None, None)
        assert store.unjudged(1) == (first,)

    def test_a_known_entry_as_it_was_brings_nothing(self, store):
        feed_in(store)
        arrived(store, new_article())
        assert store.arrive(Arrival(feed=update(), articles=(new_article(),))) == ArriveResult(
            new=0, changed=0, known=1
        )
        assert len(store.unjudged(10)) == 1

    def test_a_changed_entry_is_judged_again_in_its_story(self, store):
        feed_in(store)
        (article,) = arrived(store, new_article(quiet=True))
        (story,) = recorded(store, judgement(article))
        assert store.unjudged(10) == ()
        result = store.arrive(Arrival(feed=update(), articles=(new_article(text="Corrected.", quiet=False),)))
        assert result == ArriveResult(new=0, changed=1, known=0)
        (again,) = store.unjudged(10)
        assert (again.id, again.text, again.story, again.state) == (article.id, "Corrected.", story, ArticleState.NEW)
        assert again.quiet, "what was seen as old stays quiet"
        assert again.discovered == article.discovered

    def test_what_an_article_links_to_is_kept_and_changes_with_it(self, store):
        feed_in(store)
        link, other = "https://harbour.example/report", "https://coast.example/rescue"
        (article,) = arrived(store, new_article(links=(link, other)))
        assert article.links == (link, other)
        store.arrive(Arrival(feed=update(), articles=(new_article(text="Corrected.", links=(other,)),)))
        assert [one.links for one in store.unjudged(10)] == [(other,)]

    def test_a_change_is_seen_once(self, store):
        feed_in(store)
        arrived(store, new_article())
        changed = new_article(text="Corrected.")
        assert store.arrive(Arrival(feed=update(), articles=(changed,))).changed == 1
        assert store.arrive(Arrival(feed=update(), articles=(changed,))) == ArriveResult(new=0, changed=0, known=1)

    def test_an_edit_that_is_stamped_as_new_keeps_the_first_date(self, store):
        feed_in(store)
        arrived(store, new_article(published=NOON - DAY))
        (again,) = arrived(store, new_article(text="Edited.", published=NOON + DAY))
        assert again.published == NOON - DAY

    def test_a_date_that_comes_late_is_not_later_than_the_discovery(self, store):
        feed_in(store)
        arrived(store, new_article(published=None))
        (again,) = arrived(store, new_article(text="Edited.", published=NOON + DAY))
        assert again.published == NOON

    def test_the_same_key_in_another_feed_is_another_entry(self, store):
        store.sync_feeds([Feed(url="https://one.example/"), Feed(url="https://two.example/")], NOON)
        one, two = store.claim_due_feeds(NOON, limit=2, lease=MINUTE)
        assert store.arrive(Arrival(feed=update(one), articles=(new_article(),))).new == 1
        assert store.arrive(Arrival(feed=update(two), articles=(new_article(),))).new == 1

    def test_a_key_that_one_document_repeats_counts_once(self, store):
        feed_in(store)
        twice = (new_article(text="First."), new_article(text="Second."))
        assert store.arrive(Arrival(feed=update(), articles=twice)) == ArriveResult(new=1, changed=0, known=1)
        assert store.arrive(Arrival(feed=update(), articles=twice)) == ArriveResult(new=0, changed=0, known=2)
        assert [article.text for article in store.unjudged(10)] == ["First."]

    def test_a_new_key_with_a_known_address_is_a_new_article(self, store):
        feed_in(store)
        (one, two) = arrived(store, new_article("a"), new_article("b", canonical_url="https://news.example/a"))
        assert one.canonical_url == two.canonical_url

    def test_keys_that_a_feed_never_brought_are_told(self, store):
        store.sync_feeds([Feed(url="https://one.example/"), Feed(url="https://two.example/")], NOON)
        one, two = store.claim_due_feeds(NOON, limit=2, lease=MINUTE)
        store.arrive(Arrival(feed=update(one), articles=(new_article("a"), new_article("b"), new_article("\ud800"))))
        assert store.unseen_keys(one.id, ["a", "c", "b", "c", "\ud800", "\ud801x"]) == {"c", "\ud801x"}
        assert store.unseen_keys(two.id, ["a"]) == {"a"}
        assert store.unseen_keys(one.id, []) == frozenset()

    def test_entries_are_recalled_by_key_and_strangers_by_link_or_title(self, store):
        store.sync_feeds([Feed(url="https://one.example/"), Feed(url="https://two.example/")], NOON)
        one, two = store.claim_due_feeds(NOON, limit=2, lease=MINUTE)
        a, b, c = (EntryMarks(link=n, title=-n, date=7) for n in (1, 2, 3))
        articles = (new_article("a", marks=a), new_article("b", marks=b), new_article("c", marks=c), new_article("d"))
        store.arrive(Arrival(feed=update(one), articles=articles))
        assert store.recall(one.id, [("a", "", b)]) == (
            KnownEntry(key="a", marks=a, content="Headline a|What happened in a."),
        )
        assert {e.key for e in store.recall(one.id, [("x", "b", a), ("y", "", EntryMarks(title=-3))])} == {
            "a",
            "b",
            "c",
        }
        assert store.recall(one.id, [("x", "", EntryMarks(date=7))]) == store.recall(two.id, [("a", "b", a)]) == ()

    def test_a_known_entry_takes_on_its_new_key_and_its_marks(self, store):
        feed_in(store)
        arrived(store, new_article("a", marks=EntryMarks(link=1)))
        again = new_article("a", new_key="z", reason="key-changed", marks=EntryMarks(link=1, title=5))
        assert store.arrive(Arrival(feed=update(), articles=(again,))) == ArriveResult(new=0, changed=0, known=1)
        assert store.recall(1, [("z", "", EntryMarks())]) == (
            KnownEntry(key="z", marks=EntryMarks(link=1, title=5), content="Headline a|What happened in a."),
        )
        assert store.unseen_keys(1, ["a", "z"]) == {"a"}
        assert [article.key for article in store.unjudged(10)] == ["z"]

    def test_a_new_key_that_another_entry_has_is_not_taken(self, store):
        feed_in(store)
        arrived(store, new_article("a"), new_article("b"))
        store.arrive(Arrival(feed=update(), articles=(new_article("a", new_key="b"),)))
        assert store.unseen_keys(1, ["a", "b"]) == frozenset()

    def test_how_a_feeds_keys_did_is_kept_until_a_document_says_more(self, store):
        feed = feed_in(store)
        record = IdentityRecord(held=3, moved=1)
        store.arrive(Arrival(feed=update(feed, identity=record)))
        store.arrive(Arrival(feed=update(feed, status=304)))
        (due,) = store.claim_due_feeds(NOON + DAY, limit=5, lease=MINUTE)
        assert (feed.identity, due.identity) == (IdentityRecord(), record)

    def test_nothing_arrives_for_an_unknown_feed(self, store):
        with pytest.raises(StoreError, match="feed 99"):
            store.arrive(Arrival(feed=update(99), articles=(new_article(),)))
        assert store.unjudged(10) == ()

    def test_a_lone_surrogate_keeps_no_article_out(self, store):
        feed_in(store)
        (article,) = arrived(store, new_article(title="Bad \ud800 letter", text="\udfff"))
        assert (article.title, article.text) == ("Bad \N{REPLACEMENT CHARACTER} letter", "\N{REPLACEMENT CHARACTER}")

    def test_more_entries_than_a_query_takes_marks(self, store):
        feed_in(store)
        articles = tuple(new_article(f"n{number}") for number in range(1_203))
        assert store.arrive(Arrival(feed=update(), articles=articles)).new == 1_203
        assert store.arrive(Arrival(feed=update(), articles=articles)).known == 1_203


class WatchContract:
    """What a watch's first sight needs."""

    def test_watches_are_remembered(self, store):
        assert store.known_watches() == frozenset()
        store.remember_watches(["A", "B"], NOON)
        store.remember_watches(["B"], NOON + DAY)
        assert store.known_watches() == {"A", "B"}

    def test_the_archive_holds_judged_articles_oldest_first(self, store):
        feed_in(store)
        articles = [new_article(f"n{n}", discovered=NOON + MINUTE * ((n * 7) % 1_100)) for n in range(1_100)]
        waiting = arrived(store, *articles, new_article("waits", discovered=NOON + DAY))
        recorded(store, *(judgement(article) for article in waiting if article.key != "waits"))
        archive = list(store.archive(NOON + 10 * MINUTE))
        times = [article.discovered for article in archive]
        assert times == sorted(times)
        assert len(archive) == 1_090
        assert times[0] == NOON + 10 * MINUTE


class StoreContract(
    FeedContract, ArriveContract, PushContract, PageContract, JudgeContract, WatchContract, DeliverContract
):
    """All of it."""

    def test_a_closed_store_refuses_in_words_and_closes_twice(self, store):
        store.close()
        store.close()
        with pytest.raises(StoreError):
            store.unjudged(1)
        with pytest.raises(StoreError):
            store.sync_feeds([], NOON)

    def test_many_threads_lose_nothing(self, store):
        """Arrivals from many threads at once, judged and claimed while they come."""
        store.sync_feeds([Feed(url=f"https://news.example/{n}") for n in range(6)], NOON)
        due = store.claim_due_feeds(NOON, limit=6, lease=MINUTE)
        failures = []

        def arrive(feed):
            try:
                for round_ in range(5):
                    articles = tuple(new_article(f"{feed.id}-{round_}-{n}") for n in range(4))
                    store.arrive(Arrival(feed=update(feed), articles=articles))
                    with store.judging() as session:
                        for article in store.unjudged(3):
                            session.record(alerting(article, "mail"))
            except Exception as error:  # noqa: BLE001 - a thread's failure is the test's to tell
                failures.append(error)

        threads = [threading.Thread(target=arrive, args=(feed,)) for feed in due]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=60)
        assert failures == []
        with store.judging() as session:
            waiting = store.unjudged(1_000)
            for article in waiting:
                session.record(alerting(article, "mail"))
        sent = set()
        while claimed := claim(store):
            sent |= {one.alert.title for one in claimed}
        assert len(list(store.archive(NOON))) == 120
        assert len(sent) == 120
