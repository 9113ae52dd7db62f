"""WebSub's questions and signatures, judged: is this what we asked for, and is it from the hub?

On the article's way: beside polling, where a hub pushes what is new (W3C WebSub, Recommendation of 2018). Pure: it
keeps no subscription and sends nothing. Everything that reaches it may come from anybody.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum

from monitor.model import PushState, Subscription

__all__ = ["LEASE", "Intent", "intent_of", "lease_of", "patience_after", "renewal", "signed_by"]

LEASE = timedelta(days=10)
"""The lease that a hub is asked for."""

# A shorter one asks for more renewals than the feed would have looks.
_SHORTEST_LEASE, _LONGEST_LEASE = timedelta(hours=1), timedelta(days=60)
_UNSAID_LEASE = timedelta(days=1)
_RENEWED_AT = 0.75  # of the lease
_LONGEST_CHALLENGE = 2_000
_LONGEST_WAIT = timedelta(hours=24)
_FIRST_WAIT = timedelta(minutes=15)
# Section 8 names these. As a MAC, SHA-1 is not broken, and the largest old hubs sign with nothing else.
_METHODS = {"sha1": hashlib.sha1, "sha256": hashlib.sha256, "sha384": hashlib.sha384, "sha512": hashlib.sha512}


class Intent(StrEnum):
    """What a hub's question about a subscription comes to."""

    CONFIRMED = "confirmed"  # we asked for it: say so, it is live
    ENDED = "ended"  # we asked for its end: say so
    DENIED = "denied"  # the hub or the publisher does not want it
    STRANGE = "strange"  # we did not ask for this: no


def intent_of(subscription: Subscription, said: Mapping[str, str]) -> Intent:
    """What the parameters of a hub's question mean (section 5.3, and 5.2 for "denied")."""
    if not hmac.compare_digest(said.get("hub.topic", "").encode(), subscription.topic.encode()):
        return Intent.STRANGE
    mode = said.get("hub.mode", "")
    if mode == "denied":
        leaving = subscription.state is PushState.LEAVING
        return Intent.ENDED if leaving else Intent.DENIED
    challenge = said.get("hub.challenge", "")
    if not (mode and challenge) or len(challenge) > _LONGEST_CHALLENGE or mode != subscription.pending:
        return Intent.STRANGE
    return Intent.CONFIRMED if mode == "subscribe" else Intent.ENDED


def lease_of(said: Mapping[str, str]) -> timedelta | None:
    """For how long the hub will push, as far as that makes sense; None when it is too short to be of use."""
    seconds = said.get("hub.lease_seconds", "")
    if not (seconds.isascii() and seconds.isdigit()) or len(seconds) > 12:
        return _UNSAID_LEASE
    lease = min(timedelta(seconds=int(seconds)), _LONGEST_LEASE)
    return lease if lease >= _SHORTEST_LEASE else None


def renewal(now: datetime, lease: timedelta, chance: float) -> datetime:
    """When to ask for a lease anew: well before its end, and not all at once."""
    return now + lease * (_RENEWED_AT - chance / 10)


def patience_after(tries: int, chance: float) -> timedelta:
    """How long to wait for the hub's question before asking again; twice as long after each try in vain."""
    doubled: int = 2 ** min(tries, 10)
    return min(_FIRST_WAIT * doubled, _LONGEST_WAIT) * (1 + chance / 10)


def signed_by(secret: str, header: str, body: bytes) -> bool:
    """Whether the X-Hub-Signature header is that of whoever knows the secret (section 7.1)."""
    name, _, given = header.strip().partition("=")
    method = _METHODS.get(name.strip().lower())
    if method is None:
        return False
    right = hmac.new(secret.encode(), body, method).hexdigest()
    return hmac.compare_digest(right.encode(), given.strip().lower().encode("utf-8", "replace"))
