"""The one way in which a fetch ends badly, and the translation of foreign exceptions into it.

On the article's way: between the sockets and ``FetchFailed``. Everything that requests, urllib3, ssl and the operating
system raise is put into words here, once. Their own messages are never passed on: they quote URLs with their secrets,
and text that the server chose.

It does not decide whether to try again.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from datetime import timedelta
from http.client import HTTPException
from urllib.parse import urlsplit, urlunsplit

import requests
import urllib3

from monitor.model import FetchFault

# What the libraries raise for what a network, a server or an address does; anything else is a mistake of ours.
FOREIGN = (requests.RequestException, urllib3.exceptions.HTTPError, HTTPException, OSError, UnicodeError)

_BAD_URL = (
    requests.exceptions.InvalidURL,
    requests.exceptions.InvalidSchema,
    requests.exceptions.MissingSchema,
    urllib3.exceptions.LocationParseError,
    UnicodeError,
)


class FetchProblem(Exception):
    """A fetch that can't go on: why, in words for people that hold no secret.

    Not an ``OSError``, so that urllib3 lets it through untouched where it is raised inside a connection.
    """

    def __init__(
        self,
        fault: FetchFault,
        detail: str,
        *,
        status: int | None = None,
        retry_after: timedelta | None = None,
        permissible: bool = False,
    ) -> None:
        super().__init__(detail)
        self.fault = fault
        self.detail = detail
        self.status = status
        self.retry_after = retry_after
        self.permissible = permissible


def shown_url(url: str) -> str:
    """The URL without what may be secret: no user and password, no values in its query, no fragment."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    if not parts.netloc:  # a file's, or one that names no host: nothing in it can be a credential
        return url
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit((parts.scheme, host, parts.path, "..." if parts.query else "", ""))


def before_answer(error: BaseException, host: str) -> FetchProblem:
    """What an exception means that came before the answer's headers were whole."""
    known = _common(error, host)
    if known is not None:
        return known
    for cause in _causes(error):
        if isinstance(cause, (requests.exceptions.ProxyError, urllib3.exceptions.ProxyError)):
            return FetchProblem(FetchFault.CONNECT, f"the proxy did not connect us to {host}")
        if isinstance(cause, (urllib3.exceptions.InvalidHeader, requests.exceptions.InvalidHeader)):
            return FetchProblem(
                FetchFault.BAD_URL, "a header that the config sets for this feed is not a valid HTTP header"
            )
    return FetchProblem(FetchFault.CONNECT, f"{host} closed the connection without an answer in HTTP")


def in_body(error: BaseException, host: str) -> FetchProblem:
    """What an exception means that came while the body was read."""
    return _common(error, host) or FetchProblem(
        FetchFault.BROKEN_BODY, f"the answer of {host} was cut off before its end"
    )


def out_of_time(host: str) -> FetchProblem:
    """The total deadline passed."""
    return FetchProblem(FetchFault.DEADLINE, f"{host} did not send its whole answer within the time allowed")


def _common(error: BaseException, host: str) -> FetchProblem | None:
    """The kinds that may come at any moment, the most telling first."""
    causes = tuple(_causes(error))
    for cause in causes:
        if isinstance(cause, ssl.SSLCertVerificationError):
            why = cause.verify_message.rstrip(".")
            return FetchProblem(FetchFault.TLS, f"the certificate of {host} can't be trusted: {why}")
    for cause in causes:
        if isinstance(cause, (TimeoutError, urllib3.exceptions.TimeoutError, requests.Timeout)):
            return out_of_time(host)
    for cause in causes:
        if isinstance(cause, (ssl.SSLError, urllib3.exceptions.SSLError)):
            reason = getattr(cause, "reason", None)  # OpenSSL's name for the fault; urllib3 keeps an exception there
            words = f": {reason.replace('_', ' ').lower()}" if isinstance(reason, str) else ""
            return FetchProblem(FetchFault.TLS, f"no secure connection to {host}{words}")
        if isinstance(cause, _BAD_URL):
            return FetchProblem(FetchFault.BAD_URL, "this is not an address that can be fetched")
    return None


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The exception and all that it wraps: urllib3 keeps causes in ``reason``, requests in ``args``."""
    seen: set[int] = set()
    waiting: list[BaseException] = [error]
    while waiting:
        current = waiting.pop(0)
        if id(current) in seen:
            continue
        seen.add(id(current))
        yield current
        inner = (getattr(current, "reason", None), *current.args, current.__cause__, current.__context__)
        waiting.extend(one for one in inner if isinstance(one, BaseException))
