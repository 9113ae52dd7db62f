"""The words that rules ask for, and which of them a word of an article meets.

On the article's way: *match*, first of all. What stands between two spaces and was seen once is remembered with the
rules' words that it meets, for news repeats its words: an article costs one look-up for each different one, however
many rules there are. Finds words, not phrases; those are for :mod:`monitor.rules.evaluate`.

How rare a word is, is guessed from its length, for long words are rare and the function words of every language are
short, and from how many rules ask for it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain

from monitor import text
from monitor.rules.pattern import Manner, TermPattern, WordTest
from monitor.text import Word

__all__ = ["Lexicon", "Reader", "hooks_of", "phrase_cost", "rarest_word", "word_cost"]

_REMEMBERED = 6_000_000  # letters of words a language; past them all is forgotten, and learnt anew
_LONGEST_REMEMBERED = 48  # letters; a line of a script without spaces does not come in two articles
_LETTERS_OF_LINES = 20_000
_READERS = 200  # languages, and mixtures of those that an article may be in
_HEAD = 4  # letters
_WILD = (Manner.PREFIX, Manner.WILDCARD)
_SHARES = tuple(0.6**letters for letters in range(17))


_Met = tuple[tuple[WordTest, ...], ...]

#: What meets words, by their folded forms and as one is written.
_Find = Callable[[tuple[str, ...], str], Sequence[WordTest]]


class Reader(dict[str, _Met], ABC):
    """For what stands between two spaces: for each of its words the rules' words that it meets, in order.

    Several threads may ask at once: what two learn is the same.
    """

    def __init__(self) -> None:
        super().__init__()
        self.letters = 0
        self._lines: dict[str, _Met] = {}  # long ones of late, for an article asks for its words more than once
        self._letters_of_lines = 0

    @property
    def full(self) -> bool:
        """Whether it has learnt so much that it had better be forgotten."""
        return self.letters > _REMEMBERED

    def __missing__(self, chunk: str) -> _Met:
        if len(chunk) > _LONGEST_REMEMBERED:
            return self._of_line(chunk)
        letters = text.letters_in(chunk)
        # The same object serves a word with whatever marks around it.
        met = self[letters] if letters and len(letters) < len(chunk) else self._find(chunk, letters)
        self.letters += len(chunk)
        self[chunk] = met
        return met

    def _of_line(self, line: str) -> _Met:
        met = self._lines.get(line)
        if met is None:
            if self._letters_of_lines > _LETTERS_OF_LINES:
                self._lines, self._letters_of_lines = {}, 0
            met = self._lines[line] = self._find(line, "")
            self._letters_of_lines += len(line)
        return met

    @abstractmethod
    def _find(self, chunk: str, letters: str) -> _Met:
        """``letters``: the chunk itself, where it is made of letters alone."""


class _OneReader(Reader):
    """Of words in one language, or in any."""

    def __init__(self, find: _Find) -> None:
        super().__init__()
        self._met_by = find
        self._of_word: dict[Word, _Met] = {}

    def _find(self, chunk: str, letters: str) -> _Met:
        forms = text.plain_forms(letters) if letters else ()
        if forms:
            return _met(self._met_by(forms, letters))
        return tuple(chain.from_iterable(map(self._word, text.words_in(chunk))))

    def _word(self, word: Word) -> _Met:
        met = self._of_word.get(word)
        if met is None:
            met = self._of_word[word] = _met(self._met_by(word.forms, word.raw))
            self.letters += len(word.raw)
        return met


class _Readers(Reader):
    """Of words that may be in any of some languages."""

    def __init__(self, readers: Iterable[Reader]) -> None:
        super().__init__()
        self._readers = tuple(readers)

    def _find(self, chunk: str, letters: str) -> _Met:  # noqa: ARG002 - the readers of each language see to them
        by_word = zip(*(reader[chunk] for reader in self._readers), strict=True)
        return tuple(tuple(dict.fromkeys(chain.from_iterable(found))) for found in by_word)


_NOTHING: _Met = ((),)


def _met(tests: Sequence[WordTest]) -> _Met:
    """What one word meets, each of it once."""
    if not tests:
        return _NOTHING
    return (tuple(dict.fromkeys(tests)) if len(tests) > 1 else (tests[0],),)


_Table = dict[str, tuple[WordTest, ...]]


@dataclass(frozen=True, slots=True)
class _Tables:
    """The rules' words: by what they are met by in any language, and by the keys of their inflected forms in each.

    ``by_writing``: by the form too, where it counts how a word is written.
    """

    words: tuple[WordTest, ...] = ()
    by_form: _Table = field(default_factory=dict)
    by_writing: _Table = field(default_factory=dict)
    by_prefix: _Table = field(default_factory=dict)
    by_key: dict[str, _Table] = field(default_factory=dict)

    def with_words(self, words: tuple[WordTest, ...]) -> _Tables:
        """Tables of these words, which begin with the ones that are here."""
        added = words[len(self.words) :]
        by_key = {language: dict(table) for language, table in self.by_key.copy().items()}  # others may add to it
        tables = _Tables(words, dict(self.by_form), dict(self.by_writing), dict(self.by_prefix), by_key)
        for word in added:
            _add(tables.of(word), word.form, word)
        for language, table in by_key.items():
            _add_inflected(table, added, language)
        return tables

    def inflected(self, language: str) -> _Table:
        """By the keys of their inflected forms in a language. What one form alone has is shared with ``by_form``."""
        table: _Table = {}
        for form, words in self.by_form.items():
            found = tuple(word for word in words if word.manner is Manner.INFLECTED and word.language in {"", language})
            found = words if len(found) == len(words) else found
            for key in text.term_keys(form, language) if found else ():
                table[key] = (*table[key], *found) if key in table else found
        return table

    def of(self, word: WordTest) -> _Table:
        """The table that a word is in, whatever the language."""
        if word.manner in _WILD:
            return self.by_prefix
        return self.by_writing if word.capital or word.manner is Manner.EXACT else self.by_form


def _add(table: _Table, key: str, word: WordTest) -> None:
    table[key] = (*table.get(key, ()), word)


def _add_inflected(table: _Table, words: Iterable[WordTest], language: str) -> None:
    for word in words:
        if word.manner is Manner.INFLECTED and word.language in {"", language}:
            for key in text.term_keys(word.form, language):
                _add(table, key, word)


class Lexicon:
    """All words that a set of rules asks for. Usable by several threads."""

    def __init__(self, words: Iterable[WordTest], before: Lexicon | None = None) -> None:
        """``before``: of a set whose words are the first of these; what it knows of them is taken over."""
        self.tables: _Tables = (before.tables if before else _Tables()).with_words(tuple(words))
        # A word is cut into prefixes of those lengths only that one with its first letters has.
        lengths: defaultdict[str, set[int]] = defaultdict(set)
        for prefix in self.tables.by_prefix:
            lengths[prefix[:_HEAD]].add(len(prefix))
        self._prefix_lengths = {head: sorted(found) for head, found in lengths.items()}
        self._heads = sorted(set(map(len, lengths)))
        self._readers: dict[tuple[str, ...], Reader] = {}

    def reader(self, languages: tuple[str, ...]) -> Reader:
        """Of words in these languages: what they meet in any language, and by the inflection of each of these."""
        reader = self._readers.get(languages)
        if reader is None or reader.full:
            # A full one is left to whoever still reads it.
            if len(self._readers) >= _READERS:
                self._readers = {}
            reader = self._readers[languages] = self._made(languages)
        return reader

    def _made(self, languages: tuple[str, ...]) -> Reader:
        match languages:
            case ():
                return _OneReader(self._plain)
            case (language,) if text.inflects(language):
                return _OneReader(self._spoken(language))
            case (_,):
                return _OneReader(self._plain)
            case _:
                return _Readers(self.reader((language,)) for language in languages)

    def _plain(self, forms: tuple[str, ...], written: str) -> list[WordTest]:
        """Met by a word whatever the language."""
        tables, lengths = self.tables, self._prefix_lengths
        by_form, by_writing = tables.by_form, tables.by_writing
        found: list[WordTest] = []
        for form in forms:
            if form in by_form:
                found += by_form[form]
            if form in by_writing:
                raw = text.visible(written)
                found += [
                    test
                    for test in by_writing[form]
                    if (test.raw == raw if test.manner is Manner.EXACT else text.is_caps(raw))
                ]
            for head in self._heads:
                if form[:head] in lengths:
                    found += self._begins(form, lengths[form[:head]])
        return found

    def _begins(self, form: str, lengths: Sequence[int]) -> Iterator[WordTest]:
        """Met by a word that begins in a certain way; ``lengths``: of the beginnings to look for."""
        for length in lengths:
            if length <= len(form):
                for test in self.tables.by_prefix.get(form[:length], ()):
                    if test.pattern is None or test.pattern.fullmatch(form):
                        yield test

    def _spoken(self, language: str) -> _Find:
        """What is met by a word whatever the language, or as another form of the same word in that one."""
        table = self.tables.by_key.get(language)
        if table is None:
            table = self.tables.by_key[language] = self.tables.inflected(language)
        inflected, plain, keys, same_word = table, self._plain, text.keys_in(language), text.same_word

        def sure(forms: tuple[str, ...], written: str) -> list[WordTest]:
            found = plain(forms, written)
            for form in forms:
                for key in keys(form):
                    if key in inflected:
                        found += inflected[key]
            return found

        def unsure(forms: tuple[str, ...], written: str) -> list[WordTest]:
            found = plain(forms, written)
            for form in forms:
                for key in keys(form):
                    if key in inflected:
                        for test in inflected[key]:
                            if test.form != form and same_word(test.form, form, language):
                                found.append(test)
            return found

        return sure if text.key_decides(language) else unsure


def rarest_word(pattern: TermPattern, asked: Mapping[WordTest, int] | None = None) -> WordTest:
    """The word of a term that fewest articles are likely to hold. ``asked``: how many rules ask for a word."""
    words = pattern.words
    return words[0] if len(words) == 1 else min(words, key=lambda word: word_cost(word, asked))


def hooks_of(patterns: Sequence[TermPattern]) -> Mapping[WordTest, tuple[int, ...]]:
    """The terms' numbers, each hung on its rarest word: where that is missing the term need not be looked for."""
    hooks: defaultdict[WordTest, list[int]] = defaultdict(list)
    for number, pattern in enumerate(patterns):
        hooks[rarest_word(pattern)].append(number)
    return {word: tuple(numbers) for word, numbers in hooks.items()}


def phrase_cost(pattern: TermPattern, asked: Mapping[WordTest, int] | None = None) -> float:
    """A guess at the share of articles that hold the term; good for comparing only."""
    costs = sorted(word_cost(word, asked) for word in pattern.words)
    return costs[0] * 0.5 ** (len(costs) - 1)


def word_cost(word: WordTest, asked: Mapping[WordTest, int] | None = None) -> float:
    """A guess at the share of articles that hold the word; good for comparing only."""
    cost = _SHARES[min(len(word.form), len(_SHARES) - 1)]
    if asked is not None:
        cost *= 1 + asked[word]
    return cost * 4 if word.manner in _WILD else cost
