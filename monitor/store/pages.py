"""Pages of articles whose feeds give only a summary: claims, and what came of them.

On the article's way: beside it, between T1 and T2. A page's row is made in T1 with its article, so a kill never loses
the wish for it; its text becomes the article's in one commit, and the article waits to be judged by it.

Decides nothing about when to try again.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from monitor.feeds import whole_text
from monitor.model import DuePage, PageOutcome, PageState
from monitor.store.part import StorePart
from monitor.store.values import storable, stored_time, stored_time_or_none

MOST_FETCHES = 5
"""How often an article's page is read anew because its feed changed the entry."""

_READ_AGAIN = timedelta(minutes=10)
_DAY = timedelta(days=1)
_FEEDS_OWN = -1  # as ``summary_length``: all of the article's text is the feed's


class Pages(StorePart):
    """Pages that wait, and their outcomes."""

    def claim_pages(
        self, now: datetime, *, limit: int, lease: timedelta, busy: Sequence[str] = ()
    ) -> tuple[DuePage, ...]:
        """Pages that are due, of hosts that are not ``busy``; at most one a host, the longest due first."""
        marks = ", ".join("?" * len(busy))
        with self._database.writing() as db:
            rows = db.execute(
                "SELECT page.article, page.url, page.host, page.tries, feed.url AS feed_url, min(page.due) AS first"  # noqa: S608 - question marks
                " FROM page JOIN article ON article.id = page.article JOIN feed ON feed.id = article.feed"
                " WHERE page.state = 'waiting' AND page.due <= ?"
                " AND (page.lease_until IS NULL OR page.lease_until <= ?)"
                f" AND page.host NOT IN ({marks}) GROUP BY page.host ORDER BY first, page.article LIMIT ?",
                (stored_time(now), stored_time(now), *map(storable, busy), limit),
            ).fetchall()
            claimed = [
                DuePage(
                    article=row["article"],
                    token=self._clock.token(),
                    feed_url=row["feed_url"],
                    url=row["url"],
                    host=row["host"],
                    tries=row["tries"],
                )
                for row in rows
            ]
            db.executemany(
                "UPDATE page SET token = ?, lease_until = ? WHERE article = ?",
                [(page.token, stored_time(now + lease), page.article) for page in claimed],
            )
        return tuple(claimed)

    def record_page(self, outcome: PageOutcome) -> bool:
        """What came of a page; False, and nothing stored, when the token is no longer the page's.

        One that was read makes its article whole: it waits to be judged, again if it was. Any outcome ends the
        article's waiting for its page.
        """
        with self._database.writing() as db:
            page = db.execute(
                "SELECT * FROM page WHERE article = ? AND token = ? AND state = 'waiting'",
                (outcome.article, outcome.token),
            ).fetchone()
            if page is None:
                return False
            length, summary = page["summary_length"], page["summary"]
            if outcome.state is PageState.READ:
                length = _make_whole(db, outcome, summary)
            db.execute("UPDATE article SET waits_until = NULL WHERE id = ?", (outcome.article,))
            db.execute(
                "UPDATE page SET state = ?, due = coalesce(?, due), token = NULL, lease_until = NULL,"
                " tries = tries + 1, fetches = fetches + 1, summary_length = ?, detail = ? WHERE article = ?",
                (
                    outcome.state,
                    stored_time_or_none(outcome.due),
                    length,
                    storable(outcome.detail),
                    outcome.article,
                ),
            )
        return True

    def end_page_waits(self) -> None:
        """Let every article be judged that waits for its page."""
        with self._database.writing() as db:
            db.execute("UPDATE article SET waits_until = NULL WHERE state = 'new' AND waits_until IS NOT NULL")

    def pages_due(self, now: datetime) -> int:
        """How many pages are due and claimed by nobody."""
        with self._database.reading() as db:
            (count,) = db.execute(
                "SELECT count(*) FROM page WHERE state = 'waiting' AND due <= ?1"
                " AND (lease_until IS NULL OR lease_until <= ?1)",
                (stored_time(now),),
            ).fetchone()
        assert isinstance(count, int)
        return count

    def page_state(self, article: int) -> tuple[PageState, str] | None:
        """Where an article's page stands and why; None for an article that its feed gave whole."""
        with self._database.reading() as db:
            row = db.execute("SELECT state, detail FROM page WHERE article = ?", (article,)).fetchone()
        return None if row is None else (PageState(row["state"]), row["detail"])


def want_pages(db: sqlite3.Connection, wanted: Sequence[tuple[int, str, str]], now: datetime) -> None:
    """Have pages read: each of (article, URL, the feed's own text)."""
    db.executemany(
        "INSERT INTO page (article, state, due, host, url, summary) VALUES (?, 'waiting', ?, ?, ?, ?)",
        [
            (article, stored_time(now), storable(urlsplit(url).netloc.lower()), storable(url), storable(summary))
            for article, url, summary in wanted
        ],
    )


def keep_page(db: sqlite3.Connection, article: int, summary: str, now: datetime) -> str:
    """The text of an article whose feed changed its words: the page's stays, and is read anew in a while."""
    row = db.execute(
        "SELECT page.fetches, page.summary_length, article.text FROM page"
        " JOIN article ON article.id = page.article WHERE page.article = ?",
        (article,),
    ).fetchone()
    if row is None:
        return summary
    text, length, again = summary, _FEEDS_OWN, False
    if row["summary_length"] != _FEEDS_OWN:
        text, length = whole_text(summary, row["text"][row["summary_length"] :])
        again = row["fetches"] < MOST_FETCHES
    db.execute(
        "UPDATE page SET summary = ?, summary_length = ? WHERE article = ?",
        (summary, length, article),
    )
    if again:
        db.execute(
            "UPDATE page SET state = 'waiting', due = ?, tries = 0 WHERE article = ?",
            (stored_time(now + _READ_AGAIN), article),
        )
    return text


def _make_whole(db: sqlite3.Connection, outcome: PageOutcome, summary: str) -> int:
    """The page's text becomes the article's; returns how many characters of it are the feed's alone."""
    text, length = whole_text(summary, storable(outcome.text))
    before = db.execute(
        "SELECT text, canonical_url, language_hint, links FROM article WHERE id = ?", (outcome.article,)
    ).fetchone()
    canonical = storable(outcome.canonical_url) or before["canonical_url"]
    links = storable(" ".join(dict.fromkeys((*before["links"].split(), *outcome.links))))
    if (text, canonical, links) == (before["text"], before["canonical_url"], before["links"]):
        return length
    # The index must be told the very words that it holds before they are replaced.
    db.execute(
        "INSERT INTO article_fts (article_fts, rowid, title, text) SELECT 'delete', id, title, text FROM article"
        " WHERE id = ?",
        (outcome.article,),
    )
    db.execute(
        "UPDATE article SET state = 'new', version = version + 1, aside_reason = NULL, text = ?, canonical_url = ?,"
        " language_hint = ?, links = ? WHERE id = ?",
        (
            text,
            canonical,
            before["language_hint"] or outcome.language,
            links,
            outcome.article,
        ),
    )
    db.execute(
        "INSERT INTO article_fts (rowid, title, text) SELECT id, title, text FROM article WHERE id = ?",
        (outcome.article,),
    )
    return length


def forget_future_pages(db: sqlite3.Connection, now: int) -> None:
    """After the clock was set back: nothing waits longer than it ever would by a clock that is right."""
    latest = now + _DAY // timedelta(microseconds=1)
    db.execute("UPDATE article SET waits_until = NULL WHERE waits_until > ?", (latest,))
    db.execute("UPDATE page SET due = ?1 WHERE state = 'waiting' AND due > ?2", (now, latest))
    db.execute("UPDATE page SET lease_until = NULL, token = NULL WHERE lease_until > ?", (latest,))


def release_pages(db: sqlite3.Connection) -> None:
    """The claims of a dead predecessor end."""
    db.execute("UPDATE page SET token = NULL, lease_until = NULL WHERE token IS NOT NULL")
