"""The use cases: poll, judge, deliver. The article's whole way, told over the ports and the pure packages.

::

    claim feed
    | fetch            bytes, or nothing new, or a failure (a value)
    | parse            in another process
    | make articles    identity, times, what is old at first sight
    | T1 arrive        articles and the feed's validators in one commit
    ----------------------------------------------------------------------
    unjudged articles
    | read             language, words, fingerprint, matches               (pure; outside of any transaction)
    | T2 judge         story, alerts, pending deliveries in one commit
    ----------------------------------------------------------------------
    claim delivery     under a lease, with a fencing token
    | render | send
    | T3 record        the outcome

Each of the three can be killed anywhere and taken up again. This module starts no threads, keeps no schedule and writes
no log: it returns outcomes, and whoever runs it (``app``) says them.
"""

from __future__ import annotations

import hashlib
import traceback
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import islice

from monitor.alerts import decide_alert, hold_in_doubt, render, settle
from monitor.errors import StoreError
from monitor.feeds import make_articles, next_check
from monitor.model import (
    Arrival,
    Article,
    Channel,
    ClaimedDelivery,
    DeliveryOutcome,
    DeliveryState,
    DueFeed,
    Feed,
    FeedUpdate,
    Fetched,
    FetchFailed,
    FetchFault,
    FetchRequest,
    Judgement,
    Match,
    NewAlert,
    NotModified,
    ParsedFeed,
    SendOutcome,
    SendResult,
    Settings,
    StoryVerdict,
    Verdict,
    WatchConfig,
)
from monitor.ports import Clock, Fetcher, JudgeSession, Notifier, Parser, Store
from monitor.rules import Document, RuleSet, make_document
from monitor.stories import NO_PLACES, Draft, Fingerprint, Gazetteer, draft, fingerprint, place
from monitor.text import Language, decide_language

JUDGE_BATCH = 64
"""Articles judged in one transaction: enough to share its fsync, few enough to let arrivals in between."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is in force: one checked config, swapped as a whole."""

    settings: Settings
    feeds: Mapping[str, Feed]
    watches: Mapping[str, WatchConfig]
    channels: Mapping[str, Channel]
    rules: RuleSet
    gazetteer: Gazetteer = NO_PLACES


class PollResult(StrEnum):
    """How a look at a feed ended."""

    READ = "read"  # a body that was parsed
    UNCHANGED = "unchanged"  # 304, or the same bytes as last time
    FAILED = "failed"
    CUT_OFF = "cut-off"  # by our own stop; nothing is stored, the feed is looked at again


@dataclass(frozen=True, slots=True, kw_only=True)
class PollOutcome:
    """One look at one feed, told for the log."""

    feed: str
    result: PollResult
    next_check: datetime
    new: int = 0
    changed: int = 0
    failures: int = 0
    fault: FetchFault | None = None
    detail: str = ""
    problems: tuple[str, ...] = ()


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
class Tried:
    """One try to send one delivery, not yet recorded. ``trace`` is that of a fault of ours, or empty."""

    delivery: ClaimedDelivery
    result: SendResult
    outcome: DeliveryOutcome
    trace: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliverOutcome:
    """One try to send one delivery. ``recorded`` is False when the lease had been outrun."""

    delivery: ClaimedDelivery
    result: SendResult
    state: DeliveryState
    due: datetime | None
    recorded: bool
    trace: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reading:
    """The pure part of judging one article."""

    article: Article
    language: Language
    matches: tuple[Match, ...]
    fingerprint: Fingerprint
    draft: Draft


@dataclass(frozen=True, slots=True, kw_only=True)
class Poller:
    """From a due feed to stored articles (T1). Thread-safe."""

    store: Store
    fetcher: Fetcher
    parser: Parser
    clock: Clock

    def poll(self, due: DueFeed, feed: Feed, plan: Plan) -> PollOutcome:
        """Look at one claimed feed and store what it brought (T1). A dead feed is an outcome, not an error.

        Raises:
            StoreError: the database refused; nothing of this look was kept and the feed is looked at again.
        """
        fetched = self.fetcher.fetch(
            FetchRequest(
                url=due.url,
                etag=due.etag,
                last_modified=due.last_modified,
                headers=feed.headers,
                proxy=feed.proxy,
                allow_private=feed.allow_private,
                deadline=plan.settings.fetch_deadline,
                max_bytes=plan.settings.max_feed_bytes,
            )
        )
        match fetched:
            case FetchFailed():
                return self._failed(due, feed, fetched)
            case NotModified():
                return self._unchanged(due, feed, fetched, due.body_hash)
            case Fetched():
                body_hash = hashlib.sha256(fetched.body).hexdigest()
                if body_hash == due.body_hash:
                    return self._unchanged(due, feed, fetched, body_hash)
                parsed = self.parser.parse(fetched.body, content_type=fetched.content_type, url=fetched.url)
                if isinstance(parsed, FetchFailed):
                    return self._failed(due, feed, parsed)
                return self._arrived(due, feed, fetched, parsed, body_hash)

    def _failed(self, due: DueFeed, feed: Feed, failure: FetchFailed) -> PollOutcome:
        now = self.clock.now()
        if failure.fault is FetchFault.CUT_OFF:
            return PollOutcome(feed=due.url, result=PollResult.CUT_OFF, next_check=now, detail=failure.detail)
        failures = due.failures + 1
        schedule = next_check(
            now=now,
            feed=feed,
            interval=due.interval,
            found_new=False,
            failures=failures,
            retry_after=failure.retry_after,
            max_age=None,
            ttl=None,
            chance=self.clock.chance(),
        )
        # The validators stay as they were: they belong to the last body whose articles are stored.
        update = FeedUpdate(
            feed_id=due.id,
            checked=now,
            next_check=schedule.at,
            interval=due.interval or schedule.interval,
            etag=due.etag,
            last_modified=due.last_modified,
            body_hash=due.body_hash,
            status=failure.status,
            error=failure.detail,
            fault=failure.fault,
            failures=failures,
            gone=failure.fault is FetchFault.GONE,
        )
        self.store.arrive(Arrival(feed=update))
        return PollOutcome(
            feed=due.url,
            result=PollResult.FAILED,
            next_check=schedule.at,
            failures=failures,
            fault=failure.fault,
            detail=failure.detail,
        )

    def _unchanged(
        self, due: DueFeed, feed: Feed, fetched: Fetched | NotModified, body_hash: str | None
    ) -> PollOutcome:
        now = self.clock.now()
        schedule = next_check(
            now=now,
            feed=feed,
            interval=due.interval,
            found_new=False,
            failures=0,
            retry_after=None,
            max_age=fetched.max_age,
            ttl=None,
            chance=self.clock.chance(),
        )
        not_modified = isinstance(fetched, NotModified)
        update = FeedUpdate(
            feed_id=due.id,
            checked=now,
            next_check=schedule.at,
            interval=schedule.interval,
            # A 304 need not repeat the validators; a 200 without them has taken them back.
            etag=fetched.etag or due.etag if not_modified else fetched.etag,
            last_modified=fetched.last_modified or due.last_modified if not_modified else fetched.last_modified,
            body_hash=body_hash,
            status=304 if isinstance(fetched, NotModified) else fetched.status,
            moved_to=None if isinstance(fetched, NotModified) else fetched.moved_to,
        )
        self.store.arrive(Arrival(feed=update))
        return PollOutcome(feed=due.url, result=PollResult.UNCHANGED, next_check=schedule.at)

    def _arrived(self, due: DueFeed, feed: Feed, fetched: Fetched, parsed: ParsedFeed, body_hash: str) -> PollOutcome:
        now = self.clock.now()
        articles = make_articles(parsed, feed, due, now)
        unseen = self.store.unseen_keys(due.id, [article.key for article in articles])
        schedule = next_check(
            now=now,
            feed=feed,
            interval=due.interval,
            found_new=bool(unseen),
            failures=0,
            retry_after=None,
            max_age=fetched.max_age,
            ttl=parsed.ttl,
            chance=self.clock.chance(),
        )
        update = FeedUpdate(
            feed_id=due.id,
            checked=now,
            next_check=schedule.at,
            interval=schedule.interval,
            etag=fetched.etag,
            last_modified=fetched.last_modified,
            body_hash=body_hash,
            status=fetched.status,
            title=parsed.title,
            moved_to=fetched.moved_to,
            problems=parsed.problems,
        )
        arrived = self.store.arrive(Arrival(feed=update, articles=articles))
        return PollOutcome(
            feed=due.url,
            result=PollResult.READ,
            next_check=schedule.at,
            new=arrived.new,
            changed=arrived.changed,
            problems=parsed.problems,
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
        placed = place(
            article=article,
            fingerprint=reading.fingerprint,
            draft=reading.draft,
            index=session,
            since=article.discovered - plan.settings.story_window,
            alone=feed is not None and not feed.stories,
        )
        story = placed.verdict
        told = session.watches_told(story.story) if story.story is not None else frozenset()
        decisions = [
            decide_alert(match=match, watch=plan.watches[match.watch], article=article, told=told)
            for match in reading.matches
        ]
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """From a claimed delivery to its recorded outcome (T3). Thread-safe."""

    store: Store
    notifier: Notifier
    clock: Clock

    def deliver(self, claimed: ClaimedDelivery, plan: Plan) -> DeliverOutcome:
        """Send one claimed delivery and record what became of it (T3).

        Raises:
            StoreError: the outcome could not be recorded; the lease will run out and the delivery count as in doubt.
        """
        return self.record(self.attempt(claimed, plan))

    def attempt(self, claimed: ClaimedDelivery, plan: Plan) -> Tried:
        """Send one claimed delivery, unless its channel wants it held; what became of it waits to be recorded.

        A fault of ours counts as a failed try, so that the delivery ends some day with its reason, and is not tried
        for ever.
        """
        channel = plan.channels[claimed.channel]
        held = hold_in_doubt(claimed, channel, self.clock.now())
        if held is not None:
            return Tried(
                delivery=claimed, result=SendResult(outcome=SendOutcome.UNKNOWN, detail=held.detail), outcome=held
            )
        sent_off, trace = False, ""
        try:
            message = render(claimed.alert, kind=channel.kind, zone=channel.zone, now=self.clock.now())
            sent_off = True
            result = self.notifier.send(channel, message, claimed)
        # Whatever fault of ours this alert brings to light: the person still learns of it, and the channel goes on.
        except Exception as error:  # noqa: BLE001
            trace = traceback.format_exc()
            result = SendResult(
                # Once it was handed over nobody knows how far it came.
                outcome=SendOutcome.UNKNOWN if sent_off else SendOutcome.FAILED,
                detail=f"a fault of this program ({type(error).__name__}); its log says more",
            )
        outcome = settle(claimed, result, channel, now=self.clock.now(), chance=self.clock.chance())
        return Tried(delivery=claimed, result=result, outcome=outcome, trace=trace)

    def record(self, tried: Tried) -> DeliverOutcome:
        """Record what became of a try (T3). May be called again when the database refused.

        Raises:
            StoreError: as for ``deliver``.
        """
        recorded = self.store.record_outcome(tried.outcome)
        return DeliverOutcome(
            delivery=tried.delivery,
            result=tried.result,
            state=tried.outcome.state,
            due=tried.outcome.due,
            recorded=recorded,
            trace=tried.trace,
        )


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
        draft=draft(
            article.title,
            article.text,
            language.code,
            gazetteer=plan.gazetteer,
            concepts={one.concept for match in matches for one in match.evidence if one.concept},
        ),
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
