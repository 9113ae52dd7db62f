"""The query language: what each spelling means, and what a person is told when it means nothing."""

from __future__ import annotations

import pytest

from monitor.errors import QueryError
from monitor.rules import format_rule, parse_query
from monitor.rules.syntax import And, InField, Near, Not, Or, Regex, Term, WatchRef

CONCEPTS = ("coalition", "withdrawal", "iraq", "islamic_state")
WATCHES = ("Islamic State", "iraq")


def read(query: str) -> str:
    return format_rule(parse_query(query, concepts=CONCEPTS, watches=WATCHES))


@pytest.mark.parametrize(
    ("query", "understood"),
    [
        ("iraq", "iraq"),
        ("@coalition NEAR/12 @withdrawal AND @iraq", "(@coalition NEAR/12 @withdrawal) AND @iraq"),
        ("a OR b AND c", "a OR (b AND c)"),
        ("a AND b OR c AND d", "(a AND b) OR (c AND d)"),
        ("NOT a AND b", "(NOT a) AND b"),
        ("a NOT b", "a AND (NOT b)"),
        ("a AND NOT b", "a AND (NOT b)"),
        ("a NOT (b OR c)", "a AND (NOT (b OR c))"),
        ("a AND NOT NOT b", "a AND (NOT (NOT b))"),
        ("a NOT NOT b", "a AND (NOT (NOT b))"),
        ("a && b || c", "(a AND b) OR c"),
        ("a W/3 b", "a NEAR/3 b"),
        ("a PRE/3 b", "a ONEAR/3 b"),
        ("a NEAR/3f b", "a ONEAR/3 b"),
        ("a ONEAR/3 b", "a ONEAR/3 b"),
        ("a NEAR/0 b", "a NEAR/0 b"),
        ("a NEAR/3 b NEAR/5 c", "(a NEAR/3 b) NEAR/5 c"),
        ("(a OR b) NEAR/3 (c OR d)", "(a OR b) NEAR/3 (c OR d)"),
        ("((a))", "a"),
        ("(a AND b) AND c", "a AND b AND c"),
        ("(a OR b) OR c", "a OR b OR c"),
        ('"Islamic State"', '"Islamic State"'),
        ("“Islamic State” OR «État islamique» OR „Islamischer Staat“", '"Islamic State" OR "État islamique" OR "Islamischer Staat"'),
        ('"troops leave"~4', '"troops leave"~4'),
        ("{Islamic State}", "{Islamic State}"),
        ("jihad* OR wom?n", "jihad* OR wom?n"),
        ("title:iraq", "title:iraq"),
        ("Title: iraq", "title:iraq"),
        ("title:(iraq AND us)", "title:(iraq AND us)"),
        ("title:iraq AND body:us", "(title:iraq) AND (body:us)"),
        ("lang:(en OR fr) AND iraq", "(lang:(en OR fr)) AND iraq"),
        ('tag:"middle east" AND source:AFP AND author:smith AND url:world', '(tag:"middle east") AND (source:AFP) AND (author:smith) AND (url:world)'),
        ("/drone[- ]?strikes?/", "/drone[- ]?strikes?/"),
        ("ATLEAST/3(iraq)", "ATLEAST/3(iraq)"),
        ("ATLEAST/3 (iraq OR us)", "ATLEAST/3(iraq OR us)"),
        ("SENTENCE(iraq AND us NOT them)", "SENTENCE(iraq AND us AND (NOT them))"),
        ("@watch:iraq", "@watch:iraq"),
        ('@watch:"Islamic State" AND NOT @islamic_state', '@watch:"Islamic State" AND (NOT @islamic_state)'),
        ("AT&T AND C++ AND U.S.-led", '"AT&T" AND "C++" AND U.S.-led'),
        ("l'État AND km/h AND 10:30", "l'État AND \"km/h\" AND \"10:30\""),
        ('"and" OR "NOT"', '"and" OR "NOT"'),
        ("ANDORRA OR NOTES OR NEARBY", "ANDORRA OR NOTES OR NEARBY"),
        ("a\n  AND\n  b", "a AND b"),
        ("URL:/sport/", 'url:"/sport/"'),
        ("url:/sport.*live/", "url:/sport.*live/"),
        ("title:(a NEAR/2 b) AND SENTENCE(title:a AND b)", "(title:(a NEAR/2 b)) AND SENTENCE((title:a) AND b)"),
        ("source:(bbc OR ATLEAST/2(x))", "source:(bbc OR ATLEAST/2(x))"),
    ],
)  # fmt: skip
def test_a_query_is_understood_as(query: str, understood: str) -> None:
    """Precedence, aliases and quotes; and what is printed reads back the same."""
    assert read(query) == understood
    assert parse_query(understood, concepts=CONCEPTS, watches=WATCHES) == parse_query(
        query, concepts=CONCEPTS, watches=WATCHES
    )


def test_parts_keep_the_persons_own_spelling() -> None:
    """Evidence names a part as it was written, with its parentheses and aliases."""
    tree = parse_query('x AND  (a  OR "b c") W/3 {D}', concepts=CONCEPTS)
    assert isinstance(tree, And)
    near = tree.children[1]
    assert isinstance(near, Near)
    assert near.written == '(a  OR "b c") W/3 {D}'
    assert near.position == 7
    assert isinstance(near.left, Or)
    assert [child.written for child in near.left.children] == ["a", "b c"]
    assert near.right.written == "{D}"


def test_leaves_are_what_they_look_like() -> None:
    """Each spelling has its own kind of leaf."""
    assert parse_query("/drones?/", concepts=()) == Regex(pattern="drones?")
    assert parse_query("{IS}", concepts=()) == Term(text="IS", exact=True)
    assert parse_query('"a b"~2', concepts=()) == Term(text="a b", slop=2)
    assert parse_query("@watch:iraq", concepts=(), watches=WATCHES) == WatchRef(name="iraq")
    assert parse_query("x NOT y", concepts=()) == And(children=(Term(text="x"), Not(child=Term(text="y"))))
    assert parse_query("lang:fr", concepts=()) == InField(field="lang", child=Term(text="fr"))


@pytest.mark.parametrize(
    ("query", "position", "message", "hint"),
    [
        ("", 0, "the query is empty", "write what to look for"),
        ("  ", 0, "the query is empty", ""),
        ("iraq syria", 5, "side by side", '"iraq syria"'),
        ("iraq and syria", 5, "and is read as a word", "in capitals: AND"),
        ("iraq Or syria", 5, "Or is read as a word", "in capitals: OR"),
        ("not iraq", 0, "not is read as a word", "in capitals: NOT"),
        ("iraq ANDNOT syria", 5, "operators stand apart", "AND NOT"),
        ("coalition NEAR 5 troops", 10, "NEAR is read as a word", "NEAR/5 was probably meant"),
        ("coalition NEAR5 troops", 10, "NEAR5 is read as a word", "NEAR/5 was probably meant"),
        ("coalition near/7 troops", 10, "near/7 is read as a word", "NEAR/7 was probably meant"),
        ("coalition NEAR troops", 10, "NEAR is read as a word", "NEAR/5 was probably meant"),
        ("coalition onear/3 troops", 10, "", "ONEAR/3 was probably meant"),
        ("coalition pre 3 troops", 10, "", "PRE/3 was probably meant"),
        ("coalition w/3 troops", 10, "", "W/3 was probably meant"),
        ("coalition within 3 troops", 10, "", "NEAR/3 was probably meant"),
        ("coalition w/s troops", 10, "w/s is no operator", "SENTENCE(a AND b)"),
        ("coalition W/P troops", 10, "W/P is no operator", "SENTENCE(a AND b)"),
        ("atleast3(iraq)", 0, "atleast3 is read as a word", "ATLEAST/3(...)"),
        ("ATLEAST 3 (iraq)", 0, "ATLEAST is read as a word", "ATLEAST/3(...)"),
        ("Sentence(a AND b)", 0, "Sentence is read as a word", "SENTENCE(...)"),
        ('"a b" "c d"', 6, "side by side", "AND, OR or NEAR/5"),
        ("near (a OR b)", 0, "near is read as a word", "NEAR/5"),
        ('iraq AND "Islamic State', 9, '" is never closed', 'add "'),
        ("iraq AND “Islamic State", 9, "“ is never closed", "add ”"),
        ("iraq”", 4, "” closes nothing", "take it away"),
        ("{Exact", 0, "{ is never closed", "add }"),
        ("exact}", 5, "} closes nothing", ""),
        ("(iraq AND (us OR them)", 0, "( is never closed", "add )"),
        ("iraq)", 4, ") closes nothing", ""),
        ("iraq AND ()", 9, "nothing stands in these parentheses", ""),
        ("iraq AND", 5, "the query ends after AND", ""),
        ("iraq NOT", 5, "the query ends after NOT", ""),
        ("title:", 0, "the query ends after title:", ""),
        ("AND iraq", 0, "AND has nothing before it", ""),
        ("iraq AND OR us", 9, "OR can't follow AND", ""),
        ("iraq AND NEAR/3 us", 9, "NEAR/3 can't follow AND", ""),
        ("(iraq OR)", 6, "OR has nothing after it", ""),
        ("(OR iraq)", 1, "OR has nothing before it", ""),
        ("title: AND iraq", 7, "title: must stand right before", "title:word"),
        ("title:title:iraq", 6, "title: must stand right before", ""),
        ("(title:)", 1, "title: has nothing after it", ""),
        ("@colition", 0, "there is no concept @colition", "did you mean @coalition"),
        ("@xyz", 0, "there is no concept @xyz", "there are @coalition, @iraq"),
        ("iraq AND @", 9, "@ has no name", ""),
        ("@watch:irak", 0, "there is no watch named irak", "@watch:iraq"),
        ("NOT iraq", 0, "almost every article", "what the article must hold"),
        ("iraq OR NOT us", 8, "almost every article", ""),
        ("NOT a AND NOT b", 0, "almost every article", ""),
        ("title:(NOT iraq)", 7, "almost every article", ""),
        ("/[a-z]+/", 1, "nothing in this regular expression must stand", "3 letters"),
        ("/(unclosed/", 1, "not understood", ""),
        ("/dro(a+)+ne/", 8, "can take for ever", "{0,5}"),
        ("/never closed", 0, "the regular expression is not closed", "end it with /"),
        ("ab*", 2, "at least 3 letters", ""),
        ("*raq", 0, "at least 3 letters", ""),
        ('"islamic s*"', 10, "at least 3 letters", ""),
        ("iraq AND ...", 9, "no letter or digit", ""),
        ('""', 0, "no letter or digit", ""),
        ('url:"/" AND iraq', 5, "no letter or digit", "a part of it"),
        ("{!}", 1, "no letter or digit", ""),
        ("iraq-*", 5, "must follow a letter", ""),
        ("wom?n-x", 3, "inside one word", "apart"),
        ('"a b c d e f g"~3', 1, "at most 6 words", "NEAR or AND"),
        ('"a b"~999', 5, "at most 250", ""),
        ("a NEAR/999 b", 2, "at most 250 words", "AND"),
        ("headline:iraq", 0, "there is no field headline:", "fields are"),
        ("titel:iraq", 0, "there is no field titel:", "did you mean title:"),
        ("iraq AND -syria", 9, "- is no operator", "NOT syria"),
        ("+iraq", 0, "+ is no operator", "AND iraq"),
        ("lang:french", 5, "no language code", "lang:(en OR fr)"),
        ("lang:/french/", 5, "no language code", ""),
        ("tag:/news/ AND iraq", 4, "is no tag", "tag:word"),
        ("tag:@iraq", 4, "can't stand in tag:", ""),
        ("url:(a NEAR/2 b)", 5, "can't stand in url:", ""),
        ("title:(a AND body:b)", 13, "can't stand in title:", ""),
        ("title:@watch:iraq", 6, "can't stand in title:", ""),
        ("NOT a NEAR/3 b", 0, "can't stand in NEAR/3", "NOT (a NEAR/5 b)"),
        ("a NOT b NEAR/3 c", 8, "would reach into a NOT", "parentheses"),
        ("(a AND b) NEAR/3 c", 1, "can't stand in NEAR/3", "(a NEAR/5 c) AND"),
        ("SENTENCE(a AND b) NEAR/3 c", 0, "can't stand in NEAR/3", "join words"),
        ("lang:fr NEAR/3 c", 0, "lang: can't stand in NEAR/3", "outside"),
        ("ATLEAST/2(a AND b)", 10, "can't stand in ATLEAST", ""),
        ("ATLEAST/0(a)", 0, "ATLEAST takes 1 to 100", ""),
        ("ATLEAST/101(a)", 0, "ATLEAST takes 1 to 100", ""),
        ("SENTENCE(a AND ATLEAST/2(b))", 15, "can't stand in SENTENCE", ""),
        ("SENTENCE(NOT a) AND b", 9, "SENTENCE needs a word", "NOT SENTENCE"),
        ("SENTENCE(a AND lang:fr)", 15, "lang: can't stand in SENTENCE", ""),
        ("SENTENCE(a AND @watch:iraq)", 15, "can't stand in SENTENCE", ""),
        ("(" * 26 + "a" + ")" * 26, 25, "more than 25 parentheses", "concepts"),
        (" NEAR/1 ".join("abcdefghijklmnopqrstuvwxyz"), 2, "more than 20 NEAR", "AND"),
        ("x" * 20_001, 20_000, "longer than 20000", "concepts"),
    ],
)  # fmt: skip
def test_a_mistake_is_pointed_at_and_guessed(query: str, position: int, message: str, hint: str) -> None:
    """The error names the character, says what is wrong, and what was probably meant."""
    with pytest.raises(QueryError) as caught:
        read(query)
    error = caught.value
    assert (error.position, error.query) == (position, query)
    assert message in error.message
    assert hint in error.hint


def test_no_concepts_at_all_is_said() -> None:
    """A first watch with a concept, before any is defined."""
    with pytest.raises(QueryError) as caught:
        parse_query("@iraq", concepts=())
    assert caught.value.hint == "none is defined"


def test_a_long_or_is_read_without_trouble() -> None:
    """Analysts paste lists of a thousand names."""
    tree = parse_query(" OR ".join(f"name{number}" for number in range(1500)), concepts=())
    assert isinstance(tree, Or)
    assert len(tree.children) == 1500
