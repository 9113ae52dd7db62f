"""Invented alerts, by which a template is tried before any real one depends on it.

On the article's way: beside it, when a config is read. One of each kind in full, one of which hardly anything is known,
and one with as much of everything as is ever shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from monitor.alerts.chart import Chart
from monitor.alerts.notices import OPERATOR_WATCH, gather_notices
from monitor.model import AlertKind, AlertToSend, Evidence, Notice, Outlet, Priority

__all__ = ["SAMPLE_NOW", "sample_alerts", "sample_charts", "sample_digests", "sample_notices"]

SAMPLE_NOW = datetime(2024, 7, 23, 12, 5, tzinfo=UTC)
_SENTENCE = "Le gouvernement veut conclure la mission de la coalition avant la fin de l'an prochain."
_MET = "conclure la mission"
_DETAILS = {
    AlertKind.OUTLETS: "3",
    AlertKind.LANGUAGE: "fr",
    AlertKind.REVISED: "2",
    AlertKind.EVERY: "5",
    AlertKind.SPIKE: "23@1",
}


def _evidence(sentence: str, *, words: str = _MET, alias: str = "conclude mission", part: str = "") -> Evidence:
    start = sentence.index(_MET)
    return Evidence(
        term=part or "@withdrawal",
        alias=alias,
        concept="" if part else "withdrawal",
        language="fr",
        field="body",
        start=start,
        end=start + len(words),
        words=words,
        sentence=sentence,
    )


_FULL = AlertToSend(
    alert_id=7,
    watch="Coalition withdrawal",
    kind=AlertKind.NEW,
    priority=Priority.URGENT,
    story=3,
    title="L’Irak veut conclure la mission",
    url="https://agence.example/monde/irak-mission-2024",
    source="Agence du Nord",
    language="fr",
    published=SAMPLE_NOW - timedelta(hours=2),
    discovered=SAMPLE_NOW - timedelta(minutes=1),
    created=SAMPLE_NOW,
    text=_SENTENCE,
    evidence=(_evidence(_SENTENCE),),
    also_in=(Outlet(source="Il Porto", url="https://porto.example/iraq-missione", title="L'Iraq vuole"),),
)
_BARE = replace(
    _FULL,
    priority=Priority.LOW,
    title="",
    url="",
    source="",
    language=None,
    published=None,
    text="",
    evidence=(),
    also_in=(),
)
_LONG_SENTENCES = tuple(f"{number} {_SENTENCE} " + "et ainsi de suite, R&D [*] " * 15 for number in range(9))
_LONG = replace(
    _FULL,
    watch="A watch with a long name " * 4,
    title="Une très longue phrase (R&D) en guise de titre " * 7,
    source="Agence de presse [*] " * 5,
    text="\n".join(_LONG_SENTENCES),
    evidence=(
        *(_evidence(sentence) for sentence in _LONG_SENTENCES),
        # As many words of as many parts of a rule as are ever told, and one more; none so long stands in a sentence.
        *(
            _evidence(
                _LONG_SENTENCES[0], words=f"mot {n}{part} " * 16, alias=f"word {n} " * 16, part=f"part {part} " * 12
            )
            for part in range(4)
            for n in range(5)
        ),
    ),
    also_in=tuple(
        Outlet(source=f"Outlet number {n} " * 6, url=f"https://n{n}.example/" + "x" * 150, title="") for n in range(10)
    ),
)


def _long(link: int) -> AlertToSend:
    address = "https://agence.example/"
    return replace(_LONG, url=address + "x" * (link - len(address)))


def sample_alerts(kinds: tuple[AlertKind, ...], *, link: int = 180) -> tuple[AlertToSend, ...]:
    """For each kind a full one, a bare one and a long one, whose address has so many characters."""
    long = _long(link)
    return tuple(
        replace(base, kind=kind, detail=_DETAILS.get(kind, ""))
        for kind in kinds
        for base in (_FULL, replace(_BARE, language="fr") if kind is AlertKind.LANGUAGE else _BARE, long)
    )


def sample_digests(*, link: int = 180) -> tuple[tuple[AlertToSend, ...], ...]:
    """A small digest, a bare one, and one too long for every service, its addresses of so many characters."""
    other = replace(_FULL, watch="Islamic State", story=4, priority=Priority.HIGH)
    update = replace(_FULL, kind=AlertKind.OUTLETS, detail="3")
    return (
        (_FULL, update, replace(_FULL, story=5, kind=AlertKind.OFFICIAL), other),
        (_BARE, _BARE),
        tuple(replace(_long(link), story=number, watch=f"Watch {number % 7} " * 10) for number in range(200)),
    )


def sample_charts(alerts: Sequence[AlertToSend]) -> dict[str, Chart]:
    """A chart for each of their watches but the last, as for one that is new."""
    days = tuple(((SAMPLE_NOW - timedelta(days=back)).date(), back * 3 % 10) for back in range(13, -1, -1))
    return {watch: Chart(days=days) for watch in sorted({alert.watch for alert in alerts})[:-1]}


def sample_notices() -> tuple[AlertToSend, ...]:
    """One trouble, and more than are ever told at once."""
    one = Notice(id=1, topic="disk", said="only 150 MB are free where the database lies", times=3)
    long = replace(one, said="feed https://agence.example/feed.xml fails: " + "no answer within 60 s " * 20)
    return _notice(one), _notice(*(replace(long, id=number) for number in range(60)))


def _notice(*notices: Notice) -> AlertToSend:
    title, text = gather_notices(notices)
    return replace(_BARE, kind=AlertKind.NOTICE, watch=OPERATOR_WATCH, source=OPERATOR_WATCH, title=title, text=text)
