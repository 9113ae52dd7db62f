"""Whether a match is told, with the reason by name, and what becomes of a try to send it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from alert_samples import alert
from hypothesis import given
from hypothesis import strategies as st

from monitor.alerts import decide_alert, next_attempt, settle
from monitor.alerts.retry import LONGEST_RETRY_AFTER
from monitor.model import (
    AlertKind,
    AlertReason,
    Article,
    ArticleState,
    Channel,
    ClaimedDelivery,
    DeliveryState,
    Match,
    NewAlert,
    Priority,
    SendOutcome,
    SendResult,
    Verdict,
    WatchConfig,
)

NOW = datetime(2024, 7, 23, 12, 0, tzinfo=UTC)


def article(*, quiet: bool = False) -> Article:
    return Article(
        id=1,
        feed_url="https://feeds.example/all",
        key="1",
        url="",
        canonical_url="",
        title="T",
        text="",
        author="",
        source="",
        language_hint=None,
        language="fr",
        published=None,
        discovered=NOW,
        quiet=quiet,
        state=ArticleState.NEW,
        story=None,
    )


WATCH = WatchConfig(name="Iraq", query="iraq", priority=Priority.URGENT, channels=("mail", "chat", "mail"))
MATCH = Match(watch="Iraq", evidence=())


class TestDecideAlert:
    def test_a_first_meeting_is_told_once_on_each_channel(self) -> None:
        verdict, told = decide_alert(match=MATCH, watch=WATCH, article=article(), told=frozenset({"Other"}))
        assert verdict == Verdict(watch="Iraq", reason=AlertReason.ALERTED)
        assert told == NewAlert(watch="Iraq", kind=AlertKind.NEW, priority=Priority.URGENT, channels=("mail", "chat"))

    def test_a_story_that_the_watch_was_told_is_not_told_again(self) -> None:
        verdict, told = decide_alert(match=MATCH, watch=WATCH, article=article(), told=frozenset({"Iraq"}))
        assert (verdict.reason, told) == (AlertReason.STORY_ALREADY_TOLD, None)

    def test_a_watch_without_stories_is_told_of_every_article(self) -> None:
        """The article makes the alert another one of its kind, so that each is told once."""
        watch = replace(WATCH, stories=False)
        verdict, told = decide_alert(match=MATCH, watch=watch, article=article(), told=frozenset({"Iraq"}))
        assert verdict.reason is AlertReason.ALERTED
        assert told is not None
        assert (told.kind, told.detail) == (AlertKind.NEW, "article 1")

    def test_what_was_old_when_its_feed_was_first_seen_is_never_told(self) -> None:
        verdict, told = decide_alert(match=MATCH, watch=WATCH, article=article(quiet=True), told=frozenset({"Iraq"}))
        assert (verdict.reason, told) == (AlertReason.OLD_AT_FIRST_SIGHT, None)

    def test_a_watch_without_a_channel_tells_nothing_and_says_so(self) -> None:
        silent = WatchConfig(name="Iraq", query="iraq")
        verdict, told = decide_alert(match=MATCH, watch=silent, article=article(), told=frozenset())
        assert (verdict.reason, told) == (AlertReason.NO_CHANNEL, None)

    def test_a_match_of_another_watch_is_a_mistake_of_the_caller(self) -> None:
        with pytest.raises(ValueError, match="'Iraq' judged under watch 'Syria'"):
            decide_alert(match=MATCH, watch=WatchConfig(name="Syria"), article=article(), told=frozenset())


class TestNextAttempt:
    def test_waits_double_from_fifteen_seconds_to_an_hour(self) -> None:
        waits = [(next_attempt(n, NOW, None, 0.999_999) - NOW).total_seconds() for n in range(12)]
        assert [round(wait) for wait in waits] == [15, 15, 30, 60, 120, 240, 480, 960, 1920, 3600, 3600, 3600]

    def test_jitter_spreads_over_the_upper_half(self) -> None:
        assert next_attempt(3, NOW, None, 0.0) == NOW + timedelta(seconds=30)

    def test_a_huge_number_of_tries_waits_no_longer_than_an_hour(self) -> None:
        assert next_attempt(10**9, NOW, None, 0.5) <= NOW + timedelta(hours=1)

    def test_the_receivers_own_wait_is_never_undercut(self) -> None:
        asked = timedelta(minutes=20)
        assert next_attempt(1, NOW, asked, 0.0) == NOW + asked
        assert next_attempt(1, NOW, asked, 0.5) == NOW + asked * 1.05
        assert next_attempt(9, NOW, timedelta(seconds=1), 0.0) == NOW + timedelta(minutes=30)

    def test_an_absurd_wait_does_not_bury_an_alert(self) -> None:
        assert next_attempt(1, NOW, timedelta(days=365), 0.0) == NOW + LONGEST_RETRY_AFTER
        assert next_attempt(1, NOW, timedelta(days=-1), 0.0) > NOW

    @given(
        st.integers(min_value=0, max_value=100),
        st.one_of(st.none(), st.timedeltas(min_value=timedelta(0), max_value=timedelta(hours=6))),
        st.floats(min_value=0, max_value=1, exclude_max=True),
    )
    def test_a_retry_lies_ahead_and_within_bounds(
        self, attempts: int, retry_after: timedelta | None, chance: float
    ) -> None:
        due = next_attempt(attempts, NOW, retry_after, chance)
        assert NOW + timedelta(seconds=7.5) <= due <= NOW + max(timedelta(hours=1), (retry_after or timedelta(0)) * 1.1)


def claimed(attempts: int = 0) -> ClaimedDelivery:
    return ClaimedDelivery(
        id=5, token="t", channel="c", attempts=attempts, in_doubt=False, idempotency_key="k", alert=alert()
    )


def channel(**changes: object) -> Channel:
    return Channel(name="c", url="log:", **changes)  # type: ignore[arg-type]


class TestSettle:
    def test_sent_is_sent(self) -> None:
        outcome = settle(claimed(), SendResult(outcome=SendOutcome.SENT), channel(), NOW, 0.5)
        assert (outcome.state, outcome.at, outcome.due, outcome.id, outcome.token) == (
            DeliveryState.SENT,
            NOW,
            None,
            5,
            "t",
        )

    def test_a_failure_waits_its_turn_with_the_reason(self) -> None:
        result = SendResult(
            outcome=SendOutcome.FAILED, detail="the receiver answered 503", retry_after=timedelta(hours=2)
        )
        outcome = settle(claimed(), result, channel(), NOW, 0.0)
        assert (outcome.state, outcome.due) == (DeliveryState.PENDING, NOW + timedelta(hours=2))
        assert outcome.detail == "the receiver answered 503"

    @pytest.mark.parametrize(
        ("limit", "detail"), [(12, "given up after 12 tries: down"), (1, "given up after 1 try: down")]
    )
    def test_the_last_try_ends_in_a_dead_letter_that_says_why(self, limit: int, detail: str) -> None:
        failed = SendResult(outcome=SendOutcome.FAILED, detail="down")
        outcome = settle(claimed(limit - 1), failed, channel(max_attempts=limit), NOW, 0.0)
        assert (outcome.state, outcome.detail, outcome.due) == (DeliveryState.DEAD, detail, None)
        if limit > 1:
            before = settle(claimed(limit - 2), failed, channel(max_attempts=limit), NOW, 0.0)
            assert before.state is DeliveryState.PENDING

    def test_a_failure_without_a_reason_says_so(self) -> None:
        outcome = settle(claimed(11), SendResult(outcome=SendOutcome.UNKNOWN), channel(), NOW, 0.0)
        assert outcome.detail == "given up after 12 tries: no reason given"

    @pytest.mark.parametrize(("said", "detail"), [("too large", "too large"), ("", "refused by the receiver")])
    def test_a_refusal_is_dead_at_the_first_try(self, said: str, detail: str) -> None:
        outcome = settle(claimed(), SendResult(outcome=SendOutcome.REFUSED, detail=said), channel(), NOW, 0.0)
        assert (outcome.state, outcome.detail) == (DeliveryState.DEAD, detail)

    def test_an_unknown_fate_is_sent_again_or_held_as_the_channel_says(self) -> None:
        unknown = SendResult(outcome=SendOutcome.UNKNOWN)
        assert settle(claimed(), unknown, channel(), NOW, 0.0).state is DeliveryState.PENDING
        held = settle(claimed(11), unknown, channel(on_unknown="hold"), NOW, 0.0)
        assert (held.state, held.detail) == (DeliveryState.HELD, "may have arrived; held for a person")
