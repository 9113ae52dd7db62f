"""What the commands show of deliveries: lists of them, one with all its tries, and those of an article.

Beside the article's way: reads only.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import datetime

from monitor.model import DeliveryState
from monitor.store.part import StorePart
from monitor.store.rows import AttemptRow, FirstSight, OutboxRow
from monitor.store.telling import kind_from
from monitor.store.values import row_id, storable, stored_time, time_from, time_or_none_from

_ROWS = (
    "SELECT delivery.*, alert.watch, alert.kind, alert.title, alert.story, alert.priority, alert.article"
    " FROM delivery JOIN alert ON alert.id = delivery.alert"
)


class Outbox(StorePart):
    """Deliveries for people."""

    def deliveries(
        self,
        *,
        states: Sequence[DeliveryState] = (),
        channel: str | None = None,
        since: datetime | None = None,
        before: int | None = None,
        limit: int = 100,
    ) -> tuple[OutboxRow, ...]:
        """Deliveries, the latest first; all states where none is named. ``before``: only those older than this one."""
        wanted = [str(state) for state in states or DeliveryState]
        with self._database.reading() as db:
            rows = db.execute(
                f"{_ROWS} WHERE delivery.state IN ({', '.join('?' * len(wanted))})"
                " AND (? IS NULL OR delivery.channel = ?) AND delivery.created >= ? AND (? IS NULL OR delivery.id < ?)"
                " ORDER BY delivery.id DESC LIMIT ?",
                (
                    *wanted,
                    *[None if channel is None else storable(channel)] * 2,
                    -(1 << 63) if since is None else stored_time(since),
                    before,
                    before,
                    limit,
                ),
            ).fetchall()
        return tuple(_row(row) for row in rows)

    def delivery(self, number: int) -> OutboxRow | None:
        """One delivery with all its tries."""
        return next(iter(self._with_tries("delivery.id = ?", row_id(number))), None)

    def deliveries_of_article(self, article: int) -> tuple[OutboxRow, ...]:
        """The deliveries of the alerts that an article led to, with all their tries, oldest first."""
        return self._with_tries("alert.article = ?", article)

    def deliveries_of_story(self, story: int) -> tuple[OutboxRow, ...]:
        """The deliveries of the alerts of a story, with all their tries, oldest first."""
        return self._with_tries("alert.story = ?", story)

    def first_sight(self, article: int) -> FirstSight | None:
        """By which feed an article was first seen and when, and why it was set aside, if it was."""
        with self._database.reading() as db:
            row = db.execute(
                "SELECT article.discovered, article.quiet, article.state, article.aside_reason, feed.url, feed.name,"
                " feed.title FROM article JOIN feed ON feed.id = article.feed WHERE article.id = ?",
                (article,),
            ).fetchone()
        if row is None:
            return None
        return FirstSight(
            at=time_from(row["discovered"]),
            feed=row["url"],
            feed_name=row["name"] or row["title"],
            old_at_first_sight=bool(row["quiet"]),
            state=row["state"],
            set_aside=row["aside_reason"] or "",
        )

    def _with_tries(self, condition: str, value: int) -> tuple[OutboxRow, ...]:
        with self._database.reading() as db:
            rows = db.execute(f"{_ROWS} WHERE {condition} ORDER BY delivery.id", (value,)).fetchall()
            return tuple(_row(row, _tries(db, row["id"])) for row in rows)


def _tries(db: sqlite3.Connection, delivery: int) -> tuple[AttemptRow, ...]:
    return tuple(
        AttemptRow(at=time_from(row["at"]), outcome=row["outcome"], detail=row["detail"])
        for row in db.execute("SELECT at, outcome, detail FROM attempt WHERE delivery = ? ORDER BY id", (delivery,))
    )


def _row(row: sqlite3.Row, tries: tuple[AttemptRow, ...] = ()) -> OutboxRow:
    kind, about = kind_from(row["kind"])
    return OutboxRow(
        delivery=row["id"],
        alert=row["alert"],
        channel=row["channel"],
        state=DeliveryState(row["state"]),
        watch=row["watch"],
        kind=kind,
        about=about,
        priority=row["priority"],
        story=row["story"],
        article=row["article"],
        title=row["title"],
        attempts=row["attempts"],
        in_doubt=bool(row["in_doubt"]),
        digest=row["bundle"],
        created=time_from(row["created"]),
        due=time_from(row["due"]),
        ended=time_or_none_from(row["ended"]),
        detail=row["detail"],
        tries=tries,
    )
