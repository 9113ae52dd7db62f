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
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from monitor.model import Judgement, KnownSketch, Sketch, StoryVerdict
from monitor.store.values import time_from, time_or_none_from

_TERM = "i"  # array codes: four bytes, and a float of eight
_NORM = "d"


class TermCounts:
    """In how many sketches terms stand, as one write transaction sees and changes them.

    A batch of articles asks for the same common words again and again, and changes them: they are read once, and
    written once, by ``flush``.
    """

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self._known: dict[int, int] = {}
        self._changed: Counter[int] = Counter()

    def of(self, terms: Iterable[int]) -> Mapping[int, int]:
        """The counts of those of these terms that stand anywhere."""
        wanted = tuple(terms)
        unknown = [term for term in wanted if term not in self._known]
        if unknown:
            self._known.update(dict.fromkeys(unknown, 0))
            self._known.update(
                (row["term"], row["articles"])
                for row in self._db.execute(
                    "SELECT term, articles FROM term WHERE term IN (SELECT value FROM json_each(?))",
                    (json.dumps(unknown),),
                )
            )
        return {term: count for term in wanted if (count := self._known[term] + self._changed[term]) > 0}

    def add(self, terms: Iterable[int], by: int) -> None:
        """Count one sketch more or less for each of these terms."""
        for term in terms:
            self._changed[term] += by

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
            array(_NORM, sketch.norms).tobytes(),
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
    found: list[tuple[int, int]] = []
    for term in terms:
        rows = db.execute(
            "SELECT article FROM telling WHERE term = ? AND article >= ? ORDER BY article DESC LIMIT ?",
            (term, first, each),
        )
        found += [(term, row[0]) for row in rows]
    # In order, so that each page of the table is read once.
    wanted = sorted({article for _, article in found})
    stories = dict(
        tuple(row)
        for row in db.execute(
            "SELECT article.id, article.story FROM json_each(?) AS wanted JOIN article ON article.id = wanted.value"
            " WHERE article.story IS NOT NULL AND article.discovered >= ?",
            (json.dumps(wanted), since),
        )
    )
    return tuple((term, article, stories[article]) for term, article in found if article in stories)


def sketches_of(db: sqlite3.Connection, articles: Sequence[int], since: int) -> tuple[KnownSketch, ...]:
    """The sketches of those of these articles that are in a story and were discovered since then, by article."""
    rows = db.execute(
        "SELECT article.id, article.story, article.discovered, article.published, story.articles AS size,"
        " sketch.language, sketch.terms, sketch.kinds, sketch.counts, sketch.norms"
        " FROM json_each(?) AS wanted JOIN article ON article.id = wanted.value JOIN story ON story.id = article.story"
        " JOIN sketch ON sketch.article = article.id WHERE article.discovered >= ? ORDER BY article.id",
        (json.dumps(list(articles)), since),
    ).fetchall()
    return tuple(
        KnownSketch(
            article=row["id"],
            story=row["story"],
            size=row["size"],
            discovered=time_from(row["discovered"]),
            published=time_or_none_from(row["published"]),
            sketch=Sketch(
                language=row["language"],
                terms=row["terms"],
                kinds=row["kinds"],
                counts=row["counts"],
                norms=_norms(row["norms"]),
                strong=(),
            ),
        )
        for row in rows
    )


def _norms(stored: bytes) -> tuple[float, float, float, float, float, float]:
    title, text, both, signs, names, places = array(_NORM, stored)
    return title, text, both, signs, names, places


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
