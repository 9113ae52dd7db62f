"""What each page shows: the facts that the commands show, bounded in number, and handed to a template."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from monitor import __version__
from monitor.model import DeliveryState
from monitor.pipeline import Plan, work_out_pace
from monitor.ports import Clock
from monitor.showing import (
    channels_now,
    failing_alike,
    fate_of,
    feed_troubles,
    find_article,
    nearest_other,
    of_budget,
    silence_said,
    tell_fate,
    what_it_waits_for,
    why_in_story,
)
from monitor.store import OutboxRow, SqliteStore
from monitor.web.rendering import render

__all__ = ["Pages", "Standing"]

_ALERTS = 30
_DELIVERIES = 50
_LAST = 10
_STORY_ARTICLES = 100
_STORY_DELIVERIES = 100
_MISSES = 50
_WATCHES_NAMED = 60
_FEEDS = 500
_FAULTS = 50

_UNSENT = (DeliveryState.PENDING, DeliveryState.SENDING, DeliveryState.HELD, DeliveryState.DEAD)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How the service stands: what config is in force since when, and what was wrong with an edit that was refused."""

    process: int
    started: datetime
    root: Path
    taken: datetime
    plan: Plan
    concepts: int
    faults: tuple[str, ...]
    secrets: frozenset[str]


class Pages:
    """Makes pages. Every method may raise ``StoreError``; those that are asked for one thing, ``NotFound``."""

    def __init__(self, store: SqliteStore, *, clock: Clock, standing: Callable[[], Standing]) -> None:
        self._store = store
        self._clock = clock
        self._standing = standing

    def overview(self) -> str:
        """Whether the service is well, and what happened last."""
        stands, now = self._standing(), self._clock.now()
        feeds = self._store.feeds()
        counts = self._store.status()
        failing = failing_alike(feeds)
        channels = [one for one in self._store.channel_standings() if one.failures]
        concerns = [
            f"{count} {one if count == 1 else many}"
            for count, one, many in (
                (len(stands.faults), "fault in an edit of the config", "faults in an edit of the config"),
                (sum(1 for feed in feeds if feed.failures), "feed fails", "feeds fail"),
                (len(channels), "channel is in trouble", "channels are in trouble"),
                (counts.deliveries[DeliveryState.DEAD], "delivery was given up", "deliveries were given up"),
                (counts.deliveries[DeliveryState.HELD], "delivery is held for you", "deliveries are held for you"),
                (counts.set_aside, "article was set aside", "articles were set aside"),
            )
            if count
        ]
        return self._render(
            "overview.html",
            stands,
            now,
            concerns=concerns,
            faults=stands.faults[:_FAULTS],
            counts=counts,
            feeds=feeds,
            failing=failing,
            troubles=[one for one in feed_troubles(feeds, now) if one.kind != "failing"][:_LAST],
            channels=channels,
            silences=[silence_said(one) for one in self._store.silences(now)],
            deliveries=self._rows(self._store.deliveries(states=_UNSENT, limit=_LAST), stands, now),
            alerts=self._store.alerts(_LAST),
        )

    def alerts(self, *, watch: str | None, before: int | None) -> str:
        """The last alerts, of one watch or all."""
        stands, now = self._standing(), self._clock.now()
        found = self._store.alerts(_ALERTS + 1, watch=watch, before=before)
        more = found[_ALERTS - 1].alert if len(found) > _ALERTS else None
        return self._render(
            "alerts.html",
            stands,
            now,
            alerts=found[:_ALERTS],
            watch=watch,
            watches=list(stands.plan.watches)[:_WATCHES_NAMED],
            before=before,
            more=more,
        )

    def story(self, number: int) -> str:
        """A story's articles, why each is in it, and what was told of it."""
        stands, now = self._standing(), self._clock.now()
        row = self._store.story(number)
        articles = []
        for article in self._store.story_articles(number, _STORY_ARTICLES):
            verdict = self._store.story_verdict(article.id)
            why, other = ("", "") if verdict is None else (why_in_story(verdict), nearest_other(verdict))
            articles.append((article, why, other))
        deliveries = self._store.deliveries_of_story(number)[-_STORY_DELIVERIES:]
        return self._render("story.html", stands, now, story=row, articles=articles, deliveries=deliveries)

    def article(self, number: int) -> str:
        """The whole fate of an article."""
        stands, now = self._standing(), self._clock.now()
        article = find_article(self._store, str(number))
        fate = fate_of(self._store, article, stands.plan, now, most_misses=_MISSES)
        told = tell_fate(fate, now)
        others = fate.others[-_STORY_DELIVERIES:]
        return self._render("article.html", stands, now, fate=fate, told=told, others=others)

    def find(self, said: str) -> int | None:
        """The number of the article with this number or address; None when nothing was said."""
        return find_article(self._store, said).id if said else None

    def feeds(self) -> str:
        """What is wrong with which feed, and when each was looked at."""
        stands, now = self._standing(), self._clock.now()
        rows = [row for row in self._store.feeds() if row.configured]
        return self._render(
            "feeds.html",
            stands,
            now,
            budget=of_budget(len(rows), work_out_pace(self._store, stands.plan, now)),
            troubles=feed_troubles(rows, now)[:_FEEDS],
            feeds=rows[:_FEEDS],
            left=len(rows[_FEEDS:]),
        )

    def deliveries(self, *, every: bool, channel: str | None, before: int | None) -> str:
        """What waits, is held or was given up; or every delivery."""
        stands, now = self._standing(), self._clock.now()
        states = tuple(DeliveryState) if every else _UNSENT
        found = self._store.deliveries(states=states, channel=channel, before=before, limit=_DELIVERIES + 1)
        return self._render(
            "deliveries.html",
            stands,
            now,
            deliveries=self._rows(found[:_DELIVERIES], stands, now),
            every=every,
            channel=channel,
            before=before,
            more=found[_DELIVERIES - 1].delivery if len(found) > _DELIVERIES else None,
            channels=[one for one in self._store.channel_standings() if one.failures],
        )

    def missing(self, why: str) -> str:
        """That there is no such thing."""
        return self._render("missing.html", self._standing(), self._clock.now(), why=why)

    def _rows(self, rows: tuple[OutboxRow, ...], stands: Standing, now: datetime) -> list[tuple[OutboxRow, str]]:
        """Deliveries, each with why it stands where it does."""
        channels = channels_now(self._store, stands.plan.channels, now)

        def why(row: OutboxRow) -> str:
            if row.state is not DeliveryState.PENDING or row.attempts:
                return row.detail
            return what_it_waits_for(row, channels, now)

        return [(row, why(row)) for row in rows]

    @staticmethod
    def _render(template: str, stands: Standing, now: datetime, **facts: Any) -> str:
        return render(template, secrets=stands.secrets, now=now, stands=stands, version=__version__, **facts)
