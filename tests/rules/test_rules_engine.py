"""The engine under strain: hostile texts and expressions, many rules, and answers that do not depend on either."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.rules import Concept, Document, Name, Rule, RuleSet, build, make_document, parse_query
from monitor.rules.evaluate import View
from monitor.rules.places import MAX_PLACES
from monitor.text import Language


def rules(*queries: str, concepts: dict[str, Concept] | None = None) -> RuleSet:
    known = concepts or {}
    return build([Rule(name=query, root=parse_query(query, concepts=known)) for query in queries], known)


def article(title: str, body: str = "", language: str = "en") -> Document:
    return make_document(title=title, body=body, language=Language(language, None, sure=True))


def met(rule_set: RuleSet, document: Document) -> list[str]:
    return [match.watch for match in rule_set.match(document)]


def test_matches_come_in_the_order_of_the_rules() -> None:
    """Whatever led to them, and each once."""
    rule_set = rules("troops", "lang:en", "absent", "iraq AND troops", "/iraq/", "NOT NOT iraq")
    assert met(rule_set, article("Iraq troops")) == ["troops", "lang:en", "iraq AND troops", "/iraq/", "NOT NOT iraq"]
    assert met(rules(), article("Iraq")) == []


def test_a_language_met_later_is_looked_up_as_the_first() -> None:
    """What one article's language brought into the index serves no other language."""
    rule_set = rules("soldat")
    assert met(rule_set, article("die Soldaten", language="de")) == ["soldat"]
    assert met(rule_set, article("les soldats", language="fr")) == ["soldat"]
    assert met(rule_set, article("die Soldaten", language="de")) == ["soldat"]
    assert met(rule_set, article("soldaten", language="und")) == []


def test_regular_expressions_that_go_wrong_meet_nothing() -> None:
    """One that runs out of time, one that matches nothing visible, one that matches no word."""
    endless = r"/drone(?:\w|\w\w)*!/"
    rule_set = rules(endless, r"/drone\K/", r"/drone\K!/", r"/drone\K \w+/")
    assert met(rule_set, article("drone" + "a" * 80)) == []
    assert met(rule_set, article("drone! here")) == [endless]
    assert met(rule_set, article("drone here")) == [r"/drone\K \w+/"]


def test_more_places_than_are_looked_at() -> None:
    """A text of one word, a thousand times over, is met, and costs what a thousand places cost."""
    body = "iraq troops " * (MAX_PLACES + 200)
    queries = ("iraq NEAR/250 troops", "/iraq/", "ATLEAST/100(iraq)", '"iraq troops"~250', "SENTENCE(iraq AND troops)")
    assert met(rules(*queries), article("x", body)) == list(queries)


@pytest.mark.parametrize("text", ["", "\0", "\ud800 iraq", "iraq" * 50_000, "\n" * 10_000, "a" + "\u0301" * 10_000])
def test_any_text_will_do(text: str) -> None:
    """Feeds hold anything."""
    rule_set = rules("iraq", "jihad*", "col*r*s*x", "/iraq.*/", "iraq NEAR/3 troops", "{Iraq}")
    rule_set.match(
        make_document(title=text, body=text, language=Language("en", None, sure=True), url=text, tags=[text])
    )


def test_a_long_word_costs_little_against_many_stars() -> None:
    """Each star takes the least and never gives back."""
    assert met(rules("aaa*a*a*a*a*a*a*a*a*b"), article("a" * 100_000)) == []


def test_hostile_rows_of_one_word_in_a_loose_phrase() -> None:
    """Six words that are all the same are looked for among six places, not among all."""
    assert met(rules('"iraq iraq iraq iraq iraq iraq"~9'), article("iraq " * 5)) == []
    assert met(rules('"iraq iraq iraq iraq iraq iraq"~9'), article("iraq " * 2000)) != []


def test_concepts_share_their_names_with_those_that_use_them() -> None:
    """A concept of concepts is met by what meets its parts, and says which name it was."""
    concepts = {
        "troops": Concept(name="troops", names=(Name(text="troops", language="en"),)),
        "forces": Concept(
            name="forces", names=(Name(text="@troops", language="any"), Name(text="army", language="en"))
        ),
        "base": Concept(name="base", names=(Name(text="base", language="en", near=("@forces",)),)),
    }
    rule_set = rules("@forces", "@base", "title:@forces", concepts=concepts)
    assert met(rule_set, article("The troops")) == ["@forces", "title:@forces"]
    assert met(rule_set, article("The base", "of the army")) == ["@forces", "@base"]
    assert met(rule_set, article("The base")) == []
    evidence = rule_set.match(article("The troops"))[0].evidence[0]
    assert (evidence.term, evidence.alias, evidence.concept) == ("@forces", "troops", "forces")


def test_what_is_in_the_source_is_no_evidence_for_the_text() -> None:
    """An outlet named after a thing does not make its articles speak of it."""
    rule_set = rules("iraq", "source:iraq", "title:iraq OR source:iraq")
    document = make_document(title="x", body="", source="Iraq Today", language=Language("en", None, sure=True))
    assert met(rule_set, document) == ["source:iraq", "title:iraq OR source:iraq"]


TEXTS = st.text(alphabet="ab .\n日本ก1", max_size=60)


@given(TEXTS, TEXTS)
def test_words_are_as_far_apart_as_their_document_says(title: str, body: str) -> None:
    """Told by the lines alone where no script without spaces is in it."""
    document = article(title, body)
    positions = View(document, rules("absent").lexicon).positions
    assert len(positions) == len(document.places)
    for one, other in pairwise(range(len(positions))):
        apart = document.places[other] - document.places[one]
        assert positions[other] - positions[one] == apart or min(apart, positions[other] - positions[one]) > 900


def test_a_line_without_spaces_is_read_as_any_other() -> None:
    """However long it is: it is not remembered, since it does not come twice."""
    rule_set = rules("伊斯兰国", "联军 NEAR/20 撤出")
    text = "联军将于明年九月之前撤出伊拉克" * 8 + "伊斯兰国"
    for _ in range(2):
        assert met(rule_set, article("", text, language="zh")) == ["伊斯兰国", "联军 NEAR/20 撤出"]


def test_words_of_a_source_meet_no_term_of_the_text() -> None:
    """A rule hangs on words of title and body; those of other fields are for their own terms."""
    rule_set = rules('"coalition forces" AND iraq', "source:coalition AND iraq", '"forces iraq"', "coalition", "absent")
    beside = make_document(
        title="Iraq", body="Forces.", source="Coalition Iraq", language=Language("en", None, sure=True)
    )
    assert met(rule_set, beside) == ["source:coalition AND iraq"]
    apart = article("Coalition", "forces of Iraq\niraq coalition\nforces")
    assert met(rule_set, apart) == ["coalition"]


def test_long_lines_are_read_however_many_there_are() -> None:
    """What is remembered of them is bounded."""
    rule_set = rules("drone")
    for number in range(3):
        assert met(rule_set, article("", f"{number}," * 9_000 + "drone")) == ["drone"]


def test_a_prefix_meets_no_word_that_only_begins_as_it_does() -> None:
    assert met(rules("drone*", "dramatic*"), article("Drosophila dronelike", "dr")) == ["drone*"]
