"""German and Dutch compounds: met by their last part, not by what only ends alike."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.text import keys_in, same_word, term_keys, words
from monitor.text.compounds import last_parts


def meets(term: str, text: str, language: str) -> bool:
    return same_word(words(term)[0].forms[0], words(text)[0].forms[0], language)


@pytest.mark.parametrize(
    ("term", "text", "language"),
    [
        ("Truppen", "Kampftruppen", "de"),
        ("Angriff", "Drohnenangriffen", "de"),
        ("Anschlag", "Bombenanschläge", "de"),
        ("Mission", "Friedensmission", "de"),
        ("Kämpfer", "Talibankämpfern", "de"),
        ("Vertriebene", "Binnenvertriebenen", "de"),
        ("Sanktionen", "Wirtschaftssanktionen", "de"),
        ("troepen", "grondtroepen", "nl"),
        ("aanval", "luchtaanvallen", "nl"),
        ("aanslag", "zelfmoordaanslagen", "nl"),
        ("vluchtelingen", "oorlogsvluchtelingen", "nl"),
    ],
)
def test_a_compound_is_met_by_its_last_part_in_any_form_of_it(term, text, language):
    assert meets(term, text, language)
    assert set(term_keys(words(term)[0].forms[0], language)) & set(keys_in(language)(words(text)[0].forms[0]))


@pytest.mark.parametrize(
    ("term", "text", "language"),
    [
        ("Kampftruppen", "Truppen", "de"),  # a thing is no kind of its kinds
        ("Bombenangriff", "Drohnenangriff", "de"),
        ("Anschlag", "Voranschlag", "de"),  # a particle: one word with what follows
        ("Anschlag", "Kostenvoranschlag", "de"),
        ("Mission", "Untersuchungskommission", "de"),
        ("ziehen", "hochziehen", "de"),  # a verb
        ("Russen", "begrüßen", "de"),
        ("erschießen", "Elfmeterschießen", "de"),
        ("amerikanisch", "lateinamerikanische", "de"),  # an adjective
        ("Amerikaner", "Mesoamerikanisch", "de"),
        ("Nation", "Kombination", "de"),
        ("weißen", "schweißen", "de"),  # no vowel before it
        ("Abzug", "Truppenabzug", "de"),  # five letters end too many words
        ("trekken", "rechttrekken", "nl"),
        ("missie", "onderzoekscommissie", "nl"),
        ("troops", "stormtroops", "en"),  # a language that glues no words
    ],
)
def test_what_only_ends_like_a_word_is_not_met_by_it(term, text, language):
    assert not meets(term, text, language)


@pytest.mark.parametrize(
    ("term", "text", "language"),
    [
        ("Kämpfer", "Kampf", "de"), ("Belagerung", "Belag", "de"), ("Vertriebene", "Vertrieb", "de"),
        ("verkiezing", "verkiest", "nl"),
    ],
)  # fmt: skip
def test_words_that_the_stemmer_runs_together_are_kept_apart(term, text, language):
    assert not meets(term, text, language)


def test_no_word_is_taken_apart_that_is_too_long_to_be_one_or_holds_more_than_letters():
    assert list(last_parts("kampf" * 100 + "truppen", "de")) == []
    assert list(last_parts("kampf2truppen", "de")) == []


@given(st.text(alphabet="abegknortuz", max_size=45), st.sampled_from(["de", "nl", "en"]))
def test_last_parts_are_ends_of_the_word_the_longest_first(form, language):
    parts = list(last_parts(form, language))
    assert all(form.endswith(part) and len(part) >= 6 for part in parts)
    assert parts == sorted(parts, key=len, reverse=True)
