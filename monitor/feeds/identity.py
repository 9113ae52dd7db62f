"""Which entry is which: a key for each entry that stays the same from look to look.

On the article's way: between reading a feed and deciding which of its entries are new. Looks at one feed document at a
time and remembers nothing.

The guid is the feed's own word, so it is taken while it does its work: one guid, one entry. Where a guid stands on
entries that differ, it names something else (a section, a page), and the next best thing that tells the entries apart
is taken. An entry must neither be swallowed by another nor be doubled.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections import Counter
from collections.abc import Sequence
from enum import StrEnum

from monitor.feeds.urls import canonical_url
from monitor.model import Entry

__all__ = ["KeyReason", "content_hash", "identify"]

_LONGEST_KEY = 300


class KeyReason(StrEnum):
    """Why an entry got the key that it has."""

    GUID = "guid"
    GUID_AND_URL = "guid+url"  # the guid stands on several entries, with different links
    URL = "url"  # no guid
    TITLE_AND_DATE = "title+date"  # neither guid nor link tells the entries apart
    CONTENT = "content"  # nothing but the words does


def content_hash(title: str, text: str) -> str:
    """A hex SHA-256 that changes when a reader would see other words: case and words count, spacing does not."""
    return _digest(title, text)


def identify(entries: Sequence[Entry], *, url: str) -> list[tuple[str, KeyReason]]:
    """The key and its reason for each entry, in the order of ``entries``.

    Entries that agree in everything get the same key: they are one. All others get different keys. ``url`` is the
    feed's own address: a link that only points back at the feed tells nothing about an entry.
    """
    guids = [_same_scheme(entry.guid.strip()) for entry in entries]
    if all(guids) and len(set(guids)) == len(guids):  # as in nearly all feeds: nothing else need be asked
        return [(_key(KeyReason.GUID, guid), KeyReason.GUID) for guid in guids]
    feed_page = canonical_url(url)
    links = [link if (link := canonical_url(entry.url)) != feed_page else "" for entry in entries]
    contents = [_digest(entry.title, entry.text, entry.published_raw, entry.author) for entry in entries]
    wholes = list(zip(guids, links, contents, strict=True))
    # Counting distinct entries, not items: an item that is merely printed twice must keep the key it has alone.
    distinct = set(wholes)
    by_guid = Counter(guid for guid, _, _ in distinct)
    by_guid_and_link = Counter((guid, link) for guid, link, _ in distinct)
    by_link = Counter(link for guid, link, _ in distinct if not guid)
    titles = [_digest(entry.title, entry.published_raw) for entry in entries]
    by_title = Counter(title for title, _ in {*zip(titles, wholes, strict=True)})

    keys: list[tuple[str, KeyReason]] = []
    for entry, guid, link, title, content in zip(entries, guids, links, titles, contents, strict=True):
        if guid and by_guid[guid] == 1:
            keys.append((_key(KeyReason.GUID, guid), KeyReason.GUID))
        elif guid and link and by_guid_and_link[guid, link] == 1:
            keys.append((_key(KeyReason.GUID_AND_URL, f"{guid} {link}"), KeyReason.GUID_AND_URL))
        elif not guid and link and by_link[link] == 1:
            keys.append((_key(KeyReason.URL, link), KeyReason.URL))
        elif entry.title and by_title[title] == 1:
            keys.append((_key(KeyReason.TITLE_AND_DATE, title), KeyReason.TITLE_AND_DATE))
        else:
            # guid and link stand in it, so that entries of the same words but different links stay apart.
            whole = _digest(guid, link, content)
            keys.append((_key(KeyReason.CONTENT, whole), KeyReason.CONTENT))
    return keys


def _same_scheme(guid: str) -> str:
    """A site that moves to https gives the same entries under the other scheme."""
    return "https://" + guid[7:] if guid[:7].lower() == "http://" else guid


def _key(reason: KeyReason, value: str) -> str:
    """Prefixed, so that one entry's guid never equals another's link; short, as an index likes it."""
    if len(value) > _LONGEST_KEY:
        value = "sha256:" + hashlib.sha256(value.encode("utf-8", "surrogatepass")).hexdigest()
    return f"{reason}:{value}"


def _digest(*parts: str) -> str:
    whole = hashlib.sha256()
    for part in parts:
        plain = part if part.isascii() else unicodedata.normalize("NFC", part)
        one = plain.replace("\n", " ")
        # Of all blanks only the plain one is printable.
        plain = one.strip() if one.isprintable() and "  " not in one else " ".join(plain.split())
        whole.update(plain.encode("utf-8", "surrogatepass") + b"\0")
    return whole.hexdigest()
