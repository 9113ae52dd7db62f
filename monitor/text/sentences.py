"""Sentences: where the sentence around a piece of evidence begins and ends.

On the article's way: asked for the few places of a text that met a rule, never for a whole text; so it looks only as
far around as a sentence may be shown. It does not parse: its laws are punctuation, what stands around it, and line
breaks.
"""

from __future__ import annotations

import regex

__all__ = ["LINE_BREAKS", "LONGEST_SENTENCE", "sentence_around"]

LONGEST_SENTENCE = 400
"""Characters of a sentence that are shown at most (more only when the evidence itself is longer)."""

LINE_BREAKS = "\n\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"
"""Characters that end a paragraph: page furniture comes line by line, so a single line break does."""

_BREAK = regex.compile(f"[{LINE_BREAKS}]")
_SPACES = regex.compile(r"\s*+")
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
_INITIAL = regex.compile(r"(?<![\p{L}\p{M}\p{N}])(?:\p{L}\.)*\p{L}\.$")
_TITLE = regex.compile(
    r"(?<!\w)(?:mr|mrs|ms|dr|prof|gen|col|lt|sgt|capt|cmdr|gov|sen|rep|rev|st|jr|sr|mt|no|nr|vs|etc|inc|ltd|co|corp|dept"
    r"|mm|mme|mlle|me|hr|fr|sig|sra|srta|ing|av|bd|dz|bzw|ca|vgl|г|гг|им|ул|тов|стр|руб|тыс|млн|млрд|долл|jan|feb|mar|apr"
    r"|aug|sept?|oct|okt|nov|dec|dez)\.$",
    regex.IGNORECASE,
)
_GOES_ON = regex.compile(r"\s*+[\p{Ll},;:]")


def sentence_around(text: str, start: int, end: int) -> tuple[int, int]:
    """The slice of the sentence that holds ``text[start:end]``, never beyond its paragraph, without outer spaces.

    A sentence longer than ``LONGEST_SENTENCE`` is cut at words around the evidence.
    """
    start = max(0, min(start, len(text)))
    end = max(start, min(end, len(text)))
    low, high = _paragraph(text, start, end)
    first, last = low, high
    for found in _END.finditer(text, low, high):
        if found.end() <= start:
            if _ends(text, found.start(), found.end(), low):
                first = found.end()
        elif found.end() >= end and _ends(text, found.start(), found.end(), low):
            last = found.end()
            break
    first, last = _cut(text, first, last, start, end)
    while first < start and text[first].isspace():
        first += 1
    while last > end and text[last - 1].isspace():
        last -= 1
    return first, last


def _paragraph(text: str, start: int, end: int) -> tuple[int, int]:
    """The bounds of the paragraph, or of as much of it as a sentence may show."""
    low, high = max(0, start - LONGEST_SENTENCE), min(len(text), end + LONGEST_SENTENCE)
    for found in _BREAK.finditer(text, low, start):
        low = found.end()
    found_break = _BREAK.search(text, end, high)
    return low, found_break.start() if found_break else high


def _ends(text: str, mark: int, end: int, low: int) -> bool:
    if text[mark] != ".":
        return True
    if end - mark > 1 and text[mark + 1] == ".":
        return not _GOES_ON.match(text, end)
    before = text[max(low, mark - 16) : mark + 1]
    if _INITIAL.search(before) or _TITLE.search(before):
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
