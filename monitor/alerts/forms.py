"""What all forms of a message share: plain words for a service, sizes, links, and who reports when.

On the article's way: beneath rendering, of single alerts and of digests. Knows services by what they take.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import datetime

from monitor.alerts.clean import escape_markdown, plain_line, safe_url, shorten, without_mentions
from monitor.alerts.phrases import Phrases, phrases
from monitor.alerts.services import Service
from monitor.alerts.words import age, language_name, local_time
from monitor.model import AlertKind, AlertToSend, Priority

__all__ = [
    "HEADLINE",
    "NAME",
    "facts",
    "fit",
    "fit_lines",
    "heading",
    "news_of",
    "no_link",
    "shown_url",
    "title_room",
    "words_for",
]

HEADLINE = 300  # characters of a headline that are ever shown
NAME = 80  # characters of a source's or a watch's name
_CALL_TO_ALL = re.compile(r"@(?=(?:all|channel|everyone|group|here|room)\b)", re.IGNORECASE)


def words_for(service: Service) -> Callable[[str], str]:
    """How feed text is made harmless for this service."""
    if service.markdown:
        return lambda text: escape_markdown(without_mentions(plain_line(text)))
    return lambda text: without_mentions(plain_line(text))


def heading(alert: AlertToSend, say: Phrases) -> str:
    """Under what the headline stands: the watch, whether it is urgent, and what is new of a story that was told."""
    note = news_of(alert, say)
    urgent = f"{say.urgent} · " if alert.priority is Priority.URGENT else ""
    return f"{urgent}{shorten(plain_line(alert.watch), NAME)}{f' · {note}' if note else ''}"


def news_of(alert: AlertToSend, say: Phrases) -> str:
    """What is new of a story that was told; empty for one that was not."""
    match alert.kind:
        case AlertKind.NEW | AlertKind.NOTICE:
            return ""
        case AlertKind.OUTLETS:
            return say.outlets.format(count=alert.detail)
        case AlertKind.LANGUAGE:
            return say.new_language.format(language=language_name(alert.language, say))
        case AlertKind.OFFICIAL:
            return say.official
        case AlertKind.REVISED:
            return say.revised
        case AlertKind.EVERY:
            return say.again
        case AlertKind.REMINDER:
            return say.reminder
        case _:  # a spike, with the moment behind its number
            return say.spike.format(count=alert.detail.partition("@")[0])


def shown_url(alert: AlertToSend) -> str:
    """The link where it stands as text: a name for everybody in its path calls nobody (RFC 3986, 2.1)."""
    return _CALL_TO_ALL.sub("%40", safe_url(alert.url))


def no_link(alert: AlertToSend, say: Phrases) -> str:
    """What stands in the link's place."""
    return say.long_link if safe_url(alert.url) else say.no_link


def fit(line: str, limit: int, service: Service) -> str:
    """``line`` within ``limit`` of the service's units."""
    cut = line
    length = len(line)
    while cut and (excess := service.size(cut) - limit) > 0:
        # A character takes at most four units, so this never cuts too much, and a few rounds are enough.
        length -= max(1, excess // 4)
        cut = shorten(line, length)
    return cut


def title_room(service: Service) -> int:
    """The most units of a title; where it is the first line of the text, it leaves room for the rest."""
    return service.title or service.body // 3


def fit_lines(lines: Sequence[str], limit: int, service: Service) -> str:
    """As many whole lines as fit; the first one cut to size where it alone is too long."""
    if limit < 40:  # less room than a few words need
        return ""
    kept = [fit(lines[0], limit, service)]
    for line in lines[1:]:
        if service.size("\n".join([*kept, line])) > limit:
            break
        kept.append(line)
    return "\n".join(kept)


def facts(alert: AlertToSend, zone: str, now: datetime, language: str) -> str:
    """Who reports it, when, and in which language: "ARMENPRESS · Tue 23 Jul 2024, 14:05 CEST (2 h ago) · French"."""
    source = shorten(plain_line(alert.source), NAME)
    written_in = language_name(alert.language, phrases(language))
    return " · ".join(part for part in (source, _when(alert, zone, now, language), written_in) if part)


def _when(alert: AlertToSend, zone: str, now: datetime, language: str) -> str:
    if alert.published is None:
        # Without a date of its own the article is as old as our first look at it, which is said in so many words.
        seen, moment = f"{phrases(language).seen} ", alert.discovered
    else:
        seen, moment = "", alert.published
    return f"{seen}{local_time(moment, zone, language)} ({age(moment, now, language)})"
