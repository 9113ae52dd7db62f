"""Feeds and the articles that they bring: claims, and T1.

On the article's way: its first stop. ``arrive`` commits new and changed articles together with the feed's validators
and its next check, so a validator never stands without the articles that it vouches for.

Does not decide when a feed is due next, nor what an entry's identity is.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from itertools import chain

from monitor.errors import StoreError
from monitor.model import (
    Arrival,
    ArriveResult,
    DueFeed,
    EntryMarks,
    Feed,
    FeedAsks,
    FeedUpdate,
    IdentityRecord,
    KnownEntry,
    NewArticle,
    Rhythm,
)
from monitor.ports import Clock
from monitor.store.connection import Database
from monitor.store.pages import keep_page, want_pages
from monitor.store.part import StorePart
from monitor.store.pushing import note_arrival
from monitor.store.values import (
    asks_from,
    moved_from,
    rhythm_from,
    span_or_none_from,
    storable,
    storable_all,
    stored_asks,
    stored_rhythm,
    stored_span,
    stored_time,
    stored_time_or_none,
    time_from,
    time_or_none_from,
)

LISTED_STEP = timedelta(days=1)
"""How old the note "the feed lists this entry" may grow before it is written anew."""

_KEYS_A_QUERY = 500
_ROWS_A_STATEMENT = 32
# Three looks in a row that find what a hub had not pushed, and its pushing counts for nothing.
_DUE = (
    "SELECT feed.*, (SELECT until FROM push WHERE push.feed = feed.id AND push.state = 'live'"
    " AND push.missed < 3) AS pushed_until FROM feed"
)
_ENTRY = "key, article, listed, content_hash, link, title, date, reason"


@dataclass(slots=True)
class _Waiting:
    """An arrival on its way into the database, and what became of it."""

    arrival: Arrival
    done: bool = False
    result: ArriveResult | None = None
    error: Exception | None = None


class Arriving(StorePart):
    """Feeds and arrivals."""

    def __init__(self, database: Database, clock: Clock) -> None:
        super().__init__(database, clock)
        self._queue: list[_Waiting] = []
        self._queue_lock = threading.Lock()
        self._arriving = threading.Lock()

    def sync_feeds(self, feeds: Sequence[Feed], now: datetime) -> None:
        """Make the known feeds those of the config: new ones are due at once, missing ones are kept but never due.

        A feed that is switched off counts as missing. One that was gone (410) and comes back into the config after it
        was taken out is looked at again.
        """
        with self._database.writing() as db:
            known = {row["url"]: row["configured"] for row in db.execute("SELECT url, configured FROM feed")}
            live = {storable(feed.url): storable(feed.name) for feed in feeds if feed.enabled}
            db.executemany(
                "INSERT INTO feed (url, name, configured, added, next_check) VALUES (?, ?, 1, ?, ?)",
                [(url, name, stored_time(now), stored_time(now)) for url, name in live.items() if url not in known],
            )
            db.executemany(
                "UPDATE feed SET configured = 1, name = ?1, gone = CASE configured WHEN 0 THEN 0 ELSE gone END"
                " WHERE url = ?2 AND (configured = 0 OR name <> ?1)",
                [(name, url) for url, name in live.items() if url in known],
            )
            db.executemany(
                "UPDATE feed SET configured = 0 WHERE url = ?",
                [(url,) for url, configured in known.items() if configured and url not in live],
            )

    def claim_due_feeds(self, now: datetime, *, limit: int, lease: timedelta) -> tuple[DueFeed, ...]:
        """Feeds whose next check has come, the longest overdue first.

        Claimed: no one else gets them until the lease ends or the look is stored.
        """
        with self._database.writing() as db:
            rows = db.execute(
                f"{_DUE} WHERE configured = 1 AND gone = 0 AND next_check <= ?1"
                " AND (claimed_until IS NULL OR claimed_until <= ?1) ORDER BY next_check, id LIMIT ?2",
                (stored_time(now), limit),
            ).fetchall()
            _claim(db, rows, now + lease)
        return tuple(_due_feed(row) for row in rows)

    def claim_feeds(self, urls: Sequence[str], now: datetime, *, lease: timedelta) -> tuple[DueFeed, ...]:
        """These feeds, as ``claim_feed`` does, in one commit; in their order, without those that can't be had."""
        claimed: dict[str, DueFeed] = {}
        with self._database.writing() as db:
            for start in range(0, len(urls), _KEYS_A_QUERY):
                some = [storable(url) for url in urls[start : start + _KEYS_A_QUERY]]
                marks = ", ".join("?" * len(some))
                rows = db.execute(
                    f"{_DUE} WHERE url IN ({marks}) AND configured = 1"
                    " AND (claimed_until IS NULL OR claimed_until <= ?)",
                    (*some, stored_time(now)),
                ).fetchall()
                _claim(db, rows, now + lease)
                claimed.update((row["url"], _due_feed(row)) for row in rows)
        return tuple(claimed[key] for url in urls if (key := storable(url)) in claimed)

    def claim_feed(self, url: str, now: datetime, *, lease: timedelta) -> DueFeed | None:
        """This feed, due or not, also when it was gone; None when unknown, not in the config, or claimed by another."""
        with self._database.writing() as db:
            rows = db.execute(
                f"{_DUE} WHERE url = ?1 AND configured = 1 AND (claimed_until IS NULL OR claimed_until <= ?2)",
                (storable(url), stored_time(now)),
            ).fetchall()
            _claim(db, rows, now + lease)
        return _due_feed(rows[0]) if rows else None

    def unseen_keys(self, feed_id: int, keys: Sequence[str]) -> frozenset[str]:
        """Those of an entry's identity keys that this feed never brought before."""
        with self._database.reading() as db:
            known = _known_entries(db, feed_id, list({storable(key) for key in keys}))
        return frozenset(key for key in keys if storable(key) not in known)

    def postpone(self, feed_id: int, until: datetime, why: str) -> None:
        """Put a claimed feed off that was not looked at, or not by its own fault; nothing else about it changes."""
        with self._database.writing() as db:
            db.execute(
                "UPDATE feed SET next_check = ?, why = ?, claimed_until = NULL WHERE id = ?",
                (stored_time(until), storable(why), feed_id),
            )

    def keep_rest(self, host: str, until: datetime) -> None:
        """A host asked for rest until then; of two wishes the longer one holds. What is over is forgotten."""
        with self._database.writing() as db:
            db.execute("DELETE FROM resting WHERE until <= ?", (stored_time(self._clock.now()),))
            db.execute(
                "INSERT INTO resting (host, until, kept) VALUES (?1, ?2, ?3)"
                " ON CONFLICT (host) DO UPDATE SET until = excluded.until, kept = ?3 WHERE excluded.until > until",
                (storable(host), stored_time(until), stored_time(self._clock.now())),
            )

    def resting(self) -> tuple[tuple[str, datetime], ...]:
        """The hosts that want rest now, and until when."""
        with self._database.reading() as db:
            rows = db.execute(
                "SELECT host, until FROM resting WHERE until > ? ORDER BY host", (stored_time(self._clock.now()),)
            ).fetchall()
        return tuple((row["host"], time_from(row["until"])) for row in rows)

    def give_back(self, feed_id: int) -> None:
        """End the claim of a feed with which nothing was done; nothing else about it changes."""
        with self._database.writing() as db:
            db.execute("UPDATE feed SET claimed_until = NULL WHERE id = ?", (feed_id,))

    def forgive(self, feed_ids: Sequence[int], now: datetime) -> None:
        """Take back the last failure of these feeds: it was not theirs. They are due now."""
        with self._database.writing() as db:
            db.executemany(
                "UPDATE feed SET failures = max(failures - 1, 0), next_check = min(next_check, ?) WHERE id = ?",
                [(stored_time(now), feed_id) for feed_id in feed_ids],
            )

    def rhythms(self) -> tuple[tuple[str, Rhythm | None, FeedAsks], ...]:
        """The rhythm of each configured feed, and what it asks for: what a budget is shared out by."""
        with self._database.reading() as db:
            rows = db.execute("SELECT url, rhythm, asks FROM feed WHERE configured = 1 AND gone = 0").fetchall()
        return tuple((row["url"], rhythm_from(row["rhythm"]), asks_from(row["asks"])) for row in rows)

    def recall(self, feed_id: int, wanted: Sequence[tuple[str, str, EntryMarks]]) -> tuple[KnownEntry, ...]:
        """What is known of entries of this feed, each wanted by its key, by another key ("": none) and by its marks.

        Where the first key is unknown, the entries that have the same link or the same title are given too.
        """
        keys = {storable(key) for one, other, _ in wanted for key in (one, other) if key}
        with self._database.reading() as db:
            known = _known_entries(db, feed_id, list(keys))
            strangers = [marks for key, _, marks in wanted if storable(key) not in known]
            for column in ("link", "title"):
                values = {getattr(marks, column) for marks in strangers} - {0}
                rows = db.execute(
                    f"SELECT {_ENTRY} FROM entry WHERE feed = ? AND {column} <> 0"  # noqa: S608 - only our own names are put in
                    f" AND {column} IN (SELECT value FROM json_each(?))",
                    (feed_id, json.dumps(list(values))),
                )
                known.update((row["key"], row) for row in rows)
        return tuple(
            KnownEntry(
                key=row["key"],
                marks=EntryMarks(link=row["link"], title=row["title"], date=row["date"]),
                content=row["content_hash"],
            )
            for row in known.values()
        )

    def arrive(self, arrival: Arrival) -> ArriveResult:
        """T1: new and changed articles and the feed's row in one commit; the feed's claim ends.

        A known entry with another ``content_hash`` is a changed article: its text is replaced, and it waits to be
        judged again, in its story and as quiet as it was. An entry that repeats a key of the same arrival counts as
        known: the first one holds. An entry whose article retention took away stays known and brings nothing back.

        Raises:
            StoreError: the feed is unknown, or the database refused; nothing was kept.
        """
        waiting = _Waiting(arrival)
        with self._queue_lock:
            self._queue.append(waiting)
        # Whoever gets the lock stores all that has come meanwhile: looks that end together share one wait for the disk.
        with self._arriving:
            if not waiting.done:
                with self._queue_lock:
                    batch, self._queue = self._queue, []
                self._store_together(batch)
        if waiting.error is not None:
            raise waiting.error
        assert waiting.result is not None
        return waiting.result

    def _store_together(self, batch: Sequence[_Waiting]) -> None:
        """Each arrival whole or not at all; one that is refused does not take the others with it."""
        try:
            with self._database.writing() as db:
                results = _arrive_all(db, [waiting.arrival for waiting in batch])
        except Exception as error:  # noqa: BLE001 - handed to the thread that it belongs to
            if len(batch) > 1:
                for waiting in batch:
                    self._store_together([waiting])
                return
            batch[0].error, batch[0].done = error, True
            return
        except BaseException:
            # This thread is being ended: the others must not wait for it for ever.
            for waiting in batch:
                waiting.error, waiting.done = StoreError("the commit was broken off"), True
            raise
        for waiting, result in zip(batch, results, strict=True):
            waiting.result, waiting.done = result, True


def _arrive_all(db: sqlite3.Connection, arrivals: Sequence[Arrival]) -> list[ArriveResult]:
    """T1 of some looks, within the transaction that is open.

    The search index takes all that is new at once, and last: whatever is written behind its back makes it put away what
    it has, in pieces that it has to bring together later.
    """
    last = _last_article(db)
    results = [_arrive(db, arrival, last) for arrival in arrivals]
    if any(result.new for result in results):
        db.execute(
            "INSERT INTO article_fts (rowid, title, text) SELECT id, title, text FROM article WHERE id > ?", (last,)
        )
    return results


def _last_article(db: sqlite3.Connection) -> int:
    row = db.execute("SELECT seq FROM sqlite_sequence WHERE name = 'article'").fetchone()
    return 0 if row is None else int(row["seq"])


def _arrive(db: sqlite3.Connection, arrival: Arrival, indexed: int) -> ArriveResult:
    """T1 of one look. Articles up to ``indexed`` are in the search index, later ones not yet."""
    update = arrival.feed
    keys = storable_all(*(article.key for article in arrival.articles))
    arrived = dict(zip(reversed(keys), reversed(arrival.articles), strict=True))
    feed = db.execute("SELECT listed, body_hash FROM feed WHERE id = ?", (update.feed_id,)).fetchone()
    if feed is None:
        raise StoreError(f"feed {update.feed_id} is not in the database; was it restored from a backup?")
    known = _known_entries(db, update.feed_id, list(arrived))
    # Reversed twice: in the feed's own order.
    new = [(key, arrived[key]) for key in reversed(arrived) if key not in known]
    differing = [(row, arrived[key]) for key, row in known.items() if row["content_hash"] != arrived[key].content_hash]
    changed = [(row["article"], article) for row, article in differing if row["article"] is not None]
    _add_articles(db, update.feed_id, new, update.checked, arrival.page_wait)
    _change_articles(db, changed, update.checked, indexed)
    db.executemany(
        "UPDATE entry SET content_hash = ? WHERE feed = ? AND key = ?",
        [(storable(article.content_hash), update.feed_id, row["key"]) for row, article in differing],
    )
    note_arrival(db, update.feed_id, brought_new=bool(new), pushed=update.pushed)
    if arrived and not update.pushed:
        _note_listed(db, update, feed["listed"], known.values())
    if arrived:
        _note_identity(db, update.feed_id, [(row, arrived[key]) for key, row in known.items()])
    if update.pushed:
        _update_pushed(db, update, brought_new=bool(new))
    else:
        _update_feed(db, update, brought_new=bool(new), entries=len(arrived), old_body=feed["body_hash"])
    return ArriveResult(new=len(new), changed=len(changed), known=len(arrival.articles) - len(new) - len(changed))


def _claim(db: sqlite3.Connection, rows: Sequence[sqlite3.Row], until: datetime) -> None:
    db.executemany("UPDATE feed SET claimed_until = ? WHERE id = ?", [(stored_time(until), row["id"]) for row in rows])


def _due_feed(row: sqlite3.Row) -> DueFeed:
    return DueFeed(
        id=row["id"],
        url=row["url"],
        title=row["title"],
        etag=row["etag"],
        last_modified=row["last_modified"],
        body_hash=row["body_hash"],
        failures=row["failures"],
        first_sight=row["last_ok"] is None,
        last_new=time_or_none_from(row["last_new"]),
        interval=span_or_none_from(row["interval"]),
        last_ok=time_or_none_from(row["last_ok"]),
        listed=row["entries"],
        rhythm=rhythm_from(row["rhythm"]),
        asks=asks_from(row["asks"]),
        closest=span_or_none_from(row["closest"]),
        whole_at=time_or_none_from(row["whole_at"]),
        distrust_until=time_or_none_from(row["distrust_until"]),
        moved=moved_from(row),
        identity=IdentityRecord(**json.loads(row["identity"])),
        pushed_until=time_or_none_from(row["pushed_until"]),
    )


def _known_entries(db: sqlite3.Connection, feed: int, keys: Sequence[str]) -> dict[str, sqlite3.Row]:
    known: dict[str, sqlite3.Row] = {}
    for start in range(0, len(keys), _KEYS_A_QUERY):
        some = keys[start : start + _KEYS_A_QUERY]
        marks = ", ".join("?" * len(some))
        rows = db.execute(
            f"SELECT {_ENTRY} FROM entry WHERE feed = ? AND key IN ({marks})",  # noqa: S608 - question marks
            (feed, *some),
        )
        known.update((row["key"], row) for row in rows)
    return known


def _add_articles(
    db: sqlite3.Connection, feed: int, new: Sequence[tuple[str, NewArticle]], listed: datetime, page_wait: timedelta
) -> None:
    if not new:
        return
    # The ids are given out here, under the write lock, so that articles and entries can be written in batches.
    first = _last_article(db) + 1
    numbered = [(number, key, article) for number, (key, article) in enumerate(new, first)]
    at = stored_time(listed)
    _insert(
        db,
        "INSERT INTO article (id, feed, state, quiet, discovered, published, published_raw, language_hint, waits_until,"
        " key, key_reason, url, canonical_url, source, author, title, text, links)",
        [
            (
                number,
                feed,
                "new",
                article.quiet,
                stored_time(article.discovered),
                stored_time_or_none(article.published),
                storable(article.published_raw),
                article.language_hint,
                at + stored_span(page_wait) if _reads_page(article) else None,
                key,
                article.key_reason,
                *_texts(article),
            )
            for number, key, article in numbered
        ],
    )
    want_pages(
        db, [(number, article.page, article.text) for number, _, article in numbered if _reads_page(article)], listed
    )
    _insert(
        db,
        "INSERT INTO entry (feed, key, article, listed, content_hash, link, title, date, reason)",
        sorted(
            (feed, key, number, at, storable(article.content_hash), *_marks(article), article.reason)
            for number, key, article in numbered
        ),
    )


def _insert(db: sqlite3.Connection, into: str, rows: Sequence[tuple[object, ...]]) -> None:
    """Rows of one table by few statements, the larger ones first; so there are not many for SQLite to remember.

    With each statement Python's lock is let go of, and the other threads that look at feeds take it.
    """
    start = 0
    while start < len(rows):
        count = min(1 << (len(rows) - start).bit_length() - 1, _ROWS_A_STATEMENT)
        some = rows[start : start + count]
        row = f"({', '.join('?' * len(some[0]))})"
        db.execute(f"{into} VALUES {', '.join([row] * count)}", [*chain.from_iterable(some)])
        start += count


def _reads_page(article: NewArticle) -> bool:
    return bool(article.page) and not article.quiet


def _change_articles(
    db: sqlite3.Connection, changed: Sequence[tuple[int, NewArticle]], at: datetime, indexed: int
) -> None:
    changed = [
        (number, replace(article, text=keep_page(db, number, storable(article.text), at)))
        for number, article in changed
    ]
    ids = [(number,) for number, _ in changed if number <= indexed]
    # The index must be told the very words that it holds before they are replaced.
    db.executemany(
        "INSERT INTO article_fts (article_fts, rowid, title, text) SELECT 'delete', id, title, text FROM article"
        " WHERE id = ?",
        ids,
    )
    # A date that the feed gave first holds: many feeds stamp an edit as new. One that comes late is not later than
    # the discovery.
    db.executemany(
        "UPDATE article SET state = 'new', version = version + 1, aside_reason = NULL,"
        " published = coalesce(published, min(?, discovered)),"
        " published_raw = ?, language_hint = ?, url = ?, canonical_url = ?, source = ?, author = ?, title = ?,"
        " text = ?, links = ? WHERE id = ?",
        [
            (
                stored_time_or_none(article.published),
                storable(article.published_raw),
                article.language_hint,
                *_texts(article),
                number,
            )
            for number, article in changed
        ],
    )
    db.executemany("INSERT INTO article_fts (rowid, title, text) SELECT id, title, text FROM article WHERE id = ?", ids)


def _texts(article: NewArticle) -> tuple[str, ...]:
    texts = (article.url, article.canonical_url, article.source, article.author, article.title, article.text)
    return storable_all(*texts, " ".join(article.links))


def _note_listed(
    db: sqlite3.Connection, update: FeedUpdate, listed_before: int | None, known: Iterable[sqlite3.Row]
) -> None:
    """Note that the feed lists its entries now, at most once a day for each.

    An unchanged document is not read again (304), so its entries' notes grow old though it still lists them. When a new
    document comes after such a time, all entries of the one before count as listed until about now: that is when they
    left. Their note is made just too old to be taken for one of the new document.
    """
    now = stored_time(update.checked)
    step = stored_span(LISTED_STEP)
    if listed_before is not None and listed_before < now - step:
        db.execute(
            "UPDATE entry SET listed = ? WHERE feed = ? AND listed >= ?",
            (now - step - 1, update.feed_id, listed_before - step),
        )
    db.executemany(
        "UPDATE entry SET listed = ? WHERE feed = ? AND key = ?",
        [(now, update.feed_id, row["key"]) for row in known if row["listed"] < now - step],
    )
    db.execute("UPDATE feed SET listed = ? WHERE id = ?", (now, update.feed_id))


def _note_identity(db: sqlite3.Connection, feed: int, known: Iterable[tuple[sqlite3.Row, NewArticle]]) -> None:
    """Known entries take on the marks that they have now, and the key, where that is another.

    Why an entry was last known by more than its key stays to be read; that it is known under it says nothing new.
    """
    differing = [
        (row, article)
        for row, article in known
        if article.new_key or (row["link"], row["title"], row["date"]) != _marks(article)
    ]
    db.executemany(
        "UPDATE entry SET link = ?, title = ?, date = ?, reason = ? WHERE feed = ? AND key = ?",
        [
            (*_marks(article), article.reason if article.new_key else row["reason"], feed, row["key"])
            for row, article in differing
        ],
    )
    for row, article in differing:
        if article.new_key:
            # Taken by another entry meanwhile (a lease that was outrun): then the entry keeps the key that it has.
            changed = db.execute(
                "UPDATE OR IGNORE entry SET key = ? WHERE feed = ? AND key = ?",
                (storable(article.new_key), feed, row["key"]),
            )
            if changed.rowcount:
                db.execute("UPDATE article SET key = ? WHERE id = ?", (storable(article.new_key), row["article"]))


def _marks(article: NewArticle) -> tuple[int, int, int]:
    return article.marks.link, article.marks.title, article.marks.date


def _update_pushed(db: sqlite3.Connection, update: FeedUpdate, *, brought_new: bool) -> None:
    """The feed after a push. It was no look: when the next one is, and what the last one met, stays."""
    db.execute(
        "UPDATE feed SET claimed_until = NULL, rhythm = coalesce(?, rhythm),"
        " last_new = CASE WHEN ? THEN ? ELSE last_new END, identity = coalesce(?, identity) WHERE id = ?",
        (
            None if update.rhythm is None else stored_rhythm(update.rhythm),
            brought_new,
            stored_time(update.checked),
            None if update.identity is None else json.dumps(asdict(update.identity)),
            update.feed_id,
        ),
    )


def _update_feed(
    db: sqlite3.Connection, update: FeedUpdate, *, brought_new: bool, entries: int, old_body: str | None
) -> None:
    checked = stored_time(update.checked)
    moved = update.moved
    # What was said of the last document holds while that document does: a 304 or a failure says nothing of it.
    read_anew = bool(update.problems) or entries > 0 or update.body_hash != old_body
    db.execute(
        "UPDATE feed SET checked = :checked, next_check = :next_check, interval = :interval, claimed_until = NULL,"
        " etag = :etag, last_modified = :last_modified, body_hash = :body_hash, status = :status,"
        " title = coalesce(nullif(:title, ''), title), error = :error, fault = :fault, failures = :failures,"
        " gone = :gone, moved_to = :moved_to, moved_since = :moved_since, moved_looks = :moved_looks,"
        " why = :why, rhythm = coalesce(:rhythm, rhythm), asks = coalesce(:asks, asks), closest = :closest,"
        " whole_at = :whole_at, distrust_until = :distrust_until, gaps = gaps + (:gap <> ''),"
        " last_gap = CASE :gap WHEN '' THEN last_gap ELSE :checked END, gap = coalesce(nullif(:gap, ''), gap),"
        " last_ok = CASE :error WHEN '' THEN :checked ELSE last_ok END,"
        " last_new = CASE WHEN :brought_new THEN :checked ELSE last_new END,"
        " entries = CASE WHEN :read_anew THEN :entries ELSE entries END,"
        " problems = CASE WHEN :read_anew THEN :problems ELSE problems END,"
        " identity = coalesce(:identity, identity)"
        " WHERE id = :id",
        {
            "id": update.feed_id,
            "checked": checked,
            "next_check": stored_time(update.next_check),
            "interval": stored_span(update.interval),
            "etag": None if update.etag is None else storable(update.etag),
            "last_modified": None if update.last_modified is None else storable(update.last_modified),
            "body_hash": update.body_hash,
            "status": update.status,
            "title": storable(update.title),
            "error": storable(update.error),
            "fault": update.fault,
            "failures": update.failures,
            "gone": update.gone,
            "moved_to": None if moved is None else storable(moved.to),
            "moved_since": None if moved is None else stored_time(moved.since),
            "moved_looks": 0 if moved is None else moved.looks,
            "why": storable(update.why),
            "rhythm": None if update.rhythm is None else stored_rhythm(update.rhythm),
            "asks": None if update.asks is None else stored_asks(update.asks),
            "closest": None if update.closest is None else stored_span(update.closest),
            "whole_at": stored_time_or_none(update.whole_at),
            "distrust_until": stored_time_or_none(update.distrust_until),
            "gap": storable(update.gap),
            "brought_new": brought_new,
            "read_anew": read_anew,
            "entries": entries,
            "problems": json.dumps(update.problems),
            "identity": None if update.identity is None else json.dumps(asdict(update.identity)),
        },
    )
