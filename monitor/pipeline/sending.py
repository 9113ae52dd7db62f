"""The third of the use cases: from a claimed delivery to its recorded outcome (T3).

On the article's way: its third stage; the package's docstring shows the whole. A digest is one delivery here: a
message, an outcome. Why it failed and when it is tried again is decided by the pure ``alerts`` package.
"""

from __future__ import annotations

import traceback
from dataclasses import dataclass
from datetime import datetime

from monitor.alerts import hold_in_doubt, render, render_digest, render_notice, settle
from monitor.model import (
    AlertKind,
    Channel,
    ClaimedDelivery,
    DeliveryOutcome,
    DeliveryState,
    Message,
    SendOutcome,
    SendResult,
)
from monitor.pipeline.plan import Plan
from monitor.ports import Clock, Notifier, Store

__all__ = ["DeliverOutcome", "Sender", "Tried"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """One try to send one delivery, not yet recorded. ``trace`` is that of a fault of ours, or empty."""

    delivery: ClaimedDelivery
    result: SendResult
    outcome: DeliveryOutcome
    trace: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliverOutcome:
    """One try to send one delivery. ``recorded`` is False when the lease had been outrun."""

    delivery: ClaimedDelivery
    result: SendResult
    state: DeliveryState
    due: datetime | None
    recorded: bool
    trace: str = ""


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
        sent_off, trace = False, ""
        try:
            message = _message(claimed, channel, self.clock.now())
            sent_off = True
            result = self.notifier.send(channel, message, claimed)
        # Whatever fault of ours this alert brings to light: the person still learns of it, and the channel goes on.
        except Exception as error:  # noqa: BLE001
            trace = traceback.format_exc()
            result = SendResult(
                # Once it was handed over nobody knows how far it came.
                outcome=SendOutcome.UNKNOWN if sent_off else SendOutcome.FAILED,
                detail=f"a fault of this program ({type(error).__name__}); its log says more",
            )
        outcome = settle(claimed, result, channel, now=self.clock.now(), chance=self.clock.chance())
        return Tried(delivery=claimed, result=result, outcome=outcome, trace=trace)

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
        )


def _message(claimed: ClaimedDelivery, channel: Channel, now: datetime) -> Message:
    if claimed.alert.kind is AlertKind.NOTICE and not claimed.more:
        return render_notice(claimed.alert, kind=channel.kind)
    if claimed.more:
        return render_digest(claimed.alerts, kind=channel.kind, zone=channel.zone, now=now, language=channel.language)
    return render(claimed.alert, kind=channel.kind, zone=channel.zone, now=now, language=channel.language)
