"""Times and sizes are read as people write them, and said as people read them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.config.faults import address_meant, did_you_mean, in_quotes
from monitor.config.values import duration_meant, parse_duration, parse_size, say_duration, say_size


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("15 minutes", timedelta(minutes=15)),
        ("15m", timedelta(minutes=15)),
        ("15 Min", timedelta(minutes=15)),
        ("90s", timedelta(seconds=90)),
        ("500ms", timedelta(milliseconds=500)),
        ("1h 30m", timedelta(minutes=90)),
        ("1h30m", timedelta(minutes=90)),
        ("1 hour and 30 minutes", timedelta(minutes=90)),
        ("2 days, 3 hours", timedelta(days=2, hours=3)),
        (" 1.5 h ", timedelta(minutes=90)),
        ("1 week", timedelta(weeks=1)),
        ("0s", timedelta(0)),
    ],
)
def test_a_time_is_read_as_it_is_written(text: str, span: timedelta) -> None:
    """Short or long, one unit or several."""
    assert parse_duration(text) == span


@pytest.mark.parametrize(
    "text",
    ["", " ", "15", "m", "15 lightyears", "15m,", "15m and", ", 15m", "1h 1h", "1m 1 minute", "-5m", "1e3s", "five minutes",
     "٣ apples", "15 m / 2", "101 years", "999999999999 weeks", "99999 days"],
)  # fmt: skip
def test_what_is_no_time_is_not_guessed(text: str) -> None:
    """A number without a unit could be anything; the same unit twice is a slip; 100 years are enough."""
    assert parse_duration(text) is None


@given(st.timedeltas(timedelta(0), timedelta(days=36_000)))
def test_a_time_that_is_said_is_read_as_the_same(span: timedelta) -> None:
    """To the millisecond."""
    assert parse_duration(say_duration(span)) == span // timedelta(milliseconds=1) * timedelta(milliseconds=1)


@given(st.text(max_size=20))
def test_any_text_is_a_time_or_none(text: str) -> None:
    """Nothing that is written makes reading fail."""
    span = parse_duration(text)
    assert span is None or timedelta(0) <= span <= timedelta(days=36_525)
    size = parse_size(text)
    assert size is None or size >= 0


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("20 MB", 20_000_000),
        ("20mb", 20_000_000),
        ("512 KiB", 524_288),
        ("1.5 kB", 1500),
        ("7 bytes", 7),
        ("1TiB", 1024**4),
    ],
)
def test_a_size_is_read_as_it_is_written(text: str, size: int) -> None:
    """MB are millions, MiB are powers of two."""
    assert parse_size(text) == size


@pytest.mark.parametrize("text", ["", "20", "20 elephants", "MB", "-1 MB", "1 MB 2 kB"])
def test_what_is_no_size_is_not_guessed(text: str) -> None:
    """A text needs a unit."""
    assert parse_size(text) is None


@given(st.integers(0, 999))
def test_a_size_that_is_said_is_read_as_the_same(number: int) -> None:
    """Where the unit fits."""
    for size in (number, number * 1000, number * 1000**2, number * 1000**3):
        assert parse_size(say_size(size)) == size


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("3 months", 'did you mean "90 days"?; months and years have no fixed length'),
        ("1 year and 2 weeks", 'did you mean "379 days"?; months and years have no fixed length'),
        ("10 minuts", 'did you mean "10 min"?'),
        ("1 huor 30m", 'did you mean "1 h 30 min"?'),
        ("1h 2h", 'did you mean "3 h"?'),
        ("2 monhts", 'did you mean "60 days"?; months and years have no fixed length'),
        ("200 years", ""),
        ("999999999 years", ""),
        ("3 apples", ""),
        ("three months", ""),
        ("15", ""),
        ("2 days later", ""),
        ("", ""),
    ],
)
def test_a_span_that_was_probably_meant_is_named(said: str, meant: str) -> None:
    assert duration_meant(said) == meant
    assert parse_duration(said) is None


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("htp://a.example/x", "http://a.example/x"),
        ("ttps://a.example/x", "https://a.example/x"),
        ("HTPS:a.example", "https://a.example"),
        ("https//a.example/x", "https://a.example/x"),
        ("http:///a.example", ""),
        ("feed://a.example/rss", "https://a.example/rss"),
        ("a.example/rss", "https://a.example/rss"),
        ("a.example:8080/rss", "https://a.example:8080/rss"),
        ("ftp://a.example/rss", ""),
        ("https://a.example/rss", ""),
        ("rss of the delta", ""),
        ("htp://ada:secret@a.example/", ""),
    ],
)
def test_an_address_that_was_probably_meant_is_named(said: str, meant: str) -> None:
    assert address_meant(said) == (f'did you mean "{meant}"?' if meant else "")


def test_a_guess_needs_likeness() -> None:
    """The closest name; all names when they are few; else nothing."""
    assert did_you_mean("nmae", ["name", "url"]) == 'did you mean "name"?'
    assert did_you_mean("colour", ["name", "url"]) == "known: name, url"
    assert did_you_mean("colour", [f"key{n}" for n in range(20)]) == ""
    assert did_you_mean("colour", []) == ""


@given(st.text(max_size=200))
def test_what_is_quoted_in_a_message_stays_on_its_line(text: str) -> None:
    """Whatever a file or a list of feeds holds, it can't write lines of its own into a message."""
    quoted = in_quotes(text)
    assert quoted.isprintable()
    assert quoted[0] == quoted[-1] == '"'
    assert len(quoted) <= 2 + 80 * 6
