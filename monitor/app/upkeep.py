"""What the service does for its alerts by the clock: gives up, diverts, reminds, looks for spikes, tells its operator.

On the article's way: beside the sender, every few seconds. All that it decides by stands in the config and the
database; a restart in the midst repeats nothing.
"""

from __future__ import annotations

import shutil
from datetime import timedelta

from monitor.alerts import HISTORY, gates, spike_in
from monitor.app.parts import Parts
from monitor.logs import get_logger
from monitor.model import AlertKind, AlertToSend, Channel, ClaimedDelivery, Priority, SendOutcome, WatchConfig
from monitor.pipeline import Plan
from monitor.ports import Clock

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
        self._told_apart: set[str] = set()

    def run(self, plan: Plan) -> bool:
        """Do what is due; whether there is something new to send.

        Raises:
            StoreError: the database refused; what was not done is done the next time.
        """
        store, now = self._parts.store, self._clock.now()
        given_up = store.give_up_stale(gates(plan.channels.values(), now), now)
        if given_up:
            log.warning("deliveries_given_up", count=given_up, detail="too old; see: monitor deliveries list --dead")
            store.note("given-up", f"{given_up} deliveries were too old to be sent and were given up", now)
        fallbacks = {channel.name: channel.fallback for channel in plan.channels.values() if channel.fallback}
        moved = store.divert(fallbacks, after=FALLBACK_AFTER, now=now)
        for channel, count in moved.items():
            log.warning("deliveries_diverted", channel=channel, to=fallbacks[channel], count=count)
        told = sum(self._remind(watch) for watch in plan.watches.values())
        if self._due("_spikes_at", _SPIKES_EVERY):
            told += sum(self._spike(watch) for watch in plan.watches.values() if watch.spike)
        if self._due("_looked_at", _LOOK_EVERY):
            self._look_round(plan)
        self._look_at_channels(plan)
        self._tell_operator(plan)
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
        for feed in self._parts.store.feeds():
            if feed.url in plan.feeds:
                troubled = feed.failures >= _FEED_FAILURES or feed.gone
                why = "it is gone for good" if feed.gone else feed.error
                self._note(f"feed {feed.url}", troubled, f"feed {feed.name or feed.url} fails: {why}")
        free = shutil.disk_usage(self._parts.store.path.parent).free
        self._note("disk", free < _DISK_LEAST, f"only {free // 1_000_000} MB are free where the database lies")

    def _note(self, topic: str, troubled: bool, said: str) -> None:
        """A trouble is noted when it begins, and not again before it has ended."""
        if not troubled:
            self._told_apart.discard(topic)
        elif topic not in self._told_apart:
            self._told_apart.add(topic)
            self._parts.store.note(topic, said, self._clock.now())

    def _tell_operator(self, plan: Plan) -> None:
        store, now = self._parts.store, self._clock.now()
        channels = [plan.channels[name] for name in plan.settings.operator if name in plan.channels]
        waiting = store.notices_waiting()
        if not waiting or not channels:
            return
        last = store.last_notice_told()
        if last is not None and timedelta(0) <= now - last < _OPERATOR_EVERY:
            return
        # One channel that takes it is enough: the second is there for when the first is the trouble.
        for channel in channels:
            rendered = plan.templates.operator(waiting, kind=channel.kind)
            if rendered.fault:
                log.error("template_failed", channel=channel.name, detail=rendered.fault)
            message = rendered.message
            result = self._parts.sender.notifier.send(channel, message, self._carrier(channel, message.title))
            if result.outcome in {SendOutcome.SENT, SendOutcome.UNKNOWN}:
                store.notices_told([notice.id for notice in waiting], now)
                log.info("operator_told", channel=channel.name, notices=len(waiting))
                return
            log.warning("operator_not_told", channel=channel.name, detail=result.detail)

    def _carrier(self, channel: Channel, title: str) -> ClaimedDelivery:
        now, key = self._clock.now(), self._clock.token()
        alert = AlertToSend(
            alert_id=0,
            watch="News watch",
            kind=AlertKind.NEW,
            priority=Priority.NORMAL,
            story=0,
            title=title,
            url="",
            source="News watch",
            language="en",
            published=None,
            discovered=now,
            created=now,
            text="",
            evidence=(),
            also_in=(),
        )
        return ClaimedDelivery(
            id=0, token=key, channel=channel.name, attempts=0, in_doubt=False, idempotency_key=key, alert=alert
        )
