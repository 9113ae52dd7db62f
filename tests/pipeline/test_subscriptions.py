"""Subscriptions with hubs, without the program around them: a real store, real requests to a real hub, a clock to move."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlencode

import pytest

from monitor.clock import SimulatedClock
from monitor.fetch import HttpFetcher
from monitor.listening import Call, Reply
from monitor.model import Arrival, DueFeed, Feed, FeedAsks, FeedUpdate, PushState, Settings, Subscription
from monitor.parsing import ProcessParser
from monitor.pipeline import Plan, Poller, PollResult
from monitor.rules import build
from monitor.store import SqliteStore
from monitor.subscribing import PushNews, Subscriber
from tests.servers import MisbehavingServer, Peer, head, reply

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
SETTINGS = Settings(push_url="https://we.example/push", fetch_threads=1, parse_processes=1)
RSS = b"<rss><channel><title>T</title><item><guid>%b</guid><title>News</title></item></channel></rss>"


@dataclass
class World:
    """Feeds that offer one hub, and what became of them."""

    clock: SimulatedClock
    store: SqliteStore
    server: MisbehavingServer
    feeds: dict[str, Feed]
    parser: ProcessParser
    fetcher: HttpFetcher
    said: list[PushNews] = field(default_factory=list)
    settings: Settings = SETTINGS

    @property
    def plan(self) -> Plan:
        return Plan(settings=self.settings, feeds=self.feeds, watches={}, channels={}, rules=build([], {}))

    @property
    def poller(self) -> Poller:
        return Poller(store=self.store, fetcher=self.fetcher, parser=self.parser, clock=self.clock)

    @property
    def subscriber(self) -> Subscriber:
        return Subscriber(
            store=self.store, fetcher=self.fetcher, poller=self.poller, clock=self.clock, say=self.said.append
        )

    def keep(self, *, listening: bool = True) -> None:
        self.subscriber.keep(self.plan, listening=listening)

    def one(self) -> Subscription:
        (subscription,) = self.store.subscriptions()
        return subscription

    def call(self, subscription: Subscription, **said: str) -> Reply:
        """The hub's question about a subscription."""
        question = {f"hub.{name}": value for name, value in said.items()} | {"hub.topic": subscription.topic}
        path = f"/push/{subscription.token}?{urlencode(question)}"
        return self.subscriber.answer(Call(method="GET", path=path, content_type="", signature="", body=b""), self.plan)

    def confirm(self, *, lease: timedelta = DAY) -> Reply:
        seconds = str(int(lease.total_seconds()))
        return self.call(self.one(), mode="subscribe", challenge="c", lease_seconds=seconds)

    def row(self, url: str) -> DueFeed:
        due = self.store.claim_feed(url, self.clock.now(), lease=MINUTE)
        assert due is not None
        self.store.give_back(due.id)
        return due

    def next_check(self, url: str) -> datetime:
        return next(row.next_check for row in self.store.feeds() if row.url == url)


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Callable[..., World]]:
    clock = SimulatedClock(NOON)
    fetcher = HttpFetcher(SETTINGS, clock, "1", tmp_path)
    parser = ProcessParser(SETTINGS)
    with MisbehavingServer() as server, SqliteStore.open(tmp_path / "monitor.db", clock=clock) as store:

        def made(count: int = 1, *, private: bool = True) -> World:
            urls = [server.url(f"/feed{number}") for number in range(count)]
            feeds = {
                url: Feed(url=url, allow_private=private, interval_min=MINUTE, interval_max=8 * HOUR) for url in urls
            }
            store.sync_feeds(tuple(feeds.values()), NOON)
            for number, url in enumerate(urls):
                due = store.claim_feed(url, NOON, lease=MINUTE)
                assert due is not None
                update = FeedUpdate(
                    feed_id=due.id, checked=NOON, next_check=NOON + HOUR, interval=HOUR, etag=None, last_modified=None,
                    body_hash=None, asks=FeedAsks(hub=server.url("/hub"), topic=f"https://t.example/{number}"),
                )  # fmt: skip
                store.arrive(Arrival(feed=update))
            server.route("/hub", reply(status=202))
            return World(clock, store, server, feeds, parser, fetcher)

        yield made
    fetcher.close()
    parser.close()


def test_while_a_hub_pushes_a_look_is_due_in_the_longest_interval_and_at_once_when_it_ends(make) -> None:
    """And before it pushed, the feed's own rhythm held."""
    world = make()
    (url,) = world.feeds
    links = {"Link": f'<{world.server.url("/hub")}>; rel="hub", <https://t.example/0>; rel="self"'}
    world.server.route("/feed0", reply(RSS % b"a", headers=links))
    assert world.poller.poll(world.row(url), world.feeds[url], world.plan).next_check < NOON + 2 * HOUR
    world.keep()
    world.confirm()
    world.server.route("/feed0", reply(RSS % b"b", headers=links))
    outcome = world.poller.poll(world.row(url), world.feeds[url], world.plan)
    assert outcome.result is PollResult.READ
    assert outcome.next_check == world.next_check(url) >= NOON + 7 * HOUR
    (row,) = world.store.feeds()
    assert row.why.startswith("its hub pushes")
    world.clock.advance(HOUR)
    assert world.call(world.one(), mode="denied").status == 200
    assert world.next_check(url) == NOON + HOUR
    world.server.route("/feed0", reply(RSS % b"c", headers=links))
    assert world.poller.poll(world.row(url), world.feeds[url], world.plan).next_check < NOON + 3 * HOUR


def test_while_nobody_listens_no_hub_is_asked_for_anything(make) -> None:
    """Neither for what is new nor for what is to be renewed or ended; once somebody listens, for all of it."""
    world = make(2)
    world.keep(listening=False)
    assert world.store.subscriptions() == ()
    world.keep()
    asked = len(world.server.requests)
    assert asked == 2
    world.clock.advance(DAY)
    world.keep(listening=False)
    assert len(world.server.requests) == asked
    world.keep()
    assert len(world.server.requests) == 2 * asked


def test_a_hub_whose_pushes_nobody_hears_is_believed_no_more_and_its_feed_is_due(make) -> None:
    world = make()
    (url,) = world.feeds
    world.keep()
    world.confirm()
    assert world.row(url).pushed_until == NOON + DAY
    world.keep(listening=False)
    assert world.one().state is PushState.ASKED
    assert world.row(url).pushed_until is None
    assert world.next_check(url) == NOON
    world.keep()
    world.confirm()
    assert world.row(url).pushed_until == NOON + DAY


def test_a_hub_that_can_not_be_had_is_tried_once_a_round_and_the_rest_is_no_try(make) -> None:
    world = make(5)
    world.server.route("/hub", reply(status=503))
    world.keep()
    assert len(world.server.requests) == 1
    assert sorted(one.tries for one in world.store.subscriptions()) == [0, 0, 0, 0, 1]
    assert all(one.due > NOON + 10 * MINUTE for one in world.store.subscriptions())
    assert [news.event for news in world.said] == ["subscribe_failed"]


def test_a_topic_that_a_hub_refuses_does_not_keep_the_others_from_it(make) -> None:
    world = make(3)
    world.server.route("/hub", reply(status=404))
    world.keep()
    assert len(world.server.requests) == 3


def test_what_our_stop_cuts_off_is_no_try_and_due_at_the_next_start(make) -> None:
    world = make(3)

    def stop(peer: Peer) -> None:
        world.fetcher.close()
        peer.wait_for_end(30)

    world.server.route("/hub", stop)
    world.keep()
    assert [(one.tries, one.due) for one in world.store.subscriptions()] == [(0, NOON)] * 3
    assert world.said == []


def test_only_what_changed_is_written(make) -> None:
    """A hub that confirms while its answer to us still fails is live all the same."""
    world = make()

    def confirm_and_fail(peer: Peer) -> None:
        assert world.confirm().status == 200
        peer.send(head(500, {"Content-Length": "0"}))

    world.server.route("/hub", confirm_and_fail)
    world.keep()
    one = world.one()
    assert (one.state, one.pending, one.tries, one.detail, one.until) == (PushState.LIVE, "", 0, "", NOON + DAY)


def test_a_lease_too_short_to_be_of_use_is_not_agreed_to(make) -> None:
    """It would take more renewals than looks; the hub is asked again in a day."""
    world = make()
    world.keep()
    assert world.confirm(lease=59 * MINUTE).status == 404
    one = world.one()
    assert (one.state, one.until, one.detail) == (PushState.REFUSED, None, "its lease is too short to be of use")
    assert one.due >= NOON + DAY
    assert [news.event for news in world.said] == ["push_denied"]


def test_whether_a_hub_may_be_private_is_the_feeds_word_of_now(make) -> None:
    """Also after an edit; and its last word, once it has left the config and the hub is to be told."""
    world = make(private=False)
    (url,) = world.feeds
    world.keep()
    assert world.server.requests == []
    world.feeds[url] = replace(world.feeds[url], allow_private=True)
    world.clock.advance(DAY)
    world.keep()
    world.confirm()
    assert [parse_qs(seen.body.decode())["hub.mode"] for seen in world.server.requests] == [["subscribe"]]
    del world.feeds[url]
    world.keep()
    assert [parse_qs(seen.body.decode())["hub.mode"] for seen in world.server.requests][1:] == [["unsubscribe"]]


def test_a_feed_that_forbids_private_addresses_again_is_not_asked_for_at_one(make) -> None:
    world = make()
    (url,) = world.feeds
    world.keep()
    world.confirm()
    asked = len(world.server.requests)
    world.feeds[url] = replace(world.feeds[url], allow_private=False)
    world.clock.advance(DAY)
    world.keep()
    assert len(world.server.requests) == asked
    assert "loopback" in world.one().detail


def test_an_end_that_no_hub_confirms_is_given_up_and_said(make) -> None:
    world = make()
    world.keep()
    world.confirm()
    world.settings = replace(SETTINGS, push_url="")
    for _ in range(4):
        world.keep()
        world.clock.advance(DAY)
    assert world.store.subscriptions() == ()
    modes = [parse_qs(seen.body.decode())["hub.mode"][0] for seen in world.server.requests]
    assert modes == ["subscribe"] + ["unsubscribe"] * 3
    (news,) = (news for news in world.said if news.event == "unsubscribe_given_up")
    assert "3 tries" in news.detail


def test_an_end_that_nobody_can_be_asked_about_is_given_up_at_once_and_said(make) -> None:
    """Without an address of ours there is no hope that somebody will listen."""
    world = make()
    world.keep()
    world.confirm()
    world.settings = replace(SETTINGS, push_url="")
    world.keep(listening=False)
    assert world.store.subscriptions() == ()
    assert [news.event for news in world.said] == ["push_live", "unsubscribe_given_up"]


def test_a_push_that_our_own_stop_cut_off_is_to_come_again_and_not_held_against_the_hub(make) -> None:
    world = make()
    (url,) = world.feeds
    world.keep()
    world.confirm()
    before = world.store.feeds()
    world.parser.close()
    world.said.clear()
    assert push(world, RSS % b"new") == 503
    assert world.said == []
    assert world.store.feeds() == before
    assert world.store.claim_feed(url, NOON, lease=MINUTE) is not None


def test_a_push_that_can_not_be_read_is_taken_and_brings_a_look(make) -> None:
    world = make()
    (url,) = world.feeds
    world.keep()
    world.confirm()
    assert push(world, b"<html>no feed") == 202
    assert world.next_check(url) == NOON + MINUTE
    assert world.said[-1].outcome.result is PollResult.FAILED


def push(world: World, body: bytes) -> int:
    one = world.one()
    signature = "sha256=" + hmac.new(one.secret.encode(), body, hashlib.sha256).hexdigest()
    call = Call(method="POST", path=f"/push/{one.token}", content_type="", signature=signature, body=body)
    return world.subscriber.answer(call, world.plan).status
