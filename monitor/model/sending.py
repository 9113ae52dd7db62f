"""An alert on its way to a person: what it says, who carries it, what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from monitor.model.config import Priority
from monitor.model.judging import AlertKind, Evidence

__all__ = [
    "AlertToSend",
    "ChannelStanding",
    "ClaimedDelivery",
    "DeliveryOutcome",
    "DeliveryState",
    "Gate",
    "Gather",
    "Message",
    "NewNotice",
    "Notice",
    "Outlet",
    "SendOutcome",
    "SendResult",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlet:
    """Another place that tells the same story."""

    source: str
    url: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertToSend:
    """All that a message about one alert says, as plain data; rendering gives it a form.

    ``detail`` says more of its kind, where there is more: the number of outlets, the language that is new.
    """

    alert_id: int
    watch: str
    kind: AlertKind
    priority: Priority
    story: int
    title: str
    url: str
    source: str
    language: str | None
    published: datetime | None
    discovered: datetime
    created: datetime
    text: str
    evidence: tuple[Evidence, ...]
    also_in: tuple[Outlet, ...]
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A trouble of the service itself, for its operator; ``times`` it was met since it was told last."""

    id: int
    topic: str
    said: str
    times: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class NewNotice:
    """An alert for the operator that is to be told on one channel; ``notices`` are those that it speaks of."""

    watch: str
    title: str
    text: str
    channel: str
    priority: Priority
    notices: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelStanding:
    """How a channel fares: tries in a row that failed, since when, and until when it is left alone."""

    channel: str
    failures: int
    failing_since: datetime | None
    paused_until: datetime | None
    detail: str


class DeliveryState(StrEnum):
    """One alert on its way to one channel."""

    PENDING = "pending"
    SENDING = "sending"  # claimed under a lease
    SENT = "sent"
    HELD = "held"  # of unknown fate, and the channel asks for a person
    DEAD = "dead"  # given up, with the reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Gather:
    """What waits together comes together: deliveries made until ``until`` go as one digest if there are so many."""

    until: datetime
    least: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """What one channel lets through at one moment, by its config alone (``alerts.when`` makes it).

    Deliveries of rank ``passes`` or higher (a ``Priority``'s place, lowest 0) go at once, each by itself. The others:
    none while ``closed``, and only those made until ``only_until`` where that is set. ``gathers``: the first that holds
    decides which of them go as one digest, of at most ``longest``. ``cap``: so many messages since ``cap_since``; what
    is over it waits, and then goes together. ``stale``: one that was made before that and tried in vain is given up.
    """

    channel: str
    passes: int = 3
    closed: bool = False
    only_until: datetime | None = None
    gathers: tuple[Gather, ...] = ()
    cap: int | None = None
    cap_since: datetime | None = None
    stale: datetime | None = None
    longest: int = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimedDelivery:
    """A delivery claimed for sending. ``token`` fences: an outcome under an outrun lease is refused.

    ``attempts`` counts the tries before this one. ``in_doubt``: an earlier try was cut off and may have arrived.
    ``idempotency_key`` is stable over all tries: for Message-ID and Idempotency-Key. ``more``: the alerts that go with
    the first in one digest; one outcome counts for all. ``failures``: tries in a row that failed on this channel.
    """

    id: int
    token: str
    channel: str
    attempts: int
    in_doubt: bool
    idempotency_key: str
    alert: AlertToSend
    more: tuple[AlertToSend, ...] = ()
    failures: int = 0

    @property
    def alerts(self) -> tuple[AlertToSend, ...]:
        """All that it tells, in the order of their making."""
        return (self.alert, *self.more)


class SendOutcome(StrEnum):
    """What became of one try to send."""

    SENT = "sent"
    FAILED = "failed"  # not delivered; may be tried again
    REFUSED = "refused"  # not delivered; trying again can't help
    UNKNOWN = "unknown"  # may have arrived (a time-out after the request went out)


@dataclass(frozen=True, slots=True, kw_only=True)
class SendResult:
    """The notifier's answer. ``detail`` is for people and never holds a secret."""

    outcome: SendOutcome
    detail: str = ""
    retry_after: timedelta | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryOutcome:
    """T3: how a claimed delivery ends this try. ``due`` is when to try again while PENDING.

    ``failures``: tries in a row that failed on the channel, this one among them (None: it says nothing of the channel);
    ``pause``: until when nothing is tried there.
    """

    id: int
    token: str
    state: DeliveryState
    at: datetime
    due: datetime | None = None
    detail: str = ""
    in_doubt: bool = False  # this try may have arrived
    failures: int | None = None
    pause: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A rendered message. ``body`` is plain text or HTML by ``format`` ("text" | "html").

    ``plain``: the same without HTML, for whoever reads mails as text; empty where ``body`` is text.
    """

    title: str
    body: str
    format: str
    headers: Mapping[str, str] = field(default_factory=dict)
    plain: str = ""
