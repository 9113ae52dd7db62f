"""Hears a receiver's Retry-After, which Apprise does not pass on.

On the article's way: while a message is posted. Each post runs in a thread of its own, and what the last answer in this
thread asked for is kept for that thread alone.
"""

from __future__ import annotations

import threading
from typing import Any

# Apprise posts through this module; ours is only to listen.
from apprise.plugins.custom_json import requests as _posting  # type: ignore[attr-defined]

__all__ = ["heard", "listen"]

_ASKING = {429, 503}
_heard = threading.local()
_adapter: Any = _posting.adapters.HTTPAdapter
_build = _adapter.build_response


def _build_and_listen(adapter: Any, request: Any, answer: Any) -> Any:
    response = _build(adapter, request, answer)
    if response.status_code in _ASKING:
        _heard.header = response.headers.get("Retry-After")
    return response


def listen() -> None:
    """Begin; more than once is no harm."""
    _adapter.build_response = _build_and_listen


def heard() -> str:
    """The header of the last answer in this thread that asked for patience; empty when there was none."""
    return getattr(_heard, "header", None) or ""
