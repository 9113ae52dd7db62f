"""Tokens: a text's words, each with its place in the original and the folded forms under which it can be met.

On the article's way: between the plain text of title and body and the matching of rules. Rule terms are cut by the very
same code, so a term and a text always agree on what a word is. What stands between two spaces is cut by itself, and
what comes of it is remembered: an article costs one look-up for each of its words, and where in the text they stand is
reckoned only for the few that are asked for (:mod:`monitor.text.field`).

It knows no language: a text may hold several. Inflection is for ``monitor.text.stems``.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from typing import NamedTuple

import regex

from monitor.text.clitics import forms_of, is_proclitic, is_suffix_after_apostrophe, without_prefixes
from monitor.text.fold import IGNORABLE, PLAIN_WORD, fold, fold_plain, visible

__all__ = [
    "PARAGRAPH_STEP",
    "Line",
    "Token",
    "Word",
    "is_caps",
    "letters_in",
    "plain_forms",
    "tokenise",
    "words",
    "words_in",
]

PARAGRAPH_STEP = 1000
"""How far a paragraph break advances ``Token.place``: no NEAR reaches over it."""


@dataclass(frozen=True, slots=True, eq=False)
class Word:
    """A word as it is written, wherever it stands. The same word is mostly, not always, the same object.

    ``forms`` are folded; the first is the main one, the others are the word without its Arabic or Hebrew clitics or
    its Persian affixes. ``raw`` is as written, composed and without marks of no width. ``caps``: two or more letters,
    those with case all capital. ``step``: how far the word position moves behind it; in scripts without spaces a
    character is a word here and only every second (Thai and its kin: fourth) moves it.
    """

    forms: tuple[str, ...]
    raw: str
    caps: bool
    step: int


class Token(NamedTuple):
    """One word of a text, in its place: ``start`` and ``end`` slice the original.

    ``forms``, ``raw`` and ``caps`` are those of its :class:`Word`. ``place`` is the word position that NEAR counts in.
    ``paragraph`` counts from 0.
    """

    start: int
    end: int
    forms: tuple[str, ...]
    raw: str
    caps: bool
    place: int
    paragraph: int


# (start within the chunk, end within the chunk, the word)
_Part = tuple[int, int, Word]

# Between apostrophes: (start, end, folded, the script of its letters or None for digits)
_Piece = tuple[int, int, str, regex.Pattern[str] | None]

_APOSTROPHES = "'’‘ʼʻʹʽʾʿ＇′`´"
# What lies between spaces is cut by itself and remembered whole: "l'État," costs one look-up the second time.
_CHUNK = re.compile(r"\S+")
_WORD = regex.compile(
    rf"""
    \w++
      (?:
        (?: [{IGNORABLE}]*+
            (?: (?: \. (?<=(?<!\w)\p{{L}}\.\p{{L}}\.) )?+ [{_APOSTROPHES}]{{1,2}}+
              | [&·‧]
              | [.,:٫٬] (?<=\d.) (?=\d)
              | \. (?<=(?<!\w)\p{{L}}\.) (?=\p{{L}}(?!\w))
              | ["”“״] (?<=\p{{Hebrew}}.) (?=\p{{Hebrew}})
            ) [{IGNORABLE}]*+
          | [{IGNORABLE}]++
        ) \w++
      ){{0,40}}+   # no word has more joints; a hostile text might have a million
      (?: \. (?<=(?<!\w)\p{{L}}\.\p{{L}}\.) | \+\+ (?![\w+]) | \# (?<=(?<!\w)[A-Za-z]\#) (?!\w) )?+
    | (?<![^(\["'«“]) \. (?:[A-Z]{{2,5}} | [a-z]{{2,5}}) (?!\w)
    """,
    regex.VERBOSE | regex.VERSION1,
)
_SPACELESS = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}ー々〆〇"
_FOLLOWS = rf"\p{{M}}\uff9e\uff9f{IGNORABLE}"
_HAS_SPACELESS = regex.compile(rf"[{_SPACELESS}_]", regex.VERSION1)
_RUN = regex.compile(rf"([{_SPACELESS}][{_SPACELESS}{_FOLLOWS}]*+)|[^{_SPACELESS}_]++", regex.VERSION1)
_CHARACTER = regex.compile(rf"[{_SPACELESS}][{_FOLLOWS}]*+", regex.VERSION1)
_NARROW_STEP, _WIDE_STEP = 2, 4  # characters that make about a word: Han and kana; Thai and its kin, which spell sounds
_WIDE = regex.compile(r"[\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]")

_JOINT = regex.compile(rf"[{IGNORABLE}]*+[{_APOSTROPHES}]++[{IGNORABLE}]*+")
_DOTTED = regex.compile(r"(?:\p{L}\.)+\p{L}\.?")
_SCRIPTS = tuple(
    regex.compile(rf"\p{{{name}}}")
    for name in ("Latin", "Cyrillic", "Greek", "Hebrew", "Arabic", "Armenian", "Georgian")
)
_LATIN, _GREEK = _SCRIPTS[0], _SCRIPTS[2]

_LONGEST_REMEMBERED = 48
_REMEMBERED = 98_304  # chunks of a generation
# What plain words stand between, and what never belongs to one. A dot before, a plus or # behind may (".net", "C++").
_OPENING, _CLOSING = "([\"'*-«“„‘‹", ",.;:!?)]\"'*-»”“’›…،؛؟"
_ENGLISH_ENDINGS = frozenset({"s", "re", "ve", "ll", "d", "m"})


class _Words(dict[str, tuple[Word, ...]]):
    """The words of each chunk that was seen, in two generations: what was not asked for during one is forgotten."""

    def __init__(self) -> None:
        super().__init__()
        self._before: dict[str, tuple[Word, ...]] = {}

    def __missing__(self, chunk: str) -> tuple[Word, ...]:
        found = self._before.get(chunk)
        if found is None:
            found = self._cut(chunk)
        if len(chunk) <= _LONGEST_REMEMBERED:
            if len(self) >= _REMEMBERED:
                self._before = self.copy()
                self.clear()
            self[chunk] = found
        return found

    def _cut(self, chunk: str) -> tuple[Word, ...]:
        letters = letters_in(chunk)
        if letters:
            if len(letters) < len(chunk):
                return self[letters]
            if word := _plain(letters):
                return (word,)
        return tuple(word for _, _, word in _parts(chunk))


words_in: Callable[[str], tuple[Word, ...]] = _Words().__getitem__
"""The words of what stands between two spaces, in order; often none."""


class Line:
    """One line of a text and where its words stand in it, for the few that are asked for."""

    def __init__(self, line: str, chunks: Sequence[str], counts: Sequence[int]) -> None:
        """``chunks``: what stands between spaces in the line; ``counts``: the words of each chunk."""
        # Where chunks are one space apart, as they nearly always are, their lengths tell where each begins.
        even = " ".join(chunks) == line.rstrip()
        self._begin = (
            list(accumulate(map(len, chunks), initial=0))
            if even
            else [found.start() for found in _CHUNK.finditer(line)]
        )
        self._spaces = 1 if even else 0
        self._chunks = chunks
        self._firsts = list(accumulate(counts, initial=0))
        # A line without spaces is one long chunk, which nothing else remembers.
        self._cut: dict[int, tuple[_Part, ...]] = {}

    def slice(self, index: int) -> tuple[int, int]:
        """Where the word of that index stands in the line."""
        number = bisect_right(self._firsts, index) - 1
        parts = self._cut.get(number)
        if parts is None:
            parts = self._cut[number] = _parts_of(self._chunks[number])
        start, end, _ = parts[index - self._firsts[number]]
        begin = self._begin[number] + number * self._spaces
        return begin + start, begin + end


def tokenise(text: str) -> list[Token]:
    """All words of a text in order, with their places. Never raises; linear in the text's length."""
    tokens: list[Token] = []
    at = place = paragraph = 0
    for line in text.splitlines(keepends=True):
        before = len(tokens)
        for chunk in _CHUNK.finditer(line):
            begin = at + chunk.start()
            for start, end, word in _parts_of(chunk[0]):
                tokens.append(Token(begin + start, begin + end, word.forms, word.raw, word.caps, place, paragraph))
                place += word.step
        if len(tokens) > before:
            place += PARAGRAPH_STEP
            paragraph += 1
        at += len(line)
    return tokens


def words(term: str) -> tuple[Token, ...]:
    """The tokens of a rule's term, by the very code that cuts a text."""
    return tuple(tokenise(term))


def letters_in(chunk: str) -> str:
    """What stands between two spaces without the marks around it, where that is letters alone; "" elsewhere.

    Of a word of letters alone, no mark around it is a part.
    """
    if chunk.isalpha():
        return chunk
    bare = chunk.rstrip(_CLOSING).lstrip(_OPENING)
    return bare if bare.isalpha() else ""


def plain_forms(letters: str) -> tuple[str, ...]:
    """The forms of the word that letters of one script make, which is most words by far; none for all else."""
    if letters.isascii():
        return (letters if letters.islower() else letters.lower(),)  # one string where one will do: many are remembered
    plain = PLAIN_WORD.fullmatch(letters)
    if plain is None:
        return ()
    form = fold_plain(letters)
    return without_prefixes(form) if plain["clitic"] else (form,)


def _plain(letters: str) -> Word | None:
    """The word that letters of one script make; None for all else."""
    forms = plain_forms(letters)
    if not forms:
        return None
    raw = visible(letters)
    return Word(forms, raw, is_caps(raw), 1)


def _parts(chunk: str) -> tuple[_Part, ...]:
    letters = letters_in(chunk)
    if letters and (word := _plain(letters)):
        at = chunk.index(letters)
        return ((at, at + len(letters), word),)
    parts: list[_Part] = []
    for match in _WORD.finditer(chunk):
        if not _HAS_SPACELESS.search(match[0]):
            parts += _of_word(match[0], match.start())
            continue
        for run in _RUN.finditer(match[0]):
            at = match.start() + run.start()
            if run[1]:
                parts += _of_spaceless(run[0], at)
            else:
                for found in _WORD.finditer(run[0]):
                    parts += _of_word(found[0], at + found.start())
    return tuple(parts)


_parts_remembered = lru_cache(maxsize=32_768)(_parts)


def _parts_of(chunk: str) -> tuple[_Part, ...]:
    return _parts_remembered(chunk) if len(chunk) <= _LONGEST_REMEMBERED else _parts(chunk)


_word_remembered = lru_cache(maxsize=32_768)(Word)


def _word(forms: tuple[str, ...], raw: str, caps: bool, step: int) -> Word:
    return (_word_remembered if len(raw) <= _LONGEST_REMEMBERED else Word)(forms, raw, caps, step)


def _of_spaceless(run: str, at: int) -> Iterator[_Part]:
    step = _WIDE_STEP if _WIDE.match(run) else _NARROW_STEP
    characters = _CHARACTER.findall(run)
    last = len(characters) - 1
    for i, written in enumerate(characters):
        end = at + len(written)
        word = _character(written, 1 if i % step == step - 1 or i == last else 0)
        if word.forms:  # a mark that stands alone, as no text spells it, is no word
            yield at, end, word
        at = end


@lru_cache(maxsize=32_768)
def _character(written: str, step: int) -> Word:
    return Word(forms_of(written), visible(written), caps=False, step=step)


def _of_word(chunk: str, at: int) -> Iterator[_Part]:
    if "&" in chunk:
        sides = chunk.split("&")
        # Procter&Gamble are two words, AT&T is one; a mark beside the sign is no word's other half.
        if min(map(len, sides)) > 2 or not all(map(fold, sides)):
            for side in sides:
                yield from _of_word(side, at)
                at += len(side) + 1
            return
    if not _JOINT.search(chunk):
        yield from _part(chunk, at)
        return
    pieces = _pieces(chunk)
    first = 0
    while first < len(pieces):
        after = _word_after(pieces, first)
        last = after - 1
        while last > first and _is_ending("".join(piece[2] for piece in pieces[first:last]), pieces[last]):
            last -= 1
        start, end = pieces[first][0], pieces[last][1]
        yield from _part(chunk[start:end], at + start)
        first = after


def _word_after(pieces: list[_Piece], first: int) -> int:
    """Where the word that begins with this piece is over: an elided article ends at once, a name goes on."""
    _, _, folded, script = pieces[first]
    after = first + 1
    if after < len(pieces) and not is_proclitic(folded, pieces[after][2]) and script is not _GREEK:
        while after < len(pieces) and (pieces[after][3] is script or None in {script, pieces[after][3]}):
            script = script or pieces[after][3]
            after += 1
    return after


def _pieces(chunk: str) -> list[_Piece]:
    """What stands between the apostrophes of a chunk: start, end, folded, and the script of its first letter."""
    pieces = []
    start = 0
    for end, following in (*(joint.span() for joint in _JOINT.finditer(chunk)), (len(chunk), 0)):
        if end > start:
            folded = fold(chunk[start:end])
            script = next((script for script in _SCRIPTS if script.search(folded)), None)
            pieces.append((start, end, folded, script))
        start = following
    return pieces


def _is_ending(folded: str, piece: _Piece) -> bool:
    following = piece[2]
    return piece[3] is _LATIN and (following in _ENGLISH_ENDINGS or is_suffix_after_apostrophe(folded, following))


def _part(word: str, at: int) -> Iterator[_Part]:
    dotted = _DOTTED.fullmatch(word) is not None
    word = word if dotted else word.rstrip(".·‧")  # left over where an apostrophe has no letter behind it
    forms = forms_of(word.replace(".", "") if dotted else word)
    if forms:
        raw = visible(word)
        yield at, at + len(word), _word(forms, raw, is_caps(raw), 1)


def is_caps(raw: str) -> bool:
    """Whether a word has two letters or more, those with case all capital."""
    return raw.isupper() and sum(map(str.isalpha, raw)) > 1
