"""Why an article is in its story, and the nearest story that it did not join."""

from __future__ import annotations

from monitor.model import StoryReason, StoryVerdict

__all__ = ["nearest_other", "why_in_story"]

_SHARES_SHOWN = 8
_WHY = {
    StoryReason.NEW: "began the story",
    StoryReason.SAME_URL: "the same address as article {like}",
    StoryReason.SAME_TEXT: "the same text as article {like}",
    StoryReason.NEAR_TEXT: "mostly the text of article {like}",
    StoryReason.SAME_TITLE: "the same title as article {like}",
    StoryReason.SAME_EVENT: "tells what article {like} tells ({score:.0%})",
    StoryReason.SAME_ARTICLE: "was in it before",
    StoryReason.SAID_SAME: "a person merged it in",
    StoryReason.SAID_OTHER: "a person took it out of another story",
}


def why_in_story(verdict: StoryVerdict) -> str:
    """Why the article is in its story; of another telling, each sign's share of it too."""
    said = _WHY[verdict.reason].format(like=verdict.article, score=verdict.score)
    return said + (_shares(verdict.shares) if verdict.reason is StoryReason.SAME_EVENT else "")


def nearest_other(verdict: StoryVerdict) -> str:
    """The nearest story that it did not join; empty where there was none."""
    if verdict.other is None:
        return ""
    return f"nearest other: story {verdict.other} ({verdict.other_score:.0%}){_shares(verdict.other_shares)}"


def _shares(shares: tuple[tuple[str, float], ...]) -> str:
    return ": " + ", ".join(f"{name} {share:+.1f}" for name, share in shares[:_SHARES_SHOWN]) if shares else ""
