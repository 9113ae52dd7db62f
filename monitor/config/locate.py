"""Finds the line of every table, key and array item of a TOML document, which ``tomllib`` does not tell.

Reads a text that ``tomllib`` has accepted, so it need not judge: it only walks over it. A place is the path that leads
to a value in the parsed data: ``("watch", 1, "channels", 0)`` is the first item of ``channels`` in the second
``[[watch]]``. Says nothing about values. Source: TOML v1.0.0, https://toml.io/en/v1.0.0.
"""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_right
from collections.abc import Mapping
from types import MappingProxyType

__all__ = ["Place", "locate"]

Place = tuple[str | int, ...]

# Longest quotes first: """ also begins with ". A multi-line string may end with up to two quotes of its own.
_STRING = re.compile(
    r'"""(?:[^\\]|\\.)*?"{3,5}'
    r"|'''.*?'{3,5}"
    r'|"(?:[^"\\\n]|\\.)*"'
    r"|'[^'\n]*'",
    re.DOTALL,
)
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_SPACE = re.compile(r"[ \t]*")
_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_SCALAR = re.compile(r"[^,\]}#\n]*")


def locate(text: str) -> Mapping[Place, int]:
    """The 1-based line of every place in a valid TOML document; ``()`` is line 1.

    A table stands where its header does (one that is only implied, where its first key does); a value where its key
    does; an array's item where it begins. ``text`` must be one that ``tomllib.loads`` accepts.
    """
    walker = _Walker(text)
    walker.document()
    return MappingProxyType(walker.lines)


class _Walker:
    """Walks over one document from start to end, each character once."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.lines: dict[Place, int] = {(): 1}
        self._starts = [0, *(found.end() for found in re.finditer("\n", text))]
        self._tables: dict[Place, int] = {}  # how many [[tables]] each array of tables holds so far

    def document(self) -> None:
        table: Place = ()
        self._skip(_BLANK)
        while self.at < len(self.text):
            if self.text[self.at] == "[":
                table = self._header()
            else:
                self._pair(table)
            self._skip(_BLANK)

    def _header(self) -> Place:
        line = self._line()
        array = self.text.startswith("[[", self.at)
        self.at += 2 if array else 1
        key = self._key()
        self.at += 2 if array else 1
        place: Place = ()
        for part in key[:-1]:
            place = self._current((*place, part))
            self.lines.setdefault(place, line)
        place = (*place, key[-1])
        if array:
            self.lines.setdefault(place, line)
            self._tables[place] = self._tables.get(place, 0) + 1
            place = self._current(place)
        # A header may come after one that implied its table: the header is where a person looks.
        self.lines[place] = line
        return place

    def _current(self, place: Place) -> Place:
        """A header's path goes through the last table of each array of tables on its way."""
        count = self._tables.get(place)
        return place if count is None else (*place, count - 1)

    def _pair(self, table: Place) -> None:
        line = self._line()
        place = table
        for part in self._key():
            place = (*place, part)
            self.lines.setdefault(place, line)
        self.at += 1  # the =
        self._skip(_SPACE)
        self._value(place)

    def _key(self) -> tuple[str, ...]:
        parts: list[str] = []
        while True:
            self._skip(_SPACE)
            if self.text[self.at] in "\"'":
                quoted = self._take(_STRING)
                parts.append(next(iter(tomllib.loads(f"{quoted} = 0"))))
            else:
                parts.append(self._take(_BARE_KEY))
            self._skip(_SPACE)
            if self.text[self.at] != ".":
                return tuple(parts)
            self.at += 1

    def _value(self, place: Place) -> None:
        first = self.text[self.at]
        if first == "[":
            self._array(place)
        elif first == "{":
            self._inline_table(place)
        elif first in "\"'":
            self._skip(_STRING)
        else:
            self._skip(_SCALAR)

    def _array(self, place: Place) -> None:
        self.at += 1
        index = 0
        self._skip(_BLANK)
        while self.text[self.at] != "]":
            item = (*place, index)
            self.lines[item] = self._line()
            self._value(item)
            index += 1
            self._skip(_BLANK)
            if self.text[self.at] == ",":
                self.at += 1
                self._skip(_BLANK)
        self.at += 1

    def _inline_table(self, place: Place) -> None:
        self.at += 1
        self._skip(_BLANK)
        while self.text[self.at] != "}":
            self._pair(place)
            self._skip(_BLANK)
            if self.text[self.at] == ",":
                self.at += 1
                self._skip(_BLANK)
        self.at += 1

    def _take(self, pattern: re.Pattern[str]) -> str:
        found = pattern.match(self.text, self.at)
        assert found is not None, "the text is not what tomllib accepted"
        self.at = found.end()
        return found.group()

    def _skip(self, pattern: re.Pattern[str]) -> None:
        self._take(pattern)

    def _line(self) -> int:
        return bisect_right(self._starts, self.at)
