"""Entries known again from look to look, also where their feed's identifiers do not hold.

On the article's way: between an entry's own key (``identify``) and T1. A guid should stay with its entry for ever, and
in most feeds it does. In some it is made anew at each look, or changes once when the site moves, or with each edit; in
some it names the section and stands on whatever is listed now. Taken at their word such feeds tell everything twice, or
swallow what is new.

So an entry whose key is unknown is compared with the known ones by three marks: its link, its title, its date. What an
agreement is worth depends on how the feed's identifiers have done: in this document, and in the ones before. In doubt
an entry is new: a story told twice is noticed, one that is swallowed is not. Remembers nothing; the store does.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from monitor.feeds.identity import KeyReason
from monitor.feeds.urls import canonical_url
from monitor.model import Entry, EntryMarks, IdentityRecord, KnownEntry, NewArticle

__all__ = ["EntryReason", "Recognised", "describe_record", "make_marks", "other_key", "recognise"]

_TELLS = re.compile(r"\d|[^/]*-[^/]*-|[^/]{16}")
_REVISION = re.compile(r"#v?\d{1,3}\Z")
_BARE = 3  # so many at once: entries that have but words, and the same, are the same; one alone may be a repetition
_WORDS = {"guid": "guids", "guid+url": "guids", "url": "links"}


class EntryReason(StrEnum):
    """Why an entry was taken for new, or for one that is known."""

    NEW = "new"  # nothing known of this feed is like it
    KNOWN = "known"  # listed before under the same key
    NEW_DESPITE_KEY = "new-despite-key"  # its key is that of another entry, in a feed that uses keys again
    KEY_CHANGED = "key-changed"  # another key, but two of link, title and date agree
    KEY_DRIFTS = "key-drifts"  # another key, in a feed that gives old entries new ones; link or title and date agree
    KEY_REVISED = "key-revised"  # the key differs in its fragment alone (a count of edits), and the link agrees


@dataclass(frozen=True, slots=True, kw_only=True)
class Recognised:
    """The articles of one document with their identity settled, and what the document showed of the feed's keys."""

    articles: tuple[NewArticle, ...]
    record: IdentityRecord


def make_marks(entries: Sequence[Entry], *, url: str) -> list[EntryMarks]:
    """What each entry may be known by beside its key; a mark that says nothing is 0.

    A link says nothing when it is the feed's own, when it stands on entries that differ, or when nothing in it names an
    article: the front page, a section.
    """
    feed_page = canonical_url(url)
    links = [canonical_url(entry.url) for entry in entries]
    shared = Counter(link for link, _ in {(link, (e.guid, e.title)) for link, e in zip(links, entries, strict=True)})
    return [
        EntryMarks(
            link=_mark(link) if link != feed_page and shared[link] == 1 and _names_article(link) else 0,
            title=_mark(" ".join(entry.title.split()).casefold()),
            date=_mark(entry.published.isoformat() if entry.published else entry.published_raw),
        )
        for link, entry in zip(links, entries, strict=True)
    ]


def other_key(key: str, marks: EntryMarks) -> str:
    """The key that an entry has where its own turns out to be another's; "" where no mark would hold it."""
    if not marks.link and not marks.title:
        return ""
    told = str(marks.link) if marks.link else f"{marks.title} {marks.date}"
    return "again:" + hashlib.sha256(f"{key} {told}".encode("utf-8", "surrogatepass")).hexdigest()


def recognise(articles: Sequence[NewArticle], known: Sequence[KnownEntry], record: IdentityRecord) -> Recognised:
    """Settle which of ``articles`` are known.

    Args:
        articles: those of one document.
        known: what the store has for this feed under their keys, or with one of their marks.
        record: how the feed's keys did before.

    Returns:
        The articles in their order. ``key`` is the one that the store knows the entry by; ``new_key`` the one that it
        is to be known by from now on.
    """
    by_key = {entry.key: entry for entry in known}
    listed = {article.key for article in articles}
    reused = [one for one in articles if one.key in by_key and _is_another(one, by_key[one.key].marks)]
    held = sum(article.key in by_key for article in articles) - len(reused)
    alike = _alike(articles, [entry for entry in known if entry.key not in listed], by_key)
    bare = {key for key, (article, entry) in alike.items() if _bare(article, entry)}
    if len(bare) < _BARE:
        alike = {key: pair for key, pair in alike.items() if key not in bare}
        bare = set()
    moved = sum(key in bare or _agreement(one.marks, entry.marks) >= 2 for key, (one, entry) in alike.items())
    drifts = moved > held or (held == moved == 0 and record.moved > record.held)
    reuses = len(reused) > held or (held == len(reused) and record.reused > record.held)
    taken_for_others = {article.key for article in reused} if reuses else set()

    settled: list[NewArticle] = []
    for article in articles:
        if article.key in taken_for_others:
            settled.append(_another(article, by_key))
        elif article.key in by_key:
            settled.append(replace(article, reason=EntryReason.KNOWN.value))
        elif article.key in alike and (reason := _same(article, alike[article.key][1], drifts=drifts)):
            entry = alike[article.key][1]
            settled.append(replace(article, key=entry.key, new_key=article.key, reason=reason.value))
        else:
            new = article.reason == EntryReason.NEW
            settled.append(article if new else replace(article, reason=EntryReason.NEW.value))
    return Recognised(
        articles=tuple(settled),
        record=_learnt(record, IdentityRecord(held=held, moved=moved, reused=len(reused))),
    )


def describe_record(record: IdentityRecord, key_reasons: Iterable[str] = ()) -> str:
    """What has been learnt of a feed's identifiers, in words."""
    what = next((word for reason in key_reasons if (word := _WORDS.get(reason))), "identifiers")
    seen = f"(of late {record.held} held, {record.moved} changed, {record.reused} were used again)"
    if record.held == record.moved == record.reused == 0:
        return f"nothing is known of its {what} yet: no entry came twice"
    if record.reused > record.held:
        return f"its {what} are used again for other entries: link, title and date decide {seen}"
    if record.moved > record.held:
        return f"its {what} do not hold: link, title and date decide {seen}"
    return f"its {what} hold {seen}"


def _another(article: NewArticle, by_key: dict[str, KnownEntry]) -> NewArticle:
    """An entry under a key that was another's before."""
    key = other_key(article.key, article.marks)
    reason = EntryReason.KNOWN if key in by_key else EntryReason.NEW_DESPITE_KEY
    return replace(article, key=key, reason=reason.value)


def _alike(
    articles: Sequence[NewArticle], free: Sequence[KnownEntry], by_key: dict[str, KnownEntry]
) -> dict[str, tuple[NewArticle, KnownEntry]]:
    """For each article of unknown key the known entry most like it, by the article's key; no entry stands for two.

    ``free`` are the known entries that the document does not list under their own keys.
    """
    by_mark: dict[tuple[str, int], list[KnownEntry]] = {}
    for entry in free:
        for kind, mark in (("link", entry.marks.link), ("title", entry.marks.title)):
            if mark:
                by_mark.setdefault((kind, mark), []).append(entry)
    pairs: list[tuple[int, int, NewArticle, KnownEntry]] = []
    for place, article in enumerate(articles):
        if article.key in by_key:
            continue
        found = [*by_mark.get(("link", article.marks.link), ()), *by_mark.get(("title", article.marks.title), ())]
        for entry in dict.fromkeys(found):
            pairs.append((-_agreement(article.marks, entry.marks), place, article, entry))  # noqa: PERF401
    pairs.sort(key=lambda pair: (pair[0], pair[1], pair[3].key))
    chosen: dict[str, tuple[NewArticle, KnownEntry]] = {}
    taken: set[str] = set()
    for _, _, article, entry in pairs:
        if article.key not in chosen and entry.key not in taken:
            chosen[article.key] = (article, entry)
            taken.add(entry.key)
    return chosen


def _same(article: NewArticle, entry: KnownEntry, *, drifts: bool) -> EntryReason | None:
    """Why an article of unknown key is this known entry; None when it is not."""
    ours, theirs = article.marks, entry.marks
    link = _agrees(ours.link, theirs.link)
    title_and_date = _agrees(ours.title, theirs.title) and _agrees(ours.date, theirs.date)
    if drifts and (link or title_and_date or _bare(article, entry)):
        return EntryReason.KEY_DRIFTS
    if link and _REVISION.sub("", article.key) == _REVISION.sub("", entry.key):
        return EntryReason.KEY_REVISED
    # Keys hold here: a headline that comes back ("Morning briefing") is another day's where the link differs.
    if link and _agreement(ours, theirs) >= 2:
        return EntryReason.KEY_CHANGED
    if title_and_date and not (ours.link and theirs.link):
        return EntryReason.KEY_CHANGED
    return None


def _bare(article: NewArticle, entry: KnownEntry) -> bool:
    """Whether both have but words, and the same: neither a link that says anything, nor a date."""
    marks = (article.marks.link, article.marks.date, entry.marks.link, entry.marks.date)
    return not any(marks) and article.content_hash == entry.content


def _is_another(article: NewArticle, theirs: EntryMarks) -> bool:
    """Whether nothing but the key is the same. Where the link says nothing, title and date must both speak.

    Without a guid a link that names no article ("/alerts") is no key either: another date is another entry.
    """
    ours = article.marks
    if article.key_reason == KeyReason.URL and not ours.link and ours.date and theirs.date:
        return ours.date != theirs.date
    if _agreement(ours, theirs):
        return False
    differing = [bool(one and other) for one, other in zip(_marks(ours), _marks(theirs), strict=True)]
    return sum(differing) >= 2


def _agreement(ours: EntryMarks, theirs: EntryMarks) -> int:
    return sum(_agrees(one, other) for one, other in zip(_marks(ours), _marks(theirs), strict=True))


def _marks(marks: EntryMarks) -> tuple[int, int, int]:
    return marks.link, marks.title, marks.date


def _agrees(one: int, other: int) -> bool:
    return one != 0 and one == other


def _learnt(before: IdentityRecord, seen: IdentityRecord) -> IdentityRecord:
    """The record with one more document: what was seen longer ago counts for half as much with each."""
    if seen == IdentityRecord():
        return before
    return IdentityRecord(
        held=before.held // 2 + seen.held, moved=before.moved // 2 + seen.moved, reused=before.reused // 2 + seen.reused
    )


def _names_article(link: str) -> bool:
    path = link.partition("://")[2].partition("/")[2]
    return "?" in link or "#" in link or _TELLS.search(path.rpartition("/")[2]) is not None


def _mark(value: str) -> int:
    """64 bits of a hash, as a database likes them; 0 for nothing."""
    if not value:
        return 0
    digest = hashlib.blake2b(value.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)
