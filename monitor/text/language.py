"""Language: which one an article is written in, and how sure that is.

On the article's way: decided once, before matching, from title and body. Scripts that one language alone uses decide by
themselves; the rest is for py3langid's model, restricted to the languages in question. It reads no markup and no
metadata but the feed's own hint.
"""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass
from functools import cache

import regex
from py3langid.langid import MODEL_FILE, LanguageIdentifier

from monitor.text.sentences import LINE_BREAKS

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
    other is likely at all. ``sure`` is False where rules had better be tried in both.
    """

    code: str
    runner_up: str | None
    sure: bool


# Scripts that one language of the news uses alone.
_SCRIPT_LANGUAGES = (
    ("hy", r"\p{Armenian}"), ("ka", r"\p{Georgian}"), ("ko", r"\p{Hangul}"), ("ja", r"\p{Hiragana}\p{Katakana}"),
    ("th", r"\p{Thai}"), ("lo", r"\p{Lao}"), ("km", r"\p{Khmer}"), ("my", r"\p{Myanmar}"), ("el", r"\p{Greek}"),
    ("am", r"\p{Ethiopic}"), ("ta", r"\p{Tamil}"), ("te", r"\p{Telugu}"), ("kn", r"\p{Kannada}"),
    ("ml", r"\p{Malayalam}"), ("gu", r"\p{Gujarati}"), ("pa", r"\p{Gurmukhi}"), ("si", r"\p{Sinhala}"),
)  # fmt: skip
_BY_SCRIPT = tuple((code, regex.compile(f"[{letters}]")) for code, letters in _SCRIPT_LANGUAGES)
_OF_SUCH_SCRIPT = regex.compile(f"[{''.join(letters for _, letters in _SCRIPT_LANGUAGES)}]")
_HAN = regex.compile(r"\p{Han}")
_LETTER = regex.compile(r"\p{L}")
_LINE = regex.compile(f"[^{LINE_BREAKS}]+")
_LONGEST_BODY = 50_000  # characters of a body that are looked at
_LONGEST_SAMPLE = 2_000  # characters that the model reads; more make it slower and no surer
_LONGEST_TITLE = 400
_MOSTLY = 0.5  # share of letters that makes a script the text's own
_SOME_KANA = 0.1  # Japanese is written in Han mostly: kana tell
_SHORT_HAN = 20  # letters: a title in Han alone may be Japanese
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
    sample = _sample(title, body)
    ranked = _ranked(sample, languages) if _LETTER.search(sample) else []
    if not ranked:
        return Language(hinted or "und", None, sure=False)
    if decided := _by_script(sample, languages, hinted):
        return decided
    (best, top), (runner_up, second) = ranked[0], ranked[1] if len(ranked) > 1 else (None, 0.0)
    sure = top >= _SURE and second < _DOUBTFUL
    if not sure and hinted and hinted != best and dict(ranked)[hinted] >= _IN_PLAY:
        return Language(hinted, best, sure=False)
    return Language(best, runner_up if second >= _POSSIBLE else None, sure=sure)


def _by_script(sample: str, languages: frozenset[str], hinted: str | None) -> Language | None:
    """The language that the script decides, if it does."""
    han = len(_HAN.findall(sample))
    own = len(_OF_SUCH_SCRIPT.findall(sample))
    if not han and not own:
        return None
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


def _sample(title: str, body: str) -> str:
    paragraphs = sorted((found[0].strip() for found in _LINE.finditer(body[:_LONGEST_BODY])), key=len, reverse=True)
    return "\n".join((title[:_LONGEST_TITLE], *paragraphs))[:_LONGEST_SAMPLE]


@cache
def _identifier() -> LanguageIdentifier:
    return LanguageIdentifier.from_model_file(MODEL_FILE)


def _ranked(sample: str, languages: frozenset[str]) -> list[tuple[str, float]]:
    """Languages with their probabilities, likeliest first: the model's scores, restricted, made probabilities as
    py3langid does.
    """
    scores = [(code, score) for code, score in _identifier().rank(sample) if code in languages]
    cool = 1.0 / math.sqrt(len(sample.encode("utf-8", "replace")) or 1)
    if not scores:
        return []
    top = scores[0][1]
    weights = [(code, math.exp((score - top) * cool)) for code, score in scores]
    total = sum(weight for _, weight in weights)
    return [(code, weight / total) for code, weight in weights]
