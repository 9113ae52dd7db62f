"""How many stories a day a watch had lately, as a small chart of signs or, in mails, of bars: never a picture.

On the article's way: part of a digest. Days are those of the reader's time zone; only days on which the watch was live
for at least a part are shown, since of others nobody knows.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from monitor.alerts.phrases import phrases
from monitor.alerts.words import short_day, zone_of

__all__ = ["CHART_SPAN", "NO_CHARTS", "Chart", "Charts", "bars", "chart_of", "line", "range_of"]

CHART_SPAN = timedelta(days=15)
"""How far back the stories of a chart may lie."""

_DAYS = 14
_DAYS_AS_SIGNS = 7
_SIGNS = "▁▂▃▄▅▆▇█"
_TALLEST = 28  # pixels
_BAR = "display:block;margin:0 auto;width:12px;background:#8ab0e6;border-radius:2px 2px 0 0"
_CELL = "padding:0 2px;vertical-align:bottom"
_TABLE = "border-collapse:collapse;margin:0 0 12px;text-align:center;font-size:11px;color:#5f6368"


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """Stories a day, the oldest day first, today last."""

    days: tuple[tuple[date, int], ...]


Charts = Mapping[str, Chart]
"""By watch."""

NO_CHARTS: Charts = {}


def chart_of(times: Sequence[datetime], *, since: datetime | None, now: datetime, zone: str) -> Chart | None:
    """The chart of stories that were first met at these ``times``; None where there is nothing to compare.

    ``since``: from when on the watch was live (None: it is not known). A chart has two days at least, fourteen at most.
    """
    if since is None:
        return None
    here = zone_of(zone)
    today, first = now.astimezone(here).date(), since.astimezone(here).date()
    first = max(first, today - timedelta(days=_DAYS - 1))
    counts = Counter(moment.astimezone(here).date() for moment in times)
    days = tuple(
        (day, counts[day]) for back in range((today - first).days, -1, -1) for day in [today - timedelta(days=back)]
    )
    return Chart(days=days) if len(days) > 1 and any(count for _, count in days) else None


def range_of(days: Sequence[tuple[date, int]], language: str) -> str:
    """What the chart shows: "Stories a day · 17 Jul – 23 Jul"."""
    first, last = (short_day(days[end][0], language) for end in (0, -1))
    return f"{phrases(language).per_day} · {first} – {last}"


def line(chart: Chart, language: str) -> str:
    """The last seven days as signs and numbers: "Stories a day · 17 Jul – 23 Jul: ▁▁▃▁▂▅█ 0 0 2 0 1 4 9"."""
    days = chart.days[-_DAYS_AS_SIGNS:]
    most = max((count for _, count in days), default=0) or 1
    # A day with none is the lowest sign, and no other day is.
    signs = "".join(_SIGNS[-(-count * (len(_SIGNS) - 1) // most)] for _, count in days)
    return f"{range_of(days, language)}: {signs} {' '.join(str(count) for _, count in days)}"


def bars(chart: Chart, language: str) -> str:
    """The chart as a table of bars, each with its number above and the day of the month below; all of it ours."""
    most = max(count for _, count in chart.days)
    cells = "".join(
        f'<td style="{_CELL}">{count}<span style="{_BAR};height:{max(1, count * _TALLEST // most)}px"></span>'
        f"{day.day}</td>"
        for day, count in chart.days
    )
    return (
        f'<p style="font-size:13px;color:#5f6368;margin:0 0 2px">{range_of(chart.days, language)}</p>'
        f'<table style="{_TABLE}"><tr>{cells}</tr></table>'
    )
