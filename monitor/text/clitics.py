"""Clitics: the small words and endings that writing glues to a word, and how a word is met without them.

On the article's way: used while tokens are cut. Arabic and Hebrew prefixes and Persian affixes give a word further
forms, and so do those of Armenian verbs, for whether the first letter is a prefix can't be told from the word alone;
elided articles (l', dell', qu') and endings after an apostrophe (Iraq's, Irak'tan) are cut off, for the apostrophe
shows where.

It knows no language: each law rests on script and shape, so that it holds in a text of several languages.
"""

from __future__ import annotations

import regex

from monitor.text.fold import fold

__all__ = ["forms_of", "is_proclitic", "is_suffix_after_apostrophe", "without_prefixes"]

_SHORTEST_REST = 3  # letters that a word keeps when a prefix is taken off: fewer are no word of their own
_ARABIC = regex.compile(r"\p{Arabic}")
_HEBREW = regex.compile(r"\p{Hebrew}")
_HEBREW_PREFIXES = frozenset("והבלמשכ")

# Armenian verbs take կ- (will, would) and չ- (not) in front of their personal endings. Nouns keep their first letter:
# few of them end so, and what is left of those is no word.
_ARMENIAN_PERSON = r"\w{2,}(?:[եա](?:մ|ս|ն|նք|ք)|եի[նրք]?|եինք|այի[նրք]?|այինք|[իա])"
_ARMENIAN_VERB = regex.compile(rf"կ({_ARMENIAN_PERSON})|չ({_ARMENIAN_PERSON}|\w{{2,}}(?:[եա](?:լ|ծ)|ավ|ե?ց|ցին|ցինք))")
_ARMENIAN_NAMES = frozenset({"երեվան"})  # "they will be seen" is no city

# Persian writes endings after a zero-width non-joiner where others write a space or nothing.
_HALF_SPACE = "\u200c"
_PERSIAN_PREFIXES = frozenset({"مي", "نمي", "همي", "بي"})
_PERSIAN_PREVERB = regex.compile("(باز|بر|در|فرا|فرو|وا)ن?مي")  # بازمی‌گرداند is met as بازگرداند
_PERSIAN_SUFFIXES = frozenset(
    fold(suffix)
    for suffix in (
        "ها", "های", "هایی", "هایم", "هایت", "هایش", "هایمان", "هایتان", "هایشان", "ی", "ای", "ام", "ات", "اش", "اند",
        "ایم", "اید", "است", "مان", "تان", "شان", "تر", "ترین", "ترها", "ان", "را",
    )
)  # fmt: skip

_GROUPED = regex.compile(r"[0-9]{1,3}(?:[.,][0-9]{3})+")
_DECIMAL_COMMA = regex.compile(r"(?<=[0-9])[,٫](?=[0-9])")

# Words that lose their vowel before another: a closed class in each of the languages that write so (French, Italian,
# Catalan, Occitan, Portuguese ...). Single consonants and all that ends in "qu" go by law.
_PROCLITIC_LETTERS = frozenset("ljdmtscnv")
_PROCLITIC_WORDS = frozenset(
    {
        "dell", "all", "dall", "nell", "sull", "coll", "pell", "quell", "bell", "null", "gl", "degl", "agl", "dagl",
        "negl", "sugl", "cogl", "un", "quest", "sant", "anch", "tutt", "dov", "com", "nessun", "ciascun", "qualcun",
        "alcun", "buon", "cent", "vent", "trent", "quarant", "cinquant", "sessant", "settant", "ottant", "novant",
        "mezz", "grand", "senz", "contr", "quand", "quant", "entr",
    }
)  # fmt: skip

# Turkish case, plural, possessive and copula endings as they follow a name and an apostrophe, vowels folded.
_TURKISH_SUFFIX = regex.compile(
    r"""(?: (?:[yns]?[iu]) (?:n[iuae]?n?|n?[dt][ae]n?|yl[ae])?      # accusative, genitive, possessive and their cases
          | [yn]?[ae] (?:ki\w*)?                                     # dative
          | n?[dt][ae] (?:n|y?[dm]i\w*|ki\w*|dir)?                   # locative, ablative
          | y?l[ae]                                                  # with
          | l[ae]r\w*                                                # plural
          | l[iu] (?:k|lar|ler|nin|nun)?\w{0,5}                      # from, -hood
          | [dt][iu]r | (?:ce|ca) | [iu]m | [iu]z
        )""",
    regex.VERBOSE,
)
_VOWELS = "aeiou"


def forms_of(word: str) -> tuple[str, ...]:
    """The folded forms of one word, the main one first; empty when nothing of it remains.

    "والدولة" gives والدوله, الدوله, دوله: one for each way of taking prefixes off that leaves three letters or more. A
    number with grouped thousands is met without the groups, whichever sign groups them.
    """
    main = fold(word)
    if not main or main.isascii():
        return _number(main) if main[:1].isdigit() else (main,) if main else ()
    if _ARABIC.match(main):
        return tuple(dict.fromkeys((*_arabic(main), *_without_affixes(word))))
    if _HEBREW.match(main):
        return without_prefixes(main)
    if main[0] in "կչ" and _ARMENIAN_VERB.fullmatch(main) and main[1:] not in _ARMENIAN_NAMES:
        return (main, main[1:])
    return (main,)


def without_prefixes(main: str) -> tuple[str, ...]:
    """The forms of a folded word of Arabic or Hebrew letters alone, the whole one first."""
    return tuple(_hebrew(main)) if _HEBREW.match(main) else tuple(dict.fromkeys(_arabic(main)))


def is_proclitic(folded: str, following: str) -> bool:
    """Whether a folded word before an apostrophe is an elided one (l', qu', dell') rather than part of a name."""
    if not following or following[0] not in "aeiouyh0123456789":
        return False
    if len(folded) == 1:
        return folded in _PROCLITIC_LETTERS
    return folded.endswith("qu") or folded in _PROCLITIC_WORDS


def is_suffix_after_apostrophe(folded: str, suffix: str) -> bool:
    """Whether what follows a name's apostrophe is a Turkish ending (Irak'tan, NATO'nun) and not more of the name.

    A vowel never follows a vowel in such endings (y stands between: Suriye'ye), so Shi'a, Sana'a, Hawai'i stay whole.
    """
    if len(folded) < 2 or (folded[-1] in _VOWELS and suffix[:1] in _VOWELS):
        return False
    return _TURKISH_SUFFIX.fullmatch(suffix) is not None


def _number(main: str) -> tuple[str, ...]:
    if _GROUPED.fullmatch(main):
        plain = main.replace(",", "").replace(".", "")
        return (plain, main) if "." in main else (plain,)
    return (_DECIMAL_COMMA.sub(".", main),)


def _arabic(main: str) -> list[str]:
    forms = [main]
    rest = main
    if rest[0] in "وف" and len(rest) > _SHORTEST_REST:
        rest = rest[1:]
        forms.append(rest)
    if rest.startswith("لل") and len(rest) - 2 >= _SHORTEST_REST:
        forms += ["ال" + rest[2:], rest[2:], rest[1:]]  # for-the-state, or for-Lebanon
        return forms
    if rest[0] in "بكل" and len(rest) > _SHORTEST_REST:
        rest = rest[1:]
        forms.append(rest)
    if rest.startswith("ال") and len(rest) - 2 >= _SHORTEST_REST:
        forms.append(rest[2:])
    return forms


def _hebrew(main: str) -> list[str]:
    forms = [main]
    for _ in range(3):  # no word carries more than three: and-when-the, and-from-the
        if main[0] not in _HEBREW_PREFIXES or len(main) <= _SHORTEST_REST:
            break
        main = main[1:]
        forms.append(main)
    return forms


def _without_affixes(word: str) -> list[str]:
    """Forms of a Persian word without the affixes that stand behind a half-space."""
    if _HALF_SPACE not in word:
        return []
    parts = [part for part in map(fold, word.split(_HALF_SPACE)) if part]
    while len(parts) > 1 and parts[-1] in _PERSIAN_SUFFIXES:
        parts.pop()
    while len(parts) > 1 and parts[0] in _PERSIAN_PREFIXES:
        parts.pop(0)
    if len(parts) > 1 and (preverb := _PERSIAN_PREVERB.fullmatch(parts[0])):
        parts[0] = preverb[1]
    return ["".join(parts)] if parts else []
