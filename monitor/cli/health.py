"""``monitor feeds health`` and ``feeds show``: what is wrong with feeds, and why the next look is when it is."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import click

from monitor.app import Ailment, Pace, ailments, plan_of, work_out_pace
from monitor.cli.common import (
    directories,
    json_option,
    open_config,
    open_store,
    plain,
    print_json,
    print_table,
    unknown,
)
from monitor.clock import SystemClock
from monitor.feeds import rate
from monitor.store import FeedRow

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


@click.command(
    epilog="""\b
Examples:
  monitor feeds health
  monitor feeds health --json
"""
)
@directories
@json_option
def health(config_dir: Path, state_dir: Path, as_json: bool) -> None:
    """Tell what is wrong with which feed: failing, gone, silent against its own rhythm, entries missed, moved."""
    config = open_config(config_dir)
    clock = SystemClock()
    with open_store(state_dir) as store:
        rows = [row for row in store.feeds() if row.configured]
        pace = work_out_pace(store, plan_of(config), clock.now())
    found = [(row, kind, words) for row in rows for kind, words in ailments(row, clock.now())]
    found.sort(key=lambda one: (list(Ailment).index(one[1]), one[0].url))
    if as_json:
        print_json(
            {
                "feeds": len(rows),
                "looks_a_day": round(pace.looks),
                "budget": pace.budget,
                "ailments": [{"url": row.url, "kind": kind, "detail": words} for row, kind, words in found],
            }
        )
        return
    click.echo(_of_budget(len(rows), pace))
    if not found:
        click.echo("all feeds are well")
        return
    print_table("", ("kind", "feed", "what"), ((kind, row.url, words) for row, kind, words in found))


@click.command(
    epilog="""\b
Examples:
  monitor feeds show https://example.org/rss.xml
"""
)
@click.argument("url")
@directories
@json_option
def show(url: str, config_dir: Path, state_dir: Path, as_json: bool) -> None:
    """Tell all that is known of the feed at URL: its rhythm, its last look, and why the next one is when it is."""
    open_config(config_dir)
    now = SystemClock().now()
    with open_store(state_dir) as store:
        rows = {row.url: row for row in store.feeds()}
    row = rows.get(url)
    if row is None:
        raise unknown("feed", url, rows)
    wrong = ailments(row, now)
    if as_json:
        print_json({"feed": row, "ailments": [{"kind": kind, "detail": words} for kind, words in wrong]})
        return
    click.echo(f"{plain(row.name or row.title)}  {plain(row.url)}")
    click.echo(f"last look: {row.checked or 'none yet'}   last that went well: {row.last_ok or 'none yet'}")
    click.echo(f"last news: {row.last_new or 'none yet'}   entries listed: {row.entries}   articles: {row.articles}")
    click.echo(f"next look: {row.next_check}")
    if row.why:
        click.echo(f"  because: {plain(row.why)}")
    if row.rhythm is not None:
        click.echo(f"rhythm: {rate(row.rhythm, now) * 24:.3g} entries a day, most {_busiest(row)} (UTC)")
    for words in _asked(row):
        click.echo(f"it asks: {words}")
    for kind, words in wrong:
        click.echo(f"{kind}: {plain(words)}")


def _of_budget(count: int, pace: Pace) -> str:
    said = f"{count} feeds, about {pace.looks:,.0f} looks a day of a budget of {pace.budget:,}"
    return f"{said}; the feeds' interval_max asks for more than the budget" if pace.over else said


def _busiest(row: FeedRow) -> str:
    """The hours and days that hold half of what it publishes."""
    assert row.rhythm is not None
    hours, days = row.rhythm.hours, row.rhythm.days
    best = sorted(sorted(range(24), key=lambda hour: -hours[hour])[:4])
    busy = [name for name, count in zip(_DAYS, days, strict=True) if count >= sum(days) / 7]
    return f"at {', '.join(f'{hour}h' for hour in best)} on {', '.join(busy)}"


def _asked(row: FeedRow) -> list[str]:
    asks = row.asks
    said = []
    if asks.ttl:
        said.append(f"no look within {asks.ttl // timedelta(minutes=1)} minutes (ttl, sy:updatePeriod)")
    if asks.skip_hours:
        said.append(f"no look in the hours {', '.join(map(str, asks.skip_hours))} (skipHours)")
    if asks.skip_days:
        said.append(f"no look on {', '.join(_DAYS[day] for day in asks.skip_days)} (skipDays)")
    if asks.hub:
        said.append(f"it offers the hub {plain(asks.hub)}")
    return said
