"""What the commands share: the two directories, printing for people and for programs, progress, failing."""

from __future__ import annotations

import dataclasses
import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from enum import Enum
from pathlib import Path
from typing import Any, TypeVar

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from monitor.app import DATABASE, read_config
from monitor.clock import SystemClock
from monitor.config import Config
from monitor.errors import NotFound
from monitor.logs import configure_logs, neutralise
from monitor.store import SqliteStore
from monitor.text import nearest

F = TypeVar("F", bound=Callable[..., Any])

config_option = click.option(
    "--config",
    "config_dir",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("config"),
    envvar="MONITOR_CONFIG",
    show_default=True,
    show_envvar=True,
    help="The directory with monitor.toml, feeds.toml, watches.toml, channels.toml and concepts/.",
)
state_option = click.option(
    "--state",
    "state_dir",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("state"),
    envvar="MONITOR_STATE",
    show_default=True,
    show_envvar=True,
    help="The directory with the database and alerts.jsonl.",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")


def directories(command: F) -> F:
    """Add ``--config`` and ``--state``."""
    return config_option(state_option(command))


class Failed(Exception):
    """The answer is no, or work failed: exit code 1, after this sentence."""


def unknown(kind: str, name: str, known: Iterable[str]) -> NotFound:
    """The error for a name that does not exist, with the names that are near."""
    near = nearest(name, known, count=3)
    hint = f"; did you mean {' or '.join(map(repr, near))}?" if near else ""
    return NotFound(f"there is no {kind} {name!r}{hint}")


def plain(text: str) -> str:
    """Text that may come from a feed, made harmless for a terminal; its line breaks stay."""
    return "\n".join(neutralise(line) for line in text.splitlines())


def complain(sentence: str) -> None:
    """Say something to a person on standard error."""
    click.echo(f"monitor: {plain(sentence)}", err=True)


def open_config(config_dir: Path) -> Config:
    """The checked config.

    Raises:
        ConfigErrors: with every fault.
    """
    return read_config(config_dir, os.environ)


def open_store(state_dir: Path) -> SqliteStore:
    """The database of a state directory, for reading what is there.

    Raises:
        Failed: there is none yet.
        StoreError: it can't be used.
    """
    if not has_database(state_dir):
        raise Failed(f"there is no database in {state_dir} yet; start the service, or name its --state")
    return SqliteStore.open_reader(state_dir / DATABASE, clock=SystemClock())


def has_database(state_dir: Path) -> bool:
    """Whether there is a database in a state directory.

    Raises:
        Failed: this user may not look.
    """
    try:
        return (state_dir / DATABASE).is_file()
    except PermissionError as error:
        raise Failed(f"{state_dir} is closed to this user; ask as the user that runs the service") from error


def quiet_logs(config: Config | None = None) -> None:
    """Logs for a command that is not the service: only warnings, redacted."""
    secrets = config.secrets if config else frozenset()
    configure_logs("auto", "warning", lambda: secrets, sys.stderr)


def _jsonable(value: object) -> object:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, (set, frozenset)):
        return sorted(value)
    raise TypeError(f"{type(value).__name__} can't be printed as JSON")


def print_json(value: object, *, indent: int | None = 2) -> None:
    """Print one JSON value; lone surrogates from hostile feeds are replaced, so that it is always valid UTF-8."""
    text = json.dumps(value, ensure_ascii=False, indent=indent, default=_jsonable)
    click.echo(text.encode("utf-8", "replace").decode("utf-8"))


class _Console(Console):
    """Leaves it to the program's edge what a reader that has gone means."""

    def on_broken_pipe(self) -> None:
        raise BrokenPipeError


def console() -> Console:
    """Standard output for people."""
    return _Console(highlight=False, soft_wrap=False)


def print_table(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print rows; every cell is plain text, whatever a feed put in it."""
    table = Table(*columns, title=title or None, title_justify="left", header_style="bold", box=None, pad_edge=False)
    for row in rows:
        table.add_row(*(Text(neutralise(_cell(cell))) for cell in row))
    console().print(table)


def _cell(value: object) -> str:
    if value is None:
        return "-"
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M")
    if isinstance(value, Enum):
        return str(value.value)
    return str(value)


@contextmanager
def progress(title: str, total: int | None) -> Iterator[Callable[[], None]]:
    """A bar on standard error while a person is looking; calls of the yielded function advance it by one."""
    out = Console(stderr=True)
    if not out.is_terminal:
        yield lambda: None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=out, transient=True) as bar:
        task = bar.add_task(title, total=total)
        yield lambda: bar.advance(task)
