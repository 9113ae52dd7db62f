"""The words of a term, made ready to be looked for: what each word asks of a word in a text.

On the article's way: nowhere; run once when rules are read. A term of the query language, of a watch's simple form
and of a concept all become a :class:`TermPattern` here, by the tokens that :mod:`monitor.text` makes of articles too,
so a rule and its words never differ in how they were cut. Looks nothing up; :mod:`monitor.rules.evaluate` does.

The laws:

- A word is met by its inflected forms. Words of one or two letters of an alphabet with capitals are met as they stand.
- A word in capitals of two to five letters (``IS``, ``US``) is met in capitals only; not so when every word of a term
  of several words is in capitals (``ISLAMIC STATE``): there they say nothing.
- ``*`` stands for any letters, ``?`` for one, inside one word and after at least three letters.
- ``...`` or ``…`` between words of a concept's name lets up to three other words stand there; ``~n`` after the name
  lets up to n stand in each place between two of its words, which keep their order.
- ``"a b c"~n`` in a query: all the words, in any order, with at most n other words among them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum
from functools import lru_cache
from itertools import chain

import regex

from monitor import text

__all__ = ["MAX_GAP", "MAX_SLOP_WORDS", "Manner", "TermFault", "TermPattern", "WordTest", "parse_name", "parse_term"]

ELLIPSIS_GAP = 3
MAX_SLOP_WORDS = 6
#: NEAR/250 reaches over most of an article, and so does a name's ~250; more would reach over a paragraph's end.
MAX_GAP = 250
_LETTERS_BEFORE_WILDCARD = 3
_LETTERS_OF_ACRONYM = 5
_LETTERS_NEVER_INFLECTED = 2

_CHUNK = regex.compile(r"\S+")
_WILDCARD = regex.compile(r"[*?]")
_SLOP = regex.compile(r"\s*~\s*(\d+)\s*$")
_GAP = regex.compile(r"\s*(?:…|\.{3,})\s*")
_LETTER = regex.compile(r"\p{L}")


class TermFault(ValueError):
    """A term that can't be looked for; ``offset`` counts from the start of the term's text."""

    def __init__(self, message: str, *, offset: int = 0, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.offset = offset
        self.hint = hint


class Manner(Enum):
    """What a word of a rule asks of a word of the text."""

    INFLECTED = "inflected"  # the same word in any of its forms
    FOLDED = "folded"  # the same form; case, accents and width aside
    EXACT = "exact"  # written just so
    PREFIX = "prefix"  # begins so
    WILDCARD = "wildcard"  # begins so and fits the pattern


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class WordTest:
    """One word of a term. ``form`` is folded (for PREFIX and WILDCARD: the letters before the first wildcard).

    ``language``: in whose inflected forms an INFLECTED word is met; "" for the article's own.
    """

    form: str
    manner: Manner
    raw: str = ""
    capital: bool = False
    pattern: regex.Pattern[str] | None = None
    language: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TermPattern:
    """A term: runs of words that follow each other at once, and what may stand between the runs.

    ``gaps`` has one number for each place between two runs (ordered terms); ``slop`` is set for unordered ones.
    ``acronym``: the term is one word in capitals, which proves nothing where all is in capitals. ``words``: all of
    them, in their order.
    """

    runs: tuple[tuple[WordTest, ...], ...]
    gaps: tuple[int, ...] = ()
    slop: int | None = None
    acronym: bool = False
    words: tuple[WordTest, ...] = field(init=False)

    def __post_init__(self) -> None:
        """Reckon ``words``, which every article asks for."""
        object.__setattr__(self, "words", tuple(chain.from_iterable(self.runs)))


@lru_cache(maxsize=65_536)  # a term is read when its query is checked, and again when it is compiled
def parse_term(
    term: str, *, exact: bool = False, slop: int | None = None, inflect: bool = True, capitals: bool = True
) -> TermPattern:
    """The pattern of a query's term, or of one in a watch's simple form.

    ``inflect``: words are met by their inflected forms. ``capitals``: a short word in capitals is met in capitals only.

    Raises:
        TermFault: nothing to look for, or a wildcard where none can stand.
    """
    chunks = _chunks(term, exact=exact, inflect=inflect, capitals=capitals)
    if slop is not None and len(chunks) > 1:
        if len(chunks) > MAX_SLOP_WORDS:
            raise TermFault(f"~{slop} takes a phrase of at most {MAX_SLOP_WORDS} words", hint="use NEAR or AND")
        return TermPattern(runs=tuple(chunks), slop=slop)
    words = tuple(word for chunk in chunks for word in chunk)
    acronym = len(words) == 1 and (words[0].capital or (exact and capitals and _is_acronym(text.words(term)[0])))
    return TermPattern(runs=(words,), acronym=acronym)


@lru_cache(maxsize=65_536)
def parse_name(name: str, *, exact: bool = False) -> TermPattern:
    """The pattern of a concept's name, which may hold ``...`` and end in ``~n``.

    A wildcard may follow two letters here when the name has another word of three.

    Raises:
        TermFault: as :func:`parse_term`.
    """
    loose = _SLOP.search(name)
    words = name[: loose.start()] if loose else name
    if loose and (len(loose[1]) > len(str(MAX_GAP)) or int(loose[1]) > MAX_GAP):
        hint = "use near in the concept, or AND in a query"
        raise TermFault(f"~ reaches over at most {MAX_GAP} words", offset=loose.start(1) - 1, hint=hint)
    whole = any(
        _letters(chunk) >= _LETTERS_BEFORE_WILDCARD for chunk, _ in _split(words) if not _WILDCARD.search(chunk)
    )
    least = _LETTERS_BEFORE_WILDCARD - 1 if whole else _LETTERS_BEFORE_WILDCARD
    stretches = [part for part in _GAP.split(words) if part]
    runs: list[tuple[WordTest, ...]] = []
    for stretch in stretches or [words]:
        chunks = _chunks(stretch, exact=exact, least=least)
        runs += chunks if loose else [tuple(word for chunk in chunks for word in chunk)]
    if len(runs) > 1:
        gap = int(loose[1]) if loose else ELLIPSIS_GAP
        return TermPattern(runs=tuple(runs), gaps=(gap,) * (len(runs) - 1))
    acronym = len(runs[0]) == 1 and (runs[0][0].capital or (exact and _is_acronym(text.words(words)[0])))
    return TermPattern(runs=tuple(runs), acronym=acronym)


def _chunks(
    term: str,
    *,
    exact: bool,
    inflect: bool = True,
    capitals: bool = True,
    least: int = _LETTERS_BEFORE_WILDCARD,
) -> list[tuple[WordTest, ...]]:
    """The tests of a term's words, those between two spaces together; never empty."""
    tokens = text.words(term)
    marked = capitals and not (len(tokens) > 1 and all(token.caps for token in tokens))
    making = _Making(exact=exact, inflect=inflect, capitals=marked, least=least)
    chunks = [chunk for part, offset in _split(term) if (chunk := _chunk(part, offset, making))]
    if not chunks:
        raise TermFault("there is no letter or digit here to look for", hint="write a word, or leave this out")
    return chunks


@dataclass(frozen=True, slots=True, kw_only=True)
class _Making:
    """How the words of one term are to be met. ``least``: letters before a wildcard."""

    exact: bool
    inflect: bool
    capitals: bool
    least: int


def _split(term: str) -> Iterator[tuple[str, int]]:
    return ((found[0], found.start()) for found in _CHUNK.finditer(term))


def _letters(word: str) -> int:
    return len(_LETTER.findall(word))


def _is_acronym(token: text.Token) -> bool:
    return token.caps and _letters(token.raw) <= _LETTERS_OF_ACRONYM


def _chunk(chunk: str, offset: int, making: _Making) -> tuple[WordTest, ...]:
    """The tests of what stands between two spaces: mostly one word, several for ``l'État`` or ``US-led``."""
    wildcard = None if making.exact else _WILDCARD.search(chunk)
    if wildcard is None:
        return tuple(_word(token, making) for token in text.words(chunk))
    at = offset + wildcard.start()
    head, tail = chunk[: wildcard.start()], chunk[wildcard.start() :]
    tokens = text.words(head)
    if not tokens and not text.words(tail):
        return ()  # a star that stands alone
    if _letters(head) < making.least:
        hint = "write more of the word, or the forms you mean with OR"
        raise TermFault(f"{wildcard[0]} needs at least {making.least} letters before it", offset=at, hint=hint)
    if not tokens or tokens[-1].end != len(head):
        raise TermFault(f"{wildcard[0]} must follow a letter", offset=at)
    return (*(_word(token, making) for token in tokens[:-1]), _wild(tokens[-1], tail, at))


def _word(token: text.Token, making: _Making) -> WordTest:
    form = token.forms[0]
    if making.exact:
        return WordTest(form=form, manner=Manner.EXACT, raw=token.raw)
    if making.capitals and _is_acronym(token):
        return WordTest(form=form, manner=Manner.FOLDED, capital=True)
    # Two letters of an alphabet are a function word or an abbreviation; two signs of Hangul or Arabic can be a noun.
    short = _letters(token.raw) <= _LETTERS_NEVER_INFLECTED and form.upper() != form
    plain = short or not making.inflect
    return WordTest(form=form, manner=Manner.FOLDED if plain else Manner.INFLECTED)


def _wild(head: text.Token, tail: str, offset: int) -> WordTest:
    form = head.forms[0]
    tail = tail.rstrip(".,;:!\"'")
    if set(tail) == {"*"}:
        return WordTest(form=form, manner=Manner.PREFIX)
    # Each star takes as little as it can and never gives back: right for such patterns, and linear on hostile words.
    first, *others = (_glob(segment, offset) for segment in tail.split("*"))
    middle = "".join(f"(?>.*?{segment})" for segment in others[:-1])
    last = f".*{others[-1]}" if others else ""
    pattern = regex.compile(regex.escape(form) + first + middle + last, regex.DOTALL)
    return WordTest(form=form, manner=Manner.WILDCARD, pattern=pattern)


def _glob(segment: str, offset: int) -> str:
    """A stretch between two stars as a regular expression over folded forms."""
    pattern = ""
    for piece in regex.split(r"(\?)", segment):
        if piece == "?":
            pattern += "."
        elif piece:
            tokens = text.words(piece)
            if len(tokens) != 1 or tokens[0].end - tokens[0].start != len(piece):
                raise TermFault("* and ? stand inside one word", offset=offset, hint="write the words apart")
            pattern += regex.escape(tokens[0].forms[0])
    return pattern
