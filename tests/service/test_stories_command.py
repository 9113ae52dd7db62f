"""``monitor stories`` and the story that this project began with, through the real program."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from program import item, monitor, monitor_json, rss, serve_documents, write_config

ROOT = Path(__file__).parents[2]
SEED = ROOT / "tests" / "data" / "stories" / "seed.jsonl"


def replayed(tmp_path: Path, rows: list[dict]) -> dict[str, int]:
    file = tmp_path / "articles.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    done = monitor("replay", file, "--json", "--config", ROOT / "config")
    assert done.returncode == 0, done.stderr
    return {one["id"]: one for one in map(json.loads, done.stdout.splitlines())}


def test_the_seed_story_told_in_six_languages_is_one_and_near_misses_stay_apart(tmp_path: Path) -> None:
    """Six outlets, six languages, two days: one story, told once a watch; six other events, six other stories."""
    rows = [json.loads(line) for line in SEED.read_text(encoding="utf-8").splitlines()]
    found = replayed(tmp_path, rows)
    stories = {row["id"]: found[row["id"]]["story"] for row in rows}
    seed = {stories[row["id"]] for row in rows if row["story"] == "seed"}
    others = [stories[row["id"]] for row in rows if row["story"] != "seed"]
    assert len(seed) == 1
    assert len({*seed, *others}) == 7
    told = [row["id"] for row in rows if row["story"] == "seed" and found[row["id"]]["alerts"]]
    assert told == ["it"]
    assert [alert["watch"] for alert in found["it"]["alerts"]] == ["Coalition withdrawal from Iraq", "Islamic State"]


@pytest.mark.parametrize("shift", [1, 5])
def test_the_seed_story_is_one_in_whatever_order_its_tellings_come(tmp_path: Path, shift: int) -> None:
    rows = [json.loads(line) for line in SEED.read_text(encoding="utf-8").splitlines()]
    seed = [row for row in rows if row["story"] == "seed"]
    turned = [{**row, "published": None} for row in (*seed[shift:], *seed[:shift])]
    assert len({one["story"] for one in replayed(tmp_path, turned).values()}) == 1


@pytest.fixture
def two_tellings(tmp_path: Path):
    """A state with two stories, one of them told twice, and where it is."""
    feed = rss(
        item(
            "Flood in the delta drowns three villages",
            "The river Anse rose over its banks near Korvale on Monday and drowned three villages, officials said. Two hundred people were brought to safety.",
        ),
        item(
            "Three villages of the delta under water after flood",
            "Officials say that the Anse has drowned three villages near Korvale after a night of rain on Monday; two hundred people were saved.",
        ),
        item(
            "Flood of complaints about new bus timetable",
            "Passengers in Brenning are angry about a timetable that leaves the suburbs without buses after eight in the evening.",
        ),
        title="Delta News",
    )
    with serve_documents({"/feed": feed}) as server:
        config = write_config(tmp_path / "config", feeds=[server.url("/feed")])
        places = ("--config", config, "--state", tmp_path / "state")
        monitor_json("poll", *places)
        yield places


def test_stories_are_listed_shown_merged_and_split(two_tellings) -> None:
    """What a person says holds; a split story is told, a merged one is not told again."""
    places = two_tellings
    state = places[2:]
    listed = monitor_json("stories", "list", *state)
    several = monitor_json("stories", "list", "--several", *state)
    assert [row["articles"] for row in several] == [2]
    assert len(listed) == 2
    story = several[0]["story"]
    shown = monitor_json("stories", "show", story, *state)
    joined = shown["articles"][1]
    assert (joined["why"]["reason"], joined["why"]["story"]) == ("same-event", story)
    assert joined["why"]["shares"]
    words = monitor("stories", "show", story, *state).stdout
    assert "began the story" in words
    assert "tells what article" in words
    before = len(monitor_json("alerts", *state))
    split = monitor_json("stories", "split", joined["article"], *state)["story"]
    assert monitor_json("poll", *places)["alerts"] == 1
    assert len(monitor_json("alerts", *state)) == before + 1
    assert monitor_json("stories", "merge", story, split, *state) == {"story": story}
    assert monitor_json("poll", *places)["alerts"] == 0
    assert monitor_json("stories", "show", story, *state)["story"]["articles"] == 2
    assert "they are story" in monitor("stories", "merge", *[str(row["story"]) for row in listed], *state).stdout
    assert "judged again" in monitor("stories", "split", joined["article"], *state).stdout


def test_a_story_that_is_not_there_is_named(two_tellings, tmp_path: Path) -> None:
    """Exit code 1 and a sentence."""
    done = monitor("stories", "show", "777", *two_tellings[2:])
    assert (done.returncode, done.stdout) == (1, "")
    assert "no story 777" in done.stderr
    assert monitor("stories", "merge", "1", "2", "--state", tmp_path / "none").returncode == 1
    assert "nearest other" in monitor("stories", "show", "2", *two_tellings[2:]).stdout
    assert "told to" in monitor("stories", "list", *two_tellings[2:]).stdout
