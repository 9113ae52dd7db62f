"""The operator's notices: what went wrong with the service itself, kept until it was told.

On the article's way: beside it. The same trouble said again before it was told is counted, not kept twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from monitor.model import ChannelStanding, Notice
from monitor.store.part import StorePart
from monitor.store.values import storable, stored_time, time_or_none_from

_KEPT = 1_000


class Noticing(StorePart):
    """Notices, and how the channels fare."""

    def note(self, topic: str, said: str, now: datetime) -> None:
        """Keep a trouble until it is told; one of the same topic that waits is replaced and counted."""
        with self._database.writing() as db:
            done = db.execute(
                "UPDATE notice SET said = ?2, last = ?3, times = times + 1 WHERE topic = ?1 AND sent IS NULL",
                (storable(topic), storable(said), stored_time(now)),
            )
            if not done.rowcount:
                db.execute(
                    "INSERT INTO notice (topic, said, created, last) VALUES (?1, ?2, ?3, ?3)",
                    (storable(topic), storable(said), stored_time(now)),
                )

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

    def notices_told(self, numbers: Sequence[int], now: datetime) -> None:
        """Record that these were told."""
        with self._database.writing() as db:
            db.executemany("UPDATE notice SET sent = ? WHERE id = ?", [(stored_time(now), one) for one in numbers])
            db.execute("DELETE FROM notice WHERE id < (SELECT max(id) FROM notice) - ?", (_KEPT,))

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
