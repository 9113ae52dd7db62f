"""The parts of one process put together: config, database, fetcher, parser, notifier; and who holds a state."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self, TextIO

from monitor import __version__
from monitor.alerts import render
from monitor.config import Config, load
from monitor.errors import InstanceRunning
from monitor.fetch import HttpFetcher
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

DATABASE = "monitor.db"
LOCK = "monitor.lock"


def read_config(root: Path, env: Mapping[str, str]) -> Config:
    """The checked config.

    Raises:
        ConfigErrors: with every fault found.
    """
    return load(root, env=env, check_channel=_check_channel)


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
    )


@contextmanager
def single_instance(state: Path) -> Iterator[None]:
    """Hold the state directory for this process.

    Raises:
        InstanceRunning: another process holds it; the message names its process id.
    """
    state.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = state / LOCK
    with path.open("a+", encoding="ascii") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            lock.seek(0)
            holder = lock.read(20).strip() or "unknown"
            raise InstanceRunning(
                f"another monitor (process {holder}) already runs on {state}; stop it first, or use another --state"
            ) from error
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """The I/O parts put together for one process; closed in the reverse order of their making."""

    store: SqliteStore
    fetcher: HttpFetcher
    parser: ProcessParser
    poller: Poller
    judge: Judge
    sender: Sender

    @classmethod
    def make(cls, config: Config, state: Path, *, clock: Clock, out: TextIO) -> Self:
        """Open the database and make the rest ready.

        Raises:
            StoreError: the database can't be used.
        """
        state.mkdir(mode=0o700, parents=True, exist_ok=True)
        store = SqliteStore.open(state / DATABASE, clock=clock)
        fetcher = HttpFetcher(config.settings, clock, __version__, config.root)
        parser = ProcessParser(config.settings)
        notifier = ChannelNotifier(config.settings, state, clock, out)
        return cls(
            store=store,
            fetcher=fetcher,
            parser=parser,
            poller=Poller(store=store, fetcher=fetcher, parser=parser, clock=clock),
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
        with (state / LOCK).open("r", encoding="ascii") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except OSError:
                holder = lock.read(20).strip()
                return int(holder) if holder.isdigit() else 0
    except OSError:
        return None
    return None


def send_test(settings: Settings, channel: Channel, state: Path, *, clock: Clock, out: TextIO) -> SendResult:
    """Send one invented alert to a channel, the way that real ones go."""
    state.mkdir(mode=0o700, parents=True, exist_ok=True)
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
    message = render(alert, kind=channel.kind, zone=channel.zone, now=now)
    return ChannelNotifier(settings, state, clock, out).send(channel, message, claimed)
