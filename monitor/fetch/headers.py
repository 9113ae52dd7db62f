"""What a server's answer says about when to come back: Retry-After, Cache-Control, Age.

On the article's way: beside the body, for whoever plans the next look. Pure. Servers write anything here, so what can't
be read is as if it were not there, and nothing silences a feed for longer than a week.

It does not decide when to come back.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import urljoin

_LINK = re.compile(r"""<([^<>]{1,2048})>((?:\s*;\s*[\w*-]+(?:\s*=\s*(?:"[^"]*"|[^",;\s]*))?)*)""", re.ASCII)
_REL = re.compile(r"""(?:^|[;\s])rel\s*=\s*(?:"([^"]*)"|([^",;\s]+))""", re.IGNORECASE)
_LONGEST_LINKS = 16_384
LONGEST = timedelta(days=7)


def retry_after(headers: Mapping[str, str], now: datetime) -> timedelta | None:
    """How long the server asks us to stay away (RFC 9110, 10.2.3), from seconds or from a date.

    A date is read against the server's own ``Date``, for its clock may be wrong; against ``now`` where it gives none.
    Between zero and a week; None when the header is absent or makes no sense.
    """
    value = headers.get("Retry-After", "").strip()
    seconds = _seconds(value)
    if seconds is not None:
        return seconds
    until = _date(value)
    if until is None:
        return None
    return min(max(until - (_date(headers.get("Date", "")) or now), timedelta(0)), LONGEST)


def max_age(headers: Mapping[str, str]) -> timedelta | None:
    """How long the answer is still fresh: ``max-age`` less ``Age`` (RFC 9111, 4.2). None when it does not say.

    None too for ``no-cache`` and ``no-store``, which ask us to look again whatever else the header says.
    """
    directives: dict[str, str] = {}
    for part in headers.get("Cache-Control", "").lower().split(","):
        name, _, value = part.partition("=")
        directives.setdefault(name.strip(), value.strip().strip('"'))
    if "no-cache" in directives or "no-store" in directives:
        return None
    fresh = _seconds(directives.get("max-age", ""))
    if fresh is None:
        return None
    age = _seconds(headers.get("Age", "").strip()) or timedelta(0)
    return max(fresh - age, timedelta(0))


def links(headers: Mapping[str, str], url: str) -> dict[str, str]:
    """The addresses in the Link headers (RFC 8288) by their relation, the first of each, made absolute."""
    found: dict[str, str] = {}
    for target, parameters in _LINK.findall(headers.get("Link", "")[:_LONGEST_LINKS]):
        try:
            address = urljoin(url, target.strip())
        except ValueError:
            continue
        rel = _REL.search(parameters)
        if rel is not None and address.startswith(("http://", "https://")) and address.isprintable():
            for name in (rel[1] or rel[2]).lower().split():
                found.setdefault(name, address)
    return found


def sendable(value: str | None) -> str | None:
    """A validator if it can go back as a header, byte for byte; None for one that no header can hold."""
    if not value or not value.isprintable() or value != value.strip():
        return None
    return value if all(ord(character) < 256 for character in value) else None


def _seconds(value: str) -> timedelta | None:
    if not (value.isascii() and value.isdigit()):
        return None
    return LONGEST if len(value) > 9 else min(timedelta(seconds=int(value)), LONGEST)


def _date(value: str) -> datetime | None:
    try:
        parsed = parsedate_to_datetime(value)
    except (ValueError, TypeError, OverflowError):
        return None
    return parsed if parsed.tzinfo is not None else parsed.replace(tzinfo=UTC)
