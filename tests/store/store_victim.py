"""A process for the kill test: arrives, judges and delivers in a loop until it is killed.

Each round is one new document with three entries under a validator of its own; the round's number names them, so the
test can tell from the database alone what must be there. Prints a line a round.
"""

from __future__ import annotations

import sys
from datetime import timedelta
from pathlib import Path

from store_builders import FEED, NOON, alerting, holding_back, new_article, update

from monitor.clock import SystemClock
from monitor.model import Arrival, DeliveryOutcome, DeliveryState, Feed, Gate
from monitor.store import SqliteStore

CHANNELS = ("mail", "chat")
LEASE = timedelta(hours=1)


def main(path: Path) -> None:
    """Work until killed."""
    clock = SystemClock()
    store = SqliteStore.open(path, clock=clock)
    store.release_claims()
    store.sync_feeds([Feed(url=FEED)], NOON)
    feed = store.claim_feed(FEED, NOON, lease=LEASE)
    assert feed is not None
    number = int(feed.etag or 0)
    print("ready", flush=True)  # noqa: T201 - the test waits for it
    while True:
        number += 1
        articles = tuple(new_article(f"{number}-{n}", text=f"story {number} " * 200) for n in range(3))
        store.arrive(Arrival(feed=update(feed.id, etag=str(number)), articles=articles))
        with store.judging() as session:
            stories: dict[str, int] = {}
            for article in store.unjudged(50):
                group = article.key.partition("-")[0]
                known = stories.get(group) or next((s for _, s in session.by_title_key(group, NOON)), None)
                shingles = tuple(range(article.id * 40, article.id * 40 + 40))
                if known is None:
                    decided = alerting(article, *CHANNELS, title_key=group, shingles=shingles)
                else:
                    decided = holding_back(article, known, title_key=group, shingles=shingles)
                stories[group] = session.record(decided)
        now = clock.now()
        for claimed in store.claim_deliveries(
            now, limit=9, lease=LEASE, busy=(), channels=[Gate(channel=name) for name in CHANNELS]
        ):
            store.record_outcome(DeliveryOutcome(id=claimed.id, token=claimed.token, state=DeliveryState.SENT, at=now))
        if number % 10 == 0:
            store.prune(NOON - LEASE)


main(Path(sys.argv[1]))
