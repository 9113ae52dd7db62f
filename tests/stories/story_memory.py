"""A story index in memory, behind the port that the store implements, for tests of the same-story decision."""

from __future__ import annotations

from array import array
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from monitor.model import Article, ArticleState, KnownSketch, Sketch, StoryVerdict
from monitor.stories import NO_PLACES, Fingerprint, Gazetteer, Placed, decide_story, draft, fingerprint, place

NOON = datetime(2024, 7, 23, 12, 0, tzinfo=UTC)
WINDOW = timedelta(days=14)


def article(
    number: int,
    *,
    title: str = "",
    text: str = "",
    url: str = "",
    discovered: datetime = NOON,
    links: tuple[str, ...] = (),
) -> Article:
    return Article(
        id=number,
        feed_url="https://feeds.example/all",
        key=str(number),
        url=url,
        canonical_url=url,
        title=title,
        text=text,
        author="",
        source="",
        language_hint=None,
        language=None,
        published=None,
        discovered=discovered,
        quiet=False,
        state=ArticleState.NEW,
        story=None,
        links=links,
    )


class MemoryIndex:
    """Keeps what was judged; answers as ``ports.StoryIndex`` says."""

    def __init__(self) -> None:
        self.rows: list[tuple[Article, int, Fingerprint]] = []
        self._postings: dict[int, list[int]] = {}
        self._stories = 0
        self._sketches: dict[int, Sketch] = {}
        self._seen: Counter[int] = Counter()
        self._telling: defaultdict[int, list[int]] = defaultdict(list)

    def tell(
        self,
        new: Article,
        language: str = "en",
        *,
        gazetteer: Gazetteer = NO_PLACES,
        concepts: Iterable[str] = (),
        alone: bool = False,
    ) -> Placed:
        """Place an article and store it with its sketch, as the judging transaction does."""
        print_ = fingerprint(new.title, new.text)
        placed = place(
            article=new,
            fingerprint=print_,
            draft=draft(
                new.title,
                new.text,
                language,
                gazetteer=gazetteer,
                concepts=concepts,
                links=new.links,
                address=new.canonical_url,
            ),
            index=self,
            since=new.discovered - WINDOW,
            alone=alone,
        )
        self._store(new, print_, placed.verdict)
        self._sketches[new.id] = placed.sketch
        self._seen.update((*array("i", placed.sketch.terms), *placed.counted_as))
        for term in placed.sketch.strong:
            self._telling[term].append(new.id)
        return placed

    def judge(self, new: Article) -> StoryVerdict:
        """Decide on an article and store it, as the judging transaction does."""
        print_ = fingerprint(new.title, new.text)
        verdict = decide_story(article=new, fingerprint=print_, index=self, since=new.discovered - WINDOW)
        self._store(new, print_, verdict)
        return verdict

    def _store(self, new: Article, print_: Fingerprint, verdict: StoryVerdict) -> None:
        story = verdict.story
        if story is None:
            self._stories += 1
            story = self._stories
        for value in print_.shingles:
            self._postings.setdefault(value, []).append(len(self.rows))
        self.rows.append((new, story, print_))

    def stories(self) -> list[int]:
        return [story for _, story, _ in self.rows]

    def article_in_story(self, article_id: int) -> int | None:
        return next((story for known, story, _ in self.rows if known.id == article_id), None)

    def by_canonical_url(self, canonical_url: str, since: datetime) -> Sequence[tuple[int, int]]:
        return [
            (known.id, story)
            for known, story, _ in self.rows
            if known.canonical_url == canonical_url and known.discovered >= since
        ]

    def by_title_key(self, title_key: str, since: datetime) -> Sequence[tuple[int, int]]:
        return [
            (known.id, story)
            for known, story, print_ in self.rows
            if print_.title_key == title_key and known.discovered >= since
        ]

    def by_shingles(self, shingles: Sequence[int], since: datetime, limit: int) -> Sequence[tuple[int, int, int, int]]:
        shared = Counter(row for value in shingles for row in self._postings.get(value, ()))
        found = []
        for row, count in shared.items():
            known, story, print_ = self.rows[row]
            if known.discovered >= since:
                found.append((known.id, story, count, len(print_.shingles)))
        return sorted(found, key=lambda item: (-item[2], item[0]))[:limit]

    def seen(self, terms: Sequence[int]) -> Mapping[int, int]:
        return {term: self._seen[term] for term in terms if term in self._seen}

    def by_terms(self, terms: Sequence[int], since: datetime, each: int) -> Sequence[tuple[int, int, int]]:
        known = {one.id: story for one, story, _ in self.rows if one.discovered >= since}
        return [
            (term, found, known[found])
            for term in terms
            for found in self._telling.get(term, [])[: -each - 1 : -1]
            if found in known
        ]

    def sketches(self, articles: Sequence[int], since: datetime) -> Sequence[KnownSketch]:
        sizes = Counter(self.stories())
        return [
            KnownSketch(
                article=one.id,
                story=story,
                size=sizes[story],
                discovered=one.discovered,
                published=one.published,
                sketch=self._sketches[one.id],
            )
            for one, story, _ in self.rows
            if one.id in articles and one.discovered >= since
        ]
