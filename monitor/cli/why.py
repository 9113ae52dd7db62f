"""``monitor why``: the whole fate of one article, from its first sight to each try to tell it."""

from __future__ import annotations

import os
from pathlib import Path

import click

from monitor.app import plan_of, read_config
from monitor.cli.common import (
    Failed,
    directories,
    json_option,
    open_store,
    plain,
    print_json,
    print_table,
)
from monitor.cli.deliveries import print_delivery
from monitor.clock import SystemClock
from monitor.config import Config
from monitor.errors import ConfigErrors
from monitor.model import StoryReason
from monitor.showing import Fate, FateTold, fate_of, find_article, tell_fate


@click.command(
    epilog="""\b
Examples:
  monitor why 1234
  monitor why https://example.org/story.html --watch "Flood"
  monitor why 1234 --channel desk-mail --json
"""
)
@click.argument("article")
@directories
@click.option("--watch", help="Only what this watch made of it.")
@click.option("--channel", help="Only its deliveries to this channel.")
@json_option
def why(article: str, config_dir: Path, state_dir: Path, watch: str | None, channel: str | None, as_json: bool) -> None:
    """Tell the whole fate of an article, by its number or address.

    When it was first seen and by which feed, what it met or missed, its story, why it was told or not, and each try to
    deliver it.
    """
    config = _config(config_dir)
    if config is not None and watch is not None and watch not in {one.name for one in config.watches}:
        raise Failed(f"there is no watch {watch!r} in the config")
    plan = None if config is None else plan_of(config)
    now = SystemClock().now()
    with open_store(state_dir) as store:
        fate = fate_of(store, find_article(store, article), plan, now, watch=watch, channel=channel)
    if as_json:
        _print_json(fate)
    else:
        _print(fate, tell_fate(fate, now))


def _config(config_dir: Path) -> Config | None:
    try:
        return read_config(config_dir, os.environ)
    except ConfigErrors:
        return None


def _print_json(fate: Fate) -> None:
    print_json(
        {
            "article": fate.article.id,
            "title": fate.article.title,
            "url": fate.article.url,
            "source": fate.article.source,
            "first_seen": fate.sight,
            "language": fate.article.language,
            "state": fate.article.state,
            "story": fate.article.story,
            "same_story_by": fate.story,
            "story_articles": fate.story_articles,
            "matches": fate.matches,
            "misses": fate.misses,
            "verdicts": fate.verdicts,
            "acknowledged": fate.acknowledged,
            "silences": fate.silences,
            "deliveries": fate.own,
            "story_deliveries": fate.others,
        }
    )


def _print(fate: Fate, told: FateTold) -> None:
    article = fate.article
    click.secho(plain(article.title) or "(no headline)", bold=True)
    click.echo(f"    article {article.id}, {plain(article.source)}, {plain(article.url)}")
    if told.seen:
        click.echo(f"    first seen {plain(told.seen)}")
    if told.aside:
        click.echo(f"    set aside by a fault of this program: {plain(told.aside)}")
    waits = f"; {told.waits}" if told.waits else ""
    click.echo(f"    language: {article.language or '-'}{waits}")
    if told.story:
        by_event = fate.story is not None and fate.story.reason is StoryReason.SAME_EVENT
        by_what = f"; by what, says: monitor stories show {article.story}" if by_event else ""
        click.echo(f"    {told.story} (story {article.story}; {told.tellers}{by_what})")
    for note in told.notes:
        click.echo(f"    {plain(note)}")
    for one in told.watches:
        click.secho(f"{'✔' if one.met else '✘'} {plain(one.watch)}", bold=True)
        if one.words:
            click.echo(f"    it was met by {', '.join(f'“{plain(words)}”' for words in one.words)}")
        if one.said:
            click.echo(f"    {plain(one.said)}")
        for delivery in one.deliveries:
            print_delivery(delivery)
    if fate.others:
        print_table(
            "Told of this story by other articles",
            ("when (UTC)", "article", "watch", "channel", "state", "title"),
            ((row.created, row.article, row.watch, row.channel, row.state, row.title) for row in fate.others),
        )
