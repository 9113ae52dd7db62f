"""One pass over feeds, judgements and deliveries: what the service does without end, done once (``monitor poll``)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future, as_completed
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

from pebble import ThreadPool

from monitor.alerts import gates
from monitor.app.collection import settle
from monitor.app.pages import read_pages
from monitor.app.parts import Parts
from monitor.app.saying import Reach, note_template, say_backfill, say_delivery, say_judged
from monitor.errors import StoreError
from monitor.model import ClaimedDelivery, DeliveryState, DueFeed
from monitor.pipeline import DeliverOutcome, JudgedArticle, Plan, PollOutcome, PollResult, work_out_pace
from monitor.ports import Clock

_CLAIMED_FOR_EACH_THREAD = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class PassResult:
    """What one pass came to. ``failures`` holds (feed, why) of the feeds that failed."""

    feeds: int
    fetched: int
    unchanged: int
    failed: int
    articles_new: int
    stories_new: int
    alerts: int
    deliveries_sent: int
    deliveries_pending: int
    failures: tuple[tuple[str, str], ...] = ()


def one_pass(
    parts: Parts, plan: Plan, feeds: Sequence[str], *, clock: Clock, advance: Callable[[], None]
) -> PassResult:
    """Poll ``feeds`` (URLs) now, due or not; judge all that waits; send all that is due, each delivery tried once.

    Raises:
        StoreError: the database refused.
    """
    settle()
    parts.store.sync_feeds(tuple(plan.feeds.values()), clock.now())
    polled = poll_feeds(parts, plan, feeds, clock=clock, advance=advance)
    read_pages(parts, plan, clock=clock)
    judged = judge_all(parts, plan)
    sent = send_all(parts, plan, clock=clock)
    return PassResult(
        feeds=len(polled),
        fetched=sum(outcome.result is PollResult.READ for outcome in polled),
        unchanged=sum(outcome.result is PollResult.UNCHANGED for outcome in polled),
        failed=sum(outcome.result is PollResult.FAILED for outcome in polled),
        articles_new=sum(outcome.new for outcome in polled),
        stories_new=sum(article.verdict.story is None for article in judged),
        alerts=sum(len(article.alerts) for article in judged),
        deliveries_sent=sum(outcome.state is DeliveryState.SENT for outcome in sent),
        deliveries_pending=parts.store.deliveries_waiting(),
        failures=tuple((outcome.feed, outcome.detail) for outcome in polled if outcome.result is PollResult.FAILED),
    )


def poll_feeds(
    parts: Parts, plan: Plan, feeds: Sequence[str], *, clock: Clock, advance: Callable[[], None]
) -> tuple[PollOutcome, ...]:
    """Look at each of these feeds once, as many at a time as the settings allow."""
    lease = plan.settings.fetch_deadline * 2 + plan.settings.parse_deadline * 2
    batch = plan.settings.fetch_threads * _CLAIMED_FOR_EACH_THREAD
    pool = ThreadPool(max_workers=plan.settings.fetch_threads)
    price = work_out_pace(parts.store, plan, clock.now()).price

    def look(due: DueFeed) -> PollOutcome:
        return parts.poller.poll(due, plan.feeds[due.url], plan, price=price)

    outcomes: list[PollOutcome] = []
    reach = Reach()
    try:
        # Claimed some at a time: a lease must not run out while its feed waits for a thread.
        for start in range(0, len(feeds), batch):
            some = feeds[start : start + batch]
            claimed = parts.store.claim_feeds(some, clock.now(), lease=lease)
            for _ in range(len(some) - len(claimed)):
                advance()
            looks: list[Future[PollOutcome]] = [pool.schedule(look, args=(due,)) for due in claimed]
            for done in as_completed(looks):
                advance()
                reach.say(done.result())
                outcomes.append(done.result())
    finally:
        pool.stop()
    return tuple(outcomes)


def judge_all(parts: Parts, plan: Plan) -> tuple[JudgedArticle, ...]:
    """Judge until nothing waits."""
    say_backfill(parts.judge.backfill(plan, parts.store.known_watches()))
    judged: list[JudgedArticle] = []
    while not (outcome := parts.judge.judge(plan)).empty:
        say_judged(outcome)
        judged.extend(outcome.judged)
    return tuple(judged)


def send_all(parts: Parts, plan: Plan, *, clock: Clock) -> tuple[DeliverOutcome, ...]:
    """Try each delivery that is due now once: those of one channel in their order, the channels beside each other.

    Raises:
        StoreError: the database refused. What was being sent meanwhile was waited for and recorded as far as it could.
    """
    now = clock.now()
    lease = plan.settings.send_deadline * 2 + timedelta(seconds=30)
    pool = ThreadPool(max_workers=plan.settings.send_threads)
    outcomes: list[DeliverOutcome] = []

    def send(delivery: ClaimedDelivery) -> DeliverOutcome:
        tried = parts.sender.attempt(delivery, plan)
        # What was sent and not recorded would be sent again.
        with suppress(StoreError):
            return parts.sender.record(tried)
        return parts.sender.record(tried)

    refused: BaseException | None = None
    try:
        # ``now`` stands still: what is put off for a later try is not due in this pass.
        while claimed := parts.store.claim_deliveries(
            now, limit=plan.settings.send_threads, lease=lease, busy=(), channels=gates(plan.channels.values(), now)
        ):
            tries: list[Future[DeliverOutcome]] = [pool.schedule(send, args=(delivery,)) for delivery in claimed]
            for done in as_completed(tries):
                if error := done.exception():
                    refused = error
                else:
                    say_delivery(done.result())
                    if done.result().template:
                        note_template(parts.store, done.result(), clock.now())
                    outcomes.append(done.result())
            if refused is not None:
                raise refused
    finally:
        pool.stop()
    return tuple(outcomes)
