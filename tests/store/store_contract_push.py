"""What any store must keep of subscriptions with hubs, of what they push, and of hosts that want rest."""

from __future__ import annotations

from dataclasses import replace

import pytest
from store_builders import DAY, FEED, MINUTE, NOON, feed_in, new_article, update

from monitor.model import Arrival, FeedAsks, PushState, Subscription

ASKED = Subscription(
    token="ab" * 16,
    feed=FEED,
    hub="https://hub.example/",
    topic="https://news.example/topic",
    callback="https://we.example/push/" + "ab" * 16,
    secret="s" * 64,
    state=PushState.ASKED,
    due=NOON,
    allow_private=True,
)
LIVE = replace(ASKED, state=PushState.LIVE, until=NOON + DAY, due=NOON + DAY / 2)


class PushContract:
    """Subscriptions: one a feed, found by their tokens, and what is pushed arrives."""

    def live(self, store) -> None:
        feed_in(store)
        store.arrive(Arrival(feed=update(next_check=NOON + DAY), articles=(new_article("old"),)))
        store.add_subscription(ASKED)
        store.change_subscription(ASKED, LIVE, NOON)

    def test_a_feed_that_offers_a_hub_is_told_with_its_topic(self, store):
        feed_in(store)
        assert store.hubs() == ()
        store.arrive(Arrival(feed=update(asks=FeedAsks(hub="https://hub.example/"))))
        assert store.hubs() == ((FEED, "https://hub.example/", ""),)
        store.arrive(Arrival(feed=update(asks=FeedAsks(hub="https://hub.example/", topic="https://t.example/"))))
        assert store.hubs() == ((FEED, "https://hub.example/", "https://t.example/"),)
        store.sync_feeds([], NOON)
        assert store.hubs() == ()

    def test_a_subscription_is_kept_as_it_stands_and_found_by_its_token(self, store):
        feed_in(store)
        store.add_subscription(ASKED)
        assert store.subscriptions() == (ASKED,)
        assert store.subscription(ASKED.token) == ASKED
        assert store.subscription("cd" * 16) is None
        told = replace(LIVE, pending="subscribe", tries=2, missed=1, detail="wait")
        store.change_subscription(ASKED, told, NOON)
        assert store.subscription(ASKED.token) == told
        store.drop_subscriptions([ASKED.token], NOON)
        assert store.subscriptions() == ()

    def test_a_feed_has_one_subscription_beside_those_that_end(self, store):
        feed_in(store)
        store.add_subscription(ASKED)
        second = replace(ASKED, token="cd" * 16)
        store.add_subscription(second)
        store.add_subscription(replace(second, feed="https://unknown.example/"))
        assert store.subscriptions() == (ASKED,)
        store.change_subscription(ASKED, replace(ASKED, state=PushState.LEAVING), NOON)
        store.add_subscription(second)
        assert len(store.subscriptions()) == 2

    def test_what_is_due_is_claimed_once_in_a_lease(self, store):
        feed_in(store)
        store.add_subscription(ASKED)
        assert store.claim_subscriptions(NOON - MINUTE, limit=9, lease=MINUTE) == ()
        assert store.claim_subscriptions(NOON, limit=9, lease=MINUTE) == (replace(ASKED, due=NOON + MINUTE),)
        assert store.claim_subscriptions(NOON, limit=9, lease=MINUTE) == ()
        (again,) = store.claim_subscriptions(NOON + MINUTE, limit=9, lease=MINUTE)
        assert again.token == ASKED.token

    def test_of_a_subscription_only_what_changed_is_written(self, store):
        """What a hub's call changed between our reading and our writing stays."""
        feed_in(store)
        store.add_subscription(ASKED)
        store.change_subscription(ASKED, LIVE, NOON)
        store.change_subscription(ASKED, replace(ASKED, tries=1, detail="wait"), NOON)
        assert store.subscription(ASKED.token) == replace(LIVE, tries=1, detail="wait")

    def test_a_claim_that_is_given_back_leaves_the_feed_as_it_was(self, store):
        due = feed_in(store)
        before = store.feeds()
        assert store.claim_feed(FEED, NOON, lease=MINUTE) is None
        store.give_back(due.id)
        assert store.claim_feed(FEED, NOON, lease=MINUTE) is not None
        assert store.feeds() == before

    @pytest.mark.parametrize("after", ["a restart", "the clock was set back"])
    def test_what_a_clock_that_ran_ahead_kept_of_hubs_and_hosts_waits_no_longer(self, store, clock, after):
        """A renewal is due now; a lease and a host's rest last as long from now as they were to last."""
        ahead = NOON + 400 * DAY
        clock.time = ahead
        feed_in(store)
        store.add_subscription(ASKED)
        (claimed,) = store.claim_subscriptions(ahead, limit=1, lease=MINUTE)
        live = replace(LIVE, until=ahead + DAY, due=ahead + DAY / 2)
        store.change_subscription(claimed, live, ahead)
        store.keep_rest("news.example:443", ahead + 9 * MINUTE)
        clock.time = NOON
        if after == "a restart":
            store.release_claims()
        else:
            store.forget_future(NOON)
        assert store.subscriptions() == (replace(live, due=NOON, until=NOON + DAY),)
        assert store.resting() == (("news.example:443", NOON + 9 * MINUTE),)

    def test_a_claim_by_a_clock_that_ran_ahead_ends_and_the_lease_stays(self, store):
        self.live(store)
        store.claim_subscriptions(NOON + 400 * DAY, limit=1, lease=MINUTE)
        store.forget_future(NOON + MINUTE)
        assert store.subscriptions() == (replace(LIVE, due=NOON + MINUTE),)

    def test_what_a_clock_that_was_right_kept_of_hubs_and_hosts_stays(self, store):
        self.live(store)
        store.keep_rest("news.example:443", NOON + 9 * MINUTE)
        store.forget_future(NOON)
        assert store.subscriptions() == (LIVE,)
        assert store.resting() == (("news.example:443", NOON + 9 * MINUTE),)

    def test_what_is_pushed_arrives_and_the_feed_stays_as_its_last_look_left_it(self, store):
        self.live(store)
        before = store.feeds()[0]
        pushed = update(checked=NOON + MINUTE, next_check=NOON, etag=None, body_hash=None, error="x", pushed=True)
        came = store.arrive(Arrival(feed=pushed, articles=(new_article("new"),)))
        assert (came.new, came.known) == (1, 0)
        after = store.feeds()[0]
        assert replace(after, last_new=before.last_new, articles=before.articles) == before
        assert after.last_new == NOON + MINUTE
        due = store.claim_feed(FEED, NOON, lease=MINUTE)
        assert (due.etag, due.body_hash, due.pushed_until) == ('"v1"', "b1", NOON + DAY)

    def test_a_push_of_a_known_entry_that_changed_is_an_edit(self, store):
        self.live(store)
        came = store.arrive(Arrival(feed=update(pushed=True), articles=(new_article("old", text="Other words."),)))
        assert (came.new, came.changed) == (0, 1)

    def test_a_hub_that_three_looks_outran_counts_for_nothing_until_it_pushes(self, store):
        self.live(store)
        for number in range(3):
            assert store.claim_feed(FEED, NOON, lease=MINUTE).pushed_until == NOON + DAY
            store.arrive(Arrival(feed=update(), articles=(new_article(f"n{number}"),)))
        assert store.claim_feed(FEED, NOON, lease=MINUTE).pushed_until is None
        store.arrive(Arrival(feed=update(pushed=True), articles=(new_article("pushed"),)))
        assert store.claim_feed(FEED, NOON, lease=MINUTE).pushed_until == NOON + DAY

    def test_a_look_that_finds_nothing_new_says_nothing_against_the_hub(self, store):
        self.live(store)
        store.arrive(Arrival(feed=update(), articles=(new_article("old"),)))
        assert store.subscriptions()[0].missed == 0

    def test_when_a_hub_ends_its_feed_is_due_at_once(self, store):
        self.live(store)
        assert store.feeds()[0].next_check == NOON + DAY
        store.change_subscription(LIVE, replace(LIVE, state=PushState.REFUSED, until=None), NOON)
        assert store.feeds()[0].next_check == NOON
        assert store.claim_feed(FEED, NOON, lease=MINUTE).pushed_until is None

    def test_one_that_was_not_live_moves_no_look(self, store):
        feed_in(store)
        store.arrive(Arrival(feed=update(next_check=NOON + DAY)))
        store.add_subscription(ASKED)
        store.change_subscription(ASKED, replace(ASKED, state=PushState.REFUSED), NOON)
        store.drop_subscriptions([ASKED.token], NOON)
        assert store.feeds()[0].next_check == NOON + DAY

    def test_a_hosts_wish_for_rest_is_kept_until_it_is_over_and_the_longer_one_holds(self, store, clock):
        store.keep_rest("news.example:443", NOON + 9 * MINUTE)
        store.keep_rest("news.example:443", NOON + MINUTE)
        store.keep_rest("a.example:443", NOON + MINUTE)
        assert store.resting() == (("a.example:443", NOON + MINUTE), ("news.example:443", NOON + 9 * MINUTE))
        clock.forward(MINUTE)
        assert store.resting() == (("news.example:443", NOON + 9 * MINUTE),)
