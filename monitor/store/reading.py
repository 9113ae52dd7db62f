"""What the commands show: search, alerts, feeds, status, stories, and why.

Beside the article's way: nothing here changes anything, and the service does not need it.
"""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime

from monitor.model import (
    Acknowledgement,
    AlertReason,
    Article,
    DeliveryState,
    FetchFault,
    IdentityRecord,
    Match,
    StoryReason,
    StoryVerdict,
    Verdict,
)
from monitor.store import schema
from monitor.store.part import StorePart
from monitor.store.rows import AlertRow, AttemptRow, DeliveryRow, EntryRow, FeedRow, FoundArticle, HeldBack, Status
from monitor.store.searching import cut_around, question
from monitor.store.sketches import why_from
from monitor.store.telling import kind_from, told_from
from monitor.store.values import (
    ARTICLES,
    article_from,
    asks_from,
    evidence_from,
    moved_from,
    rhythm_from,
    row_id,
    span_or_none_from,
    storable,
    stored_time,
    time_from,
    time_or_none_from,
)

_SNIPPET_WORDS = 24
_BEFORE_ALL_TIME = -(1 << 63)


class Reading(StorePart):
    """Reading for people."""

    def search(
        self, query: str, *, limit: int, since: datetime | None = None, marks: tuple[str, str] = ("[", "]")
    ) -> tuple[FoundArticle, ...]:
        """Articles that hold all words of ``query`` in title or text, newest first.

        ``"a phrase"`` stays together, ``word*`` meets what begins so; case and diacritics don't matter; any other
        character is plain text, so no query is wrong. Without a word in it nothing is found. ``since`` is a time of
        discovery. ``marks`` stand around the words met in the snippet.
        """
        asked = question(storable(query))
        if not asked:
            return ()
        conditions = ["article.discovered >= :since"]
        values: dict[str, object] = {"since": _since(since), "limit": limit}
        tables, newest_first, snippet = "article", "article.id DESC", "''"
        if asked.match:
            tables = "article_fts JOIN article ON article.id = article_fts.rowid"
            # The index is read from its end, so that snippets are cut for the rows returned alone.
            newest_first = "article_fts.rowid DESC"
            conditions.append("article_fts MATCH :match")
            snippet = f"snippet(article_fts, -1, :before, :after, '…', {_SNIPPET_WORDS})"
            values |= {"match": asked.match, "before": marks[0], "after": marks[1]}
        for place, substring in enumerate(asked.substrings):
            conditions.append(f"(instr(article.title, :s{place}) OR instr(article.text, :s{place}))")
            values[f"s{place}"] = substring
        with self._database.reading() as db:
            rows = db.execute(
                "SELECT article.id, article.story, article.title, article.url, article.source, article.language,"  # noqa: S608 - only our own names are put in
                f" article.published, article.discovered, article.text, {snippet} AS snippet"
                f" FROM {tables} WHERE {' AND '.join(conditions)} ORDER BY {newest_first} LIMIT :limit",
                values,
            ).fetchall()
        return tuple(_found(row, asked.substrings, marks) for row in rows)

    def alerts(
        self, limit: int, watch: str | None = None, since: datetime | None = None, before: int | None = None
    ) -> tuple[AlertRow, ...]:
        """The latest alerts, newest first, each with its deliveries; ``before``: only those older than this one."""
        with self._database.reading() as db:
            rows = db.execute(
                "SELECT * FROM alert WHERE created >= ?1 AND (?2 IS NULL OR watch = ?2) AND (?4 IS NULL OR id < ?4)"
                " ORDER BY id DESC LIMIT ?3",
                (_since(since), None if watch is None else storable(watch), limit, before),
            ).fetchall()
            deliveries = defaultdict(list)
            for row in db.execute(
                "SELECT * FROM delivery WHERE alert IN (SELECT value FROM json_each(?)) ORDER BY id",
                (json.dumps([row["id"] for row in rows]),),
            ):
                deliveries[row["alert"]].append(_delivery(row))
        return tuple(_alert(row, deliveries[row["id"]]) for row in rows)

    def attempts(self, delivery: int) -> tuple[AttemptRow, ...]:
        """Every try of a delivery whose end is known, or that was cut off; oldest first."""
        with self._database.reading() as db:
            rows = db.execute(
                "SELECT at, outcome, detail FROM attempt WHERE delivery = ? ORDER BY id", (delivery,)
            ).fetchall()
        return tuple(AttemptRow(at=time_from(row["at"]), outcome=row["outcome"], detail=row["detail"]) for row in rows)

    def feeds(self) -> tuple[FeedRow, ...]:
        """Every feed that was ever known, by its URL."""
        with self._database.reading() as db:
            rows = db.execute(
                "SELECT feed.*, (SELECT count(article) FROM entry WHERE entry.feed = feed.id) AS articles"
                " FROM feed ORDER BY url"
            ).fetchall()
        return tuple(_feed(row) for row in rows)

    def feed_entries(self, url: str, limit: int) -> tuple[EntryRow, ...]:
        """The entries of a feed, the newest articles first; those whose article is gone stand last."""
        with self._database.reading() as db:
            rows = db.execute(
                "SELECT entry.key, entry.reason, entry.listed, entry.article, article.key_reason, article.title,"
                " page.state AS page, page.detail"
                " FROM entry JOIN feed ON feed.id = entry.feed LEFT JOIN article ON article.id = entry.article"
                " LEFT JOIN page ON page.article = entry.article"
                " WHERE feed.url = ? ORDER BY entry.article DESC, entry.key LIMIT ?",
                (storable(url), limit),
            ).fetchall()
        return tuple(
            EntryRow(
                key=row["key"],
                key_reason=row["key_reason"] or "",
                reason=row["reason"],
                listed=time_from(row["listed"]),
                article=row["article"],
                title=row["title"] or "",
                page=": ".join(word for word in (row["page"], row["detail"]) if word),
            )
            for row in rows
        )

    def status(self) -> Status:
        """Counts of what is stored and what waits, of one moment."""
        with self._database.reading() as db:
            # One read transaction, so that the numbers belong together.
            db.execute("BEGIN")
            try:
                feeds, failing, articles, unjudged, aside, stories, alerts, oldest, pages, page_size = db.execute(
                    "SELECT (SELECT count(*) FROM feed WHERE configured = 1),"
                    " (SELECT count(*) FROM feed WHERE configured = 1 AND error <> ''),"
                    " (SELECT count(*) FROM article),"
                    " (SELECT count(*) FROM article WHERE state = 'new'),"
                    " (SELECT count(*) FROM article WHERE state = 'set-aside'),"
                    " (SELECT count(*) FROM story WHERE articles > 0),"
                    " (SELECT count(*) FROM alert),"
                    " (SELECT min(created) FROM delivery WHERE state IN ('pending', 'sending')),"
                    " (SELECT page_count FROM pragma_page_count()),"
                    " (SELECT page_size FROM pragma_page_size())"
                ).fetchone()
                counted = dict(db.execute("SELECT state, count(*) FROM delivery GROUP BY state").fetchall())
            finally:
                db.execute("ROLLBACK")
        return Status(
            feeds=feeds,
            feeds_failing=failing,
            articles=articles,
            unjudged=unjudged,
            set_aside=aside,
            stories=stories,
            alerts=alerts,
            deliveries={state: counted.get(state, 0) for state in DeliveryState},
            oldest_waiting=time_or_none_from(oldest),
            bytes=pages * page_size,
            schema_version=schema.version(),
        )

    def story_articles(self, story: int, limit: int = -1) -> tuple[Article, ...]:
        """The articles of a story in the order of their discovery; none when there is no such story."""
        return self._articles(f"article.story = ? ORDER BY article.discovered, article.id LIMIT {limit:d}", story)

    def count_story(self, story: int) -> int:
        """How many articles a story has."""
        with self._database.reading() as db:
            (count,) = db.execute("SELECT count(*) FROM article WHERE story = ?", (story,)).fetchone()
        return int(count)

    def acknowledgement(self, story: int) -> Acknowledgement | None:
        """Who takes care of a story; None when nobody said so."""
        with self._database.reading() as db:
            row = db.execute("SELECT * FROM acknowledgement WHERE story = ?", (story,)).fetchone()
        if row is None:
            return None
        return Acknowledgement(
            story=story, author=row["author"], reason=row["reason"], created=time_from(row["created"])
        )

    def article(self, article_id: int) -> Article | None:
        """The article with this id."""
        return next(iter(self._articles("article.id = ?", row_id(article_id))), None)

    def article_by_url(self, url: str) -> Article | None:
        """The latest article with this address, as its feed gave it or as it was made canonical."""
        return next(
            iter(self._articles("article.canonical_url = ?1 OR article.url = ?1 ORDER BY article.id DESC", url)), None
        )

    def _articles(self, condition: str, value: int | str) -> tuple[Article, ...]:
        with self._database.reading() as db:
            rows = db.execute(
                f"{ARTICLES} WHERE {condition}",
                (storable(value) if isinstance(value, str) else value,),
            ).fetchall()
        return tuple(article_from(row) for row in rows)

    def matches(self, article_id: int) -> tuple[Match, ...]:
        """The watches that an article met when it was judged, by name."""
        with self._database.reading() as db:
            rows = db.execute(
                "SELECT watch, evidence FROM match WHERE article = ? ORDER BY watch", (article_id,)
            ).fetchall()
        return tuple(Match(watch=row["watch"], evidence=evidence_from(row["evidence"])) for row in rows)

    def verdicts(self, article_id: int) -> tuple[Verdict, ...]:
        """Why each watch that an article met led to an alert or did not, by the watch's name."""
        with self._database.reading() as db:
            rows = db.execute(
                "SELECT watch, reason FROM verdict WHERE article = ? ORDER BY watch", (article_id,)
            ).fetchall()
        return tuple(Verdict(watch=row["watch"], reason=AlertReason(row["reason"])) for row in rows)

    def story_verdict(self, article_id: int) -> StoryVerdict | None:
        """Why an article is in its story; None for one that is unknown or was never judged.

        The article that it resembles may have left the archive since.
        """
        with self._database.reading() as db:
            row = db.execute(
                "SELECT story, story_reason, story_score, story_like, sketch.why FROM article"
                " LEFT JOIN sketch ON sketch.article = article.id WHERE id = ? AND story_reason IS NOT NULL",
                (article_id,),
            ).fetchone()
        if row is None:
            return None
        verdict = StoryVerdict(
            story=row["story"],
            reason=StoryReason(row["story_reason"]),
            score=row["story_score"],
            article=row["story_like"],
        )
        return why_from(row["why"], verdict)

    def held_back(
        self, *, limit: int = 1000, watch: str | None = None, since: datetime | None = None
    ) -> tuple[HeldBack, ...]:
        """Articles that met a watch and were not told, newest first, with what was told of their story instead."""
        with self._database.reading() as db:
            rows = db.execute(
                "SELECT article.id, article.title, article.url, article.source, article.discovered, article.story,"
                " article.story_reason, article.story_score,"
                " verdict.watch, verdict.reason, (SELECT alert.title FROM alert"
                " WHERE alert.story = article.story AND alert.watch = verdict.watch ORDER BY alert.id LIMIT 1) AS told"
                " FROM article JOIN verdict ON verdict.article = article.id"
                " WHERE article.discovered >= ?1 AND verdict.reason <> 'alerted' AND (?2 IS NULL OR verdict.watch = ?2)"
                " ORDER BY article.id DESC, verdict.watch LIMIT ?3",
                (_since(since), None if watch is None else storable(watch), limit),
            ).fetchall()
        return tuple(
            HeldBack(
                article=row["id"],
                title=row["title"],
                url=row["url"],
                source=row["source"],
                discovered=time_from(row["discovered"]),
                watch=row["watch"],
                reason=AlertReason(row["reason"]),
                story=row["story"],
                told=row["told"],
                same_story_by=StoryReason(row["story_reason"]),
                score=row["story_score"],
            )
            for row in rows
        )


def _since(since: datetime | None) -> int:
    return _BEFORE_ALL_TIME if since is None else stored_time(since)


def _found(row: sqlite3.Row, substrings: Sequence[str], marks: tuple[str, str]) -> FoundArticle:
    snippet: str = row["snippet"]
    if not snippet:
        place = row["text"] if substrings[0] in row["text"] else row["title"]
        snippet = cut_around(place, substrings[0], marks)
    return FoundArticle(
        article=row["id"],
        story=row["story"],
        title=row["title"],
        url=row["url"],
        source=row["source"],
        language=row["language"],
        published=time_or_none_from(row["published"]),
        discovered=time_from(row["discovered"]),
        snippet=" ".join(snippet.split()),
    )


def _delivery(row: sqlite3.Row) -> DeliveryRow:
    return DeliveryRow(
        delivery=row["id"],
        channel=row["channel"],
        state=DeliveryState(row["state"]),
        attempts=row["attempts"],
        in_doubt=bool(row["in_doubt"]),
        created=time_from(row["created"]),
        due=time_from(row["due"]),
        ended=time_or_none_from(row["ended"]),
        detail=row["detail"],
    )


def _alert(row: sqlite3.Row, deliveries: Iterable[DeliveryRow]) -> AlertRow:
    return AlertRow(
        **told_from(row),
        alert=row["id"],
        about=kind_from(row["kind"])[1],
        article=row["article"],
        deliveries=tuple(deliveries),
    )


def _feed(row: sqlite3.Row) -> FeedRow:
    return FeedRow(
        url=row["url"],
        name=row["name"],
        title=row["title"],
        configured=bool(row["configured"]),
        checked=time_or_none_from(row["checked"]),
        last_ok=time_or_none_from(row["last_ok"]),
        last_new=time_or_none_from(row["last_new"]),
        next_check=time_from(row["next_check"]),
        interval=span_or_none_from(row["interval"]),
        failures=row["failures"],
        status=row["status"],
        fault=None if row["fault"] is None else FetchFault(row["fault"]),
        error=row["error"],
        entries=row["entries"],
        articles=row["articles"],
        problems=tuple(json.loads(row["problems"])),
        moved_to=row["moved_to"],
        gone=bool(row["gone"]),
        why=row["why"],
        moved=moved_from(row),
        gaps=row["gaps"],
        last_gap=time_or_none_from(row["last_gap"]),
        gap=row["gap"],
        distrust_until=time_or_none_from(row["distrust_until"]),
        rhythm=rhythm_from(row["rhythm"]),
        asks=asks_from(row["asks"]),
        identity=IdentityRecord(**json.loads(row["identity"])),
    )
