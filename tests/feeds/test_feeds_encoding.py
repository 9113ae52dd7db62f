"""The encoding is decided by what the bytes prove, then by what is claimed of them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.feeds.encoding import decode, unmangled

RU = "В порту открыли новый причал для паромов"
FR = "Été pluvieux : “déjà vu” à Honfleur"
AR = "افتتح الميناء رصيفا جديدا للعبارات صباح اليوم"


def document(text: str, *, declared: str | None = None, language: str = "") -> str:
    head = f'<?xml version="1.0" encoding="{declared}"?>' if declared else '<?xml version="1.0"?>'
    return f"{head}<rss><channel>{language}<item><title>{text}</title></item></channel></rss>"


@pytest.mark.parametrize(
    ("text", "written", "declared", "content_type", "taken"),
    [
        (FR, "utf-8", "utf-8", "", "utf-8"),
        (FR, "utf-8", None, "", "utf-8"),
        (FR, "utf-8", "iso-8859-1", "", "utf-8"),
        (FR, "utf-8", None, "text/xml; charset=ISO-8859-1", "utf-8"),
        (FR, "cp1252", "utf-8", "", "cp1252"),
        (FR, "cp1252", "iso-8859-1", "", "cp1252"),
        (FR, "cp1252", None, "text/xml; charset=windows-1252", "cp1252"),
        (RU, "cp1251", "windows-1251", "", "cp1251"),
        (RU, "cp1251", None, "text/xml; charset='windows-1251'", "cp1251"),
        (RU, "cp1251", "windows-1251", "text/xml; charset=ISO-8859-1", "cp1251"),
        (RU, "cp1251", None, "", "cp1251"),
        (RU, "cp1251", "utf-8", "", "cp1251"),
        (RU, "utf-8", "windows-1251", "", "utf-8"),
        (RU, "koi8-r", "koi8-r", "", "koi8-r"),
        (AR, "cp1256", "windows-1256", "", "cp1256"),
        ("港口今天开放了新的码头", "gb18030", "gb2312", "", "gb18030"),
        ("港で新しい桟橋が開いた", "shift_jis", "Shift_JIS", "", "cp932"),
        ("港で新しい桟橋が開いた", "iso2022_jp", "ISO-2022-JP", "", "iso2022_jp"),
        (FR, "utf-16", "utf-16", "", "utf-16-le"),
        (FR, "utf-16-be", "utf-16", "", "utf-16-be"),
        (FR, "utf-32", None, "", "utf-32-le"),
        (FR, "utf-8", "utf-16", "", "utf-8"),
    ],
)
def test_the_text_comes_out_right_whatever_is_declared(text, written, declared, content_type, taken):
    body = document(text, declared=declared).encode(written)
    decoded = decode(body, content_type=content_type)
    assert text in decoded.text
    assert decoded.encoding == taken


@pytest.mark.parametrize("label", ["rot13", "utf-7", "zip", "klingon", "unicode_escape", "idna"])
def test_a_label_that_names_no_encoding_of_text_is_said_and_not_used(label):
    decoded = decode(document(FR, declared=label).encode(), content_type="")
    assert FR in decoded.text
    assert decoded.problems == (f"it declares {label}, which is no encoding that its bytes are in; read as UTF-8",)


@pytest.mark.parametrize("declared", ["utf-8", None, "iso-8859-1", "windows-1256"])
@pytest.mark.parametrize("junk", [b"\xff", b"\xc3", b"\xe2\x80"])
def test_one_bad_byte_in_utf8_costs_one_character(declared, junk):
    """The bytes around it stay Arabic, also when the document claims a code page."""
    whole = document(AR, declared=declared).encode()
    at = whole.index("رصيفا".encode())
    decoded = decode(whole[:at] + junk + whole[at:], content_type="")
    assert decoded.encoding == "utf-8"
    assert decoded.text == document(AR, declared=declared).replace("رصيفا", "�رصيفا")
    assert decoded.problems == ("1 byte does not fit utf-8 and became �",)


@pytest.mark.parametrize(
    ("language", "page"), [("el", "cp1253"), ("tr", "cp1254"), ("he-IL", "cp1255"), ("pl", "cp1250"), ("fr", "cp1252")]
)
def test_undeclared_bytes_are_read_as_the_feeds_language_is_written(language, page):
    words = {"el": "Το λιμάνι", "tr": "İğneada", "he-IL": "הנמל נפתח", "pl": "Wąż", "fr": "Été"}[language]
    body = document(words, language=f"<language>{language}</language>").encode(page)
    assert (decode(body, content_type="").encoding, words in decode(body, content_type="").text) == (page, True)


def test_a_language_that_is_none_decides_nothing():
    assert (
        decode(document(RU, language="<language>--</language>").encode("cp1251"), content_type="").encoding == "cp1251"
    )


def test_a_byte_outside_the_declared_code_page_costs_one_character():
    body = document(RU, declared="windows-1251").encode("cp1251").replace(b"</title>", b"\x98</title>")
    decoded = decode(body, content_type="")
    assert RU + "�" in decoded.text
    assert decoded.problems == ("1 byte does not fit cp1251 and became �",)


def test_two_bad_bytes_are_counted():
    decoded = decode(document(AR).encode() + b"\xff \xff", content_type="")
    assert decoded.problems == ("2 bytes do not fit utf-8 and became �",)


def test_a_short_word_does_not_prove_utf8_against_a_cyrillic_declaration():
    """Two bytes of windows-1251 can look like one UTF-8 sequence."""
    body = document("Рё", declared="windows-1251").encode("cp1251")
    assert "Рё" in decode(body, content_type="").text


@pytest.mark.parametrize(
    ("written", "right"),
    [
        ("cafÃ©", "café"),
        ("plain", "plain"),
        ("café", "café"),
        ("é\xa0©", "é\xa0©"),
        ("Ð¿Ð¾Ñ\x80Ñ\x82", "порт"),
        ("ж", "ж"),
    ],
)
def test_doubly_encoded_words_are_put_right_and_real_ones_left(written, right):
    assert unmangled(written) == right


@given(
    st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\x00")),
    st.sampled_from(["utf-8", "utf-16", "utf-32"]),
)
def test_unicode_with_a_mark_always_comes_back(text, encoding):
    body = b"\xef\xbb\xbf" + text.encode() if encoding == "utf-8" else text.encode(encoding)
    decoded = decode(body, content_type="text/xml; charset=koi8-r")
    assert (decoded.text, decoded.problems) == (text, ())


@given(st.binary(), st.sampled_from(["", "text/xml; charset=utf-8", "text/xml; charset=big5", "a; charset=ISO-8859-9"]))
def test_every_body_has_an_answer(body, content_type):
    assert isinstance(decode(body, content_type=content_type).text, str)
