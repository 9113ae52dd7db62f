"""Folding: what never stands between a rule and its words goes, what makes another word stays."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.text import fold
from monitor.text.fold import PLAIN_WORD, _fold_whole, visible

SAME = [
    ("case", ["Washington", "WASHINGTON", "washington"], "washington"),
    ("accents, composed or not", ["État", "ÉTAT", unicodedata.normalize("NFD", "état"), "Etat"], "etat"),
    ("German sharp s", ["Straße", "STRASSE", "strasse"], "strasse"),
    ("ligatures", ["œuvre", "Œuvre", "oeuvre"], "oeuvre"),
    ("typographic ligature", ["ﬁnal", "final"], "final"),
    ("Danish", ["Færøerne", "faeroerne"], "faeroerne"),
    ("Polish", ["Łódź", "lodz"], "lodz"),
    ("Croatian", ["Đaković", "dakovic"], "dakovic"),
    ("Turkish i, dotted and not", ["IŞİD", "ışid", "işid", "isid"], "isid"),
    ("Vietnamese", ["Hà Nội".replace(" ", ""), "hanoi"], "hanoi"),
    ("full width", ["ＩＳＩＳ", "isis"], "isis"),
    ("soft hyphen", ["coa\u00adli\u00adtion", "coalition"], "coalition"),
    ("zero-width space and joiners", ["coa\u200blition", "coa\u200dlition", "\ufeffcoalition"], "coalition"),
    ("direction marks", ["\u200fcoalition\u200e", "coalition"], "coalition"),
    ("Greek accents and final sigma", ["Ἰράκ", "ΙΡΑΚ", "ιρακ"], "ιρακ"),
    ("Greek sigma", ["συνασπισμός", "ΣΥΝΑΣΠΙΣΜΟΣ"], "συνασπισμοσ"),
    ("Russian ё", ["ёлка", "елка", "ЁЛКА"], "елка"),
    ("Russian stress mark", ["за\u0301мок", "замок"], "замок"),
    ("Ukrainian apostrophes", ["об'єднання", "об’єднання", "об\u02bcєднання"], "обєднання"),
    ("Armenian ligature and its capitals", ["Երևան", "ԵՐԵՎԱՆ", "Երեւան"], "երեվան"),
    ("Armenian tone marks stand in the word", ["Ինչո՞ւ", "ինչու"], "ինչու"),
    ("Georgian capitals", ["ᲔᲠᲐᲧᲘ", "ერაყი"], "ერაყი"),
    ("Arabic vowel points", ["دَاعِش", "داعش"], "داعش"),
    ("Arabic tatweel", ["داعـــش", "داعش"], "داعش"),
    ("Arabic alef and ta marbuta", ["الدولة", "الدوله"], "الدوله"),
    ("Arabic hamza carriers", ["أمن", "امن", "إمن", "آمن"], "امن"),
    ("Arabic alef maqsura", ["على", "علي", "علی"], "علي"),
    ("Arabic presentation forms", ["ﺩﺍﻋﺶ", "داعش"], "داعش"),
    ("Persian letters", ["کشور", "كشور"], "كشور"),
    ("Hebrew points", ["שָׁלוֹם", "שלום"], "שלומ"),
    ("Hebrew gershayim", ['צה"ל', "צה״ל", "צה”ל"], "צהל"),
    ("digits of other scripts", ["٢٠٢٤", "۲۰۲۴", "２０２４"], "2024"),
    ("Catalan middle dot", ["col·lecció", "coŀlecció"], "colleccio"),
    ("half-width kana", ["ｲﾗｸ", "イラク"], "イラク"),
    ("traditional and simplified Chinese", ["聯軍撤離敘利亞", "联军撤离叙利亚"], "联军撤离叙利亚"),
    ("traditional characters that share a simplified one", ["發", "髮", "发"], "发"),
    ("Japanese in old characters and its own", ["軍隊", "军队"], "军队"),
    ("Hangul, composed or not", [unicodedata.normalize("NFD", "이라크"), "이라크"], "이라크"),
]

APART = [
    ("Russian й is a letter", "мой", "мои"),
    ("Ukrainian ї is a letter", "їх", "іх"),
    ("Belarusian ў is a letter", "ў", "у"),
    ("Hindi vowel signs spell", "की", "का"),
    ("Hindi nukta spells", "ज़", "ज"),
    ("Tamil vowel signs spell", "கி", "கா"),
    ("Thai tone marks spell", "ไหม่", "ไหม"),
    ("kana voicing spells", "か", "が"),
    ("Japan's short forms spell other words than China's", "爆発", "爆发"),
    ("a plus sign names another language", "c", "c++"),
    ("Arabic letters differ", "حرب", "خرب"),
]


@pytest.mark.parametrize(("why", "spellings", "folded"), SAME, ids=[row[0] for row in SAME])
def test_spellings_of_one_word_fold_to_one_form(why, spellings, folded):
    assert {spelling: fold(spelling) for spelling in spellings} == dict.fromkeys(spellings, folded)


@pytest.mark.parametrize(("why", "one", "other"), APART, ids=[row[0] for row in APART])
def test_what_makes_another_word_stays(why, one, other):
    assert fold(one) != fold(other)


@pytest.mark.parametrize(
    ("disguised", "plain"),
    [
        ("ІSІS", "isis"),  # Cyrillic І in a Latin word
        ("Вaghdad", "baghdad"),  # Cyrillic В
        ("Иpaк", "ирак"),  # Latin p and a in a Cyrillic word
        ("Ελλaδα", "ελλαδα"),  # Latin a in a Greek word
        ("ΝATO", "nato"),  # Greek Nu
    ],
)
def test_look_alike_letters_of_another_script_are_seen_through(disguised, plain):
    assert fold(disguised) == plain


def test_a_word_truly_of_two_scripts_is_left_as_it_is():
    assert fold("Яndex") == "яndex"
    assert fold("λfold") == "λfold"


def test_what_is_visible_keeps_case_and_accents_but_no_marks_without_width():
    assert visible("E\u0301tat\u00ad") == "État"
    assert visible("plain") == "plain"


@given(st.text(max_size=80))
def test_folding_twice_changes_nothing_and_no_text_is_too_odd(text):
    once = fold(text)
    assert fold(once) == once


@given(st.text(alphabet=st.characters(categories=["L", "M", "N"]), max_size=12))
def test_folding_does_not_depend_on_composition(word):
    assert fold(unicodedata.normalize("NFD", word)) == fold(unicodedata.normalize("NFC", word))


@pytest.mark.parametrize("hostile", ["\ud800", "a\ud800b\udfff", "\x00", "a\x00b", "", "\u0301", "\u200b" * 1000])
def test_broken_text_is_kept_or_dropped_but_never_raises(hostile):
    assert isinstance(fold(hostile), str)


def test_a_long_word_is_folded_without_being_remembered():
    assert fold("É" * 10_000) == "e" * 10_000


LETTERS = st.one_of(
    *(
        st.text(alphabet=letters, min_size=1, max_size=6)
        for letters in ("äößéñçłÅœǅ", "йёїўЖѓ", "άΣςώΐ", "أىةگکئ", "ךםץש", "აბჰ")
    )
)


@given(LETTERS)
def test_a_word_of_one_script_folds_letter_by_letter(word):
    """The quick way and the whole way agree."""
    assert PLAIN_WORD.fullmatch(word)
    assert fold(word) == _fold_whole(word)
