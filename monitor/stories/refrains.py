"""Lines that a host prints under its articles whatever they tell: what is known of a text by what else bears it.

On the article's way: inside the judging transaction (T2), before the story is looked for. Two articles of a host are
different when their titles speak of different things; a line that two such articles bear says nothing of a third. Of a
story that its host tells again under new titles the paragraphs that never change go the same way.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import blake2b
from urllib.parse import urlsplit

from monitor.model import Article
from monitor.stories.fingerprints import title_topics
from monitor.stories.furniture import story_lines

__all__ = ["another_bearer", "host_lines", "refrains"]

_AT_EACH_END = 20  # lines of a long text: furniture stands above it and below it
_BEARERS = 2  # different articles that bear a line, from which it says nothing of the next one
_SHARED = 3  # titles that share one topic of three may tell the same


def host_lines(article: Article) -> Mapping[int, str]:
    """The lines of an article by which its host is learnt, each under a number of its own; none without a host."""
    try:
        host = urlsplit(article.canonical_url or article.url).hostname
    except ValueError:  # a feed's address can be broken in every way; "http://[" is one
        return {}
    if not host:
        return {}
    lines = story_lines(article.text)
    if len(lines) > 2 * _AT_EACH_END:
        lines = [*lines[:_AT_EACH_END], *lines[-_AT_EACH_END:]]
    return {_number_of(line, host.removeprefix("www.")): line for line in lines}


def _number_of(line: str, host: str) -> int:
    data = f"{host}\n{line}".encode("utf-8", "replace")
    return int.from_bytes(blake2b(data, digest_size=8).digest(), "big", signed=True)


def refrains(title: str, bearers: Mapping[int, Sequence[str | None]]) -> frozenset[int]:
    """The lines that say nothing of the article with this title, by the titles of those that bear each of them."""
    return frozenset(
        line for line, titles in bearers.items() if len(titles) >= _BEARERS and another_bearer(title, titles)
    )


def another_bearer(title: str, titles: Sequence[str | None]) -> bool:
    """Whether an article of this title is another one than those; one that is no longer there has None.

    Of a title that speaks of nothing nobody can say so.
    """
    ours = title_topics(title)
    return bool(ours) and all(other is None or _differ(ours, title_topics(other)) for other in titles)


def _differ(ours: frozenset[str], theirs: frozenset[str]) -> bool:
    return _SHARED * len(ours & theirs) < min(len(ours), len(theirs))
