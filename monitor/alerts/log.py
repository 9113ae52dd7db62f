"""The machine-readable form of an alert: one object for the ``log`` channel's JSON lines.

On the article's way: beside rendering, for programs instead of people. Texts are handed over as they were stored; the
writer of the line keeps control characters out of it.
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime

from monitor.model import AlertKind, AlertToSend

__all__ = ["log_line"]


def log_line(alert: AlertToSend, now: datetime) -> dict[str, object]:
    """The line for this alert, told at ``now``; times in ISO 8601, UTC, whole seconds."""
    told = alert.text.splitlines()
    return {
        "time": _iso(now),
        "watch": alert.watch,
        "kind": alert.kind.value,
        "priority": alert.priority.value,
        "story": alert.story,
        "title": alert.title,
        "url": alert.url,
        "source": alert.source,
        "language": alert.language,
        "published": _iso(alert.published) if alert.published is not None else None,
        "evidence": [asdict(evidence) for evidence in alert.evidence],
        "also_in": [asdict(outlet) for outlet in alert.also_in],
        **({"notices": told} if alert.kind is AlertKind.NOTICE else {}),
    }


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
