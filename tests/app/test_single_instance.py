"""Who holds a state directory, and what is said when nobody can."""

from __future__ import annotations

import errno
import fcntl
import os
import threading
from pathlib import Path

import pytest

from monitor.app import running_process, single_instance
from monitor.app.parts import LOCK
from monitor.errors import InstanceRunning, StoreError


def test_whoever_comes_second_is_told_the_first(tmp_path: Path) -> None:
    """By its process id, while it holds the directory, and not after."""
    assert running_process(tmp_path) is None
    with single_instance(tmp_path):
        assert running_process(tmp_path) == os.getpid()
        with pytest.raises(InstanceRunning, match=str(os.getpid())), single_instance(tmp_path):
            pass
    assert running_process(tmp_path) is None


def test_a_look_at_the_lock_does_not_turn_a_service_away(tmp_path: Path) -> None:
    """``monitor status`` locks the file for a moment; a start in that moment waits for it."""
    with (tmp_path / LOCK).open("w", encoding="ascii") as looking:
        fcntl.flock(looking, fcntl.LOCK_SH)
        timer = threading.Timer(0.08, lambda: fcntl.flock(looking, fcntl.LOCK_UN))
        timer.start()
        with single_instance(tmp_path):
            assert running_process(tmp_path) == os.getpid()
        timer.join()


def test_a_holder_that_left_no_number_is_called_unknown(tmp_path: Path) -> None:
    """Its disk was full, or the file holds rubbish."""
    with (tmp_path / LOCK).open("wb") as held:
        held.write(b"\xff\xfe")
        held.flush()
        fcntl.flock(held, fcntl.LOCK_EX)
        assert running_process(tmp_path) == 0
        with pytest.raises(InstanceRunning), single_instance(tmp_path):
            pass


def test_a_file_system_without_locks_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not taken for another monitor that runs."""

    def no_locks(*_: object) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", no_locks)
    with pytest.raises(StoreError, match=r"gives no locks .*local disk"), single_instance(tmp_path):
        pass


def test_a_lock_that_can_not_be_opened_is_told(tmp_path: Path) -> None:
    """With the directory that it is about."""
    (tmp_path / LOCK).mkdir()
    with pytest.raises(StoreError, match="can't be written"), single_instance(tmp_path):
        pass
    assert running_process(tmp_path) is None
