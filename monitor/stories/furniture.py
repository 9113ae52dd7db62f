"""Which lines of an article's text are page furniture rather than its story.

On the article's way: before fingerprinting, so that two articles of one outlet don't look alike by their footers, and
the same article in two outlets does. Works by the form of a single line; what a host prints again and again is found by
:mod:`monitor.stories.refrains`. Nothing is cut from what people see or what rules match.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import lru_cache

import regex

__all__ = ["story_lines", "without_credit"]

# Networks, and the verbs that pages put beside them. A row is furniture only when nothing else stands in it, so a
# sentence about one of these companies is safe.
_NETWORKS = (
    "facebook|fb|twitter|tweet|x|instagram|insta|ig|youtube|yt|telegram|tg|tiktok|whatsapp|wa|viber|linkedin|pinterest|"
    "reddit|tumblr|threads|bluesky|mastodon|vkontakte|vk|ok|odnoklassniki|dzen|rutube|spotify|soundcloud|flipboard|"
    "pocket|messenger|snapchat|discord|weibo|wechat|line|kakaotalk|xing|signal|rss|email|e-?mail|mail|print|sms|"
    "copy|link|url"
)
_SHARE = (
    "share|this|article|on|via|to|with|and|by|follow|us|"  # English
    "partagez|partager|sur|cet|suivez|nous|imprimer|"  # French
    "teilen|folgen|sie|uns|auf|drucken|"  # German
    "compartir|comparte|en|síguenos|imprimir|compartilhar|compartilhe|"  # Spanish, Portuguese
    "condividi|su|seguici|stampa|"  # Italian
    "поделиться|поделись|в|"  # Russian
    "paylaş|شارك|مشاركة|على"  # Turkish, Arabic
)
_SHARE_ROW = regex.compile(rf"(?:[\W_]*(?:{_NETWORKS}|(?:{_SHARE})(?!\p{{L}})))+[\W_]*", regex.IGNORECASE)
_NETWORK = regex.compile(rf"(?:{_NETWORKS})", regex.IGNORECASE)
# "footer.phone", "article_share_title": a key that the page failed to translate; also a bare host or handle.
_KEY_LIKE = regex.compile(r"[@#]?[\p{L}\d]+(?:[._:/\-][\p{L}\d]+)+", regex.IGNORECASE)
_ADDRESS_OF_MACHINES = regex.compile(r"(?:https?://|www\.)\S+|[\w.+\-]+@[\w\-]+(?:\.[\w\-]+)+", regex.IGNORECASE)
_COPYRIGHT = regex.compile(
    r"©|℗|\(c\)\s*\d{4}|\bcopyright\b|rights reserved|droits réservés|derechos reservados|direitos reservados|"
    r"rechte vorbehalten|diritti riservati|права защищены|hakları saklıdır|جميع الحقوق|"
    r"reproduction .{0,80}(?:prohibited|permission|interdite|autorisation)",
    regex.IGNORECASE,
)
# "7 minutes de lecture", "5 min read", "Lesezeit: 4 Minuten", "3 мин": how long it takes, not what happened.
_READING_TIME = regex.compile(
    r"[\p{L}:\s]{0,16}\d{1,3}\s*[-\s]?\s*(?:min|мин|dk|dak|分|דק|د)[\p{L}\p{M}.]*(?:\s+[\p{L}]+){0,3}"
)
# Agencies whose copy others print. Who wrote it says nothing about what happened, and every article of the day has it.
_AGENCIES = (
    r"(?:Agence France[-\s]Presse|AFP|Associated Press|AP|Reuters|Thomson Reuters|dpa|DPA|ANSA|Ansa|Adnkronos|AGI|EFE|"
    r"Efe|Europa Press|Lusa|ANP|Belga|APA|Keystone-SDA|ATS|PAP|Interfax|TASS|RIA Novosti|Xinhua|Kyodo(?: News)?|"
    r"Jiji(?: Press)?|Yonhap|Anadolu(?: Agency| Ajansı)?|AA|DHA|İHA|PTI|ANI|IANS|UPI|Bloomberg|IRNA|ISNA|SANA|"
    r"Armenpress|Ukrinform|TTXVN|VNA|Рейтер|Интерфакс|ТАСС|РИА Новости|Укрінформ|УНІАН|Арменпресс|Արմենպրես|"
    r"رويترز|أ ?ف ?ب|أ\.ف\.ب|د ?ب ?أ|سانا|واع|ایرنا|ایسنا|新华社|新華社|路透社?|共同|時事|ロイター)"
)
_SEVERAL = rf"{_AGENCIES}(?:\s*[/,;|]\s*{_AGENCIES})*"
# "PARIS (AFP) - ", "Reuters — ", "ROMA, 3 MAR (ANSA) - "; and "(AFP)" at the end, or ", Reuters".
_CREDIT_FIRST = regex.compile(
    rf"(?:[\p{{Lu}}\p{{Lo}}][^!?()\n]{{0,60}}\s)?\(\s*{_SEVERAL}\s*\)\s*[-–—:]+\s+|{_SEVERAL}\s*[-–—]+\s+"
)
_CREDIT_LAST = regex.compile(rf"\s*[(\[]\s*(?:(?i:with|via|mit|avec|con|com|с)\s+)?{_SEVERAL}\s*[)\]]\s*[.。]?$")
_CREDIT_ALONE = regex.compile(
    rf"(?i:source|sources|quelle|fonte|fuente|источник|джерело|المصدر|by|par|von|di|por)?\s*:?\s*{_SEVERAL}[.。]?"
)
_SENTENCE_END = regex.compile(r"[.!?…。！？।؟۔][\"'»”’)\]]*$")
_WORD = regex.compile(r"[\p{L}\p{M}\p{N}]+")

_SHORT_LINE = 12  # words: a longer line is prose, whatever stands in it
_COPYRIGHT_LINE = 40  # words: notices are wordy, but a whole paragraph that speaks of copyright is an article about it


def story_lines(text: str, refrains: Collection[str] = ()) -> list[str]:
    """The lines of ``text`` that tell something, in order; furniture, empty and repeated lines left out.

    ``refrains``: lines that its host prints under other stories too; they are left out as well.
    """
    return list(_lines(text, frozenset(refrains)))


@lru_cache(maxsize=4)  # fingerprint, sketch and host ask for them of the same text, one behind the other
def _lines(text: str, refrains: frozenset[str]) -> tuple[str, ...]:
    kept: dict[str, None] = {}
    for raw in text.splitlines():
        line = without_credit(raw.strip())
        if line and line not in refrains and not _is_furniture(line):
            # A headline that the page repeats above its text must not count twice.
            kept.setdefault(line)
    return tuple(kept)


def without_credit(line: str) -> str:
    """A title or line without the agency that it names at its beginning or end; "" when it names nothing else."""
    head = line[:200]
    if _CREDIT_ALONE.fullmatch(line, endpos=200) is not None and len(line) <= 200:
        return ""
    found = _CREDIT_FIRST.match(head)
    line = line[found.end() :] if found is not None else line
    tail = max(0, len(line) - 100)
    last = _CREDIT_LAST.search(line, tail)
    return line[: last.start()] if last is not None else line


def _is_furniture(line: str) -> bool:
    # Every pattern below is for short lines; the cut keeps a megabyte in one line from being matched at all.
    if len(line) > 600:
        return False
    words = _WORD.findall(line)
    if not words:
        return True
    if len(words) <= _COPYRIGHT_LINE and _COPYRIGHT.search(line) is not None:
        return True
    if len(words) > _SHORT_LINE:
        return False
    if _KEY_LIKE.fullmatch(line) is not None and not any(part.isdigit() for part in words):
        return True
    if _ADDRESS_OF_MACHINES.fullmatch(line) is not None or _READING_TIME.fullmatch(line.casefold()) is not None:
        return True
    if _SHARE_ROW.fullmatch(line) is not None and _NETWORK.search(line) is not None:
        return True
    return _is_address(line, words)


def _is_address(line: str, words: list[str]) -> bool:
    """A postal address or a dateline of the page: names between commas with a bare number, and no sentence."""
    if _SENTENCE_END.search(line) is not None or line.count(",") + line.count("،") < 2:
        return False
    numbers = sum(word.isdigit() for word in words)
    small = sum(word.islower() for word in words)
    return numbers >= 2 and small <= 1
