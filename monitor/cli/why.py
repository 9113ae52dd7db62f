"""``monitor why``: the whole fate of one article, from its first sight to each try to tell it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import click

from monitor.alerts import held_until
from monitor.app import plan_of, read_config
from monitor.cli.common import (
    Failed,
    directories,
    find_article,
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
from monitor.model import AlertReason, Article, ChannelStanding, Priority, StoryReason, Verdict
from monitor.pipeline import document_of
from monitor.store import FirstSight, OutboxRow
from monitor.text import decide_language

_REASONS = {
    AlertReason.ALERTED: "it was told",
    AlertReason.STORY_ALREADY_TOLD: "it was not told: its story had been, and it brought nothing the watch asks for",
    AlertReason.OLD_AT_FIRST_SIGHT: "it was not told: it was old when its feed was first seen",
    AlertReason.NO_CHANNEL: "it was not told: the watch has no channel that takes it",
    AlertReason.SILENCED: "it was not told: a silence held",
}
_STORY = {
    StoryReason.NEW: "it begins a story",
    StoryReason.SAME_URL: "it has the same address as an article of its story",
    StoryReason.SAME_TEXT: "it has the same text as an article of its story",
    StoryReason.NEAR_TEXT: "it has nearly the same text as an article of its story",
    StoryReason.SAME_TITLE: "it has the same headline as an article of its story",
    StoryReason.SAME_ARTICLE: "it is an edit of an article that was known",
    StoryReason.SAID_SAME: "a person put it into its story",
    StoryReason.SAID_OTHER: "a person took it out of another story",
    StoryReason.SAME_EVENT: "it tells the same event as an article of its story",
}


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
    with open_store(state_dir) as store:
        found = find_article(store, article)
        sight = store.first_sight(found.id)
        story = store.story_verdict(found.id)
        matches = [one for one in store.matches(found.id) if watch in {None, one.watch}]
        verdicts = [one for one in store.verdicts(found.id) if watch in {None, one.watch}]
        told = [] if found.story is None else list(store.deliveries_of_story(found.story))
        standings = store.channel_standings()
        others = [] if found.story is None else [one for one in store.story_articles(found.story) if one.id != found.id]
    told = [row for row in told if watch in {None, row.watch} and channel in {None, row.channel}]
    own = [row for row in told if row.article == found.id]
    misses = _misses(config_dir, found, watch, {one.watch for one in matches})
    if as_json:
        print_json(
            {
                "article": found.id,
                "title": found.title,
                "url": found.url,
                "source": found.source,
                "first_seen": sight,
                "language": found.language,
                "state": found.state,
                "story": found.story,
                "same_story_by": story,
                "story_articles": len(others) + 1,
                "matches": matches,
                "misses": [{"watch": name, "why": reason} for name, reason in misses],
                "verdicts": verdicts,
                "deliveries": own,
                "story_deliveries": [row for row in told if row.article != found.id],
            }
        )
        return
    config = _config(config_dir)
    _print_article(found, sight, len(others), None if story is None else story.reason)
    for match in matches:
        words = ", ".join(dict.fromkeys(f"“{plain(one.words)}”" for one in match.evidence))
        click.secho(f"✔ {plain(match.watch)}", bold=True)
        click.echo(f"    it was met by {words}")
        click.echo(f"    {_verdict(match.watch, verdicts)}")
        for row in own:
            if row.watch == match.watch:
                print_delivery(row, _waits(row, config, standings))
    for name, reason in misses:
        click.secho(f"✘ {plain(name)}", bold=True)
        click.echo(f"    {plain(reason)}")
    for row in own:
        if row.watch not in {match.watch for match in matches}:
            click.secho(f"✔ {plain(row.watch)}", bold=True)
            print_delivery(row, _waits(row, config, standings))
    _print_others([row for row in told if row.article != found.id])


def _config(config_dir: Path) -> Config | None:
    try:
        return read_config(config_dir, os.environ)
    except ConfigErrors:
        return None


def _misses(config_dir: Path, article: Article, watch: str | None, met: set[str]) -> list[tuple[str, str]]:
    """What watches that it did not meet lacked, by the config as it is now; none without one."""
    config = _config(config_dir)
    if config is None:
        return []
    wanted = [one for one in config.watches if one.enabled and one.name not in met and watch in {None, one.name}]
    if watch is not None and watch not in {one.name for one in config.watches}:
        raise Failed(f"there is no watch {watch!r} in the config")
    plan = plan_of(config)
    language = decide_language(article.title, article.text, hint=article.language_hint)
    document = document_of(article, language, plan.feeds.get(article.feed_url))
    now = {match.watch for match in plan.rules.match(document)}
    return [
        (one.name, "the rule as it is now is met; the one by which it was judged was not")
        if one.name in now
        else (one.name, plan.rules.miss(document, one.name))
        for one in wanted
    ]


def _print_article(article: Article, sight: FirstSight | None, others: int, reason: StoryReason | None) -> None:
    click.secho(plain(article.title) or "(no headline)", bold=True)
    click.echo(f"    article {article.id}, {plain(article.source)}, {plain(article.url)}")
    if sight is not None:
        click.echo(f"    first seen {sight.at:%Y-%m-%d %H:%M:%S} UTC in {plain(sight.feed_name or sight.feed)}")
        if sight.set_aside:
            click.echo(f"    set aside by a fault of this program: {plain(sight.set_aside)}")
    waits = "" if article.story is not None else "; it waits to be judged"
    click.echo(f"    language: {article.language or '-'}{waits}")
    if article.story is not None:
        by_what = f"; by what, says: monitor stories show {article.story}" if reason is StoryReason.SAME_EVENT else ""
        tellers = (
            "no other article tells it" if not others else f"{others} other{'s tell' if others > 1 else ' tells'} it"
        )
        click.echo(f"    {_STORY[reason] if reason else 'it has a story'} (story {article.story}; {tellers}{by_what})")


def _verdict(watch: str, verdicts: list[Verdict]) -> str:
    return next(
        (_REASONS[one.reason] for one in verdicts if one.watch == watch), "whether to tell it is not decided yet"
    )


def _print_others(rows: list[OutboxRow]) -> None:
    if rows:
        print_table(
            "Told of this story by other articles",
            ("when (UTC)", "article", "watch", "channel", "state", "title"),
            ((row.created, row.article, row.watch, row.channel, row.state, row.title) for row in rows),
        )


def _waits(row: OutboxRow, config: Config | None, standings: Sequence[ChannelStanding]) -> str:
    """What a delivery that was not sent waits for, by the config as it is now and how its channel fares."""
    now = SystemClock().now()
    standing = next((one for one in standings if one.channel == row.channel and one.paused_until is not None), None)
    if standing is not None and standing.paused_until is not None and standing.paused_until > now:
        return (
            f"the channel failed {standing.failures} times in a row and is left alone until "
            f"{standing.paused_until:%Y-%m-%d %H:%M:%S} UTC: {plain(standing.detail)}"
        )
    channel = None if config is None else config.channels.get(row.channel)
    if config is not None and channel is None:
        return "waits for its channel, which is not in the config any more"
    if channel is None or row.tries:
        return ""
    what, until = held_until(channel, Priority(row.priority), row.created, now)
    if not what:
        return "goes out next, if the service runs"
    return f"waits for {what}" + (f" at {until:%Y-%m-%d %H:%M} UTC" if until else "")
