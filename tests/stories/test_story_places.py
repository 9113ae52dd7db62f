"""The gazetteer: names in many languages for one thing."""

from __future__ import annotations

from monitor.stories import NO_PLACES, Gazetteer
from monitor.text import analyse

PLACES = Gazetteer({"de": ["Germany", "Deutschland", "ألمانيا"], "us": ["United States", "United"], "--": ["", "!"]})


def places(text: str, gazetteer: Gazetteer = PLACES) -> list[str]:
    return list(gazetteer.places(analyse(text).words))


def test_a_place_is_one_in_every_language() -> None:
    assert places("Germany") == places("In Deutschland") == places("في ألمانيا") == ["de"]


def test_a_name_with_a_prefix_of_its_language_is_met() -> None:
    assert places("وألمانيا") == ["de"]


def test_the_longest_name_is_taken_and_its_words_count_once() -> None:
    assert places("the United States of Germany") == ["us", "de"]
    assert places("United") == ["us"]
    assert places("States") == []
    assert places("New Jersey", Gazetteer({"ny": ["New York"]})) == []


def test_an_empty_gazetteer_knows_nothing() -> None:
    assert places("Germany", NO_PLACES) == []
