"""The service's own troubles as a message for its operator.

On the article's way: beside it. The troubles that came up together become one alert, which goes through the outbox like
any other. What is said may quote a feed's address or a file's name, so it is made plain as well.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from monitor.alerts.clean import plain_line, shorten
from monitor.alerts.forms import fit, fit_lines, words_for
from monitor.alerts.page import page
from monitor.alerts.phrases import phrases
from monitor.alerts.services import TEXT_OF_MAIL, Service, service_of
from monitor.model import AlertToSend, Message, Notice

__all__ = ["OPERATOR_WATCH", "gather_notices", "notice_lines", "notice_title", "render_notice"]

OPERATOR_WATCH = "News watch"
"""What stands in the place of a watch where the service speaks of itself."""

_LONGEST = 400
_LONGEST_TITLE = 200
_MOST = 40


def gather_notices(notices: Sequence[Notice]) -> tuple[str, str]:
    """The title and the text, a line a trouble, of the one alert for these notices (at least one).

    In English: it speaks of config and files.
    """
    lines = [_line(notice) for notice in notices[:_MOST]]
    if len(notices) > _MOST:
        lines.append(f"and {len(notices) - _MOST} more; the log has them all")
    title = lines[0] if len(notices) == 1 else f"{len(notices)} troubles: {'; '.join(lines)}"
    return shorten(title, _LONGEST_TITLE), "\n".join(lines)


def render_notice(alert: AlertToSend, *, kind: str) -> Message:
    """The message for an alert of kind ``NOTICE`` on a channel of this ``kind``."""
    service = service_of(kind)
    title, lines = notice_title(alert), notice_lines(alert)
    headers = {"List-Id": "<operator.localhost>"}
    if service.html:
        rows = [f'<p style="margin:0 0 10px">{escape(line)}</p>' for line in lines]
        title = fit(title, service.title, service)
        plain = _text(lines, TEXT_OF_MAIL)
        return Message(title=title, body=page(rows, phrases("en")), format="html", headers=headers, plain=plain)
    title = words_for(service)(fit(title, service.title, service))
    return Message(title=title, body=_text(lines, service), format="text", headers=headers)


def notice_title(alert: AlertToSend) -> str:
    """The title of an alert of kind ``NOTICE``."""
    return f"{alert.watch}: {alert.title}"


def notice_lines(alert: AlertToSend) -> list[str]:
    """A line for each trouble of an alert of kind ``NOTICE``."""
    return alert.text.split("\n")


def _text(lines: Sequence[str], service: Service) -> str:
    words = words_for(service)
    return fit_lines([f"• {words(line)}" for line in lines], service.body, service)


def _line(notice: Notice) -> str:
    often = f" ({notice.times} times)" if notice.times > 1 else ""
    return shorten(plain_line(notice.said), _LONGEST) + often
