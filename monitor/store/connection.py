"""Connections to the database file: opening it safely, one writer, readers beside it, errors translated.

On the article's way: beneath all of it. A write is one ``writing()`` block: BEGIN IMMEDIATE, so that a read followed by
a write never meets "database is locked" half-way, then everything or nothing. A read borrows a connection of its own
and sees the last commit, also while a write goes on (WAL).

Does not know what the tables mean.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

from sqlite_utils import Database as Tables

from monitor.errors import StoreBusy, StoreDamaged, StoreError, StoreFull
from monitor.store import schema

BUSY_TIMEOUT = 10.0
"""Seconds to wait for another process to end its write before ``StoreBusy``."""

_CLOSING_MILLISECONDS = 500
_READER_CACHE_KB = 256
# A batch of judgements changes some thousand pages at random: with less they are written and read again meanwhile.
_WRITER_CACHE_KB = 16_384
_MAGIC = b"SQLite format 3\x00"
_HEADER_BYTES = 100
_DISK_FAULTS = frozenset(
    {
        sqlite3.SQLITE_IOERR,  # with nothing more said: a copy that found no space for what did not fit in memory
        sqlite3.SQLITE_IOERR_WRITE,
        sqlite3.SQLITE_IOERR_FSYNC,
        sqlite3.SQLITE_IOERR_DIR_FSYNC,
        sqlite3.SQLITE_IOERR_TRUNCATE,
        sqlite3.SQLITE_IOERR_SHMSIZE,  # the WAL's index can't grow: how a full disk shows when a database is opened
        sqlite3.SQLITE_IOERR_SHMMAP,
        sqlite3.SQLITE_IOERR_NOMEM,
    }
)


def translated(error: sqlite3.Error, path: Path) -> StoreError:
    """The error of ours that says what SQLite met, where, and what to do."""
    # Errors of the module itself (a closed connection, say) carry no code.
    extended = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR)
    match extended & 0xFF:
        case sqlite3.SQLITE_FULL:
            return StoreFull(f"{path}: the disk is full; free some space, and the work goes on where it stopped")
        case sqlite3.SQLITE_IOERR if extended in _DISK_FAULTS:
            return StoreFull(f"{path}: the disk took no more ({error}); look at its free space and its health")
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return StoreBusy(f"{path}: another process holds the database; is a backup or another command running?")
        case sqlite3.SQLITE_CORRUPT:
            return StoreDamaged(f"{path}: the database is damaged ({error}); stop the service and restore a backup")
        case sqlite3.SQLITE_NOTADB:
            return StoreDamaged(f"{path}: this is not a SQLite database; move it away or name another state directory")
        case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_CANTOPEN | sqlite3.SQLITE_PERM:
            return StoreError(f"{path}: the database can't be written ({error}); look at its owner and permissions")
        case _:
            return StoreError(f"{path}: the database refused: {error}")


class Database:
    """One SQLite file of ours: a writer behind a lock, and a pool of readers.

    Thread-safe. Made by ``open``; ``close`` ends it.
    """

    def __init__(self, path: Path, writer: sqlite3.Connection, how: str = "") -> None:
        self.path = path
        self._how = how
        self._writer = writer
        self._lock = threading.RLock()
        self._pool_lock = threading.Lock()
        self._idle: list[sqlite3.Connection] = []
        self._closed = False
        self._opened = _identity(path)

    @classmethod
    def open(
        cls, path: Path, *, max_pages: int | None = None, durable: bool = True, only_reading: bool = False
    ) -> Database:
        """Open the file, or make it with mode 0600, and bring its schema up to date.

        ``max_pages`` caps the file's size in pages of 4096 bytes. Not ``durable``: commits don't wait for the disk,
        for a file that is thrown away. ``only_reading`` makes and changes nothing.

        Raises:
            StoreDamaged: not a database, one of another program, a newer one, or cut off. The file is left as it is.
            StoreFull: no space for the first tables.
            StoreError: the file can't be made, read or written, or is missing or too old while ``only_reading``.
        """
        _look_at_file(path, make=not only_reading)
        how = _how_to_read(path) if only_reading else ""
        try:
            with contextlib.ExitStack() as undo:
                writer = _connect(path, how)
                undo.callback(writer.close)
                _refuse_foreign(writer, path)
                if only_reading:
                    _refuse_old(writer, path)
                    writer.execute("PRAGMA query_only = ON")
                else:
                    writer.execute("PRAGMA journal_mode = WAL")
                    writer.execute(f"PRAGMA cache_size = -{_WRITER_CACHE_KB}")
                    if not durable:
                        writer.execute("PRAGMA synchronous = OFF")
                    if max_pages is not None:
                        writer.execute(f"PRAGMA max_page_count = {int(max_pages)}")
                    _migrate(writer)
                undo.pop_all()
        except sqlite3.Error as error:
            raise translated(error, path) from error
        return cls(path, writer, how)

    def in_place(self) -> bool:
        """Whether the path still leads to the file that was opened.

        It does not once someone has removed the file or put another in its place: SQLite goes on writing to the one
        that was opened, and all of that is gone when it is closed.
        """
        return self._opened is not None and _identity(self.path) == self._opened

    @contextlib.contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """One immediate write transaction: committed on leaving, rolled back on any exception.

        Raises:
            StoreFull, StoreBusy, StoreDamaged, StoreError: as SQLite refused; nothing of the block was kept.
        """
        with self._lock, self.translating(), _immediate(self._writer):
            yield self._writer

    @contextlib.contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """A connection for reading, this block's alone. Sees the last commit."""
        with self.translating():
            reader = self._borrow()
            try:
                yield reader
            finally:
                self._give_back(reader)

    @contextlib.contextmanager
    def translating(self) -> Iterator[None]:
        """SQLite's errors become ours on the way out; any other passes untouched."""
        try:
            yield
        except sqlite3.Error as error:
            raise translated(error, self.path) from error

    def close(self) -> None:
        """Checkpoint and close all connections; a second call does nothing. Waits for a write that goes on."""
        with self._lock, self._pool_lock:
            if self._closed:
                return
            self._closed = True
            for reader in self._idle:
                reader.close()
            self._idle.clear()
            try:
                # Whoever stops the service does not wait for another process that reads.
                self._writer.execute(f"PRAGMA busy_timeout = {_CLOSING_MILLISECONDS}")
                self._writer.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            except sqlite3.Error:
                # Only tidiness is lost (a full disk, another reader): the next start reads the WAL.
                pass
            finally:
                self._writer.close()

    def _borrow(self) -> sqlite3.Connection:
        with self._pool_lock:
            if self._closed:
                raise StoreError(f"{self.path}: the database was closed")
            if self._idle:
                return self._idle.pop()
        reader = _connect(self.path, self._how)
        reader.execute("PRAGMA query_only = ON")
        # One for each thread that reads; what it does not keep the system does.
        reader.execute(f"PRAGMA cache_size = -{_READER_CACHE_KB}")
        return reader

    def _give_back(self, reader: sqlite3.Connection) -> None:
        with self._pool_lock:
            if not self._closed:
                self._idle.append(reader)
                return
        reader.close()


def plain(db: sqlite3.Connection) -> sqlite3.Cursor:
    """A cursor whose rows are bare tuples: where hundreds are read for each article, names cost more than the rows."""
    cursor = db.cursor()
    cursor.row_factory = None
    return cursor


@contextlib.contextmanager
def _immediate(connection: sqlite3.Connection) -> Iterator[None]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        # A full disk makes SQLite roll back by itself: nothing is left to undo then.
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _how_to_read(path: Path) -> str:
    """How a database is opened by whoever only reads, as the query of an SQLite URI.

    Reading with a write-ahead log makes two files beside the database. For a user who may not, the log of a service
    that runs is read as it is; where there is none nobody writes, and the file can be read without any lock.
    """
    if os.access(path.parent, os.W_OK) and os.access(path, os.W_OK):
        return ""
    return "?mode=ro" if _has_log(path) else "?mode=ro&immutable=1"


def _has_log(path: Path) -> bool:
    with contextlib.suppress(FileNotFoundError):
        return path.with_name(path.name + "-wal").stat().st_size > 0
    return False


def _connect(path: Path, how: str = "") -> sqlite3.Connection:
    place = f"{path.absolute().as_uri()}{how}" if how else path
    # Transactions are begun by hand (isolation_level None); the locks here keep a connection to one thread at a time.
    connection = sqlite3.connect(
        place, timeout=BUSY_TIMEOUT, isolation_level=None, check_same_thread=False, uri=bool(how)
    )
    connection.row_factory = sqlite3.Row
    try:
        # FULL: a commit is on the disk when it returns. With less, a power cut could take back a feed's articles.
        for pragma in ("foreign_keys = ON", "synchronous = FULL", "temp_store = MEMORY", "trusted_schema = OFF"):
            connection.execute(f"PRAGMA {pragma}")
    except BaseException:
        connection.close()
        raise
    return connection


def _look_at_file(path: Path, *, make: bool) -> None:
    """Make a missing file for its owner alone; refuse what SQLite would misread or overwrite."""
    try:
        if make:
            with contextlib.suppress(FileExistsError):
                os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
        # Asked before and after: another process may be bringing its log into the file, and take it away, meanwhile.
        pending = _has_log(path)
        with path.open("rb") as file:
            header = file.read(_HEADER_BYTES)
            size = file.seek(0, os.SEEK_END)
        pending = pending or _has_log(path)
    except OSError as error:
        raise StoreError(f"{path}: the database can't be opened: {error.strerror or error}") from error
    if not header:
        return
    if not header.startswith(_MAGIC):
        raise StoreDamaged(f"{path}: this is not a SQLite database; move it away or name another state directory")
    # https://www.sqlite.org/fileformat.html: page size at 16, pages at 28, valid when the counters at 24 and 92 agree.
    page_size = int.from_bytes(header[16:18]) or 1
    page_size = 65536 if page_size == 1 else page_size
    pages = int.from_bytes(header[28:32])
    counted = header[24:28] == header[92:96]
    if len(header) < _HEADER_BYTES or (counted and not pending and size < pages * page_size):
        raise StoreDamaged(f"{path}: the database is cut off ({size} bytes); restore a backup")


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _tables(connection: sqlite3.Connection) -> set[str]:
    return {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}


def _refuse_foreign(connection: sqlite3.Connection, path: Path) -> None:
    tables = _tables(connection)
    (application_id,) = connection.execute("PRAGMA application_id").fetchone()
    if application_id != schema.APPLICATION_ID and (tables or application_id):
        raise StoreDamaged(
            f"{path}: this is the database of another program; move it away or name another state directory"
        )
    newer = _applied(connection) - set(schema.names())
    if newer:
        raise StoreDamaged(
            f"{path}: the database was made by a newer version of this program ({', '.join(sorted(newer))}); "
            "install that version again, or restore a backup made by this one"
        )


def _refuse_old(connection: sqlite3.Connection, path: Path) -> None:
    if set(schema.names()) - _applied(connection):
        raise StoreError(f"{path}: the database is of an older version; start the service once to bring it up to date")


def _applied(connection: sqlite3.Connection) -> set[str]:
    tables = Tables(connection, recursive_triggers=False, execute_plugins=False)
    return {migration.name for migration in schema.migrations.applied(tables)}


def _migrate(connection: sqlite3.Connection) -> None:
    """Apply what is missing, each migration whole or not at all.

    All of them stand in one immediate transaction (each in a savepoint of it), so two processes that open a new file at
    once do not both build it.
    """
    tables = Tables(connection, recursive_triggers=False, execute_plugins=False)
    if not schema.migrations.pending(tables):
        return
    with _immediate(connection):
        schema.migrations.apply(tables)
