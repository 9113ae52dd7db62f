"""One try to hand one message to one channel, under a deadline that holds whatever the receiver does.

On the article's way: called by the pipeline with a claimed delivery. The file and the terminal are written to directly;
everything else is posted by Apprise in a thread of its own, because no library's time-outs bound a whole conversation:
a receiver that sends one byte a second keeps every one of them waiting.
"""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TextIO

from apprise import Apprise, AppriseResult, NotifyBase, NotifyFormat, NotifyType
from apprise.result import AppriseResultStatus

from monitor.alerts import log_line
from monitor.model import Channel, ClaimedDelivery, Message, SendOutcome, SendResult, Settings
from monitor.notify.journal import AlertFile
from monitor.notify.mail import Mail
from monitor.notify.outcome import patience_asked, read_failure
from monitor.notify.patience import heard, listen
from monitor.notify.services import UnusableChannel, add_fields, build_service, make_asset, set_idempotency_key
from monitor.ports import Clock

__all__ = ["ALERT_FILE", "ChannelNotifier"]

ALERT_FILE = "alerts.jsonl"
# Threads of one channel that outlived their deadline. One is a hung receiver; with several, posting more would only
# pile up sockets, and each of them may still deliver.
_STRAGGLERS = 3
_GRACE = 2.0  # seconds in which a mail conversation that was cut off tells how far it came


class ChannelNotifier:
    """Implements ``ports.Notifier`` for every kind of channel. Thread-safe.

    ``state_dir`` must exist; alerts for ``log:`` go to ``alerts.jsonl`` in it. ``stdout`` is where ``terminal:``
    prints.
    """

    def __init__(self, settings: Settings, state_dir: Path, clock: Clock, stdout: TextIO) -> None:
        self._deadline = settings.send_deadline
        self._clock = clock
        self._file = AlertFile(state_dir / ALERT_FILE)
        self._stdout = stdout
        self._printing = threading.Lock()
        self._asset = make_asset()
        listen()
        self._counting = threading.Lock()
        self._stragglers: dict[str, list[threading.Thread]] = {}

    def send(self, channel: Channel, message: Message, delivery: ClaimedDelivery) -> SendResult:
        """One try, under the send deadline. Never raises for what a receiver, a file or a URL does."""
        if channel.kind == "log":
            return self._write(delivery)
        if channel.kind == "terminal":
            return self._print(message)
        return self._post(channel, message, delivery)

    def _write(self, delivery: ClaimedDelivery) -> SendResult:
        # A try that failed may have left its line behind as well (the flush failed, not the write).
        again = delivery.in_doubt or delivery.attempts > 0
        line = log_line(delivery.alert, self._clock.now())
        try:
            written = self._file.append(delivery.idempotency_key, line, again=again)
        except OSError as error:
            return SendResult(
                outcome=SendOutcome.FAILED, detail=f"{ALERT_FILE} could not be written: {error.strerror or error}"
            )
        return SendResult(outcome=SendOutcome.SENT, detail="" if written else "stood in the file already")

    def _print(self, message: Message) -> SendResult:
        block = f"\n{message.title}\n{'─' * min(len(message.title), 72)}\n{message.body}\n"
        # A terminal that can't show a letter shows a question mark; the alert still comes.
        encoding = getattr(self._stdout, "encoding", None) or "utf-8"
        shown = block.encode(encoding, "replace").decode(encoding)
        try:
            with self._printing:
                self._stdout.write(shown)
                self._stdout.flush()
        except (OSError, ValueError) as error:  # ValueError: a stream that was closed
            return SendResult(outcome=SendOutcome.FAILED, detail=f"the terminal is gone ({type(error).__name__})")
        return SendResult(outcome=SendOutcome.SENT)

    def _post(self, channel: Channel, message: Message, delivery: ClaimedDelivery) -> SendResult:
        if self._hanging(channel.name) >= _STRAGGLERS:
            return SendResult(
                outcome=SendOutcome.FAILED, detail="earlier tries still hang on this receiver; not tried again yet"
            )
        try:
            service = build_service(channel, self._deadline, self._asset)
        except UnusableChannel as unusable:
            # A person mends the config while the delivery waits.
            return SendResult(outcome=SendOutcome.FAILED, detail=f"the channel's URL is unusable: {unusable}")
        set_idempotency_key(service, delivery.idempotency_key)
        add_fields(service, [log_line(alert, self._clock.now()) for alert in delivery.alerts])
        if isinstance(service, Mail):
            service.prepare(
                message_id=f"<{delivery.idempotency_key}@news-watch.localhost>",
                headers=dict(message.headers),
                step_timeout=_step_timeout(self._deadline),
                plain=message.plain,
            )
        return self._run(channel.name, service, message)

    def _run(self, name: str, service: NotifyBase, message: Message) -> SendResult:
        results: list[SendResult] = []
        thread = threading.Thread(
            target=lambda: results.append(self._notify(service, message)), name=f"send-{name}", daemon=True
        )
        thread.start()
        thread.join(self._deadline.total_seconds())
        if not thread.is_alive():
            return results[0]
        handed_over = True
        if isinstance(service, Mail):
            handed_over = service.stop()
            thread.join(_GRACE)
            if results:
                return results[0]
        with self._counting:
            self._stragglers.setdefault(name, []).append(thread)
        seconds = f"{self._deadline.total_seconds():g} s"
        if handed_over:
            detail = f"no answer within {seconds}; it may have arrived"
            return SendResult(outcome=SendOutcome.UNKNOWN, detail=detail)
        # The conversation was told to stop, and hands nothing over any more when it wakes.
        return SendResult(outcome=SendOutcome.FAILED, detail=f"the mail server did not answer within {seconds}")

    def _notify(self, service: NotifyBase, message: Message) -> SendResult:
        result = _notify(service, message)
        if result.outcome is SendOutcome.FAILED and result.retry_after is None and (header := heard()):
            return replace(result, retry_after=patience_asked(header, self._clock.now()))
        return result

    def _hanging(self, name: str) -> int:
        with self._counting:
            alive = [thread for thread in self._stragglers.get(name, ()) if thread.is_alive()]
            self._stragglers[name] = alive
            return len(alive)


def _step_timeout(deadline: timedelta) -> float:
    return max(deadline.total_seconds() / 2, 0.05)


def _notify(service: NotifyBase, message: Message) -> SendResult:
    """Post through a fresh Apprise with this one service; the thread's whole work, so it may not raise."""
    apprise = Apprise(asset=service.asset)
    form = NotifyFormat.HTML if message.format == "html" else NotifyFormat.TEXT
    try:
        apprise.add(service)
        # 10 is DEBUG: only there the reason of a broken connection is told. It stays in the result, which ends here.
        result = apprise.notify(
            body=message.body, title=message.title, notify_type=NotifyType.INFO, body_format=form, log_level=10
        )
        return service.outcome if isinstance(service, Mail) and service.outcome is not None else _read(result)
    except Exception as error:  # noqa: BLE001 -- a plugin's bug must not lose the alert: it is tried again
        return SendResult(outcome=SendOutcome.FAILED, detail=f"the service's code failed ({type(error).__name__})")


def _read(result: AppriseResult) -> SendResult:
    # The attempts decide, not the overall status: that one may be softened by options in the URL.
    attempts = [attempt for service in result for attempt in service.attempts]
    if attempts and all(attempt.status is AppriseResultStatus.SUCCESS for attempt in attempts):
        return SendResult(outcome=SendOutcome.SENT)
    if any(attempt.status is AppriseResultStatus.TIMEOUT for attempt in attempts):
        return SendResult(outcome=SendOutcome.UNKNOWN, detail="the service ran out of time; it may have arrived")
    return read_failure((entry.level, entry.message) for attempt in attempts for entry in attempt.logs)
