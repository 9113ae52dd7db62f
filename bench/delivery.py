"""Whether receivers that hang or fail delay those that work: the real service against twenty webhooks on loopback."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.common import ROOT, Row, main
from bench.waiting import let_wait
from monitor.app import DATABASE
from monitor.clock import SystemClock
from monitor.store import SqliteStore

HEALTHY = [f"good-{number}" for number in range(10)]
HANGING = [f"hang-{number}" for number in range(5)]
FAILING = [f"fail-{number}" for number in range(5)]


def run(quick: bool) -> Sequence[Row]:
    """Seconds until ten healthy channels have all of theirs: alone, and beside five that hang and five that fail."""
    each = 25 if quick else 500
    alone = measure(each, HEALTHY)
    beside = measure(each, [*HEALTHY, *HANGING, *FAILING])
    return [
        {"channels": "10 healthy", "deliveries": 10 * each, **alone},
        {"channels": "and 5 hanging, 5 failing", "deliveries": 20 * each, **beside},
        {"channels": "ratio", "deliveries": "", "seconds": beside["seconds"] / alone["seconds"], "repeated": ""},
    ]


def measure(each: int, channels: Sequence[str]) -> Row:
    """Seconds from the first message that a healthy channel took to the last, and how many came twice."""
    wanted = len(HEALTHY) * each
    with TemporaryDirectory() as folder, receivers() as (port, taken):
        root = Path(folder)
        fill(root / "state", channels, each)
        configure(root / "config", channels, port)
        command = [sys.executable, "-m", "monitor", "run", "--config", str(root / "config"), "--state"]
        with (root / "log").open("wb") as log:
            service = subprocess.Popen([*command, str(root / "state")], cwd=ROOT, stdout=log, stderr=log)
            try:
                # Repeats would be counted too, so the keys are, once there are enough.
                while (len(taken) < wanted or len(keys(taken)) < wanted) and service.poll() is None:
                    threading.Event().wait(0.02)
            finally:
                service.kill()
                service.wait()
        arrived = keys(taken)
        if len(arrived) < wanted:
            sys.exit((root / "log").read_text(encoding="utf-8", errors="replace")[-2000:])
        moments = [message.at for message in taken]
        return {"seconds": max(moments) - min(moments), "repeated": len(taken) - len(arrived)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """A message that a healthy channel took: at which path, under which key, what it said, and when (seconds)."""

    path: str
    key: str
    title: str
    at: float


def keys(taken: Sequence[Taken]) -> set[str]:
    """The messages' own keys: one that came twice counts once."""
    return {message.key for message in list(taken)}


@contextmanager
def receivers() -> Iterator[tuple[int, list[Taken]]]:
    """One server for all channels, which hang, fail or take by their names; yields its port, and what was taken."""
    taken: list[Taken] = []
    over = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            if self.path.startswith("/hang"):
                over.wait(600)
                return
            good = self.path.startswith("/good")
            if good:
                key, (alert, *_) = str(self.headers["Idempotency-Key"]), json.loads(body)["alerts"]
                taken.append(Taken(path=self.path, key=key, title=alert["title"], at=time.perf_counter()))
            self.send_response(200 if good else 500)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name in the base class
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield int(server.server_address[1]), taken
    finally:
        over.set()
        server.shutdown()
        server.server_close()


def configure(root: Path, channels: Sequence[str], port: int, settings: str = "") -> None:
    """A config with these channels, each a path of one server, and no feeds."""
    root.mkdir()
    names = json.dumps(list(channels))
    (root / "watches.toml").write_text(f'[[watch]]\nname = "W"\nany = ["flood"]\nchannels = {names}\n', "utf-8")
    blocks = (
        f'[{name}]\nurl = "json://127.0.0.1:{port}/{name}"\nallow_private = true\nbacklog = "1 day"\n'
        for name in channels
    )
    (root / "channels.toml").write_text("\n".join(blocks), "utf-8")
    (root / "monitor.toml").write_text(f'log_level = "warning"\nlog_format = "json"\n{settings}\n', "utf-8")
    (root / "feeds.toml").write_text("", "utf-8")


def fill(state: Path, channels: Sequence[str], each: int) -> None:
    """A database in which each channel has so many alerts waiting, in the order of their numbers."""
    state.mkdir()
    clock = SystemClock()
    with SqliteStore.open(state / DATABASE, clock=clock, durable=False) as store:
        let_wait(store, clock, [f"Flood number {number}" for number in range(each)], *channels)


if __name__ == "__main__":
    os.environ.setdefault("NO_COLOR", "1")
    main("delivery", run)
