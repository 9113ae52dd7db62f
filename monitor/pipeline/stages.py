"""From stored articles to alerts: the judge (T2).

On the article's way: its second stage; the package's docstring shows the whole. What is pure of judging is
done outside of any transaction.
"""

from __future__ import annotations

import traceback
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import islice

from monitor.alerts import OFFICIAL, decide_alert
from monitor.errors import StoreError
from monitor.model import (
    Article,
    Feed,
    Judgement,
    Match,
    NewAlert,
    StoryFacts,
    StoryVerdict,
    Verdict,
)
from monitor.pipeline.plan import Plan
from monitor.ports import Clock, JudgeSession, Store
from monitor.rules import Document, make_document
from monitor.stories import Draft, Fingerprint, another_bearer, draft, fingerprint, host_lines, place, refrains
from monitor.text import Language, decide_language

JUDGE_BATCH = 64
"""Articles judged in one transaction: enough to share its fsync, few enough to let arrivals in between."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedArticle:
    """What judging one article came to."""

    article: Article
    language: str | None
    story: int
    verdict: StoryVerdict
    matches: tuple[Match, ...]
    verdicts: tuple[Verdict, ...]
    alerts: tuple[NewAlert, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgeOutcome:
    """One batch: the articles judged, and those set aside with the trace of our fault."""

    judged: tuple[JudgedArticle, ...] = ()
    set_aside: tuple[tuple[int, str], ...] = ()

    @property
    def empty(self) -> bool:
        """Nothing waited."""
        return not self.judged and not self.set_aside


@dataclass(frozen=True, slots=True, kw_only=True)
class BackfillOutcome:
    """The archive judged for new watches: the alerts that came of it, and the articles passed over, with the trace."""

    alerts: int = 0
    passed_over: tuple[tuple[int, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reading:
    """The pure part of judging one article."""

    article: Article
    language: Language
    matches: tuple[Match, ...]
    fingerprint: Fingerprint
    draft: Draft
    lines: Mapping[int, str]  # by which its host is learnt

    def without(self, lines: Collection[str], plan: Plan) -> _Reading:
        """The same, with these lines of the text left out of what its story is known by."""
        article = self.article
        return replace(
            self,
            fingerprint=fingerprint(article.title, article.text, lines),
            draft=_draft(article, self.language, self.matches, plan, lines),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Judge:
    """From stored articles to stories and alerts (T2). For one thread at a time: stories are decided in order."""

    store: Store
    clock: Clock

    def judge(self, plan: Plan, *, limit: int = JUDGE_BATCH) -> JudgeOutcome:
        """Judge the oldest waiting articles (T2).

        Raises:
            StoreError: the database refused; the whole batch waits to be judged again.
        """
        readings, set_aside = _read_all(self.store.unjudged(limit), plan)
        judged, faulty = self._judge_batch(readings, plan)
        set_aside.extend(faulty)
        for article_id, trace in set_aside:
            self.store.set_aside(article_id, trace.strip().rpartition("\n")[2])
        return JudgeOutcome(judged=judged, set_aside=tuple(set_aside))

    def _judge_batch(
        self, readings: Sequence[_Reading], plan: Plan
    ) -> tuple[tuple[JudgedArticle, ...], list[tuple[int, str]]]:
        if not readings:
            return (), []
        try:
            with self.store.judging() as session:
                # At once, for each article asks for a part of them, and many for the same.
                session.seen([term for reading in readings for term in reading.draft.hashes])
                judgements = [self._judge_one(session, reading, plan) for reading in readings]
            return tuple(judged for judged in judgements if judged is not None), []
        except StoreError:
            raise
        # As above; here the batch was rolled back, so each article is taken up alone to find the one at fault.
        except Exception:  # noqa: BLE001
            if len(readings) == 1:
                return (), [(readings[0].article.id, traceback.format_exc())]
        each: list[JudgedArticle] = []
        faulty: list[tuple[int, str]] = []
        for reading in readings:
            one, faults = self._judge_batch([reading], plan)
            each.extend(one)
            faulty.extend(faults)
        return tuple(each), faulty

    def _judge_one(self, session: JudgeSession, reading: _Reading, plan: Plan) -> JudgedArticle | None:
        """None when the article was edited since it was read: it waits to be judged again."""
        article = reading.article
        feed = plan.feeds.get(article.feed_url)
        lines = reading.lines
        bearers = session.bearers(lines)
        if empty := refrains(article.title, bearers):
            reading = reading.without({lines[line] for line in empty}, plan)
        placed = place(
            article=article,
            fingerprint=reading.fingerprint,
            draft=reading.draft,
            index=session,
            since=article.discovered - plan.settings.story_window,
            alone=feed is not None and not feed.stories,
        )
        story = placed.verdict
        decisions = self._decide(session, reading, story.story, plan) if reading.matches else []
        verdicts = tuple(verdict for verdict, _ in decisions)
        alerts = tuple(alert for _, alert in decisions if alert is not None)
        story_id = session.record(
            Judgement(
                article_id=article.id,
                article_version=article.version,
                language=reading.language.code,
                story=story,
                shingles=reading.fingerprint.shingles,
                title_key=reading.fingerprint.title_key,
                sketch=placed.sketch,
                counted_as=placed.counted_as,
                lines=tuple(line for line in lines if another_bearer(article.title, bearers.get(line, ()))),
                matches=reading.matches,
                verdicts=verdicts,
                alerts=alerts,
            )
        )
        if story_id is None:
            return None
        return JudgedArticle(
            article=article,
            language=reading.language.code,
            story=story_id,
            verdict=story,
            matches=reading.matches,
            verdicts=verdicts,
            alerts=alerts,
        )

    def _decide(
        self, session: JudgeSession, reading: _Reading, story: int | None, plan: Plan
    ) -> list[tuple[Verdict, NewAlert | None]]:
        article = reading.article
        told = session.watches_told(story) if story is not None else frozenset()
        watches = [plan.watches[match.watch] for match in reading.matches]
        # Asked only where it can matter: most articles that meet a watch bring a new story, or one that is told once.
        followed = story is not None and any(watch.name in told and watch.updates != "once" for watch in watches)
        facts = session.story_facts(story, article.id) if story is not None and followed else StoryFacts()
        silences = session.silences(self.clock.now())
        tags = _tags(plan, article.feed_url)
        official = OFFICIAL in tags and not any(OFFICIAL in _tags(plan, url) for url in facts.feeds)
        return [
            decide_alert(
                match=match,
                watch=watch,
                article=article,
                told=told,
                story=story,
                language=reading.language.code,
                facts=facts,
                official=official,
                tags=tags,
                silences=silences,
                channels=plan.channels,
            )
            for match, watch in zip(reading.matches, watches, strict=True)
        ]

    def backfill(self, plan: Plan, known: frozenset[str]) -> BackfillOutcome:
        """Judge the archive for watches that are new and ask for it.

        Repeatable: what was alerted before is not alerted again, and the watches count as known only at the end. An
        article that brings a fault of ours to light is passed over; it stays judged as it was.

        Raises:
            StoreError: the database refused; the rest is done at the next call.
        """
        fresh = {name: watch for name, watch in plan.watches.items() if name not in known}
        asking = {name: watch.backfill for name, watch in fresh.items() if watch.backfill is not None}
        alerts = 0
        passed_over: list[tuple[int, str]] = []
        now = self.clock.now()
        # What the archive brings is no news of a story.
        plan = replace(plan, watches={name: replace(watch, updates="once") for name, watch in plan.watches.items()})
        if asking:
            since = now - max(asking.values())
            for batch in _batches(self.store.archive(since), JUDGE_BATCH):
                readings, faulty = _read_all(batch, plan)
                asked = [one for one in (_asked(reading, asking, now) for reading in readings) if one is not None]
                judged, more_faulty = self._judge_batch(asked, plan)
                alerts += sum(len(article.alerts) for article in judged)
                passed_over += [*faulty, *more_faulty]
        if fresh:
            self.store.remember_watches(tuple(fresh), now)
        return BackfillOutcome(alerts=alerts, passed_over=tuple(passed_over))


def _tags(plan: Plan, url: str) -> tuple[str, ...]:
    feed = plan.feeds.get(url)
    return feed.tags if feed else ()


def document_of(article: Article, language: Language, plan_feed: Feed | None) -> Document:
    """The article as the rules see it. Tags come from the feed's config as it is now."""
    return make_document(
        title=article.title,
        body=article.text,
        language=language,
        source=article.source,
        url=article.url,
        author=article.author,
        tags=plan_feed.tags if plan_feed else (),
    )


def _read(article: Article, plan: Plan) -> _Reading:
    language = decide_language(article.title, article.text, hint=article.language_hint)
    document = document_of(article, language, plan.feeds.get(article.feed_url))
    matches = plan.rules.match(document)
    return _Reading(
        article=article,
        language=language,
        matches=matches,
        fingerprint=fingerprint(article.title, article.text),
        draft=_draft(article, language, matches, plan),
        lines=host_lines(article),
    )


def _draft(
    article: Article, language: Language, matches: Iterable[Match], plan: Plan, left_out: Collection[str] = ()
) -> Draft:
    return draft(
        article.title,
        article.text,
        language.code,
        gazetteer=plan.gazetteer,
        concepts={one.concept for match in matches for one in match.evidence if one.concept},
        refrains=left_out,
        links=article.links,
        address=article.canonical_url,
    )


def _read_all(articles: Iterable[Article], plan: Plan) -> tuple[list[_Reading], list[tuple[int, str]]]:
    """The articles read, and those at which reading failed, with the trace."""
    readings: list[_Reading] = []
    faulty: list[tuple[int, str]] = []
    for article in articles:
        try:
            readings.append(_read(article, plan))
        # Whatever fault of ours an article brings to light must not keep the others from being told.
        except Exception:  # noqa: BLE001
            faulty.append((article.id, traceback.format_exc()))
    return readings, faulty


def _asked(reading: _Reading, asking: Mapping[str, timedelta], now: datetime) -> _Reading | None:
    """What new watches find in an article of the archive; None when that is nothing."""
    wanted = tuple(
        match
        for match in reading.matches
        if match.watch in asking and reading.article.discovered >= now - asking[match.watch]
    )
    if not wanted:
        return None
    # A person asked for the archive: what was old at first sight is part of it.
    return replace(reading, article=replace(reading.article, quiet=False), matches=wanted)


def _batches(articles: Iterable[Article], size: int) -> Iterable[tuple[Article, ...]]:
    iterator = iter(articles)
    while batch := tuple(islice(iterator, size)):
        yield batch
