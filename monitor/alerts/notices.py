"""The service's own troubles as a message for its operator.

On the article's way: beside it. What is said may quote a feed's address or a file's name, so it is made plain as well.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from monitor.alerts.clean import plain_line, shorten
from monitor.alerts.forms import fit, fit_lines, words_for
from monitor.alerts.page import page
from monitor.alerts.phrases import phrases
from monitor.alerts.services import TEXT_OF_MAIL, Service, service_of
from monitor.model import Message, Notice

__all__ = ["LONGEST", "MOST", "notice_line", "operator_title", "render_notices"]

LONGEST = 400
MOST = 40


def render_notices(notices: Sequence[Notice], *, kind: str) -> Message:
    """The message for these notices (at least one), in English: it speaks of config and files."""
    service = service_of(kind)
    count = len(notices)
    title = operator_title(notices)
    lines = [notice_line(notice) for notice in notices[:MOST]]
    if count > MOST:
        lines.append(f"and {count - MOST} more; the log has them all")
    headers = {"List-Id": "<operator.localhost>"}
    if service.html:
        rows = [f'<p style="margin:0 0 10px">{escape(line)}</p>' for line in lines]
        title = fit(title, service.title, service)
        plain = _text(lines, TEXT_OF_MAIL)
        return Message(title=title, body=page(rows, phrases("en")), format="html", headers=headers, plain=plain)
    title = words_for(service)(fit(title, service.title, service))
    return Message(title=title, body=_text(lines, service), format="text", headers=headers)


def _text(lines: Sequence[str], service: Service) -> str:
    words = words_for(service)
    return fit_lines([f"• {words(line)}" for line in lines], service.body, service)


def operator_title(notices: Sequence[Notice]) -> str:
    """The trouble itself, or how many there are."""
    count = len(notices)
    return "News watch: " + (shorten(plain_line(notices[0].said), 120) if count == 1 else f"{count} troubles")


def notice_line(notice: Notice) -> str:
    """A trouble, and how often it was met."""
    often = f" ({notice.times} times)" if notice.times > 1 else ""
    return shorten(plain_line(notice.said), LONGEST) + often
