"""The third of the use cases: from a claimed delivery to its recorded outcome (T3).

On the article's way: its third stage; the package's docstring shows the whole. A digest is one delivery here: a
message, an outcome. Why it failed and when it is tried again is decided by the pure ``alerts`` package.
"""

from __future__ import annotations

import traceback
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from monitor.alerts import CHART_SPAN, Chart, Rendered, chart_of, hold_in_doubt, settle
from monitor.errors import StoreError
from monitor.model import (
    Channel,
    ClaimedDelivery,
    DeliveryOutcome,
    DeliveryState,
    SendOutcome,
    SendResult,
)
from monitor.pipeline.plan import Plan
from monitor.ports import Clock, Notifier, Store

__all__ = ["DeliverOutcome", "Sender", "Tried"]

_CHARTS = 10  # watches of a digest that have a chart, at the most


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """One try to send one delivery, not yet recorded. ``trace`` is that of a fault of ours, or empty.

    ``template``: what was wrong with the person's template, so that the message went out without it; or empty.
    """

    delivery: ClaimedDelivery
    result: SendResult
    outcome: DeliveryOutcome
    trace: str = ""
    template: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliverOutcome:
    """One try to send one delivery. ``recorded`` is False when the lease had been outrun."""

    delivery: ClaimedDelivery
    result: SendResult
    state: DeliveryState
    due: datetime | None
    recorded: bool
    trace: str = ""
    template: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """From a claimed delivery to its recorded outcome (T3). Thread-safe."""

    store: Store
    notifier: Notifier
    clock: Clock

    def deliver(self, claimed: ClaimedDelivery, plan: Plan) -> DeliverOutcome:
        """Send one claimed delivery and record what became of it (T3).

        Raises:
            StoreError: the outcome could not be recorded; the lease will run out and the delivery count as in doubt.
        """
        return self.record(self.attempt(claimed, plan))

    def attempt(self, claimed: ClaimedDelivery, plan: Plan) -> Tried:
        """Send one claimed delivery, unless its channel wants it held; what became of it waits to be recorded.

        A fault of ours counts as a failed try, so that the delivery ends some day with its reason, and is not tried
        for ever.
        """
        channel = plan.channels[claimed.channel]
        held = hold_in_doubt(claimed, channel, self.clock.now())
        if held is not None:
            return Tried(
                delivery=claimed, result=SendResult(outcome=SendOutcome.UNKNOWN, detail=held.detail), outcome=held
            )
        sent_off, trace, template = False, "", ""
        try:
            rendered = self._rendered(claimed, channel, plan)
            template = rendered.fault
            sent_off = True
            result = self.notifier.send(channel, rendered.message, claimed)
        # Whatever fault of ours this alert brings to light: the person still learns of it, and the channel goes on.
        except Exception as error:  # noqa: BLE001
            trace = traceback.format_exc()
            result = SendResult(
                # Once it was handed over nobody knows how far it came.
                outcome=SendOutcome.UNKNOWN if sent_off else SendOutcome.FAILED,
                detail=f"a fault of this program ({type(error).__name__}); its log says more",
            )
        outcome = settle(claimed, result, channel, now=self.clock.now(), chance=self.clock.chance())
        return Tried(delivery=claimed, result=result, outcome=outcome, trace=trace, template=template)

    def _rendered(self, claimed: ClaimedDelivery, channel: Channel, plan: Plan) -> Rendered:
        templates, now = plan.templates, self.clock.now()
        form = {"kind": channel.kind, "zone": channel.zone, "language": channel.language, "channel": channel.name}
        if not claimed.more:
            return templates.alert(claimed.alert, now=now, **form)
        return templates.digest(claimed.alerts, now=now, charts=self._charts(claimed, plan, now), **form)

    def _charts(self, claimed: ClaimedDelivery, plan: Plan, now: datetime) -> dict[str, Chart]:
        """How the watches of a digest fared lately; none where the database can't say, for the alerts matter more."""
        charts: dict[str, Chart] = {}
        zone = plan.channels[claimed.channel].zone
        with suppress(StoreError):
            for watch in sorted({alert.watch for alert in claimed.alerts})[:_CHARTS]:
                # A story that is older than the chart must not count on the day of its next article.
                since = now - CHART_SPAN - plan.settings.story_window
                chart = chart_of(
                    self.store.stories_met(watch, since), since=self.store.watched_since(watch), now=now, zone=zone
                )
                if chart is not None:
                    charts[watch] = chart
        return charts

    def record(self, tried: Tried) -> DeliverOutcome:
        """Record what became of a try (T3). May be called again when the database refused.

        Raises:
            StoreError: as for ``deliver``.
        """
        recorded = self.store.record_outcome(tried.outcome)
        return DeliverOutcome(
            delivery=tried.delivery,
            result=tried.result,
            state=tried.outcome.state,
            due=tried.outcome.due,
            recorded=recorded,
            trace=tried.trace,
            template=tried.template,
        )
