"""Collects what is wrong while a config is read, so that one load tells all of it; and guesses what was meant.

Raises nothing itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from monitor.errors import ConfigError
from monitor.text import nearest

__all__ = ["Faults", "address_meant", "did_you_mean", "in_quotes"]

# A kind of address, and what stands before the host, well written or not.
_KIND = re.compile(r"([A-Za-z]{2,8})(?::/{1,2}(?!/)|//|:(?=[^\d/]))(?=[^/\s])")
_ALSO_THE_WEB = frozenset({"feed", "rss", "web", "www"})


class Faults:
    """The faults and the notices of one load, as they are met."""

    def __init__(self) -> None:
        self._errors: list[ConfigError] = []
        self._notices: list[str] = []

    def add(self, file: Path, line: int, where: str, message: str, hint: str = "") -> None:
        """Note one fault; ``line`` 0 where no line can be named."""
        self._errors.append(ConfigError(file=file, line=line, where=where, message=message, hint=hint))

    def notice(self, sentence: str) -> None:
        """Note something that is worth telling a person but keeps nothing from running."""
        self._notices.append(sentence)

    @property
    def count(self) -> int:
        """How many faults were met so far: equal before and after a step means that the step met none."""
        return len(self._errors)

    @property
    def errors(self) -> tuple[ConfigError, ...]:
        """All faults in file and line order."""
        return tuple(sorted(self._errors, key=lambda error: (str(error.file), error.line)))

    @property
    def notices(self) -> tuple[str, ...]:
        """All notices, in the order in which they were met."""
        return tuple(self._notices)


def did_you_mean(word: str, known: Iterable[str], *, otherwise: str = "") -> str:
    """A hint that names the closest known name, else the few names that there are, else ``otherwise``."""
    names = sorted(known)
    close = nearest(word, names)
    if close:
        return f"did you mean {in_quotes(close[0])}?"
    if otherwise:
        return otherwise
    return f"known: {', '.join(names)}" if 0 < len(names) <= 12 else ""


def address_meant(said: str) -> str:
    """A hint with the address on the web that was probably meant by what is none; empty when there is no telling."""
    if "@" in said:
        return ""  # it may hold a password
    kind = _KIND.match(said)
    if kind is not None:
        word, rest = kind[1].casefold(), said[kind.end() :]
        close = ["https"] if word in _ALSO_THE_WEB else nearest(word, ("http", "https"))
        meant = f"{close[0]}://{rest}" if close else said
    else:
        meant = f"https://{said}" if "//" not in said and "." in said.partition("/")[0] else said
    return f"did you mean {in_quotes(meant)}?" if meant != said else ""


def in_quotes(text: str) -> str:
    """``text`` as TOML would write it, on one line and cut when it is long, for use in a message."""
    short = text if len(text) <= 80 else text[:79] + "…"
    escaped = short.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in escaped) + '"'
