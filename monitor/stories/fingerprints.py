"""An article's fingerprint: what is kept of its wording so that later copies of it are found.

On the article's way: made from title and text once, stored with the judgement (T2), and asked for by every later
article. It keeps hashes only. It does not decide what is the same story.

The text is cut into overlapping runs of three words (shingles) within each line that tells something. A line break ends
a run, so short rows of page furniture leave no trace of their own. In scripts without spaces six characters (Han, Kana)
or twelve (Thai and its kin) stand for three words. Of long texts the beginning is kept whole, because that is what
other outlets' feeds carry as a summary, and of the rest a fixed part, chosen by the hash itself, so that two copies
keep the same shingles.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from hashlib import blake2b
from itertools import pairwise

import regex

from monitor.stories.furniture import story_lines
from monitor.text import Word, analyse

__all__ = ["LEVELS", "Fingerprint", "at_level", "fingerprint", "title_topics"]

# Every how many shingles one is kept, by length of the text. Each level is a part of the one before it.
LEVELS = (1, 4, 16)
_LONGEST_AT_LEVEL = (96, 400)  # shingles up to which level 1 and level 4 serve: at least 24 are expected to be kept
_LEAD = 48  # shingles: two or three sentences
# More words than this say nothing new about which article it is, and a hostile feed may send a megabyte.
_WORDS_READ = 20_000

_UNITS = 12  # of a word in a script with spaces; a shingle is three words
_SHINGLE_UNITS = 3 * _UNITS
_HALF_WORD = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}]")
_QUARTER_WORD = regex.compile(r"[\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]")
_DIGIT = regex.compile(r"\p{N}")

# " - Reuters", " | BBC News", " — Новая газета": a separator with air around it. A bar, a double colon or a bullet
# never occurs inside a headline's own sentence; a dash does.
_SUFFIX = regex.compile(r"^(?P<head>.*\S)\s+(?P<mark>[|｜•·»]|::|[-–—])\s+(?P<tail>[^|｜]{2,60})$", regex.DOTALL)
# "UPDATE 2-", "LIVE:", "СРОЧНО:": a label in capitals that desks put before the same headline.
_LABEL = regex.compile(r"^(?:UPDATE\s+\d+\s*-\s*|\p{Lu}[\p{Lu}\s\d]{2,18}:\s+)(?=\S)")
_OUTLET_WORDS = 4
_INFORMATIVE_LETTERS = 4
_INFORMATIVE_WORDS = 4
_LONGEST_TITLE = 600


@dataclass(frozen=True, slots=True, kw_only=True)
class Fingerprint:
    """What is kept of an article's wording.

    ``shingles`` are signed 64-bit hashes, sorted, each once; ``title_key`` the normalised title without the outlet's
    name, "" when it says too little to be anyone's identity; ``words`` how many words the story's lines have (half a
    word for a Han character).

    Not stored, but needed to ask: ``level`` (1, 4 or 16: every how many shingles one was kept after the beginning),
    ``numbers`` (those of the shingles that hold a number), ``telling`` (those that hold a word of the title),
    ``pattern`` and ``issue`` (two shingles made of a title that holds numbers, None for one without: the title with its
    numbers masked, and as it stands; "Daily weather 12 March" and "Daily weather 13 March" share the first),
    ``title_words`` (the informative words of the title key), ``about`` (whether the text
    speaks of what its own title names: a description that a feed puts under each of its entries does not).
    """

    shingles: tuple[int, ...]
    title_key: str
    words: int
    level: int = 1
    numbers: tuple[int, ...] = ()
    telling: tuple[int, ...] = ()
    pattern: int | None = None
    issue: int | None = None
    title_words: int = 0
    about: bool = True


def fingerprint(title: str, text: str, refrains: Collection[str] = ()) -> Fingerprint:
    """The fingerprint of an article with this title and plain text; any strings, also empty or hostile ones.

    ``refrains``: lines of the text that its host prints under other stories too, which say nothing of this one.
    """
    hashes: dict[int, tuple[bool, bool]] = {}
    units = 0
    title_words = _title_words(title)
    named = _topics(title_words)
    about = not named
    for line in _bounded(story_lines(text, refrains)):
        words = analyse(line).words
        forms = [word.forms[0] for word in words]
        weights = list(map(_weight, words))
        units += sum(weights)
        numbers = list(map(_has_number, words))
        tells = _tells(forms, weights, named)
        about = about or any(tells)
        for start, end in _runs(weights):
            hashes[_hash("s", forms[start:end])] = any(numbers[start:end]), any(tells[start : end - 1])
    level = _level_for(len(hashes))
    kept = sorted(value for place, value in enumerate(hashes) if place < _LEAD or value % level == 0)
    pattern, issue = _title_shingles(title_words)
    shingles = kept if pattern is None or issue is None else sorted({*kept, pattern, issue})
    key, informative = _title_key(title_words)
    return Fingerprint(
        shingles=tuple(shingles),
        title_key=key,
        words=round(units / _UNITS),
        level=level,
        numbers=tuple(value for value in kept if hashes[value][0]),
        telling=tuple(value for value in kept if hashes[value][1]),
        pattern=pattern,
        issue=issue,
        title_words=informative,
        about=about,
    )


def at_level(shingles: Sequence[int], level: int) -> tuple[int, ...]:
    """The part of ``shingles`` that a text sampled at ``level`` would have kept."""
    return tuple(value for value in shingles if value % level == 0)


def _bounded(lines: Iterable[str]) -> Iterable[str]:
    left = _WORDS_READ * 8  # characters: about that many words in any script
    for line in lines:
        if left <= 0:
            return
        yield line[:left]
        left -= len(line)


def _level_for(count: int) -> int:
    for level, longest in zip(LEVELS, _LONGEST_AT_LEVEL, strict=False):
        if count <= longest:
            return level
    return LEVELS[-1]


def _weight(word: Word) -> int:
    if word.raw.isascii():
        return _UNITS
    if _HALF_WORD.match(word.raw) is not None:
        return _UNITS // 2
    if _QUARTER_WORD.match(word.raw) is not None:
        return _UNITS // 4
    return _UNITS


def _runs(weights: Sequence[int]) -> Iterable[tuple[int, int]]:
    """Start and end of every run of words that weighs three of them, one from each word on where enough follow."""
    start = 0
    total = 0
    for end, weight in enumerate(weights, start=1):
        total += weight
        while total >= _SHINGLE_UNITS:
            yield start, end
            total -= weights[start]
            start += 1


def title_topics(title: str) -> frozenset[str]:
    """What a title speaks of, coarsely: see ``_topics``."""
    return frozenset(_topics(_title_words(title)))


def _topics(words: Sequence[Word]) -> set[str]:
    """What words speak of, coarsely: the beginnings of longer words, so that inflected forms agree, and in scripts
    without spaces each two characters.
    """
    found = {word.forms[0][:_INFORMATIVE_LETTERS] for word in words if len(word.forms[0]) >= _INFORMATIVE_LETTERS}
    for one, other in pairwise(words):
        if _weight(one) < _UNITS and _weight(other) < _UNITS:
            found.add(one.forms[0] + other.forms[0])
    return found


def _tells(forms: Sequence[str], weights: Sequence[int], named: AbstractSet[str]) -> list[bool]:
    """Of each word, whether it and the one behind it speak of one of these topics."""
    told = [len(form) >= _INFORMATIVE_LETTERS and form[:_INFORMATIVE_LETTERS] in named for form in forms]
    tells = [one or other for one, other in pairwise((*told, False))]
    if min(weights, default=_UNITS) < _UNITS:
        for at, (one, other) in enumerate(pairwise(forms)):
            if weights[at] < _UNITS and weights[at + 1] < _UNITS and one + other in named:
                tells[at] = True
    return tells


def _has_number(word: Word) -> bool:
    return not word.raw.isalpha() and _DIGIT.search(word.raw) is not None


def _hash(kind: str, words: Iterable[str]) -> int:
    """A hash that is the same on every machine and in every run, as SQLite's signed integer.

    ``surrogatepass``: a feed may hold half a surrogate pair, which is no reason to lose the article.
    """
    joined = "\x1f".join((kind, *words)).encode("utf-8", "surrogatepass")
    return int.from_bytes(blake2b(joined, digest_size=8).digest(), "big", signed=True)


def _title_words(title: str) -> list[Word]:
    return analyse(_without_outlet(" ".join(title[:_LONGEST_TITLE].split()))).words


def _title_key(words: Sequence[Word]) -> tuple[str, int]:
    """The title as an identity, and how many informative words it has; "" when those are too few.

    Informative: four letters or more, a number, or capitals; half that for two Han characters. "Live updates" and
    "World news in brief" say nothing about what happened.
    """
    units = 0
    for word in words:
        weight = _weight(word)
        if weight < _UNITS or len(word.forms[0]) >= _INFORMATIVE_LETTERS or word.caps or _has_number(word):
            units += weight
    if units < _INFORMATIVE_WORDS * _UNITS:
        return "", units // _UNITS
    return " ".join(word.forms[0] for word in words), units // _UNITS


def _title_shingles(words: Sequence[Word]) -> tuple[int, int] | tuple[None, None]:
    if not any(map(_has_number, words)):
        return None, None
    masked = ("#" if _has_number(word) else word.forms[0] for word in words)
    return _hash("t", masked), _hash("i", (word.forms[0] for word in words))


def _without_outlet(title: str) -> str:
    """The title without a leading label and without the outlet's name at its end."""
    bare = _LABEL.sub("", title)
    found = _SUFFIX.match(bare)
    if found is None:
        return bare
    head, mark, tail = found["head"], found["mark"], found["tail"].split()
    if len(tail) > _OUTLET_WORDS or len(head) <= len(found["tail"]):
        return bare
    # After a dash a headline's own clause may follow ("... – talks go on"); an outlet's name is written as a name,
    # every word of it. After a bar nothing but an outlet or a section comes.
    dash = mark in "-–—"
    if dash and any(word[0].islower() or word[0].isdigit() for word in tail):
        return bare
    return head
