"""The operator's notices: what goes wrong with the service itself, from its begin to its place in the outbox.

On the article's way: beside it. A trouble that lasts is noted once, whatever restarts lie in its time. The same said
again before it was told is counted, not kept twice. What is told becomes an alert with a delivery of its own, in the
commit that marks it told: from there on it goes the way of all alerts, and a kill neither loses nor doubles it.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime

from monitor.model import AlertKind, ChannelStanding, NewNotice, Notice
from monitor.store.part import StorePart, add_deliveries
from monitor.store.values import storable, stored_time, time_or_none_from

_KEPT = 1_000


class Noticing(StorePart):
    """Notices, and how the channels fare."""

    def note(self, topic: str, said: str, now: datetime) -> None:
        """Keep a trouble until it is told; one of the same topic that waits is replaced and counted."""
        with self._database.writing() as db:
            keep_notice(db, topic, said, now)

    def troubles(self) -> frozenset[str]:
        """The topics of the troubles that last."""
        with self._database.reading() as db:
            return frozenset(row["topic"] for row in db.execute("SELECT topic FROM trouble"))

    def begin_trouble(self, topic: str, said: str, now: datetime) -> None:
        """Note a trouble that lasts, once: until it has ended it is not noted again."""
        with self._database.writing() as db:
            begun = db.execute(
                "INSERT OR IGNORE INTO trouble (topic, since) VALUES (?, ?)", (storable(topic), stored_time(now))
            ).rowcount
            if begun:
                keep_notice(db, topic, said, now)

    def end_trouble(self, topic: str, said: str, now: datetime) -> None:
        """A trouble is over, which is noted where something is ``said``; nothing, when there was none."""
        with self._database.writing() as db:
            ended = db.execute("DELETE FROM trouble WHERE topic = ?", (storable(topic),)).rowcount
            if ended and said:
                keep_notice(db, f"{topic} over", said, now)

    def notices_waiting(self) -> tuple[Notice, ...]:
        """Those that were not told yet, the oldest first."""
        with self._database.reading() as db:
            rows = db.execute("SELECT id, topic, said, times FROM notice WHERE sent IS NULL ORDER BY id").fetchall()
        return tuple(Notice(id=row["id"], topic=row["topic"], said=row["said"], times=row["times"]) for row in rows)

    def last_notice_told(self) -> datetime | None:
        """When notices were told last."""
        with self._database.reading() as db:
            (sent,) = db.execute("SELECT max(sent) FROM notice").fetchone()
        return time_or_none_from(sent)

    def tell_operator(self, alert: NewNotice, now: datetime) -> None:
        """Put notices into the outbox as one alert, and mark them told, in one commit."""
        with self._database.writing() as db:
            at = stored_time(now)
            (story,) = db.execute(
                "INSERT INTO story (first_article, last_article, articles, title) VALUES (?1, ?1, 0, ?2) RETURNING id",
                (at, storable(alert.title)),
            ).fetchone()
            (number,) = db.execute(
                "INSERT INTO alert (story, watch, kind, priority, created, discovered, published, language, source,"
                " url, canonical_url, title, evidence, text)"
                " VALUES (?1, ?2, ?3, ?4, ?5, ?5, ?5, 'en', ?2, '', '', ?6, '[]', ?7) RETURNING id",
                (
                    story,
                    storable(alert.watch),
                    AlertKind.NOTICE,
                    alert.priority,
                    at,
                    storable(alert.title),
                    storable(alert.text),
                ),
            ).fetchone()
            add_deliveries(db, self._clock, number, [alert.channel], alert.priority.rank, now)
            db.executemany("UPDATE notice SET sent = ? WHERE id = ?", [(at, one) for one in alert.notices])
            db.execute("DELETE FROM notice WHERE id < (SELECT max(id) FROM notice) - ?", (_KEPT,))

    def pass_notices_on(self, channels: Sequence[str], *, failures: int, now: datetime) -> Mapping[str, int]:
        """Hand notices whose channel fails to the next of these that did not have them; how many by channel.

        It fails when it did not take the notice itself, or so many messages in a row. A notice that may have arrived
        stays, as does one that they all have had.
        """
        moved: Counter[str] = Counter()
        with self._database.writing() as db:
            for row in db.execute(
                "SELECT delivery.id, delivery.alert, delivery.channel, delivery.rank FROM delivery"
                " JOIN alert ON alert.id = delivery.alert WHERE delivery.state = 'pending' AND delivery.in_doubt = 0"
                " AND alert.kind = ?1 AND (delivery.attempts > 0 OR EXISTS (SELECT 1 FROM channel_state"
                " WHERE channel_state.channel = delivery.channel AND failures >= ?2)) ORDER BY delivery.id",
                (AlertKind.NOTICE, failures),
            ).fetchall():
                told = db.execute("SELECT channel FROM delivery WHERE alert = ?", (row["alert"],)).fetchall()
                had = {one["channel"] for one in told}
                to = next((name for name in channels if storable(name) not in had), None)
                if to is None:
                    continue
                add_deliveries(db, self._clock, row["alert"], [to], row["rank"], now)
                db.execute(
                    "UPDATE delivery SET state = 'dead', bundle = NULL, ended = ?, detail = ? WHERE id = ?",
                    (stored_time(now), storable(f"sent to {to} instead: {row['channel']} failed"), row["id"]),
                )
                moved[row["channel"]] += 1
        return moved

    def channel_standings(self) -> tuple[ChannelStanding, ...]:
        """How each channel fares that was ever tried, by name."""
        with self._database.reading() as db:
            rows = db.execute("SELECT * FROM channel_state ORDER BY channel").fetchall()
        return tuple(
            ChannelStanding(
                channel=row["channel"],
                failures=row["failures"],
                failing_since=time_or_none_from(row["failing_since"]),
                paused_until=time_or_none_from(row["paused_until"]),
                detail=row["detail"],
            )
            for row in rows
        )


def keep_notice(db: sqlite3.Connection, topic: str, said: str, now: datetime) -> None:
    """Keep a notice in a transaction that goes on."""
    done = db.execute(
        "UPDATE notice SET said = ?2, last = ?3, times = times + 1 WHERE topic = ?1 AND sent IS NULL",
        (storable(topic), storable(said), stored_time(now)),
    )
    if not done.rowcount:
        db.execute(
            "INSERT INTO notice (topic, said, created, last) VALUES (?1, ?2, ?3, ?3)",
            (storable(topic), storable(said), stored_time(now)),
        )
