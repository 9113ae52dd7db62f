"""Names of languages and the writing of times, for people who read alerts.

On the article's way: asked by rendering. Never in the machine's own locale.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from monitor.alerts.phrases import phrases

__all__ = ["age", "language_name", "local_time"]

_LANGUAGES = {
    "af": "Afrikaans", "am": "Amharic", "ar": "Arabic", "az": "Azerbaijani", "be": "Belarusian", "bg": "Bulgarian",
    "bn": "Bengali", "bs": "Bosnian", "ca": "Catalan", "cs": "Czech", "cy": "Welsh", "da": "Danish", "de": "German",
    "el": "Greek", "en": "English", "es": "Spanish", "et": "Estonian", "eu": "Basque", "fa": "Persian",
    "fi": "Finnish", "fr": "French", "ga": "Irish", "gl": "Galician", "gu": "Gujarati", "he": "Hebrew", "hi": "Hindi",
    "hr": "Croatian", "hu": "Hungarian", "hy": "Armenian", "id": "Indonesian", "is": "Icelandic", "it": "Italian",
    "ja": "Japanese", "ka": "Georgian", "kk": "Kazakh", "km": "Khmer", "kn": "Kannada", "ko": "Korean",
    "ku": "Kurdish", "ky": "Kyrgyz", "lo": "Lao", "lt": "Lithuanian", "lv": "Latvian", "mk": "Macedonian",
    "ml": "Malayalam", "mn": "Mongolian", "mr": "Marathi", "ms": "Malay", "my": "Burmese", "nb": "Norwegian",
    "ne": "Nepali", "nl": "Dutch", "nn": "Norwegian", "no": "Norwegian", "pa": "Punjabi", "pl": "Polish",
    "ps": "Pashto", "pt": "Portuguese", "ro": "Romanian", "ru": "Russian", "si": "Sinhala", "sk": "Slovak",
    "sl": "Slovene", "so": "Somali", "sq": "Albanian", "sr": "Serbian", "sv": "Swedish", "sw": "Swahili",
    "ta": "Tamil", "te": "Telugu", "tg": "Tajik", "th": "Thai", "tl": "Tagalog", "tr": "Turkish", "uk": "Ukrainian",
    "ur": "Urdu", "uz": "Uzbek", "vi": "Vietnamese", "zh": "Chinese",
}  # fmt: skip


def language_name(code: str | None) -> str:
    """The language's English name ("fr", "fr-CA": "French"); the code itself where none is known; "" for none.

    "any" is what a concept calls a name that is the same in every language.
    """
    if not code or code in {"und", "any"}:
        return ""
    return _LANGUAGES.get(code.lower().partition("-")[0], code)


def local_time(moment: datetime, zone: str, language: str = "en") -> str:
    """The moment as "Tue 23 Jul 2024, 14:05 CEST" in the IANA ``zone``; in UTC where no such zone is known."""
    try:
        here = moment.astimezone(ZoneInfo(zone))
    except (KeyError, ValueError, OSError, OverflowError):
        # ZoneInfoNotFoundError is a KeyError; a name such as "../x" a ValueError, "Europe" a folder (OSError); a year
        # at the calendar's edge overflows. A message with the time in UTC beats no message.
        here = moment.astimezone(UTC)
    say = phrases(language)
    day = f"{say.days[here.weekday()]} {here.day} {say.months[here.month - 1]} {here.year}"
    return f"{day}, {here:%H:%M} {here.tzname()}"


def age(moment: datetime, now: datetime, language: str = "en") -> str:
    """How long ago ``moment`` was, in one unit: "just now", "5 min ago", "3 h ago", "2 days ago"."""
    past = now - moment
    say = phrases(language)
    if past < timedelta(minutes=1):
        return say.just_now
    if past < timedelta(hours=1):
        return say.minutes_ago.format(count=past // timedelta(minutes=1))
    if past < timedelta(days=2):
        return say.hours_ago.format(count=past // timedelta(hours=1))
    return say.days_ago.format(count=past.days)
