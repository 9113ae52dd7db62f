"""The real program, started as a process, for the tests: configs to write, commands to run, a service to start and kill."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from servers import MisbehavingServer, Peer, Seen, reply

LONGEST = 600.0
"""Seconds that a command may take before it is taken to hang. It measures nothing: with the tests of two cores beside it, one
pass over all recorded feeds takes more than two minutes; a test that asks for haste gives its own."""

WATCH = """
[[watch]]
name = "Flood"
any = ["flood", "inundation"]
channels = ["log"]
"""


def write_config(
    root: Path,
    *,
    feeds: Sequence[str] = (),
    watches: str = WATCH,
    channels: str = "",
    settings: str = "",
    defaults: str = "",
) -> Path:
    """A config directory; ``feeds`` are URLs, or whole TOML blocks where they hold a line break."""
    root.mkdir(parents=True, exist_ok=True)
    head = f'[defaults]\ninterval_min = "200ms"\ninterval_max = "200ms"\n{defaults}\n'
    blocks = [feed if "\n" in feed else f'[[feed]]\nurl = "{feed}"\nallow_private = true\n' for feed in feeds]
    (root / "feeds.toml").write_text(head + "\n".join(blocks), encoding="utf-8")
    (root / "watches.toml").write_text(watches, encoding="utf-8")
    (root / "channels.toml").write_text(channels, encoding="utf-8")
    (root / "monitor.toml").write_text(f'tick = "100ms"\n{settings}\n', encoding="utf-8")
    return root


def environment() -> dict[str, str]:
    """The environment for a process. It runs unmeasured: coverage is held by tests that call the code themselves."""
    env = os.environ | {"PYTHONWARNINGS": "error", "NO_COLOR": "1", "COLUMNS": "200"}
    for name in ("COVERAGE_PROCESS_START", "COVERAGE_PROCESS_CONFIG"):
        env.pop(name, None)
    return env


def monitor(*arguments: str | Path, stdin: bytes = b"", timeout: float = LONGEST) -> subprocess.CompletedProcess[str]:
    """Run one command to its end."""
    done = subprocess.run(
        [sys.executable, "-m", "monitor", *map(str, arguments)],
        input=stdin,
        capture_output=True,
        env=environment(),
        timeout=timeout,
        check=False,
    )
    return subprocess.CompletedProcess(
        done.args, done.returncode, done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace")
    )


def monitor_json(*arguments: str | Path, stdin: bytes = b"", expect: int = 0) -> Any:
    """Run one command with ``--json`` and read what it prints."""
    done = monitor(*arguments, "--json", stdin=stdin)
    assert done.returncode == expect, done.stderr or done.stdout
    return json.loads(done.stdout)


@dataclass
class Running:
    """A service at work."""

    process: subprocess.Popen[bytes]
    config: Path
    state: Path
    log: Path

    def events(self, name: str | None = None) -> list[dict[str, Any]]:
        """What it logged so far, a dict an event."""
        lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines() if self.log.exists() else []
        events = [json.loads(line) for line in lines if line.startswith("{")]
        return [event for event in events if name is None or event.get("event") == name]

    def alerts(self) -> list[dict[str, Any]]:
        """What the log channel was given so far."""
        return read_alerts(self.state)

    def wait_for(self, condition: Callable[[], Any], *, seconds: float = 30) -> Any:
        """Wait until ``condition`` gives something true, and return it."""
        return wait_for(condition, seconds=seconds, alive=lambda: self.process.poll() is None, why=self.said)

    def said(self) -> str:
        """The log as text, for a failing test."""
        return self.log.read_text(encoding="utf-8", errors="replace")[-6000:] if self.log.exists() else ""

    def signal(self, number: signal.Signals) -> None:
        """Send it a signal."""
        self.process.send_signal(number)

    def stop(self) -> int:
        """End it in order; returns the exit code."""
        self.signal(signal.SIGTERM)
        return self.process.wait(timeout=20)


def read_alerts(state: Path) -> list[dict[str, Any]]:
    """The lines of ``alerts.jsonl``."""
    path = state / "alerts.jsonl"
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.endswith("}")]


def wait_for(
    condition: Callable[[], Any],
    *,
    seconds: float = 30,
    alive: Callable[[], bool] = lambda: True,
    why: Callable[[], str] = str,
) -> Any:
    """Wait on a condition, not for a time: looks twenty times a second."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := condition():
            return found
        assert alive(), f"the process ended while it was waited for\n{why()}"
        time.sleep(0.05)
    raise AssertionError(f"waited {seconds} s in vain\n{why()}")


@contextmanager
def service(config: Path, state: Path, *, env: Mapping[str, str] | None = None) -> Iterator[Running]:
    """``monitor run`` as a process, with ``env`` beside its usual environment; killed at the end if it still runs."""
    state.mkdir(parents=True, exist_ok=True)
    log = state / "service.log"
    with log.open("ab") as out:
        process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "monitor",
                "run",
                "--config",
                str(config),
                "--state",
                str(state),
                "--log-format",
                "json",
            ],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            env=environment() | dict(env or {}),
        )
        try:
            yield Running(process, config, state, log)
        finally:
            if process.poll() is None:
                process.kill()
            process.wait()


def query(state: Path, sql: str, *values: object) -> list[tuple[Any, ...]]:
    """Look straight into the database, past the program."""
    db = sqlite3.connect(f"file:{state / 'monitor.db'}?mode=ro", uri=True)
    try:
        return db.execute(sql, values).fetchall()
    finally:
        db.close()


def rss(*items: str, title: str = "A feed", language: str = "en") -> bytes:
    """An RSS document of these items."""
    body = "".join(items)
    return (
        f'<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>{title}</title>'
        f"<language>{language}</language>{body}</channel></rss>"
    ).encode()


def item(title: str, text: str = "", *, link: str = "", guid: str = "", date: str = "") -> str:
    """One RSS item."""
    parts = [f"<title>{title}</title>"]
    parts += [f"<link>{link}</link>"] if link else []
    parts += [f'<guid isPermaLink="false">{guid}</guid>'] if guid else []
    parts += [f"<pubDate>{date}</pubDate>"] if date else []
    parts += [f"<description>{text}</description>"] if text else []
    return f"<item>{''.join(parts)}</item>"


class Site:
    """Documents on loopback; what the dict holds at the moment of a request is what is served."""

    def __init__(self, server: MisbehavingServer, documents: Mapping[str, bytes]) -> None:
        self.server = server
        self.documents = documents
        for path in documents:
            server.route(path, lambda peer, path=path: reply(self.documents[path])(peer))

    def around(self, path: str, *, before: Callable[[], None], after: Callable[[], None]) -> None:
        """Have these called before and after each answer with this document."""

        def script(peer: Peer) -> None:
            before()
            reply(self.documents[path])(peer)
            after()

        self.server.route(path, script)

    def url(self, path: str) -> str:
        """Where a document is."""
        return self.server.url(path)

    def hang(self, path: str) -> str:
        """A place that takes the request and never answers; returns its URL."""
        self.server.route(path, lambda peer: peer.wait_for_end())
        return self.server.url(path)

    def requests(self, path: str) -> list[Seen]:
        """The requests for a path so far."""
        return [seen for seen in self.server.requests if seen.path == path]


@contextmanager
def serve_documents(documents: Mapping[str, bytes]) -> Iterator[Site]:
    """Serve documents by their paths."""
    with MisbehavingServer() as server:
        yield Site(server, documents)
