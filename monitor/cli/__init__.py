"""The commands: what a person types, what is printed, and the exit codes.

0 done, 1 the answer is no or work failed, 2 wrong usage or config.

Each command reads its options, calls one use case, and prints. No decision about news is made here.
"""

from __future__ import annotations

import os
import sys

import click

from monitor import __version__
from monitor.cli import (
    articles,
    backtest,
    channels,
    concepts,
    config,
    deliveries,
    feeds,
    health,
    service,
    state,
    stories,
    why,
)
from monitor.cli.common import Failed, complain
from monitor.errors import ConfigErrors, MonitorError

_HELP = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


class _ReaderGone(Exception):
    """Whoever read our output (head, less) has gone; that is no failure of ours."""


class _Commands(click.Group):
    """Click answers a broken pipe with exit code 1 before anyone else sees it; here it gets a name of its own."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except BrokenPipeError as error:
            raise _ReaderGone from error


@click.group(cls=_Commands, context_settings=_HELP)
@click.version_option(__version__, prog_name="monitor")
def monitor() -> None:
    """A news watch: name what you must not miss, and be told of it once, in whatever language it is written.

    \b
    Start with:
      monitor init my-watch            a config to edit
      monitor check --config my-watch/config
      monitor run   --config my-watch/config --state my-watch/state
      monitor demo                     see it at work in a minute, without the network
    """


feeds.feeds.add_command(health.health)
for command in (
    service.run,
    service.poll,
    service.demo,
    config.init,
    config.check,
    articles.match,
    articles.replay,
    articles.search,
    articles.alerts,
    why.why,
    deliveries.deliveries,
    deliveries.silence,
    deliveries.ack,
    backtest.backtest_command,
    stories.stories,
    state.status,
    state.backup,
    feeds.feeds,
    concepts.concepts,
    channels.channels,
):
    monitor.add_command(command)


def main() -> None:
    """Run the command line; every expected failure becomes a sentence and an exit code, never a traceback."""
    _open_standard_streams()
    try:
        monitor.main(standalone_mode=False)
    except click.exceptions.Exit as done:
        sys.exit(done.exit_code)
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except (click.Abort, KeyboardInterrupt):
        complain("stopped")
        sys.exit(130)
    except ConfigErrors as errors:
        for fault in errors.errors:
            complain(str(fault))
        count = len(errors.errors)
        complain(f"{count} fault{'s' if count > 1 else ''} in the config; nothing was done")
        sys.exit(2)
    except Failed as failed:
        if str(failed):
            complain(str(failed))
        sys.exit(1)
    except MonitorError as error:
        complain(str(error))
        sys.exit(1)
    except _ReaderGone:
        _give_up_output()
        sys.exit(0)
    except OSError as error:
        # A place that a person named can't be read or written.
        complain(f"{error.filename}: {error.strerror}" if error.filename else str(error))
        sys.exit(1)
    finally:
        _flush()


def _open_standard_streams() -> None:
    """Whoever started us may have closed them: then nothing else may take their numbers, least of all the database."""
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest number that is free: this one
    if sys.stdout is None:
        sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115 - it lasts as long as the process
    if sys.stderr is None:
        sys.stderr = open(2, "w", encoding="utf-8", closefd=False)  # noqa: SIM115 - as above


def _flush() -> None:
    """Python flushes at its end, and would answer a reader that has gone with a message and an exit code of its own."""
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except OSError:
        _give_up_output()


def _give_up_output() -> None:
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        os.dup2(nowhere, stream.fileno())
    os.close(nowhere)
