"""Names that a person probably meant by one that nobody knows, wherever a "did you mean" is told.

Beside the article's way: where a config, a query or a command names what there is not.
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

__all__ = ["nearest"]


def nearest(said: str, known: Iterable[str], *, count: int = 1) -> list[str]:
    """The ``known`` names that are most like what was said, the closest first; case, - and _ do not count."""
    by_fold = {_folded(name): name for name in known}
    return [by_fold[found] for found in get_close_matches(_folded(said), by_fold, n=count, cutoff=0.6)]


def _folded(name: str) -> str:
    return name.casefold().replace("-", "_")
