"""Adds feeds to a person's ``feeds.toml``, at its end, so that every line and comment of theirs stays as it is."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from monitor.config.load import load
from monitor.config.snapshot import FEEDS
from monitor.errors import ConfigErrors, MonitorError
from monitor.model import Feed

__all__ = ["add_feeds"]


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


def _replace(path: Path, content: bytes) -> None:
    """Write beside the file and swap, so that a running service never reads half of it; a link stays a link."""
    target = path.resolve()
    beside = target.with_name(f".{target.name}.new")
    beside.write_bytes(content)
    if target.exists():
        beside.chmod(target.stat().st_mode & 0o7777)
    beside.replace(target)


def _block(feed: Feed) -> str:
    lines = ["", "[[feed]]", f"url = {_quoted(feed.url)}"]
    if feed.name:
        lines.append(f"name = {_quoted(feed.name)}")
    if feed.language:
        lines.append(f"language = {_quoted(feed.language)}")
    if feed.tags:
        lines.append(f"tags = [{', '.join(map(_quoted, feed.tags))}]")
    return "\n".join([*lines, ""])


def _quoted(text: str) -> str:
    """A TOML basic string: JSON's escapes are TOML's, but for DEL, which JSON leaves as it is."""
    clean = text.encode("utf-8", "replace").decode("utf-8")
    return json.dumps(clean, ensure_ascii=False).replace("\x7f", "\\u007f")
