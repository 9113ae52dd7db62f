"""Each way to get a config wrong is told in its own words, with the file, the line and what was probably meant.

Each folder of ``tests/data/config`` holds the files of one broken config (what it lacks is taken from ``base``) and, in
``expected.txt``, the faults as a person reads them.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from monitor.config import load
from monitor.errors import ConfigErrors
from monitor.model import Channel

DATA = Path(__file__).resolve().parents[1] / "data" / "config"
CASES = sorted(path.name for path in DATA.iterdir() if path.name != "base")
ENV = {"SET": "hidden-value", "EMPTY": " ", "LINES": "one\ntwo", "MAIL_PASSWORD": "hidden/p@ss"}


def check_channel(channel: Channel) -> str | None:
    """A check that repeats the URL, as careless ones do."""
    return f"no service is known for {channel.url}" if channel.kind == "nosuch" else None


def faults(case: str, root: Path) -> str:
    """The faults of a case, one after the other, with paths as seen from the config folder."""
    shutil.copytree(DATA / "base", root, dirs_exist_ok=True)
    shutil.copytree(DATA / case, root, dirs_exist_ok=True)
    (root / "expected.txt").unlink(missing_ok=True)
    with pytest.raises(ConfigErrors) as caught:
        load(root, env=ENV, check_channel=check_channel)
    return "".join(f"{error}\n".replace(f"{root}/", "").replace(str(root), "ROOT") for error in caught.value.errors)


@pytest.mark.parametrize("case", CASES)
def test_a_broken_config_is_refused_in_these_words(case: str, tmp_path: Path) -> None:
    """Exactly the expected faults, no follow-up ones, and no secret in them."""
    told = faults(case, tmp_path)
    assert told == (DATA / case / "expected.txt").read_text("utf-8")
    assert "hidden" not in told


def test_the_config_that_the_broken_ones_start_from_is_sound(tmp_path: Path) -> None:
    """So each case is broken by its own files alone."""
    shutil.copytree(DATA / "base", tmp_path, dirs_exist_ok=True)
    assert load(tmp_path, env={}).notices == ()
