"""Judging into stories at 10,000, 100,000 and 1,000,000 articles of the last 14 days: articles a second, and memory.

The stored articles are rows written straight into a database: words drawn by Zipf's law, three articles a story, spread
over the window. Then new articles of the same kind, with title and text, arrive and are judged by the program's own
``Judge`` with one watch; only judging is timed (language, rules, sketch, story, commit). Each size runs in a process
of its own, whose highest memory is reported.
"""

from __future__ import annotations

import json
import random
import sqlite3
import subprocess
import sys
import time
from array import array
from bisect import bisect
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import accumulate
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.common import Row, main
from monitor.app import DATABASE
from monitor.app.collection import settle
from monitor.app.parts import gazetteer
from monitor.clock import SystemClock
from monitor.model import Arrival, Feed, FeedUpdate, NewArticle, Settings, WatchConfig
from monitor.pipeline import Judge, Plan
from monitor.rules import build, parse_watch
from monitor.store import SqliteStore
from monitor.stories import draft
from monitor.stories.sketch import language_key, weigh

SIZES = (10_000, 100_000, 1_000_000)
WINDOW = timedelta(days=14)
JUDGED = 1_000
_WORDS = 60_000
_PATTERNS = 3_000  # different articles; stored ones repeat their wording with words of their own
_SHINGLES = 40
_BATCH = 20_000
_MICROSECOND = timedelta(microseconds=1)
_SYLLABLES = [a + b for a in "bdfgklmnprstvz" for b in ("a", "e", "i", "o", "u", "an", "er", "il", "on", "us")]


class Newsroom:
    """Articles of made-up words, the same in every run."""

    def __init__(self) -> None:
        self._chance = random.Random(5)
        self._words = ["".join(self._chance.choice(_SYLLABLES) for _ in range(3)) for _ in range(_WORDS)]
        self._weights = list(accumulate(1.0 / (rank + 20) for rank in range(_WORDS)))

    def words(self, count: int) -> list[str]:
        """Some words, common ones more often; one in six is a name."""
        found = [self._words[bisect(self._weights, self._chance.random() * self._weights[-1])] for _ in range(count)]
        return [word.capitalize() if self._chance.random() < 0.16 else word for word in found]

    def article(self) -> tuple[str, str]:
        """A title, and a text of five sentences."""
        sentences = [" ".join(self.words(16)).capitalize() + "." for _ in range(5)]
        return " ".join(self.words(9)).capitalize(), "\n".join(sentences)


def fill(path: Path, count: int, now: datetime) -> None:
    """A database with so many judged articles."""
    with SqliteStore.open(path, clock=SystemClock(), durable=False) as store:
        store.sync_feeds([Feed(url="https://bench.example/feed")], now)
    room = Newsroom()
    drafts = [draft(*room.article(), "en", gazetteer=gazetteer()) for _ in range(_PATTERNS)]
    counted_as = (language_key("en"), language_key("*"))
    seen: Counter[int] = Counter()
    for one in drafts:
        seen.update((*one.hashes, *counted_as))
    patterns = [weigh(one, seen)[1] for one in drafts]
    db = sqlite3.connect(path)
    db.execute("PRAGMA synchronous = OFF")
    db.execute("PRAGMA cache_size = -65536")
    chance = random.Random(7)
    start = now - WINDOW
    step = WINDOW / count
    db.executemany(
        "INSERT INTO story (id, first_article, last_article, articles, title) VALUES (?, ?, ?, 3, 'A story')",
        (
            (number, _stored(start + number * 3 * step), _stored(start + number * 3 * step))
            for number in range(1, count // 3 + 2)
        ),
    )
    db.execute("CREATE TEMP TABLE told (term INTEGER, article INTEGER)")
    db.execute("CREATE TEMP TABLE shingled (hash INTEGER, article INTEGER)")
    for first in range(1, count + 1, _BATCH):
        numbers = range(first, min(first + _BATCH, count + 1))
        db.executemany(
            "INSERT INTO article (id, feed, story, state, quiet, discovered, published, published_raw, language, key,"
            " key_reason, url, canonical_url, source, author, title, text, shingles, story_reason, story_score)"
            " VALUES (?1, 1, ?2, 'judged', 0, ?3, ?3, '', 'en', 'k' || ?1, 'guid', '', '', 'Bench', '', 'A title', '',"
            " ?4, 'new', 0.0)",
            (
                (number, number // 3 + 1, _stored(start + number * step), chance.randbytes(8 * _SHINGLES))
                for number in numbers
            ),
        )
        # Half of an article's telling terms are its pattern's, which others share; half are its own.
        db.executemany(
            "INSERT INTO sketch (article, language, norms, terms, kinds, counts, strong, counted, why)"
            " VALUES (?, 'en', ?, ?, ?, ?, ?, ?, '[[],null,0,[]]')",
            (
                (
                    number,
                    array("d", pattern.norms).tobytes(),
                    pattern.terms,
                    pattern.kinds,
                    pattern.counts,
                    array("i", pattern.strong).tobytes(),
                    array("i", counted_as).tobytes(),
                )
                for number in numbers
                for pattern in (patterns[number % _PATTERNS],)
            ),
        )
        db.executemany(
            "INSERT INTO told VALUES (?, ?)",
            (
                (term, number)
                for number in numbers
                for term in (
                    *patterns[number % _PATTERNS].strong[::2],
                    *array("i", chance.randbytes(4 * 15)),
                )
            ),
        )
        db.executemany(
            "INSERT INTO shingled VALUES (?, ?)",
            ((value, number) for number in numbers for value in array("q", chance.randbytes(8 * _SHINGLES))),
        )
    db.execute("INSERT OR IGNORE INTO telling SELECT term, article FROM told ORDER BY term, article")
    db.execute("INSERT OR IGNORE INTO shingle SELECT hash, article FROM shingled ORDER BY hash, article")
    db.executemany(
        "INSERT INTO term (term, articles) VALUES (?, ?)",
        ((term, max(1, articles * count // _PATTERNS)) for term, articles in sorted(seen.items())),
    )
    db.execute("INSERT OR IGNORE INTO term SELECT term, count(*) FROM told GROUP BY term ORDER BY term")
    db.commit()
    db.close()


def _stored(moment: datetime) -> int:
    return (moment - datetime.fromtimestamp(0, tz=moment.tzinfo)) // _MICROSECOND


def measure(folder: Path, count: int, judged: int) -> Row:
    """Fill a database, in a process of its own, then judge into it."""
    clock = SystemClock()
    path = folder / DATABASE
    with SqliteStore.open(path, clock=clock) as store:
        claimed = store.claim_feed("https://bench.example/feed", clock.now(), lease=timedelta(hours=1))
        assert claimed is not None
        store.arrive(Arrival(feed=_update(claimed.id, clock.now()), articles=tuple(_arriving(judged, clock.now()))))
        watch = WatchConfig(name="Bench", any=("badafo", "kelimo"), channels=())
        rules = build([parse_watch(watch, {})], {})
        plan = Plan(
            settings=Settings(), feeds={}, watches={"Bench": watch}, channels={}, rules=rules, gazetteer=gazetteer()
        )
        settle()  # as the service does once it has its rules
        judge = Judge(store=store, clock=clock)
        judge.judge(plan)  # what is made once (tables of languages, of letters) is no article's cost
        began, processor = time.perf_counter(), time.process_time()
        done = 0
        while not (outcome := judge.judge(plan)).empty:
            done += len(outcome.judged)
        took, processor = time.perf_counter() - began, time.process_time() - processor
    return {
        "articles stored": count,
        "judged": done,
        "articles/s": done / took,
        "ms an article": took / done * 1000,
        "ms of CPU": processor / done * 1000,
        "memory MB": _highest_memory(),
        "database MB": path.stat().st_size // 1_000_000,
    }


def _highest_memory() -> int:
    """Of this program alone: what ``getrusage`` says includes the process that started it."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.partition("VmHWM:")[2].split()[0]) // 1024


def _arriving(count: int, now: datetime) -> Iterator[NewArticle]:
    room = Newsroom()
    for number in range(count):
        title, text = room.article()
        if number % 3:  # other words in some sentences: neither all copies nor all news
            text = "\n".join((*text.split("\n")[:2], " ".join(room.words(40))))
        yield NewArticle(
            key=f"new {number}",
            key_reason="guid",
            url="",
            canonical_url="",
            title=title,
            text=text,
            author="",
            source="Bench",
            language_hint="en",
            published=now,
            published_raw="",
            discovered=now,
            content_hash=str(number),
        )


def _update(feed: int, now: datetime) -> FeedUpdate:
    return FeedUpdate(
        feed_id=feed,
        checked=now,
        next_check=now + WINDOW,
        interval=WINDOW,
        etag=None,
        last_modified=None,
        body_hash=None,
    )


def run(quick: bool) -> Sequence[Row]:
    """Articles a second and memory by how many articles the window holds."""
    rows = []
    for count in SIZES[: 1 if quick else len(SIZES)]:
        with TemporaryDirectory() as folder:
            fill(Path(folder) / DATABASE, count, SystemClock().now())
            judged = 200 if quick else JUDGED
            done = subprocess.run(
                [sys.executable, "-m", "bench.stories_speed", "--into", folder, str(count), str(judged)],
                check=True,
                capture_output=True,
                text=True,
            )
            rows.append(json.loads(done.stdout))
    return rows


if __name__ == "__main__":
    if "--into" in sys.argv:
        print(json.dumps(measure(Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))))
    else:
        main("stories_speed", run)
