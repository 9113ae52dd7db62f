"""One spelling for the names and figures of all languages."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.stories.names import foreign_names, numbers, sound


@pytest.mark.parametrize(
    "spellings",
    [
        "Trump Трамп ترامب トランプ 特朗普 טראמפ Թրամփ",
        "Merkel Меркель ميركل メルケル",
        "Obama Обама أوباما オバマ 奥巴马 אובמה",
        "Romanowski Романовски رومانوفسكي",
        "Washington Вашингтон Waschington",
    ],
)
def test_a_name_sounds_alike_in_every_script(spellings: str) -> None:
    assert len({sound(name) for name in spellings.split()}) == 1


def test_different_names_sound_different() -> None:
    names = ["Trump", "Merkel", "Obama", "Putin", "Macron", "Netanyahu", "Erdogan", "Zelensky", "Sudani", "Romanowski"]
    assert len({sound(name) for name in names}) == len(names)


def test_what_leaves_less_than_two_sounds_is_no_name() -> None:
    assert sound("") == sound("!") == sound("a") == ""


@given(st.text(max_size=60))
def test_any_text_has_a_sound_of_few_plain_letters(text: str) -> None:
    assert len(sound(text)) <= 7
    assert sound(text).isascii()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("about 2,500 troops", ["2500"]),
        ("circa 2.500 militari", ["2500"]),
        ("quelque 2 500 soldats", ["2500"]),
        ("نحو ٢٬٥٠٠ جندي", ["2500"]),
        ("1,234,567 votes", ["1234567"]),
        ("magnitude 6.1 and 6,1", ["6.1", "6.1"]),
        ("3.5 million people, 3,5 Millionen Menschen", ["3500000", "3500000"]),
        ("350万人", ["3500000"]),
        ("2 billion", ["2000000000"]),
        ("on 12/03/2024", ["12", "3", "2024"]),
        ("the F16 and B52", []),
        ("no figures", []),
    ],
)
def test_a_figure_is_one_number_however_it_is_written(text: str, found: list[str]) -> None:
    assert list(numbers(text)) == found


def test_names_that_chinese_and_japanese_spell_by_sound_are_found() -> None:
    assert list(foreign_names("美国总统特朗普周二表示")) == ["特朗普"]
    assert list(foreign_names("米国のトランプ大統領は")) == ["トランプ"]
    assert list(foreign_names("Trump said")) == []
