"""The background service: keeps the timed jobs and the threads, starts, reloads and stops.

::

    every tick        claim due feeds ──> fetch threads ──> (T1) ──> wake the judge
    page thread       pages of articles given in summary ──> read threads ──> wake the judge (see ``pages``)
    judge thread      unjudged articles ──> (T2) ──> wake the sender
    sender thread     claim due deliveries ──> send threads ──> (T3)
    every 2 s         has the config changed? one checked swap; is the database still in its place?
    every 10 minutes  the budget of looks is shared out anew
    every 5 s         give up, divert, remind, look for spikes and silent feeds, tell the operator (see ``upkeep``)
    every 2 s         ask hubs for what is due: a subscription, its renewal, its end (see ``pushing``)
    every 2 s         does the console listen where the config says so? (see ``console``)
    every hour        retention
    clock thread      was the machine's clock set back? then nothing waits for a time that was wrong

APScheduler drives the few timed jobs; what is due lives in the database. Everything here may be killed at any moment:
the threads hold nothing that the database does not.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Mapping
from datetime import timedelta

from apscheduler.events import EVENT_JOB_ERROR, EVENT_JOB_MISSED, JobExecutionEvent
from apscheduler.schedulers.background import BackgroundScheduler
from pebble import ThreadPool

from monitor import __version__
from monitor.alerts import gates
from monitor.app.collection import settle
from monitor.app.console import EVERY as CONSOLE_EVERY
from monitor.app.console import ConsoleWork
from monitor.app.pages import PageWork
from monitor.app.parts import Parts, plan_of, read_config
from monitor.app.pushing import EVERY as PUSH_EVERY
from monitor.app.pushing import PushWork
from monitor.app.saying import Reach, note_template, say_backfill, say_delivery, say_judged
from monitor.app.timing import ClockWatch, Every, Patience
from monitor.app.upkeep import Upkeep
from monitor.config import Config, Stamp, changed, take_stamps
from monitor.errors import ConfigErrors, StoreError
from monitor.feeds import USUAL_PRICE
from monitor.logs import get_logger
from monitor.model import ClaimedDelivery, DueFeed, Feed, Settings
from monitor.pipeline import DeliverOutcome, Plan, PollOutcome, Tried, work_out_pace
from monitor.ports import Clock
from monitor.web import Standing

STOP_WITHIN = timedelta(seconds=8)
"""How long a stop waits for what is under way; what is not done by then is taken up at the next start."""

_IDLE = 5.0
"""Seconds after which the judge and the sender look by themselves, should a wake-up ever be lost."""

_CONFIG_LOOK = timedelta(seconds=2)
_PACE = timedelta(minutes=10)

_REFUSED_AGAIN = 30.0
"""Seconds after which a config that was refused is read again though no file of it changed.

What was wrong may lie beside the files: a secret's file that was missing, permissions that were mended.
"""

_RECORD_AGAIN = 2.0
"""Seconds between tries to record what became of a send, while its lease lasts."""

_LOOK_AGAIN = 2.0
"""Seconds after which a feed is looked at again whose articles the database did not take."""

_SAY_AGAIN = 60.0
"""Seconds for which the same trouble is not logged again."""

_CLOCK_LOOK = 1.0

_PROMPT = 1.0
"""Seconds within which a receiver that works answers. A send that takes longer gives its place back: a channel that
hangs holds a thread of its own, and none of those that ``send_threads`` allows the others."""

_UPKEEP = timedelta(seconds=5)

_SLOW_SENDS = 64
"""Threads for sends that take longer."""

# What the parts were made with at the start.
_FIXED_AT_START = (
    "tick",
    "fetch_threads",
    "send_threads",
    "parse_processes",
    "parse_deadline",
    "send_deadline",
    "max_entries",
    "per_host",
    "log_format",
    "log_level",
)

log = get_logger("monitor")


class Service:
    """The background service on one config and one state directory.

    ``on_failure`` is called (from a thread) when it can't go on and should be stopped; ``failure`` then says why.
    """

    def __init__(
        self, config: Config, parts: Parts, *, clock: Clock, env: Mapping[str, str], on_failure: Callable[[], None]
    ) -> None:
        self._config = config
        self._plan = plan_of(config)
        self._parts = parts
        self._clock = clock
        self._env = env
        self._settings_at_start = config.settings
        self._refused: tuple[Stamp, ...] | None = None
        self._refused_at = 0.0
        self._refused_faults: tuple[str, ...] = ()
        self._started = self._taken = clock.now()
        self._unsettled: tuple[Stamp, ...] | None = None
        self._price = USUAL_PRICE
        self._over_budget = False
        self.failure = ""
        self._on_failure = on_failure
        self._upkeep = Upkeep(parts, clock)
        self._trouble = Patience(clock, timedelta(seconds=_SAY_AGAIN))
        self._reach = Reach()
        self._stopping = threading.Event()
        self._reload_asked = threading.Event()
        self._judge_wake = threading.Event()
        self._send_wake = threading.Event()
        self._lock = threading.Lock()
        self._fetching: set[str] = set()
        self._sending: dict[str, float] = {}
        self._idle = threading.Condition(self._lock)
        settings = config.settings
        self._fetch_pool = ThreadPool(max_workers=settings.fetch_threads)
        self._send_pool = ThreadPool(max_workers=settings.send_threads + _SLOW_SENDS)
        self._threads = [
            threading.Thread(target=self._judge_loop, name="judge", daemon=True),
            threading.Thread(target=self._send_loop, name="sender", daemon=True),
            threading.Thread(target=self._clock_loop, name="clock", daemon=True),
        ]
        self._pages = PageWork(parts, clock=clock, plan=lambda: self._plan, on_read=self._judge_wake.set)
        self._push = PushWork(parts, clock=clock, plan=lambda: self._plan, on_new=self._pushed)
        self._console = ConsoleWork(parts, clock=clock, standing=self._standing)
        self._scheduler = BackgroundScheduler(
            timezone="UTC", job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
        )

    @property
    def secrets(self) -> frozenset[str]:
        """What the log must never show, by the config in force."""
        return self._config.secrets

    def _standing(self) -> Standing:
        """What the console tells of the service itself."""
        return Standing(
            process=os.getpid(),
            started=self._started,
            root=self._config.root,
            taken=self._taken,
            plan=self._plan,
            concepts=len(self._config.concepts),
            faults=self._refused_faults,
            secrets=self._config.secrets,
        )

    # --- start and stop ---

    def start(self) -> None:
        """Take up what a predecessor left, and begin.

        Raises:
            StoreError: the database refused.
        """
        settle()
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
        self._every(self._plan.settings.tick, self._dispatch, name="dispatch")
        self._every(_CONFIG_LOOK, self._watch_files, name="files")
        self._every(_PACE, self._set_pace, name="pace")
        self._every(_UPKEEP, self._keep_up, name="upkeep")
        self._every(PUSH_EVERY, self._keep_subscriptions, name="push")
        self._every(CONSOLE_EVERY, self._console.keep, name="console")
        self._every(timedelta(hours=1), self._retain, name="retention", at_once=False)
        self._scheduler.add_listener(_say_job_trouble, EVENT_JOB_MISSED | EVENT_JOB_ERROR)
        self._scheduler.start()
        for thread in self._threads:
            thread.start()
        self._pages.start()
        self._follow_push()

    def _every(self, span: timedelta, job: Callable[[], None], *, name: str, at_once: bool = True) -> None:
        first = self._clock.now() if at_once else self._clock.now() + span
        self._scheduler.add_job(job, Every(span), id=name, next_run_time=first)

    def ask_reload(self) -> None:
        """Ask for the config to be read anew. Not from a signal handler: it takes a lock."""
        self._reload_asked.set()

    def stop(self) -> None:
        """Stop: nothing new is begun, what is being sent is waited for, within ``STOP_WITHIN``."""
        self._stopping.set()
        self._judge_wake.set()
        self._send_wake.set()
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)
        self._push.stop()
        self._console.stop()
        self._fetch_pool.stop()
        self._pages.stop()
        deadline = self._clock.monotonic() + STOP_WITHIN.total_seconds()

        def left() -> float:
            return max(0.1, deadline - self._clock.monotonic())

        # The sender first: what it has claimed in its last moment is sent as well, or it would count as in doubt.
        for thread in reversed(self._threads):
            thread.join(timeout=left())
        with self._idle:
            self._idle.wait_for(lambda: not self._sending, timeout=left())
            cut_off = len(self._sending)
        self._send_pool.stop()
        log.info("stopped", sends_cut_off=cut_off)

    # --- the clock ---

    def _clock_loop(self) -> None:
        watch = ClockWatch(self._clock)
        while not self._stopping.wait(_CLOCK_LOOK):
            if (back := watch.set_back()) is not None:
                self._clock_set_back(back)

    def _clock_set_back(self, back: timedelta) -> None:
        """Let nothing wait for a time that was wrong: neither the timed jobs nor what is due in the database."""
        log.warning("clock_set_back", seconds=round(back.total_seconds(), 1))
        try:
            self._parts.store.forget_future(self._clock.now())
        except StoreError as error:
            log.error("clock_not_followed", detail=str(error))
        for job in self._scheduler.get_jobs():
            job.modify(next_run_time=self._clock.now())
        self._judge_wake.set()
        self._send_wake.set()

    def _say_trouble(self, event: str, error: StoreError, **keys: object) -> None:
        """Log what the database refuses, but not a line each second while it does (a full disk is often the log's)."""
        detail = str(error)
        if self._trouble.allows((event, detail)):
            log.error(event, detail=detail, **keys)

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
            self._say_trouble("claim_failed", error)
            return
        with self._lock:
            # One whose lease has run out, or whose claim a change of the clock ended, may still be under way here.
            due = tuple(feed for feed in due if feed.url not in self._fetching)
            self._fetching.update(feed.url for feed in due)
        for feed in due:
            self._fetch_pool.schedule(self._poll, args=(feed,))

    def _poll(self, due: DueFeed) -> None:
        try:
            plan = self._plan
            feed = plan.feeds.get(due.url)
            if feed is None or self._stopping.is_set():
                return
            outcome = self._look(due, feed, plan)
            self._reach.say(outcome)
            if outcome.new or outcome.changed:
                self._judge_wake.set()
                self._pages.wake()
        except StoreError as error:
            if not self._stopping.is_set():
                self._say_trouble("arrival_refused", error, feed=due.url)
        # A fault of ours in one feed must not end the thread that serves the others; the lease brings it back.
        except Exception:
            log.exception("poll_fault", feed=due.url)
        finally:
            with self._lock:
                self._fetching.discard(due.url)

    def _follow_push(self) -> None:
        try:
            self._push.follow()
        except StoreError as error:
            self._say_trouble("subscriptions_refused", error)

    def _keep_subscriptions(self) -> None:
        try:
            self._push.keep()
        except StoreError as error:
            self._say_trouble("subscriptions_refused", error)

    def _pushed(self) -> None:
        self._judge_wake.set()
        self._pages.wake()

    def _look(self, due: DueFeed, feed: Feed, plan: Plan) -> PollOutcome:
        """Look at a claimed feed; a second time where the database refused, lest it wait for the end of its claim."""
        try:
            return self._parts.poller.poll(due, feed, plan, price=self._price)
        except StoreError as error:
            if self._stopping.wait(_LOOK_AGAIN):
                raise
            self._say_trouble("arrival_refused", error, feed=due.url)
            return self._parts.poller.poll(due, feed, plan, price=self._price)

    def _set_pace(self) -> None:
        """Share the budget of looks out."""
        try:
            pace = work_out_pace(self._parts.store, self._plan, self._clock.now())
        except StoreError as error:
            self._say_trouble("pace_not_set", error)
            return
        self._price = pace.price
        if pace.over and not self._over_budget:
            log.warning(
                "budget_too_small",
                looks=round(pace.looks),
                budget=pace.budget,
                hint="raise requests_a_day in monitor.toml, or interval_max in feeds.toml",
            )
        self._over_budget = pace.over

    # --- judging ---

    def _judge_loop(self) -> None:
        backfilled: Plan | None = None
        while not self._stopping.is_set():
            self._judge_wake.clear()
            plan = self._plan
            try:
                if plan is not backfilled:
                    self._backfill(plan)
                    backfilled = plan
                outcome = self._parts.judge.judge(plan)
            except StoreError as error:
                if not self._stopping.is_set():
                    self._say_trouble("judging_refused", error)
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

    def _backfill(self, plan: Plan) -> None:
        try:
            outcome = self._parts.judge.backfill(plan, self._parts.store.known_watches())
        except StoreError:
            raise
        # A fault in the archive must not keep what is new from being told.
        except Exception:
            log.exception("backfill_fault")
            return
        say_backfill(outcome)
        if outcome.alerts:
            self._send_wake.set()

    # --- sending ---

    def _send_loop(self) -> None:
        while not self._stopping.is_set():
            self._send_wake.clear()
            try:
                wait = self._claim_and_send(self._plan)
            except StoreError as error:
                self._say_trouble("claim_failed", error)
                self._stopping.wait(_IDLE)
            # Every alert depends on this one thread: a fault is said, and it goes on.
            except Exception:
                log.exception("sender_fault")
                self._stopping.wait(_IDLE)
            else:
                if wait > 0:
                    self._send_wake.wait(wait)

    def _claim_and_send(self, plan: Plan) -> float:
        """Hand due deliveries to the send threads; returns the seconds to wait before the next look."""
        began = self._clock.monotonic()
        with self._lock:
            busy = tuple(self._sending)
            prompt = [began - at for at in self._sending.values() if began - at < _PROMPT]
        # As at the start, for the pool was made then.
        room = self._settings_at_start.send_threads - len(prompt)
        if room <= 0 or len(busy) >= self._settings_at_start.send_threads + _SLOW_SENDS:
            # Whoever ends wakes us; whoever does not soon counts as slow.
            return max(0.05, _PROMPT - max(prompt, default=0.0))
        store = self._parts.store
        channels = gates(plan.channels.values(), self._clock.now())
        claimed = store.claim_deliveries(
            self._clock.now(), limit=room, lease=_send_lease(plan.settings), busy=busy, channels=channels
        )
        with self._lock:
            self._sending.update((delivery.channel, began) for delivery in claimed)
        for delivery in claimed:
            self._send_pool.schedule(self._send, args=(delivery, plan))
        if claimed:
            return 0.0
        due = store.next_delivery_due(busy=busy, channels=channels)
        wait = _IDLE if due is None else (due - self._clock.now()).total_seconds()
        return min(_IDLE, max(0.05, wait))

    def _send(self, delivery: ClaimedDelivery, plan: Plan) -> None:
        ends = self._clock.monotonic() + _send_lease(plan.settings).total_seconds()
        try:
            tried = self._parts.sender.attempt(delivery, plan)
            outcome = self._record(tried, ends)
            say_delivery(outcome)
            self._note_template(outcome)
        except StoreError as error:
            log.error("outcome_not_recorded", delivery=delivery.id, detail=str(error))
        # A fault of ours in one message must not end the thread that sends the others; the lease brings it back.
        except Exception:
            log.exception("send_fault", delivery=delivery.id, channel=delivery.channel)
        finally:
            with self._idle:
                self._sending.pop(delivery.channel, None)
                self._idle.notify_all()
            self._send_wake.set()

    def _note_template(self, outcome: DeliverOutcome) -> None:
        if outcome.template:
            try:
                note_template(self._parts.store, outcome, self._clock.now())
            except StoreError as error:
                self._say_trouble("notice_refused", error)

    def _record(self, tried: Tried, ends: float) -> DeliverOutcome:
        """Record a try while its lease lasts: what was sent and not recorded would be sent again."""
        while True:
            try:
                return self._parts.sender.record(tried)
            except StoreError as error:
                if self._clock.monotonic() > ends or self._stopping.wait(_RECORD_AGAIN):
                    raise
                self._say_trouble("outcome_waits_to_be_recorded", error, delivery=tried.delivery.id)

    def _keep_up(self) -> None:
        """Give up, divert, remind, look for spikes, tell the operator."""
        try:
            if self._upkeep.run(self._plan):
                self._send_wake.set()
        except StoreError as error:
            self._say_trouble("upkeep_refused", error)

    # --- files ---

    def _watch_files(self) -> None:
        if not self._parts.store.in_place():
            self.failure = (
                "the database was removed or replaced while the service ran; what it would write now would be lost. "
                "Put the state directory in order and start it again"
            )
            log.critical("database_gone", detail=self.failure)
            self._on_failure()
            return
        self._watch_config()

    def _watch_config(self) -> None:
        asked = self._reload_asked.is_set()
        stamps = take_stamps(self._config.root, self._config.secret_files)
        if not asked:
            if stamps == self._config.stamps:
                self._unsettled = None
                if self._refused != stamps:
                    # The edit that was refused is undone.
                    self._refused, self._refused_faults = None, ()
                return
            if stamps == self._refused:
                if self._clock.monotonic() - self._refused_at < _REFUSED_AGAIN:
                    return
            elif stamps != self._unsettled:
                # Whoever writes the files may be in the midst of it: half a file can be a whole config by chance.
                self._unsettled = stamps
                return
        self._reload_asked.clear()
        self._reload(stamps, asked=asked)

    def _reload(self, stamps: tuple[Stamp, ...], *, asked: bool) -> None:
        """Read the config anew: all of it comes into force at once, or none of it."""
        try:
            config = read_config(self._config.root, self._env, self._config)
        except ConfigErrors as errors:
            # Said once for each edit, and when a person asks.
            if asked or self._refused != stamps or self._refused_faults != _told(errors):
                for error in errors.errors:
                    log.error("config_refused", fault=str(error))
                self._note_refused(errors)
                log.error("config_unchanged", faults=len(errors.errors), in_force="the config from before goes on")
            self._refused, self._refused_at = stamps, self._clock.monotonic()
            self._refused_faults = _told(errors)
            return
        if changed(config):
            # Edited while it was read: what was read may be a mixture. The next look takes it up.
            return
        plan = plan_of(config)
        try:
            self._parts.store.sync_feeds(tuple(plan.feeds.values()), self._clock.now())
        except StoreError as error:
            # Not refused: the next look tries again.
            self._say_trouble("config_not_taken", error)
            return
        self._config, self._plan, self._refused = config, plan, None
        self._refused_faults, self._taken = (), self._clock.now()
        self._set_pace()
        self._follow_push()
        log.info("config_reloaded", feeds=len(plan.feeds), watches=len(plan.watches), channels=len(plan.channels))
        needing = [
            name for name in _FIXED_AT_START if getattr(config.settings, name) != getattr(self._settings_at_start, name)
        ]
        if needing:
            log.warning("restart_needed", settings=needing, detail="they count from the next start on")
        self._judge_wake.set()
        self._send_wake.set()
        settle()

    def _note_refused(self, errors: ConfigErrors) -> None:
        said = f"an edit of the config was refused ({len(errors.errors)} faults): {errors.errors[0]}"
        try:
            self._parts.store.note("config", said, self._clock.now())
        except StoreError as error:
            self._say_trouble("notice_refused", error)

    def _retain(self) -> None:
        """Drop what is older than the archive's span."""
        try:
            pruned = self._parts.store.prune(self._clock.now() - self._plan.settings.keep_articles)
        except StoreError as error:
            self._say_trouble("retention_refused", error)
            return
        if pruned:
            log.info("pruned", articles=pruned)


def _send_lease(settings: Settings) -> timedelta:
    return settings.send_deadline * 2 + timedelta(seconds=30)


def _told(errors: ConfigErrors) -> tuple[str, ...]:
    return tuple(str(error) for error in errors.errors)


def _say_job_trouble(event: JobExecutionEvent) -> None:
    if event.exception is not None:
        log.error("job_fault", job=event.job_id, detail=repr(event.exception), trace=event.traceback)
    else:
        log.warning("job_missed", job=event.job_id)
