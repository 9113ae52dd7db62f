"""Which files lie in a config directory, and which of them look as if they were meant to be read but are not.

A misspelled file name is the quietest of all faults: ``watch.toml`` is never read, and no alert ever comes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from monitor.config.faults import Faults
from monitor.config.snapshot import CHANNELS, CONCEPTS, FEEDS, PACKS, SETTINGS, TEMPLATES, WATCHES
from monitor.text import nearest

__all__ = ["Found", "find_files"]

_KNOWN = (SETTINGS, FEEDS, WATCHES, CHANNELS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The files of a config directory that come in any number, by name."""

    opml: Sequence[Path]
    concepts: Sequence[Path]


def find_files(root: Path, faults: Faults) -> Found | None:
    """What lies in ``root``; None when it can't be looked into (then a fault says why)."""
    entries = _list(root, faults, missing=True)
    if entries is None:
        return None
    for path in entries:
        if path.name not in {*_KNOWN, CONCEPTS, PACKS, TEMPLATES}:
            _judge(path, entries, faults)
    concepts = [path for path in _list(root / CONCEPTS, faults, missing=False) or () if _visible(path)]
    for path in concepts:
        if path.is_dir():
            faults.notice(f"{path}: is not read: concepts lie in {root / CONCEPTS} itself, in *.toml files")
        elif path.suffix != ".toml" and path.suffix.lower() in {".toml", ".tml", ".tom", ".tol", ".txt"}:
            faults.add(path, 0, "", "is not read", f"rename it to {path.stem}.toml, or move it away")
    return Found(
        opml=[path for path in entries if _visible(path) and path.suffix.lower() == ".opml"],
        concepts=[path for path in concepts if path.suffix == ".toml" and not path.is_dir()],
    )


def _list(folder: Path, faults: Faults, *, missing: bool) -> list[Path] | None:
    try:
        return sorted(folder.iterdir())
    except FileNotFoundError:
        if missing:
            faults.add(folder, 0, "", "there is no such folder", "a config to start from is made by: monitor init DIR")
    except NotADirectoryError:
        faults.add(folder, 0, "", "is a file where a folder is needed", "name the folder, not a file in it")
    except PermissionError:
        faults.add(folder, 0, "", "may not be looked into by this user", f"let it be read: chmod u+rx {folder}")
    except OSError as error:
        faults.add(folder, 0, "", f"can't be looked into: {error.strerror or error}")
    return None


def _judge(path: Path, entries: Sequence[Path], faults: Faults) -> None:
    """Say so when an entry that is not read looks like one that should be."""
    folder = path.is_dir()
    if not _visible(path) or not (folder or path.suffix.lower() in {".toml", ".tml", ".tom"}):
        return
    present = {entry.name for entry in entries}
    close = nearest(path.name, [CONCEPTS, TEMPLATES] if folder else _KNOWN)
    if not folder and nearest(path.stem, (*(Path(name).stem for name in _KNOWN), CONCEPTS)) == [CONCEPTS]:
        faults.add(path, 0, "", "is not read", f"concepts lie in {CONCEPTS}/: move it to {CONCEPTS}/{path.name}")
    elif close and (folder or close[0] not in present):
        faults.add(path, 0, "", "is not read", f"did you mean {close[0]}?")
    elif not folder:
        faults.notice(f"{path}: is not read; known are {', '.join(_KNOWN)}, {CONCEPTS}/*.toml and *.opml")


def _visible(path: Path) -> bool:
    return not path.name.startswith((".", "#")) and not path.name.endswith("~")
