"""A field's text as matching sees it: its tokens, the sentences around them, and where capitals say nothing.

On the article's way: title and body each become one ``FieldText`` when an article is judged, and rules are matched
against that. It holds the original untouched, for evidence quotes it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter

from monitor.text.sentences import sentence_around
from monitor.text.tokens import Token, tokenise

__all__ = ["FieldText", "analyse"]


@dataclass(frozen=True, slots=True)
class FieldText:
    """An analysed title or body.

    ``shout``: all of the text is written in capitals, so that capitals mark no acronym in it. ``shouting`` holds the
    paragraphs of which that is true.
    """

    original: str
    tokens: tuple[Token, ...]
    shout: bool = False
    shouting: frozenset[int] = frozenset()

    def shouts(self, token_index: int) -> bool:
        """Whether the paragraph of this token is written in capitals throughout."""
        return self.tokens[token_index].paragraph in self.shouting

    def sentence(self, start: int, end: int) -> tuple[int, int]:
        """The slice of the sentence around a slice of the original, within its paragraph and about 400 characters."""
        return sentence_around(self.original, start, end)


def analyse(original: str) -> FieldText:
    """The tokens of a text. Takes any string (NULs, lone surrogates, megabytes), in linear time; never raises."""
    tokens = tuple(tokenise(original))
    capitals = Counter([token.paragraph for token in tokens if token.caps])
    if not any(count > 1 for count in capitals.values()):
        return FieldText(original, tokens)
    shouting = frozenset(
        paragraph
        for paragraph, members in groupby(tokens, attrgetter("paragraph"))
        if capitals[paragraph] > 1 and _shouts(tuple(members))
    )
    shout = bool(shouting) and _shouts(tokens)
    return FieldText(original, tokens, shout, shouting)


def _shouts(tokens: Sequence[Token]) -> bool:
    """Whether a line is in capitals as a whole: several words, nearly all capital, and not just a row of acronyms."""
    caps = sum(token.caps for token in tokens)
    if caps < 2 or caps * 2 < len(tokens):
        return False
    cased = [token for token in tokens if len(token.raw) > 1 and token.raw.upper() != token.raw.lower()]
    if caps < 0.8 * len(cased):
        return False
    return caps > 3 or max(len(token.raw) for token in cased) > 5
