"""``monitor channels``: where alerts go, and whether a message gets there."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from monitor.app import send_test
from monitor.cli.common import (
    Failed,
    config_option,
    directories,
    json_option,
    open_config,
    print_json,
    print_table,
    quiet_logs,
    unknown,
)
from monitor.clock import SystemClock
from monitor.model import SendOutcome


@click.group()
def channels() -> None:
    """List the channels, or send a test message to one."""


@channels.command("list")
@config_option
@json_option
def list_channels(config_dir: Path, as_json: bool) -> None:
    """List the channels with the watches that use each. Their URLs are secrets and are not shown."""
    config = open_config(config_dir)
    rows = [
        {
            "name": channel.name,
            "kind": channel.kind,
            "zone": channel.zone,
            "watches": [watch.name for watch in config.watches if channel.name in watch.channels],
        }
        for channel in config.channels.values()
    ]
    if as_json:
        print_json(rows)
        return
    print_table(
        "",
        ("channel", "kind", "zone", "watches"),
        ((row["name"], row["kind"], row["zone"], ", ".join(row["watches"]) or "-") for row in rows),
    )


@channels.command(
    "test",
    epilog="""\b
Examples:
  monitor channels test desk-mail
""",
)
@click.argument("name")
@directories
def test(name: str, config_dir: Path, state_dir: Path) -> None:
    """Send a test alert to the channel NAME now, and say what became of it."""
    config = open_config(config_dir)
    quiet_logs(config)
    channel = config.channels.get(name)
    if channel is None:
        raise unknown("channel", name, config.channels)
    result = send_test(config.settings, channel, config.templates, state_dir, clock=SystemClock(), out=sys.stdout)
    if result.outcome is not SendOutcome.SENT:
        raise Failed(f"the test message to {name} was not delivered ({result.outcome}): {result.detail}")
    click.echo(f"the test message to {name} was sent")
