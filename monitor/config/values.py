"""Reads values out of parsed TOML with their type checked in words a person understands, every fault with its line.

Where a value is wrong, a fault is noted and the default stands in, so that reading goes on and finds the rest.
Knows types, durations and sizes; does not know which keys there are.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import Any, TypeVar

from monitor.config.document import Document
from monitor.config.faults import Faults, did_you_mean, in_quotes
from monitor.config.locate import Place
from monitor.text import nearest

__all__ = ["Table", "duration_meant", "parse_duration", "parse_size", "say_duration", "say_size"]

Default = TypeVar("Default")

_MOST_OF_A_UNIT = 100_000
_REFERENCE = re.compile(r"\$\{(?:env|file):")
_BETWEEN = re.compile(r"(?:\s*,\s*|\s+and\s+|\s*)(?!$)")
_NUMBER_UNIT = re.compile(r"(\d{1,12}(?:\.\d{1,6})?)\s*([^\W\d_]+)")
_UNITS: Mapping[str, timedelta] = {
    name: span
    for names, span in (
        ("ms millisecond milliseconds", timedelta(milliseconds=1)),
        ("s sec secs second seconds", timedelta(seconds=1)),
        ("m min mins minute minutes", timedelta(minutes=1)),
        ("h hr hrs hour hours", timedelta(hours=1)),
        ("d day days", timedelta(days=1)),
        ("w week weeks", timedelta(weeks=1)),
    )
    for name in names.split()
}
# A month and a year are of no fixed length, so no time is written in them.
_CALENDAR: Mapping[str, timedelta] = {
    name: timedelta(days=days)
    for names, days in (("month months mo mon", 30), ("quarter quarters", 91), ("year years yr yrs y", 365))
    for name in names.split()
}
_LONG_UNITS = tuple(name for name in (*_UNITS, *_CALENDAR) if len(name) > 3)
_SIZES: Mapping[str, int] = {
    "b": 1,
    "byte": 1,
    "bytes": 1,
    **{unit: 1000**power for power, unit in enumerate(("kb", "mb", "gb", "tb"), 1)},
    **{unit: 1024**power for power, unit in enumerate(("kib", "mib", "gib", "tib"), 1)},
}


def parse_duration(text: str) -> timedelta | None:
    """A span of time such as "15 minutes", "15m", "500ms", "1h 30m"; None when it is not one.

    Units: ms, s, m (or min), h, d, w and their names. Each part needs a unit, each unit stands once, at most 100 years.
    """
    total = timedelta()
    used: set[timedelta] = set()
    at = 0
    text = text.strip().lower()
    while at < len(text):
        found = _NUMBER_UNIT.match(text, at)
        unit = _UNITS.get(found[2]) if found else None
        if found is None or unit is None or unit in used:
            return None
        used.add(unit)
        try:
            total += float(found[1]) * unit
        except OverflowError:
            return None
        at = found.end()
        between = _BETWEEN.match(text, at)
        at = between.end() if between else len(text)
    return total if used and total <= timedelta(days=36525) else None


def duration_meant(text: str) -> str:
    """A hint with the span that was probably meant by a text that is none; empty when there is no telling."""
    total, calendar, at = timedelta(), False, 0
    text = text.strip().lower()
    while found := _NUMBER_UNIT.match(text, at):
        unit = found[2] if found[2] in {**_UNITS, **_CALENDAR} else "".join(nearest(found[2], _LONG_UNITS))
        if not unit or float(found[1]) > _MOST_OF_A_UNIT:
            return ""
        calendar = calendar or unit in _CALENDAR
        total += float(found[1]) * (_UNITS.get(unit) or _CALENDAR[unit])
        between = _BETWEEN.match(text, found.end())
        at = between.end() if between else len(text)
    if not at or at < len(text) or parse_duration(say_duration(total)) is None:
        return ""
    why = "; months and years have no fixed length" if calendar else ""
    return f'did you mean "{say_duration(total)}"?{why}'


def parse_size(text: str) -> int | None:
    """A size in bytes such as "20 MB" (1000s) or "512 KiB" (1024s); None when it is not one."""
    found = _NUMBER_UNIT.fullmatch(text.strip().lower())
    unit = _SIZES.get(found[2]) if found else None
    return math.floor(float(found[1]) * unit) if found and unit else None


def say_duration(span: timedelta) -> str:
    """A span as a person would write it: its largest units, such as "1 h 30 min"."""
    left = span // timedelta(milliseconds=1)
    parts = []
    for name, size in (("days", 86_400_000), ("h", 3_600_000), ("min", 60_000), ("s", 1000), ("ms", 1)):
        count, left = divmod(left, size)
        if count:
            parts.append(f"{count} {'day' if name == 'days' and count == 1 else name}")
    return " ".join(parts) or "0 s"


def say_size(size: int) -> str:
    """A size as a person would write it: "20 MB"."""
    for unit, bytes_each in (("GB", 1000**3), ("MB", 1000**2), ("kB", 1000)):
        if size >= bytes_each:
            return f"{size / bytes_each:g} {unit}"
    return f"{size} bytes"


class Table:
    """One table of a document, read key by key; what was asked for is what is known.

    ``where`` names the thing for messages ("watch 'Islamic State'"). ``finish`` reports the keys nobody asked for.
    """

    def __init__(self, document: Document, place: Place, data: Mapping[str, Any], where: str, faults: Faults) -> None:
        self.document = document
        self.place = place
        self.data = data
        self.where = where
        self.faults = faults
        self._asked: set[str] = set()
        self._refused: set[str] = set()

    def __contains__(self, key: str) -> bool:
        return key in self.data

    def line(self, *inner: str | int) -> int:
        """The line of this table, or of a key (and an item) in it."""
        return self.document.line(*self.place, *inner)

    def fault(self, message: str, hint: str = "", *, at: tuple[str | int, ...] = ()) -> None:
        """Note a fault of this thing, at the line of ``at`` within the table."""
        self.faults.add(self.document.path, self.line(*at), self.where, message, hint)

    def text(self, key: str, default: Default, *, secret: bool = False) -> str | Default:
        """Text on one line. ``secret``: it may hold references to secrets, and is never quoted in a fault."""
        value = self._ask(key)
        if value is None:
            return default
        if not isinstance(value, str):
            self._wrong(key, "text in quotes", value, example=None if secret else _text_instead(value))
            return default
        if not value.strip():
            self.fault(f"{key} is empty", "write something or remove the line", at=(key,))
            return default
        if not value.isprintable():
            self.fault(f"{key} holds a line break or another control character", "write it on one line", at=(key,))
            return default
        if not secret and _REFERENCE.search(value):
            self.fault(
                f"{key} can't hold a secret: it is shown in logs and lists",
                "${env:…} and ${file:…} are for a channel's url, and a feed's headers and proxy",
                at=(key,),
            )
            return default
        return value.strip()

    def query(self, key: str) -> str:
        """Text that may go over several lines; empty when it is not there."""
        value = self._ask(key)
        if value is None:
            return ""
        if not isinstance(value, str):
            self._wrong(key, "text in quotes", value, example=_text_instead(value))
            return ""
        if not value.strip():
            self.fault(f"{key} is empty", "write what to look for or remove the line", at=(key,))
        return value

    def flag(self, key: str, default: bool) -> bool:
        """True or false."""
        value = self._ask(key)
        if value is None:
            return default
        if not isinstance(value, bool):
            meant = {"true": "true", "yes": "true", "on": "true", "1": "true"}.get(str(value).lower(), "false")
            self._wrong(key, "true or false, without quotes", value, example=meant)
            return default
        return value

    def number(self, key: str, default: int, *, low: int, high: int) -> int:
        """A whole number within bounds."""
        value = self._ask(key)
        if value is None:
            return default
        if isinstance(value, bool) or not isinstance(value, int):
            digits = str(value).strip()
            self._wrong(key, "a whole number, without quotes", value, example=digits if digits.isdecimal() else None)
            return default
        if not low <= value <= high:
            self.fault(f"{key} is {value}: it must be between {low} and {high}", at=(key,))
            return default
        return value

    def duration(self, key: str, default: Default, *, low: timedelta, high: timedelta) -> timedelta | Default:
        """A span of time in words, within bounds."""
        value = self._ask(key)
        if value is None:
            return default
        if not isinstance(value, str):
            usual = say_duration(default) if isinstance(default, timedelta) else "7 days"
            fitting = _with_unit(value, low, high) if isinstance(value, int) and not isinstance(value, bool) else ""
            self._wrong(key, "a time with its unit, in quotes", value, example=f'"{fitting or usual}"')
            return default
        span = parse_duration(value)
        if span is None:
            self.fault(
                f"{key} is not a time: {in_quotes(value)}",
                duration_meant(value) or 'write a number with its unit: "90s", "15 minutes", "1h 30m", "2 days"',
                at=(key,),
            )
            return default
        if not low <= span <= high:
            self.fault(
                f"{key} is {say_duration(span)}: it must be between {say_duration(low)} and {say_duration(high)}",
                at=(key,),
            )
            return default
        return span

    def size(self, key: str, default: int, *, low: int, high: int) -> int:
        """A size in bytes: "20 MB", or a plain number of bytes."""
        value = self._ask(key)
        if value is None:
            return default
        if isinstance(value, str):
            size = parse_size(value)
        else:
            size = value if isinstance(value, int) and not isinstance(value, bool) else None
        if size is None:
            self._wrong(key, "a size", value, example='"20 MB"')
            return default
        if not low <= size <= high:
            self.fault(f"{key} is {say_size(size)}: it must be between {say_size(low)} and {say_size(high)}", at=(key,))
            return default
        return size

    def choice(self, key: str, default: str, choices: Collection[str]) -> str:
        """One of a few words."""
        value = self.text(key, default)
        if value in choices:
            return value
        self.fault(f"{key} can't be {in_quotes(value)}", did_you_mean(value, choices), at=(key,))
        return default

    def texts(self, key: str, default: tuple[str, ...] = (), *, lines: bool = False) -> tuple[str, ...]:
        """A list of texts, none empty, none twice. ``lines``: an item may go over several lines."""
        value = self._ask(key)
        if value is None:
            return default
        if not isinstance(value, list):
            self._wrong(key, "a list", value, example=f"[{_text_instead(value)}]")
            return default
        found: list[str] = []
        for index, item in enumerate(value):
            at = (key, index)
            if not isinstance(item, str):
                said = _said(item)
                self.fault(f"{key} needs texts in quotes, but one item is {said}", _example(_text_instead(item)), at=at)
            elif not item.strip():
                self.fault(f"{key} has an empty item", "remove it", at=at)
            elif not (lines or item.isprintable()):
                self.fault(f"{key} has an item with a line break or another control character", at=at)
            elif item.strip() in found:
                self.fault(f"{key} names {in_quotes(item.strip())} twice", "keep one", at=at)
            else:
                found.append(item.strip())
        return tuple(found)

    def table(self, key: str, *, example: str) -> Table | None:
        """A table within this one; None when it is not there. ``example`` shows how one is written."""
        value = self._ask(key)
        if value is None:
            return None
        if not isinstance(value, dict):
            self._wrong(key, "a table", value, example=example)
            return None
        where = f"{self.where}, {key}" if self.where else f"[{key}]"
        return Table(self.document, (*self.place, key), value, where, self.faults)

    def tables(self, key: str, what: str) -> list[Table]:
        """The repeated tables ``[[key]]``, each named by its ``name`` or else its number."""
        value = self._ask(key)
        if value is None:
            return []
        if isinstance(value, dict):
            self.fault(f"[{key}] has single brackets", f"write [[{key}]], with two, before each {what}", at=(key,))
            return []
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            self.fault(f"{key} is {_said(value)}", f"write [[{key}]] before each {what}", at=(key,))
            return []
        found = []
        for index, item in enumerate(value):
            name = item.get("name")
            named = (
                f"'{name.strip()}'" if isinstance(name, str) and name.strip() and name.isprintable() else str(index + 1)
            )
            found.append(Table(self.document, (*self.place, key, index), item, f"{what} {named}", self.faults))
        return found

    def raw(self, key: str) -> Any:
        """A value as parsed, whatever its type; None when it is not there."""
        return self._ask(key)

    def refuse(self, key: str, message: str, hint: str) -> None:
        """Tell a key that is known but has no place here, if it is there."""
        if key in self.data:
            self._refused.add(key)
            self.fault(message, hint, at=(key,))

    def finish(self, *, later: Mapping[str, str] | None = None) -> None:
        """Report every key that nobody asked for; ``later`` says of some why they can't be used yet."""
        later = later or {}
        for key in self.data:
            if key in self._asked or key in self._refused:
                continue
            if key in later:
                self.fault(f"{key} is not there yet: {later[key]}", "remove the line until then", at=(key,))
            else:
                known = sorted(self._asked)
                if _is_repeated(self.data[key]):
                    hint = f"known here: {', '.join(f'[[{name}]]' for name in nearest(key, known) or known)}"
                    self.fault(f"unknown [[{key}]]", hint, at=(key,))
                else:
                    hint = did_you_mean(key, known, otherwise=f"known here: {', '.join(known)}")
                    self.fault(f"unknown key {in_quotes(key)}", hint, at=(key,))

    def _ask(self, key: str) -> Any:
        self._asked.add(key)
        return self.data.get(key)

    def _wrong(self, key: str, needs: str, value: Any, *, example: str | None) -> None:
        self.fault(f"{key} needs {needs}, but is {_said(value)}", _example(example, key), at=(key,))


def _is_repeated(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(item, dict) for item in value)


def _with_unit(number: int, low: timedelta, high: timedelta) -> str:
    """The number with the first unit that makes it a time within bounds; empty when none does."""
    units = (("seconds", 1), ("minutes", 60), ("hours", 3600), ("days", 86_400))
    fits = (f"{number} {name}" for name, unit in units if low <= timedelta(seconds=unit) * min(number, 10**6) <= high)
    return next(fits, "")


def _example(example: str | None, key: str = "") -> str:
    if example is None:
        return ""
    return f"write {key} = {example}" if key else f"write {example}"


def _said(value: Any) -> str:
    """The type of a value in words. The value is not shown: it may be a secret in the wrong place."""
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, dt.date | dt.time):
        return "a date or a time of day"
    kinds = {str: "text", int: "a number", float: "a number", list: "a list", dict: "a table"}
    return kinds[type(value)]


def _text_instead(value: Any) -> str:
    """What was probably meant where text is needed."""
    if isinstance(value, str):
        return in_quotes(value)
    if isinstance(value, list) and len(value) == 1 and isinstance(value[0], str):
        return in_quotes(value[0])
    if isinstance(value, int | float) and not isinstance(value, bool):
        return f'"{value}"'
    return '"…"'
