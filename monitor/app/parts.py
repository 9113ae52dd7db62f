"""The parts of one process put together: config, database, fetcher, parser, notifier; and who holds a state."""

from __future__ import annotations

import contextlib
import fcntl
import os
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from types import TracebackType
from typing import Self, TextIO

from monitor import __version__
from monitor.alerts import Templates
from monitor.app.collection import paused_collection
from monitor.config import Config, load
from monitor.errors import InstanceRunning, StoreError
from monitor.fetch import HttpFetcher
from monitor.fulltext import PageReader
from monitor.logs import get_logger
from monitor.model import (
    AlertKind,
    AlertToSend,
    Channel,
    ClaimedDelivery,
    Evidence,
    Priority,
    SendResult,
    Settings,
)
from monitor.notify import ChannelNotifier, check_channel_url
from monitor.parsing import ProcessParser
from monitor.pipeline import Judge, Plan, Poller, Sender
from monitor.ports import Clock
from monitor.store import SqliteStore
from monitor.stories import Gazetteer

DATABASE = "monitor.db"
LOCK = "monitor.lock"

log = get_logger("monitor")

_GAZETTEER = ("places.tsv", "people.tsv")
_TRIES, _BETWEEN_TRIES = 5, 0.05


def read_config(root: Path, env: Mapping[str, str], previous: Config | None = None) -> Config:
    """The checked config; ``previous``: an earlier one of the same directory, of which as much as can be is kept.

    Raises:
        ConfigErrors: with every fault found.
    """
    with paused_collection():
        return load(root, env=env, check_channel=_check_channel, previous=previous)


def _check_channel(channel: Channel) -> str | None:
    return check_channel_url(channel.url, allow_private=channel.allow_private)


def plan_of(config: Config) -> Plan:
    """What the pipeline needs of a config."""
    return Plan(
        settings=config.settings,
        feeds={feed.url: feed for feed in config.feeds if feed.enabled},
        watches={watch.name: watch for watch in config.watches if watch.enabled},
        channels=dict(config.channels),
        rules=config.rules,
        gazetteer=gazetteer(),
        templates=config.templates,
    )


@lru_cache(maxsize=1)
def gazetteer() -> Gazetteer:
    """Places and people that languages name differently, as they come with the program."""
    names: dict[str, list[str]] = {}
    for file in _GAZETTEER:
        for line in files("monitor.app").joinpath(file).read_text(encoding="utf-8").splitlines():
            if line and not line.startswith("#"):
                thing, *spelled = line.split("\t")
                names.setdefault(thing, []).extend(spelled)
    return Gazetteer(names)


@contextmanager
def single_instance(state: Path) -> Iterator[None]:
    """Hold the state directory for this process.

    Raises:
        InstanceRunning: another process holds it; the message names its process id.
    """
    with _open_lock(state) as lock:
        try:
            _take(lock)
        except BlockingIOError as error:
            lock.seek(0)
            holder = lock.read(20).strip() or "unknown"
            raise InstanceRunning(
                f"another monitor (process {holder}) already runs on {state}; stop it first, or use another --state"
            ) from error
        except OSError as error:
            raise StoreError(
                f"{state}: this file system gives no locks ({error.strerror}); use a --state on a local disk"
            ) from error
        # Who holds the lock is told as far as the disk takes it; a full one stops the store, in its own words.
        with contextlib.suppress(OSError):
            lock.truncate(0)
            lock.write(str(os.getpid()))
            lock.flush()
        yield


def make_state(state: Path) -> None:
    """Make the state directory, for its owner alone, where there is none.

    Raises:
        StoreError: it can't be made.
    """
    try:
        state.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(f"{state}: the state directory can't be made: {error.strerror}") from error


def _open_lock(state: Path) -> TextIO:
    make_state(state)
    try:
        return (state / LOCK).open("a+", encoding="ascii", errors="replace")
    except OSError as error:
        raise StoreError(f"{state}: the state directory can't be written: {error.strerror}") from error


def _take(lock: TextIO) -> None:
    """Lock the file, if need be at the second try: ``running_process`` holds it for a moment when it looks."""
    for _ in range(_TRIES - 1):
        with contextlib.suppress(BlockingIOError):
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        threading.Event().wait(_BETWEEN_TRIES)
    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """The I/O parts put together for one process; closed in the reverse order of their making."""

    store: SqliteStore
    fetcher: HttpFetcher
    parser: ProcessParser
    poller: Poller
    pages: PageReader
    judge: Judge
    sender: Sender

    @classmethod
    def make(cls, config: Config, state: Path, *, clock: Clock, out: TextIO) -> Self:
        """Open the database and make the rest ready.

        Raises:
            StoreError: the database can't be used.
        """
        make_state(state)
        store = SqliteStore.open(state / DATABASE, clock=clock)

        def keep_rest(host: str, span: timedelta) -> None:
            try:
                store.keep_rest(host, clock.now() + span)
            except StoreError as error:
                log.warning("rest_not_kept", host=host, detail=str(error))

        fetcher = HttpFetcher(config.settings, clock, __version__, config.root, on_rest=keep_rest)
        for host, until in store.resting():
            fetcher.rest(host, until - clock.now())
        parser = ProcessParser(config.settings)
        notifier = ChannelNotifier(config.settings, state, clock, out)
        return cls(
            store=store,
            fetcher=fetcher,
            parser=parser,
            poller=Poller(store=store, fetcher=fetcher, parser=parser, clock=clock),
            pages=PageReader(store=store, fetcher=fetcher, parser=parser, clock=clock),
            judge=Judge(store=store, clock=clock),
            sender=Sender(store=store, notifier=notifier, clock=clock),
        )

    def close(self) -> None:
        """Let go of everything."""
        self.fetcher.close()
        self.parser.close()
        self.store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def running_process(state: Path) -> int | None:
    """The id of the process that holds the state directory; None when none does."""
    try:
        with (state / LOCK).open("r", encoding="ascii", errors="replace") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except OSError:
                holder = lock.read(20).strip()
                return int(holder) if holder.isdigit() else 0
    except OSError:
        return None
    return None


def send_test(
    settings: Settings, channel: Channel, templates: Templates, state: Path, *, clock: Clock, out: TextIO
) -> SendResult:
    """Send one invented alert to a channel, the way that real ones go."""
    make_state(state)
    now = clock.now()
    sentence = "This is a test message from your news watch."
    alert = AlertToSend(
        alert_id=0,
        watch="Test",
        kind=AlertKind.NEW,
        priority=Priority.NORMAL,
        story=0,
        title="A test of this channel",
        url="",
        source="News watch",
        language="en",
        published=now,
        discovered=now,
        created=now,
        text=sentence,
        evidence=(
            Evidence(
                term="test",
                alias="test",
                concept="",
                language="en",
                field="body",
                start=10,
                end=14,
                words="test",
                sentence=sentence,
            ),
        ),
        also_in=(),
    )
    key = clock.token()
    claimed = ClaimedDelivery(
        id=0, token=key, channel=channel.name, attempts=0, in_doubt=False, idempotency_key=key, alert=alert
    )
    rendered = templates.alert(
        alert, kind=channel.kind, zone=channel.zone, now=now, language=channel.language, channel=channel.name
    )
    return ChannelNotifier(settings, state, clock, out).send(channel, rendered.message, claimed)
