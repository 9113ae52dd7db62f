"""Which lines of an article its host prints under others too, and which articles are others."""

from __future__ import annotations

import pytest
from story_memory import article

from monitor.stories import another_bearer, host_lines, refrains

FERRY, BRIDGE, ALTAR = (
    "Ferry runs aground off Kalymnos",
    "Tolls on the Rhine bridge rise",
    "Museum returns stolen altar",
)


class TestLines:
    def test_a_line_has_its_number_for_its_host_alone(self) -> None:
        one, same, other = (
            host_lines(article(1, text="Read by sailors.\nAnd by their cats.", url=f"https://{host}/a"))
            for host in ("gazette.example", "www.gazette.example", "herald.example")
        )
        assert one == same
        assert list(one.values()) == ["Read by sailors.", "And by their cats."]
        assert one.keys().isdisjoint(other)
        assert all(-(2**63) <= number < 2**63 for number in one)

    @pytest.mark.parametrize("url", ["", "http://[", "mailto:desk@gazette.example"])
    def test_an_article_without_a_host_has_none(self, url: str) -> None:
        assert host_lines(article(1, text="Read by sailors.", url=url)) == {}

    def test_of_a_long_text_only_both_ends_are_learnt(self) -> None:
        lines = [f"This is what stands in line {number} of it." for number in range(100)]
        found = host_lines(article(1, text="\n".join(lines), url="https://gazette.example/a"))
        assert list(found.values()) == [*lines[:20], *lines[-20:]]


class TestBearers:
    def test_a_line_that_two_different_articles_bear_says_nothing_of_a_third(self) -> None:
        bearers = {1: (BRIDGE, ALTAR), 2: (BRIDGE,), 3: (BRIDGE, FERRY + " at dawn"), 4: (BRIDGE, None)}
        assert refrains(FERRY, bearers) == {1, 4}

    @pytest.mark.parametrize(
        ("title", "known", "another"),
        [
            (FERRY, (), True),
            (FERRY, (BRIDGE,), True),
            (FERRY, (FERRY,), False),
            ("Ferry aground off Kalymnos: captain held", (FERRY,), False),
            (FERRY, (BRIDGE, "Aground: ferry at Kalymnos"), False),
            (FERRY, (None,), True),
            ("", (), False),
            (FERRY, ("",), False),
            ("渡轮在希腊搁浅", ("桥梁收费上涨",), True),
            ("渡轮在希腊搁浅", ("希腊渡轮搁浅",), False),
        ],
    )
    def test_articles_are_different_when_their_titles_speak_of_different_things(
        self, title: str, known: tuple[str | None, ...], another: bool
    ) -> None:
        assert another_bearer(title, known) is another
