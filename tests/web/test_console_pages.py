"""The gate that every word of a page goes through, and the console's own bounds, on a real store."""

from __future__ import annotations

import threading
import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hostile import HOSTILE

from monitor.clock import SimulatedClock
from monitor.listening import Call, Reply
from monitor.model import AlertKind, DeliveryState, Evidence, Priority, Settings
from monitor.pipeline import Plan
from monitor.rules import build
from monitor.store import AlertRow, DeliveryRow, SqliteStore
from monitor.web import Console, Standing, console
from monitor.web.rendering import render

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
PLAN = Plan(settings=Settings(), feeds={}, watches={}, channels={}, rules=build([], {}))
STANDS = Standing(
    process=1,
    started=NOON,
    root=Path("config"),
    taken=NOON,
    plan=PLAN,
    concepts=0,
    faults=(),
    secrets=frozenset({"hidden&value"}),
)
DELIVERY = DeliveryRow(
    delivery=1,
    channel="desk",
    state=DeliveryState.PENDING,
    attempts=0,
    in_doubt=False,
    created=NOON,
    due=NOON,
    ended=None,
    detail="",
)
ALERT = AlertRow(
    alert=1,
    watch="Flood",
    kind=AlertKind.NEW,
    priority=Priority.NORMAL,
    story=1,
    article=1,
    title="Flood",
    url="https://a.example/1",
    source="A feed",
    language="en",
    published=None,
    created=NOON,
    evidence=(),
    deliveries=(DELIVERY,),
)


class Shown(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.words = ""
        self.marked: list[str] = []
        self.tags: set[str] = set()
        self.links: list[str] = []
        self._last = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._last = tag
        self.tags.add(tag)
        self.links += [value or "" for name, value in attrs if name == "href"]

    def handle_data(self, data: str) -> None:
        self.words += data
        if self._last == "mark":
            self.marked.append(data)
            self._last = ""


def evidence(sentence: str, words: str) -> Evidence:
    return Evidence(
        term=words, alias=words, concept="", language="en", field="body", start=0, end=1, words=words, sentence=sentence
    )


def page_of(*alerts: AlertRow, stands: Standing = STANDS) -> str:
    return render(
        "alerts.html",
        secrets=stands.secrets,
        now=NOON + timedelta(hours=3),
        stands=stands,
        version="1",
        alerts=alerts,
        watch=None,
        watches=[alert.watch for alert in alerts],
        before=None,
        more=None,
    )


PLAIN = Shown(page_of(replace(ALERT, evidence=(evidence("a flood b", "flood"),)))).tags | {"pre", "code", "h2"}


@pytest.mark.parametrize(("hostile", "words"), HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text_is_words_in_every_place_of_a_page(hostile: str, words: str) -> None:
    """Headline, sentence, met words, source, watch, channel, language, address; and the faults of a config."""
    row = replace(
        ALERT,
        title=hostile,
        source=hostile,
        watch=hostile[:500],
        url=hostile,
        language=hostile[:20],
        evidence=(evidence(hostile[:300] + " flood", hostile[:50]),),
        deliveries=(replace(DELIVERY, channel=hostile[:500]),),
    )
    page = page_of(row, stands=replace(STANDS, faults=(f"monitor.toml: {hostile[:500]}\n    ^",)))
    page.encode()
    shown = Shown(page)
    assert shown.tags <= PLAIN
    assert words[:40] in shown.words
    assert not {link for link in shown.links if not link.startswith("/")}
    acts = {letter for letter in page if unicodedata.category(letter) in {"Cc", "Cf", "Cs", "Zl", "Zp"}}
    assert acts <= {"\n", "\u200c", "\u200d"}
    assert len(page) < 12_000


def test_secrets_are_hidden_in_words_and_never_made_a_link() -> None:
    """A known one, also where HTML would spell it otherwise; a password in an address; a key in a query."""
    rows = (
        replace(
            ALERT, title="the hidden&value of https://me:word@a.example/?key=k123", url="https://a.example/hidden&value"
        ),
        replace(ALERT, evidence=(evidence("a hidden&value flood", "flood"),), url="https://a.example/?sid=9"),
    )
    page = page_of(*rows, stands=replace(STANDS, faults=("x: hidden&value",)))
    for secret in ("hidden&value", "hidden&amp;value", "hidden%26value", "word@", "k123"):
        assert secret not in page
    assert page.count("***") >= 5
    # An article's own address is no secret: as a link it is whole.
    assert [link for link in Shown(page).links if "a.example" in link] == ["https://a.example/?sid=9"]


def test_what_was_met_is_marked_in_its_sentence() -> None:
    """All of it, in its place; of a long sentence the part round the first of it; nothing where only a tag was met."""
    short = replace(
        ALERT, evidence=(evidence("The flood of floods.", "flood"), evidence("The flood of floods.", "floods"))
    )
    assert Shown(page_of(short)).marked == ["flood", "floods"]
    assert "The flood of floods." in Shown(page_of(short)).words
    long = "word " * 200 + "flood" + " word" * 200
    shown = Shown(page_of(replace(ALERT, evidence=(evidence(long, "flood"),))))
    assert shown.marked == ["flood"]
    assert len(shown.words) < 1_200
    assert shown.words.count("…") == 2
    unmarked = Shown(page_of(replace(ALERT, evidence=(evidence("Long since rewritten.", "flood"),))))
    assert "Long since rewritten." in unmarked.words
    assert not unmarked.marked
    assert "blockquote" not in Shown(page_of(replace(ALERT, evidence=(replace(evidence("x", "x"), field="tag"),)))).tags


def test_times_are_told_in_words_and_what_is_to_come_as_it_is() -> None:
    assert "3 hr ago" in Shown(page_of(ALERT)).words
    assert "2026-03-02 12:00:00 UTC" in Shown(page_of(replace(ALERT, created=NOON + timedelta(days=1)))).words


def test_an_alert_of_no_article_leads_to_none() -> None:
    """Notices to the operator, and those whose article retention took."""
    links = Shown(page_of(replace(ALERT, article=None, kind=AlertKind.NOTICE, url="", source="", language=None))).links
    assert not [link for link in links if link.startswith(("/article/", "/story/"))]


# --- the console on a store ---


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    with SqliteStore.open(tmp_path / "monitor.db", clock=SimulatedClock(NOON)) as opened:
        yield opened


def asked(console: Console, path: str) -> Reply:
    return console.answer(Call(method="GET", path=path, content_type="", signature="", body=b"", host="localhost"))


def test_an_empty_state_is_shown_as_one(store: SqliteStore) -> None:
    shown = Console(store, clock=SimulatedClock(NOON), standing=lambda: STANDS)
    assert "All is well." in asked(shown, "/").text
    assert "none yet" in asked(shown, "/").text
    assert "All feeds are well." in asked(shown, "/feeds").text
    assert "None waits" in asked(shown, "/deliveries").text
    assert "There is none yet." in asked(shown, "/alerts").text


def test_more_at_once_than_there_are_places_are_told_to_come_again(
    store: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever looks takes little from the service; a place that is free again is taken."""
    monkeypatch.setattr(console, "_PATIENCE", 0.05)
    entered, go_on = threading.Semaphore(0), threading.Event()

    def standing() -> Standing:
        entered.release()
        go_on.wait(20)
        return STANDS

    shown = Console(store, clock=SimulatedClock(NOON), standing=standing)
    threads = [threading.Thread(target=asked, args=(shown, "/")) for _ in range(2)]
    for thread in threads:
        thread.start()
        assert entered.acquire(timeout=20)
    refused = asked(shown, "/")
    assert (refused.status, refused.retry_after) == (503, 5)
    go_on.set()
    for thread in threads:
        thread.join()
    assert asked(shown, "/").status == 200
