"""Regular expressions: what they must hold, and which are not taken."""

from __future__ import annotations

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from monitor.rules.literals import RegexFault, fold_literal, required_literals


@pytest.mark.parametrize(
    ("pattern", "literals"),
    [
        ("drone", ("drone",)),
        ("Drone strikes?", ("drone strike",)),
        ("abc|defg", ("abc", "defg")),
        (r"(?:abc|defg)\d+", ("abc", "defg")),
        (r"(?:abc|d\w+)longest", ("longest",)),
        ("abc+def", ("abc",)),
        ("abcd?efgh", ("efgh",)),
        ("abcd*", ("abc",)),
        ("abcd{0,3}", ("abc",)),
        ("abcd{2,}", ("abcd",)),
        ("abcd{2}?", ("abcd",)),
        ("(abcdef)?ghi", ("ghi",)),
        ("(abcdef){2}ghi", ("abcdef",)),
        (r"\bC\+\+11\b", ("c++11",)),
        (r"[abc]\w.^$xyz", ("xyz",)),
        (r"[]a][^]b][\]c][[:alpha:]]xyz", ("xyz",)),
        (r"\x41\u0041\p{Lu}\N{DIGIT ONE}xyz", ("xyz",)),
        ("(?=secret)xyz", ("xyz",)),
        ("(?<!secret)xyz", ("xyz",)),
        ("(?i)xyz", ("xyz",)),
        ("(?-i:XYZ)", ("xyz",)),
        ("(?P<name>xyz)|(?<other>abcd)", ("xyz", "abcd")),
        ("(?>xyz)", ("xyz",)),
        (r"(?:\w+\s+){0,3}xyz", ("xyz",)),
        ("İstanbul", ("istanbul",)),
        ("état", ("état",)),
    ],
)
def test_every_match_holds_one_of(pattern: str, literals: tuple[str, ...]) -> None:
    """The longest stretch that no match can lack, one for each alternative."""
    assert required_literals(pattern) == literals


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        (r"\d+", "nothing in this"),
        ("ab", "nothing in this"),
        ("abc|d", "nothing in this"),
        ("(abc)?", "nothing in this"),
        ("(?!abc)", "nothing in this"),
        ("(abc", "not understood"),
        ("abc)", "not understood"),
        (r"abc\L<words>", "not understood"),
        ("(?V0)(?V1)abc", "not understood"),
        ("(abc+)+", "for ever"),
        ("(?:abc|x*){2,}", "for ever"),
        ("((abc+))*", "for ever"),
        ("(?x)abc", "this kind of group"),
        ("(?#remark)abc", "this kind of group"),
        ("(?P<a>abc)(?P=a)", "this kind of group"),
        ("(?:abc){e<=1}", "repeats only"),
        ("abc{}", "repeats only"),
        ("(?|abc|def)", "this kind of group"),
    ],
)
def test_not_taken(pattern: str, message: str) -> None:
    """Without a literal, with a danger of endless search, or of a kind that is not read."""
    with pytest.raises(RegexFault, match=message):
        required_literals(pattern)


@pytest.mark.parametrize(
    "pattern",
    [
        "drone" + "a{1000}" * 199,
        "drone(?:a{400}){499}",
        r"drone[{9}]{900}\d{900}(?:[a-z]{900}|b{900}){90}(c{900}d{900}){10}e{,5}",
    ],
)
def test_repeats_side_by_side_add_up(pattern: str) -> None:
    """What is long only when all of it were repeated by all is not long."""
    (literal,) = required_literals(pattern)
    assert literal.startswith("drone")


@pytest.mark.parametrize(
    "pattern",
    [
        "drone" + "a{1000}" * 201,
        "drone(?:a{400}){501}",
        "drone(?:a{1000}b{1000}){101}",
        "drone(?:(?:a{100}){100}){21}",
        "drone(?:a{1000}){150}(?<tail>b{1000}){50}",
    ],
)
def test_repeats_that_are_too_long_written_out_are_refused(pattern: str) -> None:
    with pytest.raises(RegexFault, match="written out are longer than 200,000"):
        required_literals(pattern)


pieces = st.sampled_from(
    ["abc", "d", "(?:ef|g)", "x?", "y+", "[hi]", "(?:abcd)*", "(jkl|mno)", ".", "İ", "(?:pqr|s.){1,2}"]
)


@given(st.lists(pieces, min_size=1, max_size=5).map("".join), st.data())
def test_no_match_lacks_them(pattern: str, data: st.DataObject) -> None:
    """The law itself, on texts made to match."""
    try:
        literals = required_literals(pattern)
    except RegexFault:
        return
    found = data.draw(st.from_regex(pattern.replace("İ", "i"), fullmatch=True))
    if regex.fullmatch(pattern, found, regex.IGNORECASE):
        assert any(literal in fold_literal(found) for literal in literals)
