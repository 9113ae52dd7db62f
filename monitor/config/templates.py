"""``templates/``: messages in a person's own form. Reads the files; what is wrong in one is for ``alerts`` to find.

Which files are templates is a matter of their names; one that looks as if it were meant to be one is a fault, for it
would never be used.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from monitor.alerts import TEMPLATE_NAMES, Templates, check_template, takes_template
from monitor.config.document import read_bytes
from monitor.config.faults import Faults
from monitor.model import Channel
from monitor.text import nearest

__all__ = ["read_templates"]


def read_templates(folder: Path, channels: Mapping[str, Channel] | None, faults: Faults) -> Templates:
    """The templates in the folder, each tried on the channels that it is for (None: they are not known)."""
    kinds = {name: channel.kind for name, channel in (channels or {}).items() if channel.kind != "log"}
    own = {}
    for path in _files(folder, faults):
        text = _text(path, faults)
        if text is None:
            continue
        found = check_template(path.name, text, kinds)
        if isinstance(found, list):
            for fault in found:
                faults.add(path, fault.line, "", fault.message, fault.hint)
            continue
        own[path.name] = found
        if channels is not None and not any(takes_template(kind, path.name) for kind in kinds.values()):
            faults.notice(f"{path}: no channel is of the kind that it is for")
    return Templates(own=own)


def _files(folder: Path, faults: Faults) -> list[Path]:
    try:
        entries = sorted(folder.iterdir())
    except FileNotFoundError:
        return []
    except OSError as error:
        faults.add(folder, 0, "", f"can't be looked into: {error.strerror or error}")
        return []
    known = []
    for path in entries:
        if path.name.startswith((".", "#")) or path.name.endswith("~"):
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
