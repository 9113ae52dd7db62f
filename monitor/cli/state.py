"""``monitor status`` and ``monitor backup``: how the service stands, and a copy of all that it keeps."""

from __future__ import annotations

from pathlib import Path

import click

from monitor.app import running_process
from monitor.cli.common import (
    Failed,
    directories,
    json_option,
    open_config,
    open_store,
    plain,
    print_json,
    print_table,
    state_option,
)
from monitor.clock import SystemClock
from monitor.errors import ConfigErrors
from monitor.showing import failing_alike, silence_said


@click.command(
    epilog="""\b
Examples:
  monitor status
  monitor status --json
"""
)
@directories
@json_option
def status(config_dir: Path, state_dir: Path, as_json: bool) -> None:
    """Tell how the service stands: what is stored, what waits, which feeds fail, faults in the config on disk."""
    with open_store(state_dir) as store:
        counts = store.status()
        silences = store.silences(SystemClock().now())
        feeds = store.feeds()
    process = running_process(state_dir)
    faults: tuple[str, ...] = ()
    try:
        open_config(config_dir)
    except ConfigErrors as errors:
        faults = tuple(str(fault) for fault in errors.errors)
    failing = [feed for feed in feeds if feed.failures]
    if as_json:
        print_json(
            {
                "running": process,
                "counts": counts,
                "failing_feeds": failing,
                "config_faults": faults,
                "silences": silences,
            }
        )
        return
    running = "not running" if process is None else f"running (process {process or 'unknown'})"
    click.echo(f"service: {running}")
    for fault in faults:
        click.echo(f"fault in the config on disk, so the one before holds: {fault}")
    click.echo(
        f"articles: {counts.articles} ({counts.unjudged} to be judged, {counts.set_aside} set aside)   "
        f"stories: {counts.stories}   alerts: {counts.alerts}"
    )
    deliveries = "   ".join(f"{state}: {count}" for state, count in counts.deliveries.items()) or "none yet"
    click.echo(f"deliveries: {deliveries}")
    click.echo(f"feeds: {len(feeds)} ({len(failing)} failing)   database: {counts.bytes / 1e6:.1f} MB")
    for one in silences:
        click.echo(plain(silence_said(one)))
    if failing:
        print_table("", ("feed", "failures", "worked last", "why"), failing_alike(failing))


@click.command(
    epilog="""\b
Examples:
  monitor backup /backups/monitor-$(date +%F).db
"""
)
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@state_option
def backup(file: Path, state_dir: Path) -> None:
    """Copy the whole database to FILE, also while the service runs. An existing FILE is never overwritten."""
    if file.exists():
        raise Failed(f"{file} is already there; nothing was changed")
    with open_store(state_dir) as store:
        store.backup(file)
    size = file.stat().st_size / 1e6
    click.echo(f"{file}: {size:.1f} MB. To restore it, put it back as monitor.db in an empty state directory")
