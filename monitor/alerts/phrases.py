"""The words that a message says of its own, in the languages in which people may have them.

On the article's way: asked by rendering. What feeds say is never translated. A phrase may hold numbers and names in
braces; those are filled in by us and never by a feed's text.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["LANGUAGES", "Phrases", "phrases"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Phrases:
    """One language's. ``days`` begin with Monday; ``rtl``: it is written from right to left."""

    urgent: str
    no_headline: str
    no_link: str
    long_link: str
    met: str
    also_in: str
    more: str
    seen: str
    just_now: str
    minutes_ago: str
    hours_ago: str
    days_ago: str
    outlets: str
    new_language: str
    official: str
    revised: str
    again: str
    reminder: str
    spike: str
    alerts: str
    stories: str
    left_out: str
    days: tuple[str, ...]
    months: tuple[str, ...]
    rtl: bool = False


_ENGLISH = Phrases(
    urgent="URGENT",
    no_headline="(no headline)",
    no_link="(no link that is safe to follow)",
    long_link="(the article's link is too long to show here)",
    met="Met",
    also_in="Also in",
    more="and {count} more",
    seen="seen",
    just_now="just now",
    minutes_ago="{count} min ago",
    hours_ago="{count} h ago",
    days_ago="{count} days ago",
    outlets="now in {count} outlets",
    new_language="now in {language}",
    official="now from an official source",
    revised="the headline now says otherwise",
    again="another report",
    reminder="not acknowledged yet",
    spike="many more stories than usual: {count}",
    alerts="{count} alerts",
    stories="{count} stories",
    left_out="and {count} more; all of them: monitor alerts",
    days=("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
    months=("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
)
_FRENCH = Phrases(
    urgent="URGENT",
    no_headline="(sans titre)",
    no_link="(pas de lien sûr)",
    long_link="(le lien de l’article est trop long pour être affiché ici)",
    met="Trouvé",
    also_in="Aussi dans",
    more="et {count} de plus",
    seen="vu",
    just_now="à l’instant",
    minutes_ago="il y a {count} min",
    hours_ago="il y a {count} h",
    days_ago="il y a {count} jours",
    outlets="désormais dans {count} médias",
    new_language="désormais en {language}",
    official="désormais d’une source officielle",
    revised="le titre dit maintenant autre chose",
    again="un autre article",
    reminder="pas encore acquittée",
    spike="bien plus de sujets que d’habitude : {count}",
    alerts="{count} alertes",
    stories="{count} sujets",
    left_out="et {count} de plus ; toutes : monitor alerts",
    days=("lun.", "mar.", "mer.", "jeu.", "ven.", "sam.", "dim."),
    months=("janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc."),
)
_GERMAN = Phrases(
    urgent="DRINGEND",
    no_headline="(ohne Überschrift)",
    no_link="(kein sicherer Link)",
    long_link="(der Link des Artikels ist zu lang, um ihn hier zu zeigen)",
    met="Gefunden",
    also_in="Auch bei",
    more="und {count} weitere",
    seen="gesehen",
    just_now="gerade eben",
    minutes_ago="vor {count} Min.",
    hours_ago="vor {count} Std.",
    days_ago="vor {count} Tagen",
    outlets="jetzt bei {count} Medien",
    new_language="jetzt auch auf {language}",
    official="jetzt aus amtlicher Quelle",
    revised="die Überschrift sagt jetzt etwas anderes",
    again="ein weiterer Bericht",
    reminder="noch nicht bestätigt",
    spike="viel mehr Themen als sonst: {count}",
    alerts="{count} Meldungen",
    stories="{count} Themen",
    left_out="und {count} weitere; alle: monitor alerts",
    days=("Mo", "Di", "Mi", "Do", "Fr", "Sa", "So"),
    months=("Jan.", "Feb.", "März", "Apr.", "Mai", "Juni", "Juli", "Aug.", "Sept.", "Okt.", "Nov.", "Dez."),
)
_SPANISH = Phrases(
    urgent="URGENTE",
    no_headline="(sin titular)",
    no_link="(sin enlace seguro)",
    long_link="(el enlace del artículo es demasiado largo para mostrarlo aquí)",
    met="Hallado",
    also_in="También en",
    more="y {count} más",
    seen="visto",
    just_now="ahora mismo",
    minutes_ago="hace {count} min",
    hours_ago="hace {count} h",
    days_ago="hace {count} días",
    outlets="ya en {count} medios",
    new_language="ahora también en {language}",
    official="ahora de una fuente oficial",
    revised="el titular dice ahora otra cosa",
    again="otra noticia",
    reminder="sin acusar recibo",
    spike="muchas más noticias de lo habitual: {count}",
    alerts="{count} alertas",
    stories="{count} noticias",
    left_out="y {count} más; todas: monitor alerts",
    days=("lun", "mar", "mié", "jue", "vie", "sáb", "dom"),
    months=("ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "sept", "oct", "nov", "dic"),
)
_ARABIC = Phrases(
    urgent="عاجل",
    no_headline="(بلا عنوان)",
    no_link="(لا يوجد رابط آمن)",
    long_link="(رابط المقال أطول من أن يُعرض هنا)",
    met="وُجد",
    also_in="أيضًا في",
    more="و{count} غيرها",
    seen="شوهد",
    just_now="الآن",
    minutes_ago="قبل {count} د",
    hours_ago="قبل {count} س",
    days_ago="قبل {count} يوم",
    outlets="الآن في {count} من وسائل الإعلام",
    new_language="الآن بلغة جديدة: {language}",
    official="الآن من مصدر رسمي",
    revised="العنوان يقول الآن شيئًا آخر",
    again="تقرير آخر",
    reminder="لم يُؤكَّد الاطلاع بعد",
    spike="أخبار أكثر من المعتاد بكثير: {count}",
    alerts="عدد التنبيهات: {count}",
    stories="عدد الأخبار: {count}",
    left_out="و{count} غيرها؛ كلها: monitor alerts",
    days=("الاثنين", "الثلاثاء", "الأربعاء", "الخميس", "الجمعة", "السبت", "الأحد"),
    months=(
        "يناير", "فبراير", "مارس", "أبريل", "مايو", "يونيو", "يوليو", "أغسطس", "سبتمبر", "أكتوبر", "نوفمبر", "ديسمبر",
    ),
    rtl=True,
)  # fmt: skip

LANGUAGES = {"en": _ENGLISH, "fr": _FRENCH, "de": _GERMAN, "es": _SPANISH, "ar": _ARABIC}
"""What a channel's ``language`` may be."""


def phrases(language: str) -> Phrases:
    """The words of this language; English where there are none."""
    return LANGUAGES.get(language, _ENGLISH)
