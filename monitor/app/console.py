"""The console's place in the service: it listens where the config in force says so, and moves when the config does.

Beside the article's way. Nothing here may stop the service: a place that can't be had is said once and tried again.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from http import HTTPStatus

from monitor.app.parts import Parts
from monitor.errors import StoreError
from monitor.listening import Call, Listener, Reply
from monitor.logs import get_logger
from monitor.ports import Clock
from monitor.web import Console, Standing, plain_reply

EVERY = timedelta(seconds=2)
"""How often it is looked whether the console listens where it should."""

_COME_AGAIN = 5
_METHODS = ("GET", "HEAD")

log = get_logger("monitor")


class ConsoleWork:
    """Listens for people who look. ``standing`` tells how the service stands, at each call anew."""

    def __init__(self, parts: Parts, *, clock: Clock, standing: Callable[[], Standing]) -> None:
        self._standing = standing
        self._console = Console(parts.store, clock=clock, standing=standing)
        self._listener: Listener | None = None
        self._place = ""
        self._refused = ("", "")

    def keep(self) -> None:
        """Listen where the config in force says so, and nowhere else."""
        place = self._standing().plan.settings.console_listen
        if place == self._place:
            return
        self.stop()
        if not place:
            return
        listener = Listener(
            place, answer=self._answer, knows=lambda _path: False, most_bytes=lambda: 0, methods=_METHODS
        )
        try:
            listener.start()
        except OSError as error:
            detail = error.strerror or str(error)
            if self._refused != (place, detail):
                log.error("console_not_listening", place=place, detail=detail)
            self._refused = (place, detail)
            return
        self._listener, self._place, self._refused = listener, place, ("", "")
        log.info("console_listening", place=place)

    def stop(self) -> None:
        """Take no more calls."""
        if self._listener is not None:
            self._listener.stop()
        self._listener, self._place = None, ""

    def _answer(self, call: Call) -> Reply:
        try:
            return self._console.answer(call)
        except StoreError as error:
            log.error("console_refused", detail=str(error))
            words = "The database can't be read just now; the service's log says why.\n"
            return plain_reply(HTTPStatus.SERVICE_UNAVAILABLE, words, retry_after=_COME_AGAIN)
        # A fault of ours in a page is none of the service's.
        except Exception:
            log.exception("console_fault")
            words = "A fault of this program; the service's log tells of it.\n"
            return plain_reply(HTTPStatus.INTERNAL_SERVER_ERROR, words)
