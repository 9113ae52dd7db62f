"""The gazetteer: names in many languages for one thing."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.app.parts import gazetteer
from monitor.stories import NO_PLACES, Gazetteer
from monitor.text import analyse

PLACES = Gazetteer({"de": ["Germany", "Deutschland", "ألمانيا"], "us": ["United States", "United"], "--": ["", "!"]})


def places(text: str, gazetteer: Gazetteer = PLACES) -> list[str]:
    return list(gazetteer.places(analyse(text)))


def test_a_place_is_one_in_every_language() -> None:
    assert places("Germany") == places("In Deutschland") == places("في ألمانيا") == ["de"]


def test_a_name_with_a_prefix_of_its_language_is_met() -> None:
    assert places("وألمانيا") == ["de"]


def test_the_longest_name_is_taken_and_its_words_count_once() -> None:
    assert places("the United States of Germany") == ["us", "de"]
    assert places("United") == ["us"]
    assert places("States") == []
    assert places("New Jersey", Gazetteer({"ny": ["New York"]})) == []


def test_an_empty_gazetteer_knows_nothing() -> None:
    assert places("Germany", NO_PLACES) == []


@pytest.mark.parametrize(
    ("headline", "named"),
    [
        ("日米首脳会談が開かれる", ["jp", "us"]),
        ("中美贸易战升级", ["cn", "us"]),
        ("速報「米英仏軍が拠点を攻撃」", ["us", "gb", "fr"]),
        ("首相が訪問、日英関係を強化", ["jp", "gb"]),
        ("美俄日前会谈", ["us", "ru"]),  # 日前: days ago
        ("米英中央銀行が協調", ["us", "gb"]),  # 中央: central
    ],
)
def test_characters_side_by_side_at_the_head_of_a_compound_name_their_places(headline: str, named: list[str]) -> None:
    assert places(headline, gazetteer()) == named


@pytest.mark.parametrize(
    "text",
    [
        "一份声明中说",
        "米が値上がり",
        "这位英雄",
        "高达1.2亿英镑",
        "在比赛中美好的一天",
        "その日英首相が辞任",
        "日日英雄辈出",
        "英英辞典",
        "日米",
        "日米、",
        "美日益紧张",
    ],
)
def test_a_character_names_nothing_elsewhere(text: str) -> None:
    assert places(text, gazetteer()) == []


def test_a_longer_name_is_no_row_of_characters() -> None:
    assert places("中米諸国の移民", gazetteer()) == places("中美洲移民", gazetteer()) == ["central_america"]
    assert places("米日本支社", gazetteer()) == ["jp"]
    assert places("日米首脳会談", Gazetteer({"jp": ["日"], "us": ["米"]})) == ["jp", "us"]
    assert places("日中首脳会談", Gazetteer({"jp": ["日"], "cn": ["中"]})) == []


@given(
    st.dates(date(1900, 1, 1), date(2099, 12, 31)),
    st.sampled_from(
        ["{0.month}月{0.day}日", "{0.year}年 {0.month} 月 {0.day} 日", "{0.day}日", "{0.day}\n日", "{0.day}(日)"]
    ),
    st.sampled_from(["", " ", "、", "\n"]),
    st.sampled_from(["米大統領が訪問", "美媒报道", "中美会谈", "英法总统", "俄美谈判", "開催", ""]),
    st.booleans(),
)
def test_a_date_never_names_japan(day: date, form: str, between: str, behind: str, wide: bool) -> None:
    text = form.format(day) + between + behind
    if wide:
        text = text.translate({ord("0") + n: ord("０") + n for n in range(10)})
    assert "jp" not in places(text, gazetteer())
