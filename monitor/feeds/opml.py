"""Lists of feeds as OPML, in and out.

On the article's way: before it begins; the config reads its ``*.opml`` files here, and feeds are exported here.
Folders are tags. Nothing is fetched: entities and external files in a document stay unread.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import cast

from lxml import etree

from monitor.errors import ParseError
from monitor.feeds.document import without_doctype
from monitor.feeds.encoding import decode
from monitor.feeds.languages import language_code
from monitor.model import Feed

__all__ = ["read_opml", "write_opml"]


def read_opml(body: bytes) -> tuple[Feed, ...]:
    """The feeds of an OPML document (http://opml.org/spec2.opml), in its order, each address once.

    The names of the folders around a feed, outermost first, and its ``category`` become its tags.

    Raises:
        ParseError: these bytes are no OPML; the message says what is wrong, and where.
    """
    if not body.strip():
        raise ParseError("the file is empty, not an OPML list of feeds")
    text, _ = without_doctype(decode(body, content_type="").text)
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(text.encode(), parser)
    except etree.XMLSyntaxError as error:
        raise ParseError(f"this is not well-formed OPML: {error.msg or 'it holds no XML'}") from error
    if _local(root) != "opml":
        raise ParseError(f"this is not an OPML list of feeds: it begins with <{_local(root)}>")
    found: dict[str, Feed] = {}
    for feed in _feeds(root):
        known = found.get(feed.url)
        found[feed.url] = replace(known, tags=_merged(known.tags, feed.tags)) if known else feed
    return tuple(found.values())


def write_opml(feeds: Iterable[Feed], title: str) -> str:
    """An OPML 2.0 document of ``feeds``: a feed's tags are the folders that it lies in, the first outermost."""
    root = etree.Element("opml", version="2.0")
    head = etree.SubElement(root, "head")
    etree.SubElement(head, "title").text = _xml_text(title)
    body = etree.SubElement(root, "body")
    folders: dict[tuple[str, ...], etree._Element] = {(): body}
    for feed in feeds:
        folder = body
        for depth, tag in enumerate(feed.tags, start=1):
            path = feed.tags[:depth]
            if path not in folders:
                name = _xml_text(tag)
                folders[path] = etree.SubElement(folder, "outline", text=name, title=name)
            folder = folders[path]
        name = _xml_text(feed.name or feed.url)
        outline = etree.SubElement(folder, "outline", type="rss", text=name, title=name, xmlUrl=_xml_text(feed.url))
        if feed.language:
            outline.set("language", _xml_text(feed.language))
    etree.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + etree.tostring(root, encoding="unicode") + "\n"


def _feeds(root: etree._Element) -> Iterable[Feed]:
    waiting: list[tuple[etree._Element, tuple[str, ...]]] = [(child, ()) for child in reversed(root)]
    while waiting:
        element, tags = waiting.pop()
        if not isinstance(cast("object", element.tag), str):  # a comment or a processing instruction
            continue
        # Exporters differ in the case of xmlUrl.
        given = {str(name).lower(): str(value).strip() for name, value in element.attrib.items()}
        label = " ".join((given.get("text") or given.get("title") or "").split())
        url = _address(given.get("xmlurl", ""))
        if url:
            categories = tuple(part.strip(" /") for part in given.get("category", "").split(","))
            yield Feed(
                url=url,
                name="" if label == url else label,
                tags=_merged(tags, categories),
                language=language_code(given.get("language")),
            )
        inner = _merged(tags, (label,)) if not url and _local(element) == "outline" else tags
        waiting.extend((child, inner) for child in reversed(element))


def _address(url: str) -> str:
    """``feed:`` is how old readers wrote an address that a click should subscribe to."""
    if url[:7].lower() == "feed://":
        url = "http" + url[4:]
    elif url[:5].lower() == "feed:":
        url = url[5:]
    scheme, _, rest = url.partition(":")
    return url if rest and scheme.lower() in {"http", "https", "file"} else ""


def _merged(first: tuple[str, ...], second: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(tag for tag in (*first, *second) if tag))


def _local(element: etree._Element) -> str:
    return str(etree.QName(element).localname).lower()


def _xml_text(text: str) -> str:
    """What XML 1.0 allows of a text (section 2.2, Char)."""
    return "".join(char for char in text if char in "\t\n\r" or (char >= " " and not _forbidden(char)))


def _forbidden(char: str) -> bool:
    return "\ud800" <= char <= "\udfff" or char in "\ufffe\uffff"
