"""What an alert says when it is sent: its own copy of the article, and who else tells the story by then.

On the article's way: when a delivery is claimed. Reads only.
"""

from __future__ import annotations

import sqlite3

from monitor.model import AlertKind, AlertToSend, NewAlert, Outlet, Priority
from monitor.store.values import evidence_from, storable, time_from, time_or_none_from

__all__ = ["OUTLETS", "alert_to_send", "kind_from", "stored_kind"]

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
