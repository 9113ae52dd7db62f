"""Values to columns and back: times, texts, evidence, articles.

On the article's way: at the store's edge, both ways. Holds no query of its own but the columns that a value is read
from.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime, timedelta

from monitor.model import Article, ArticleState, Evidence, FeedAsks, Moved, Rhythm

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_WORD = 1 << 64
_DIGITS = 19  # of the highest number that a row can have

ARTICLES = """
SELECT
    article.id, feed.url AS feed_url, article.key, article.url, article.canonical_url, article.title, article.text,
    article.author, article.source, article.language_hint, article.language, article.published, article.discovered,
    article.quiet, article.state, article.story, article.version, article.links
FROM article JOIN feed ON feed.id = article.feed
"""
"""The rows that ``article_from`` reads; a WHERE follows."""


def stored_time(value: datetime) -> int:
    """Microseconds since 1970 UTC. ``value`` must be aware: a naive one raises ``TypeError``."""
    return (value - _EPOCH) // _MICROSECOND


def stored_time_or_none(value: datetime | None) -> int | None:
    """As ``stored_time``; None stays None."""
    return None if value is None else stored_time(value)


def time_from(stored: int) -> datetime:
    """The aware UTC time of a stored one."""
    return _EPOCH + stored * _MICROSECOND


def time_or_none_from(stored: int | None) -> datetime | None:
    """As ``time_from``; None stays None."""
    return None if stored is None else time_from(stored)


def stored_span(value: timedelta) -> int:
    """Microseconds."""
    return value // _MICROSECOND


def span_or_none_from(stored: int | None) -> timedelta | None:
    """The duration of a stored one; None stays None."""
    return None if stored is None else stored * _MICROSECOND


def row_id(said: int | str) -> int:
    """The number of a row that a person named, as SQLite takes it; 0, which no row has, for what is no such number."""
    if isinstance(said, str):
        said = int(said) if said.isdecimal() and len(said) <= _DIGITS else 0
    return said if 0 < said < 1 << 63 else 0


def storable(text: str) -> str:
    """The text with each lone surrogate replaced by U+FFFD.

    SQLite keeps UTF-8, which has no surrogates: one bad character must not keep a feed's articles out. The length
    stays, so offsets into the text stay right.
    """
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return "".join("\N{REPLACEMENT CHARACTER}" if "\ud800" <= letter <= "\udfff" else letter for letter in text)
    return text


def storable_all(*texts: str) -> tuple[str, ...]:
    """Each of these texts as ``storable`` has it."""
    return texts if all(map(str.isascii, texts)) else tuple(map(storable, texts))


def stored_evidence(evidence: Sequence[Evidence]) -> str:
    """The evidence as JSON in ASCII."""
    return json.dumps([asdict(item) for item in evidence])


def evidence_from(stored: str) -> tuple[Evidence, ...]:
    """The evidence of its JSON."""
    return tuple(Evidence(**item) for item in json.loads(stored))


def stored_rhythm(rhythm: Rhythm) -> str:
    """The rhythm as JSON, its counts to four digits."""
    counts = (rhythm.hours, rhythm.hours_watched, rhythm.days, rhythm.days_watched, (rhythm.recent, rhythm.moments))
    last = stored_time_or_none(rhythm.last)
    times = (stored_time(rhythm.since), stored_time(rhythm.upto), last, stored_span(rhythm.longest_pause))
    written = ", ".join(f"[{', '.join([f'{count:.4g}' for count in some])}]" for some in counts)
    return f"[[{written}], {json.dumps(times)}, {rhythm.window}]"


def rhythm_from(stored: str | None) -> Rhythm | None:
    """The rhythm of its JSON; None stays None."""
    if stored is None:
        return None
    (hours, hours_watched, days, days_watched, (recent, moments)), (since, upto, last, pause), window = json.loads(
        stored
    )
    return Rhythm(
        since=time_from(since),
        upto=time_from(upto),
        hours=tuple(hours),
        hours_watched=tuple(hours_watched),
        days=tuple(days),
        days_watched=tuple(days_watched),
        recent=recent,
        moments=moments,
        last=time_or_none_from(last),
        longest_pause=pause * _MICROSECOND,
        window=window,
    )


def stored_asks(asks: FeedAsks) -> str:
    """What a feed asks for as JSON, without what it does not say."""
    if asks == FeedAsks():
        return "{}"
    said = {name: value for name, value in asdict(asks).items() if value}
    if asks.ttl is not None:
        said["ttl"] = stored_span(asks.ttl)
    return json.dumps(said)


def asks_from(stored: str) -> FeedAsks:
    """What a feed asks for, of its JSON."""
    if stored == "{}":
        return FeedAsks()
    said = json.loads(stored)
    for name in ("skip_hours", "skip_days"):
        said[name] = tuple(said.get(name, ()))
    return FeedAsks(**{**said, "ttl": span_or_none_from(said.get("ttl"))})


def moved_from(row: sqlite3.Row) -> Moved | None:
    """Where a feed has moved to, of its row."""
    since = row["moved_since"]
    if row["moved_to"] is None or since is None:
        return None
    return Moved(to=row["moved_to"], since=time_from(since), looks=row["moved_looks"])


def stored_hash(value: int) -> int:
    """A 64-bit hash, signed or not, as SQLite's signed integer."""
    value %= _WORD
    return value - _WORD if value >= _WORD // 2 else value


def stored_hashes(values: Sequence[int]) -> list[int]:
    """Each hash once, sorted: rows that go in in order are cheaper."""
    return sorted({stored_hash(value) for value in values})


def article_from(row: sqlite3.Row) -> Article:
    """The article of a row of ``ARTICLES``."""
    return Article(
        id=row["id"],
        feed_url=row["feed_url"],
        key=row["key"],
        url=row["url"],
        canonical_url=row["canonical_url"],
        title=row["title"],
        text=row["text"],
        author=row["author"],
        source=row["source"],
        language_hint=row["language_hint"],
        language=row["language"],
        published=time_or_none_from(row["published"]),
        discovered=time_from(row["discovered"]),
        quiet=bool(row["quiet"]),
        state=ArticleState(row["state"]),
        story=row["story"],
        version=row["version"],
        links=tuple(row["links"].split()),
    )
