"""Where in a page a feed's text may stand: among the words, or, a link, as the whole of an ``<a>``'s ``href``.

On the article's way: beneath ``template``, when a page is done but for its texts. Reads tags as browsers do (HTML,
13.2.5) and refuses wherever programs may read in more than one way. Puts nothing in, and judges nothing else that the
page's author wrote.
"""

from __future__ import annotations

from collections.abc import Callable

import regex

from monitor.errors import TemplateFault

__all__ = ["CLOSE", "OPEN", "look_at_places"]

# Characters that stand for nothing (Unicode, 23.7): they come in no text, so a token is never taken for one.
OPEN, CLOSE = "\ufdd0", "\ufdd1"
"""What a token, which stands in a text's place, begins and ends with."""

_GAP = r"\t\n\f\r "
# Possessive throughout: what a browser has read it does not read again in another way.
_ATTRIBUTE = (
    rf"(?P<attribute>[^{_GAP}/>][^{_GAP}/>=]*+)"
    rf"(?:(?![{_GAP}]*+=)|[{_GAP}]*+=[{_GAP}]*+"
    rf"(?P<value>\"[^\"]*+\"|'[^']*+'|[^{_GAP}>\"'][^{_GAP}>]*+|(?=>)))"
)
_EACH_ATTRIBUTE = regex.compile(_ATTRIBUTE)
_TAG = regex.compile(
    r"(?P<comment><!--(?:-?>|.*?--!?>))"
    rf"|(?P<declaration><(?:\?|!(?!--)|/(?![a-zA-Z]))[^>]*+>)"
    rf"|<(?P<ends>/?)(?P<name>[a-zA-Z][^{_GAP}/>]*+)(?P<attributes>(?:[{_GAP}/]|{_ATTRIBUTE})*+)>"
    # One that nothing ends takes in all that follows.
    rf"|<[a-zA-Z!?/{OPEN}].*",
    regex.DOTALL,
)
# In these, or after them, programs differ in what is a tag: scripts on or off, drawings and formulas known or not.
_UNSURE = regex.compile(
    r"<(script|noscript|iframe|noembed|noframes|xmp|plaintext|textarea|select|svg|math)(?![a-z0-9])",
    regex.IGNORECASE,
)
# No tags are read in these. ASCII: a browser takes no long s for an s.
_END_OF_WORDS = {
    name: regex.compile(rf"</{name}(?=[{_GAP}/>])", regex.IGNORECASE | regex.ASCII) for name in ("style", "title")
}
_LIKE_A_TAG = regex.compile("<[a-zA-Z]")
_HINT = "put it between tags; a link may also be the whole of an <a>'s href"


def look_at_places(page: str, is_link: Callable[[str], bool]) -> None:
    """Read the page with its tokens; ``is_link``: whether a text is a token, and stands for an address.

    Raises:
        TemplateFault: a token stands where a text could act.
    """
    unsure = _UNSURE.search(page)
    if unsure is not None and OPEN in page[unsure.end() :]:
        raise _refused(f"or after <{unsure[1].lower()}>")
    at = 0
    while (tag := _TAG.search(page, at)) is not None:
        at = tag.end()
        name = (tag["name"] or "").lower()
        if OPEN in (tag[0] if not name or tag["ends"] else name):
            raise _refused("a comment" if tag["comment"] else "a declaration" if tag["declaration"] else "a tag")
        if not tag["ends"]:
            _look_at_attributes(name, tag["attributes"] or "", is_link)
            at = _end_of_words(page, name, at)


def _look_at_attributes(tag: str, attributes: str, is_link: Callable[[str], bool]) -> None:
    for found in _EACH_ATTRIBUTE.finditer(attributes):
        name, value = found["attribute"].lower(), found["value"] or ""
        if OPEN in name:
            raise _refused("an attribute's name")
        bare = value[1:-1] if value[:1] in {'"', "'"} else value
        if OPEN in value and not (tag == "a" and name == "href" and is_link(bare)):
            raise _refused(f"the attribute {name} of <{tag}>")


def _end_of_words(page: str, name: str, at: int) -> int:
    """Where tags are read again after this one."""
    if name not in _END_OF_WORDS:
        return at
    end = _END_OF_WORDS[name].search(page, at)
    beyond = len(page) if end is None else end.start()
    within = page[at:beyond]
    if name == "style" and OPEN in within:
        raise _refused("<style>")
    # A program that passes over the tag itself reads tags in what it holds, and may find no end of one before a text.
    if _LIKE_A_TAG.search(within) and OPEN in page[at:]:
        raise _refused(f"or after <{name}>")
    return beyond


def _refused(where: str) -> TemplateFault:
    return TemplateFault(message=f"a feed's text stands in {where}, where it could act", hint=_HINT)
