"""A story index in memory: what the store answers, for learning from many passes over the same articles."""

from __future__ import annotations

from array import array
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

from monitor.model import Article, KnownSketch
from monitor.stories import Fingerprint, Placed


class MemoryIndex:
    """``monitor.ports.StoryIndex`` over what was put in with ``add``."""

    def __init__(self) -> None:
        self._articles: dict[int, tuple[Article, int, Fingerprint, Placed]] = {}
        self._size: Counter[int] = Counter()
        self._seen: Counter[int] = Counter()
        self._telling: defaultdict[int, list[int]] = defaultdict(list)
        self._shingles: defaultdict[int, list[int]] = defaultdict(list)
        self._titles: defaultdict[str, list[int]] = defaultdict(list)
        self._urls: defaultdict[str, list[int]] = defaultdict(list)

    def add(self, article: Article, fingerprint: Fingerprint, placed: Placed, story: int) -> None:
        """Keep an article in a story."""
        self._articles[article.id] = article, story, fingerprint, placed
        self._size[story] += 1
        self._seen.update(array("i", placed.sketch.terms))
        self._seen.update(placed.counted_as)
        for term in placed.sketch.strong:
            self._telling[term].append(article.id)
        for value in fingerprint.shingles:
            self._shingles[value].append(article.id)
        if fingerprint.title_key:
            self._titles[fingerprint.title_key].append(article.id)
        if article.canonical_url:
            self._urls[article.canonical_url].append(article.id)

    def article_in_story(self, article_id: int) -> int | None:
        """The story of an article."""
        found = self._articles.get(article_id)
        return found[1] if found else None

    def _stories(self, articles: Sequence[int], since: datetime) -> list[tuple[int, int]]:
        return [(one, self._articles[one][1]) for one in articles if self._articles[one][0].discovered >= since]

    def by_canonical_url(self, canonical_url: str, since: datetime) -> Sequence[tuple[int, int]]:
        """(article, story) with this address."""
        return self._stories(self._urls.get(canonical_url, []), since)

    def by_title_key(self, title_key: str, since: datetime) -> Sequence[tuple[int, int]]:
        """(article, story) with this title key."""
        return self._stories(self._titles.get(title_key, []), since)

    def by_shingles(self, shingles: Sequence[int], since: datetime, limit: int) -> Sequence[tuple[int, int, int, int]]:
        """(article, story, shared, size) of those that share most."""
        shared = Counter(one for value in shingles for one in self._shingles.get(value, ()))
        found = [
            (one, story, shared[one], len(self._articles[one][2].shingles))
            for one, story in self._stories(list(shared), since)
        ]
        return sorted(found, key=lambda row: (-row[2], row[0]))[:limit]

    def seen(self, terms: Sequence[int]) -> Mapping[int, int]:
        """In how many sketches each term stands."""
        return {term: self._seen[term] for term in terms if term in self._seen}

    def by_terms(self, terms: Sequence[int], since: datetime, each: int) -> Sequence[tuple[int, int, int]]:
        """(term, article, story), the latest of each term."""
        found = []
        for term in terms:
            latest = self._stories(self._telling.get(term, [])[-each:], since)
            found += [(term, one, story) for one, story in reversed(latest)]
        return found

    def sketches(self, articles: Sequence[int], since: datetime) -> Sequence[KnownSketch]:
        """The sketches of these articles."""
        return [
            KnownSketch(
                article=one,
                story=story,
                size=self._size[story],
                discovered=self._articles[one][0].discovered,
                published=self._articles[one][0].published,
                sketch=self._articles[one][3].sketch,
            )
            for one, story in self._stories(sorted(articles), since)
        ]
