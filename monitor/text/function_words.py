"""Function words: the small words by which a text of some length tells its language without a model.

On the article's way: asked first when a language is decided (:mod:`monitor.text.language`). Each word here is written
by one language of the news alone, or by none of its kin, so that several different ones leave no doubt. A text that
holds few of them, or those of several languages, is for the model; so are languages that have no list.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection

__all__ = ["language_of_words"]

_LEAST = 8  # different words
_OTHERS = 6  # of so many words one may be another language's: names and quotations hold such

_WORDS = {
    "ar": "في من على إلى أن التي الذي عن مع هذا هذه بعد كما قد بين كان ذلك حيث خلال وقد كانت بأن أنه",
    "de": "und nicht auf ist das eine auch dem sich werden wurde einen über durch wird zur zum bei nach einer für noch",
    "en": "the of and was were with that this from have has been are which their would after not but will they its by",
    "es": "y pero fue más también sin muy sus hasta según donde aunque están cuando los porque había desde esta",
    "fa": "در از که را با این است برای آن یک تا خود شده بود شد باید نیز پس",
    "fr": "des dans pour qui sur une avec aux été cette ses ont par pas sont où après selon leur était est du",
    "he": "של את על לא הוא כי גם עם זה היא או כל אם אך יותר בין היה אבל אחרי לאחר ידי זו",
    "it": "della che gli nel nella sono anche più dal alla degli delle dei questo il è di stato nei alle",
    "nl": "een niet zijn naar wordt werd deze bij heeft hij waren hebben tegen door worden zich omdat",
    "pl": "się jest przez oraz które który dla jego został były być także że są też która przed może już czy ich",
    "pt": "não uma são pelo pela também foi ao dos nas num numa sua seu ou até em no na às os",
    "ru": "что это его был также которые который которая были было после если уже чтобы только этого этом из она они",
    "tr": "ve için olarak ile çok gibi kadar değil ise olduğu olduğunu veya kendi şekilde ilgili etti",
    "uk": "що це його був також які який яка були було після або від щоб лише між із є цього вже ще буде",
    "vi": "và của là các trong được cho những với không này đã có người một để khi từ theo tại cũng vào trên đến nhiều",
}
_LANGUAGE = {word: code for code, words in _WORDS.items() for word in words.split()}
_ALL = frozenset(_LANGUAGE)


def language_of_words(words: Collection[str], least: int = _LEAST) -> str | None:
    """The language whose function words are among these, ISO 639-1; None where that is not beyond doubt.

    ``words``: different ones, as they stand between spaces. ``least``: how many of them must tell.
    """
    telling = Counter(map(_LANGUAGE.__getitem__, _ALL.intersection(words)))
    if not telling:
        return None
    code, count = max(telling.items(), key=lambda one: one[1])
    return code if count >= least and (telling.total() - count) * _OTHERS <= count else None
