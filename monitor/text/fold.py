"""Folding: the one spelling under which a word of a rule and a word of an article meet, however each was typed.

On the article's way: the first thing done to any word, of a text and of a rule alike. It takes away what must never
stand between them (case, accents, width, ligatures, soft hyphens, zero-width and direction marks, tatweel, vowel
points, Arabic letter variants, the dot of Turkish i, traditional Chinese characters, look-alike letters of another
script) and nothing else: letters that make another word of it stay (Cyrillic й and ї, Devanagari and Thai vowel
signs, kana voicing marks).

It does not cut words, knows no language, and keeps no offsets: tokens do (``monitor.text.tokens``).
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

import regex

from monitor.text.han import SIMPLIFIED

__all__ = ["IGNORABLE", "PLAIN_WORD", "fold", "fold_plain", "visible"]

# Marks without width that web text carries inside words: soft hyphen, zero-width and joiner marks, direction marks,
# byte order marks, and the Armenian tone marks (question, emphasis, exclamation) that are written within the word.
IGNORABLE = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff"
    "\U000e0100-\U000e01ef\u055b\u055c\u055e"
)
_IGNORED = regex.compile(f"[{IGNORABLE}]+")

# Written inside a word without being part of its spelling: apostrophes (Ukrainian, Hebrew geresh, glottal stops),
# gershayim, and the Catalan middle dot.
_SILENT = regex.compile("[\u0640'’‘ʼʻʹʽʾʿ＇′`´\"“”״׳՚·‧]+")

# Letters that Unicode does not take apart, by what plain typing and other languages put for them. Arabic after NFKC:
# hamza carriers, alef maqsura and ta marbuta are spelled loosely in news; Persian, Urdu and Kurdish have code points of
# their own for the same letters. Hebrew final letters are the same letters. Armenian և is written եվ in capitals.
_LETTERS = {
    ord(source): target
    for sources, target in (
        ("æ", "ae"), ("œ", "oe"), ("ø", "o"), ("ł", "l"), ("đð", "d"), ("þ", "th"), ("ħ", "h"), ("ŧ", "t"), ("ı", "i"),
        ("ŋ", "n"), ("ĸ", "k"), ("ƒ", "f"), ("ɓ", "b"), ("ɗ", "d"), ("ƙ", "k"), ("ƴ", "y"), ("ə", "e"), ("ǝ", "e"),
        ("أإآٱ", "ا"), ("ىیېےئۍ", "ي"), ("ؤ", "و"), ("ةھہۀەۃۂ", "ه"), ("کڪ", "ك"), ("ں", "ن"),
        ("ך", "כ"), ("ם", "מ"), ("ן", "נ"), ("ף", "פ"), ("ץ", "צ"), ("٬", ","), ("٫", "."),
    )
    for source in sources
}  # fmt: skip
_LETTERS |= SIMPLIFIED

# Marks that go: those of the scripts in which readers leave them out. Others (Indic, Thai, kana) spell the word.
_MARKED_SCRIPTS = regex.compile(r"[\p{Latin}\p{Greek}\p{Cyrillic}\p{Arabic}\p{Hebrew}\p{Common}\p{Inherited}\p{Nd}]")
_MARK = regex.compile(r"\p{M}")
_KEPT_AFTER = {"и\u0306", "у\u0306", "і\u0308", "г\u0301", "к\u0301"}  # й ў ї ѓ ќ are letters, not accents

# Look-alikes between scripts, case by case: the capitals of a pair may look alike where the small letters don't.
_CYRILLIC = "АВЕЅІЈКМНОРСТУХЗаесорхуіјѕԁһԛԝ"
_CYRILLIC_AS_LATIN = "ABESIJKMHOPCTYX3aecopxyijsdhqw"
_GREEK = "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧαικνορυχ"
_GREEK_AS_LATIN = "ABEZHIKMNOPTYXaikvopux"
_TO_LATIN = dict(zip(map(ord, _CYRILLIC + _GREEK), _CYRILLIC_AS_LATIN + _GREEK_AS_LATIN, strict=True))
_TO_CYRILLIC = {ord(latin): cyrillic for latin, cyrillic in zip(_CYRILLIC_AS_LATIN, _CYRILLIC, strict=True)}
_TO_GREEK = {ord(latin): greek for latin, greek in zip(_GREEK_AS_LATIN, _GREEK, strict=True)}
_LATIN = regex.compile(r"\p{Latin}")
_FOREIGN = regex.compile(r"[\p{Cyrillic}\p{Greek}]")
_CYRILLIC_LETTER = regex.compile(r"\p{Cyrillic}")
_GREEK_LETTER = regex.compile(r"\p{Greek}")

_LONGEST_REMEMBERED = 64


# In a word that is made of one script's letters alone each letter folds by itself. Left out are scripts whose letters
# join (Hangul, Indic), Armenian, of which two letters are one ligature's, and tatweel, which is no letter but in name.
PLAIN_WORD = regex.compile(
    r"""(?:[\p{Latin}&&\p{L}]++|[\p{Cyrillic}&&\p{L}]++|[\p{Greek}&&\p{L}]++|[\p{Georgian}&&\p{L}]++
    |(?P<clitic>[\p{Arabic}&&\p{L}--\u0640]++|[\p{Hebrew}&&\p{L}]++))""",
    regex.VERBOSE | regex.VERSION1,
)


def fold(word: str) -> str:
    """The main folded form of one word: what a rule's word and an article's word are compared by.

    Never raises, keeps lone surrogates and NULs as they are, and folding twice changes nothing. Marks that stand inside
    a word without spelling it (apostrophes, gershayim, the Catalan middle dot) go; other punctuation stays.
    """
    return _fold_remembered(word) if len(word) <= _LONGEST_REMEMBERED else _fold(word)


def visible(text: str) -> str:
    """The text as written, composed (NFC), without the marks that have no width."""
    if text.isascii():
        return text
    return unicodedata.normalize("NFC", _IGNORED.sub("", text))


def _fold(word: str) -> str:
    if word.isascii():
        return _SILENT.sub("", word).lower()
    return fold_plain(word) if PLAIN_WORD.fullmatch(word) else _fold_whole(word)


def fold_plain(word: str) -> str:
    """As :func:`fold`, for what ``PLAIN_WORD`` matches."""
    return word.translate(_FOLDED)


def _fold_whole(word: str) -> str:
    word = _SILENT.sub("", unicodedata.normalize("NFKC", _IGNORED.sub("", word)))
    # Before case goes, for capitals look alike where small letters don't; and after, for what the first left.
    word = _in_one_script(unicodedata.normalize("NFD", word)).casefold().translate(_LETTERS)
    word = _without_accents(unicodedata.normalize("NFD", word)).translate(_LETTERS).replace("եւ", "եվ")
    return unicodedata.normalize("NFC", _in_one_script(_plain_digits(word)))


_fold_remembered = lru_cache(maxsize=65_536)(_fold)


class _Folded(dict[int, str]):
    """What each letter folds to."""

    def __missing__(self, letter: int) -> str:
        found = self[letter] = _fold_whole(chr(letter))
        return found


_FOLDED = _Folded()


def _without_accents(decomposed: str) -> str:
    if not _MARK.search(decomposed):
        return decomposed
    kept: list[str] = []
    base = ""
    strip = True
    for character in decomposed:
        if unicodedata.category(character)[0] != "M":
            base = character
            strip = bool(_MARKED_SCRIPTS.match(character))
            kept.append(character)
        elif not strip or base + character in _KEPT_AFTER:
            kept.append(character)
    return "".join(kept)


def _plain_digits(word: str) -> str:
    if word.isascii():
        return word
    return "".join(str(unicodedata.decimal(c)) if c > "\x7f" and c.isdecimal() else c for c in word)


def _in_one_script(word: str) -> str:
    """A word of look-alikes from two scripts in the one script that can spell it whole; Latin when both can."""
    if not (_LATIN.search(word) and _FOREIGN.search(word)):
        return word
    as_latin = word.translate(_TO_LATIN)
    if not _FOREIGN.search(as_latin):
        return as_latin
    for letter, table in ((_CYRILLIC_LETTER, _TO_CYRILLIC), (_GREEK_LETTER, _TO_GREEK)):
        if letter.search(word):
            own = word.translate(table)
            if not _LATIN.search(own):
                return own
    return word
