"""Stories as people see and mend them: listing, and "same" or "not the same".

Beside the article's way. What a person said is kept as it stands in the database: an article stays in the story that it
was put into, so later tellings are compared with stories as the person left them.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from datetime import datetime

from monitor.errors import NotFound, StoreError
from monitor.model import ArticleState, StoryReason
from monitor.store.part import StorePart
from monitor.store.rows import StoryRow
from monitor.store.values import row_id, stored_time, time_from

_STORIES = """
SELECT
    id, title, articles, first_article, last_article,
    (SELECT json_group_array(DISTINCT source) FROM article WHERE story = story.id AND source <> '') AS sources,
    (SELECT json_group_array(DISTINCT language) FROM article WHERE story = story.id AND language IS NOT NULL)
        AS languages,
    (SELECT json_group_array(DISTINCT watch) FROM alert WHERE story = story.id) AS told
FROM story
"""


class Stories(StorePart):
    """Listing, merging and splitting stories."""

    def stories(self, *, limit: int, since: datetime | None = None, several: bool = False) -> tuple[StoryRow, ...]:
        """Stories with articles, the one with the latest article first; ``several``: only of two articles or more."""
        with self._database.reading() as db:
            rows = db.execute(
                f"{_STORIES} WHERE articles >= ? AND last_article >= ? ORDER BY last_article DESC, id DESC LIMIT ?",
                (2 if several else 1, 0 if since is None else stored_time(since), limit),
            ).fetchall()
        return tuple(_story_row(row) for row in rows)

    def story(self, story: int) -> StoryRow:
        """One story.

        Raises:
            NotFound: there is none, or it was merged into another.
        """
        with self._database.reading() as db:
            _known_story(db, story)
            return _story_row(db.execute(f"{_STORIES} WHERE id = ?", (story,)).fetchone())

    def merge_stories(self, stories: Sequence[int]) -> int:
        """Make one story of several: the oldest, whose id is returned. Nothing is told again.

        An alert of the others that waits is dropped where the oldest has one for the same watch.

        Raises:
            NotFound: one of them does not exist.
            StoreError: fewer than two different ones were named.
        """
        with self._database.writing() as db:
            rows = sorted(
                (_known_story(db, story) for story in dict.fromkeys(stories)),
                key=lambda row: (row["first_article"], row["id"]),
            )
            if len(rows) < 2:
                raise StoreError("to merge, name two stories or more")
            kept: int = rows[0]["id"]
            for row in rows[1:]:
                self._merge(db, kept, row["id"])
            _count(db, kept)
        return kept

    def _merge(self, db: sqlite3.Connection, kept: int, other: int) -> None:
        db.execute("UPDATE OR IGNORE alert SET story = ? WHERE story = ?", (kept, other))
        # What is left was told of the kept story already; its alert stays as the record of what was sent.
        db.execute(
            "UPDATE delivery SET state = 'dead', version = version + 1, ended = ?, detail = ?"
            " WHERE state IN ('pending', 'held') AND alert IN (SELECT id FROM alert WHERE story = ?)",
            (stored_time(self._clock.now()), f"its story was merged into story {kept}, which was told", other),
        )
        db.execute(
            "UPDATE article SET story = ?, story_reason = ? WHERE story = ?", (kept, StoryReason.SAID_SAME, other)
        )
        db.execute("UPDATE story SET articles = 0 WHERE id = ?", (other,))

    def split_story(self, articles: Sequence[int]) -> int:
        """Take articles out of their story into one of their own, whose id is returned.

        What was told with one of them goes with it, and the articles of the story that has lost its alert by that are
        judged again, as are those that were taken out: no story stays untold.

        Raises:
            NotFound: there is no such article, or it is in no story yet.
            StoreError: they are of several stories, or all that their story has.
        """
        numbers = sorted(set(articles))
        with self._database.writing() as db:
            rows = [_known_article(db, number) for number in numbers]
            old: int = rows[0]["story"]
            if any(row["story"] != old for row in rows):
                raise StoreError("these articles are of different stories: split one story at a time")
            if _known_story(db, old)["articles"] <= len(rows):
                raise StoreError(f"story {old} has no other articles: there is nothing to split it from")
            first = rows[0]
            (new,) = db.execute(
                "INSERT INTO story (first_article, last_article, articles, title) VALUES (?1, ?1, 0, ?2) RETURNING id",
                (first["discovered"], first["title"]),
            ).fetchone()
            assert isinstance(new, int)
            wanted = json.dumps(numbers)
            db.execute(
                "UPDATE article SET story = ?, story_reason = ? WHERE id IN (SELECT value FROM json_each(?))",
                (new, StoryReason.SAID_OTHER, wanted),
            )
            db.execute("UPDATE alert SET story = ? WHERE article IN (SELECT value FROM json_each(?))", (new, wanted))
            for story in (old, new):
                _count(db, story)
                _judge_untold(db, story)
        return new


def _judge_untold(db: sqlite3.Connection, story: int) -> None:
    """Let the articles of a story wait to be judged that met a watch to which the story was not told."""
    db.execute(
        "UPDATE article SET state = ? WHERE story = ? AND state = ? AND id IN ("
        " SELECT verdict.article FROM verdict WHERE verdict.article = article.id"
        " AND verdict.reason = 'story-already-told' AND NOT EXISTS ("
        "  SELECT 1 FROM alert WHERE alert.story = article.story AND alert.watch = verdict.watch))",
        (ArticleState.NEW, story, ArticleState.JUDGED),
    )


def _count(db: sqlite3.Connection, story: int) -> None:
    db.execute(
        "UPDATE story SET (articles, first_article, last_article) ="
        " (SELECT count(*), min(discovered), max(discovered) FROM article WHERE story = ?1) WHERE id = ?1",
        (story,),
    )


def _known_story(db: sqlite3.Connection, story: int) -> sqlite3.Row:
    row: sqlite3.Row | None = db.execute(
        "SELECT id, articles, first_article FROM story WHERE id = ? AND articles > 0", (row_id(story),)
    ).fetchone()
    if row is None:
        raise NotFound(f"there is no story {story}; monitor stories list names those that there are")
    return row


def _known_article(db: sqlite3.Connection, article: int) -> sqlite3.Row:
    row: sqlite3.Row | None = db.execute(
        "SELECT id, story, discovered, title FROM article WHERE id = ? AND story IS NOT NULL", (row_id(article),)
    ).fetchone()
    if row is None:
        raise NotFound(f"there is no article {article} in any story")
    return row


def _story_row(row: sqlite3.Row) -> StoryRow:
    return StoryRow(
        story=row["id"],
        title=row["title"],
        articles=row["articles"],
        first=time_from(row["first_article"]),
        last=time_from(row["last_article"]),
        sources=tuple(sorted(json.loads(row["sources"]))),
        languages=tuple(sorted(json.loads(row["languages"]))),
        told=tuple(sorted(json.loads(row["told"]))),
    )
