"""The demo: the very same service, in a temporary state, against a newsroom and receivers on loopback.

::

    newsroom (12 outlets) ──> monitor run (a process of its own) ──> mail server, chat webhook
                                                                        └── compared with what the newsroom planned
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from monitor.app import DATABASE
from monitor.clock import SystemClock
from monitor.demo.content import Newsroom, load_newsroom
from monitor.demo.report import Outcome, compare, print_alert, print_ending, print_opening
from monitor.demo.serving import NewsroomServer
from monitor.demo.sinks import Sinks
from monitor.store import SqliteStore

FAST = 12.0
"""How much faster the newsroom's minute passes with ``--fast``."""

_PATIENCE = 60.0
"""Seconds after the newsroom's minute for the last alert to arrive, before the demo says that something is missing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One newsroom, its receivers, and the config that lets a service watch them."""

    server: NewsroomServer
    sinks: Sinks
    config: Path
    state: Path


def run_demo(*, fast: bool, keep: Path | None, quiet: bool, starter: Path) -> Outcome:
    """Run the demo and hold what arrived against what the newsroom planned.

    ``keep``: leave config, state and log there. ``quiet``: print nothing. ``starter``: the config whose concepts the
    demo uses.
    """
    newsroom = load_newsroom()
    speed = FAST if fast else 1.0
    on_chat = None if quiet else print_alert
    with _folder(keep) as folder, stage(newsroom, folder, starter, speed=speed, on_chat=on_chat) as set_up:
        if not quiet:
            print_opening(newsroom, speed)
        with (folder / "service.log").open("wb") as log:
            process = start_service(set_up, log.fileno())
            try:
                _wait_until_told(set_up, process)
            finally:
                stop_service(process)
        outcome = compare(set_up.server, set_up.sinks, set_up.state)
        if not quiet:
            print_ending(outcome, set_up.sinks)
        return outcome


@contextmanager
def _folder(keep: Path | None) -> Iterator[Path]:
    if keep is not None:
        keep.mkdir(parents=True, exist_ok=True)
        yield keep
        return
    with TemporaryDirectory(prefix="monitor-demo-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


@contextmanager
def stage(newsroom: Newsroom, folder: Path, starter: Path, *, speed: float, on_chat: object = None) -> Iterator[Stage]:
    """Open a newsroom and receivers, and write the config for a service that watches them."""
    with Sinks(on_chat) as sinks, NewsroomServer(newsroom, SystemClock(), speed) as server:  # type: ignore[arg-type]
        config = folder / "config"
        write_config(config, starter, server, sinks, speed)
        yield Stage(server=server, sinks=sinks, config=config, state=folder / "state")


def write_config(config: Path, starter: Path, server: NewsroomServer, sinks: Sinks, speed: float) -> None:
    """The demo's config: the starter's concepts, the mission's two watches, the newsroom's feeds, the two receivers."""
    shutil.copytree(starter / "concepts", config / "concepts", dirs_exist_ok=True)
    look_every = f"{max(200, int(2500 / speed))}ms"
    (config / "monitor.toml").write_text(f'tick = "{max(100, int(1000 / speed))}ms"\n', encoding="utf-8")
    feeds = [f'[defaults]\ninterval_min = "{look_every}"\ninterval_max = "{look_every}"\n']
    feeds.extend(
        f'[[feed]]\nurl = "{server.feed_url(outlet)}"\nname = "{outlet.name}"\n'
        f'language = "{outlet.language}"\nallow_private = true\n'
        for outlet in server.newsroom.outlets
    )
    (config / "feeds.toml").write_text("\n".join(feeds), encoding="utf-8")
    watches = [
        f'[[watch]]\nname = "{watch.name}"\n{watch.rule}\npriority = "{watch.priority}"\nchannels = ["mail", "chat"]\n'
        for watch in server.newsroom.watches
    ]
    (config / "watches.toml").write_text("\n".join(watches), encoding="utf-8")
    (config / "channels.toml").write_text(
        "[mail]\n"
        f'url = "mailto://127.0.0.1:{sinks.mail_port}?from=watch@monitor.example&to=desk@news.example&mode=insecure"\n'
        "allow_private = true\n"
        "[chat]\n"
        f'url = "json://127.0.0.1:{sinks.chat_port}/hooks/desk"\n'
        "allow_private = true\n",
        encoding="utf-8",
    )


def start_service(set_up: Stage, log: int) -> subprocess.Popen[bytes]:
    """``monitor run`` as a process of its own, writing its log to the file descriptor ``log``."""
    command = [sys.executable, "-m", "monitor", "run", "--log-format", "json"]
    places = ["--config", str(set_up.config), "--state", str(set_up.state)]
    return subprocess.Popen(  # noqa: S603 - our own program
        [*command, *places], stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=os.environ.copy()
    )


def stop_service(process: subprocess.Popen[bytes]) -> int:
    """End the service as a service manager would; returns its exit code."""
    process.send_signal(signal.SIGTERM)
    return process.wait(timeout=15)


def settled(set_up: Stage) -> bool:
    """Whether all that is to be published was stored in its last wording, judged and delivered."""
    if not (set_up.state / DATABASE).is_file():
        return False
    newsroom = set_up.server.newsroom
    with SqliteStore.open(set_up.state / DATABASE, clock=SystemClock()) as store:
        status = store.status()
        if status.articles < len(newsroom.entries) or status.unjudged or store.deliveries_waiting():
            return False
        revised = [piece for piece in newsroom.entries.values() if piece.revises]
        stored = [(piece, store.article_by_url(piece.url)) for piece in revised]
        return all(article is not None and article.title == piece.title for piece, article in stored)


def _wait_until_told(set_up: Stage, process: subprocess.Popen[bytes]) -> None:
    clock = SystemClock()
    tick = threading.Event()
    end = clock.monotonic() + 60 / set_up.server.speed + _PATIENCE
    while clock.monotonic() < end and process.poll() is None and not settled(set_up):
        tick.wait(0.1)
