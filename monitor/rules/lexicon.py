"""The words that rules ask for, and which of them a word of an article meets.

On the article's way: *match*, first of all. What stands between two spaces and was seen once is remembered with the
rules' words that it meets, for news repeats its words: an article costs one look-up for each different one, however
many rules there are. Finds words, not phrases; those are for :mod:`monitor.rules.evaluate`.

How rare a word is, is guessed from its length, for long words are rare and the function words of every language are
short, and from how many rules ask for it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
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
_WILD = (Manner.PREFIX, Manner.WILDCARD)
_SHARES = tuple(0.6**letters for letters in range(17))


_Met = tuple[tuple[WordTest, ...], ...]


class Reader(dict[str, _Met]):
    """For what stands between two spaces: for each of its words the rules' words that it meets, in order.

    Several threads may ask at once: what two learn is the same.
    """

    def __init__(self, find: Callable[[Word], Iterable[WordTest]]) -> None:
        super().__init__()
        self.of_word = _OfWord(find)
        self._letters = 0
        self._lines: dict[str, _Met] = {}  # long ones of late, for an article asks for its words more than once
        self._letters_of_lines = 0

    @property
    def full(self) -> bool:
        """Whether it has learnt so much that it had better be forgotten."""
        return self._letters + self.of_word.letters > _REMEMBERED

    def __missing__(self, chunk: str) -> _Met:
        if len(chunk) > _LONGEST_REMEMBERED:
            return self._of_line(chunk)
        self._letters += len(chunk)
        met = self[chunk] = self._find(chunk)
        return met

    def _of_line(self, line: str) -> _Met:
        met = self._lines.get(line)
        if met is None:
            if self._letters_of_lines > _LETTERS_OF_LINES:
                self._lines, self._letters_of_lines = {}, 0
            met = self._lines[line] = self._find(line)
            self._letters_of_lines += len(line)
        return met

    def _find(self, chunk: str) -> _Met:
        # Mostly it is one word, which is written with other marks around it elsewhere: the same object serves all.
        found = list(map(self.of_word.__getitem__, text.words_in(chunk)))
        return found[0] if len(found) == 1 else tuple(chain.from_iterable(found))


class _OfWord(dict[Word, _Met]):
    """For each word that was asked for: the rules' words that it meets, by themselves in a tuple."""

    def __init__(self, find: Callable[[Word], Iterable[WordTest]]) -> None:
        super().__init__()
        self._find = find
        self.letters = 0

    def __missing__(self, word: Word) -> _Met:
        tests = tuple(dict.fromkeys(self._find(word)))
        met = self[word] = (tests,) if tests else _NOTHING
        self.letters += len(word.raw)
        return met


_NOTHING: _Met = ((),)
_Table = dict[str, tuple[WordTest, ...]]


@dataclass(frozen=True, slots=True)
class _Tables:
    """The rules' words: by what they are met by in any language, and by the keys of their inflected forms in each."""

    words: tuple[WordTest, ...] = ()
    by_form: _Table = field(default_factory=dict)
    by_prefix: _Table = field(default_factory=dict)
    by_key: dict[str, _Table] = field(default_factory=dict)

    def with_words(self, words: tuple[WordTest, ...]) -> _Tables:
        """Tables of these words, which begin with the ones that are here."""
        added = words[len(self.words) :]
        by_key = {language: dict(table) for language, table in self.by_key.copy().items()}  # others may add to it
        tables = _Tables(words, dict(self.by_form), dict(self.by_prefix), by_key)
        for word in added:
            _add(tables.by_prefix if word.manner in _WILD else tables.by_form, word.form, word)
        for language, table in by_key.items():
            _add_inflected(table, added, language)
        return tables


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
        prefixes = self.tables.by_prefix
        # A word is cut into prefixes of those lengths only that one with its first letters has.
        self._head = min((2, *map(len, prefixes)))
        lengths: defaultdict[str, set[int]] = defaultdict(set)
        for prefix in prefixes:
            lengths[prefix[: self._head]].add(len(prefix))
        self._prefix_lengths = {head: sorted(found) for head, found in lengths.items()}
        self._readers: dict[tuple[str, ...], Reader] = {}

    def reader(self, languages: tuple[str, ...]) -> Reader:
        """Of words in these languages: what they meet in any language, and by the inflection of each of these."""
        reader = self._readers.get(languages)
        if reader is None or reader.full:
            # A full one is left to whoever still reads it.
            if len(self._readers) >= _READERS:
                self._readers = {}
            reader = self._readers[languages] = Reader(self._finder(languages))
        return reader

    def _finder(self, languages: tuple[str, ...]) -> Callable[[Word], Iterable[WordTest]]:
        match languages:
            case ():
                return self._plain
            case (language,):
                if not text.inflects(language):
                    return self._plain
                return lambda word: self._spoken(word, language)
            case _:
                readers = [self.reader((language,)).of_word for language in languages]
                return lambda word: chain.from_iterable(reader[word][0] for reader in readers)

    def _plain(self, word: Word) -> list[WordTest]:
        """Met by a word whatever the language."""
        by_form, by_prefix = self.tables.by_form, self.tables.by_prefix
        found: list[WordTest] = []
        for form in word.forms:
            if form in by_form:
                found += [
                    test
                    for test in by_form[form]
                    if (test.raw == word.raw if test.manner is Manner.EXACT else word.caps or not test.capital)
                ]
            for length in self._prefix_lengths.get(form[: self._head], ()):
                if length <= len(form) and (tests := by_prefix.get(form[:length])):
                    found += [test for test in tests if test.pattern is None or test.pattern.fullmatch(form)]
        return found

    def _spoken(self, word: Word, language: str) -> list[WordTest]:
        """Met by a word whatever the language, or as another form of the same word in that one."""
        found = self._plain(word)
        table = self.tables.by_key.get(language)
        if table is None:
            table = {}
            _add_inflected(table, self.tables.words, language)
            self.tables.by_key[language] = table
        sure = text.key_decides(language)
        for form in word.forms:
            for key in text.keys(form, language):
                if key in table:
                    found += [
                        test
                        for test in table[key]
                        if test.form != form and (sure or text.same_word(test.form, form, language))
                    ]
        return found


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
