"""The words that rules ask for, and which of them a word of an article meets.

On the article's way: *match*, first of all. A form that was seen once is remembered with the rules' words that it
meets, for news repeats its words: an article costs one look-up for each of its forms, however many rules there are.
Finds words, not phrases; those are for :mod:`monitor.rules.evaluate`.

How rare a word is, is guessed from its length: long words are rare, the function words of every language are short.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from monitor import text
from monitor.rules.pattern import Manner, TermPattern, WordTest

__all__ = ["Hits", "Lexicon", "hooks_of", "phrase_cost", "rarest_word"]

#: For each word of the rules that an article meets: the article's forms that meet it, each with the language by whose
#: inflection it does ("" when it does so in every language).
Hits = dict[WordTest, list[tuple[str, str]]]

_REMEMBERED = 200_000  # forms a language; past them all is forgotten, and learnt anew
_LONGEST_REMEMBERED = 64  # letters
_WILD = frozenset({Manner.PREFIX, Manner.WILDCARD})


class Lexicon:
    """All words that a set of rules asks for. Usable by several threads: what two learn at once is the same."""

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
        self._known: defaultdict[str, dict[str, tuple[WordTest, ...]]] = defaultdict(dict)

    def met(self, forms: Iterable[str], languages: Sequence[str]) -> Hits:
        """The words that the forms of an article in these languages meet."""
        hits: Hits = {}
        for language in ("", *languages):
            known = self._known[language]
            if len(known) > _REMEMBERED:
                known = self._known[language] = {}
            for form in forms:
                words = known.get(form)
                if words is None:
                    words = tuple(self._inflections(form, language) if language else self._plain(form))
                    if len(form) <= _LONGEST_REMEMBERED:
                        known[form] = words
                for word in words:
                    if word in hits:
                        hits[word].append((form, language))
                    else:
                        hits[word] = [(form, language)]
        return hits

    def _plain(self, form: str) -> Iterable[WordTest]:
        """Met by the form whatever the language."""
        if form in self._by_form:
            yield from self._by_form[form]
        for length in self._prefix_lengths:
            for word in self._by_prefix.get(form[:length], ()) if length <= len(form) else ():
                if word.pattern is None or word.pattern.fullmatch(form):
                    yield word

    def _inflections(self, form: str, language: str) -> Iterable[WordTest]:
        """Met by the form as another form of the same word in that language."""
        table = self._by_key.get(language)
        if table is None:
            table = defaultdict(list)
            for word in self._inflected:
                if word.language in {"", language}:
                    for key in text.keys(word.form, language):
                        table[key].append(word)
            self._by_key[language] = table = dict(table)
        words = {word: None for key in text.keys(form, language) for word in table.get(key, ())}
        return (word for word in words if word.form != form and text.same_word(word.form, form, language))


def rarest_word(pattern: TermPattern) -> WordTest:
    """The word of a term that fewest articles are likely to hold."""
    return min(pattern.words, key=_word_cost)


def hooks_of(patterns: Sequence[TermPattern]) -> Mapping[WordTest, tuple[int, ...]]:
    """The terms' numbers, each hung on its rarest word: where that is missing the term need not be looked for."""
    hooks: defaultdict[WordTest, list[int]] = defaultdict(list)
    for number, pattern in enumerate(patterns):
        hooks[rarest_word(pattern)].append(number)
    return {word: tuple(numbers) for word, numbers in hooks.items()}


def phrase_cost(pattern: TermPattern) -> float:
    """A guess at the share of articles that hold the term; good for comparing only."""
    costs = sorted(_word_cost(word) for word in pattern.words)
    return costs[0] * 0.5 ** (len(costs) - 1)


def _word_cost(word: WordTest) -> float:
    cost = 0.6 ** min(len(word.form), 16)
    return cost * 4 if word.manner in _WILD else cost
