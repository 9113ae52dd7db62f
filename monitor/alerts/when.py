"""When a channel lets its deliveries through: quiet hours, digests, a cap, what has piled up.

On the article's way: asked each time that deliveries are claimed. All of it follows from the channel's config and the
moment, and nothing is remembered: an edited config counts for what waits already, and no jump of the clock can make a
delivery be passed over. Which deliveries go is then a question of when each was made.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from monitor.alerts.schedule import hours_of, last_slot, next_slot, parse_schedule
from monitor.model import Channel, Gate, Gather, Priority

__all__ = ["gate", "gates", "held_until", "is_quiet"]

PILE = 5
"""So many that waited longer than a channel's ``backlog`` are a pile, and come as one digest."""

_NEVER_TOGETHER = {"log"}


def gate(channel: Channel, now: datetime) -> Gate:
    """What goes out on this channel at this moment."""
    if channel.kind in _NEVER_TOGETHER:
        # A file for programs: a line an alert, whatever the hour.
        return Gate(channel=channel.name, passes=0)
    passes = Priority.URGENT.rank
    closed = False
    gathers = [Gather(until=now - channel.backlog, least=PILE)]
    if channel.quiet is not None:
        passes = min(passes, channel.quiet.passes.rank)
        spans = hours_of(channel.quiet.start, channel.quiet.end, channel.quiet.zone, now)
        closed = is_quiet(channel, now)
        gathers += [Gather(until=end, least=2) for _, end in spans if end <= now]
    only_until = None
    stale = now - channel.max_age
    if channel.digest:
        schedule = parse_schedule(channel.digest)
        only_until = last_slot(schedule, channel.zone, now)
        # Never yet: nothing goes.
        closed = closed or only_until is None
        # It is only late from the digest on that it should have come with.
        stale = last_slot(schedule, channel.zone, stale) or stale
        gathers.append(Gather(until=now, least=2))
    return Gate(
        channel=channel.name,
        passes=passes,
        closed=closed,
        only_until=only_until,
        gathers=tuple(sorted(gathers, key=lambda gather: (gather.until, -gather.least), reverse=True)),
        cap=None if channel.rate is None else channel.rate.count,
        cap_since=None if channel.rate is None else now - channel.rate.span,
        stale=stale,
    )


def gates(channels: Iterable[Channel], now: datetime) -> tuple[Gate, ...]:
    """What goes out on each of these channels at this moment."""
    return tuple(gate(channel, now) for channel in channels)


def is_quiet(channel: Channel, now: datetime) -> bool:
    """Whether the channel's quiet hours hold at this moment."""
    if channel.quiet is None:
        return False
    spans = hours_of(channel.quiet.start, channel.quiet.end, channel.quiet.zone, now)
    return any(start <= now < end for start, end in spans)


def held_until(
    channel: Channel, priority: Priority, made: datetime, now: datetime, *, sent: int = 0
) -> tuple[str, datetime | None]:
    """What of its channel's config keeps an alert that was made then, in words, and until when; "" for nothing.

    ``sent``: how many messages went there since the gate's ``cap_since``. The time is None where it will never be, or
    can't be foreseen.
    """
    stands = gate(channel, now)
    if priority.rank >= stands.passes:
        return "", None
    if channel.quiet is not None and is_quiet(channel, now):
        spans = hours_of(channel.quiet.start, channel.quiet.end, channel.quiet.zone, now)
        return "the end of the channel's quiet hours", max(end for start, end in spans if start <= now)
    if channel.digest and (stands.only_until is None or made > stands.only_until):
        return "the channel's next digest", next_slot(parse_schedule(channel.digest), channel.zone, now)
    if stands.cap is not None and sent >= stands.cap:
        return "its turn: the channel takes only so many messages", None
    return "", None
