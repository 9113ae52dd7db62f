"""``monitor concepts``: the things with their names in every language; what each looks for, and starting a new one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

import click
import regex
from rich.cells import cell_len

from monitor.alerts.words import language_name
from monitor.app import ConceptOrder, add_from_wikidata
from monitor.cli.common import (
    config_option,
    console,
    json_option,
    open_config,
    plain,
    print_json,
    print_table,
    quiet_logs,
    unknown,
)
from monitor.clock import SystemClock
from monitor.config import (
    CONCEPTS,
    WIKIDATA_API,
    Config,
    Draft,
    item_id,
    language_hint,
    project_language,
    request_url,
)
from monitor.logs import neutralise
from monitor.rules import (
    ANY_LANGUAGE,
    ConceptUse,
    Name,
    TakenIn,
    WatchUse,
    concept_uses,
    parse_watch,
    taken_in,
    watch_uses,
)

_NAME = regex.compile(r"\w[\w-]{0,99}")
_SHOWN = 12  # doubtful names that are told; the file holds them all


@click.group()
def concepts() -> None:
    """List the concepts, show what one looks for, or start one from Wikidata."""


@concepts.command("list")
@config_option
@json_option
def list_concepts(config_dir: Path, as_json: bool) -> None:
    """List every concept of the config: how many names in which languages, and where it stands."""
    config = open_config(config_dir)
    rows: list[dict[str, Any]] = []
    for name, source in config.concept_sources.items():
        names = [one.name for one in taken_in(name, config.concepts)]
        rows.append(
            {
                "name": name,
                "about": source.about,
                "wikidata": source.wikidata,
                "names": len(names),
                "languages": list(dict.fromkeys(one.language for one in names if one.language != ANY_LANGUAGE)),
                "uses": sorted({one.uses for one in config.concepts[name].names if one.uses}),
                "file": source.file,
                "line": source.line,
            }
        )
    if as_json:
        print_json(rows)
        return
    print_table(
        "",
        ("concept", "names", "languages", "file", "about"),
        (
            (
                f"@{row['name']}",
                row["names"],
                " ".join(row["languages"]) or "-",
                f"{row['file'].name}:{row['line']}",
                row["about"] or "-",
            )
            for row in rows
        ),
    )


@concepts.command(
    "show",
    epilog="""\b
Examples:
  monitor concepts show islamic_state
  monitor concepts show iraq --json
""",
)
@click.argument("name")
@config_option
@json_option
def show(name: str, config_dir: Path, as_json: bool) -> None:
    """Show what the concept NAME looks for: its names by language, those that it takes over, and who uses it."""
    config = open_config(config_dir)
    name = name.removeprefix("@")
    if name not in config.concepts:
        raise unknown("concept", name, config.concepts)
    names = taken_in(name, config.concepts)
    by_concepts = concept_uses(name, config.concepts)
    every = frozenset(watch.name for watch in config.watches)
    rules = [parse_watch(watch, config.concepts, every) for watch in config.watches]
    by_watches = watch_uses(name, config.concepts, rules)
    source = config.concept_sources[name]
    if as_json:
        print_json(
            {
                "name": name,
                "about": source.about,
                "wikidata": source.wikidata,
                "file": source.file,
                "line": source.line,
                "names": [_name_data(config, name, one) for one in names],
                "uses": config.concepts[name].uses,
                "used_by": {"concepts": by_concepts, "watches": by_watches},
            }
        )
        return
    click.secho(f"@{name}", bold=True)
    if source.about:
        _say([source.about], indent=2)
    _say([f"{source.file}:{source.line}", *([f"Wikidata: {source.wikidata}"] if source.wikidata else [])], indent=2)
    _print_names(config, name, names)
    click.echo()
    _say([*map(_concept_use, by_concepts)] or ["-"], before="used by concepts: ")
    _say([*map(_watch_use, by_watches)] or ["-"], before="used by watches:  ")


def _name_data(config: Config, concept: str, one: TakenIn) -> dict[str, object]:
    source = config.concept_sources[one.concept]
    return {
        "name": one.name.text,
        "language": one.name.language,
        "near": one.name.near,
        "not": one.name.negative,
        "exact": one.name.exact,
        "from": None if one.concept == concept else one.concept,
        "file": source.file,
        "line": source.lines[one.name.language, one.name.text],
    }


def _print_names(config: Config, concept: str, names: Sequence[TakenIn]) -> None:
    for language in dict.fromkeys(one.name.language for one in names):
        known = language_name(language)
        heading = f"{language}  {known if known != language else ''}" if known else "any  in every language"
        click.secho(f"\n{neutralise(heading.rstrip())}", bold=True)
        mine = (one for one in names if one.name.language == language)
        for origin, group in groupby(mine, key=lambda one: one.concept):
            if origin != concept:
                source = config.concept_sources[origin]
                _say([f"from @{origin} ({source.file}:{source.line})"], indent=2)
            _print_group([one.name for one in group], indent=2 if origin == concept else 4)


def _print_group(names: Sequence[Name], *, indent: int) -> None:
    """The names without conditions together, then each of the others with its own."""
    _say([name.text for name in names if not (name.near or name.negative or name.exact)], indent=indent)
    for name in names:
        if name.near or name.negative or name.exact:
            _say([name.text + (" (exactly so)" if name.exact else "")], indent=indent)
            _say(name.near, before="near: ", indent=indent + 4)
            _say(name.negative, before="not in: ", indent=indent + 4)


def _concept_use(use: ConceptUse) -> str:
    return f"@{use.concept}" + (" (near)" if use.near else "")


def _watch_use(use: WatchUse) -> str:
    return use.watch + ("" if use.direct else f" (through {', '.join(use.through)})")


def _say(parts: Sequence[str], *, before: str = "", indent: int = 0) -> None:
    """Print parts, as many on a line as it takes and none of them broken; nothing where there are none."""
    width = console().width - indent
    line = before
    for number, part in enumerate(map(neutralise, parts)):
        more = part if not number else f" | {part}"
        if number and cell_len(line + more) > width:
            click.echo(" " * indent + line)
            line = " " * len(before) + part
        else:
            line += more
    if parts:
        click.echo(" " * indent + line)


@concepts.command(
    "add",
    epilog="""\b
Examples:
  monitor concepts add red_sea --wikidata Q23406
  monitor concepts add nato --wikidata Q7184 --languages en,fr,ru
""",
)
@click.argument("name")
@click.option("--wikidata", "item", help="The item that the concept is: Q42.")
@click.option("--languages", default="", help="Only names in these, in this order: en,fr,ar. All when left out.")
@click.option("--file", "file_name", help="The new file's name in concepts/; else NAME.toml.")
@click.option("--api", default=WIKIDATA_API, show_default=True, help="The API's address: a mirror, another Wikibase.")
@click.option("--allow-private", is_flag=True, help="Let --api lie on this machine or in a private network.")
@config_option
@json_option
def add(
    name: str,
    item: str | None,
    languages: str,
    file_name: str | None,
    api: str,
    allow_private: bool,
    config_dir: Path,
    as_json: bool,
) -> None:
    """Start the concept NAME from a Wikidata item: a commented file with its names, for you to edit.

    Names that had better not count alone (very short ones, everyday words) stand behind a #. Nothing that is there is
    overwritten. A running service takes the file up by itself.
    """
    if item is None:
        hint = f'or write concepts/{name}.toml yourself: a line such as en = ["..."] for each language'
        raise click.UsageError(f"name the item of Wikidata that it is with --wikidata Q..., {hint}")
    order = _order(name, item, languages, file_name, api, allow_private=allow_private)
    config = open_config(config_dir)
    quiet_logs(config)
    if name in config.concepts:
        source = config.concept_sources[name]
        raise click.BadParameter(
            plain(f"there is a concept @{name} already: {source.file}:{source.line}"), param_hint="NAME"
        )
    path = config_dir / CONCEPTS / order.file
    taken = click.BadParameter(
        plain(f"{path} is already there; nothing was changed"), param_hint="--file" if file_name else "NAME"
    )
    if path.exists() or path.is_symlink():
        raise taken
    try:
        added, draft = add_from_wikidata(config, order, clock=SystemClock())
    except FileExistsError as error:  # made by someone else meanwhile
        raise taken from error
    if as_json:
        print_json(_draft_data(added, draft))
    else:
        _print_draft(config, added, draft)


def _order(
    name: str, item: str, languages: str, file_name: str | None, api: str, *, allow_private: bool
) -> ConceptOrder:
    """What is asked for, checked as far as the words themselves tell.

    Raises:
        click.UsageError: it can't be meant so.
    """
    if not _NAME.fullmatch(name):
        raise click.BadParameter(
            f"{name!r} can't be used with @: letters, digits, _ and -, at most 100", param_hint="NAME"
        )
    found = item_id(item)
    if found is None:
        raise click.BadParameter(f"{item!r} is no item of Wikidata: they look like Q42", param_hint="--wikidata")
    file = file_name or f"{name}.toml"
    if not _is_file_name(file):
        raise click.BadParameter(
            f"{file!r} is no name for a file in {CONCEPTS}/: write it without folders, short, ending in .toml",
            param_hint="--file",
        )
    if allow_private and api == WIKIDATA_API:
        raise click.UsageError("--allow-private goes with --api: Wikidata itself is public")
    try:
        request_url(api, found)
    except ValueError as error:
        raise click.BadParameter(f"{api!r} is not an http:// or https:// address", param_hint="--api") from error
    return ConceptOrder(
        name=name,
        item=found,
        file=file,
        languages=tuple(_languages(languages)),
        api=api,
        allow_private=allow_private,
    )


def _is_file_name(name: str) -> bool:
    """Whether the config's reader would read a file of this name among the concepts."""
    return (
        Path(name).name == name
        and name.isprintable()
        and len(name.encode()) <= 200
        and name.endswith(".toml")
        and not name.startswith((".", "#"))
    )


def _languages(said: str) -> Iterator[str]:
    codes: dict[str, None] = {}
    for code in filter(None, (part.strip() for part in said.split(","))):
        language = project_language(code)
        if language is None or language == ANY_LANGUAGE:
            raise click.BadParameter(f"{code!r} is not a language: {language_hint(code)}", param_hint="--languages")
        codes.setdefault(language)
    yield from codes


def _draft_data(path: Path, draft: Draft) -> dict[str, object]:
    return {
        "name": draft.name,
        "file": path,
        "wikidata": draft.item.id,
        "redirected_from": draft.item.asked if draft.item.asked != draft.item.id else None,
        "about": draft.about,
        "names": {one.code: len(one.names) for one in draft.languages},
        "doubtful": [
            {"name": borrowed.text, "language": one.code, "why": doubt.words}
            for one in draft.languages
            for borrowed, doubt in one.doubtful
        ],
        "left_out": {
            "unknown_languages": draft.item.unknown,
            "languages_not_asked_for": draft.unasked,
            "repeated": draft.repeated,
            "unusable": draft.unusable,
            "too_many": draft.too_many,
        },
        "without_a_name": draft.missing,
    }


def _print_draft(config: Config, path: Path, draft: Draft) -> None:
    item = draft.item
    if item.asked != item.id:
        click.echo(f"{item.asked} is {item.id} now: Wikidata joined the two")
    twins = [name for name, source in config.concept_sources.items() if source.wikidata == item.id]
    if twins:
        click.echo(plain(f"note: @{twins[0]} stands for {item.id} already"))
    count = sum(len(one.names) for one in draft.languages)
    about = f", {draft.about}" if draft.about else ""
    click.echo(plain(f"{path}: {count} names in {len(draft.languages)} languages ({item.id}{about})"))
    doubtful = list(dict.fromkeys(borrowed.text for one in draft.languages for borrowed, _ in one.doubtful))
    if doubtful:
        more = " ..." if len(doubtful) > _SHOWN else ""
        click.echo(plain(f"behind a #, for they had better not count alone: {' | '.join(doubtful[:_SHOWN])}{more}"))
    if draft.missing:
        click.echo(f"no name in Wikidata: {', '.join(draft.missing)}")
    if draft.concept is None:
        click.echo("Every name is in doubt: edit the file, and take out the # of what you want")
    else:
        click.echo(f"Next: edit it, then monitor check; a rule uses it as @{draft.name}")
