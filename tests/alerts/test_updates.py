"""What is news of a story that was told, by what the watch asks for; silences, routes, and who takes what."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from itertools import count

import pytest
from test_alert_decision import article as an_article

from monitor.alerts import decide_alert
from monitor.alerts.updates import says_otherwise
from monitor.model import (
    AlertKind,
    AlertReason,
    Channel,
    Match,
    Priority,
    Route,
    Silence,
    StoryFacts,
    WatchConfig,
)

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
WATCH = WatchConfig(name="Flood", any=("flood",), channels=("mail",), updates="milestones")
TOLD = {"Flood": frozenset({"new"})}
NUMBERS = count(1)


def decide(watch: WatchConfig = WATCH, *, told: bool = True, version: int = 1, source: str = "Mine", **values):
    article = replace(
        an_article(), id=next(NUMBERS), version=version, source=source, title=values.pop("title", "Flood"), quiet=False
    )
    facts = values.pop("facts", StoryFacts(told=TOLD))
    verdict, alert = decide_alert(
        match=Match(watch=watch.name, evidence=()),
        watch=watch,
        article=article,
        told=frozenset({watch.name} if told else ()),
        story=7,
        facts=facts,
        **values,
    )
    return verdict.reason, alert


def outlets(number: int) -> frozenset[str]:
    return frozenset(f"Outlet {index}" for index in range(number))


@pytest.mark.parametrize(("before", "detail"), [(1, None), (2, "3"), (8, "3"), (9, "10"), (29, "30"), (200, "30")])
def test_the_third_tenth_and_thirtieth_outlet_are_told(before: int, detail: str | None) -> None:
    _, alert = decide(facts=StoryFacts(outlets=outlets(before), told=TOLD))
    assert (alert and (alert.kind, alert.detail)) == (detail and (AlertKind.OUTLETS, detail))


def test_each_milestone_is_told_once_and_a_leap_over_one_too() -> None:
    told = {"Flood": frozenset({"new", "outlets:10"})}
    assert decide(facts=StoryFacts(outlets=outlets(12), told=told))[0] is AlertReason.STORY_ALREADY_TOLD
    assert decide(facts=StoryFacts(outlets=outlets(5), told=told))[1] is None


def test_a_first_article_in_another_language_is_told() -> None:
    facts = StoryFacts(outlets=outlets(1), languages=frozenset({"en"}), told=TOLD)
    _, alert = decide(facts=facts, language="fr")
    assert (alert.kind, alert.detail) == (AlertKind.LANGUAGE, "fr")
    assert decide(facts=facts, language="en")[1] is None
    assert decide(facts=replace(facts, languages=frozenset()), language="fr")[1] is None, "nothing to compare with"


def test_a_first_official_source_is_told() -> None:
    _, alert = decide(official=True)
    assert alert.kind is AlertKind.OFFICIAL
    assert decide(official=True, facts=StoryFacts(told={"Flood": frozenset({"new", "official"})}))[1] is None


def test_every_article_is_told_where_a_watch_asks_for_it_but_no_edit() -> None:
    every = replace(WATCH, updates="every")
    first, second = decide(every)[1], decide(every)[1]
    assert first.kind is second.kind is AlertKind.EVERY
    assert first.detail != second.detail
    assert decide(every, version=2)[1] is None


def test_a_story_told_once_stays_told() -> None:
    once = replace(WATCH, updates="once")
    assert decide(once, official=True)[0] is AlertReason.STORY_ALREADY_TOLD
    assert (
        decide(once, version=2, title="Flood denied", facts=StoryFacts(told=TOLD, titles={"Flood": "Flood"}))[1] is None
    )


def test_a_headline_that_takes_itself_back_is_told() -> None:
    facts = StoryFacts(told=TOLD, titles={"Flood": "Flood kills 12 in the delta"})
    reason, alert = decide(version=3, title="Flood kills 2 in the delta", facts=facts)
    assert (reason, alert.kind, alert.detail) == (AlertReason.ALERTED, AlertKind.REVISED, "3")
    assert decide(version=2, title="FLOOD kills 12 in the Delta!", facts=facts)[1] is None
    assert decide(version=2, title="Flood denied", facts=StoryFacts(told=TOLD))[1] is None, "told of another article"


@pytest.mark.parametrize(
    ("before", "after", "otherwise"),
    [
        ("Army withdraws from Mosul", "Army withdraws from Mosul, says minister", False),
        ("Army withdraws from Mosul", "Army denies withdrawing from Mosul", True),
        ("L'armée se retire de Mossoul", "L'armée dément son retrait de Mossoul", True),
        ("Armee zieht aus Mossul ab", "Armee zieht nicht aus Mossul ab", True),
        ("الجيش ينسحب من الموصل", "الجيش لم ينسحب من الموصل", True),
        ("Army withdraws from Mosul", "Markets rise on rate hopes", True),
        ("3 dead in blast", "5 dead in blast", True),
        ("Blast in port", "", False),
    ],
)
def test_a_headline_says_otherwise_by_numbers_denials_and_words(before: str, after: str, otherwise: bool) -> None:
    assert says_otherwise(before, after) is otherwise


@pytest.mark.parametrize(
    ("kind", "name", "silent"),
    [
        ("watch", "Flood", True), ("watch", "flood", True), ("watch", "Floods", False), ("story", "7", True), ("story", "8", False),
        ("source", "mine", True), ("source", "Other", False),
    ],
)  # fmt: skip
def test_a_silence_holds_back_its_watch_story_or_source(kind: str, name: str, silent: bool) -> None:
    silence = Silence(id=1, kind=kind, name=name, until=NOW, author="Ada", reason="", created=NOW)
    reason, alert = decide(told=False, silences=(silence,))
    assert (reason is AlertReason.SILENCED) is silent
    assert (alert is None) is silent


def test_a_route_decides_on_channels_and_priority_by_the_tags_of_the_feed() -> None:
    routed = replace(
        WATCH,
        routes=(
            Route(tags=("official",), channels=("phone",), priority=Priority.URGENT),
            Route(tags=("world",), priority=Priority.LOW),
        ),
    )
    assert decide(routed, told=False, tags=("world", "official"))[1].channels == ("phone",)
    _, low = decide(routed, told=False, tags=("world",))
    assert (low.channels, low.priority) == (("mail",), Priority.LOW)
    assert decide(routed, told=False)[1].priority is Priority.NORMAL


def test_a_channel_takes_only_what_is_important_enough_for_it() -> None:
    channels = {"mail": Channel(name="mail", url="json://x", least=Priority.HIGH)}
    assert decide(told=False, channels=channels)[0] is AlertReason.NO_CHANNEL
    high = replace(WATCH, priority=Priority.HIGH, channels=("mail", "elsewhere"))
    assert decide(high, told=False, channels=channels)[1].channels == ("mail", "elsewhere")
