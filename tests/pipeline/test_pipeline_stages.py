"""Poll, judge and deliver over a real store, with small hand-written parts behind the ports."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from monitor.clock import SimulatedClock
from monitor.errors import StoreError, StoreFull
from monitor.model import (
    AlertReason,
    Channel,
    ClaimedDelivery,
    DeliveryState,
    DueFeed,
    Entry,
    Feed,
    Fetched,
    FetchFailed,
    FetchFault,
    FetchRequest,
    Gate,
    Gather,
    Match,
    Message,
    NotModified,
    ParsedFeed,
    SendOutcome,
    SendResult,
    Settings,
    WatchConfig,
)
from monitor.pipeline import Judge, Plan, Poller, PollResult, Sender, Tried
from monitor.rules import Document, RuleSet, build, parse_watch
from monitor.store import SqliteStore

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
URL = "https://news.example/feed"
FEED = Feed(url=URL, name="Example News")
FLOOD = WatchConfig(name="Flood", any=("flood",), channels=("chat",))
CHAT = Channel(name="chat", url="json://chat.example/hook")


def rules_of(*watches: WatchConfig) -> RuleSet:
    return build([parse_watch(watch, {}, frozenset()) for watch in watches], {})


def plan_with(*watches: WatchConfig, channel: Channel = CHAT, feeds: tuple[Feed, ...] = (FEED,)) -> Plan:
    return Plan(
        settings=Settings(),
        feeds={feed.url: feed for feed in feeds},
        watches={watch.name: watch for watch in watches},
        channels={channel.name: channel},
        rules=rules_of(*watches),
    )


@dataclass(frozen=True)
class PoisonRules:
    """Rules that fail at an article with "poison" in its title, as a fault of ours would."""

    real: RuleSet

    def match(self, document: Document) -> tuple[Match, ...]:
        if any("poison" in word.forms for field in document.fields for word in field.words):
            raise RecursionError("too deep")
        return self.real.match(document)


def poisoned(plan: Plan) -> Plan:
    return replace(plan, rules=PoisonRules(plan.rules))  # type: ignore[arg-type]


@dataclass
class Web:
    """Answers each fetch with what it holds; keeps what it was asked."""

    answer: Fetched | NotModified | FetchFailed
    asked: list[FetchRequest] = field(default_factory=list)

    def fetch(self, request: FetchRequest) -> Fetched | NotModified | FetchFailed:
        self.asked.append(request)
        return self.answer

    def close(self) -> None:
        pass


@dataclass
class Reader:
    """Reads a body as one title a line."""

    read: int = 0
    failure: FetchFailed | None = None

    def parse(self, body: bytes, *, content_type: str, url: str) -> ParsedFeed | FetchFailed:  # noqa: ARG002 - the port
        self.read += 1
        if self.failure:
            return self.failure
        titles = [line for line in body.decode().splitlines() if line]
        entries = tuple(
            Entry(guid=title.partition(":")[0], url=f"https://news.example/{number}", title=title)
            for number, title in enumerate(titles)
        )
        return ParsedFeed(format="rss", encoding="utf-8", title="Example", entries=entries)

    def close(self) -> None:
        pass


@dataclass
class Receiver:
    """Answers each send with what it holds, or fails as it is told."""

    answer: SendResult = field(default_factory=lambda: SendResult(outcome=SendOutcome.SENT))
    fault: Exception | None = None
    sent: list[tuple[str, ClaimedDelivery]] = field(default_factory=list)
    bodies: list[str] = field(default_factory=list)

    def send(self, channel: Channel, message: Message, delivery: ClaimedDelivery) -> SendResult:  # noqa: ARG002 - the port
        self.bodies.append(message.body)
        self.sent.append((message.title, delivery))
        if self.fault:
            raise self.fault
        return self.answer


def body(*titles: str, **values) -> Fetched:
    return Fetched(
        **{
            "url": URL,
            "status": 200,
            "body": "\n".join(titles).encode(),
            "etag": '"1"',
            "last_modified": "yesterday",
            **values,
        }
    )


def failure(fault: FetchFault, **values) -> FetchFailed:
    return FetchFailed(url=URL, fault=fault, detail="it went wrong", **values)


@dataclass
class Desk:
    """Everything that a test needs, over one database."""

    store: SqliteStore
    clock: SimulatedClock
    web: Web
    reader: Reader
    receiver: Receiver
    plan: Plan

    def claim(self) -> DueFeed:
        claimed = self.store.claim_feed(URL, self.clock.now(), lease=MINUTE)
        assert claimed is not None
        return claimed

    def poll(self, answer: Fetched | NotModified | FetchFailed | None = None):
        if answer is not None:
            self.web.answer = answer
        poller = Poller(store=self.store, fetcher=self.web, parser=self.reader, clock=self.clock)
        return poller.poll(self.claim(), FEED, self.plan)

    @property
    def judge(self) -> Judge:
        return Judge(store=self.store, clock=self.clock)

    @property
    def sender(self) -> Sender:
        return Sender(store=self.store, notifier=self.receiver, clock=self.clock)

    def claim_delivery(self, *, lease: timedelta = MINUTE) -> ClaimedDelivery | None:
        claimed = self.store.claim_deliveries(
            self.clock.now(), limit=1, lease=lease, busy=(), channels=[Gate(channel="chat")]
        )
        return claimed[0] if claimed else None

    def feed(self):
        (feed,) = self.store.feeds()
        return feed

    def titles_told(self) -> list[str]:
        return sorted(alert.title for alert in self.store.alerts(100))


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    clock = SimulatedClock(NOON)
    with SqliteStore.open(tmp_path / "monitor.db", clock=clock) as store:
        store.sync_feeds([FEED], NOON)
        yield Desk(store, clock, Web(body()), Reader(), Receiver(), plan_with(FLOOD))


# --- poll ---


def test_what_a_feed_brought_is_stored_with_its_validators(desk: Desk) -> None:
    """The next look sends them back verbatim."""
    outcome = desk.poll(body("Flood: a", "Rain: b"))
    assert (outcome.result, outcome.new, outcome.changed) == (PollResult.READ, 2, 0)
    desk.poll()
    assert [(asked.etag, asked.last_modified) for asked in desk.web.asked] == [(None, None), ('"1"', "yesterday")]


def test_a_failed_look_keeps_the_validators_of_the_last_good_one(desk: Desk) -> None:
    """They belong to the articles that are stored; the failure counts, and is taken back by the next success."""
    desk.poll(body("Flood: a"))
    failed = desk.poll(failure(FetchFault.HTTP_STATUS, status=503, retry_after=timedelta(hours=3)))
    assert (failed.result, failed.failures, failed.detail) == (PollResult.FAILED, 1, "it went wrong")
    assert failed.next_check >= NOON + timedelta(hours=3)
    assert desk.poll(failure(FetchFault.DNS)).failures == 2
    assert (desk.feed().failures, desk.feed().error) == (2, "it went wrong")
    claimed = desk.claim()
    assert (claimed.etag, claimed.last_modified) == ('"1"', "yesterday")
    desk.store.release_claims()
    desk.poll(body("Flood: a", "Rain: b"))
    assert (desk.feed().failures, desk.feed().error) == (0, "")


def test_a_body_that_is_no_feed_is_a_failure_and_its_validators_are_not_taken(desk: Desk) -> None:
    """Else the mended feed's 304 would hide what was never read."""
    desk.reader.failure = failure(FetchFault.NOT_A_FEED)
    assert desk.poll(body("<html>", etag='"bad"')).fault is FetchFault.NOT_A_FEED
    claimed = desk.claim()
    assert (claimed.etag, claimed.body_hash, claimed.first_sight) == (None, None, True)


def test_articles_that_can_not_be_stored_leave_no_validator_behind(tmp_path: Path) -> None:
    """On a full disk nothing counts as read; once there is space, all of it comes."""
    clock = SimulatedClock(NOON)
    titles = [f"Flood {n}: {'water ' * 400}" for n in range(200)]
    with SqliteStore.open(tmp_path / "monitor.db", clock=clock, max_pages=70) as store:
        store.sync_feeds([FEED], NOON)
        desk = Desk(store, clock, Web(body(*titles)), Reader(), Receiver(), plan_with(FLOOD))
        with pytest.raises(StoreFull):
            desk.poll()
        store.release_claims()
        claimed = desk.claim()
        assert (claimed.etag, claimed.last_modified, claimed.body_hash, claimed.first_sight) == (None, None, None, True)
        assert store.status().articles == 0
    with SqliteStore.open(tmp_path / "monitor.db", clock=clock) as store:
        store.release_claims()
        desk = replace(desk, store=store)
        assert desk.poll().new == 200


def test_304_keeps_the_validators_unless_it_brings_others(desk: Desk) -> None:
    """RFC 9110, 15.4.5: a 304 need not repeat them."""
    desk.poll(body("Flood: a"))
    outcome = desk.poll(NotModified(url=URL))
    assert outcome.result is PollResult.UNCHANGED
    desk.poll(NotModified(url=URL, etag='"2"'))
    claimed = desk.claim()
    assert (claimed.etag, claimed.last_modified) == ('"2"', "yesterday")
    assert claimed.body_hash is not None
    assert (desk.feed().status, desk.reader.read) == (304, 1)


def test_the_same_bytes_are_not_read_again(desk: Desk) -> None:
    """But the validators of this answer hold: a server that gives none has taken them back."""
    desk.poll(body("Flood: a"))
    again = desk.poll(body("Flood: a", etag=None, last_modified=None))
    assert (again.result, desk.reader.read) == (PollResult.UNCHANGED, 1)
    assert desk.claim().etag is None
    assert desk.feed().status == 200


def test_a_look_cut_off_by_ourselves_is_not_held_against_the_feed(desk: Desk) -> None:
    """Nothing is stored of it; the feed is looked at again when the claim ends."""
    outcome = desk.poll(failure(FetchFault.CUT_OFF))
    assert outcome.result is PollResult.CUT_OFF
    assert (desk.feed().failures, desk.feed().checked, desk.feed().error) == (0, None, "")
    assert desk.store.claim_due_feeds(NOON, limit=1, lease=MINUTE) == ()
    assert len(desk.store.claim_due_feeds(NOON + 2 * MINUTE, limit=1, lease=MINUTE)) == 1


def test_a_feed_that_is_gone_is_not_looked_at_any_more(desk: Desk) -> None:
    """410; the person sees it in the feed's state."""
    desk.poll(failure(FetchFault.GONE, status=410))
    assert desk.feed().gone
    assert desk.store.claim_due_feeds(NOON + timedelta(days=365), limit=1, lease=MINUTE) == ()


def test_that_a_feed_has_moved_is_remembered_until_it_answers_from_its_old_place(desk: Desk) -> None:
    """A failure in between says nothing about it; a 304 says it as a whole answer does, and so do the same bytes."""
    new_place = "https://new.example/feed"
    desk.poll(body("Flood: a", moved_to=new_place))
    for answer in (
        NotModified(url=URL, moved_to=new_place),
        failure(FetchFault.DNS),
        body("Flood: a", moved_to=new_place),
    ):
        desk.poll(answer)
        assert desk.feed().moved_to == new_place
    desk.poll(body("Flood: a"))
    assert desk.feed().moved_to is None


def test_a_feed_that_brings_news_is_looked_at_sooner_than_one_that_does_not(desk: Desk) -> None:
    """What was known before is no news, also in other bytes."""
    desk.poll(body("Flood: a"))
    waits = []
    for number in range(1, 12):
        desk.clock.advance(timedelta(hours=1))
        waits.append(desk.poll(body("Flood: a", *[""] * number)).next_check - desk.clock.now())
    quiet = waits[-1]
    for number in range(6):
        desk.clock.advance(timedelta(hours=1))
        busy = desk.poll(body("Flood: a", *(f"Rain {n}: b" for n in range(10 * number)))).next_check - desk.clock.now()
    assert waits == sorted(waits)
    assert busy < quiet


# --- judge ---


def test_an_article_that_brings_a_fault_of_ours_to_light_holds_up_no_other(desk: Desk) -> None:
    """It is set aside with its trace, the others are told, and it is taken up again at the next start."""
    desk.poll(body("A: flood one", "B: poison flood", "C: flood two"))
    outcome = desk.judge.judge(poisoned(desk.plan))
    assert len(outcome.judged) == 2
    ((article, trace),) = outcome.set_aside
    assert "RecursionError: too deep" in trace
    assert desk.judge.judge(poisoned(desk.plan)).empty
    assert desk.titles_told() == ["A: flood one", "C: flood two"]
    desk.store.release_claims()
    assert [judged.article.id for judged in desk.judge.judge(desk.plan).judged] == [article]


def test_a_fault_in_the_transaction_is_found_by_taking_each_article_alone(desk: Desk) -> None:
    """The batch is rolled back; the article at fault is set aside, the rest is recorded."""
    desk.poll(body("A: flood one", "B: storm", "C: flood two"))
    storm = WatchConfig(name="Storm", any=("storm",))
    # A rule whose watch is not in the plan: a fault that shows only while the batch is judged.
    broken = replace(plan_with(FLOOD, storm), watches={"Flood": FLOOD})
    outcome = desk.judge.judge(broken)
    assert desk.titles_told() == ["A: flood one", "C: flood two"]
    assert len(outcome.judged) == 2
    assert len(outcome.set_aside) == 1
    assert "KeyError: 'Storm'" in outcome.set_aside[0][1]
    assert desk.store.status().set_aside == 1


def test_an_article_edited_between_reading_and_recording_is_judged_in_its_new_wording(desk: Desk) -> None:
    """What was read is not recorded; nobody is told of words that are no longer there."""
    desk.poll(body("A: flood one"))

    @dataclass(frozen=True)
    class EditsMeanwhile:
        """Rules during whose work the feed is polled again."""

        def match(self, document: Document) -> tuple[Match, ...]:
            desk.poll(body("A: all is dry"))
            return desk.plan.rules.match(document)

    outcome = desk.judge.judge(replace(desk.plan, rules=EditsMeanwhile()))  # type: ignore[arg-type]
    assert (outcome.judged, desk.titles_told()) == ((), [])
    (judged,) = desk.judge.judge(desk.plan).judged
    assert (judged.article.title, judged.matches) == ("A: all is dry", ())


def test_a_refusing_database_leaves_the_whole_batch_to_be_judged_again(desk: Desk) -> None:
    """A refusal is no fault of any article: none is set aside."""
    desk.poll(body("A: flood one", "B: flood two"))

    @dataclass(frozen=True)
    class Refuses:
        """A store that can't begin a judgement."""

        real: SqliteStore

        def unjudged(self, limit: int):
            return self.real.unjudged(limit)

        def judging(self):
            raise StoreError("no")

    with pytest.raises(StoreError, match="no"):
        Judge(store=Refuses(desk.store), clock=desk.clock).judge(desk.plan)  # type: ignore[arg-type]
    assert (desk.store.status().unjudged, desk.store.status().set_aside) == (2, 0)


def test_a_watch_whose_channels_are_missing_says_so(desk: Desk) -> None:
    """A match without an alert has its reason."""
    desk.poll(body("A: flood"))
    (judged,) = desk.judge.judge(plan_with(replace(FLOOD, channels=()))).judged
    assert [verdict.reason for verdict in judged.verdicts] == [AlertReason.NO_CHANNEL]


# --- backfill ---

STORM = WatchConfig(name="Storm", any=("storm",), channels=("chat",), backfill=timedelta(days=7))


def with_archive(desk: Desk, *titles: str) -> None:
    desk.poll(body(*titles))
    while not desk.judge.judge(desk.plan).empty:
        pass


def test_only_a_new_watch_that_asks_is_told_of_the_archive_and_once(desk: Desk) -> None:
    """Those known before are not judged anew; a second call does nothing."""
    with_archive(desk, "A: storm", "B: storm", "C: rain")
    silent = WatchConfig(name="Rain", any=("rain",), channels=("chat",))
    plan = plan_with(FLOOD, STORM, silent)
    assert desk.judge.backfill(plan, frozenset({"Flood"})).alerts == 2
    assert desk.titles_told() == ["A: storm", "B: storm"]
    assert desk.store.known_watches() == {"Rain", "Storm"}
    assert desk.judge.backfill(plan, desk.store.known_watches() | {"Flood"}).alerts == 0


def test_a_backfill_reaches_back_as_far_as_it_was_asked(desk: Desk) -> None:
    """Each watch by its own span, also when another reaches further."""
    with_archive(desk, "A: storm and gale")
    desk.clock.advance(timedelta(days=3))
    gale = replace(STORM, name="Gale", any=("gale",), backfill=timedelta(days=1))
    desk.judge.backfill(plan_with(STORM, gale), frozenset())
    assert [alert.watch for alert in desk.store.alerts(10)] == ["Storm"]


def test_a_backfill_cut_off_by_a_crash_is_done_again_without_telling_twice(desk: Desk) -> None:
    """The watches count as known only at the end; what was told in the first run stays told once."""
    with_archive(desk, "A: storm", "B: storm warning")
    plan = plan_with(STORM)

    @dataclass(frozen=True)
    class DiesAtTheEnd:
        """A store whose process ends before the watches are remembered."""

        real: SqliteStore

        def __getattr__(self, name: str):
            return getattr(self.real, name)

        def remember_watches(self, *_: object) -> None:
            raise StoreFull("no space")

    with pytest.raises(StoreFull):
        Judge(store=DiesAtTheEnd(desk.store), clock=desk.clock).backfill(plan, frozenset())  # type: ignore[arg-type]
    assert desk.store.known_watches() == frozenset()
    told = desk.titles_told()
    assert told
    desk.judge.backfill(plan, frozenset())
    assert desk.titles_told() == told
    assert desk.store.known_watches() == {"Storm"}


def test_a_poison_article_in_the_archive_is_passed_over(desk: Desk) -> None:
    """The watch is told of the others, counts as known, and nothing is tried for ever."""
    with_archive(desk, "A: storm", "B: poison storm", "C: another storm")
    outcome = desk.judge.backfill(poisoned(plan_with(STORM)), frozenset())
    assert outcome.alerts == 2
    assert ["RecursionError" in trace for _, trace in outcome.passed_over] == [True]
    assert desk.store.known_watches() == {"Storm"}


# --- deliver ---


def with_alert(desk: Desk) -> None:
    desk.poll(body("A: flood"))
    desk.judge.judge(desk.plan)


def delivery_of(desk: Desk):
    ((delivery,),) = [alert.deliveries for alert in desk.store.alerts(1)]
    return delivery


def test_a_failed_send_waits_with_its_reason_and_comes_later(desk: Desk) -> None:
    """Not before it is due, and once."""
    with_alert(desk)
    desk.receiver.answer = SendResult(outcome=SendOutcome.FAILED, detail="451 try later")
    outcome = desk.sender.deliver(desk.claim_delivery(), desk.plan)
    assert (outcome.state, outcome.recorded) == (DeliveryState.PENDING, True)
    assert (delivery_of(desk).state, delivery_of(desk).detail) == (DeliveryState.PENDING, "451 try later")
    assert desk.claim_delivery() is None
    desk.clock.set(outcome.due)
    desk.receiver.answer = SendResult(outcome=SendOutcome.SENT)
    assert desk.sender.deliver(desk.claim_delivery(), desk.plan).state is DeliveryState.SENT
    desk.clock.advance(timedelta(days=1))
    assert desk.claim_delivery() is None
    assert len(desk.receiver.sent) == 2
    assert len({delivery.idempotency_key for _, delivery in desk.receiver.sent}) == 1


def test_a_delivery_in_doubt_is_held_unsent_where_its_channel_asks_for_a_person(desk: Desk) -> None:
    """Cut off between send and record: on_unknown = "hold" sends nothing again, "resend" does."""
    with_alert(desk)
    desk.claim_delivery()
    desk.store.release_claims()
    claimed = desk.claim_delivery()
    assert claimed.in_doubt
    outcome = desk.sender.deliver(claimed, plan_with(FLOOD, channel=replace(CHAT, on_unknown="hold")))
    assert (outcome.state, outcome.recorded, desk.receiver.sent) == (DeliveryState.HELD, True, [])
    assert "may have arrived" in delivery_of(desk).detail


def test_a_delivery_in_doubt_is_sent_again_elsewhere(desk: Desk) -> None:
    """With the same key, by which a receiver can tell."""
    with_alert(desk)
    desk.claim_delivery()
    desk.store.release_claims()
    assert desk.sender.deliver(desk.claim_delivery(), desk.plan).state is DeliveryState.SENT
    assert len(desk.receiver.sent) == 1


def test_whoever_outran_the_lease_overwrites_nothing(desk: Desk) -> None:
    """The first sender's late outcome is refused; the second's holds."""
    with_alert(desk)
    first = desk.claim_delivery(lease=MINUTE)
    desk.clock.advance(2 * MINUTE)
    second = desk.claim_delivery()
    assert second.in_doubt
    assert desk.sender.deliver(second, desk.plan).recorded
    desk.receiver.answer = SendResult(outcome=SendOutcome.FAILED, detail="late")
    assert not desk.sender.deliver(first, desk.plan).recorded
    assert delivery_of(desk).state is DeliveryState.SENT


def test_a_fault_of_ours_in_a_send_is_a_try_with_a_reason_and_ends_some_day(desk: Desk) -> None:
    """It may have been handed over: it counts as of unknown fate. After the channel's last try it is dead, not tried for ever."""
    with_alert(desk)
    desk.receiver.fault = TypeError("a bug")
    plan = plan_with(FLOOD, channel=replace(CHAT, max_attempts=2))
    outcome = desk.sender.deliver(desk.claim_delivery(), plan)
    assert (outcome.state, outcome.result.outcome) == (DeliveryState.PENDING, SendOutcome.UNKNOWN)
    assert "TypeError: a bug" in outcome.trace
    assert "TypeError" in delivery_of(desk).detail
    desk.clock.advance(timedelta(hours=2))
    assert desk.sender.deliver(desk.claim_delivery(), plan).state is DeliveryState.DEAD


def test_a_fault_of_ours_before_the_send_is_known_to_have_sent_nothing(desk: Desk) -> None:
    """So a channel that asks for a person in doubt tries it again all the same."""
    with_alert(desk)
    plan = plan_with(FLOOD, channel=replace(CHAT, on_unknown="hold"))
    unrenderable = replace(desk.claim_delivery(), alert=None)
    outcome = desk.sender.deliver(unrenderable, plan)
    assert (outcome.state, outcome.result.outcome) == (DeliveryState.PENDING, SendOutcome.FAILED)
    assert desk.receiver.sent == []


def test_what_was_sent_can_be_recorded_later_without_a_second_send(desk: Desk) -> None:
    """When the database refuses at first."""
    with_alert(desk)
    tried = desk.sender.attempt(desk.claim_delivery(), desk.plan)
    assert isinstance(tried, Tried)
    assert delivery_of(desk).state is DeliveryState.SENDING
    assert desk.sender.record(tried).state is DeliveryState.SENT
    assert len(desk.receiver.sent) == 1


FERRY = ("A: ferry Aurora sinks in flood near Lesbos, two dead", "B: ferry Aurora sinks in flood near Lesbos, two dead")


@pytest.mark.parametrize(
    ("feed", "watch", "stories", "alerts"),
    [
        (FEED, FLOOD, 1, 1),
        (replace(FEED, stories=False), FLOOD, 2, 2),
        (FEED, replace(FLOOD, stories=False), 1, 2),
    ],
)
def test_stories_can_be_turned_off_for_a_feed_and_for_a_watch(
    desk: Desk, feed: Feed, watch: WatchConfig, stories: int, alerts: int
) -> None:
    """A feed's articles are then a story each; a watch is then told of each article, once."""
    plan = plan_with(watch, feeds=(feed,))
    desk.poll(body(*FERRY))
    judged = desk.judge.judge(plan).judged
    assert len({one.story for one in judged}) == stories
    assert sum(len(one.alerts) for one in judged) == alerts
    assert len(desk.store.alerts(9)) == alerts


def test_a_digest_shows_how_many_stories_its_watch_had_on_the_last_days(desk: Desk) -> None:
    """A story counts on the day when it was first met, also when it goes on; and by the days of the channel's zone."""
    desk.store.remember_watches(["Flood"], NOON - timedelta(days=5))
    desk.clock.advance(timedelta(days=-2))
    desk.poll(body("A: flood in the delta"))
    desk.judge.judge(desk.plan)
    assert desk.sender.deliver(desk.claim_delivery(), desk.plan).state is DeliveryState.SENT
    desk.clock.advance(timedelta(days=2))
    desk.poll(body("A: flood in the delta", "B: museum archive flood", "C: insurers count flood claims"))
    desk.judge.judge(desk.plan)
    gate = Gate(channel="chat", gathers=(Gather(until=desk.clock.now(), least=2),))
    (digest,) = desk.store.claim_deliveries(desk.clock.now(), limit=1, lease=MINUTE, busy=(), channels=[gate])
    assert len(digest.alerts) == 2
    desk.sender.deliver(digest, desk.plan)
    assert "Stories a day · 24 Feb – 1 Mar: ▁▁▁▅▁█ 0 0 0 1 0 2" in desk.receiver.bodies[-1]


def test_a_digest_goes_out_without_its_chart_where_the_database_can_not_say(desk: Desk) -> None:
    """The alerts matter more."""
    desk.poll(body("B: museum archive flood", "C: insurers count flood claims"))
    desk.judge.judge(desk.plan)
    gate = Gate(channel="chat", gathers=(Gather(until=desk.clock.now(), least=2),))
    (digest,) = desk.store.claim_deliveries(desk.clock.now(), limit=1, lease=MINUTE, busy=(), channels=[gate])
    desk.store.close()
    tried = desk.sender.attempt(digest, desk.plan)
    assert tried.result.outcome is SendOutcome.SENT
    assert "museum" in desk.receiver.bodies[-1]
