"""Places and people whose names differ by language: a gazetteer, so that Germany, Deutschland and ألمانيا are one.

On the article's way: while an article's sketch is made. Where its names come from is not known here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from monitor.text import Word, analyse

__all__ = ["NO_PLACES", "Gazetteer"]


class Gazetteer:
    """Names in many languages, each for one thing. Immutable."""

    def __init__(self, names: Mapping[str, Iterable[str]]) -> None:
        """``names``: for each thing, all its names."""
        self._things: dict[str, dict[tuple[str, ...], str]] = {}
        for thing, spelled in names.items():
            for name in spelled:
                forms = tuple(word.forms[0] for word in analyse(name).words)
                if forms:
                    self._things.setdefault(forms[0], {}).setdefault(forms[1:], thing)

    def places(self, words: Sequence[Word]) -> Iterator[str]:
        """What is named in a text, in the order of the text; the longest name where several begin."""
        at = 0
        while at < len(words):
            step = 1
            for form in words[at].forms:
                known = self._things.get(form)
                if known is None:
                    continue
                fitting = [rest for rest in known if self._follows(words, at + 1, rest)]
                if fitting:
                    longest = max(fitting, key=len)
                    step = 1 + len(longest)
                    yield known[longest]
                    break
            at += step

    @staticmethod
    def _follows(words: Sequence[Word], at: int, rest: tuple[str, ...]) -> bool:
        return len(words) >= at + len(rest) and all(
            form in word.forms for form, word in zip(rest, words[at : at + len(rest)], strict=True)
        )


NO_PLACES = Gazetteer({})
"""Knows none."""
