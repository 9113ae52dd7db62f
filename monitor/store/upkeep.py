"""What is done to deliveries and alerts beside sending them: by the clock, and by people.

On the article's way: beside the outbox. Each method is one transaction and may be repeated: nothing is told twice.

Does not decide after how long; that is told to it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from monitor.errors import NotFound
from monitor.model import AlertKind, Gate, Priority, Silence
from monitor.store.noticing import keep_notice
from monitor.store.part import StorePart, add_deliveries
from monitor.store.telling import silences_of
from monitor.store.values import row_id, storable, stored_span, stored_time, time_from

_DROPPED = "dropped by hand"
_SPIKE_ENDS = timedelta(hours=1)


class Upkeep(StorePart):
    """Giving up, diverting, reminding; dropping and sending again; silences and acknowledgements."""

    # --- by the clock ---

    def give_up_stale(self, gates: Sequence[Gate], now: datetime) -> int:
        """End what is older than its channel's ``max_age`` and was tried in vain, or waits for a channel that fails.

        The operator hears of it.
        """
        with self._database.writing() as db:
            kinds = [
                row["kind"]
                for gate in gates
                if gate.stale is not None
                for row in db.execute(
                    "UPDATE delivery SET state = 'dead', bundle = NULL, ended = ?3,"
                    " detail = 'too old to be sent; it waited in vain: ' || detail"
                    " WHERE channel = ?1 AND state = 'pending' AND created < ?2 AND (attempts > 0 OR EXISTS"
                    " (SELECT 1 FROM channel_state WHERE channel_state.channel = ?1 AND failures > 0))"
                    " RETURNING (SELECT kind FROM alert WHERE alert.id = delivery.alert) AS kind",
                    (storable(gate.channel), stored_time(gate.stale), stored_time(now)),
                ).fetchall()
            ]
            # A notice that was given up is not worth one of its own.
            if lost := sum(kind != AlertKind.NOTICE for kind in kinds):
                keep_notice(db, "given-up", f"{lost} deliveries were too old to be sent and were given up", now)
        return len(kinds)

    def divert(self, fallbacks: Mapping[str, str], *, after: timedelta, now: datetime) -> Mapping[str, int]:
        """Hand what waits for a channel that has failed for ``after`` to its fallback; how many by channel.

        A delivery that its fallback had before is not moved.
        """
        moved: dict[str, int] = {}
        with self._database.writing() as db:
            for channel, fallback in fallbacks.items():
                if not _failed_since(db, channel, now - after):
                    continue
                ids = [
                    row["id"]
                    for row in db.execute(
                        "INSERT OR IGNORE INTO delivery (alert, channel, state, created, due, idempotency_key, rank)"
                        " SELECT alert, ?2, 'pending', ?3, ?3, lower(hex(randomblob(16))), rank FROM delivery"
                        " WHERE channel = ?1 AND state = 'pending' ORDER BY id RETURNING alert AS id",
                        (storable(channel), storable(fallback), stored_time(now)),
                    ).fetchall()
                ]
                db.executemany(
                    "UPDATE delivery SET state = 'dead', bundle = NULL, ended = ?, detail = ?"
                    " WHERE alert = ? AND channel = ?",
                    [
                        (stored_time(now), storable(f"sent to {fallback} instead: {channel} failed"), alert, channel)
                        for alert in ids
                    ],
                )
                if ids:
                    moved[channel] = len(ids)
        return moved

    def remind(self, watch: str, *, after: timedelta, channels: Sequence[str], now: datetime, since: timedelta) -> int:
        """Tell urgent alerts of a watch again that nobody acknowledged within ``after``, each once.

        On ``channels``, or on its own where there are none. Alerts older than ``since`` are let go.
        """
        with self._database.writing() as db:
            rows = db.execute(
                "SELECT id FROM alert WHERE watch = ?1 AND priority = 'urgent' AND kind = 'new'"
                " AND created <= ?2 AND created > ?3"
                " AND NOT EXISTS (SELECT 1 FROM acknowledgement WHERE acknowledgement.story = alert.story)"
                " AND NOT EXISTS (SELECT 1 FROM alert AS told WHERE told.story = alert.story AND told.watch = ?1"
                " AND told.kind = 'reminder') ORDER BY id",
                (storable(watch), stored_time(now - after), stored_time(now - since)),
            ).fetchall()
            return sum(
                self._tell_again(db, row["id"], AlertKind.REMINDER, channels, Priority.URGENT, now) for row in rows
            )

    def stories_met(self, watch: str, since: datetime) -> tuple[datetime, ...]:
        """When each story of a watch was first met, in order."""
        with self._database.reading() as db:
            rows = db.execute(
                "SELECT min(article.discovered) AS at FROM match JOIN article ON article.id = match.article"
                " WHERE match.watch = ? AND article.discovered >= ? AND article.story IS NOT NULL AND article.quiet = 0"
                " GROUP BY article.story ORDER BY at",
                (storable(watch), stored_time(since)),
            ).fetchall()
        return tuple(time_from(row["at"]) for row in rows)

    def watched_since(self, watch: str) -> datetime | None:
        """When a watch was first live."""
        with self._database.reading() as db:
            row = db.execute("SELECT since FROM watch_seen WHERE watch = ?", (storable(watch),)).fetchone()
        return None if row is None else time_from(row["since"])

    def tell_spike(self, watch: str, *, count: int, channels: Sequence[str], priority: Priority, now: datetime) -> bool:
        """Tell that a watch has a spike, once for each: one that goes on, or pauses for less than an hour, is the same.

        It is told of the latest story, since that shows what it is about.
        """
        with self._database.writing() as db:
            row = db.execute("SELECT until FROM spike WHERE watch = ?", (storable(watch),)).fetchone()
            at = stored_time(now)
            goes_on = row is not None and at - row["until"] < stored_span(_SPIKE_ENDS)
            db.execute(
                "INSERT INTO spike (watch, since, until) VALUES (?1, ?2, ?2)"
                " ON CONFLICT DO UPDATE SET until = ?2, since = CASE WHEN ?3 THEN since ELSE ?2 END",
                (storable(watch), at, goes_on),
            )
            latest = db.execute(
                "SELECT id FROM alert WHERE watch = ? AND kind NOT LIKE 'spike%' AND kind <> 'notice'"
                " ORDER BY id DESC LIMIT 1",
                (storable(watch),),
            ).fetchone()
            if goes_on or latest is None:
                return False
            kind = f"{AlertKind.SPIKE}:{count}@{at}"
            return bool(self._tell_again(db, latest["id"], kind, channels, priority, now))

    def _tell_again(  # noqa: PLR0917 - an alert's parts, in their order
        self, db: sqlite3.Connection, alert: int, kind: str, channels: Sequence[str], priority: Priority, now: datetime
    ) -> int:
        added = db.execute(
            "INSERT OR IGNORE INTO alert (story, watch, kind, article, priority, created, discovered, published,"
            " language, source, url, canonical_url, title, evidence, text)"
            " SELECT story, watch, ?2, article, ?3, ?4, discovered, published, language, source, url, canonical_url,"
            " title, evidence, text FROM alert WHERE id = ?1 RETURNING id",
            (alert, storable(kind), priority, stored_time(now)),
        ).fetchone()
        if added is None:
            return 0
        own = [row["channel"] for row in db.execute("SELECT channel FROM delivery WHERE alert = ?", (alert,))]
        add_deliveries(db, self._clock, added["id"], channels or own, priority.rank, now)
        return 1

    # --- by people ---

    def send_again(self, *, delivery: int | None = None, channel: str | None = None, now: datetime) -> int:
        """Let dead and held deliveries be tried again now, one by one or a whole channel's; how many.

        Of a channel's dead ones, those that a person dropped or that its fallback took stay so.
        """
        waiting = self._change("due = ?3", "state = 'pending'", delivery, channel, now)
        ended = "state IN ('dead', 'held')"
        if delivery is None:
            ended += f" AND detail <> '{_DROPPED}' AND detail NOT LIKE 'sent to % instead: %'"
        again = "state = 'pending', due = ?3, attempts = 0, ended = NULL, in_doubt = 0, bundle = NULL"
        return waiting + self._change(again, ended, delivery, channel, now)

    def drop(self, *, delivery: int | None = None, channel: str | None = None, now: datetime) -> int:
        """Give up what waits or is held, one delivery or a whole channel's; how many. What is being sent is left."""
        return self._change(
            f"state = 'dead', ended = ?3, bundle = NULL, detail = '{_DROPPED}'",
            "state IN ('pending', 'held')",
            delivery,
            channel,
            now,
        )

    def _change(self, setting: str, which: str, delivery: int | None, channel: str | None, now: datetime) -> int:
        if delivery is None and channel is None:
            raise NotFound("neither a delivery nor a channel was named")
        with self._database.writing() as db:
            done = db.execute(
                f"UPDATE delivery SET {setting} WHERE {which}"  # noqa: S608 - only our own words are put in
                " AND (?1 IS NULL OR id = ?1) AND (?2 IS NULL OR channel = ?2)",
                (
                    None if delivery is None else row_id(delivery),
                    None if channel is None else storable(channel),
                    stored_time(now),
                ),
            ).rowcount
            if channel is not None:
                db.execute(
                    "UPDATE channel_state SET paused_until = NULL, failures = 0 WHERE channel = ?", (storable(channel),)
                )
        return done

    def sources(self) -> tuple[str, ...]:
        """The names of all sources that articles are kept of."""
        with self._database.reading() as db:
            return tuple(row["source"] for row in db.execute("SELECT DISTINCT source FROM article"))

    def silence(self, kind: str, name: str, *, until: datetime, author: str, reason: str, now: datetime) -> Silence:
        """Tell nothing of a "watch", a "story" (its number) or a "source" until a time.

        Raises:
            NotFound: there is no such story.
        """
        with self._database.writing() as db:
            if kind == "story":
                name = str(_need_story(db, name))
            (number,) = db.execute(
                "INSERT INTO silence (kind, name, until, author, reason, created)"
                " VALUES (?, ?, ?, ?, ?, ?) RETURNING id",
                (
                    kind,
                    storable(name),
                    stored_time(until),
                    storable(author),
                    storable(reason),
                    stored_time(now),
                ),
            ).fetchone()
        return Silence(id=number, kind=kind, name=name, until=until, author=author, reason=reason, created=now)

    def silences(self, now: datetime) -> tuple[Silence, ...]:
        """The silences that hold now, the oldest first."""
        with self._database.reading() as db:
            return silences_of(db, now)

    def end_silence(self, number: int, now: datetime) -> bool:
        """End a silence now; False when it does not hold."""
        with self._database.writing() as db:
            done = db.execute(
                "UPDATE silence SET until = ?2 WHERE id = ?1 AND until > ?2", (row_id(number), stored_time(now))
            ).rowcount
        return bool(done)

    def acknowledge(self, story: int, *, author: str, reason: str, now: datetime) -> bool:
        """Somebody takes care of a story: it is not reminded of. False when it was acknowledged before.

        Raises:
            NotFound: there is no such story.
        """
        with self._database.writing() as db:
            _need_story(db, story)
            done = db.execute(
                "INSERT OR IGNORE INTO acknowledgement (story, author, reason, created) VALUES (?, ?, ?, ?)",
                (story, storable(author), storable(reason), stored_time(now)),
            ).rowcount
        return bool(done)


def _need_story(db: sqlite3.Connection, said: int | str) -> int:
    story = row_id(said)
    if db.execute("SELECT 1 FROM story WHERE id = ?", (story,)).fetchone() is None:
        raise NotFound(f"there is no story {said}")
    return story


def _failed_since(db: sqlite3.Connection, channel: str, before: datetime) -> bool:
    row = db.execute("SELECT failing_since FROM channel_state WHERE channel = ?", (storable(channel),)).fetchone()
    return row is not None and row["failing_since"] is not None and row["failing_since"] <= stored_time(before)
