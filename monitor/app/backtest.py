"""What a rule would have told over the stored archive (``monitor backtest``), and against another rule, what changes.

Beside the article's way: articles are read as they stand in the archive, matched by the production engine, and counted
as the service would tell them, by the same decision, one alert a story. Stories are those that were decided when the
articles came. Nothing is written and nothing is sent.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from monitor.alerts import decide_alert
from monitor.config import Config
from monitor.model import Article, Evidence, Match, WatchConfig
from monitor.pipeline import document_of
from monitor.rules import Document, Rule, RuleSet, Sieve, build, parse_query
from monitor.text import decide_language

__all__ = ["Backtest", "Difference", "Hit", "Tally", "Trial", "backtest", "query_rule"]

_CHANNEL = ("backtest",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """An article that would have been told, with the words that met the rule."""

    article: int
    story: int | None
    title: str
    url: str
    source: str
    language: str
    published: datetime | None
    discovered: datetime
    evidence: tuple[Evidence, ...]
    miss: str = ""


@dataclass(slots=True, kw_only=True)
class Tally:
    """What one rule met. Days are of UTC; ``told``: the first article of each story that it would have told."""

    articles: int = 0
    stories: set[int] = field(default_factory=set)
    alerts: Counter[date] = field(default_factory=Counter)
    by_day: Counter[date] = field(default_factory=Counter)
    stories_by_day: Counter[date] = field(default_factory=Counter)
    told: dict[int, Hit] = field(default_factory=dict)

    def samples(self, count: int, stories: Iterable[int] | None = None) -> tuple[Hit, ...]:
        """Some of what would have been told, spread over the time, the newest first; only of ``stories`` if given."""
        chosen = self.told.keys() if stories is None else self.told.keys() & set(stories)
        hits = sorted(
            (self.told[story] for story in chosen), key=lambda hit: (hit.discovered, hit.article), reverse=True
        )
        if len(hits) <= count:
            return tuple(hits)
        return tuple(hits[round(number * (len(hits) - 1) / max(1, count - 1))] for number in range(count))

    def add(self, article: Article, hit: Callable[[], Hit], *, alerted: bool) -> None:
        """Count one article that met the rule."""
        story, day = _story(article), article.discovered.date()
        self.articles += 1
        self.by_day[day] += 1
        if story not in self.stories:
            self.stories.add(story)
            self.stories_by_day[day] += 1
        if alerted:
            self.alerts[day] += 1
            self.told[story] = hit()


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """What a rule tells that another did not (``comes``), no longer tells (``goes``), and tells as before: stories.

    ``missed``: for each story that goes, its article with how near it came to the new rule.
    """

    comes: tuple[int, ...]
    goes: tuple[int, ...]
    stays: int
    missed: Mapping[int, Hit]


@dataclass(frozen=True, slots=True, kw_only=True)
class Backtest:
    """The answer. ``read``: articles that were matched; the others of ``in_range`` can't meet either rule."""

    since: datetime
    until: datetime
    in_range: int
    read: int
    tally: Tally
    against: Tally | None = None
    difference: Difference | None = None

    @property
    def days(self) -> float:
        """How long the time is that was looked at."""
        return max((self.until - self.since) / timedelta(days=1), 1 / 24)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """The rules that are tried, by the names under which they stand among all rules."""

    rules: RuleSet
    name: str
    against: str | None = None


def query_rule(config: Config, query: str, *, languages: Sequence[str] = (), tags: Sequence[str] = ()) -> Rule:
    """A rule for a query that is no watch yet; its name is the query.

    Raises:
        QueryError: what is wrong with it, and where.
    """
    watches = [watch.name for watch in config.watches if watch.enabled]
    root = parse_query(query, concepts=config.concepts, watches=watches)
    return Rule(name=query, root=root, query=query, languages=tuple(languages), feeds_tagged=tuple(tags))


def trial(config: Config, rules: Sequence[Rule], name: str, against: str | None) -> Trial:
    """The trial of one of the config's watches or of ``rules``, which stand beside them."""
    own = {rule.name for rule in rules}
    others = [rule for rule in config.rules.rules if rule.name not in own]
    return Trial(rules=build([*others, *rules], config.concepts, config.rules), name=name, against=against)


def backtest(
    trial: Trial,
    archive: Iterable[Article],
    config: Config,
    *,
    since: datetime,
    until: datetime,
    read_all: bool = False,
    advance: Callable[[], None] = lambda: None,
) -> Backtest:
    """Try the rule over articles that come oldest first; those discovered at ``until`` or later are left out.

    ``read_all``: also those that can't meet a rule by what is known of them unread. The answer is the same.
    """
    feeds = {feed.url: feed for feed in config.feeds if feed.enabled}
    sieve = Sieve(trial.rules, [name for name in (trial.name, trial.against) if name is not None])
    tally, other = Tally(), Tally() if trial.against is not None else None
    in_range = read = 0
    misses: dict[int, Hit] = {}
    for article in archive:
        if article.discovered >= until:
            break
        in_range += 1
        advance()
        feed = feeds.get(article.feed_url)
        tags = feed.tags if feed else ()
        if not read_all and not sieve.lets_through(
            title=article.title,
            body=article.text,
            source=article.source,
            url=article.url,
            author=article.author,
            tags=tags,
        ):
            continue
        read += 1
        document = document_of(article, decide_language(article.title, article.text, hint=article.language_hint), feed)
        found = _count(tally, trial, trial.name, document, article)
        if trial.against is not None and other is not None:
            before = _count(other, trial, trial.against, document, article)
            if before is not None and found is None and _story(article) not in misses:
                misses[_story(article)] = _hit(article, document, before, trial.rules.miss(document, trial.name))
    difference = None
    if other is not None:
        goes = sorted(other.told.keys() - tally.told.keys())
        difference = Difference(
            comes=tuple(sorted(tally.told.keys() - other.told.keys())),
            goes=tuple(goes),
            stays=len(tally.told.keys() & other.told.keys()),
            missed={story: misses[story] for story in goes if story in misses},
        )
    return Backtest(
        since=since, until=until, in_range=in_range, read=read, tally=tally, against=other, difference=difference
    )


def _count(tally: Tally, trial: Trial, name: str, document: Document, article: Article) -> Match | None:
    match = trial.rules.match_one(document, name)
    if match is None:
        return None
    told = frozenset([name]) if _story(article) in tally.told else frozenset[str]()
    watch = WatchConfig(name=name, channels=_CHANNEL)
    _, alert = decide_alert(match=match, watch=watch, article=article, told=told)
    tally.add(article, lambda: _hit(article, document, match), alerted=alert is not None)
    return match


def _hit(article: Article, document: Document, match: Match, miss: str = "") -> Hit:
    return Hit(
        article=article.id,
        story=article.story,
        title=article.title,
        url=article.url,
        source=article.source,
        language=document.language.code,
        published=article.published,
        discovered=article.discovered,
        evidence=match.evidence,
        miss=miss,
    )


def _story(article: Article) -> int:
    """The article's story; one that has none is a story of its own."""
    return article.story if article.story is not None else -article.id
