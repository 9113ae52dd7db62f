"""Texts and rules for measuring matching.

The articles are the longer texts of the story corpora, 2 to 4 KB each, in 17 languages. The rules are made of their
words, each rule of words of one language, by chance that is the same in every run:

- "plain" rules use AND, OR, NOT, phrases and prefixes: what every peer can express. Six in ten are built as analysts
  build theirs: names of a subject (any of five phrases), AND words of a topic (any of six), AND NOT three exclusions.
  The others ask for a rare word (one that few articles hold) together with a common one; one in a hundred is wide.
- "mixed" rules use all operators and the starter's concepts as well, in the same proportions.
- "selective" rules are a watch list of names: a thousand of names that articles hold, all others of names that none
  does, each with a common word. So the articles meet about as many of 100,000 rules as of 1,000.
- "unselective" rules ask for one or two common words, so that each article meets a good share of them.
"""

from __future__ import annotations

import json
import random
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from monitor.text import Word, analyse, decide_language

_SETS = ("basil", "ecb", "ntrex", "vn")
_OTHER_SETS = ("h11", "neus", "uci")
_LEAST, _MOST = 2_000, 4_000  # bytes of an article
_WIDE = 100  # of so many rules one is wide
_BLOCKS = 0.6
_ENOUGH = 50  # common words, for rules to be made of
_NAMED = 1_000  # selective rules whose names the articles hold


@dataclass(frozen=True, slots=True)
class Text:
    """An article's title and body."""

    title: str
    body: str


@dataclass(frozen=True, slots=True)
class Words:
    """Words of the articles in one language, of which there are ``articles``.

    ``pairs``: names of two words that one article alone holds; in scripts without capitals, two rarer words.
    """

    articles: int
    common: Sequence[str]
    rare: Sequence[str]
    pairs: Sequence[str]


def articles(corpus: Path) -> list[Text]:
    """The articles, in an order that mixes the languages."""
    found = [text for name in _SETS for text in _read(corpus, name) if _size(text) >= _LEAST]
    random.Random("articles").shuffle(found)
    return found


def others(corpus: Path) -> list[Text]:
    """What an article's process has read before: all other texts of the corpora, about as many as a day brings."""
    shorter = [text for name in _SETS for text in _read(corpus, name) if _size(text) < _LEAST]
    return shorter + [text for name in _OTHER_SETS for text in _read(corpus, name)]


def _read(corpus: Path, name: str) -> Iterator[Text]:
    for line in (corpus / "corpus" / "stories" / f"{name}.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        title, body = row.get("title", ""), row.get("text", "")
        yield Text(title, body.encode()[: _MOST - len(title.encode())].decode(errors="ignore"))


def _size(text: Text) -> int:
    return len(text.title.encode()) + len(text.body.encode())


def words_of(texts: Sequence[Text]) -> list[Words]:
    """The words of each language that sets spaces between them."""
    by_language: defaultdict[str, list[list[Word]]] = defaultdict(list)
    for text in texts:
        language = decide_language(text.title, text.body)
        by_language[language.code].append(analyse(text.body).words)
    found = [_words(articles) for articles in by_language.values()]
    return [words for words in found if len(words.common) >= _ENOUGH]


def _words(articles: Sequence[Sequence[Word]]) -> Words:
    """Common words stand in one of eight to one of forty articles, rare ones in at most one of seventy or one."""
    counts = Counter(form for article in articles for form in {_form(word) for word in article} - {""})
    total = len(articles)
    some = max(2, total // 40)

    def is_name(one: Word, other: Word) -> bool:
        if not _form(one) or not _form(other):
            return False
        if one.raw.upper() == one.raw.lower():
            return counts[_form(one)] < some and counts[_form(other)] < some
        return one.raw[0].isupper() and other.raw[0].isupper()

    pairs = Counter(
        pair
        for article in articles
        for pair in {f"{_form(one)} {_form(other)}" for one, other in pairwise(article) if is_name(one, other)}
    )
    return Words(
        articles=total,
        common=sorted(form for form, count in counts.items() if some <= count <= total // 8),
        rare=sorted(form for form, count in counts.items() if count <= max(1, total // 70)),
        pairs=sorted(pair for pair, count in pairs.items() if count == 1),
    )


def _form(word: Word) -> str:
    form = word.forms[0]
    return form if form.isalpha() and len(form) > 3 else ""


def queries(mix: str, count: int, languages: Sequence[Words]) -> list[str]:
    """So many rules of a mix, in each language as many as it has articles for."""
    chance = random.Random(f"{mix} {count}")
    make: Callable[[int, Words], str] = {
        "plain": lambda n, words: _wide(chance, words) if n % _WIDE == 0 else _plain(chance, words),
        "mixed": lambda n, words: _wide(chance, words) if n % _WIDE == 0 else _mixed(chance, words),
        "selective": lambda n, words: _name(chance, words, held=n < _NAMED),
        "unselective": lambda _, words: _wide(chance, words),
    }[mix]
    weights = [words.articles for words in languages]
    return [make(number, words) for number, words in enumerate(chance.choices(languages, weights, k=count))]


def _wide(chance: random.Random, words: Words) -> str:
    one, two, three = chance.sample(words.common, 3)
    return chance.choice((one, f"{one} OR {two}", f"{one} AND ({two} OR {three})", f"{one} AND NOT {two}"))


def _plain(chance: random.Random, words: Words) -> str:
    if chance.random() < _BLOCKS:
        return _blocks(chance, words)
    one, two = chance.sample(words.rare, 2)
    word, other = chance.sample(words.common, 2)
    phrase = f'"{chance.choice(words.pairs)}"'
    return chance.choice(
        (
            f"{one} AND {word}",
            f"{phrase} OR ({one} AND {two})",
            f"({one} OR {two}) AND {word} AND NOT {other}",
            f"{phrase} AND ({word} OR {other})",
            f"{one[:4]}* AND {two} AND {word}" if len(one) > 4 else f"{one} AND {two}",
        )
    )


def _blocks(chance: random.Random, words: Words) -> str:
    names = " OR ".join(f'"{pair}"' for pair in chance.sample(words.pairs, 5))
    topic, ruled_out = (" OR ".join(chance.sample(words.common, count)) for count in (6, 3))
    return f"({names}) AND ({topic}) AND NOT ({ruled_out})"


def _mixed(chance: random.Random, words: Words) -> str:
    one, two = chance.sample(words.rare, 2)
    word, other = chance.sample(words.common, 2)
    concept = chance.choice(("@iraq", "@islamic_state", "@withdrawal", "@coalition", "@sanctions", "@ceasefire"))
    return chance.choice(
        (
            _plain(chance, words),
            _plain(chance, words),
            f"{one} NEAR/10 {word} AND NOT {other}",
            f"{one} ONEAR/5 {two}",
            f"title:{one} OR SENTENCE({one} AND {word})",
            f"ATLEAST/2({one} OR {two}) AND {word}",
            f"{concept} AND ({one} OR {two})",
            f"{concept} NEAR/12 {one}",
        )
    )


def _name(chance: random.Random, words: Words, *, held: bool) -> str:
    word = chance.choice(words.common)
    if held:
        return f'"{chance.choice(words.pairs)}" AND {word}'
    # Made of the beginnings and endings of real words, so that it looks like a name and is none.
    one, two, three, four = chance.sample(words.rare, 4)
    return f'"{one[:3]}x{two[-3:]} {three[:3]}q{four[-4:]}" AND {word}'
