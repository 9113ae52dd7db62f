"""The starter config's concepts meet what they mean, and nothing else, in every language that they are written for.

``labelled.jsonl`` holds sentences written for this test: a JSON object a line with "text", "language" and "concepts",
all of the starter's concepts that the sentence speaks of. They go through the real engine, each as an article of its own.
"""

from __future__ import annotations

import json
import tomllib
from collections import Counter
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from monitor import rules, text
from monitor.model import WatchConfig

CONCEPTS = ("coalition", "iraq", "islamic_state", "withdrawal")
LANGUAGES = ("en", "fr", "ar", "de", "es", "it", "pt", "ru", "tr", "fa", "hy", "zh", "ja", "pl", "uk", "nl")
WITHDRAWAL = "@coalition NEAR/12 @withdrawal AND @iraq"
LEAST = 0.95


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelled:
    """A sentence and the concepts that a person says it speaks of."""

    text: str
    language: str
    concepts: frozenset[str]


def _sentences() -> tuple[Labelled, ...]:
    lines = (Path(__file__).parent / "labelled.jsonl").read_text(encoding="utf-8").splitlines()
    return tuple(
        Labelled(text=row["text"], language=row["language"], concepts=frozenset(row["concepts"]))
        for row in map(json.loads, lines)
    )


SENTENCES = _sentences()


@pytest.fixture(scope="module")
def tables(starter_config: Path) -> dict[str, dict[str, object]]:
    """The TOML tables of all starter concepts, by their name."""
    found: dict[str, dict[str, object]] = {}
    for path in sorted((starter_config / "concepts").glob("*.toml")):
        found |= tomllib.loads(path.read_text(encoding="utf-8"))
    return found


@pytest.fixture(scope="module")
def concepts(tables: dict[str, dict[str, object]]) -> dict[str, rules.Concept]:
    return {name: rules.build_concept(name, table) for name, table in tables.items()}


@pytest.fixture(scope="module")
def met(concepts: dict[str, rules.Concept]):
    """Which concepts a text meets, asked of the real rule set."""
    watches = [WatchConfig(name=name, any=(f"@{name}",)) for name in CONCEPTS]
    rule_set = rules.build([rules.parse_watch(watch, concepts) for watch in watches], concepts)

    @cache
    def ask(words: str) -> frozenset[str]:
        document = rules.make_document(title="", body=words, language=text.decide_language("", words))
        return frozenset(match.watch for match in rule_set.match(document))

    return ask


@pytest.fixture(scope="module")
def mission_rules(concepts: dict[str, rules.Concept]) -> rules.RuleSet:
    """The two watches of the starter config, as it states them."""
    watches = [
        WatchConfig(name="withdrawal", query=WITHDRAWAL),
        WatchConfig(name="islamic_state", any=("@islamic_state",)),
    ]
    return rules.build([rules.parse_watch(watch, concepts) for watch in watches], concepts)


def test_no_concept_uses_one_that_is_missing_or_itself(concepts):
    assert rules.check_concepts(concepts) == ()


@pytest.mark.parametrize("name", CONCEPTS)
def test_every_concept_has_names_in_all_languages_of_the_starter(tables, name):
    assert set(LANGUAGES) <= {language for language, names in tables[name].items() if names}


@pytest.mark.parametrize("language", LANGUAGES)
def test_labelled_sentences_hold_both_what_is_meant_and_what_is_not(language):
    """Twelve or more a language, each concept named in some and missing in others: else the scores mean nothing."""
    mine = [one for one in SENTENCES if one.language == language]
    named = Counter(concept for one in mine for concept in one.concepts)
    assert len(mine) >= 12
    assert all(2 <= named[concept] < len(mine) for concept in CONCEPTS)
    assert sum(not one.concepts for one in mine) >= 5


@pytest.mark.parametrize("language", LANGUAGES)
def test_concepts_meet_what_a_person_says_and_nothing_else(met, language):
    """Recall and precision of at least 0.95 in each language, over all pairs of sentence and concept."""
    mine = [one for one in SENTENCES if one.language == language]
    missed = [(c, one.text) for one in mine for c in sorted(one.concepts - met(one.text))]
    wrong = [(c, one.text) for one in mine for c in sorted(met(one.text) - one.concepts)]
    wanted = sum(len(one.concepts) for one in mine)
    right = wanted - len(missed)
    report = "\n".join(
        [*(f"missed @{c}: {words}" for c, words in missed), *(f"wrong @{c}: {words}" for c, words in wrong)]
    )
    assert right / wanted >= LEAST, report
    assert right / (right + len(wrong)) >= LEAST, report


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_withdrawal_watch_meets_only_sentences_that_speak_of_all_its_parts(mission_rules, language):
    """Its query binds coalition and withdrawal closely; in one sentence they are close by nature."""
    for one in SENTENCES:
        if one.language != language:
            continue
        document = rules.make_document(title="", body=one.text, language=text.decide_language("", one.text))
        told = any(match.watch == "withdrawal" for match in mission_rules.match(document))
        assert told == ({"coalition", "withdrawal", "iraq"} <= one.concepts), one.text


@pytest.mark.corpus
def test_the_seed_article_meets_both_watches_by_its_own_words(mission_rules, corpus):
    """The wire article, page furniture and all, is French and names the mission's end and the group."""
    title, _, body = (corpus / "seed" / "armenpress-2024-07-23.fr.txt").read_text(encoding="utf-8").partition("\n")
    language = text.decide_language(title, body)
    assert language.code == "fr"
    document = rules.make_document(title=title, body=body, language=language)
    evidence = {match.watch: match.evidence for match in mission_rules.match(document)}
    assert evidence.keys() == {"withdrawal", "islamic_state"}
    told = " | ".join(one.words for one in evidence["withdrawal"])
    assert (
        "conclure la mission de la coalition" in told.casefold() or "retrait définitif des troupes américaines" in told
    )
    assert any("tat islamique" in one.words for one in evidence["islamic_state"])
    assert all(one.words in one.sentence for found in evidence.values() for one in found)
