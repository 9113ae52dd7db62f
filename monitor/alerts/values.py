"""What a template may speak of, by kind of message: each name here stands in ``docs/messages.md``.

On the article's way: beneath ``overrides``. What a feed said comes as ``Words``, which no template can take apart;
what is ours comes as it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from markupsafe import Markup

from monitor.alerts import page
from monitor.alerts.chart import Charts
from monitor.alerts.clean import plain_line, shorten
from monitor.alerts.digest import (
    Grouped,
    chart_in_page,
    chart_in_text,
    digest_title,
    story_note,
    watch_line,
)
from monitor.alerts.forms import (
    HEADLINE,
    NAME,
    facts,
    fit,
    fitting_url,
    heading,
    named_outlets,
    news_of,
    no_link,
    story_line,
    story_number,
    title_room,
)
from monitor.alerts.notices import notice_lines, notice_title
from monitor.alerts.phrases import Phrases, phrases
from monitor.alerts.quotes import quotes
from monitor.alerts.render import OUTLETS, REASONS, SENTENCES, html_quote, marked, reasons
from monitor.alerts.services import Service
from monitor.alerts.template import Tray, Words
from monitor.alerts.words import age, language_name, local_time
from monitor.model import AlertToSend, Priority

__all__ = ["NAMES_OF", "Reader", "Room", "Said", "alert_values", "digest_values", "operator_values"]

_SHARED = ("say", "style", "rtl", "subject")
NAMES_OF: Mapping[str, tuple[str, ...]] = {
    "alert": (
        *_SHARED, "watch", "priority", "urgent", "kind", "news", "heading", "headline", "source", "language", "time",
        "age", "facts", "quotes", "reasons", "link", "no_link", "outlets", "outlets_more", "story",
        "story_line", "alert",
    ),
    "digest": (*_SHARED, "urgent", "count", "watches", "left_out"),
    "operator": (*_SHARED, "count", "notices", "more"),
}  # fmt: skip
"""The names that a template of each kind may use."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """For whom a message is: the zone in which times are told, the language of our own words, and when it is."""

    zone: str
    language: str
    now: datetime

    @property
    def say(self) -> Phrases:
        """Our own words in their language."""
        return phrases(self.language)


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """How much of everything is said."""

    headline: int = HEADLINE
    name: int = NAME
    sentences: int = SENTENCES
    reasons: int = REASONS + 1
    outlets: int = OUTLETS
    items: int = 1_000
    links: bool = True  # of a digest's stories
    title: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a digest tells: its alerts, and the same by watch and story."""

    alerts: Sequence[AlertToSend]
    grouped: Grouped
    charts: Charts = field(default_factory=dict)


def alert_values(alert: AlertToSend, service: Service, tray: Tray, reader: Reader, room: Room) -> dict[str, Any]:
    """What is known of one alert."""
    say = reader.say
    link = fitting_url(alert, service, tray.form.link)
    headline = shorten(plain_line(alert.title), min(room.headline, HEADLINE)) or say.no_headline
    moment = alert.discovered if alert.published is None else alert.published
    outlets = list(named_outlets(alert).items())
    more = len(outlets[room.outlets :])
    return {
        **_shared(reader, tray, f"{heading(alert, say)}: {headline}"),
        **_article(alert, tray, reader, room, headline),
        "watch": tray.words(shorten(plain_line(alert.watch), room.name)),
        "priority": alert.priority.value,
        "urgent": alert.priority is Priority.URGENT,
        "kind": alert.kind.value,
        "news": tray.words(news_of(alert, say)),
        "heading": tray.words(heading(alert, say)),
        "time": tray.words(local_time(moment, reader.zone, reader.language)),
        "age": age(moment, reader.now, reader.language),
        "quotes": [_quote(quote, service, tray) for quote in quotes(alert, SENTENCES)[: room.sentences]],
        "reasons": [tray.words(reason) for reason in reasons(alert, say)[: room.reasons]],
        "link": tray.link(link),
        "no_link": "" if link else no_link(alert, say),
        "outlets": [{"name": tray.words(name), "link": tray.link(url)} for name, url in outlets[: room.outlets]],
        "outlets_more": say.more.format(count=more) if more > 0 else "",
        "story": alert.story,
        "story_line": story_line(alert, service, say),
        "alert": alert.alert_id,
    }


def _article(alert: AlertToSend, tray: Tray, reader: Reader, room: Room, headline: str) -> dict[str, Any]:
    return {
        "headline": tray.words(headline),
        "source": tray.words(shorten(plain_line(alert.source), room.name)),
        "language": tray.words(language_name(alert.language, reader.say)),
        "facts": tray.words(facts(alert, reader.zone, reader.now, reader.language, room.name)),
    }


def _shared(reader: Reader, tray: Tray, subject: str) -> dict[str, Any]:
    say = reader.say
    return {
        "say": {
            "urgent": say.urgent,
            "met": say.met,
            "also_in": say.also_in,
            "no_headline": say.no_headline,
            "no_link": say.no_link,
        },
        "style": {
            name: Markup(style)  # noqa: S704 - ours, and of no feed
            for name, style in (
                ("page", page.PAGE),
                ("small", page.SMALL),
                ("quote", page.QUOTE),
                ("button", page.BUTTON),
            )
        },
        "rtl": say.rtl,
        "subject": tray.words(subject),
    }


def _quote(quote: Any, service: Service, tray: Tray) -> Words:
    plain = plain_line("".join(text for text, _ in quote.parts))
    if service.html:
        return tray.shown(plain, html_quote(quote))
    return tray.shown(plain, marked(quote, tray.form.words, *service.mark))


def digest_values(said: Said, service: Service, tray: Tray, reader: Reader, room: Room) -> dict[str, Any]:
    """What is known of several alerts: by watch and story, as many stories as there is room for."""
    say = reader.say
    watches: list[dict[str, Any]] = []
    left = room.items
    for watch, stories in said.grouped.items():
        shown = list(stories.values())[:left]
        left -= len(shown)
        if shown:
            watches.append(
                {
                    "name": tray.words(shorten(plain_line(watch), room.name)),
                    "line": tray.words(watch_line(watch, stories, say, room.name)),
                    "count": len(stories),
                    "chart": _chart(said.charts, watch, service, reader),
                    "stories": [_story(each, service, tray, reader, room) for each in shown],
                }
            )
    total = sum(len(stories) for stories in said.grouped.values())
    return {
        **_shared(reader, tray, fit(digest_title(said.alerts, said.grouped, say), title_room(service), service)),
        "urgent": any(alert.priority is Priority.URGENT for alert in said.alerts),
        "count": len(said.alerts),
        "watches": watches,
        "left_out": say.left_out.format(count=total - room.items) if total > room.items else "",
    }


def _chart(charts: Charts, watch: str, service: Service, reader: Reader) -> str:
    if service.html:
        return Markup(chart_in_page(charts, watch, reader.language))  # noqa: S704 - numbers and days alone
    return chart_in_text(charts, watch, service, reader.language)


def _story(alerts: Sequence[AlertToSend], service: Service, tray: Tray, reader: Reader, room: Room) -> dict[str, Any]:
    last = alerts[-1]
    headline = shorten(plain_line(last.title), min(room.headline, HEADLINE)) or reader.say.no_headline
    link = fitting_url(last, service, tray.form.link, of_many=True) if room.links else ""
    return {
        **_article(last, tray, reader, room, headline),
        "news": tray.words(story_note(alerts, reader.say)),
        "link": tray.link(link),
        "story": last.story,
        "story_line": story_number(last, reader.say),
        "count": len(alerts),
    }


def operator_values(alert: AlertToSend, tray: Tray, reader: Reader, room: Room) -> dict[str, Any]:
    """What is known of the service's own troubles."""
    lines = notice_lines(alert)
    shown = lines[: room.items]
    if room.headline != HEADLINE:
        shown = [shorten(line, room.headline) for line in shown]
    return {
        **_shared(reader, tray, notice_title(alert)),
        "count": len(lines),
        "notices": [{"line": tray.words(line)} for line in shown],
        "more": len(lines) - len(shown),
    }
