"""Gives an alert the form in which a person reads it on one kind of channel.

On the article's way: when a delivery is claimed, before the notifier. What is said is the same everywhere: the watch,
the headline, who reports it and when, the sentence with the met words marked, why they were met, the link, and who
else has it. How much of it, and in which form, is the channel's. Feed text arrives as plain words: see ``clean``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from hashlib import blake2b
from html import escape

from monitor.alerts.clean import escape_markdown, plain_line, safe_url, shorten, without_mentions
from monitor.alerts.quotes import Quote, quotes
from monitor.alerts.services import Service, service_of
from monitor.alerts.words import age, language_name, local_time
from monitor.model import AlertToSend, Evidence, Message, Outlet, Priority

__all__ = ["render"]

_HEADLINE = 300  # characters of a headline that are ever shown
_SENTENCES = 3
_REASONS = 4
_OUTLETS = 8
_GAP = 2  # units of the empty line between two blocks
_NAME = 80  # characters of a source's or a watch's name
_PATTERN = re.compile(r"~\d|…|\*|\?")  # an alias that says how its words may stand, not just which
_NEARNESS = re.compile(r"\bO?NEAR/\d+")
_CALL_TO_ALL = re.compile(r"@(?=(?:all|channel|everyone|group|here|room)\b)", re.IGNORECASE)
_CONCEPT = re.compile(r"(?<!\w)@(\w)")


def render(alert: AlertToSend, *, kind: str, zone: str, now: datetime) -> Message:
    """The message for one alert on a channel of this ``kind`` (its URL's scheme), times written in the IANA ``zone``.

    ``headers`` are for mail: one List-Id for each watch, so that people can sort by it.
    """
    service = service_of(kind)
    if service.html:
        title, body, form = _subject(alert, service), _html(alert, zone, now), "html"
    elif service.short:
        title, body, form = "", _short(alert, service), "text"
    else:
        title, body, form = _subject(alert, service), _text(alert, service, zone, now), "text"
    return Message(title=title, body=body, format=form, headers=_headers(alert))


def _headers(alert: AlertToSend) -> dict[str, str]:
    # RFC 2919, section 3: an unmanaged list takes a random-looking label under "localhost".
    label = blake2b(alert.watch.encode("utf-8", "replace"), digest_size=8).hexdigest()
    return {"List-Id": f"<watch.{label}.localhost>"}


# --- plain text ---


def _words(service: Service) -> Callable[[str], str]:
    """How feed text is made harmless for this service."""
    if service.markdown:
        return lambda text: escape_markdown(without_mentions(plain_line(text)))
    return lambda text: without_mentions(plain_line(text))


def _subject(alert: AlertToSend, service: Service) -> str:
    watch = shorten(plain_line(alert.watch), _NAME)
    urgent = "URGENT · " if alert.priority is Priority.URGENT else ""
    line = f"{urgent}{watch}: {shorten(plain_line(alert.title), _HEADLINE) or '(no headline)'}"
    if not service.html:
        line = _fit(without_mentions(line), service.title, service)
        return escape_markdown(line) if service.markdown else line
    return _fit(line, service.title, service)


def _text(alert: AlertToSend, service: Service, zone: str, now: datetime) -> str:
    words = _words(service)
    url = _shown_url(alert)
    # The link comes first when room is shared out: it is shown whole or not at all.
    tail = url if url and service.size(url) <= service.body // 2 else _no_link(alert)
    room = service.body - service.size(tail)
    blocks: list[str] = []
    if not service.title:
        blocks.append(_fit(_subject_in_body(alert, words), room * 2 // 3 - _GAP, service))
        room -= service.size(blocks[-1]) + _GAP
    blocks.append(_fit(words(_facts(alert, zone, now)), room - _GAP, service))
    room -= service.size(blocks[-1]) + _GAP
    for lines in _optional_blocks(alert, service, words):
        fitted = _fit_lines(lines, room - _GAP, service)
        if fitted:
            blocks.append(fitted)
            room -= service.size(fitted) + _GAP
    return "\n\n".join([*blocks, tail])


def _subject_in_body(alert: AlertToSend, words: Callable[[str], str]) -> str:
    return f"{words(alert.watch[:_NAME])}: {words(alert.title[:_HEADLINE])}"


def _optional_blocks(alert: AlertToSend, service: Service, words: Callable[[str], str]) -> Iterable[list[str]]:
    """What is said while there is room, the most telling first, each as lines."""
    before, after = service.mark
    for quote in quotes(alert, _SENTENCES):
        yield [_marked(quote, words, before, after)]
    reasons = [words(reason) for reason in _reasons(alert)]
    if reasons:
        yield [f"Met: {reasons[0]}", *(f"     {reason}" for reason in reasons[1:])]
    outlets = ", ".join(_outlet_names(alert))
    if outlets:
        yield [f"Also in: {words(outlets)}"]


def _short(alert: AlertToSend, service: Service) -> str:
    """A text message: the watch, as much of the headline as there is room for, and the whole link."""
    words = _words(service)
    url = _shown_url(alert)
    link = f" {url}" if url and service.size(url) <= service.body * 2 // 3 else ""
    line = f"{shorten(words(alert.watch), 40)}: {words(alert.title) or '(no headline)'}"
    return _fit(line, service.body - service.size(link), service) + link


def _shown_url(alert: AlertToSend) -> str:
    """The link where it stands as text: a name for everybody in its path calls nobody (RFC 3986, 2.1)."""
    return _CALL_TO_ALL.sub("%40", safe_url(alert.url))


def _no_link(alert: AlertToSend) -> str:
    return (
        "(the article's link is too long to show here)" if safe_url(alert.url) else "(no link that is safe to follow)"
    )


def _fit(line: str, limit: int, service: Service) -> str:
    """``line`` within ``limit`` of the service's units."""
    cut = line
    length = len(line)
    while cut and (excess := service.size(cut) - limit) > 0:
        # A character takes at most four units, so this never cuts too much, and a few rounds are enough.
        length -= max(1, excess // 4)
        cut = shorten(line, length)
    return cut


def _fit_lines(lines: Sequence[str], limit: int, service: Service) -> str:
    """As many whole lines as fit; the first one cut to size where it alone is too long."""
    if limit < 40:  # less room than a few words need
        return ""
    kept = [_fit(lines[0], limit, service)]
    for line in lines[1:]:
        if service.size("\n".join([*kept, line])) > limit:
            break
        kept.append(line)
    return "\n".join(kept)


def _marked(quote: Quote, words: Callable[[str], str], before: str, after: str) -> str:
    """The sentence with the met words between the service's marks, each part made harmless by itself."""
    shown = []
    for text, met in quote.parts:
        inner = words(text)
        # Making a part harmless strips its ends; the spaces between two parts are put back outside the marks.
        lead = " " if text[:1].isspace() else ""
        trail = " " if text[-1:].isspace() else ""
        shown.append(f"{lead}{before}{inner}{after}{trail}" if met and inner else f"{lead}{inner}{trail}")
    return " ".join("".join(shown).split())


# --- what is said, in any form ---


def _facts(alert: AlertToSend, zone: str, now: datetime) -> str:
    """Who reports it, when, and in which language: "ARMENPRESS · Tue 23 Jul 2024, 14:05 CEST (2 h ago) · French"."""
    source = shorten(plain_line(alert.source), _NAME)
    return " · ".join(part for part in (source, _when(alert, zone, now), language_name(alert.language)) if part)


def _when(alert: AlertToSend, zone: str, now: datetime) -> str:
    if alert.published is None:
        # Without a date of its own the article is as old as our first look at it, which is said in so many words.
        return f"seen {local_time(alert.discovered, zone)} ({age(alert.discovered, now)})"
    return f"{local_time(alert.published, zone)} ({age(alert.published, now)})"


def _reasons(alert: AlertToSend) -> list[str]:
    """Each way in which the watch was met, once: "conclure la mission → withdrawal (French)"."""
    reasons: dict[str, None] = {}
    for evidence in alert.evidence:
        reasons.setdefault(_reason(evidence))
    shown = list(reasons)
    if len(shown) > _REASONS:
        return [*shown[:_REASONS], f"and {len(shown) - _REASONS} more"]
    return shown


def _reason(evidence: Evidence) -> str:
    words = shorten(plain_line(evidence.words), _NAME)
    alias = shorten(plain_line(evidence.alias), _NAME)
    met_by = shorten(plain_line(_spoken(evidence.concept or evidence.term)), _NAME)
    # The alias is worth its room only where the text has it in another form, and where it is words, not a pattern.
    other = alias and alias.casefold() != words.casefold() and alias != met_by and not _PATTERN.search(alias)
    form = f" as {alias}" if other else ""
    name = language_name(evidence.language)
    place = f" in {evidence.field}" if evidence.field not in {"title", "body"} else ""
    return f"{words}{form} → {met_by}{place}{f' ({name})' if name else ''}"


def _spoken(term: str) -> str:
    """A part of a rule as a person would say it; concepts stand without their @, which chats take for a name."""
    return _CONCEPT.sub(r"\1", _NEARNESS.sub("near", term))


def _outlet_names(alert: AlertToSend) -> list[str]:
    names: dict[str, None] = {}
    for outlet in alert.also_in:
        names.setdefault(_outlet_name(outlet))
    shown = [name for name in names if name]
    if len(shown) > _OUTLETS:
        return [*shown[:_OUTLETS], f"and {len(shown) - _OUTLETS} more"]
    return shown


def _outlet_name(outlet: Outlet) -> str:
    return shorten(plain_line(outlet.source or outlet.title), _NAME)


# --- HTML mail ---

_PAGE = "font-family:-apple-system,'Segoe UI',Roboto,Arial,sans-serif;font-size:16px;line-height:1.45;color:#1a1a1a"
_SMALL = "font-size:13px;color:#5f6368;margin:0 0 12px"
_QUOTE = "margin:0 0 12px;padding:2px 0 2px 12px;border-left:3px solid #c9cdd2"
_MARK = "background:#fff1a8;color:inherit;padding:0 1px"
_BUTTON = "color:#0b57d0;word-break:break-all"


def _html(alert: AlertToSend, zone: str, now: datetime) -> str:
    """The whole message as HTML for mail: inline styles only, since mail readers drop others; no image or script."""
    title = escape(shorten(plain_line(alert.title), _HEADLINE)) or "(no headline)"
    url = escape(safe_url(alert.url))
    headline = f'<a href="{url}" style="color:inherit;text-decoration:none">{title}</a>' if url else title
    rows = [
        f'<p style="{_SMALL}">{escape(shorten(plain_line(alert.watch), _NAME))}</p>',
        f'<h1 dir="auto" style="font-size:20px;line-height:1.3;margin:0 0 6px">{headline}</h1>',
        f'<p dir="auto" style="{_SMALL}">{escape(plain_line(_facts(alert, zone, now)))}</p>',
        *(
            f'<blockquote dir="auto" style="{_QUOTE}">{_html_quote(quote)}</blockquote>'
            for quote in quotes(alert, _SENTENCES)
        ),
    ]
    reasons = "<br>".join(escape(plain_line(reason)) for reason in _reasons(alert))
    if reasons:
        rows.append(f'<p style="{_SMALL}">Met: {reasons}</p>')
    link = f'<a href="{url}" style="{_BUTTON}">{url}</a>' if url else escape(_no_link(alert))
    rows.append(f'<p style="margin:0 0 12px">{link}</p>')
    outlets = _html_outlets(alert)
    if outlets:
        rows.append(f'<p style="{_SMALL}">Also in: {outlets}</p>')
    return f'<div style="{_PAGE}">\n' + "\n".join(rows) + "\n</div>"


def _html_quote(quote: Quote) -> str:
    shown = []
    for text, met in quote.parts:
        # Parts keep their own ends here: white space between them is the sentence's.
        inner = escape(plain_line(f"|{text}|")[1:-1])
        shown.append(f'<mark style="{_MARK}">{inner}</mark>' if met else inner)
    return "".join(shown)


def _html_outlets(alert: AlertToSend) -> str:
    links: dict[str, str] = {}
    for outlet in alert.also_in:
        name = _outlet_name(outlet)
        url = escape(safe_url(outlet.url))
        if name and name not in links:
            links[name] = f'<a href="{url}" style="color:#0b57d0">{escape(name)}</a>' if url else escape(name)
    shown = list(links.values())
    if len(shown) > _OUTLETS:
        return ", ".join(shown[:_OUTLETS]) + f" and {len(shown) - _OUTLETS} more"
    return ", ".join(shown)
