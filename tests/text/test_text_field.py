"""Fields: sentences around evidence, and where capitals say nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.text import analyse
from monitor.text.sentences import LONGEST_SENTENCE

BREAKS = "\n\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"


def sentence_of(text: str, evidence: str) -> str:
    start = text.index(evidence)
    first, last = analyse(text).sentence(start, start + len(evidence))
    return text[first:last]


@pytest.mark.parametrize(
    ("text", "evidence", "sentence"),
    [
        ("One came. Two HERE went! Three?", "HERE", "Two HERE went!"),
        ("One came. Two went! HERE three", "HERE", "HERE three"),
        ("HERE one. Two.", "HERE", "HERE one."),
        (
            "He left. Then HERE came the U.S. Army with Dr. Li. End.",
            "HERE",
            "Then HERE came the U.S. Army with Dr. Li.",
        ),
        ("First line\nHERE the second line\nthird", "HERE", "HERE the second line"),
        ("First\u2029HERE second\r\nthird", "HERE", "HERE second"),
        ("He met Gen. Li and Dr. HERE in Rome. Then he left.", "HERE", "He met Gen. Li and Dr. HERE in Rome."),
        ("The U.S. Army and J. Smith HERE went. No more.", "HERE", "The U.S. Army and J. Smith HERE went."),
        ("It rose by 3.5 percent HERE. Good.", "HERE", "It rose by 3.5 percent HERE."),
        ("It was approx. five HERE. Good.", "HERE", "It was approx. five HERE."),
        ("He said: “It ends.” Then HERE came.", "HERE", "Then HERE came."),
        ("Il a dit « fin. » Puis HERE vint.", "HERE", "Puis HERE vint."),
        ("Well... perhaps HERE. Yes.", "HERE", "Well... perhaps HERE."),
        ("Over... Now HERE. Yes.", "HERE", "Now HERE."),
        ("In Irak. 137 HERE. Ende", "HERE", "137 HERE."),
        ("一つ目です。二つ目HEREです。三つ目", "HERE", "二つ目HEREです。"),
        ("هذا أول؟ هذا HERE ثان؟ وثالث", "HERE", "هذا HERE ثان؟"),
        ("यह पहला है। यह HERE है। और", "HERE", "यह HERE है।"),
        ("Սա առաջինն է։ Սա HERE է։ Եվ", "HERE", "Սա HERE է։"),
        ("wide  HERE  .", "wide  HERE  .", "wide  HERE  ."),
    ],
)
def test_the_sentence_around_a_place_ends_where_a_reader_would_end_it(text, evidence, sentence):
    assert sentence_of(text, evidence) == sentence


def test_a_long_sentence_is_cut_at_words_around_the_evidence():
    text = "word " * 300 + "HERE" + " word" * 300 + "."
    shown = sentence_of(text, "HERE")
    assert "HERE" in shown
    assert len(shown) <= LONGEST_SENTENCE
    assert set(shown.split()) == {"word", "HERE"}


def test_a_long_sentence_is_shown_from_its_start_or_to_its_end_when_the_evidence_stands_there():
    begins = sentence_of("HERE" + " word" * 300 + ".", "HERE")
    ends = sentence_of("word " * 300 + "HERE.", "HERE")
    assert begins.startswith("HERE word")
    assert ends.endswith("word HERE.")
    assert all(LONGEST_SENTENCE - 10 < len(shown) <= LONGEST_SENTENCE for shown in (begins, ends))


def test_a_long_sentence_without_spaces_is_cut_all_the_same():
    text = "国" * 1000 + "HERE" + "国" * 1000
    shown = sentence_of(text, "HERE")
    assert "HERE" in shown
    assert LONGEST_SENTENCE - 2 <= len(shown) <= LONGEST_SENTENCE


def test_evidence_longer_than_a_sentence_may_be_is_shown_whole():
    text = "a " * 500 + "b" * 500 + " c" * 500
    assert sentence_of(text, "b" * 500) == "b" * 500


@given(st.text(alphabet='ab. \n"?。Z', max_size=900), st.integers(-5, 950), st.integers(0, 60))
def test_a_sentence_holds_the_slice_and_adds_no_line_break(text, start, length):
    field = analyse(text)
    first, last = field.sentence(start, start + length)
    start = max(0, min(start, len(text)))
    end = max(start, min(start + length, len(text))) if length else start
    assert 0 <= first <= start
    assert first <= last <= len(text)
    assert not set(text[first:start]) & set(BREAKS)
    assert not set(text[min(end, last) : last]) & set(BREAKS)
    assert last - first <= max(LONGEST_SENTENCE, end - start)


@pytest.mark.parametrize(
    ("line", "shouts"),
    [
        ("NATO UNESCO Iraq met", False),
        ("ISIS CLAIMS ATTACK IN MALI", True),
        ("ISIS ATTACK", True),
        ("BREAKING NEWS", True),
        ("L'IRAK VEUT CONCLURE LA MISSION DE LA COALITION", True),
        ("ИГИЛ ВЗЯЛО ОТВЕТСТВЕННОСТЬ", True),
        ("ISIS CLAIMS ATTACK IN MALI, AP says", True),
        ("NATO, EU, UN", False),
        ("ISIS claims attack", False),
        ("NATO and US say ISIS is back in Iraq", False),
        ("ISIS", False),
        ("داعش في العراق", False),
        ("2024 2025", False),
        ("", False),
    ],
)
def test_a_line_shouts_when_nearly_all_its_words_are_capital_and_it_is_no_row_of_acronyms(line, shouts):
    field = analyse(line or "\n")
    assert field.shouts(0) is shouts


def test_a_shouted_headline_above_a_quiet_body_shouts_alone():
    field = analyse("ISIS CLAIMS ATTACK IN MALI\nThe ISIS group said so on Monday in a long statement to the press.")
    assert [field.shouts(line) for line in (0, 1, 0)] == [True, False, True]
