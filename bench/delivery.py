"""Whether receivers that hang or fail delay those that work: the real service against twenty webhooks on loopback."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.common import ROOT, Row, main
from monitor.app import DATABASE
from monitor.clock import SystemClock
from monitor.model import (
    AlertKind,
    Arrival,
    Feed,
    FeedUpdate,
    Judgement,
    NewAlert,
    NewArticle,
    Priority,
    StoryReason,
    StoryVerdict,
)
from monitor.store import SqliteStore

HEALTHY = [f"good-{number}" for number in range(10)]
HANGING = [f"hang-{number}" for number in range(5)]
FAILING = [f"fail-{number}" for number in range(5)]
FEED = "https://bench.example/feed"


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
    with TemporaryDirectory() as folder, receivers() as (port, taken):
        root = Path(folder)
        _fill(root / "state", channels, each)
        _configure(root / "config", channels, port)
        command = [sys.executable, "-m", "monitor", "run", "--config", str(root / "config"), "--state"]
        with (root / "log").open("wb") as log:
            service = subprocess.Popen([*command, str(root / "state")], cwd=ROOT, stdout=log, stderr=log)
            try:
                while len(taken) < len(HEALTHY) * each and service.poll() is None:
                    threading.Event().wait(0.02)
            finally:
                service.kill()
                service.wait()
        if len(taken) < len(HEALTHY) * each:
            sys.exit((root / "log").read_text(encoding="utf-8", errors="replace")[-2000:])
        moments = list(taken.values())
        return {"seconds": max(moments) - min(moments), "repeated": sum(_repeats.values())}


_repeats: Counter[str] = Counter()


@contextmanager
def receivers() -> Iterator[tuple[int, dict[str, float]]]:
    """One server for all channels; yields its port, and when each healthy message was first taken, by its key."""
    taken: dict[str, float] = {}
    over = threading.Event()
    lock = threading.Lock()
    _repeats.clear()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            if self.path.startswith("/hang"):
                over.wait(600)
                return
            good = self.path.startswith("/good")
            if good:
                key = str(self.headers["Idempotency-Key"])
                with lock:
                    _repeats[key] += key in taken
                    taken.setdefault(key, time.perf_counter())
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


def _configure(root: Path, channels: Sequence[str], port: int) -> None:
    root.mkdir()
    names = json.dumps(list(channels))
    (root / "watches.toml").write_text(f'[[watch]]\nname = "W"\nany = ["flood"]\nchannels = {names}\n', "utf-8")
    blocks = (
        f'[{name}]\nurl = "json://127.0.0.1:{port}/{name}"\nallow_private = true\nbacklog = "1 day"\n'
        for name in channels
    )
    (root / "channels.toml").write_text("\n".join(blocks), "utf-8")
    (root / "monitor.toml").write_text('log_level = "warning"\nlog_format = "json"\n', "utf-8")
    (root / "feeds.toml").write_text("", "utf-8")


def _fill(state: Path, channels: Sequence[str], each: int) -> None:
    """A database in which each channel has so many alerts waiting."""
    state.mkdir()
    clock = SystemClock()
    now = clock.now()
    with SqliteStore.open(state / DATABASE, clock=clock, durable=False) as store:
        store.sync_feeds([Feed(url=FEED)], now)
        (due,) = store.claim_due_feeds(now, limit=1, lease=now - now)
        articles = tuple(
            NewArticle(
                key=str(number),
                key_reason="guid",
                url=f"https://bench.example/{number}",
                canonical_url=f"https://bench.example/{number}",
                title=f"Flood number {number}",
                text="The river rose.",
                author="",
                source="Bench",
                language_hint="en",
                published=now,
                published_raw="",
                discovered=now,
                content_hash=str(number),
            )
            for number in range(each)
        )
        update = FeedUpdate(
            feed_id=due.id,
            checked=now,
            next_check=now,
            interval=timedelta(hours=1),
            etag=None,
            last_modified=None,
            body_hash=None,
        )
        store.arrive(Arrival(feed=update, articles=articles))
        alert = NewAlert(watch="W", kind=AlertKind.NEW, priority=Priority.NORMAL, channels=tuple(channels))
        waiting = store.unjudged(each)
        with store.judging() as session:
            for article in waiting:
                session.record(
                    Judgement(
                        article_id=article.id,
                        article_version=article.version,
                        language="en",
                        story=StoryVerdict(story=None, reason=StoryReason.NEW),
                        shingles=(),
                        title_key="",
                        alerts=(alert,),
                    )
                )


if __name__ == "__main__":
    os.environ.setdefault("NO_COLOR", "1")
    main("delivery", run)
