"""The same-story decision: which stored story an article belongs to, and by what it was recognised.

On the article's way: inside the judging transaction (T2), before alerts. It recognises copies: the same article, the
same address, the same or nearly the same text, the same headline. In doubt an article begins a new story, because an
alert too many is forgiven and one that never came is not. Deterministic: ties go to the oldest story.

Thresholds were set by measuring on 2,700 labelled articles: of two that tell different events the shorter shares up to
three tenths of its runs of three words with the other (background paragraphs of one desk), of copies of one wire text
four tenths and more. What lies between begins a new story.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import unquote, urlsplit

from monitor.model import Article, StoryReason, StoryVerdict
from monitor.ports import StoryIndex
from monitor.stories.fingerprints import LEVELS, Fingerprint, at_level

__all__ = ["Recognised", "decide_story", "identifies_article", "recognise"]

SAME = 0.9  # share of the shorter text from which two texts are called the same
NEAR = 0.35
NEAR_SAMPLED = 0.4  # of a sample, whose share strays by some hundredths from the whole texts'
# Shared shingles, by the level at which they were counted, below which agreement may be boilerplate ("This is a
# developing story. Please check back for updates." alone makes eight). A sampled one stands for four or sixteen.
LEAST_SHARED = {1: 24, 4: 8, 16: 5}
# A short summary has no more than this, and is shared whole or not at all.
LEAST_SHARED_SAME = 12
TITLE_WINDOW = timedelta(days=3)
# A title so long is one event's own; a shorter one may be a column's that returns each day ("Morning news from the
# capital"), and then the text has to speak for it.
OWN_TITLE_WORDS = 6
TELLING_TEXT = 30  # words from which a text that shares nothing contradicts a shared title

_CANDIDATES = 50
_OWN_NAME = 16  # characters: "world", "middle-east", "breaking-news" are sections, a headline's slug is longer
_TELLING_NUMBERS = 4  # runs with numbers, below which a share of them means nothing
_NUMBERS_KEPT = 0.5
# Runs with words of the title, of which a copy shares about as many as of all others. Who shares hardly any of them
# shares a preface (a newsletter's welcome, a channel's links), however long that is.
_TELLING_TITLE = 4
_TITLE_KEPT = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class _Likeness:
    """How one stored article's text agrees with ours."""

    article: int
    story: int
    shared: int
    share: float
    level: int


def decide_story(*, article: Article, fingerprint: Fingerprint, index: StoryIndex, since: datetime) -> StoryVerdict:
    """The story of ``article`` as a copy of something stored, or that it begins one, with the reason.

    ``since`` bounds how far back stored articles count (the story window). Scores are shares rounded to three digits;
    for a new story score and article name the nearest text that it did not join. Whatever ``index`` raises passes
    through.
    """
    return recognise(article=article, fingerprint=fingerprint, index=index, since=since).verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Recognised:
    """What the wording says: the verdict, how much text stored articles share, and which are other days' bulletins."""

    verdict: StoryVerdict
    copied: Mapping[int, float]
    other_issues: frozenset[int]


def recognise(*, article: Article, fingerprint: Fingerprint, index: StoryIndex, since: datetime) -> Recognised:
    """As ``decide_story``, with what the wording says of each stored article beside the verdict."""
    story = index.article_in_story(article.id)
    if story is not None:
        return _recognised(StoryVerdict(story=story, reason=StoryReason.SAME_ARTICLE, article=article.id))

    # One address is one article, also when its text was rewritten since: that is an update, not news of its own.
    if identifies_article(article.canonical_url):
        known = _oldest(index.by_canonical_url(article.canonical_url, since), article)
        if known is not None:
            return _recognised(StoryVerdict(story=known[1], reason=StoryReason.SAME_URL, article=known[0]))

    titled = list(index.by_title_key(fingerprint.title_key, since)) if fingerprint.title_key else []
    alike = _likenesses(article, fingerprint, index, since)
    other_issues, same_issue = _issues(fingerprint, index, since)
    same_titles = same_issue.union(found for found, _ in titled)
    # A short text that speaks of nothing its title names is what a feed writes under each of its entries: only where
    # the titles are the same as well is it the same article.
    speaks = fingerprint.about or fingerprint.level > 1
    for found in alike:
        if not _is_copy(found) or found.article in other_issues:
            continue
        if found.article not in same_titles and not (speaks and _titles_words_agree(found, fingerprint, index, since)):
            continue
        if _numbers_agree(found, fingerprint, index, since):
            reason = StoryReason.SAME_TEXT if found.share >= SAME else StoryReason.NEAR_TEXT
            return _recognised(
                StoryVerdict(story=found.story, reason=reason, score=round(found.share, 3), article=found.article)
            )

    same_title = _same_title(article, fingerprint, titled, alike, index)
    if same_title is not None:
        return _recognised(same_title)
    nearest = alike[0] if alike else None
    verdict = StoryVerdict(
        story=None,
        reason=StoryReason.NEW,
        score=round(nearest.share, 3) if nearest else 0.0,
        article=nearest.article if nearest else None,
    )
    return Recognised(
        verdict=verdict,
        copied={found.article: round(found.share, 3) for found in alike},
        other_issues=frozenset(other_issues),
    )


def _recognised(verdict: StoryVerdict) -> Recognised:
    return Recognised(verdict=verdict, copied={}, other_issues=frozenset())


def identifies_article(canonical_url: str) -> bool:
    """Whether an address can be one article's own.

    A home page ("https://example.org/") and a section ("/world/", "/en/live") are linked by many entries: an address
    without a query, whose path has neither a number nor a name of three words nor a file in a numbered folder,
    identifies nothing.
    """
    try:
        parts = urlsplit(canonical_url)
    except ValueError:  # a feed's address can be broken in every way; "http://[" is one
        return False
    if any(letter.isdigit() for letter in parts.query):
        return True
    if len(parts.query) >= _OWN_NAME:
        return True
    last = unquote(parts.path.rstrip("/").rpartition("/")[2])
    if len(last) >= _OWN_NAME or last.count("-") > 1 or any(letter.isdigit() for letter in last):
        return True
    # "news.php" and "home.html" are as good as a home page; under a folder with a date or number a file is an article.
    name, dot, suffix = last.rpartition(".")
    in_numbered = any(letter.isdigit() for letter in unquote(parts.path))
    return bool(dot) and in_numbered and name not in {"index", "default"} and suffix.isalnum()


def _oldest(known: Sequence[tuple[int, int]], article: Article) -> tuple[int, int] | None:
    """The (article, story) of the oldest story, then the oldest article, that is not this very article."""
    others = [(story, found) for found, story in known if found != article.id]
    if not others:
        return None
    story, found = min(others)
    return found, story


def _likenesses(article: Article, fingerprint: Fingerprint, index: StoryIndex, since: datetime) -> list[_Likeness]:
    """Stored texts that share shingles with ours, the most alike first, then the oldest story.

    How densely the other text was sampled is not known. Comparing more densely than it was only makes the share too
    small, so all that we kept and each coarser sample of it are tried, and the largest share that rests on enough
    shingles counts.
    """
    ours = tuple(value for value in fingerprint.shingles if value not in {fingerprint.pattern, fingerprint.issue})
    best: dict[int, _Likeness] = {}
    for level in LEVELS:
        part = at_level(ours, level)
        rows = index.by_shingles(part, since, _CANDIDATES) if part else ()
        if not rows:
            break  # a coarser sample is a part of this one
        for found, story, shared, size in rows:
            share = min(1.0, shared / min(len(part), size))
            likeness = _Likeness(article=found, story=story, shared=shared, share=share, level=level)
            known = best.get(found)
            if found != article.id and (known is None or (_is_copy(likeness) and share > known.share)):
                best[found] = likeness
    return sorted(best.values(), key=lambda found: (-round(found.share, 3), found.story, found.article))


def _is_copy(found: _Likeness) -> bool:
    if found.share >= SAME and found.level == 1:
        return found.shared >= LEAST_SHARED_SAME
    near = NEAR if found.level == 1 else NEAR_SAMPLED
    return found.share >= near and found.shared >= LEAST_SHARED[found.level]


def _issues(fingerprint: Fingerprint, index: StoryIndex, since: datetime) -> tuple[set[int], set[int]]:
    """Articles whose title is ours with other numbers, and those whose title has the same numbers too.

    The first are another day's bulletin, whatever the texts share.
    """
    if fingerprint.pattern is None or fingerprint.issue is None:
        return set(), set()
    pattern = {row[0] for row in index.by_shingles((fingerprint.pattern,), since, _CANDIDATES)}
    same = {row[0] for row in index.by_shingles((fingerprint.issue,), since, _CANDIDATES)}
    return pattern - same, same


def _numbers_agree(found: _Likeness, fingerprint: Fingerprint, index: StoryIndex, since: datetime) -> bool:
    """Whether the runs of words that hold numbers are shared about as often as the others.

    A bulletin keeps its sentences from day to day and changes the figures in them (weather, markets, casualty tables);
    a copy, also one that was cut short, keeps figures and words alike.
    """
    numbers = at_level(fingerprint.numbers, found.level)
    if len(numbers) < _TELLING_NUMBERS:
        return True
    return _share_of(numbers, found, index, since) >= _of_ours(found, fingerprint) * _NUMBERS_KEPT


def _titles_words_agree(found: _Likeness, fingerprint: Fingerprint, index: StoryIndex, since: datetime) -> bool:
    """Whether what is shared speaks of what our title names, about as often as the rest of our text does."""
    telling = at_level(fingerprint.telling, found.level)
    if len(telling) < _TELLING_TITLE:
        return True
    return _share_of(telling, found, index, since) >= _of_ours(found, fingerprint) * _TITLE_KEPT


def _share_of(part: Sequence[int], found: _Likeness, index: StoryIndex, since: datetime) -> float:
    """How much of this part of our shingles the other text has."""
    rows = index.by_shingles(part, since, _CANDIDATES)
    return next((row[2] for row in rows if row[0] == found.article), 0) / len(part)


def _of_ours(found: _Likeness, fingerprint: Fingerprint) -> float:
    return found.shared / len(at_level(fingerprint.shingles, found.level))


def _same_title(
    article: Article,
    fingerprint: Fingerprint,
    titled: Sequence[tuple[int, int]],
    alike: Sequence[_Likeness],
    index: StoryIndex,
) -> StoryVerdict | None:
    recent = index.by_title_key(fingerprint.title_key, article.discovered - TITLE_WINDOW) if titled else ()
    sharing = {found.article for found in alike}
    telling = fingerprint.words >= TELLING_TEXT and fingerprint.title_words < OWN_TITLE_WORDS
    # A title that already heads several stories is a column's, not an event's.
    recurring = len({story for _, story in titled}) > 1
    candidates = [row for row in recent if row[0] in sharing or not (telling or recurring)]
    known = _oldest(candidates, article)
    if known is None:
        return None
    share = next((found.share for found in alike if found.article == known[0]), 1.0)
    return StoryVerdict(story=known[1], reason=StoryReason.SAME_TITLE, score=round(share, 3), article=known[0])
