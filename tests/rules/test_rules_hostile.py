"""Rules and texts that are made to hurt: each gives a clear error, or an answer in time that grows with the text."""

from __future__ import annotations

import time
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.errors import QueryError
from monitor.rules import Rule, RuleSet, build, build_concept, make_document, parse_query
from monitor.rules.concepts import Concept, ConceptProblems, check_concepts
from monitor.rules.pattern import TermFault, parse_name, parse_term
from monitor.rules.places import MAX_PLACES, Place, Span, in_order, pairs
from monitor.text import Language, keys_in, same_word

EN = Language("en", None, sure=True)


def rule_set(query: str, concepts: dict[str, Concept]) -> RuleSet:
    return build([Rule(name="it", root=parse_query(query, concepts=concepts), query=query)], concepts)


# --- queries ---


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("NOT " * 4_900 + "drone", "more than 60 operators inside each other"),
        ("port AND " + "NOT " * 70 + "drone", "more than 60 operators inside each other"),
        ("(" * 4 + "a" + " NEAR/1 b" * 19 + (") NEAR/1 c" + " NEAR/1 b" * 18) * 4, "more than 60 operators"),
        ("a NEAR/" + "9" * 5_000 + " b", "NEAR reaches over at most 250 words"),
        ("ATLEAST/" + "9" * 5_000 + "(a)", "ATLEAST takes 1 to 100"),
        ('"a b"~' + "9" * 5_000, "~ reaches over at most 250 words"),
        ("/" + "(" * 3_000 + "abc" + ")" * 3_000 + "/", "more than 25 parentheses inside each other"),
        ("/abc{1000000000}/", "more than 1000 repeats"),
        ("/abc{2," + "9" * 5_000 + "}/", "more than 1000 repeats"),
        ("/(?:(?:abc{900}){900}){900}/", "its repeats written out are longer than 200,000 characters"),
        ("/drone(*SKIP)s/", "this kind of group is not taken here"),
    ],
)
def test_a_query_that_is_too_deep_or_too_large_is_told_so(query: str, said: str) -> None:
    """No crash of the reader, no minutes of making ready."""
    with pytest.raises(QueryError, match=said):
        parse_query(query, concepts={})


def test_twenty_near_in_a_row_are_taken() -> None:
    """As the documentation says; one more is not."""
    parse_query("a" + " NEAR/3 b" * 20, concepts={})
    with pytest.raises(QueryError, match="more than 20 NEAR in a row"):
        parse_query("a" + " NEAR/3 b" * 21, concepts={})


def test_parentheses_in_sets_and_escaped_ones_do_not_nest_in_a_regular_expression() -> None:
    """They are letters there."""
    parse_query(r"/drone[(]{3}" + r"\(" * 30 + "[((((((((((((((((((((((((((]/", concepts={})


@pytest.mark.parametrize("term", ["ـــ*abc", "ʼʼʼ?abc"])
def test_a_wildcard_needs_letters_that_count(term: str) -> None:
    """Tatweel and a letter-like apostrophe are letters in name only: nothing of them is looked for."""
    with pytest.raises(TermFault, match="must follow a letter"):
        parse_term(term)


@pytest.mark.parametrize("words", ["251", "9" * 5_000])
def test_a_name_reaches_over_no_paragraph(words: str) -> None:
    """~5000 would have met a name from the title into the body."""
    with pytest.raises(TermFault, match="~ reaches over at most 250 words"):
        parse_name(f"end mission ~{words}")


# --- concepts and watches that use others ---


def test_concepts_use_each_other_thirty_in_a_row() -> None:
    """More is told once, at the concept where it begins; a row of thousands ends in no crash."""
    chain = {
        f"c{i}": build_concept(f"c{i}", {"en": [{"name": f"w{i}", "near": [f"@c{i + 1}"]}] if i < 5_00 else ["end"]})
        for i in range(501)
    }
    problems = check_concepts(chain)
    assert [problem.path for problem in problems] == ["c470"]
    assert "more than 30 concepts use each other in a row" in problems[0].message
    with pytest.raises(ConceptProblems):
        build([], chain)
    assert check_concepts({name: concept for name, concept in chain.items() if int(name[1:]) > 470}) == ()


def watches(count: int, each: str) -> list[Rule]:
    names = [f"w{number}" for number in range(count)]
    queries = ["drone"] + [each.replace("@", f"@watch:w{number}") for number in range(count - 1)]
    return [
        Rule(name=name, root=parse_query(query, concepts={}, watches=names), query=query)
        for name, query in zip(names, queries, strict=True)
    ]


def test_watches_that_name_each_other_many_times_over_are_told_so() -> None:
    """Ten parts in each of ten watches would be ten thousand million."""
    many = " OR ".join(f"(@ AND port{number})" for number in range(10))
    with pytest.raises(QueryError, match="is made of more than 20000 parts"):
        build(watches(10, many), {})
    found = build(watches(3, many), {}).match(make_document(title="drone port3", body="", language=EN))
    assert [match.watch for match in found] == ["w0", "w1", "w2"]


def test_a_row_of_watches_is_as_long_whichever_is_read_first() -> None:
    """Also where what a watch names was made ready before."""
    for rules in (watches(11, "@ AND NOT port"), watches(11, "@ AND NOT port")[::-1]):
        assert len(build(rules, {}).rules) == 11
    for rules in (watches(12, "@ AND NOT port"), watches(12, "@ AND NOT port")[::-1]):
        with pytest.raises(QueryError, match="too many watches name each other in a row"):
            build(rules, {})


# --- texts ---


@pytest.mark.parametrize(
    ("name", "text", "met"),
    [
        ({"name": "us", "not": ["us dollar"]}, "us dollar fell ", False),
        ({"name": "leave ... troops", "near": ["state"], "within": 0}, "leave state troops of ", True),
        ({"name": "leave ... troops", "near": ["leave", "troops"]}, "leave state troops of ", True),
        ({"name": "leave troops ~250"}, "leave troops ", True),
    ],
)
def test_a_concept_in_a_text_that_repeats_its_words(name: dict[str, object], text: str, met: bool) -> None:
    """Time grows with the text, not with its square (which was minutes here)."""
    rules = rule_set("@it", {"it": build_concept("it", {"en": [name]})})
    document = make_document(title="", body=text * 20_000, language=EN)
    begun = time.perf_counter()
    assert bool(rules.match(document)) is met
    assert time.perf_counter() - begun < 15


@pytest.mark.parametrize("joint", ["\0", "国"])
def test_words_that_no_space_parts_are_placed_in_time_that_grows_with_the_text(joint: str) -> None:
    """A line without spaces is cut once, however many of its words are shown."""
    rules = rule_set("SENTENCE(drone AND NOT port)", {})
    document = make_document(title="", body=f"{joint}drone" * 30_000, language=EN)
    begun = time.perf_counter()
    assert rules.match(document)
    assert time.perf_counter() - begun < 15


def test_sentences_by_the_thousand() -> None:
    """Each is judged by what stands in it, also where one holds what the others lack."""
    rules = rule_set("SENTENCE(drone AND port AND NOT attack)", {})
    many = "A drone hit the port in the attack. " * 900
    assert not rules.match(make_document(title="", body=many, language=EN))
    assert rules.match(make_document(title="", body=f"{many}Drone at port. {many}", language=EN))


@given(
    st.lists(st.tuples(st.integers(0, 30), st.integers(0, 2)), max_size=12),
    st.lists(st.tuples(st.integers(0, 30), st.integers(0, 2)), max_size=12),
    st.integers(0, 6),
)
def test_what_stands_in_order_is_what_trying_all_pairs_finds(
    firsts: list[tuple[int, int]], seconds: list[tuple[int, int]], gap: int
) -> None:
    """Spans of one run are as long as each other or not; those that hold a shorter one are no places."""
    one, other = ([(first, first + more) for first, more in some] for some in (firsts, seconds))
    positions = list(range(40))
    found = {(a[0], b[1]) for a, b in product(one, other) if a[1] < b[0] and b[0] - a[1] - 1 <= gap}

    def holds(outer: Span, inner: Span) -> bool:
        return outer != inner and outer[0] <= inner[0] and inner[1] <= outer[1]

    expected = sorted(span for span in found if not any(holds(span, inner) for inner in found))
    assert in_order(positions, [one, other], [gap]) == expected


@pytest.mark.parametrize("ordered", [True, False])
def test_the_first_pairs_are_found_without_the_rest(ordered: bool) -> None:
    """Of half a million pairs those that span the first stretches are the same as among all."""

    def place(index: int) -> Place:
        return Place(index, index, "body", "a", "a", "", "en")

    lefts, rights = [place(index) for index in range(0, 2_000, 2)], [place(index) for index in range(1, 2_000, 2)]
    found = pairs(range(2_000), lefts, rights, 250, ordered=ordered)

    def spans(some: list[tuple[int, Place, Place]]) -> list[Span]:
        return sorted({(min(a.first, b.first), max(a.last, b.last)) for _, a, b in some})[:MAX_PLACES]

    everything = [
        (0, left, right)
        for left, right in product(lefts, rights)
        if abs(right.first - left.first) <= 251 and (not ordered or left.first < right.first)
    ]
    assert len(found) < 100_000
    assert spans(found) == spans(everything)


@pytest.mark.parametrize("language", ["en", "uk", "de", "ko"])
def test_what_is_longer_than_any_word_is_met_by_itself_alone(language: str) -> None:
    """And is not remembered: a hostile feed has a new one for each article."""
    long = "drone" * 13
    assert keys_in(language)(long) == (long,)
    assert same_word(long, long, language)
    assert not same_word(long, long + "s", language)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ({"name": "drone", "near": ["drone strike"]}, "A drone strike."),
        ({"name": "red sea ... attack"}, "The sea was red; an attack."),
    ],
)
def test_a_name_is_not_met_by_its_words_alone(name: dict[str, object], text: str) -> None:
    """What holds the name stands not near it; words of one stretch stand together."""
    rules = rule_set("@it", {"it": build_concept("it", {"en": [name]})})
    assert not rules.match(make_document(title="", body=text, language=EN))
