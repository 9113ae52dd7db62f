"""The loaded config as one immutable value, and the cheap question whether its files changed since.

Knows which files make up a config directory; does not read them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from monitor.alerts import TEMPLATE_NAMES, Templates
from monitor.config.concepts import ConceptSource
from monitor.model import Channel, Feed, Settings, WatchConfig
from monitor.rules import Concept, RuleSet

__all__ = [
    "CHANNELS",
    "CONCEPTS",
    "FEEDS",
    "PACKS",
    "SETTINGS",
    "TEMPLATES",
    "WATCHES",
    "Config",
    "Stamp",
    "changed",
    "take_stamps",
]

SETTINGS = "monitor.toml"
FEEDS = "feeds.toml"
WATCHES = "watches.toml"
CHANNELS = "channels.toml"
CONCEPTS = "concepts"
PACKS = "packs"
TEMPLATES = "templates"
_TEMPLATE_FORMS = sorted({Path(name).suffix for name in TEMPLATE_NAMES})


@dataclass(frozen=True, slots=True, order=True)
class Stamp:
    """A file as it was when the config was read; a file that was not there has size and time -1."""

    path: Path
    size: int
    mtime_ns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """Everything that one load of the config directory said, checked as a whole.

    ``channels`` holds the configured channels and the built-in ``log`` and ``terminal``. ``watches`` have their
    channels filled in from ``settings.default_channels`` where they name none; those that are switched off are in
    ``watches`` but not in ``rules``. ``secrets`` are the values (and their URL-quoted forms) that must never be shown:
    what is logged is redacted against them. ``notices`` are sentences worth telling a person that are no faults.
    ``concept_sources`` tells where each concept was read. ``repr`` shows neither secrets nor what may hold them.
    """

    root: Path
    settings: Settings
    feeds: tuple[Feed, ...] = field(repr=False)
    watches: tuple[WatchConfig, ...] = field(repr=False)
    channels: Mapping[str, Channel] = field(repr=False)
    concepts: Mapping[str, Concept] = field(repr=False)
    concept_sources: Mapping[str, ConceptSource] = field(repr=False)
    rules: RuleSet = field(repr=False)
    stamps: tuple[Stamp, ...] = field(repr=False)
    secrets: frozenset[str] = field(repr=False, default=frozenset())
    secret_files: tuple[Path, ...] = ()
    notices: tuple[str, ...] = ()
    templates: Templates = field(repr=False, default_factory=Templates)


def take_stamps(root: Path, secret_files: Iterable[Path] = ()) -> tuple[Stamp, ...]:
    """How the files that make up the config in ``root`` stand now: a few ``stat`` calls, nothing is read.

    A file that can't be looked at counts as one that is not there. Never raises.
    """
    paths = {root / name for name in (SETTINGS, FEEDS, WATCHES, CHANNELS)}
    paths.update(_files(root, ".opml"), _files(root / PACKS, ".opml"), _files(root / CONCEPTS, ".toml"), secret_files)
    for folder in (root / TEMPLATES, *_folders(root / TEMPLATES)):
        paths.update(path for form in _TEMPLATE_FORMS for path in _files(folder, form))
    return tuple(sorted(_stamp(path) for path in paths))


def changed(config: Config) -> bool:
    """Whether a file of the config (or one that holds a secret) was edited, added or removed since it was loaded."""
    return take_stamps(config.root, config.secret_files) != config.stamps


def _files(folder: Path, suffix: str) -> list[Path]:
    try:
        return [path for path in folder.iterdir() if path.suffix.lower() == suffix and not path.name.startswith(".")]
    except OSError:
        return []


def _folders(folder: Path) -> list[Path]:
    try:
        return [path for path in folder.iterdir() if path.is_dir() and not path.name.startswith(".")]
    except OSError:
        return []


def _stamp(path: Path) -> Stamp:
    try:
        found = path.stat()
    except OSError:
        return Stamp(path, -1, -1)
    return Stamp(path, found.st_size, found.st_mtime_ns)
