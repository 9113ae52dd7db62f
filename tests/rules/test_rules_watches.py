"""From a watch to its rule: the simple form, limits by language and feed, watches that name each other."""

from __future__ import annotations

import pytest

from monitor.errors import NotFound, QueryError
from monitor.model import WatchConfig
from monitor.rules import (
    Concept,
    ConceptProblems,
    Document,
    Name,
    Rule,
    RuleSet,
    build,
    make_document,
    parse_query,
    parse_watch,
)
from monitor.rules.syntax import ConceptRef
from monitor.text import Language

CONCEPTS = {"iraq": Concept(name="iraq", names=(Name(text="Iraq", language="en"), Name(text="Irak", language="fr")))}


def document(title: str, language: str = "en", *, runner_up: str | None = None, tags: tuple[str, ...] = ()) -> Document:
    return make_document(
        title=title, body="", language=Language(language, runner_up, sure=runner_up is None), tags=tags
    )


def rule_set(*watches: WatchConfig) -> RuleSet:
    names = [watch.name for watch in watches]
    return build([parse_watch(watch, CONCEPTS, names) for watch in watches], CONCEPTS)


def met(rules: RuleSet, article: Document) -> list[str]:
    return [match.watch for match in rules.match(article)]


@pytest.mark.parametrize(
    ("watch", "understood"),
    [
        (WatchConfig(name="w", any=("@iraq",)), "@iraq"),
        (WatchConfig(name="w", any=("@iraq", "Islamic State", "jihad*")), '@iraq OR "Islamic State" OR jihad*'),
        (WatchConfig(name="w", all=("@iraq", "us"), none=("football",)), "@iraq AND us AND (NOT football)"),
        (WatchConfig(name="w", any=("a", "b"), all=("c",), none=("d", "e")), "c AND (a OR b) AND (NOT (d OR e))"),
        (WatchConfig(name="w", any=("AND", "title:x", "not", "NEAR/5")), '"AND" OR "title:x" OR "not" OR "NEAR/5"'),
        (WatchConfig(name="w", any=('"Islamic State"', "user@example org")), '"Islamic State" OR "user@example org"'),
        (WatchConfig(name="w", query="@iraq AND us"), "@iraq AND us"),
    ],
)
def test_a_watch_is_understood_as(watch: WatchConfig, understood: str) -> None:
    """The simple form is the same language; its terms are never operators."""
    rule = parse_watch(watch, CONCEPTS)
    assert str(rule) == understood
    assert parse_query(understood, concepts=CONCEPTS) == rule.root


@pytest.mark.parametrize(
    ("watch", "query", "position", "message", "hint"),
    [
        (WatchConfig(name="w"), "", 0, "empty", "write what"),
        (WatchConfig(name="w", none=("x",)), "x", 0, "only none is given", "any = [...]"),
        (WatchConfig(name="w", query="a", any=("b",)), "a", 0, "both a query and any/all/none", "keep one"),
        (WatchConfig(name="w", any=("ok", "@irak")), "@irak", 0, "no concept @irak", "did you mean @iraq?"),
        (WatchConfig(name="w", any=("@watch:x",)), "@watch:x", 0, "no concept", "in a query only"),
        (WatchConfig(name="w", all=("ab*",)), "ab*", 2, "at least 3 letters", ""),
        (WatchConfig(name="w", any=("...",)), "...", 0, "no letter or digit", ""),
        (WatchConfig(name="w", query="@watch:x"), "@watch:x", 0, "no watch named x", "none is defined"),
    ],
)
def test_a_faulty_watch_is_refused(watch: WatchConfig, query: str, position: int, message: str, hint: str) -> None:
    """The error quotes the query, or the one term of the simple form that is at fault."""
    with pytest.raises(QueryError) as caught:
        parse_watch(watch, CONCEPTS)
    assert (caught.value.query, caught.value.position) == (query, position)
    assert message in caught.value.message
    assert hint in caught.value.hint


def test_a_watch_takes_articles_in_its_languages() -> None:
    """By the article's language, or by either of the two likeliest when in doubt."""
    rules = rule_set(WatchConfig(name="w", any=("iraq",), languages=("fr", "pt-BR")))
    assert met(rules, document("Iraq", "fr")) == ["w"]
    assert met(rules, document("Iraq", "pt")) == ["w"]
    assert met(rules, document("Iraq", "en")) == []
    assert met(rules, document("Iraq", "en", runner_up="fr")) == ["w"]
    assert (
        rules.miss(document("Iraq", "en"), "w")
        == "all of the query is met; the article is in en; the watch takes fr, pt"
    )
    assert rules.miss(document("x", "und"), "w").endswith("in no known language; the watch takes fr, pt")
    explained = rules.explain(document("Iraq", "en"), "w")
    assert not explained.met
    assert explained.lines()[:2] == ["✗ w", "  ✗ the article is in en; the watch takes fr, pt"]


def test_a_watch_takes_articles_of_its_feeds() -> None:
    """By one of the feed's tags, whatever their case."""
    rules = rule_set(WatchConfig(name="w", any=("iraq",), feeds_tagged=("World", "defence")))
    assert met(rules, document("Iraq", tags=("world",))) == ["w"]
    assert met(rules, document("Iraq", tags=("worldwide",))) == []
    assert (
        rules.miss(document("Iraq"), "w")
        == "all of the query is met; the feed is tagged nothing; the watch takes World, defence"
    )


def test_a_watch_may_build_on_another() -> None:
    """@watch: means that the article meets the other watch, with its languages and feeds."""
    rules = rule_set(
        WatchConfig(name="base", any=("@iraq",), languages=("fr",), feeds_tagged=("world",)),
        WatchConfig(name="plain", any=("@iraq",)),
        WatchConfig(name="built", query="@watch:base AND @watch:plain NOT football"),
    )
    assert met(rules, document("Irak", "fr", tags=("World",))) == ["base", "plain", "built"]
    assert met(rules, document("Irak football", "fr", tags=("World",))) == ["base", "plain"]
    assert met(rules, document("Irak", "fr")) == ["plain"]
    assert met(rules, document("Iraq", "en", tags=("world",))) == ["plain"]


def test_watches_that_name_each_other_are_refused() -> None:
    """A circle, a watch that is not there, and a chain without end."""
    with pytest.raises(QueryError, match="leads back to itself") as caught:
        rule_set(WatchConfig(name="a", query="x AND @watch:b"), WatchConfig(name="b", query="@watch:a"))
    assert (caught.value.query, caught.value.position) == ("@watch:a", 0)
    with pytest.raises(QueryError, match="no watch named gone"):
        build([parse_watch(WatchConfig(name="a", query="@watch:gone"), CONCEPTS, ["gone"])], CONCEPTS)
    chain = [WatchConfig(name="0", query="x")]
    chain += [WatchConfig(name=str(number), query=f"@watch:{number - 1}") for number in range(1, 15)]
    with pytest.raises(QueryError, match="too many watches"):
        rule_set(*chain)


def test_concepts_are_checked_when_rules_are_built() -> None:
    """Rules never run over concepts that lead in circles or nowhere, whoever checked them before."""
    circle = {"a": Concept(name="a", names=(Name(text="@a", language="en"),))}
    with pytest.raises(ConceptProblems, match="uses itself"):
        build([], circle)
    with pytest.raises(QueryError, match="no concept @gone"):
        build([Rule(name="w", root=ConceptRef(name="gone"))], CONCEPTS)


def test_a_watch_that_is_not_there_is_named() -> None:
    """Explaining asks for a watch by its name."""
    rules = rule_set(WatchConfig(name="w", any=("x",)))
    with pytest.raises(NotFound, match="no watch named v"):
        rules.explain(document("x"), "v")
    with pytest.raises(NotFound, match="no watch named v"):
        rules.miss(document("x"), "v")
