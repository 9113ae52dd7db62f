"""Concepts: what a table in the config means, and every fault in it told at once."""

from __future__ import annotations

import tomllib

import pytest

from monitor.rules import Concept, ConceptProblems, Name, build_concept, check_concepts


def from_toml(text: str) -> Concept:
    ((name, raw),) = tomllib.loads(text).items()
    return build_concept(name, raw)


def test_a_table_becomes_names() -> None:
    """Plain names, names with conditions, uses of other concepts, and remarks that are no names."""
    made = from_toml(
        """
        [islamic_state]
        about = "the group"
        wikidata = "Q2429253"
        en = ["Islamic State", "@daesh", "Islamic State"]
        fr = [{ name = "EI", near = ["Syrie", "jihad*", "@iraq"], not = ["EI Mundo"], exact = true }]
        pt-BR = [" Estado Islâmico "]
        any = ["end mission ~3", "end ... mission", "sona er*"]
        de = [{ name = ["Abzug", "ziehen ... ab"], near = ["@iraq"], within = 6, not = ["unter Abzug"] }]
        """
    )
    assert made == Concept(
        name="islamic_state",
        names=(
            Name(text="Islamic State", language="en"),
            Name(text="@daesh", language="en"),
            Name(text="EI", language="fr", near=("Syrie", "jihad*", "@iraq"), negative=("EI Mundo",), exact=True),
            Name(text="Estado Islâmico", language="pt"),
            Name(text="end mission ~3", language="any"),
            Name(text="end ... mission", language="any"),
            Name(text="sona er*", language="any"),
            Name(text="Abzug", language="de", near=("@iraq",), within=6, negative=("unter Abzug",)),
            Name(text="ziehen ... ab", language="de", near=("@iraq",), within=6, negative=("unter Abzug",)),
        ),
    )
    assert made.uses == {"daesh", "iraq"}


@pytest.mark.parametrize(
    ("toml", "path", "message", "hint"),
    [
        ('["a b"]\nen = ["x"]', "", "can't be used with @", "letters"),
        ("[a]", "", "has no names", "en ="),
        ('[a]\nabout = "x"', "", "has no names", ""),
        ('[a]\nEnglish = ["x"]', "English", "no language code", "two letters"),
        ('[a]\nen = "x"', "en", "must be a list", 'en = ["..."]'),
        ("[a]\nen = [3]", "en[0]", "neither a name nor a table", ""),
        ('[a]\nen = ["x", "!"]', "en[1]", "no letter or digit", ""),
        ('[a]\nen = ["er*"]', "en[0]", "at least 3 letters", ""),
        ('[a]\nen = ["sona e*"]', "en[0]", "at least 2 letters", ""),
        ('[a]\nen = ["@"]', "en[0]", "names no concept", "@name"),
        ('[a]\nen = [{ near = ["x"] }]', "en[0].name", "missing", ""),
        ('[a]\nen = [{ name = "x", nah = ["x"] }]', "en[0].nah", "not known here", "name, near, within, not, exact"),
        ('[a]\nen = [{ name = "x", near = "x" }]', "en[0].near", "list of words", ""),
        ('[a]\nen = [{ name = "x", near = ["x", "a*"] }]', "en[0].near[1]", "at least 3", ""),
        ('[a]\nen = [{ name = "x", not = [1] }]', "en[0].not", "list of words", ""),
        ('[a]\nen = [{ name = "x", not = ["@b"] }]', "en[0].not", "no concepts", ""),
        ('[a]\nen = [{ name = "Café", not = ["cafe"] }]', "en[0].not", "the name itself", "longer"),
        ('[a]\nen = [{ name = "x", exact = "yes" }]', "en[0].exact", "true or false", ""),
        ('[a]\nen = [{ name = "*" }]', "en[0]", "no letter or digit", ""),
        ("[a]\nen = [{ name = [] }]", "en[0].name", "holds no name", "..."),
        ('[a]\nen = [{ name = ["x", 1] }]', "en[0].name[1]", "is no text", "quotes"),
        ('[a]\nen = [{ name = ["x", "!"], near = ["y"] }]', "en[0].name[1]", "no letter or digit", ""),
        ('[a]\nen = [{ name = ["x y", "y"], not = ["Y"] }]', "en[0].not", "the name itself", ""),
        ('[a]\nen = [{ name = "x", within = 3 }]', "en[0].within", "there are none", "add near"),
        ('[a]\nen = [{ name = "x", near = ["y"], within = -1 }]', "en[0].within", "0 to 50", "leave it out"),
        ('[a]\nen = [{ name = "x", near = ["y"], within = true }]', "en[0].within", "0 to 50", ""),
        ('[a]\nen = [{ name = "x", near = ["y"], within = "3" }]', "en[0].within", "0 to 50", ""),
        ('[a]\nen = [{ name = "@b", near = ["x"] }]', "en[0]", "takes no other keys", ""),
    ],
)
def test_a_fault_is_told_with_its_place(toml: str, path: str, message: str, hint: str) -> None:
    """The path of keys, what is wrong, and what to do."""
    with pytest.raises(ConceptProblems) as caught:
        from_toml(toml)
    (problem,) = caught.value.problems
    assert problem.path == path
    assert message in problem.message
    assert hint in problem.hint


def test_all_faults_are_told_at_once() -> None:
    """A person mends a file once."""
    with pytest.raises(ConceptProblems, match=r"en\[0\].*fr: must be a list") as caught:
        from_toml('[a]\nen = ["!", { name = "x", nah = 1, exact = 2 }]\nfr = 3')
    assert [problem.path for problem in caught.value.problems] == ["en[0]", "en[1].nah", "en[1].exact", "fr"]


def concepts(**uses: list[str]) -> dict[str, Concept]:
    return {
        name: Concept(name=name, names=tuple(Name(text=text, language="en") for text in texts))
        for name, texts in uses.items()
    }


def test_concepts_may_use_each_other_but_not_themselves() -> None:
    """A concept may be reached in two ways; a circle and an unknown name are faults, each told once."""
    assert check_concepts(concepts(a=["@b", "@c"], b=["@c"], c=["x"])) == ()
    (circle,) = check_concepts(concepts(a=["@b"], b=["@c", "x"], c=["@a"], d=["@a"]))
    assert circle.path == "c"
    assert circle.message == "uses itself: @a -> @b -> @c -> @a"
    (alone,) = check_concepts(concepts(a=["@a"]))
    assert alone.message == "uses itself: @a -> @a"
    (unknown,) = check_concepts(concepts(iraq=["x"], b=["@irak"]))
    assert (unknown.path, unknown.message) == ("b", "uses @irak, which does not exist")
    assert unknown.hint == "did you mean @iraq?"
    assert check_concepts(concepts(z=["@y"], y=["x"])) == ()
