"""What a person typed into a search, as a question that the search index can't misread.

Off the article's way: for ``search``. Pure: it builds the question, ``reading.py`` asks it. It is not the watches'
query language: words are all to be found, ``"phrases"`` stay together, ``word*`` meets what begins so, and everything
else is plain text, whatever FTS5 would make of it.
"""

from __future__ import annotations

from dataclasses import dataclass

import regex

MAX_WORDS = 64
"""Words and phrases past this many are left out: no one types them, and FTS5 limits the depth of a question."""

_PIECES = regex.compile(r'"(?<phrase>[^"]*)(?:"(?<phrase_prefix>\*)?|$)|(?<word>[^\s"]+)')
_QUOTES = str.maketrans(dict.fromkeys("“”„«»", '"') | {"\x00": " "})
_WRITES_WORDS = regex.compile(r"[\p{L}\p{N}\p{Co}]")
_NO_SPACES = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """``match`` is an FTS5 expression (empty: nothing for the index); each of ``substrings`` is in title or text."""

    match: str
    substrings: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.match or self.substrings)


def question(query: str) -> Question:
    """Read what a person typed. False when there is no word in it.

    Words in scripts that set no spaces (Chinese, Japanese, Thai, Lao, Khmer, Burmese) become substrings, since the
    index holds whole clauses of those as one word.
    """
    matches: list[str] = []
    substrings: list[str] = []
    for piece in _PIECES.finditer(query.translate(_QUOTES)):
        phrase, word = piece["phrase"], piece["word"]
        text = (phrase if word is None else word.rstrip("*")).strip()
        prefix = piece["phrase_prefix"] is not None or (word is not None and word.endswith("*"))
        if not _WRITES_WORDS.search(text):
            continue
        if _NO_SPACES.search(text):
            substrings.append(text)
        else:
            matches.append(f'"{text}"*' if prefix else f'"{text}"')
        if len(matches) + len(substrings) == MAX_WORDS:
            break
    return Question(match=" ".join(matches), substrings=tuple(substrings))


def cut_around(text: str, found: str, marks: tuple[str, str], *, letters: int = 40) -> str:
    """A piece of ``text`` around the first ``found``, which stands between ``marks``; "" when it isn't there."""
    start = text.find(found)
    if start < 0:
        return ""
    end = start + len(found)
    before, after = text[max(0, start - letters) : start], text[end : end + letters]
    left = "…" if start > letters else ""
    right = "…" if end + letters < len(text) else ""
    return f"{left}{before}{marks[0]}{found}{marks[1]}{after}{right}"
