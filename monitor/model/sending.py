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
    "ClaimedDelivery",
    "DeliveryOutcome",
    "DeliveryState",
    "Message",
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
    """All that a message about one alert says, as plain data; rendering gives it a form."""

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


class DeliveryState(StrEnum):
    """One alert on its way to one channel."""

    PENDING = "pending"
    SENDING = "sending"  # claimed under a lease
    SENT = "sent"
    HELD = "held"  # of unknown fate, and the channel asks for a person
    DEAD = "dead"  # given up, with the reason


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimedDelivery:
    """A delivery claimed for sending. ``token`` fences: an outcome under an outrun lease is refused.

    ``attempts`` counts the tries before this one. ``in_doubt``: an earlier try was cut off and may have arrived.
    ``idempotency_key`` is stable over all tries: for Message-ID and Idempotency-Key.
    """

    id: int
    token: str
    channel: str
    attempts: int
    in_doubt: bool
    idempotency_key: str
    alert: AlertToSend


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
    """T3: how a claimed delivery ends this try. ``due`` is when to try again while PENDING."""

    id: int
    token: str
    state: DeliveryState
    at: datetime
    due: datetime | None = None
    detail: str = ""
    in_doubt: bool = False  # this try may have arrived


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A rendered message. ``body`` is plain text or HTML by ``format`` ("text" | "html")."""

    title: str
    body: str
    format: str
    headers: Mapping[str, str] = field(default_factory=dict)
