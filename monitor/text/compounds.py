"""Compounds: the last part of a word that is glued together of several.

On the article's way: asked by :mod:`monitor.text.stems` for the words of an article. German and Dutch write a noun and
what tells it apart as one word, whose last part says what kind of thing it is (Kampftruppen, luchtaanvallen): a rule's
"Truppen" meets it as "troops" meets "combat troops". There is no dictionary: any ending that is long enough may be a
last part, and the laws here sort out what only looks like one.

It knows nouns of six letters or more. What a compound of another sense is (Preisexplosion), concepts list.
"""

from __future__ import annotations

from collections.abc import Iterator

import regex

__all__ = ["SHORTEST_LAST_PART", "glues_words", "last_parts", "may_stand_last"]

SHORTEST_LAST_PART = 6
_SHORTEST_BEFORE = 3
_LONGEST = 40  # letters; longer words are no words

# What stands before the last part is no particle of a verb, for a particle and the rest are one word (Vor|anschlag,
# nach|vollziehen), nor does it end in one that hardly ends a noun (Kosten|vor|anschlag, personen|be|zogen).
_PARTICLE = {
    "de": regex.compile(
        r"\w*(?:be|ge|ent|ver|zer|miss|vor|zu|mit|nach|durch|unter|wider|wieder|zuruck|zusammen|fest|statt|teil|mass|voll"
        r"|beg|geg|heran|herauf|heraus|herein|hervor|hinaus|hinein|hinweg|hinzu|hinter|vorbei|voraus|weiter|kom|emi)"
        r"|auf|aus|bei|ein|emp|um|her|hin|los|nieder|rein|raus|runter|uber|weg|hoch|fort|heim|fern|frei|gleich|gross"
        r"|klar|kurz|lang|nahe|sicher|tot|trans|sub|per"
    ),
    "nl": regex.compile(
        r"\w*(?:be|ge|ont|ver|her|voor|toe|terug|samen|vast|deel|plaats|mis|waar|com|kom|emi)"
        r"|aan|achter|af|bij|door|in|mee|na|neer|om|onder|op|open|over|tegen|uit|weg|trans|per|dis"
    ),
}
# No last parts: adjectives, which add up (lateinamerikanisch); verbs, whose particles are many; -nation (Kombination).
_NEVER_LAST = {
    "de": regex.compile(
        r"\w*isch(?:e[mnrs]?)?|nation(?:en)?|(?:be|ent|er|ge|ver|zer)?(?:brach|brech|bring|druck|fall|fuhr|griff|greif"
        r"|halt|kehr|komm|lass|lauf|nahm|nomm|raum|ruck|schick|schiess|schlag|schliess|schoss|setz|sprech|spring|stell"
        r"|traf|treib|weiss|wachs|zieh|zog)(?:e[mnrst]?|te[nt]?|t|ern?)?"
    ),
    "nl": regex.compile(
        r"\w*ische?|natie|(?:ge)?(?:brach|breng|drag|hal|houd|kom|lat|leid|leg|lop|nem|nom|roep|slag|stel|trek|trokk"
        r"|vall|voer|werp|zett?)(?:k?en|t|te|ten|de|den)?"
    ),
}
_VOWEL = regex.compile(r"[aeiouy]")


def glues_words(language: str) -> bool:
    """Whether compounds of that language are met by their last part."""
    return language in _PARTICLE


def may_stand_last(form: str, language: str) -> bool:
    """Whether compounds of that language are met by this word of a rule, when it is their last part."""
    never = _NEVER_LAST.get(language)
    return never is not None and len(form) >= SHORTEST_LAST_PART and never.fullmatch(form) is None


def last_parts(form: str, language: str) -> Iterator[str]:
    """What may be the last part of a folded form, the longest first; nothing in a language that glues no words."""
    particle = _PARTICLE.get(language)
    if particle is None or len(form) > _LONGEST or not form.isalpha():
        return
    for at in range(_SHORTEST_BEFORE, len(form) - SHORTEST_LAST_PART + 1):
        if (
            _VOWEL.search(form, 0, at)
            and particle.fullmatch(form, 0, at) is None
            and may_stand_last(form[at:], language)
        ):
            yield form[at:]
