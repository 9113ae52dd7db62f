"""From a channel's URL to one Apprise service that behaves as we need, and what is wrong with a URL in words.

On the article's way: beside sending, and asked by the config check. Apprise's own habits are changed here: no waiting
in our thread, no repeats behind our back, no redirects, no pictures from elsewhere, and a log of its own for each
service, so that no line of it, which may hold a token, reaches the program's log.
"""

from __future__ import annotations

import ipaddress
import logging
import socket
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Any

from apprise import Apprise, AppriseAsset, NotifyBase
from apprise.manager_plugins import NotificationManager
from apprise.plugins.custom_form import NotifyForm
from apprise.plugins.custom_json import NotifyJSON
from apprise.plugins.custom_xml import NotifyXML
from apprise.plugins.discord import NotifyDiscord
from apprise.plugins.email import NotifyEmail

from monitor.model import Channel
from monitor.notify.mail import Mail
from monitor.text import nearest

__all__ = ["UnusableChannel", "add_fields", "build_service", "check_channel_url", "describe", "make_asset"]

OWN_KINDS = ("log", "terminal")
_PLUGINS = NotificationManager()  # type: ignore[no-untyped-call]
_LONGEST_SCHEME = 20  # what stands before the first colon of a URL without a scheme may be a secret
_APP_ID = "News watch"
_CONNECT = 10.0  # seconds; a host that takes longer to pick up is down for our purpose

# Apprise writes refused URLs, masked as well as it can, and tokens at DEBUG. All that we need of its words is read from
# each service's own log, so its shared logger says nothing at all.
logging.getLogger("apprise").addFilter(lambda _record: False)


class UnusableChannel(Exception):
    """The channel's URL can't be made into a service; the words hold no part of the URL but its scheme."""


class _Discord(NotifyDiscord):  # type: ignore[no-untyped-call]  # Apprise's plugins are typed in parts
    """Discord without mentions: the service itself is told to take none from the text."""

    def _send(self, payload: dict[str, Any], *args: Any, **kwargs: Any) -> bool:
        quiet = payload if self.ping else {**payload, "allowed_mentions": {"parse": []}}
        # Apprise would post a second time at once after "too many requests".
        return bool(super()._send(quiet, *args, **{**kwargs, "rate_limit": 0}))


_OWN_CLASSES: dict[type[NotifyBase], type[NotifyBase]] = {NotifyEmail: Mail, NotifyDiscord: _Discord}


def make_asset(app_id: str = _APP_ID) -> AppriseAsset:
    """The settings under which all services run."""
    return AppriseAsset(
        app_id=app_id,
        app_desc="Tells each story once",
        app_url="",
        image_url_mask="",
        image_url_logo="",
        image_path_mask="",
        service_timeout=0,
        http_redirects=False,
        interpret_escapes=False,
        interpret_emojis=False,
        default_service_retry=0,
        storage_mode="memory",
        pgp_autogen=False,
        pem_autogen=False,
        # Two tasks at once are ours to arrange; with one service there is nothing to arrange.
        async_mode=False,
        timezone="UTC",
    )


def build_service(channel: Channel, deadline: timedelta, asset: AppriseAsset) -> NotifyBase:
    """One service for one delivery on this channel. Raises ``UnusableChannel`` when its URL is wrong."""
    service = _instantiate(channel.url, asset)
    problem = _private_address(service, allow_private=channel.allow_private)
    if problem:
        raise UnusableChannel(problem)
    seconds = deadline.total_seconds()
    connect = min(_CONNECT, seconds / 3)
    # Connecting and reading together stay under the deadline, so that a silent receiver is reported by the one who
    # knows at which of the two it fell silent.
    service.socket_connect_timeout = connect
    service.socket_read_timeout = max(seconds - connect - min(1.0, seconds / 10), connect)
    service.request_rate_per_sec = 0
    # ?retry= and ?optional= in a URL would repeat behind the outbox's back, and call a failure a success.
    service.retry = 0
    service.optional = False
    # Made by hand, and so outside the tree of loggers: nothing that it hears can travel up to the program's own.
    log = logging.Logger("delivery", level=logging.DEBUG)  # noqa: LOG001
    log.addHandler(logging.NullHandler())
    service.logger = log
    return service


def check_channel_url(url: str, *, allow_private: bool = False) -> str | None:
    """What is wrong with a channel's URL, in words without its secrets; None when nothing is.

    Nothing is sent and no name is looked up. ``url`` has its secrets filled in.
    """
    scheme = url.partition(":")[0].lower()
    if scheme in OWN_KINDS:
        rest = url.partition(":")[2]
        return f"'{scheme}:' takes nothing after the colon" if rest else None
    try:
        service = _instantiate(url, make_asset())
    except UnusableChannel as unusable:
        return str(unusable)
    if len(service) > 1:
        return (
            f"it names {len(service)} recipients; a channel has one, so that each is tried and counted by itself: "
            "write a channel for each"
        )
    return _private_address(service, allow_private=allow_private)


def describe(channel: Channel) -> str:
    """The channel in safe words: its name and the service ("desk-mail (E-Mail)"); nothing else of its URL."""
    kind = channel.kind
    if kind in OWN_KINDS:
        return f"{channel.name} ({'file alerts.jsonl' if kind == 'log' else kind})"
    plugin = _plugin(kind)
    # A URL without a scheme may be a bare secret, so what stands before a colon is shown only when it is known.
    return f"{channel.name} ({plugin.service_name if plugin is not None else 'unknown service'})"


def _instantiate(url: str, asset: AppriseAsset) -> NotifyBase:
    scheme, colon, rest = url.partition(":")
    scheme = scheme.lower()
    if not colon or not rest.startswith("//"):
        raise UnusableChannel("it is no channel URL: that has the form service://..., or is 'log:' or 'terminal:'")
    plugin = _plugin(scheme)
    if plugin is None:
        if not scheme.isalnum() or len(scheme) > _LONGEST_SCHEME:
            raise UnusableChannel("it names no known service")
        if scheme in {"http", "https"}:
            form = "write the service's own form, such as slack://..., or json://... to post to an address"
            raise UnusableChannel(f"'{scheme}' is no service: {form}")
        near = nearest(scheme, [*_PLUGINS.schemas(), *OWN_KINDS])  # type: ignore[no-untyped-call]
        raise UnusableChannel(f"no service is called '{scheme}'" + (f"; was '{near[0]}' meant?" if near else ""))
    refusal = f"{plugin.service_name} does not take this URL: a part is missing or malformed"
    own = _OWN_CLASSES.get(plugin)
    try:
        if own is None:
            service = Apprise.instantiate(url, asset=asset, suppress_exceptions=False)
        else:
            parsed = own.parse_url(url)
            service = own(**{**parsed, "asset": asset}) if parsed else None
    except Exception as error:  # noqa: BLE001 -- plugins raise whatever their parsing trips over
        # Not chained: the words of the cause may quote the URL's parts.
        raise UnusableChannel(f"{refusal} ({type(error).__name__})") from None
    if service is None:
        raise UnusableChannel(refusal)
    return service


def _plugin(scheme: str) -> type[NotifyBase] | None:
    return _PLUGINS[scheme] if scheme in _PLUGINS else None  # noqa: SIM401 -- Apprise's manager has no get()


def _private_address(service: NotifyBase, *, allow_private: bool) -> str | None:
    """Why the service's host may not be posted to.

    Only addresses written out, and "localhost": names are the config's own word, and no feed can steer them. Mail is
    left out, because a relay on the machine or in its network is how mail is commonly sent.
    """
    host = getattr(service, "host", None)
    if allow_private or isinstance(service, NotifyEmail) or not isinstance(host, str):
        return None
    bare = host.strip("[]").rstrip(".").lower()
    address = _literal(bare)
    local_name = bare == "localhost" or bare.endswith(".localhost")
    if local_name or (address is not None and not address.is_global):
        return "its host is a private or local address; set allow_private = true for this channel if that is meant"
    return None


def _literal(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    with suppress(ValueError):
        address = ipaddress.ip_address(host.partition("%")[0])
        mapped = getattr(address, "ipv4_mapped", None)
        return mapped if mapped is not None else address
    # "127.1", "0x7f000001" and "2130706433" are addresses to every resolver.
    with suppress(OSError, ValueError):
        return ipaddress.IPv4Address(socket.inet_aton(host))
    return None


def set_idempotency_key(service: NotifyBase, key: str) -> None:
    """Give generic webhooks the delivery's key as a header, so that a receiver can drop a repeat."""
    if isinstance(service, (NotifyJSON, NotifyForm, NotifyXML)):
        service.headers["Idempotency-Key"] = key


def add_fields(service: NotifyBase, alerts: Sequence[Mapping[str, object]]) -> None:
    """Give JSON webhooks what the message tells as data as well, an object an alert; a key that the URL maps stays."""
    if isinstance(service, NotifyJSON):
        service.payload_extras.setdefault("alerts", list(alerts))
