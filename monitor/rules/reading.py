"""An article's words as a set of rules knows them: which there are, in which order, and where they stand in the text.

On the article's way: *match*, under :mod:`monitor.rules.evaluate`, which says what meets what. Which of the rules'
words an article holds is found at once, from its different words; that is all that most rules are judged by. In which
order they stand is found when a phrase or a NEAR asks, and where in the text when one is quoted. Judges nothing.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Sequence
from functools import cached_property
from itertools import chain, pairwise
from typing import NamedTuple

from monitor.rules.document import BODY, Document
from monitor.rules.lexicon import Lexicon, Reader
from monitor.rules.pattern import WordTest
from monitor.rules.places import Span
from monitor.text import PARAGRAPH_STEP, FieldText

__all__ = ["Quote", "Reading"]


class Quote(NamedTuple):
    """A slice of a field (an index into :data:`FIELDS`), as it is written, and its sentence."""

    field: int
    start: int
    end: int
    words: str
    sentence: str


class Reading:
    """An article's words. Not for use by several threads at once.

    ``present``: the rules' words that title and body hold; ``hits``: those that any field holds. ``languages``: in
    whose inflected forms words are looked for; ``spoken``: those and the title's own; ``language``: in which terms are
    met.
    """

    def __init__(self, document: Document, lexicon: Lexicon, languages: tuple[str, ...] | None = None) -> None:
        """``languages``: look for the inflected forms of these instead of the article's own."""
        self.document = document
        self.lexicon = lexicon
        self.languages = document.inflections if languages is None else languages
        self.language = self.languages[0] if self.languages else document.language.code
        spoken = self.languages
        title = body = lexicon.reader(self.languages)
        if languages is None and document.title_language is not None:
            spoken = (*spoken, *document.title_languages)
            title = lexicon.reader(document.title_languages)
        self.spoken = frozenset(spoken)
        self._readers = title, body, body, body
        held = [_held(field, reader) for field, reader in zip(document.fields, self._readers, strict=True)]
        self.present = set[WordTest]().union(*held[0], *held[1])
        self.hits = self.present.union(*held[2], *held[3]) if held[2] or held[3] else self.present

    @cached_property
    def _in_order(self) -> _Words:
        met_at: list[tuple[WordTest, ...]] = []
        lines: list[int] = []
        bounds, first_lines = [0], [0]
        for field, reader in zip(self.document.fields, self._readers, strict=True):
            for line in field.lines:
                lines.append(len(met_at))
                met_at += chain.from_iterable(map(reader.__getitem__, line))
            bounds.append(len(met_at))
            first_lines.append(len(lines))
        return _Words(met_at, lines, bounds, first_lines)

    @cached_property
    def _stands(self) -> dict[WordTest, list[int]]:
        """The other way round: which words of the article meet each of the rules' words."""
        stands: defaultdict[WordTest, list[int]] = defaultdict(list)
        for index, tests in enumerate(self._in_order.met_at):
            for test in tests:
                stands[test].append(index)
        return stands

    def _field_of(self, index: int) -> int:
        """The field that holds a word: an index into :data:`FIELDS`."""
        return bisect_right(self._in_order.bounds, index) - 1

    def _line_of(self, index: int) -> tuple[int, FieldText, int, int]:
        """The field that holds a word, by number and itself; the word's line in it, and the first word of that."""
        words, number = self._in_order, self._field_of(index)
        line = bisect_right(words.lines, index) - 1
        return number, self.document.fields[number], line - words.first_lines[number], words.lines[line]

    @cached_property
    def positions(self) -> Sequence[int]:
        """As :attr:`Document.places`: told by the lines alone, but in scripts without spaces."""
        if not all(field.even for field in self.document.fields):
            return self.document.places
        words = self._in_order
        positions: list[int] = []
        base = 0
        for start, end in pairwise((*words.lines, len(words.met_at))):
            if end > start:
                positions += range(base + start, base + end)
                base += PARAGRAPH_STEP
        return positions

    def quote(self, first: int, last: int) -> Quote:
        """The text from one word to another of the same paragraph, with the sentence around it."""
        number, field, line, before = self._line_of(first)
        start, end, low, high = field.quote(line, first - before, last - before, self._readers[number].__getitem__)
        return Quote(number, start, end, field.original[start:end], field.original[low:high])

    @cached_property
    def _prose_end(self) -> int:
        """Where title and body end."""
        return self._in_order.bounds[BODY + 1]

    def _slice(self, index: int) -> Span:
        """The slice of its field's original text that a word takes."""
        number, field, line, before = self._line_of(index)
        return field.slice(line, index - before, self._readers[number].__getitem__)

    @cached_property
    def _flats(self) -> Sequence[int]:
        """The word position of each word of the body with paragraph breaks taken out."""
        body = self.document.fields[BODY]
        return range(len(self._in_order.met_at)) if body.even else body.steps

    def _flat(self, index: int) -> int:
        return self._flats[index - self._in_order.bounds[BODY]]

    def _together(self, first: int, last: int) -> bool:
        """Whether words that follow each other stand in one paragraph."""
        lines = self._in_order.lines
        return bisect_right(lines, first) == bisect_right(lines, last)


class _Words(NamedTuple):
    """The words of all fields, one field after the other as in :data:`FIELDS`.

    ``met_at``: the rules' words that each meets. ``lines``: the number of the first word of each line. Field n has the
    words from ``bounds[n]`` up to ``bounds[n + 1]``, and its first line is that of the number ``first_lines[n]``.
    """

    met_at: list[tuple[WordTest, ...]]
    lines: list[int]
    bounds: list[int]
    first_lines: list[int]


def _held(field: FieldText, reader: Reader) -> list[tuple[WordTest, ...]]:
    """What the different words of a field meet."""
    if not field.lines:
        return []
    return list(chain.from_iterable(map(reader.__getitem__, set(chain.from_iterable(field.lines)))))
