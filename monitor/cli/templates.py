"""``monitor templates``: messages in a person's own form, beginning with the program's."""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import Any

import click

from monitor.alerts import TEMPLATE_NAMES, takes_template
from monitor.cli.common import config_option, json_option, open_config, print_json, print_table, unknown

_FALLS_BACK = {"update", "reminder", "spike"}


@click.group()
def templates() -> None:
    """Give messages a form of your own: templates/ in the config directory holds one file a kind and form."""


@templates.command("list")
@config_option
@json_option
def list_templates(config_dir: Path, as_json: bool) -> None:
    """List the templates that there can be, for which channels each is, and which of them are there."""
    config = open_config(config_dir)
    rows: list[dict[str, Any]] = [
        {
            "name": name,
            "yours": name in config.templates.own,
            "channels": [
                channel.name
                for channel in config.channels.values()
                if channel.kind != "log" and takes_template(channel.kind, name)
            ],
        }
        for name in TEMPLATE_NAMES
    ]
    if as_json:
        print_json(rows)
        return
    print_table(
        "",
        ("template", "yours", "for the channels"),
        ((row["name"], "yes" if row["yours"] else "-", ", ".join(row["channels"]) or "-") for row in rows),
    )


@templates.command(
    "show",
    epilog="""\b
Examples:
  monitor templates show alert.html > config/templates/alert.html
  monitor check
""",
)
@click.argument("name")
def show(name: str) -> None:
    """Print the program's own form of the template NAME, for you to begin with."""
    if name not in TEMPLATE_NAMES:
        raise unknown("template", name, TEMPLATE_NAMES)
    kind, _, form = name.partition(".")
    file = resources.files("monitor.alerts").joinpath("defaults", f"{'alert' if kind in _FALLS_BACK else kind}.{form}")
    click.echo(file.read_text(encoding="utf-8"), nl=False)
