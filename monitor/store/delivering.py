"""Deliveries: claimed under a lease, sent by others, their outcome recorded (T3).

On the article's way: its last stop before the person. A token fences every claim: whoever holds an outrun lease can't
overwrite what its successor does.

Does not send, and does not decide whether or when to try again.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import datetime, timedelta

from monitor.model import (
    AlertKind,
    AlertToSend,
    ClaimedDelivery,
    DeliveryOutcome,
    DeliveryState,
    Outlet,
    Priority,
    SendOutcome,
)
from monitor.store.part import StorePart
from monitor.store.values import (
    evidence_from,
    storable,
    stored_time,
    time_from,
    time_or_none_from,
)

OUTLETS = 10
"""How many other outlets of a story an alert names at most."""

_CUT_OFF = "the try was cut off before its outcome was recorded"


class Delivering(StorePart):
    """Deliveries."""

    def claim_deliveries(
        self, now: datetime, *, limit: int, lease: timedelta, busy: Sequence[str], channels: Sequence[str]
    ) -> tuple[ClaimedDelivery, ...]:
        """Deliveries that are due, for configured ``channels`` that are not ``busy``.

        At most one a channel, oldest first. One whose lease has run out (its sender died or hangs) is claimed again,
        ``in_doubt``.
        """
        if limit <= 0:
            return ()
        with self._database.writing() as db:
            rows = [
                row
                for channel in _free(channels, busy)
                for row in db.execute(
                    "SELECT id, channel, state, attempts, in_doubt, idempotency_key, alert FROM delivery"
                    " WHERE channel = ?1 AND state IN ('pending', 'sending')"
                    " AND CASE state WHEN 'pending' THEN due ELSE lease_until END <= ?2"
                    " ORDER BY id LIMIT 1",
                    (channel, stored_time(now)),
                )
            ]
            rows = sorted(rows, key=lambda row: row["id"])[:limit]
            return tuple(self._claim(db, row, now, lease) for row in rows)

    def _claim(self, db: sqlite3.Connection, row: sqlite3.Row, now: datetime, lease: timedelta) -> ClaimedDelivery:
        outrun = row["state"] == DeliveryState.SENDING
        if outrun:
            _note_cut_off(db, [row["id"]], now)
        token = self._clock.token()
        db.execute(
            "UPDATE delivery SET state = 'sending', token = ?, lease_until = ?, attempts = attempts + 1,"
            " in_doubt = max(in_doubt, ?) WHERE id = ?",
            (token, stored_time(now + lease), outrun, row["id"]),
        )
        return ClaimedDelivery(
            id=row["id"],
            token=token,
            channel=row["channel"],
            attempts=row["attempts"],
            in_doubt=bool(row["in_doubt"]) or outrun,
            idempotency_key=row["idempotency_key"],
            alert=_alert_to_send(db, row["alert"]),
        )

    def record_outcome(self, outcome: DeliveryOutcome) -> bool:
        """T3. False, and nothing stored, when the token is no longer the delivery's.

        A lease that ran out without anyone claiming the delivery again still records: what really happened is worth
        more than the clock. A PENDING outcome without ``due`` is due at once.
        """
        with self._database.writing() as db:
            ended = outcome.state not in {DeliveryState.PENDING, DeliveryState.SENDING}
            done = db.execute(
                "UPDATE delivery SET state = ?, in_doubt = max(in_doubt, ?), due = ?, ended = ?, detail = ?,"
                " token = NULL, lease_until = NULL WHERE id = ? AND token = ? AND state = 'sending'",
                (
                    outcome.state,
                    outcome.in_doubt,
                    stored_time(outcome.due or outcome.at),
                    stored_time(outcome.at) if ended else None,
                    storable(outcome.detail),
                    outcome.id,
                    outcome.token,
                ),
            )
            if not done.rowcount:
                return False
            db.execute(
                "INSERT INTO attempt (delivery, at, outcome, detail) VALUES (?, ?, ?, ?)",
                (
                    outcome.id,
                    stored_time(outcome.at),
                    SendOutcome.UNKNOWN if outcome.in_doubt else outcome.state,
                    storable(outcome.detail),
                ),
            )
        return True

    def release_claims(self) -> None:
        """On start, under the instance lock: claims and delivery leases of a dead predecessor end now.

        A delivery that was being sent becomes pending with ``in_doubt`` set, due when it was; an article that was set
        aside waits to be judged again. What a clock that ran ahead put off is due now (``forget_future``).
        """
        with self._database.writing() as db:
            _forget_future(db, stored_time(self._clock.now()))
            db.execute("UPDATE feed SET claimed_until = NULL WHERE claimed_until IS NOT NULL")
            db.execute("UPDATE article SET state = 'new', aside_reason = NULL WHERE state = 'set-aside'")
            ids = [
                row["id"]
                for row in db.execute(
                    "UPDATE delivery SET state = 'pending', in_doubt = 1, token = NULL, lease_until = NULL"
                    " WHERE state = 'sending' RETURNING id"
                ).fetchall()
            ]
            _note_cut_off(db, ids, self._clock.now())

    def forget_future(self, now: datetime) -> None:
        """After the clock was set back: what was put off by the clock that ran ahead is due now, and its claims end.

        Known by its traces, which lie in the future: a feed looked at, a delivery made or tried later than ``now``.
        Without this, a clock that was wrong by a year would keep feeds and alerts waiting for a year. For the service
        under whose claims nothing is lost by it: a feed may be looked at twice, and a channel that is being sent to is
        busy until the outcome is recorded.
        """
        with self._database.writing() as db:
            _forget_future(db, stored_time(now))

    def next_delivery_due(self, *, busy: Sequence[str], channels: Sequence[str]) -> datetime | None:
        """When the earliest delivery that could then be claimed is due (as in ``claim_deliveries``); None: none waits.

        One that is being sent could be claimed when its lease ends.
        """
        with self._database.reading() as db:
            dues = [
                db.execute(
                    "SELECT min(CASE state WHEN 'pending' THEN due ELSE lease_until END) FROM delivery"
                    " WHERE channel = ? AND state IN ('pending', 'sending')",
                    (channel,),
                ).fetchone()[0]
                for channel in _free(channels, busy)
            ]
        return time_or_none_from(min((due for due in dues if due is not None), default=None))

    def deliveries_waiting(self) -> int:
        """How many deliveries are pending or being sent, on any channel, also on one that left the config."""
        with self._database.reading() as db:
            (count,) = db.execute("SELECT count(*) FROM delivery WHERE state IN ('pending', 'sending')").fetchone()
        assert isinstance(count, int)
        return count


def _forget_future(db: sqlite3.Connection, now: int) -> None:
    db.execute(
        "UPDATE feed SET next_check = min(next_check, ?1), claimed_until = NULL WHERE coalesce(checked, added) > ?1",
        (now,),
    )
    db.execute(
        "UPDATE delivery SET due = min(due, ?1), lease_until = min(lease_until, ?1)"
        " WHERE state IN ('pending', 'sending') AND (created > ?1"
        " OR EXISTS (SELECT 1 FROM attempt WHERE attempt.delivery = delivery.id AND attempt.at > ?1))",
        (now,),
    )


def _free(channels: Sequence[str], busy: Sequence[str]) -> list[str]:
    return sorted({storable(name) for name in channels} - {storable(name) for name in busy})


def _note_cut_off(db: sqlite3.Connection, ids: Sequence[int], at: datetime) -> None:
    db.executemany(
        "INSERT INTO attempt (delivery, at, outcome, detail) VALUES (?, ?, ?, ?)",
        [(number, stored_time(at), SendOutcome.UNKNOWN, _CUT_OFF) for number in ids],
    )


def _alert_to_send(db: sqlite3.Connection, alert: int) -> AlertToSend:
    row = db.execute("SELECT * FROM alert WHERE id = ?", (alert,)).fetchone()
    return AlertToSend(
        alert_id=row["id"],
        watch=row["watch"],
        kind=AlertKind(row["kind"].partition(":")[0]),
        priority=Priority(row["priority"]),
        story=row["story"],
        title=row["title"],
        url=row["url"],
        source=row["source"],
        language=row["language"],
        published=time_or_none_from(row["published"]),
        discovered=time_from(row["discovered"]),
        created=time_from(row["created"]),
        text=row["text"],
        evidence=evidence_from(row["evidence"]),
        also_in=_also_in(db, row),
    )


def _also_in(db: sqlite3.Connection, alert: sqlite3.Row) -> tuple[Outlet, ...]:
    """The story's other outlets, each once, in the order of their discovery."""
    outlets: dict[str, Outlet] = {}
    pages = {alert["canonical_url"]} - {""}
    for row in db.execute(
        "SELECT source, url, canonical_url, title FROM article WHERE story = ? AND id IS NOT ? AND source <> ?"
        " ORDER BY discovered, id",
        (alert["story"], alert["article"], alert["source"]),
    ):
        if row["canonical_url"] in pages or row["source"] in outlets:
            continue
        if row["canonical_url"]:
            pages.add(row["canonical_url"])
        outlets[row["source"]] = Outlet(source=row["source"], url=row["url"], title=row["title"])
        if len(outlets) == OUTLETS:
            break
    return tuple(outlets.values())
