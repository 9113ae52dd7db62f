"""``monitor deliveries``, ``silence``, ``ack``: what waits, failed or was given up, and a person's word on it."""

from __future__ import annotations

import getpass
from collections.abc import Iterable, Sequence
from datetime import timedelta
from pathlib import Path

import click

from monitor.cli.articles import DURATION
from monitor.cli.common import (
    Failed,
    directories,
    has_database,
    json_option,
    open_config,
    open_store,
    plain,
    print_json,
    print_table,
    state_option,
    unknown,
)
from monitor.clock import SystemClock
from monitor.errors import NotFound
from monitor.model import DeliveryState
from monitor.showing import DeliveryTold, find_article, number_said, tell_delivery
from monitor.store import OutboxRow, SqliteStore

_WAITING = (DeliveryState.PENDING, DeliveryState.SENDING, DeliveryState.HELD, DeliveryState.DEAD)


@click.group()
def deliveries() -> None:
    """Show what waits, is held or was given up, and send it again or drop it."""


@deliveries.command(
    "list",
    epilog="""\b
Examples:
  monitor deliveries list
  monitor deliveries list --dead --channel desk-mail
  monitor deliveries list --all --since 24h --json
""",
)
@state_option
@click.option("--channel", help="Only those of this channel.")
@click.option("--dead", is_flag=True, help="Only those that were given up.")
@click.option("--held", is_flag=True, help="Only those of unknown fate that wait for a person.")
@click.option("--all", "every", is_flag=True, help="Also those that were sent.")
@click.option("--since", type=DURATION, help="Only those made in the last 7d, 12h ...")
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True)
@json_option
def list_deliveries(
    state_dir: Path,
    channel: str | None,
    dead: bool,
    held: bool,
    every: bool,
    since: timedelta | None,
    limit: int,
    as_json: bool,
) -> None:
    """List deliveries that were not sent, the latest first, and how their channels fare."""
    named = [state for state, asked in ((DeliveryState.DEAD, dead), (DeliveryState.HELD, held)) if asked]
    states: Sequence[DeliveryState] = named or (tuple(DeliveryState) if every else _WAITING)
    after = None if since is None else SystemClock().now() - since
    with open_store(state_dir) as store:
        rows = store.deliveries(states=states, channel=channel, since=after, limit=limit)
        standings = [one for one in store.channel_standings() if one.failures and channel in {None, one.channel}]
    if as_json:
        print_json({"deliveries": rows, "channels": standings})
        return
    if rows:
        _print_rows(rows)
    else:
        click.echo("there is no delivery yet" if every else "no delivery waits, is held or was given up")
    if any(row.state is DeliveryState.PENDING and not row.attempts for row in rows):
        click.echo("What was not tried yet waits for its channel; for what, says: monitor why ARTICLE")
    if standings:
        print_table(
            "Channels in trouble",
            ("channel", "failed tries in a row", "since", "left alone until", "why"),
            ((one.channel, one.failures, one.failing_since, one.paused_until, one.detail) for one in standings),
        )


def _print_rows(rows: Sequence[OutboxRow]) -> None:
    print_table(
        "",
        ("id", "channel", "state", "tries", "made (UTC)", "next try or end", "article", "watch", "title", "why"),
        (
            (
                row.delivery,
                row.channel,
                row.state,
                row.attempts,
                row.created,
                row.ended if row.state is not DeliveryState.PENDING else row.due if row.attempts else None,
                row.article,
                row.watch,
                row.title,
                row.detail,
            )
            for row in rows
        ),
    )


@deliveries.command("show")
@click.argument("number", type=int)
@state_option
@json_option
def show(number: int, state_dir: Path, as_json: bool) -> None:
    """Show the delivery NUMBER with all its tries."""
    with open_store(state_dir) as store:
        row = store.delivery(number)
    if row is None:
        raise NotFound(f"there is no delivery {number}")
    if as_json:
        print_json(row)
        return
    click.secho(plain(row.title) or "(no headline)", bold=True)
    click.echo(f"    {plain(row.watch)}, story {row.story}, article {row.article or '-'}")
    print_delivery(tell_delivery(row))


def print_delivery(told: DeliveryTold) -> None:
    """One delivery and its tries, a line each."""
    about = f" ({told.about})" if told.about else ""
    click.echo(plain(f"    → {told.channel}{about}: {told.stands} (delivery {told.delivery})"))
    for line in (*told.tries, *([told.waits] if told.waits else [])):
        click.echo(plain(f"        {line}"))


@deliveries.command(
    "retry",
    epilog="""\b
Examples:
  monitor deliveries retry 17 18
  monitor deliveries retry --channel desk-mail
""",
)
@click.argument("numbers", type=int, nargs=-1)
@click.option("--channel", help="All of this channel that are dead, held or put off.")
@state_option
def retry(numbers: tuple[int, ...], channel: str | None, state_dir: Path) -> None:
    """Send deliveries again that were given up, are held, or wait for their next try. The running service does it."""
    _asked(numbers, channel)
    now = SystemClock().now()
    with _writable(state_dir) as store:
        if channel is not None:
            count = store.send_again(channel=channel, now=now)
        else:
            count = sum(store.send_again(delivery=number, now=now) for number in numbers)
    _say(count, "to be sent again")


@deliveries.command(
    "drop",
    epilog="""\b
Examples:
  monitor deliveries drop 17
  monitor deliveries drop --channel old-chat
""",
)
@click.argument("numbers", type=int, nargs=-1)
@click.option("--channel", help="All that wait for this channel.")
@state_option
def drop(numbers: tuple[int, ...], channel: str | None, state_dir: Path) -> None:
    """Give up deliveries that wait or are held. They stay listed as dead, and can be sent again."""
    _asked(numbers, channel)
    now = SystemClock().now()
    with _writable(state_dir) as store:
        if channel is not None:
            count = store.drop(channel=channel, now=now)
        else:
            count = sum(store.drop(delivery=number, now=now) for number in numbers)
    _say(count, "dropped")


def _asked(numbers: tuple[int, ...], channel: str | None) -> None:
    if bool(numbers) == (channel is not None):
        raise click.UsageError("name deliveries by their numbers, or a --channel")


def _say(count: int, what: str) -> None:
    if not count:
        raise Failed("no such delivery waits, is held or was given up")
    click.echo(f"{count} {'delivery' if count == 1 else 'deliveries'} {what}")


def _writable(state_dir: Path) -> SqliteStore:
    if not has_database(state_dir):
        raise Failed(f"there is no database in {state_dir} yet; start the service, or name its --state")
    # A reader refuses one that the service has not brought up to date; so does this, since only a service migrates.
    open_store(state_dir).close()
    return SqliteStore.open(state_dir / "monitor.db", clock=SystemClock())


_author = click.option("--author", default=None, help="Who says so; you, when left out.")
_reason = click.option("--reason", default="", help="Why, for others to read.")


@click.group()
def silence() -> None:
    """Hear nothing of a watch, a story or a source until a time. What goes on afterwards is told then."""


@silence.command(
    "add",
    epilog="""\b
Examples:
  monitor silence add watch "Flood" --for 2h --reason "exercise"
  monitor silence add story 17 --for 1d
  monitor silence add source "Example News" --for 7d
""",
)
@click.argument("kind", type=click.Choice(["watch", "story", "source"]))
@click.argument("name")
@click.option("--for", "span", type=DURATION, required=True, help="How long: 2h, 7d ...")
@_author
@_reason
@directories
def add_silence(
    kind: str, name: str, span: timedelta, author: str | None, reason: str, config_dir: Path, state_dir: Path
) -> None:
    """Silence a watch (by name), a story (by number) or a source (by its name in alerts)."""
    now = SystemClock().now()
    with _writable(state_dir) as store:
        if kind == "watch":
            name = _known("watch", name, (watch.name for watch in open_config(config_dir).watches))
        elif kind == "source":
            name = _known("source", name, store.sources())
        made = store.silence(kind, name, until=now + span, author=author or _me(), reason=reason, now=now)
    click.echo(f"silence {made.id}: nothing of {kind} {name!r} until {made.until:%Y-%m-%d %H:%M} UTC")


def _known(kind: str, name: str, known: Iterable[str]) -> str:
    """The name as it is known, whatever its case: a silence of another would hold nothing back."""
    by_fold = {one.casefold(): one for one in known}
    if name.casefold() not in by_fold:
        raise unknown(kind, name, by_fold.values())
    return by_fold[name.casefold()]


@silence.command("list")
@state_option
@json_option
def list_silences(state_dir: Path, as_json: bool) -> None:
    """List the silences that hold now."""
    with open_store(state_dir) as store:
        rows = store.silences(SystemClock().now())
    if as_json:
        print_json(rows)
        return
    print_table(
        "",
        ("id", "what", "name", "until", "by", "why"),
        ((one.id, one.kind, one.name, one.until, one.author, one.reason) for one in rows),
    )


@silence.command("end")
@click.argument("number", type=int)
@state_option
def end_silence(number: int, state_dir: Path) -> None:
    """End the silence NUMBER now."""
    with _writable(state_dir) as store:
        if not store.end_silence(number, SystemClock().now()):
            raise NotFound(f"there is no silence {number} that holds")
    click.echo(f"silence {number} has ended")


@click.command(
    epilog="""\b
Examples:
  monitor ack 17
  monitor ack https://example.org/story.html --author Ada --reason "calling the embassy"
"""
)
@click.argument("story")
@_author
@_reason
@state_option
def ack(story: str, author: str | None, reason: str, state_dir: Path) -> None:
    """Say that you take care of STORY, by its number or an address of it: nobody is reminded of it."""
    with _writable(state_dir) as store:
        said = number_said(story)
        number = find_article(store, story).story if said is None else said
        if number is None:
            raise Failed(f"{story} was not judged yet: it has no story")
        first = store.acknowledge(number, author=author or _me(), reason=reason, now=SystemClock().now())
    click.echo(f"story {number} is acknowledged" if first else f"story {number} was acknowledged before")


def _me() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a user without a name, as in some containers
        return "somebody"
