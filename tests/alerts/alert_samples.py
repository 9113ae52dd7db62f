"""Alerts to render, made in one place for the tests of this folder."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from monitor.model import AlertKind, AlertToSend, Evidence, Outlet, Priority

NOW = datetime(2024, 7, 23, 12, 5, tzinfo=UTC)
SENTENCE = "Le gouvernement veut conclure la mission de la coalition avant la fin de l'an prochain."
TEXT = f"Bagdad, mardi.\n{SENTENCE}\nLe retrait des soldats commencerait en mars."


def met(
    words: str,
    *,
    text: str = TEXT,
    sentence: str = SENTENCE,
    term: str = "@withdrawal",
    alias: str = "",
    concept: str = "withdrawal",
    language: str = "fr",
    field: str = "body",
    nth: int = 0,
) -> Evidence:
    """Evidence for the ``nth`` place of ``words`` in ``sentence`` in ``text``."""
    start = text.index(sentence) - 1
    for _ in range(nth + 1):
        start = text.index(words, start + 1)
    return Evidence(
        term=term,
        alias=alias or words,
        concept=concept,
        language=language,
        field=field,
        start=start,
        end=start + len(words),
        words=words,
        sentence=sentence,
    )


def alert(**changes: Any) -> AlertToSend:
    base = AlertToSend(
        alert_id=7,
        watch="Coalition withdrawal",
        kind=AlertKind.NEW,
        priority=Priority.HIGH,
        story=3,
        title="L’Irak veut conclure la mission",
        url="https://agence.example/monde/irak-mission-2024",
        source="Agence du Nord",
        language="fr",
        published=NOW - timedelta(hours=2),
        discovered=NOW - timedelta(minutes=1),
        created=NOW,
        text=TEXT,
        evidence=(met("conclure la mission"),),
        also_in=(
            Outlet(source="Il Porto", url="https://porto.example/iraq-missione", title="L'Iraq vuole"),
            Outlet(source="Tagblatt", url="https://tagblatt.example/irak-mission", title="Irak will"),
        ),
    )
    return replace(base, **changes)
