"""``monitor run``, ``monitor poll``, ``monitor demo``: the service, one pass of it, and its handshake."""

from __future__ import annotations

import os
import signal
import sys
from contextlib import suppress
from pathlib import Path
from queue import Empty, SimpleQueue

import click

from monitor.app import Parts, Service, one_pass, plan_of, single_instance
from monitor.cli.common import (
    Failed,
    complain,
    directories,
    json_option,
    open_config,
    print_json,
    progress,
    quiet_logs,
    unknown,
)
from monitor.cli.config import starter_config
from monitor.clock import SystemClock
from monitor.demo import outcome_data, run_demo
from monitor.logs import configure_logs

_SIGNAL_LOOK = 0.5  # seconds
_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


@click.command(
    epilog="""\b
Examples:
  monitor run
  monitor run --config /etc/monitor --state /var/lib/monitor
  kill -HUP PID        read the config anew (an edit is also noticed by itself)
"""
)
@directories
@click.option("--log-format", type=click.Choice(["auto", "console", "json"]), help="Overrides monitor.toml.")
@click.option("--log-level", type=click.Choice(["debug", "info", "warning", "error"]), help="Overrides monitor.toml.")
def run(config_dir: Path, state_dir: Path, log_format: str | None, log_level: str | None) -> None:
    """Run the service in the foreground until SIGTERM or Ctrl-C.

    It polls the feeds, judges what is new, and sends the alerts. Whatever was under way when it last ended is taken up.
    A changed config comes into force by itself when it is free of faults.
    """
    # First of all, so that a signal that comes while the service starts is obeyed as well.
    asked = _signals()
    config = open_config(config_dir)
    clock = SystemClock()
    with single_instance(state_dir):
        service: Service | None = None
        configure_logs(
            log_format or config.settings.log_format,
            log_level or config.settings.log_level,
            lambda: service.secrets if service else config.secrets,
            sys.stderr,
        )
        with Parts.make(config, state_dir, clock=clock, out=sys.stdout) as parts:
            service = Service(config, parts, clock=clock, env=os.environ, on_failure=lambda: asked.put(signal.SIGTERM))
            service.start()
            try:
                while _next(asked) == signal.SIGHUP:
                    service.ask_reload()
            finally:
                service.stop()
    # While Python ends it gives signals their deadly default back, though not to those that are ignored.
    for number in _SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    if service.failure:
        raise Failed(service.failure)


def _signals() -> SimpleQueue[int]:
    """A queue of the signals that ask something of the service, from now on.

    A handler interrupts the main thread anywhere, also in another handler: whatever takes a lock there (an Event does)
    may wait for itself. This queue's ``put`` is made to be called so.
    """
    asked: SimpleQueue[int] = SimpleQueue()
    for number in _SIGNALS:
        signal.signal(number, lambda number, _frame: asked.put(number))
    return asked


def _next(asked: SimpleQueue[int]) -> int:
    """The next signal, waited for in short spans.

    One that arrives in the moment between Python's last look for signals and the wait itself is only noticed when the
    wait ends: with a wait without end the service would not stop.
    """
    while True:
        with suppress(Empty):
            return asked.get(timeout=_SIGNAL_LOOK)


@click.command(
    epilog="""\b
Examples:
  monitor poll
  monitor poll https://example.org/feed.xml
  monitor poll --json
"""
)
@click.argument("feed", required=False)
@directories
@json_option
def poll(feed: str | None, config_dir: Path, state_dir: Path, as_json: bool) -> None:
    """Do one pass now over all feeds, or over FEED (its URL or name): poll, judge, deliver, exit.

    Exit code 1 when every feed failed, or when an alert is still to be sent (the service will go on with it).
    """
    config = open_config(config_dir)
    quiet_logs(config)
    clock = SystemClock()
    plan = plan_of(config)
    urls = _chosen(feed, {known.url: known.name for known in plan.feeds.values()})
    out = sys.stderr if as_json else sys.stdout
    with single_instance(state_dir), Parts.make(config, state_dir, clock=clock, out=out) as parts:
        parts.store.release_claims()
        with progress("polling", len(urls)) as advance:
            result = one_pass(parts, plan, urls, clock=clock, advance=advance)
    if as_json:
        print_json(result)
    else:
        click.echo(
            f"{result.feeds} feeds: {result.fetched} read, {result.unchanged} unchanged, {result.failed} failed; "
            f"{result.articles_new} new articles in {result.stories_new} new stories; {result.alerts} alerts, "
            f"{result.deliveries_sent} deliveries sent, {result.deliveries_pending} pending"
        )
        for url, detail in result.failures:
            complain(f"{url}: {detail}")
    if result.feeds and result.failed == result.feeds:
        raise Failed("no feed could be read")
    if result.deliveries_pending:
        wait = "1 delivery waits" if result.deliveries_pending == 1 else f"{result.deliveries_pending} deliveries wait"
        raise Failed("" if as_json else f"{wait}; monitor deliveries list shows what")


@click.command()
@click.option("--fast", is_flag=True, help="Let the newsroom's minute pass in seconds.")
@click.option("--keep", type=click.Path(path_type=Path, file_okay=False), help="Keep config, state and messages here.")
@json_option
def demo(fast: bool, keep: Path | None, as_json: bool) -> None:
    """See the service at work on a small newsroom on this machine: no network, nothing left behind.

    Sixteen outlets in twelve languages publish for a minute; the very same service as in ``monitor run`` watches them
    and sends its alerts to a mail server and a chat webhook of the demo's own. Exit code 0 only when every event that
    the newsroom planned was told, no text twice, and nothing else.
    """
    outcome = run_demo(fast=fast, keep=keep, quiet=as_json, starter=starter_config())
    if as_json:
        print_json(outcome_data(outcome))
    elif keep:
        click.echo(f"config, state and log are kept in {keep}")
    if not outcome.as_planned:
        raise Failed("the outcome differs from the newsroom's plan")


def _chosen(feed: str | None, feeds: dict[str, str]) -> tuple[str, ...]:
    if feed is None:
        return tuple(feeds)
    chosen = tuple(url for url, name in feeds.items() if feed in {url, name})
    if not chosen:
        raise unknown("feed", feed, [*feeds, *feeds.values()])
    return chosen
