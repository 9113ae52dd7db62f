"""Sentences: where the sentence around a piece of evidence begins and ends.

On the article's way: asked for the few paragraphs of a text that met a rule. It does not parse: its laws are
punctuation, what stands around it, and line breaks.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence

import regex

__all__ = ["LONGEST_SENTENCE", "sentence_around", "sentence_ends"]

LONGEST_SENTENCE = 400
"""Characters of a sentence that are shown at most (more only when the evidence itself is longer)."""

# A sentence's end: marks (with closing quotes and brackets) before a space or the end, or the marks of scripts that put
# no space behind them. A point ends none behind a single letter (J. Smith, U.S.), nor before a small letter or a
# digit's own point (approx. five), nor after a short abbreviation with a capital (Dr. Smith, Gen. Li).
_END = regex.compile(
    r"""
    (?: [.!?…؟۔।॥]++ (?:\s?» | [\p{Pe}\p{Pf}"'’”])* (?=\s|$)
      | [。！？｡]++ [\p{Pe}\p{Pf}"'’”」』]*+
      | ։
    )
    """,
    regex.VERBOSE | regex.VERSION1,
)
_MARK = re.compile("[.!?…؟۔।॥。！？｡։]")  # what an end begins with
_INITIAL = regex.compile(r"(?<![\p{L}\p{M}\p{N}])(?:\p{L}\.)*\p{L}\.$")
_TITLE = regex.compile(
    r"(?<!\w)(?:mr|mrs|ms|dr|prof|gen|col|lt|sgt|capt|cmdr|gov|sen|rep|rev|st|jr|sr|mt|no|nr|vs|etc|inc|ltd|co|corp|dept"
    r"|mm|mme|mlle|me|hr|fr|sig|sra|srta|ing|av|bd|dz|bzw|ca|vgl|г|гг|им|ул|тов|стр|руб|тыс|млн|млрд|долл|jan|feb|mar|apr"
    r"|aug|sept?|oct|okt|nov|dec|dez)\.$",
    regex.IGNORECASE,
)
_LONGEST_TITLE = 8  # characters of an abbreviated title, with its point and an opening quote or bracket
_GOES_ON = regex.compile(r"\s*+[\p{Ll},;:]")


def sentence_ends(text: str, low: int, high: int) -> list[int]:
    """Where the sentences of the paragraph ``text[low:high]`` end, rising; its own end is not among them."""
    ends: list[int] = []
    at = low
    for mark in _MARK.finditer(text, low, high):
        if mark.start() >= at and (found := _END.match(text, mark.start(), high)):
            at = found.end()
            if _ends(text, found.start(), at, low):
                ends.append(at)
    return ends


def sentence_around(
    text: str, start: int, end: int, paragraph: tuple[int, int], ends: Sequence[int]
) -> tuple[int, int]:
    """The slice of the sentence that holds ``text[start:end]``, never beyond its paragraph, without outer spaces.

    ``ends``: of the paragraph's sentences. A sentence longer than ``LONGEST_SENTENCE`` is cut at words around the
    evidence.
    """
    low, high = paragraph
    before, after = bisect_right(ends, start), bisect_left(ends, end)
    first = ends[before - 1] if before else low
    last = ends[after] if after < len(ends) else high
    first, last = _cut(text, first, last, start, end)
    while first < start and text[first].isspace():
        first += 1
    while last > end and text[last - 1].isspace():
        last -= 1
    return first, last


def _ends(text: str, mark: int, end: int, low: int) -> bool:
    if text[mark] != ".":
        return True
    if end - mark > 1 and text[mark + 1] == ".":
        return not _GOES_ON.match(text, end)
    before = text[max(low, mark - 16) : mark + 1]
    word = before.rpartition(" ")[2]
    abbreviated = len(word) <= _LONGEST_TITLE or "." in word[:-1]  # most words that end a sentence are too long
    if abbreviated and (_INITIAL.search(before) or _TITLE.search(before)):
        return False
    return not _GOES_ON.match(text, end)


def _cut(text: str, first: int, last: int, start: int, end: int) -> tuple[int, int]:
    """At most the longest sentence's length, cut at spaces, with the evidence near its middle."""
    if last - first <= LONGEST_SENTENCE:
        return first, last
    room = max(0, LONGEST_SENTENCE - (end - start))
    left = min(start - first, max(room // 2, room - (last - end)))
    right = min(last - end, room - left)
    if start - left > first:
        space = next((i for i in range(start - left, start) if text[i].isspace()), start - left)
        first = space
    if end + right < last:
        space = next((i for i in range(end + right, end, -1) if text[i - 1].isspace()), end + right)
        last = space
    return first, last
