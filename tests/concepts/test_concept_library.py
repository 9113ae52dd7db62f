"""The starter config's library of concepts (groups, countries, institutions, actions) meets what it means.

``library.jsonl`` holds sentences written for this test: a JSON object a line with "text", "language", "concepts" (those
that the sentence speaks of) and "absent" (those that it does not, though a word of it may look so). A sentence says
nothing of concepts in neither list. They go through the real engine, each as an article of its own.
"""

from __future__ import annotations

import json
import tomllib
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from monitor import rules, text
from monitor.model import WatchConfig

LANGUAGES = ("en", "fr", "ar", "de", "es", "it", "pt", "ru", "tr", "fa", "hy", "zh", "ja")
#: Written where the writer was sure; measured by fewer sentences.
FURTHER_LANGUAGES = ("uk", "pl")
LEAST = 0.95
LEAST_CONCEPTS = 40
LEAST_SENTENCES = 6
LONGEST_FILE = 600

# Another test file measures these, and the rest only serve them and the library: context, in the languages that need it.
OF_THE_STARTER_WATCHES = frozenset({"coalition", "iraq", "islamic_state", "withdrawal", "military"}) | frozenset(
    {"troops", "armed", "states", "other_states", "armed_groups", "harm", "weapons", "bases", "missions"}
    | {"russia_at_war", "ukraine_at_war", "united_states_at_war"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelled:
    """A sentence, the concepts that a person says it speaks of, and those that it must not be taken for."""

    text: str
    language: str
    concepts: frozenset[str]
    absent: frozenset[str]


def _sentences() -> tuple[Labelled, ...]:
    lines = (Path(__file__).parent / "library.jsonl").read_text(encoding="utf-8").splitlines()
    return tuple(
        Labelled(
            text=row["text"],
            language=row["language"],
            concepts=frozenset(row["concepts"]),
            absent=frozenset(row["absent"]),
        )
        for row in map(json.loads, lines)
    )


SENTENCES = _sentences()


@pytest.fixture(scope="module")
def files(starter_config: Path) -> dict[Path, dict[str, dict[str, object]]]:
    """The TOML tables of each file of the library."""
    found = {
        path: tomllib.loads(path.read_text(encoding="utf-8"))
        for path in sorted((starter_config / "concepts").glob("*.toml"))
    }
    return {path: tables for path, tables in found.items() if not OF_THE_STARTER_WATCHES & tables.keys()}


@pytest.fixture(scope="module")
def tables(files: dict[Path, dict[str, dict[str, object]]]) -> dict[str, dict[str, object]]:
    """The library's TOML tables by the concept's name."""
    return {name: table for found in files.values() for name, table in found.items()}


@pytest.fixture(scope="module")
def concepts(starter_config: Path) -> dict[str, rules.Concept]:
    """All concepts of the starter config: the library uses some of the others."""
    return {
        name: rules.build_concept(name, table)
        for path in (starter_config / "concepts").glob("*.toml")
        for name, table in tomllib.loads(path.read_text(encoding="utf-8")).items()
    }


@pytest.fixture(scope="module")
def met(concepts: dict[str, rules.Concept], tables: dict[str, dict[str, object]]) -> Callable[[str], frozenset[str]]:
    """Which concepts of the library a text meets, asked of the real rule set."""
    watches = [WatchConfig(name=name, any=(f"@{name}",)) for name in tables]
    rule_set = rules.build([rules.parse_watch(watch, concepts) for watch in watches], concepts)

    @cache
    def ask(words: str) -> frozenset[str]:
        document = rules.make_document(title="", body=words, language=text.decide_language("", words))
        return frozenset(match.watch for match in rule_set.match(document))

    return ask


def test_the_library_holds_forty_concepts_and_more(tables):
    assert len(tables) >= LEAST_CONCEPTS


def test_every_concept_used_by_another_exists_and_none_uses_itself(concepts):
    assert rules.check_concepts(concepts) == ()


def test_every_concept_has_names_in_all_thirteen_languages(tables):
    lacking = {
        name: missing
        for name, table in tables.items()
        if (missing := set(LANGUAGES) - {language for language, names in table.items() if names})
    }
    assert lacking == {}


def test_every_file_says_first_what_it_holds_and_what_is_left_out(files):
    """By its first comment, which names each concept of the file."""
    for path, found in files.items():
        comment = path.read_text(encoding="utf-8").partition("\n\n")[0]
        assert all(line.startswith("#") for line in comment.splitlines()), path.name
        assert "Left out:" in comment, path.name
        assert [name for name in found if f"@{name}" not in comment] == [], path.name


def test_no_file_of_several_concepts_is_too_long_to_be_read(files):
    """One concept stands in one file, however much there is to say of it."""
    lengths = {path.name: path.read_text("utf-8").count("\n") for path, tables in files.items() if len(tables) > 1}
    assert {name: lines for name, lines in lengths.items() if lines > LONGEST_FILE} == {}


def test_every_concept_is_in_six_sentences_of_three_languages_named_and_not_named(tables):
    """Else the scores say nothing of it."""
    named: Counter[str] = Counter()
    absent: Counter[str] = Counter()
    spoken: defaultdict[str, set[str]] = defaultdict(set)
    for one in SENTENCES:
        named.update(one.concepts)
        absent.update(one.absent)
        for concept in one.concepts | one.absent:
            spoken[concept].add(one.language)
    assert set(named) | set(absent) == set(tables)
    thin = [
        name
        for name in tables
        if named[name] + absent[name] < LEAST_SENTENCES or not named[name] or not absent[name] or len(spoken[name]) < 3
    ]
    assert sorted(thin) == []


def test_no_sentence_says_both_that_it_speaks_of_a_concept_and_that_it_does_not():
    assert [one.text for one in SENTENCES if one.concepts & one.absent] == []
    assert [text for text, count in Counter(one.text for one in SENTENCES).items() if count > 1] == []


@pytest.mark.parametrize("language", [*LANGUAGES, *FURTHER_LANGUAGES])
def test_concepts_meet_what_a_person_says_and_nothing_else(met, language):
    """Recall and precision of at least 0.95 in each language, over the pairs of sentence and concept that are labelled."""
    mine = [one for one in SENTENCES if one.language == language]
    missed = [(c, one.text) for one in mine for c in sorted(one.concepts - met(one.text))]
    wrong = [(c, one.text) for one in mine for c in sorted(one.absent & met(one.text))]
    wanted = sum(len(one.concepts) for one in mine)
    right = wanted - len(missed)
    report = "\n".join(
        [*(f"missed @{c}: {words}" for c, words in missed), *(f"wrong @{c}: {words}" for c, words in wrong)]
    )
    assert right / wanted >= LEAST, report
    assert right / (right + len(wrong)) >= LEAST, report
