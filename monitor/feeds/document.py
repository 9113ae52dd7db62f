"""A feed's XML made safe and whole before a reader sees it.

On the article's way: between decoding and reading. It drops what XML forbids, turns named HTML entities into
characters, refuses entity definitions of the document's own, bounds nesting and the number of entries, and closes a
document that was cut off after its last whole entry. It works on the tags alone and understands nothing that they say.
Every step takes time linear in the document's length.
"""

from __future__ import annotations

import html.entities
import re
from dataclasses import dataclass

from monitor.errors import ParseError

__all__ = ["LONGEST_PERSON", "Prepared", "prepare", "without_doctype"]

_DEEPEST = 500
_OPAQUE = r"<!\[CDATA\[.*?(?:\]\]>|\Z)|<!--.*?(?:-->|\Z)|<\?.*?(?:\?>|\Z)"
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_REFERENCE = re.compile(
    _OPAQUE + r"|&(?:\#(?P<decimal>\d{1,8})|\#[xX](?P<hex>[0-9A-Fa-f]{1,7})|(?P<name>[A-Za-z][A-Za-z0-9]{0,31}));|&",
    re.DOTALL,
)
_ROOT = re.compile(
    r"<!--.*?(?:-->|\Z)|<!\[CDATA\[.*?(?:\]\]>|\Z)|<\?.*?(?:\?>|\Z)|(?P<doctype><!DOCTYPE\b)"
    r"|<(?P<name>[A-Za-z_][\w.-]{0,60}(?::[A-Za-z_][\w.-]{0,60})?)(?=[\s/>])",
    re.DOTALL | re.IGNORECASE,
)
_TAG = re.compile(
    _OPAQUE + r"""|<(?P<close>/?)(?P<name>[A-Za-z_][^\s/<>"']*)(?:[^<>"']|"[^"<]*"|'[^'<]*')*+>""",
    re.DOTALL,
)
# Subject lists, which nobody reads here, the words in elements that name a person, and attributes: feedparser takes
# time that grows with the square of their number or length.
_TEXT_ONLY = r"(?:[^<]|<!\[CDATA\[.*?\]\]>|<!--.*?-->)*+"
_COSTLY = re.compile(
    _OPAQUE
    + r"|<(?P<subject>(?:[\w.-]{1,60}:)?(?:category|subject|keywords))(?=[\s/>])(?:[^<>\"']|\"[^\"<]*\"|'[^'<]*')*+"
    + rf"(?:(?<=/)>|>{_TEXT_ONLY}</(?P=subject)\s*>)"
    + r"|(?P<opening><(?P<person>(?:[\w.-]{1,60}:)?"
    + r"(?:author|contributor|creator|email|managingEditor|name|owner|publisher|webMaster))(?=[\s>])[^<>]*(?<!/)>)"
    + rf"(?P<words>{_TEXT_ONLY})</(?P=person)\s*>"
    + r"""|<(?P<element>/?[A-Za-z_][^\s/<>"']*)(?P<attributes>(?:[^<>"']|"[^"<]*"|'[^'<]*')*+)>""",
    re.DOTALL | re.IGNORECASE,
)
# What a picture says of itself: feedparser would take it for the entry's own words. An empty link keeps it from taking
# the guid for one.
_MEDIA = re.compile(r"<(/?media:)(title|description)\b[^<>]*?(/?)>", re.IGNORECASE)
_EMPTY_LINK = re.compile(r"<link\s*(?:/>|>\s*</link\s*>)")
LONGEST_PERSON = 2_000
"""Characters; a longer name is none, and would be costly to take apart."""

_LONGEST_ATTRIBUTES = 10_000
_RSS_PREFIX = re.compile(r"(</?)rss:(?=[A-Za-z])")
_FEED_ROOTS = frozenset({"rss", "feed", "rdf", "channel"})
# What an error message of the publishing system, printed before the feed, is made of.
_STRAY = frozenset(
    {"b", "br", "center", "div", "font", "hr", "i", "p", "pre", "script", "span", "strong", "style", "table"}
)
_FEED_SPACES = re.compile(
    r"""\bxmlns:([\w.-]{1,60})\s*=\s*["'][^"'<>]{0,40}(?:/2005/Atom|/atom/ns#|/rss/1\.0/|/rdf/simple/0\.9/)["']""",
    re.IGNORECASE,
)
_XML_FIVE = frozenset({"amp", "lt", "gt", "quot", "apos"})
_NAMED = {name[:-1]: value for name, value in html.entities.html5.items() if name.endswith(";")}
# What windows-1252 means by the control characters of Latin-1.
_C1 = {number: bytes([number]).decode("cp1252", "ignore") for number in range(0x80, 0xA0)}
_SPECIAL = {"<": "&lt;", ">": "&gt;", "&": "&amp;", '"': "&quot;", "'": "&apos;"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A document ready to be read: well under its bounds, without a DOCTYPE, its declaration rewritten to UTF-8.

    ``root`` is the root element's local name in lower case; ``entries`` how many entries its tags hold.
    """

    xml: str
    root: str
    entries: int
    problems: tuple[str, ...]


def prepare(text: str, *, max_entries: int) -> Prepared:
    """Make a decoded document ready.

    Raises:
        ParseError: it is no feed (an HTML page, another kind of XML, no XML at all), it is nested too deep, or it was
            cut off before its first entry was whole.
    """
    problems: list[str] = []
    cleaned = _FORBIDDEN.sub("", text)
    if len(cleaned) != len(text):
        problems.append(f"{len(text) - len(cleaned)} control characters that XML forbids were left out")
    cleaned = cleaned.translate(_C1)
    if "<rss:" in cleaned and "xmlns:rss" not in cleaned:
        # A prefix that nobody declared; by its name it can only mean RSS's own elements.
        cleaned = _RSS_PREFIX.sub(r"\1", cleaned)
        problems.append('its elements have the prefix "rss:", which is not declared; it was left out')
    start, root, skipped = _find_root(cleaned)
    if skipped:
        problems.append("text before the feed was skipped")
    if re.search(r"<!ENTITY\b", cleaned[:start], re.IGNORECASE):
        problems.append("the document defines entities of its own; they were not expanded")
    body, count, cut = _bounded(cleaned[start:], root, max_entries)
    if cut:
        problems.append(cut)
    body = _MEDIA.sub(r"<\1\2_\3>", _EMPTY_LINK.sub("", _COSTLY.sub(_cheap, body)))
    body = _REFERENCE.sub(_reference, body)
    xml = '<?xml version="1.0" encoding="utf-8"?>\n' + body
    return Prepared(xml=xml, root=root.rpartition(":")[2].lower(), entries=count, problems=tuple(problems))


def without_doctype(text: str) -> tuple[str, bool]:
    """The document from its root element on, its references made plain; and whether it had a DOCTYPE.

    What follows neither begins with a declaration nor holds an entity that a parser would have to expand.
    """
    cleaned = _FORBIDDEN.sub("", text)
    doctype = False
    position = 0
    while (token := _ROOT.search(cleaned, position)) is not None:
        if token["name"]:
            return _REFERENCE.sub(_reference, cleaned[token.start() :]), doctype
        doctype = doctype or bool(token["doctype"])
        position = _after_doctype(cleaned, token.end()) if token["doctype"] else token.end()
    return "", doctype


def _find_root(text: str) -> tuple[int, str, bool]:
    """Where the feed's root element starts, its name, and whether anything but a prolog stood before it."""
    position = 0
    first = ""
    html_doctype = False
    while (token := _ROOT.search(text, position)) is not None:
        position = token.end()
        if token["doctype"]:
            html_doctype = html_doctype or text[position : position + 20].strip().lower().startswith("html")
            position = _after_doctype(text, position)
        elif token["name"]:
            local = token["name"].rpartition(":")[2].lower()
            if local in _FEED_ROOTS and not html_doctype:
                return token.start(), token["name"], bool(first or text[: token.start()].lstrip()[:1] not in {"", "<"})
            first = first or local
            if local not in _STRAY:
                break
    raise ParseError(_what_it_is(text, "html" if html_doctype else first))


def _what_it_is(text: str, first: str) -> str:
    """What bytes that hold no feed are instead, in words."""
    if first in {"html", "head", "body"}:
        return "this is an HTML page, not a feed"
    if first in {"urlset", "sitemapindex"}:
        return "this is a sitemap, not a feed"
    if first == "opml":
        return "this is an OPML list of feeds, not a feed; it can be imported"
    if first:
        return f"this is no feed: its first element is <{first}>"
    if not text.strip():
        return "it holds nothing but blanks and control characters"
    return "this is no feed: it holds no XML and no JSON"


def _after_doctype(text: str, position: int) -> int:
    """The end of a document type declaration, its internal subset and all (XML 1.0, section 2.8)."""
    depth = 0
    for token in re.compile(r"""<!--.*?(?:-->|\Z)|"[^"]*"|'[^']*'|[\[\]>]""", re.DOTALL).finditer(text, position):
        match token[0]:
            case "[":
                depth += 1
            case "]":
                depth -= 1
            case ">" if depth <= 0:
                return token.end()
    return len(text)


def _bounded(text: str, root: str, max_entries: int) -> tuple[str, int, str]:
    """The document cut to what is whole and allowed, its number of entries, and why it was cut ("" when it wasn't)."""
    prefixes = {"", root.rpartition(":")[0], *_FEED_SPACES.findall(text[:8192])}
    names = {f"{prefix}:{kind}".lstrip(":") for prefix in prefixes for kind in ("item", "entry")}
    open_tags: list[str] = []
    open_count: dict[str, int] = {}
    count = 0
    whole = 0  # entries that are closed, and where the last of them ends
    whole_end = 0
    around: list[str] = []  # what was open around it
    in_entry = False
    position = 0
    for token in _TAG.finditer(text):
        name = token["name"]
        if name is None:
            position = token.end()
            continue
        if token["close"]:
            position = token.end()
            if not open_count.get(name):
                continue
            closed = ""
            while closed != name:
                closed = open_tags.pop()
                open_count[closed] -= 1
            if name in names and in_entry:
                in_entry = False
                whole, whole_end, around = count, token.end(), open_tags.copy()
            if not open_tags:
                break
            continue
        empty = token[0].endswith("/>")
        if name in names:
            if count == max_entries and not in_entry:
                return (
                    _closed(text[: token.start()], open_tags),
                    count,
                    f"it holds more than {max_entries} entries; the first {max_entries} were read",
                )
            count += 1
            in_entry = not empty
            if empty:
                whole, whole_end, around = count, token.end(), open_tags.copy()
        position = token.end()
        if empty:
            continue
        open_tags.append(name)
        open_count[name] = open_count.get(name, 0) + 1
        if len(open_tags) > _DEEPEST:
            raise ParseError(f"its elements are nested more than {_DEEPEST} deep, which no feed is")
    if not open_tags and position:
        behind = any(f"<{name}" in text[position:] for name in names)
        return text[:position], count, "entries behind the feed's end were skipped" if behind else ""
    if not whole and (count or text[position:].strip()):
        raise ParseError("the XML ends in the middle, before its first entry was whole")
    if not whole:
        raise ParseError("the XML ends in the middle, before its first entry")
    noun = "entry" if whole == 1 else "entries"
    return _closed(text[:whole_end], around), whole, f"the XML ends in the middle, after {whole} whole {noun}"


def _closed(text: str, open_tags: list[str]) -> str:
    return text + "".join(f"</{name}>" for name in reversed(open_tags))


def _cheap(token: re.Match[str]) -> str:
    """A part of the document without what only costs time; nothing that is read of an entry is lost."""
    if token["subject"]:
        return ""
    if token["person"] and len(token["words"]) > LONGEST_PERSON:
        return f"{token['opening']}</{token['person']}>"
    if token["element"] and len(token["attributes"]) > _LONGEST_ATTRIBUTES:
        return f"<{token['element']}{'/' if token['attributes'].endswith('/') else ''}>"
    return token[0]


def _reference(token: re.Match[str]) -> str:
    """A reference as XML without a DTD knows it. Opaque parts (CDATA, comments) stay as they are."""
    if token[0][0] == "<":
        return token[0]
    if token["name"]:
        if token["name"] in _XML_FIVE:
            return token[0]
        value = _NAMED.get(token["name"])
        return f"&amp;{token['name']};" if value is None else _escaped(value)
    digits = token["decimal"] or token["hex"]
    if not digits:
        return "&amp;"
    number = int(digits, 10 if token["decimal"] else 16)
    # Numbers 128-159 are control characters that nobody means: they were written as windows-1252 (HTML, 13.2.5.80).
    value = html.unescape(f"&#{number};")
    return _escaped("" if value == "\ufffd" or _FORBIDDEN.match(value) else value)


def _escaped(value: str) -> str:
    return "".join(_SPECIAL.get(char, char) for char in value)
