"""Stems: whether an inflected word of a text is the word that a rule names.

On the article's way: asked by the match index and by matching, for the article's language. Three laws: Snowball's
stemmers where there is one; a shared prefix with a cap on length in other inflecting languages; particles in Korean.
Words that a stemmer runs together though they mean different things are kept apart by name. A compound is also met by
its last part (:mod:`monitor.text.compounds`).

It knows forms, not texts, and no irregular forms (withdrew): concepts list those.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from itertools import takewhile

import regex
import Stemmer

from monitor.text.compounds import glues_words, last_parts, may_stand_last
from monitor.text.fold import fold
from monitor.text.respell import respell

__all__ = [
    "has_stemmer",
    "inflects",
    "inflects_by_prefix",
    "key_decides",
    "keys_in",
    "prefix_stem",
    "same_word",
    "stem",
    "term_keys",
]

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
_SHORT_ENDING = regex.compile(rf"[{_VOWELS}йьмхвjmhvსთმბ]{{0,{_LONGEST_SHORT_ENDING}}}|(?:[ао]?т[аое]|ът|ия)")
# Ukrainian and Belarusian: from where two forms of a word part, or after a consonant that changes there in both
# (облога, облозі), each goes on with an ending. What goes on otherwise is another word (Іраком and Іраклій).
_EAST_SLAVIC_CHANGING = frozenset("гґзжкцчхсш")
_EAST_SLAVIC_ENDING = regex.compile(
    r"(?:[аеєиіїоуюяыэёь]{0,2}(?:[вмхйў]|ми|го|му|ві|ть|мо|те)?|ти|ц?ь|л[аоиі]|вши)(?:с[ья])?"
)
_EAST_SLAVIC = frozenset(["uk", "be"])

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
        # "Such a" (zo'n) is no form of "sent" (gezonden), nor an army (leger) of "stationed" (gelegerd), "won" of
        # "wounded" (gewond), a flight (vlucht) of "fled" (gevlucht); so with small words of other languages.
        "nl": (
            (r"verkiezing(?:en)?", "verkiezing"), (r"aanslag(?:en)?", "aanslag"), (r"oorlog(?:en)?", "oorlog"),
            (r"zon", "zo een"), (r"legers?", "het leger"), (r"gewonde?n?", "gewond"), (r"gevluchte?n?", "gevlucht"),
        ),
        "pl": ((r"do", "az do"),),
        "es": (
            (r"partidos?", "partido"), (r"estados?", "estado"), (r"protestantes?", "protestante"),
            (r"negocios?", "negocio"), (r"sitios?", "sitio"), (r"cercas?", "cerca"), (r"atacantes?", "atacante"),
            (r"hay", "si hay"),
        ),
        "pt": (
            (r"partidos?", "partido"), (r"estados?", "estado"), (r"protestantes?", "protestante"),
            (r"atacantes?", "atacante"), (r"cercas?", "cerca"), (r"para", "para que"), (r"com", "junto com"),
            (r"como", "tal como"),
        ),
        "it": (
            (r"partit[oi]", "partito"), (r"stat[oi]", "stato"), (r"protestant[ei]", "protestante"),
            (r"attaccant[ei]", "attaccante"), (r"negozio?", "negozio"), (r"razz[io]", "razzo"),
        ),
        "ar": (
            (r"[وف]?(?:[بك]?ال|لل|[بكل])?قوات(?:ه|ها|هم|هما|نا)?", "قوات"),
            # "That it" and "for the sake of" are no forms of "to end" (انهي) and "to evacuate" (اجلت).
            (r"[وف]?[بكل]?انه(?:ا|م|ما|ن)?", "ان"), (r"[وف]?(?:لل|[بل]?ال|ل)?اجلا?", "من اجل"),
            (r"[وف]?(?:[بك]?ال|لل|[بكل])?شرطه", "شرطه"), (r"[وف]?(?:[بك]?ال|لل|[بكل])?عراقه", "عراقه"),
        ),
        "fa": (
            (r"انتخابات(?:ي|ش|شان)?", "انتخابات"), (r"تظاهرات(?:ي|ش|شان)?", "تظاهرات"), (r"طالبان", "طالبان"),
            (r"ناتوان", "ناتوان"), (r"مجازات(?:ي|ش|شان|ها|هاي)?", "مجازات"),
        ),
    }.items()
}  # fmt: skip
_APART_AT_ALL = {
    language: regex.compile("|".join(spellings.pattern for spellings, _ in apart)) for language, apart in _APART.items()
}
_MET_BY = {language: frozenset(met_by for _, met_by in apart) for language, apart in _APART.items()}

# Armenian: the stemmer takes endings for roots and roots for endings, so its regular declension stands here:
# abstract nouns, plural, case, article.
_ARMENIAN = regex.compile(
    r"(.{3,}?)(?:(?<=ությ)(?:ուն|ան|ամբ))?(?:ներ|եր)?(?:յ?ի|յ?ից|յ?ում|յ?ով|յ?ին)?[ընսդ]?", regex.DOTALL
)
_SPELLED = regex.compile(r"[\p{L}\p{M}]++")  # the vowels of Indic scripts are marks
# Turkish "its": -(s)i and the cases behind it, after a vowel.
_TURKISH_ITS = regex.compile(r"(?<=..[aeiou])s[iu](?:n(?:[iuae]|in|un|[dt][ae]n?|[dt]aki|[dt]eki|ce|ca)|yl[ae])?")
# Persian: the stemmer takes roots for endings (تحريم, گروگان), so its nouns' regular declension stands here, the first
# law that fits: plurals and what is joined to them (of, a, my ... their), their; "of" and "a" after a vowel.
_PERSIAN = tuple(
    (regex.compile(ending + "$"), singular)
    for ending, singular in (
        (r"(?<=...)ها(?:يي?|ي?(?:م|ت|ش|مان|تان|شان))?", ""),
        (r"(?<=....)گان(?:ي|ش|شان)?", "ه"),
        (r"(?<=...[او])يان(?:ي|ش|شان)?", ""),
        (r"(?<=....)(?<!ان)شان", ""),
        (r"(?<=....)(?:ان(?:ي|ش|شان|مان)?|ين)", ""),
        (r"(?<=....)(?<!ي)ات(?:ي|ش|شان)?", ""),
        (r"(?<=..[او])يي?(?:ش|شان)?", ""),
    )
)
# French verbs of several subjects end in -ent, which the stemmer leaves on; so do these words, which are no verbs.
_FRENCH_NO_VERBS = (
    "absent|accent|accident|adherent|adjacent|adolescent|affluent|agent|ambivalent|antecedent|apparent|ardent|"
    "argent|auvent|client|coefficient|coherent|competent|concurrent|confident|conscient|consequent|content|"
    "continent|contingent|convalescent|convergent|copresident|corpulent|couvent|decadent|decent|deferent|"
    "deficient|detergent|different|diligent|dissident|divergent|effervescent|efficient|eloquent|emergent|"
    "eminent|equivalent|escient|evident|excellent|expedient|fervent|florent|frequent|gradient|imminent|"
    "impatient|impertinent|impotent|imprudent|impudent|incident|incompetent|inconscient|inconsequent|"
    "incontinent|inconvenient|indecent|indifferent|indigent|indolent|indulgent|influent|ingredient|inherent|"
    "innocent|insolent|intelligent|intermittent|latent|laurent|mecontent|negligent|occident|omnipotent|"
    "onguent|opulent|orient|parent|patent|patient|penitent|permanent|pertinent|polyvalent|precedent|"
    "preeminent|present|president|proeminent|prudent|quotient|recent|recipient|recurrent|referent|regent|"
    "relent|resident|resilient|resurgent|reticent|sergent|serpent|somnolent|souvent|strident|succulent|talent|"
    "torrent|transparent|trident|truculent|turbulent|urgent|vincent|violent|virulent"
)
# A second form that a word is met by, where the stemmer takes one ending for another. By the singular: Arabic feminine
# plurals and duals, Persian and Romanian plurals, the Greek genitive in -ας, Czech nouns in -í that are declined as if
# adjectives. Italian -erà, and adjectives in -ano and -are, no verbs (americano, militare); Spanish and Portuguese
# verbs in -rar, no past of others (dispara, retiram); French verbs of several subjects, by the infinitive.
_OF_RAR = ((r"(?<=..[aei])r(?:am?|an|em?|en)", "rar"),)
_SECOND_FORMS: dict[str, tuple[tuple[regex.Pattern[str], str], ...]] = {
    language: tuple((regex.compile(ending + "$"), other) for ending, other in laws)
    for language, laws in {
        "ar": ((r"(?<=..)ات", "ه"), (r"(?<=...)(?:تان|تين)", "ه")),
        "cs": ((r"(?<=...)i(?:ch|m|mi)", "i"),),
        "el": ((r"(?<=...α)σ", ""),),
        "es": _OF_RAR,
        "fa": ((r"(?<=...)ات(?:ي|ش|شان)?", "ه"),),
        "fr": ((rf"^(?!(?:{_FRENCH_NO_VERBS})$)(..+)(?<!em|mm|ai)ent", r"\1er"),),
        "it": ((r"(?<=...)era", "are"), (r"(?<=...)ano", "ana"), (r"(?<=...)are", "ari")),
        "pt": _OF_RAR,
        "ro": ((r"(?<=...)uri(?:le|lor)?", ""),),
        "tr": ((_TURKISH_ITS.pattern, ""),),
    }.items()
}
_KOREAN_PARTICLES = regex.compile(
    r"""(?:들)?(?:은|는|이|가|을|를|의|와|과|도|만|로|으로|에|에서|에게|에게서|께|께서|한테|부터|까지|보다|처럼|마다|조차|라고|이라고
        |이나|나|이란|란|라는|이라는|에는|에도|에만|에서는|에서도|에서의|로의|으로의|로는|으로는|와의|과의|에의|에도|까지의|부터의)?""",
    regex.VERBOSE,
)
_LONGEST = 64  # letters; longer "words" come from hostile texts, and would be remembered
_SHORTEST_KOREAN = 2  # syllables


def has_stemmer(language: str) -> bool:
    """Whether words of this language (ISO 639-1) are met by their stems."""
    return language in _ALGORITHMS


def inflects_by_prefix(language: str) -> bool:
    """Whether words of this language are met by the prefix that inflected forms share."""
    return language in _BY_PREFIX or language in _AGGLUTINATING


# Stemmers that nobody uses now: one is not safe to share between threads, and dear to make for a single word.
_idle: dict[str, list[Stemmer.Stemmer]] = {algorithm: [] for algorithm in _ALGORITHMS.values()}


def _stemmed(word: str, algorithm: str) -> str:
    idle = _idle[algorithm]
    try:
        stemmer = idle.pop()
    except IndexError:
        stemmer = Stemmer.Stemmer(algorithm, 0)
    stemmed: str = stemmer.stemWord(word)
    idle.append(stemmer)
    return stemmed


@lru_cache(maxsize=16_384)
def stem(form: str, language: str) -> str:
    """The stem of a folded form; the form itself in a language without a stemmer."""
    algorithm = _ALGORITHMS.get(language)
    if algorithm is None or not (form.isalpha() or _SPELLED.fullmatch(form)):
        return form
    if _is_apart(form, language):
        return next(met_by for spellings, met_by in _APART[language] if spellings.fullmatch(form))
    if language == "hy":
        return found[1] if (found := _ARMENIAN.fullmatch(form)) else form
    if language == "fa":
        return _persian(form)
    stemmed = _stemmed(respell(form, language), algorithm)
    if not stemmed.isascii():
        stemmed = fold(stemmed)
    if language in {"es", "pt", "ca"} and stemmed.endswith("qu"):
        stemmed = stemmed[:-2] + "c"  # atacar, ataque
    elif language == "es" and len(stemmed) >= _SHORTEST_TERM and stemmed.endswith("z"):
        stemmed = stemmed[:-1] + "c"  # lanzar, lance
    elif language == "fi" and stemmed.endswith("ks"):
        stemmed = stemmed[:-2] + "s"  # hyökkäys, hyökkäyksen
    return stemmed or form


def _persian(form: str) -> str:
    for ending, singular in _PERSIAN:
        stemmed, cut = ending.subn(singular, form)
        if cut:
            return stemmed
    return form


def inflects(language: str) -> bool:
    """Whether words of this language are met by other forms of theirs at all."""
    return language in _ALGORITHMS or inflects_by_prefix(language) or language == "ko"


def key_decides(language: str) -> bool:
    """Whether two forms with a key in common are surely the same word; elsewhere ``same_word`` must be asked."""
    return language in _ALGORITHMS and not glues_words(language)


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
    if max(len(term_form), len(text_form)) > _LONGEST:
        return False
    if language in _ALGORITHMS:
        of_text = _keys_of_parts if may_stand_last(term_form, language) else _own_keys
        return not set(_own_keys(term_form, language)).isdisjoint(of_text(text_form, language))
    if inflects_by_prefix(language):
        prefix = prefix_stem(term_form)
        if prefix is None or not text_form.startswith(prefix):
            return False
        if len(prefix) < _SHORTEST_TERM:  # three letters are shared by chance: what follows must be an ending
            return _SHORT_ENDING.fullmatch(text_form, len(prefix)) is not None
        if language in _EAST_SLAVIC and not _part_in_endings(term_form, text_form):
            return False
        more = _MORE if language in _BY_PREFIX else _MORE_AGGLUTINATING
        return len(text_form) <= len(term_form) + more
    if language == "ko" and len(term_form) >= _SHORTEST_KOREAN and text_form.startswith(term_form):
        return _KOREAN_PARTICLES.fullmatch(text_form, len(term_form)) is not None
    return False


def _part_in_endings(one: str, other: str) -> bool:
    alike = (mine == theirs for mine, theirs in zip(one, other, strict=False))
    shared = sum(takewhile(bool, alike))
    if shared < min(len(one), len(other)) and {one[shared], other[shared]} <= _EAST_SLAVIC_CHANGING:
        shared += 1
    return all(_EAST_SLAVIC_ENDING.fullmatch(form, shared) for form in (one, other))


def term_keys(form: str, language: str) -> tuple[str, ...]:
    """What a rule's word is indexed under in that language: it shares one of these with those of its forms in a text.

    In a language with a stemmer: the stem, and the form itself, for a stemmer that cuts a short noun too far (retrait
    -> retr) still brings its inflected forms back to the noun (retraits -> retrait). That is the whole law but for
    compounds. There, and in languages without a stemmer, a shared key only makes a candidate: ``same_word`` decides.
    """
    if len(form) <= _LONGEST:
        if language in _ALGORITHMS:
            return _own_keys(form, language)
        if inflects_by_prefix(language):
            return (prefix_stem(form) or form,)
        if language == "ko":
            return (form[:_SHORTEST_KOREAN],)
    return (form,)


@lru_cache(maxsize=256)
def keys_in(language: str) -> Callable[[str], Sequence[str]]:
    """What the words of a text in that language are looked for under.

    The same as a rule's word in a language with a stemmer; a compound has the keys of its last part too, for it is met
    by that, and not the other way round. Where forms share a prefix, any may be it. What is longer than any word is met
    by itself alone.
    """
    if inflects_by_prefix(language):
        return _prefixes
    if glues_words(language):
        return lambda form: _keys_of_parts(form, language) if len(form) <= _LONGEST else (form,)
    return lambda form: term_keys(form, language)


def _prefixes(form: str) -> Sequence[str]:
    if len(form) > _LONGEST:
        return (form,)
    return [form[:length] for length in range(min(_SHORTEST_TERM - 1, len(form)), len(form) + 1)]


@lru_cache(maxsize=131_072)
def _keys_of_parts(form: str, language: str) -> tuple[str, ...]:
    found = _own_keys(form, language)
    for part in last_parts(form, language):
        found += (part, stem(part, language))
    return tuple(dict.fromkeys(found))


def _own_keys(form: str, language: str) -> tuple[str, ...]:
    """The keys of the form as a whole."""
    stemmed = stem(form, language)
    if language in _MET_BY and stemmed in _MET_BY[language] and _is_apart(form, language):
        return (stemmed,)
    if language not in _SECOND_FORMS:
        return (form, stemmed) if form != stemmed else (form,)
    found = {form: None, stemmed: None}
    for ending, other in _SECOND_FORMS[language]:
        if (second := ending.sub(other, form)) != form:
            found[second] = found[stem(second, language)] = None
    return tuple(found)


def _is_apart(form: str, language: str) -> bool:
    """Whether the form is one of those that the language's stemmer runs together with others."""
    spellings = _APART_AT_ALL.get(language)
    return spellings is not None and spellings.fullmatch(form) is not None
