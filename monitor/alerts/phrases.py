"""The words that a message says of its own, in the languages in which people may have them.

On the article's way: asked by rendering. What feeds say is never translated. A phrase may hold numbers and names in
braces; those are filled in by us and never by a feed's text.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["LANGUAGES", "Phrases", "phrases"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Phrases:
    """One language's. ``locale``: whose names of days, months and languages go with them, by the Unicode CLDR.

    ``alerts`` and ``stories``: of one, and of several. ``rtl``: it is written from right to left.
    """

    locale: str
    urgent: str
    no_headline: str
    no_link: str
    long_link: str
    met: str
    as_form: str
    in_field: str
    also_in: str
    more: str
    seen: str
    just_now: str
    outlets: str
    new_language: str
    official: str
    revised: str
    again: str
    reminder: str
    spike: str
    alerts: tuple[str, str]
    stories: tuple[str, str]
    per_day: str
    left_out: str
    story: str
    acknowledge: str
    rtl: bool = False

    @staticmethod
    def counted(forms: tuple[str, str], count: int) -> str:
        """So many of something."""
        return forms[count != 1].format(count=count)


_ENGLISH = Phrases(
    locale="en_GB",
    urgent="URGENT",
    no_headline="(no headline)",
    no_link="(no link that is safe to follow)",
    long_link="(the article's link is too long to show here)",
    met="Met",
    as_form="as {form}",
    in_field="in {field}",
    also_in="Also in",
    more="and {count} more",
    seen="seen",
    just_now="just now",
    outlets="now in {count} outlets",
    new_language="now in {language}",
    official="now from an official source",
    revised="the headline now says otherwise",
    again="another report",
    reminder="not acknowledged yet",
    spike="many more stories than usual ({count})",
    alerts=("{count} alert", "{count} alerts"),
    stories=("{count} story", "{count} stories"),
    per_day="Stories a day",
    left_out="and {count} more; all of them: monitor alerts",
    story="Story {number}",
    acknowledge="to acknowledge: monitor ack {number}",
)
_FRENCH = Phrases(
    locale="fr",
    urgent="URGENT",
    no_headline="(sans titre)",
    no_link="(pas de lien sûr)",
    long_link="(le lien de l’article est trop long pour être affiché ici)",
    met="Trouvé\u00a0",
    as_form="sous la forme {form}",
    in_field="dans {field}",
    also_in="Aussi dans\u00a0",
    more="et {count} de plus",
    seen="vu",
    just_now="à l’instant",
    outlets="désormais dans {count} médias",
    new_language="désormais en {language}",
    official="désormais d’une source officielle",
    revised="le titre dit maintenant autre chose",
    again="un autre article",
    reminder="pas encore acquittée",
    spike="bien plus de sujets que d’habitude ({count})",
    alerts=("{count} alerte", "{count} alertes"),
    stories=("{count} sujet", "{count} sujets"),
    per_day="Sujets par jour",
    left_out="et {count} de plus ; toutes : monitor alerts",
    story="Sujet {number}",
    acknowledge="pour acquitter : monitor ack {number}",
)
_GERMAN = Phrases(
    locale="de",
    urgent="DRINGEND",
    no_headline="(ohne Überschrift)",
    no_link="(kein sicherer Link)",
    long_link="(der Link des Artikels ist zu lang, um ihn hier zu zeigen)",
    met="Gefunden",
    as_form="als {form}",
    in_field="in {field}",
    also_in="Auch bei",
    more="und {count} weitere",
    seen="gesehen",
    just_now="gerade eben",
    outlets="jetzt bei {count} Medien",
    new_language="jetzt auch auf {language}",
    official="jetzt aus amtlicher Quelle",
    revised="die Überschrift sagt jetzt etwas anderes",
    again="ein weiterer Bericht",
    reminder="noch nicht bestätigt",
    spike="viel mehr Themen als sonst ({count})",
    alerts=("{count} Meldung", "{count} Meldungen"),
    stories=("{count} Thema", "{count} Themen"),
    per_day="Themen je Tag",
    left_out="und {count} weitere; alle: monitor alerts",
    story="Thema {number}",
    acknowledge="zum Bestätigen: monitor ack {number}",
)
_SPANISH = Phrases(
    locale="es",
    urgent="URGENTE",
    no_headline="(sin titular)",
    no_link="(sin enlace seguro)",
    long_link="(el enlace del artículo es demasiado largo para mostrarlo aquí)",
    met="Hallado",
    as_form="como {form}",
    in_field="en {field}",
    also_in="También en",
    more="y {count} más",
    seen="visto",
    just_now="ahora mismo",
    outlets="ya en {count} medios",
    new_language="ahora también en {language}",
    official="ahora de una fuente oficial",
    revised="el titular dice ahora otra cosa",
    again="otra noticia",
    reminder="sin acusar recibo",
    spike="muchas más noticias de lo habitual ({count})",
    alerts=("{count} alerta", "{count} alertas"),
    stories=("{count} noticia", "{count} noticias"),
    per_day="Noticias por día",
    left_out="y {count} más; todas: monitor alerts",
    story="Noticia {number}",
    acknowledge="para acusar recibo: monitor ack {number}",
)
_ARABIC = Phrases(
    locale="ar",
    urgent="عاجل",
    no_headline="(بلا عنوان)",
    no_link="(لا يوجد رابط آمن)",
    long_link="(رابط المقال أطول من أن يُعرض هنا)",
    met="وُجد",
    as_form="بصيغة {form}",
    in_field="في {field}",
    also_in="أيضًا في",
    more="و{count} غيرها",
    seen="شوهد",
    just_now="الآن",
    outlets="الآن في {count} من وسائل الإعلام",
    new_language="الآن بلغة جديدة: {language}",
    official="الآن من مصدر رسمي",
    revised="العنوان يقول الآن شيئًا آخر",
    again="تقرير آخر",
    reminder="لم يُؤكَّد الاطلاع بعد",
    spike="أخبار أكثر من المعتاد بكثير ({count})",
    alerts=("عدد التنبيهات: {count}",) * 2,
    stories=("عدد الأخبار: {count}",) * 2,
    per_day="الأخبار يوميًا",
    left_out="و{count} غيرها؛ كلها: monitor alerts",
    story="الخبر {number}",
    acknowledge="لتأكيد الاطلاع: monitor ack {number}",
    rtl=True,
)

LANGUAGES = {"en": _ENGLISH, "fr": _FRENCH, "de": _GERMAN, "es": _SPANISH, "ar": _ARABIC}
"""What a channel's ``language`` may be."""


def phrases(language: str) -> Phrases:
    """The words of this language; English where there are none."""
    return LANGUAGES.get(language, _ENGLISH)
