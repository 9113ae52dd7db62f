"""One fetch from its first byte to its value: redirects, guard, deadline, cap, and the answer's meaning.

On the article's way: the use of everything else in this package. Redirects are followed here, hop by hop, because each
hop has to be judged anew: its address, what may be sent to it, and whether it means that the feed has moved for good.

It does not try again; whoever plans the feed's next look does, with the reason in hand.
"""

from __future__ import annotations

import base64
import socket
import threading
from collections.abc import Callable, Mapping
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from http import HTTPStatus
from ipaddress import ip_address
from pathlib import Path
from ssl import SSLContext
from urllib.parse import SplitResult, unquote, urljoin, urlsplit, urlunsplit

import idna
import requests
from requests.utils import requote_uri

from monitor.fetch.addresses import is_permissible, refusal
from monitor.fetch.body import ACCEPTED, read_body
from monitor.fetch.connection import (
    GuardedAdapter,
    Resolve,
    Wire,
    refused_address,
    system_resolve,
    trusted_authorities,
)
from monitor.fetch.deadline import Deadline
from monitor.fetch.direct import Answer, Lines, Server, exchange, request_head
from monitor.fetch.gates import HostGates, Place
from monitor.fetch.headers import links, max_age, retry_after, sendable
from monitor.fetch.hosts import limit_of, means_too_many
from monitor.fetch.local import fetch_local, is_local
from monitor.fetch.problems import FOREIGN, FetchProblem, before_answer, in_body, out_of_time, shown_url
from monitor.model import Fetched, FetchFailed, FetchFault, FetchRequest, NotModified, Settings
from monitor.ports import Clock

MAX_REDIRECTS = 8

_ACCEPT = (
    "application/atom+xml, application/rss+xml, application/feed+json, application/xml;q=0.9, text/xml;q=0.9, "
    "text/html;q=0.8, */*;q=0.5"
)
_PERMANENT = frozenset({HTTPStatus.MOVED_PERMANENTLY, HTTPStatus.PERMANENT_REDIRECT})
_REDIRECTS = _PERMANENT | {HTTPStatus.FOUND, HTTPStatus.SEE_OTHER, HTTPStatus.TEMPORARY_REDIRECT}
_KEEPING = frozenset({HTTPStatus.TEMPORARY_REDIRECT, HTTPStatus.PERMANENT_REDIRECT})  # what a POST may follow
_WHOLE = frozenset({HTTPStatus.OK, HTTPStatus.NON_AUTHORITATIVE_INFORMATION})
_SAYS_WHEN = frozenset({HTTPStatus.FORBIDDEN, HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE})
_KNOWN_STATUS = frozenset(HTTPStatus)
_DISTANCE = 0.25  # seconds between the starts of two requests to one public host, all its feeds taken together
_REST = timedelta(minutes=5)  # for a host that asks for less and does not say for how long
_LONGEST_REST = timedelta(hours=24)
_CHUNK = 65_536  # bytes read at once
_PORTS = {"http": 80, "https": 443}

# Headers that the transport sets for itself: another value would break the reading of the answer.
_OURS = frozenset({"accept-encoding", "connection", "content-length", "host", "range", "te", "transfer-encoding"})
# Headers of a feed's config that say nothing about the person, and so may follow a redirect to another host.
_HARMLESS = frozenset({"accept", "accept-language", "user-agent"})

_HINTS: Mapping[int, str] = {
    HTTPStatus.UNAUTHORIZED: "it wants a login",
    HTTPStatus.PAYMENT_REQUIRED: "it wants a subscription",
    HTTPStatus.FORBIDDEN: "it does not let us in",
    HTTPStatus.NOT_FOUND: "there is no such page",
    HTTPStatus.TOO_MANY_REQUESTS: "it wants to be asked less often",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Hop:
    """One request on the way: where to, and what of the config's headers may go with it."""

    url: str  # without user and password
    host: str
    origin: tuple[str, str, int]
    headers: Mapping[str, str]


class HttpFetcher:
    """Brings feeds and pages over HTTP and from local files; implements the ``Fetcher`` port. Thread-safe.

    ``settings.per_host`` fetches run at once on one host and port, or on one platform that counts its hosts together
    (that of the feed's own URL; where redirects lead is not counted). One more waits for a place up to its own
    deadline, whose time starts when it has one. Without a place, or while the host rests (it answered 429), it ends as
    ``FetchFault.HELD_BACK`` with ``retry_after``: it was not asked.

    ``settings.user_agent`` is the address where a site's owner can learn who asks (a URL or a mail address), or a whole
    User-Agent when it is neither. ``config_dir`` is where ``file:`` feeds are looked for. ``resolve`` looks names up
    (tests put their own in). ``on_rest`` hears of each host that asks for rest, and for how long; ``rest`` takes it up
    again after a restart.
    """

    def __init__(
        self,
        settings: Settings,
        clock: Clock,
        version: str,
        config_dir: Path,
        *,
        resolve: Resolve = system_resolve,
        on_rest: Callable[[str, timedelta], None] = lambda _host, _span: None,
    ) -> None:
        self._clock = clock
        self._config_dir = config_dir
        self._resolve = resolve
        self._on_rest = on_rest
        self._agent = user_agent(settings.user_agent, version)
        self._gates = HostGates(settings.per_host, clock)
        self._lines = Lines(clock)
        self._lock = threading.Lock()
        self._running: set[Deadline] = set()
        self._tls: dict[str, SSLContext] = {}
        self._closed = False

    def fetch(self, request: FetchRequest) -> Fetched | NotModified | FetchFailed:
        """One conditional fetch under a total deadline and a cap on decompressed bytes; every failure is a value.

        ``FetchFailed.url`` is the request's URL with user, password and query values left out; ``Fetched.url`` is the
        last URL of the way, without user and password. ``moved_to`` names the end of a way whose every redirect was
        permanent.
        """
        try:
            if is_local(request.url):
                return fetch_local(request, self._config_dir)
            return self._fetch_http(request)
        except FetchProblem as problem:
            return FetchFailed(
                url=shown_url(request.url),
                fault=problem.fault,
                detail=problem.detail,
                status=problem.status,
                retry_after=problem.retry_after,
                permissible=problem.permissible,
            )

    def rest(self, host: str, span: timedelta) -> None:
        """Ask nothing of a host, named as ``on_rest`` names it, for so long; a day at the most."""
        self._gates.rest(host, min(span, _LONGEST_REST).total_seconds())

    def close(self) -> None:
        """Cut off what is being fetched (each ends as ``FetchFailed``) and fetch nothing more."""
        self._gates.close()
        self._lines.close()
        with self._lock:
            self._closed = True
            running = tuple(self._running)
        for deadline in running:
            deadline.cut()

    def _fetch_http(self, request: FetchRequest) -> Fetched | NotModified:
        hop = _first_hop(request)
        if request.proxy:
            _check_proxy(request.proxy)
        limit, distance = limit_of(hop.host, hop.origin[2])
        if not request.allow_private:
            distance = max(distance, _DISTANCE)
        with self._gates.place(limit, wait=request.deadline.total_seconds(), distance=distance) as place:
            if place is not Place.MINE:
                raise self._no_place(hop, request, limit, place)
            with Deadline(self._clock, request.deadline) as deadline:
                self._register(deadline)
                try:
                    return self._follow(request, hop, deadline)
                except FetchProblem as problem:
                    if self._closed:
                        raise _stopping() from problem
                    raise
                finally:
                    with self._lock:
                        self._running.discard(deadline)

    def _register(self, deadline: Deadline) -> None:
        with self._lock:
            if self._closed:
                raise _stopping()
            self._running.add(deadline)

    def _no_place(self, hop: _Hop, request: FetchRequest, limit: str, place: Place) -> FetchProblem:
        if self._closed:
            return _stopping()
        if place is Place.RESTING:
            return FetchProblem(
                FetchFault.HELD_BACK,
                f"{hop.host} asked another of our feeds to wait; this one waits too",
                retry_after=timedelta(seconds=self._gates.resting(limit)),
            )
        return FetchProblem(
            FetchFault.HELD_BACK,
            f"{hop.host} was busy with other feeds of ours all the time",
            retry_after=request.deadline,
        )

    def _follow(self, request: FetchRequest, hop: _Hop, deadline: Deadline) -> Fetched | NotModified:
        wire = Wire(
            deadline=deadline,
            resolve=self._resolve,
            guarded=not request.proxy,
            allow_private=request.allow_private,
        )
        seen: set[str] = set()
        permanent = True
        with ExitStack() as stack:
            adapter = None
            if request.proxy:
                adapter = stack.enter_context(closing(GuardedAdapter(wire, lambda: self._authorities(request.ca_file))))
            while True:
                if hop.url in seen:
                    raise FetchProblem(
                        FetchFault.REDIRECTS, f"{hop.host} redirects in a circle (it may insist on cookies)"
                    )
                if len(seen) > MAX_REDIRECTS:
                    raise FetchProblem(FetchFault.REDIRECTS, f"more than {MAX_REDIRECTS} redirects on the way")
                first = not seen
                seen.add(hop.url)
                if not wire.guarded:
                    _judge_literal(hop.host, allow_private=wire.allow_private)
                answer = self._ask(request, hop, wire, adapter)
                if request.second_agent and _refuses_our_name(answer):
                    answer.close()
                    hop = replace(hop, headers={**_without_agent(hop.headers), "User-Agent": request.second_agent})
                    answer = self._ask(request, hop, wire, adapter)
                with closing(answer):
                    location = answer.headers.get("Location", "").strip()
                    if answer.status_code not in (_KEEPING if request.form else _REDIRECTS) or not location:
                        moved = None if first or not permanent else hop.url
                        return self._meaning(request, hop, answer, deadline, moved)
                    permanent = permanent and answer.status_code in _PERMANENT
                    hop = _next_hop(hop, location)

    def _ask(self, request: FetchRequest, hop: _Hop, wire: Wire, adapter: GuardedAdapter | None) -> Answer:
        """Send one request; the answer's headers are there, its body is not read yet."""
        headers = {"User-Agent": self._agent, "Accept": _ACCEPT, **hop.headers, "Accept-Encoding": ACCEPTED}
        for name, value in (("If-None-Match", request.etag), ("If-Modified-Since", request.last_modified)):
            if validator := sendable(value):
                headers[name] = validator
        if request.form:
            headers |= {"Content-Type": "application/x-www-form-urlencoded", "Content-Length": str(len(request.form))}
        try:
            if adapter is not None:
                return _through_proxy(adapter, request, hop, headers, wire.deadline.remaining())
            scheme, host, port = hop.origin
            server = Server(
                scheme=scheme,
                host=_host_name(host),
                port=port,
                allow_private=request.allow_private,
                ca_file=request.ca_file,
            )
            parts = urlsplit(hop.url)
            place = f"[{server.host}]" if ":" in server.host else server.host
            named = place if port == _PORTS[scheme] else f"{place}:{port}"
            target = f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}"
            head = request_head(target, {"Host": named, **headers}, _method(request))
            return exchange(wire, server, self._lines, head + request.form, lambda: self._authorities(request.ca_file))
        except FOREIGN as error:
            raise (out_of_time(hop.host) if wire.deadline.passed else before_answer(error, hop.host)) from error

    def _meaning(
        self, request: FetchRequest, hop: _Hop, answer: Answer, deadline: Deadline, moved_to: str | None
    ) -> Fetched | NotModified:
        """What an answer that is no redirect brings."""
        headers = answer.headers
        etag = sendable(headers.get("ETag"))
        last_modified = sendable(headers.get("Last-Modified"))
        conditional = sendable(request.etag) or sendable(request.last_modified)
        if answer.status_code == HTTPStatus.NOT_MODIFIED and conditional:
            return NotModified(
                url=hop.url, etag=etag, last_modified=last_modified, max_age=max_age(headers), moved_to=moved_to
            )
        if request.form and answer.status_code // 100 == 2:
            return Fetched(url=hop.url, status=answer.status_code, body=b"")
        if answer.status_code not in _WHOLE:
            raise self._refused(hop, answer)
        try:
            body = read_body(
                answer.chunks,
                coding=headers.get("Content-Encoding", ""),
                declared=headers.get("Content-Length"),
                limit=request.max_bytes,
                host=hop.host,
            )
        except FetchProblem as problem:
            # A connection that was shut down at the deadline can look like an empty or a cut answer.
            if deadline.passed and problem.fault is FetchFault.BROKEN_BODY:
                raise out_of_time(hop.host) from problem
            raise
        except FOREIGN as error:
            raise (out_of_time(hop.host) if deadline.passed else in_body(error, hop.host)) from error
        if deadline.passed:  # or like a whole one, where the end of the connection is the end of the body
            raise out_of_time(hop.host)
        linked = links(headers, hop.url)
        return Fetched(
            url=hop.url,
            status=answer.status_code,
            body=body,
            hub=linked.get("hub", ""),
            topic=linked.get("self", ""),
            content_type=headers.get("Content-Type", ""),
            etag=etag,
            last_modified=last_modified,
            max_age=max_age(headers),
            moved_to=moved_to,
        )

    def _refused(self, hop: _Hop, answer: Answer) -> FetchProblem:
        """A status that brings no body: what it is, and what the server says about coming back."""
        status = answer.status_code
        wait = retry_after(answer.headers, self._clock.now()) if status in _SAYS_WHEN else None
        meant = status
        if status == HTTPStatus.FORBIDDEN and means_too_many(hop.host):
            meant = HTTPStatus.TOO_MANY_REQUESTS.value
        if meant == HTTPStatus.TOO_MANY_REQUESTS:
            wait = wait or _REST
            limit, span = limit_of(hop.host, hop.origin[2])[0], min(wait, _LONGEST_REST)
            self.rest(limit, span)
            self._on_rest(limit, span)
        if status == HTTPStatus.GONE:
            return FetchProblem(
                FetchFault.GONE, f"{hop.host} says that this feed is gone for good (410)", status=status
            )
        if answer.headers.get("cf-mitigated", "").strip().lower() == "challenge":
            return FetchProblem(
                FetchFault.HTTP_STATUS,
                f"Cloudflare stands before {hop.host} and wants to see a person at a browser ({status}); "
                "ask the site to let feed readers through, or look for another address of the feed",
                status=status,
                retry_after=wait,
            )
        phrase = HTTPStatus(status).phrase if status in _KNOWN_STATUS else "a status that HTTP does not know"
        hint = _HINTS.get(meant, "the server is in trouble" if status >= 500 else "")
        return FetchProblem(
            FetchFault.HTTP_STATUS,
            f"{hop.host} answered {status} {phrase}" + (f": {hint}" if hint else ""),
            status=status,
            retry_after=wait,
        )

    def _authorities(self, ca_file: str) -> SSLContext:
        """The shared TLS context; one more for each file of authorities that the config names.

        Raises:
            FetchProblem: the file has gone, or holds none.
        """
        with self._lock:
            if ca_file not in self._tls:
                try:
                    self._tls[ca_file] = trusted_authorities(ca_file)
                except OSError as error:
                    raise FetchProblem(
                        FetchFault.TLS, "the feed's ca_file holds no certificates that can be read"
                    ) from error
            return self._tls[ca_file]


def _through_proxy(
    adapter: GuardedAdapter, request: FetchRequest, hop: _Hop, headers: Mapping[str, str], seconds: float
) -> Answer:
    """The same request by way of the feed's proxy, through requests, which knows how to speak to one."""
    prepared = requests.PreparedRequest()
    prepared.prepare(
        method=_method(request), url=hop.url, headers={**headers, "Connection": "close"}, data=request.form or None
    )
    proxies = {"http": request.proxy, "https": request.proxy} if request.proxy else {}
    answer = adapter.send(prepared, stream=True, timeout=seconds, proxies=proxies)
    return Answer(answer.status_code, answer.headers, answer.raw.stream(_CHUNK, decode_content=False), answer.close)


def _method(request: FetchRequest) -> str:
    return "POST" if request.form else "GET"


def _host_name(host: str) -> str:
    """The host's name as DNS and HTTP write it.

    Raises:
        UnicodeError: it is no name.
    """
    return host if host.isascii() else idna.encode(host, uts46=True).decode("ascii")


def user_agent(contact: str, version: str) -> str:
    """``Name/version (+URL)`` as feed readers are expected to say it; a contact that is no address is taken whole."""
    contact = "".join(character for character in contact if " " <= character <= "~").strip()
    name = f"NewsWatch/{version}"
    if not contact:
        return f"{name} (self-hosted feed reader)"
    if " " not in contact and ("://" in contact or "@" in contact):
        return f"{name} (+{contact})"
    return contact


def _first_hop(request: FetchRequest) -> _Hop:
    """The request's own URL. User and password in it become a header, so that they stand in no URL that goes on."""
    parts = _split(request.url)
    headers = {name: value for name, value in request.headers.items() if name.lower() not in _OURS}
    if (parts.username or parts.password) and not any(name.lower() == "authorization" for name in headers):
        pair = f"{unquote(parts.username or '')}:{unquote(parts.password or '')}"
        headers["Authorization"] = "Basic " + base64.b64encode(pair.encode()).decode()
    return _hop(parts, headers)


def _next_hop(hop: _Hop, location: str) -> _Hop:
    """Where a redirect leads, with the config's headers only while it stays with the same server."""
    with suppress(UnicodeError):  # HTTP headers are read as Latin-1; many servers write UTF-8
        location = location.encode("latin-1").decode()
    try:
        parts = _split(urljoin(hop.url, location))
    except (FetchProblem, ValueError) as error:
        raise FetchProblem(
            FetchFault.REDIRECTS, f"{hop.host} redirects to something that is not a web address"
        ) from error
    following = _hop(parts, hop.headers)
    same = following.origin == hop.origin
    upgraded = (
        following.host == hop.host
        and (hop.origin[0], following.origin[0]) == ("http", "https")
        and (hop.origin[2], following.origin[2]) == (_PORTS["http"], _PORTS["https"])
    )
    if same or upgraded:
        return following
    return _hop(parts, {name: value for name, value in hop.headers.items() if name.lower() in _HARMLESS})


def _split(url: str) -> SplitResult:
    """The parts of an HTTP URL.

    Raises:
        FetchProblem: it is none.
    """
    try:
        parts = urlsplit(url.strip())
        port = parts.port
    except ValueError as error:
        raise FetchProblem(FetchFault.BAD_URL, "this is not an address that can be fetched") from error
    if parts.scheme not in _PORTS:
        raise FetchProblem(
            FetchFault.BAD_URL, "only addresses that begin with http://, https:// or file: can be fetched"
        )
    if not parts.hostname or port == 0:
        raise FetchProblem(FetchFault.BAD_URL, "the address names no host")
    return parts


def _hop(parts: SplitResult, headers: Mapping[str, str]) -> _Hop:
    host = parts.hostname or ""
    place = parts.netloc.rpartition("@")[2]
    return _Hop(
        url=requote_uri(urlunsplit((parts.scheme, place, parts.path or "/", parts.query, ""))),
        host=host,
        origin=(parts.scheme, host, parts.port or _PORTS[parts.scheme]),
        headers=headers,
    )


def _refuses_our_name(answer: Answer) -> bool:
    """A 403 that another User-Agent may change: neither a challenge nor a plea to come less often."""
    challenged = answer.headers.get("cf-mitigated", "").strip().lower() == "challenge"
    return answer.status_code == HTTPStatus.FORBIDDEN and not challenged and "Retry-After" not in answer.headers


def _without_agent(headers: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name.lower() != "user-agent"}


def _check_proxy(proxy: str) -> None:
    """Refuse a proxy that requests could not use, in words that do not blame the feed.

    Raises:
        FetchProblem: it is none.
    """
    try:
        parts = urlsplit(proxy)
        usable = parts.scheme in _PORTS and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise FetchProblem(FetchFault.BAD_URL, "the feed's proxy is not an http:// or https:// address")


def _judge_literal(host: str, *, allow_private: bool) -> None:
    """Behind a proxy only an address that stands in the URL itself can be judged.

    Raises:
        FetchProblem: it may not be fetched from.
    """
    if host == "localhost" or host.endswith(".localhost"):
        host = "127.0.0.1"
    try:
        address = str(ip_address(host.partition("%")[0]))
    except ValueError:
        try:
            address = socket.inet_ntoa(socket.inet_aton(host))  # "127.1" and "2130706433" are addresses too
        except OSError:
            return
    if why := refusal(address, allow_private=allow_private):
        raise refused_address(host, why, permissible=is_permissible(address))


def _stopping() -> FetchProblem:
    return FetchProblem(FetchFault.CUT_OFF, "the fetch was cut off because the service stops")
