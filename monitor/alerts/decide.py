"""Whether an article that met a watch is told, with the reason by name.

On the article's way: in T2, once its story is known. It does not choose words, times or channels beyond those that the
watch names.
"""

from __future__ import annotations

from monitor.model import AlertKind, AlertReason, Article, Match, NewAlert, Verdict, WatchConfig

__all__ = ["decide_alert"]


def decide_alert(
    *, match: Match, watch: WatchConfig, article: Article, told: frozenset[str]
) -> tuple[Verdict, NewAlert | None]:
    """Decide on one match of one article.

    ``told`` names the watches that were already alerted of the article's story. The verdict is kept also where nothing
    is told: it answers "why did I not get this?". ``match`` must be of ``watch``.
    """
    if match.watch != watch.name:
        raise ValueError(f"match of watch {match.watch!r} judged under watch {watch.name!r}")
    # First the reason that lies in the article itself: a quiet article would not be told to any watch on any channel.
    if article.quiet:
        return Verdict(watch=watch.name, reason=AlertReason.OLD_AT_FIRST_SIGHT), None
    if watch.stories and watch.name in told:
        return Verdict(watch=watch.name, reason=AlertReason.STORY_ALREADY_TOLD), None
    # A watch may name a channel twice; its reader is still told once there.
    channels = tuple(dict.fromkeys(watch.channels))
    if not channels:
        # Without a channel nothing is recorded as told, so that the story still comes once the person adds one.
        return Verdict(watch=watch.name, reason=AlertReason.NO_CHANNEL), None
    alert = NewAlert(
        watch=watch.name, kind=AlertKind.NEW, priority=watch.priority, channels=channels, each=not watch.stories
    )
    return Verdict(watch=watch.name, reason=AlertReason.ALERTED), alert
