"""``monitor backtest``: what a rule would have told over the archive, before it wakes anybody."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from monitor.app.backtest import Backtest, Hit, Tally, backtest, query_rule, trial
from monitor.cli.common import (
    Failed,
    directories,
    json_option,
    open_config,
    open_store,
    plain,
    print_json,
    print_table,
    progress,
    quiet_logs,
    unknown,
)
from monitor.clock import SystemClock
from monitor.config import Config, duration_meant, parse_duration
from monitor.errors import QueryError
from monitor.model import Evidence
from monitor.rules import Rule

_BARS = "▏▎▍▌▋▊▉█"
_WIDEST = 24  # cells of the longest bar
_SHOWN = 3  # pieces of evidence of one article
_FIRST_DAY = datetime(1970, 1, 2, tzinfo=UTC)


class _Moment(click.ParamType[datetime]):
    name = "time"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        if isinstance(value, datetime):
            return value
        text = str(value)
        span = parse_duration(text)
        if span is not None:
            return max(_FIRST_DAY, SystemClock().now() - span)
        try:
            day = datetime.fromisoformat(text)
        except ValueError:
            hint = duration_meant(text) or "write 30d or 12h for so long ago, or a day such as 2026-01-31"
            self.fail(f"{text!r} is no time; {hint}", param, ctx)
        return max(_FIRST_DAY, day if day.tzinfo else day.replace(tzinfo=UTC))


_MOMENT = _Moment()


@click.command(
    "backtest",
    epilog="""\b
Examples:
  monitor backtest "Islamic State" --since 30d
  monitor backtest --query '@coalition NEAR/8 @withdrawal' --against "Coalition withdrawal from Iraq"
""",
)
@click.argument("watch", required=False)
@click.option("--query", help="Try this query instead of a watch.")
@click.option("--languages", help="With --query: only articles in these (en,fr), as a watch's key.")
@click.option("--tags", help="With --query: only feeds with one of these tags (world,africa), as a watch's key.")
@click.option("--since", type=_MOMENT, default="30d", show_default=True, help="30d, 12h, or a day (UTC).")
@click.option("--until", type=_MOMENT, help="As --since; without it, now.")
@click.option("--against", help="Another watch: tell what comes, what goes and what stays.")
@click.option("--against-query", help="The same against a query.")
@click.option(
    "--samples", type=click.IntRange(0, 1000), default=5, show_default=True, help="Alerts to show of each kind."
)
@directories
@json_option
def backtest_command(
    watch: str | None,
    query: str | None,
    languages: str | None,
    tags: str | None,
    since: datetime,
    until: datetime | None,
    against: str | None,
    against_query: str | None,
    samples: int,
    config_dir: Path,
    state_dir: Path,
    as_json: bool,
) -> None:
    """Tell what WATCH, or a query, would have alerted over the stored archive. Nothing is sent or stored.

    Exit code 0 when it would have told something, 1 when nothing, or when the archive is empty.
    """
    if (watch is None) == (query is None):
        raise click.UsageError("name a watch, or give --query")
    if query is None and (languages or tags):
        raise click.UsageError("--languages and --tags go with --query; a watch has its own")
    if against is not None and against_query is not None:
        raise click.UsageError("give --against or --against-query, not both")
    config = open_config(config_dir)
    quiet_logs(config)
    rules: list[Rule] = []
    name = _named(config, watch, query, rules, _listed(languages), _listed(tags))
    other = None
    if against is not None or against_query is not None:
        other = _named(config, against, against_query, rules)
        if other == name:
            raise click.UsageError("the rule would be compared with itself")
    until = until or SystemClock().now()
    if until <= since:
        raise click.UsageError("--until lies before --since")
    with open_store(state_dir) as store, progress("reading the archive", None) as advance:
        begins = store.archive_begins()
        if begins is not None and since < begins < until:
            since = begins
        found = backtest(
            trial(config, rules, name, other), store.archive(since), config, since=since, until=until, advance=advance
        )
    if not found.in_range:
        raise Failed("the archive holds no article of this time")
    if as_json:
        print_json(_data(found, name, query, other, samples))
    else:
        _print(found, name, other, samples)
    if not found.tally.told and (found.against is None or not found.against.told):
        raise Failed("")


def _named(
    config: Config,
    watch: str | None,
    query: str | None,
    rules: list[Rule],
    languages: Sequence[str] = (),
    tags: Sequence[str] = (),
) -> str:
    """The name of the rule, which joins ``rules`` when it is no watch that is switched on."""
    if query is not None:
        try:
            rules.append(query_rule(config, query, languages=languages, tags=tags))
        except QueryError as error:
            raise click.UsageError(str(error)) from error
        return query
    assert watch is not None
    if watch not in config.rules.prepared:
        resting = any(one.name == watch for one in config.watches)
        if resting:
            raise Failed(f"the watch {watch!r} is switched off; switch it on, or give its query with --query")
        raise unknown("watch", watch, config.rules.prepared)
    return watch


def _listed(value: str | None) -> tuple[str, ...]:
    return tuple(part.strip() for part in (value or "").split(",") if part.strip())


# --- for people ---


def _print(found: Backtest, name: str, other: str | None, samples: int) -> None:
    tally = found.tally
    click.secho(plain(name), bold=True)
    read = (
        f"{found.read:,} of {found.in_range:,} articles read (the others: ruled out by feed, address, letters)"
        if found.read < found.in_range
        else f"all {found.read:,} articles read"
    )
    click.echo(f"  {read}, discovered from {found.since:%Y-%m-%d %H:%M} to {found.until:%Y-%m-%d %H:%M} UTC")
    click.echo(f"  {_counts(tally, found)}")
    if tally.by_day:
        click.echo()
        _print_days(tally)
    _print_hits("alerts, the newest first:", tally.samples(samples))
    if found.difference is not None and found.against is not None and other is not None:
        click.echo()
        click.secho(f"against {plain(other)}", bold=True)
        click.echo(f"  {_counts(found.against, found)}")
        change = found.difference
        click.echo(f"  stories: {len(change.comes)} come, {len(change.goes)} go, {change.stays} stay")
        _print_hits("comes:", tally.samples(samples, change.comes))
        _print_hits("goes:", _gone(found, samples))


def _counts(tally: Tally, found: Backtest) -> str:
    alerts = len(tally.told)
    rate = f", {alerts / found.days:.1f} a day" if found.days >= 1 else "; less than a day makes no rate"
    return (
        f"{_many(tally.articles, 'article')} in {_many(len(tally.stories), 'story')} would have met it: "
        f"{_many(alerts, 'alert')}{rate}"
    )


def _many(count: int, thing: str) -> str:
    plural = f"{thing[:-1]}ies" if thing.endswith("y") else f"{thing}s"
    return f"{count:,} {thing if count == 1 else plural}"


def _print_days(tally: Tally) -> None:
    most = max(tally.by_day.values())
    print_table(
        "",
        ("day (UTC)", "articles", "stories", "alerts", ""),
        (
            (day, count, tally.stories_by_day[day], tally.alerts[day], _bar(tally.alerts[day], most))
            for day, count in sorted(tally.by_day.items(), reverse=True)
        ),
    )


def _bar(value: int, most: int) -> str:
    eighths = round(value / most * _WIDEST * 8)
    whole, rest = divmod(eighths, 8)
    return "█" * whole + (_BARS[rest - 1] if rest else "")


def _gone(found: Backtest, samples: int) -> tuple[Hit, ...]:
    """Samples of what goes, with the reason where an article of the story shows one."""
    assert found.difference is not None
    assert found.against is not None
    shown = found.against.samples(samples, found.difference.goes)
    by_article = {hit.article: hit for hit in found.difference.missed.values()}
    return tuple(by_article.get(hit.article, hit) for hit in shown)


def _print_hits(heading: str, hits: Iterable[Hit]) -> None:
    for number, hit in enumerate(hits):
        if not number:
            click.echo(f"\n  {heading}")
        click.secho(f"  ● {plain(hit.title) or '(no title)'}", bold=True)
        click.echo(f"    {plain(hit.source)} · {hit.language} · {hit.discovered:%Y-%m-%d %H:%M} · {plain(hit.url)}")
        for one in hit.evidence[:_SHOWN]:
            click.echo(f"    {one.field}: {_quoted(one)}")
        if hit.miss:
            click.echo(f"    now: {plain(hit.miss)}")


def _quoted(one: Evidence) -> str:
    return f"“{plain(one.words)}” ({plain(one.term)}, {one.language}) in: {plain(one.sentence)}"


# --- for programs ---


def _data(found: Backtest, name: str, query: str | None, other: str | None, samples: int) -> dict[str, Any]:
    data: dict[str, Any] = {
        "watch": name,
        "query": query,
        "since": found.since,
        "until": found.until,
        "articles_in_range": found.in_range,
        "read": found.read,
        "narrowed": found.read < found.in_range,
        **_tally_data(found.tally, found.days),
        "samples": found.tally.samples(samples),
    }
    if found.difference is not None and found.against is not None:
        data["against"] = {
            "watch": other,
            **_tally_data(found.against, found.days),
            "comes": found.tally.samples(samples, found.difference.comes),
            "goes": _gone(found, samples),
            "stories_coming": len(found.difference.comes),
            "stories_going": len(found.difference.goes),
            "stories_staying": found.difference.stays,
        }
    return data


def _tally_data(tally: Tally, days: float) -> dict[str, Any]:
    return {
        "articles": tally.articles,
        "stories": len(tally.stories),
        "alerts": len(tally.told),
        "alerts_a_day": round(len(tally.told) / days, 2),
        "per_day": [
            {
                "day": day.isoformat(),
                "articles": count,
                "stories": tally.stories_by_day[day],
                "alerts": tally.alerts[day],
            }
            for day, count in sorted(tally.by_day.items())
        ],
    }
