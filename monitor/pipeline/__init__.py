"""The use cases: poll, judge, deliver. The article's whole way, told over the ports and the pure packages.

::

    claim feed
    | fetch            bytes, or nothing new, or a failure (a value)
    | parse            in another process
    | make articles    identity, times, what is old at first sight
    | T1 arrive        articles and the feed's validators in one commit
    ----------------------------------------------------------------------
    unjudged articles
    | read             language, words, fingerprint, matches               (pure; outside of any transaction)
    | T2 judge         story, alerts, pending deliveries in one commit
    ----------------------------------------------------------------------
    claim delivery     under a lease, with a fencing token
    | render | send
    | T3 record        the outcome

Each of the three (``poll``, ``stages``, ``sending``) can be killed anywhere and taken up again. This package starts no
threads, keeps no schedule and writes no log: it returns outcomes, and whoever runs it (``app``) says them.
"""

from __future__ import annotations

from monitor.pipeline.pace import Pace, work_out_pace
from monitor.pipeline.plan import Plan
from monitor.pipeline.poll import Poller, PollOutcome, PollResult
from monitor.pipeline.reach import Reach
from monitor.pipeline.sending import DeliverOutcome, Sender, Tried
from monitor.pipeline.stages import (
    JUDGE_BATCH,
    BackfillOutcome,
    Judge,
    JudgedArticle,
    JudgeOutcome,
    document_of,
)

__all__ = [
    "JUDGE_BATCH",
    "BackfillOutcome",
    "DeliverOutcome",
    "Judge",
    "JudgeOutcome",
    "JudgedArticle",
    "Pace",
    "Plan",
    "PollOutcome",
    "PollResult",
    "Poller",
    "Reach",
    "Sender",
    "Tried",
    "document_of",
    "work_out_pace",
]
