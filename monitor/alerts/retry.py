"""What becomes of a delivery after one try: done, tried again and when, held for a person, or given up.

On the article's way: T3, between the notifier's answer and the store. Reads no clock and draws no chance of its own.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from monitor.model import Channel, ClaimedDelivery, DeliveryOutcome, DeliveryState, SendOutcome, SendResult

__all__ = [
    "FIRST_WAIT",
    "LONGEST_RETRY_AFTER",
    "LONGEST_WAIT",
    "TROUBLED_AFTER",
    "hold_in_doubt",
    "next_attempt",
    "settle",
]

FIRST_WAIT = timedelta(seconds=15)
LONGEST_WAIT = timedelta(hours=1)
# A receiver may ask for more patience than our own cap, but a mistaken or hostile header must not bury an alert.
LONGEST_RETRY_AFTER = timedelta(hours=6)
# From so many tries in a row on, the trouble is the channel's and no single message's.
TROUBLED_AFTER = 3
# 15 s doubled eight times is past the hour; a larger exponent would only build huge numbers.
_DOUBLINGS = 8


def next_attempt(attempts: int, now: datetime, retry_after: timedelta | None, chance: float) -> datetime:
    """When to try again after ``attempts`` tries have failed (1 after the first).

    The wait doubles from 15 s up to an hour. ``chance`` in [0, 1) spreads it over the upper half (half to whole), so
    that deliveries that failed together don't return together. The receiver's own ``retry_after`` is never undercut;
    up to a tenth is added to it, for the same reason.
    """
    wait = min(FIRST_WAIT * (1 << min(max(attempts - 1, 0), _DOUBLINGS)), LONGEST_WAIT)
    due = now + wait * (0.5 + chance / 2)
    if retry_after is None:
        return due
    asked = min(max(retry_after, timedelta(0)), LONGEST_RETRY_AFTER)
    return max(due, now + asked * (1 + chance / 10))


def hold_in_doubt(claimed: ClaimedDelivery, channel: Channel, now: datetime) -> DeliveryOutcome | None:
    """What becomes of a delivery whose earlier try was cut off, before it is sent again; None: send it.

    Where the channel's reader prefers a person's look to a message that may come twice, it is held unsent.
    """
    if not claimed.in_doubt or channel.on_unknown != "hold":
        return None
    detail = "an earlier try was cut off and may have arrived; held for a person"
    return DeliveryOutcome(id=claimed.id, token=claimed.token, state=DeliveryState.HELD, at=now, detail=detail)


def settle(
    claimed: ClaimedDelivery, result: SendResult, channel: Channel, now: datetime, chance: float
) -> DeliveryOutcome:
    """Turn the notifier's answer into the delivery's new state.

    ``channel.max_attempts`` counts every try, those of unknown fate too; after the last one the delivery is dead, and
    its detail says why and after how many tries. Only a delivery of unknown fate can be held.

    A channel on which three tries in a row failed is left alone for as long as the next try would wait anyway: one
    delivery at a time is then its probe, and the others keep their tries. "Come back later" stops it at once.
    """
    tries = claimed.attempts + 1
    # "Never this message" was said by a receiver that works.
    failures = 0 if result.outcome in {SendOutcome.SENT, SendOutcome.REFUSED} else claimed.failures + 1
    pause = None
    if failures >= TROUBLED_AFTER or (failures and result.retry_after is not None):
        pause = next_attempt(max(failures - TROUBLED_AFTER + 1, 1), now, result.retry_after, chance)

    def outcome(state: DeliveryState, detail: str, due: datetime | None = None) -> DeliveryOutcome:
        return DeliveryOutcome(
            id=claimed.id,
            token=claimed.token,
            state=state,
            at=now,
            due=due,
            detail=detail,
            in_doubt=result.outcome is SendOutcome.UNKNOWN,
            failures=failures,
            pause=pause,
        )

    if result.outcome is SendOutcome.SENT:
        return outcome(DeliveryState.SENT, result.detail)
    if result.outcome is SendOutcome.REFUSED:
        # Trying again can't help: the receiver said that this very message will never be taken.
        return outcome(DeliveryState.DEAD, result.detail or "refused by the receiver")
    if result.outcome is SendOutcome.UNKNOWN and channel.on_unknown == "hold":
        # The channel's reader prefers a person's look to a message that may come twice.
        return outcome(DeliveryState.HELD, result.detail or "may have arrived; held for a person")
    if tries >= channel.max_attempts:
        plural = "try" if tries == 1 else "tries"
        return outcome(DeliveryState.DEAD, f"given up after {tries} {plural}: {result.detail or 'no reason given'}")
    return outcome(DeliveryState.PENDING, result.detail, next_attempt(tries, now, result.retry_after, chance))
