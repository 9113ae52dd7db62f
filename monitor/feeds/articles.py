"""Entries made ready to be stored: identity decided, times settled, the old ones of a new feed marked as quiet.

On the article's way: the last step before T1. Judges nothing, stores nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from monitor.feeds.dates import settle_published
from monitor.feeds.fulltext import page_of
from monitor.feeds.identity import content_hash, identify
from monitor.feeds.languages import language_code
from monitor.feeds.recognise import make_marks
from monitor.feeds.urls import canonical_url, host_of, unwrapped
from monitor.model import DueFeed, Entry, Feed, NewArticle, ParsedFeed

__all__ = ["make_articles"]

_CLOCK_SKEW = timedelta(hours=14)  # the farthest that a local time without its zone can stand ahead of UTC


def make_articles(parsed: ParsedFeed, feed: Feed, due: DueFeed, now: datetime) -> tuple[NewArticle, ...]:
    """The feed's entries as articles, oldest first, each entry once.

    At the first sight of a feed an article is quiet (stored as seen, never alerted) when it is older than
    ``feed.first_alert_age``. An entry without a believable date is as old as the nearest dated one above it in the
    feed; with none above it counts as new: in doubt, tell.
    """
    settled = [settle_published(entry.published, now) for entry in parsed.entries]
    believed = _believed_dates(parsed.entries, settled, feed, now)
    keys = identify(parsed.entries, url=feed.url)
    marks = make_marks(parsed.entries, url=feed.url)
    source = feed.name or parsed.title
    language = language_code(feed.language) or parsed.language
    seen: set[str] = set()
    articles: list[NewArticle] = []
    for (key, reason), mark, entry, published, date in zip(keys, marks, parsed.entries, settled, believed, strict=True):
        # One that repeats another, and one that holds nothing at all.
        if key in seen or not (entry.title or entry.text or entry.url or entry.guid):
            continue
        seen.add(key)
        articles.append(
            NewArticle(
                key=key,
                key_reason=reason.value,
                url=unwrapped(entry.url),
                canonical_url=canonical_url(entry.url),
                title=_title(entry),
                text=entry.text,
                author=entry.author,
                source=entry.source or source or host_of(entry.url or parsed.site or feed.url) or feed.url,
                # The entry's own word, then the person's for the feed, then the feed's (often its software's default).
                language_hint=(entry.language if entry.language != parsed.language else None) or language,
                published=published,
                published_raw=entry.published_raw,
                discovered=now,
                content_hash=content_hash(entry.title, entry.text),
                quiet=due.first_sight and date is not None and now - date > feed.first_alert_age,
                marks=mark,
                links=entry.links,
                page=page_of(unwrapped(entry.url), entry.text) if feed.full_text else "",
            )
        )
    return _oldest_first(articles)


def _title(entry: Entry) -> str:
    """The headline without the publisher that Google News puts behind it ("Ferry strike ends - The Courier")."""
    if entry.source and host_of(entry.url).startswith("news.google."):
        return entry.title.removesuffix(f" - {entry.source}") or entry.title
    return entry.title


def _believed_dates(
    entries: Sequence[Entry], settled: Sequence[datetime | None], feed: Feed, now: datetime
) -> list[datetime | None]:
    """Each entry's date of publishing; where it has none, that of the nearest dated entry above it.

    Feeds print the newest first: what stands below an entry is not newer than it, and says nothing of what is above.
    """
    # A date further ahead than the feed's news reach back is no date of publishing (a calendar, a broken clock).
    latest = now + max(feed.first_alert_age, _CLOCK_SKEW)
    near: datetime | None = None
    believed: list[datetime | None] = []
    for entry, date in zip(entries, settled, strict=True):
        if entry.published is not None and entry.published <= latest:
            near = date or near
        believed.append(near)
    return believed


def _oldest_first(articles: list[NewArticle]) -> tuple[NewArticle, ...]:
    """By date; an undated article keeps its place beside its neighbour. Feeds print the newest first."""
    articles.reverse()
    dated = [article.published for article in articles if article.published is not None]
    last = min(dated) if dated else None
    places: list[tuple[datetime | None, int]] = []
    for index, article in enumerate(articles):
        last = article.published or last
        places.append((last, index))
    if last is None:
        return tuple(articles)
    places.sort(key=lambda place: (place[0] or last, place[1]))
    return tuple(articles[index] for _, index in places)
