"""Facts into HTML: every word that is put into a page goes through one gate, which makes it plain and hides secrets.

Feed text is hostile. What a page says is one line of visible characters (``plain_line``), cut to a length, with known
secrets and the passwords of addresses masked, and then escaped: the templates have no way around it. Only a safe web
address of an article becomes a link.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from enum import Enum
from urllib.parse import quote

from jinja2 import Environment, PackageLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from markupsafe import Markup, escape

from monitor.alerts.clean import plain_line, safe_url, shorten
from monitor.alerts.words import age, language_name
from monitor.logs import Redactor
from monitor.model import Evidence

__all__ = ["render"]

_LONGEST = 600
"""Characters of one piece of text on a page."""

_MOST_LINES = 40
_BEFORE_THE_WORDS = 160  # characters of a long sentence before what was met in it
_QUOTED = 360
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")


def render(template: str, *, secrets: frozenset[str], now: datetime, **facts: object) -> str:
    """The page that this template makes of these facts, without any of these secrets."""
    hidden = Redactor(lambda: secrets)
    hidden.learn()
    return _PAGES.get_template(template).render(facts, hidden=hidden, secrets=secrets, now=now)


@pass_context
def _shown(context: Context, value: object) -> object:
    """What stands on the page for a value. What is markup was made here, or by a template."""
    if isinstance(value, Markup):
        return value
    if value is None:
        return "–"
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S} UTC"
    return _plain(context, str(value.value) if isinstance(value, Enum) else str(value))


def _plain(context: Context, text: str) -> str:
    hidden: Redactor = context["hidden"]
    return shorten(hidden.mask(plain_line(text)), _LONGEST)


@pass_context
def _lines(context: Context, text: str) -> Markup:
    """Several lines, and the white space that each begins with."""
    shown = []
    for line in text.splitlines()[:_MOST_LINES]:
        margin = line[: len(line) - len(line.lstrip(" "))][:_LONGEST]
        shown.append(margin + _plain(context, line))
    return escape("\n".join(shown))


@pass_context
def _ago(context: Context, moment: datetime | None) -> Markup:
    """How long ago that was, with the moment itself behind it; of what is to come the moment alone."""
    if moment is None:
        return Markup("–")
    exact = f"{moment:%Y-%m-%d %H:%M:%S} UTC"
    words = exact if moment > context["now"] else age(moment, context["now"])
    return Markup('<time datetime="{}" title="{}">{}</time>').format(moment.isoformat(), exact, words)


@pass_context
def _outward(context: Context, url: str) -> Markup | None:
    """The address as a link may have it, whole; None where it is not a safe one, or holds a secret."""
    safe = safe_url(url)
    if not safe or any(len(secret) > 3 and secret in safe for secret in context["secrets"]):
        return None
    return escape(safe)


@pass_context
def _quoted(context: Context, evidence: Iterable[Evidence]) -> Markup | None:
    """The sentence of the text that was met first, its met words marked; None where only something else was."""
    found = [one for one in evidence if one.field == "body" and one.sentence and one.words]
    if not found:
        return None
    sentence = found[0].sentence
    words = sorted({one.words for one in found if one.sentence == sentence}, key=len, reverse=True)
    met = re.compile("|".join(map(re.escape, words)))
    first = met.search(sentence)
    start = max(0, first.start() - _BEFORE_THE_WORDS) if first is not None and len(sentence) > _QUOTED else 0
    cut = sentence[start : start + _QUOTED]
    pieces: list[Markup] = []
    at = 0
    for hit in met.finditer(cut):
        pieces += [_piece(context, cut[at : hit.start()]), Markup("<mark>{}</mark>").format(_piece(context, hit[0]))]
        at = hit.end()
    pieces.append(_piece(context, cut[at:]))
    ends = ("…" if start else "", "…" if start + _QUOTED < len(sentence) else "")
    return escape(ends[0]) + Markup("").join(pieces) + ends[1]


def _piece(context: Context, text: str) -> Markup:
    """A part of a sentence; the white space at its ends is the sentence's."""
    hidden: Redactor = context["hidden"]
    return escape(hidden.mask(plain_line(f"|{text}|")[1:-1]))


def _in_query(text: str) -> str:
    """The text as a value in the query of one of our own addresses."""
    return quote(text, safe="", errors="replace")


def _tongue(code: str | None) -> str:
    """A language's code as HTML may have it, to choose letters by; empty where it is none."""
    return code if code and _LANGUAGE.fullmatch(code) else ""


_PAGES = Environment(
    loader=PackageLoader("monitor.web", "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    finalize=_shown,
    trim_blocks=True,
    lstrip_blocks=True,
    auto_reload=False,
)
_PAGES.filters |= {
    "ago": _ago,
    "language": language_name,
    "lines": _lines,
    "outward": _outward,
    "quoted": _quoted,
    "tongue": _tongue,
    "urlencode": _in_query,
}
