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

from monitor.alerts.clean import escape_markdown, link_in_text, plain_line, safe_url, shorten, without_mentions
from monitor.alerts.forms import (
    HEADLINE,
    NAME,
    facts,
    fit,
    fit_lines,
    fitting_url,
    heading,
    named_outlets,
    no_link,
    story_line,
    words_for,
)
from monitor.alerts.page import BUTTON, MARK, QUOTE, SMALL, page
from monitor.alerts.phrases import Phrases, phrases
from monitor.alerts.quotes import Quote, quotes
from monitor.alerts.services import TEXT_OF_MAIL, Service, service_of
from monitor.alerts.words import language_name
from monitor.model import AlertToSend, Evidence, Message

__all__ = [
    "OUTLETS",
    "REASONS",
    "SENTENCES",
    "html_quote",
    "marked",
    "reasons",
    "render",
    "title_for",
]

SENTENCES = 3
REASONS = 4
WORDS = 4
OUTLETS = 8
_GAP = 2  # units of the empty line between two blocks
_PATTERN = re.compile(r"~\d|…|\.\.\.|\*|\?")  # an alias that says how its words may stand, not just which
_NEARNESS = re.compile(r"\bO?NEAR/\d+")
_CONCEPT = re.compile(r"(?<!\w)@(\w)")


def render(alert: AlertToSend, *, kind: str, zone: str, now: datetime, language: str = "en") -> Message:
    """The message for one alert on a channel of this ``kind`` (its URL's scheme), times written in the IANA ``zone``.

    ``headers`` are for mail: one List-Id for each watch, so that people can sort by it, and one thread for each story.
    ``language`` is that of our own words.
    """
    service = service_of(kind)
    say = phrases(language)
    plain = ""
    if service.html:
        title, body, form = _subject(alert, service, say), _html(alert, service, zone, now, language=language), "html"
        plain = _text(alert, TEXT_OF_MAIL, zone, now, language=language)
    elif service.short:
        title, body, form = "", _short(alert, service, say), "text"
    else:
        title, body, form = _subject(alert, service, say), _text(alert, service, zone, now, language=language), "text"
    return Message(title=title, body=body, format=form, headers=_headers(alert), plain=plain)


def _headers(alert: AlertToSend) -> dict[str, str]:
    # RFC 2919, section 3: an unmanaged list takes a random-looking label under "localhost".
    label = blake2b(alert.watch.encode("utf-8", "replace"), digest_size=8).hexdigest()
    # RFC 5322, 3.6.4: mails that refer to the same one are a thread, also where that one never existed.
    thread = f"<story.{alert.story}.{label}@news-watch.localhost>"
    return {"List-Id": f"<watch.{label}.localhost>", "In-Reply-To": thread, "References": thread}


# --- plain text ---


def _subject(alert: AlertToSend, service: Service, say: Phrases) -> str:
    return title_for(service, f"{heading(alert, say)}: {shorten(plain_line(alert.title), HEADLINE) or say.no_headline}")


def title_for(service: Service, line: str) -> str:
    """A plain line as the title of a message on this service."""
    if service.html:
        return fit(line, service.title, service)
    line = fit(without_mentions(line), service.title, service)
    return escape_markdown(line) if service.markdown else line


def _text(alert: AlertToSend, service: Service, zone: str, now: datetime, *, language: str) -> str:
    say = phrases(language)
    words = words_for(service)
    # The link comes first when room is shared out: it is shown whole or not at all.
    tail = link_in_text(fitting_url(alert, service)) or no_link(alert, say)
    if number := story_line(alert, service, say):
        tail += f"\n{number}"
    room = service.body - service.size(tail)
    blocks: list[str] = []
    if not service.title:
        line = f"{heading(alert, say)}: {shorten(plain_line(alert.title), HEADLINE) or say.no_headline}"
        blocks.append(fit(words(line), room * 2 // 3 - _GAP, service))
        room -= service.size(blocks[-1]) + _GAP
    blocks.append(fit(words(facts(alert, zone, now, language)), room - _GAP, service))
    room -= service.size(blocks[-1]) + _GAP
    for lines in _optional_blocks(alert, service, words, say):
        fitted = fit_lines(lines, room - _GAP, service)
        if fitted:
            blocks.append(fitted)
            room -= service.size(fitted) + _GAP
    return "\n\n".join([*blocks, tail])


def _optional_blocks(
    alert: AlertToSend, service: Service, words: Callable[[str], str], say: Phrases
) -> Iterable[list[str]]:
    """What is said while there is room, the most telling first, each as lines."""
    before, after = service.mark
    for quote in quotes(alert, SENTENCES):
        yield [marked(quote, words, before, after)]
    given = [words(reason) for reason in reasons(alert, say)]
    if given:
        yield [f"{say.met}: {given[0]}", *(f"     {reason}" for reason in given[1:])]
    outlets = ", ".join(_some(named_outlets(alert), say))
    if outlets:
        yield [f"{say.also_in}: {words(outlets)}"]


def _short(alert: AlertToSend, service: Service, say: Phrases) -> str:
    """A text message: the watch, as much of the headline as there is room for, the whole link, the story's number."""
    words = words_for(service)
    parts = link_in_text(fitting_url(alert, service)), story_line(alert, service, say)
    tail = "".join(f" {part}" for part in parts if part)
    line = f"{shorten(words(heading(alert, say)), 60)}: {words(alert.title) or say.no_headline}"
    return fit(line, service.body - service.size(tail), service) + tail


def marked(quote: Quote, words: Callable[[str], str], before: str, after: str) -> str:
    """The sentence with the met words between the service's marks, each part made harmless by itself.

    Words that stand between such marks already, as a quotation in French or Russian does, get no second pair.
    """
    shown = []
    for at, (text, met) in enumerate(quote.parts):
        inner = words(text)
        # Making a part harmless strips its ends; the spaces between two parts are put back outside the marks.
        lead = " " if text[:1].isspace() else ""
        trail = " " if text[-1:].isspace() else ""
        bare = not met or not inner or _quoted(quote.parts, at, before, after)
        shown.append(f"{lead}{inner}{trail}" if bare else f"{lead}{before}{inner}{after}{trail}")
    return " ".join("".join(shown).split())


def _quoted(parts: Sequence[tuple[str, bool]], at: int, before: str, after: str) -> bool:
    left = parts[at - 1][0].rstrip() if at else ""
    right = parts[at + 1][0].lstrip() if at + 1 < len(parts) else ""
    return left.endswith(before) and right.startswith(after)


# --- what is said, in any form ---


def reasons(alert: AlertToSend, say: Phrases) -> list[str]:
    """Each part of the watch that was met, once, with the words that met it: "Bagdad, Irak → iraq".

    A name that is known in another language than the article's is told with that language.
    """
    words_for_part: dict[str, dict[str, None]] = {}
    for evidence in alert.evidence:
        words_for_part.setdefault(_met_part(evidence, alert.language, say), {}).setdefault(_met_words(evidence, say))
    shown = []
    for part, words in words_for_part.items():
        told = ", ".join([*list(words)[:WORDS], *(["…"] if len(words) > WORDS else [])])
        shown.append(told if told.casefold() == part.casefold() else f"{told} → {part}")
    if len(shown) > REASONS:
        return [*shown[:REASONS], say.more.format(count=len(shown) - REASONS)]
    return shown


def _met_words(evidence: Evidence, say: Phrases) -> str:
    words = shorten(plain_line(evidence.words), NAME)
    alias = shorten(plain_line(evidence.alias), NAME)
    # The alias is worth its room only where the text has it in another form, and where it is words, not a pattern.
    other = alias and alias.casefold() != words.casefold() and not _PATTERN.search(alias)
    return f"{words} {say.as_form.format(form=alias)}" if other and alias != _part(evidence) else words


def _met_part(evidence: Evidence, language: str | None, say: Phrases) -> str:
    place = f" {say.in_field.format(field=evidence.field)}" if evidence.field not in {"title", "body"} else ""
    name = language_name(evidence.language, say) if evidence.language != language else ""
    return f"{_part(evidence)}{place}{f' ({name})' if name else ''}"


def _part(evidence: Evidence) -> str:
    return shorten(plain_line(_spoken(evidence.concept or evidence.term)), NAME)


def _spoken(term: str) -> str:
    """A part of a rule as a person would say it; concepts stand without their @, which chats take for a name."""
    return _CONCEPT.sub(r"\1", _NEARNESS.sub("near", term))


def _some(outlets: Iterable[str], say: Phrases) -> list[str]:
    shown = list(outlets)
    if len(shown) > OUTLETS:
        return [*shown[:OUTLETS], say.more.format(count=len(shown) - OUTLETS)]
    return shown


# --- HTML mail ---


def _html(alert: AlertToSend, service: Service, zone: str, now: datetime, *, language: str) -> str:
    """The whole message as HTML for mail: inline styles only, since mail readers drop others; no image or script."""
    say = phrases(language)
    title = escape(shorten(plain_line(alert.title), HEADLINE)) or escape(say.no_headline)
    url = escape(safe_url(alert.url))
    headline = f'<a href="{url}" style="color:inherit;text-decoration:none">{title}</a>' if url else title
    rows = [
        f'<p style="{SMALL}">{escape(heading(alert, say))}</p>',
        f'<h1 dir="auto" style="font-size:20px;line-height:1.3;margin:0 0 6px">{headline}</h1>',
        f'<p dir="auto" style="{SMALL}">{escape(plain_line(facts(alert, zone, now, language)))}</p>',
        *(
            f'<blockquote dir="auto" style="{QUOTE}">{html_quote(quote)}</blockquote>'
            for quote in quotes(alert, SENTENCES)
        ),
    ]
    why = "<br>".join(escape(plain_line(reason)) for reason in reasons(alert, say))
    if why:
        rows.append(f'<p style="{SMALL}">{say.met}: {why}</p>')
    link = f'<a href="{url}" style="{BUTTON}">{url}</a>' if url else escape(no_link(alert, say))
    rows.append(f'<p style="margin:0 0 12px">{link}</p>')
    outlets = _html_outlets(alert, say)
    if outlets:
        rows.append(f'<p style="{SMALL}">{say.also_in}: {outlets}</p>')
    if number := story_line(alert, service, say):
        rows.append(f'<p style="{SMALL}">{escape(number)}</p>')
    return page(rows, say)


def html_quote(quote: Quote) -> str:
    """The sentence as HTML, the met words marked."""
    shown = []
    for text, met in quote.parts:
        # Parts keep their own ends here: white space between them is the sentence's.
        inner = escape(plain_line(f"|{text}|")[1:-1])
        shown.append(f'<mark style="{MARK}">{inner}</mark>' if met else inner)
    return "".join(shown)


def _html_outlets(alert: AlertToSend, say: Phrases) -> str:
    links = (
        f'<a href="{escape(url)}" style="color:#0b57d0">{escape(name)}</a>' if url else escape(name)
        for name, url in named_outlets(alert).items()
    )
    return ", ".join(_some(links, say))
