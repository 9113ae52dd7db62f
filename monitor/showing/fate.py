"""The whole fate of one article, from its first sight to each try to tell it: the facts, and their words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from monitor.alerts import keeps_still
from monitor.errors import NotFound
from monitor.feeds import canonical_url
from monitor.model import (
    Acknowledgement,
    AlertReason,
    Article,
    Match,
    Silence,
    StoryReason,
    StoryVerdict,
    Verdict,
)
from monitor.pipeline import Plan, document_of
from monitor.showing.deliveries import ChannelsNow, DeliveryTold, channels_now, tell_delivery, what_it_waits_for
from monitor.store import FirstSight, OutboxRow, SqliteStore
from monitor.text import decide_language

__all__ = [
    "Fate",
    "FateTold",
    "Miss",
    "WatchTold",
    "fate_of",
    "find_article",
    "number_said",
    "silence_said",
    "tell_fate",
]

_DIGITS = 20  # of a number that is higher than any row's
_REASONS = {
    AlertReason.ALERTED: "it was told",
    AlertReason.STORY_ALREADY_TOLD: "it was not told: its story had been, and it brought nothing the watch asks for",
    AlertReason.OLD_AT_FIRST_SIGHT: "it was not told: it was old when its feed was first seen",
    AlertReason.NO_CHANNEL: "it was not told: the watch has no channel that takes it",
    AlertReason.SILENCED: "it was not told: a silence held",
}
_UNDECIDED = "whether to tell it is not decided yet"
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Miss:
    """A watch that an article did not meet, and what was lacking."""

    watch: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Fate:
    """All that is known of one article.

    ``story_articles`` counts the articles of its story, itself among them. ``misses`` are by the rules as they are now;
    ``acknowledged`` is who takes care of its story; ``silences`` are those that hold now and concern it.
    ``unexplained`` counts those beyond as many as were asked for. ``own`` are the deliveries of its own alerts,
    ``others`` those of its story's other articles.
    """

    article: Article
    sight: FirstSight | None
    story: StoryVerdict | None
    story_articles: int
    matches: tuple[Match, ...]
    misses: tuple[Miss, ...]
    unexplained: int
    verdicts: tuple[Verdict, ...]
    own: tuple[OutboxRow, ...]
    others: tuple[OutboxRow, ...]
    acknowledged: Acknowledgement | None
    silences: tuple[Silence, ...]
    channels: ChannelsNow


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchTold:
    """What one watch made of an article: met by which words, and told or not; or what it lacked."""

    watch: str
    met: bool
    words: tuple[str, ...]
    said: str
    deliveries: tuple[DeliveryTold, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FateTold:
    """A fate in words. ``waits`` and ``aside`` are empty where there is nothing to say; so is ``story``.

    ``notes``: what people said of it since: who takes care of its story, what silence holds.
    """

    seen: str
    aside: str
    waits: str
    story: str
    tellers: str
    watches: tuple[WatchTold, ...]
    notes: tuple[str, ...]


def number_said(said: str) -> int | None:
    """The number that a person named a row by; None for what is no number. However long: then it is no row's."""
    return int(said.lstrip("0")[:_DIGITS] or "0") if said.isdecimal() else None


def find_article(store: SqliteStore, said: str) -> Article:
    """An article by its number or address.

    Raises:
        NotFound: it is not in the archive.
        StoreError: the database refused.
    """
    number = number_said(said)
    if number is not None:
        found = store.article(number)
    elif "://" not in said:
        raise NotFound(f"{said} is neither a number nor an address; monitor search finds an article by its words")
    else:
        found = store.article_by_url(said) or store.article_by_url(canonical_url(said))
    if found is None:
        raise NotFound(f"no article {said} is in the archive: no feed brought it, or it is older than keep_articles")
    return found


def fate_of(
    store: SqliteStore,
    article: Article,
    plan: Plan | None,
    now: datetime,
    *,
    watch: str | None = None,
    channel: str | None = None,
    most_misses: int | None = None,
) -> Fate:
    """Gather the facts; of one ``watch`` or ``channel`` alone, where it is named.

    ``plan`` is the config as it is now; without one nothing is said of misses. ``most_misses`` bounds how many are
    explained, for each costs a look at its rule.

    Raises:
        StoreError: the database refused.
    """
    matches = tuple(one for one in store.matches(article.id) if watch in {None, one.watch})
    told = () if article.story is None else store.deliveries_of_story(article.story)
    told = tuple(row for row in told if watch in {None, row.watch} and channel in {None, row.channel})
    missed = [] if plan is None else [name for name in plan.watches if watch in {None, name}]
    missed = [name for name in missed if name not in {one.watch for one in matches}]
    return Fate(
        article=article,
        sight=store.first_sight(article.id),
        story=store.story_verdict(article.id),
        story_articles=1 if article.story is None else store.count_story(article.story),
        matches=matches,
        misses=() if plan is None else _misses(article, plan, missed[:most_misses]),
        unexplained=len(missed[most_misses:]) if most_misses is not None else 0,
        verdicts=tuple(one for one in store.verdicts(article.id) if watch in {None, one.watch}),
        own=tuple(row for row in told if row.article == article.id),
        others=tuple(row for row in told if row.article != article.id),
        acknowledged=None if article.story is None else store.acknowledgement(article.story),
        silences=tuple(
            one
            for one in store.silences(now)
            if any(keeps_still(one, name, article, article.story) for name in ("", *(match.watch for match in matches)))
        ),
        channels=channels_now(store, None if plan is None else plan.channels, now),
    )


def _misses(article: Article, plan: Plan, missed: list[str]) -> tuple[Miss, ...]:
    """What these watches lacked, by the config as it is now."""
    if not missed:
        return ()
    language = decide_language(article.title, article.text, hint=article.language_hint)
    document = document_of(article, language, plan.feeds.get(article.feed_url))
    now = {match.watch for match in plan.rules.match(document)}
    return tuple(
        Miss(
            watch=name,
            why="the rule as it is now is met; the one by which it was judged was not"
            if name in now
            else plan.rules.miss(document, name),
        )
        for name in missed
    )


def tell_fate(fate: Fate, now: datetime) -> FateTold:
    """Put the facts into words: every watch that it met, then those that it missed, then what was told of it else."""

    def sent(watch: str) -> tuple[DeliveryTold, ...]:
        rows = [row for row in fate.own if row.watch == watch]
        return tuple(tell_delivery(row, what_it_waits_for(row, fate.channels, now)) for row in rows)

    watches = [
        WatchTold(
            watch=match.watch,
            met=True,
            words=tuple(dict.fromkeys(one.words for one in match.evidence)),
            said=next((_REASONS[one.reason] for one in fate.verdicts if one.watch == match.watch), _UNDECIDED),
            deliveries=sent(match.watch),
        )
        for match in fate.matches
    ]
    watches += [WatchTold(watch=one.watch, met=False, words=(), said=one.why, deliveries=()) for one in fate.misses]
    named = {match.watch for match in fate.matches}
    watches += [
        WatchTold(watch=name, met=True, words=(), said="", deliveries=sent(name))
        for name in dict.fromkeys(row.watch for row in fate.own)
        if name not in named
    ]
    sight, others = fate.sight, fate.story_articles - 1
    tellers = f"{others} other{'s tell' if others > 1 else ' tells'} it" if others > 0 else "no other article tells it"
    return FateTold(
        seen="" if sight is None else f"{sight.at:%Y-%m-%d %H:%M:%S} UTC in {sight.feed_name or sight.feed}",
        aside="" if sight is None else sight.set_aside,
        waits="" if fate.article.story is not None else "it waits to be judged",
        story="" if fate.article.story is None else _STORY[fate.story.reason] if fate.story else "it has a story",
        tellers=tellers,
        watches=tuple(watches),
        notes=_notes(fate),
    )


def _notes(fate: Fate) -> tuple[str, ...]:
    who = fate.acknowledged
    taken = () if who is None else (f"{_said_by('acknowledged', who.author, who.reason)}, {_minute(who.created)}",)
    return (*taken, *(silence_said(one) for one in fate.silences))


def silence_said(one: Silence) -> str:
    """A silence that holds, in words."""
    return f"{_said_by(f'silence {one.id}: {one.kind} {one.name}', one.author, one.reason)}, until {_minute(one.until)}"


def _said_by(what: str, author: str, reason: str) -> str:
    return f"{what} by {author}" + (f" ({reason})" if reason else "")


def _minute(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"
