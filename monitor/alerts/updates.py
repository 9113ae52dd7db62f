"""What is news of a story that was told: more outlets, a new language, an official source, another headline.

On the article's way: asked by ``decide_alert`` for a watch that follows its stories.
"""

from __future__ import annotations

import regex

from monitor.model import AlertKind, Article, StoryFacts, WatchConfig

__all__ = ["MILESTONES", "OFFICIAL", "news_in", "says_otherwise"]

MILESTONES = (3, 10, 30)
"""Outlets at which a followed story is told again."""

OFFICIAL = "official"
"""The tag of feeds that speak for those whom the news is about."""

_NUMBER = regex.compile(r"\d+(?:[.,]\d+)*")
_WORD = regex.compile(r"[\p{L}\p{M}]+")
_SAME = 0.4  # share of words in common under which a headline is another one
# Words that turn a report round, or take it back. Whole words, folded; by language: en fr de es it pt ru ar.
_TURNS = frozenset(
    word
    for line in (
        "not no never denies denied deny false fake hoax retracted retracts retraction correction corrected corrects",
        "ne pas jamais dément démenti démentent faux fausse rectificatif erratum",
        "nicht kein keine dementiert falsch falschmeldung korrektur berichtigung",
        "niega desmiente falso falsa corrección rectificación nunca",
        "non smentisce smentito não desmente correção",
        "не нет опроверг опровергла опровергли опровержение ложь исправление",
        "لا لم لن ليس نفى نفت ينفي تنفي نفي تصحيح كاذب",
    )
    for word in line.split()
)


def news_in(
    article: Article,
    watch: WatchConfig,
    facts: StoryFacts,
    *,
    language: str | None,
    official: bool,
) -> tuple[AlertKind, str] | None:
    """What ``article`` brings that is worth telling, with what makes it another one of its kind; None: nothing.

    ``facts`` are of the story before it; ``official``: its feed is one, and no feed of the story was before.
    """
    told = facts.told.get(watch.name, frozenset())
    if article.version > 1:
        # An edit is no report of its own; it counts where it takes back what was told of this very article.
        before = facts.titles.get(watch.name)
        if watch.updates != "once" and before is not None and says_otherwise(before, article.title):
            return AlertKind.REVISED, str(article.version)
        return None
    if watch.updates == "every":
        return AlertKind.EVERY, str(article.id)
    if watch.updates != "milestones":
        return None
    if official and AlertKind.OFFICIAL not in told:
        return AlertKind.OFFICIAL, ""
    if language and facts.languages and language not in facts.languages:
        return AlertKind.LANGUAGE, language
    outlets = len(facts.outlets | {article.source})
    reached = [number for number in MILESTONES if number <= outlets]
    # The highest alone: a story that leaps from two outlets to twelve is told once.
    if reached and not any(f"{AlertKind.OUTLETS}:{number}" in told for number in MILESTONES if number >= reached[-1]):
        return AlertKind.OUTLETS, str(reached[-1])
    return None


def says_otherwise(before: str, after: str) -> bool:
    """Whether a headline no longer says what it did: other numbers, a denial or correction, or mostly other words."""
    if sorted(_NUMBER.findall(before)) != sorted(_NUMBER.findall(after)):
        return True
    old, new = set(_WORD.findall(before.casefold())), set(_WORD.findall(after.casefold()))
    if (old ^ new) & _TURNS:
        return True
    return bool(old and new) and len(old & new) / min(len(old), len(new)) < _SAME
