"""Alerts that wait to be sent, made as the service makes them, for what measures or tests delivery alone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

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
from monitor.ports import Clock, Store

FEED = "https://bench.example/feed"


def let_wait(
    store: Store, clock: Clock, titles: Sequence[str], *channels: str, priority: Priority = Priority.NORMAL
) -> None:
    """A story for each title, told by watch "W" on all these channels: arrived (T1), judged (T2), and waiting."""
    now = clock.now()
    store.sync_feeds([Feed(url=FEED)], now)
    feed = store.claim_feed(FEED, now, lease=timedelta(0))
    assert feed is not None
    articles = tuple(
        NewArticle(
            key=title,
            key_reason="guid",
            url="",
            canonical_url="",
            title=title,
            text="The river rose.",
            author="",
            source="Bench",
            language_hint="en",
            published=now,
            published_raw="",
            discovered=now,
            content_hash=title,
        )
        for title in titles
    )
    update = FeedUpdate(
        feed_id=feed.id,
        checked=now,
        next_check=now,
        interval=timedelta(hours=1),
        etag=None,
        last_modified=None,
        body_hash=None,
    )
    store.arrive(Arrival(feed=update, articles=articles))
    alert = NewAlert(watch="W", kind=AlertKind.NEW, priority=priority, channels=channels)
    waiting = store.unjudged(len(articles))
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
