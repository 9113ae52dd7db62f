"""What all tests share: where the corpora lie, and the repository's own folders."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

ROOT = Path(__file__).resolve().parent.parent

# How long an example takes says nothing here: the first one loads models, and machines are busy. Speed has its place in bench/.
settings.register_profile("project", deadline=None)
settings.load_profile("project")


def corpus_root() -> Path | None:
    """The folder with the seed article and the recorded feeds: MONITOR_CORPUS, or ``shared`` beside the checkout."""
    named = os.environ.get("MONITOR_CORPUS")
    root = Path(named) if named else ROOT.parent / "shared"
    return root if (root / "seed").is_dir() else None


def missing(reason: str) -> None:
    """Skip the test for want of something; where MONITOR_NO_SKIP is set (CI), fail it instead."""
    if os.environ.get("MONITOR_NO_SKIP"):
        pytest.fail(f"MONITOR_NO_SKIP is set, but {reason}")
    pytest.skip(reason)


@pytest.fixture(scope="session")
def corpus() -> Path:
    """The folder of the corpora; the test is skipped, with the reason, where there is none."""
    root = corpus_root()
    if root is None:
        missing("there are no corpora: set MONITOR_CORPUS or put them in ../shared")
    return root


@pytest.fixture(scope="session")
def starter_config() -> Path:
    """The config that the project ships, as it is packed with the program: ``config/`` is for people to edit."""
    return ROOT / "monitor" / "starter"
