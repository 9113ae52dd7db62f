"""``SqliteStore``: the parts of the store joined over one database file."""

from __future__ import annotations

from pathlib import Path
from typing import Self

from monitor.ports import Clock
from monitor.store.arriving import Arriving
from monitor.store.connection import Database
from monitor.store.delivering import Delivering
from monitor.store.judging import Judging
from monitor.store.keeping import Keeping
from monitor.store.noticing import Noticing
from monitor.store.outbox import Outbox
from monitor.store.pages import Pages
from monitor.store.pushing import Pushing
from monitor.store.reading import Reading
from monitor.store.stories import Stories
from monitor.store.upkeep import Upkeep


class SqliteStore(Arriving, Pushing, Pages, Judging, Delivering, Reading, Stories, Keeping, Upkeep, Noticing, Outbox):
    """``monitor.ports.Store`` over SQLite, with what the commands read beside it.

    Thread-safe; several processes may have the same file open. Made by ``open`` or ``open_reader``; ``close`` it, or
    use it in a ``with`` block.
    """

    @classmethod
    def open(cls, path: Path, *, clock: Clock, max_pages: int | None = None, durable: bool = True) -> Self:
        """Open the database, or make it (mode 0600), and bring its schema up to date.

        ``max_pages`` caps the file's size in pages of 4096 bytes: beyond it every write raises ``StoreFull``. Not
        ``durable``: commits don't wait for the disk, for a database that is thrown away afterwards.

        Raises:
            StoreDamaged: not a database, one of another program, one of a newer version, or a damaged one. The file is
                left as it is.
            StoreError: the file can't be made or opened.
        """
        return cls(Database.open(path, max_pages=max_pages, durable=durable), clock)

    @classmethod
    def open_reader(cls, path: Path, *, clock: Clock) -> Self:
        """Open an existing database for reading only; every write raises ``StoreError``.

        Raises:
            StoreDamaged: as for ``open``.
            StoreError: the file is missing or can't be read, or the service was not started since an upgrade.
        """
        return cls(Database.open(path, only_reading=True), clock)

    @property
    def path(self) -> Path:
        """Where the database lies."""
        return self._database.path

    def in_place(self) -> bool:
        """Whether the database's path still leads to the file that was opened; else what is written now is lost."""
        return self._database.in_place()

    def close(self) -> None:
        """Checkpoint and close. A second call does nothing; any other raises ``StoreError`` from now on."""
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
