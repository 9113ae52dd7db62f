"""What an alert says when it is sent: its own copy of the article, and who else tells the story by then.

On the article's way: when a delivery is claimed. Reads only.
"""

from __future__ import annotations

import sqlite3
from datetime import datetime

from monitor.model import AlertKind, AlertToSend, NewAlert, Outlet, Priority, Silence, StoryFacts
from monitor.store.values import evidence_from, storable, stored_time, time_from, time_or_none_from

__all__ = ["OUTLETS", "alert_to_send", "kind_from", "silences_of", "stored_kind", "story_facts"]

OUTLETS = 10
"""How many other outlets of a story an alert names at most."""


def stored_kind(alert: NewAlert) -> str:
    """An alert's kind and what makes it another one of its kind, as one word."""
    return storable(f"{alert.kind}:{alert.detail}" if alert.detail else alert.kind)


def kind_from(stored: str) -> tuple[AlertKind, str]:
    """The kind and its detail."""
    kind, _, detail = stored.partition(":")
    return AlertKind(kind), detail


def alert_to_send(db: sqlite3.Connection, alert: int, *, whole: bool = True) -> AlertToSend:
    """The alert as it is told now; without the article's text when it is not wanted ``whole``."""
    row = db.execute("SELECT * FROM alert WHERE id = ?", (alert,)).fetchone()
    kind, detail = kind_from(row["kind"])
    return AlertToSend(
        alert_id=row["id"],
        watch=row["watch"],
        kind=kind,
        detail=detail,
        priority=Priority(row["priority"]),
        story=row["story"],
        title=row["title"],
        url=row["url"],
        source=row["source"],
        language=row["language"],
        published=time_or_none_from(row["published"]),
        discovered=time_from(row["discovered"]),
        created=time_from(row["created"]),
        text=row["text"] if whole else "",
        evidence=evidence_from(row["evidence"]),
        also_in=_also_in(db, row),
    )


def story_facts(db: sqlite3.Connection, story: int, article: int) -> StoryFacts:
    """What is known of a story but for this article, and what was told of it."""
    others = db.execute(
        "SELECT DISTINCT article.source, article.language, feed.url AS feed FROM article"
        " JOIN feed ON feed.id = article.feed WHERE article.story = ? AND article.id <> ?",
        (story, article),
    ).fetchall()
    told: dict[str, set[str]] = {}
    titles: dict[str, str] = {}
    for row in db.execute("SELECT watch, kind, article, title FROM alert WHERE story = ? ORDER BY id", (story,)):
        told.setdefault(row["watch"], set()).add(row["kind"])
        if row["article"] == article:
            titles[row["watch"]] = row["title"]
    return StoryFacts(
        outlets=frozenset(row["source"] for row in others),
        languages=frozenset(row["language"] for row in others if row["language"]),
        feeds=frozenset(row["feed"] for row in others),
        told={watch: frozenset(kinds) for watch, kinds in told.items()},
        titles=titles,
    )


def silences_of(db: sqlite3.Connection, now: datetime) -> tuple[Silence, ...]:
    """The silences that hold now, the oldest first."""
    return tuple(
        Silence(
            id=row["id"],
            kind=row["kind"],
            name=row["name"],
            until=time_from(row["until"]),
            author=row["author"],
            reason=row["reason"],
            created=time_from(row["created"]),
        )
        for row in db.execute("SELECT * FROM silence WHERE until > ? ORDER BY id", (stored_time(now),))
    )


def _also_in(db: sqlite3.Connection, alert: sqlite3.Row) -> tuple[Outlet, ...]:
    """The story's other outlets, each once, in the order of their discovery."""
    outlets: dict[str, Outlet] = {}
    pages = {alert["canonical_url"]} - {""}
    for row in db.execute(
        "SELECT source, url, canonical_url, title FROM article WHERE story = ? AND id IS NOT ? AND source <> ?"
        " ORDER BY discovered, id",
        (alert["story"], alert["article"], alert["source"]),
    ):
        if row["canonical_url"] in pages or row["source"] in outlets:
            continue
        if row["canonical_url"]:
            pages.add(row["canonical_url"])
        outlets[row["source"]] = Outlet(source=row["source"], url=row["url"], title=row["title"])
        if len(outlets) == OUTLETS:
            break
    return tuple(outlets.values())
