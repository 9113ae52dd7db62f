"""How a delivery stands: what became of each try, and what it waits for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from monitor.alerts import held_until
from monitor.model import AlertKind, Channel, ChannelStanding, DeliveryState, Priority, SendOutcome
from monitor.store import OutboxRow, SqliteStore

__all__ = ["ChannelsNow", "DeliveryTold", "channels_now", "tell_delivery", "what_it_waits_for"]

_TRIED: Mapping[str, str] = {
    DeliveryState.PENDING: "failed, to be tried again",
    DeliveryState.DEAD: "failed, given up",
    DeliveryState.HELD: "nobody knows whether it arrived; held for you",
    SendOutcome.UNKNOWN: "nobody knows whether it arrived",
}
_STANDS = {
    DeliveryState.PENDING: "not sent yet",
    DeliveryState.SENDING: "being sent",
    DeliveryState.SENT: "sent",
    DeliveryState.HELD: "held: it may have arrived; monitor deliveries retry or drop it",
    DeliveryState.DEAD: "given up; monitor deliveries retry sends it again",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryTold:
    """One delivery in words: where it goes and how it stands, each try, and for one that waits, for what."""

    delivery: int
    state: DeliveryState
    channel: str
    about: str
    stands: str
    tries: tuple[str, ...]
    waits: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelsNow:
    """What is configured (None: unknown), how each channel fares, and how full those are that take only so many.

    ``sent``: how many messages went to each of these in the span for which it takes so many.
    """

    configured: Mapping[str, Channel] | None
    standings: tuple[ChannelStanding, ...]
    sent: Mapping[str, int]


def tell_delivery(row: OutboxRow, waits: str = "") -> DeliveryTold:
    """A delivery and its tries in words; ``waits``: what it waits for, where that is known."""
    doubt = ", may have arrived" if row.in_doubt and row.state is not DeliveryState.HELD else ""
    digest = " in a digest" if row.digest else ""
    if row.state is not DeliveryState.PENDING:
        waits = ""
    elif row.tries:
        waits = waits or f"next try {row.due:%Y-%m-%d %H:%M:%S} UTC"
    else:
        waits = waits or f"not tried yet; made {row.created:%Y-%m-%d %H:%M:%S} UTC"
    return DeliveryTold(
        delivery=row.delivery,
        state=row.state,
        channel=row.channel,
        about="" if row.kind is AlertKind.NEW else f"{row.kind} {row.about}".rstrip(),
        stands=f"{_STANDS[row.state]}{digest}{doubt}",
        tries=tuple(
            f"{one.at:%Y-%m-%d %H:%M:%S} UTC {_TRIED.get(str(one.outcome), one.outcome)}"
            + (f": {one.detail}" if one.detail else "")
            for one in row.tries
        ),
        waits=waits,
    )


def channels_now(store: SqliteStore, configured: Mapping[str, Channel] | None, now: datetime) -> ChannelsNow:
    """How the channels stand, by the config as it is (None: unknown).

    Raises:
        StoreError: the database refused.
    """
    capped = {name: one.rate for name, one in (configured or {}).items() if one.rate is not None}
    return ChannelsNow(
        configured=configured,
        standings=store.channel_standings(),
        sent={name: store.messages_sent(name, now - rate.span) for name, rate in capped.items()},
    )


def what_it_waits_for(row: OutboxRow, channels: ChannelsNow, now: datetime) -> str:
    """What a delivery that was not sent waits for, by the config as it is and how its channel fares."""
    standing = next(
        (one for one in channels.standings if one.channel == row.channel and one.paused_until is not None), None
    )
    if standing is not None and standing.paused_until is not None and standing.paused_until > now:
        return (
            f"the channel failed {standing.failures} times in a row and is left alone until "
            f"{standing.paused_until:%Y-%m-%d %H:%M:%S} UTC: {standing.detail}"
        )
    channel = None if channels.configured is None else channels.configured.get(row.channel)
    if channels.configured is not None and channel is None:
        return "waits for its channel, which is not in the config any more"
    if channel is None or row.tries:
        return ""
    what, until = held_until(channel, Priority(row.priority), row.created, now, sent=channels.sent.get(row.channel, 0))
    if not what:
        return "goes out next, if the service runs"
    return f"waits for {what}" + (f" at {until:%Y-%m-%d %H:%M} UTC" if until else "")
