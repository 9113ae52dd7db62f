"""A person's own templates: what they may say, what is refused, and that no alert and no feed depends on them."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from alert_samples import NOW, alert, met

import monitor.alerts
from monitor.alerts import (
    LANGUAGES,
    TEMPLATE_NAMES,
    Templates,
    check_template,
    default_name,
    render,
    render_digest,
    render_notice,
    takes_template,
)
from monitor.alerts.clean import LONGEST_URL
from monitor.alerts.digest import grouped_by_watch
from monitor.alerts.forms import link_room
from monitor.alerts.render import OUTLETS, REASONS, SENTENCES
from monitor.alerts.samples import SAMPLE_NOW, sample_alerts, sample_charts, sample_digests, sample_notices
from monitor.alerts.services import SERVICES, service_of
from monitor.alerts.template import HTML, MARKDOWN, TEXT, Own, Tray, compile_template
from monitor.alerts.values import NAMES_OF, Reader, Room, Said, alert_values, digest_values, operator_values
from monitor.model import AlertKind, Outlet, Priority

DEFAULTS = Path(monitor.alerts.__file__).parent / "defaults"
KINDS = ["mailto", "tgram", "discord", "slack", "ntfy", "twilio", "whatsapp", "json", "terminal", "mastodon", "bsky"]


def templates(**texts: str) -> Templates:
    """Templates by name, with ``__`` for the dot."""
    own = {}
    for name, text in texts.items():
        file = name.replace("__", ".")
        own[file] = check_template(file, text, {})
        assert not isinstance(own[file], list), own[file]
    return Templates(own=own)


def faults(name: str, text: str, kinds: dict[str, str] | None = None) -> str:
    """What is wrong with a template, as one text."""
    found = check_template(name, text, kinds or {})
    assert isinstance(found, list)
    return "\n".join(f"{fault.line} {fault.message} ({fault.hint})" for fault in found)


@cache
def programs_own() -> Templates:
    """The program's own forms as templates, tried on every kind of service."""
    return Templates(
        own={
            file.name: check_template(file.name, file.read_text("utf-8"), {kind: kind for kind in KINDS})
            for file in DEFAULTS.iterdir()
        }
    )


class TestTheProgramsOwn:
    """Those that ``monitor templates show`` prints say, wherever all has room, what the program says without any."""

    def test_each_is_sound_on_every_service(self) -> None:
        own = programs_own().own
        assert not [fault for fault in own.values() if isinstance(fault, list)]
        assert set(own) == {name for name in TEMPLATE_NAMES if name.startswith(("alert", "digest", "operator"))}

    def test_each_kind_has_one_to_begin_with_that_says_the_same(self) -> None:
        assert {default_name(name) for name in TEMPLATE_NAMES} == set(programs_own().own)
        assert [default_name(f"{kind}.md") for kind in ("update", "reminder", "spike")] == ["alert.md"] * 3
        assert default_name("digest.title") == "digest.title"

    @pytest.mark.parametrize("language", sorted(LANGUAGES))
    @pytest.mark.parametrize("kind", KINDS)
    def test_an_alert_that_has_room_is_the_same_to_the_letter(self, kind: str, language: str) -> None:
        for one in sample_alerts(tuple(kind for kind in AlertKind if kind is not AlertKind.NOTICE)):
            if len(one.evidence) < 2 and kind not in {
                "mastodon",
                "bsky",
            }:  # what has no room for all is cut in two ways
                given = {"kind": kind, "zone": "Europe/Paris", "now": SAMPLE_NOW, "language": language}
                rendered = programs_own().alert(one, **given)
                assert (rendered.message, rendered.fault) == (render(one, **given), "")

    @pytest.mark.parametrize("language", sorted(LANGUAGES))
    @pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in {"twilio", "mastodon", "bsky"}])
    def test_a_digest_that_has_room_is_the_same_to_the_letter(self, kind: str, language: str) -> None:
        for alerts in sample_digests()[:2]:
            given = {"kind": kind, "zone": "Europe/Paris", "now": SAMPLE_NOW, "language": language}
            given["charts"] = sample_charts(alerts)
            rendered = programs_own().digest(alerts, **given)
            assert (rendered.message, rendered.fault) == (render_digest(alerts, **given), "")

    @pytest.mark.parametrize("kind", KINDS)
    @pytest.mark.parametrize("title", ["@everyone <b>now</b>", "[x](https://evil.example)", "a <3 b", "*x* @ home"])
    def test_a_title_is_the_same_whatever_it_says(self, kind: str, title: str) -> None:
        """In mail it stays as it came: there is nothing that reads it as more than words."""
        given = {"kind": kind, "zone": "UTC", "now": SAMPLE_NOW}
        one = alert(title=title)
        assert programs_own().alert(one, **given).message.title == render(one, **given).title

    @pytest.mark.parametrize("kind", KINDS)
    def test_a_notice_that_has_room_is_the_same_to_the_letter(self, kind: str) -> None:
        one = sample_notices()[0]
        for notice in (one, replace(one, text="\n".join([one.text] * 45))):
            if kind not in {"twilio", "mastodon", "bsky", "whatsapp", "discord"} or notice is one:
                rendered = programs_own().alert(notice, kind=kind, zone="UTC", now=SAMPLE_NOW)
                assert (rendered.message, rendered.fault) == (render_notice(notice, kind=kind), "")


class TestWhatIsTold:
    def test_without_templates_all_is_the_programs_own(self) -> None:
        given = {"kind": "mailto", "zone": "UTC", "now": NOW}
        assert Templates().alert(alert(), **given).message == render(alert(), **given)

    def test_a_template_says_what_its_author_wants(self) -> None:
        own = templates(
            alert__txt="{{ watch | upper }} {{ priority }}\n{% if 'nord' in source %}From the north{% endif +%}\n{{ link }}",
            alert__title="{% if urgent %}!! {% endif %}{{ headline | truncate(12) }}",
        )
        told = own.alert(alert(priority=Priority.URGENT), kind="tgram", zone="UTC", now=NOW).message
        assert told.title == "!! L’Irak veut…"
        assert (
            told.body == "COALITION WITHDRAWAL urgent\nFrom the north\nhttps://agence.example/monde/irak-mission-2024"
        )

    def test_a_form_without_a_template_is_the_programs_own(self) -> None:
        own = templates(alert__md="{{ headline }}")
        given = {"kind": "mailto", "zone": "UTC", "now": NOW}
        assert own.alert(alert(), **given).message == render(alert(), **given)
        assert own.alert(alert(), kind="discord", zone="UTC", now=NOW).message.body == "L’Irak veut conclure la mission"

    def test_updates_take_the_template_of_alerts_unless_they_have_their_own(self) -> None:
        update = alert(kind=AlertKind.OUTLETS, detail="3")
        given = {"kind": "tgram", "zone": "UTC", "now": NOW}
        assert templates(alert__txt="a: {{ news }}").alert(update, **given).message.body == "a: now in 3 outlets"
        both = templates(alert__txt="a", update__txt="u", spike__txt="{{ news }}!", reminder__txt="r")
        assert [
            both.alert(alert(kind=kind, detail="9"), **given).message.body
            for kind in (AlertKind.NEW, AlertKind.EVERY, AlertKind.SPIKE, AlertKind.REMINDER)
        ] == ["a", "u", "many more stories than usual (9)!", "r"]

    def test_a_watchs_folder_counts_before_its_channels_and_that_before_none(self) -> None:
        """Within each the kind's own template before the one that stands in for it."""
        texts = {
            "alert.txt": "all", "update.txt": "all of it", "night/alert.txt": "night", "desk/reminder.txt": "desk",
            "night/digest.txt": "night's", "night/operator.txt": "night: {{ count }}", "digest.txt": "all's",
        }  # fmt: skip
        own = {name: check_template(name, text, {}) for name, text in texts.items()}
        templates = Templates(own=own, of_channels={"chat": "night"}, of_watches={"W": "desk", "V": "night"})

        def told(kind: AlertKind, channel: str, watch: str) -> str:
            one = alert(kind=kind, watch=watch, detail="3")
            return templates.alert(one, kind="tgram", zone="UTC", now=NOW, channel=channel).message.body

        assert [told(AlertKind.REMINDER, *which) for which in (("chat", "W"), ("chat", "U"), ("mail", "V"))] == [
            "desk", "night", "night",
        ]  # fmt: skip
        assert [told(AlertKind.EVERY, *which) for which in (("chat", "W"), ("mail", "W"), ("mail", "U"))] == [
            "night", "all of it", "all of it",
        ]  # fmt: skip
        given = {"kind": "tgram", "zone": "UTC", "now": NOW}
        many = [alert(watch="V"), alert(watch="V", story=4)]
        assert templates.digest(many, channel="chat", **given).message.body == "night's"
        assert templates.digest(many, channel="mail", **given).message.body == "all's", "a digest is no watch's"
        assert templates.alert(sample_notices()[0], channel="chat", **given).message.body == "night: 1"

    def test_a_fault_later_names_the_folder(self) -> None:
        text = "{{ headline }}{% if 'Basra' in headline %}{{ outlets[7].name }}{% endif %}"
        own = {"night/alert.txt": check_template("night/alert.txt", text, {})}
        templates = Templates(own=own, of_channels={"chat": "night"})
        told = templates.alert(alert(title="Basra"), kind="tgram", zone="UTC", now=NOW, channel="chat")
        assert "the template night/alert.txt failed (line 1: there is no 7" in told.fault

    def test_a_mail_has_a_part_for_those_who_read_it_as_text(self) -> None:
        given = {"kind": "mailto", "zone": "UTC", "now": NOW}
        told = templates(alert__txt="text: {{ headline }}").alert(alert(), **given).message
        assert told.body == render(alert(), **given).body
        assert told.plain == "text: L’Irak veut conclure la mission"
        assert templates(alert__html="<p>x</p>").alert(alert(), **given).message.plain == render(alert(), **given).plain
        assert "room for 20,000 characters on a" in faults("alert.txt", "x" * 20_001, {"a": "mailto"})

    def test_where_a_service_knows_no_titles_the_title_is_the_first_line(self) -> None:
        given = {"kind": "whatsapp", "zone": "UTC", "now": NOW}
        assert templates(alert__txt="body").alert(alert(), **given).message.body == (
            "Coalition withdrawal: L’Irak veut conclure la mission\n\nbody"
        )
        titled = templates(alert__txt="body", alert__title="T: {{ headline }}").alert(alert(), **given).message
        assert (titled.title, titled.body) == ("", "T: L’Irak veut conclure la mission\n\nbody")

    def test_what_has_no_room_is_left_out_the_headline_last(self) -> None:
        long = sample_alerts((AlertKind.NEW,))[2]
        own = Templates(own={"alert.txt": check_template("alert.txt", (DEFAULTS / "alert.txt").read_text(), {})})
        for kind in ("whatsapp", "mastodon", "bsky", "unheard-of"):
            told = own.alert(long, kind=kind, zone="UTC", now=NOW)
            assert not told.fault
            assert service_of(kind).size(told.message.body) <= service_of(kind).body

    @pytest.mark.parametrize("kind", ["tgram", "discord", "twilio", "mailto", "bsky"])
    def test_a_digest_tells_as_many_as_fit_and_says_how_many_it_left_out(self, kind: str) -> None:
        form = {"tgram": "txt", "discord": "md", "twilio": "short", "mailto": "html", "bsky": "txt"}[kind]
        text = "{{ count }}\n{% for w in watches %}{% for s in w.stories %}{{ s.headline }}\n{% endfor %}{% endfor %}{{ left_out }}"
        own = templates(**{f"digest__{form}": text})
        alerts = [alert(alert_id=n, story=n, title=f"Headline {n} of many") for n in range(900)]
        told = own.digest(alerts, kind=kind, zone="UTC", now=NOW)
        assert not told.fault
        assert service_of(kind).size(told.message.body) <= service_of(kind).body
        shown = told.message.body.count("Headline ")
        assert shown
        assert shown == 900 or f"and {900 - shown} more" in told.message.body.replace("\\", "")
        # One line more, and what is left out said with at most as many signs, would be too long.
        assert (
            shown == 900
            or service_of(kind).size(told.message.body) + len("\nHeadline 899 of many") > service_of(kind).body
        )

    def test_names_for_people_are_there(self) -> None:
        own = templates(
            alert__txt=(
                "{{ say.met }}|{{ time }}|{{ age }}|{{ language }}|{{ kind }}|{{ story }}|{{ alert }}|{{ subject }}|"
                "{{ reasons | join }}|{{ outlets | map(attribute='name') | join }}|{{ outlets | length }}|{{ quotes | length }}"
            )
        )
        assert own.alert(alert(), kind="tgram", zone="Europe/Paris", now=NOW, language="de").message.body.startswith(
            "Gefunden|"
        )

    def test_outlets_without_a_name_are_left_out_and_no_more_are_counted_than_there_are(self) -> None:
        outlets = (Outlet(source="", url="", title=""), Outlet(source="A", url="", title=""))
        own = templates(alert__txt="{{ outlets | map(attribute='name') | join }}|{{ outlets_more }}")
        assert own.alert(alert(also_in=outlets), kind="tgram", zone="UTC", now=NOW).message.body == "A|"

    def test_words_compare_and_sort_by_what_they_say(self) -> None:
        own = templates(
            alert__txt=(
                "{{ source == 'Agence du Nord' }} {{ source == headline }} {{ headline | length }}"
                "{% for name in outlets | map(attribute='name') | unique | sort(reverse=true) %} {{ name | lower }}{% endfor %}"
                " {{ 6 * 7 }} {{ 'plain TEXT' | short(7) | upper }} {{ 'X' | lower }}"
            )
        )
        assert own.alert(alert(), kind="tgram", zone="UTC", now=NOW).message.body == (
            "True False 31 tagblatt il porto 42 PLAIN… x"
        )


class TestWhatIsRefused:
    @pytest.mark.parametrize(
        ("name", "text", "says"),
        [
            ("alert.txt", "a\n{{ headlin }}", "2 there is nothing called headlin (did you mean headline?)"),
            ("alert.txt", "{{ zzz }}", "1 there is nothing called zzz (docs/messages.md lists the names)"),
            ("alert.txt", "{{ count }}", "1 there is nothing called count (docs/messages.md lists the names)"),
            ("digest.txt", "{{ headline }}", "1 there is nothing called headline"),
            (
                "alert.txt",
                "\n{% for o in outlets %}{{ o.nam }}{% endfor %}",
                "2 there is no nam in what it asks (docs/messages.md lists the names)",
            ),
            ("alert.txt", "{{ outlets[5].name }}", "1 there is no 5 in what it asks"),
            ("alert.txt", "{{ outlets | map(attribute='x') | join }}", "1 there is no x in what it asks"),
            ("alert.txt", "{{ quotes | first }}", "1 No first item, sequence was empty."),
            ("alert.txt", "{% if urgent %}", "1 is no Jinja2 template: Unexpected end of template"),
            ("alert.txt", "{{ headline | replace('a', 'b') }}", "1 is no Jinja2 template: No filter named 'replace'."),
            ("alert.txt", "{{ link | safe }}", "No filter named 'safe'"),
            ("alert.txt", "\n{% include 'other.txt' %}", "2 takes in another template (each template stands alone)"),
            ("alert.txt", "{% extends 'other.txt' %}", "1 takes in another template"),
            ("alert.txt", "{{ '(' * 500 }}" * 20, "0 it is too long: a message there has room for 3,800 characters"),
            ("alert.txt", "{# only a remark #}", "0 it says nothing"),
            ("alert.title", "{% if urgent %}x{% endif %}", "0 it says nothing"),
            ("alert.txt", "{{ 'x' * 9999999999 }}", "1 it fails: * makes too much of it"),
            ("alert.txt", "{{ 9 ** 9 ** 9 }}", "1 it fails: ** makes too much of it"),
            ("alert.txt", "{% for n in range(9) %}{% endfor %}", "1 there is nothing called range"),
            ("alert.txt", "{{ headline + 'x' }}", "1 it fails: unsupported operand"),
            ("alert.txt", "{{ 1 / 0 }}", "1 it fails: division by zero"),
            ("alert.txt", "{{ headline.__class__ }}", "1 it fails: access to attribute '__class__'"),
            ("alert.txt", "{{ headline._plain }}", "1 it fails: access to attribute '_plain'"),
            ("alert.txt", "{{ '{0._plain}'.format(headline) }}", "1 it fails: access to attribute '_plain'"),
            ("alert.html", "<a href='{{ headline }}'>x</a>", "0 a feed's text stands in the attribute href"),
            ("alert.html", "<a href='x{{ link }}'>x</a>", "0 a feed's text stands in the attribute href"),
            ("alert.html", "<a title='{{ link }}'>x</a>", "0 a feed's text stands in the attribute title"),
            ("alert.html", "<a {{ source }}>x</a>", "0 a feed's text stands in an attribute's name"),
            ("alert.html", "<b{{ source }}>x</b>", "0 a feed's text stands in a tag"),
            ("alert.html", "<{{ source }}>x", "0 a feed's text stands in a tag"),
            ("alert.html", "<script>'{{ source }}'</script>", "0 a feed's text stands in or after <script>"),
            ("alert.html", "<style>{{ source }}", "0 a feed's text stands in <style>"),
            ("alert.html", "<!-- {{ source }} -->x", "0 a feed's text stands in a comment"),
            ("operator.txt", "{{ notices[0].text }}", "1 there is no text in what it asks"),
        ],
    )
    def test_a_faulty_template_is_refused_with_its_line_and_what_to_do(self, name: str, text: str, says: str) -> None:
        assert says in faults(name, text)

    def test_brackets_too_deep_to_be_read_are_a_fault_like_any_other(self) -> None:
        assert "is no Jinja2 template" in faults("alert.txt", "{{ " + "(" * 50_000 + "1" + ")" * 50_000 + " }}")

    def test_all_unknown_names_are_told_at_once_each_at_its_first_line(self) -> None:
        assert faults("alert.txt", "{{ aa }}\n{{ bb }}\n{{ aa }}").split("\n") == [
            "1 there is nothing called aa (docs/messages.md lists the names)",
            "2 there is nothing called bb (docs/messages.md lists the names)",
        ]

    def test_it_is_tried_on_each_channel_that_it_is_for(self) -> None:
        text = "{{ headline }}" + "x" * 1_000
        assert not isinstance(check_template("alert.txt", text, {"a": "tgram", "b": "discord"}), list)
        assert "room for 950 characters on c" in faults("alert.txt", text, {"a": "tgram", "c": "pover"})

    def test_which_channels_a_template_is_for(self) -> None:
        assert [name for name in TEMPLATE_NAMES if name.startswith("alert.") and takes_template("discord", name)] == [
            "alert.md",
            "alert.title",
        ]
        assert takes_template("mailto", "digest.html")
        assert takes_template("mailto", "digest.txt")
        assert takes_template("twilio", "digest.short")
        assert not takes_template("twilio", "digest.title")


class TestATemplateThatFailsLater:
    """Samples can't show all: the alert goes out in the program's own form, and what was wrong is told."""

    def test_the_alert_is_told_all_the_same(self) -> None:
        own = templates(alert__txt="{{ headline }}{% if 'Basra' in headline %}{{ outlets[7].name }}{% endif %}")
        given = {"kind": "tgram", "zone": "UTC", "now": NOW}
        assert own.alert(alert(), **given).fault == ""
        told = own.alert(alert(title="Basra"), **given)
        assert told.message == render(alert(title="Basra"), **given)
        assert told.fault == (
            "the template alert.txt failed (line 1: there is no 7 in what it asks); it was told without it"
        )

    def test_so_is_a_digest_a_notice_and_a_title(self) -> None:
        own = templates(
            digest__html="{% if count > 200 %}{{ watches[400].name }}{% else %}x{% endif %}",
            operator__txt="{{ notices[0].line }}{{ 'x' * 9999 if 'Basra' in notices[0].line }}",
            alert__title="{{ 'x' if 'Basra' not in headline }}",
        )
        many = [alert(story=n) for n in range(201)]
        assert own.digest(many, kind="mailto", zone="UTC", now=NOW).fault
        assert own.digest(many, kind="mailto", zone="UTC", now=NOW).message.body.startswith("<div")
        told = own.alert(replace(sample_notices()[0], text="Basra"), kind="tgram", zone="UTC", now=NOW)
        assert "it is too long" in told.fault
        assert told.message.body == "• Basra"
        assert "it says nothing" in own.alert(alert(title="Basra"), kind="tgram", zone="UTC", now=NOW).fault


class TestNoFeedActsThroughATemplate:
    def test_what_the_author_calls_is_called_and_what_a_feed_calls_is_not(self) -> None:
        text = (
            "@here <!channel> <{{ link }}>\n@{{ source }} <{{ source }}> <!{{ source }}> [x]{{ watch }} @a{{ source }}"
        )
        own = templates(alert__md=text)
        told = own.alert(alert(source="everyone", watch="(https://evil.example)"), kind="discord", zone="UTC", now=NOW)
        assert told.message.body == (
            "@here <!channel> <https://agence.example/monde/irak-mission-2024>\n"
            "＠everyone ‹everyone› <!everyone› [x] (https://evil.example) ＠aeveryone"
        )

    @pytest.mark.parametrize("after", ["/", "?x=", "#"])
    def test_a_link_that_has_no_path_ends_there_all_the_same(self, after: str) -> None:
        url = f"https://a.example{after})[bank](https://evil.example"
        own = templates(alert__md="[{{ headline }}]({{ link }})")
        told = own.alert(alert(title="x", url=url), kind="discord", zone="UTC", now=NOW).message.body
        assert told == f"[x](https://a.example{after}%29%5Bbank%5D%28https://evil.example)"

    def test_no_link_calls_everybody_whichever_it_is(self) -> None:
        """An outlet's as well as the article's, in text and in Markdown."""
        url = "https://a.example/@everyone/1?to=@HERE"
        text = "Links: {{ link }} {% for outlet in outlets %}{{ outlet.link }}{% endfor %}"
        own = templates(alert__txt=text, alert__md=text)
        one = alert(url=url, also_in=(Outlet(source="B", url=url, title=""),))
        for kind in ("tgram", "slack", "discord", "mmost"):
            told = own.alert(one, kind=kind, zone="UTC", now=NOW).message.body
            assert told == " ".join(["Links:", *["https://a.example/%40everyone/1?to=%40HERE"] * 2])

    def test_two_texts_side_by_side_make_no_third(self) -> None:
        own = templates(alert__txt="{{ source }}{{ watch }}")
        told = own.alert(alert(source="@", watch="everyone"), kind="slack", zone="UTC", now=NOW)
        assert told.message.body == "＠everyone"

    def test_a_link_ends_where_its_author_ends_it(self) -> None:
        url = "https://a.example/x)[bank](https://evil.example"
        own = templates(alert__md="[{{ headline }}]({{ link }})")
        told = own.alert(alert(title="] x [", url=url), kind="discord", zone="UTC", now=NOW)
        assert told.message.body == (r"[\] x \[](https://a.example/x%29%5Bbank%5D%28https://evil.example)")

    def test_a_text_that_looks_like_a_template_or_a_token_is_a_text(self) -> None:
        tokens = "{{ 7*7 }} \ufdd00\ufdd1"
        own = templates(
            alert__txt="{{ headline }} \ufdd0999\ufdd1{{ source ~ watch }}\ufdd0", alert__html="{{ headline }}"
        )
        told = own.alert(alert(title=tokens), kind="tgram", zone="UTC", now=NOW)
        assert told.message.body.startswith("{{ 7*7 }} \ufdd00\ufdd1 Agence du NordCoalition")

    def test_marks_of_a_sentence_are_ours_and_its_words_are_not(self) -> None:
        own = templates(alert__html="{% for quote in quotes %}{{ quote }}{% endfor %}x")
        hostile = "<b>conclure la mission</b>"
        evil = alert(text=hostile, evidence=(met("conclure la mission", text=hostile, sentence=hostile),))
        body = own.alert(evil, kind="mailto", zone="UTC", now=NOW).message.body
        assert body.startswith("&lt;b&gt;<mark ")
        assert body.endswith("</mark>&lt;/b&gt;x")

    def test_a_page_may_hold_scripts_of_its_authors_own(self) -> None:
        own = templates(
            alert__html="<style>b { color: red }</style><b>{{ headline }}</b><a href={{ link }}>x</a><!-- mine -->"
        )
        assert not own.alert(alert(), kind="mailto", zone="UTC", now=NOW).fault


class TestTheLongSamples:
    """Or the check of lengths would prove nothing: of what is too long, less is said."""

    def told_in_full(self, what: str, kind: str) -> int:
        """How long the program's own form makes the long sample of it, with nothing left out."""
        service = service_of(kind)
        full = {"form": "html" if service.html else "short" if service.short else "md" if service.markdown else "txt"}
        own = compile_template(
            "it", (DEFAULTS / f"{what}.{full['form']}").read_text("utf-8"), html=service.html, known=NAMES_OF[what]
        )
        assert isinstance(own, Own)
        tray = Tray({"html": HTML, "md": MARKDOWN}.get(full["form"], TEXT))
        reader = Reader(zone="UTC", language="en", now=SAMPLE_NOW)
        link = min(link_room(service, of_many=what == "digest"), LONGEST_URL)
        if what == "digest":
            alerts = sample_digests(link=link)[2]
            values = digest_values(Said(alerts=alerts, grouped=grouped_by_watch(alerts)), service, tray, reader, Room())
        elif what == "operator":
            values = operator_values(sample_notices()[1], tray, reader, Room())
        else:
            long = sample_alerts((AlertKind.NEW,), link=link)[2]
            values = alert_values(long, service, tray, reader, Room())
            assert values["link"], "the longest that is shown"
            assert [len(quote) for quote in values["quotes"]] >= [360] * SENTENCES
            assert (len(values["reasons"]), len(values["outlets"])) == (REASONS + 1, OUTLETS)
        return service.size(own.fill(tray, values))

    @pytest.mark.parametrize("kind", sorted(SERVICES))
    def test_a_digest_is_too_long_for_every_service(self, kind: str) -> None:
        assert self.told_in_full("digest", kind) > service_of(kind).body

    @pytest.mark.parametrize("kind", sorted(SERVICES))
    def test_an_alert_is_too_long_wherever_one_can_be(self, kind: str) -> None:
        """With as much of everything as is ever shown, a short text message or 4,000 signs do not hold it."""
        body = service_of(kind).body
        assert (self.told_in_full("alert", kind) > body) == (body < 4_000)

    @pytest.mark.parametrize("kind", sorted(SERVICES))
    def test_notices_are_too_long_wherever_they_can_be(self, kind: str) -> None:
        body = service_of(kind).body
        assert (self.told_in_full("operator", kind) > body) == (body < 10_000)


class TestTheDocumentation:
    PAGE = (Path(__file__).resolve().parents[2] / "docs" / "messages.md").read_text("utf-8")

    def test_its_example_is_sound_and_says_what_it_seems_to(self) -> None:
        example = self.PAGE.split("```jinja\n")[1].split("```")[0]
        own = templates(alert__txt=example)
        told = own.alert(alert(source="Reuters", priority=Priority.URGENT), kind="tgram", zone="UTC", now=NOW).message
        assert told.body == (
            "!!! Coalition withdrawal: L’Irak veut conclure la mission\n"
            "Reuters, Tue, 23 Jul 2024, 10:05 UTC, French\n"
            "> Le gouvernement veut «conclure la mission» de la coalition avant la fin de l'an prochain.\n"
            "(a wire report)\n"
            "https://agence.example/monde/irak-mission-2024"
        )

    def test_it_names_every_name(self) -> None:
        for names in NAMES_OF.values():
            assert [name for name in names if f"`{name}`" not in self.PAGE] == []
