"""Names and numbers under one spelling for all languages, so that people and figures are met across scripts.

On the article's way: while an article's sketch is made (:mod:`monitor.stories.sketch`). A word becomes the consonants
that are left when it is written in Latin letters and what languages spell differently is taken away, so that Trump,
Трамп, ترامب and トランプ are one. Figures become one number, however their thousands and decimals are set.

It does not know which words are names, nor what they mean: places whose names differ by language stand in
:mod:`monitor.stories.gazetteer`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

import regex
from anyascii import anyascii

__all__ = ["codes", "foreign_names", "numbers", "sound"]

_LONGEST = 7  # consonants: more are endings and compounds
# Each with a letter without which it changes nothing, "" where there is no such one.
_SPELLINGS = tuple(
    (letter, re.compile(pattern), sound)
    for letter, pattern, sound in (
        ("", r"[^a-z]", ""),
        ("h", r"tsch|sch|tch|dzh|dsch", "s"),
        ("", r"sh|zh|dj|dz|ts|tz", "s"),
        ("h", r"ch(?=[^aeiouy]|$)", "k"),
        ("h", r"ch", "s"),
        ("h", r"ph", "p"),
        ("", r"[kg]h|ck|q", "k"),
        ("h", r"th", "t"),
        ("x", r"x", "ks"),
        ("c", r"c(?=[eiy])", "s"),
        ("w", r"^w|w(?=sk)", "v"),
        ("", r"[hw]", ""),
    )
)
_ONE_SOUND = str.maketrans(
    {"c": "k", "g": "k", "d": "t", "b": "p", "v": "p", "f": "p", "l": "r", "m": "n", "z": "s", "j": "s"}
    | dict.fromkeys("aeiouy", "a")
)
_TWICE = re.compile(r"(.)\1+")
_HAN = regex.compile(r"\p{Han}")
# Scripts that leave vowels out: alef at the beginning stands for one, vav within a Hebrew word mostly does.
_CONSONANTS_ONLY = regex.compile(r"[\p{Arabic}\p{Hebrew}]")
_HEBREW_VOWEL = regex.compile(r"(?<=\p{Hebrew})ו+(?!$)|(?<=\p{Hebrew})ה$")

# Characters that Chinese writes foreign names with, by their sound alone. Three or more in a row are such a name.
_SOUND_CHARACTERS = (
    "阿埃艾爱安昂奥巴白班邦鲍贝本比彼别宾波伯博勃布采查茨次达戴丹当道得德登邓狄迪蒂丁东都杜多厄恩尔法凡范方菲芬费丰佛夫弗福"
    "盖甘冈高戈格根古瓜哈海汉豪赫黑亨洪胡华怀惠霍基吉加贾简杰金津京久卡凯坎康考柯科可克肯库夸奎拉莱赖兰朗劳勒雷里丽利莉连"
    "列林琳隆卢鲁路伦罗洛马麦迈曼芒毛梅门蒙米密敏明摩莫墨默姆慕穆拿娜纳乃奈南内嫩尼妮涅宁纽努诺欧帕派潘庞佩彭皮平珀普齐奇"
    "恰钱乔切琴丘琼屈让热荣茹瑞若萨塞桑瑟森莎沙尚绍舍申圣施什史舒斯思苏索塔泰坦汤唐陶特滕提廷通图托瓦万旺威韦维魏温文翁沃乌"
    "武西锡希夏谢辛欣休雪逊雅亚延扬耶叶伊因英永尤于约赞泽扎詹珍朱卓兹佐"
)
_CHINESE_NAME = regex.compile(rf"[{_SOUND_CHARACTERS}]{{3,12}}")
_KATAKANA = regex.compile(r"[\p{Katakana}ー]{3,}")

_DIGITS = regex.compile(
    r"(?<![\p{L}\d.,])(?:\d{1,3}(?:[\u0020\u00a0\u202f]\d{3})+(?![\d])|\d+(?:[.,٫٬'’]\d+)*)(?![\p{L}--[\p{Han}\p{Kana}\p{Hang}]])",
    regex.VERSION1,
)
_THOUSANDS = regex.compile(r"\d{1,3}(?:([.,٬'’\u0020\u00a0\u202f])\d{3})(?:\1\d{3})*")
_DECIMAL = regex.compile(r"(\d+)[.,٫](\d+)")
# "MH370", "CVE-2024-1234", "WC2022"; "$ACME", "(NASDAQ: ACME)".
_CODE = regex.compile(r"(?<![\p{L}\p{N}.-])(?P<series>\p{Lu}{2,5})-?(?P<code>\d{2,6}(?:-\d{1,7})*)(?![\p{L}\p{N}])")
_TICKER = regex.compile(
    r"\$(?P<code>[A-Z]{1,5})(?![\p{L}\p{N}])|[(\[](?:NYSE|NASDAQ|Nasdaq|AMEX|OTC\w*|LSE|LON|TSX|TSE|TYO|ASX|HKG|HKEX|FRA|ETR|EPA|BIT|BME|SIX|NSE|BSE)"
    r"\s*:\s*(?P<listed>[A-Z0-9.]{1,6})[)\]]"
)
_TENS = {"万": 10_000, "萬": 10_000, "億": 100_000_000, "亿": 100_000_000}
_TIMES = regex.compile(
    r"\s*(?:(?P<tens>[万萬億亿])|(?P<m>mil(?:lion|ione|ioni|lón|lones|lionen|hão|hões|yon|ion[óyiae])\w*|mln|млн|мільйон\w*|миллион\w*"
    r"|ملايين|مليون|میلیون|מיליון|միլիոն\w*)|(?P<b>billion|miliard\w*|milliard\w*|milyar|млрд|миллиард\w*|мільярд\w*"
    r"|مليار|میلیارد|מיליארד|միլիարդ\w*))",
    regex.IGNORECASE,
)


@lru_cache(maxsize=32_768)
def sound(word: str) -> str:
    """The consonants of a word as they sound alike in all languages, "" where fewer than two are left.

    A vowel at the beginning counts as one sound.
    """
    if word.isascii():
        latin = word.lower()
    else:
        latin = anyascii(_HEBREW_VOWEL.sub("", word)).lower()
        if _HAN.search(word) is not None:
            latin = latin.replace("ng", "n")
        elif latin.startswith("'") and _CONSONANTS_ONLY.match(word) is not None:
            latin = "a" + latin[1:].removeprefix("w")
    for letter, pattern, alike in _SPELLINGS:
        if letter in latin:
            latin = pattern.sub(alike, latin)
    latin = latin.translate(_ONE_SOUND)
    bare = latin[:1] + latin[1:].replace("a", "")
    bare = _TWICE.sub(r"\1", bare)
    return bare[:_LONGEST] if len(bare) > 1 else ""


def foreign_names(text: str) -> Iterator[str]:
    """Names that a Chinese or Japanese text spells by sound, as they stand."""
    for pattern in (_CHINESE_NAME, _KATAKANA):
        yield from (found[0] for found in pattern.finditer(text))


def codes(title: str) -> Iterator[tuple[str, str]]:
    """What things of a series are called by in a title: the series, and which of it. Tickers are a series, "$"."""
    for found in _CODE.finditer(title):
        yield found["series"], found["code"]
    for found in _TICKER.finditer(title):
        yield "$", found["code"] or found["listed"]


def numbers(text: str) -> Iterator[str]:
    """The figures of a text, each as plain digits with a point for decimals: 2.500, 2,500 and ٢٬٥٠٠ are "2500"."""
    for found in _DIGITS.finditer(text):
        for part in _split(found[0]):
            times = _TIMES.match(text, found.end())
            yield _multiplied(part, times) if times is not None else part


def _split(figure: str) -> Iterator[str]:
    plain = "".join(str(int(sign)) if sign.isdigit() else sign for sign in figure)
    if _THOUSANDS.fullmatch(plain):
        yield "".join(sign for sign in plain if sign.isdigit())
    elif decimal := _DECIMAL.fullmatch(plain):
        yield f"{int(decimal[1])}.{decimal[2]}"
    else:
        for part in regex.split(r"\D+", plain):
            yield str(int(part))


def _multiplied(part: str, times: regex.Match[str]) -> str:
    by = _TENS[times["tens"]] if times["tens"] else 1_000_000 if times["m"] else 1_000_000_000
    whole, _, rest = part.partition(".")
    value = int(whole + rest) * by
    return str(value // 10 ** len(rest))
