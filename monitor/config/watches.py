"""``watches.toml``: what is looked for, and where its alerts go.

Reads the watches; what their queries mean is for ``monitor.rules`` to say (see ``judging.py`` beside this file).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from datetime import timedelta

from monitor.config.document import Document
from monitor.config.faults import Faults, did_you_mean, in_quotes
from monitor.config.languages import is_language, language_hint
from monitor.config.values import Table
from monitor.model import Feed, Priority, WatchConfig

__all__ = ["ReadWatch", "read_watches"]

_LATER = {
    "digest": "digests come with a later version",
    "quiet": "quiet hours come with a later version",
    "threshold": "alerts by number come with a later version",
}
_OPERATOR = re.compile(r"(?<!\S)(?:AND|OR|NOT|O?NEAR/\d+|[WP]/\d+|PRE/\d+)(?!\S)")
_LATER_UPDATES = ("milestones", "every")

ReadWatch = tuple[WatchConfig, Table]
"""A watch and the table that it was read from, for telling later faults in their place."""


def read_watches(
    document: Document | None,
    *,
    default_channels: Sequence[str],
    channels: Collection[str] | None,
    feeds: Sequence[Feed] | None,
    faults: Faults,
) -> list[ReadWatch]:
    """The watches in their order, each name once.

    ``channels`` and ``feeds`` are what a watch may name; None when those could not be read, so that one broken file is
    not told as a fault of every watch.
    """
    if document is None:
        return []
    top = Table(document, (), document.data, "", faults)
    known: dict[str, Table] = {}
    watches: list[ReadWatch] = []
    for table in top.tables("watch", "watch"):
        watch = _watch(table, default_channels, channels, feeds)
        if "name" not in table:
            table.fault("has no name", 'add a line such as name = "Coalition withdrawal"')
            continue
        key = " ".join(watch.name.casefold().split())
        if key in known:
            table.fault(
                f"another watch has this name (in line {known[key].line('name')})",
                "rename one: a name is an identity",
                at=("name",),
            )
            continue
        if key:
            known[key] = table
            watches.append((watch, table))
    top.finish()
    return watches


def _watch(
    table: Table, default_channels: Sequence[str], channels: Collection[str] | None, feeds: Sequence[Feed] | None
) -> WatchConfig:
    examples = table.table("examples", example='{ match = ["…"] }')
    match: tuple[str, ...] = ()
    no_match: tuple[str, ...] = ()
    if examples is not None:
        match = examples.texts("match", lines=True)
        no_match = examples.texts("no_match", lines=True)
        for text in match:
            if text in no_match:
                examples.fault("the same example stands under match and no_match", "keep one", at=("no_match",))
        examples.finish()
    watch = WatchConfig(
        name=table.text("name", ""),
        query=table.query("query"),
        any=table.texts("any"),
        all=table.texts("all"),
        none=table.texts("none"),
        priority=Priority(table.choice("priority", Priority.NORMAL, list(Priority))),
        channels=table.texts("channels") or tuple(default_channels),
        languages=table.texts("languages"),
        feeds_tagged=table.texts("tags"),
        updates=_updates(table),
        backfill=table.duration("backfill", None, low=timedelta(hours=1), high=timedelta(days=36_500)),
        examples_match=match,
        examples_no_match=no_match,
        stories=table.flag("stories", default=True),
        enabled=table.flag("enabled", default=True),
    )
    _check_form(table)
    _check_terms(table, watch)
    _check_names(table, watch, channels, feeds)
    table.finish(later=_LATER)
    return watch


def _updates(table: Table) -> str:
    if table.raw("updates") in _LATER_UPDATES:
        table.fault(
            f'updates = "{table.raw("updates")}" is not there yet: stories are told once',
            'write "once", or remove the line',
            at=("updates",),
        )
        return "once"
    return table.choice("updates", "once", ("once",))


def _check_form(table: Table) -> None:
    simple = [key for key in ("any", "all", "none") if key in table]
    if "query" in table and simple:
        table.fault(
            f"has both a query and {simple[0]}",
            f"write one or the other: {simple[0]} can be said within the query",
            at=(simple[0],),
        )
    elif "query" not in table and not ("any" in table or "all" in table):
        if simple:
            table.fault("says only what must not be there", 'add what to look for: any = ["…"]', at=(simple[0],))
        else:
            table.fault("says nothing to look for", 'add query = "…", or any = ["…"]')


def _check_terms(table: Table, watch: WatchConfig) -> None:
    """Operators do nothing in the simple form, so a term that holds one would never be met."""
    for key, terms in (("any", watch.any), ("all", watch.all), ("none", watch.none)):
        for index, term in enumerate(terms):
            operator = _OPERATOR.search(term)
            # A name that is all in capitals ("DEAD OR ALIVE") holds none.
            if operator and term.upper() != term:
                table.fault(
                    f"{key} has no operators, but {in_quotes(term)} holds {operator[0]}",
                    f"write it as a query: query = {in_quotes(term)}",
                    at=(key, index),
                )


def _check_names(
    table: Table, watch: WatchConfig, channels: Collection[str] | None, feeds: Sequence[Feed] | None
) -> None:
    for index, name in enumerate(watch.channels if table.raw("channels") else ()):
        if channels is not None and name not in channels:
            table.fault(f"there is no channel {in_quotes(name)}", did_you_mean(name, channels), at=("channels", index))
    for index, code in enumerate(watch.languages):
        if not is_language(code):
            table.fault(f"{in_quotes(code)} is not a language", language_hint(code), at=("languages", index))
    if feeds is None or not watch.feeds_tagged:
        return
    tags = {tag for feed in feeds for tag in feed.tags}
    for index, tag in enumerate(watch.feeds_tagged):
        if tag not in tags:
            hint = did_you_mean(tag, tags) if tags else "give feeds their tags in feeds.toml"
            table.fault(f"no feed has the tag {in_quotes(tag)}", hint, at=("tags", index))
