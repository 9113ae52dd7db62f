"""Whether a feed gives an article whole, and how the page's text and the feed's own come together.

On the article's way: when an entry becomes an article, and again when its page was read. Nothing of what a feed said is
lost: words of a summary that are not in the page stay before it.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

__all__ = ["page_of", "whole_text"]

_WHOLE = 1_500  # characters: a summary is shorter
_CUT = re.compile(
    r"(?:…|\.\.\.|\[\s*(?:…|\.\.\.)\s*\]"
    r"|(?:read|continue|lire|leer|weiter|leggi|ler|czytaj|читать|devamı)\W{0,3}[\w ]{0,30}(?:…|\.\.\.|»|→)?)\W{0,4}\Z",
    re.IGNORECASE,
)
_NO_PAGE = re.compile(
    r"\.(?:mp3|m4a|ogg|wav|mp4|m4v|mov|webm|pdf|docx?|xlsx?|zip|gz|jpe?g|png|gif|webp)\Z", re.IGNORECASE
)
_LETTERS = re.compile(r"[^\w]+")


def page_of(url: str, text: str) -> str:
    """The address of the page where the article stands whole; "" when the feed gives it whole, or there is no page."""
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or _NO_PAGE.search(parts.path):
        return ""
    if len(text) >= _WHOLE and not _CUT.search(text[-60:]):
        return ""
    return url


def whole_text(summary: str, page: str) -> tuple[str, int]:
    """The article's text of a feed's words and its page's, and how many characters of it are the feed's alone."""
    told = _words(_CUT.sub("", summary))
    if told in _words(page):
        return page, 0
    return f"{summary}\n{page}", len(summary) + 1


def _words(text: str) -> str:
    return _LETTERS.sub(" ", text.casefold()).strip()
