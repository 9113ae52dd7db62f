"""``monitor backtest``: what a rule would have told over the archive, counted as the service tells, and what changes."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from program import item, monitor, monitor_json, rss, serve_documents, write_config

WATCHES = """
[[watch]]
name = "Flood"
any = ["flood"]
channels = ["log"]

[[watch]]
name = "Water"
query = 'flood OR (dam AND burst)'
channels = ["log"]

[[watch]]
name = "Resting"
any = ["storm"]
enabled = false
"""
WIRE = "The river rose over its banks on Monday and a flood reached the old town before dawn, officials of the province said."
FEED = rss(
    item("Flood in the delta", WIRE, link="https://a.example/1"),
    item("River floods old town", WIRE, link="https://b.example/2"),
    item("Dam bursts in the north", "A dam burst and two villages were emptied.", link="https://a.example/3"),
    item("Storm warning", "A storm is near, no flood is feared.", link="https://a.example/4"),
    item("Harvest festival \u202e\u009b2J opens", "Nothing else happened.", link="https://a.example/5"),
    title="Delta News",
)


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Any, ...]]:
    """A config, and a state that the real pipeline filled with five articles, two of one story."""
    root: Path = tmp_path_factory.mktemp("backtest")
    with serve_documents({"/feed": FEED}) as server:
        feed = f'[[feed]]\nurl = "{server.url("/feed")}"\nallow_private = true\ntags = ["delta"]\n'
        config = write_config(root / "config", feeds=[feed], watches=WATCHES)
        found = ("--config", config, "--state", root / "state")
        assert monitor_json("poll", *found)["articles_new"] == 5
        yield found


def test_a_watch_is_counted_as_the_service_told_it(places) -> None:
    """Three articles in two stories: a copy is told once."""
    found = monitor_json("backtest", "Flood", *places)
    assert (found["articles_in_range"], found["read"], found["articles"]) == (5, 5, 3)
    assert (found["stories"], found["alerts"]) == (2, 2)
    (day,) = found["per_day"]
    assert (day["articles"], day["stories"], day["alerts"]) == (3, 2, 2)
    for sample in found["samples"]:
        assert all(one["words"].lower() in {"flood", "floods"} for one in sample["evidence"])
    told = monitor_json("alerts", "--watch", "Flood", *places[2:])
    assert {one["title"] for one in told} == {sample["title"] for sample in found["samples"]}


def test_a_query_is_tried_against_a_watch(places) -> None:
    """What comes, what goes with the reason, and what stays."""
    found = monitor_json("backtest", "--query", "dam OR (flood AND officials)", "--against", "Flood", *places)
    against = found["against"]
    assert (against["stories_coming"], against["stories_going"], against["stories_staying"]) == (1, 1, 1)
    assert [one["title"] for one in against["comes"]] == ["Dam bursts in the north"]
    (gone,) = against["goes"]
    assert gone["title"] == "Storm warning"
    assert "'officials' was not found" in gone["miss"]
    text = monitor("backtest", "--query", "dam OR (flood AND officials)", "--against", "Flood", *places).stdout
    assert "stories: 1 come, 1 go, 1 stay" in text
    assert "now: 1 of 2 conditions are met: 'officials' was not found" in text


def test_a_watch_may_be_tried_against_a_query(places) -> None:
    found = monitor_json("backtest", "Water", "--against-query", "flood", *places)
    assert found["against"]["watch"] == "flood"
    assert (found["against"]["stories_coming"], found["against"]["stories_going"]) == (1, 0)


def test_a_query_may_build_on_watches_and_be_limited_as_they_are(places) -> None:
    found = monitor_json("backtest", "--query", "@watch:Flood NOT storm", "--tags", "delta", *places)
    assert found["alerts"] == 1
    nothing = monitor_json("backtest", "--query", "flood", "--tags", "other", *places, expect=1)
    assert nothing["alerts"] == 0
    assert monitor_json("backtest", "--query", "flood", "--languages", "fr", *places, expect=1)["articles"] == 0


def test_people_are_told_in_words_that_feeds_cannot_turn(places) -> None:
    """A table of days with bars, and each sample with the words that met the rule."""
    text = monitor("backtest", "--query", "harvest", *places).stdout
    assert "all 5 articles read" in text
    assert "1 article in 1 story would have met it: 1 alert" in text
    assert "█" in text
    assert "festival" in text
    assert not set(text) & set("\u202e\u009b")
    assert "“Harvest” (harvest, en) in:" in text


def test_nothing_is_written(places) -> None:
    """Not a byte of the database, whatever is asked."""
    database = places[3] / "monitor.db"
    before = hashlib.sha256(database.read_bytes()).hexdigest()
    monitor_json("backtest", "--query", "flood OR storm", "--against", "Water", *places)
    assert hashlib.sha256(database.read_bytes()).hexdigest() == before


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        ((), 2, "name a watch, or give --query"),
        (("Flood", "--query", "dam"), 2, "name a watch, or give --query"),
        (("Flood", "--tags", "x"), 2, "go with --query"),
        (("Flood", "--against", "Water", "--against-query", "dam"), 2, "not both"),
        (("Flood", "--against", "Flood"), 2, "with itself"),
        (("Flod",), 1, "did you mean 'Flood'?"),
        (("Resting",), 1, "is switched off"),
        (("--query", "flood NEAR 5 dam"), 2, "NEAR/5 was probably meant"),
        (("Flood", "--since", "soon"), 2, "is no time; write 30d"),
        (("Flood", "--since", "1d", "--until", "2d"), 2, "lies before"),
        (("Flood", "--since", "2001-01-01", "--until", "2001-02-01"), 1, "holds no article of this time"),
        (("Flood", "--since", "999999999d"), 2, "is no time"),
        (("Flood", "--since", "2020-01-31T10:00:00+02:00"), 0, ""),
    ],
)
def test_what_is_asked_wrongly_is_answered_clearly(places, arguments, code, words) -> None:
    done = monitor("backtest", *arguments, *places)
    assert done.returncode == code, done.stderr
    assert words in done.stderr
