"""Respelling: the accents that folding took away, put back where a stemmer looks for them.

On the article's way: between a folded form and its stemmer. Snowball's stemmers know endings by their accents (-ée,
-ção, -ów, Turkish vowel harmony); folded words have none. Each law here restores those of an ending that hardly any
word carries without them. It need not spell a word right: what counts is that its inflected forms stay together, for
stems are folded again.

It restores no roots, and adds nothing where the accent-free ending is as common as the accented one.
"""

from __future__ import annotations

import regex

__all__ = ["respell"]

_Law = tuple[regex.Pattern[str], str]


def _laws(*pairs: tuple[str, str]) -> tuple[_Law, ...]:
    return tuple((regex.compile(ending + "$"), accented) for ending, accented in pairs)


# Peoples whose name ends in an accented -es, unlike the plurals in -es.
_PEOPLES = (
    "(?<=^(?:franc|ingl|holand|irland|finland|island|tailand|groenland|japon|portugu|dan|liban|sudan|escoc|gal|"
    "vien|milan|taiwan|nepal|congol|senegal|aragon))"
)
_LAWS: dict[str, tuple[_Law, ...]] = {
    "ar": _laws((r"(?<=[^ل]..)ه", "ة")),
    "ca": _laws((r"(?<=..)([cs])io", r"\1ió")),
    "cs": _laws(
        (r"(?<=...)a(ch|m)", r"á\1"), (r"(?<=...)i(ch|m)", r"í\1"), (r"(?<=...)y(ch|m|mi)", r"ý\1"),
        (r"(?<=...)e(ho|mu)", r"é\1"), (r"(?<=...)um", "ům"),
    ),
    "en": _laws((r"isation(s|al|)", r"ization\1")),
    "es": _laws(
        (r"(?<=..)cion", "ción"), (r"(?<=..)([aei])rian", r"\1rían"), (_PEOPLES + "es", "és"),
        (r"logia(s?)", r"logía\1"),
    ),
    "fr": _laws(
        (r"(?<=..)ee(s?)", r"ée\1"), (r"(?<=[ao])ye(s?)", r"yé\1"), (r"iere(s?)", r"ière\1"),
        (r"(?<=...[bcdlnrstv])ite(s?)", r"ité\1"),
    ),
    "hu": _laws(
        (r"(?<=..[cst])io(\w{0,6})", r"ió\1"), (r"(?<=..[brt])ol", "ól"), (r"(?<=..)nal", "nál"),
        (r"(?<=..)nel", "nél"), (r"(?<=..)ert", "ért"),
    ),
    "pl": _laws(
        (r"(?<=..)ow", "ów"), (r"ajac(y|a|e|ego|emu|ych|ym|ymi|o|)", r"ając\1"), (r"owac", "ować"),
        (r"owal(a|o|y|i|)", r"ował\1"), (r"(?<=...)osc", "ość"), (r"(?<=...)([aiy])c", r"\1ć"),
    ),
    # Plurals of -ão, -m and -l go to their singular at once: the stemmer leaves the two apart. So -il to -el, for both
    # have the plural -eis (mísseis, papéis).
    "pt": _laws(
        (r"(?<=..)ns", "m"), (r"(?<=..)([aeou])is", r"\1l"), (r"(?<=..[^aeou])i[sl]", "el"),
        (r"(?<=.)c(?:ao|oes)", "ção"), (r"(?<=..)(?:ao|oes|aes)", "ão"), (r"(?<=..)a(vel|veis)", r"á\1"),
        (r"(?<=..)i(vel|veis)", r"í\1"), (r"(?<=..)ancia(s?)", r"ância\1"),
        (r"(?<=..)encia(s?)", r"ência\1"), (_PEOPLES + "es", "ês"),
    ),
}  # fmt: skip

# Most words end in none of them: one look tells.
_ANY = {language: regex.compile("|".join(law.pattern for law, _ in laws)) for language, laws in _LAWS.items()}

_TURKISH = regex.compile(r"[aeiou]")
_BACK, _FRONT = {"i": "ı", "o": "o", "u": "u"}, {"i": "i", "o": "ö", "u": "ü"}
_SOFT_G = regex.compile(r"(?<=[aeıioöuü])g(?=[ıiuüae])")
_KI = regex.compile(r"(?<=[dt]a)kı")  # -ki is the ending that knows no harmony


def respell(form: str, language: str) -> str:
    """A folded form as a stemmer of that language expects it."""
    if language == "tr":
        return _turkish(form)
    laws = _ANY.get(language)
    if laws is not None and laws.search(form):
        for ending, accented in _LAWS[language]:
            form = ending.sub(accented, form)
    return form


def _turkish(form: str) -> str:
    """Vowels by harmony: i, o, u take the side of the last a (back) or e (front) before them, else of the next."""
    spelled: list[str] = []
    first = next((letter for letter in form if letter in "ae"), "i" if "i" in form else "a")
    side = _BACK if first == "a" else _FRONT
    for letter in form:
        if letter in "ae":
            side = _BACK if letter == "a" else _FRONT
        spelled.append(side.get(letter, letter))
    return _KI.sub("ki", _SOFT_G.sub("ğ", "".join(spelled)))
