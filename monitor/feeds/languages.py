"""The language that a feed states, as a plain ISO 639-1 code.

On the article's way: a hint beside the text; what the text is written in is decided from the text itself.
"""

from __future__ import annotations

import re

__all__ = ["language_code"]

_TAG = re.compile(r"[A-Za-z]{2,3}(?=$|[-_])")
# ISO 639-2 codes (both kinds) and withdrawn or mistaken two-letter ones that feeds use (ISO 639-2/RA change notice;
# a country's code in the language's place where no language has that code).
_OTHER_NAMES = {
    "ara": "ar", "arm": "hy", "hye": "hy", "ben": "bn", "bul": "bg", "ces": "cs", "cze": "cs", "chi": "zh", "zho": "zh",
    "cmn": "zh", "dan": "da", "deu": "de", "ger": "de", "dut": "nl", "nld": "nl", "ell": "el", "gre": "el", "eng": "en",
    "est": "et", "fas": "fa", "per": "fa", "fin": "fi", "fra": "fr", "fre": "fr", "geo": "ka", "kat": "ka", "heb": "he",
    "hin": "hi", "hrv": "hr", "hun": "hu", "ind": "id", "ita": "it", "jpn": "ja", "kor": "ko", "lav": "lv", "lit": "lt",
    "nor": "no", "pol": "pl", "por": "pt", "ron": "ro", "rum": "ro", "rus": "ru", "slk": "sk", "slo": "sk", "slv": "sl",
    "spa": "es", "srp": "sr", "swe": "sv", "tha": "th", "tur": "tr", "ukr": "uk", "urd": "ur", "vie": "vi",
    "iw": "he", "in": "id", "ji": "yi", "cz": "cs", "dk": "da", "gr": "el", "jp": "ja", "cn": "zh", "nb": "no",
    "nn": "no",
}  # fmt: skip


def language_code(stated: object) -> str | None:
    """The ISO 639-1 code in a BCP 47 tag or its like ("en-US", "fr_FR", "deu"); None when it names no language."""
    if not isinstance(stated, str):
        return None
    tag = _TAG.match(stated.strip())
    if tag is None:
        return None
    code = tag[0].lower()
    code = _OTHER_NAMES.get(code, code)
    return code if len(code) == 2 and code != "xx" else None
