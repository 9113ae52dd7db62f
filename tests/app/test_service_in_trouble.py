"""The service in this process, on a clock and a store that a test can trouble: time that jumps, a database that refuses."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import structlog
from program import WATCH, item, query, rss, serve_documents, wait_for, write_config

from monitor.app import Parts, Service, read_config
from monitor.app.timing import ClockWatch, Every, Patience
from monitor.clock import SystemClock
from monitor.errors import StoreBusy, StoreFull

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


class WrongClock(SystemClock):
    """The machine's clock, wrong by as much as a test says."""

    def __init__(self, wrong_by: timedelta = timedelta(0)) -> None:
        self.wrong_by = wrong_by

    def now(self) -> datetime:
        return super().now() + self.wrong_by


class ToldClock(SystemClock):
    """Both clocks as they are told."""

    wall = NOON
    seconds = 0.0

    def now(self) -> datetime:
        return self.wall

    def monotonic(self) -> float:
        return self.seconds


class Log:
    """What the service logged, event by event."""

    def __init__(self) -> None:
        self.entries: list[dict] = []

    def __call__(self, _logger: object, method: str, event: dict) -> dict:
        self.entries.append({"level": method, **event})
        raise structlog.DropEvent

    def named(self, name: str) -> list[dict]:
        return [entry for entry in list(self.entries) if entry["event"] == name]


@pytest.fixture
def log() -> Iterator[Log]:
    before = structlog.get_config()
    log = Log()
    structlog.configure(processors=[structlog.processors.format_exc_info, log])
    yield log
    structlog.configure(**before)


@contextlib.contextmanager
def running(
    config_dir: Path,
    state: Path,
    clock: SystemClock,
    *,
    env: dict[str, str] | None = None,
    trouble: Callable[[Parts], Parts] = lambda parts: parts,
) -> Iterator[Service]:
    """A service at work in this process, stopped in order at the end."""
    config = read_config(config_dir, env or {})
    with Parts.make(config, state, clock=clock, out=_Nowhere()) as parts:
        service = Service(config, trouble(parts), clock=clock, env=env or {}, on_failure=lambda: None)
        service.start()
        try:
            yield service
        finally:
            service.stop()


class _Nowhere:
    encoding = "utf-8"

    def write(self, text: str) -> int:
        return len(text)

    def flush(self) -> None:
        pass


FEED = rss(item("Flood in the delta", link="https://a.example/1"))


# --- the clock ---


def test_a_clock_set_back_holds_up_neither_polling_nor_alerts(tmp_path: Path, log: Log) -> None:
    """By an hour, while it runs: all that waited for the wrong time goes on at once, not an hour later."""
    clock = WrongClock(HOUR)
    with serve_documents({"/feed": FEED}) as site:
        config = write_config(tmp_path / "config", feeds=[site.url("/feed")])
        with running(config, tmp_path / "state", clock):
            # To APScheduler, which reads the machine's own clock, every job lies an hour ahead: as after a step back.
            wait_for(lambda: log.named("started"))
            assert not site.requests("/feed")
            clock.wrong_by = timedelta(0)
            wait_for(lambda: log.named("clock_set_back"))
            wait_for(lambda: query(tmp_path / "state", "SELECT 1 FROM delivery WHERE state = 'sent'"))
    assert 3590 < log.named("clock_set_back")[0]["seconds"] < 3610


def test_what_a_clock_that_ran_ahead_put_off_is_done_at_the_next_start(tmp_path: Path, log: Log) -> None:
    """Wrong by a year before a restart: the feed is looked at now."""
    clock = WrongClock(timedelta(days=365))
    state = tmp_path / "state"
    with serve_documents({"/feed": FEED}) as site:
        config = write_config(tmp_path / "config", feeds=[site.url("/feed")])
        with Parts.make(read_config(config, {}), state, clock=clock, out=_Nowhere()) as parts:
            parts.store.sync_feeds(read_config(config, {}).feeds, clock.now())
        clock.wrong_by = timedelta(0)
        with running(config, state, clock):
            wait_for(lambda: query(state, "SELECT 1 FROM delivery WHERE state = 'sent'"))


def test_only_a_step_back_counts_as_one() -> None:
    """Not the passing of time, not a step ahead, not the small corrections of a time server."""
    clock = ToldClock()
    watch = ClockWatch(clock)
    for wall, seconds, back in [
        (10, 10, None),
        (3610, 11, None),
        (3611.5, 13, None),
        (11, 13, timedelta(seconds=3600.5)),
    ]:
        clock.wall, clock.seconds = NOON + timedelta(seconds=wall), float(seconds)
        assert watch.set_back() == back


def test_a_job_makes_up_for_no_time_that_it_missed() -> None:
    """After a clock went from 1970 to today, the next run is the next run, not the first of thousands of millions."""
    assert Every(timedelta(seconds=1)).get_next_fire_time(datetime(1970, 1, 1, tzinfo=UTC), NOON) == NOON + timedelta(
        seconds=1
    )


def test_the_same_trouble_is_said_once_in_its_span() -> None:
    """Another is said at once; the same again later; and what was said long ago takes no memory."""
    clock = ToldClock()
    patience = Patience(clock, timedelta(seconds=60))
    assert [patience.allows("a"), patience.allows("a"), patience.allows("b")] == [True, False, True]
    clock.seconds = 61
    assert patience.allows("a")
    for number in range(3000):
        clock.seconds += 1
        assert patience.allows(number)
    assert len(patience._said) <= 1000


# --- a database that refuses ---


class Refusing:
    """Stands before a part and fails some calls with an error that a test sets."""

    def __init__(self, real: object) -> None:
        self.real = real
        self.errors: dict[str, list[Exception]] = {}
        self.calls: list[str] = []

    def __getattr__(self, name: str):
        found = getattr(self.real, name)
        if not callable(found):
            return found

        def call(*args, **kwargs):
            self.calls.append(name)
            if errors := self.errors.get(name):
                raise errors.pop(0)
            return found(*args, **kwargs)

        return call


def refusing(*names: str, error: Callable[[], Exception], times: int = 1) -> Callable[[Parts], Parts]:
    """Parts whose store fails the first calls of these methods."""

    def trouble(parts: Parts) -> Parts:
        store = Refusing(parts.store)
        store.errors = {name: [error() for _ in range(times)] for name in names}
        return replace(
            parts,
            store=store,
            poller=replace(parts.poller, store=store),
            judge=replace(parts.judge, store=store),
            sender=replace(parts.sender, store=store),
        )

    return trouble


@pytest.mark.parametrize(
    ("method", "error", "said"),
    [
        ("claim_due_feeds", StoreBusy, "claim_failed"),
        ("unjudged", StoreFull, "judging_refused"),
        ("unjudged", KeyError, "judge_fault"),
        ("known_watches", KeyError, "backfill_fault"),
        ("known_watches", StoreBusy, "judging_refused"),
        ("claim_deliveries", StoreBusy, "claim_failed"),
        ("claim_deliveries", KeyError, "sender_fault"),
        ("next_delivery_due", ValueError, "sender_fault"),
        ("record_outcome", StoreFull, "outcome_waits_to_be_recorded"),
    ],
)
def test_a_refusal_or_a_fault_is_said_and_the_alert_comes_all_the_same(
    tmp_path: Path, log: Log, method: str, error: type[Exception], said: str
) -> None:
    """No thread ends by it, and the alert arrives once."""
    state = tmp_path / "state"
    with serve_documents({"/feed": FEED}) as site:
        config = write_config(tmp_path / "config", feeds=[site.url("/feed")])
        with running(config, state, SystemClock(), trouble=refusing(method, error=lambda: error("no"))):
            wait_for(lambda: log.named(said))
            wait_for(lambda: query(state, "SELECT 1 FROM delivery WHERE state = 'sent'"))
        assert query(state, "SELECT state, attempts, in_doubt FROM delivery") == [("sent", 1, 0)]
    assert len((state / "alerts.jsonl").read_text().splitlines()) == 1


def test_an_outcome_that_is_never_taken_is_given_up_at_the_stop(tmp_path: Path, log: Log) -> None:
    """Then the delivery counts as in doubt at the next start."""
    state = tmp_path / "state"
    with serve_documents({"/feed": FEED}) as site:
        config = write_config(tmp_path / "config", feeds=[site.url("/feed")])
        with running(
            config, state, SystemClock(), trouble=refusing("record_outcome", error=lambda: StoreFull("full"), times=99)
        ):
            wait_for(lambda: log.named("outcome_waits_to_be_recorded"))
    assert log.named("outcome_not_recorded")
    assert query(state, "SELECT state FROM delivery") == [("sending",)]


def test_retention_that_is_refused_is_said(tmp_path: Path, log: Log) -> None:
    """And so is a clock's correction that the database does not take."""
    config = write_config(tmp_path / "config")
    trouble = refusing("prune", "forget_future", error=lambda: StoreBusy("busy"))
    with running(config, tmp_path / "state", SystemClock(), trouble=trouble) as service:
        service._retain()
        service._clock_set_back(HOUR)
    assert [log.named(name)[0]["detail"] for name in ("retention_refused", "clock_not_followed")] == ["busy", "busy"]


# --- config ---


def edited(config: Path, text: str = WATCH.replace("Flood", "Water")) -> None:
    (config / "watches.toml").write_text(text, encoding="utf-8")


@pytest.fixture
def still(tmp_path: Path, log: Log) -> Iterator[Service]:
    """A service whose timed look at the files is made by the test alone."""
    config = write_config(tmp_path / "config")
    clock = ToldClock()
    loaded = read_config(config, {})
    with Parts.make(loaded, tmp_path / "state", clock=clock, out=_Nowhere()) as parts:
        yield Service(loaded, parts, clock=clock, env={}, on_failure=lambda: log.entries.append({"event": "asked"}))


def test_an_edit_counts_once_the_files_have_settled(tmp_path: Path, still: Service, log: Log) -> None:
    """Half of a file can be a whole config by chance: two looks must find the same."""
    config = tmp_path / "config"
    half, whole = WATCH, WATCH + WATCH.replace('"Flood"', '"Water"')
    edited(config, half + "\n")
    still._watch_files()
    edited(config, whole)
    still._watch_files()
    assert not log.named("config_reloaded")
    still._watch_files()
    (reloaded,) = log.named("config_reloaded")
    assert reloaded["watches"] == 2


def test_an_edit_that_is_taken_back_is_none(tmp_path: Path, still: Service, log: Log) -> None:
    """Nothing is loaded when the file is as it was."""
    path = tmp_path / "config" / "watches.toml"
    path.rename(path.with_suffix(".aside"))
    still._watch_files()
    path.with_suffix(".aside").rename(path)
    for _ in range(3):
        still._watch_files()
    assert log.entries == []


def test_a_refused_config_is_told_once_and_tried_again_without_an_edit(
    tmp_path: Path, still: Service, log: Log
) -> None:
    """What was wrong may lie beside the files: a secret that is written later."""
    config = tmp_path / "config"
    (config / "channels.toml").write_text('[chat]\nurl = "json://${file:secret}@chat.example/"\n', encoding="utf-8")
    for _ in range(6):
        still._clock.seconds += 20  # type: ignore[attr-defined]
        still._watch_files()
    assert len(log.named("config_unchanged")) == 1
    (config / "secret").write_text("sesame-street", encoding="utf-8")
    (config / "secret").chmod(0o600)
    still._clock.seconds += 31  # type: ignore[attr-defined]
    still._watch_files()
    assert log.named("config_reloaded")
    assert "sesame-street" in still.secrets


def test_settings_that_need_a_restart_are_named(tmp_path: Path, still: Service, log: Log) -> None:
    """They are not in force, and whoever changed them is told."""
    (tmp_path / "config" / "monitor.toml").write_text('tick = "100ms"\nfetch_threads = 3\n', encoding="utf-8")
    still.ask_reload()
    still._watch_files()
    assert [entry["settings"] for entry in log.named("restart_needed")] == [["fetch_threads"]]


def test_a_config_that_the_database_does_not_take_is_tried_again(tmp_path: Path, log: Log) -> None:
    """A full disk at the moment of an edit does not make the edit forgotten."""
    config, clock = write_config(tmp_path / "config"), ToldClock()
    loaded = read_config(config, {})
    with Parts.make(loaded, tmp_path / "state", clock=clock, out=_Nowhere()) as parts:
        troubled = refusing("sync_feeds", error=lambda: StoreFull("full"))(parts)
        service = Service(loaded, troubled, clock=clock, env={}, on_failure=lambda: None)
        edited(config)
        for _ in range(3):
            service._watch_files()
    assert [entry["event"] for entry in log.entries] == ["config_not_taken", "config_reloaded"]


def test_a_config_edited_while_it_is_read_waits(
    tmp_path: Path, still: Service, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was read may be a mixture of two; the next look reads it whole."""
    config = tmp_path / "config"
    real = read_config

    def edits_meanwhile(root, env, previous):
        loaded = real(root, env, previous)
        edited(root, WATCH + "# later\n")
        monkeypatch.setattr("monitor.app.service.read_config", real)
        return loaded

    monkeypatch.setattr("monitor.app.service.read_config", edits_meanwhile)
    edited(config)
    for _ in range(2):
        still._watch_files()
    assert not log.named("config_reloaded")
    for _ in range(2):
        still._watch_files()
    assert log.named("config_reloaded")


def test_a_database_that_was_taken_away_asks_for_the_end(tmp_path: Path, still: Service, log: Log) -> None:
    """Also one that another file has taken the place of."""
    still._watch_files()
    assert log.entries == []
    (tmp_path / "state" / "monitor.db").rename(tmp_path / "aside.db")
    still._watch_files()
    (tmp_path / "state" / "monitor.db").touch()
    still._watch_files()
    assert len(log.named("asked")) == 2
    assert "removed or replaced" in still.failure
    for left in (tmp_path / "aside.db", tmp_path / "state" / "monitor.db"):
        left.unlink()
