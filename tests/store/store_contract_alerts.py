"""What any store must keep of judging and delivering; a part of ``StoreContract``."""

from __future__ import annotations

import threading

import pytest
from store_builders import (
    DAY,
    MINUTE,
    NOON,
    alerted,
    alerting,
    arrived,
    evidence,
    feed_in,
    holding_back,
    joins,
    judgement,
    new_article,
    recorded,
    update,
)

from monitor.errors import StoreError
from monitor.model import (
    AlertKind,
    Arrival,
    ArticleState,
    DeliveryOutcome,
    DeliveryState,
    Gate,
    Match,
    Outlet,
    Priority,
    StoryReason,
)


def claim(store, now=NOON, *, limit=10, lease=MINUTE, busy=(), channels=("mail", "chat")):
    return store.claim_deliveries(
        now, limit=limit, lease=lease, busy=busy, channels=[Gate(channel=name) for name in channels]
    )


def next_due(store, busy=(), channels=("mail", "chat")):
    return store.next_delivery_due(busy=busy, channels=[Gate(channel=name) for name in channels])


def outcome(claimed, state, **values):
    return DeliveryOutcome(**{"id": claimed.id, "token": claimed.token, "state": state, "at": NOON, **values})


class JudgeContract:
    """T2: everything that was decided about an article in one commit."""

    def test_a_judged_article_waits_no_more_and_carries_its_language_and_story(self, store):
        feed_in(store)
        (article,) = arrived(store, new_article())
        (story,) = recorded(store, judgement(article, language="fr"))
        assert store.unjudged(10) == ()
        (judged,) = store.archive(NOON)
        assert (judged.id, judged.language, judged.story) == (article.id, "fr", story)
        assert judged.state is ArticleState.JUDGED

    def test_an_exception_in_the_block_leaves_nothing(self, store):
        feed_in(store)
        (article,) = arrived(store, new_article())
        with pytest.raises(ZeroDivisionError), store.judging() as session:  # noqa: PT012 - leaving it is what is tested
            session.record(alerting(article, "mail"))
            raise ZeroDivisionError
        assert len(store.unjudged(10)) == 1
        assert claim(store) == ()

    def test_a_refused_judgement_takes_its_batch_with_it(self, store):
        """Even when the caller swallows the refusal: half a judgement is never committed."""
        feed_in(store)
        (article,) = arrived(store, new_article())
        with pytest.raises(StoreError), store.judging() as session:  # noqa: PT012 - leaving the block is what is tested
            session.record(alerting(article, "mail"))
            with pytest.raises(StoreError, match="article 99"):
                session.record(judgement(99))
        assert len(store.unjudged(10)) == 1

    def test_an_unknown_story_can_not_be_joined(self, store):
        feed_in(store)
        (article,) = arrived(store, new_article())
        with pytest.raises(StoreError, match="story 77"):
            recorded(store, judgement(article, story=joins(77)))

    def test_a_session_ends_with_its_block(self, store):
        with store.judging() as session:
            pass
        with pytest.raises(StoreError, match="ended"):
            session.article_in_story(1)

    def test_articles_judged_earlier_in_the_session_are_found(self, store):
        feed_in(store)
        first, second = arrived(store, new_article("a"), new_article("b"))
        with store.judging() as session:
            story = session.record(judgement(first, shingles=(1, 2, 3), title_key="key"))
            assert session.article_in_story(first.id) == story
            assert session.by_canonical_url(first.canonical_url, NOON) == ((first.id, story),)
            assert session.by_title_key("key", NOON) == ((first.id, story),)
            assert session.by_shingles((2, 3, 4), NOON, 5) == ((first.id, story, 2, 3),)
            assert session.record(judgement(second, story=joins(story))) == story

    def test_an_edited_article_that_waits_is_still_found_in_its_story(self, store):
        """Else a copy that is judged in that moment would be told a second time."""
        feed_in(store)
        (article,) = arrived(store, new_article())
        with store.judging() as session:
            assert session.by_canonical_url(article.canonical_url, NOON) == ()  # never judged: in no story yet
        (story,) = recorded(store, judgement(article, shingles=(1,), title_key="key"))
        arrived(store, new_article(text="Edited."))
        with store.judging() as session:
            assert session.by_canonical_url(article.canonical_url, NOON) == ((article.id, story),)
            assert session.by_title_key("key", NOON) == ((article.id, story),)
            assert session.by_shingles((1,), NOON, 5) == ((article.id, story, 1, 1),)
            assert session.article_in_story(article.id) == story

    def test_a_judgement_of_an_older_wording_is_not_taken(self, store):
        """An edit that arrives between reading and judging must be judged, not marked as judged."""
        feed_in(store)
        (read,) = arrived(store, new_article())
        (edited,) = arrived(store, new_article(text="Edited."))
        with store.judging() as session:
            assert session.record(alerting(read, "mail")) is None
        assert store.unjudged(5) == (edited,)
        assert claim(store) == ()
        assert recorded(store, alerting(edited, "mail")) != [None]

    def test_a_try_of_unknown_fate_leaves_the_delivery_in_doubt(self, store):
        feed_in(store)
        alerted(store, "mail")
        (first,) = claim(store)
        assert not first.in_doubt
        assert store.record_outcome(outcome(first, DeliveryState.PENDING, in_doubt=True))
        (again,) = claim(store)
        assert again.in_doubt
        assert store.record_outcome(outcome(again, DeliveryState.PENDING))
        (third,) = claim(store)
        assert third.in_doubt

    def test_articles_from_before_the_window_are_not_found(self, store):
        feed_in(store)
        (article,) = arrived(store, new_article())
        recorded(store, judgement(article, shingles=(1,), title_key="key"))
        later = NOON + MINUTE
        with store.judging() as session:
            assert session.by_canonical_url(article.canonical_url, later) == ()
            assert session.by_title_key("key", later) == ()
            assert session.by_shingles((1,), later, 5) == ()
            assert session.by_shingles((1,), NOON, 5), "the window's first moment belongs to it"

    def test_the_window_may_move_back_and_forth_in_a_session(self, store):
        """Articles are stored out of the order of their discovery when feeds are read side by side."""
        feed_in(store)
        late, early = arrived(store, new_article("a", discovered=NOON + 3 * DAY), new_article("b"))
        with store.judging() as session:
            session.record(judgement(late, shingles=(1,)))
            session.record(judgement(early, shingles=(1,)))
            for since, found in [
                (NOON + DAY, {late.id}),
                (NOON, {late.id, early.id}),
                (NOON + DAY / 2, {late.id}),
                (NOON + 9 * DAY, set()),
                (NOON - DAY, {late.id, early.id}),
            ]:
                assert {row[0] for row in session.by_shingles((1,), since, 5)} == found

    def test_nothing_is_found_by_nothing(self, store):
        feed_in(store)
        (article,) = arrived(store, new_article(canonical_url=""))
        recorded(store, judgement(article))
        with store.judging() as session:
            assert session.by_canonical_url("", NOON) == ()
            assert session.by_title_key("", NOON) == ()
            assert session.by_shingles((), NOON, 5) == ()

    def test_the_closest_come_first_then_the_oldest(self, store):
        feed_in(store)
        one, two, three = arrived(store, new_article("a"), new_article("b"), new_article("c"))
        with store.judging() as session:
            for article, shingles in ((one, (1,)), (two, (1, 2, 2**63 + 5)), (three, (1,))):
                session.record(judgement(article, shingles=shingles))
            found = session.by_shingles((1, 1, 2, 2**63 + 5), NOON, 10)
            assert [(article, shared, size) for article, _, shared, size in found] == [
                (two.id, 3, 3),
                (one.id, 1, 1),
                (three.id, 1, 1),
            ]
            assert len(session.by_shingles((1,), NOON, 2)) == 2

    def test_a_fingerprint_is_replaced_when_an_edit_is_judged(self, store):
        feed_in(store)
        (article,) = arrived(store, new_article())
        recorded(store, judgement(article, shingles=(1, 2)))
        (again,) = arrived(store, new_article(text="Edited."))
        (story,) = recorded(store, judgement(again, shingles=(2, 3)))
        with store.judging() as session:
            assert session.by_shingles((1,), NOON, 5) == ()
            assert session.by_shingles((2, 3), NOON, 5) == ((article.id, story, 2, 2),)

    def test_recording_twice_is_recording_once(self, store):
        feed_in(store)
        (article,) = arrived(store, new_article())
        decided = alerting(article, "mail", "chat")
        stories = {*recorded(store, decided, decided), *recorded(store, decided)}
        assert len(stories) == 1
        assert len(claim(store)) == 2
        assert claim(store) == ()

    def test_a_channel_named_twice_gets_one_delivery(self, store):
        feed_in(store)
        alerted(store, "mail", "mail")
        assert len(claim(store)) == 1
        assert claim(store) == ()

    def test_a_story_is_told_once_a_watch(self, store):
        """Also when a caller asks twice: the database holds the rule."""
        feed_in(store)
        story = alerted(store, "mail")
        (copy,) = arrived(store, new_article("b"))
        recorded(store, alerting(copy, "mail", "chat", story=joins(story)))
        (told,) = claim(store)
        assert (told.channel, told.alert.title) == ("mail", "Headline a")
        with store.judging() as session:
            assert session.watches_told(story) == {"Withdrawal"}
            assert session.watches_told(story + 1) == frozenset()

    def test_two_watches_are_told_of_one_story(self, store):
        feed_in(store)
        story = alerted(store, "mail")
        (copy,) = arrived(store, new_article("b"))
        recorded(store, alerting(copy, "mail", watch="Other", story=joins(story)))
        with store.judging() as session:
            assert session.watches_told(story) == {"Withdrawal", "Other"}

    def test_an_edit_that_names_no_story_stays_in_its_own(self, store):
        feed_in(store)
        (article,) = arrived(store, new_article())
        (story,) = recorded(store, judgement(article))
        (again,) = arrived(store, new_article(text="Edited."))
        assert recorded(store, judgement(again, story=joins(story, StoryReason.SAME_ARTICLE))) == [story]
        (again,) = arrived(store, new_article(text="Edited twice."))
        assert recorded(store, judgement(again)) == [story]

    def test_a_judge_may_move_an_article_to_another_story(self, store):
        feed_in(store)
        first, second = arrived(store, new_article("a"), new_article("b"))
        one, two = recorded(store, judgement(first), judgement(second))
        (again,) = arrived(store, new_article("b", text="Edited."))
        assert recorded(store, judgement(again, story=joins(one))) == [one]
        assert one != two
        with store.judging() as session:
            assert session.article_in_story(second.id) == one

    def test_an_article_that_was_set_aside_holds_up_no_one_until_the_next_start(self, store):
        feed_in(store)
        bad, good = arrived(store, new_article("a"), new_article("b"))
        recorded(store, judgement(good))
        store.set_aside(bad.id, "KeyError in the stemmer")
        store.set_aside(good.id, "judged already")
        store.set_aside(99, "unknown")
        assert store.unjudged(5) == ()
        assert [article.id for article in store.archive(NOON)] == [good.id]
        with store.judging() as session:
            assert session.by_canonical_url(bad.canonical_url, NOON) == ()
        store.release_claims()
        (again,) = store.unjudged(5)
        assert (again.id, again.state) == (bad.id, ArticleState.NEW)

    def test_an_article_that_was_set_aside_waits_again_when_it_changes(self, store):
        feed_in(store)
        (bad,) = arrived(store, new_article())
        store.set_aside(bad.id, "KeyError in the stemmer")
        assert [article.id for article in arrived(store, new_article(text="Edited."))] == [bad.id]

    def test_readers_are_not_kept_waiting_by_a_judge(self, store):
        feed_in(store)
        (article,) = arrived(store, new_article())
        seen = []
        with store.judging() as session:
            session.record(judgement(article))
            reader = threading.Thread(target=lambda: seen.append(store.unjudged(10)))
            reader.start()
            reader.join(timeout=10)
        assert [len(waiting) for waiting in seen] == [1], "what is not committed is not seen"


class DeliverContract:
    """T3: no delivery is lost, and none is sent by two."""

    def test_a_delivery_carries_all_that_a_message_says(self, store, clock):
        feed_in(store)
        clock.forward(MINUTE)
        (article,) = arrived(store, new_article(source="Agenzia", text="The coalition leaves."))
        met = Match(watch="Withdrawal", evidence=(evidence(), evidence("leaves")))
        (story,) = recorded(store, alerting(article, "mail", matches=(met,), language="it"))
        (claimed,) = claim(store, clock.now())
        alert = claimed.alert
        assert (claimed.channel, claimed.attempts, claimed.in_doubt) == ("mail", 0, False)
        assert (alert.watch, alert.kind, alert.priority, alert.story) == (
            "Withdrawal",
            AlertKind.NEW,
            Priority.HIGH,
            story,
        )
        assert (alert.title, alert.url, alert.source) == (article.title, article.url, "Agenzia")
        assert (alert.language, alert.text, alert.evidence) == ("it", "The coalition leaves.", met.evidence)
        assert (alert.published, alert.discovered, alert.created) == (article.published, NOON, NOON + MINUTE)
        assert alert.also_in == ()

    def test_an_alert_says_what_was_judged_whatever_is_edited_later(self, store):
        feed_in(store)
        alerted(store, "mail", text="The coalition leaves.")
        (again,) = arrived(store, new_article(title="Other", text="All wrong."))
        recorded(store, judgement(again, story=joins(1)))
        (claimed,) = claim(store)
        assert (claimed.alert.title, claimed.alert.text) == ("Headline a", "The coalition leaves.")
        assert claimed.alert.evidence == (evidence(),)

    def test_an_alert_names_the_storys_other_outlets_once_each(self, store):
        feed_in(store)
        story = alerted(store, "mail", source="First")
        others = [
            new_article("own", source="First"),
            new_article("copy", source="Mirror", canonical_url="https://news.example/a"),
            new_article("b", source="Second"),
            new_article("b2", source="Second"),
            new_article("b3", source="Second's mirror", canonical_url="https://news.example/b"),
            new_article("c", source="Third", discovered=NOON - MINUTE),
            new_article("d", source="Fourth", canonical_url=""),
        ]
        recorded(store, *(holding_back(article, story) for article in arrived(store, *others)))
        (claimed,) = claim(store)
        assert [outlet.source for outlet in claimed.alert.also_in] == ["Third", "Second", "Fourth"]
        assert claimed.alert.also_in[1] == Outlet(source="Second", url=others[2].url, title="Headline b")

    def test_an_alert_names_ten_outlets_at_most(self, store):
        feed_in(store)
        story = alerted(store, "mail")
        others = arrived(store, *(new_article(f"n{n}", source=f"Outlet {n}") for n in range(12)))
        recorded(store, *(holding_back(article, story) for article in others))
        (claimed,) = claim(store)
        assert [outlet.source for outlet in claimed.alert.also_in] == [f"Outlet {n}" for n in range(10)]

    def test_one_delivery_a_channel_oldest_first(self, store):
        feed_in(store)
        for key in "abc":
            alerted(store, "mail", "chat", key=key)
        first = claim(store)
        assert sorted(one.channel for one in first) == ["chat", "mail"]
        assert {one.alert.title for one in first} == {"Headline a"}
        assert {one.alert.title for one in claim(store, channels=("mail",))} == {"Headline b"}

    def test_busy_and_unknown_channels_are_left_alone(self, store):
        feed_in(store)
        alerted(store, "mail", "chat", "gone")
        assert [one.channel for one in claim(store, busy=("mail",))] == ["chat"]
        assert claim(store, channels=()) == ()
        assert claim(store, limit=0) == ()

    def test_no_more_than_asked_for(self, store):
        feed_in(store)
        alerted(store, "mail", "chat")
        assert len(claim(store, limit=1)) == 1

    def test_what_is_not_due_waits(self, store):
        feed_in(store)
        alerted(store, "mail")
        assert claim(store, NOON - MINUTE) == ()
        (claimed,) = claim(store)
        later = NOON + 5 * MINUTE
        assert store.record_outcome(outcome(claimed, DeliveryState.PENDING, due=later, detail="452 try later"))
        assert next_due(store) == later
        assert claim(store, later - MINUTE) == ()
        (again,) = claim(store, later)
        assert (again.attempts, again.in_doubt, again.id) == (1, False, claimed.id)
        assert again.token != claimed.token
        assert again.idempotency_key == claimed.idempotency_key

    def test_a_delivery_on_its_way_back_does_not_hold_up_the_next(self, store):
        feed_in(store)
        alerted(store, "mail", key="a")
        alerted(store, "mail", key="b")
        (claimed,) = claim(store)
        store.record_outcome(outcome(claimed, DeliveryState.PENDING, due=NOON + DAY))
        assert [one.alert.title for one in claim(store)] == ["Headline b"]

    @pytest.mark.parametrize("state", [DeliveryState.SENT, DeliveryState.DEAD, DeliveryState.HELD])
    def test_an_ended_delivery_is_not_claimed_again(self, store, state):
        feed_in(store)
        alerted(store, "mail")
        (claimed,) = claim(store)
        assert store.record_outcome(outcome(claimed, state))
        store.release_claims()
        assert claim(store, NOON + DAY) == ()
        assert next_due(store) is None

    def test_an_outcome_is_recorded_once(self, store):
        feed_in(store)
        alerted(store, "mail")
        (claimed,) = claim(store)
        assert store.record_outcome(outcome(claimed, DeliveryState.SENT))
        assert not store.record_outcome(outcome(claimed, DeliveryState.PENDING))
        assert claim(store, NOON + DAY) == ()

    def test_an_outrun_lease_is_claimed_again_in_doubt_and_its_holder_refused(self, store):
        feed_in(store)
        alerted(store, "mail")
        (hanging,) = claim(store)
        assert claim(store, NOON + MINUTE / 2) == ()
        (second,) = claim(store, NOON + MINUTE)
        assert (second.id, second.attempts, second.in_doubt) == (hanging.id, 1, True)
        assert second.idempotency_key == hanging.idempotency_key
        assert not store.record_outcome(outcome(hanging, DeliveryState.SENT))
        assert store.record_outcome(outcome(second, DeliveryState.PENDING, due=NOON))
        (third,) = claim(store, NOON + 2 * MINUTE)
        assert third.in_doubt, "that a try may have arrived is not forgotten by the next one's failure"

    def test_an_outrun_lease_that_no_one_took_over_still_records(self, store):
        feed_in(store)
        alerted(store, "mail")
        (slow,) = claim(store)
        assert store.record_outcome(outcome(slow, DeliveryState.SENT, at=NOON + DAY))
        assert claim(store, NOON + DAY) == ()

    def test_after_a_crash_what_was_being_sent_is_pending_in_doubt(self, store):
        feed_in(store)
        alerted(store, "mail", "chat")
        dead = claim(store, lease=DAY)
        assert next_due(store) == NOON + DAY, "the lease of a hanging try may end first"
        store.release_claims()
        assert next_due(store) == NOON
        again = claim(store)
        assert [(one.in_doubt, one.attempts) for one in again] == [(True, 1), (True, 1)]
        assert not store.record_outcome(outcome(dead[0], DeliveryState.SENT))

    @pytest.mark.parametrize("after", ["a restart", "a notice"])
    def test_what_a_clock_that_ran_ahead_put_off_is_due_now(self, store, clock, after):
        clock.time = NOON + 300 * DAY
        feed = feed_in(store)
        alerted(store, "mail", key="a")
        alerted(store, "chat", key="b")
        store.arrive(Arrival(feed=update(feed, checked=clock.time, next_check=clock.time + MINUTE)))
        for claimed in claim(store, clock.time):
            store.record_outcome(outcome(claimed, DeliveryState.PENDING, at=clock.time, due=clock.time + MINUTE))
        clock.time = NOON
        assert (claim(store), store.claim_due_feeds(NOON, limit=1, lease=MINUTE)) == ((), ())
        if after == "a restart":
            store.release_claims()
        else:
            store.forget_future(NOON)
        assert len(claim(store)) == 2
        assert len(store.claim_due_feeds(NOON, limit=1, lease=MINUTE)) == 1

    def test_what_was_put_off_by_a_clock_that_was_right_stays_put_off(self, store):
        feed = feed_in(store)
        alerted(store, "mail")
        (claimed,) = claim(store)
        store.record_outcome(outcome(claimed, DeliveryState.PENDING, due=NOON + DAY))
        store.arrive(Arrival(feed=update(feed, next_check=NOON + DAY)))
        store.forget_future(NOON)
        assert claim(store, NOON + MINUTE) == ()
        assert store.claim_due_feeds(NOON + MINUTE, limit=1, lease=MINUTE) == ()

    def test_the_next_time_is_that_of_a_delivery_that_could_be_claimed(self, store):
        feed_in(store)
        alerted(store, "mail", "chat", "taken out")
        for claimed in claim(store):
            wait = MINUTE if claimed.channel == "mail" else DAY
            store.record_outcome(outcome(claimed, DeliveryState.PENDING, due=NOON + wait))
        assert next_due(store) == NOON + MINUTE
        assert next_due(store, busy=("mail",)) == NOON + DAY
        assert next_due(store, busy=("mail", "chat")) is None
        assert next_due(store, channels=()) is None

    def test_each_delivery_has_a_key_of_its_own(self, store):
        feed_in(store)
        alerted(store, "mail", "chat", key="a")
        alerted(store, "mail", "chat", key="b")
        keys = [one.idempotency_key for one in (*claim(store), *claim(store))]
        assert len(set(keys)) == 4
        assert all(keys)

    def test_nothing_waits_in_an_empty_store(self, store):
        assert next_due(store) is None
        assert claim(store) == ()
