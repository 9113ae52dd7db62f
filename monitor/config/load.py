"""Reads a config directory as a whole: every file, every check, then one ``Config`` or all the faults.

Knows the order of reading and what depends on what; each kind of file has its own module.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType

from monitor.config.channels import ChannelCheck, read_channels
from monitor.config.concepts import ReadConcepts, read_concepts
from monitor.config.document import read_document
from monitor.config.faults import Faults, did_you_mean, in_quotes
from monitor.config.feeds import read_feeds
from monitor.config.files import find_files
from monitor.config.judging import Sound, make_rules
from monitor.config.secrets import Secrets
from monitor.config.settings import read_settings
from monitor.config.snapshot import CHANNELS, CONCEPTS, FEEDS, SETTINGS, TEMPLATES, WATCHES, Config, Stamp, take_stamps
from monitor.config.templates import read_templates, template_folders
from monitor.config.watches import read_watches
from monitor.errors import ConfigErrors

__all__ = ["ChannelCheck", "load"]


def load(
    root: Path, *, env: Mapping[str, str], check_channel: ChannelCheck | None = None, previous: Config | None = None
) -> Config:
    """The config in ``root``, checked as a whole.

    ``previous``: an earlier load of the same directory. Concepts and watches that did not change since are taken over
    from it, which makes an edit among thousands of watches quick.

    ``env`` is where ``${env:NAME}`` is looked up. ``check_channel`` is asked about each channel (secrets filled
    in) beyond its URL's scheme; it answers what is wrong, or None.

    Raises:
        ConfigErrors: with every fault found, in file and line order. None of them holds a secret.
    """
    faults = Faults()
    before = take_stamps(root)
    found = find_files(root, faults)
    if found is None:
        raise ConfigErrors(faults.errors)
    secrets = Secrets(env, root)

    settings_file = read_document(root / SETTINGS, faults)
    settings = read_settings(settings_file, faults)

    unread = faults.count
    folders = template_folders(root / TEMPLATES)
    channels = read_channels(read_document(root / CHANNELS, faults), secrets, faults, check_channel, folders)
    channels_sure = faults.count == unread
    if channels_sure and settings_file is not None:
        named = [("default_channels", at, name) for at, name in enumerate(settings.default_channels)]
        named += [("operator", at, name) for at, name in enumerate(settings.operator)]
        for key, index, name in named:
            if name not in channels:
                faults.add(
                    root / SETTINGS,
                    settings_file.line(key, index),
                    key,
                    f"there is no channel {in_quotes(name)}",
                    did_you_mean(name, channels),
                )

    unread = faults.count
    feeds = read_feeds(read_document(root / FEEDS, faults), found.opml, root, secrets, faults)
    feeds_sure = faults.count == unread

    unread = faults.count
    unchanged = previous is not None and _of_concepts(before, root) == _of_concepts(previous.stamps, root)
    if previous is not None and unchanged:
        read = ReadConcepts(concepts=previous.concepts, sources=previous.concept_sources)
    else:
        read = read_concepts(found.concepts, faults)
    concepts = read.concepts
    concepts_sure = faults.count == unread

    unread = faults.count
    watches_file = read_document(root / WATCHES, faults)
    watches = read_watches(
        watches_file,
        default_channels=settings.default_channels,
        channels=channels if channels_sure else None,
        feeds=feeds if feeds_sure else None,
        folders=folders,
        faults=faults,
    )
    if not watches and faults.count == unread:
        faults.add(root / WATCHES, 0, "", "there is no watch: nothing would ever be told", "begin one with [[watch]]")
    templates = read_templates(
        root / TEMPLATES, channels if channels_sure else None, [watch for watch, _ in watches], faults
    )
    sound = None
    if previous is not None and unchanged:
        sound = Sound(watches={watch.name: watch for watch in previous.watches}, rules=previous.rules)
    rules = make_rules(watches, concepts, faults, concepts_sound=concepts_sure, sound=sound)

    if faults.count:
        raise ConfigErrors(faults.errors)
    assert rules is not None, "no fault was met"
    used = {"log", "terminal", *settings.operator, *(channel.fallback for channel in channels.values())}
    for watch, _ in watches:
        used.update(watch.channels, watch.escalate, *(route.channels for route in watch.routes))
    for name in sorted(set(channels) - used):
        faults.notice(f"channel {name}: no watch sends its alerts there")
    if not any(feed.enabled for feed in feeds):
        faults.notice(f"{root / FEEDS}: there is no feed: nothing is polled")
    if not any(watch.enabled for watch, _ in watches):
        faults.notice(f"{root / WATCHES}: every watch is switched off")
    secret_files = tuple(sorted(secrets.files))
    return Config(
        root=root,
        settings=settings,
        feeds=feeds,
        watches=tuple(watch for watch, _ in watches),
        channels=MappingProxyType(channels),
        concepts=MappingProxyType(dict(concepts)),
        concept_sources=MappingProxyType(dict(read.sources)),
        rules=rules,
        # Files as they stood before they were read: an edit made meanwhile counts as a change.
        stamps=tuple(
            sorted({*before, *(stamp for stamp in take_stamps(root, secret_files) if stamp.path in secrets.files)})
        ),
        secrets=frozenset(secrets.values),
        secret_files=secret_files,
        notices=faults.notices,
        templates=templates,
    )


def _of_concepts(stamps: Iterable[Stamp], root: Path) -> list[Stamp]:
    return [stamp for stamp in stamps if stamp.path.parent == root / CONCEPTS]
