"""Reads one config file into parsed data and the lines of its places; tells a broken file in words.

Byte order marks and CRLF are normal: such files come from Windows. Knows TOML, not what the keys mean.
"""

from __future__ import annotations

import os
import re
import stat
import tomllib
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from monitor.config.faults import Faults
from monitor.config.locate import Place, locate

__all__ = ["Document", "PackedDocument", "read_bytes", "read_document"]

_POSITION = re.compile(r" \(at (?:line (?P<line>\d+), column (?P<column>\d+)|end of document)\)$")
_TWICE = re.compile(r"Cannot declare \((?P<key>.*?),?\) twice")
_UTF16 = (b"\xff\xfe", b"\xfe\xff")

# What tomllib says, by how it begins, and what a person most often did to get there.
_HINTS = (
    ("Expected '=' after a key", 'a line says key = value; a name with spaces or dots stands in quotes: "my name"'),
    ("Invalid value", 'text stands in straight quotes: "text"; yes and no are true and false, without quotes'),
    ("Cannot overwrite a value", "the same key is given twice here: keep one"),
    ("Duplicate inline table key", "the same key is given twice here: keep one"),
    ("Expected newline or end of document", 'one key = value a line; a quote inside text is written \\"'),
    ("Unclosed array", "a list ends with ]"),
    ("Unclosed inline table", "what begins with { ends with } on the same line"),
    ("Unterminated string", "a quote is opened and not closed"),
    ("Illegal character '\\n'", "the quote that opens in this line is not closed in it"),
    ("Unescaped '\\'", "between '…' a backslash stands for itself; between \"…\" write two"),
    ("Expected ']'", "a table's header ends with ]"),
    ("Expected ']]'", "the header of a repeated table ends with ]]"),
    ("Cannot mutate immutable namespace", "what was written as { … } can't be added to below: put it all in one place"),
    ("Cannot redefine namespace", "the same table is defined in two ways: keep one"),
)


@dataclass(frozen=True, kw_only=True)
class Document:
    """A parsed TOML file and where in it everything stands."""

    path: Path
    data: Mapping[str, Any]
    text: str = field(repr=False)

    @cached_property
    def lines(self) -> Mapping[Place, int]:
        """The line of each place; found when it is asked for, since a sound file is never asked."""
        return locate(self.text)

    @cached_property
    def rows(self) -> Sequence[str]:
        """The text line by line."""
        return self.text.split("\n")

    def line(self, *place: str | int) -> int:
        """The line of a place, or of the nearest place around it."""
        while place not in self.lines:
            place = place[:-1]
        return self.lines[place]


@dataclass(frozen=True, kw_only=True)
class PackedDocument:
    """A document put away: packed until it is asked for, since what stands where in a sound file hardly ever is.

    The library's documents would take a tenth of the service's memory.
    """

    path: Path
    packed: bytes = field(repr=False)

    @classmethod
    def of(cls, document: Document) -> PackedDocument:
        """This document."""
        return cls(path=document.path, packed=zlib.compress(document.text.encode()))

    @cached_property
    def whole(self) -> Document:
        """As it was read."""
        text = zlib.decompress(self.packed).decode()
        return Document(path=self.path, data=tomllib.loads(text), text=text)


def read_bytes(path: Path, faults: Faults) -> bytes | None:
    """The bytes of a file; None when it is not there, or when it can't be read (then a fault says why)."""
    try:
        with open(path, "rb", opener=_open_at_once) as opened:
            if stat.S_ISREG(os.fstat(opened.fileno()).st_mode):
                return opened.read()
        faults.add(path, 0, "", "is not a file that can be read as a whole", "put the text itself in its place")
    except FileNotFoundError:
        if path.is_symlink():
            faults.add(path, 0, "", "is a link to a file that is not there", "mend the link or remove it")
    except IsADirectoryError:
        faults.add(path, 0, "", "is a folder where a file is needed", "move it away, or rename it")
    except PermissionError:
        faults.add(path, 0, "", "may not be read by this user", f"let it be read: chmod u+r {path}")
    except OSError as error:
        faults.add(path, 0, "", f"can't be read: {error.strerror or error}")
    return None


def _open_at_once(path: str, flags: int) -> int:
    # A named pipe that nobody writes to would hold the service up for ever.
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def read_document(path: Path, faults: Faults) -> Document | None:
    """The TOML file at ``path``; None when it is not there, or when it is broken (then a fault says where)."""
    raw = read_bytes(path, faults)
    if raw is None:
        return None
    if raw.startswith(_UTF16):
        faults.add(path, 1, "", "is not UTF-8 text but UTF-16", 'save it as "UTF-8" in your editor')
        return None
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        byte = f"0x{raw[error.start]:02x}"
        faults.add(
            path, line, "", f"is not UTF-8 text: the byte {byte} stands here", 'save it as "UTF-8" in your editor'
        )
        return None
    text = text.replace("\r\n", "\n")
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        _tell_broken(path, text, str(error), faults)
        return None
    except RecursionError:
        faults.add(path, 0, "", "holds brackets nested too deeply to be read", "a list of lists is needed nowhere here")
        return None
    return Document(path=path, data=data, text=text)


def _tell_broken(path: Path, text: str, problem: str, faults: Faults) -> None:
    """One fault for what tomllib refused. The text itself is not quoted: it may hold a secret."""
    lines = text.split("\n")
    found = _POSITION.search(problem)
    said = problem[: found.start()] if found else problem
    line = int(found["line"]) if found and found["line"] else len(text.rstrip("\n").split("\n"))
    column = f" in column {found['column']}" if found and found["column"] else " at the end of the file"
    twice = _TWICE.match(said)
    if twice:
        name = ".".join(re.findall(r"'([^']*)'", twice["key"]))
        first = next((n for n, row in enumerate(lines, 1) if re.match(rf"\s*\[\s*{re.escape(name)}\s*\]", row)), 0)
        repeated = any(re.match(rf"\s*\[\[\s*{re.escape(name)}\s*\]\]", row) for row in lines[: line - 1])
        if repeated:
            hint = f"write [[{name}]], with two brackets, before each"
            faults.add(path, line, "", f"[{name}] has single brackets where others have two", hint)
        elif 0 < first < line:
            hint = f"rename one; for several of a kind, write [[{name}]] with two brackets before each"
            faults.add(path, line, "", f"[{name}] is defined twice (first in line {first})", hint)
        else:
            faults.add(
                path,
                line,
                "",
                f"[{name}] was already written as {name.rpartition('.')[2]} = …",
                "put it all in one place",
            )
        return
    hint = next((hint for start, hint in _HINTS if said.startswith(start)), "")
    if hint.startswith("one key") and re.search(r"=\s*'(?!')", lines[line - 1]):
        hint = "text that holds an apostrophe stands between \"…\", or between '''…''' if it holds both"
    if any(curly in lines[line - 1] for curly in "“”„‘’«»"):
        hint = 'quotes must be straight ones: "text", not “text”'
    faults.add(path, line, "", f"is not valid TOML{column}: {said[:1].lower()}{said[1:]}", hint)
