"""What a person reads of an alert on each kind of channel, and within which limits."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from alert_samples import NOW, SENTENCE, TEXT, alert, met

from monitor.alerts import log_line, render
from monitor.alerts.services import service_of
from monitor.alerts.words import age, language_name, local_time
from monitor.model import Evidence, Message, Outlet, Priority


def text(kind: str = "tgram", zone: str = "UTC", **changes: object) -> Message:
    return render(alert(**changes), kind=kind, zone=zone, now=NOW)


class TestWords:
    def test_a_chat_message_says_all_that_a_reader_needs(self) -> None:
        message = text(zone="Europe/Paris")
        assert message.title == "Coalition withdrawal: L’Irak veut conclure la mission"
        assert message.format == "text"
        assert message.body.split("\n\n") == [
            "Agence du Nord · Tue, 23 Jul 2024, 12:05 CEST (2 hr ago) · French",
            "Le gouvernement veut «conclure la mission» de la coalition avant la fin de l'an prochain.",
            "Met: conclure la mission → withdrawal",
            "Also in: Il Porto, Tagblatt",
            "https://agence.example/monde/irak-mission-2024\nStory 3",
        ]

    def test_an_urgent_alert_says_so_first(self) -> None:
        assert text(priority=Priority.URGENT).title.startswith("URGENT · Coalition")

    def test_an_article_without_a_date_is_as_old_as_our_first_look(self) -> None:
        assert "seen Tue, 23 Jul 2024, 12:04 UTC (1 min ago)" in text(published=None).body

    def test_a_watch_met_in_several_sentences_quotes_the_most_telling_three(self) -> None:
        lines = [f"Phrase {i} parle du retrait et de l'Irak." for i in range(5)]
        body = "\n".join(lines)
        evidence = [met("retrait", text=body, sentence=line) for line in lines]
        evidence.append(met("Irak", text=body, sentence=lines[3], term="@iraq", concept="iraq"))
        message = text(text=body, evidence=tuple(evidence))
        assert message.body.count("«retrait»") == 3
        assert message.body.index("Phrase 3") < message.body.index("Phrase 0")
        assert "«Irak»" in message.body

    def test_of_two_equal_words_the_one_that_was_met_is_marked(self) -> None:
        sentence = "Le retrait du budget n'est pas le retrait des troupes."
        message = text(text=sentence, evidence=(met("retrait", text=sentence, sentence=sentence, nth=1),))
        assert "Le retrait du budget n'est pas le «retrait» des troupes." in message.body

    def test_overlapping_evidence_is_marked_as_one(self) -> None:
        near = met("conclure la mission de la coalition", term="@coalition NEAR/4 @withdrawal", concept="")
        message = text(evidence=(met("coalition", concept="coalition"), met("conclure la mission"), near))
        assert "veut «conclure la mission de la coalition» avant" in message.body

    def test_where_the_stored_text_has_changed_the_words_are_still_marked(self) -> None:
        assert "«conclure la mission»" in text(text="Corrigé.").body
        gone = replace(met("conclure la mission"), words="introuvable")
        assert SENTENCE in text(text="Corrigé.", evidence=(gone,)).body
        empty = replace(met("conclure la mission"), words="")
        assert SENTENCE in text(text="Corrigé.", evidence=(empty,)).body

    def test_a_long_sentence_is_shown_round_the_words_that_were_met(self) -> None:
        sentence = f"{'avant ' * 100}le retrait {'après ' * 100}et le retrait."
        evidence = (
            met("retrait", text=sentence, sentence=sentence),
            met("retrait", text=sentence, sentence=sentence, nth=1),
        )
        quote = text(text=sentence, evidence=evidence).body.split("\n\n")[1]
        assert quote.startswith("…")
        assert quote.endswith("…")
        assert quote.count("«retrait»") == 1
        assert len(quote) < 400
        unmarked = replace(evidence[0], words="x", start=0, end=0)
        assert text(text="", evidence=(unmarked,)).body.split("\n\n")[1].startswith("avant avant")

    def test_a_headline_is_quoted_only_where_the_text_was_not_met(self) -> None:
        title = "L’Irak veut conclure la mission"
        in_title = met("conclure la mission", text=title, sentence=title, field="title")
        assert "veut «conclure la mission»" in text(evidence=(in_title,)).body
        assert text(evidence=(in_title, met("conclure la mission"))).body.count("«conclure") == 1

    def test_a_source_that_was_met_is_told_among_the_reasons_without_a_quote(self) -> None:
        by_source = Evidence(
            term="source:nord", alias="nord", concept="", language="", field="source",
            start=10, end=14, words="Nord", sentence="Agence du Nord",
        )  # fmt: skip
        body = text(evidence=(by_source,)).body
        assert "Met: Nord → source:nord in source" in body
        assert "«" not in body

    def test_reasons_name_the_alias_where_the_text_has_it_in_another_form_and_are_told_once(self) -> None:
        inflected = met("coalition", alias="coalitions", concept="coalition")
        body = text(evidence=(inflected, inflected)).body
        assert body.count("coalition as coalitions → coalition") == 1

    def test_words_that_met_the_same_part_are_told_together(self) -> None:
        evidence = tuple(met(word, concept="iraq") for word in ("Le", "gouvernement", "veut", "conclure", "la"))
        assert "Met: Le, gouvernement, veut, conclure, … → iraq\n" in text(evidence=evidence).body
        assert "Met: coalition\n" in text(evidence=(met("coalition", concept="Coalition"),)).body

    def test_a_name_of_another_language_is_told_with_it(self) -> None:
        assert "→ withdrawal (Armenian)" in text(evidence=(met("mission", language="hy"),)).body
        assert "→ withdrawal\n" in text(evidence=(met("mission", language="any"),)).body

    def test_words_that_are_quoted_already_get_no_second_marks(self) -> None:
        sentence = "Боевики « ИГИЛ » и «ИГИЛ».»"
        evidence = tuple(met("ИГИЛ", text=sentence, sentence=sentence, nth=nth) for nth in (0, 1))
        assert "Боевики « ИГИЛ » и «ИГИЛ».»" in text(text=sentence, evidence=evidence).body
        half = "«Боевики ИГИЛ»"
        assert "«Боевики «ИГИЛ»»" in text(text=half, evidence=(met("ИГИЛ", text=half, sentence=half),)).body

    def test_a_pattern_is_not_told_as_if_it_were_a_name(self) -> None:
        assert "Met: mission → withdrawal\n" in text(evidence=(met("mission", alias="end ... mission"),)).body

    def test_a_mail_says_the_same_to_those_who_read_it_as_text(self) -> None:
        assert text("mailto").plain == text("json").body

    def test_a_part_of_a_rule_is_told_as_a_person_would_say_it(self) -> None:
        near = replace(
            met("conclure la mission"),
            term="@coalition NEAR/12 @withdrawal",
            concept="",
            alias="conclure mission ~5 … coalition",
        )
        assert "Met: conclure la mission → coalition near withdrawal" in text(evidence=(near,)).body

    def test_many_reasons_and_outlets_are_counted_not_listed(self) -> None:
        evidence = tuple(replace(met("coalition"), term=f"t{i}", concept=f"c{i}") for i in range(9))
        outlets = tuple(Outlet(source=f"Blatt {i % 11}", url="", title="") for i in range(15))
        message = text(evidence=evidence, also_in=outlets)
        assert "and 3 more" in message.body
        assert message.body.count("Blatt") == 8
        html = text("mailto", evidence=evidence, also_in=outlets).body
        assert html.count("Blatt") == 8
        assert " and 3 more" in html

    def test_an_alert_with_nothing_but_a_watch_can_still_be_read(self) -> None:
        bare = {"title": "", "url": "", "source": "", "language": None, "text": "", "evidence": (), "also_in": ()}
        message = text(published=None, **bare)
        assert message.title == "Coalition withdrawal: (no headline)"
        assert message.body.endswith("(no link that is safe to follow)\nStory 3")
        page = text("mailto", published=None, **bare).body
        assert "(no headline)" in page
        assert "Met:" not in page
        assert "Also in" not in page
        assert text("twilio", **bare).body == "Coalition withdrawal: (no headline) Story 3"

    @pytest.mark.parametrize(
        ("language", "told"),
        [
            ("en", "Story 12 · to acknowledge: monitor ack 12"),
            ("fr", "Sujet 12 · pour acquitter : monitor ack 12"),
            ("de", "Thema 12 · zum Bestätigen: monitor ack 12"),
            ("es", "Noticia 12 · para acusar recibo: monitor ack 12"),
            ("ar", "الخبر 12 · لتأكيد الاطلاع: monitor ack 12"),
        ],
    )
    def test_at_the_end_stands_the_number_that_a_person_needs(self, language: str, told: str) -> None:
        """With an urgent alert also what to do with it; in a text message the number alone."""
        number = told.partition(" · ")[0]
        for kind, urgent in (("tgram", told), ("discord", told), ("bsky", told), ("mailto", told), ("twilio", number)):
            for priority, said in ((Priority.URGENT, urgent), (Priority.HIGH, number)):
                message = render(alert(priority=priority, story=12), kind=kind, zone="UTC", now=NOW, language=language)
                if kind == "mailto":
                    assert message.body.endswith(f">{said}</p>\n</div>")
                    message = replace(message, body=message.plain)
                assert message.body.endswith((f"\n{said}", f" {said}") if kind == "twilio" else f"\n{said}")

    def test_what_was_invented_has_no_number(self) -> None:
        assert "Story" not in text(story=0).body
        assert "Story" not in text("mailto", story=0).body
        assert text("twilio", url="", story=0).body == "Coalition withdrawal: L’Irak veut conclure la mission"


class TestForms:
    def test_mail_is_html_with_the_met_words_marked_and_its_list_named(self) -> None:
        message = text("mailtos")
        assert message.format == "html"
        assert message.headers["List-Id"] == text("mailto", title="Other").headers["List-Id"]
        assert message.headers["List-Id"] != text("mailto", watch="Other").headers["List-Id"]
        assert ">conclure la mission</mark> de la coalition" in message.body
        assert '<a href="https://agence.example/monde/irak-mission-2024"' in message.body
        assert '<a href="https://porto.example/iraq-missione"' in message.body
        assert "<script" not in message.body

    def test_spaces_round_the_marked_words_survive_in_html(self) -> None:
        assert "veut <mark" in text("mailto").body

    def test_discord_marks_in_bold_and_shows_markup_as_signs(self) -> None:
        message = text("discord", title="Prix *net* et __brut__ [ici](https://x.example)")
        assert "veut **conclure la mission** de" in message.body
        assert r"\*net\*" in message.title
        assert "](" not in message.title

    def test_a_text_message_is_the_headline_and_the_whole_link(self) -> None:
        message = text("twilio", title="Mot " * 200)
        assert message.title == ""
        assert message.body.startswith("Coalition withdrawal: Mot Mot")
        assert message.body.endswith("… https://agence.example/monde/irak-mission-2024 Story 3")
        assert len(message.body) <= 300

    def test_a_service_without_a_title_gets_the_headline_in_the_body(self) -> None:
        message = text("mastodon")
        assert message.title == ""
        assert message.body.startswith("Coalition withdrawal: L’Irak veut conclure la mission\n\n")

    @pytest.mark.parametrize(
        "kind", ["tgram", "discord", "slack", "ntfy", "pover", "mastodon", "bsky", "twilio", "json", "new"]
    )
    @pytest.mark.parametrize("letter", ["a", "漢", "😀", "ل ", "é&<"])
    def test_nothing_makes_a_message_too_long_and_the_link_stays_whole(self, kind: str, letter: str) -> None:
        """A title and a text of 100 kB, in letters of every width, stay within each service's own units."""
        flood = letter * (100_000 // len(letter))
        evidence = (met(letter, text=flood, sentence=flood[:5_000]),)
        message = text(
            kind, title=flood, text=flood, evidence=evidence, source=flood, watch=flood[:500],
            also_in=tuple(Outlet(source=f"{i}{flood}", url="", title="") for i in range(9)),
        )  # fmt: skip
        service = service_of(kind)
        assert service.size(message.title) <= service.title
        assert service.size(message.body) <= service.body
        assert message.body.removesuffix("Story 3").rstrip().endswith("https://agence.example/monde/irak-mission-2024")

    def test_reasons_are_told_line_by_line_while_there_is_room(self) -> None:
        evidence = tuple(replace(met("coalition"), concept=f"concept-number-{i}-{'x' * 40}") for i in range(6))
        body = text("mastodon", evidence=evidence).body
        assert "→ concept-number-0-" in body
        assert "→ concept-number-4-" not in body
        assert service_of("mastodon").size(body) <= 450

    def test_where_only_headline_and_link_have_room_the_rest_is_left_out(self) -> None:
        url = "https://agence.example/" + "x" * 115
        message = text("bsky", title="Mot " * 60, source="Agence " * 9, url=url)
        assert message.body.endswith(f"\n\n{url}\nStory 3")
        assert "«" not in message.body
        assert service_of("bsky").size(message.body) <= 280

    def test_a_link_that_is_too_long_is_left_out_whole_and_said_so(self) -> None:
        message = text("bsky", url="https://agence.example/" + "x" * 300)
        assert "xxx" not in message.body
        assert message.body.endswith("(the article's link is too long to show here)\nStory 3")
        assert "xxx" not in text("twilio", url="https://agence.example/" + "x" * 300).body


class TestTimes:
    @pytest.mark.parametrize(
        ("past", "words"),
        [
            (timedelta(seconds=-5), "just now"),
            (timedelta(seconds=59), "just now"),
            (timedelta(minutes=59), "59 min ago"),
            (timedelta(hours=47), "47 hr ago"),
            (timedelta(days=3, hours=5), "3 days ago"),
        ],
    )
    def test_an_age_is_told_in_one_unit(self, past: timedelta, words: str) -> None:
        assert age(NOW - past, NOW) == words

    @pytest.mark.parametrize(
        ("zone", "words"),
        [
            ("Asia/Yerevan", "Tue, 23 Jul 2024, 16:05 +04"),
            ("America/New_York", "Tue, 23 Jul 2024, 08:05 EDT"),
            ("No/Where", "Tue, 23 Jul 2024, 12:05 UTC"),
            ("../etc/passwd", "Tue, 23 Jul 2024, 12:05 UTC"),
            ("Europe", "Tue, 23 Jul 2024, 12:05 UTC"),
        ],
    )
    def test_times_are_written_in_the_readers_zone_or_utc(self, zone: str, words: str) -> None:
        assert local_time(NOW, zone) == words

    def test_a_year_at_the_calendars_edge_is_still_written(self) -> None:
        assert local_time(datetime(1, 1, 1, tzinfo=UTC), "America/New_York").endswith("1 Jan 1, 00:00 UTC")

    @pytest.mark.parametrize(
        ("code", "name"), [("fr-CA", "French"), ("hy", "Armenian"), ("xx", "xx"), (None, ""), ("und", ""), ("any", "")]
    )
    def test_languages_are_named(self, code: str | None, name: str) -> None:
        assert language_name(code) == name


class TestLogLine:
    def test_the_line_has_the_published_shape(self) -> None:
        line = log_line(alert(), NOW)
        assert list(line) == [
            "time", "watch", "kind", "priority", "story", "title", "url", "source", "language", "published",
            "evidence", "also_in",
        ]  # fmt: skip
        assert line["time"] == "2024-07-23T12:05:00Z"
        assert line["published"] == "2024-07-23T10:05:00Z"
        assert (line["kind"], line["priority"], line["story"]) == ("new", "high", 3)
        (evidence,) = json.loads(json.dumps(line))["evidence"]
        assert set(evidence) == {
            "term", "alias", "concept", "language", "field", "start", "end", "words", "sentence"
        }  # fmt: skip
        assert TEXT[evidence["start"] : evidence["end"]] == "conclure la mission"

    def test_an_article_without_a_date_has_none(self) -> None:
        assert log_line(alert(published=None), NOW)["published"] is None
