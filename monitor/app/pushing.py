"""Hubs that push (WebSub): the listener, and the errands that keep the subscriptions in order.

On the article's way: beside the polling of ``service``. It listens where the config in force says so, from the swap of
the config on; without ``push_url`` only until the hubs have confirmed the end of what was subscribed to before.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from http import HTTPStatus

from monitor.app.parts import Parts
from monitor.app.saying import say_push
from monitor.errors import StoreError
from monitor.listening import Call, Listener, Reply
from monitor.logs import get_logger
from monitor.pipeline import Plan
from monitor.ports import Clock
from monitor.subscribing import PushNews, Subscriber

EVERY = timedelta(seconds=2)
"""How often the subscriptions are looked through."""

_COME_AGAIN = 60
_TRY_AGAIN = 10.0
"""Seconds after which a place that could not be had is tried again."""

_TROUBLE = "hubs"

log = get_logger("monitor")


class PushWork:
    """The service's part in WebSub. ``on_new`` is called (from a thread) when something new was pushed."""

    def __init__(self, parts: Parts, *, clock: Clock, plan: Callable[[], Plan], on_new: Callable[[], None]) -> None:
        self._plan = plan
        self._on_new = on_new
        self._store = parts.store
        self._clock = clock
        self._subscriber = Subscriber(
            store=parts.store, fetcher=parts.fetcher, poller=parts.poller, clock=clock, say=self._say
        )
        self._changing = threading.Lock()
        self._listener: Listener | None = None
        self._place = ""
        self._missed = ("", 0.0)  # the place that could not be had, and when it is tried again
        self._over = False

    def follow(self) -> None:
        """Listen where the config in force wants it, and nowhere else.

        A place that can't be had is said, to the operator too, and tried again; feeds are polled as ever meanwhile.

        Raises:
            StoreError: the database refused.
        """
        settings = self._plan().settings
        wanted = settings.push_listen if settings.push_url or self._store.subscriptions() else ""
        with self._changing:
            if self._over or wanted == self._place:
                return
            self._end()
            if wanted and (self._missed[0] != wanted or self._clock.monotonic() >= self._missed[1]):
                self._begin(wanted, told=bool(settings.push_url))
            elif not wanted:
                self._missed = ("", 0.0)
                self._store.end_trouble(_TROUBLE, "", self._clock.now())

    def _begin(self, place: str, *, told: bool) -> None:
        listener = Listener(
            place,
            answer=self._answer,
            knows=self._knows,
            most_bytes=lambda: self._plan().settings.max_feed_bytes,
        )
        now = self._clock.now()
        try:
            listener.start()
        except OSError as error:
            detail = error.strerror or str(error)
            if self._missed[0] != place:
                log.error("push_not_listening", place=place, detail=detail)
            self._missed = (place, self._clock.monotonic() + _TRY_AGAIN)
            if told:
                said = f"hubs can't push: nothing can listen at push_listen ({place}): {detail}; feeds are polled"
                self._store.begin_trouble(_TROUBLE, said, now)
            return
        self._listener, self._place, self._missed = listener, place, ("", 0.0)
        log.info("push_listening", place=place)
        self._store.end_trouble(_TROUBLE, f"hubs can push again, at {place}", now)

    def _end(self) -> None:
        if self._listener is not None:
            self._listener.stop()
            log.info("push_listening_ended", place=self._place)
        self._listener, self._place = None, ""

    def stop(self) -> None:
        """Take no more calls."""
        with self._changing:
            self._over = True
            self._end()

    def keep(self) -> None:
        """One round of errands.

        Raises:
            StoreError: the database refused.
        """
        self.follow()
        if not self._over:
            self._subscriber.keep(self._plan(), listening=bool(self._place))

    def _answer(self, call: Call) -> Reply:
        try:
            return self._subscriber.answer(call, self._plan())
        except StoreError as error:
            log.error("push_refused", detail=str(error))
        # A fault of ours in one call must not be told to whoever called; the hub comes again.
        except Exception:
            log.exception("push_fault")
        return Reply(status=HTTPStatus.SERVICE_UNAVAILABLE, retry_after=_COME_AGAIN)

    def _knows(self, path: str) -> bool:
        try:
            return self._subscriber.knows(path)
        except StoreError as error:
            log.error("push_refused", detail=str(error))
            return True  # ``_answer`` will say that the hub is to come again

    def _say(self, news: PushNews) -> None:
        say_push(news)
        if news.outcome is not None and (news.outcome.new or news.outcome.changed):
            self._on_new()
