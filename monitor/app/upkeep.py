"""What the service does for its alerts by the clock: gives up, diverts, reminds, looks for spikes, tells its operator.

On the article's way: beside the sender, every few seconds. All that it decides by stands in the config and the
database; a restart in the midst repeats nothing.
"""

from __future__ import annotations

import shutil
from datetime import datetime, timedelta

from monitor.alerts import HISTORY, OPERATOR_WATCH, gates, gather_notices, spike_in
from monitor.app.parts import Parts
from monitor.feeds import silent_since
from monitor.logs import get_logger
from monitor.model import NewNotice, Priority, WatchConfig
from monitor.pipeline import Plan
from monitor.ports import Clock
from monitor.showing import Ailment, ailments
from monitor.store import FeedRow

__all__ = ["FALLBACK_AFTER", "Upkeep"]

FALLBACK_AFTER = timedelta(hours=1)
"""How long a channel has failed when its fallback takes over."""

_OPERATOR_EVERY = timedelta(minutes=15)
"""At most one message to the operator in that span, with all that came up in it."""

_REMIND_WITHIN = timedelta(days=2)
_SPIKES_EVERY = timedelta(minutes=1)
_LOOK_EVERY = timedelta(minutes=5)
_FEED_FAILURES = 8
_DISK_LEAST = 200_000_000
_TROUBLED = 3

log = get_logger("monitor")


class Upkeep:
    """One for each service; ``run`` is called by one thread at a time."""

    def __init__(self, parts: Parts, clock: Clock) -> None:
        self._parts = parts
        self._clock = clock
        self._spikes_at = self._looked_at = clock.monotonic() - _LOOK_EVERY.total_seconds()
        self._troubles: frozenset[str] = frozenset()

    def run(self, plan: Plan) -> bool:
        """Do what is due; whether there is something new to send.

        Raises:
            StoreError: the database refused; what was not done is done the next time.
        """
        store, now = self._parts.store, self._clock.now()
        given_up = store.give_up_stale(gates(plan.channels.values(), now), now)
        if given_up:
            log.warning("deliveries_given_up", count=given_up, detail="too old; see: monitor deliveries list --dead")
        fallbacks = {channel.name: channel.fallback for channel in plan.channels.values() if channel.fallback}
        moved = store.divert(fallbacks, after=FALLBACK_AFTER, now=now)
        for channel, count in moved.items():
            log.warning("deliveries_diverted", channel=channel, to=fallbacks[channel], count=count)
        told = sum(self._remind(watch) for watch in plan.watches.values())
        if self._due("_spikes_at", _SPIKES_EVERY):
            told += sum(self._spike(watch) for watch in plan.watches.values() if watch.spike)
        self._troubles = store.troubles()
        if self._due("_looked_at", _LOOK_EVERY):
            self._look_round(plan)
        self._look_at_channels(plan)
        told += self._tell_operator(plan)
        return bool(moved or told)

    def _due(self, name: str, span: timedelta) -> bool:
        now = self._clock.monotonic()
        if now - getattr(self, name) < span.total_seconds():
            return False
        setattr(self, name, now)
        return True

    def _remind(self, watch: WatchConfig) -> int:
        if watch.remind_after is None:
            return 0
        count = self._parts.store.remind(
            watch.name,
            after=watch.remind_after,
            channels=watch.escalate,
            now=self._clock.now(),
            since=watch.remind_after + _REMIND_WITHIN,
        )
        if count:
            log.info("reminded", watch=watch.name, alerts=count)
        return count

    def _spike(self, watch: WatchConfig) -> int:
        store, now = self._parts.store, self._clock.now()
        since = store.watched_since(watch.name)
        if since is None:
            return 0
        spike = spike_in(store.stories_met(watch.name, now - HISTORY - timedelta(hours=1)), now, since=since)
        if spike is None or not store.tell_spike(
            watch.name, count=spike.count, channels=watch.channels, priority=watch.priority, now=now
        ):
            return 0
        log.info("spike", watch=watch.name, stories=spike.count, expected=round(spike.expected, 2))
        return 1

    # --- the operator ---

    def _look_at_channels(self, plan: Plan) -> None:
        for standing in self._parts.store.channel_standings():
            if standing.channel in plan.channels:
                troubled = standing.failures >= _TROUBLED
                self._note(
                    f"channel {standing.channel}", troubled, f"channel {standing.channel} fails: {standing.detail}"
                )

    def _look_round(self, plan: Plan) -> None:
        now = self._clock.now()
        for feed in self._parts.store.feeds():
            known, name = feed.url in plan.feeds, feed.name or feed.url
            failing = known and (feed.failures >= _FEED_FAILURES or feed.gone)
            why = "it is gone for good" if feed.gone else feed.error
            self._note(f"feed {feed.url}", failing, f"feed {name} fails: {why}")
            self._note_silence(feed, name, now, known=known)
        free = shutil.disk_usage(self._parts.store.path.parent).free
        self._note("disk", free < _DISK_LEAST, f"only {free // 1_000_000} MB are free where the database lies")

    def _note_silence(self, feed: FeedRow, name: str, now: datetime, *, known: bool) -> None:
        topic = f"silence of {feed.url}"
        if topic not in self._troubles:
            words = next((words for kind, words in ailments(feed, now) if kind is Ailment.SILENT), "")
            if known and words:
                log.warning("feed_silent", feed=feed.url, detail=words)
                self._note(topic, True, f"feed {name} is silent: {words}")
        # One that fails now is not back by that.
        elif not known or feed.rhythm is None or silent_since(feed.rhythm, now) is None:
            self._note(topic, False, "", over=f"feed {name} brings news again" if known else "")

    def _note(self, topic: str, troubled: bool, said: str, *, over: str = "") -> None:
        """A trouble is noted when it begins, and not again before it has ended."""
        now = self._clock.now()
        if troubled and topic not in self._troubles:
            self._parts.store.begin_trouble(topic, said, now)
        elif not troubled and topic in self._troubles:
            self._parts.store.end_trouble(topic, over, now)

    def _tell_operator(self, plan: Plan) -> int:
        """Put what waits for the operator into the outbox; how many messages.

        One channel that takes it is enough: the others are there for when the first is the trouble.
        """
        store, now = self._parts.store, self._clock.now()
        channels = [name for name in plan.settings.operator if name in plan.channels]
        if not channels:
            return 0
        moved = store.pass_notices_on(channels, failures=_TROUBLED, now=now)
        for channel, count in moved.items():
            log.warning("notices_passed_on", channel=channel, count=count)
        waiting = store.notices_waiting()
        last = store.last_notice_told()
        if not waiting or (last is not None and timedelta(0) <= now - last < _OPERATOR_EVERY):
            return sum(moved.values())
        title, text = gather_notices(waiting)
        store.tell_operator(
            NewNotice(
                watch=OPERATOR_WATCH,
                title=title,
                text=text,
                channel=channels[0],
                priority=Priority.HIGH,
                notices=tuple(notice.id for notice in waiting),
            ),
            now,
        )
        log.info("operator_told", channel=channels[0], notices=len(waiting))
        return sum(moved.values()) + 1
