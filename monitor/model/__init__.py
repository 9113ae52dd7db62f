"""The values that travel from a feed to a person's alert: frozen, and named by their part on the way.

On the article's way: everywhere. Holds no behaviour beyond a value's own arithmetic, reads no clock, knows no database.
All times are aware UTC datetimes; all durations are ``timedelta``. Text taken from feeds is plain text (no markup).
"""

from __future__ import annotations

from monitor.model.articles import Article, ArticleState, Entry, NewArticle, ParsedFeed
from monitor.model.config import Channel, Feed, Priority, Settings, WatchConfig
from monitor.model.judging import (
    AlertKind,
    AlertReason,
    Evidence,
    Judgement,
    KnownSketch,
    Match,
    NewAlert,
    Sketch,
    StoryReason,
    StoryVerdict,
    Verdict,
)
from monitor.model.polling import (
    Arrival,
    ArriveResult,
    DueFeed,
    FeedUpdate,
    Fetched,
    FetchFailed,
    FetchFault,
    FetchRequest,
    NotModified,
)
from monitor.model.sending import (
    AlertToSend,
    ClaimedDelivery,
    DeliveryOutcome,
    DeliveryState,
    Message,
    Outlet,
    SendOutcome,
    SendResult,
)

__all__ = [
    "AlertKind",
    "AlertReason",
    "AlertToSend",
    "Arrival",
    "ArriveResult",
    "Article",
    "ArticleState",
    "Channel",
    "ClaimedDelivery",
    "DeliveryOutcome",
    "DeliveryState",
    "DueFeed",
    "Entry",
    "Evidence",
    "Feed",
    "FeedUpdate",
    "FetchFailed",
    "FetchFault",
    "FetchRequest",
    "Fetched",
    "Judgement",
    "KnownSketch",
    "Match",
    "Message",
    "NewAlert",
    "NewArticle",
    "NotModified",
    "Outlet",
    "ParsedFeed",
    "Priority",
    "SendOutcome",
    "SendResult",
    "Settings",
    "Sketch",
    "StoryReason",
    "StoryVerdict",
    "Verdict",
    "WatchConfig",
]
