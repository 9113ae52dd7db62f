"""Places and people whose names differ by language: a gazetteer, so that Germany, Deutschland and ألمانيا are one.

On the article's way: while an article's sketch is made. Where its names come from is not known here.

A Chinese character that stands for a country is a word of its own as well: 日 is Japan, and the day of every date; 米
is America, and rice. In 134 Chinese and Japanese articles nine in ten of them named nothing. Headlines set them beside
each other at the head of a compound, 日米首脳会談 and 中美贸易战, and only there they are names.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import regex

from monitor.text import FieldText, Word, analyse

__all__ = ["NO_PLACES", "Gazetteer"]

_CHARACTER = regex.compile(r"\p{Han}")
# They begin words of their own behind a country too (美日前 "America, days ago", 米中央軍 "the US Central Command").
_FIRST_ONLY = frozenset("日中")
# At the head of a compound: no letter before them, nor a number, which "23 日" is a day of.
_HEAD = r"(?<![\p{L}\p{N}])(?<![\p{N}一二三四五六七八九十廿卅]\s+)"


class Gazetteer:
    """Names in many languages, each for one thing. Immutable."""

    def __init__(self, names: Mapping[str, Iterable[str]]) -> None:
        """``names``: for each thing, all its names."""
        self._things: dict[str, dict[tuple[str, ...], str]] = {}
        self._characters: dict[str, str] = {}
        longer: list[str] = []
        for thing, spelled in names.items():
            for name in spelled:
                if _CHARACTER.fullmatch(name):
                    self._characters.setdefault(name, thing)
                    continue
                forms = tuple(word.forms[0] for word in analyse(name).words)
                if forms:
                    self._things.setdefault(forms[0], {}).setdefault(forms[1:], thing)
                    longer.append(name)
        self._side_by_side = _side_by_side(self._characters, longer)

    def places(self, text: FieldText) -> Iterator[str]:
        """What is named in a text, in its order, the longest name where several begin; then what characters name."""
        yield from self._named(text.words)
        for found in self._side_by_side.finditer(text.original):
            things = [self._characters[character] for character in found[0]]
            if len(set(things)) == len(things):
                yield from things

    def _named(self, words: Sequence[Word]) -> Iterator[str]:
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


def _side_by_side(characters: Iterable[str], longer: Iterable[str]) -> regex.Pattern[str]:
    """Two characters or more at the head of a compound, none of which begins a ``longer`` name."""
    begun = "|".join(regex.escape(name) for name in longer if name[0] in characters)
    alone = f"(?!{begun})" if begun else ""
    first, others = ("".join(some) for some in (characters, sorted(set(characters) - _FIRST_ONLY)))
    if not others:
        return regex.compile(r"(?!)")
    return regex.compile(rf"{_HEAD}{alone}[{first}](?:{alone}[{others}])++(?=\p{{Han}})")


NO_PLACES = Gazetteer({})
"""Knows none."""
