"""Names of languages, days and spans of time in the reader's own language, by the Unicode CLDR.

On the article's way: asked by rendering. Never in the machine's own locale.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import cache
from typing import Literal
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_skeleton, format_timedelta, get_timezone_name

from monitor.alerts.phrases import LANGUAGES, Phrases, phrases

__all__ = ["age", "language_name", "local_time", "short_day", "zone_of"]

# What feeds and language identifiers write, and what the CLDR calls it. The two Norwegians are one to their readers.
_SAME = {"in": "id", "iw": "he", "mo": "ro", "nb": "no", "nn": "no", "sh": "sr", "tl": "fil"}
_UNITS: tuple[tuple[Literal["minute", "hour", "day"], timedelta], ...] = (
    ("minute", timedelta(minutes=1)),
    ("hour", timedelta(hours=1)),
    ("day", timedelta(days=1)),
)
_EVER = 1e9  # no unit is left for a larger one of Babel's choice


def language_name(code: str | None, say: Phrases = LANGUAGES["en"]) -> str:
    """The language's name in the language of our words ("hy", "hy-AM": "Armenian", "Armenisch", "arménien").

    The code itself where none is known; "" for none. "any" is what a concept calls a name that is the same in every
    language.
    """
    if not code or code in {"und", "any"}:
        return ""
    base = code.lower().partition("-")[0].partition("_")[0]
    name: str = _locale(say.locale).languages.get(_SAME.get(base, base), code)
    return name


def zone_of(name: str) -> tzinfo:
    """The IANA zone; UTC where no such zone is known: a message with times in UTC beats no message."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        # ZoneInfoNotFoundError is a KeyError; a name such as "../x" a ValueError, "Europe" a folder (OSError).
        return UTC


def local_time(moment: datetime, zone: str, language: str = "en") -> str:
    """The moment as "Tue, 23 Jul 2024, 14:05 CEST" in the IANA ``zone``."""
    try:
        here = moment.astimezone(zone_of(zone))
    except (ValueError, OverflowError):  # a year at the calendar's edge
        here = moment.astimezone(UTC)
    locale = _locale(phrases(language).locale)
    name = get_timezone_name(here, width="short", locale=locale) if isinstance(here.tzinfo, ZoneInfo) else "UTC"
    # Where a language has no name for a zone of its own, the zone's says more than a bare offset.
    shown = name if name.isalpha() else here.tzname()
    comma = "،" if phrases(language).rtl else ","
    return f"{format_skeleton('yMMMEd', here, locale=locale)}{comma} {here:%H:%M} {shown}"


def short_day(day: date, language: str = "en") -> str:
    """The day as "23 Jul"."""
    return format_skeleton(
        "MMMd", datetime(day.year, day.month, day.day, tzinfo=UTC), locale=_locale(phrases(language).locale)
    )


def age(moment: datetime, now: datetime, language: str = "en") -> str:
    """How long ago ``moment`` was, in one unit: "just now", "5 min ago", "3 hr ago", "2 days ago"."""
    past, say = now - moment, phrases(language)
    if past < timedelta(minutes=1):
        return say.just_now
    unit, span = _UNITS[0 if past < timedelta(hours=1) else 1 if past < timedelta(days=2) else 2]
    return format_timedelta(
        -(past // span * span),
        granularity=unit,
        threshold=_EVER,
        add_direction=True,
        format="short",
        locale=_locale(say.locale),
    )


@cache
def _locale(name: str) -> Locale:
    return Locale.parse(name)
