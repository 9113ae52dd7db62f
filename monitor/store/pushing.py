"""Subscriptions with hubs (WebSub): which there are, what is to be done about them, and what became of it.

On the article's way: beside polling. What a hub pushes arrives as everything does (``arriving``). A callback's token is
found by its hash, so that the time of the search tells nothing about it.

Does not decide what a hub's word means.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from monitor.model import PushState, Subscription
from monitor.store.part import StorePart
from monitor.store.values import storable, stored_time, stored_time_or_none, time_from, time_or_none_from

_ROWS = "SELECT push.*, feed.url FROM push JOIN feed ON feed.id = push.feed"


class Pushing(StorePart):
    """Subscriptions."""

    def hubs(self) -> tuple[tuple[str, str, str], ...]:
        """(feed, hub, topic) of each configured feed that offers a hub; the topic may be empty."""
        with self._database.reading() as db:
            rows = db.execute(
                "SELECT url, json_extract(asks, '$.hub') AS hub, json_extract(asks, '$.topic') AS topic FROM feed"
                " WHERE configured = 1 AND gone = 0 AND asks LIKE '%\"hub\"%' ORDER BY id"
            ).fetchall()
        return tuple((row["url"], row["hub"], row["topic"] or "") for row in rows if row["hub"])

    def subscriptions(self) -> tuple[Subscription, ...]:
        """All that there are, those that are to end among them."""
        with self._database.reading() as db:
            return tuple(_subscription(row) for row in db.execute(f"{_ROWS} ORDER BY feed.id, push.due"))

    def subscription(self, token: str) -> Subscription | None:
        """The one whose callback ends in this token."""
        with self._database.reading() as db:
            row = db.execute(f"{_ROWS} WHERE push.token_hash = ?", (_hash(token),)).fetchone()
        return None if row is None else _subscription(row)

    def add_subscription(self, subscription: Subscription) -> None:
        """Keep a new one; nothing happens where the feed has one already, or is unknown."""
        with self._database.writing() as db:
            db.execute(
                "INSERT OR IGNORE INTO push (token_hash, token, feed, hub, topic, callback, secret, state, due,"
                " allow_private, kept) SELECT ?, ?, id, ?, ?, ?, ?, ?, ?, ?, ? FROM feed WHERE url = ?",
                (
                    _hash(subscription.token),
                    subscription.token,
                    storable(subscription.hub),
                    storable(subscription.topic),
                    storable(subscription.callback),
                    subscription.secret,
                    subscription.state,
                    stored_time(subscription.due),
                    subscription.allow_private,
                    stored_time(self._clock.now()),
                    storable(subscription.feed),
                ),
            )

    def claim_subscriptions(self, now: datetime, *, limit: int, lease: timedelta) -> tuple[Subscription, ...]:
        """Those about which something is due, the longest due first; ``due`` is now the end of the lease.

        No one else gets them before that.
        """
        with self._database.writing() as db:
            rows = db.execute(
                f"{_ROWS} WHERE push.due <= ? ORDER BY push.due LIMIT ?", (stored_time(now), limit)
            ).fetchall()
            db.executemany(
                "UPDATE push SET due = ?, kept = ? WHERE token_hash = ?",
                [(stored_time(now + lease), stored_time(now), row["token_hash"]) for row in rows],
            )
        return tuple(replace(_subscription(row), due=now + lease) for row in rows)

    def change_subscription(self, before: Subscription, after: Subscription, now: datetime) -> None:
        """Keep what differs between the two, and nothing else: a hub's call may have changed the rest meanwhile.

        Where a hub no longer pushes, its feed is looked at now.
        """
        old, new = _kept(before), _kept(after)
        changed = {name: value for name, value in new.items() if value != old[name]}
        if not changed:
            return
        token = _hash(after.token)
        columns = ", ".join(f"{name} = ?" for name in changed)
        with self._database.writing() as db:
            if changed.get("state", PushState.LIVE) is not PushState.LIVE:
                _look_soon(db, token, now)
            db.execute(
                f"UPDATE push SET {columns}, kept = ? WHERE token_hash = ?",  # noqa: S608 - our own names
                (*changed.values(), stored_time(now), token),
            )

    def drop_subscriptions(self, tokens: Sequence[str], now: datetime) -> None:
        """Forget them: what comes under their tokens from now on is nobody's."""
        with self._database.writing() as db:
            for token in map(_hash, tokens):
                _look_soon(db, token, now)
                db.execute("DELETE FROM push WHERE token_hash = ?", (token,))


def forget_future_pushing(db: sqlite3.Connection, now: int) -> None:
    """After a clock that ran ahead: what was kept by it is due now, and lasts as long from now as it was to last."""
    db.execute(
        "UPDATE push SET due = min(due, ?1), until = CASE WHEN until > kept THEN until - kept + ?1 ELSE until END,"
        " kept = ?1 WHERE kept > ?1",
        (now,),
    )
    db.execute("UPDATE resting SET until = until - kept + ?1, kept = ?1 WHERE kept > ?1", (now,))


def note_arrival(db: sqlite3.Connection, feed: int, *, brought_new: bool, pushed: bool) -> None:
    """Within T1: a push is a sign of life; a look that finds something new shows that the hub had not pushed it."""
    if pushed:
        db.execute("UPDATE push SET missed = 0 WHERE feed = ? AND missed > 0", (feed,))
    elif brought_new:
        db.execute("UPDATE push SET missed = missed + 1 WHERE feed = ? AND state = 'live'", (feed,))


def _look_soon(db: sqlite3.Connection, token: str, now: datetime) -> None:
    """Bring the feed's next look forward where it was put off because its hub pushed."""
    db.execute(
        "UPDATE feed SET next_check = min(next_check, ?1)"
        " WHERE id = (SELECT feed FROM push WHERE token_hash = ?2 AND state = 'live')",
        (stored_time(now), token),
    )


def _kept(subscription: Subscription) -> dict[str, object]:
    """What of a subscription changes in its life, by column."""
    return {
        "state": subscription.state,
        "due": stored_time(subscription.due),
        "until": stored_time_or_none(subscription.until),
        "pending": subscription.pending,
        "tries": subscription.tries,
        "missed": subscription.missed,
        "detail": storable(subscription.detail),
        "allow_private": subscription.allow_private,
    }


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def _subscription(row: sqlite3.Row) -> Subscription:
    return Subscription(
        token=row["token"],
        feed=row["url"],
        hub=row["hub"],
        topic=row["topic"],
        callback=row["callback"],
        secret=row["secret"],
        state=PushState(row["state"]),
        due=time_from(row["due"]),
        until=time_or_none_from(row["until"]),
        pending=row["pending"],
        tries=row["tries"],
        missed=row["missed"],
        detail=row["detail"],
        allow_private=bool(row["allow_private"]),
    )
