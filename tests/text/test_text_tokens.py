"""Tokens: what counts as a word, and that every word leads back to the original text."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from monitor.text import Token, analyse, fold, tokens, words
from monitor.text.tokens import PARAGRAPH_STEP


def main_forms(text: str) -> list[str]:
    return [token.forms[0] for token in analyse(text).tokens]


APOSTROPHES = ["'", "’", "ʼ", "‘", "＇"]

CUT = [
    ("qu'il", ["qu", "il"]),
    ("lorsqu'elle", ["lorsqu", "elle"]),
    ("d'ici", ["d", "ici"]),
    ("l'Yonne", ["l", "yonne"]),
    ("l'11 settembre", ["l", "11", "settembre"]),
    ("dell'Iraq all'ONU un'altra", ["dell", "iraq", "all", "onu", "un", "altra"]),
    ("l'hivern", ["l", "hivern"]),
    ("d'aujourd'hui", ["d", "aujourdhui"]),
    ("l''État", ["l", "etat"]),
    ("l'Irak's", ["l", "irak"]),
    ("don't can't", ["dont", "cant"]),
    ("we're they've I'm he'd you'll it's", ["we", "they", "i", "he", "you", "it"]),
    ("O'Brien", ["obrien"]),
    ("Nova's NATO's", ["nova", "nato"]),
    ("coalitions' plan", ["coalitions", "plan"]),
    ("rock'n'roll", ["rocknroll"]),
    ("N'Djamena M'Bokolo D'Souza", ["ndjamena", "mbokolo", "dsouza"]),
    ("Shi'ite Sana'a Qur'an Hawai'i Ba'ath Xi'an", ["shiite", "sanaa", "quran", "hawaii", "baath", "xian"]),
    ("IŞİD'in Irak'tan NATO'nun 2024'te ABD'ye Suriye'deki", ["isid", "irak", "nato", "2024", "abd", "suriye"]),
    ("Suriye'ye Şabi'yi Sidney'e Ya'qub", ["suriye", "sabi", "sidney", "yaqub"]),
    ("O'zbekiston", ["ozbekiston"]),
    ("об'єднання", ["обєднання"]),
    ("Google'а", ["google", "а"]),
    ("απ'όλα", ["απ", "ολα"]),
    ("ג'ורג'", ["גורג"]),
    ('אמר צה"ל "היום"', ["אמר", "צהל", "היומ"]),
    ("U.S. U.S.-led U.K., C.I.A.'s p.m.", ["us", "us", "led", "uk", "cia", "pm"]),
    ("J. Smith", ["j", "smith"]),
    ("т.е. друг", ["те", "друг"]),
    ("AT&T R&D", ["at&t", "r&d"]),
    ("Procter&Gamble", ["procter", "gamble"]),
    ("C++ and C# or (.NET) g++", ["c++", "and", "c#", "or", ".net", "g++"]),
    ("the end .Then", ["the", "end", "then"]),
    ("example.com", ["example", "com"]),
    ("2.500 2,500 1.234.567 2’500 3,5 3.5 20:30 23.07.2024", ["2500", "2500", "1234567", "2500", "3.5", "3.5", "20:30", "23.07.2024"]),
    ("٢٬٥٠٠ ٣٫٥", ["2500", "3.5"]),
    ("about 2.500.", ["about", "2500"]),
    ("COVID-19 e-mail al-Nujaba", ["covid", "19", "e", "mail", "al", "nujaba"]),
    ("snake_case #ISIS_attack", ["snake", "case", "isis", "attack"]),
    ("#ISIS @nato", ["isis", "nato"]),
    ("«facteur d'instabilité »", ["facteur", "d", "instabilite"]),
    ("हिन्दी समाचार", ["हिन्दी", "समाचार"]),
    ("தமிழ் செய்தி", ["தமிழ்", "செய்தி"]),
    ("می‌شود", ["ميشود"]),
    ("Ինչո՞ւ Երևանում։", ["ինչու", "երեվանում"]),
    ("ʼ ـ __ \u0301 ' & . ++", []),
]  # fmt: skip


@pytest.mark.parametrize(("text", "forms"), CUT, ids=[row[0] for row in CUT])
def test_a_text_is_cut_into_the_words_a_reader_sees(text, forms):
    assert main_forms(text) == [fold(form) for form in forms]


@pytest.mark.parametrize("apostrophe", APOSTROPHES)
def test_every_apostrophe_parts_an_elided_article_alike(apostrophe):
    text = f"de l{apostrophe}État"
    assert [(text[t.start : t.end], t.forms) for t in analyse(text).tokens][1:] == [("l", ("l",)), ("État", ("etat",))]


ALSO = [
    ("والدولة", ("والدوله", "الدوله", "دوله")),
    ("بالعراق", ("بالعراق", "العراق", "عراق")),
    ("وبالعراق", ("وبالعراق", "بالعراق", "العراق", "عراق")),
    ("للدولة", ("للدوله", "الدوله", "دوله", "لدوله")),
    ("وللدولة", ("وللدوله", "للدوله", "الدوله", "دوله", "لدوله")),
    ("للبنان", ("للبنان", "البنان", "بنان", "لبنان")),
    ("بسوريا", ("بسوريا", "سوريا")),
    ("فيه", ("فيه",)),  # three letters are no word plus prefix
    ("կհեռանան", ("կհեռանան", "հեռանան")),  # they will leave
    ("չլքեցին", ("չլքեցին", "լքեցին")),  # they did not leave
    ("կրակ", ("կրակ",)),  # fire: no ending of a verb
    ("կլքեց", ("կլքեց",)),  # the past tense takes no կ-
    ("կերևան", ("կերեվան",)),  # they will be seen, not Yerevan
    ("الى", ("الي",)),
    ("بلد", ("بلد",)),
    ("كتاب‌ها", ("كتابها", "تابها", "كتاب")),
    ("کشورهای", ("كشورهاي", "شورهاي")),
    ("نمی‌شود", ("نميشود", "شود")),
    ("بازمی‌گردند", ("بازميگردند", "ازميگردند", "بازگردند")),  # they return: the sign of the present stands inside
    ("فرانمی‌خواند", ("فرانميخواند", "رانميخواند", "فراخواند")),
    ("‌ها", ("ها",)),
    ("בישראל", ("בישראל", "ישראל")),
    ("ומהממשלה", ("ומהממשלה", "מהממשלה", "הממשלה", "ממשלה")),
    ("הוא", ("הוא",)),
    ("2.500", ("2500", "2.500")),
]


@pytest.mark.parametrize(("word", "forms"), ALSO, ids=[row[0] for row in ALSO])
def test_a_word_with_clitics_is_met_without_them_where_three_letters_stay(word, forms):
    assert [token.forms for token in words(word)] == [forms]


CAPS = [("ISIS", True), ("U.S.", True), ("AT&T", True), ("MH17", True), ("NATO's", True), ("Isis", False), ("GIs", False),
        ("G7", False), ("A", False), ("داعش", False), ("2024", False), ("ИГИЛ", True), ("L’OTAN", True)]  # fmt: skip


@pytest.mark.parametrize(("text", "caps"), CAPS)
def test_capitals_are_two_letters_or_more_and_all_that_have_case(text, caps):
    assert words(text)[-1].caps is caps


def test_raw_is_composed_and_without_marks_of_no_width():
    (token,) = words("E\u0301ta\u00adt")
    assert (token.raw, token.start, token.end) == ("État", 0, 6)


def test_in_scripts_without_spaces_a_character_is_a_token_and_a_place_is_about_a_word():
    chinese = analyse("伊斯兰国 A").tokens
    assert [(t.raw, t.place) for t in chinese] == [("伊", 0), ("斯", 0), ("兰", 1), ("国", 1), ("A", 2)]
    assert [t.place for t in analyse("イラク軍は").tokens] == [0, 0, 1, 1, 2]
    assert [t.place for t in analyse("ภาษาไทย x").tokens] == [0, 0, 0, 0, 1, 1, 1, 2]
    assert main_forms("ｶﾞが") == ["ガ", "が"]
    assert main_forms("第3回iPhone展_x") == ["第", "3", "回", "iphone", "展", "x"]
    assert main_forms("美国's军") == ["美", "国", "s", "军"]


def test_a_paragraph_break_moves_the_place_out_of_reach():
    text = "\n\na b\r\n \u2029c\x85d"
    assert [(t.forms[0], t.place, t.paragraph) for t in analyse(text).tokens] == [
        ("a", 0, 0),
        ("b", 1, 0),
        ("c", 2 + PARAGRAPH_STEP, 1),
        ("d", 3 + 2 * PARAGRAPH_STEP, 2),
    ]


PIECES = st.sampled_from(
    ["l’", "État", "'", "’", "ʼ", "\u00ad", "\u200c", "\u0301", "ISIS", "U.S.", ".", ",", "2.500", " ", "\n", "والدولة",
     'צה"ל', "об", "伊斯兰国", "ไทย", "C++", "C#", ".NET", "&", "-", "İ", "ı", "ﬁ", "ｶﾞ", "qu'", "'s", "'tan", "·", "_",
     "\ud800", "\x00", "a", "b", "8", "ո՞ւ", "हिन्दी", "\ufeff", "#", "+", "(", '"']
)  # fmt: skip
TEXTS = st.one_of(st.text(max_size=60), st.lists(PIECES, max_size=14).map("".join))


@given(TEXTS)
@example("U.S.'s l''État")
@example("a'b'c'd'e" * 30)
def test_tokens_are_slices_of_the_original_in_order(text):
    field = analyse(text)
    end = 0
    place = 0
    for token in field.tokens:
        assert end <= token.start < token.end <= len(text)
        assert token.place >= place
        assert token.forms
        assert all(token.forms)
        assert not any(character.isspace() for character in text[token.start : token.end])
        end, place = token.end, token.place
    assert field.original == text


@example("0&ʹ")
@example("A.ʹ")
@example("0·ʹ")
@example("0‘S'ؠ")
@given(TEXTS)
def test_a_word_of_a_text_means_the_same_as_a_rules_term(text):
    """words(w) finds for any word w of a text the forms that the text has there."""
    for token in analyse(text).tokens:
        found = words(text[token.start : token.end])
        assert [(t.forms, t.raw, t.caps) for t in found] == [(token.forms, token.raw, token.caps)]


@example(["\u0eb4"])
@given(st.lists(TEXTS, max_size=3))
def test_what_stands_between_spaces_is_cut_by_itself(texts):
    apart = [form for text in texts for form in main_forms(text)]
    assert main_forms(" ".join(texts)) == apart


@pytest.mark.parametrize(
    "hostile",
    ["a'", "l'a", "a.", "1.", "a&", "\u00ad", "a\u00ad", "\u0301", 'צה"', "a+", "\n", "\ud800a", ".a", "국", "国"],
)
def test_a_hostile_text_is_read_in_linear_time(hostile):
    """A quadratic step would take minutes on 200,000 characters."""
    field = analyse(hostile * (200_000 // len(hostile)))
    assert all(isinstance(token, Token) for token in field.tokens)


def test_what_is_forgotten_of_words_is_cut_again_the_same(monkeypatch):
    """What is remembered is bounded; forgetting costs time alone."""
    text = "never seen before: quixotry zyzzyvas quixotry"
    monkeypatch.setattr(tokens, "_REMEMBERED", 1)
    assert [word.raw for word in analyse(text).words] == ["never", "seen", "before", "quixotry", "zyzzyvas", "quixotry"]


@given(
    st.text(alphabet="([\"'*-«“", max_size=2),
    st.one_of(
        st.text(max_size=6), st.sampled_from(["Iraq", "сімʼя", "բանակցություններ", "دولت", "日本", "NATO", "и", "ﬁn"])
    ),
    st.text(alphabet=",.;:!?)]\"'»”", max_size=2),
)
def test_marks_around_letters_are_no_part_of_their_word(before, letters, after):
    if letters.isalpha():
        alone, within = tokens.words_in(letters), tokens.words_in(before + letters + after)
        assert [(word.forms, word.raw, word.caps) for word in within] == [
            (word.forms, word.raw, word.caps) for word in alone
        ]
        assert [(token.forms, token.raw) for token in words(before + letters + after)] == [
            (word.forms, word.raw) for word in alone
        ]


def test_what_was_seen_long_ago_is_forgotten_and_learnt_anew():
    """Two generations are kept: what a long text leaves behind does not stay."""
    first, second = tokens.words_in("bygone"), tokens.words_in("bystander")
    for number in range(100_000):
        tokens.words_in(f"w{number}")
    assert tokens.words_in("bygone") is first
    for number in range(200_000, 300_000):
        tokens.words_in(f"w{number}")
    assert tokens.words_in("bystander") is not second
    assert tokens.words_in("bystander")[0].forms == second[0].forms
