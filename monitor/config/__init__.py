"""The config that a person edits: TOML and OPML files in, one frozen ``Config`` or every fault at once out.

On the article's way: before it. What is polled, what is looked for and where alerts go all come from here. ``load``
reads a whole config directory, checks everything that can be checked without the network, and either returns one
immutable value that can be swapped in, or raises ``ConfigErrors`` with all faults, each with file, line, the name of
the thing, what is wrong and what was probably meant.

Beside that it adds to a config what a person asks for: feeds, and a concept drafted from a Wikidata item.

It does not watch files by itself (``changed`` is asked), does not talk to feeds or channels, and stores nothing.
"""

from monitor.config.concepts import ConceptSource
from monitor.config.draft import Draft, DraftLanguage, make_draft, toml_of
from monitor.config.edit import add_concept, add_feeds
from monitor.config.languages import language_hint
from monitor.config.load import ChannelCheck, load
from monitor.config.snapshot import CONCEPTS, Config, Stamp, changed, take_stamps
from monitor.config.templates import template_takers
from monitor.config.values import duration_meant, parse_duration, say_duration, say_size
from monitor.config.wikidata import WIKIDATA_API, item_id, project_language, read_item, request_url

__all__ = [
    "CONCEPTS",
    "WIKIDATA_API",
    "ChannelCheck",
    "ConceptSource",
    "Config",
    "Draft",
    "DraftLanguage",
    "Stamp",
    "add_concept",
    "add_feeds",
    "changed",
    "duration_meant",
    "item_id",
    "language_hint",
    "load",
    "make_draft",
    "parse_duration",
    "project_language",
    "read_item",
    "request_url",
    "say_duration",
    "say_size",
    "take_stamps",
    "template_takers",
    "toml_of",
]
