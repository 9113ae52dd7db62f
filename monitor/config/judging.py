"""Compiles the watches' queries into rules, and tries their examples on the real thing.

A fault in a query is told in its place in ``watches.toml``, with a caret under it; an example that the rule does not
tell right is a fault, with the reason that the rule itself gives.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from monitor.config.faults import Faults, in_quotes
from monitor.config.values import Table
from monitor.config.watches import ReadWatch
from monitor.errors import QueryError
from monitor.model import Match, WatchConfig
from monitor.rules import Concept, Document, Rule, RuleSet, build, make_document, parse_watch
from monitor.text import decide_language

__all__ = ["Sound", "make_rules"]

_SEVERAL_LINES = re.compile(r"""=[ \t]*(?:\"{3}|'{3})(?P<first>.*)$""")
_CONCEPT = re.compile(r"@(?!watch:)(\w[\w-]*)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sound:
    """Watches that were read before without a fault, over the same concepts, and their rules."""

    watches: Mapping[str, WatchConfig]
    rules: RuleSet


def make_rules(
    watches: Sequence[ReadWatch],
    concepts: Mapping[str, Concept],
    faults: Faults,
    *,
    concepts_sound: bool,
    sound: Sound | None = None,
) -> RuleSet | None:
    """The rules of the watches that are switched on, their examples tried; those that are off are checked all the same.

    None when a fault was told. ``concepts_sound`` is False when a concept could not be read: a watch that names one not
    known is then passed over, since the fault is not the watch's. ``sound``: a watch that stands there just so, and
    builds on no other, is not judged again.
    """
    before = faults.count
    known = _unchanged(watches, sound)
    names = frozenset(watch.name for watch, _ in watches)
    live = frozenset(watch.name for watch, _ in watches if watch.enabled)
    rules: list[Rule] = []
    for watch, table in watches:
        if bool(watch.query.strip()) == bool(watch.any or watch.all):
            continue  # both forms or neither: told when the watch was read
        if watch.name in known:
            rules.append(known[watch.name])
            continue
        used = set(_CONCEPT.findall(" ".join((watch.query, *watch.any, *watch.all, *watch.none))))
        if not concepts_sound and used - concepts.keys():
            continue
        try:
            rules.append(parse_watch(watch, concepts, names))
        except QueryError as error:
            _tell(table, watch, error)
            continue
        if watch.enabled and rules[-1].builds_on - live:
            _tell_rest(table, watch, concepts, live)
    if faults.count > before or not concepts_sound:
        return None
    try:
        every = build(rules, concepts, sound.rules if sound else None)
    except QueryError as error:
        rule = next((rule for rule in rules if rule.query == error.query), rules[0])
        _tell(*next((table, watch) for watch, table in watches if watch.name == rule.name), error)
        return None
    for watch, table in watches:
        if watch.name in every.prepared and watch.name not in known:
            _try_examples(watch, table, every)
    if faults.count > before:
        return None
    return every if live == names else build((rule for rule in rules if rule.name in live), concepts, every)


def _unchanged(watches: Sequence[ReadWatch], sound: Sound | None) -> Mapping[str, Rule]:
    """The rules of the watches that stand as they stood, and build on no other."""
    if sound is None:
        return {}
    return {
        watch.name: prepared.rule
        for watch, _ in watches
        if (prepared := sound.rules.prepared.get(watch.name)) and prepared.alone
        if sound.watches.get(watch.name) == watch
    }


def _tell_rest(table: Table, watch: WatchConfig, concepts: Mapping[str, Concept], live: Collection[str]) -> None:
    """One fault for a watch that builds on another one which is switched off."""
    try:
        parse_watch(watch, concepts, live)
    except QueryError as error:
        hint = "switch it on, or take it out of the query"
        resting = QueryError(
            "the watch that is named here is switched off", query=error.query, position=error.position, hint=hint
        )
        _tell(table, watch, resting)


def _tell(table: Table, watch: WatchConfig, error: QueryError) -> None:
    """One fault, at the line on which the query goes wrong, with that line and a caret under the place."""
    document = table.document
    at: tuple[str | int, ...] = ("query",)
    for key in ("any", "all", "none"):
        terms = getattr(watch, key)
        if error.query in terms and not watch.query:
            at = (key, terms.index(error.query))
            break
    before, after = error.query[: error.position], error.query[error.position :]
    row = before.rpartition("\n")[2] + after.partition("\n")[0]
    column = len(before.rpartition("\n")[2])
    shown = QueryError(error.message, query=row.replace("\t", " "), position=column, hint=error.hint)
    line = table.line(*at)
    opened = _SEVERAL_LINES.search(document.rows[line - 1])
    if opened:
        # TOML drops a line break right after the opening quotes.
        line += before.count("\n") + (not opened["first"])
    table.faults.add(document.path, line, table.where, str(shown))


def _try_examples(watch: WatchConfig, table: Table, rules: RuleSet) -> None:
    for index, text in enumerate(watch.examples_match):
        documents = _documents(text, watch)
        if not any(_match(rules, document, watch) for document in documents):
            why = rules.miss(documents[0], watch.name)
            table.fault(
                f"the example {in_quotes(text)} is not met: {why}",
                "change the rule, or move the example to no_match",
                at=("examples", "match", index),
            )
    for index, text in enumerate(watch.examples_no_match):
        met = next(filter(None, (_match(rules, document, watch) for document in _documents(text, watch))), None)
        if met is not None:
            words = dict.fromkeys(f"{in_quotes(item.words)} for {item.term}" for item in met.evidence)
            table.fault(
                f"the example {in_quotes(text)} is met, by {', '.join(list(words)[:4])}",
                "change the rule, or move the example to match",
                at=("examples", "no_match", index),
            )


def _documents(text: str, watch: WatchConfig) -> tuple[Document, ...]:
    """An example as an article: a headline above its text, or where it is one line, a headline or a text alone.

    It comes from a feed that the watch looks at, since an example says nothing of feeds.
    """
    first, _, rest = text.partition("\n")
    forms = ((first, rest),) if rest.strip() else ((text, ""), ("", text))
    return tuple(
        make_document(title=title, body=body, language=decide_language(title, body), tags=watch.feeds_tagged)
        for title, body in forms
    )


def _match(rules: RuleSet, document: Document, watch: WatchConfig) -> Match | None:
    return rules.match_one(document, watch.name)
