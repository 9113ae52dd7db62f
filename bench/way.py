"""How long each stage of an article's way takes, over the recorded news feeds and the starter config."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.common import ROOT, Row, corpus, main
from monitor.app import DATABASE, plan_of, read_config
from monitor.clock import SystemClock
from monitor.feeds import make_articles, parse_feed
from monitor.model import Arrival, Feed, FeedUpdate
from monitor.pipeline import Judge
from monitor.store import SqliteStore


def run(quick: bool) -> Sequence[Row]:
    """Parse, arrive (T1) and judge (T2): milliseconds an article, and articles a second."""
    bodies = [path.read_bytes() for path in sorted((corpus() / "corpus/feeds/news").glob("*.xml"))]
    best: dict[str, float] = {}
    articles = 0
    for _ in range(1 if quick else 5):
        articles, took = _once(bodies)
        best = {stage: min(seconds, best.get(stage, seconds)) for stage, seconds in took.items()}
    return [
        {
            "stage": stage,
            "articles": articles,
            "ms an article": seconds / articles * 1000,
            "articles/s": articles / seconds,
        }
        for stage, seconds in best.items()
    ]


def _once(bodies: Sequence[bytes]) -> tuple[int, dict[str, float]]:
    config = read_config(ROOT / "monitor" / "starter", os.environ)
    clock = SystemClock()
    took: dict[str, float] = {}
    with TemporaryDirectory() as folder, SqliteStore.open(Path(folder) / DATABASE, clock=clock) as store:
        start = time.perf_counter()
        parsed = [parse_feed(body, content_type="", url="https://bench.example/feed") for body in bodies]
        took["parse"] = time.perf_counter() - start

        feeds = [Feed(url=f"https://bench.example/{number}") for number in range(len(parsed))]
        store.sync_feeds(feeds, clock.now())
        due = store.claim_due_feeds(clock.now(), limit=len(feeds), lease=config.settings.fetch_deadline)
        start = time.perf_counter()
        articles = 0
        for one, feed, document in zip(due, feeds, parsed, strict=True):
            now = clock.now()
            update = FeedUpdate(
                feed_id=one.id,
                checked=now,
                next_check=now,
                interval=feed.interval_min,
                etag=None,
                last_modified=None,
                body_hash=None,
            )
            articles += store.arrive(Arrival(feed=update, articles=make_articles(document, feed, one, now))).new
        took["arrive"] = time.perf_counter() - start

        judge, plan = Judge(store=store, clock=clock), plan_of(config)
        start = time.perf_counter()
        while not judge.judge(plan).empty:
            pass
        took["judge"] = time.perf_counter() - start
    return articles, took


if __name__ == "__main__":
    main("way", run)
