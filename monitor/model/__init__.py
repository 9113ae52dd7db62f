"""The values that travel from a feed to a person's alert: frozen, and named by their part on the way.

On the article's way: everywhere. Holds no behaviour beyond a value's own arithmetic, reads no clock, knows no database.
All times are aware UTC datetimes; all durations are ``timedelta``. Text taken from feeds is plain text (no markup).
"""

from __future__ import annotations

from monitor.model.articles import (
    Article,
    ArticleState,
    Entry,
    EntryMarks,
    FeedAsks,
    IdentityRecord,
    KnownEntry,
    NewArticle,
    ParsedFeed,
    ParsedPage,
)
from monitor.model.config import Channel, Feed, Priority, Settings, WatchConfig
from monitor.model.judging import (
    AlertKind,
    AlertReason,
    Evidence,
    Judgement,
    Match,
    NewAlert,
    StoryReason,
    StoryVerdict,
    Verdict,
)
from monitor.model.pages import DuePage, PageOutcome, PageState
from monitor.model.polling import (
    Arrival,
    ArriveResult,
    DueFeed,
    FeedUpdate,
    Fetched,
    FetchFailed,
    FetchFault,
    FetchRequest,
    Moved,
    NotModified,
    Rhythm,
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
    "DuePage",
    "Entry",
    "EntryMarks",
    "Evidence",
    "Feed",
    "FeedAsks",
    "FeedUpdate",
    "FetchFailed",
    "FetchFault",
    "FetchRequest",
    "Fetched",
    "IdentityRecord",
    "Judgement",
    "KnownEntry",
    "Match",
    "Message",
    "Moved",
    "NewAlert",
    "NewArticle",
    "NotModified",
    "Outlet",
    "PageOutcome",
    "PageState",
    "ParsedFeed",
    "ParsedPage",
    "Priority",
    "Rhythm",
    "SendOutcome",
    "SendResult",
    "Settings",
    "StoryReason",
    "StoryVerdict",
    "Verdict",
    "WatchConfig",
]
