"""Why: the evidence of a match, the tree, and the nearest miss."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitor.model import Evidence
from monitor.rules import Concept, Document, Name, Rule, RuleSet, build, make_document, parse_query
from monitor.text import Language, decide_language

CONCEPTS = {
    "coalition": Concept(
        name="coalition",
        names=(Name(text="coalition", language="en"), Name(text="mission de la coalition", language="fr")),
    ),
    "withdrawal": Concept(
        name="withdrawal",
        names=(Name(text="withdrawal", language="en"), Name(text="conclure la mission", language="fr"), Name(text="retrait", language="fr")),
    ),
    "iraq": Concept(name="iraq", names=(Name(text="Iraq", language="en"), Name(text="Irak", language="fr"))),
}  # fmt: skip

TITLE = "L’Irak veut conclure la mission de la Coalition"


def rules(**queries: str) -> RuleSet:
    return build([Rule(name=name, root=parse_query(q, concepts=CONCEPTS)) for name, q in queries.items()], CONCEPTS)


def article(title: str, body: str = "", language: str = "fr", **other: str) -> Document:
    return make_document(title=title, body=body, language=Language(language, None, sure=True), tags=["world"], **other)


def evidence(query: str, document: Document) -> list[tuple[str, str, str, str]]:
    (match,) = rules(it=query).match(document)
    return [(one.term, one.alias, one.field, one.words) for one in match.evidence]


def test_near_is_shown_as_a_whole_and_by_its_parts() -> None:
    """One item for the closest pair, under the expression as written, and one for each place that took part."""
    (match,) = rules(it="@coalition  W/12 @withdrawal").match(article(TITLE))
    whole, left, right = match.evidence
    assert whole == Evidence(
        term="@coalition  W/12 @withdrawal",
        alias="conclure la mission … mission de la coalition",
        concept="",
        language="fr",
        field="title",
        start=12,
        end=47,
        words="conclure la mission de la Coalition",
        sentence=TITLE,
    )
    assert (left.term, left.alias, left.concept, left.words) == (
        "@withdrawal",
        "conclure la mission",
        "withdrawal",
        "conclure la mission",
    )
    assert (right.term, right.alias, right.words) == (
        "@coalition",
        "mission de la coalition",
        "mission de la Coalition",
    )


def test_near_shows_only_places_that_took_part() -> None:
    """A place that is too far away is no evidence, and the closest pair is the one that is shown whole."""
    document = article(
        "retrait", "Le retrait de la grande coalition. " + "mot " * 20 + "La coalition. Un retrait, coalition."
    )
    shown = evidence("coalition NEAR/3 retrait", document)
    assert [words for term, _, _, words in shown if "NEAR" in term] == ["retrait, coalition"]
    assert all(field == "body" for _, _, field, _ in shown)


def test_near_across_languages_names_the_articles() -> None:
    """An English name near a French one."""
    (match,) = rules(it="@coalition NEAR/3 @iraq").match(article("La Coalition en Irak"))
    assert match.evidence[0].language == "fr"


def test_the_longest_name_is_shown() -> None:
    """A name inside a longer one of the same concept is not shown apart."""
    assert evidence("@coalition", article(TITLE)) == [
        ("@coalition", "mission de la coalition", "title", "mission de la Coalition")
    ]


def test_a_name_is_shown_in_the_articles_own_language() -> None:
    """Where two languages share a spelling."""
    shared = {"iraq": Concept(name="iraq", names=(Name(text="Irak", language="de"), Name(text="Irak", language="fr")))}
    rule_set = build([Rule(name="it", root=parse_query("@iraq", concepts=shared))], shared)
    assert rule_set.match(article("Irak"))[0].evidence[0].language == "fr"
    assert rule_set.match(article("Irak", language="de"))[0].evidence[0].language == "de"
    assert rule_set.match(article("Irak", language="pl"))[0].evidence[0].language == "de"


def test_at_most_three_for_a_leaf_title_first() -> None:
    """An alert shows enough to be believed, not all."""
    shown = evidence("irak AND troupe", article("L'Irak", "Irak et Irak. Irak. Les troupes."))
    assert shown == [
        ("irak", "irak", "title", "Irak"),
        ("irak", "irak", "body", "Irak"),
        ("irak", "irak", "body", "Irak"),
        ("troupe", "troupe", "body", "troupes"),
    ]


def test_evidence_of_each_operator() -> None:
    """OR shows what was met, NOT nothing, SENTENCE only what its sentence holds, the rest their own field."""
    document = article("Titre", "L'Irak. Les troupes en Irak. Les troupes.", url="https://e.org/monde/1", source="AFP")
    assert evidence("irak OR absent", document)[0][0] == "irak"
    assert evidence("SENTENCE(irak AND troupe NOT syrie)", document) == [
        ("troupe", "troupe", "body", "troupes"),
        ("irak", "irak", "body", "Irak"),
    ]
    assert [one[0] for one in evidence("ATLEAST/2(irak) AND NOT syrie", document)] == ["irak", "irak"]
    assert evidence("url:monde AND lang:fr AND tag:wor* AND source:afp", document) == [
        ("afp", "afp", "source", "AFP"),
        ("url:monde", "monde", "url", "monde"),
        ("lang:fr", "fr", "lang", "fr"),
        ("tag:wor*", "world", "tag", "world"),
    ]
    assert evidence("url:/mon.e/ OR /troup\\w+/", document)[0] == ("/troup\\w+/", "troup\\w+", "body", "troupes")
    assert evidence("url:/mond[ae]/", document)[0] == ("/mond[ae]/", "monde", "url", "monde")


def test_the_tree_shows_each_part_met_or_not() -> None:
    """With the words in their sentence, for a terminal: no control characters of a feed get through."""
    rule_set = rules(
        it="@iraq AND (retrait NEAR/3 troupes OR absent) AND NOT SENTENCE(title:syrie) AND ATLEAST/2(irak)"
    )
    hostile = "L'Irak\x1b[31m veut\u202e le retrait des troupes. Irak"
    assert rule_set.explain(article(hostile), "it").lines() == [
        "✓ it",
        "  ✓ AND",
        "    ✓ @iraq",
        "        title 2-6: “Irak” (fr) in: L'Irak[31m veut le retrait des troupes.",
        "        title 42-46: “Irak” (fr) in: Irak",
        "    ✓ OR",
        "      ✓ retrait NEAR/3 troupes",
        "          title 21-40: “retrait des troupes” (retrait … troupes, fr) in: L'Irak[31m veut le retrait des troupes.",
        "        ✓ retrait",
        "            title 21-28: “retrait” (fr) in: L'Irak[31m veut le retrait des troupes.",
        "        ✓ troupes",
        "            title 33-40: “troupes” (fr) in: L'Irak[31m veut le retrait des troupes.",
        "      ✗ absent",
        "    ✓ NOT",
        "      ✗ SENTENCE(title:syrie)",
        "        ✗ title:syrie",
        "    ✓ ATLEAST/2(irak)",
        "      ✓ irak",
        "          title 2-6: “Irak” (irak, fr) in: L'Irak[31m veut le retrait des troupes.",
        "          title 42-46: “Irak” (irak, fr) in: Irak",
    ]  # fmt: skip


def test_the_tree_names_the_field_of_a_leaf() -> None:
    """Fields stand before leaves only where they differ from the usual."""
    lines = rules(it="source:afp OR url:/mond.e/ OR title:@iraq").explain(article("x"), "it").lines()
    assert lines[2:] == ["    ✗ source:afp", "    ✗ url:/mond.e/", "    ✗ title:@iraq"]


@pytest.mark.parametrize(
    ("query", "title", "miss"),
    [
        ("@iraq", "Irak", ""),
        ("@iraq AND retrait", "Irak", "1 of 2 conditions are met: 'retrait' was not found"),
        (
            "@coalition NEAR/3 @withdrawal AND @iraq",
            "Irak: retrait et ensuite la mission de la coalition",
            "",
        ),
        (
            "@withdrawal NEAR/1 @coalition AND @iraq",
            "Irak: retrait et ensuite la mission de la coalition",
            "2 of 3 conditions are met: '@coalition' was not found near '@withdrawal' (3 words between, 1 allowed)",
        ),
        ("irak NEAR/0 retrait", "Irak et retrait", "1 of 2 conditions are met: 'retrait' was not found near 'irak' (1 word between, 0 allowed)"),
        ("irak NEAR/2 retrait", "Retrait un deux trois quatre Irak un deux trois retrait", "1 of 2 conditions are met: 'retrait' was not found near 'irak' (3 words between, 2 allowed)"),
        ("irak ONEAR/2 retrait", "Retrait un deux trois Irak un deux trois quatre retrait", "1 of 2 conditions are met: 'retrait' was not found after 'irak' (4 words between, 2 allowed)"),
        ("title:irak NEAR/9 retrait", "Irak\nRetrait", "1 of 2 conditions are met: 'retrait' was not found near 'title:irak' (a paragraph's end or 1,000 words between)"),
        ("retrait ONEAR/9 irak", "Irak: retrait", "1 of 2 conditions are met: 'irak' was not found after 'retrait'"),
        ("@coalition NEAR/2 @withdrawal AND @iraq", "Irak: retrait", "2 of 3 conditions are met: '@coalition' was not found"),
        ("absent OR autre", "Irak", "none of 'absent', 'autre' was found"),
        ("absent OR (irak AND autre)", "Irak", "1 of 2 conditions are met: 'autre' was not found"),
        ("irak NOT (retrait OR troupe)", "Irak: retrait", "1 of 2 conditions are met: 'retrait' or 'troupe' is ruled out, and was found"),
        ("irak NOT (retrait NOT troupe)", "Irak: retrait", "1 of 2 conditions are met: 'retrait' with not 'troupe' is ruled out, and was found"),
        ("ATLEAST/3(irak)", "Irak, Irak", "'irak' was found in 2 places, not 3"),
        ("SENTENCE(irak AND retrait)", "Irak. Retrait", "no one sentence holds 'irak' with 'retrait'"),
        ("SENTENCE(irak AND retrait)", "Irak.", "1 of 2 conditions are met: 'retrait' was not found"),
        ("irak NOT retrait", "Rien", "'irak' was not found"),
        ("irak AND lang:en", "Irak", "1 of 2 conditions are met: the article is in fr, not en"),
        ("x OR (a NEAR/2 b) OR SENTENCE(c)", "Irak", "none of 'x', 'a NEAR/2 b', 'SENTENCE(c)' was found"),
    ],
)  # fmt: skip
def test_the_nearest_miss_is_told_in_words(query: str, title: str, miss: str) -> None:
    """How many of the conditions are met, and which is not, and why; "" for a match."""
    assert rules(it=query).miss(article(title), "it") == miss


def test_a_wrong_language_is_told() -> None:
    """A concept whose words stand there, in an article that was taken for another language."""
    names = (Name(text="soldat", language="fr"), Name(text="soldier", language="en"))
    concepts = {"soldier": Concept(name="soldier", names=names)}
    rule_set = build([Rule(name="it", root=parse_query("@soldier", concepts=concepts))], concepts)
    document = article("Les soldats", language="en")
    assert rule_set.miss(document, "it") == ("'@soldier' was not found; its name in fr was, in an article taken for en")


@pytest.mark.corpus
def test_the_article_that_this_project_is_measured_by(corpus: Path) -> None:
    """English rules find a French wire article with page furniture, and show the French words."""
    text = (corpus / "seed" / "armenpress-2024-07-23.fr.txt").read_text(encoding="utf-8")
    title = text.splitlines()[2]
    document = make_document(title=title, body=text, language=decide_language(title, text))
    (match,) = rules(it="@coalition NEAR/12 @withdrawal AND @iraq").match(document)
    shown = [one.words for one in match.evidence if one.field == "title"]
    assert "conclure la mission de la coalition" in shown
