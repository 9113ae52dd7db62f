"""The days that a text names, under one spelling for all languages: two events of one kind mostly differ in theirs.

On the article's way: while an article's sketch is made (:mod:`monitor.stories.sketch`). A day is a month and a number,
as articles write it; its year is a figure like others. Weekdays, and days written in figures alone (7/8 is two days,
by country), are left out.
"""

from __future__ import annotations

from collections.abc import Iterator

import regex

__all__ = ["days", "years"]

# In the case in which a day is written with them.
_MONTHS = """
january jan januar janvier gennaio enero janeiro januari stycznia ocak января січня հունվարի يناير ژانویه ינואר בינואר
february feb februar février fév febbraio febrero fevereiro februari lutego şubat февраля лютого փետրվարի فبراير فوریه
   פברואר בפברואר
march mar märz mars marzo março maart marca mart марта березня մարտի مارس آذار מרץ במרץ
april apr avril aprile abril kwietnia nisan апреля квітня ապրիլի أبريل ابريل نيسان آوریل אפריל באפריל
may mai maggio mayo maio mei maja mayıs мая травня մայիսի مايو أيار مه מאי במאי
june jun juni juin giugno junio junho czerwca haziran июня червня հունիսի يونيو حزيران ژوئن יוני ביוני
july jul juli juillet luglio julio julho lipca temmuz июля липня հուլիսի يوليو تموز ژوئیه יולי ביולי
august aug août agosto augustus sierpnia ağustos августа серпня օգոստոսի أغسطس اغسطس آب اوت אוגוסט באוגוסט
september sep sept septembre settembre septiembre setembro września eylül сентября вересня սեպտեմբերի سبتمبر أيلول
   سپتامبر ספטמבר בספטמבר
october oct oktober octobre ottobre octubre outubro października ekim октября жовтня հոկտեմբերի أكتوبر اكتوبر اکتبر
   אוקטובר באוקטובר
november nov novembre noviembre novembro listopada kasım ноября листопада նոյեմբերի نوفمبر نوامبر נובמבר בנובמבר
december dec dezember dez décembre déc dicembre diciembre dezembro grudnia aralık декабря грудня դեկտեմբերի ديسمبر
   دسامبر דצמבר בדצמבר
"""
_MONTH_OF = {
    name: month
    for month, names in enumerate(_MONTHS.replace("\n   ", " ").strip().splitlines(), start=1)
    for name in names.split()
}
# No months in small letters: "12 may have died", "20 march in protest".
_WORDS_ELSE = frozenset({"may", "march", "mar"})
_DAY = regex.compile(r"(?<![\d.,/:])([0-3]?\d)(?:(?:st|nd|rd|th|er|º|ª|\.)(?!\p{L}))?(?![\d:%/]|[.,]\d)")
_BEFORE = regex.compile(r"(?<!\p{L})(\p{L}{3,11})\s?\.?\s+$")
_YEAR = regex.compile(r"(?<![\p{L}\p{N}.,/:$€£-])(?:19|20)\d\d(?![\p{N}:%]|[.,/]\d|-\d)")
_AFTER = regex.compile(r"\s+(?:de\s+|d['’]|of\s+)?(\p{L}{2,12})")
_AROUND = 16  # characters
_EAST = regex.compile(r"(?P<month>1[0-2]|[1-9])\s?月\s?(?P<day>[0-3]?\d)\s?[日号]")
_VIETNAMESE = regex.compile(r"(?<!\d)(?P<day>[0-3]?\d)(?:/|\s+tháng\s+)(?P<month>1[0-2]|0?[1-9])(?!\d)")


def days(text: str, language: str) -> Iterator[str]:
    """The days that a text names, each as "month-day": "23 July", "July 23rd" and "7月23日" are "7-23"."""
    for found in _DAY.finditer(text):
        start, end = found.span()
        after = _AFTER.match(text, end, end + _AROUND)
        before = _BEFORE.search(text, max(0, start - _AROUND), start)
        for word in (after, before):
            month = _MONTH_OF.get(word[1].casefold()) if word is not None and word[1] not in _WORDS_ELSE else None
            if month is not None:
                yield from _day(month, int(found[1]))
                break
    for pattern in (_EAST, _VIETNAMESE) if language == "vi" else (_EAST,):
        for found in pattern.finditer(text):
            yield from _day(int(found["month"]), int(found["day"]))


def years(text: str) -> Iterator[str]:
    """The years that a text names."""
    return (found[0] for found in _YEAR.finditer(text))


def _day(month: int, day: int) -> Iterator[str]:
    if 1 <= day <= 31:
        yield f"{month}-{day}"
