"""Hubs that push (WebSub): the listener, and the errands that keep the subscriptions in order.

On the article's way: beside the polling of ``service``. Without ``push_url`` it listens to nobody, and only ends what
was subscribed to before.
"""

from __future__ import annotations

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

log = get_logger("monitor")


class PushWork:
    """The service's part in WebSub. ``on_new`` is called (from a thread) when something new was pushed."""

    def __init__(self, parts: Parts, *, clock: Clock, plan: Callable[[], Plan], on_new: Callable[[], None]) -> None:
        self._plan = plan
        self._on_new = on_new
        self._subscriber = Subscriber(
            store=parts.store, fetcher=parts.fetcher, poller=parts.poller, clock=clock, say=self._say
        )
        self._listener: Listener | None = None

    def start(self) -> None:
        """Listen where the config says so; a place that can't be had is said, and feeds are polled as ever."""
        settings = self._plan().settings
        if not settings.push_url:
            return
        listener = Listener(
            settings.push_listen,
            answer=self._answer,
            knows=self._knows,
            most_bytes=lambda: self._plan().settings.max_feed_bytes,
        )
        try:
            listener.start()
        except OSError as error:
            log.error("push_not_listening", place=settings.push_listen, detail=error.strerror or str(error))
            return
        self._listener = listener
        log.info("push_listening", place=settings.push_listen)

    def stop(self) -> None:
        """Take no more calls."""
        if self._listener is not None:
            self._listener.stop()

    def keep(self) -> None:
        """One round of errands.

        Raises:
            StoreError: the database refused.
        """
        self._subscriber.keep(self._plan())

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
