"""``templates/``: messages in a person's own form. Reads the files; what is wrong in one is for ``alerts`` to find.

Which files are templates is a matter of their names; one that looks as if it were meant to be one is a fault, for it
would never be used. A folder holds those of the channels and watches that name it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from monitor.alerts import TEMPLATE_NAMES, Own, Templates, check_template, takes_template
from monitor.config.document import read_bytes
from monitor.config.faults import Faults, did_you_mean, in_quotes
from monitor.config.values import Table
from monitor.model import Channel, WatchConfig
from monitor.text import nearest

__all__ = ["read_template_folder", "read_templates", "template_folders", "template_takers"]


def template_folders(root: Path) -> tuple[str, ...]:
    """The folders in ``templates/`` (here ``root``), by name; none where it can't be looked into."""
    try:
        return tuple(sorted(path.name for path in root.iterdir() if _is_folder(path)))
    except OSError:
        return ()


def _is_folder(path: Path) -> bool:
    return path.is_dir() and path.name not in TEMPLATE_NAMES and not path.name.startswith((".", "#"))


def read_template_folder(table: Table, folders: Iterable[str]) -> str:
    """Which folder of templates a channel or a watch names; empty for none."""
    name = table.text("templates", "")
    if name and name not in folders:
        hint = did_you_mean(name, folders, otherwise="make it, with templates in it: docs/messages.md")
        table.fault(f"there is no folder templates/{in_quotes(name)[1:-1]}", hint, at=("templates",))
        return ""
    return name


def template_takers(folder: str, channels: Mapping[str, Channel], watches: Iterable[WatchConfig]) -> dict[str, str]:
    """The channels that may be written to by a folder's templates, with their kinds; all of them for no folder's."""
    named = {channel.name for channel in channels.values() if folder in {"", channel.templates}}
    for watch in watches:
        if watch.templates == folder:
            named.update(watch.channels, watch.escalate, *(route.channels for route in watch.routes))
    return {name: channel.kind for name, channel in channels.items() if name in named and channel.kind != "log"}


def read_templates(
    root: Path, channels: Mapping[str, Channel] | None, watches: Iterable[WatchConfig], faults: Faults
) -> Templates:
    """The templates in ``root``, each tried on the channels that it is for (None: they are not known)."""
    own = {}
    for folder in ("", *template_folders(root)):
        takers = template_takers(folder, channels or {}, watches)
        if folder and channels is not None and not takers:
            faults.notice(f"{root / folder}: no channel and no watch takes its templates from there")
        for path in _files(root / folder, faults, within=bool(folder)):
            name = f"{folder}/{path.name}" if folder else path.name
            found = _read(path, name, takers, faults)
            if found is not None:
                own[name] = found
                if takers and not any(takes_template(kind, name) for kind in takers.values()):
                    faults.notice(f"{path}: no channel is of the kind that it is for")
    return Templates(
        own=own,
        of_watches={watch.name: watch.templates for watch in watches if watch.templates},
        of_channels={name: one.templates for name, one in (channels or {}).items() if one.templates},
    )


def _read(path: Path, name: str, takers: Mapping[str, str], faults: Faults) -> Own | None:
    text = _text(path, faults)
    if text is None:
        return None
    found = check_template(name, text, takers)
    if not isinstance(found, list):
        return found
    for fault in found:
        faults.add(path, fault.line, "", fault.message, fault.hint)
    return None


def _files(folder: Path, faults: Faults, *, within: bool) -> list[Path]:
    try:
        entries = sorted(folder.iterdir())
    except FileNotFoundError:
        return []
    except OSError as error:
        faults.add(folder, 0, "", f"can't be looked into: {error.strerror or error}")
        return []
    known = []
    for path in entries:
        if path.name.startswith((".", "#")) or path.name.endswith("~") or (not within and _is_folder(path)):
            continue
        if path.name in TEMPLATE_NAMES:
            known.append(path)
        else:
            close = nearest(path.name, TEMPLATE_NAMES)
            hint = f"did you mean {close[0]}?" if close else "monitor templates list names those that there can be"
            faults.add(path, 0, "", "is no template's name", hint)
    return known


def _text(path: Path, faults: Faults) -> str | None:
    raw = read_bytes(path, faults)
    if raw is None:
        return None
    try:
        return raw.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        faults.add(path, line, "", "is not UTF-8 text", 'save it as "UTF-8" in your editor')
        return None
