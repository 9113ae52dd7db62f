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
from monitor.config.templates import read_template_folder
from monitor.config.values import Table
from monitor.model import Feed, Priority, Route, WatchConfig

__all__ = ["ReadWatch", "read_watches"]

_OPERATOR = re.compile(r"(?<!\S)(?:AND|OR|NOT|O?NEAR/\d+|[WP]/\d+|PRE/\d+)(?!\S)")
_OF_CHANNELS = ("digest", "quiet", "rate")

ReadWatch = tuple[WatchConfig, Table]
"""A watch and the table that it was read from, for telling later faults in their place."""


def read_watches(
    document: Document | None,
    *,
    default_channels: Sequence[str],
    channels: Collection[str] | None,
    feeds: Sequence[Feed] | None,
    folders: Collection[str],
    faults: Faults,
) -> list[ReadWatch]:
    """The watches in their order, each name once.

    ``channels`` and ``feeds`` are what a watch may name; None when those could not be read, so that one broken file is
    not told as a fault of every watch. ``folders``: those of templates.
    """
    if document is None:
        return []
    top = Table(document, (), document.data, "", faults)
    known: dict[str, Table] = {}
    watches: list[ReadWatch] = []
    for table in top.tables("watch", "watch"):
        watch = _watch(table, default_channels, channels, feeds, folders)
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
    table: Table,
    default_channels: Sequence[str],
    channels: Collection[str] | None,
    feeds: Sequence[Feed] | None,
    folders: Collection[str],
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
        updates=table.choice("updates", "once", ("once", "milestones", "every")),
        remind_after=table.duration("remind_after", None, low=timedelta(seconds=1), high=timedelta(days=7)),
        escalate=table.texts("escalate"),
        spike=table.flag("spike", default=False),
        routes=tuple(_route(route, channels) for route in table.tables("route", "route")),
        backfill=table.duration("backfill", None, low=timedelta(hours=1), high=timedelta(days=36_500)),
        examples_match=match,
        examples_no_match=no_match,
        templates=read_template_folder(table, folders),
        stories=table.flag("stories", default=True),
        enabled=table.flag("enabled", default=True),
    )
    _check_form(table)
    _check_terms(table, watch)
    _check_names(table, watch, channels, feeds)
    table.finish()
    return watch


def _route(table: Table, channels: Collection[str] | None) -> Route:
    priority = table.choice("priority", "", ["", *Priority])
    route = Route(
        tags=table.texts("tags"),
        channels=table.texts("channels"),
        priority=Priority(priority) if priority else None,
    )
    if not route.tags:
        table.fault("has no tags", 'name the tags of feeds that it is for: tags = ["official"]')
    elif not route.channels and route.priority is None:
        table.fault("changes nothing", 'add channels = ["…"] or priority = "urgent"')
    _check_channels(table, "channels", route.channels, channels)
    table.finish()
    return route


def _check_channels(table: Table, key: str, names: Sequence[str], channels: Collection[str] | None) -> None:
    for index, name in enumerate(names):
        if channels is not None and name not in channels:
            table.fault(f"there is no channel {in_quotes(name)}", did_you_mean(name, channels), at=(key, index))


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


def _can_be_urgent(watch: WatchConfig) -> bool:
    return Priority.URGENT in {watch.priority, *(route.priority for route in watch.routes)}


def _check_names(
    table: Table, watch: WatchConfig, channels: Collection[str] | None, feeds: Sequence[Feed] | None
) -> None:
    _check_channels(table, "channels", watch.channels if table.raw("channels") else (), channels)
    _check_channels(table, "escalate", watch.escalate, channels)
    if watch.remind_after is not None and not _can_be_urgent(watch):
        table.fault(
            "remind_after is for urgent alerts, and this watch has none",
            'write priority = "urgent", or remove the line',
            at=("remind_after",),
        )
    for key in _OF_CHANNELS:
        table.refuse(key, f"{key} is said of a channel, not of a watch", "write it in channels.toml")
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
