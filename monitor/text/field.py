"""A field's text as matching sees it: its words, the sentences around them, and where capitals say nothing.

On the article's way: title and body each become one ``FieldText`` when an article is judged, and rules are matched
against that. It holds the original untouched, for evidence quotes it. Most articles meet no rule, so only what stands
between spaces is found at once; what else there is to know of a text is found when it is asked for.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Sequence, Sized
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, chain

from monitor.text.sentences import sentence_around, sentence_ends
from monitor.text.tokens import Line, Token, Word, tokenise, words_in

__all__ = ["FieldText", "analyse"]

# From Thai on, all blocks that hold letters of scripts without spaces, and more.
_MAY_BE_SPACELESS = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u19e0-\u19ff\u2e80-\ua4cf\ua9e0-\ua9ff\uaa60-\uaa7f\uf900-\ufaff"
    "\uff00-\uffef\U00010000-\U0010ffff]"
)


class FieldText:
    """An analysed title or body.

    ``lines``: what stands between spaces, line by line. ``words`` are all words in order, and a word's index in them is
    how everything else names its place. ``paragraphs``: the index of the first word of each paragraph that has any. Use
    :func:`analyse`.
    """

    def __init__(self, original: str) -> None:
        self.original = original
        self.lines = [line.split() for line in original.splitlines()]

    @cached_property
    def words(self) -> list[Word]:
        """All words in order."""
        return list(chain.from_iterable(chain.from_iterable(found for _, found in self._cut)))

    @cached_property
    def paragraphs(self) -> list[int]:
        """The index of the first word of each paragraph that has any."""
        lengths = [sum(map(len, found)) for _, found in self._cut]
        return list(accumulate(lengths[:-1], initial=0)) if lengths else []

    @cached_property
    def _cut(self) -> list[tuple[int, list[tuple[Word, ...]]]]:
        """The lines that have words: their number, and the words of each chunk."""
        found = ((number, list(map(words_in, chunks))) for number, chunks in enumerate(self.lines))
        return [(number, cut) for number, cut in found if any(cut)]

    @cached_property
    def steps(self) -> list[int]:
        """How many word positions stand before each word, paragraph breaks not counted."""
        return list(accumulate([word.step for word in self.words[:-1]], initial=0)) if self.words else []

    def slice(self, line: int, index: int, cut: Callable[[str], Sized]) -> tuple[int, int]:
        """Where a word of a line stands in the original; the line and the word by their numbers.

        ``cut``: as many as there are words in what stands between two spaces; who asks has them at hand.
        """
        return self._at(line, cut).slice(index)

    def quote(self, line: int, first: int, last: int, cut: Callable[[str], Sized]) -> tuple[int, int, int, int]:
        """Where the words of a line from one to another stand, and where the sentence around them."""
        paragraph = self._at(line, cut)
        start, end = paragraph.slice(first)
        if last > first:
            end = paragraph.slice(last)[1]
        return start, end, *sentence_around(self.original, start, end, paragraph.bounds, paragraph.ends)

    def _at(self, number: int, cut: Callable[[str], Sized]) -> _Paragraph:
        known = self._known.get(number)
        if known is None:
            chunks, original, start = self.lines[number], self._originals[number], self._starts[number]
            line = Line(original, chunks, list(map(len, map(cut, chunks))))
            bounds = start, start + len(original)
            known = self._known[number] = _Paragraph(line, bounds, sentence_ends(self.original, *bounds))
        return known

    @cached_property
    def even(self) -> bool:
        """Whether every word surely moves the word position by one; not so in scripts without spaces."""
        return _MAY_BE_SPACELESS.search(self.original) is None

    @cached_property
    def tokens(self) -> tuple[Token, ...]:
        """The words with their places, one by one."""
        return tuple(tokenise(self.original))

    def shouts(self, line: int) -> bool:
        """Whether a line is written in capitals throughout, so that they mark no acronym in it."""
        known = self._shouting.get(line)
        if known is None:
            words = list(chain.from_iterable(map(words_in, self.lines[line])))
            known = self._shouting[line] = _shouts(words)
        return known

    def sentence(self, start: int, end: int) -> tuple[int, int]:
        """The slice of the sentence around a slice of the original, within its paragraph and about 400 characters."""
        start = max(0, min(start, len(self.original)))
        end = max(start, min(end, len(self.original)))
        first, last = self._line(start), self._line(max(start, end - 1))
        low, high = self._starts[first], self._starts[last] + len(self._originals[last])
        ends = self._ends.get((first, last))
        if ends is None:
            ends = self._ends[first, last] = sentence_ends(self.original, low, high)
        return sentence_around(self.original, start, end, (low, high), ends)

    def _line(self, at: int) -> int:
        """The number of the line that holds a character, or the last line."""
        return bisect_right(self._starts, at, hi=len(self._originals)) - 1

    @cached_property
    def _originals(self) -> list[str]:
        return [*self.original.splitlines(keepends=True), ""]

    @cached_property
    def _starts(self) -> list[int]:
        return list(accumulate(map(len, self._originals), initial=0))

    @cached_property
    def _known(self) -> dict[int, _Paragraph]:
        return {}

    @cached_property
    def _ends(self) -> dict[tuple[int, int], list[int]]:
        return {}

    @cached_property
    def _shouting(self) -> dict[int, bool]:
        return {}


@dataclass(frozen=True, slots=True)
class _Paragraph:
    """A paragraph of which something is quoted. ``ends``: of its sentences."""

    line: Line
    bounds: tuple[int, int]
    ends: list[int]

    def slice(self, index: int) -> tuple[int, int]:
        start, end = self.line.slice(index)
        return self.bounds[0] + start, self.bounds[0] + end


def analyse(original: str) -> FieldText:
    """The words of a text. Takes any string (NULs, lone surrogates, megabytes), in linear time; never raises."""
    return FieldText(original)


def _shouts(words: Sequence[Word]) -> bool:
    """Whether a line is in capitals as a whole: several words, nearly all capital, and not just a row of acronyms."""
    caps = sum(word.caps for word in words)
    if caps < 2 or caps * 2 < len(words):
        return False
    cased = [word for word in words if len(word.raw) > 1 and word.raw.upper() != word.raw.lower()]
    if caps < 0.8 * len(cased):
        return False
    return caps > 3 or max(len(word.raw) for word in cased) > 5
