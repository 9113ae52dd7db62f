"""The database: everything that waits, and everything that was decided, in one SQLite file.

On the article's way: between its stages. Each of the three transactions (arrive, judge, deliver) is one method or one
block here, so a process that dies between two of them loses nothing.

Decides nothing about feeds, stories or alerts: it stores what others decided, and keeps their rules of uniqueness. All
SQL of the program stands in this package.
"""

from monitor.store.rows import (
    AlertRow,
    AttemptRow,
    DeliveryRow,
    FeedRow,
    FirstSight,
    FoundArticle,
    HeldBack,
    OutboxRow,
    Status,
    StoryRow,
)
from monitor.store.sqlite import SqliteStore

__all__ = [
    "AlertRow",
    "AttemptRow",
    "DeliveryRow",
    "FeedRow",
    "FirstSight",
    "FoundArticle",
    "HeldBack",
    "OutboxRow",
    "SqliteStore",
    "Status",
    "StoryRow",
]
