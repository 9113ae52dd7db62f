"""Lines that a host prints under its articles whatever they tell say nothing of which story one of them tells."""

from __future__ import annotations

from collections.abc import Iterable

from monitor.app.replay import ReplayInput, replay
from monitor.model import Settings
from monitor.pipeline import Plan
from monitor.rules import build

PLAN = Plan(settings=Settings(), feeds={}, watches={}, channels={}, rules=build([], {}))
ABOUT = (
    "The Harbour Gazette has told the coast what matters since 1931, from the fish market in Aveiro to the shipyards of"
    " Gdansk, and its forty reporters are paid by readers alone."
)
EVENTS = (
    ("Ferry runs aground off Kalymnos", "A ferry with 212 people on board struck rocks at dawn, and all were rescued."),
    ("Tolls on the Rhine bridge rise", "Lorries will pay nine euros from May, the regional council of Mainz decided."),
    ("Museum returns stolen altar", "The carved altar that vanished from Olomouc in 1943 goes home next week."),
    ("Two miners freed near Katowice", "Rescuers reached the men after thirty hours beneath a collapsed gallery."),
    ("Vineyards in Colmar lose half their grapes", "Hail the size of eggs fell for ten minutes on Tuesday night."),
)


def stories(rows: Iterable[tuple[str, str]], hosts: Iterable[str]) -> list[int]:
    inputs = [
        ReplayInput(id=str(number), title=title, text=text, url=f"https://{host}/news/the-story-number-{number}")
        for number, ((title, text), host) in enumerate(zip(rows, hosts, strict=False))
    ]
    return [one.story for one in replay(inputs, PLAN)]


def test_a_line_under_all_articles_of_a_host_makes_no_story_of_them() -> None:
    """From its third article on, for two may be two tellings of one event."""
    rows = [(title, f"{text}\n{ABOUT}") for title, text in EVENTS]
    gazette = ["www.gazette.example", "gazette.example"] * 3
    first, _, *others = stories(rows, gazette)
    assert len({first, *others}) == 4
    elsewhere = [f"{number}.example" for number in range(5)]
    assert len(set(stories(rows, elsewhere))) < 4, "the line is long enough to make one story of all"


def test_what_a_host_tells_again_of_one_event_is_no_refrain() -> None:
    title, text = EVENTS[0]
    updates = ("rescue", "inquiry", "captain", "owner", "salvage")
    again = [(f"{title}: {update}", f"The latest: {update}.\n{text}\n{ABOUT}") for update in updates]
    assert len(set(stories(again, ["gazette.example"] * 5))) == 1
