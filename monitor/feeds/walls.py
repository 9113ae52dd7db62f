"""What a page shows in an article's place or around it: walls, doors, furniture.

On the article's way: beside the extraction of a page's text. Works by words in the languages that most pages speak; a
wall in another language is known by what the page says of itself, or by there being hardly any text.
"""

from __future__ import annotations

import re

from monitor.feeds.urls import host_of

__all__ = ["page_doubts", "without_furniture"]

_SHORT = 900  # characters: walls are short, and articles that speak of cookies or paywalls are not
_TEASER = 1_500
_LITTLE = 140

_CONSENT = re.compile(
    r"we (?:and our \S+ )?(?:\w+ )?use cookies|before you continue|accept (?:all|and continue)|cookie (?:policy|settings|preferences)|"
    r"our (?:\d+ )?partners|manage (?:my )?(?:cookies|choices|preferences)|"
    r"nous utilisons des cookies|tout accepter|accepter et continuer|continuer sans accepter|nos (?:\d+ )?partenaires|"
    r"wir verwenden cookies|alle akzeptieren|mit werbung weiterlesen|datenschutzeinstellungen|unsere partner|zustimmen und weiter|"
    r"utilizamos cookies|usamos cookies|aceptar (?:todo|y continuar)|nuestros socios|aceitar (?:todos|e continuar)|"
    r"utilizziamo i? ?cookie|accetta (?:tutti|e continua)|i nostri partner|rifiuta e abbonati|"
    r"wij gebruiken cookies|alles accepteren|akceptuj(?:ę|e)?|pliki cookie|çerez|acceptera alla|godta alle|"
    r"мы используем (?:файлы )?cookie|用户同意|cookie を使用|نستخدم ملفات تعريف الارتباط|ملفات تعريف الارتباط",
    re.IGNORECASE,
)
_CONSENT_HOSTS = re.compile(r"(?:^|\.)(?:consent|guce|cmp|privacy|cookie|cookies)\.", re.IGNORECASE)
_PAY = re.compile(
    r"subscribe (?:now |today )?to (?:continue|keep|read)|(?:to|you must) (?:continue reading|read the (?:full|rest))|"
    r"(?:already|are you) a (?:subscriber|member)|for subscribers only|subscriber[- ]only|this (?:article|content|story) is "
    r"(?:only |exclusively )?(?:for|available to|reserved for)|you(?:'|’)?ve (?:read|reached) your|unlock this|register to read|"
    r"réservé aux abonnés|la suite est réservée|il vous reste [\d.,]+ ?% |déjà abonné|abonnez-vous pour|article réservé|"
    r"nur für abonnenten|weiterlesen mit|jetzt (?:abonnieren|weiterlesen)|bereits abonnent|mit .{1,20}plus lesen|"
    r"contenido (?:exclusivo )?para suscriptores|suscr[ií]bete para|ya eres suscriptor|exclusivo para assinantes|já é assinante|"
    r"riservato agli abbonati|contenuto riservato|sei già abbonato|abbonati per|alleen voor abonnees|"
    r"dostęp (?:tylko )?dla|tylko dla subskrybentów|только для подписчиков|оформите подписку|abonelere özel|"
    r"有料会員|会員限定|この記事は有料|付费阅读|للمشتركين فقط",
    re.IGNORECASE,
)
_DOOR = re.compile(
    r"just a moment|checking your browser|verify (?:that )?you are (?:a )?human|are you a robot|i(?:'|’)m not a robot|"
    r"unusual (?:traffic|activity)|access (?:to this page has been )?denied|attention required|request blocked|"
    r"enable (?:javascript|cookies)|javascript is (?:disabled|required|not enabled)|pardon our interruption|"
    r"please (?:turn|switch) on javascript|activez javascript|javascript aktivieren|captcha|ddos protection",
    re.IGNORECASE,
)
_LOST = re.compile(
    r"\b(?:404|410|500|502|503)\b.{0,30}(?:error|not found|erreur|fehler)?|page (?:not found|introuvable|no encontrada)|"
    r"(?:page|seite|article|story) (?:you (?:are|were) looking for|could not be found|nicht gefunden|cannot be found|no longer exists)|"
    r"(?:seite|página|pagina) (?:nicht gefunden|não encontrada|non trovata)|страница не найдена|sayfa bulunamadı|"
    r"internal server error|service unavailable|bad gateway",
    re.IGNORECASE,
)

# Whole lines, or how lines begin, that pages put around an article. Only lines that are short count.
_FURNITURE = re.compile(
    r"""(?:
    (?:share|tweet|email|print|save|copy\ link|follow\ us|like\ us|listen|comments?|advertisement|advertising|sponsored|
       loading|menu|search|sign\ in|log\ in|subscribe|newsletter|skip\ to|back\ to\ top|related|trending|most\ read|
       recommended|more\ on\ this|more\ from|read\ (?:more|next|also)|see\ also|watch|you\ may\ also\ like|don['’]t\ miss|
       partager|publicité|lire\ aussi|à\ lire|imprimer|suivez-nous|abonnez-vous|sur\ le\ même\ sujet|
       teilen|anzeige|mehr\ zum\ thema|lesen\ sie\ auch|drucken|
       compartir|comparte|publicidad|lea\ también|te\ puede\ interesar|leia\ (?:também|mais)|compartilhe|publicidade|
       condividi|pubblicità|leggi\ anche|lees\ ook|advertentie|delen|
       czytaj\ (?:też|także|więcej)|reklama|udostępnij|читайте\ также|поделиться|реклама|paylaş|reklam|
       شارك|إعلان|اقرأ\ أيضا|اقرأ\ أيضاً|相关阅读|分享|広告|関連記事)\b.{0,60}
    |[\w.-]{1,30}\.(?:phone|email|share|title|label|text|copyright)|\+?[\d\s()./-]{7,20}
    |(?:https?://|www\.)\S+|@\w{2,30}|[\w.+-]+@[\w-]+\.[\w.]+
    |(?:photo|image|picture|credit|photograph|foto|crédit|bild|фото)\s*(?:by|credit|:|/).{0,80}
    |\d{1,3}\s?(?:min(?:ute)?s?\ (?:read|de\ lecture)|comments?|shares?|min\.?)
    )""",
    re.IGNORECASE | re.VERBOSE,
)
_NOTICE = re.compile(r"(?:©|\(c\)|copyright\b).{0,120}|.{0,80}all rights reserved.{0,40}", re.IGNORECASE)
_SENTENCE = re.compile(r"[.!?…。！？؟۔।][\"'»”’)\]]*\Z")
_LONGEST_FURNITURE = 90
_PARAGRAPH = 60


def page_doubts(*, title: str, text: str, visible: str, paid: bool, url: str) -> tuple[tuple[str, ...], bool]:
    """What speaks against a page's text, in sentences, and whether the text can stand for the article all the same.

    ``visible`` are the words of the whole page, ``paid`` whether it says of itself that it is not free.
    """
    said: list[str] = []
    usable = True
    head = f"{title}\n{text[:_SHORT]}"
    if len(text) < _LITTLE:
        head += visible[:3000]
    short = len(text) < _SHORT
    if _CONSENT_HOSTS.search(host_of(url)) or (short and len(set(_CONSENT.findall(head.casefold()))) >= 2):
        said.append("consent wall: the page asks for consent to cookies in the article's place")
        usable = False
    elif short and _DOOR.search(head):
        said.append("door-keeper: the page wants a browser or a person, and shows no article")
        usable = False
    elif short and _LOST.search(title):
        said.append("error page: the address answers, and says that there is no article")
        usable = False
    if paid and len(text) < _TEASER:
        said.append("paywall: the page says that it is not free, and shows little text")
        usable = False
    elif len(text) < _TEASER and _PAY.search(_end(text, visible)):
        said.append("paywall: the text ends where one is asked to pay or to sign in")
        usable = False
    elif paid:
        said.append("paywall: the page says that it is not free; the text may be cut")
    if usable and len(text) < _LITTLE:
        said.append("little text: no article was found in the page")
        usable = False
    return tuple(said), usable


def _end(text: str, visible: str) -> str:
    """The words where a text ends on its page, and those that follow; the page's first where there is no text."""
    last = " ".join(text[-200:].split())[-40:]
    at = visible.rfind(last)
    following = visible[at + len(last) : at + 400] if at >= 0 and last else visible[:400]
    return f"{text[-600:]} {following}"


def without_furniture(text: str, *, title: str) -> str:
    """The text without the lines that pages put around an article: calls to share and subscribe, keys, notices.

    A line goes only where it is short and no sentence; a paragraph that came before goes, and the headline at the start.
    """
    kept: list[str] = []
    seen: set[str] = set()
    for line in text.split("\n"):
        line = line.strip(" \t|•·-–—")  # noqa: PLW2901 (what lists leave around their items)
        if not line or (not kept and line.casefold() == title.casefold()):
            continue
        short = len(line) <= _LONGEST_FURNITURE
        sentence = _SENTENCE.search(line) is not None and not line.endswith(("…", "..."))
        if short and (_NOTICE.fullmatch(line) or (not sentence and _FURNITURE.fullmatch(line))):
            continue
        # A paragraph that stands twice; short lines of a list may.
        if len(line) > _PARAGRAPH and line in seen:
            continue
        seen.add(line)
        kept.append(line)
    return "\n".join(kept)
