"""Keeping the database small, safe and sound: retention, backup, integrity.

Beside the article's way: timed jobs and commands. Retention decides nothing about time: it is told before when.
"""

from __future__ import annotations

import contextlib
import errno
import os
import sqlite3
from array import array
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from monitor.errors import StoreDamaged, StoreError
from monitor.store.connection import translated
from monitor.store.part import StorePart
from monitor.store.sketches import TermCounts, forget_sketches
from monitor.store.values import stored_span, stored_time

FORGET_ENTRIES_AFTER = timedelta(days=30)
"""How long a feed must have listed an entry no more before the entry is forgotten.

Feeds drop entries for a while and bring them back: a forgotten one would be news again.
"""

_BATCH = 200


class Keeping(StorePart):
    """Retention, backup, integrity."""

    def prune(self, before: datetime) -> int:
        """Delete judged articles discovered before then; returns how many.

        Their matches, verdicts and fingerprints go with them, and stories that are left without articles with their
        alerts and deliveries. Kept are articles that wait to be judged, and those whose alert waits to be delivered or
        for a person. An entry stays known without its article until its feed has long stopped listing it, so that
        nothing comes back as new. Works in small commits, so that others can write in between.
        """
        count = 0
        while deleted := self._prune_batch(stored_time(before)):
            count += deleted
        with self._database.writing() as db:
            db.execute(
                "DELETE FROM story WHERE articles = 0 AND NOT EXISTS (SELECT 1 FROM alert"
                " JOIN delivery ON delivery.alert = alert.id"
                " WHERE alert.story = story.id AND (delivery.state IN ('pending', 'sending', 'held')"
                " OR (alert.kind = 'notice' AND alert.created >= ?)))",
                (stored_time(before),),
            )
            db.execute("DELETE FROM line WHERE seen < ?", (stored_time(before),))
            db.execute(
                "DELETE FROM entry WHERE article IS NULL"
                " AND listed < (SELECT listed FROM feed WHERE feed.id = entry.feed) - ?",
                (stored_span(FORGET_ENTRIES_AFTER),),
            )
        return count

    def _prune_batch(self, before: int) -> int:
        with self._database.writing() as db:
            rows = db.execute(
                "SELECT id, feed, key, story, shingles FROM article WHERE discovered < ? AND state = 'judged'"
                " AND NOT EXISTS (SELECT 1 FROM alert JOIN delivery ON delivery.alert = alert.id"
                " WHERE alert.article = article.id AND delivery.state IN ('pending', 'sending', 'held'))"
                " ORDER BY discovered, id LIMIT ?",
                (before, _BATCH),
            ).fetchall()
            ids = [(row["id"],) for row in rows]
            db.executemany(
                "INSERT INTO article_fts (article_fts, rowid, title, text)"
                " SELECT 'delete', id, title, text FROM article WHERE id = ?",
                ids,
            )
            db.executemany(
                "DELETE FROM shingle WHERE hash = ? AND article = ?",
                [(value, row["id"]) for row in rows for value in array("q", row["shingles"])],
            )
            db.executemany(
                "UPDATE entry SET article = NULL WHERE feed = ? AND key = ?",
                [(row["feed"], row["key"]) for row in rows],
            )
            db.executemany("UPDATE story SET articles = articles - 1 WHERE id = ?", [(row["story"],) for row in rows])
            counts = TermCounts(db)
            forget_sketches(db, [row["id"] for row in rows], counts)
            counts.flush()
            db.execute("DELETE FROM term WHERE articles <= 0")
            db.executemany("DELETE FROM article WHERE id = ?", ids)
        return len(rows)

    def backup(self, target: Path) -> None:
        """Write a whole, compact copy of the database, mode 0600, while the service goes on.

        The copy appears under its name only once it is complete and on the disk.

        Raises:
            StoreError: ``target`` exists (it is never overwritten) or can't be written.
            StoreFull: there is no space for it. Nothing is left behind.
        """
        partial = target.with_name(f".{target.name}.{self._clock.token()}.partial")
        if target.exists():
            raise StoreError(f"{target}: this file exists; a backup overwrites nothing, so name another")
        with _words_for(target), _gone_after(partial):
            # VACUUM INTO makes a file that all may read; it takes an empty one as it finds it.
            os.close(os.open(partial, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
            with self._database.reading() as db:
                db.execute("PRAGMA query_only = OFF")
                try:
                    db.execute("VACUUM INTO ?", (str(partial),))
                except sqlite3.Error as error:
                    raise translated(error, target) from error
                finally:
                    db.execute("PRAGMA query_only = ON")
            _to_disk(partial)
            _name(partial, target)
            _to_disk(target.parent)

    def integrity_check(self) -> tuple[str, ...]:
        """What is wrong with the database, in SQLite's words; empty when it is sound.

        Reads everything: seconds for a large file. Looks at pages and indexes, references between tables, and whether
        the search index agrees with the articles.
        """
        problems: list[str] = []
        try:
            with self._database.reading() as db:
                problems += [row[0] for row in db.execute("PRAGMA integrity_check") if row[0] != "ok"]
                problems += [
                    f"{row['table']} row {row['rowid']} names a missing {row['parent']}"
                    for row in db.execute("PRAGMA foreign_key_check")
                ]
        except StoreDamaged as error:
            # So damaged that SQLite can't go on looking.
            return (*problems, str(error.__cause__))
        try:
            with self._database.writing() as db:
                db.execute("INSERT INTO article_fts (article_fts, rank) VALUES ('integrity-check', 1)")
        except StoreDamaged as error:
            problems.append(f"the search index disagrees with the articles ({error.__cause__})")
        return tuple(problems)


@contextlib.contextmanager
def _words_for(target: Path) -> Iterator[None]:
    try:
        yield
    except FileExistsError as error:
        raise StoreError(f"{target}: this file exists; a backup overwrites nothing, so name another") from error
    except OSError as error:
        raise StoreError(f"{target}: the backup can't be written: {error.strerror or error}") from error


@contextlib.contextmanager
def _gone_after(partial: Path) -> Iterator[None]:
    try:
        yield
    finally:
        for left in (partial, partial.with_name(partial.name + "-journal")):
            left.unlink(missing_ok=True)


def _name(partial: Path, target: Path) -> None:
    try:
        # A link, unlike a rename, does not replace a file that came into being meanwhile.
        os.link(partial, target)
    except OSError as error:
        # Memory sticks (FAT) know no links.
        if error.errno not in {errno.EPERM, errno.EOPNOTSUPP} or target.exists():
            raise
        partial.rename(target)


def _to_disk(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
