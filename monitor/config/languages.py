"""The codes of languages, and what a person probably meant by something that is not one.

Source of the codes: ISO 639-1.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from monitor.config.faults import in_quotes
from monitor.text import nearest

__all__ = ["is_language", "language_hint"]

_TABLE = (
    "aa=Afar ab=Abkhazian af=Afrikaans ak=Akan am=Amharic an=Aragonese ar=Arabic as=Assamese av=Avaric ay=Aymara "
    "az=Azerbaijani ba=Bashkir be=Belarusian bg=Bulgarian bi=Bislama bm=Bambara bn=Bengali bo=Tibetan br=Breton "
    "bs=Bosnian ca=Catalan ce=Chechen ch=Chamorro co=Corsican cr=Cree cs=Czech cv=Chuvash cy=Welsh da=Danish "
    "de=German dv=Divehi dz=Dzongkha ee=Ewe el=Greek en=English eo=Esperanto es=Spanish et=Estonian eu=Basque "
    "fa=Persian ff=Fulah fi=Finnish fj=Fijian fo=Faroese fr=French fy=Frisian ga=Irish gd=Gaelic gl=Galician "
    "gn=Guarani gu=Gujarati gv=Manx ha=Hausa he=Hebrew hi=Hindi ho=Hiri_Motu hr=Croatian ht=Haitian hu=Hungarian "
    "hy=Armenian hz=Herero id=Indonesian ie=Interlingue ig=Igbo ii=Yi ik=Inupiaq io=Ido is=Icelandic it=Italian "
    "iu=Inuktitut ja=Japanese jv=Javanese ka=Georgian kg=Kongo ki=Kikuyu kj=Kwanyama kk=Kazakh kl=Kalaallisut "
    "km=Khmer kn=Kannada ko=Korean kr=Kanuri ks=Kashmiri ku=Kurdish kv=Komi kw=Cornish ky=Kyrgyz la=Latin "
    "lb=Luxembourgish lg=Ganda li=Limburgish ln=Lingala lo=Lao lt=Lithuanian lu=Luba-Katanga lv=Latvian mg=Malagasy "
    "mh=Marshallese mi=Maori mk=Macedonian ml=Malayalam mn=Mongolian mr=Marathi ms=Malay mt=Maltese my=Burmese "
    "na=Nauru nb=Bokmål nd=North_Ndebele ne=Nepali ng=Ndonga nl=Dutch nn=Nynorsk no=Norwegian nr=South_Ndebele "
    "nv=Navajo ny=Chichewa oc=Occitan oj=Ojibwa om=Oromo or=Odia os=Ossetian pa=Punjabi pi=Pali pl=Polish ps=Pashto "
    "pt=Portuguese qu=Quechua rm=Romansh rn=Rundi ro=Romanian ru=Russian rw=Kinyarwanda sa=Sanskrit sc=Sardinian "
    "sd=Sindhi se=Northern_Sami sg=Sango si=Sinhala sk=Slovak sl=Slovenian sm=Samoan sn=Shona so=Somali sq=Albanian "
    "sr=Serbian ss=Swati st=Southern_Sotho su=Sundanese sv=Swedish sw=Swahili ta=Tamil te=Telugu tg=Tajik th=Thai "
    "ti=Tigrinya tk=Turkmen tl=Tagalog tn=Tswana to=Tongan tr=Turkish ts=Tsonga tt=Tatar tw=Twi ty=Tahitian "
    "ug=Uyghur uk=Ukrainian ur=Urdu uz=Uzbek ve=Venda vi=Vietnamese vo=Volapük wa=Walloon wo=Wolof xh=Xhosa "
    "yi=Yiddish yo=Yoruba za=Zhuang zh=Chinese zu=Zulu "
)
_NAMES: Mapping[str, str] = dict(pair.split("=", 1) for pair in _TABLE.split())
# What people call a language besides its English name, and the codes of countries that are taken for one.
_ALSO: Mapping[str, str] = {
    "farsi": "fa", "mandarin": "zh", "cantonese": "zh", "castilian": "es", "flemish": "nl", "slovene": "sl",
    "français": "fr", "francais": "fr", "deutsch": "de", "español": "es", "espanol": "es", "italiano": "it",
    "português": "pt", "portugues": "pt", "русский": "ru", "українська": "uk", "türkçe": "tr", "turkce": "tr",
    "nederlands": "nl", "polski": "pl", "العربية": "ar", "فارسی": "fa", "հայերեն": "hy", "中文": "zh", "日本語": "ja",
    "gb": "en", "us": "en", "jp": "ja", "cn": "zh", "ua": "uk", "cz": "cs", "dk": "da", "gr": "el", "il": "he",
    "iw": "he", "ir": "fa", "kp": "ko", "kz": "kk", "rs": "sr", "al": "sq",
}  # fmt: skip
_TAG = re.compile(r"([a-z]{2})(?:[-_][A-Za-z0-9]{1,8})+")


def is_language(code: str) -> bool:
    """Whether it is a language's two-letter code, in small letters."""
    return code in _NAMES


def language_hint(said: str) -> str:
    """What was probably meant by ``said``, which is no code of a language."""
    folded = said.strip().casefold()
    by_name = {name.casefold(): code for code, name in _NAMES.items()} | dict(_ALSO)
    variety = _TAG.fullmatch(said.strip().replace("_", "-"))
    if folded in _NAMES:
        code = folded
    elif variety and is_language(variety[1]):
        return f"write {in_quotes(variety[1])}: varieties of a language are not told apart"
    elif close := nearest(folded, by_name):
        code = by_name[close[0]]
    else:
        return 'two letters, as in "en", "fr", "ar" (ISO 639-1)'
    return f"did you mean {in_quotes(code)} ({_NAMES[code].replace('_', ' ')})?"
