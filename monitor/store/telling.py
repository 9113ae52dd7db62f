"""What an alert says: its own copy of the article, and who else tells the story by the time that it is sent.

On the article's way: when a delivery is claimed, and beside it, for the commands. Reads only.
"""

from __future__ import annotations

import sqlite3
from datetime import datetime
from typing import TypedDict

from monitor.model import AlertKind, AlertToSend, Evidence, NewAlert, Outlet, Priority, Silence, StoryFacts
from monitor.store.values import evidence_from, storable, stored_time, time_from, time_or_none_from

__all__ = ["OUTLETS", "alert_to_send", "kind_from", "silences_of", "stored_kind", "story_facts", "told_from"]

OUTLETS = 10
"""How many other outlets of a story an alert names at most."""


def stored_kind(alert: NewAlert) -> str:
    """An alert's kind and what makes it another one of its kind, as one word."""
    return storable(f"{alert.kind}:{alert.detail}" if alert.detail else alert.kind)


def kind_from(stored: str) -> tuple[AlertKind, str]:
    """The kind and its detail."""
    kind, _, detail = stored.partition(":")
    return AlertKind(kind), detail


class Told(TypedDict):
    """What an alert's row tells, wherever it is shown."""

    watch: str
    kind: AlertKind
    priority: Priority
    story: int
    title: str
    url: str
    source: str
    language: str | None
    published: datetime | None
    created: datetime
    evidence: tuple[Evidence, ...]


def told_from(row: sqlite3.Row) -> Told:
    """What this row of ``alert`` tells."""
    return Told(
        watch=row["watch"],
        kind=kind_from(row["kind"])[0],
        priority=Priority(row["priority"]),
        story=row["story"],
        title=row["title"],
        url=row["url"],
        source=row["source"],
        language=row["language"],
        published=time_or_none_from(row["published"]),
        created=time_from(row["created"]),
        evidence=evidence_from(row["evidence"]),
    )


def alert_to_send(db: sqlite3.Connection, alert: int, *, whole: bool = True) -> AlertToSend:
    """The alert as it is told now; without the article's text when it is not wanted ``whole``."""
    row = db.execute("SELECT * FROM alert WHERE id = ?", (alert,)).fetchone()
    return AlertToSend(
        **told_from(row),
        alert_id=row["id"],
        detail=kind_from(row["kind"])[1],
        discovered=time_from(row["discovered"]),
        text=row["text"] if whole else "",
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
