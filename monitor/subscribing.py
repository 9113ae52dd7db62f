"""Subscriptions with hubs (W3C WebSub): asked for, confirmed, renewed, ended, and what is pushed taken in.

On the article's way: beside polling. What a hub pushes is stored as a look's entries are (T1), and only then is the hub
told that it came: a kill before that lets it push again, and an entry that comes twice is known. While a subscription
lives its feed is looked at more seldom (``next_check``); as soon as it does not, as before.

Whoever runs it (``app``) keeps the time and owns the listener. Anybody may call a callback: an address that is not ours
does nothing, and says nothing.
"""

from __future__ import annotations

import hmac
import re
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Protocol
from urllib.parse import parse_qsl, urlencode, urlsplit

from monitor.feeds import LEASE, Intent, intent_of, lease_of, patience_after, renewal, signed_by
from monitor.listening import Call, Reply
from monitor.model import (
    DueFeed,
    Feed,
    FetchFailed,
    FetchFault,
    FetchRequest,
    PushState,
    Subscription,
)
from monitor.pipeline import Plan, Poller, PollOutcome, PollResult
from monitor.ports import Clock, Fetcher

_TOKEN = re.compile(r"(?:/[^/]*)*/([0-9a-f]{32})")
_AT_ONCE = 20
_MOST_FIELDS = 32
_CLAIMED = timedelta(minutes=3)
_LEAVINGS = 3  # tries to end one; then the hub finds out by itself
_REFUSED_FOR = timedelta(days=1)
_CLAIM_TRIES, _BETWEEN_TRIES = 20, 0.1  # while a look at the same feed goes on
_COME_AGAIN = 30
_NOTHING = Reply(status=HTTPStatus.NOT_FOUND)


class PushStore(Protocol):
    """What of the store is needed here. Every method raises ``StoreError`` when the database refuses."""

    def hubs(self) -> tuple[tuple[str, str, str], ...]:
        """(feed, hub, topic) of each configured feed that offers a hub."""

    def subscriptions(self) -> tuple[Subscription, ...]:
        """All that there are."""

    def subscription(self, token: str) -> Subscription | None:
        """The one whose callback ends in this token."""

    def add_subscription(self, subscription: Subscription) -> None:
        """Keep a new one."""

    def claim_subscriptions(self, now: datetime, *, limit: int, lease: timedelta) -> tuple[Subscription, ...]:
        """Those about which something is due."""

    def change_subscription(self, before: Subscription, after: Subscription, now: datetime) -> None:
        """Keep what differs between the two, and nothing else."""

    def drop_subscriptions(self, tokens: Sequence[str], now: datetime) -> None:
        """Forget them."""

    def claim_feed(self, url: str, now: datetime, *, lease: timedelta) -> DueFeed | None:
        """This feed, due or not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PushNews:
    """What came of a call or of an errand, for the log; ``outcome`` when something was pushed."""

    event: str
    feed: str
    hub: str
    detail: str = ""
    outcome: PollOutcome | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscriber:
    """Keeps subscriptions in order and answers hubs. Thread-safe; ``say`` hears of each event."""

    store: PushStore
    fetcher: Fetcher
    poller: Poller
    clock: Clock
    say: Callable[[PushNews], None]

    # --- our own errands ---

    def keep(self, plan: Plan, *, listening: bool) -> None:
        """Bring the subscriptions in line with the config and with what feeds offer, and do what is due.

        While nobody listens no hub is asked for anything: it would put its question to a closed door. What a hub is
        believed to push it can't bring then, so its feed is polled as before.

        Raises:
            StoreError: the database refused.
        """
        self._compare(plan, listening=listening)
        if not listening:
            return
        claimed = self.store.claim_subscriptions(self.clock.now(), limit=_AT_ONCE, lease=_CLAIMED)
        down: set[str] = set()
        for place, subscription in enumerate(claimed):
            if subscription.hub in down:
                # One try a round shows that a hub can't be had; the others are not counted as tries.
                self._put_off(subscription, patience_after(subscription.tries, self.clock.chance()))
                continue
            failure = self._attend(subscription, plan.feeds.get(subscription.feed))
            if failure is not None and failure.fault is FetchFault.CUT_OFF:
                for left in claimed[place + 1 :]:
                    self._put_off(left, timedelta(0))
                return
            if failure is not None and _is_down(failure):
                down.add(subscription.hub)

    def _put_off(self, subscription: Subscription, span: timedelta) -> None:
        now = self.clock.now()
        self.store.change_subscription(subscription, replace(subscription, due=now + span), now)

    def _compare(self, plan: Plan, *, listening: bool) -> None:
        """Begin what is missing; let go of what is no longer wanted or no longer offered."""
        now = self.clock.now()
        base = plan.settings.push_url
        offered = {
            url: (hub, topic)
            for url, hub, topic in (self.store.hubs() if base else ())
            if topic and (feed := plan.feeds.get(url)) is not None and _is_public(feed)
        }
        have: set[str] = set()
        for subscription in self.store.subscriptions():
            place = offered.get(subscription.feed)
            if subscription.state is PushState.LEAVING:
                pass
            elif place == (subscription.hub, subscription.topic) and subscription.callback == _callback(
                base, subscription.token
            ):
                have.add(subscription.feed)
                self._follow(subscription, plan.feeds[subscription.feed], now, listening=listening)
                continue
            else:
                leaving = replace(subscription, state=PushState.LEAVING, pending="unsubscribe", due=now, tries=0)
                self.store.change_subscription(subscription, leaving, now)
            if not listening and not base:
                self._let_go(subscription, "nobody listens for its hub's question")
        for url in sorted(offered.keys() - have) if listening else ():
            token, (hub, topic) = self.clock.token(), offered[url]
            self.store.add_subscription(
                Subscription(
                    token=token,
                    feed=url,
                    hub=hub,
                    topic=topic,
                    callback=_callback(base, token),
                    secret=self.clock.token() + self.clock.token(),
                    state=PushState.ASKED,
                    due=now,
                    allow_private=plan.feeds[url].allow_private,
                )
            )

    def _follow(self, subscription: Subscription, feed: Feed, now: datetime, *, listening: bool) -> None:
        """Let one that goes on stand as its feed does; one that nothing can be pushed to is to be asked for anew."""
        unheard = subscription.state is PushState.LIVE and not listening
        following = replace(
            subscription,
            allow_private=feed.allow_private,
            state=PushState.ASKED if unheard else subscription.state,
            due=now if unheard else subscription.due,
        )
        self.store.change_subscription(subscription, following, now)

    def _let_go(self, subscription: Subscription, why: str) -> None:
        self.store.drop_subscriptions([subscription.token], self.clock.now())
        self.say(
            PushNews(
                event="unsubscribe_given_up",
                feed=subscription.feed,
                hub=subscription.hub,
                detail=f"{why}; what it still pushes is turned away until its lease ends",
            )
        )

    def _attend(self, subscription: Subscription, feed: Feed | None) -> FetchFailed | None:
        """Ask the hub for what is due: a subscription, its renewal, or its end; the failure when that did not work."""
        now = self.clock.now()
        leaving = subscription.state is PushState.LEAVING
        if leaving and subscription.tries >= _LEAVINGS:
            self._let_go(subscription, f"its hub did not confirm it in {_LEAVINGS} tries")
            return None
        mode = "unsubscribe" if leaving else "subscribe"
        lapsed = subscription.until is not None and subscription.until <= now
        waiting = replace(
            subscription,
            state=PushState.ASKED if lapsed and not leaving else subscription.state,
            pending=mode,
            tries=subscription.tries + 1,
            due=now + patience_after(subscription.tries, self.clock.chance()),
        )
        # First, for a hub may put its question before it answers ours.
        self.store.change_subscription(subscription, waiting, now)
        answer = self.fetcher.fetch(_request(subscription, mode, feed))
        if not isinstance(answer, FetchFailed):
            return None
        cut_off = answer.fault is FetchFault.CUT_OFF
        if not cut_off:
            self.say(PushNews(event=f"{mode}_failed", feed=waiting.feed, hub=waiting.hub, detail=answer.detail))
        known = self.store.subscription(subscription.token)
        # Unless the hub has confirmed it meanwhile all the same.
        if known is not None and known.pending == mode:
            told = (
                replace(known, tries=subscription.tries, due=now) if cut_off else replace(known, detail=answer.detail)
            )
            self.store.change_subscription(known, told, now)
        return answer

    # --- calls ---

    def answer(self, call: Call, plan: Plan) -> Reply:
        """What a call to one of our addresses is told.

        Raises:
            StoreError: the database refused; the hub is to come again.
        """
        subscription = self._named(call.path)
        if subscription is None:
            return _NOTHING
        if call.method == "POST":
            return self._pushed(subscription, call, plan)
        try:
            said = dict(parse_qsl(call.path.partition("?")[2], max_num_fields=_MOST_FIELDS))
        except ValueError:
            return _NOTHING
        return self._asked(subscription, said)

    def knows(self, path: str) -> bool:
        """Whether a path is that of one of our callbacks.

        Raises:
            StoreError: the database refused.
        """
        return self._named(path) is not None

    def _named(self, path: str) -> Subscription | None:
        found = _TOKEN.fullmatch(path.partition("?")[0])
        subscription = None if found is None else self.store.subscription(found[1])
        if found is None or subscription is None or not hmac.compare_digest(found[1], subscription.token):
            return None
        return subscription

    def _asked(self, subscription: Subscription, said: dict[str, str]) -> Reply:
        """The hub wants to know whether we want this, or says that it won't have it."""
        now = self.clock.now()
        news = PushNews(event="", feed=subscription.feed, hub=subscription.hub)
        match intent_of(subscription, said):
            case Intent.STRANGE:
                return _NOTHING
            case Intent.DENIED:
                reason = said.get("hub.reason", "")[:200]
                self._refuse(subscription, reason, now)
                self.say(replace(news, event="push_denied", detail=reason))
                return Reply(status=HTTPStatus.OK)
            case Intent.ENDED:
                self.store.drop_subscriptions([subscription.token], now)
                self.say(replace(news, event="push_ended"))
            case Intent.CONFIRMED:
                lease = lease_of(said)
                if lease is None:
                    self._refuse(subscription, reason := "its lease is too short to be of use", now)
                    self.say(replace(news, event="push_denied", detail=reason))
                    return _NOTHING
                self.store.change_subscription(
                    subscription,
                    replace(
                        subscription,
                        state=PushState.LIVE,
                        until=now + lease,
                        due=renewal(now, lease, self.clock.chance()),
                        pending="",
                        tries=0,
                        detail="",
                    ),
                    now,
                )
                if subscription.state is not PushState.LIVE:
                    self.say(replace(news, event="push_live", detail=f"for {lease.total_seconds() / 3600:.1f} hours"))
        return Reply(status=HTTPStatus.OK, text=said.get("hub.challenge", ""))

    def _refuse(self, subscription: Subscription, why: str, now: datetime) -> None:
        """It is not to be, for now: asked for again in a day."""
        due = now + _REFUSED_FOR * (1 + self.clock.chance() / 10)
        refused = replace(subscription, state=PushState.REFUSED, due=due, until=None, pending="", tries=0, detail=why)
        self.store.change_subscription(subscription, refused, now)

    def _pushed(self, subscription: Subscription, call: Call, plan: Plan) -> Reply:
        news = PushNews(event="", feed=subscription.feed, hub=subscription.hub)
        if not signed_by(subscription.secret, call.signature, call.body):
            # Told as if it had been taken (section 7.1): whoever forges learns nothing.
            self.say(replace(news, event="push_forged", detail="its signature is not the hub's; it was not read"))
            return Reply(status=HTTPStatus.ACCEPTED)
        feed = plan.feeds.get(subscription.feed)
        if feed is None or subscription.state is PushState.LEAVING:
            return Reply(status=HTTPStatus.GONE)
        due = self._claimed(subscription.feed, plan)
        if due is None:
            return Reply(status=HTTPStatus.SERVICE_UNAVAILABLE, retry_after=_COME_AGAIN)
        outcome = self.poller.take_pushed(due, feed, plan, call.body, call.content_type)
        if outcome.result is PollResult.CUT_OFF:
            return Reply(status=HTTPStatus.SERVICE_UNAVAILABLE, retry_after=_COME_AGAIN)
        self.say(replace(news, event="pushed", outcome=outcome))
        return Reply(status=HTTPStatus.ACCEPTED)

    def _claimed(self, url: str, plan: Plan) -> DueFeed | None:
        lease = plan.settings.parse_deadline * 2 + timedelta(minutes=1)
        for _ in range(_CLAIM_TRIES):
            due = self.store.claim_feed(url, self.clock.now(), lease=lease)
            if due is not None:
                return due
            threading.Event().wait(_BETWEEN_TRIES)
        return None


def _callback(base: str, token: str) -> str:
    return f"{base}/{token}"


def _is_down(failure: FetchFailed) -> bool:
    """Whether a failure speaks of the hub itself, and not of what it was asked for."""
    if failure.status is not None:
        return failure.status >= HTTPStatus.INTERNAL_SERVER_ERROR or failure.status == HTTPStatus.TOO_MANY_REQUESTS
    return failure.fault is not FetchFault.ADDRESS_REFUSED


def _is_public(feed: Feed) -> bool:
    """Whether the hub may know that we read it, and gets to see the same as we do."""
    return not (feed.headers or feed.proxy or "@" in urlsplit(feed.url).netloc)


def _request(subscription: Subscription, mode: str, feed: Feed | None) -> FetchRequest:
    said = {
        "hub.mode": mode,
        "hub.topic": subscription.topic,
        "hub.callback": subscription.callback,
    }
    if mode == "subscribe":
        said |= {"hub.lease_seconds": str(int(LEASE.total_seconds())), "hub.secret": subscription.secret}
    return FetchRequest(
        url=subscription.hub,
        # Of a feed that has left the config what it said last: to be let go of, the hub must be reached once more.
        allow_private=feed.allow_private if feed is not None else subscription.allow_private,
        ca_file=feed.ca_file if feed is not None else "",
        deadline=timedelta(seconds=30),
        form=urlencode(said).encode(),
    )
