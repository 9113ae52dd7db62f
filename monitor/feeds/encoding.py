"""Which characters a feed's bytes are, decided here and not by the reader.

On the article's way: the first thing that happens to a fetched body. One wrong guess turns every headline of a feed
into rubbish that no rule meets, in silence. So: a byte-order mark, then what the bytes themselves prove, then what the
server and the document say, and where a byte fits nothing only that byte is lost. Reads no XML beyond its declaration.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

from monitor.feeds.languages import language_code

__all__ = ["Decoded", "decode", "unmangled"]

_HEAD = 2048
_DECLARED = re.compile(rb"""<\?xml[^>]{0,200}?\bencoding\s*=\s*["']?\s*([A-Za-z][\w.:-]{0,40})""")
_CHARSET = re.compile(r"""charset\s*=\s*["']?\s*([A-Za-z][\w.:-]{0,40})""", re.IGNORECASE)
_LANGUAGE = re.compile(rb"""(?:<(?:dc:)?language>\s*(?:<!\[CDATA\[)?\s*|\bxml:lang\s*=\s*["'])([A-Za-z_-]{2,12})""")
_MULTIBYTE = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_CUT_END = re.compile(rb"(?:[\xc2-\xdf]|[\xe0-\xef][\x80-\xbf]?|[\xf0-\xf4][\x80-\xbf]{0,2})\Z")
_HIGH_RUN = re.compile(rb"[\x80-\xff]{3,}")
_LOW_HALF, _HIGH_HALF = re.compile(rb"[\xc0-\xdf]"), re.compile(rb"[\xe0-\xff]")

# Longest first: UTF-32's mark begins as UTF-16's does.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# XML 1.0, appendix F.1: a first sign without a mark. Blanks may stand before it, so its place in its unit decides.
_OPENING = re.compile(rb"[ \t\r\n\0]*[<{\[]")
_WIDE = {  # (how many zero bytes stand beside the sign in four, its place in its unit): the encoding
    (3, 0): "utf-32-le", (3, 3): "utf-32-be", (1, 0): "utf-16-le", (1, 1): "utf-16-be",
}  # fmt: skip
# What is meant by a label (WHATWG Encoding, section 4.2): the superset that such texts are really written in.
_MEANT = {
    "ascii": "cp1252", "iso8859-1": "cp1252", "latin-1": "cp1252", "iso8859-9": "cp1254", "iso8859-11": "cp874",
    "tis-620": "cp874", "gb2312": "gb18030", "gbk": "gb18030", "hz": "gb18030", "shift_jis": "cp932",
    "euc_kr": "cp949", "big5": "big5hkscs",
}  # fmt: skip
_ALLOWED = re.compile(
    r"utf-8|cp(?:125\d|874|932|949|866|437|850|852|855)|iso8859-\d+|koi8-[rut]|gb18030|big5hkscs|euc_jp|"
    r"iso2022_(?:jp|kr)\w*|mac-(?:roman|cyrillic|latin2|greek|turkish)|kz1048|ptcp154"
)
# The eight-bit code page that a language's old publishing systems write.
_CODE_PAGES = {
    **dict.fromkeys(("ru", "uk", "be", "bg", "mk", "sr", "kk", "tg", "ky", "mn"), "cp1251"),
    **dict.fromkeys(("pl", "cs", "sk", "hu", "ro", "sl", "hr", "bs", "sq"), "cp1250"),
    **dict.fromkeys(("lt", "lv", "et"), "cp1257"),
    **dict.fromkeys(("ar", "fa", "ur"), "cp1256"),
    "el": "cp1253", "tr": "cp1254", "az": "cp1254", "he": "cp1255", "vi": "cp1258", "th": "cp874",
    "zh": "gb18030", "ja": "cp932", "ko": "cp949",
}  # fmt: skip
_LATIN = frozenset({"cp1252", "cp1254", "iso8859-15"})
_PROOF = 3  # so many UTF-8 sequences without a fault don't come about by chance in another encoding


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoded:
    """A body as text, the encoding it was taken for, and what was wrong with its bytes, for people."""

    text: str
    encoding: str
    problems: tuple[str, ...] = ()


def decode(body: bytes, *, content_type: str) -> Decoded:
    """The body as text without its byte-order mark; every input has an answer.

    ``content_type`` is the HTTP header, which counts before the document's own declaration (RFC 7303, section 3) with
    one exception: a server's default of Latin-1 against a document that names something else.
    """
    for mark, encoding in _MARKS:
        if body.startswith(mark):
            return _replacing(body[len(mark) :], encoding)
    wide = _without_mark(body)
    if wide is not None:
        return _replacing(body, wide)

    label, claimed = _claimed(body, content_type)
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        return _not_utf8(body, label, claimed)
    if claimed in {None, "utf-8"}:
        return Decoded(text=text, encoding="utf-8", problems=_unknown_label(label, claimed))
    sequences = len(_MULTIBYTE.findall(body))
    # Bytes that are faultless UTF-8 are UTF-8, whatever is claimed: no text in another encoding is, beyond a word or
    # two. Pure ASCII may still be a seven-bit encoding of Japanese.
    if sequences >= _PROOF or (sequences and claimed in _LATIN):
        return Decoded(text=text, encoding="utf-8", problems=(f"it declares {label} but is UTF-8; read as UTF-8",))
    return _replacing(body, claimed)


def _without_mark(body: bytes) -> str | None:
    """The encoding of two or four bytes a character that a body without a mark begins in; None for any other."""
    found = _OPENING.match(body[:256])
    if found is None:
        return None
    sign = found.end() - 1
    for size in (4, 2):
        start = sign - sign % size
        unit = body[start : start + size]
        wide = _WIDE.get((unit.count(0), sign % size)) if len(unit) == size else None
        if wide is not None:
            return wide
    return None


def unmangled(text: str) -> str:
    """A text whose UTF-8 was taken for Latin-1 by its writer ("cafÃ©"), put right; any other text as it is.

    "é", a no-break space and "©" in a row make a UTF-8 sequence too, so long sequences need company to count.
    """
    if text.isascii():
        return text
    try:
        raw = text.encode("latin-1")
        meant = raw.decode("utf-8")
    except UnicodeError:
        return text
    sequences: list[bytes] = _MULTIBYTE.findall(raw)
    certain = len(sequences) >= _PROOF or all(sequence[0] in b"\xc2\xc3" for sequence in sequences)
    return meant if certain else text


def _claimed(body: bytes, content_type: str) -> tuple[str, str | None]:
    """The label that counts, as written, and the codec it means; None when it means none that we'd use."""
    declared = _DECLARED.search(body[:_HEAD])
    sent = _CHARSET.search(content_type)
    labels = [sent[1]] if sent else []
    labels += [declared[1].decode("ascii")] if declared else []
    meant = [(label, _codec(label)) for label in labels]
    if len(meant) == 2 and meant[0][1] == "cp1252" and meant[1][1] is not None:
        return meant[1]
    for label, codec in meant:
        if codec is not None:
            return label, codec
    return (labels[0], None) if labels else ("", None)


def _codec(label: str) -> str | None:
    """The codec a label means. A codec that isn't one of written text (rot13, zip, utf-7) is none."""
    try:
        name = codecs.lookup(label).name
    except LookupError:
        return None
    name = _MEANT.get(name, name)
    return name if _ALLOWED.fullmatch(name) else None


def _unknown_label(label: str, codec: str | None) -> tuple[str, ...]:
    return (
        (f"it declares {label}, which is no encoding that its bytes are in; read as UTF-8",)
        if label and codec is None
        else ()
    )


def _not_utf8(body: bytes, label: str, claimed: str | None) -> Decoded:
    good = len(_MULTIBYTE.findall(body))
    # A body that was cut off ends in a part of a character; that speaks neither for nor against.
    bad = len(_CUT_END.sub(b"", _MULTIBYTE.sub(b"", body)).translate(None, bytes(range(0x80))))
    if claimed is not None and claimed != "utf-8":
        # A code page has a character for almost any byte, so that it fits proves little; that nearly all sequences are
        # faultless UTF-8 proves much.
        damaged_utf8 = good >= _PROOF and bad * 4 <= good
        return _replacing(body, "utf-8" if damaged_utf8 else claimed)
    if bad < good:
        return _replacing(body, "utf-8")
    page = _code_page(body)
    said = f"it declares {label} but is not" if label else "it names no encoding and is not UTF-8"
    return Decoded(text=_replacing(body, page).text, encoding=page, problems=(f"{said}; read as {page}",))


def _code_page(body: bytes) -> str:
    """By the language that the feed names; else Cyrillic where whole words are high bytes, else Western."""
    for named in _LANGUAGE.findall(body):
        language = language_code(named.decode("ascii"))
        if language is not None:
            page = _CODE_PAGES.get(language, "cp1252")
            return _cyrillic(body, language) if page == "cp1251" else page
    high = len(body.translate(None, bytes(range(0x80))))
    in_runs = sum(map(len, _HIGH_RUN.findall(body)))
    return _cyrillic(body, "ru") if in_runs * 2 > high else "cp1252"


def _cyrillic(body: bytes, language: str) -> str:
    """Which of two code pages: small letters, of which all text has most, stand where the other has its capitals."""
    low = len(_LOW_HALF.findall(body))
    if low <= len(_HIGH_HALF.findall(body)):
        return "cp1251"
    return "koi8-u" if language == "uk" else "koi8-r"


def _replacing(body: bytes, encoding: str) -> Decoded:
    try:
        return Decoded(text=body.decode(encoding), encoding=encoding)
    except UnicodeDecodeError:
        text = body.decode(encoding, "replace")
    lost = max(1, text.count("\ufffd"))
    noun = "byte does" if lost == 1 else "bytes do"
    return Decoded(text=text, encoding=encoding, problems=(f"{lost} {noun} not fit {encoding} and became �",))
