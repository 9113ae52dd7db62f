"""The line of every place in a TOML document is found, however the document is written."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.config.locate import Place, locate

ROOT = Path(__file__).resolve().parents[2]


def places(value: Any, place: Place = ()) -> Iterator[Place]:
    """Every place of parsed data."""
    yield place
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield from places(inner, (*place, key))


def test_a_key_stands_where_it_is_written_and_a_table_where_its_header_is() -> None:
    """The n-th [[table]] is counted, and a sub-table belongs to the last one before it."""
    lines = locate('a = 1\n\n[[watch]]\nname = "x"\n[watch.examples]\nmatch = []\n[[watch]]\nname = "y"\n')
    assert lines["a",] == 1
    assert lines["watch",] == lines["watch", 0] == 3
    assert lines["watch", 0, "name"] == 4
    assert lines["watch", 0, "examples"] == 5
    assert lines["watch", 0, "examples", "match"] == 6
    assert lines["watch", 1] == 7
    assert lines["watch", 1, "name"] == 8


def test_tables_within_repeated_tables_are_counted_anew_in_each() -> None:
    """[[a.b]] belongs to the last [[a]]."""
    lines = locate("[[a]]\n[[a.b]]\nx = 1\n[[a.b]]\n[[a]]\n[[a.b]]\nx = 2\n")
    assert lines["a", 0, "b", 1] == 4
    assert lines["a", 1, "b", 0, "x"] == 7


def test_what_looks_like_toml_inside_a_string_is_no_key() -> None:
    """Multi-line strings of both kinds, with escaped quotes, extra quotes at the end, and comments inside."""
    text = (
        'query = """\n[[watch]]\nname = 1 \\""" # no comment\n"""""\n'
        "other = '''\n[x]\\\ny = 2''''\n"
        'one = "a # \\" = [ { "  # c = 1\n'
        "two = 'C:\\'\n"
        'three = ""\nfour = """"""\nlast = 1\n'
    )
    lines = locate(text)
    assert set(lines) == set(places(tomllib.loads(text)))
    assert lines["other",] == 5
    assert lines["one",] == 8
    assert lines["two",] == 9
    assert lines["last",] == 12


def test_items_of_arrays_and_keys_of_inline_tables_have_their_own_lines() -> None:
    """Arrays may go over many lines, with comments between their items, and hold tables."""
    text = 'x = [ # [\n  "a", # ]\n\n  { n = 1, m = ["b",\n "c"] },\n  [1,\n 2], ]\ny = { a.b = 1, "c d" = 2 }\n'
    lines = locate(text)
    assert set(lines) == set(places(tomllib.loads(text)))
    assert lines["x", 0] == 2
    assert lines["x", 1, "m", 0] == 4
    assert lines["x", 1, "m", 1] == 5
    assert lines["x", 2, 1] == 7
    assert lines["y", "a", "b"] == lines["y", "c d"] == 8


def test_quoted_and_dotted_keys_are_the_keys_that_they_mean() -> None:
    """Spaces, dots, escapes and other scripts in keys; spaces around the dots."""
    text = '"a.b" = 1\na . "b\\u00e9" . \'c d\' = 2\n[ x . "y z" ]\nn = 3\n["ключ"]\n"" = 4\n1979-05 = 5\n'
    lines = locate(text)
    assert set(lines) == set(places(tomllib.loads(text)))
    assert lines["a", "bé", "c d"] == 2
    assert lines["x", "y z", "n"] == 4
    assert lines["ключ", ""] == 6


def test_a_header_wins_over_the_key_that_implied_its_table() -> None:
    """[a.b] implies [a]; when [a] comes, it is where a person looks."""
    lines = locate("[a.b]\nx = 1\n\n[a]\ny = 2\n")
    assert lines["a",] == 4
    assert lines["a", "b"] == 1


def test_dates_and_odd_numbers_are_walked_over() -> None:
    """Every scalar of TOML ends at a comma, a bracket, a comment or the line."""
    text = "a = 1979-05-27 07:32:00Z # x\nb = [0xff, -inf, 1e6 , 07:32:00]\nc = true\n"
    assert set(locate(text)) == set(places(tomllib.loads(text)))


@pytest.mark.parametrize("name", ["pyproject.toml", *(f"config/{n}.toml" for n in ("feeds", "watches", "channels"))])
def test_every_place_of_the_projects_own_files_is_found(name: str) -> None:
    """Real files, as people write them."""
    text = (ROOT / name).read_text("utf-8")
    assert set(locate(text)) == set(places(tomllib.loads(text)))


keys = st.one_of(
    st.from_regex(r"[A-Za-z0-9_-]{1,5}", fullmatch=True), st.text(max_size=3).filter(lambda k: k.isprintable())
)
STRINGS = st.sampled_from(['"a"', "'b'", '"]"', "'}'", '"#"', '"""\n[x]\n"""', "'''a = 1\n'''", '"\\""', '""', "''"])
SCALARS = st.one_of(STRINGS, st.integers().map(str), st.sampled_from(["true", "1.5", "2026-01-01", "nan"]))
BREAKS = st.sampled_from(["", " ", "\n", "\n  ", " # ] }\n"])


def quoted(key: str) -> str:
    """A key as a basic string."""
    return '"' + key.replace("\\", "\\\\").replace('"', '\\"') + '"'


@st.composite
def arrays(draw: st.DrawFn, inner: st.SearchStrategy[str]) -> str:
    """An array with free line breaks and comments."""
    items = draw(st.lists(inner, max_size=3))
    text = "[" + draw(BREAKS)
    for item in items:
        text += item + draw(BREAKS) + "," + draw(BREAKS)
    return text + "]"


@st.composite
def inline_tables(draw: st.DrawFn, inner: st.SearchStrategy[str]) -> str:
    """An inline table."""
    pairs = draw(st.dictionaries(keys, inner, max_size=3))
    return "{" + ", ".join(f"{quoted(key)} = {value}" for key, value in pairs.items()) + "}"


values = st.recursive(SCALARS, lambda inner: st.one_of(arrays(inner), inline_tables(inner)), max_leaves=6)


@given(
    st.lists(st.tuples(st.booleans(), st.dictionaries(keys, values, max_size=4), st.text("\n", max_size=3)), max_size=4)
)
def test_every_place_of_any_document_is_found_on_a_line_that_names_it(
    tables: list[tuple[bool, dict[str, str], str]],
) -> None:
    """The law of the locator: its places are those of the parsed data, and a key's line holds the key."""
    text = ""
    for repeated, pairs, gap in tables:
        text += "[[t]]\n" if repeated else ""
        body = "".join(f"{gap}{quoted(key)} = {value}\n" for key, value in pairs.items())
        text += body if repeated or "[[t]]" not in text else ""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError:  # the same key twice
        return
    lines = locate(text)
    assert set(lines) == set(places(data))
    rows = text.split("\n")
    for place, line in lines.items():
        if place and isinstance(place[-1], str) and place != ("t",):
            assert quoted(place[-1]) in rows[line - 1]
