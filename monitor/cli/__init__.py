"""The commands: what a person types, what is printed, and the exit codes.

0 done, 1 the answer is no or work failed, 2 wrong usage or config.

Each command reads its options, calls one use case, and prints. No decision about news is made here.
"""

from __future__ import annotations

import sys

import click

from monitor import __version__
from monitor.cli import articles, channels, config, feeds, service, state
from monitor.cli.common import Failed, complain
from monitor.errors import ConfigErrors, MonitorError

_HELP = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


@click.group(context_settings=_HELP)
@click.version_option(__version__, prog_name="monitor")
def monitor() -> None:
    r"""A news watch: name what you must not miss, and be told of it once, in whatever language it is written.

    \b
    Start with:
      monitor init my-watch            a config to edit
      monitor check --config my-watch/config
      monitor run   --config my-watch/config --state my-watch/state
      monitor demo                     see it at work in a minute, without the network
    """


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
    state.status,
    state.backup,
    feeds.feeds,
    channels.channels,
):
    monitor.add_command(command)


def main() -> None:
    """Run the command line; every expected failure becomes a sentence and an exit code, never a traceback."""
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
        complain(f"{count} fault{'s' if count > 1 else ''} in the config; nothing was started")
        sys.exit(2)
    except Failed as failed:
        if str(failed):
            complain(str(failed))
        sys.exit(1)
    except MonitorError as error:
        complain(str(error))
        sys.exit(1)
    except BrokenPipeError:
        # Whoever read our output (head, less) has gone; that is no failure of ours.
        sys.stderr.close()
        sys.exit(0)
