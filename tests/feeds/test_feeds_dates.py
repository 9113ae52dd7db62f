"""Dates as feeds write them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.feeds import settle_published, understand_date

DAY = datetime(2024, 7, 23, tzinfo=UTC)
TEN = DAY + timedelta(hours=10)


@pytest.mark.parametrize(
    ("raw", "meant"),
    [
        ("Tue, 23 Jul 2024 10:00:00 GMT", TEN),
        ("Tue, 23 Jul 2024 12:00:00 +0200", TEN),
        ("Tue, 23 Jul 2024 10:00:00 Z", TEN),
        ("23 Jul 24 10:00", TEN),
        ("23 Jul 99 10:00", datetime(1999, 7, 23, 10, tzinfo=UTC)),
        ("Tue Jul 23 10:00:00 2024", TEN),
        ("Tue Jul 23 12:00:00 CEST 2024", TEN),
        ("Tue, 23 Jul 2024 15:30:00 +0530 (IST)", TEN),
        ("Tue, 23 Jul 2024 13:00:00 GMT+3", TEN),
        ("Tue, 23 Jul 2024 06:30:00 -03:30", TEN),
        ("Tue, 23 Jul 2024 10:00:00 +9900", TEN),
        ("Tue, 23 Jul 2024 10:00:00 Nowhere", TEN),
        ("2024-07-23T10:00:00Z", TEN),
        ("2024-07-23T10:00:00.123456+00:00", TEN),
        ("2024-07-23T10:00:00+02:00[Europe/Paris]", TEN - timedelta(hours=2)),
        ("2024-07-23t12:00+02", TEN),
        ("2024-07-23T10", TEN),
        ("20240723T100000Z", TEN),
        ("2024-07-23 10:00:00", TEN),
        ("2024-07-23 12:00:00 EEST", TEN - timedelta(hours=1)),
        ("2024-07-23", DAY),
        ("2024-07", datetime(2024, 7, 1, tzinfo=UTC)),
        ("2024-W30-2", DAY),
        ("2024-07-22T24:00:00Z", DAY),
        ("Mon, 22 Jul 2024 24:00:00 GMT", DAY),
        ("2024-07-23T09:59:60Z", TEN - timedelta(seconds=1)),
        ("1721728800", TEN),
        ("1721728800000", TEN),
        ("1721728800.5", TEN),
        ("23/07/2024 10:00", TEN),
        ("07/23/2024 10:00", TEN),
        ("01/02/2024", datetime(2024, 2, 1, tzinfo=UTC)),
        ("23.07.2024 10.00", TEN),
        ("23. Juli 2024, 10.00 Uhr", TEN),
        ("2024/07/23 10:00:00", TEN),
        ("July 23, 2024 6:00 AM EDT", TEN),
        ("Jul 23, 2024, 12:00 a.m.", DAY),
        ("Jul 22, 2024, 12:00 p.m.", DAY - timedelta(hours=12)),
        ("23 juil. 2024 à 10h00", TEN),
        ("2024年7月23日 10:00", TEN),
        ("2024년 7월 23일 10시00분", TEN),
        ("\u200e23\u00a0Jul 2024  10:00", TEN),
        ("٢٣ يوليو ٢٠٢٤ 10:00", TEN),
        ("２３ Jul ２０２４ 10:00", TEN),
        ("1 Jan 1970 00:00", datetime(1970, 1, 1, tzinfo=UTC)),
    ],
)
def test_every_spelling_of_a_moment_is_that_moment(raw, meant):
    assert understand_date(raw) == meant


@pytest.mark.parametrize(
    "raw",
    ["", "yesterday", "soon 10:00", "Mon, 01 Jan 0001 00:00:00 +0000", "2567-07-23", "31 Feb 2024 10:00", "2024-13-01",
     "23 Jul 2024 25:00", "23 Jul 2024 10:61", "13:00 PM 23 Jul 2024", "July", "July 2024", "23 July", "2024-W60-1", "x" * 500,
     "99/99/2024", "9999-12-31T24:00:00Z", "23 Jul 2024 24:30"],
)  # fmt: skip
def test_what_is_no_date_or_an_absurd_one_is_none(raw):
    assert understand_date(raw) is None


@pytest.mark.parametrize(
    ("zone", "hours"),
    [("CET", 1), ("CEST", 2), ("EET", 2), ("EEST", 3), ("MSK", 3), ("TRT", 3), ("GST", 4), ("AMT", -4), ("IST", 5.5), ("NPT", 5.75),
     ("JST", 9), ("AEST", 10), ("NZDT", 13), ("BRT", -3), ("ART", -3), ("EST", -5), ("PDT", -7), ("UT", 0), ("WIB", 7), ("PKT", 5)],
)  # fmt: skip
def test_zone_names_are_not_read_as_utc(zone, hours):
    assert understand_date(f"Tue, 23 Jul 2024 10:00:00 {zone}") == TEN - timedelta(hours=hours)


@pytest.mark.parametrize(
    "words",
    ["mar. 23 juil. 2024", "Dienstag, 23. Juli 2024", "martes, 23 de julio de 2024", "terça-feira, 23 de julho de 2024",
     "martedì 23 luglio 2024", "вторник, 23 июля 2024 г.", "23 Temmuz 2024 Salı", "wtorek, 23 lipca 2024", "الثلاثاء 23 يوليو 2024",
     "23 تموز 2024", "23 липня 2024", "23. července 2024", "Τρίτη 23 Ιουλίου 2024", "2024. július 23.", "tisdag 23 juli 2024",
     "23. heinäkuuta 2024", "dinsdag 23 juli 2024", "23 iulie 2024", "23 de juliol de 2024", "23 iyul 2024", "23 հուլիսի 2024",
     "23 ژوئیه 2024", "23 ביולי 2024", "23 जुलाई 2024", "23 Juli 2024", "23 юли 2024", "23. júla 2024", "23. julij 2024"],
)  # fmt: skip
def test_month_names_of_many_languages(words):
    assert understand_date(f"{words} 10:00") == TEN


@pytest.mark.parametrize(
    ("words", "month"),
    [("تشرين الأول", 10), ("تشرين الثاني", 11), ("كانون الأول", 12), ("كانون الثاني", 1), ("Şubat", 2), ("Ağustos", 8), ("KASIM", 11),
     ("мая", 5), ("maja", 5), ("août", 8), ("AOÛT", 8), ("März", 3), ("października", 10), ("листопада", 11)],
)  # fmt: skip
def test_months_that_are_easily_mistaken(words, month):
    assert understand_date(f"3 {words} 2024") == datetime(2024, month, 3, tzinfo=UTC)


@given(
    st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1)).map(lambda d: d.replace(microsecond=0)),
    st.integers(-12 * 60, 14 * 60),
)
def test_what_the_standards_write_is_understood(local, minutes):
    """Any moment in any zone, as RFC 5322 and as ISO 8601 write it."""
    moment = local.replace(tzinfo=timezone(timedelta(minutes=minutes)))
    assert understand_date(format_datetime(moment)) == moment
    assert understand_date(moment.isoformat()) == moment


@given(st.text(max_size=140))
def test_any_text_is_a_date_or_none(text):
    found = understand_date(text)
    assert found is None or (found.tzinfo is UTC and 1970 <= found.year < 2100)


@pytest.mark.parametrize(
    ("understood", "settled"),
    [(None, None), (TEN + timedelta(days=9), TEN), (DAY, DAY), (datetime(1989, 12, 31, tzinfo=UTC), None)],
)
def test_no_article_is_published_later_than_now_or_before_the_web(understood, settled):
    assert settle_published(understood, TEN) == settled


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("20240313154500", "2024-03-13T15:45"),
        ("/Date(1710344700000)/", "2024-03-13T15:45"),
        ("Wed, 13 Mar 2024 15:45:00 ET", "2024-03-13T19:45"),
        ("Sat, 9 Mar 2024 15:45:00 ET", "2024-03-09T20:45"),
        ("Sun, 3 Nov 2024 15:45 PT", "2024-11-03T23:45"),
        ("Wed, 13 Mar 2024 15:45:00 CEDT", "2024-03-13T13:45"),
        ("13 march 2024 3 pm", "2024-03-13T15:00"),
        ("2024년 3월 13일 오후 3:45", "2024-03-13T15:45"),
        ("2024年3月13日 下午12:45", "2024-03-13T12:45"),
        ("令和6年3月13日", "2024-03-13T00:00"),
        ("令和元年6月1日", "2019-06-01T00:00"),
        ("13 tháng 3 năm 2024", "2024-03-13T00:00"),
        ("ngày 13 tháng 3, 2024 15:45", "2024-03-13T15:45"),
        ("13 มี.ค. 2567 15:45", "2024-03-13T15:45"),
        ("13 มีนาคม 2567", "2024-03-13T00:00"),
        ("13 მარტი 2024", "2024-03-13T00:00"),
        ("2024 m. kovo 13 d. 15:45", "2024-03-13T15:45"),
        ("13. ožujka 2024.", "2024-03-13T00:00"),
        ("১৩ মার্চ ২০২৪", "2024-03-13T00:00"),
        ("13 مارچ 2024", "2024-03-13T00:00"),
        ("13 сакавіка 2024", "2024-03-13T00:00"),
        ("13. marts 2024 kl. 15.45", "2024-03-13T15:45"),
        ("13 qershor 2024", "2024-06-13T00:00"),
        ("Wed, 13 Mar 2024 15:45:00 UTC", "2024-03-13T15:45"),
    ],
)  # fmt: skip
def test_dates_as_other_places_write_them(raw, expected):
    assert understand_date(raw) == datetime.fromisoformat(expected).replace(tzinfo=UTC)


@given(
    st.datetimes(datetime(2000, 1, 1), datetime(2099, 12, 30)),
    st.integers(-12 * 60, 12 * 60),
    st.sampled_from(["", "Xyz, "]),
)
def test_the_usual_way_of_writing_is_read_as_the_long_way_reads_it(moment, minutes, day):
    """By a second blank the same date goes the long way."""
    sign, span = "-" if minutes < 0 else "+", abs(minutes)
    zone = f"{sign}{span // 60:02}{span % 60:02}" if minutes else "GMT"
    month = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")[moment.month - 1]
    usual = f"{day}{moment.day:02} {month} {moment.year} {moment:%H:%M:%S} {zone}"
    expected = moment.replace(microsecond=0, tzinfo=UTC) - timedelta(minutes=minutes)
    assert understand_date(usual) == expected
    assert understand_date(usual.replace(" ", "  ", 1)) == expected


@pytest.mark.parametrize("odd", ["31 Jun 2024 10:00:00 GMT", "10 Xyz 2024 10:00:00 GMT"])
def test_what_only_looks_usual_goes_the_long_way(odd):
    assert understand_date(odd) == understand_date(odd.replace(" ", "  "))
