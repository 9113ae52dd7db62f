"""What became of deliveries: outcomes recorded (T3), claims of the dead released, what a wrong clock put off.

On the article's way: its last stop before the person. A token fences every claim: whoever holds an outrun lease can't
overwrite what its successor does. Claiming stands in ``claiming.py``.

Does not send, and does not decide whether or when to try again.
"""

from __future__ import annotations

import sqlite3
from datetime import datetime

from monitor.model import DeliveryOutcome, DeliveryState, SendOutcome
from monitor.store.claiming import Claiming, note_cut_off
from monitor.store.pages import forget_future_pages, release_pages
from monitor.store.pushing import forget_future_pushing
from monitor.store.values import storable, stored_time, stored_time_or_none


class Delivering(Claiming):
    """Deliveries."""

    def record_outcome(self, outcome: DeliveryOutcome) -> bool:
        """T3. False, and nothing stored, when the token is no longer the delivery's.

        A lease that ran out without anyone claiming the delivery again still records: what really happened is worth
        more than the clock. A PENDING outcome without ``due`` is due at once. For a digest it counts for each member.
        """
        with self._database.writing() as db:
            ended = outcome.state not in {DeliveryState.PENDING, DeliveryState.SENDING}
            done = db.execute(
                "UPDATE delivery SET state = ?1, in_doubt = max(in_doubt, ?2), due = ?3, ended = ?4, detail = ?5,"
                " token = NULL, lease_until = NULL,"
                " bundle = CASE WHEN ?1 = 'pending' AND max(in_doubt, ?2) = 0 THEN NULL ELSE bundle END"
                " WHERE token = ?7 AND state = 'sending'"
                " AND (id = ?6 OR bundle = (SELECT bundle FROM delivery WHERE id = ?6)) RETURNING id",
                (
                    outcome.state,
                    outcome.in_doubt,
                    stored_time(outcome.due or outcome.at),
                    stored_time(outcome.at) if ended else None,
                    storable(outcome.detail),
                    outcome.id,
                    outcome.token,
                ),
            ).fetchall()
            if not done:
                return False
            how = SendOutcome.UNKNOWN if outcome.in_doubt else outcome.state
            db.executemany(
                "INSERT INTO attempt (delivery, at, outcome, detail) VALUES (?, ?, ?, ?)",
                [(row["id"], stored_time(outcome.at), how, storable(outcome.detail)) for row in done],
            )
            if outcome.failures is not None:
                _note_channel(db, outcome, outcome.failures)
        return True

    def release_claims(self) -> None:
        """On start, under the instance lock: claims and delivery leases of a dead predecessor end now.

        A delivery that was being sent becomes pending with ``in_doubt`` set, due when it was; an article that was set
        aside waits to be judged again. What a clock that ran ahead put off is due now (``forget_future``).
        """
        with self._database.writing() as db:
            _forget_future(db, stored_time(self._clock.now()))
            db.execute("UPDATE feed SET claimed_until = NULL WHERE claimed_until IS NOT NULL")
            release_pages(db)
            db.execute("UPDATE article SET state = 'new', aside_reason = NULL WHERE state = 'set-aside'")
            ids = [
                row["id"]
                for row in db.execute(
                    "UPDATE delivery SET state = 'pending', in_doubt = 1, token = NULL, lease_until = NULL"
                    " WHERE state = 'sending' RETURNING id"
                ).fetchall()
            ]
            note_cut_off(db, ids, self._clock.now())

    def forget_future(self, now: datetime) -> None:
        """After the clock was set back: what was put off by the clock that ran ahead is due now, and its claims end.

        Known by its traces, which lie in the future: a feed looked at, a delivery made or tried, a subscription or a
        host's wish for rest kept later than ``now``.
        Without this, a clock that was wrong by a year would keep feeds and alerts waiting for a year. For the service
        under whose claims nothing is lost by it: a feed may be looked at twice, and a channel that is being sent to is
        busy until the outcome is recorded.
        """
        with self._database.writing() as db:
            _forget_future(db, stored_time(now))

    def deliveries_waiting(self) -> int:
        """How many deliveries are pending or being sent, on any channel, also on one that left the config."""
        with self._database.reading() as db:
            (count,) = db.execute("SELECT count(*) FROM delivery WHERE state IN ('pending', 'sending')").fetchone()
        assert isinstance(count, int)
        return count


def _forget_future(db: sqlite3.Connection, now: int) -> None:
    forget_future_pages(db, now)
    forget_future_pushing(db, now)
    db.execute(
        "UPDATE feed SET next_check = min(next_check, ?1), claimed_until = NULL WHERE coalesce(checked, added) > ?1",
        (now,),
    )
    db.execute(
        "UPDATE delivery SET created = min(created, ?1), due = min(due, ?1), lease_until = min(lease_until, ?1)"
        " WHERE state IN ('pending', 'sending') AND (created > ?1"
        " OR EXISTS (SELECT 1 FROM attempt WHERE attempt.delivery = delivery.id AND attempt.at > ?1))",
        (now,),
    )
    db.execute("UPDATE channel_state SET paused_until = NULL WHERE tried > ?1", (now,))
    db.execute(
        "UPDATE channel_state SET failing_since = min(failing_since, ?1), tried = min(tried, ?1),"
        " served = min(served, ?1)",
        (now,),
    )


def _note_channel(db: sqlite3.Connection, outcome: DeliveryOutcome, failures: int) -> None:
    """How the channel fares after this try; what waited for it to work again is due when it does."""
    at = stored_time(outcome.at)
    (channel,) = db.execute("SELECT channel FROM delivery WHERE id = ?", (outcome.id,)).fetchone()
    before = db.execute("SELECT paused_until FROM channel_state WHERE channel = ?", (channel,)).fetchone()
    db.execute(
        "INSERT INTO channel_state (channel, failures, failing_since, paused_until, tried, detail)"
        " VALUES (?1, ?2, CASE WHEN ?2 > 0 THEN ?3 END, ?4, ?3, ?5) ON CONFLICT DO UPDATE SET"
        " failures = ?2, failing_since = CASE WHEN ?2 > 0 THEN coalesce(failing_since, ?3) END,"
        " paused_until = ?4, tried = ?3, detail = ?5",
        (channel, failures, at, stored_time_or_none(outcome.pause), storable(outcome.detail)),
    )
    if not failures and before is not None and before["paused_until"] is not None:
        db.execute("UPDATE delivery SET due = ?2 WHERE channel = ?1 AND state = 'pending' AND due > ?2", (channel, at))
