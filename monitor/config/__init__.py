"""The config that a person edits: TOML and OPML files in, one frozen ``Config`` or every fault at once out.

On the article's way: before it. What is polled, what is looked for and where alerts go all come from here. ``load``
reads a whole config directory, checks everything that can be checked without the network, and either returns one
immutable value that can be swapped in, or raises ``ConfigErrors`` with all faults, each with file, line, the name of
the thing, what is wrong and what was probably meant.

It does not watch files by itself (``changed`` is asked), does not talk to feeds or channels, and stores nothing.
"""

from monitor.config.edit import add_feeds
from monitor.config.load import ChannelCheck, load
from monitor.config.snapshot import Config, Stamp, changed, take_stamps
from monitor.config.values import parse_duration

__all__ = ["ChannelCheck", "Config", "Stamp", "add_feeds", "changed", "load", "parse_duration", "take_stamps"]
