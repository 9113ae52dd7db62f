"""Language: which one an article is written in, and how sure that is.

On the article's way: decided once, before matching, from title and body. A text of some length tells by its function
words; scripts that one language alone uses decide by themselves; the rest is for py3langid's model, restricted to the
languages in question. It reads no markup and no metadata but the feed's own hint.
"""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass, replace
from functools import lru_cache

import regex
from py3langid.langid import MODEL_FILE, LanguageIdentifier

from monitor.text.function_words import language_of_words

__all__ = ["DEFAULT_LANGUAGES", "Language", "decide_language"]

# Small languages that the model takes short titles of larger ones for (Galician, Esperanto, Welsh) are left out.
DEFAULT_LANGUAGES = frozenset(
    {
        "af", "am", "ar", "az", "be", "bg", "bn", "bs", "ca", "cs", "da", "de", "el", "en", "es", "et",
        "eu", "fa", "fi", "fr", "ga", "gu", "he", "hi", "hr", "hu", "hy", "id", "is", "it", "ja", "ka", "kk",
        "kn", "ko", "ku", "ky", "lo", "lt", "lv", "mk", "ml", "mn", "mr", "ms", "my", "ne", "nl", "no", "pa", "pl",
        "ps", "pt", "ro", "ru", "si", "sk", "sl", "so", "sq", "sr", "sv", "sw", "ta", "te", "th", "tl", "tr", "uk",
        "ur", "uz", "vi", "zh",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Language:
    """A decision on a text's language.

    ``code`` is ISO 639-1, "und" for a text without words. ``runner_up`` is the likeliest other language, None when no
    other is likely at all. ``sure`` is False where rules had better be tried in both. ``title``: the title's own
    language where that is clearly another than the article's. ``others``: the next likeliest languages of a text so
    short that its own may be neither of the two.
    """

    code: str
    runner_up: str | None
    sure: bool
    title: str | None = None
    others: tuple[str, ...] = ()


# Scripts that one language of the news uses alone.
_SCRIPT_LANGUAGES = (
    ("hy", r"\p{Armenian}"), ("ka", r"\p{Georgian}"), ("ko", r"\p{Hangul}"), ("ja", r"\p{Hiragana}\p{Katakana}"),
    ("th", r"\p{Thai}"), ("lo", r"\p{Lao}"), ("km", r"\p{Khmer}"), ("my", r"\p{Myanmar}"), ("el", r"\p{Greek}"),
    ("am", r"\p{Ethiopic}"), ("ta", r"\p{Tamil}"), ("te", r"\p{Telugu}"), ("kn", r"\p{Kannada}"),
    ("ml", r"\p{Malayalam}"), ("gu", r"\p{Gujarati}"), ("pa", r"\p{Gurmukhi}"), ("si", r"\p{Sinhala}"),
)  # fmt: skip
_BY_SCRIPT = tuple((code, regex.compile(f"[{letters}]")) for code, letters in _SCRIPT_LANGUAGES)
_OF_SUCH_SCRIPT = regex.compile(rf"[\p{{Han}}{''.join(letters for _, letters in _SCRIPT_LANGUAGES)}]")
# Letters that a language does not write, among languages that a model confuses in short texts. News of any of them
# names foreign people in its own letters, so that one such letter in a headline is enough.
_UNWRITTEN = {
    code: frozenset(letters + letters.upper())
    for code, letters in {
        "ru": "іїєґўјљњџђћѓќѕәғқңөұүһ", "uk": "ыэёъўјљњџђћѓќѕәғқңөұүһ", "be": "ищъїєґјљњџђћѓќѕәғқңөұүһ",
        "bg": "ыэёіїєґўјљњџђћѓќѕәғқңөұүһ", "sr": "йщъыьэюяёіїєґўѓќѕәғқңөұүһ", "mk": "йщъыьэюяёіїєґўђћәғқңөұүһ",
        "bs": "йщъыьэюяёіїєґўѓќѕәғқңөұүһ", "kk": "їєґўјљњџђћѓќѕ", "ky": "іїєґўјљњџђћѓќѕәғқұһ",
        "mn": "іїєґўјљњџђћѓќѕәғқңұһ",
        "ar": "پچژگیکہےںٹڈڑټډړښځڅېۍګ", "fa": "ةىہےںٹڈڑټډړښځڅېۍګ", "ur": "ةىيكټډړښځڅېۍګە", "ps": "ٹڈڑےہ",
        "ku": "ةىيكٹڈڑےہټډړښځڅۍګ",
    }.items()
}  # fmt: skip
# How much more of the world's news is written in a language than in one that is not named here. It tells in a headline
# of three words, where the model can't; in a sentence the model outweighs it.
_NEWS = dict.fromkeys(("en", "ru"), 2.0)
_OF_SUCH_ALPHABET = regex.compile(r"[\p{Cyrillic}\p{Arabic}]")
_TELLING = frozenset().union(*_UNWRITTEN.values())
_HAN = regex.compile(r"\p{Han}")
_LETTER = regex.compile(r"\p{L}")
_LONGEST_BODY = 50_000  # characters of a body that are looked at
# Characters that the model reads: a little of each of the longest paragraphs, which nearly always will do; else more.
_GLANCE, _GLANCES, _LEAST_GLANCE = 80, 2, 120
_LONGEST_SAMPLE = 2_000
_LONGEST_TITLE = 400
_MOSTLY = 0.5  # share of letters that makes a script the text's own
_SOME_KANA = 0.1  # Japanese is written in Han mostly: kana tell
_QUOTED = 100  # characters of text to each letter that may be quoted from another language
_SHARED_WORDS, _SHARED = 3, 0.4  # words of a title, and their share, that stand in a body in its language
_FUNCTION_WORDS_OF_TITLE = 2
_LONG_TITLE, _LONG_BODY = 25, 200  # letters, characters: less may be all names
# Languages so alike that a title in one proves nothing.
_KIN = {
    code: frozenset(kin.split()) - {code}
    for kin in ("no da sv", "id ms", "hr sr bs sl", "cs sk", "es pt ca", "nl af", "ru uk be bg mk", "fa ps ur")
    for code in kin.split()
}
_MOST_OTHERS = 5  # languages that a text may be in, all told
_SHORT_HAN = 20  # letters: a title in Han alone may be Japanese
_IMPOSSIBLE = 14.0  # what is e to the 14th times less likely than the likeliest is no language of the text
_SURE, _DOUBTFUL, _IN_PLAY, _POSSIBLE = 0.9, 0.05, 0.01, 0.001  # probabilities that the model gives


def decide_language(
    title: str, body: str, *, hint: str | None = None, allowed: Collection[str] | None = None
) -> Language:
    """The language of an article.

    The longest paragraphs of the body weigh most, for menus and notices are short lines. ``hint`` (what the feed says,
    any BCP 47 tag) decides only in doubt. ``allowed`` restricts the answer (ISO 639-1).
    """
    languages = DEFAULT_LANGUAGES if allowed is None else frozenset(allowed)
    hinted = hint.replace("_", "-").split("-")[0].strip().lower() if hint else None
    if hinted not in languages:
        hinted = None
    words = set(body[:_LONGEST_BODY].split())
    told = language_of_words(words)
    if told in languages:
        decided = Language(told, None, sure=True)
    else:
        decided = _by_letters(title, _paragraphs(body), languages, hinted)
    own = _of_title(title, body, words, decided, languages)
    return decided if own is None else replace(decided, title=own)


def _by_letters(title: str, paragraphs: list[str], languages: frozenset[str], hinted: str | None) -> Language:
    """What the script or the model says: from a glance, or from more where that leaves doubt."""
    glance = "\n".join(paragraph[:_GLANCE] for paragraph in paragraphs[:_GLANCES])
    if len(glance) < _LEAST_GLANCE:
        glance = f"{title[:_GLANCE]}\n{glance}"
    decided = _decide(glance, languages, hinted)
    if not decided.sure:
        sample = "\n".join((title[:_LONGEST_TITLE], *paragraphs))[:_LONGEST_SAMPLE]
        decided = decided if sample == glance else _decide(sample, languages, hinted)
    return decided


def _decide(sample: str, languages: frozenset[str], hinted: str | None) -> Language:
    if not languages or not _LETTER.search(sample):
        return Language(hinted or "und", None, sure=False)
    return _by_script(sample, languages, hinted) or _by_model(sample, languages, hinted)


def _of_title(title: str, body: str, words: set[str], article: Language, languages: frozenset[str]) -> str | None:
    """The title's own language: a long title that is surely in another than a long body is in."""
    title = title[:_LONGEST_TITLE]
    if len(body) < _LONG_BODY or not article.sure or sum(map(str.isalpha, title)) < _LONG_TITLE:
        return None
    titled = set(title.lower().split())
    if language_of_words(titled, _FUNCTION_WORDS_OF_TITLE) == article.code or _shares(titled, words):
        return None
    own = _by_script(title, languages, None) or _by_model(title, languages, None)
    others = {own.runner_up, *_KIN.get(own.code, ())}
    return own.code if own.sure and own.code != article.code and article.code not in others else None


def _shares(title: set[str], body: set[str]) -> bool:
    """Whether the body holds so many of a title's words in small letters, which names don't have, that the model need
    not be asked whether both are in one language.
    """
    own = set(filter(str.isalpha, title))
    shared = len(own & body)
    return shared >= _SHARED_WORDS and shared >= _SHARED * len(own)


def _by_model(sample: str, languages: frozenset[str], hinted: str | None) -> Language:
    ranked = _ranked(sample, languages)
    if not ranked:
        return Language(hinted or "und", None, sure=False)
    (best, top), (runner_up, second) = ranked[0], ranked[1] if len(ranked) > 1 else (None, 0.0)
    sure = top >= _SURE and second < _DOUBTFUL
    if not sure and hinted and hinted != best and dict(ranked).get(hinted, 0.0) >= _IN_PLAY:
        return Language(hinted, best, sure=False)
    if not sure:
        others = tuple(code for code, weight in ranked[2:_MOST_OTHERS] if weight >= _IN_PLAY)
        return Language(best, runner_up, sure=False, others=others)
    return Language(best, runner_up if second >= _POSSIBLE else None, sure=sure)


def _writing(sample: str, languages: frozenset[str]) -> frozenset[str]:
    """The languages that write the letters of a text; a few that one does not write may be quoted in a long one."""
    if sample.isascii() or not _OF_SUCH_ALPHABET.search(sample):
        return languages
    quoted = len(sample) // _QUOTED
    telling = {letter: sample.count(letter) for letter in _TELLING.intersection(sample)}
    ruled_out = {
        code
        for code, unwritten in _UNWRITTEN.items()
        if sum(telling[letter] for letter in unwritten.intersection(telling)) > quoted
    }
    return languages - ruled_out or languages


def _by_script(sample: str, languages: frozenset[str], hinted: str | None) -> Language | None:
    """The language that the script decides, if it does."""
    if sample.isascii() or not _OF_SUCH_SCRIPT.search(sample):
        return None
    han = len(_HAN.findall(sample))
    letters = len(_LETTER.findall(sample))
    for code, letter in _BY_SCRIPT:
        share = _SOME_KANA if code == "ja" else _MOSTLY
        if code in languages and len(letter.findall(sample)) > letters * share:
            return Language(code, None, sure=True)
    if han > letters * _MOSTLY and "zh" in languages:
        if han >= _SHORT_HAN or "ja" not in languages:
            return Language("zh", None, sure=True)
        return Language("ja", "zh", sure=False) if hinted == "ja" else Language("zh", "ja", sure=False)
    return None


def _paragraphs(body: str) -> list[str]:
    """The paragraphs of a body, the longest first."""
    return sorted((line.strip() for line in body[:_LONGEST_BODY].splitlines()), key=len, reverse=True)


@lru_cache(maxsize=2)
def _identifier(languages: frozenset[str]) -> LanguageIdentifier:
    """The model for these languages alone. What it knows of the others is let go of: it is two thirds of its memory."""
    whole = LanguageIdentifier.from_model_file(MODEL_FILE)
    whole.set_languages(languages.intersection(whole.labels))
    whole.nb_ptc = whole.nb_ptc.copy()  # row by row, as it is read
    whole._full_model = whole.nb_ptc, whole.nb_pc, whole.nb_classes  # noqa: SLF001 - it has no other way to forget
    return whole


def _ranked(sample: str, languages: frozenset[str]) -> list[tuple[str, float]]:
    """Languages with their probabilities, likeliest first: the model's scores, restricted, made probabilities as
    py3langid does.
    """
    written = _writing(sample, languages)
    scores = [(code, score) for code, score in _identifier(languages).rank(sample) if code in written]
    cool = 1.0 / math.sqrt(len(sample.encode("utf-8", "replace")) or 1)
    if not scores:
        return []
    top = scores[0][1]
    least = top - _IMPOSSIBLE / cool
    weights = [(code, math.exp((score - top) * cool) * _NEWS.get(code, 1.0)) for code, score in scores if score > least]
    total = sum(weight for _, weight in weights)
    return sorted(((code, weight / total) for code, weight in weights), key=lambda one: -one[1])
