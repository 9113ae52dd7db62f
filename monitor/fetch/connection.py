"""Connections that are checked before they are made: requests' transport with a guard and a deadline in it.

On the article's way: below one fetch. Names are looked up here, each address is judged, and the connection is made to
the very address that was judged, so that a name that changes its mind between a check and a connect gains nothing.
With a proxy it is the proxy that looks the name up: then only an address that stands in the URL itself can be judged
(``fetcher`` does), and the rest is the proxy's to refuse.

One adapter serves one fetch: nothing is shared between feeds but the TLS context, so no connection that one feed was
allowed to make is ever used for another.
"""

from __future__ import annotations

import contextlib
import functools
import queue
import socket
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any

from requests.adapters import HTTPAdapter
from requests.utils import DEFAULT_CA_BUNDLE_PATH
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.util.ssl_ import create_urllib3_context

from monitor.fetch.addresses import is_permissible, refusal
from monitor.fetch.deadline import Deadline
from monitor.fetch.problems import FetchProblem, out_of_time
from monitor.model import FetchFault

# (family, type, protocol, canonical name, socket address), as socket.getaddrinfo gives them
AddressInfo = tuple[int, int, int, str, tuple[Any, ...]]
Resolve = Callable[[str, int], list[AddressInfo]]

_CONNECT_SECONDS = 10.0  # for one of several addresses: a dead IPv6 route must leave time for IPv4


@dataclass(frozen=True, slots=True, kw_only=True)
class Wire:
    """What the connections of one fetch obey."""

    deadline: Deadline
    resolve: Resolve
    guarded: bool  # False: the peer is a proxy that the config names
    allow_private: bool


def system_resolve(host: str, port: int) -> list[AddressInfo]:
    """The operating system's answer, in its order of preference."""
    return list(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))


def trusted_authorities(more: str = "") -> ssl.SSLContext:
    """A TLS context that trusts the system's authorities (a company's own among them) and those shipped with requests.

    ``more``: a PEM file of others. Raises ``OSError`` (``ssl.SSLError`` is one) when it can't be read.

    Reading the bundles takes about 50 ms of CPU, so one context is made and shared.
    """
    context = create_urllib3_context()
    context.set_alpn_protocols(["http/1.1"])
    context.load_default_certs()
    context.load_verify_locations(DEFAULT_CA_BUNDLE_PATH)
    if more:
        context.load_verify_locations(more)
    return context


def connect(wire: Wire, host: str, port: int) -> socket.socket:
    """A connected socket, to the first address of the host that may be connected to and answers.

    Raises:
        FetchProblem: the name is unknown, every address is refused, or none answers in time.
    """
    answers = _look_up(wire, host, port)
    refused, permissible = "", False
    failure: OSError | None = None
    for position, (family, kind, proto, _, address) in enumerate(answers):
        why = refusal(str(address[0]), allow_private=wire.allow_private) if wire.guarded else None
        if why is not None:
            refused = why
            permissible = permissible or is_permissible(str(address[0]))
            continue
        if wire.deadline.passed:
            raise out_of_time(host)
        sock = socket.socket(family, kind, proto)
        try:
            wire.deadline.watch(sock)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            last = position == len(answers) - 1
            sock.settimeout(wire.deadline.remaining() if last else min(wire.deadline.remaining(), _CONNECT_SECONDS))
            sock.connect(address)
        except OSError as error:
            sock.close()
            failure = error
            continue
        sock.settimeout(wire.deadline.remaining())
        return sock
    if wire.deadline.passed:
        raise out_of_time(host)
    if failure is not None:
        raise FetchProblem(FetchFault.CONNECT, f"{host} can't be reached: {_plain(failure)}")
    if refused:
        raise refused_address(host, refused, permissible=permissible)
    raise FetchProblem(FetchFault.DNS, f"the name {host} has no address")


def refused_address(host: str, why: str, *, permissible: bool) -> FetchProblem:
    """The refusal in words, and whether a person could permit what was refused."""
    said = f"{host} leads to {why}, where no public feed lives"
    return FetchProblem(FetchFault.ADDRESS_REFUSED, said, permissible=permissible)


def _look_up(wire: Wire, host: str, port: int) -> list[AddressInfo]:
    """The addresses of a host. The system's resolver can't be interrupted, so it is left behind at the deadline."""
    with contextlib.suppress(ValueError):
        ip_address(host.partition("%")[0])
        return wire.resolve(host, port)  # numeric: answered at once
    answers: queue.SimpleQueue[list[AddressInfo] | OSError | UnicodeError | None] = queue.SimpleQueue()

    def ask() -> None:
        try:
            answers.put(wire.resolve(host, port))
        except (OSError, UnicodeError) as error:
            answers.put(error)

    wire.deadline.on_cut(functools.partial(answers.put, None))
    threading.Thread(target=ask, name="fetch-resolve", daemon=True).start()
    answer = answers.get()
    if answer is None:
        raise FetchProblem(FetchFault.DNS, f"no name server told the address of {host} in time")
    if isinstance(answer, UnicodeError):
        raise FetchProblem(FetchFault.BAD_URL, "the host's name is not a valid one")
    if isinstance(answer, socket.gaierror) and answer.errno == socket.EAI_AGAIN:
        raise FetchProblem(FetchFault.DNS, f"no name server answers for {host}: is the network up?")
    if isinstance(answer, OSError):
        raise FetchProblem(FetchFault.DNS, f"the name {host} is not known")
    return answer


def _plain(error: OSError) -> str:
    """The operating system's own words for an error number; they quote nothing of ours."""
    if isinstance(error, TimeoutError):
        return "no answer in time"
    return (error.strerror or "the connection failed").lower()


class _HTTPConnection(HTTPConnection):
    def __init__(self, *args: Any, wire: Wire, **options: Any) -> None:
        super().__init__(*args, **options)
        self._wire = wire

    def _new_conn(self) -> socket.socket:
        return connect(self._wire, self._dns_host.strip("[]"), self.port)


class _HTTPSConnection(HTTPSConnection):
    def __init__(self, *args: Any, wire: Wire, **options: Any) -> None:
        super().__init__(*args, **options)
        self._wire = wire

    def _new_conn(self) -> socket.socket:
        return connect(self._wire, self._dns_host.strip("[]"), self.port)


class _HTTPPool(HTTPConnectionPool):
    def __init__(self, *args: Any, wire: Wire, **options: Any) -> None:
        super().__init__(*args, **options)
        self.ConnectionCls = functools.partial(_HTTPConnection, wire=wire)  # type: ignore[assignment]


class _HTTPSPool(HTTPSConnectionPool):
    def __init__(self, *args: Any, wire: Wire, **options: Any) -> None:
        super().__init__(*args, **options)
        self.ConnectionCls = functools.partial(_HTTPSConnection, wire=wire)  # type: ignore[assignment]


class GuardedAdapter(HTTPAdapter):
    """The transport of one fetch. ``tls`` gives the shared context, asked for only where TLS is spoken."""

    def __init__(self, wire: Wire, tls: Callable[[], ssl.SSLContext]) -> None:
        self._pools: dict[str, Any] = {
            "http": functools.partial(_HTTPPool, wire=wire),
            "https": functools.partial(_HTTPSPool, wire=wire),
        }
        self._tls = tls
        super().__init__(pool_connections=1, pool_maxsize=1)

    def init_poolmanager(self, connections: int, maxsize: int, block: bool = False, **options: Any) -> None:
        """Make pools whose connections are guarded."""
        super().init_poolmanager(connections, maxsize, block, **options)
        self.poolmanager.pool_classes_by_scheme = self._pools

    def proxy_manager_for(self, proxy: str, **options: Any) -> Any:
        """Guard the connections to a proxy as well: their deadline holds, their address is the config's choice."""
        manager = super().proxy_manager_for(proxy, **options)
        manager.pool_classes_by_scheme = self._pools
        return manager

    def build_connection_pool_key_attributes(self, request: Any, verify: Any, cert: Any = None) -> Any:
        """Hand every TLS connection the one shared context."""
        host, options = super().build_connection_pool_key_attributes(request, verify, cert)
        if host["scheme"] == "https":
            options["ssl_context"] = self._tls()
        return host, options

    def cert_verify(self, conn: Any, url: Any, verify: Any, cert: Any) -> None:
        """Leave the context as it is: here requests would name its CA bundle, to be read anew by each connection."""
