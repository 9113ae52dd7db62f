"""``monitor init`` and ``monitor check``: making a config, and being told of every fault in one."""

from __future__ import annotations

import shutil
from importlib import resources
from pathlib import Path

import click

from monitor.cli.common import Failed, config_option, json_option, open_config, print_json

_STATE_NOTE = "The service keeps its database and alerts.jsonl here. `monitor backup` copies it while it runs.\n"


@click.command(
    epilog="""\b
Examples:
  monitor init my-watch
  monitor run --config my-watch/config --state my-watch/state
"""
)
@click.argument("directory", type=click.Path(path_type=Path, file_okay=False))
def init(directory: Path) -> None:
    """Make DIRECTORY with a starter config that works as it stands, and an empty state beside it.

    Nothing that is already there is touched.
    """
    config, state = directory / "config", directory / "state"
    if config.exists():
        raise Failed(f"{config} is already there; nothing was changed")
    shutil.copytree(starter_config(), config)
    state.mkdir(mode=0o700, parents=True, exist_ok=True)
    click.echo(f"made {config} and {state}. Next:")
    click.echo(f"  edit {config / 'watches.toml'}, then: monitor check --config {config}")
    click.echo(f"  monitor run --config {config} --state {state}")


def starter_config() -> Path:
    """The starter config that is packed with the program: nobody's edits are in it."""
    return Path(str(resources.files("monitor"))) / "starter"


@click.command(
    epilog="""\b
Examples:
  monitor check
  monitor check --verbose          how each rule was understood
  monitor check --json
"""
)
@config_option
@click.option("--verbose", "-v", is_flag=True, help="Print how each rule was understood.")
@json_option
def check(config_dir: Path, verbose: bool, as_json: bool) -> None:
    """Check the whole config: files, names, queries, channels, and the examples of each watch.

    Every fault is told at once, with its file and line. Exit code 0 when there is none, else 2.
    """
    config = open_config(config_dir)
    rules = {rule.name: str(rule) for rule in config.rules.rules}
    if as_json:
        print_json(
            {
                "feeds": len(config.feeds),
                "watches": rules,
                "concepts": sorted(config.concepts),
                "channels": {name: channel.kind for name, channel in config.channels.items()},
                "notices": config.notices,
            }
        )
        return
    for notice in config.notices:
        click.echo(f"note: {notice}")
    if verbose:
        for name, rule in rules.items():
            click.echo(f"{name}\n    {rule}")
    examples = sum(len(watch.examples_match) + len(watch.examples_no_match) for watch in config.watches)
    click.echo(
        f"{config_dir}: no faults. {len(config.feeds)} feeds, {len(rules)} watches ({examples} examples hold), "
        f"{len(config.concepts)} concepts, {len(config.channels)} channels"
    )
