"""Whether an article that met a watch is told, with the reason by name.

On the article's way: in T2, once its story is known. It does not choose words, times or channels beyond those that the
watch names.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from monitor.alerts.updates import news_in
from monitor.model import (
    AlertKind,
    AlertReason,
    Article,
    Channel,
    Match,
    NewAlert,
    Priority,
    Silence,
    StoryFacts,
    Verdict,
    WatchConfig,
)

__all__ = ["decide_alert", "keeps_still"]

_NOTHING_KNOWN = StoryFacts()


def decide_alert(
    *,
    match: Match,
    watch: WatchConfig,
    article: Article,
    told: frozenset[str],
    story: int | None = None,
    language: str | None = None,
    facts: StoryFacts = _NOTHING_KNOWN,
    official: bool = False,
    tags: Collection[str] = (),
    silences: Collection[Silence] = (),
    channels: Mapping[str, Channel] | None = None,
) -> tuple[Verdict, NewAlert | None]:
    """Decide on one match of one article.

    ``told`` names the watches that were already alerted of the article's ``story`` (None: a new one), of which
    ``facts`` are known; ``official``: the article is the first of an official source in it. ``tags`` are those of the
    article's feed; ``silences`` those that hold now; ``channels`` what is known of channels (None: they take all). The
    verdict is kept also where nothing is told: it answers "why did I not get this?". ``match`` must be of ``watch``.
    """
    if match.watch != watch.name:
        raise ValueError(f"match of watch {match.watch!r} judged under watch {watch.name!r}")
    # First the reason that lies in the article itself: a quiet article would not be told to any watch on any channel.
    if article.quiet:
        return Verdict(watch=watch.name, reason=AlertReason.OLD_AT_FIRST_SIGHT), None
    # Not recorded as told: what goes on when the silence is over is told then.
    if any(keeps_still(silence, watch.name, article, story) for silence in silences):
        return Verdict(watch=watch.name, reason=AlertReason.SILENCED), None
    kind, detail = AlertKind.NEW, ""
    if not watch.stories:
        # Every article that meets it is told: the article makes the alert another one of its kind.
        detail = f"article {article.id}"
    elif watch.name in told:
        news = news_in(article, watch, facts, language=language, official=official)
        if news is None:
            return Verdict(watch=watch.name, reason=AlertReason.STORY_ALREADY_TOLD), None
        kind, detail = news
    named, priority = _route(watch, tags)
    # A watch may name a channel twice; its reader is still told once there.
    taking = tuple(name for name in dict.fromkeys(named) if _takes(channels, name, priority))
    if not taking:
        # Without a channel nothing is recorded as told, so that the story still comes once the person adds one.
        return Verdict(watch=watch.name, reason=AlertReason.NO_CHANNEL), None
    alert = NewAlert(watch=watch.name, kind=kind, detail=detail, priority=priority, channels=taking)
    return Verdict(watch=watch.name, reason=AlertReason.ALERTED), alert


def keeps_still(silence: Silence, watch: str, article: Article, story: int | None) -> bool:
    """Whether a silence is of this watch, of the article's story or of its source."""
    if silence.kind == "watch":
        return silence.name.casefold() == watch.casefold()
    if silence.kind == "story":
        return silence.name == str(story)
    return silence.name.casefold() == article.source.casefold()


def _route(watch: WatchConfig, tags: Collection[str]) -> tuple[tuple[str, ...], Priority]:
    for route in watch.routes:
        if any(tag in tags for tag in route.tags):
            return route.channels or watch.channels, route.priority or watch.priority
    return watch.channels, watch.priority


def _takes(channels: Mapping[str, Channel] | None, name: str, priority: Priority) -> bool:
    if channels is None or name not in channels:
        return True
    return priority.rank >= channels[name].least.rank
