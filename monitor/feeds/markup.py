"""HTML to the words that a reader sees, as plain text.

On the article's way: every title and text of an entry passes here once; nothing behind it knows markup. Builds no tree
and fetches nothing: it walks over the tags once, in time linear in the length, so hostile nesting costs nothing.
Takes no page apart: finding the article on a web page is another task.
"""

from __future__ import annotations

import html
import html.entities
import re
from dataclasses import dataclass, field
from functools import lru_cache

__all__ = ["first_words", "html_to_text", "looks_like_html", "one_line", "plain_lines"]

_RAW = "script|style|template|iframe|noembed|noframes|svg|object|audio|video|canvas|select|textarea|xmp|title"
_TOKEN = re.compile(
    r"<!--.*?(?:-->|\Z)|<!\[CDATA\[|\]\]>|<[!?][^<>]*>"
    rf"""|<(?P<raw>{_RAW})\b(?:[^<>"']|"[^"]*"|'[^']*')*+(?:(?<=/)>|>.*?(?:</(?P=raw)\s*>|\Z))"""
    r"""|<(?P<close>/?)(?P<name>[A-Za-z][^\s/<>"']*)(?P<attributes>(?:[^<>"']|"[^"]*"|'[^']*')*+)>"""
    r"""|<(?:/?)(?P<broken>[A-Za-z][^\s/<>"']*)(?:\s[^<>]*)?/?>""",
    re.DOTALL | re.IGNORECASE,
)
_BLOCKS = frozenset({
    "address", "article", "aside", "blockquote", "body", "br", "caption", "center", "dd", "details", "dialog", "dir",
    "div", "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "head",
    "header", "hgroup", "hr", "html", "legend", "li", "main", "menu", "nav", "ol", "option", "p", "pre", "section",
    "summary", "table", "tbody", "tfoot", "thead", "tr", "ul",
})  # fmt: skip
_VOID = frozenset({
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr",
})  # fmt: skip
_FIRST, _FIRST_WORDS = 200, 12  # characters, words
_CELLS = frozenset({"td", "th"})
_HIDDEN = re.compile(
    r"""(?:^|\s)(?:hidden(?=[\s=/]|$)(?!\s*=\s*["']?until-found)|style\s*=\s*(?:"[^"]*|'[^']*|\S*)"""
    r"""(?:display\s*:\s*none|visibility\s*:\s*hidden))""",
    re.IGNORECASE,
)
_PLAIN_TAG = re.compile(r"""</?([A-Za-z][^\s/<>"']*)[^<>"']*+(?:(?:"[^"]*"|'[^']*')[^<>"']*+)*+>""")
_RAW_NAMES = frozenset(_RAW.split("|"))
_BETWEEN = {**dict.fromkeys(_BLOCKS, "\n"), **dict.fromkeys(_CELLS, " ")}
_KNOWN_TAG = re.compile(
    r"</(?:a|abbr|b|big|blockquote|center|cite|code|dd|del|div|dl|dt|em|figure|figcaption|font|h[1-6]|i|ins|li|mark|ol|p|"
    r"pre|q|s|small|span|strike|strong|sub|sup|table|tbody|td|th|tr|tt|u|ul)\s*>"
    r"|<(?:br|p|hr|img|div|wbr)(?:\s[^<>]*)?/?>|<!\[CDATA\[",
    re.IGNORECASE,
)
_LINE_END = re.compile("[\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|([A-Za-z][A-Za-z0-9]{1,31}));")


def html_to_text(source: str) -> str:
    """The visible words of an HTML fragment, one block (paragraph, list item, table row) a line.

    Scripts, styles and hidden elements are left out, references become characters, blanks are collapsed. What only
    looks like a tag ("x <y") stays. A fragment that holds no tag, and turns out to be HTML once its references are
    resolved, was escaped once too often, and is read again. Never raises.
    """
    text, tagged = _walk(source)
    if not tagged and looks_like_html(text):
        text, _ = _walk(text)
    return text


def looks_like_html(text: str) -> bool:
    """Whether a text that is declared as plain is markup all the same: a real closing or empty tag, or a reference."""
    if "<" in text and _KNOWN_TAG.search(text):
        return True
    return "&" in text and any(
        name[1] is None or f"{name[1]};" in html.entities.html5 for name in _ENTITY.finditer(text)
    )


def plain_lines(text: str) -> str:
    """A plain text with its lines kept, blanks collapsed and empty lines dropped."""
    return "\n".join([line for part in filter(None, text.splitlines()) if (line := one_line(part))])


def one_line(text: str) -> str:
    """All blanks collapsed, lines joined."""
    # Of all blanks only the plain one is printable.
    if text.isprintable() and "  " not in text:
        return text.strip()
    return " ".join(text.split())


def first_words(text: str) -> str:
    """What stands in for a title where there is none."""
    return " ".join(text[:_FIRST].split()[:_FIRST_WORDS])


@dataclass(slots=True)
class _Page:
    """What was written so far; ``hiding`` holds, for each hidden element still open, its name, depth and start."""

    pieces: list[str] = field(default_factory=list)
    hiding: list[tuple[str, int, int]] = field(default_factory=list)

    def opened(self, name: str, attributes: str) -> None:
        if self.hiding and self.hiding[-1][0] == name:
            hidden, depth, start = self.hiding[-1]
            self.hiding[-1] = (hidden, depth + 1, start)
        elif name not in _VOID and attributes and not attributes.endswith("/") and _HIDDEN.search(attributes):
            self.hiding.append((name, 1, len(self.pieces)))

    def closed(self, name: str) -> None:
        if not self.hiding or self.hiding[-1][0] != name:
            return
        hidden, depth, start = self.hiding.pop()
        if depth > 1:
            self.hiding.append((hidden, depth - 1, start))
        else:
            # Only a hidden element that is closed is left out: one that never ends would take the article with it.
            del self.pieces[start:]


def _walk(source: str) -> tuple[str, bool]:
    return _quick_walk(source) or _careful_walk(source)


def _quick_walk(source: str) -> tuple[str, bool] | None:
    """The same for a source of plain tags alone, as nearly all are; None where anything in it asks for more care."""
    lower = source.lower()
    if "hidden" in lower or "display" in lower or "]]>" in source:
        return None
    # What str.splitlines takes for the end of a line is what _LINE_END does.
    pieces = _PLAIN_TAG.split(" ".join(source.splitlines()))
    words = pieces[::2]
    between = [*map(_between, pieces[1::2])]
    if None in between or "<" in "".join(words):  # it begins no plain tag
        return None
    if "&" in source:
        pieces[::2] = [_plain(piece) for piece in words]
    pieces[1::2] = between
    return plain_lines("".join(pieces)), len(words) > 1


@lru_cache(maxsize=256)
def _between(name: str) -> str | None:
    """What a plain tag puts between words; None for one whose inside is no words."""
    plain = name.lower()
    return None if plain in _RAW_NAMES else _BETWEEN.get(plain, "")


def _careful_walk(source: str) -> tuple[str, bool]:
    page = _Page()
    tagged = False
    position = 0
    source = _LINE_END.sub(" ", source)
    for token in _TOKEN.finditer(source):
        page.pieces.append(_plain(source[position : token.start()]))
        position = token.end()
        tagged = True
        name = (token["name"] or token["broken"] or "").lower()
        if name in _BLOCKS:
            page.pieces.append("\n")
        elif name in _CELLS:
            page.pieces.append(" ")
        if token["close"]:
            page.closed(name)
        elif token["name"]:
            page.opened(name, token["attributes"])
    page.pieces.append(_plain(source[position:]))
    return plain_lines("".join(page.pieces)), tagged


def _plain(text: str) -> str:
    """References as characters; a line end in HTML's source is a blank like any other."""
    return _LINE_END.sub(" ", html.unescape(text)) if "&" in text else text
