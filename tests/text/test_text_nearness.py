"""What a person probably meant: one law for configs, queries, commands and channels."""

from __future__ import annotations

from monitor.cli.common import unknown
from monitor.config.faults import did_you_mean
from monitor.rules.grammar import near_names
from monitor.text import nearest


def test_the_closest_names_come_first_whatever_their_case_and_joints() -> None:
    assert nearest("Chanels", ["channels", "name"]) == ["channels"]
    assert nearest("interval-min", ["interval_min", "interval_max"]) == ["interval_min"]
    assert nearest("INTERVAL-MIM", ["interval_max", "Interval_min", "url"], count=3) == ["Interval_min", "interval_max"]


def test_without_likeness_nothing_was_meant() -> None:
    assert nearest("colour", ["name", "url"]) == []
    assert nearest("", ["name"]) == nearest("name", []) == []


def test_every_hint_knows_a_name_with_other_joints() -> None:
    """A name of short parts that is written with - where it has _ is like no other to a plain comparison."""
    known = ["a_b_c", "zzzzz"]
    assert near_names("a-b-c", known) == "did you mean @a_b_c?"
    assert did_you_mean("a-b-c", known) == 'did you mean "a_b_c"?'
    assert "did you mean 'a_b_c'?" in str(unknown("watch", "A-B-C", known))
    assert near_names("---", ["___", *(f"name{n}" for n in range(40))]) == "did you mean @___?"
