"""A concept drafted from an item: the order and choice of its names, and a file that holds exactly these and no more."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wikidata_answers import answer, entity

from monitor.config import Draft, add_concept, make_draft, read_item, toml_of
from monitor.errors import ConfigErrors, MonitorError, WikidataError
from monitor.rules import Concept, Name, build_concept


def draft(found: dict, **how: object) -> Draft:
    """The draft of an entity as ``@thing``."""
    return make_draft("thing", read_item(answer(found), found["id"]), **how)  # type: ignore[arg-type]


def names(made: Draft) -> dict[str, tuple[str, ...]]:
    """The names that may stand, by language in the order of the file."""
    return {one.code: one.names for one in made.languages}


def doubtful(made: Draft) -> dict[str, list[str]]:
    """The names behind a #."""
    return {one.code: [f"{name.text}: {why}" for name, why in one.doubtful] for one in made.languages if one.doubtful}


RED_SEA = entity(
    "Q5",
    labels={"en": "Red Sea", "fr": "mer Rouge", "ar": "البحر الأحمر", "de": "Rotes Meer", "nb": "Rødehavet", "nn": "Raudehavet",
            "zh": "红海", "zh-hant": "紅海", "vi": "Biển Đỏ", "io": "Reda Maro", "arz": "البحر"},
    aliases={"en": ["RED SEA", "Erythraean Sea", "Red Sea (ocean)"], "fr": ["Mer Rouge", "golfe d'Arabie"]},
    descriptions={"en": "inlet of an ocean", "fr": "mer"},
)  # fmt: skip


# --- the choice ---


def test_languages_in_use_come_first_and_the_others_by_their_codes() -> None:
    """In the order of use; what the item lacks of them is told."""
    made = draft(RED_SEA, in_use=("zh", "en", "fa", "hy"))
    assert list(names(made)) == ["zh", "en", "ar", "de", "fr", "io", "no", "vi"]
    assert made.missing == ("fa", "hy")
    assert made.about == "inlet of an ocean"


def test_only_the_languages_that_are_asked_for_are_taken() -> None:
    """In their order, with a description in the first that has one; the rest is counted."""
    made = draft(RED_SEA, wanted=("fr", "hy", "ar"), in_use=("en",))
    assert names(made) == {"fr": ("mer Rouge", "golfe d'Arabie"), "ar": ("البحر الأحمر",)}
    assert (made.about, made.missing, made.unasked) == ("mer", ("hy",), 11)
    with pytest.raises(WikidataError, match="Q5 has no name in hy, fa"):
        draft(RED_SEA, wanted=("hy", "fa"))


def test_a_name_stands_once_under_the_folding_of_matching() -> None:
    """Case, accents, marks and what was stripped aside; varieties of a language together."""
    made = draft(RED_SEA)
    assert names(made)["en"] == ("Red Sea", "Erythraean Sea")
    assert names(made)["zh"] == ("红海",)
    assert names(made)["no"] == ("Rødehavet", "Raudehavet")
    assert doubtful(made) == {}


def test_the_wider_spelling_takes_the_place_of_the_narrower() -> None:
    """In capitals a short name is met in capitals only: it stays unless another spelling meets all that it does."""
    made = draft(
        entity("Q5", labels={"en": "NATO", "fr": "OTAN"}, aliases={"en": ["Nato", "N.A.T.O."], "fr": ["O.T.A.N."]})
    )
    assert names(made) == {"en": ("Nato",), "fr": ("OTAN",)}


def test_a_name_in_a_language_that_nobody_reads_here_must_add_something() -> None:
    """Where words are not inflected, the same form under another language meets nothing more; in use, it is listed."""
    found = entity(
        "Q5",
        labels={
            "en": "Wagner Group",
            "vi": "Wagner Group",
            "io": "Grupo Wagner",
            "mul": "Wagner Group",
            "pl": "Wagner Group",
        },
    )
    made = draft(found, in_use=("en",))
    assert names(made) == {"en": ("Wagner Group",), "io": ("Grupo Wagner",), "pl": ("Wagner Group",)}
    assert made.repeated == 2
    assert "vi" in names(draft(found, in_use=("en", "vi")))


def test_names_for_all_languages_fill_the_gaps_of_languages_in_use() -> None:
    """So they are met inflected; where other letters are written, and where there is a label, nothing is added."""
    found = entity(
        "Q5",
        labels={"mul": "Jane Roe", "de": "Johanna Roe", "ru": "Джейн Роу"},
        aliases={"mul": ["J. Roe"], "pl": ["Joanna Roe"]},
    )
    made = draft(found, in_use=("pl", "de", "ru", "ar"))
    assert names(made) == {"pl": ("Jane Roe", "J. Roe", "Joanna Roe"), "de": ("Johanna Roe",), "ru": ("Джейн Роу",)}
    assert made.missing == ("ar",)
    assert names(draft(found))["any"] == ("Jane Roe", "J. Roe")
    assert names(draft(entity("Q5", labels={"mul": "Борис Роу"}), in_use=("en",))) == {"any": ("Борис Роу",)}


def test_names_that_can_not_count_alone_are_kept_apart_with_their_reason() -> None:
    """Unless the same name stands without doubt; in languages that nobody reads here, once for all."""
    found = entity(
        "Q5",
        labels={"en": "Islamic State", "fr": "État islamique", "io": "Islamala Stato", "vo": "Tat Islamik"},
        aliases={
            "en": ["IS", "daesh", "Daesh", "State (group)", "WHO", "Islamic State (militia)", "I.S.", "2014"],
            "fr": ["EI", "IS"],
            "io": ["IS", "DS", "WHO", "Daesh (grupo)"],
            "ia": ["DS"],
        },
    )
    made = draft(found, in_use=("en", "fr"))
    assert names(made)["en"] == ("Islamic State", "Daesh")
    assert doubtful(made) == {
        "en": ["IS: short", "State: shared", "WHO: everyday", "2014: digits"],
        "fr": ["EI: short", "IS: short"],
        "io": ["DS: short"],
    }


def test_single_words_for_a_kind_of_thing_are_in_doubt_whatever_their_script() -> None:
    """A label without capitals in most languages is a common noun; German writes those with one."""
    kind = entity("Q5", labels={"en": "drone", "fr": "drone de combat", "de": "Drohne", "ar": "طائرة", "zh": "无人机"})
    assert doubtful(draft(kind)) == {"en": ["drone: common"], "de": ["Drohne: common"], "ar": ["طائرة: common"]}
    proper = entity(
        "Q6", labels={"en": "Red Sea", "fr": "mer Rouge", "es": "mar Rojo", "sv": "Rödahavet", "ar": "القلزم"}
    )
    assert doubtful(draft(proper)) == {}


def test_what_is_no_name_or_too_much_is_left_out_by_count() -> None:
    """Signs without words, endless names, and more than a hundred in a language."""
    found = entity(
        "Q5", labels={"en": "Red Sea"}, aliases={"en": ["?!", "x" * 201, *(f"Sea number {n}" for n in range(150))]}
    )
    made = draft(found)
    assert len(names(made)["en"]) == 100
    assert (made.unusable, made.too_many) == (2, 51)
    many = draft(entity("Q5", labels={"en": "Red Sea"}, aliases={"en": [f"Sea {n} (x{n})" for n in range(150)]}))
    assert (len(many.languages[0].doubtful), many.too_many) == (100, 50)


# --- the file ---


def test_the_file_is_for_a_person_to_go_on_with() -> None:
    """What it is, what to do, what was left out; a list on one line where it fits, names in doubt on lines of their own."""
    found = entity(
        "Q23406",
        labels={"en": "Red Sea", "fr": "mer Rouge", "arz": "x", "mul": "Mare Rubrum"},
        aliases={
            "en": ['the "Red" Sea', "RS", "Sea (ocean)", *(f"Sea of the {n}th day" for n in range(8))],
            "fr": ["RS"],
            "ast": ["y"],
        },
        descriptions={"en": 'sea "between" \\ two'},
    )
    assert toml_of(draft(found, in_use=("en", "hy"))).split("\n") == [
        "# @thing, started from https://www.wikidata.org/wiki/Q23406 (CC0). It is yours to edit.",
        "#",
        "# Wikidata names a thing; news also inflects the name, shortens it, and says the capital for the country. Add",
        "# what your articles say (adjectives, irregular forms), and take out what would meet something else.",
        "# A name behind a # had better not count alone: write what must stand close by, then take out the #.",
        "#",
        "# Wikidata has no name in: hy.",
        "# Left out: 2 names in 2 languages without a two-letter code (arz, ast).",
        "# Left out: 1 name that another language has in the same form.",
        "",
        "[thing]",
        'about = "sea \\"between\\" \\\\ two"',
        'wikidata = "Q23406"',
        "en = [",
        '  "Red Sea", "the \\"Red\\" Sea", "Sea of the 0th day", "Sea of the 1th day", "Sea of the 2th day",',
        '  "Sea of the 3th day", "Sea of the 4th day", "Sea of the 5th day", "Sea of the 6th day", "Sea of the 7th day",',
        '  # { name = "RS", near = ["..."] },   # very short',
        '  # { name = "Sea", near = ["ocean"] },   # other things bear this name too',
        "]",
        'fr = ["mer Rouge"]',
        "# In their own form alone, in every language:",
        'any = ["Mare Rubrum"]',
        "",
    ]


def test_a_name_whose_hash_is_taken_away_asks_for_what_must_stand_near() -> None:
    """Left as it is, the reader refuses it; with the source's own word it is complete."""
    text = toml_of(draft(entity("Q5", labels={"en": "Islamic State"}, aliases={"en": ["IS", "State (militia)"]})))
    live = text.replace('  # { name = "State"', '  { name = "State"')
    assert build_concept("thing", tomllib.loads(live)["thing"]).names[1] == Name(
        text="State", language="en", near=("militia",)
    )
    with pytest.raises(ValueError, match="no letter or digit"):
        build_concept("thing", tomllib.loads(live.replace('  # { name = "IS"', '  { name = "IS"'))["thing"])


def test_a_concept_whose_every_name_is_in_doubt_stands_behind_hashes(tmp_path: Path) -> None:
    """A table without a name would be a fault and hold up the whole config; a person takes the # away."""
    made = draft(entity("Q5", labels={"en": "drone", "mul": "UA"}, aliases={"fr": ["drone"]}))
    text = toml_of(made)
    assert made.concept is None
    assert all(line.startswith("#") for line in text.splitlines() if line)
    assert "the concept as a whole stands behind #" in text
    path = add_concept(tmp_path, "thing.toml", text, meant=None)
    assert tomllib.loads(path.read_text("utf-8")) == {}


def test_a_name_beyond_ascii_and_many_unknown_languages_are_written_safely() -> None:
    """The key in quotes; a dozen codes, and that there are more."""
    codes = [f"x{chr(97 + n)}a" for n in range(15)]
    item = read_item(answer(entity("Q5", labels={"en": "Red Sea", **dict.fromkeys(codes, "x")})), "Q5")
    text = toml_of(make_draft("mer_été", item))
    assert '["mer_été"]' in text
    assert "Left out: 15 names in 15 languages without a two-letter code (xaa, xba, xca" in text
    assert "xla ...)." in text
    assert "about" not in text


HOSTILE = st.lists(
    st.one_of(
        st.text(st.characters(), max_size=30),
        st.text(st.sampled_from("aBé国\"'\\#[]{}=,*?~@.3…()（）\n\r\t\x00\x1b\u202e\u2028\u200b"), max_size=30),
        st.sampled_from(
            ['"]\nevil = ["x', "x*", "@iraq", "a ~3", "a ... b", '"""', "'''", "\\", "a (b)\n[x]", "\ud800"]
        ),
    ),
    min_size=1,
    max_size=12,
)


@given(HOSTILE, HOSTILE, HOSTILE)
def test_no_text_of_wikidata_acts_as_toml_or_as_a_names_syntax(
    english: list[str], arabic: list[str], about: list[str]
) -> None:
    """The file holds one concept with exactly the plain names that were meant, each without conditions, and no more."""
    found = entity(
        "Q5",
        labels={"en": "Red Sea", "mul": english[0]},
        aliases={"en": english, "ar": arabic, english[0]: arabic},
        descriptions={"en": about[0]},
    )
    made = draft(found)
    data = tomllib.loads(toml_of(made))
    assert list(data) == ["thing"]
    assert set(data["thing"]) <= {"about", "wikidata", *(one.code for one in made.languages)}
    read = build_concept("thing", data["thing"])
    assert read == made.concept
    assert all(not (name.uses or name.near or name.negative or name.exact) for name in read.names)


# --- keeping it ---


CONCEPT = Concept(name="thing", names=(Name(text="Red Sea", language="en"),))
TEXT = '[thing]\nen = ["Red Sea"]\n'


def test_a_new_file_is_kept_whole_with_nothing_beside_it(tmp_path: Path) -> None:
    """The folder is made where there is none."""
    path = add_concept(tmp_path, "thing.toml", TEXT, meant=CONCEPT)
    assert path == tmp_path / "concepts" / "thing.toml"
    assert path.read_text("utf-8") == TEXT
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("kind", ["file", "link", "dead link", "folder"])
def test_what_is_there_is_never_overwritten(tmp_path: Path, kind: str) -> None:
    """Nor is what a link leads to."""
    (tmp_path / "concepts").mkdir()
    there = tmp_path / "concepts" / "thing.toml"
    other = tmp_path / "other.toml"
    if kind == "file":
        there.write_text("mine")
    elif kind == "folder":
        there.mkdir()
    else:
        there.symlink_to(other)
        if kind == "link":
            other.write_text("mine")
    with pytest.raises(FileExistsError):
        add_concept(tmp_path, "thing.toml", TEXT, meant=CONCEPT)
    assert [path.name for path in there.parent.iterdir()] == ["thing.toml"]
    assert other.exists() == (kind == "link")
    assert kind not in {"file", "link"} or there.read_text() == "mine"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ('[thing]\nen = ["Red Sea"\n', ConfigErrors),
        ("[thing]\nen = []\n", ConfigErrors),
        ('[thing]\nen = ["Red*"]\n', MonitorError),
        (TEXT + '[more]\nen = ["x"]\n', MonitorError),
        ("", MonitorError),
    ],
)
def test_what_our_own_reader_does_not_find_as_it_was_meant_is_not_kept(tmp_path: Path, text: str, kind: type) -> None:
    """Broken, without names, or another concept than was asked for."""
    with pytest.raises(MonitorError) as caught:
        add_concept(tmp_path, "thing.toml", text, meant=CONCEPT)
    assert type(caught.value) is kind
    assert list((tmp_path / "concepts").iterdir()) == []
