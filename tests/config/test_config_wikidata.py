"""What Wikidata answers, whatever it is: an item in plain lines under our own languages, or words for what came instead."""

from __future__ import annotations

import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wikidata_answers import answer, entity, error, missing

from monitor.config import WIKIDATA_API, item_id, project_language, read_item, request_url
from monitor.errors import WikidataError


def refused(body: bytes, asked: str = "Q5") -> WikidataError:
    """How an answer is told that holds no item."""
    with pytest.raises(WikidataError) as caught:
        read_item(body, asked)
    return caught.value


# --- asking ---


@pytest.mark.parametrize(("said", "item"), [("Q42", "Q42"), ("q42", "Q42"), (" Q42 ", "Q42")])
def test_an_item_is_named_by_q_and_a_number(said: str, item: str) -> None:
    """However it was typed."""
    assert item_id(said) == item


@pytest.mark.parametrize(
    "said", ["", "42", "Q", "Q0", "Q042", "P31", "L7", "Q42|Q43", "Q４２", "Q42\n#", "Q" + "9" * 11]
)
def test_nothing_else_is_an_item(said: str) -> None:
    """Properties, lexemes, and what would ask for more than one."""
    assert item_id(said) is None


@pytest.mark.parametrize(
    ("api", "asked"),
    [
        (WIKIDATA_API, f"{WIKIDATA_API}?action="),
        ("http://127.0.0.1:8080/api.php?tenant=a#part", "http://127.0.0.1:8080/api.php?tenant=a&action="),
    ],
)
def test_the_question_is_for_names_in_all_languages_as_json(api: str, asked: str) -> None:
    """What stands in a mirror's address stays in it."""
    query = "wbgetentities&ids=Q42&props=labels|aliases|descriptions&format=json&formatversion=2"
    assert request_url(api, "Q42") == asked + query


@pytest.mark.parametrize(
    "api", ["", "file:///etc/passwd", "ftp://a.example/", "https://", "http://[", "http://a:x/", "http://a:0/"]
)
def test_only_a_web_address_is_asked(api: str) -> None:
    """Never a file, whatever the option says."""
    with pytest.raises(ValueError):
        request_url(api, "Q42")


# --- languages ---


@pytest.mark.parametrize(
    ("code", "language"),
    [
        ("en", "en"), ("en-gb", "en"), ("simple", "en"), ("pt-br", "pt"), ("de-formal", "de"), ("zh", "zh"),
        ("zh-hans", "zh"), ("zh-hant", "zh"), ("zh-tw", "zh"), ("yue", "zh"), ("nb", "no"), ("nn", "no"), ("no", "no"),
        ("sr-ec", "sr"), ("sr-el", "sr"), ("be-tarask", "be"), ("be-x-old", "be"), ("ku-latn", "ku"), ("ckb", "ku"),
        ("fil", "tl"), ("iw", "he"), ("mul", "any"),
        ("arz", None), ("ast", None), ("als", None), ("sh", None), ("nan", None), ("zh-min-nan", None),
        ("zh-classical", None), ("bat-smg", None), ("roa-rup", None), ("nds-nl", None), ("", None), ("x", None), ("any", None),
    ],
)  # fmt: skip
def test_codes_become_those_that_this_project_tells_apart(code: str, language: str | None) -> None:
    """Two letters, varieties together; a code that no article's language can be is none."""
    assert project_language(code) == language


# --- an item ---


def test_an_item_gives_its_names_by_language() -> None:
    """Labels before aliases, the language proper before its varieties; unknown languages are counted."""
    found = entity(
        "Q5",
        labels={
            "zh-hant": "紅海",
            "zh": "红海",
            "en-gb": "Red Sea",
            "nn": "Raudehavet",
            "arz": "البحر",
            "mul": "Mare Rubrum",
        },
        aliases={"en": ["Erythraean Sea", ""], "arz": ["one", "two"], "no good\x1b": ["x"]},
        descriptions={"zh-hant": "海", "zh": "海域", "en": "a sea", "arz": "بحر", "fr": ""},
    )
    item = read_item(answer(found), "Q5")
    assert [(term.language, term.text) for term in item.terms if term.label] == [
        ("zh", "红海"),
        ("en", "Red Sea"),
        ("any", "Mare Rubrum"),
        ("no", "Raudehavet"),
        ("zh", "紅海"),
    ]
    assert [(term.language, term.text) for term in item.terms if not term.label] == [("en", "Erythraean Sea")]
    assert (item.id, item.asked) == ("Q5", "Q5")
    assert item.about == {"zh": "海域", "en": "a sea"}
    assert item.unknown == {"arz": 3, "?": 1}


def test_an_item_that_was_joined_into_another_is_that_other() -> None:
    """Both ids are known, so that it can be said."""
    item = read_item(answer(entity("Q7", labels={"en": "Wagner"}), asked="Q5"), "Q5")
    assert (item.id, item.asked) == ("Q7", "Q5")


@pytest.mark.parametrize(
    "hostile", ["a\nb", "a\r\n[x]", "a\x00b", "a\x1b[31mb", "a\u202eb", "a\u2028b", "a\ud800b", "a\x7fb\x85"]
)
def test_what_is_read_is_one_line_of_visible_characters(hostile: str) -> None:
    """No control, no terminal's escape, no direction mark, no line end of any kind, no half character."""
    found = entity("Q5", labels={"en": hostile}, descriptions={"en": hostile}, aliases={"en": [hostile]})
    item = read_item(answer(found), "Q5")
    for line in (*(term.text for term in item.terms), *item.about.values()):
        assert {unicodedata.category(character) for character in line}.isdisjoint({"Cc", "Cf", "Cs", "Zl", "Zp"})


@pytest.mark.parametrize(
    "odd",
    [
        {"labels": [], "aliases": [], "descriptions": []},  # so PHP writes what is empty
        {"labels": {"en": "x"}, "aliases": {"en": "x", "fr": [3, None, {"value": 7}]}, "descriptions": 3},
        {"labels": {"en": {"value": "\u200b \n"}}},
        {"labels": {"ast": {"value": "Mar Roxu"}}},
    ],
)
def test_an_item_without_a_name_is_told(odd: dict) -> None:
    """And nothing in it is taken for one."""
    assert "Q5 has no name in a language that is known here" in str(
        refused(answer({"type": "item", "id": "Q5", **odd}))
    )


# --- anything else ---


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"<!DOCTYPE html><title>Wikimedia Error</title>", "a web page came instead of JSON"),
        (b"\xef\xbb\xbf\n <html>", "a web page came instead of JSON"),
        (b"", "something else came instead of JSON"),
        (b"\xff\xfe\xfa", "something else came instead of JSON"),
        (b"{" + b'"a":' * 3, "something else came instead of JSON"),
        (b"[" * 200_000, "something else came instead of JSON"),
        (b"1" * 5_000, "something else came instead of JSON"),
        (b"[]", "no answer about an item"),
        (b"null", "no answer about an item"),
        (b'{"entities": []}', "no answer about an item"),
        (b'{"entities": {"Q6": {"id": "Q6"}}}', "no answer about an item"),
        (b'{"entities": {"Q5": "x"}}', "no answer about an item"),
        (b'{"entities": {"Q5": {"id": "P5"}}}', "names no item"),
        (missing("Q5"), "there is no item Q5"),
        (b'{"entities": {"Q5": {"id": "Q5", "missing": ""}}}', "there is no item Q5"),
        (error("no-such-entity", "Could not find it.", id="Q5"), "refused: no-such-entity: Could not find it."),
        (b'{"errors": [{"code": "badvalue", "text": "Odd."}]}', "refused: badvalue: Odd."),
        (b'{"error": "x"}', "refused: it does not say why"),
    ],
)  # fmt: skip
def test_what_is_no_item_is_told_in_words(body: bytes, words: str) -> None:
    """Web pages, rubbish, other JSON, removed items, refusals; none of them helps by asking again."""
    told = refused(body)
    assert words in str(told)
    assert not told.retry


@pytest.mark.parametrize(
    ("lag", "seconds"),
    [(7.2, 8), (0.3, 5), (1e308, 3600), (10**400, 3600), (-4, 5), ("x", 5), (None, 5), (float("nan"), 5)],
)
def test_a_busy_wikidata_says_when_to_ask_again(lag: object, seconds: int) -> None:
    """After its lag, whatever it says of it: at least five seconds, at most an hour."""
    told = refused(error("maxlag", "Waiting for all: 7.2 seconds lagged.", lag=lag))
    assert f"try again in {seconds} s" in str(told)
    assert told.retry


def test_a_limit_on_requests_says_when_to_ask_again() -> None:
    """As an error inside an answer; the status 429 is the fetcher's to tell."""
    told = refused(error("ratelimited", "You've exceeded your rate limit."))
    assert "try again in a minute" in str(told)
    assert told.retry


def test_a_servers_own_words_are_short_and_plain() -> None:
    """They are shown on a terminal."""
    told = str(refused(error("x\x1b[2J", "word\n" * 200)))
    assert "\x1b" not in told
    assert "\n" not in told
    assert len(told) < 300


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["en", "mul", "value", "labels", "aliases", "id", "missing", "x"]), inner, max_size=4
        )
    ),
    max_leaves=12,
)


@given(JSON)
def test_no_shape_of_json_breaks_the_reading(inner: object) -> None:
    """It is an item, or it is told as none."""
    for whole in (inner, {"error": inner}, {"entities": inner}, {"entities": {"Q5": inner}}):
        try:
            item = read_item(json.dumps(whole).encode(), "Q5")
        except WikidataError:
            continue
        assert item.terms
