"""What all forms of a message share: plain words for a service, sizes, links, and who reports when.

On the article's way: beneath rendering, of single alerts and of digests. Knows services by what they take.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from monitor.alerts.clean import escape_markdown, link_in_text, plain_line, safe_url, shorten, without_mentions
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
    "fitting_url",
    "heading",
    "link_room",
    "named_outlets",
    "news_of",
    "no_link",
    "story_line",
    "story_number",
    "title_room",
    "words_for",
]

HEADLINE = 300  # characters of a headline that are ever shown
NAME = 80  # characters of a source's or a watch's name


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


def link_room(service: Service, *, of_many: bool = False) -> int:
    """The most units that a link takes of a message, or of one with many links."""
    if of_many:
        return service.body // 3
    return service.body * 2 // 3 if service.short else service.body // 2


def fitting_url(
    alert: AlertToSend, service: Service, shown: Callable[[str], str] = link_in_text, *, of_many: bool = False
) -> str:
    """The link, which is shown whole or not at all; empty where none is safe, or as ``shown`` it takes too much."""
    url = safe_url(alert.url)
    return url if url and service.size(shown(url)) <= link_room(service, of_many=of_many) else ""


def named_outlets(alert: AlertToSend) -> dict[str, str]:
    """Who else has the story, each once: the name (a headline, where there is none) and a safe link, or none."""
    outlets: dict[str, str] = {}
    for outlet in alert.also_in:
        outlets.setdefault(shorten(plain_line(outlet.source or outlet.title), NAME), safe_url(outlet.url))
    outlets.pop("", None)
    return outlets


def story_number(alert: AlertToSend, say: Phrases) -> str:
    """By which number ``monitor`` knows the story; empty where nobody would ask for it."""
    invented_or_ours = not alert.story or alert.kind is AlertKind.NOTICE
    return "" if invented_or_ours else say.story.format(number=alert.story)


def story_line(alert: AlertToSend, service: Service, say: Phrases) -> str:
    """The story's number, and how to acknowledge an urgent alert where there is room to say it."""
    number = story_number(alert, say)
    if not number or service.short or alert.priority is not Priority.URGENT:
        return number
    return f"{number} · {say.acknowledge.format(number=alert.story)}"


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


def facts(alert: AlertToSend, zone: str, now: datetime, language: str, name: int = NAME) -> str:
    """Who reports it, when, and in which language: "ARMENPRESS · Tue, 23 Jul 2024, 14:05 CEST (2 h ago) · French".

    As it came, in its words: not yet made harmless for a service. ``name``: the most characters of the source's.
    """
    source = shorten(plain_line(alert.source), name)
    written_in = language_name(alert.language, phrases(language))
    return " · ".join(part for part in (source, _when(alert, zone, now, language), written_in) if part)


def _when(alert: AlertToSend, zone: str, now: datetime, language: str) -> str:
    if alert.published is None:
        # Without a date of its own the article is as old as our first look at it, which is said in so many words.
        seen, moment = f"{phrases(language).seen} ", alert.discovered
    else:
        seen, moment = "", alert.published
    return f"{seen}{local_time(moment, zone, language)} ({age(moment, now, language)})"
