"""From a due feed to stored articles (T1): one look, and what it leaves behind.

On the article's way: its first stage; the package's docstring shows the whole. What is decided here is decided by the
pure ``feeds`` package; this module asks the ports in the right order. The validators of a document are never stored
without its articles.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from monitor.feeds import (
    DISTRUST,
    USUAL_PRICE,
    NextCheck,
    Overlap,
    Recognised,
    after_move,
    forget_move,
    learn,
    make_articles,
    next_check,
    older_page,
    other_key,
    overlap_of,
    recognise,
    settled_address,
    stuck,
    validators_for,
)
from monitor.model import (
    Arrival,
    DueFeed,
    Feed,
    FeedAsks,
    FeedUpdate,
    Fetched,
    FetchFailed,
    FetchFault,
    FetchRequest,
    NewArticle,
    NotModified,
    ParsedFeed,
    Rhythm,
)
from monitor.pipeline.plan import Plan
from monitor.pipeline.reach import Reach
from monitor.ports import Clock, Fetcher, Parser, Store

_OLDER_PAGES = 4  # fetched at the most to fill a gap
_OUTAGE_WAIT = timedelta(minutes=1)


class PollResult(StrEnum):
    """How a look at a feed ended."""

    READ = "read"  # a body that was parsed
    UNCHANGED = "unchanged"  # 304, or the same bytes as last time
    FAILED = "failed"
    CUT_OFF = "cut-off"  # by our own stop; nothing is stored, the feed is looked at again
    PUSHED = "pushed"  # no look: a hub sent it
    PUT_OFF = "put-off"  # its host wants no requests for now: it was not asked


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
    gap: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Look:
    """One look while it goes on: the feed as claimed and as configured, and where it was asked for."""

    due: DueFeed
    feed: Feed
    plan: Plan
    price: float
    asked: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Poller:
    """From a due feed to stored articles (T1). Thread-safe."""

    store: Store
    fetcher: Fetcher
    parser: Parser
    clock: Clock
    reach: Reach = field(default_factory=Reach)

    def poll(self, due: DueFeed, feed: Feed, plan: Plan, *, price: float = USUAL_PRICE) -> PollOutcome:
        """Look at one claimed feed and store what it brought (T1). A dead feed is an outcome, not an error.

        ``price`` is what a look is worth under the budget (``feeds.fair_price``).

        Raises:
            StoreError: the database refused; nothing of this look was kept and the feed is looked at again.
        """
        now = self.clock.now()
        look = _Look(due=due, feed=feed, plan=plan, price=price, asked=settled_address(due, feed, now))
        etag, last_modified = validators_for(due, now)
        fetched = self.fetcher.fetch(_request(look, look.asked, etag, last_modified))
        if isinstance(fetched, FetchFailed):
            return self._failed(look, fetched)
        self.reach.answered(due)
        if isinstance(fetched, NotModified):
            return self._unchanged(look, fetched, due.body_hash)
        body_hash = hashlib.sha256(fetched.body).hexdigest()
        if body_hash == due.body_hash:
            return self._unchanged(look, fetched, body_hash)
        parsed = self.parser.parse(fetched.body, content_type=fetched.content_type, url=fetched.url)
        if isinstance(parsed, FetchFailed):
            return self._failed(look, parsed)
        return self._arrived(look, fetched, parsed, body_hash)

    def take_pushed(self, due: DueFeed, feed: Feed, plan: Plan, body: bytes, content_type: str) -> PollOutcome:
        """Store what a hub has pushed of a claimed feed (T1), as a look does. What can't be read asks for one.

        The validators stay those of the last look: they say nothing of what was pushed. CUT_OFF: our own processes
        ended before it was read, and nothing of it was kept.

        Raises:
            StoreError: the database refused; nothing of it was kept.
        """
        now = self.clock.now()
        look = _Look(due=due, feed=feed, plan=plan, price=USUAL_PRICE, asked=feed.url)
        parsed = self.parser.parse(body, content_type=content_type, url=due.asks.topic or feed.url)
        if isinstance(parsed, FetchFailed) and parsed.fault is FetchFault.CUT_OFF:
            # Ours to mend, not the hub's: it is to come again.
            self.store.give_back(due.id)
            return PollOutcome(feed=due.url, result=PollResult.CUT_OFF, next_check=now, detail=parsed.detail)
        if isinstance(parsed, FetchFailed):
            soon = max(now, (due.last_ok or now) + feed.interval_min)  # whatever a hub does, the site is spared
            self.store.postpone(due.id, soon, f"its hub pushed what can't be read: {parsed.detail}")
            return _failure(due, parsed, soon, due.failures)
        recognised = self._recognised(look, parsed, now)
        articles = recognised.articles
        unseen = self.store.unseen_keys(due.id, [article.key for article in articles])
        rhythm = _rhythm(due, articles, unseen, Overlap.SHARED, now) if due.rhythm is not None else None
        update = FeedUpdate(
            feed_id=due.id,
            checked=now,
            next_check=now,
            interval=due.interval or timedelta(0),
            etag=due.etag,
            last_modified=due.last_modified,
            body_hash=due.body_hash,
            # It says nothing of how many entries the feed lists at once.
            rhythm=replace(rhythm, window=due.rhythm.window) if rhythm is not None and due.rhythm is not None else None,
            identity=recognised.record,
            pushed=True,
        )
        arrived = self.store.arrive(Arrival(feed=update, articles=articles, page_wait=plan.settings.page_wait))
        return PollOutcome(
            feed=due.url,
            result=PollResult.PUSHED,
            next_check=now,
            new=arrived.new,
            changed=arrived.changed,
            problems=parsed.problems,
        )

    def _failed(self, look: _Look, failure: FetchFailed) -> PollOutcome:
        now = self.clock.now()
        due = look.due
        if failure.fault is FetchFault.CUT_OFF:
            return PollOutcome(feed=due.url, result=PollResult.CUT_OFF, next_check=now, detail=failure.detail)
        if failure.fault is FetchFault.HELD_BACK:
            until = now + (failure.retry_after or _OUTAGE_WAIT) * (1 + self.clock.chance() / 10)
            self.store.postpone(due.id, until, failure.detail)
            return PollOutcome(feed=due.url, result=PollResult.PUT_OFF, next_check=until, detail=failure.detail)
        outage, blamed = self.reach.failed(due, failure.fault)
        if outage:
            until = now + _OUTAGE_WAIT * (1 + self.clock.chance())
            self.store.forgive(blamed, now)
            self.store.postpone(due.id, until, "this machine reaches no server at all; that is not held against a feed")
            return _failure(due, failure, until, due.failures)
        moved_back = forget_move(due, look.asked, failure)
        failures = due.failures if moved_back else due.failures + 1
        schedule = next_check(
            now=now,
            feed=look.feed,
            interval=due.interval,
            failures=max(failures, 1),
            closest=due.closest,
            retry_after=failure.retry_after,
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
            error=failure.told(),
            fault=failure.fault,
            failures=failures,
            gone=failure.fault is FetchFault.GONE and not moved_back,
            moved=None if moved_back else due.moved,
            why=schedule.why,
            closest=schedule.closest,
            whole_at=due.whole_at,
            distrust_until=due.distrust_until,
        )
        self.store.arrive(Arrival(feed=update))
        return _failure(due, failure, schedule.at, failures)

    def _unchanged(self, look: _Look, fetched: Fetched | NotModified, body_hash: str | None) -> PollOutcome:
        now = self.clock.now()
        due = look.due
        schedule = self._next(look, fetched, due.rhythm, now=now)
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
            moved=after_move(due, look.asked, fetched.moved_to, now),
            why=schedule.why,
            closest=schedule.closest,
            whole_at=due.whole_at or now if not_modified else now,
            distrust_until=due.distrust_until,
        )
        self.store.arrive(Arrival(feed=update))
        return PollOutcome(feed=due.url, result=PollResult.UNCHANGED, next_check=schedule.at)

    def _arrived(self, look: _Look, fetched: Fetched, parsed: ParsedFeed, body_hash: str) -> PollOutcome:
        now = self.clock.now()
        due = look.due
        recognised = self._recognised(look, parsed, now)
        articles = recognised.articles
        keys = [article.key for article in articles]
        unseen = frozenset(keys) if due.first_sight else self.store.unseen_keys(due.id, keys)
        overlap = overlap_of(due, articles, unseen)
        gap = ""
        problems = parsed.problems
        if overlap is Overlap.RENAMED:
            problems = (*problems, "all its entries have new ids, though they are as old as those seen before")
        if overlap is Overlap.GAP:
            older, gap = self._older(look, parsed, now)
            articles = (*older, *articles)
        rhythm = _rhythm(due, articles, unseen, overlap, now)
        distrust = due.distrust_until
        if due.etag != validators_for(due, now)[0] and unseen and stuck(due, fetched.etag, fetched.last_modified):
            distrust = now + DISTRUST
            problems = (*problems, "its server calls a changed document unchanged; it is asked for whole for a month")
        schedule = self._next(look, fetched, rhythm or due.rhythm, now=now, parsed=parsed, gap=bool(gap))
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
            moved=after_move(due, look.asked, fetched.moved_to, now),
            problems=problems,
            why=schedule.why,
            rhythm=rhythm,
            asks=_offered(parsed.asks, fetched),
            closest=schedule.closest,
            whole_at=now,
            distrust_until=distrust,
            gap=gap,
            identity=recognised.record,
        )
        arrived = self.store.arrive(Arrival(feed=update, articles=articles, page_wait=look.plan.settings.page_wait))
        return PollOutcome(
            feed=due.url,
            result=PollResult.READ,
            next_check=schedule.at,
            new=arrived.new,
            changed=arrived.changed,
            problems=problems,
            gap=gap,
        )

    def _recognised(self, look: _Look, parsed: ParsedFeed, now: datetime) -> Recognised:
        """The document's entries as articles, those that were known by another key among them told apart."""
        made = make_articles(parsed, look.feed, look.due, now)
        if look.due.first_sight:
            return Recognised(articles=made, record=look.due.identity)
        wanted = [(article.key, other_key(article.key, article.marks), article.marks) for article in made]
        return recognise(made, self.store.recall(look.due.id, wanted), look.due.identity)

    def _next(
        self,
        look: _Look,
        fetched: Fetched | NotModified,
        rhythm: Rhythm | None,
        *,
        now: datetime,
        parsed: ParsedFeed | None = None,
        gap: bool = False,
    ) -> NextCheck:
        due = look.due
        return next_check(
            now=now,
            feed=look.feed,
            interval=due.interval,
            rhythm=rhythm,
            price=look.price,
            asks=due.asks if parsed is None else parsed.asks,
            gap=now - due.last_ok if gap and due.last_ok is not None else None,
            closest=due.closest,
            max_age=fetched.max_age,
            pushed_until=due.pushed_until,
            chance=self.clock.chance(),
        )

    def _older(self, look: _Look, parsed: ParsedFeed, now: datetime) -> tuple[tuple[NewArticle, ...], str]:
        """The entries that were missed, as far as the feed still gives them, oldest first; and what became of it.

        They are stored in the same commit as the look that found the gap: a kill in between finds it again.
        """
        found: list[NewArticle] = []
        page = parsed
        for number in range(2, 2 + _OLDER_PAGES):
            url = older_page(page.asks, look.asked, number)
            if not url:
                return tuple(found), _filled(found, "the feed offers no older pages")
            fetched = self.fetcher.fetch(_request(look, url, None, None))
            if not isinstance(fetched, Fetched):
                detail = fetched.detail if isinstance(fetched, FetchFailed) else "the page did not come"
                return tuple(found), _filled(found, f"its older pages can't be had: {detail}")
            read = self.parser.parse(fetched.body, content_type=fetched.content_type, url=fetched.url)
            if isinstance(read, FetchFailed):
                return tuple(found), _filled(found, f"its older pages can't be read: {read.detail}")
            articles = self._recognised(look, read, now).articles
            unseen = self.store.unseen_keys(look.due.id, [article.key for article in articles])
            known = {article.key for article in found}
            found[:0] = [article for article in articles if article.key in unseen and article.key not in known]
            if len(unseen) < len(articles) or not articles:
                return tuple(found), _filled(found, "")
            page = replace(read, asks=replace(read.asks, paged=parsed.asks.paged))
        return tuple(found), _filled(found, f"more lie farther back than {_OLDER_PAGES} pages")


def _offered(asks: FeedAsks, fetched: Fetched) -> FeedAsks:
    """What the document asks and offers; of a hub, a Link header's word counts before the document's (WebSub, 4).

    Without a word of its own address there is no topic, and no subscription: ours may hold what is nobody's business.
    """
    return replace(asks, hub=fetched.hub, topic=fetched.topic or asks.topic) if fetched.hub else asks


def _request(look: _Look, url: str, etag: str | None, last_modified: str | None) -> FetchRequest:
    feed, settings = look.feed, look.plan.settings
    return FetchRequest(
        url=url,
        etag=etag,
        last_modified=last_modified,
        headers=feed.headers,
        proxy=feed.proxy,
        allow_private=feed.allow_private,
        deadline=settings.fetch_deadline,
        max_bytes=settings.max_feed_bytes,
        ca_file=feed.ca_file,
        second_agent=feed.second_user_agent,
    )


def _rhythm(
    due: DueFeed, articles: Sequence[NewArticle], unseen: frozenset[str], overlap: Overlap, now: datetime
) -> Rhythm | None:
    """The rhythm with this look's new entries; None when they teach nothing."""
    if due.rhythm is None:
        dated = [article.published for article in articles if article.published is not None]
        return learn(None, dated, looked=None, now=now, window=len(articles))
    if not unseen or overlap is Overlap.RENAMED:
        return None
    looked = due.last_ok or now
    # One without a date came at some time since the last look.
    middle = looked + (now - looked) / 2
    known = {article.key for article in articles} - unseen
    times = [article.published or middle for article in articles if article.key not in known]
    return learn(due.rhythm, times, looked=looked, now=now, window=len(articles))


def _failure(due: DueFeed, failure: FetchFailed, until: datetime, failures: int) -> PollOutcome:
    return PollOutcome(
        feed=due.url,
        result=PollResult.FAILED,
        next_check=until,
        failures=failures,
        fault=failure.fault,
        detail=failure.told(),
    )


def _filled(found: Sequence[NewArticle], but: str) -> str:
    """What became of a gap, for a person."""
    count = f"{len(found)} missed entries were found on older pages" if found else "missed entries were not found"
    if not but:
        return f"{count}, up to one that was known" if found else "no entry was missed after all"
    return f"{count}; {but}"
