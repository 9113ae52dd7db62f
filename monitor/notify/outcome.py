"""Reads what Apprise's log of one attempt says about its fate.

On the article's way: after a try through Apprise, before its ``SendResult``. Apprise answers yes or no; whether the
receiver refused, could not be reached, or took the message and fell silent stands only in its log. That log holds
tokens and payloads, so nothing of it is passed on: a status, a waiting time, or one of our own sentences. And nothing
is taken from where others write: what was posted holds a feed's words, what was answered those of a server.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus

import regex

from monitor.model import SendOutcome, SendResult

__all__ = ["patience_asked", "read_failure"]

_STATUS = regex.compile(r"\berror=(\d{3})\b")
_RETRY_AFTER = regex.compile(
    r"[\"']?retry[_-]after(?:_ms)?[\"']?\s*[:=]\s*[\"']?(\d{1,7}(?:\.\d{1,6})?)", regex.IGNORECASE
)
_NEVER_CONNECTED = regex.compile(
    r"NewConnectionError|ConnectTimeout|connect timeout|NameResolutionError|Failed to resolve|Connection refused|"
    r"Network is unreachable|No route to host"
)
_UNTRUSTED = regex.compile(r"CERTIFICATE_VERIFY_FAILED|certificate verify failed")
# A connection that ends under encryption may end at any moment; and behind a proxy that made its tunnel, a receiver
# that hangs up is called a proxy's error.
_SILENT = regex.compile(
    r"Read timed out|read timeout|Connection aborted|RemoteDisconnected|Connection reset|IncompleteRead|"
    r"Connection broken|BadStatusLine|BrokenPipe|Broken pipe|SSLEOFError|EOF occurred"
)
_PROXY = regex.compile(r"ProxyError")
_TLS = regex.compile(r"SSLError")
_REASON = regex.compile(r"[\w/ ]{0,30}Exception\b")
_ANSWER = "Response Details:"
_ADDRESS = regex.compile(r"with url: \S+")
# "Too large" stays so however often the same message is sent. Every other refusal may be mended by a person while the
# delivery waits: a token (401, 403), an address (404), a chat that the bot was not let into (400 from Telegram).
_NEVER = {HTTPStatus.REQUEST_ENTITY_TOO_LARGE, HTTPStatus.REQUEST_URI_TOO_LONG}
_LONGEST_DETAIL = 20_000


def read_failure(entries: Iterable[tuple[str, str]]) -> SendResult:
    """What became of an attempt that Apprise calls failed, from its log in order: (level, message) each."""
    entries = [(level, message[:_LONGEST_DETAIL]) for level, message in entries]
    # At DEBUG stand what was posted and what was answered: "error=413" may be a headline there.
    statuses = [status for level, message in entries if level != "DEBUG" for status in _STATUS.findall(message)]
    if statuses:
        answers = (message for _, message in entries if message.startswith(_ANSWER))
        return _by_status(int(statuses[-1]), "\n".join(answers))
    reason = "\n".join(_ADDRESS.sub("", message) for _, message in entries if _REASON.match(message))
    if _UNTRUSTED.search(reason) is not None:
        return SendResult(outcome=SendOutcome.FAILED, detail="the receiver's certificate could not be verified")
    # Never connected first: such an error often ends in words about a time-out as well.
    if _NEVER_CONNECTED.search(reason) is not None:
        return SendResult(outcome=SendOutcome.FAILED, detail="the receiver could not be reached")
    if _SILENT.search(reason) is not None:
        return SendResult(
            outcome=SendOutcome.UNKNOWN, detail="the receiver took the request and did not answer; it may have arrived"
        )
    if _PROXY.search(reason) is not None:
        return SendResult(outcome=SendOutcome.FAILED, detail="the proxy did not connect us to the receiver")
    if _TLS.search(reason) is not None:
        return SendResult(outcome=SendOutcome.FAILED, detail="no encrypted connection to the receiver could be made")
    return SendResult(outcome=SendOutcome.FAILED, detail="the service did not take the message and gave no reason")


def _by_status(status: int, said: str) -> SendResult:
    try:
        phrase = f" ({HTTPStatus(status).phrase.lower()})"
    except ValueError:  # 520 and other inventions
        phrase = ""
    detail = f"the receiver answered {status}{phrase}"
    if status == HTTPStatus.GATEWAY_TIMEOUT:
        # A gateway speaks for a receiver that it passed the message on to.
        return SendResult(outcome=SendOutcome.UNKNOWN, detail=f"{detail}; it may have arrived")
    if status in _NEVER:
        return SendResult(outcome=SendOutcome.REFUSED, detail=detail)
    asked = _RETRY_AFTER.search(said) if status in {429, 503} else None
    wait = timedelta(seconds=float(asked[1])) if asked is not None else None
    return SendResult(outcome=SendOutcome.FAILED, detail=detail, retry_after=wait)


def patience_asked(header: str, now: datetime) -> timedelta | None:
    """What a Retry-After header asks for: seconds, or a date (RFC 9110, 10.2.3); None for anything else."""
    text = header.strip()
    if regex.fullmatch(r"\d{1,7}(?:\.\d{1,6})?", text):
        return timedelta(seconds=float(text))
    try:
        until = parsedate_to_datetime(text)
    except ValueError:
        return None
    return max(timedelta(0), until - now) if until.tzinfo is not None else None
