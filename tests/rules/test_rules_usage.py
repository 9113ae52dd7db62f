"""What a concept looks for all told, and who changes with it."""

from __future__ import annotations

from monitor.model import WatchConfig
from monitor.rules import Concept, build_concept, concept_uses, parse_watch, taken_in, watch_uses
from monitor.rules.usage import ConceptUse, WatchUse

CONCEPTS: dict[str, Concept] = {
    name: build_concept(name, table)
    for name, table in {
        "daesh": {"en": ["Daesh"], "ar": ["داعش"]},
        "khorasan": {"en": ["ISKP", "@daesh"]},
        "army": {"en": ["soldier"]},
        "jihad": {"en": ["@khorasan", "jihadist", "@daesh", {"name": "cell", "near": ["@army", "bomb"]}]},
        "peace": {"en": ["truce"]},
    }.items()
}


def rules(**queries: str) -> list:
    watches = [WatchConfig(name=name, query=query) for name, query in queries.items()]
    return [parse_watch(watch, CONCEPTS, list(queries)) for watch in watches]


def test_names_come_from_where_they_are_written_and_once_each() -> None:
    """The concept's own first, then those of the concepts that it takes over, however often they are named."""
    assert [(one.name.text, one.concept) for one in taken_in("jihad", CONCEPTS)] == [
        ("jihadist", "jihad"),
        ("cell", "jihad"),
        ("ISKP", "khorasan"),
        ("Daesh", "daesh"),
        ("داعش", "daesh"),
    ]
    assert [one.name.text for one in taken_in("daesh", CONCEPTS)] == ["Daesh", "داعش"]


def test_a_concept_is_used_for_its_names_or_as_what_must_stand_near() -> None:
    """The two differ for whoever edits it; only those that name it themselves are told."""
    assert concept_uses("daesh", CONCEPTS) == (
        ConceptUse(concept="khorasan", names=True, near=False),
        ConceptUse(concept="jihad", names=True, near=False),
    )
    assert concept_uses("army", CONCEPTS) == (ConceptUse(concept="jihad", names=False, near=True),)
    assert concept_uses("peace", CONCEPTS) == ()


def test_a_watch_uses_what_its_rule_reaches() -> None:
    """By naming it, through a concept that uses it, through another watch; and not otherwise."""
    made = rules(
        Plain="flood AND NOT @peace",
        Direct="(@daesh OR title:@jihad) NEAR/3 raid",
        Through="@khorasan AND raid",
        Far="@watch:Through AND NOT @peace",
        Further="@watch:Far OR @watch:Plain",
    )
    assert watch_uses("daesh", CONCEPTS, made) == (
        WatchUse(watch="Direct", direct=True, through=("@jihad",)),
        WatchUse(watch="Through", direct=False, through=("@khorasan",)),
        WatchUse(watch="Far", direct=False, through=("@watch:Through",)),
        WatchUse(watch="Further", direct=False, through=("@watch:Far",)),
    )
    assert [use.watch for use in watch_uses("peace", CONCEPTS, made)] == ["Plain", "Far", "Further"]
    assert [use.watch for use in watch_uses("army", CONCEPTS, made)] == ["Direct"]
