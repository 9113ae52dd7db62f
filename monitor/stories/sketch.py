"""An article's sketch: what is kept of its content so that other tellings of the same event are found and compared.

On the article's way: drafted from title, text and language outside of any transaction, weighed by what the store has
seen when the article is judged (T2), and stored with the judgement. It keeps 32-bit hashes only. It does not decide
what is the same story.

Two kinds of things are kept. *Terms* are the stems of the article's own language, in scripts without spaces pairs of
characters: they compare articles of one language. *Signs* are what survives translation: names and other words by
their sound, figures, places, concepts, addresses that it links to. The beginning of a text tells its story, so only
that is read.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b

import regex

from monitor.model import Sketch
from monitor.stories.common_words import COMMON_WORDS
from monitor.stories.days import days, years
from monitor.stories.decide import identifies_article
from monitor.stories.furniture import story_lines, without_credit
from monitor.stories.names import codes, foreign_names, numbers, sound
from monitor.stories.places import Gazetteer
from monitor.text import Word, analyse, inflects_by_prefix, stem

__all__ = [
    "CODE",
    "CONCEPT",
    "DAY",
    "LINK",
    "NAME",
    "NUMBER",
    "OWN",
    "PLACE",
    "SHAPE",
    "SIGN",
    "TEXT",
    "TITLE",
    "YEAR",
    "Draft",
    "draft",
    "language_key",
    "weigh",
]

# What an entry is, as bits of one byte.
TITLE, TEXT, SIGN, NAME, NUMBER, PLACE, CONCEPT, LINK = 1, 2, 4, 8, 16, 32, 64, 128
# Signs of two kinds at once are things of their own.
DAY = NUMBER | PLACE  # "23 July", whose number is a figure too
YEAR = NUMBER | CONCEPT  # "2013", which is a figure too
CODE = NUMBER | LINK  # what a title calls a thing by, "MH370" or "$ACME"
SHAPE = CODE | PLACE  # ... and what it has in common with others of its series
OWN = LINK | CONCEPT  # the address at which the article stands itself; any other is what it links to
PAIR = NUMBER  # of a term: two words that stand beside each other

_TERMS, _PAIRS, _SIGNS = 128, 48, 96  # entries of each kind, in the order of reading
_TITLE_READ, _TEXT_READ = 400, 6_000  # characters
_POSTED_TERMS, _POSTED_SIGNS, _POSTED_LINKS = 20, 16, 8
_BEFORE = 200  # articles that a language is taken to have had before the first, so that early counts don't tip scales
_COMMON = 0.35  # share of them that a common word stood in
_SHORT_WORD = 3
_HIGHEST_SHARE = 0.12  # of a language's articles: what stands in more finds too many to find anything
_SHORTEST_SOUND = 3
_LEAST_LETTERS = 4
_PREFIX = 5  # letters of a word where inflected forms are known by what they begin with

# How much an entry weighs, by its kind and by how often it stands there (1 to 255): worked out once, for they are asked
# for at every pair of articles.
_LOGS = (0.0, *(math.log(count) for count in range(1, 256)))
_TELLING = NAME | NUMBER | PLACE | CONCEPT | LINK


def _weights(first: float, each: float) -> tuple[float, ...]:
    return tuple(first + each * log for log in _LOGS)


TEXT_WEIGHT = _weights(1.0, 1.0)
"""By count: of a term in a text."""

_ONCE, _TWICE = _weights(1.0, 1.0), _weights(2.0, 1.0)
BOTH_WEIGHT = tuple(_TWICE if kind & TITLE else _ONCE for kind in range(256))
"""By kind and count: as for a text; what stands in the title counts twice."""

_ALIKE, _TOLD = _weights(1.0, 0.5), _weights(2.0, 0.5)
SIGN_WEIGHT = tuple(_TOLD if kind & _TELLING else _ALIKE for kind in range(256))
"""By kind and count: names, figures, places and concepts weigh more than words that merely sound alike."""

_SPACELESS = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]")
_CASELESS = regex.compile(r"[\p{Arabic}\p{Hebrew}\p{Georgian}\p{Devanagari}\p{Bengali}]")
_BY_PAIRS = frozenset({"vi"})  # languages that write syllables apart, whose words are pairs of them
_FIGURE = regex.compile(r"\d")
_ADDRESS = regex.compile(r"[a-z]{3,9}://[^\s<>\"]+", regex.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A sketch before it is weighed: each entry's hash, what it is, how often it stands there."""

    language: str
    hashes: tuple[int, ...]
    kinds: bytes
    counts: bytes
    common: frozenset[int]
    has_text: bool


def draft(
    title: str,
    text: str,
    language: str | None,
    *,
    gazetteer: Gazetteer,
    concepts: Iterable[str] = (),
    refrains: Collection[str] = (),
    links: Iterable[str] = (),
    address: str = "",
) -> Draft:
    """The draft of an article's sketch. Any strings, also empty or hostile ones; linear in what is read of them.

    ``refrains``: lines of the text that its host prints under other stories too, which say nothing of this one;
    ``links``: canonical addresses on other sites that the text links to; ``address``: where the article stands.
    """
    reading = _Reading(language or "", gazetteer)
    reading.read(without_credit(title[:_TITLE_READ]), TITLE)
    body = "\n".join(story_lines(text[:_TEXT_READ], refrains))
    reading.read(body, TEXT)
    for concept in sorted(concepts):
        reading.sign(f"&{concept}", CONCEPT)  # not the place or group of that name, which the text names by itself
    given = tuple(links)
    for link in (address, *(given if len(given) <= _LINKS_OF_ONE else ())):
        reading.link(link, OWN if link == address else LINK)
    return reading.draft(has_text=reading.words[TEXT] >= _LEAST_TEXT)


_LINKS_OF_ONE = 10  # what links to more tells of many events: a roundup, a list
_LEAST_TEXT = 12  # words: fewer say no more than a title


class _Reading:
    def __init__(self, language: str, gazetteer: Gazetteer) -> None:
        self._language = language
        self._pairs_of_words = language in _BY_PAIRS
        self._gazetteer = gazetteer
        self._terms: dict[int, list[int]] = {}
        self._signs: dict[int, list[int]] = {}
        self._pairs: dict[int, list[int]] = {}
        self._last = ""
        self._common: set[int] = set()
        self.words = {TITLE: 0, TEXT: 0}

    def read(self, text: str, part: int) -> None:
        text = _ADDRESS.sub(" ", text) if "://" in text else text  # the words of an address are not the article's
        field = analyse(text)
        words = field.words
        self.words[part] += len(words)
        starts = set(field.paragraphs)
        shouted = part == TITLE and _is_title_case(words)
        before: Word | None = None
        self._last = ""
        for at, word in enumerate(words):
            self._term(word, before, part)
            self._sound(word, part, named=not shouted and at not in starts)
            before = word
        figures = _FIGURE.search(text) is not None
        if figures:
            for number in numbers(text):
                self.sign(f"#{number}", NUMBER | part)
        if not text.isascii():
            for name in foreign_names(text):
                heard = sound(name)
                if len(heard) >= _SHORTEST_SOUND:
                    self.sign(heard, NAME | part)
        for place in self._gazetteer.places(field):
            self.sign(f"@{place}", PLACE | part)
        if figures:
            for day in days(text, self._language):
                self.sign(f"!{day}", DAY | part)
            for year in years(text):
                self.sign(f"!{year}", YEAR | part)
        if part == TITLE:
            for series, code in codes(text):
                self.sign(f"={series}", SHAPE | TITLE)
                self.sign(f"={series}={code}", CODE | TITLE)

    def _term(self, word: Word, before: Word | None, part: int) -> None:
        form = word.forms[0]
        number, stemmed, short, common = _term_of(form, self._language)
        if number is None:  # of a script without spaces
            if before is None or _SPACELESS.match(before.forms[0]) is None:
                return
            both = before.forms[0] + form
            self._add_term(_hashed(f"t{both}"), part, common=_is_common(both, self._language))
            return
        if self._pairs_of_words and before is not None:
            both = f"{before.forms[0]} {form}"
            self._add_term(_hashed(f"t{both}"), part, common=_is_common(both, self._language))
        self._add_term(number, part, common=common or short)
        common = common or (short and not word.caps)
        if not common and self._last and len(self._pairs) < _PAIRS:
            pair = self._pairs.setdefault(_hash(f"p{self._last} {stemmed}"), [PAIR, 0])
            pair[0] |= part
            pair[1] = min(255, pair[1] + 1)
        self._last = "" if common else stemmed

    def _add_term(self, number: int, part: int, *, common: bool) -> None:
        known = self._terms.get(number)
        if known is None:
            if len(self._terms) >= _TERMS:
                return
            known = self._terms[number] = [0, 0]
            if common:
                self._common.add(number)
        known[0] |= part
        known[1] += 1

    def _sound(self, word: Word, part: int, *, named: bool) -> None:
        capital, heard = _sounds_of(word.raw, word.forms, self._language)
        kind = NAME | part if capital and named else part
        for number, common in heard:
            self._sign(number, kind)
            if common:
                self._common.add(number)

    def sign(self, text: str, kind: int) -> None:
        self._sign(_hashed(f"s{text}"), kind)

    def _sign(self, number: int, kind: int) -> None:
        known = self._signs.get(number)
        if known is None:
            if len(self._signs) >= _SIGNS and not kind & (CONCEPT | LINK):
                return
            known = self._signs[number] = [SIGN, 0]
        known[0] |= kind
        known[1] += 1

    def link(self, address: str, kind: int) -> None:
        """An address at which an article may stand, not a site's front page or section."""
        address = address.rstrip("/.,")
        if identifies_article(address):
            self.sign(f"/{address.partition('://')[2].removeprefix('www.')}", kind)

    def draft(self, *, has_text: bool) -> Draft:
        terms = self._terms
        entries = [*terms.items(), *self._pairs.items(), *(one for one in self._signs.items() if one[0] not in terms)]
        return Draft(
            language=self._language,
            hashes=tuple([number for number, _ in entries]),
            kinds=bytes([kind for _, (kind, _) in entries]),
            counts=bytes([min(255, count) for _, (_, count) in entries]),
            common=frozenset(self._common),
            has_text=has_text,
        )


def _hash(text: str) -> int:
    """A 32-bit hash that is the same on every machine, as SQLite's signed integer."""
    digest = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=4).digest()
    return int.from_bytes(digest, "big", signed=True)


_hashed = lru_cache(maxsize=32_768)(_hash)


@lru_cache(maxsize=65_536)
def _term_of(form: str, language: str) -> tuple[int | None, str, bool, bool]:
    """A word as a term: its number, None in a script without spaces; its stem; whether it is short, and common."""
    if _SPACELESS.match(form) is not None:
        return None, "", False, False
    stemmed = form[:_PREFIX] if inflects_by_prefix(language) else stem(form, language)
    short = len(form) <= _SHORT_WORD and not form[0].isdigit()
    return _hash(f"t{stemmed}"), stemmed, short, _is_common(form, language)


def _is_common(form: str, language: str) -> bool:
    return form in COMMON_WORDS.get(language, ())


@lru_cache(maxsize=65_536)
def _sounds_of(raw: str, forms: tuple[str, ...], language: str) -> tuple[bool, tuple[tuple[int, bool], ...]]:
    """Whether a word has a capital, and the numbers of its sounds, with whether the form that sounds so is common."""
    if not raw[0].isalpha() or _SPACELESS.match(raw) is not None:
        return False, ()
    caseless = _CASELESS.match(raw) is not None
    capital = raw[0].isupper()
    if not caseless and not capital and len(raw) <= _LEAST_LETTERS:
        return False, ()
    heard = [(sound(form), _is_common(form, language)) for form in (forms[:3] if caseless else forms[:1])]
    least = _SHORTEST_SOUND - 1 if capital else _SHORTEST_SOUND
    return capital, tuple((_hash(f"s{one}"), common) for one, common in heard if len(one) >= least)


def language_key(language: str) -> int:
    """Under what number the articles of a language are counted, among the counts of terms."""
    return _hashed(f"n{language}")


def _is_title_case(words: Sequence[Word]) -> bool:
    """Whether a headline is written with capitals throughout, so that they mark no name."""
    cased = [word.raw for word in words if len(word.raw) > _LEAST_LETTERS and word.raw[0].isalpha()]
    return sum(raw[0].isupper() for raw in cased) * 2 > len(cased)


def weigh(draft: Draft, seen: Mapping[int, int]) -> tuple[dict[int, float], Sketch]:
    """The rarity of each entry by what the store has seen (articles by term, and by language), and the sketch to keep.

    Rarity is the logarithm of how many articles there are to each that has the entry.
    """
    own = seen.get(language_key(draft.language), 0)
    every = seen.get(language_key("*"), 0)
    rarity: dict[int, float] = {}
    for number, kind in zip(draft.hashes, draft.kinds, strict=True):
        articles = every if kind & SIGN else own
        prior = _BEFORE * _COMMON if number in draft.common else 0.0
        rarity[number] = math.log((articles + _BEFORE + 1) / (min(seen.get(number, 0), articles) + prior + 1))
    title = text = both = signs = 0.0
    for number, kind, count in zip(draft.hashes, draft.kinds, draft.counts, strict=True):
        rare = rarity[number]
        if kind & SIGN:
            signs += 0.0 if is_address(kind) else (rare * SIGN_WEIGHT[kind][count]) ** 2
            continue
        if kind & PAIR:
            continue
        if kind & TITLE:
            title += rare * rare
        if kind & TEXT:
            text += (rare * TEXT_WEIGHT[count]) ** 2
        both += (rare * BOTH_WEIGHT[kind][count]) ** 2
    return rarity, Sketch(
        language=draft.language,
        terms=array("i", draft.hashes).tobytes(),
        kinds=draft.kinds,
        counts=draft.counts,
        norms=(
            math.sqrt(title),
            math.sqrt(text) if draft.has_text else 0.0,
            math.sqrt(both),
            math.sqrt(signs),
            float(sum(count for kind, count in zip(draft.kinds, draft.counts, strict=True) if kind & NAME)),
            float(sum(kind & SHAPE == PLACE for kind in draft.kinds)),
        ),
        strong=_strongest(draft, rarity, seen),
    )


def rarest(seen: Mapping[int, int]) -> float:
    """How rare an entry is that no article has, by what the store has seen of all languages."""
    return math.log(seen.get(language_key("*"), 0) + _BEFORE + 1)


def is_address(kind: int) -> bool:
    """Whether an entry is an address, which says where something stands and nothing of what it tells."""
    return kind & (OWN | NUMBER) in {LINK, OWN}


def _strongest(draft: Draft, rarity: Mapping[int, float], seen: Mapping[int, int]) -> tuple[int, ...]:
    """The entries by which this article is found, and asks for others: the rarest, what tells more first."""
    ceiling = max(40, _HIGHEST_SHARE * seen.get(language_key("*"), 0))
    terms, signs, links = [], [], []
    for number, kind, count in zip(draft.hashes, draft.kinds, draft.counts, strict=True):
        if number in draft.common or seen.get(number, 0) > ceiling or (kind & PAIR and not kind & SIGN):
            continue
        if is_address(kind):
            links.append((kind != SIGN | OWN, -rarity[number], number))
        elif kind & SIGN:
            signs.append((-rarity[number] * SIGN_WEIGHT[kind][count], number))
        else:
            terms.append((-rarity[number] * BOTH_WEIGHT[kind][count], number))
    found = (*sorted(terms)[:_POSTED_TERMS], *sorted(signs)[:_POSTED_SIGNS])
    return (*(number for _, number in found), *(number for *_, number in sorted(links)[:_POSTED_LINKS]))
