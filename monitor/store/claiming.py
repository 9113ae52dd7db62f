"""Which deliveries go next, claimed under a lease: one message a channel at a time, the channels in fair turns.

On the article's way: before a send. A claim takes one delivery, or those that go together as one digest. A digest of
which nobody knows whether it arrived keeps its members and its key; one that surely failed falls apart, so that the
next takes in what came meanwhile.

Does not know why a channel's gate stands as it does, nor what becomes of a try.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor.model import AlertToSend, ClaimedDelivery, DeliveryState, Gate, SendOutcome
from monitor.store.part import StorePart
from monitor.store.telling import alert_to_send
from monitor.store.values import storable, stored_time, time_or_none_from

__all__ = ["Claiming", "note_cut_off"]

_CUT_OFF = "the try was cut off before its outcome was recorded"
_COLUMNS = "id, channel, state, attempts, in_doubt, idempotency_key, bundle, created, alert"
_DUE = "state IN ('pending', 'sending') AND CASE state WHEN 'pending' THEN due ELSE lease_until END <= :now"
_OPEN = "+rank < :passes AND created <= :only_until"
_EVER = (1 << 63) - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class _Standing:
    """How a channel fares."""

    failures: int = 0
    paused_until: int | None = None
    served: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pick:
    """What would go next on a channel: its rows, and whether they are to become a digest of their own."""

    gate: Gate
    standing: _Standing
    rows: tuple[sqlite3.Row, ...]
    gathered: bool


class Claiming(StorePart):
    """Claiming deliveries."""

    def claim_deliveries(
        self, now: datetime, *, limit: int, lease: timedelta, busy: Sequence[str], channels: Sequence[Gate]
    ) -> tuple[ClaimedDelivery, ...]:
        """What goes next on those ``channels`` that are not ``busy`` and not paused, as far as their gates let it.

        At most one message a channel, the channel served longest ago first. One whose lease has run out (its sender
        died or hangs) is claimed again, ``in_doubt``.
        """
        if limit <= 0:
            return ()
        with self._database.writing() as db:
            standings = _standings(db)
            picks = [pick for gate in _free(channels, busy) if (pick := _pick(db, gate, standings, now)) is not None]
            picks.sort(key=lambda pick: (pick.standing.served, pick.rows[0]["id"]))
            return tuple(self._claim(db, pick, now, lease) for pick in picks[:limit])

    def _claim(self, db: sqlite3.Connection, pick: _Pick, now: datetime, lease: timedelta) -> ClaimedDelivery:
        rows, first = pick.rows, pick.rows[0]
        outrun = first["state"] == DeliveryState.SENDING
        ids = [row["id"] for row in rows]
        if outrun:
            note_cut_off(db, ids, now)
        token = self._clock.token()
        bundle = self._clock.token() if pick.gathered else first["bundle"]
        db.execute(
            "UPDATE delivery SET state = 'sending', token = ?, lease_until = ?, attempts = attempts + 1,"
            " in_doubt = max(in_doubt, ?), bundle = ? WHERE id IN (SELECT value FROM json_each(?))",
            (token, stored_time(now + lease), outrun, bundle, json.dumps(ids)),
        )
        db.execute(
            "INSERT INTO channel_state (channel, served) VALUES (?1, ?2)"
            " ON CONFLICT DO UPDATE SET served = excluded.served",
            (first["channel"], stored_time(now)),
        )
        alerts = _alerts(db, rows)
        return ClaimedDelivery(
            id=first["id"],
            token=token,
            channel=pick.gate.channel,
            attempts=min(row["attempts"] for row in rows),
            in_doubt=outrun or any(row["in_doubt"] for row in rows),
            idempotency_key=bundle or first["idempotency_key"],
            alert=alerts[0],
            more=alerts[1:],
            failures=pick.standing.failures,
        )

    def next_delivery_due(
        self, *, busy: Sequence[str], channels: Sequence[Gate], now: datetime | None = None
    ) -> datetime | None:
        """When the earliest delivery that these gates would then let through is due; None: none waits.

        One that is being sent could be claimed when its lease ends. That a gate itself opens later is not foreseen.
        """
        at = self._clock.now() if now is None else now
        dues: list[int] = []
        with self._database.reading() as db:
            standings = _standings(db)
            for gate in _free(channels, busy):
                open_now = not gate.closed and _left(db, gate) > 0
                (due,) = db.execute(
                    "SELECT min(CASE state WHEN 'pending' THEN due ELSE lease_until END) FROM delivery"  # noqa: S608 - as below
                    " WHERE channel = :channel AND state IN ('pending', 'sending')"
                    f" AND (rank >= :passes{f' OR {_OPEN}' if open_now else ''})",
                    _values(gate, at),
                ).fetchone()
                if due is not None:
                    dues.append(max(due, standings.get(storable(gate.channel), _Standing()).paused_until or due))
        return time_or_none_from(min(dues, default=None))

    def messages_sent(self, channel: str, since: datetime) -> int:
        """How many messages went to the channel since then; a digest is one."""
        with self._database.reading() as db:
            return _sent(db, channel, since)


def _free(channels: Sequence[Gate], busy: Sequence[str]) -> list[Gate]:
    taken = {storable(name) for name in busy}
    free = {storable(gate.channel): gate for gate in channels if storable(gate.channel) not in taken}
    return [free[name] for name in sorted(free)]


def _standings(db: sqlite3.Connection) -> dict[str, _Standing]:
    return {
        row["channel"]: _Standing(failures=row["failures"], paused_until=row["paused_until"], served=row["served"])
        for row in db.execute("SELECT channel, failures, paused_until, served FROM channel_state")
    }


def _values(gate: Gate, now: datetime) -> dict[str, object]:
    return {
        "channel": storable(gate.channel),
        "now": stored_time(now),
        "passes": gate.passes,
        "only_until": _EVER if gate.only_until is None else stored_time(gate.only_until),
        "longest": gate.longest,
    }


def _pick(db: sqlite3.Connection, gate: Gate, standings: dict[str, _Standing], now: datetime) -> _Pick | None:
    standing = standings.get(storable(gate.channel), _Standing())
    if standing.paused_until is not None and standing.paused_until > stored_time(now):
        return None
    values = _values(gate, now)
    row = db.execute(
        f"SELECT {_COLUMNS} FROM delivery INDEXED BY delivery_rank"  # noqa: S608 - only our own names are put in
        f" WHERE channel = :channel AND {_DUE} AND rank >= :passes ORDER BY id LIMIT 1",
        values,
    ).fetchone()
    left = 1
    if row is None and not gate.closed and (left := _left(db, gate)) > 0:
        row = db.execute(
            f"SELECT {_COLUMNS} FROM delivery INDEXED BY delivery_waiting"  # noqa: S608 - as above
            f" WHERE channel = :channel AND {_DUE} AND {_OPEN} ORDER BY id LIMIT 1",
            values,
        ).fetchone()
        if row is not None and row["bundle"] is None and not row["in_doubt"]:
            together = _together(db, gate, row, left, values)
            if together:
                return _Pick(gate=gate, standing=standing, rows=together, gathered=True)
    if row is None:
        return None
    rows: tuple[sqlite3.Row, ...] = (row,)
    if row["bundle"] is not None:
        # Of unknown fate: the very same digest again, under the same key.
        rows = tuple(
            db.execute(
                f"SELECT {_COLUMNS} FROM delivery WHERE bundle = ? AND state = ? ORDER BY id",  # noqa: S608 - as above
                (row["bundle"], row["state"]),
            )
        )
    return _Pick(gate=gate, standing=standing, rows=rows, gathered=False)


def _together(
    db: sqlite3.Connection, gate: Gate, first: sqlite3.Row, left: int, values: dict[str, object]
) -> tuple[sqlite3.Row, ...]:
    """The deliveries that go with the first one as a digest; none when it goes alone."""
    wanted = [
        (stored_time(gather.until), gather.least)
        for gather in gate.gathers
        if first["created"] <= stored_time(gather.until)
    ]
    if gate.cap is not None:
        # What the cap would hold back comes with the last message that it allows.
        wanted.append((_EVER, max(left + 1, 2)))
    for until, least in wanted:
        rows = db.execute(
            f"SELECT {_COLUMNS} FROM delivery INDEXED BY delivery_waiting"  # noqa: S608 - as above
            f" WHERE channel = :channel AND {_DUE} AND {_OPEN} AND state = 'pending' AND created <= :until"
            " AND bundle IS NULL AND in_doubt = 0 ORDER BY id LIMIT :longest",
            values | {"until": until},
        ).fetchall()
        if len(rows) >= least:
            return tuple(rows)
    return ()


def _left(db: sqlite3.Connection, gate: Gate) -> int:
    """How many messages the channel's cap still allows."""
    if gate.cap is None or gate.cap_since is None:
        return _EVER
    return gate.cap - _sent(db, gate.channel, gate.cap_since)


def _sent(db: sqlite3.Connection, channel: str, since: datetime) -> int:
    (sent,) = db.execute(
        "SELECT count(DISTINCT coalesce(bundle, idempotency_key)) FROM delivery"
        " WHERE channel = ? AND state = 'sent' AND ended > ?",
        (storable(channel), stored_time(since)),
    ).fetchone()
    assert isinstance(sent, int)
    return sent


def _alerts(db: sqlite3.Connection, rows: Sequence[sqlite3.Row]) -> tuple[AlertToSend, ...]:
    # A digest quotes no text: hundreds of whole articles need not be held for it.
    return tuple(alert_to_send(db, row["alert"], whole=len(rows) == 1) for row in rows)


def note_cut_off(db: sqlite3.Connection, ids: Sequence[int], at: datetime) -> None:
    """Record that tries of these deliveries were cut off."""
    db.executemany(
        "INSERT INTO attempt (delivery, at, outcome, detail) VALUES (?, ?, ?, ?)",
        [(number, stored_time(at), SendOutcome.UNKNOWN, _CUT_OFF) for number in ids],
    )
