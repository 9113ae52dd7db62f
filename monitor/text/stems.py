"""Stems: whether an inflected word of a text is the word that a rule names.

On the article's way: asked by the match index and by matching, for the article's language. Three laws: Snowball's
stemmers where there is one; a shared prefix with a cap on length in other inflecting languages; particles in Korean.
Words that a stemmer runs together though they mean different things are kept apart by name. In languages that glue
nouns together a compound is also met by its last part, for that says what kind of thing it is (Kampftruppen, luchtaanval).

It knows forms, not texts, and no irregular forms (withdrew): concepts list those.
"""

from __future__ import annotations

from collections.abc import Iterator
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
        "de": (
            (r"kampfer(?:s|n|in|innen)?", "kampfer"), (r"belager(?:n|t|te|ten|ung|ungen|er|ern|ers)", "belagern"),
            (r"vertriebene[mnr]?", "vertriebene"),
        ),
        "nl": ((r"verkiezing(?:en)?", "verkiezing"), (r"aanslag(?:en)?", "aanslag"), (r"oorlog(?:en)?", "oorlog")),
        "es": ((r"partidos?", "partido"), (r"estados?", "estado")),
        "pt": ((r"partidos?", "partido"), (r"estados?", "estado")),
        "it": ((r"partit[oi]", "partito"), (r"stat[oi]", "stato")),
    }.items()
}  # fmt: skip

# Armenian: the stemmer takes endings for roots and roots for endings, so its regular declension stands here:
# abstract nouns, plural, case, article.
_ARMENIAN = regex.compile(
    r"(.{3,}?)(?:(?<=ությ)(?:ուն|ան|ամբ))?(?:ներ|եր)?(?:յ?ի|յ?ից|ում|յ?ով|յ?ին)?[ընսդ]?", regex.DOTALL
)
# Turkish "its": -(s)i and the cases behind it, after a vowel.
_TURKISH_ITS = regex.compile(r"(?<=..[aeiou])s[iu](?:n(?:[iuae]|in|un|[dt][ae]n?|[dt]aki|[dt]eki|ce|ca)|yl[ae])?")
# Arabic feminine plural, Romanian neuter plural, by what their singular ends in.
_PLURALS = {
    "ar": (regex.compile(r"(?<=...)ات$"), "ه"),
    "ro": (regex.compile(r"(?<=...)uri(?:le|lor)?$"), ""),
    "tr": (regex.compile(_TURKISH_ITS.pattern + "$"), ""),
}
# Compounds: before the last part stands no particle of a verb, for a particle and the rest are one word (Vor|anschlag,
# nach|vollziehen), and no word ends inside such a one (Kosten|voranschlag, Prüfungs|kommission, personen|bezogen).
_SHORTEST_HEAD, _SHORTEST_MODIFIER = 6, 3
_PARTICLES = {
    "de": regex.compile(
        r"\w*(?:be|ge|ent|ver|zer|miss|vor|zu|mit|nach|durch|unter|wider|wieder|zuruck|zusammen|fest|statt|teil|mass|"
        r"voll|beg|geg|heran|herauf|heraus|herein|hervor|hinaus|hinein|hinweg|hinzu|hinter|vorbei|voraus|weiter|kom|emi)"
        r"|auf|aus|bei|ein|emp|um|her|hin|los|nieder|rein|raus|runter|uber|weg|hoch|fort|heim|fern|frei|gleich|gross|"
        r"klar|kurz|lang|nahe|sicher|tot|trans|sub|per"
    ),
    "nl": regex.compile(
        r"\w*(?:be|ge|ont|ver|her|voor|toe|terug|samen|vast|deel|plaats|mis|waar|com|kom|emi)"
        r"|aan|achter|af|bij|door|in|mee|na|neer|om|onder|op|open|over|tegen|uit|weg|trans|per|dis"
    ),
}
# No last parts: adjectives, which add up (lateinamerikanisch), verbs, which take particles of all kinds, -nation.
_NO_HEAD = {
    "de": regex.compile(
        r"\w*isch(?:e[mnrs]?)?|nation(?:en)?|(?:be|ent|er|ge|ver|zer)?(?:brach|brech|bring|druck|fall|fuhr|griff|greif|halt|kehr|komm|"
        r"lass|lauf|nahm|nomm|raum|ruck|schick|schiess|schlag|schliess|schoss|setz|sprech|spring|stell|traf|treib|weiss|wachs|zieh|"
        r"zog)(?:e[mnrst]?|te[nt]?|t|ern?)?"
    ),
    "nl": regex.compile(
        r"\w*ische?|natie|(?:ge)?(?:brach|breng|drag|hal|houd|kom|lat|leid|leg|lop|nem|nom|roep|slag|stel|trek|trokk|"
        r"vall|voer|werp|zett?)(?:k?en|t|te|ten|de|den)?"
    ),
}
_VOWEL = regex.compile(r"[aeiouy]")

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
        may_end = len(term_form) >= _SHORTEST_HEAD and not _is_no_head(term_form, language)
        of_text = keys if may_end else _own_keys
        return not set(_own_keys(term_form, language)).isdisjoint(of_text(text_form, language))
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

    In a language with a stemmer: the stem, and the form itself, for a stemmer that cuts a short noun too far (retrait
    -> retr) still brings its inflected forms back to the noun (retraits -> retrait); and those of a compound's last
    part, which a compound lends to a text's word and not to a term's. Elsewhere a shared key only makes a candidate.
    ``same_word`` decides.
    """
    if language in _ALGORITHMS:
        found = _own_keys(form, language)
        for head in _heads(form, language):
            found += (head, stem(head, language))
        return tuple(dict.fromkeys(found))
    if inflects_by_prefix(language):
        if len(form) <= _SHORTEST_TERM - 1 + _LONGEST_SHORT_ENDING:
            return (form[:_SHORTEST_TERM], form[: _SHORTEST_TERM - 1])
        return (form[:_SHORTEST_TERM],)
    if language == "ko":
        return (form[:_SHORTEST_KOREAN],)
    return (form,)


def _own_keys(form: str, language: str) -> tuple[str, ...]:
    """The keys of the form as a whole."""
    found = [form, stem(form, language)]
    if any(spellings.fullmatch(form) for spellings, _ in _APART.get(language, ())):
        return (found[1],)
    if plural := _PLURALS.get(language):
        singular = plural[0].sub(plural[1], form)
        found += [singular, stem(singular, language)]
    return tuple(dict.fromkeys(found))


def _is_no_head(form: str, language: str) -> bool:
    return language in _NO_HEAD and _NO_HEAD[language].fullmatch(form) is not None


def _heads(form: str, language: str) -> Iterator[str]:
    """What may be the last part of a compound: nouns of six letters or more."""
    particle = _PARTICLES.get(language)
    if particle is None or not form.isalpha():
        return
    for at in range(_SHORTEST_MODIFIER, len(form) - _SHORTEST_HEAD + 1):
        if (
            not particle.fullmatch(form, 0, at)
            and _VOWEL.search(form, 0, at)
            and not _NO_HEAD[language].fullmatch(form, at)
        ):
            yield form[at:]
