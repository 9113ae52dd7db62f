"""Finding a site's feeds: the places that may be some are looked at, one after the other, and what they are is told."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from monitor.feeds import Place, places_in_page, places_in_robots, sitemap_places, usual_places
from monitor.model import Fetched, FetchFailed, FetchRequest, ParsedFeed, Settings
from monitor.ports import Fetcher, Parser

MOST_LOOKS = 45
"""Fetches in one search: enough for the usual places, too few to be a burden."""

ENOUGH = 20
"""Feeds after which no more are looked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundFeed:
    """A feed that was found: how, and what is in it. ``newest`` is its latest date."""

    url: str
    title: str
    format: str
    language: str | None
    entries: int
    newest: datetime | None
    found_by: str


@dataclass(slots=True)
class Discovery:
    """One search from one address. Every place is fetched at most once, one at a time."""

    fetcher: Fetcher
    parser: Parser
    settings: Settings
    allow_private: bool = False
    looks: int = 0

    def search(self, url: str) -> tuple[tuple[FoundFeed, ...], FetchFailed | None]:
        """The feeds found, best first, and why the page itself could not be read (None when it could)."""
        page = self._fetch(url)
        if isinstance(page, FetchFailed):
            return (), page
        itself = self._feed(Place(url=page.url, found_by="the address itself"), page)
        if itself is not None:
            return (itself,), None
        found: dict[frozenset[str], FoundFeed] = {}
        stated = places_in_page(page.body, content_type=page.content_type, url=page.url)
        self._look(stated, found)
        if not found:
            self._look(usual_places(page.url), found)
        self._look(self._sitemaps(page.url), found)
        return tuple(found.values()), None

    def _look(self, places: Iterable[Place], found: dict[frozenset[str], FoundFeed]) -> None:
        seen = {feed.url for feed in found.values()}
        waiting = deque(places)
        while waiting and self.looks < MOST_LOOKS and len(found) < ENOUGH:
            place = waiting.popleft()
            if place.url in seen:
                continue
            seen.add(place.url)
            answer = self._fetch(place.url)
            if isinstance(answer, FetchFailed):
                continue
            parsed = self._parsed(answer)
            if parsed is not None:
                # The same entries under a second address are one feed.
                same = frozenset(entry.url or entry.guid or entry.title for entry in parsed.entries)
                found.setdefault(same or frozenset({place.url}), _described(place, parsed))
                continue
            index = sitemap_places(answer.body.decode("utf-8", "replace"))
            waiting += [Place(url=url, found_by="sitemap") for url, news in index if news]

    def _sitemaps(self, url: str) -> tuple[Place, ...]:
        """The sitemaps that the site's robots.txt names."""
        root = f"{urlsplit(url).scheme}://{urlsplit(url).netloc}"
        robots = self._fetch(f"{root}/robots.txt")
        return () if isinstance(robots, FetchFailed) else places_in_robots(robots.body, root)

    def _feed(self, place: Place, answer: Fetched) -> FoundFeed | None:
        parsed = self._parsed(answer)
        return None if parsed is None else _described(place, parsed)

    def _parsed(self, answer: Fetched) -> ParsedFeed | None:
        parsed = self.parser.parse(answer.body, content_type=answer.content_type, url=answer.url)
        return None if isinstance(parsed, FetchFailed) else parsed

    def _fetch(self, url: str) -> Fetched | FetchFailed:
        self.looks += 1
        answer = self.fetcher.fetch(
            FetchRequest(url=url, deadline=self.settings.fetch_deadline, allow_private=self.allow_private)
        )
        assert isinstance(answer, (Fetched, FetchFailed)), "asked without validators"
        return answer


def _described(place: Place, parsed: ParsedFeed) -> FoundFeed:
    dates = [entry.published for entry in parsed.entries if entry.published is not None]
    return FoundFeed(
        url=place.url,
        title=parsed.title or place.title,
        format=parsed.format,
        language=parsed.language,
        entries=len(parsed.entries),
        newest=max(dates, default=None),
        found_by=place.found_by,
    )
