"""What the log is told of each outcome: an event and its keys; and that many feeds fail alike for want of a network."""

from __future__ import annotations

import threading
from datetime import datetime

from monitor.logs import get_logger
from monitor.model import AlertKind, DeliveryState, FetchFault
from monitor.pipeline import BackfillOutcome, DeliverOutcome, JudgeOutcome, PollOutcome, PollResult
from monitor.store import SqliteStore
from monitor.subscribing import PushNews

_ALIKE = 3
"""Feeds in a row that can't be reached before the rest of them are told as one."""

_UNREACHED = {FetchFault.DNS, FetchFault.CONNECT}

_NOT_ASKED = {PollResult.CUT_OFF, PollResult.PUT_OFF}

log = get_logger("monitor")


class Reach:
    """Whether feeds fail one by one, or all alike because this machine has no network. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._unreached: set[str] = set()

    def say(self, outcome: PollOutcome) -> None:
        """Log one look; when several feeds in a row could not be reached, say that once and the rest quietly."""
        with self._lock:
            before = len(self._unreached)
            if outcome.fault in _UNREACHED:
                self._unreached.add(outcome.feed)
            elif outcome.result not in _NOT_ASKED and outcome.feed.startswith("http"):
                self._unreached.clear()
            after = len(self._unreached)
        if before <= _ALIKE < after:
            log.warning("network_unreachable", detail="several feeds in a row can't be reached: is there a network?")
        elif before > _ALIKE and not after:
            log.info("network_reachable_again", feed=outcome.feed)
        say_poll(outcome, quietly=outcome.fault in _UNREACHED and after > _ALIKE)


def say_push(news: PushNews) -> None:
    """Log what came of a hub's call, or of our asking it."""
    bound = log.bind(feed=news.feed, hub=news.hub)
    if news.outcome is not None:
        if news.outcome.result is PollResult.FAILED:
            bound.warning("push_unreadable", detail=news.outcome.detail)
        else:
            bound.info("feed_pushed", new=news.outcome.new, changed=news.outcome.changed)
    elif news.event in {"push_live", "push_ended"}:
        bound.info(news.event, detail=news.detail)
    else:
        bound.warning(news.event, detail=news.detail)


def say_poll(outcome: PollOutcome, *, quietly: bool = False) -> None:
    """Log one look at one feed; ``quietly`` where its failure is one of many that were told together."""
    bound = log.bind(feed=outcome.feed)
    next_check = _to_the_second(outcome.next_check)
    if outcome.result is PollResult.FAILED:
        (bound.debug if quietly else bound.warning)(
            "feed_failed",
            fault=outcome.fault,
            detail=outcome.detail,
            failures=outcome.failures,
            next_check=next_check,
        )
    elif outcome.result is PollResult.PUT_OFF:
        bound.debug("feed_put_off", detail=outcome.detail, next_check=next_check)
    elif outcome.new or outcome.changed:
        bound.info("feed_read", new=outcome.new, changed=outcome.changed, next_check=next_check)
    else:
        bound.debug("feed_unchanged", next_check=next_check)
    if outcome.gap:
        bound.warning("feed_gap", detail=outcome.gap)
    for problem in outcome.problems:
        bound.info("feed_problem", problem=problem)


def say_judged(outcome: JudgeOutcome) -> None:
    """Log what judging a batch came to: the alerts, and what a fault of ours set aside."""
    for judged in outcome.judged:
        for verdict in judged.verdicts:
            log.info(
                "match",
                watch=verdict.watch,
                outcome=verdict.reason,
                article=judged.article.id,
                story=judged.story,
                same_story_by=judged.verdict.reason,
                title=judged.article.title,
                source=judged.article.source,
            )
    for article_id, trace in outcome.set_aside:
        log.error("article_set_aside", article=article_id, trace=trace)


def say_backfill(outcome: BackfillOutcome) -> None:
    """Log what judging the archive for new watches came to."""
    if outcome.alerts:
        log.info("backfilled", alerts=outcome.alerts)
    for article_id, trace in outcome.passed_over:
        log.error("article_passed_over", article=article_id, trace=trace)


def say_delivery(outcome: DeliverOutcome) -> None:
    """Log one try to send one delivery, and what was wrong with its template."""
    if outcome.trace:
        log.error("send_fault", delivery=outcome.delivery.id, channel=outcome.delivery.channel, trace=outcome.trace)
    if outcome.template:
        log.error("template_failed", channel=outcome.delivery.channel, detail=outcome.template)
    bound = log.bind(
        channel=outcome.delivery.channel,
        watch=outcome.delivery.alert.watch,
        delivery=outcome.delivery.id,
        attempt=outcome.delivery.attempts + 1,
    )
    if outcome.result.detail:
        bound = bound.bind(detail=outcome.result.detail)
    if outcome.due is not None:
        bound = bound.bind(again_at=_to_the_second(outcome.due))
    if not outcome.recorded:
        bound = bound.bind(recorded=False)
    (bound.info if outcome.state is DeliveryState.SENT else bound.warning)(f"delivery_{outcome.state}")


def note_template(store: SqliteStore, outcome: DeliverOutcome, now: datetime) -> None:
    """Keep for the operator what was wrong with a template; with the operator's own, only the log says it.

    Raises:
        StoreError: the database refused.
    """
    channel = outcome.delivery.channel
    if outcome.delivery.alert.kind is AlertKind.NOTICE:
        return
    store.note(f"template {channel}", f"{outcome.template} (channel {channel}; see: monitor check)", now)


def _to_the_second(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")
