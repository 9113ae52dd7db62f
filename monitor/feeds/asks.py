"""What a feed asks of whoever polls it, and what it offers: how often, when not, a hub, older pages.

On the article's way: beside the reading of its entries, from the head of the same document. It looks at the few
elements that it knows and at nothing else, so that a document that only feedparser can read is understood too.

Sources: RSS 2.0 (ttl, skipHours, skipDays), RSS 1.0's syndication module (sy:updatePeriod), RFC 5005 (prev-archive,
next), WebSub (rel="hub"), JSON Feed 1.1 (hubs, next_url). Decides nothing.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from datetime import timedelta

from monitor.feeds.urls import absolute_url
from monitor.model import FeedAsks

__all__ = ["json_asks", "read_asks"]

_HEAD = 65_536  # characters; an entry's own elements stand behind the first entry's start
_TAIL = 8_192
_LONGEST_TTL = timedelta(days=7)
_FIRST_ENTRY = re.compile(r"<(?:[\w.-]{1,60}:)?(?:item|entry)[\s>/]", re.IGNORECASE)
_LAST_ENTRY = re.compile(r".*</(?:[\w.-]{1,60}:)?(?:item|entry)\s*>", re.IGNORECASE | re.DOTALL)
_LINK = re.compile(r"<(?:[\w.-]{1,60}:)?link\s([^<>]{1,4000})>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"""\b(rel|href)\s*=\s*(?:"([^"]*)"|'([^']*)')""", re.IGNORECASE)
_PERIODS = {
    "hourly": timedelta(hours=1),
    "daily": timedelta(days=1),
    "weekly": timedelta(days=7),
    "monthly": timedelta(days=30),
    "yearly": timedelta(days=365),
}
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def read_asks(text: str, url: str) -> FeedAsks:
    """What the decoded document asks and offers; links are resolved against ``url``."""
    first = _FIRST_ENTRY.search(text)
    head = text[: min(first.start() if first else len(text), _HEAD)]
    tail = _LAST_ENTRY.sub("", text[-_TAIL:]) if first else ""
    around = head + tail
    links = _links(head, url)
    return FeedAsks(
        ttl=_ttl(around),
        skip_hours=_skipped_hours(_inside(around, "skipHours")),
        skip_days=_skipped_days(_inside(around, "skipDays")),
        hub=links.get("hub", ""),
        topic=links.get("self", ""),
        older=links.get("prev-archive") or links.get("next", ""),
        paged=re.search(r"<generator[^<>]{0,200}>[^<]{0,100}wordpress", head, re.IGNORECASE) is not None,
    )


def json_asks(feed: Mapping[str, object], url: str) -> FeedAsks:
    """The same of a JSON Feed."""
    hubs = feed.get("hubs")
    found = [hub.get("url") for hub in hubs if isinstance(hub, dict)] if isinstance(hubs, list) else []
    hub, topic, older = (
        absolute_url(value, url) if isinstance(value, str) else ""
        for value in (next(iter(found), ""), feed.get("feed_url"), feed.get("next_url"))
    )
    return FeedAsks(hub=hub, topic=topic, older=older)


def _ttl(text: str) -> timedelta | None:
    """How long the document may be kept: the longer of RSS's minutes and the syndication module's period."""
    digits = _inside(text, "ttl")
    minutes = int(digits) if digits.isdecimal() and len(digits) <= 6 else 0
    period = _PERIODS.get(_inside(text, "updatePeriod").lower())
    times = _inside(text, "updateFrequency")
    frequency = max(int(times) if times.isdecimal() and len(times) <= 4 else 1, 1)
    longest = max(timedelta(minutes=minutes), period / frequency if period else timedelta(0))
    return min(longest, _LONGEST_TTL) or None


def _skipped_hours(inside: str) -> tuple[int, ...]:
    """Hours in GMT. Some write 24 for midnight. Whoever lists all of them has misunderstood."""
    found = re.findall(r"<(?:\w+:)?hour[^<>]{0,99}>\s*(\d{1,2})\s*<", inside, re.IGNORECASE)
    hours = tuple(sorted({int(hour) % 24 for hour in found}))
    return hours if len(hours) < 24 else ()


def _skipped_days(inside: str) -> tuple[int, ...]:
    """Days of the week in GMT, Monday is 0."""
    given = {day.lower() for day in re.findall(r"<(?:\w+:)?day[^<>]{0,99}>\s*(\w{6,9})\s*<", inside, re.IGNORECASE)}
    days = tuple(number for number, name in enumerate(_DAYS) if name in given)
    return days if len(days) < 7 else ()


def _inside(text: str, name: str) -> str:
    """What stands in the first element of this name, whatever its prefix."""
    found = re.search(
        rf"<(?P<tag>(?:[\w.-]{{1,60}}:)?{name})(?:\s[^<>]{{0,999}})?>(?P<inside>.{{0,4000}}?)</(?P=tag)\s*>",
        text,
        re.IGNORECASE | re.DOTALL,
    )
    return found["inside"].strip() if found else ""


def _links(head: str, url: str) -> dict[str, str]:
    links: dict[str, str] = {}
    for link in _LINK.finditer(head):
        given = {name.lower(): html.unescape(one or other) for name, one, other in _ATTRIBUTE.findall(link[1])}
        for rel in given.get("rel", "").lower().split():
            links.setdefault(rel, absolute_url(given.get("href", ""), url))
    return links
