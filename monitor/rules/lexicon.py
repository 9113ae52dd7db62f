"""The words that rules ask for, and which of them a word of an article meets.

On the article's way: *match*, first of all. A word that was seen once is remembered with the rules' words that it
meets, for news repeats its words: an article costs one look-up for each of its words, however many rules there are.
Finds words, not phrases; those are for :mod:`monitor.rules.evaluate`.

How rare a word is, is guessed from its length, for long words are rare and the function words of every language are
short, and from how many rules ask for it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain

from monitor import text
from monitor.rules.pattern import Manner, TermPattern, WordTest
from monitor.text import Word

__all__ = ["Lexicon", "Reader", "hooks_of", "phrase_cost", "rarest_word", "word_cost"]

_REMEMBERED = 3_000_000  # letters of words a language; past them all is forgotten, and learnt anew
_READERS = 200  # languages, and mixtures of those that an article may be in
_WILD = frozenset({Manner.PREFIX, Manner.WILDCARD})


class Reader(dict[Word, tuple[WordTest, ...]]):
    """For each word of articles that was asked for: the rules' words that it meets.

    ``met_by`` is the same the other way round. Several threads may ask at once: what two learn is the same, and
    ``met_by`` knows of it before anybody is answered.
    """

    def __init__(self, find: Callable[[Word], Iterable[WordTest]]) -> None:
        super().__init__()
        self._find = find
        self.letters = 0
        self.met_by: defaultdict[WordTest, set[Word]] = defaultdict(set)

    def __missing__(self, word: Word) -> tuple[WordTest, ...]:
        tests = tuple(dict.fromkeys(self._find(word)))
        for test in tests:
            self.met_by[test].add(word)
        self.letters += len(word.raw)
        self[word] = tests
        return tests


class Lexicon:
    """All words that a set of rules asks for. Usable by several threads."""

    def __init__(self, words: Iterable[WordTest]) -> None:
        self._by_form: defaultdict[str, list[WordTest]] = defaultdict(list)
        self._by_prefix: defaultdict[str, list[WordTest]] = defaultdict(list)
        self._inflected: list[WordTest] = []
        for word in words:
            (self._by_prefix if word.manner in _WILD else self._by_form)[word.form].append(word)
            if word.manner is Manner.INFLECTED:
                self._inflected.append(word)
        self._prefix_lengths = sorted({len(prefix) for prefix in self._by_prefix})
        self._by_key: dict[str, dict[str, list[WordTest]]] = {}
        self._readers: dict[tuple[str, ...], Reader] = {}

    def reader(self, languages: tuple[str, ...]) -> Reader:
        """Of words in these languages: what they meet in any language, and by the inflection of each of these."""
        reader = self._readers.get(languages)
        if reader is None or reader.letters > _REMEMBERED:
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
                plain = self.reader(())
                return lambda word: chain(plain[word], self._inflections(word, language))
            case _:
                readers = [self.reader((language,)) for language in languages]
                return lambda word: chain.from_iterable(reader[word] for reader in readers)

    def _plain(self, word: Word) -> Iterator[WordTest]:
        """Met by a word whatever the language."""
        for form in word.forms:
            for test in self._by_form.get(form, ()):
                if test.manner is Manner.EXACT:
                    if test.raw == word.raw:
                        yield test
                elif word.caps or not test.capital:
                    yield test
            for length in self._prefix_lengths:
                for test in self._by_prefix.get(form[:length], ()) if length <= len(form) else ():
                    if test.pattern is None or test.pattern.fullmatch(form):
                        yield test

    def _inflections(self, word: Word, language: str) -> Iterator[WordTest]:
        """Met by a word as another form of the same word in that language."""
        table = self._by_key.get(language)
        if table is None:
            table = defaultdict(list)
            for test in self._inflected:
                if test.language in {"", language}:
                    for key in text.keys(test.form, language):
                        table[key].append(test)
            self._by_key[language] = table = dict(table)
        sure = text.key_decides(language)
        for form in word.forms:
            for key in text.keys(form, language):
                for test in table.get(key, ()):
                    if test.form != form and (sure or text.same_word(test.form, form, language)):
                        yield test


def rarest_word(pattern: TermPattern, asked: Mapping[WordTest, int] | None = None) -> WordTest:
    """The word of a term that fewest articles are likely to hold. ``asked``: how many rules ask for a word."""
    return min(pattern.words, key=lambda word: word_cost(word, asked))


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
    cost = 0.6 ** min(len(word.form), 16) * (1 + (asked[word] if asked is not None else 0))
    return cost * 4 if word.manner in _WILD else cost
