"""The outbox: digests keep or lose their members as their fate is known, a failing channel is left alone, turns are fair."""

from __future__ import annotations

from datetime import timedelta

import pytest
from store_builders import DAY, MINUTE, NOON, alerted, alerting, arrived, feed_in, judgement, new_article, recorded

from monitor.errors import NotFound
from monitor.model import AlertKind, DeliveryOutcome, DeliveryState, Gate, Gather, NewAlert, NewNotice, Priority

HOUR = timedelta(hours=1)


def gate(channel="mail", **values):
    return Gate(channel=channel, **values)


def claim(store, *gates, now=NOON, limit=9):
    return store.claim_deliveries(now, limit=limit, lease=MINUTE, busy=(), channels=gates or (gate(),))


def end(store, claimed, state=DeliveryState.SENT, **values):
    done = DeliveryOutcome(**{"id": claimed.id, "token": claimed.token, "state": state, "at": NOON, **values})
    assert store.record_outcome(done)


def urgent(store, key, *channels, priority=Priority.URGENT, watch="Withdrawal"):
    (article,) = arrived(store, new_article(key))
    alert = NewAlert(watch=watch, kind=AlertKind.NEW, priority=priority, channels=channels)
    return recorded(store, alerting(article, *channels, alerts=(alert,), watch=watch))[0]


@pytest.fixture
def full(store):
    """A store with five alerts for one channel."""
    feed_in(store)
    for key in "abcde":
        alerted(store, "mail", key=key)
    return store


TOGETHER = gate(gathers=(Gather(until=NOON, least=2),))


def test_what_waits_together_goes_as_one_digest_and_one_outcome_counts_for_all(full):
    (digest,) = claim(full, TOGETHER)
    assert [one.title for one in digest.alerts] == [f"Headline {key}" for key in "abcde"]
    assert all(one.text == "" for one in digest.alerts)
    end(full, digest)
    assert full.deliveries_waiting() == 0
    assert len({row.digest for row in full.deliveries()}) == 1
    assert claim(full, TOGETHER) == ()


def test_a_digest_that_surely_failed_takes_in_what_came_meanwhile(full):
    (digest,) = claim(full, TOGETHER)
    end(full, digest, DeliveryState.PENDING, due=NOON + MINUTE)
    alerted(full, "mail", key="f")
    (again,) = claim(full, TOGETHER, now=NOON + MINUTE)
    assert len(again.alerts) == 6
    assert again.idempotency_key != digest.idempotency_key


@pytest.mark.parametrize("how", ["unknown", "lease", "restart"])
def test_a_digest_of_unknown_fate_comes_again_as_it_was(full, how):
    (digest,) = claim(full, TOGETHER)
    if how == "unknown":
        end(full, digest, DeliveryState.PENDING, due=NOON, in_doubt=True)
    if how == "restart":
        full.release_claims()
    alerted(full, "mail", key="f")
    (again,) = claim(full, TOGETHER, now=NOON + 2 * MINUTE)
    assert again.in_doubt
    assert again.idempotency_key == digest.idempotency_key
    assert again.alerts == digest.alerts
    assert not full.record_outcome(DeliveryOutcome(id=digest.id, token=digest.token, state=DeliveryState.SENT, at=NOON))
    end(full, again)
    (rest,) = claim(full, TOGETHER, now=NOON + 2 * MINUTE)
    assert [one.title for one in rest.alerts] == ["Headline f"]


def test_one_of_unknown_fate_joins_no_digest(full):
    (first,) = claim(full, gate())
    end(full, first, DeliveryState.PENDING, due=NOON, in_doubt=True)
    (again,) = claim(full, TOGETHER)
    assert again.alerts == first.alerts
    end(full, again)
    assert len(claim(full, TOGETHER)[0].alerts) == 4


def test_a_closed_gate_lets_through_what_is_urgent_each_by_itself(full):
    closed = gate(closed=True, gathers=TOGETHER.gathers)
    assert claim(full, closed) == ()
    assert full.next_delivery_due(busy=(), channels=[closed]) is None
    urgent(full, "u", "mail")
    urgent(full, "v", "mail")
    assert full.next_delivery_due(busy=(), channels=[closed]) == NOON
    (one,) = claim(full, closed)
    assert one.alert.title == "Headline u"
    assert one.more == ()


def test_only_what_was_made_until_a_digests_time_goes_with_it(full, clock):
    clock.forward(HOUR)
    alerted(full, "mail", key="late")
    at = gate(only_until=NOON + MINUTE, gathers=(Gather(until=NOON + 2 * HOUR, least=2),))
    (digest,) = claim(full, at, now=NOON + 2 * HOUR)
    assert len(digest.alerts) == 5
    end(full, digest)
    assert claim(full, at, now=NOON + 2 * HOUR) == ()
    assert full.next_delivery_due(busy=(), channels=[at]) is None


def test_a_digest_holds_no_more_than_its_longest_and_the_rest_follows(full):
    at = gate(gathers=TOGETHER.gathers, longest=3)
    (digest,) = claim(full, at)
    assert len(digest.alerts) == 3
    end(full, digest)
    assert len(claim(full, at)[0].alerts) == 2


def test_what_is_over_a_cap_comes_with_the_last_message_it_allows(full):
    capped = gate(cap=2, cap_since=NOON - HOUR)
    (first,) = claim(full, capped)
    assert len(first.alerts) == 5, "five wait for two messages"
    end(full, first)
    alerted(full, "mail", key="f")
    (second,) = claim(full, capped)
    end(full, second)
    alerted(full, "mail", key="g")
    assert claim(full, capped) == ()
    assert full.next_delivery_due(busy=(), channels=[capped]) is None
    urgent(full, "u", "mail")
    assert [one.alert.title for one in claim(full, capped)] == ["Headline u"]
    assert full.messages_sent("mail", NOON - HOUR) == 2
    assert full.messages_sent("mail", NOON) == full.messages_sent("other", NOON - HOUR) == 0
    later = gate(cap=2, cap_since=NOON)
    assert full.next_delivery_due(busy=(), channels=[later]) == NOON


def test_a_paused_channel_is_left_alone_and_told_apart_from_the_others(full):
    alerted(full, "chat", key="z")
    (mail, _) = claim(full, gate(), gate("chat"))
    end(full, mail, DeliveryState.PENDING, due=NOON + HOUR, failures=3, pause=NOON + 2 * MINUTE, detail="down")
    assert claim(full, gate(), now=NOON + MINUTE) == ()
    assert full.next_delivery_due(busy=(), channels=[gate()]) == NOON + 2 * MINUTE
    (standing,) = full.channel_standings()[-1:]
    assert (standing.channel, standing.failures, standing.failing_since, standing.detail) == ("mail", 3, NOON, "down")
    (probe,) = claim(full, gate(), now=NOON + 2 * MINUTE)
    assert probe.failures == 3
    end(full, probe, failures=0, at=NOON + 2 * MINUTE)
    # What had been put off for an hour is due, now that the channel works.
    assert full.next_delivery_due(busy=(), channels=[gate()]) == NOON
    for _ in range(4):
        (one,) = claim(full, gate(), now=NOON + 2 * MINUTE)
        end(full, one)
    assert full.deliveries_waiting() == 1


def test_a_pause_by_a_clock_that_ran_ahead_ends(full):
    (mail,) = claim(full)
    end(full, mail, DeliveryState.PENDING, due=NOON + DAY, at=NOON + DAY, failures=3, pause=NOON + 2 * DAY)
    full.forget_future(NOON)
    assert len(claim(full)) == 1


def test_the_channel_served_longest_ago_comes_first(full):
    alerted(full, "chat", key="z")
    (first,) = claim(full, gate(), gate("chat"), limit=1)
    assert first.channel == "mail"
    end(full, first)
    (second,) = claim(full, gate(), gate("chat"), limit=1)
    assert second.channel == "chat", "though mail's are older"


def test_what_is_too_old_and_was_tried_in_vain_is_given_up(full):
    (tried,) = claim(full)
    end(full, tried, DeliveryState.PENDING, due=NOON)
    stale = gate(stale=NOON + DAY)
    assert full.give_up_stale([gate(), stale], NOON + DAY) == 1, "the others were never tried, and the channel works"
    (failed,) = claim(full)
    end(full, failed, DeliveryState.PENDING, due=NOON, failures=1)
    assert full.give_up_stale([stale], NOON + DAY) == 4
    assert full.deliveries(states=[DeliveryState.DEAD])[0].detail.startswith("too old to be sent")
    (told,) = full.notices_waiting()
    assert (told.said, told.times) == ("4 deliveries were too old to be sent and were given up", 2)
    full.tell_operator(notice(told, channel="mail"), NOON)
    assert full.give_up_stale([stale], NOON + DAY) == 1
    assert full.notices_waiting() == (), "a notice that was given up brings forth no other"


def test_a_fallback_takes_over_after_an_hour_and_what_it_had_stays(full):
    alerted(full, "mail", "chat", key="both")
    assert full.divert({"mail": "chat"}, after=HOUR, now=NOON + DAY) == {}
    (tried,) = claim(full)
    end(full, tried, DeliveryState.PENDING, due=NOON, failures=1)
    assert full.divert({"mail": "chat"}, after=HOUR, now=NOON + MINUTE) == {}
    assert full.divert({"mail": "chat"}, after=HOUR, now=NOON + HOUR) == {"mail": 5}
    assert full.divert({"mail": "chat"}, after=HOUR, now=NOON + HOUR) == {}
    assert sum(row.channel == "chat" for row in full.deliveries()) == 6
    assert {row.detail for row in full.deliveries(states=[DeliveryState.DEAD])} == {"sent to chat instead: mail failed"}


def test_an_urgent_alert_that_nobody_acknowledged_is_told_again_once(store):
    feed_in(store)
    story, other = urgent(store, "a", "mail"), urgent(store, "b", "mail")
    urgent(store, "c", "mail", priority=Priority.HIGH)
    wanted = {"after": HOUR, "channels": ("phone",), "since": DAY}
    assert store.remind("Withdrawal", now=NOON + MINUTE, **wanted) == 0
    assert store.acknowledge(other, author="Ada", reason="", now=NOON)
    assert not store.acknowledge(other, author="Bo", reason="", now=NOON)
    assert store.remind("Withdrawal", now=NOON + HOUR, **wanted) == 1
    assert store.remind("Withdrawal", now=NOON + HOUR, **wanted) == 0
    (reminder,) = claim(store, gate("phone"), now=NOON + HOUR)
    assert (reminder.alert.kind, reminder.alert.story) == (AlertKind.REMINDER, story)
    with pytest.raises(NotFound):
        store.acknowledge(99, author="", reason="", now=NOON)


def test_a_spike_is_told_once_while_it_lasts(store):
    feed_in(store)
    tell = {"count": 9, "channels": (), "priority": Priority.HIGH}
    assert not store.tell_spike("Withdrawal", now=NOON, **tell), "nothing was told of the watch yet"
    alerted(store, "mail")
    assert not store.tell_spike("Withdrawal", now=NOON + MINUTE, **tell), "it goes on"
    assert store.tell_spike("Withdrawal", now=NOON + 3 * HOUR, **tell)
    assert not store.tell_spike("Withdrawal", now=NOON + 3 * HOUR + MINUTE, **tell)
    assert store.tell_spike("Withdrawal", now=NOON + 6 * HOUR, **tell)
    assert store.stories_met("Withdrawal", NOON - HOUR) == (NOON,)


def test_a_person_sends_again_or_drops(full):
    for _ in range(2):
        (one,) = claim(full)
        end(full, one, DeliveryState.DEAD)
    rows = full.deliveries(states=[DeliveryState.DEAD])
    assert full.send_again(delivery=rows[0].delivery, now=NOON) == 1
    assert full.delivery(rows[0].delivery).attempts == 0
    assert full.drop(channel="mail", now=NOON) == 4
    assert full.deliveries_waiting() == 0
    assert full.send_again(channel="mail", now=NOON) == 1, "those that were dropped stay so"
    assert sum(full.send_again(delivery=number, now=NOON) for number in range(1, 6)) == 5
    assert full.deliveries_waiting() == 5
    assert full.delivery(999) is None
    with pytest.raises(NotFound):
        full.drop(now=NOON)


def test_a_silence_holds_until_its_time_or_its_end(store):
    made = store.silence("watch", "Flood", until=NOON + HOUR, author="Ada", reason="exercise", now=NOON)
    assert store.silences(NOON) == (made,)
    with store.judging() as session:
        assert session.silences(NOON) == (made,)
        assert session.silences(NOON + HOUR) == ()
    assert store.end_silence(made.id, NOON + MINUTE)
    assert not store.end_silence(made.id, NOON + MINUTE)
    assert store.silences(NOON + MINUTE) == ()


def test_a_trouble_is_kept_until_it_was_told_and_counted_not_doubled(store):
    store.note("disk", "full", NOON)
    store.note("disk", "fuller", NOON)
    store.note("feed", "gone", NOON)
    assert [(one.said, one.times) for one in store.notices_waiting()] == [("fuller", 2), ("gone", 1)]
    assert store.last_notice_told() is None
    store.tell_operator(notice(*store.notices_waiting()), NOON)
    assert store.notices_waiting() == ()
    assert store.last_notice_told() == NOON


def notice(*notices, channel="ops"):
    numbers = tuple(one.id for one in notices)
    return NewNotice(
        watch="News watch", title="A trouble", text="one\ntwo", channel=channel, priority=Priority.HIGH, notices=numbers
    )


def test_a_notice_goes_the_way_of_all_alerts_and_keeps_its_key_over_a_kill(store):
    store.tell_operator(notice(), NOON)
    (first,) = claim(store, gate("ops"))
    assert (first.alert.kind, first.alert.watch, first.alert.text) == (AlertKind.NOTICE, "News watch", "one\ntwo")
    store.release_claims()
    (again,) = claim(store, gate("ops"))
    assert (again.idempotency_key, again.in_doubt) == (first.idempotency_key, True)
    end(store, again)
    store.prune(NOON - MINUTE)
    assert [row.kind for row in store.alerts(9)] == [AlertKind.NOTICE], "kept for as long as articles are"
    store.prune(NOON + MINUTE)
    assert store.alerts(9) == ()


def test_a_notice_whose_channel_fails_goes_to_the_operators_next_channel(store):
    """Once it was tried in vain, or while others fail there; not where it may have arrived."""

    def pass_on(now=NOON):
        return dict(store.pass_notices_on(["ops", "spare"], failures=3, now=now))

    store.tell_operator(notice(), NOON)
    assert pass_on() == {}
    (failed,) = claim(store, gate("ops"))
    end(store, failed, DeliveryState.PENDING, failures=1)
    assert pass_on() == {"ops": 1}
    assert [(row.channel, row.state) for row in store.deliveries()] == [("spare", "pending"), ("ops", "dead")]
    newest, oldest = store.deliveries()
    assert store.deliveries(before=newest.delivery) == (oldest,)
    (unknown,) = claim(store, gate("spare"))
    end(store, unknown, DeliveryState.PENDING, failures=3, in_doubt=True)
    assert pass_on() == {}
    store.tell_operator(notice(channel="spare"), NOON)
    assert pass_on() == {"spare": 1}
    assert pass_on() == {}


def test_a_trouble_that_lasts_is_noted_once_and_so_is_its_end(store):
    for said in ("no answer", "still no answer"):
        store.begin_trouble("feed", said, NOON)
    assert store.troubles() == {"feed"}
    for _ in range(2):
        store.end_trouble("feed", "it answers", NOON)
    store.end_trouble("disk", "there was none", NOON)
    assert [one.said for one in store.notices_waiting()] == ["no answer", "it answers"]
    store.begin_trouble("feed", "again", NOON)
    store.end_trouble("feed", "", NOON)
    assert (store.troubles(), len(store.notices_waiting())) == (frozenset(), 2)


def test_what_is_known_of_a_story_leaves_out_the_article_itself(store):
    feed_in(store)
    first, second = arrived(store, new_article("a"), new_article("b", source="Other"))
    (story,) = recorded(store, alerting(first, "mail"))
    with store.judging() as session:
        facts = session.story_facts(story, second.id)
        assert facts.outlets == {"Example News"}
        assert facts.languages == {"en"}
        assert facts.told == {"Withdrawal": {"new"}}
        assert facts.titles == {}
        own = session.story_facts(story, first.id)
        assert (own.outlets, own.titles) == (frozenset(), {"Withdrawal": "Headline a"})


def test_the_first_sight_of_an_article_is_remembered(store):
    feed_in(store)
    (article,) = arrived(store, new_article())
    recorded(store, judgement(article))
    assert store.first_sight(article.id).at == NOON
    assert store.first_sight(99) is None
    assert store.deliveries_of_article(article.id) == ()
