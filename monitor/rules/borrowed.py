"""Names that others wrote: made plain, and whether each can stand in a concept by itself.

On the article's way: nowhere; asked when a concept is started from a source of names. Such a source knows nothing of
how names are written here, and may be hostile: a star, a tilde, an ``@`` or dots in its text must not become a
wildcard, a gap or a use of another concept. Those signs are no letters, so a name without them meets the same words.

It knows no source and no file, and can't tell what a word means: its doubts come from a name's form alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import regex

from monitor.rules.pattern import TermFault, parse_name

__all__ = ["Borrowed", "Doubt", "borrow"]


class Doubt(StrEnum):
    """Why a name had better not count alone; the words are for a person."""

    SHARED = "shared"  # the source itself tells it apart from others by what it adds in parentheses
    DIGITS = "digits"
    SHORT = "short"
    EVERYDAY = "everyday"
    COMMON = "common"

    @property
    def words(self) -> str:
        """The reason as the end of a sentence."""
        return _WORDS[self]


_WORDS = {
    Doubt.SHARED: "other things bear this name too",
    Doubt.DIGITS: "no letters, only digits",
    Doubt.SHORT: "very short",
    Doubt.EVERYDAY: "an everyday word as well",
    Doubt.COMMON: "reads like a common noun",
}

# What the grammar of names takes for more than a sign: wildcards, ~3, @other, gaps.
_SYNTAX = regex.compile(r"[*?~@…]|\.{3,}")
_TOLD_APART = regex.compile(r"(.+?) ?[(（]([^()（）]*)[)）]", regex.DOTALL)
_LETTER = regex.compile(r"\p{L}")
_SIGN = regex.compile(r"[\p{L}\p{N}]")
# One sign of these is a syllable or a word: two of them make a name.
_DENSE = regex.compile(r"[\p{Han}\p{Hangul}]")
_SHORTEST, _SHORTEST_DENSE = 3, 2

# Words of three to five letters that abbreviations share with everyday language, folded, the languages of news that is
# read most. In capitals a name is met in capitals only; what remains are emphasis, headlines and other bodies.
_EVERYDAY_WORDS = """
act aid aim air alert all and any are arm art ask atom award bad ban bar bat beat bed best big bit bus but buy
call came camp can cap car care case cash cat chat city come core cost cross cup cut data day dead deal did die
dog door down dry ear earth east eat end eye face fact fair fall far fast fat fear fed few file film fine fire
first fit flag fly food foot for force form fox free from fun gap gas get goal god gold good got gun had hand
hard has hat head heart help her here high him his hit home hope hot how idea iron jet job joint key kid lab
land last law lead led left leg let lie life light like line link list live long look low made main make man
many map march mark may media men met mind mine most move must name near net new news next nor north not now off
oil old one only open our out over own pact pain park part pass past path peace plan play plus point poll port
post power pro pull push race rain rank rapid rat raw real red rest rich right rise road rock role room rose run
safe said sail sale same save say sea seal seat see self send set shape share she ship show side sign six size
smart snap some son soon south space spot star start state stay step stop such sun swift tank task tax team ten
test than that the them then they this tie time tip top toy trade tree true try two use van view visa vote wait
want war was water way week west what when who why will win wing wire wise with word work year yes yet you young

aux avec ces cet cinq dans des dont eau elle elles est feu fin fois gens jour leur loi lui mais mal mer mes moi
mois monde mort nos nous ont par pas pays peu pour que qui sans ses soi sont sous sur tous tout trois une ville
voix vous

aber alle als amt auch auf aus bei bis das dass dem den der doch drei ein eine frau fur geld gut haus heer ihr
ist jahr kein macht mehr mit nach neu nicht noch nur oder ohne ort recht sei sich sie sind tag tat tor uber und
uns vom von vor weg wie wir wird zeit zum zur

ahora algo ante cada casa como con cual del desde dia dos ella era eso esta este fue gran hace han hay hoy las
ley los luz mar mas menos muy nada otro para paz pero por pues rey rio ser sin sobre sol tal tan todo tres una
uno vez vida voz

alla anche anni basta bene che chi coi cosa cui dal dalla dei della dopo fare gia gli hanno ieri loro mai mare
nei nel nella noi non oggi ogni ora pace per piu poi pure sara sono sta suo tra tutti tutto uso via vita voi

ainda alem ano aos apos assim ate com ela ele entre essa esse foi hoje isso lei muito nao nas nem num onde pais
pela pelo quem sao sem seu sim sob sua tem ter uma vai

aan dan dat deze dit een haar heeft het hij hoe hun iets jaar kan maar meer naar niet nog ons ook rond staat
toch tot uit veel voor waar wat weer wel zij zijn

att bara blev det dig din dom efter eller ett fick finns fram gar ger har hon hur inte jag kom krav med mot nar
och oss sak ska som stor till upp vad var vid

ale ani bez byc byl byla bylo cel cena czas czy dla dwa gdy jak jego jej jest kto lat lata lub moc moze nad nam
nie niz nowe nowy oba oraz pan pod prawo przez rok roku rola sad sam sila stan tak tam tez tych tylko wiec wraz

ama ancak artik bana ben bile bin bir biz cok daha dis diye eden evet gibi gore hala hem icin iki ile ilk ise
iyi kadar kez kim nasil olan oldu ona onu orta ozel pek sen siz sonra tek tum ulke uzun yani yeni yer yok yol
yuz

akan atau bagi baru dari hal hari ini itu juga kami kata kita lagi lain oleh orang pada saat saja satu saya
telah tidak untuk yang

без был быть вам вас ваш весь все где год для его ему если есть еще или как кто лет мир мне над нам нас нет она
они под при про раз сам себя сил сто суд так там тот уже чем что эта это этот
"""
_EVERYDAY = frozenset(_EVERYDAY_WORDS.split())


@dataclass(frozen=True, slots=True, kw_only=True)
class Borrowed:
    """A name made plain. ``context``: what the source adds in parentheses to tell it apart ("planet"), or "".

    ``forms`` are its words, folded; ``capitals`` the places of those that are met in capitals only.
    """

    text: str
    context: str = ""
    forms: tuple[str, ...]
    capitals: frozenset[int]

    def covers(self, other: Borrowed) -> bool:
        """Whether whatever meets the other name, in its own form, meets this one."""
        return self.forms == other.forms and self.capitals <= other.capitals

    def doubt(self, *, common: bool) -> Doubt | None:
        """Why it had better not count alone; None when it may. ``common``: the thing is a kind, not a proper name."""
        if self.context:
            return Doubt.SHARED
        if not _LETTER.search(self.text):
            return Doubt.DIGITS
        if len(_SIGN.findall(self.text)) < (_SHORTEST_DENSE if _DENSE.search(self.text) else _SHORTEST):
            return Doubt.SHORT
        if len(self.forms) > 1:
            return None
        if self.forms[0] in _EVERYDAY:
            return Doubt.EVERYDAY
        if self.capitals:
            return None
        # Wikidata and its like write common nouns small wherever a language does.
        return Doubt.COMMON if common or self.text.islower() else None


def borrow(text: str) -> Borrowed | None:
    """The plain name in one line of text; None when it holds no letter or digit."""
    line = _plain(text)
    told_apart = _TOLD_APART.fullmatch(line)
    name, context = (told_apart[1], told_apart[2].strip()) if told_apart else (line, "")
    try:
        words = tuple(parse_name(name).words)
    except TermFault:
        return None
    return Borrowed(
        text=name,
        context=context,
        forms=tuple(word.form for word in words),
        capitals=frozenset(place for place, word in enumerate(words) if word.capital),
    )


def _plain(text: str) -> str:
    return " ".join(_SYNTAX.sub(" ", text).split())
