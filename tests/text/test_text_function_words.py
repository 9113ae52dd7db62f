"""Function words: they tell a language only where nothing else could be meant."""

from __future__ import annotations

import pytest

from monitor.text import decide_language
from monitor.text.function_words import language_of_words

ENGLISH = (
    "The talks were not over, but they have been broken off by those which after all will gain from their failing."
)
FRENCH = (
    "Les négociations sont closes, et c'est pour cette raison qu'elles ont été suspendues par le ministre avec sur leur"
)


def test_several_different_ones_of_one_language_tell_it() -> None:
    assert language_of_words(set(ENGLISH.lower().split())) == "en"
    assert decide_language("", ENGLISH * 3).sure


def test_few_or_those_of_several_languages_tell_nothing() -> None:
    assert language_of_words({"the", "of", "coalition"}) is None
    assert language_of_words({"coalition"}) is None
    assert language_of_words(set(f"{ENGLISH} {FRENCH}".lower().split())) is None


def test_a_language_that_is_not_allowed_is_not_told() -> None:
    assert decide_language("", ENGLISH * 3, allowed=["fr", "de"]).code in {"fr", "de"}


@pytest.mark.parametrize(("title", "own"), [("Le ministre est pour les négociations avec la Chine", "fr"), ("", None)])
def test_a_title_of_another_language_is_told_beside_the_text(title: str, own: str | None) -> None:
    assert decide_language(title, ENGLISH * 3).title == own


def test_a_title_with_function_words_of_the_text_is_in_its_language() -> None:
    assert decide_language("Bundestag votes: the end of Schwarz-Rot", ENGLISH * 3).title is None


def test_a_long_text_of_a_language_without_a_list_is_for_the_model() -> None:
    sentence = "Předseda vlády řekl, že rozhovory budou pokračovat příští týden a že termín zatím nebyl stanoven. "
    assert decide_language("", sentence * 3).code == "cs"
