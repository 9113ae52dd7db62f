"""The look of HTML mails: inline styles only, since mail readers drop others; readable on a phone; no image or script.

On the article's way: beneath rendering.
"""

from __future__ import annotations

from collections.abc import Iterable

from monitor.alerts.phrases import Phrases

__all__ = ["BUTTON", "MARK", "PAGE", "QUOTE", "SMALL", "page"]

PAGE = "font-family:-apple-system,'Segoe UI',Roboto,Arial,sans-serif;font-size:16px;line-height:1.45;color:#1a1a1a"
SMALL = "font-size:13px;color:#5f6368;margin:0 0 12px"
QUOTE = "margin:0 0 12px;padding:2px 0 2px 12px;border-left:3px solid #c9cdd2"
MARK = "background:#fff1a8;color:inherit;padding:0 1px"
BUTTON = "color:#0b57d0;word-break:break-all"


def page(rows: Iterable[str], say: Phrases) -> str:
    """The whole message, in the direction of its language; each text of a feed has its own."""
    direction = ' dir="rtl"' if say.rtl else ""
    return f'<div{direction} style="{PAGE}">\n' + "\n".join(rows) + "\n</div>"
