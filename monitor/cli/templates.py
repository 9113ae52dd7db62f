"""``monitor templates``: messages in a person's own form, beginning with the program's."""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import Any

import click

from monitor.alerts import TEMPLATE_NAMES, default_name, takes_template
from monitor.cli.common import config_option, json_option, open_config, print_json, print_table, unknown
from monitor.config import template_takers


@click.group()
def templates() -> None:
    """Give messages a form of your own: templates/ in the config directory holds one file a kind and form.

    A folder in it is for the channels and watches that name it: templates = "FOLDER".
    """


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
                channel
                for channel, kind in template_takers(name.rpartition("/")[0], config.channels, config.watches).items()
                if takes_template(kind, name)
            ],
        }
        for name in (*TEMPLATE_NAMES, *sorted(name for name in config.templates.own if "/" in name))
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
    file = resources.files("monitor.alerts").joinpath("defaults", default_name(name))
    click.echo(file.read_text(encoding="utf-8"), nl=False)
