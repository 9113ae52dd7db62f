"""Answers of Wikidata's API in the shape in which it gives them, with words written for the tests."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any


def entity(
    item: str,
    *,
    labels: Mapping[str, str] | None = None,
    aliases: Mapping[str, Sequence[str]] | None = None,
    descriptions: Mapping[str, str] | None = None,
    **more: Any,
) -> dict[str, Any]:
    """One entity, as under ``entities``."""
    return {
        "type": "item",
        "id": item,
        "labels": {code: {"language": code, "value": text} for code, text in (labels or {}).items()},
        "descriptions": {code: {"language": code, "value": text} for code, text in (descriptions or {}).items()},
        "aliases": {
            code: [{"language": code, "value": text} for text in texts] for code, texts in (aliases or {}).items()
        },
        **more,
    }


def answer(found: dict[str, Any], *, asked: str = "") -> bytes:
    """A whole answer. Asked for an id that was joined into another, the API still files the item under the old one."""
    asked = asked or found["id"]
    if asked != found["id"]:
        found = {**found, "redirects": {"from": asked, "to": found["id"]}}
    return json.dumps({"entities": {asked: found}, "success": 1}).encode()


def missing(item: str) -> bytes:
    """The answer about an item that was removed or never made."""
    return json.dumps({"entities": {item: {"id": item, "missing": True}}, "success": 1}).encode()


def error(code: str, info: str, **more: Any) -> bytes:
    """The API's refusal, which comes with status 200."""
    return json.dumps({"error": {"code": code, "info": info, **more}, "servedby": "mw-test"}).encode()
