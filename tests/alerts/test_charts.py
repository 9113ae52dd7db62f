"""A digest's charts: days of the reader's zone, only those of which something is known, and no number untrue."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from alert_samples import NOW, alert

from monitor.alerts import LANGUAGES, Chart, chart_of, render_digest
from monitor.alerts.chart import bars, line
from monitor.alerts.services import service_of

DAY = timedelta(days=1)
LONG_AGO = NOW - 100 * DAY


def counts(chart: Chart | None) -> list[int]:
    assert chart is not None
    return [count for _, count in chart.days]


def week(*numbers: int) -> Chart:
    today = NOW.date()
    return Chart(days=tuple((today - DAY * (len(numbers) - 1 - at), count) for at, count in enumerate(numbers)))


class TestDays:
    def test_each_story_counts_on_its_day_the_oldest_first_today_last(self) -> None:
        times = [NOW - 20 * DAY, NOW - 13 * DAY, NOW - 2 * DAY, NOW - 2 * DAY, NOW]
        assert counts(chart_of(times, since=LONG_AGO, now=NOW, zone="UTC")) == [1] + [0] * 10 + [2, 0, 1]

    @pytest.mark.parametrize(
        ("zone", "last_two"), [("UTC", [1, 0]), ("Asia/Tokyo", [0, 1]), ("No/Where", [1, 0]), ("America/Lima", [1, 0])]
    )
    def test_days_are_those_of_the_readers_zone(self, zone: str, last_two: list[int]) -> None:
        """At 22:00 UTC it is the next morning in Tokyo; what cannot be a zone is UTC."""
        evening = datetime(2024, 7, 22, 22, tzinfo=UTC)
        assert counts(chart_of([evening], since=LONG_AGO, now=NOW, zone=zone))[-2:] == last_two

    def test_a_day_of_23_or_25_hours_is_a_day(self) -> None:
        now = datetime(2024, 11, 5, 12, tzinfo=UTC)
        times = [datetime(2024, 11, 3, 4, 30, tzinfo=UTC), datetime(2024, 11, 4, 4, 30, tzinfo=UTC)]
        chart = chart_of(times, since=LONG_AGO, now=now, zone="America/New_York")
        assert counts(chart)[-4:] == [0, 2, 0, 0]

    def test_days_before_the_watch_was_live_are_not_shown_as_empty(self) -> None:
        assert counts(chart_of([NOW], since=NOW - 3 * DAY, now=NOW, zone="UTC")) == [0, 0, 0, 1]

    def test_without_anything_to_compare_there_is_no_chart(self) -> None:
        assert chart_of([NOW], since=None, now=NOW, zone="UTC") is None
        assert chart_of([NOW], since=NOW, now=NOW, zone="UTC") is None
        assert chart_of([NOW], since=NOW + 3 * DAY, now=NOW, zone="UTC") is None  # a clock that was set back
        assert chart_of([], since=LONG_AGO, now=NOW, zone="UTC") is None


class TestForms:
    def test_a_line_of_signs_has_the_numbers_beside_it(self) -> None:
        assert line(week(5, 0, 0, 2, 0, 1, 4, 9), "en") == "Stories a day · 17 Jul – 23 Jul: ▁▁▃▁▂▅█ 0 0 2 0 1 4 9"

    def test_only_a_day_without_any_is_the_lowest_sign(self) -> None:
        assert "▂▁█ 1 0 900" in line(week(1, 0, 900), "en")
        assert "▁▁▁▁▁▁▁" in line(week(1, *[0] * 7), "en")

    def test_bars_are_as_tall_as_their_numbers_and_no_picture(self) -> None:
        page = bars(week(7, 0, 14), "de")
        assert "Themen je Tag · 21. Juli – 23. Juli" in page
        assert [part.split("px")[0] for part in page.split(";height:")[1:]] == ["14", "1", "28"]
        assert "<img" not in page

    @pytest.mark.parametrize("language", sorted(LANGUAGES))
    @pytest.mark.parametrize("kind", ["tgram", "discord", "mailto"])
    def test_a_digest_shows_the_charts_that_there_are(self, kind: str, language: str) -> None:
        alerts = [alert(watch="Old", story=1), alert(watch="New", story=2)]
        charts = {"Old": week(1, 2, 3)}
        told = render_digest(alerts, kind=kind, zone="UTC", now=NOW, language=language, charts=charts)
        assert told.body.count(LANGUAGES[language].per_day) == 1

    @pytest.mark.parametrize("kind", ["twilio", "mastodon", "pover", "discord"])
    def test_it_takes_no_room_that_headlines_need(self, kind: str) -> None:
        alerts = [alert(story=number) for number in range(90)]
        told = render_digest(alerts, kind=kind, zone="UTC", now=NOW, charts={alerts[0].watch: week(*range(14))})
        assert service_of(kind).size(told.body) <= service_of(kind).body
        assert ("Stories a day" in told.body) is (kind == "discord")
