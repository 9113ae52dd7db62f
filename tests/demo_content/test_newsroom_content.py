"""The demo newsroom's content is well formed, as varied as the demo promises, and means what its plan says.

The files under ``monitor/demo/newsroom`` are data: ``outlets.toml`` has the outlets, every other file has articles.
Each file states its format at its top; these tests hold the files to it.
"""

from __future__ import annotations

import tomllib
from collections import Counter
from importlib.resources import files
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import regex

from monitor import rules, text
from monitor.model import WatchConfig

WATCHES = ("withdrawal", "islamic_state")
FORMATS = {"rss", "atom", "rdf", "json"}
FAULTS = {"unescaped": set(), "slow": {"delay"}, "failing": {"failures"}}
OUTLET_KEYS = {"id", "name", "language", "format", "site"}
ARTICLE_KEYS = {"id", "outlet", "second", "title", "text", "path"}
OPTIONAL_KEYS = {"guid", "revises", "watches", "story", "event"}
SENTENCE_END = regex.compile(r"(?<=[.!?。։؟])(?:\s+|(?<=。))")
COPIED = 0.9


def _tables() -> dict[str, dict]:
    folder = files("monitor.demo") / "newsroom"
    return {
        file.name: tomllib.loads(file.read_text(encoding="utf-8"))
        for file in folder.iterdir()
        if file.name.endswith(".toml")
    }


TABLES = _tables()
OUTLETS = {outlet["id"]: outlet for outlet in TABLES["outlets.toml"]["outlet"]}
ARTICLES = [article for name, table in TABLES.items() if name != "outlets.toml" for article in table["article"]]
BY_ID = {article["id"]: article for article in ARTICLES}
PLANNED = [article for article in ARTICLES if article.get("watches")]


def language_of(article: dict) -> str:
    return OUTLETS[article["outlet"]]["language"]


def grouped(key: str) -> dict[str, list[dict]]:
    found: dict[str, list[dict]] = {}
    for article in ARTICLES:
        if key in article:
            found.setdefault(article[key], []).append(article)
    return found


def sentences(words: str) -> set[str]:
    return {part.strip() for part in SENTENCE_END.split(words) if part.strip()}


STORIES = grouped("story")


def test_ids_are_given_once():
    assert len(OUTLETS) == len(TABLES["outlets.toml"]["outlet"])
    assert len(BY_ID) == len(ARTICLES)


@pytest.mark.parametrize("outlet", OUTLETS.values(), ids=OUTLETS)
def test_an_outlet_has_the_keys_of_its_format(outlet):
    faults = FAULTS[outlet["fault"]] | {"fault"} if "fault" in outlet else set()
    assert outlet.keys() - {"encoding"} == OUTLET_KEYS | faults
    assert outlet["format"] in FORMATS
    assert regex.fullmatch(r"[a-z0-9-]+", outlet["id"])
    host = urlsplit(outlet["site"])
    assert host.scheme == "https"
    assert host.hostname.endswith(".example")  # reserved: nobody's site
    assert not host.path


@pytest.mark.parametrize("article", ARTICLES, ids=BY_ID)
def test_an_article_is_whole(article):
    assert ARTICLE_KEYS <= article.keys() <= ARTICLE_KEYS | OPTIONAL_KEYS
    assert article["outlet"] in OUTLETS
    assert isinstance(article["second"], int)
    assert 0 <= article["second"] <= 55
    assert article["path"].startswith("/")
    assert 2 <= len(sentences(article["text"])) <= 5
    assert set(article.get("watches", ())) <= set(WATCHES)
    encoding = OUTLETS[article["outlet"]].get("encoding", "utf-8")
    (article["title"] + article["text"]).encode(encoding)


def test_the_newsroom_is_as_large_and_varied_as_the_demo_says():
    """At least 12 feeds in 8 languages, all four formats, every fault once, about 60 articles."""
    assert len(OUTLETS) >= 12
    assert len({outlet["language"] for outlet in OUTLETS.values()}) >= 8
    assert {outlet["format"] for outlet in OUTLETS.values()} == FORMATS
    assert Counter(outlet["fault"] for outlet in OUTLETS.values() if "fault" in outlet) == dict.fromkeys(FAULTS, 1)
    assert any(one.get("encoding") == "windows-1251" and one["language"] == "ru" for one in OUTLETS.values())
    assert 55 <= len(ARTICLES) <= 75
    assert {article["outlet"] for article in ARTICLES} == OUTLETS.keys()


def test_what_must_be_told_comes_in_many_languages_and_most_articles_tell_nothing():
    assert len({language_of(article) for article in PLANNED}) >= 8
    assert {watch for article in PLANNED for watch in article["watches"]} == set(WATCHES)
    assert len(PLANNED) < len(ARTICLES) / 2
    quiet = {language_of(article) for article in ARTICLES if article not in PLANNED}
    assert quiet == {outlet["language"] for outlet in OUTLETS.values()}


def test_a_story_keeps_to_one_language_and_one_set_of_watches():
    for story, articles in STORIES.items():
        assert len({language_of(article) for article in articles}) == 1, story
        assert len({tuple(article.get("watches", ())) for article in articles}) == 1, story
        assert len({article.get("event") for article in articles}) == 1, story


def test_the_articles_of_a_story_carry_one_text_save_for_corrections():
    """Nine sentences of ten in the shorter copy stand in the other word for word; a revision may say what is new."""
    for story, articles in STORIES.items():
        copies = [sentences(article["text"]) for article in articles if "revises" not in article]
        for copy in copies[1:]:
            shared = len(copies[0] & copy) / min(len(copies[0]), len(copy))
            assert shared >= COPIED, story


def test_different_stories_share_neither_a_sentence_nor_a_title():
    """They would be taken for copies of each other, and rightly."""
    owner: dict[str, str] = {}
    for article in ARTICLES:
        story = article.get("story", article["id"])
        for part in (article["title"], *sentences(article["text"])):
            assert owner.setdefault(part, story) == story, part


def test_stories_are_carried_by_several_outlets_under_titles_and_links_of_their_own():
    carried = {story: {one["outlet"] for one in articles} for story, articles in STORIES.items()}
    assert sum(2 <= len(outlets) <= 4 for outlets in carried.values()) >= 3
    for articles in STORIES.values():
        by_outlet = {one["outlet"]: one for one in articles}
        assert len({one["title"] for one in by_outlet.values()}) == len(by_outlet)
    tracked = [one for articles in STORIES.values() for one in articles if urlsplit(one["path"]).query]
    assert len(tracked) >= 5


def test_one_article_comes_twice_from_its_outlet_under_a_new_guid():
    again = [
        (first, second)
        for first in ARTICLES
        for second in ARTICLES
        if first["id"] < second["id"]
        and first["outlet"] == second["outlet"]
        and first["text"] == second["text"]
        and first.get("guid", first["id"]) != second.get("guid", second["id"])
    ]
    assert len(again) == 1
    assert again[0][0]["story"] == again[0][1]["story"]


def test_a_revision_replaces_an_earlier_entry_of_its_outlet():
    revisions = [article for article in ARTICLES if "revises" in article]
    assert revisions
    for article in revisions:
        before = BY_ID[article["revises"]]
        assert before["second"] < article["second"]
        assert before["text"] != article["text"]
        for key in ("outlet", "path", "story"):
            assert before[key] == article[key]
        assert before.get("guid", before["id"]) == article.get("guid", article["id"])


def test_an_entry_stands_alone_in_its_feed_unless_it_is_a_revision():
    seen = Counter((one["outlet"], one.get("guid", one["id"])) for one in ARTICLES if "revises" not in one)
    assert set(seen.values()) == {1}


def test_an_event_is_told_in_several_languages():
    """What later versions of the product may take for one story."""
    assert any(len({language_of(one) for one in articles}) >= 5 for articles in grouped("event").values())


@pytest.fixture(scope="module")
def mission_rules(starter_config: Path) -> rules.RuleSet:
    """The mission's two watches over the starter's concepts."""
    tables: dict[str, dict] = {}
    for path in sorted((starter_config / "concepts").glob("*.toml")):
        tables |= tomllib.loads(path.read_text(encoding="utf-8"))
    concepts = {name: rules.build_concept(name, table) for name, table in tables.items()}
    watches = [
        WatchConfig(name="withdrawal", query="@coalition NEAR/12 @withdrawal AND @iraq"),
        WatchConfig(name="islamic_state", any=("@islamic_state",)),
    ]
    return rules.build([rules.parse_watch(watch, concepts) for watch in watches], concepts)


@pytest.mark.parametrize("article", ARTICLES, ids=BY_ID)
def test_an_article_meets_exactly_the_watches_of_its_plan(mission_rules, article):
    language = text.decide_language(article["title"], article["text"], hint=language_of(article))
    assert language.code == language_of(article)
    document = rules.make_document(title=article["title"], body=article["text"], language=language)
    told = {match.watch: [one.words for one in match.evidence] for match in mission_rules.match(document)}
    assert told.keys() == set(article.get("watches", ())), told
