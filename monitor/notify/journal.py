"""The ``log`` channel: one JSON line for each delivered alert, at the end of a file in the state directory.

On the article's way: a delivery's receiver, on this machine. A line is written by one append and flushed to the disk
before it counts as delivered. What a kill leaves behind is repaired by the next writer, and a delivery of which nobody
knows whether it was written is looked for before it is written again, so that this channel repeats nothing.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Mapping
from pathlib import Path
from threading import Lock

import regex

__all__ = ["AlertFile"]

# Far more than the lines that can be written between a try and the next: 4 MB hold a thousand and more.
_TAIL = 4 * 1024 * 1024
# What acts on a terminal or breaks lines for some readers, though JSON lets it stand: C1 controls, direction and other
# format marks, line and paragraph separators, halves of surrogate pairs.
_NOT_FOR_FILES = regex.compile(r"[\x7f-\x9f\p{Cf}\p{Zl}\p{Zp}\p{Cs}]")


class AlertFile:
    """Appends lines to one file. Thread-safe, and safe beside another process that uses it too.

    Every method raises ``OSError`` when the file can't be written; nothing of the line is in the file then, as far as
    the system lets us take it back.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = Lock()

    def append(self, key: str, line: Mapping[str, object], *, again: bool) -> bool:
        """Write ``line`` with ``key`` as its "id". False when ``again`` and the file's tail holds this key already."""
        data = _as_line({**line, "id": key})
        with self._lock:
            existed = self._path.exists()
            fd = os.open(self._path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                fcntl.flock(fd, fcntl.LOCK_EX)
                size = _mend(fd)
                if again and _holds(fd, size, key):
                    return False
                _write_whole(fd, data, size)
                os.fsync(fd)
            finally:
                os.close(fd)
            if not existed:
                _sync_directory(self._path.parent)
            return True


def _as_line(line: Mapping[str, object]) -> bytes:
    text = json.dumps(line, ensure_ascii=False, separators=(", ", ": "))
    escaped = _NOT_FOR_FILES.sub(lambda found: _json_escape(found[0]), text)
    return escaped.encode("utf-8") + b"\n"


def _json_escape(letter: str) -> str:
    return json.dumps(letter, ensure_ascii=True)[1:-1] if letter != "\x7f" else "\\u007f"


def _mend(fd: int) -> int:
    """Repair an unfinished last line and return the file's size.

    A line that is whole but for its newline gets it; anything else is what a kill left of a line whose delivery was
    never recorded, and is taken away: that delivery comes again.
    """
    size = os.fstat(fd).st_size
    if size == 0 or os.pread(fd, 1, size - 1) == b"\n":
        return size
    start = max(0, size - _TAIL)
    tail = os.pread(fd, size - start, start)
    last = tail.rfind(b"\n") + 1
    try:
        json.loads(tail[last:])
    except ValueError:  # also what is no UTF-8
        os.ftruncate(fd, start + last)
        return start + last
    _write_whole(fd, b"\n", size)
    return size + 1


def _holds(fd: int, size: int, key: str) -> bool:
    start = max(0, size - _TAIL)
    wanted = json.dumps(key).encode()
    for line in os.pread(fd, size - start, start).split(b"\n"):
        if wanted not in line:
            continue
        try:
            found = json.loads(line)
        except ValueError:  # the piece of a line with which the tail begins
            continue
        if isinstance(found, dict) and found.get("id") == key:
            return True
    return False


def _write_whole(fd: int, data: bytes, size: int) -> None:
    try:
        written = os.write(fd, data)
    except OSError:
        os.ftruncate(fd, size)
        raise
    if written != len(data):
        # A full disk takes a part of a line.
        os.ftruncate(fd, size)
        raise OSError(28, "no space left for a whole line")


def _sync_directory(directory: Path) -> None:
    fd = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
