"""Alerts to render, made in one place for the tests of this folder."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from monitor.alerts.samples import SAMPLE_NOW, sample_alerts
from monitor.model import AlertKind, AlertToSend, Evidence, Outlet, Priority

NOW = SAMPLE_NOW
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
    base = replace(
        sample_alerts((AlertKind.NEW,))[0],
        priority=Priority.HIGH,
        text=TEXT,
        evidence=(met("conclure la mission"),),
        also_in=(
            Outlet(source="Il Porto", url="https://porto.example/iraq-missione", title="L'Iraq vuole"),
            Outlet(source="Tagblatt", url="https://tagblatt.example/irak-mission", title="Irak will"),
        ),
    )
    return replace(base, **changes)
