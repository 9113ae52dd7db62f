"""Writes text as TOML, for the files that this program adds to a person's config."""

from __future__ import annotations

import json
import re

__all__ = ["quoted", "quoted_key"]

_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")


def quoted(text: str) -> str:
    """A TOML basic string: JSON's escapes are TOML's, but for DEL, which JSON leaves as it is."""
    clean = text.encode("utf-8", "replace").decode("utf-8")
    return json.dumps(clean, ensure_ascii=False).replace("\x7f", "\\u007f")


def quoted_key(text: str) -> str:
    """A key as it stands where TOML takes it so, else in quotes."""
    return text if _BARE_KEY.fullmatch(text) else quoted(text)
