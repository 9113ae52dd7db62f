"""Stems: whether an inflected word of a text is the word that a rule names.

On the article's way: asked by the match index and by matching, for the article's language. Three laws: Snowball's
stemmers where there is one; a shared prefix with a cap on length in other inflecting languages; particles in Korean.
Words that a stemmer runs together though they mean different things are kept apart by name.

It knows forms, not texts, and no irregular forms (withdrew): concepts list those.
"""

from __future__ import annotations

from functools import lru_cache

import regex
import Stemmer

from monitor.text.fold import fold
from monitor.text.respell import respell

__all__ = ["has_stemmer", "inflects_by_prefix", "keys", "prefix_stem", "same_word", "stem"]

_ALGORITHMS = {
    "ar": "arabic", "hy": "armenian", "eu": "basque", "ca": "catalan", "cs": "czech", "da": "danish", "nl": "dutch",
    "en": "english", "eo": "esperanto", "et": "estonian", "fi": "finnish", "fr": "french", "de": "german",
    "el": "greek", "hi": "hindi", "hu": "hungarian", "id": "indonesian", "ms": "indonesian", "ga": "irish",
    "it": "italian", "lt": "lithuanian", "ne": "nepali", "no": "norwegian", "nb": "norwegian", "nn": "norwegian",
    "fa": "persian", "pl": "polish", "pt": "portuguese", "ro": "romanian", "ru": "russian", "sr": "serbian",
    "hr": "serbian", "bs": "serbian", "st": "sesotho", "es": "spanish", "sv": "swedish", "ta": "tamil",
    "tr": "turkish", "yi": "yiddish",
}  # fmt: skip
_BY_PREFIX = frozenset(["be", "bg", "sl", "uk", "he", "sk", "mk", "lv", "is", "sq", "gl", "bn", "mr", "ur", "af"])
# Endings pile up in these, so that a form may be much longer than its word.
_AGGLUTINATING = frozenset(["ka", "az", "kk", "ky", "uz", "mn", "te", "ml", "kn", "gu", "pa"])
_SHORTEST_TERM = 4
_MORE, _MORE_AGGLUTINATING = 3, 7  # letters that a form may be longer than the term
_CUT = 2  # letters of a term that its inflected forms may not share
_VOWELS = "aeiouyаеёиіїоуыэюяєაეიოუ"
_LONGEST_SHORT_ENDING = 3
_SHORT_ENDING = regex.compile(rf"[{_VOWELS}йьмхвjmhvსთმბ]{{0,{_LONGEST_SHORT_ENDING}}}")

# What Snowball runs together and a reader doesn't: (the words, what they are met by).
_APART: dict[str, tuple[tuple[regex.Pattern[str], str], ...]] = {
    language: tuple((regex.compile(spellings), met_by) for spellings, met_by in apart)
    for language, apart in {
        "en": (
            (r"authorit(?:y|ies)", "authority"), (r"universit(?:y|ies)", "university"), (r"united", "united"),
            (r"important(?:ly)?|importance", "important"), (r"organi[sz](?:e|es|ed|ing|er|ers|ation|ations|ational)",
            "organize"), (r"executives?", "executive"), (r"operas?", "opera"), (r"generals?", "general"),
        ),
        "fr": (
            (r"retraites?", "retraite"), (r"armees?", "armee"), (r"partis?", "parti"), (r"droites?", "droite"),
            (r"universites?", "universite"), (r"postes?", "poste"), (r"portes?", "porte"), (r"courses?", "course"),
        ),
        "es": (
            (r"partidos?", "partido"), (r"estados?", "estado"), (r"protestantes?", "protestante"),
            (r"negocios?", "negocio"), (r"sitios?", "sitio"), (r"cercas?", "cerca"), (r"atacantes?", "atacante"),
        ),
        "pt": (
            (r"partidos?", "partido"), (r"estados?", "estado"), (r"protestantes?", "protestante"),
            (r"atacantes?", "atacante"), (r"cercas?", "cerca"),
        ),
        "it": (
            (r"partit[oi]", "partito"), (r"stat[oi]", "stato"), (r"protestant[ei]", "protestante"),
            (r"attaccant[ei]", "attaccante"), (r"negozio?", "negozio"), (r"razz[io]", "razzo"),
        ),
    }.items()
}  # fmt: skip

# Armenian: the stemmer takes endings for roots and roots for endings, so its regular declension stands here:
# abstract nouns, plural, case, article.
_ARMENIAN = regex.compile(
    r"(.{3,}?)(?:(?<=ությ)(?:ուն|ան|ամբ))?(?:ներ|եր)?(?:յ?ի|յ?ից|ում|յ?ով|յ?ին)?[ընսդ]?", regex.DOTALL
)
# Turkish "its": -(s)i and the cases behind it, after a vowel.
_TURKISH_ITS = regex.compile(r"(?<=..[aeiou])s[iu](?:n(?:[iuae]|in|un|[dt][ae]n?|[dt]aki|[dt]eki|ce|ca)|yl[ae])?")
# A second form that a word is met by, where the stemmer takes one ending for another. Arabic feminine plural, Romanian
# neuter plural, by what their singular ends in. Italian -erà, and adjectives in -ano and -are, no verbs (americano,
# militare); Spanish and Portuguese verbs in -rar, no past of others (dispara, retiram).
_OF_RAR = ((regex.compile(r"(?<=..[aei])r(?:am?|an|em?|en)$"), "rar"),)
_SECOND_FORMS = {
    "ar": ((regex.compile(r"(?<=...)ات$"), "ه"),),
    "ro": ((regex.compile(r"(?<=...)uri(?:le|lor)?$"), ""),),
    "tr": ((regex.compile(_TURKISH_ITS.pattern + "$"), ""),),
    "it": tuple(
        (regex.compile(rf"(?<=...){ending}$"), other)
        for ending, other in (("era", "are"), ("ano", "ana"), ("are", "ari"))
    ),
    "es": _OF_RAR,
    "pt": _OF_RAR,
}
_KOREAN_PARTICLES = regex.compile(
    r"""(?:들)?(?:은|는|이|가|을|를|의|와|과|도|만|로|으로|에|에서|에게|에게서|께|께서|한테|부터|까지|보다|처럼|마다|조차|라고|이라고
        |이나|나|이란|란|라는|이라는|에는|에도|에만|에서는|에서도|에서의|로의|으로의|로는|으로는|와의|과의|에의|에도|까지의|부터의)?""",
    regex.VERBOSE,
)
_SHORTEST_KOREAN = 2  # syllables


def has_stemmer(language: str) -> bool:
    """Whether words of this language (ISO 639-1) are met by their stems."""
    return language in _ALGORITHMS


def inflects_by_prefix(language: str) -> bool:
    """Whether words of this language are met by the prefix that inflected forms share."""
    return language in _BY_PREFIX or language in _AGGLUTINATING


@lru_cache(maxsize=131_072)
def stem(form: str, language: str) -> str:
    """The stem of a folded form; the form itself in a language without a stemmer."""
    algorithm = _ALGORITHMS.get(language)
    if algorithm is None or not form.isalpha():
        return form
    for spellings, met_by in _APART.get(language, ()):
        if spellings.fullmatch(form):
            return met_by
    if language == "hy":
        return found[1] if (found := _ARMENIAN.fullmatch(form)) else form
    # A stemmer is not safe to share between threads, and making one costs half a microsecond.
    stemmed = fold(Stemmer.Stemmer(algorithm, 0).stemWord(respell(form, language)))
    if language in {"es", "pt", "ca"} and stemmed.endswith("qu"):
        stemmed = stemmed[:-2] + "c"  # atacar, ataque
    elif language == "es" and len(stemmed) >= _SHORTEST_TERM and stemmed.endswith("z"):
        stemmed = stemmed[:-1] + "c"  # lanzar, lance
    elif language == "fi" and stemmed.endswith("ks"):
        stemmed = stemmed[:-2] + "s"  # hyökkäys, hyökkäyksen
    return stemmed or form


def prefix_stem(form: str) -> str | None:
    """The prefix that a word's inflected forms share: the word less two letters; less one or none when it is short.

    None for a word too short to be cut safely.
    """
    if len(form) < _SHORTEST_TERM or not form[0].isalpha():
        return None
    if len(form) == _SHORTEST_TERM and form[-1] in _VOWELS:
        return form[:-1]
    return form[: max(_SHORTEST_TERM, len(form) - _CUT)]


def same_word(term_form: str, text_form: str, language: str) -> bool:
    """Whether a text's form is the term's word, inflected or not, in that language. Both are folded."""
    if term_form == text_form:
        return True
    if language in _ALGORITHMS:
        return not set(keys(term_form, language)).isdisjoint(keys(text_form, language))
    if inflects_by_prefix(language):
        prefix = prefix_stem(term_form)
        if prefix is None or not text_form.startswith(prefix):
            return False
        if len(prefix) < _SHORTEST_TERM:  # three letters are shared by chance: what follows must be an ending
            return _SHORT_ENDING.fullmatch(text_form, len(prefix)) is not None
        more = _MORE if language in _BY_PREFIX else _MORE_AGGLUTINATING
        return len(text_form) <= len(term_form) + more
    if language == "ko" and len(term_form) >= _SHORTEST_KOREAN and text_form.startswith(term_form):
        return _KOREAN_PARTICLES.fullmatch(text_form, len(term_form)) is not None
    return False


@lru_cache(maxsize=131_072)
def keys(form: str, language: str) -> tuple[str, ...]:
    """What a form is indexed under in that language: forms that are the same word share a key.

    In a language with a stemmer that is the whole law: the stem, and the form itself, for a stemmer that cuts a short
    noun too far (retrait -> retr) still brings its inflected forms back to the noun (retraits -> retrait). Elsewhere
    a shared key only makes a candidate: ``same_word`` decides.
    """
    if language in _ALGORITHMS:
        found = [form, stem(form, language)]
        if any(spellings.fullmatch(form) for spellings, _ in _APART.get(language, ())):
            return (found[1],)
        for ending, other in _SECOND_FORMS.get(language, ()):
            second = ending.sub(other, form)
            found += [second, stem(second, language)]
        return tuple(dict.fromkeys(found))
    if inflects_by_prefix(language):
        if len(form) <= _SHORTEST_TERM - 1 + _LONGEST_SHORT_ENDING:
            return (form[:_SHORTEST_TERM], form[: _SHORTEST_TERM - 1])
        return (form[:_SHORTEST_TERM],)
    if language == "ko":
        return (form[:_SHORTEST_KOREAN],)
    return (form,)
