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
from monitor.pipeline import Plan, Poller, PollOutcome
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

    def set_subscription(self, subscription: Subscription, now: datetime) -> None:
        """Keep how it stands now."""

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

    def keep(self, plan: Plan) -> None:
        """Bring the subscriptions in line with the config and with what feeds offer, and do what is due.

        Raises:
            StoreError: the database refused.
        """
        self._compare(plan)
        for subscription in self.store.claim_subscriptions(self.clock.now(), limit=_AT_ONCE, lease=_CLAIMED):
            self._attend(subscription, plan.feeds.get(subscription.feed))

    def _compare(self, plan: Plan) -> None:
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
            if subscription.state is PushState.LEAVING:
                continue
            place = offered.get(subscription.feed)
            if place == (subscription.hub, subscription.topic) and subscription.callback == _callback(
                base, subscription.token
            ):
                have.add(subscription.feed)
            else:
                self.store.set_subscription(
                    replace(subscription, state=PushState.LEAVING, pending="unsubscribe", due=now, tries=0), now
                )
        for url in sorted(offered.keys() - have):
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

    def _attend(self, subscription: Subscription, feed: Feed | None) -> None:
        """Ask the hub for what is due: a subscription, its renewal, or its end."""
        now = self.clock.now()
        leaving = subscription.state is PushState.LEAVING
        if leaving and subscription.tries >= _LEAVINGS:
            self.store.drop_subscriptions([subscription.token], now)
            return
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
        self.store.set_subscription(waiting, now)
        answer = self.fetcher.fetch(_request(subscription, mode, feed))
        if isinstance(answer, FetchFailed):
            self.say(PushNews(event=f"{mode}_failed", feed=waiting.feed, hub=waiting.hub, detail=answer.detail))
            known = self.store.subscription(subscription.token)
            # Unless the hub has confirmed it meanwhile all the same.
            if known is not None and known.pending == mode and answer.fault is not FetchFault.CUT_OFF:
                self.store.set_subscription(replace(known, detail=answer.detail), now)

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
                due = now + _REFUSED_FOR * (1 + self.clock.chance() / 10)
                self.store.set_subscription(
                    replace(
                        subscription, state=PushState.REFUSED, due=due, until=None, pending="", tries=0, detail=reason
                    ),
                    now,
                )
                self.say(replace(news, event="push_denied", detail=reason))
                return Reply(status=HTTPStatus.OK)
            case Intent.ENDED:
                self.store.drop_subscriptions([subscription.token], now)
                self.say(replace(news, event="push_ended"))
            case Intent.CONFIRMED:
                lease = lease_of(said)
                self.store.set_subscription(
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
        allow_private=subscription.allow_private,
        ca_file=feed.ca_file if feed is not None else "",
        deadline=timedelta(seconds=30),
        form=urlencode(said).encode(),
    )
