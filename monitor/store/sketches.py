"""Articles' sketches: stored in T2, looked up by their terms, counted, and taken away with their articles.

On the article's way: beneath the same-story decision. ``term`` counts in how many sketches each term stands, which
tells how rare it is; a count is changed with the sketch that it counts, so that it never drifts. ``telling`` finds
articles by their strongest terms, the latest first.

Does not know what a term means.
"""

from __future__ import annotations

import json
import sqlite3
from array import array
from collections.abc import Iterable, Mapping, Sequence
from struct import Struct

from monitor.model import Judgement, KnownSketch, Sketch, StoryVerdict
from monitor.store.connection import plain
from monitor.store.values import time_from, time_or_none_from

_TERM = "i"  # array codes: four bytes
_NORMS = Struct("=6d")


class TermCounts:
    """In how many sketches terms stand, as one write transaction sees and changes them.

    A batch of articles asks for the same common words again and again, and changes them: they are read once, and
    written once, by ``flush``.
    """

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self._known: dict[int, int] = {}
        self._changed: dict[int, int] = {}

    def of(self, terms: Iterable[int]) -> Mapping[int, int]:
        """The counts of those of these terms that stand anywhere."""
        known, wanted = self._known, tuple(terms)
        unknown = dict.fromkeys((term for term in wanted if term not in known), 0)
        if unknown:
            known.update(unknown)
            known.update(
                plain(self._db).execute(
                    "SELECT term, articles FROM term WHERE term IN (SELECT value FROM json_each(?))",
                    (json.dumps(list(unknown)),),
                )
            )
            for term in unknown:
                known[term] += self._changed.get(term, 0)
        return {term: count for term in wanted if (count := known[term]) > 0}

    def add(self, terms: Iterable[int], by: int) -> None:
        """Count one sketch more or less for each of these terms."""
        known, changed = self._known, self._changed
        for term in terms:
            changed[term] = changed.get(term, 0) + by
            if term in known:
                known[term] += by

    def flush(self) -> None:
        """Write what was changed."""
        self._db.executemany(
            "INSERT INTO term (term, articles) VALUES (?1, ?2) ON CONFLICT DO UPDATE SET articles = articles + ?2",
            sorted((term, by) for term, by in self._changed.items() if by),
        )
        self._known.clear()
        self._changed.clear()


def store_sketch(db: sqlite3.Connection, judgement: Judgement, counts: TermCounts) -> None:
    """Store an article's sketch in place of the one that it had; a judgement without one changes nothing."""
    article, sketch, counted_as = judgement.article_id, judgement.sketch, judgement.counted_as
    if sketch is None:
        return
    before = db.execute("SELECT terms, kinds, counts FROM sketch WHERE article = ?", (article,)).fetchone()
    if before is not None:
        if (before["terms"], before["kinds"], before["counts"]) == (sketch.terms, sketch.kinds, sketch.counts):
            return
        forget_sketches(db, [article], counts)
    every = (*array(_TERM, sketch.terms), *counted_as)
    counts.add(every, 1)
    db.execute(
        "INSERT INTO sketch (article, language, terms, kinds, counts, norms, strong, counted, why)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            article,
            sketch.language,
            sketch.terms,
            sketch.kinds,
            sketch.counts,
            _NORMS.pack(*sketch.norms),
            array(_TERM, sketch.strong).tobytes(),
            array(_TERM, counted_as).tobytes(),
            _why(judgement.story),
        ),
    )
    db.executemany(
        "INSERT INTO telling (term, article) VALUES (?, ?)", [(term, article) for term in sorted(set(sketch.strong))]
    )


def forget_sketches(db: sqlite3.Connection, articles: Sequence[int], counts: TermCounts) -> None:
    """Take away the sketches of these articles, and what was counted and looked up of them."""
    for number in articles:
        row = db.execute("SELECT terms, strong, counted FROM sketch WHERE article = ?", (number,)).fetchone()
        if row is None:
            continue
        counts.add((*array(_TERM, row["terms"]), *array(_TERM, row["counted"])), -1)
        db.executemany(
            "DELETE FROM telling WHERE term = ? AND article = ?",
            [(term, number) for term in array(_TERM, row["strong"])],
        )
        db.execute("DELETE FROM sketch WHERE article = ?", (number,))


def told_by(
    db: sqlite3.Connection, terms: Sequence[int], first: int, since: int, each: int
) -> tuple[tuple[int, int, int], ...]:
    """(term, article, story) of the latest ``each`` articles for every term, of those from the id ``first`` on.

    Left out are those that are in no story, or were discovered before ``since``.
    """
    ask = plain(db)
    found: list[tuple[int, int]] = []
    for term, articles in ask.execute(
        "SELECT wanted.value, (SELECT json_group_array(article) FROM ("
        " SELECT article FROM telling WHERE term = wanted.value AND article >= ?2 ORDER BY article DESC LIMIT ?3"
        ")) FROM json_each(?1) AS wanted ORDER BY wanted.key",
        (json.dumps(list(terms)), first, each),
    ):
        found += [(term, article) for article in json.loads(articles)]
    # In order, so that each page is read once; of an index that holds no more than this, for the rows are long.
    wanted = sorted({article for _, article in found})
    stories: dict[int, int] = dict(
        ask.execute(
            "SELECT article.id, article.story FROM json_each(?) AS wanted"
            " CROSS JOIN article INDEXED BY article_placed ON article.id = wanted.value"
            " WHERE article.story IS NOT NULL AND article.discovered >= ?",
            (json.dumps(wanted), since),
        )
    )
    return tuple((term, article, stories[article]) for term, article in found if article in stories)


def sketches_of(db: sqlite3.Connection, articles: Sequence[int], since: int) -> tuple[KnownSketch, ...]:
    """The sketches of those of these articles that are in a story and were discovered since then, by article."""
    rows = plain(db).execute(
        "SELECT article.id, article.story, story.articles, article.discovered, article.published,"
        " sketch.language, sketch.terms, sketch.kinds, sketch.counts, sketch.norms"
        " FROM json_each(?) AS wanted JOIN article ON article.id = wanted.value JOIN story ON story.id = article.story"
        " JOIN sketch ON sketch.article = article.id WHERE article.discovered >= ? ORDER BY article.id",
        (json.dumps(list(articles)), since),
    )
    return tuple(
        KnownSketch(
            article=article,
            story=story,
            size=size,
            discovered=time_from(discovered),
            published=time_or_none_from(published),
            sketch=Sketch(
                language=language, terms=terms, kinds=kinds, counts=counts, norms=_NORMS.unpack(norms), strong=()
            ),
        )
        for article, story, size, discovered, published, language, terms, kinds, counts, norms in rows
    )


def _why(verdict: StoryVerdict) -> str:
    """What the verdict says beside what the article's row keeps, as JSON."""
    return json.dumps([verdict.shares, verdict.other, verdict.other_score, verdict.other_shares], separators=(",", ":"))


def why_from(stored: str | None, verdict: StoryVerdict) -> StoryVerdict:
    """The verdict with what ``_why`` kept of it."""
    if stored is None:
        return verdict
    shares, other, other_score, other_shares = json.loads(stored)
    return StoryVerdict(
        story=verdict.story,
        reason=verdict.reason,
        score=verdict.score,
        article=verdict.article,
        shares=tuple((name, share) for name, share in shares),
        other=other,
        other_score=other_score,
        other_shares=tuple((name, share) for name, share in other_shares),
    )
