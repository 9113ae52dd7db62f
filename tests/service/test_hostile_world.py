"""The machine under the service misbehaves: full disks, closed pipes, storms of signals, lost files. No alert is lost by it."""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from program import (
    WATCH,
    environment,
    item,
    monitor,
    monitor_json,
    query,
    read_alerts,
    rss,
    serve_documents,
    service,
    wait_for,
    write_config,
)

FEED = rss(item("Flood in the delta", "The river rose.", link="https://a.example/1"))
_LIBC = ctypes.CDLL(None)
RUN = [sys.executable, "-m", "monitor", "run", "--log-format", "json"]


def flooded_config(root: Path, url: str, *, channels: str = '"log"') -> Path:
    return write_config(root, feeds=[url], watches=WATCH.replace('"log"', channels))


# --- disk ---


def test_on_a_full_disk_nothing_counts_as_read_and_all_comes_once_there_is_space(tmp_path: Path) -> None:
    """The service stays up, says so, and stores neither articles nor the validators that would hide them."""
    titles = [f"Flood number {n}: {'water ' * 500}{n}" for n in range(150)]
    documents = {"/feed": FEED}
    with serve_documents(documents) as site:
        config = flooded_config(tmp_path / "config", site.url("/feed"))
        state = tmp_path / "state"
        with service(config, state) as running:
            running.wait_for(running.alerts)
            (read,) = query(state, "SELECT body_hash FROM feed")
            largest = max(path.stat().st_size for path in state.iterdir())
            # To the kernel a file that may not grow is as good as a disk that is full.
            _, hard = resource.prlimit(running.process.pid, resource.RLIMIT_FSIZE)
            resource.prlimit(running.process.pid, resource.RLIMIT_FSIZE, (largest + 4096, hard))
            documents["/feed"] = rss(*(item(title, guid=title[:20]) for title in titles))
            (refused, *_) = running.wait_for(
                lambda: running.events("arrival_refused") or running.events("claim_failed")
            )
            assert "disk" in refused["detail"]
            assert query(state, "SELECT count(*) FROM article") == [(1,)]
            assert query(state, "SELECT body_hash FROM feed") == [read]
            assert running.stop() == 0
        with service(config, state) as running:
            running.wait_for(lambda: query(state, "SELECT count(*) FROM article") == [(151,)], seconds=60)
            running.wait_for(lambda: query(state, "SELECT count(*) FROM article WHERE state = 'new'") == [(0,)])
            running.wait_for(lambda: not query(state, "SELECT 1 FROM delivery WHERE state <> 'sent'"), seconds=60)
            assert running.stop() == 0
        told = [alert["story"] for alert in read_alerts(state)]
        assert len(told) == len(set(told)) == query(state, "SELECT count(DISTINCT story) FROM article")[0][0]


def test_a_state_that_can_not_be_used_is_told_in_a_sentence(tmp_path: Path) -> None:
    """A file where the directory should be, a directory below a file, garbage for a database, a newer one: exit code 1."""
    config = write_config(tmp_path / "config")
    (tmp_path / "file").write_text("", encoding="utf-8")
    garbage = tmp_path / "garbage"
    garbage.mkdir()
    (garbage / "monitor.db").write_bytes(b"\x00garbage" * 1000)
    newer = tmp_path / "newer"
    monitor("poll", "--config", config, "--state", newer)
    with contextlib.closing(sqlite3.connect(newer / "monitor.db")) as db:
        db.execute(
            "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) SELECT migration_set, '9999_later', 'now' FROM _sqlite_migrations LIMIT 1"
        )
        db.commit()
    for state, words in [
        (tmp_path / "file" / "state", "state directory can't be made"),
        (garbage, "not a SQLite database"),
        (newer, "newer version"),
    ]:
        for command in ("run", "poll"):
            done = monitor(command, "--config", config, "--state", state)
            assert (done.returncode, words in done.stderr) == (1, True), (command, done.stderr)
            assert "Traceback" not in done.stderr
    assert (garbage / "monitor.db").read_bytes() == b"\x00garbage" * 1000


def without_superpowers() -> None:
    """Let root be bound by permissions as anyone: drop CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH (Linux)."""
    if os.geteuid() == 0:
        for capability in (1, 2):
            _LIBC.prctl(24, capability, 0, 0, 0)  # PR_CAPBSET_DROP


def as_another_user(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run a command as a user who may do only what permissions say."""
    return subprocess.run(
        [sys.executable, "-m", "monitor", *map(str, arguments)],
        capture_output=True,
        text=True,
        env=environment(),
        timeout=60,
        check=False,
        preexec_fn=without_superpowers,
    )


ASKING = (("status",), ("search", "flood"), ("alerts",))


@pytest.fixture
def told(tmp_path: Path) -> Iterator[tuple[Path, Path]]:
    """A config and a state with an alert in it, whose permissions the test may take away."""
    with serve_documents({"/feed": FEED}) as site:
        config, state = flooded_config(tmp_path / "config", site.url("/feed")), tmp_path / "state"
        assert monitor("poll", "--config", config, "--state", state).returncode == 0
    yield config, state
    state.chmod(0o700)


def test_a_user_without_rights_is_told_so(told: tuple[Path, Path], tmp_path: Path) -> None:
    """A sentence, whatever the command, and no traceback."""
    config, state = told
    state.chmod(0o400)
    for command in (*ASKING, ("backup", tmp_path / "copy.db"), ("poll",), ("run",)):
        where = ("--config", config) if command[0] in {"status", "poll", "run"} else ()
        done = as_another_user(*command, *where, "--state", state)
        assert done.returncode == 1, done
        assert "Traceback" not in done.stderr
        assert "this user" in done.stderr or "can't be written" in done.stderr


def test_a_user_who_may_only_read_is_answered_and_leaves_no_trace(told: tuple[Path, Path], tmp_path: Path) -> None:
    """Asking needs no right to write; what writes says that it may not."""
    config, state = told
    before = sorted(path.name for path in state.iterdir())
    for path in state.iterdir():
        path.chmod(0o400)
    state.chmod(0o500)
    for command in (*ASKING, ("backup", tmp_path / "copy.db")):
        where = ("--config", config) if command[0] == "status" else ()
        done = as_another_user(*command, *where, "--state", state)
        assert done.returncode == 0, done
    for command in ("poll", "run"):
        done = as_another_user(command, "--config", config, "--state", state)
        assert (done.returncode, "can't be written" in done.stderr) == (1, True), done
    assert sorted(path.name for path in state.iterdir()) == before


def test_asking_makes_and_migrates_nothing(tmp_path: Path) -> None:
    """An empty file in the database's place is left empty."""
    state = tmp_path / "state"
    state.mkdir()
    (state / "monitor.db").touch()
    for command in (("search", "flood"), ("alerts",)):
        done = monitor(*command, "--state", state)
        assert (done.returncode, "start the service" in done.stderr) == (1, True), done
    assert (state / "monitor.db").stat().st_size == 0


def test_a_database_taken_away_under_the_service_ends_it_in_words(tmp_path: Path) -> None:
    """What it would write from then on would be lost with the file; exit code 1 shows it to the service manager."""
    config, state = write_config(tmp_path / "config"), tmp_path / "state"
    with service(config, state) as running:
        running.wait_for(lambda: running.events("started"))
        for path in state.glob("monitor.db*"):
            path.unlink()
        wait_for(lambda: running.process.poll() is not None, seconds=20, why=running.said)
        assert running.process.returncode == 1
        assert running.events("database_gone")
        assert "removed or replaced" in running.said()


# --- pipes ---


def test_a_closed_pipe_costs_no_alert(tmp_path: Path) -> None:
    """``monitor run | head -1``: the log and the terminal are gone, the other channels are told, the service stays up."""
    documents = {"/feed": FEED}
    with serve_documents(documents) as site:
        config = flooded_config(tmp_path / "config", site.url("/feed"), channels='"terminal", "log"')
        state = tmp_path / "state"
        process = subprocess.Popen(
            [*RUN, "--config", config, "--state", state],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=environment(),
        )
        try:
            assert process.stdout is not None
            assert process.stdout.readline()
            process.stdout.close()
            wait_for(lambda: read_alerts(state), alive=lambda: process.poll() is None)
            documents["/feed"] = rss(item("Flood in the hills", link="https://a.example/2"))
            wait_for(lambda: len(read_alerts(state)) == 2, alive=lambda: process.poll() is None)
            process.terminate()
            assert process.wait(timeout=20) == 0
        finally:
            process.kill()
            process.wait()
        (alert, _) = monitor_json("alerts", "--state", state)
        terminal = next(one for one in alert["deliveries"] if one["channel"] == "terminal")
        assert (terminal["state"], "terminal is gone" in terminal["detail"]) == ("pending", True)


def test_closed_standard_streams_cost_nothing(tmp_path: Path) -> None:
    """No file of ours takes their numbers, and the alert arrives."""

    def close_all() -> None:
        for descriptor in range(3):
            os.close(descriptor)

    with serve_documents({"/feed": FEED}) as site:
        config, state = flooded_config(tmp_path / "config", site.url("/feed")), tmp_path / "state"
        process = subprocess.Popen(
            [*RUN, "--config", config, "--state", state],
            preexec_fn=close_all,  # noqa: PLW1509 - no lock is taken in it
            env=environment(),
        )
        try:
            wait_for(lambda: read_alerts(state), alive=lambda: process.poll() is None)
            opened = {number: str(Path(f"/proc/{process.pid}/fd/{number}").readlink()) for number in range(3)}
            assert set(opened.values()) == {os.devnull}
            process.terminate()
            assert process.wait(timeout=20) == 0
        finally:
            process.kill()
            process.wait()


def test_a_reader_that_goes_away_is_no_failure(tmp_path: Path) -> None:
    """``monitor feeds list | head -0`` ends with 0 and without a word."""
    config = write_config(tmp_path / "config", feeds=[f"https://n{n}.example/feed" for n in range(50)])
    for more in ((), ("--json",)):
        read_end, write_end = os.pipe()
        os.close(read_end)
        try:
            done = subprocess.run(
                [sys.executable, "-m", "monitor", "feeds", "list", "--config", config, "--state", tmp_path, *more],
                stdout=write_end,
                stderr=subprocess.PIPE,
                env=environment(),
                timeout=60,
                check=False,
            )
        finally:
            os.close(write_end)
        assert (done.returncode, done.stderr) == (0, b"")


# --- signals ---


def test_a_storm_of_signals_ends_in_an_orderly_stop(tmp_path: Path) -> None:
    """Hundreds of SIGHUP, then SIGTERM again and again: exit code 0 within ten seconds."""
    config = write_config(tmp_path / "config")
    with service(config, tmp_path / "state") as running:
        running.wait_for(lambda: running.events("started"))
        for _ in range(500):
            running.signal(signal.SIGHUP)
        running.wait_for(lambda: running.events("config_reloaded"))
        end = time.monotonic() + 10
        while running.process.poll() is None and time.monotonic() < end:
            running.signal(signal.SIGTERM)
            running.signal(signal.SIGHUP)
        assert running.process.wait(timeout=1) == 0
        assert running.events("stopped")


def test_signals_during_the_start_are_obeyed(tmp_path: Path) -> None:
    """SIGHUP does not kill, SIGTERM stops in order, though the service is not up yet."""
    config, state = write_config(tmp_path / "config"), tmp_path / "state"
    monitor("poll", "--config", config, "--state", state)
    (state / "monitor.lock").unlink()
    with contextlib.closing(sqlite3.connect(state / "monitor.db", isolation_level=None)) as db:
        # Whoever writes holds the start up, for as long as the test likes.
        db.execute("BEGIN IMMEDIATE")
        with service(config, state) as running:
            lock = state / "monitor.lock"
            running.wait_for(lambda: lock.exists() and lock.read_text() == str(running.process.pid))
            running.signal(signal.SIGHUP)
            running.signal(signal.SIGTERM)
            db.execute("ROLLBACK")
            assert running.process.wait(timeout=20) == 0, running.said()
            assert running.events("stopped")


# --- config ---


def test_a_config_directory_that_vanishes_and_comes_back_changes_nothing(tmp_path: Path) -> None:
    """Missing, replaced by a file, a loop of links: the config of before goes on, said once each; then edits count again."""
    documents = {"/feed": FEED}
    with serve_documents(documents) as site:
        config, state = flooded_config(tmp_path / "config", site.url("/feed")), tmp_path / "state"
        aside = tmp_path / "aside"
        with service(config, state) as running:
            running.wait_for(running.alerts)
            config.rename(aside)
            running.wait_for(lambda: running.events("config_refused"))
            config.symlink_to(config)
            running.signal(signal.SIGHUP)
            running.wait_for(lambda: len(running.events("config_unchanged")) == 2)
            config.unlink()
            config.write_text("", encoding="utf-8")
            running.signal(signal.SIGHUP)
            running.wait_for(lambda: len(running.events("config_unchanged")) == 3)
            documents["/feed"] = rss(item("Flood in the hills", link="https://a.example/2"))
            running.wait_for(lambda: len(running.alerts()) == 2)
            config.unlink()
            shutil.copytree(aside, config)
            (config / "watches.toml").write_text(WATCH.replace("Flood", "Water"), encoding="utf-8")
            running.wait_for(lambda: running.events("config_reloaded"))
            assert running.stop() == 0
        assert not running.events("job_fault")


def test_a_feed_taken_out_while_it_is_fetched_harms_nothing(tmp_path: Path) -> None:
    """It hangs, leaves the config, comes back: the service goes on, and the other feed is read."""
    documents = {"/feed": FEED}
    with serve_documents(documents) as site:
        hung = site.hang("/hung")
        config, state = write_config(tmp_path / "config", feeds=[site.url("/feed"), hung]), tmp_path / "state"
        with service(config, state) as running:
            running.wait_for(lambda: site.requests("/hung"))
            with_both = (config / "feeds.toml").read_text(encoding="utf-8")
            write_config(tmp_path / "config", feeds=[site.url("/feed")])
            running.wait_for(lambda: len(running.events("config_reloaded")) == 1)
            (config / "feeds.toml").write_text(with_both, encoding="utf-8")
            running.wait_for(lambda: len(running.events("config_reloaded")) == 2)
            documents["/feed"] = rss(item("Flood in the hills", link="https://a.example/2"))
            running.wait_for(lambda: len(running.alerts()) == 2)
            assert running.stop() == 0


def test_commands_answer_while_the_service_writes(tmp_path: Path) -> None:
    """Status, search, alerts and a whole backup, from under a service that stores without a pause."""
    documents = {"/feed": FEED}
    with serve_documents(documents) as site:
        config, state = flooded_config(tmp_path / "config", site.url("/feed")), tmp_path / "state"
        with service(config, state) as running:
            running.wait_for(lambda: running.events("started"))
            for number in range(3):
                documents["/feed"] = rss(
                    *(item(f"Flood {number} {n} {'wet ' * 200}", guid=f"{number}-{n}") for n in range(400))
                )
                assert monitor_json("status", "--config", config, "--state", state)["running"] == running.process.pid
                monitor("search", "flood", "--state", state)
                assert monitor("alerts", "--state", state).returncode == 0
                assert monitor("backup", tmp_path / f"{number}.db", "--state", state).returncode == 0
                with contextlib.closing(sqlite3.connect(tmp_path / f"{number}.db")) as db:
                    assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            assert running.stop() == 0


@pytest.mark.parametrize("text", ["a = " + "[" * 5000, "[[watch]]\n" * 3 + "a.b" * 3000 + "=1", "\x00\xff" * 100])
def test_a_config_file_of_any_bytes_is_told_in_words(tmp_path: Path, text: str) -> None:
    """Exit code 2 and no traceback."""
    config = write_config(tmp_path / "config")
    (config / "watches.toml").write_bytes(text.encode("latin-1"))
    done = monitor("check", "--config", config)
    assert done.returncode == 2, done.stderr[-2000:]
    assert "Traceback" not in done.stderr
    assert "watches.toml" in done.stderr


def test_a_pipe_in_the_place_of_a_config_file_holds_nothing_up(tmp_path: Path) -> None:
    """Neither the check, nor a service that runs, nor its stop; a feed list may be a pipe by mistake as well."""
    with serve_documents({"/feed": FEED}) as site:
        config, state = flooded_config(tmp_path / "config", site.url("/feed")), tmp_path / "state"
        with service(config, state) as running:
            running.wait_for(running.alerts)
            (config / "watches.toml").unlink()
            os.mkfifo(config / "watches.toml")
            os.mkfifo(config / "more.opml")
            running.wait_for(lambda: running.events("config_refused"))
            assert running.stop() == 0
    done = monitor("check", "--config", config)
    assert (done.returncode, done.stderr.count("is not a file")) == (2, 2), done.stderr
