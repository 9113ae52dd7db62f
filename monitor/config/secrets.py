"""Fills in ``${env:NAME}`` and ``${file:/path}``, and remembers the values so that they are shown nowhere.

The only place of the config that looks at the environment. No fault told from here holds a value.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote, quote_plus

from monitor.config.faults import did_you_mean
from monitor.config.values import Table

__all__ = ["Secrets"]

_REFERENCE = re.compile(r"\$\$\{|\$\{(?P<kind>env|file):(?P<name>[^{}]*)\}|\$\{[^{}]*\}?")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_LARGEST = 65_536  # a secret file that is larger is not one


class Secrets:
    """The secrets of one load. ``values`` are theirs in plain and in every form in which a URL may carry them."""

    def __init__(self, env: Mapping[str, str], root: Path) -> None:
        self._env = env
        self._root = root
        self.values: set[str] = set()
        self.files: set[Path] = set()

    def fill(self, table: Table, text: str, *, at: tuple[str | int, ...], quoted: bool) -> str | None:
        """``text`` with its references filled in; None when one can't be (then a fault says why).

        ``quoted``: the text is a URL, so values are percent-quoted, unless one reference is the whole of it.
        ``$${`` stands for ``${`` itself.
        """
        whole = _REFERENCE.fullmatch(text)
        parts: list[str] = []
        broken = False
        end = 0
        for found in _REFERENCE.finditer(text):
            parts.append(text[end : found.start()])
            end = found.end()
            if found.group() == "$${":
                parts.append("${")
                continue
            value = self._value(table, found, at)
            if value is None:
                broken = True
                continue
            self.hide(value)
            parts.append(quote(value, safe="") if quoted and not whole else value)
        return None if broken else "".join((*parts, text[end:]))

    def hide(self, value: str) -> None:
        """Never show this value."""
        self.values.update((value, quote(value, safe=""), quote(value), quote_plus(value)))

    def _value(self, table: Table, found: re.Match[str], at: tuple[str | int, ...]) -> str | None:
        kind, name = found["kind"], found["name"]
        if kind is None:
            # What stands here may be a secret pasted into the braces, so only a variable's name is repeated.
            inner = found.group()[2:-1]
            meant = (
                f"${{env:{inner}}}"
                if _VARIABLE.fullmatch(inner) and inner.isupper()
                else "${env:NAME} or ${file:/path}"
            )
            closed = "can't be read" if found.group().endswith("}") else "has no closing }"
            table.fault(f"a reference ${{…}} {closed}", f"write {meant}; a plain ${{ is written $${{", at=at)
            return None
        value = self._from_env(table, name, at) if kind == "env" else self._from_file(table, name, at)
        if value is not None and not value.isprintable():
            table.fault(
                f"the secret of ${{{kind}:{name}}} holds a line break or another control character",
                "it must be one line",
                at=at,
            )
            return None
        return value

    def _from_env(self, table: Table, name: str, at: tuple[str | int, ...]) -> str | None:
        if not _VARIABLE.fullmatch(name):
            # The name is not repeated: a secret itself may have been put in its place.
            said = "a reference ${env:…} names no environment variable"
            table.fault(said, "a name has letters, digits and _: ${env:MAIL_PASSWORD}", at=at)
            return None
        value = self._env.get(name)
        if value is None:
            hint = did_you_mean(name, self._env, otherwise=f"set it where the service is started: {name}=…")
            table.fault(f"the environment variable {name} is not set", hint, at=at)
            return None
        if not value.strip():
            table.fault(
                f"the environment variable {name} is empty", "give it its value, or remove the reference", at=at
            )
            return None
        return value

    def _from_file(self, table: Table, name: str, at: tuple[str | int, ...]) -> str | None:
        if not name.strip():
            table.fault("${file:} names no file", "write ${file:/path}", at=at)
            return None
        path = self._root / name
        said = f"the secret file {path}"
        self.files.add(path)
        try:
            with open(path, "rb", opener=_open_at_once) as opened:
                found = os.fstat(opened.fileno())
                if not stat.S_ISREG(found.st_mode):
                    table.fault(f"{said} is not a file", at=at)
                    return None
                if os.name == "posix" and found.st_mode & stat.S_IROTH:
                    table.fault(f"{said} can be read by every user of this machine", f"run: chmod 600 {path}", at=at)
                    return None
                raw = opened.read(_LARGEST + 1)
        except FileNotFoundError:
            table.fault(f"{said} is not there", "write it, or mend the path", at=at)
            return None
        except IsADirectoryError:
            table.fault(f"{said} is a folder", "name the file in it", at=at)
            return None
        except PermissionError:
            table.fault(f"{said} may not be read by this user", "let the user that runs the service own it", at=at)
            return None
        except (OSError, ValueError) as error:
            table.fault(f"{said} can't be read: {getattr(error, 'strerror', None) or 'no such path'}", at=at)
            return None
        try:
            text = raw.decode("utf-8-sig")
        except UnicodeDecodeError:
            table.fault(f"{said} is not UTF-8 text", "it must hold the secret alone, on one line", at=at)
            return None
        text = text.removesuffix("\n").removesuffix("\r")
        if not text.strip():
            table.fault(f"{said} is empty", "write the secret into it", at=at)
            return None
        if len(raw) > _LARGEST:
            table.fault(f"{said} is too large to be a secret", "it must hold the secret alone, on one line", at=at)
            return None
        return text


def _open_at_once(path: str, flags: int) -> int:
    # A named pipe that nobody writes to would hold the service up for ever.
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))
