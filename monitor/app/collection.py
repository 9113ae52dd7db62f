"""Python's cyclic collector, kept from looking again and again through rules and concepts that stay.

On the article's way: nowhere. A config of ten thousand watches is millions of objects, none of them garbage; a full
pass over them takes longer than judging a hundred articles.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["paused_collection", "settle"]

# Passes: over what is new, after so many new objects; over what outlived one or two, after so many of those before.
_THRESHOLDS = (10_000, 20, 20)


@contextmanager
def paused_collection() -> Iterator[None]:
    """Make many lasting values without the collector, and have it pass them over until :func:`settle`."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
        if enabled:
            gc.freeze()  # or it would go through all of them at once
    finally:
        if enabled:
            gc.enable()


def settle() -> None:
    """Free what an earlier config left, and take all that there is now for lasting."""
    gc.set_threshold(*_THRESHOLDS)
    gc.unfreeze()
    gc.collect()
    gc.freeze()
