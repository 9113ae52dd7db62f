"""Adds to a person's config so that every line and comment of theirs stays as it is.

Feeds go to the end of ``feeds.toml``; a concept becomes a file of its own, which must not be there yet. Nothing is kept
that our own reader does not take.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from monitor.config.concepts import read_concepts
from monitor.config.faults import Faults
from monitor.config.load import load
from monitor.config.quoting import quoted
from monitor.config.snapshot import CONCEPTS, FEEDS
from monitor.errors import ConfigErrors, MonitorError
from monitor.model import Feed
from monitor.rules import Concept

__all__ = ["add_concept", "add_feeds"]


def add_feeds(root: Path, feeds: Sequence[Feed], *, env: Mapping[str, str]) -> Path:
    """Append feeds to ``feeds.toml``; returns the file. When the config would not load with them, nothing is changed.

    Raises:
        ConfigErrors: the config with the new feeds has faults; the file is as it was.
        MonitorError: the file can't be written.
    """
    path = root / FEEDS
    before = path.read_bytes() if path.exists() else b""
    blocks = "".join(_block(feed) for feed in feeds)
    gap = b"" if not before or before.endswith(b"\n") else b"\n"
    try:
        _replace(path, before + gap + blocks.encode("utf-8"))
        load(root, env=env)
    except ConfigErrors:
        _replace(path, before)
        raise
    except OSError as error:
        raise MonitorError(f"{path} can't be written: {error.strerror}") from error
    return path


def add_concept(root: Path, file: str, text: str, *, meant: Concept | None) -> Path:
    """Keep a text as a new file among the concepts; returns its path. Whole, or not at all.

    ``meant`` is the concept that must be found in it; None for a text that holds none yet.

    Raises:
        FileExistsError: there is a file of this name, which stays as it is.
        ConfigErrors: our own reader finds faults in the text; nothing is kept.
        MonitorError: our own reader finds something else than was meant; nothing is kept.
        OSError: the file can't be written.
    """
    folder = root / CONCEPTS
    folder.mkdir(exist_ok=True)
    path, beside = folder / file, folder / f".{file}.new"
    try:
        with beside.open("wb") as opened:
            opened.write(text.encode("utf-8"))
            opened.flush()
            os.fsync(opened.fileno())
        faults = Faults()
        read = read_concepts((beside,), faults)
        if faults.count:
            raise ConfigErrors(faults.errors)
        if list(read.concepts.values()) != ([meant] if meant else []):
            raise MonitorError(f"{path}: what was written does not read as what was meant; nothing was kept")
        # Takes the name, or finds it taken; a service that looks just now sees a file without a concept.
        path.open("xb").close()
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
    return path


def _replace(path: Path, content: bytes) -> None:
    """Write beside the file and swap, so that a running service never reads half of it; a link stays a link."""
    target = path.resolve()
    beside = target.with_name(f".{target.name}.new")
    beside.write_bytes(content)
    if target.exists():
        beside.chmod(target.stat().st_mode & 0o7777)
    beside.replace(target)


def _block(feed: Feed) -> str:
    lines = ["", "[[feed]]", f"url = {quoted(feed.url)}"]
    if feed.name:
        lines.append(f"name = {quoted(feed.name)}")
    if feed.language:
        lines.append(f"language = {quoted(feed.language)}")
    if feed.tags:
        lines.append(f"tags = [{', '.join(map(quoted, feed.tags))}]")
    if feed.allow_private:
        lines.append("allow_private = true")
    return "\n".join([*lines, ""])
