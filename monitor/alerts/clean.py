"""Turns feed text into plain words that no receiver takes for anything else.

On the article's way: between the stored article and every message. Feed text is hostile: it may hold control
characters, direction overrides, mentions, markup and links that say one thing and lead to another. What comes out of
here reads as it was written and acts as nothing. HTML escaping is the mail form's own last step.
"""

from __future__ import annotations

from urllib.parse import urlsplit

import regex

__all__ = [
    "LONGEST_URL",
    "MENTION",
    "escape_markdown",
    "link_in_text",
    "plain_line",
    "safe_url",
    "shorten",
    "without_mentions",
]

ELLIPSIS = "…"

# Joiners carry meaning between letters of Persian, Hindi and their kin, and between the parts of one emoji; anywhere
# else they only hide something. The same words are matched, so this changes no evidence.
_JOINER_OF_WORDS = r"(?<=[^\p{ASCII}&&[\p{L}\p{M}]])[\u200c\u200d](?=[^\p{ASCII}&&[\p{L}\p{M}]])"
_JOINER_OF_EMOJI = r"(?<=[\p{Extended_Pictographic}\uFE0F\U0001F3FB-\U0001F3FF])\u200d(?=\p{Extended_Pictographic})"
_INVISIBLE = regex.compile(rf"{_JOINER_OF_WORDS}(*SKIP)(*FAIL)|{_JOINER_OF_EMOJI}(*SKIP)(*FAIL)|\p{{Cf}}", regex.V1)
_CONTROL_OR_SPACE = regex.compile(r"[\p{Cc}\p{Z}\s]+")
_SURROGATE = regex.compile(r"\p{Cs}")
# More marks than any script stacks on one letter: "zalgo" text that spills over the lines around it.
_MARK_PILE = regex.compile(r"(\p{M}{4})\p{M}+")
# An @ that begins a name; and, whatever stands before it, one that calls everybody and is no part of an address.
_ALL_OF_THEM = "(?i:all|channel|everyone|group|here|room)"
MENTION = (
    r"(?<![\p{L}\p{N}._%+\-])@(?=[\p{L}\p{N}_])"
    rf"|@(?={_ALL_OF_THEM}(?![\p{{L}}\p{{N}}_]|[.\-][\p{{L}}\p{{N}}]))"
)
_CALL_IN_A_LINK = regex.compile(rf"@(?={_ALL_OF_THEM}\b)")
_MENTION = regex.compile(MENTION)
_OPENING = regex.compile(r"<(?=\S)")
_CLOSING = regex.compile(r"(?<=\S)>")
_MARKDOWN_LINK = regex.compile(r"\]\(")
_MARKDOWN = regex.compile(r"([\\`*_~|\[\]#>])")
_MARKDOWN_LIST = regex.compile(r"^(\s*(?:\d+(?=\.)|(?=[-+])))([-+.])", regex.MULTILINE)

# Far beyond any headline or sentence; what follows is never looked at, so that a title of 100 kB costs nothing.
_LONGEST = 4_000
LONGEST_URL = 2_000
# A host's name (RFC 3986, 3.2.2, without sub-delims) or the address of one, and a port.
_PLACE = regex.compile(r"(?:\[[0-9A-Fa-f:.]+\]|[^\[\]()@!$&'*+,;=:~]+)(?::[0-9]*)?")


def plain_line(text: str) -> str:
    """``text`` as one line of visible characters: no controls, no direction marks, no invisible ones, single spaces."""
    shown = _SURROGATE.sub("\ufffd", text[:_LONGEST])
    shown = _INVISIBLE.sub("", shown)
    return _MARK_PILE.sub(r"\1", _CONTROL_OR_SPACE.sub(" ", shown).strip())


def without_mentions(line: str) -> str:
    """``line`` with nothing in it that a chat takes for a mention, a tag or a masked link.

    An @ that begins a name becomes a fullwidth one, angle brackets round something become single quotation marks, and
    a Markdown link falls apart at its joint. An address such as a@b.org stays as it is.
    """
    line = _MENTION.sub("＠", line)
    line = _CLOSING.sub("›", _OPENING.sub("‹", line))
    return _MARKDOWN_LINK.sub("] (", line)


def escape_markdown(line: str) -> str:
    """``line`` for a service that always reads Markdown: each sign of markup behind a backslash."""
    return _MARKDOWN_LIST.sub(r"\1\\\2", _MARKDOWN.sub(r"\\\1", line))


def safe_url(url: str) -> str:
    """``url`` when it is a whole http(s) address that shows where it leads; "" otherwise.

    Refused: other schemes, no host, a name or password before the host (``https://bank.example@evil.example``), signs
    in the host that no name has and markup does, white space, controls, quotes and brackets, and lengths that no
    browser takes.
    """
    if not url or len(url) > LONGEST_URL or url != plain_line(url) or regex.search(r"[\s<>\"'`\\^{|}]", url):
        return ""
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:  # "http://[" and the like
        return ""
    if parts.scheme.lower() not in {"http", "https"} or not host or not _PLACE.fullmatch(parts.netloc):
        return ""
    return url


def link_in_text(url: str) -> str:
    """A safe address where it stands as text: a name for everybody in its path calls nobody (RFC 3986, 2.1)."""
    return _CALL_IN_A_LINK.sub("%40", url)


def shorten(line: str, limit: int) -> str:
    """``line`` within ``limit`` characters, cut between words and ended by an ellipsis where it had to be cut."""
    if len(line) <= limit:
        return line
    if limit <= 1:
        return ELLIPSIS[:limit]
    head = line[: limit - 1]
    # Text without spaces, or with one only near its beginning, is cut where the room ends.
    space = head.rfind(" ") if not line[limit - 1].isspace() else limit - 1
    if space >= limit // 2:
        head = head[:space]
    # A cut between a letter and its marks, or inside a sequence of joined signs, would show half a character.
    kept = regex.match(r"(?s).*(?=\X)", head + line[len(head) : len(head) + 8])
    if kept is not None and len(head) < len(line) and regex.match(r"[\p{M}\u200d]", line[len(head)]):
        head = regex.sub(r"\X\Z", "", head)
    return head.rstrip(" ,;:–—-") + ELLIPSIS
