"""Names that others wrote: nothing in them acts, and those that can't count alone are known by their form."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from monitor.rules import Doubt, borrow, build_concept
from monitor.rules.pattern import Manner, parse_name

SIGNS = st.text(st.sampled_from("aBé国 …*?~@.3(（)）\"'\\{}[]#=,\n\t-&İ"), max_size=20)


@pytest.mark.parametrize(
    ("said", "plain"),
    [
        ("Wagner*", "Wagner"),
        ("Who goes there?", "Who goes there"),
        ("@iraq", "iraq"),
        ("  @ @iraq", "iraq"),
        ("end mission ~3", "end mission 3"),
        ("end ... mission", "end mission"),
        ("end…mission", "end mission"),
        ("M*A*S*H", "M A S H"),
        ("..*.", ".. ."),
        ('"Al" O\'Neil', '"Al" O\'Neil'),
        ("Yahoo!", "Yahoo!"),
        ("St. Petersburg", "St. Petersburg"),
    ],
)
def test_what_the_grammar_of_names_would_obey_goes_and_the_words_stay(said: str, plain: str) -> None:
    """A wildcard, a gap, a distance, a use of another concept: in a borrowed name they are only signs."""
    found = borrow(said)
    assert (found.text if found else None) == (plain if plain != ".. ." else None)


@example("abc* ~3")
@example("@a ... b")
@example("abc\u2026~\u0663")
@given(st.one_of(st.text(max_size=40), SIGNS))
def test_no_text_becomes_more_than_a_plain_name(text: str) -> None:
    """Whatever was borrowed reads as words that follow each other; as its concept's only name, and as itself again."""
    found = borrow(text)
    if found is None:
        return
    pattern = parse_name(found.text)
    assert (len(pattern.runs), pattern.gaps, pattern.slop) == (1, (), None)
    assert {word.manner for word in pattern.words} <= {Manner.INFLECTED, Manner.FOLDED}
    (name,) = build_concept("x", {"en": [found.text]}).names
    assert (name.text, name.uses, name.near, name.exact) == (found.text, "", (), False)


@pytest.mark.parametrize("text", ["", "*", "...", "@", "(?)", "~!"])
def test_a_text_without_words_gives_no_name(text: str) -> None:
    """There would be nothing to look for."""
    assert borrow(text) is None


@pytest.mark.parametrize(
    ("said", "name", "context"),
    [
        ("Mercury (planet)", "Mercury", "planet"),
        ("Mercury(planet)", "Mercury", "planet"),
        ("水星（行星）", "水星", "行星"),
        ("Paris (Texas) (city)", "Paris (Texas)", "city"),
        ("Wagner (@group*)", "Wagner", "group"),
        ("Wagner ()", "Wagner", ""),
        ("(500) Days of Summer", "(500) Days of Summer", ""),
        ("(planet)", "(planet)", ""),
    ],
)
def test_what_stands_in_parentheses_at_the_end_tells_a_name_apart(said: str, name: str, context: str) -> None:
    """It is no part of the name; without it the name is in doubt."""
    found = borrow(said)
    assert found is not None
    assert (found.text, found.context) == (name, context)
    assert (found.doubt(common=False) is Doubt.SHARED) == bool(context)


@pytest.mark.parametrize(
    ("name", "doubt"),
    [
        ("IS", Doubt.SHORT),
        ("U.S.", Doubt.SHORT),
        ("G7", Doubt.SHORT),
        ("حق", Doubt.SHORT),
        ("日", Doubt.SHORT),
        ("パリ", Doubt.SHORT),
        ("2020", Doubt.DIGITS),
        ("9/11", Doubt.DIGITS),
        ("WHO", Doubt.EVERYDAY),
        ("W.H.O.", Doubt.EVERYDAY),
        ("Aid", Doubt.EVERYDAY),
        ("war", Doubt.EVERYDAY),
        ("СИЛ", Doubt.EVERYDAY),
        ("coalition", Doubt.COMMON),
        ("дрон", Doubt.COMMON),
        ("NATO", None),
        ("ISIS", None),
        ("F-16", None),
        ("Wagner", None),
        ("iPhone", None),
        ("日本", None),
        ("미국", None),
        ("العراق", None),
        ("coalition forces", None),
        ("al-nusra", None),
    ],
)
def test_a_name_that_would_meet_much_else_is_in_doubt(name: str, doubt: Doubt | None) -> None:
    """By its form: its length, its letters, an everyday word of the same letters, a small first letter."""
    found = borrow(name)
    assert found is not None
    assert found.doubt(common=False) is doubt
    assert doubt is None or doubt.words


@pytest.mark.parametrize(
    ("name", "doubt"),
    [("Drohne", Doubt.COMMON), ("طائرة", Doubt.COMMON), ("UAV", None), ("avion sans pilote", None), ("无人机", None)],
)
def test_single_words_for_a_kind_of_thing_are_common_nouns_in_every_script(name: str, doubt: Doubt | None) -> None:
    """German writes all nouns with a capital, Arabic has none: there only the thing itself tells."""
    found = borrow(name)
    assert found is not None
    assert found.doubt(common=True) is doubt


@pytest.mark.parametrize(
    ("wide", "narrow", "both"),
    [
        ("Red Sea", "RED SEA", True),
        ("Daesh", "Da'esh", True),
        ("Nato", "NATO", False),
        ("Sahel", "Sáhel", True),
        ("US Army", "U.S. army", True),
    ],
)
def test_a_name_covers_another_of_the_same_words(wide: str, narrow: str, both: bool) -> None:
    """Under the folding of matching; one that is met in capitals only does not cover one that is met in any."""
    one, other = borrow(wide), borrow(narrow)
    assert one is not None
    assert other is not None
    assert (one.covers(other), other.covers(one)) == (True, both)


def test_other_words_are_never_covered() -> None:
    """Not even the first of them."""
    one, other = borrow("Red Sea"), borrow("Red")
    assert one is not None
    assert other is not None
    assert not one.covers(other)
    assert not other.covers(one)
