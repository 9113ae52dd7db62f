"""Opening the database: made for its owner alone, refused in words, never overwritten; errors in our own kinds."""

from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
import sys

import pytest
from store_builders import (
    DAY,
    NOON,
    ManualClock,
    alerted,
    arrived,
    feed_in,
    files_no_larger_than,
    judgement,
    new_article,
    recorded,
    update,
)

from monitor.errors import StoreBusy, StoreDamaged, StoreError, StoreFull
from monitor.model import Arrival
from monitor.store import SqliteStore, connection, schema


@pytest.fixture
def path(tmp_path):
    return tmp_path / "monitor.db"


def opened(path, **values):
    return SqliteStore.open(path, clock=ManualClock(), **values)


def query(path, sql):
    with sqlite3.connect(path) as db:
        rows = db.execute(sql).fetchall()
    db.close()
    return rows


def test_the_files_are_for_their_owner_alone(path):
    before = os.umask(0)
    try:
        with opened(path) as store:
            feed_in(store)
            modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()}
    finally:
        os.umask(before)
    assert modes == {"monitor.db": 0o600, "monitor.db-wal": 0o600, "monitor.db-shm": 0o600}


def test_what_was_stored_is_there_after_a_reopening(path):
    with opened(path) as store:
        feed_in(store)
        arrived(store, new_article())
    assert not path.with_name("monitor.db-wal").exists(), "closing leaves one tidy file"
    with opened(path) as store:
        assert [article.key for article in store.unjudged(5)] == ["a"]


def test_every_migration_is_applied_once(path):
    for _ in range(2):
        opened(path).close()
    applied = [name for (name,) in query(path, "SELECT name FROM _sqlite_migrations ORDER BY id")]
    assert applied == list(schema.names())
    assert schema.version() == len(applied)
    assert query(path, "PRAGMA application_id") == [(schema.APPLICATION_ID,)]
    assert query(path, "PRAGMA journal_mode") == [("wal",)]


def test_a_commit_is_on_the_disk_and_references_are_kept(store):
    with store._database.writing() as writer:
        assert writer.execute("PRAGMA synchronous").fetchone()[0] == 2
        assert writer.execute("PRAGMA foreign_keys").fetchone()[0] == 1
    with store._database.reading() as reader, pytest.raises(sqlite3.OperationalError, match="readonly"):
        reader.execute("DELETE FROM feed")


def test_a_database_to_be_thrown_away_does_not_wait_for_the_disk(path):
    with opened(path, durable=False) as store, store._database.writing() as writer:
        assert writer.execute("PRAGMA synchronous").fetchone()[0] == 0


def test_an_empty_file_is_filled(path):
    path.touch()
    with opened(path) as store:
        feed_in(store)


@pytest.mark.parametrize("content", [b"<html>not a database</html>", b"SQLite format 2\x00" + b"\x00" * 4096, b"S"])
def test_a_file_that_is_no_database_is_refused_and_left_alone(path, content):
    path.write_bytes(content)
    with pytest.raises(StoreDamaged, match=r"monitor\.db: this is not a SQLite database"):
        opened(path)
    assert path.read_bytes() == content


def test_another_programs_database_is_refused_and_left_alone(path):
    query(path, "CREATE TABLE diary (day TEXT)")
    content = path.read_bytes()
    with pytest.raises(StoreDamaged, match="another program"):
        opened(path)
    assert path.read_bytes() == content


def test_a_database_of_a_newer_version_is_refused_and_left_alone(path):
    opened(path).close()
    query(path, "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES ('news-watch', '9', '')")
    content = path.read_bytes()
    with pytest.raises(StoreDamaged, match="newer version"):
        opened(path)
    assert path.read_bytes() == content


@pytest.mark.parametrize("share", [0.5, 0.002])
def test_a_database_that_is_cut_off_is_refused(path, share):
    opened(path).close()
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])
    with pytest.raises(StoreDamaged, match=r"monitor\.db: .*(cut off|damaged|not a SQLite)"):
        opened(path)


def test_a_damaged_schema_is_refused(path):
    opened(path).close()
    content = bytearray(path.read_bytes())
    content[100:4096] = b"\xff" * 3996
    path.write_bytes(content)
    with pytest.raises(StoreDamaged, match="damaged"):
        opened(path)
    assert path.read_bytes() == content


def test_damage_met_later_is_told_as_such(path):
    with opened(path) as store:
        feed_in(store)
        arrived(store, *(new_article(f"n{n}", text="word " * 400) for n in range(50)))
    (root,) = query(path, "SELECT rootpage FROM sqlite_master WHERE name = 'article'")[0]
    content = bytearray(path.read_bytes())
    content[(root - 1) * 4096 : root * 4096] = b"\xff" * 4096
    path.write_bytes(content)
    with opened(path) as store:
        with pytest.raises(StoreDamaged, match="restore a backup"):
            store.unjudged(5)
        assert store.integrity_check()


def test_a_migration_that_fails_leaves_the_database_as_it_was(path, monkeypatch):
    opened(path).close()
    more = schema.Migrations("news-watch")
    more._migrations = [*schema.migrations._migrations]

    @more(name="0002-breaks")
    def breaks(db):
        db.execute("CREATE TABLE half (a)")
        db.execute("CREATE TABLE half (a)")

    with monkeypatch.context() as patch:
        patch.setattr(schema, "migrations", more)
        with pytest.raises(StoreError, match="half"):
            opened(path)
        with pytest.raises(StoreError, match="older version"):
            SqliteStore.open_reader(path, clock=ManualClock())
    assert query(path, "SELECT name FROM sqlite_master WHERE name = 'half'") == []
    opened(path).close()


def test_a_database_that_can_not_be_made_is_told_with_its_path(tmp_path):
    with pytest.raises(StoreError, match=r"nowhere/monitor\.db: .*No such file"):
        opened(tmp_path / "nowhere" / "monitor.db")
    with pytest.raises(StoreError, match="directory"):
        opened(tmp_path)


def test_a_reader_makes_nothing_and_changes_nothing(path):
    with pytest.raises(StoreError, match="No such file"):
        SqliteStore.open_reader(path, clock=ManualClock())
    assert not path.exists()
    with opened(path) as store, SqliteStore.open_reader(path, clock=ManualClock()) as reader:
        feed_in(store)
        assert len(reader.feeds()) == 1
        with pytest.raises(StoreError, match="written"):
            reader.sync_feeds([], NOON)
    path.write_bytes(b"")
    with pytest.raises(StoreError, match="older version"):
        SqliteStore.open_reader(path, clock=ManualClock())


def test_two_processes_that_make_the_file_at_once_make_it_once(path):
    code = (
        "import sys; from pathlib import Path; from monitor.clock import SystemClock; from monitor.store import"
        " SqliteStore; sys.stdin.readline(); SqliteStore.open(Path(sys.argv[1]), clock=SystemClock()).close()"
    )
    command = [sys.executable, "-W", "error", "-c", code, str(path)]
    racers = [subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(3)]
    for racer in racers:
        racer.stdin.write("go\n")
        racer.stdin.flush()
    ends = [(racer.communicate(timeout=60)[1], racer.returncode) for racer in racers]
    assert ends == [("", 0)] * 3
    assert len(query(path, "SELECT name FROM _sqlite_migrations")) == schema.version()


def test_a_full_disk_keeps_nothing_of_the_arrival_and_the_work_goes_on_with_space(path):
    with opened(path, max_pages=80) as store:
        feed_in(store)
        many = tuple(new_article(f"n{n}", text=f"word{n} " * 400) for n in range(300))
        with pytest.raises(StoreFull, match="disk is full") as full:
            store.arrive(Arrival(feed=update(etag='"new"'), articles=many))
        assert full.value.retry
        assert store.unjudged(5) == ()
        assert store.claim_feed("https://news.example/feed", NOON + DAY, lease=DAY).etag is None
        assert store.integrity_check() == ()
        with store._database.writing() as writer:
            writer.execute("PRAGMA max_page_count = 100000")
        assert store.arrive(Arrival(feed=update(), articles=many)).new == 300


def test_a_full_disk_at_the_first_start_leaves_a_file_that_a_second_start_fills(path):
    with pytest.raises(StoreFull, match="disk is full"):
        opened(path, max_pages=20)
    with opened(path) as store:
        feed_in(store)


def test_a_full_disk_while_judging_keeps_nothing_of_the_batch(path):
    with opened(path) as store:
        feed_in(store)
        articles = arrived(store, *(new_article(f"n{n}") for n in range(50)))
        with store._database.writing() as writer:
            (pages,) = writer.execute("PRAGMA page_count").fetchone()
            writer.execute(f"PRAGMA max_page_count = {pages + 2}")
        with pytest.raises(StoreFull), store.judging() as session:  # noqa: PT012 - a batch is what meets the full disk
            for article in articles:
                session.record(judgement(article, shingles=tuple(range(article.id * 1000, article.id * 1000 + 200))))
        assert len(store.unjudged(100)) == 50
        with store._database.writing() as writer:
            writer.execute("PRAGMA max_page_count = 100000")
        recorded(store, *(judgement(article) for article in articles))
        assert store.unjudged(100) == ()


def test_a_disk_that_is_full_at_the_end_costs_nothing_but_tidiness(path):
    store = opened(path)
    feed_in(store)
    arrived(store, *(new_article(f"n{n}", text=f"word{n} " * 400) for n in range(100)))
    with files_no_larger_than(path.stat().st_size):
        store.close()
    with opened(path) as store:
        assert len(store.unjudged(200)) == 100


def test_a_read_that_goes_on_while_the_store_closes_ends_well(path):
    store = opened(path)
    feed_in(store)
    with store._database.reading() as db:
        store.close()
        assert db.execute("SELECT count(*) FROM feed").fetchone()[0] == 1
    with pytest.raises(sqlite3.ProgrammingError):
        db.execute("SELECT 1")


def test_closing_does_not_wait_for_another_process_that_reads(path):
    store = opened(path)
    feed_in(store)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN")
    other.execute("SELECT count(*) FROM feed").fetchone()
    arrived(store, new_article())
    store.close()
    other.close()
    with opened(path) as store:
        assert len(store.unjudged(5)) == 1


def test_a_database_held_by_another_process_is_busy_and_free_again(path, monkeypatch):
    monkeypatch.setattr(connection, "BUSY_TIMEOUT", 0.05)
    with opened(path) as store:
        feed_in(store)
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreBusy, match="another process") as busy:
            arrived(store, new_article())
        assert busy.value.retry
        other.execute("ROLLBACK")
        other.close()
        assert len(arrived(store, new_article())) == 1


def test_a_write_inside_a_write_is_refused_and_takes_the_outer_with_it(store):
    """One thread that arrives inside its own judging would commit half of it."""
    feed_in(store)
    with pytest.raises(StoreError, match="transaction"), store.judging():
        store.arrive(Arrival(feed=update(), articles=(new_article(),)))
    alerted(store, "mail")


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (sqlite3.SQLITE_FULL, StoreFull),
        (sqlite3.SQLITE_IOERR_WRITE, StoreFull),
        (sqlite3.SQLITE_IOERR_SHMSIZE, StoreFull),
        (sqlite3.SQLITE_IOERR_READ, StoreError),
        (sqlite3.SQLITE_BUSY_SNAPSHOT, StoreBusy),
        (sqlite3.SQLITE_LOCKED, StoreBusy),
        (sqlite3.SQLITE_CORRUPT_VTAB, StoreDamaged),
        (sqlite3.SQLITE_NOTADB, StoreDamaged),
        (sqlite3.SQLITE_READONLY_DBMOVED, StoreError),
        (sqlite3.SQLITE_CONSTRAINT_UNIQUE, StoreError),
        (None, StoreError),
    ],
)
def test_each_refusal_has_its_kind_and_names_the_file(path, code, kind):
    error = sqlite3.OperationalError("as SQLite says it")
    if code is not None:
        error.sqlite_errorcode = code
    ours = connection.translated(error, path)
    assert type(ours) is kind
    assert str(ours).startswith(str(path))


def test_a_store_knows_whether_its_file_is_still_in_its_place(path, tmp_path):
    with opened(path) as store:
        assert store.in_place()
        path.rename(tmp_path / "aside.db")
        assert not store.in_place()
        path.touch()
        assert not store.in_place()
        path.unlink()
        (tmp_path / "aside.db").rename(path)
        assert store.in_place()
