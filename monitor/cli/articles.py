"""``monitor match``, ``replay``, ``search``, ``alerts``: asking what articles meet, met, and led to."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TextIO

import click

from monitor import __version__
from monitor.app import plan_of, read_replay, settle
from monitor.app import replay as replay_articles
from monitor.cli.common import (
    Failed,
    config_option,
    json_option,
    open_config,
    open_store,
    plain,
    print_json,
    print_table,
    progress,
    quiet_logs,
    state_option,
)
from monitor.clock import SystemClock
from monitor.config import Config, duration_meant, parse_duration
from monitor.feeds import html_to_text
from monitor.fetch import HttpFetcher
from monitor.model import DeliveryState, Evidence, Fetched, FetchRequest
from monitor.rules import Document, make_document
from monitor.store import DeliveryRow
from monitor.text import decide_language

_LOOKS_LIKE_HTML = re.compile(r"\s*(<!doctype html|<html|<head|<body|<article)", re.IGNORECASE)
_HTML_TITLE = re.compile(r"<title[^>]*>(.*?)</title", re.IGNORECASE | re.DOTALL)


class _Duration(click.ParamType[timedelta]):
    name = "duration"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        span = value if isinstance(value, timedelta) else parse_duration(str(value))
        if span is None:
            hint = duration_meant(str(value)) or "write 30m, 12h or 7d"
            self.fail(f"{value!r} is no span of time; {hint}", param, ctx)
        return span


DURATION = _Duration()


@click.command(
    epilog="""\b
Examples:
  monitor match article.txt
  monitor match https://example.org/story.html
  pbpaste | monitor match - --explain
  monitor match article.txt --json
"""
)
@click.argument("article")
@config_option
@click.option("--title", default="", help="The article's headline, when it stands apart from the text.")
@click.option("--language", help="The article's language when you know it (fr, ar ...); else it is decided.")
@click.option("--explain", is_flag=True, help="Print every rule as a tree, each part met or not.")
@json_option
def match(article: str, config_dir: Path, title: str, language: str | None, explain: bool, as_json: bool) -> None:
    """Tell which watches ARTICLE meets, and why: a text or HTML file, a URL, or - for standard input.

    A .json file may hold {"title": ..., "text": ...}. A plain text is taken whole as the body. Exit code 0 when a watch
    is met, 1 when none is.
    """
    config = open_config(config_dir)
    found_title, body, url = _read_article(article, config)
    title = title or found_title
    decided = decide_language(title, body, hint=language)
    document = make_document(title=title, body=body, language=decided, url=url)
    matches = config.rules.match(document)
    met = {one.watch for one in matches}
    missed = [watch.name for watch in config.watches if watch.enabled and watch.name not in met]
    if as_json:
        print_json(
            {
                "language": decided.code,
                "title": title,
                "matches": matches,
                "misses": [{"watch": name, "why": config.rules.miss(document, name)} for name in missed],
            }
        )
    else:
        click.echo(f"language: {decided.code}" + (f" (or {decided.runner_up})" if decided.runner_up else ""))
        for one in matches:
            click.secho(f"✔ {one.watch}", bold=True)
            _print_evidence(one.evidence)
        for name in missed:
            click.secho(f"✘ {name}", bold=True)
            click.echo(f"    {plain(config.rules.miss(document, name))}")
        if explain:
            _print_explanations(config, document)
    if not matches:
        raise Failed("")


def _print_evidence(evidence: tuple[Evidence, ...]) -> None:
    for one in evidence:
        by = f"{one.term}" + (f" by “{one.alias}” ({one.language})" if one.alias else "")
        click.echo(f"    {one.field}: {plain(by)}")
        click.echo(f"        “{plain(one.words)}” in: {plain(one.sentence)}")


def _print_explanations(config: Config, document: Document) -> None:
    for watch in config.watches:
        if watch.enabled:
            click.secho(f"\n{watch.name}", bold=True)
            for line in config.rules.explain(document, watch.name).lines():
                click.echo(f"    {plain(line)}")


def _read_article(place: str, config: Config) -> tuple[str, str, str]:
    """Title, text and URL of what stands at a path, a URL, or on standard input."""
    if place.startswith(("http://", "https://")):
        fetcher = HttpFetcher(config.settings, SystemClock(), __version__, config.root)
        try:
            fetched = fetcher.fetch(FetchRequest(url=place, deadline=config.settings.fetch_deadline))
        finally:
            fetcher.close()
        if not isinstance(fetched, Fetched):
            raise Failed(f"{place} could not be read: {getattr(fetched, 'detail', 'nothing came')}")
        title, body = _as_article(fetched.body.decode("utf-8", "replace"))
        return title, body, fetched.url
    try:
        raw = sys.stdin.buffer.read() if place == "-" else Path(place).read_bytes()
    except OSError as error:
        raise Failed(f"{place} can't be read: {error.strerror}") from error
    text = raw.decode("utf-8-sig", "replace")
    if place.endswith(".json"):
        return _from_json(place, text)
    title, body = _as_article(text)
    return title, body, ""


def _from_json(place: str, text: str) -> tuple[str, str, str]:
    try:
        raw = json.loads(text)
    except ValueError as error:
        raise Failed(f"{place} is not JSON: {error}") from error
    if not isinstance(raw, dict):
        raise Failed(f"{place} should hold one JSON object with title and text")
    return str(raw.get("title") or ""), str(raw.get("text") or ""), str(raw.get("url") or "")


def _as_article(text: str) -> tuple[str, str]:
    """Title and body: of an HTML page its title and its text, of anything else the text as it is."""
    if not _LOOKS_LIKE_HTML.match(text):
        return "", text
    title = _HTML_TITLE.search(text)
    return (html_to_text(title[1]) if title else ""), html_to_text(text)


@click.command(
    epilog="""\b
Each line of FILE: {"id", "title", "text", "language"?, "url"?, "source"?, "published"?}

\b
Examples:
  monitor replay recorded.jsonl
  monitor replay recorded.jsonl --json > outcome.jsonl
"""
)
@click.argument("file", type=click.Path(path_type=Path, allow_dash=True))
@config_option
@json_option
def replay(file: Path, config_dir: Path, as_json: bool) -> None:
    """Run recorded articles through the real pipeline, in a temporary state and simulated time; nothing is sent."""
    config = open_config(config_dir)
    quiet_logs(config)
    plan = plan_of(config)
    with _lines(file) as lines, progress("replaying", None) as advance:
        settle()
        for one in replay_articles(read_replay(lines), plan):
            advance()
            if as_json:
                print_json(
                    {
                        "id": one.id,
                        "language": one.language,
                        "story": one.story,
                        "matches": one.matches,
                        "alerts": [{"watch": watch, "kind": kind} for watch, kind in one.alerts],
                    },
                    indent=None,
                )
            else:
                alerts = ", ".join(watch for watch, _ in one.alerts)
                met = ", ".join(each.watch for each in one.matches)
                what = f"met: {met or '-'}  alerts: {alerts or '-'}"
                click.echo(f"{plain(one.id)}  story {one.story}  {one.language or '-'}  {what}")


@contextmanager
def _lines(file: Path) -> Iterator[TextIO]:
    if str(file) == "-":
        yield sys.stdin
        return
    try:
        opened = file.open(encoding="utf-8", errors="replace")
    except OSError as error:
        raise Failed(f"{file} can't be read: {error.strerror}") from error
    with opened:
        yield opened


@click.command(
    epilog="""\b
Examples:
  monitor search "islamic state" iraq
  monitor search retrait --since 7d --json
"""
)
@click.argument("words", nargs=-1, required=True)
@state_option
@click.option("--since", type=DURATION, help="Only articles of the last 7d, 12h ...")
@click.option("--limit", type=click.IntRange(1, 10_000), default=20, show_default=True)
@json_option
def search(words: tuple[str, ...], state_dir: Path, since: timedelta | None, limit: int, as_json: bool) -> None:
    """Search the archive for articles that hold all WORDS ("..." for a phrase, * at a word's end). Newest first."""
    # A word that the shell handed over with spaces in it was a phrase in quotes.
    query = " ".join(f'"{word}"' if " " in word and '"' not in word else word for word in words)
    with open_store(state_dir) as store:
        found = store.search(query, limit=limit, since=ago(since))
    if as_json:
        print_json(found)
    else:
        print_table(
            "",
            ("article", "discovered", "source", "lang", "title"),
            ((one.article, one.discovered, one.source, one.language, one.title) for one in found),
        )
    if not found:
        raise Failed("" if as_json else "nothing in the archive holds these words")


@click.command(
    epilog="""\b
Examples:
  monitor alerts
  monitor alerts --watch "Islamic State" --since 24h
"""
)
@state_option
@click.option("--watch", help="Only alerts of this watch.")
@click.option("--since", type=DURATION, help="Only alerts of the last 7d, 12h ...")
@click.option("--limit", type=click.IntRange(1, 10_000), default=20, show_default=True)
@click.option("--held", is_flag=True, help="Instead: what met a watch and was not told, and why.")
@json_option
def alerts(state_dir: Path, watch: str | None, since: timedelta | None, limit: int, held: bool, as_json: bool) -> None:
    """List the alerts, newest first, with where each was delivered."""
    with open_store(state_dir) as store:
        if held:
            rows = store.held_back(limit=limit, watch=watch, since=ago(since))
            if as_json:
                print_json(rows)
            else:
                print_table(
                    "",
                    ("watch", "reason", "source", "title", "story told as"),
                    ((row.watch, row.reason, row.source, row.title, row.told) for row in rows),
                )
            return
        found = store.alerts(limit, watch=watch, since=ago(since))
    if as_json:
        print_json(found)
    else:
        print_table(
            "",
            ("when", "watch", "story", "source", "title", "deliveries"),
            (
                (
                    one.created,
                    one.watch,
                    one.story,
                    one.source,
                    one.title,
                    ", ".join(_delivery(delivery) for delivery in one.deliveries),
                )
                for one in found
            ),
        )


def _delivery(row: DeliveryRow) -> str:
    why = f" ({row.detail})" if row.detail and row.state is not DeliveryState.SENT else ""
    return f"{row.channel}: {row.state}{why}"


def ago(span: timedelta | None) -> datetime | None:
    """When that was, counted back from now; not before 1970."""
    return None if span is None else max(datetime(1970, 1, 2, tzinfo=UTC), SystemClock().now() - span)
