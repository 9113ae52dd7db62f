"""Compounds: the last part of a word that is glued together of several.

On the article's way: asked by :mod:`monitor.text.stems` for the words of an article. German and Dutch write a noun and
what tells it apart as one word, whose last part says what kind of thing it is (Kampftruppen, luchtaanvallen): a rule's
"Truppen" meets it as "troops" meets "combat troops". There is no dictionary: any ending that is long enough may be a
last part, and the laws here sort out what only looks like one.

It knows nouns of six letters or more. What a compound of another sense is (Preisexplosion), concepts list.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

__all__ = ["SHORTEST_LAST_PART", "glues_words", "last_parts", "may_stand_last"]

SHORTEST_LAST_PART = 6
_SHORTEST_BEFORE = 3
_LONGEST = 40  # letters; longer words are no words

# What stands before the last part is no particle of a verb, for a particle and the rest are one word (Vor|anschlag,
# nach|vollziehen), nor does it end in one that hardly ends a noun (Kosten|vor|anschlag, personen|be|zogen).
_ENDS_IN_PARTICLE = {
    language: tuple(particles.split())
    for language, particles in {
        "de": "be ge ent ver zer miss vor zu mit nach durch unter wider wieder zuruck zusammen fest statt teil mass "
        "voll beg geg heran herauf heraus herein hervor hinaus hinein hinweg hinzu hinter vorbei voraus weiter kom emi",
        "nl": "be ge ont ver her voor toe terug samen vast deel plaats mis waar com kom emi",
    }.items()
}
_PARTICLES = {
    language: frozenset(particles.split())
    for language, particles in {
        "de": "auf aus bei ein emp um her hin los nieder rein raus runter uber weg hoch fort heim fern frei gleich "
        "gross klar kurz lang nahe sicher tot trans sub per",
        "nl": "aan achter af bij door in mee na neer om onder op open over tegen uit weg trans per dis",
    }.items()
}


def _forms(before: str, roots: str, endings: str) -> frozenset[str]:
    """All that some parts make together, each of them told with a blank between; "-" is for none."""
    parts = (["" if one == "-" else one for one in several.split()] for several in (before, roots, endings))
    return frozenset(map("".join, product(*parts)))


# No last parts: adjectives, which add up (lateinamerikanisch); verbs, whose particles are many; -nation (Kombination).
_ADJECTIVES = {"de": ("isch", "ische", "ischem", "ischen", "ischer", "isches"), "nl": ("isch", "ische")}
_NEVER_LAST = {
    "de": _forms("-", "nation", "- en")
    | _forms(
        "- be ent er ge ver zer",
        "brach brech bring druck fall fuhr griff greif halt kehr komm lass lauf nahm nomm raum ruck schick schiess "
        "schlag schliess schoss setz sprech spring stell traf treib weiss wachs zieh zog",
        "- e em en er es et ern t te ten tet",
    ),
    "nl": frozenset({"natie"})
    | _forms(
        "- ge",
        "brach breng drag hal houd kom lat leid leg lop nem nom roep slag stel trek trokk vall voer werp zet zett",
        "- en ken t te ten de den",
    ),
}
_VOWELS = frozenset("aeiouy")


def glues_words(language: str) -> bool:
    """Whether compounds of that language are met by their last part."""
    return language in _PARTICLES


def may_stand_last(form: str, language: str) -> bool:
    """Whether compounds of that language are met by this word of a rule, when it is their last part."""
    never = _NEVER_LAST.get(language)
    return (
        never is not None
        and len(form) >= SHORTEST_LAST_PART
        and form not in never
        and not form.endswith(_ADJECTIVES[language])
    )


def last_parts(form: str, language: str) -> Iterator[str]:
    """What may be the last part of a folded form, the longest first; nothing in a language that glues no words."""
    particles = _PARTICLES.get(language)
    if particles is None or len(form) > _LONGEST or not form.isalpha() or form.endswith(_ADJECTIVES[language]):
        return
    ends_in_particle, never = _ENDS_IN_PARTICLE[language], _NEVER_LAST[language]
    for at in range(_SHORTEST_BEFORE, len(form) - SHORTEST_LAST_PART + 1):
        before, part = form[:at], form[at:]
        if (
            part not in never
            and before not in particles
            and not before.endswith(ends_in_particle)
            and not _VOWELS.isdisjoint(before)
        ):
            yield part
