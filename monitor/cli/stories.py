"""``monitor stories``: which articles are one story, why, and a person's word on it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import click

from monitor.app import DATABASE
from monitor.cli.articles import DURATION, ago
from monitor.cli.common import (
    Failed,
    has_database,
    json_option,
    open_store,
    plain,
    print_json,
    print_table,
    state_option,
)
from monitor.clock import SystemClock
from monitor.showing import nearest_other, why_in_story
from monitor.store import SqliteStore


@click.group()
def stories() -> None:
    """Show which articles are one story and why, and mend it: the same, or not the same."""


@stories.command("list")
@state_option
@click.option("--since", type=DURATION, help="Only stories with an article of the last 7d, 12h ...")
@click.option("--limit", type=click.IntRange(1, 10_000), default=20, show_default=True)
@click.option("--several", is_flag=True, help="Only stories of two articles or more.")
@json_option
def list_(state_dir: Path, since: timedelta | None, limit: int, several: bool, as_json: bool) -> None:
    """List stories, the one with the latest article first."""
    with open_store(state_dir) as store:
        found = store.stories(limit=limit, since=ago(since), several=several)
    if as_json:
        print_json(found)
        return
    print_table(
        "",
        ("story", "last", "articles", "languages", "title", "told to"),
        (
            (one.story, one.last, one.articles, " ".join(one.languages), one.title, ", ".join(one.told) or "-")
            for one in found
        ),
    )


@stories.command("show")
@click.argument("story", type=int)
@state_option
@json_option
def show(story: int, state_dir: Path, as_json: bool) -> None:
    """Show a story's articles, why each is in it, and the nearest story that each did not join."""
    with open_store(state_dir) as store:
        row = store.story(story)
        told = [(article, store.story_verdict(article.id)) for article in store.story_articles(story)]
    if as_json:
        articles = [
            {
                "article": article.id,
                "title": article.title,
                "source": article.source,
                "language": article.language,
                "url": article.url,
                "published": article.published,
                "discovered": article.discovered,
                "why": verdict,
            }
            for article, verdict in told
        ]
        print_json({"story": row, "articles": articles})
        return
    click.echo(plain(f"story {row.story}: {row.title}"))
    for article, verdict in told:
        head = f"{article.id}  {article.discovered:%Y-%m-%d %H:%M}  {article.language or '-'}  {article.source or '-'}"
        click.echo(plain(f"{head}  {article.title}"))
        if verdict is not None:
            click.echo(plain(f"    {why_in_story(verdict)}"))
            if other := nearest_other(verdict):
                click.echo(plain(f"    {other}"))


@stories.command("merge")
@click.argument("story", type=int, nargs=-1, required=True)
@state_option
@json_option
def merge(story: tuple[int, ...], state_dir: Path, as_json: bool) -> None:
    """Make one story of several: the oldest is kept, and nothing is told again."""
    with _open_for_writing(state_dir) as store:
        kept = store.merge_stories(story)
    if as_json:
        print_json({"story": kept})
    else:
        click.echo(f"they are story {kept} now")


@stories.command("split")
@click.argument("article", type=int, nargs=-1, required=True)
@state_option
@json_option
def split(article: tuple[int, ...], state_dir: Path, as_json: bool) -> None:
    """Take articles out of their story into one of their own; what was not told of either is told by the service."""
    with _open_for_writing(state_dir) as store:
        made = store.split_story(article)
    if as_json:
        print_json({"story": made})
    else:
        click.echo(f"they are story {made} now; what nobody was told of it yet is judged again")


def _open_for_writing(state_dir: Path) -> SqliteStore:
    if not has_database(state_dir):
        raise Failed(f"there is no database in {state_dir} yet; start the service, or name its --state")
    return SqliteStore.open(state_dir / DATABASE, clock=SystemClock())
