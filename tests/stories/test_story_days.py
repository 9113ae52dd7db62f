"""Which days, years and agencies are read from a text, and what a title calls things of a series by."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.stories.days import days, years
from monitor.stories.furniture import story_lines, without_credit
from monitor.stories.names import codes


@pytest.mark.parametrize(
    "text",
    [
        "on July 23rd",
        "23 July 2024",
        "le 23 juillet",
        "am 23. Juli",
        "il 23 luglio",
        "el 23 de julio",
        "23 июля",
        "23 липня",
        "23 lipca",
        "23 Temmuz",
        "7月23日",
        "23 يوليو",
        "Jul. 23",
        "ngày 23/7",
        "23 tháng 7",
    ],
)
def test_a_day_is_the_same_in_all_languages(text: str) -> None:
    assert list(days(text, "vi")) == ["7-23"]


@pytest.mark.parametrize(
    "text",
    [
        "Mark 5 wins",
        "mayor 12",
        "July 2024",
        "July 35",
        "March 1,000 people",
        "7/8",
        "at 23:10 May",
        "",
        "as many as 12 may have died",
        "20 march in protest",
        "a 5 mar",
    ],
)
def test_what_is_no_day_is_none(text: str) -> None:
    assert list(days(text, "en")) == []


def test_years_stand_alone() -> None:
    assert list(years("In 2013, as in 1998; 2013/14, $2013, 20135, 2,013, A2013")) == ["2013", "1998"]


@pytest.mark.parametrize(
    ("line", "bare"),
    [
        ("PARIS (AFP) - A ferry sank", "A ferry sank"),
        ("Reuters — Oil rises", "Oil rises"),
        ("ROMA, 3 MAR (ANSA) - Una nave", "Una nave"),
        ("موسكو (رويترز) - قال", "قال"),
        ("Two dead in storm (AFP)", "Two dead in storm"),
        ("Two dead in storm (with Reuters).", "Two dead in storm"),
        ("Source: AFP", ""),
        ("Apple (AAPL) rises", "Apple (AAPL) rises"),
        ("Police told (AP) on Monday", "Police told (AP) on Monday"),
        ("He works for Reuters - and for others", "He works for Reuters - and for others"),
        ("AP classes are cut", "AP classes are cut"),
    ],
)
def test_an_agencys_credit_is_taken_off_and_a_sentence_about_one_is_not(line: str, bare: str) -> None:
    assert without_credit(line) == bare


def test_a_line_that_names_nothing_but_an_agency_tells_nothing() -> None:
    assert story_lines("A ferry sank.\nReuters\n(AFP)") == ["A ferry sank."]


def test_things_of_a_series_and_tickers_are_read() -> None:
    title = "MH370 and CVE-2024-1234: $ACME (NASDAQ: OTHR) falls in 2024, G7 meets, ABC"
    assert list(codes(title)) == [("MH", "370"), ("CVE", "2024-1234"), ("$", "ACME"), ("$", "OTHR")]


@given(st.text(max_size=300))
def test_any_text_is_read(text: str) -> None:
    list(days(text, "vi"))
    list(years(text))
    list(codes(text))
    assert len(without_credit(text)) <= len(text)
