"""``monitor feeds health``: what is wrong with feeds; and for ``feeds show``, why the next look is when it is."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import click

from monitor.app import plan_of
from monitor.cli.common import (
    directories,
    json_option,
    open_config,
    open_store,
    print_json,
    print_table,
)
from monitor.clock import SystemClock
from monitor.feeds import rate
from monitor.model import PushState, Rhythm, Subscription
from monitor.pipeline import work_out_pace
from monitor.showing import ailments, feed_troubles, of_budget
from monitor.store import FeedRow

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_STATES = {
    PushState.ASKED: "it has not confirmed yet that it pushes",
    PushState.LIVE: "it pushes",
    PushState.REFUSED: "it does not push to us",
    PushState.LEAVING: "it is to push no more",
}


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
    found = feed_troubles(rows, clock.now())
    if as_json:
        print_json(
            {
                "feeds": len(rows),
                "looks_a_day": round(pace.looks),
                "budget": pace.budget,
                "ailments": [{"url": one.url, "kind": one.kind, "detail": one.detail} for one in found],
            }
        )
        return
    click.echo(of_budget(len(rows), pace))
    if not found:
        click.echo("all feeds are well")
        return
    print_table("", ("kind", "feed", "what"), ((one.kind, one.url, one.detail) for one in found))


def schedule_lines(row: FeedRow, now: datetime) -> list[str]:
    """Why the next look at a feed is when it is, its rhythm, what it asks for, and what is wrong with it."""
    said = [f"next look: {row.next_check.isoformat(timespec='seconds')}"]
    if row.why:
        said.append(f"  because: {row.why}")
    if row.rhythm is not None:
        said.append(f"rhythm: {rate(row.rhythm, now) * 24:.3g} entries a day, most {_busiest(row.rhythm)} (UTC)")
    said.extend(f"it asks: {words}" for words in _asked(row))
    said.extend(f"{kind}: {words}" for kind, words in ailments(row, now))
    return said


def subscription_facts(subscription: Subscription) -> dict[str, object]:
    """What may be told of a subscription: neither its callback nor its secret."""
    kept = ("hub", "topic", "state", "until", "due", "tries", "missed", "detail")
    return {name: getattr(subscription, name) for name in kept}


def subscription_line(subscription: Subscription) -> str:
    """How it stands with the hub that is to push a feed."""
    due = subscription.due.isoformat(timespec="seconds")
    if subscription.state is PushState.LIVE and subscription.until is not None:
        said = f"pushes until {subscription.until.isoformat(timespec='seconds')}, to be renewed at {due}"
        if subscription.missed:
            looks = "look" if subscription.missed == 1 else "looks"
            said += f"; {subscription.missed} {looks} since its last push found what it had not pushed"
    else:
        said = f"{_STATES[subscription.state]}, asked {subscription.tries} times, next at {due}"
    detail = f" ({subscription.detail})" if subscription.detail else ""
    return f"hub {subscription.hub}: {said}{detail}"


def _busiest(rhythm: Rhythm) -> str:
    """The busiest hours, and the days that are no quieter than the average."""
    hours, days = rhythm.hours, rhythm.days
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
        said.append(f"it offers the hub {asks.hub}")
    return said
