"""Values for the store's tests, each with what a test does not care about filled in."""

from __future__ import annotations

import contextlib
import itertools
import resource
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from monitor.model import (
    AlertKind,
    AlertReason,
    Arrival,
    Article,
    ArticleState,
    DueFeed,
    Evidence,
    Feed,
    FeedUpdate,
    Judgement,
    Match,
    NewAlert,
    NewArticle,
    Priority,
    StoryReason,
    StoryVerdict,
    Verdict,
)
from monitor.ports import Store

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
FEED = "https://news.example/feed"


class ManualClock:
    """A clock that stands still until a test moves it."""

    def __init__(self, now: datetime = NOON) -> None:
        self.time = now
        self._tokens = itertools.count(1)

    def now(self) -> datetime:
        return self.time

    def monotonic(self) -> float:
        return self.time.timestamp()

    def chance(self) -> float:
        return 0.5

    def token(self) -> str:
        return f"{next(self._tokens):032x}"

    def forward(self, span: timedelta) -> datetime:
        self.time += span
        return self.time


@contextlib.contextmanager
def files_no_larger_than(size: int) -> Iterator[None]:
    """The operating system refuses this process any byte past ``size`` in a file: the nearest to a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def new_article(key: str = "a", **values) -> NewArticle:
    title = values.pop("title", f"Headline {key}")
    text = values.pop("text", f"What happened in {key}.")
    return NewArticle(
        **{
            "key": key,
            "key_reason": "guid",
            "url": f"https://news.example/{key}?utm_source=feed",
            "canonical_url": f"https://news.example/{key}",
            "title": title,
            "text": text,
            "author": "A. Reporter",
            "source": "Example News",
            "language_hint": "en",
            "published": NOON - MINUTE,
            "published_raw": "Sun, 01 Mar 2026 11:59:00 GMT",
            "discovered": NOON,
            "content_hash": f"{title}|{text}",
            **values,
        }
    )


def update(feed: DueFeed | int = 1, **values) -> FeedUpdate:
    return FeedUpdate(
        **{
            "feed_id": feed if isinstance(feed, int) else feed.id,
            "checked": NOON,
            "next_check": NOON + 10 * MINUTE,
            "interval": 10 * MINUTE,
            "etag": '"v1"',
            "last_modified": "Sun, 01 Mar 2026 11:00:00 GMT",
            "body_hash": "b1",
            "status": 200,
            **values,
        }
    )


def evidence(words: str = "coalition", **values) -> Evidence:
    return Evidence(
        **{
            "term": "@coalition",
            "alias": words,
            "concept": "coalition",
            "language": "en",
            "field": "body",
            "start": 4,
            "end": 4 + len(words),
            "words": words,
            "sentence": f"The {words} leaves.",
            **values,
        }
    )


def judgement(article: Article | int, **values) -> Judgement:
    """A judgement that begins a story of its own and meets nothing."""
    return Judgement(
        **{
            "article_id": article if isinstance(article, int) else article.id,
            "article_version": 1 if isinstance(article, int) else article.version,
            "language": "en",
            "story": StoryVerdict(story=None, reason=StoryReason.NEW),
            "shingles": (),
            "title_key": "",
            **values,
        }
    )


def joins(story: int, reason: StoryReason = StoryReason.NEAR_TEXT) -> StoryVerdict:
    return StoryVerdict(story=story, reason=reason, score=0.8)


def alerting(article: Article | int, *channels: str, watch: str = "Withdrawal", **values) -> Judgement:
    """A judgement that alerts of the article on these channels."""
    return judgement(
        article,
        **{
            "matches": (Match(watch=watch, evidence=(evidence(),)),),
            "verdicts": (Verdict(watch=watch, reason=AlertReason.ALERTED),),
            "alerts": (NewAlert(watch=watch, kind=AlertKind.NEW, priority=Priority.HIGH, channels=channels),),
            **values,
        },
    )


def holding_back(article: Article | int, story: int, *, watch: str = "Withdrawal", **values) -> Judgement:
    """A judgement of an article whose story was told."""
    return judgement(
        article,
        **{
            "story": joins(story),
            "matches": (Match(watch=watch, evidence=(evidence(),)),),
            "verdicts": (Verdict(watch=watch, reason=AlertReason.STORY_ALREADY_TOLD),),
            **values,
        },
    )


def feed_in(store: Store, url: str = FEED, **values) -> DueFeed:
    """A configured feed, claimed for a look."""
    store.sync_feeds([Feed(url=url, **values)], NOON)
    claimed = store.claim_feed(url, NOON, lease=MINUTE)
    assert claimed is not None
    return claimed


def arrived(store: Store, *articles: NewArticle, feed: int = 1, **values) -> list[Article]:
    """The articles after their arrival, waiting to be judged, oldest first."""
    store.arrive(Arrival(feed=update(feed, **values), articles=articles))
    keys = {article.key for article in articles}
    waiting = [article for article in store.unjudged(10_000) if article.key in keys]
    assert all(article.state is ArticleState.NEW for article in waiting)
    return waiting


def recorded(store: Store, *judgements: Judgement) -> list[int]:
    """The stories of these judgements, recorded in one session."""
    with store.judging() as session:
        return [session.record(one) for one in judgements]


def alerted(store: Store, *channels: str, key: str = "a", watch: str = "Withdrawal", **values) -> int:
    """The story of a new article that was alerted on these channels (feed 1 must be there)."""
    (article,) = arrived(store, new_article(key, **values))
    return recorded(store, alerting(article, *channels, watch=watch))[0]
