"""The background service: keeps the timed jobs and the threads, starts, reloads and stops.

::

    every tick        claim due feeds ──> fetch threads ──> (T1) ──> wake the judge
    judge thread      unjudged articles ──> (T2) ──> wake the sender
    sender thread     claim due deliveries ──> send threads ──> (T3)
    every 2 s         has the config changed? one checked swap
    every hour        retention

APScheduler drives the few timed jobs; what is due lives in the database. Everything here may be killed at any moment:
the threads hold nothing that the database does not.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from datetime import timedelta

from apscheduler.events import EVENT_JOB_ERROR, EVENT_JOB_MISSED, JobExecutionEvent
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.interval import IntervalTrigger
from pebble import ThreadPool

from monitor import __version__
from monitor.app.parts import Parts, plan_of, read_config
from monitor.config import Config, Stamp, changed, take_stamps
from monitor.errors import ConfigErrors, StoreError
from monitor.logs import get_logger
from monitor.model import ClaimedDelivery, DeliveryState, DueFeed
from monitor.pipeline import JudgeOutcome, Plan, PollOutcome, PollResult
from monitor.ports import Clock

STOP_WITHIN = timedelta(seconds=8)
"""How long a stop waits for what is under way; what is not done by then is taken up at the next start."""

_IDLE = 5.0
"""Seconds after which the judge and the sender look by themselves, should a wake-up ever be lost."""

log = get_logger("monitor")


class Service:
    """The background service on one config and one state directory.

    ``on_poll`` and ``on_judged`` are told of outcomes beside the log (the terminal's own lines).
    """

    def __init__(self, config: Config, parts: Parts, *, clock: Clock, env: Mapping[str, str]) -> None:
        self._config = config
        self._plan = plan_of(config)
        self._parts = parts
        self._clock = clock
        self._env = env
        self._refused: tuple[Stamp, ...] | None = None
        self._stopping = threading.Event()
        self._reload_asked = threading.Event()
        self._judge_wake = threading.Event()
        self._send_wake = threading.Event()
        self._lock = threading.Lock()
        self._fetching: set[str] = set()
        self._sending: set[str] = set()
        self._idle = threading.Condition(self._lock)
        settings = config.settings
        self._fetch_pool = ThreadPool(max_workers=settings.fetch_threads)
        self._send_pool = ThreadPool(max_workers=settings.send_threads)
        self._threads = [
            threading.Thread(target=self._judge_loop, name="judge", daemon=True),
            threading.Thread(target=self._send_loop, name="sender", daemon=True),
        ]
        self._scheduler = BackgroundScheduler(
            timezone="UTC", job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
        )

    @property
    def secrets(self) -> frozenset[str]:
        """What the log must never show, by the config in force."""
        return self._config.secrets

    # --- start and stop ---

    def start(self) -> None:
        """Take up what a predecessor left, and begin.

        Raises:
            StoreError: the database refused.
        """
        store = self._parts.store
        store.release_claims()
        store.sync_feeds(tuple(self._plan.feeds.values()), self._clock.now())
        log.info(
            "started",
            version=__version__,
            feeds=len(self._plan.feeds),
            watches=len(self._plan.watches),
            channels=len(self._plan.channels),
        )
        for thread in self._threads:
            thread.start()
        self._every(self._plan.settings.tick, self._dispatch, name="dispatch")
        self._every(timedelta(seconds=2), self._watch_config, name="config")
        self._every(timedelta(hours=1), self._retain, name="retention", at_once=False)
        self._scheduler.add_listener(_say_job_trouble, EVENT_JOB_MISSED | EVENT_JOB_ERROR)
        self._scheduler.start()

    def _every(self, span: timedelta, job: Callable[[], None], *, name: str, at_once: bool = True) -> None:
        first = self._clock.now() if at_once else self._clock.now() + span
        trigger = IntervalTrigger(seconds=span.total_seconds(), timezone="UTC")
        self._scheduler.add_job(job, trigger, id=name, next_run_time=first)

    def ask_stop(self) -> None:
        """Ask for an orderly stop; safe to call from a signal handler."""
        self._stopping.set()

    def ask_reload(self) -> None:
        """Ask for the config to be read anew; safe to call from a signal handler."""
        self._reload_asked.set()

    def wait(self) -> None:
        """Return when a stop is asked for."""
        self._stopping.wait()

    def stop(self) -> None:
        """Stop: nothing new is begun, what is being sent is waited for, within ``STOP_WITHIN``."""
        self._stopping.set()
        self._judge_wake.set()
        self._send_wake.set()
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)
        self._fetch_pool.stop()
        deadline = self._clock.monotonic() + STOP_WITHIN.total_seconds()
        with self._idle:
            left = self._idle.wait_for(lambda: not self._sending, timeout=STOP_WITHIN.total_seconds())
        for thread in self._threads:
            thread.join(timeout=max(0.1, deadline - self._clock.monotonic()))
        self._send_pool.stop()
        log.info("stopped", sends_cut_off=0 if left else len(self._sending))

    # --- polling ---

    def _dispatch(self) -> None:
        """Hand the feeds that are due to the fetch threads, as many as there is room for."""
        plan = self._plan
        with self._lock:
            room = plan.settings.fetch_threads * 2 - len(self._fetching)
        if self._stopping.is_set() or room <= 0:
            return
        lease = plan.settings.fetch_deadline + plan.settings.parse_deadline * 2 + timedelta(minutes=1)
        try:
            due = self._parts.store.claim_due_feeds(self._clock.now(), limit=room, lease=lease)
        except StoreError as error:
            log.error("claim_failed", detail=str(error))
            return
        with self._lock:
            self._fetching.update(feed.url for feed in due)
        for feed in due:
            self._fetch_pool.schedule(self._poll, args=(feed,))

    def _poll(self, due: DueFeed) -> None:
        try:
            plan = self._plan
            feed = plan.feeds.get(due.url)
            if feed is None or self._stopping.is_set():
                return
            outcome = self._parts.poller.poll(due, feed, plan)
            say_poll(outcome)
            if outcome.new or outcome.changed:
                self._judge_wake.set()
        except StoreError as error:
            if not self._stopping.is_set():
                log.error("arrival_refused", feed=due.url, detail=str(error))
        # A fault of ours in one feed must not end the thread that serves the others; the lease brings it back.
        except Exception:
            log.exception("poll_fault", feed=due.url)
        finally:
            with self._lock:
                self._fetching.discard(due.url)

    # --- judging ---

    def _judge_loop(self) -> None:
        backfilled: Plan | None = None
        while not self._stopping.is_set():
            self._judge_wake.clear()
            plan = self._plan
            try:
                if plan is not backfilled:
                    alerts = self._parts.judge.backfill(plan, self._parts.store.known_watches())
                    backfilled = plan
                    if alerts:
                        log.info("backfilled", alerts=alerts)
                        self._send_wake.set()
                outcome = self._parts.judge.judge(plan)
            except StoreError as error:
                log.error("judging_refused", detail=str(error))
                self._stopping.wait(_IDLE)
                continue
            # The judge is the one thread that all alerts depend on: a fault is said, and it goes on.
            except Exception:
                log.exception("judge_fault")
                self._stopping.wait(_IDLE)
                continue
            say_judged(outcome)
            if any(article.alerts for article in outcome.judged):
                self._send_wake.set()
            if outcome.empty:
                self._judge_wake.wait(_IDLE)

    # --- sending ---

    def _send_loop(self) -> None:
        while not self._stopping.is_set():
            self._send_wake.clear()
            plan = self._plan
            with self._lock:
                busy = tuple(self._sending)
            room = plan.settings.send_threads - len(busy)
            if room <= 0:  # whoever ends wakes us
                self._send_wake.wait(_IDLE)
                continue
            store, channels = self._parts.store, tuple(plan.channels)
            lease = plan.settings.send_deadline * 2 + timedelta(seconds=30)
            try:
                claimed = store.claim_deliveries(
                    self._clock.now(), limit=room, lease=lease, busy=busy, channels=channels
                )
                due = None if claimed else store.next_delivery_due(busy=busy, channels=channels)
            except StoreError as error:
                log.error("claim_failed", detail=str(error))
                self._stopping.wait(_IDLE)
                continue
            with self._lock:
                self._sending.update(delivery.channel for delivery in claimed)
            for delivery in claimed:
                self._send_pool.schedule(self._send, args=(delivery, plan))
            if not claimed:
                wait = _IDLE if due is None else (due - self._clock.now()).total_seconds()
                self._send_wake.wait(min(_IDLE, max(0.05, wait)))

    def _send(self, delivery: ClaimedDelivery, plan: Plan) -> None:
        try:
            outcome = self._parts.sender.deliver(delivery, plan)
            event = log.info if outcome.state is DeliveryState.SENT else log.warning
            event(
                f"delivery_{outcome.state}",
                channel=delivery.channel,
                watch=delivery.alert.watch,
                delivery=delivery.id,
                attempt=delivery.attempts + 1,
                detail=outcome.result.detail,
                again_at=outcome.due,
                recorded=outcome.recorded,
            )
        except StoreError as error:
            log.error("outcome_not_recorded", delivery=delivery.id, detail=str(error))
        # A fault of ours in one message must not end the thread that sends the others; the lease brings it back.
        except Exception:
            log.exception("send_fault", delivery=delivery.id, channel=delivery.channel)
        finally:
            with self._idle:
                self._sending.discard(delivery.channel)
                self._idle.notify_all()
            self._send_wake.set()

    # --- config ---

    def _watch_config(self) -> None:
        asked = self._reload_asked.is_set()
        if not asked and not changed(self._config):
            return
        stamps = take_stamps(self._config.root, self._config.secret_files)
        if asked or stamps != self._refused:
            self._reload_asked.clear()
            self._refused = None if self._reload() else stamps

    def _reload(self) -> bool:
        """Read the config anew: all of it comes into force at once, or none of it. Whether it did."""
        try:
            config = read_config(self._config.root, self._env)
        except ConfigErrors as errors:
            for error in errors.errors:
                log.error("config_refused", fault=str(error))
            log.error("config_unchanged", faults=len(errors.errors), in_force="the config from before goes on")
            return False
        plan = plan_of(config)
        try:
            self._parts.store.sync_feeds(tuple(plan.feeds.values()), self._clock.now())
        except StoreError as error:
            log.error("config_not_taken", detail=str(error))
            return False
        self._config, self._plan = config, plan
        log.info("config_reloaded", feeds=len(plan.feeds), watches=len(plan.watches), channels=len(plan.channels))
        self._judge_wake.set()
        self._send_wake.set()
        return True

    def _retain(self) -> None:
        """Drop what is older than the archive's span."""
        pruned = self._parts.store.prune(self._clock.now() - self._plan.settings.keep_articles)
        if pruned:
            log.info("pruned", articles=pruned)


def _say_job_trouble(event: JobExecutionEvent) -> None:
    if event.exception is not None:
        log.error("job_fault", job=event.job_id, detail=repr(event.exception), trace=event.traceback)
    else:
        log.warning("job_missed", job=event.job_id)


def say_poll(outcome: PollOutcome) -> None:
    """Log one look at one feed."""
    bound = log.bind(feed=outcome.feed)
    if outcome.result is PollResult.FAILED:
        bound.warning(
            "feed_failed",
            fault=outcome.fault,
            detail=outcome.detail,
            failures=outcome.failures,
            next_check=outcome.next_check,
        )
    elif outcome.new or outcome.changed:
        bound.info("feed_read", new=outcome.new, changed=outcome.changed, next_check=outcome.next_check)
    else:
        bound.debug("feed_unchanged", next_check=outcome.next_check)
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
