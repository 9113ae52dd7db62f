"""Several alerts as one message: by watch and story, with counts, each headline with its source, time and link.

On the article's way: beside ``render``, for deliveries that go together. What has no room is counted, and it is said
where all of it stands.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from html import escape

from monitor.alerts.chart import NO_CHARTS, Charts, bars, line
from monitor.alerts.clean import link_in_text, plain_line, safe_url, shorten
from monitor.alerts.forms import HEADLINE, NAME, facts, fit, fitting_url, news_of, story_number, title_room, words_for
from monitor.alerts.page import SMALL, page
from monitor.alerts.phrases import Phrases, phrases
from monitor.alerts.services import TEXT_OF_MAIL, Service, service_of
from monitor.model import AlertToSend, Message, Priority

__all__ = [
    "Grouped",
    "chart_in_page",
    "chart_in_text",
    "digest_title",
    "grouped_by_watch",
    "render_digest",
    "story_note",
    "watch_line",
]

_RESERVE = 120  # units kept free for saying what was left out
_HTML_ITEMS = 150  # more than anyone reads, far less than mail servers refuse
_ROOM_FOR_CHARTS = 1_000  # units of a message in which charts don't take the headlines' room

Grouped = dict[str, dict[int, list[AlertToSend]]]


def render_digest(
    alerts: Sequence[AlertToSend],
    *,
    kind: str,
    zone: str,
    now: datetime,
    language: str = "en",
    charts: Charts = NO_CHARTS,
) -> Message:
    """The message for these alerts (at least one) on a channel of this ``kind``; see ``render``.

    ``charts``: of those watches for which there is one, shown where there is room.
    """
    service = service_of(kind)
    say = phrases(language)
    grouped = grouped_by_watch(alerts)
    title = fit(digest_title(alerts, grouped, say), title_room(service), service)
    # RFC 2919: all digests are one list.
    headers = {"List-Id": "<digest.localhost>"}

    def text(form: Service) -> str:
        first = [] if form.title else [words_for(form)(title)]
        lines = _lines(grouped, charts, form, zone, now, language=language)
        return _text(lines, first, form, say, total=_stories(grouped))

    if service.html:
        body = _html(grouped, charts, zone, now, language=language)
        return Message(title=title, body=body, format="html", headers=headers, plain=text(TEXT_OF_MAIL))
    shown = words_for(service)(title) if service.title else ""
    return Message(title=shown, body=text(service), format="text", headers=headers)


def grouped_by_watch(alerts: Sequence[AlertToSend]) -> Grouped:
    """By watch, the most urgent first, and by story in the order of their first alert."""
    grouped: Grouped = {}
    for alert in sorted(alerts, key=lambda alert: -alert.priority.rank):
        grouped.setdefault(alert.watch, {}).setdefault(alert.story, []).append(alert)
    return grouped


def _stories(grouped: Grouped) -> int:
    return sum(len(stories) for stories in grouped.values())


def digest_title(alerts: Sequence[AlertToSend], grouped: Grouped, say: Phrases) -> str:
    """How many alerts, and of which watches."""
    urgent = f"{say.urgent} · " if any(alert.priority is Priority.URGENT for alert in alerts) else ""
    watches = ", ".join(shorten(plain_line(watch), NAME) for watch in grouped)
    return f"{urgent}{say.counted(say.alerts, len(alerts))} · {watches}"


def watch_line(watch: str, stories: dict[int, list[AlertToSend]], say: Phrases, name: int = NAME) -> str:
    """A watch's heading, with the number of its stories. ``name``: the most characters of the watch's."""
    return f"{shorten(plain_line(watch), name)} · {say.counted(say.stories, len(stories))}"


def story_headline(alerts: Sequence[AlertToSend], say: Phrases) -> str:
    """The story by its latest alert, with what is new of it and how many alerts it stands for."""
    last = alerts[-1]
    title = shorten(plain_line(last.title), HEADLINE) or say.no_headline
    note = story_note(alerts, say)
    return f"{title} ({note})" if note else title


def story_note(alerts: Sequence[AlertToSend], say: Phrases) -> str:
    """What is new of a story, or how many alerts it stands for."""
    return news_of(alerts[-1], say) if len(alerts) == 1 else say.counted(say.alerts, len(alerts))


def _lines(
    grouped: Grouped, charts: Charts, service: Service, zone: str, now: datetime, *, language: str
) -> Iterator[tuple[str, bool]]:
    """Each block of lines, and whether it is a story (else a watch's heading)."""
    say, words = phrases(language), words_for(service)
    for watch, stories in grouped.items():
        chart = chart_in_text(charts, watch, service, language)
        yield words(watch_line(watch, stories, say)) + (f"\n{chart}" if chart else ""), False
        for alerts in stories.values():
            yield _item(alerts, words, service, _about(alerts[-1], zone, now, language), say), True


def _about(alert: AlertToSend, zone: str, now: datetime, language: str) -> str:
    parts = facts(alert, zone, now, language), story_number(alert, phrases(language))
    return " · ".join(part for part in parts if part)


def chart_in_text(charts: Charts, watch: str, service: Service, language: str) -> str:
    """The watch's chart as a line; empty where there is none, or no room."""
    chart = charts.get(watch)
    return line(chart, language) if chart is not None and service.body >= _ROOM_FOR_CHARTS else ""


def chart_in_page(charts: Charts, watch: str, language: str) -> str:
    """The watch's chart as HTML; empty where there is none."""
    chart = charts.get(watch)
    return "" if chart is None else bars(chart, language)


def _item(
    alerts: Sequence[AlertToSend], words: Callable[[str], str], service: Service, about: str, say: Phrases
) -> str:
    told = f"• {words(story_headline(alerts, say))}"
    if service.short:
        return " · ".join(part for part in (told, story_number(alerts[-1], say)) if part)
    url = fitting_url(alerts[-1], service, of_many=True)
    return f"{told}\n{words(about)}" + (f"\n{link_in_text(url)}" if url else "")


def _text(blocks: Iterator[tuple[str, bool]], kept: list[str], service: Service, say: Phrases, *, total: int) -> str:
    room = service.body - min(_RESERVE, service.body // 3)
    size = sum(service.size(block) + 2 for block in kept)
    shown = 0
    for block, is_story in blocks:
        needed = service.size(block) + 2
        if size + needed > room:
            if not shown and is_story:
                # One headline at least, as much of it as there is room for.
                kept.append(fit(block, room - size - 2, service))
                shown += 1
            break
        kept.append(block)
        size += needed
        shown += is_story
    if shown < total:
        kept.append(say.left_out.format(count=total - shown))
    return "\n\n".join(kept)


def _html(grouped: Grouped, charts: Charts, zone: str, now: datetime, *, language: str) -> str:
    say = phrases(language)
    rows: list[str] = []
    shown = 0
    for watch, stories in grouped.items():
        if shown >= _HTML_ITEMS:
            break
        rows.append(
            f'<h2 dir="auto" style="font-size:17px;margin:16px 0 8px">{escape(watch_line(watch, stories, say))}</h2>'
        )
        if chart := chart_in_page(charts, watch, language):
            rows.append(chart)
        for alerts in list(stories.values())[: _HTML_ITEMS - shown]:
            rows.append(_html_item(alerts, escape(plain_line(_about(alerts[-1], zone, now, language))), say))
            shown += 1
    total = _stories(grouped)
    if shown < total:
        rows.append(f'<p style="{SMALL}">{escape(say.left_out.format(count=total - shown))}</p>')
    return page(rows, say)


def _html_item(alerts: Sequence[AlertToSend], about: str, say: Phrases) -> str:
    title = escape(story_headline(alerts, say))
    url = escape(safe_url(alerts[-1].url))
    shown = f'<a href="{url}" style="color:#0b57d0;text-decoration:none">{title}</a>' if url else title
    return f'<p dir="auto" style="margin:0 0 10px">{shown}<br><span style="{SMALL}">{about}</span></p>'
