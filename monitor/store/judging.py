"""What waits to be judged, and T2: an article's matches, story, alerts and pending deliveries in one commit.

On the article's way: between arrival and delivery. A ``judging()`` block holds the write transaction, so each article
of a batch sees what the ones before it recorded, and a crash leaves the whole batch to be judged again.

Does not decide which story an article belongs to, nor whether to alert.
"""

from __future__ import annotations

import contextlib
import json
import sqlite3
from array import array
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from monitor.errors import StoreError
from monitor.model import (
    AlertReason,
    Article,
    ArticleState,
    Judgement,
    KnownSketch,
    NewAlert,
    Silence,
    StoryFacts,
    StoryReason,
)
from monitor.ports import Clock
from monitor.store.connection import Database
from monitor.store.part import StorePart, add_deliveries
from monitor.store.sketches import TermCounts, sketches_of, store_sketch, told_by
from monitor.store.telling import silences_of, stored_kind, story_facts
from monitor.store.values import (
    ARTICLES,
    article_from,
    storable,
    stored_evidence,
    stored_hashes,
    stored_span,
    stored_time,
    time_or_none_from,
)

_ARCHIVE_PAGE = 500
_WINDOW_SLACK = stored_span(timedelta(days=1))


class Judging(StorePart):
    """Judging, and what a watch's first sight needs."""

    def unjudged(self, limit: int) -> tuple[Article, ...]:
        """The oldest articles that wait to be judged, and not for their page, in the order of their arrival."""
        with self._database.reading() as db:
            rows = db.execute(
                ARTICLES + " WHERE article.state = 'new'"
                " AND (article.waits_until IS NULL OR article.waits_until <= ?) ORDER BY article.id LIMIT ?",
                (stored_time(self._clock.now()), limit),
            ).fetchall()
        return tuple(article_from(row) for row in rows)

    def set_aside(self, article_id: int, reason: str) -> None:
        """Mark an article whose judging failed on a fault of ours, so that it doesn't hold up the others.

        ``reason`` is kept for people. It waits again from the next start on (``release_claims``), or when its feed
        changes it. One that does not wait to be judged is left as it is.
        """
        with self._database.writing() as db:
            db.execute(
                "UPDATE article SET state = ?, aside_reason = ? WHERE id = ? AND state = 'new'",
                (ArticleState.SET_ASIDE, storable(reason), article_id),
            )

    @contextlib.contextmanager
    def judging(self) -> Iterator[SqliteJudgeSession]:
        """One immediate write transaction: committed on leaving, rolled back on an exception.

        Raises:
            StoreError: the database refused, here or in a call inside the block; nothing of the block was kept.
        """
        with self._database.writing() as db:
            session = SqliteJudgeSession(db, self._database, self._clock)
            try:
                yield session
                session.refuse_if_broken()
                session.flush()
            finally:
                session.end()

    def known_watches(self) -> frozenset[str]:
        """Names of the watches that were live before."""
        with self._database.reading() as db:
            return frozenset(row["watch"] for row in db.execute("SELECT watch FROM watch_seen"))

    def remember_watches(self, names: Sequence[str], now: datetime) -> None:
        """Record that these watches are live; one that was known keeps its first time."""
        with self._database.writing() as db:
            db.executemany(
                "INSERT OR IGNORE INTO watch_seen (watch, since) VALUES (?, ?)",
                [(storable(name), stored_time(now)) for name in names],
            )

    def archive_begins(self) -> datetime | None:
        """When the oldest article that is kept was discovered; None when there is none."""
        with self._database.reading() as db:
            (oldest,) = db.execute("SELECT min(discovered) FROM article").fetchone()
        return time_or_none_from(oldest)

    def archive(self, since: datetime) -> Iterator[Article]:
        """Judged articles discovered since then, oldest first.

        Read in pages, so that neither memory nor a long read transaction is held while the caller works.
        """
        after = (stored_time(since), 0)
        while True:
            with self._database.reading() as db:
                rows = db.execute(
                    ARTICLES + " WHERE (article.discovered, article.id) > (?, ?) AND article.state = 'judged'"
                    " ORDER BY article.discovered, article.id LIMIT ?",
                    (*after, _ARCHIVE_PAGE),
                ).fetchall()
            if not rows:
                return
            yield from (article_from(row) for row in rows)
            after = (rows[-1]["discovered"], rows[-1]["id"])


class SqliteJudgeSession:
    """``monitor.ports.JudgeSession`` over the store's write transaction. Ends with its block."""

    def __init__(self, db: sqlite3.Connection, database: Database, clock: Clock) -> None:
        self._db = db
        self._database = database
        self._clock = clock
        self._live = True
        self._broken = False
        self._first: tuple[int, int] | None = None
        self._counts = TermCounts(db)

    def end(self) -> None:
        """No call is answered from now on."""
        self._live = False

    def flush(self) -> None:
        """Write what the batch counted; the last thing before the commit."""
        self._counts.flush()

    def refuse_if_broken(self) -> None:
        """Raise ``StoreError`` when a call in this block failed: half a judgement must not be committed."""
        if self._broken:
            raise StoreError(f"{self._database.path}: a judgement was refused, so nothing of its batch is kept")

    @contextlib.contextmanager
    def _asking(self) -> Iterator[sqlite3.Connection]:
        if not self._live:
            raise StoreError("this judging session has ended")
        self.refuse_if_broken()
        try:
            with self._database.translating():
                yield self._db
        except BaseException:
            self._broken = True
            raise

    def article_in_story(self, article_id: int) -> int | None:
        """The story that this very article is already in."""
        with self._asking() as db:
            row = db.execute("SELECT story FROM article WHERE id = ?", (article_id,)).fetchone()
        return None if row is None else row["story"]

    def by_canonical_url(self, canonical_url: str, since: datetime) -> Sequence[tuple[int, int]]:
        """(article, story) of articles in a story with this canonical URL, oldest first; none for an empty one."""
        if not canonical_url:
            return ()
        with self._asking() as db:
            rows = db.execute(
                "SELECT id, story FROM article WHERE canonical_url = ? AND canonical_url <> '' AND story IS NOT NULL"
                " AND discovered >= ? ORDER BY id",
                (storable(canonical_url), stored_time(since)),
            ).fetchall()
        return tuple((row["id"], row["story"]) for row in rows)

    def by_title_key(self, title_key: str, since: datetime) -> Sequence[tuple[int, int]]:
        """(article, story) of articles in a story with this title key, oldest first; none for an empty one."""
        if not title_key:
            return ()
        with self._asking() as db:
            rows = db.execute(
                "SELECT id, story FROM article WHERE title_key = ? AND title_key <> '' AND story IS NOT NULL"
                " AND discovered >= ? ORDER BY id",
                (storable(title_key), stored_time(since)),
            ).fetchall()
        return tuple((row["id"], row["story"]) for row in rows)

    def by_shingles(self, shingles: Sequence[int], since: datetime, limit: int) -> Sequence[tuple[int, int, int, int]]:
        """(article, story, shingles shared, shingles of that article) of the closest articles in a story.

        Most shared first, then oldest; at most ``limit``. Each shingle counts once.
        """
        hashes = stored_hashes(shingles)
        if not hashes:
            return ()
        with self._asking() as db:
            rows = db.execute(
                "SELECT article.id, article.story, near.shared, length(article.shingles) / 8 AS size FROM ("
                " SELECT article, count(*) AS shared FROM shingle"
                " WHERE hash IN (SELECT value FROM json_each(?)) AND article >= ? GROUP BY article"
                ") AS near JOIN article ON article.id = near.article"
                " WHERE article.story IS NOT NULL AND article.discovered >= ?"
                " ORDER BY near.shared DESC, article.id LIMIT ?",
                (json.dumps(hashes), self._first_article(stored_time(since)), stored_time(since), limit),
            ).fetchall()
        return tuple((row["id"], row["story"], row["shared"], row["size"]) for row in rows)

    def seen(self, terms: Sequence[int]) -> Mapping[int, int]:
        """In how many stored articles' sketches each of these terms stands; those that stand in none are left out."""
        with self._asking():
            return self._counts.of(terms)

    def by_terms(self, terms: Sequence[int], since: datetime, each: int) -> Sequence[tuple[int, int, int]]:
        """(term, article, story) for articles in a story that are looked up by one of these terms.

        Of every term the latest ``each`` are looked at; those discovered before ``since`` are left out.
        """
        start = stored_time(since)
        with self._asking() as db:
            return told_by(db, terms, self._first_article(start), start, each)

    def sketches(self, articles: Sequence[int], since: datetime) -> Sequence[KnownSketch]:
        """The sketches of those of these articles that are in a story and were discovered since then, by article."""
        with self._asking() as db:
            return sketches_of(db, articles, stored_time(since))

    def _first_article(self, since: int) -> int:
        """No article discovered since then has a lower id: it bounds the look into the shingles.

        Taken a day early and kept until the window has moved by a day: an earlier bound is a bound still.
        """
        if self._first is None or not 0 <= since - self._first[0] < 2 * _WINDOW_SLACK:
            start = since - _WINDOW_SLACK
            (first,) = self._db.execute(
                "SELECT coalesce(min(id), 0) FROM article WHERE discovered >= ?", (start,)
            ).fetchone()
            self._first = (start, first)
        return self._first[1]

    def bearers(self, lines: Collection[int]) -> Mapping[int, Sequence[str | None]]:
        """For each of these lines that is known the titles of one or two articles that bear it."""
        with self._asking() as db:
            rows = db.execute(
                "SELECT hash, one.title AS earlier, second, two.title AS later FROM line"
                " LEFT JOIN article AS one ON one.id = line.first LEFT JOIN article AS two ON two.id = line.second"
                " WHERE hash IN (SELECT value FROM json_each(?))",
                (json.dumps(list(lines)),),
            )
            return {
                row["hash"]: (row["earlier"],) if row["second"] is None else (row["earlier"], row["later"])
                for row in rows
            }

    def watches_told(self, story: int) -> frozenset[str]:
        """The watches that were already alerted of this story."""
        with self._asking() as db:
            return frozenset(row["watch"] for row in db.execute("SELECT watch FROM alert WHERE story = ?", (story,)))

    def story_facts(self, story: int, article_id: int) -> StoryFacts:
        """What is known of a story but for this article, and what was told of it."""
        with self._asking() as db:
            return story_facts(db, story, article_id)

    def silences(self, now: datetime) -> tuple[Silence, ...]:
        """The silences that hold now."""
        with self._asking() as db:
            return silences_of(db, now)

    def record(self, judgement: Judgement) -> int | None:
        """Store one judgement; returns its story's id, or None when the article was edited since it was read.

        A new story begins where the verdict names none and the article is in none yet. Repeatable: an alert that exists
        for (watch, story, kind) is left as it is, with its deliveries. For an article that waited, the matches and
        verdicts are all that it has from now on, but that it was once alerted stays. For one that was judged already
        (the archive, for a new watch) they come beside those that it has.

        Raises:
            StoreError: the article or the story named is unknown, or the database refused. The session is over then.
        """
        with self._asking() as db:
            article = db.execute(
                "SELECT id, version, state, story, discovered, published, source, url, canonical_url, title, text,"
                " shingles FROM article WHERE id = ?",
                (judgement.article_id,),
            ).fetchone()
            if article is None:
                raise StoreError(f"article {judgement.article_id} is not in the database: it can't be judged")
            if article["version"] != judgement.article_version:
                return None
            story = _enter_story(db, article, judgement)
            _store_fingerprint(db, article, judgement, story)
            store_sketch(db, judgement, self._counts)
            _store_lines(db, article, judgement)
            _store_matches(db, judgement, replace=article["state"] != ArticleState.JUDGED)
            evidence = {match.watch: stored_evidence(match.evidence) for match in judgement.matches}
            for alert in judgement.alerts:
                row = dict(article) | {
                    "story": story,
                    "language": judgement.language,
                    "evidence": evidence.get(alert.watch, "[]"),
                }
                self._add_alert(db, row, alert)
        return story

    def _add_alert(self, db: sqlite3.Connection, article: Mapping[str, object], alert: NewAlert) -> None:
        now = self._clock.now()
        added = db.execute(
            "INSERT OR IGNORE INTO alert (story, watch, kind, article, priority, created, discovered, published,"
            " language, source, url, canonical_url, title, evidence, text)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id",
            (
                article["story"],
                storable(alert.watch),
                stored_kind(alert),
                article["id"],
                alert.priority,
                stored_time(now),
                article["discovered"],
                article["published"],
                article["language"],
                article["source"],
                article["url"],
                article["canonical_url"],
                article["title"],
                article["evidence"],
                article["text"],
            ),
        ).fetchone()
        if added is None:
            # Told before, with all its deliveries in the same commit: a channel that the watch got since is not told.
            return
        add_deliveries(db, self._clock, added["id"], alert.channels, alert.priority.rank, now)


def _enter_story(db: sqlite3.Connection, article: sqlite3.Row, judgement: Judgement) -> int:
    before: int | None = article["story"]
    named = judgement.story.story
    if before is not None and named in {None, before}:
        return before
    if before is not None:
        db.execute("UPDATE story SET articles = articles - 1 WHERE id = ?", (before,))
    if named is None:
        (story,) = db.execute(
            "INSERT INTO story (first_article, last_article, articles, title) VALUES (?1, ?1, 1, ?2) RETURNING id",
            (article["discovered"], article["title"]),
        ).fetchone()
        assert isinstance(story, int)
        return story
    joined = db.execute(
        "UPDATE story SET articles = articles + 1, first_article = min(first_article, ?1),"
        " last_article = max(last_article, ?1) WHERE id = ?2",
        (article["discovered"], named),
    )
    if not joined.rowcount:
        raise StoreError(f"story {named} is not in the database: article {article['id']} can't join it")
    return named


def _store_fingerprint(db: sqlite3.Connection, article: sqlite3.Row, judgement: Judgement, story: int) -> None:
    hashes = array("q", stored_hashes(judgement.shingles))
    before = array("q", article["shingles"])
    if hashes != before:
        db.executemany("DELETE FROM shingle WHERE hash = ? AND article = ?", [(old, article["id"]) for old in before])
        db.executemany("INSERT INTO shingle (hash, article) VALUES (?, ?)", [(new, article["id"]) for new in hashes])
    if judgement.story.reason is not StoryReason.SAME_ARTICLE or article["story"] is None:
        # That an edit stays in its story says nothing of why the article came into it.
        db.execute(
            "UPDATE article SET story_reason = ?, story_score = ?, story_like = ? WHERE id = ?",
            (judgement.story.reason, judgement.story.score, judgement.story.article, article["id"]),
        )
    db.execute(
        "UPDATE article SET state = ?, aside_reason = NULL, story = ?, language = ?, title_key = ?, shingles = ?"
        " WHERE id = ?",
        (
            ArticleState.JUDGED,
            story,
            judgement.language,
            storable(judgement.title_key),
            hashes.tobytes(),
            article["id"],
        ),
    )


def _store_lines(db: sqlite3.Connection, article: sqlite3.Row, judgement: Judgement) -> None:
    db.executemany(
        "INSERT INTO line (hash, first, seen) VALUES (?1, ?2, ?3)"
        " ON CONFLICT DO UPDATE SET second = coalesce(second, ?2), seen = max(seen, ?3)",
        [(line, article["id"], article["discovered"]) for line in judgement.lines],
    )


def _store_matches(db: sqlite3.Connection, judgement: Judgement, *, replace: bool) -> None:
    number = judgement.article_id
    if replace:
        db.execute("DELETE FROM match WHERE article = ?", (number,))
        db.execute("DELETE FROM verdict WHERE article = ? AND reason <> ?", (number, AlertReason.ALERTED))
    db.executemany(
        "INSERT OR REPLACE INTO match (article, watch, evidence) VALUES (?, ?, ?)",
        [(number, storable(match.watch), stored_evidence(match.evidence)) for match in judgement.matches],
    )
    db.executemany(
        "INSERT INTO verdict (article, watch, reason) VALUES (?, ?, ?) ON CONFLICT DO UPDATE"
        " SET reason = excluded.reason WHERE verdict.reason <> 'alerted'",
        [(number, storable(verdict.watch), verdict.reason) for verdict in judgement.verdicts],
    )
