"""Digests and the operator's notices: all of it counted, within each service's limits, in the reader's language."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from alert_samples import NOW, alert

from monitor.alerts import (
    LANGUAGES,
    OPERATOR_WATCH,
    gather_notices,
    log_line,
    render,
    render_digest,
    render_notice,
)
from monitor.alerts.services import service_of
from monitor.alerts.words import age, language_name
from monitor.model import AlertKind, AlertToSend, Notice, Priority

KINDS = [
    "tgram",
    "discord",
    "slack",
    "matrix",
    "ntfy",
    "json",
    "twilio",
    "terminal",
    "mailto",
    "whatsapp",
    "unheard-of",
]


def several(count: int, **values):
    return [
        alert(alert_id=number, story=number, title=f"Headline {number}", url=f"https://a.example/{number}", **values)
        for number in range(count)
    ]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("count", [2, 40, 400])
def test_a_digest_fits_and_says_how_many_it_left_out(kind: str, count: int) -> None:
    service = service_of(kind)
    message = render_digest(several(count), kind=kind, zone="Europe/Paris", now=NOW)
    assert service.size(message.body) <= service.body
    assert service.size(message.title) <= max(service.title, 0) + 10
    assert str(count) in message.title + message.body
    shown = message.body.count("Headline ")
    assert shown
    if shown < count:
        assert f"and {count - shown} more" in message.body.replace("\\", "")


def test_a_digest_is_grouped_by_watch_and_story_the_urgent_first() -> None:
    alerts = [
        alert(watch="Calm", story=1, title="A calm story"),
        alert(watch="Calm", story=1, title="A calm story goes on", kind=AlertKind.OUTLETS, detail="3"),
        alert(watch="Calm", story=2, title="Third", kind=AlertKind.OUTLETS, detail="10"),
        alert(watch="Wild", story=3, title="", priority=Priority.URGENT, url="javascript:x"),
    ]
    message = render_digest(alerts, kind="terminal", zone="UTC", now=NOW)
    assert message.title == "URGENT · 4 alerts · Wild, Calm"
    lines = message.body.split("\n\n")
    assert lines[0] == "Wild · 1 story"
    assert lines[1].startswith("• (no headline)")
    assert "javascript" not in message.body
    assert lines[3].startswith("• A calm story goes on (2 alerts)\n")
    assert "Third (now in 10 outlets)" in message.body
    page = render_digest(alerts, kind="mailto", zone="UTC", now=NOW)
    assert page.format == "html"
    assert '<a href="https://agence.example' in page.body
    assert page.headers["List-Id"]


def test_a_digest_of_many_watches_as_mail_ends_somewhere() -> None:
    alerts = [replace(one, watch=f"Watch {number % 70}") for number, one in enumerate(several(300))]
    page = render_digest(alerts, kind="mailto", zone="UTC", now=NOW)
    assert "and 150 more" in page.body
    lone = render_digest(
        [replace(one, watch=str(one.story)) for one in several(160)], kind="mailto", zone="UTC", now=NOW
    )
    assert "and 10 more" in lone.body


def test_a_first_headline_too_long_for_its_service_is_cut() -> None:
    long = [replace(one, title="word " * 400, watch="w" * 300) for one in several(2)]
    for kind in ("twilio", "bsky"):
        message = render_digest(long, kind=kind, zone="UTC", now=NOW)
        assert service_of(kind).size(message.body) <= service_of(kind).body


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_the_words_of_a_message_are_in_the_readers_language(language: str) -> None:
    say = LANGUAGES[language]
    text = render(alert(priority=Priority.URGENT), kind="terminal", zone="UTC", now=NOW, language=language)
    assert text.title.startswith(say.urgent)
    assert say.met in text.body
    assert say.also_in in text.body
    mail = render(alert(title="", url=""), kind="mailto", zone="UTC", now=NOW, language=language)
    assert say.no_headline in mail.body
    assert ('<div dir="rtl"' in mail.body) is say.rtl
    digest = render_digest(several(2), kind="mailto", zone="UTC", now=NOW, language=language)
    assert say.counted(say.alerts, 2) in digest.title
    for field in ("outlets", "spike", "left_out", "more"):
        assert "{count}" in getattr(say, field)
    assert all("{count}" in form for form in (*say.alerts, *say.stories))


def test_a_language_that_is_not_there_is_english() -> None:
    assert "Met: " in render(alert(), kind="terminal", zone="UTC", now=NOW, language="tlh").body


@pytest.mark.parametrize(
    ("kind", "detail", "says"),
    [
        (AlertKind.OUTLETS, "10", "now in 10 outlets"),
        (AlertKind.LANGUAGE, "fr", "now in French"),
        (AlertKind.OFFICIAL, "", "now from an official source"),
        (AlertKind.REVISED, "2", "the headline now says otherwise"),
        (AlertKind.EVERY, "5", "another report"),
        (AlertKind.REMINDER, "", "not acknowledged yet"),
        (AlertKind.SPIKE, "23@1", "many more stories than usual (23)"),
    ],
)
def test_an_update_says_what_is_new(kind: AlertKind, detail: str, says: str) -> None:
    message = render(alert(kind=kind, detail=detail), kind="terminal", zone="UTC", now=NOW)
    assert message.title.startswith(f"Coalition withdrawal · {says}: ")


def test_all_mails_of_a_story_are_one_thread_and_of_another_watch_another() -> None:
    first = render(alert(), kind="mailto", zone="UTC", now=NOW).headers
    update = render(alert(alert_id=9, kind=AlertKind.EVERY, detail="9"), kind="mailto", zone="UTC", now=NOW).headers
    other = render(alert(watch="Other"), kind="mailto", zone="UTC", now=NOW).headers
    assert first["References"] == first["In-Reply-To"] == update["References"]
    assert other["References"] != first["References"]


def test_ages_are_said_in_one_unit() -> None:
    for span, says in (
        (timedelta(0), "just now"),
        (timedelta(minutes=5), "5 min ago"),
        (timedelta(days=3), "3 days ago"),
    ):
        assert says in render(alert(published=NOW - span), kind="terminal", zone="UTC", now=NOW).body


def notice_of(*notices: Notice) -> AlertToSend:
    title, text = gather_notices(notices)
    return replace(
        alert(), kind=AlertKind.NOTICE, watch=OPERATOR_WATCH, source=OPERATOR_WATCH, title=title, text=text, evidence=()
    )


def test_the_operator_is_told_in_one_message() -> None:
    one = Notice(id=1, topic="a", said="feed <b>x</b>\nfails @everyone", times=3)
    text = render_notice(notice_of(one), kind="slack")
    assert text.title == "News watch: feed ‹b›x‹/b› fails ＠everyone (3 times)"
    assert "(3 times)" in text.body
    mail = render_notice(notice_of(*[replace(one, id=number) for number in range(50)]), kind="mailto")
    assert mail.title.startswith("News watch: 50 troubles: feed <b>x</b> fails")
    assert "and 10 more; the log has them all" in mail.body
    assert "<b>" not in mail.body


@pytest.mark.parametrize(
    ("language", "says"),
    [
        ("en", "Agence du Nord · Tue, 23 Jul 2024, 13:05 CEST (1 hr ago) · Armenian"),
        ("fr", "Agence du Nord · mar. 23 juil. 2024, 13:05 CEST (il y a 1 h) · arménien"),
        ("de", "Agence du Nord · Di., 23. Juli 2024, 13:05 MESZ (vor 1 Std.) · Armenisch"),
        ("es", "Agence du Nord · mar, 23 jul 2024, 13:05 CEST (hace 1 h) · armenio"),
        ("ar", "Agence du Nord · الثلاثاء، 23 يوليو 2024، 13:05 CEST (قبل ساعة واحدة) · الأرمنية"),
    ],
)
def test_days_ages_and_languages_are_named_in_the_readers_language(language: str, says: str) -> None:
    one = alert(language="hy", published=NOW - timedelta(hours=1))
    told = render(one, kind="terminal", zone="Europe/Paris", now=NOW, language=language).body
    assert told.split("\n")[0] == says


@pytest.mark.parametrize(
    ("code", "german"),
    [
        ("zh-Hant", "Chinesisch"),
        ("pt_BR", "Portugiesisch"),
        ("iw", "Hebräisch"),
        ("tl", "Filipino"),
        ("nb", "Norwegisch"),
        ("xx", "xx"),
        ("any", ""),
        ("und", ""),
        (None, ""),
    ],
)
def test_a_language_has_one_name_whatever_its_code(code: str | None, german: str) -> None:
    assert language_name(code, LANGUAGES["de"]) == german


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_every_age_is_said_in_every_language_of_one_and_of_many(language: str) -> None:
    spans = [timedelta(minutes=1), timedelta(minutes=2), timedelta(hours=1), timedelta(hours=5), timedelta(days=400)]
    said = [age(NOW - span, NOW, language) for span in spans]
    assert len(set(said)) == len(said)
    assert all(said)


def test_a_notice_says_its_troubles_in_a_digest_and_in_the_file_of_alerts_too() -> None:
    troubles = [Notice(id=number, topic=str(number), said=f"feed {number} fails") for number in (1, 2)]
    notice = notice_of(*troubles)
    digest = render_digest([notice, alert()], kind="slack", zone="UTC", now=NOW)
    assert "2 troubles: feed 1 fails; feed 2 fails" in digest.body
    assert log_line(notice, NOW)["notices"] == ["feed 1 fails", "feed 2 fails"]
    assert "notices" not in log_line(alert(), NOW)
