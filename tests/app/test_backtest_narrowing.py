"""What a backtest leaves unread never changes its answer."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from program import write_config

from monitor.app import read_config
from monitor.app.backtest import Backtest, Trial, backtest
from monitor.config import Config
from monitor.model import Article, ArticleState
from monitor.rules import Rule, build, parse_query

START = datetime(2026, 3, 1, tzinfo=UTC)
FEEDS = {
    "https://a.example/feed": ["world", "Middle East"],
    "https://b.example/feed": ["sport"],
    "https://c.example/feed": [],
}
OFF = "https://off.example/feed"
CONCEPTS = '[iraq]\nen = ["Iraq", { name = "IQ", near = ["oil"] }]\nru = ["Ирак"]\nar = ["العراق"]\nzh = ["伊拉克"]\n'


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Config:
    """Three feeds with tags and one that is switched off, and a concept."""
    root: Path = tmp_path_factory.mktemp("config")
    blocks = [f'[[feed]]\nurl = "{url}"\ntags = {tags}\n' for url, tags in FEEDS.items()]
    blocks.append(f'[[feed]]\nurl = "{OFF}"\ntags = ["world"]\nenabled = false\n')
    (root / "concepts").mkdir()
    (root / "concepts" / "iraq.toml").write_text(CONCEPTS, encoding="utf-8")
    defaults = 'interval_min = "1 minute"\ninterval_max = "1 hour"'
    written = write_config(root, feeds=blocks)
    (written / "feeds.toml").write_text(f"[defaults]\n{defaults}\n" + "\n".join(blocks), encoding="utf-8")
    return read_config(written, os.environ)


# Words as they are written in the wild: joined over marks of no width, apostrophes and dots; look-alikes, decomposed,
# full width, without spaces; folded to what a regular expression takes for the same letter.
WORDS = (
    "drone", "Drones", "dro\u00adne", "dr\u200bone", "DRONE", "ｄｒｏｎｅ", "drοne", "strike", "STRİKE", "drone-strike", "Iraq",
    "Iraq’s", "l'Iraq", "IQ", "oil", "Ирак", "Ирака", "и\u0306", "والعراق", "伊拉克的石油", "US", "U.S.", "AT&T", "C++", "straße", "STRASSE",
    "ſtrike", "\u212aurd", "kurds", "ﬁre", "fire", "12,500", "\x00", "\ud800", "",
)  # fmt: skip
texts = st.lists(st.one_of(st.sampled_from(WORDS), st.text(max_size=4)), max_size=8).map(" ".join)
articles = st.lists(
    st.fixed_dictionaries(
        {
            "title": texts,
            "text": texts,
            "url": st.sampled_from(
                ["", "https://a.example/world/1", "https://a.example/SPORT/2", "https://ſ.example/drone"]
            ),
            "source": st.sampled_from(["", "Drone Daily", "US News"]),
            "author": st.sampled_from(["", "A. Strike"]),
            "feed_url": st.sampled_from([*FEEDS, OFF, "https://gone.example/feed"]),
            "story": st.integers(1, 4),
            "quiet": st.booleans(),
        }
    ),
    max_size=8,
)
leaves = st.sampled_from(
    (
        "drone", "strike", "@iraq", '"drone strike"', "dron*", "{US}", "US", "kurd", "strasse", "fire", "AT&T", "C++",
        "/drone[- ]?strike/", "/strasse/", "/kurd/", "/(?:drone|fire)/", "/stri(?i:ke)/", "title:/drone/", "source:/drone/",
        "url:/drone/", "url:sport", "url:/world/", "url:wo?ld", "source:drone", "author:strike", "title:drone", "lang:en",
        "tag:world", 'tag:"middle east"', "tag:spo*", "@watch:Tagged", "@watch:Pattern",
        "drone NEAR/3 strike", "ATLEAST/2(/drone/)", "SENTENCE(drone AND strike)", "(/drone/ NEAR/5 /strike/)",
    )
)  # fmt: skip
queries = st.recursive(
    leaves,
    lambda parts: st.one_of(
        st.tuples(parts, parts).map("({0[0]}) AND ({0[1]})".format),
        st.tuples(parts, parts).map("({0[0]}) OR ({0[1]})".format),
        st.tuples(leaves, parts).map("({0[0]}) NOT ({0[1]})".format),
    ),
    max_leaves=5,
)
limits = st.sampled_from([(), ("world",), ("WORLD ", "sport"), ("nowhere",)])


def answer(config: Config, archive: list[dict], rules: list[Rule], *, read_all: bool) -> Backtest:
    beside = [
        Rule(name="Tagged", root=parse_query("drone OR oil", concepts={}), feeds_tagged=("world",)),
        Rule(name="Pattern", root=parse_query("/iraq/ OR url:sport", concepts={}), languages=("en",)),
    ]
    stored = [
        Article(
            id=number,
            key=str(number),
            canonical_url=one["url"],
            language_hint=None,
            language=None,
            published=None,
            discovered=START + timedelta(hours=7 * number),
            state=ArticleState.JUDGED,
            **one,
        )
        for number, one in enumerate(archive)
    ]
    trial = Trial(rules=build([*beside, *rules], config.concepts), name="new", against="old")
    return backtest(trial, stored, config, since=START, until=START + timedelta(days=2), read_all=read_all)


@settings(max_examples=100)
@given(archive=articles, new=queries, old=queries, tagged=limits, others=limits)
def test_what_is_left_unread_changes_nothing(
    config: Config, archive: list[dict], new: str, old: str, tagged: tuple[str, ...], others: tuple[str, ...]
) -> None:
    """For any rules over any texts: counts, days, alerts, evidence, and what comes, goes and stays."""
    watches = ["Tagged", "Pattern"]
    rules = [
        Rule(
            name=name,
            root=parse_query(query, concepts=config.concepts, watches=watches),
            query=query,
            feeds_tagged=limit,
        )
        for name, query, limit in (("new", new, tagged), ("old", old, others))
    ]
    narrowed = answer(config, archive, rules, read_all=False)
    whole = answer(config, archive, rules, read_all=True)
    assert whole.read == whole.in_range == narrowed.in_range
    for found in ("tally", "against", "difference"):
        assert getattr(narrowed, found) == getattr(whole, found)


@pytest.mark.parametrize(
    ("query", "tags", "read"),
    [
        ("drone", (), 6),
        ("drone", ("sport",), 1),
        ("/drone[- ]?strike/", (), 1),
        ("title:/drone/", (), 1),
        ("drone AND /drone[- ]?strike/", (), 1),
        ("fire OR /drone[- ]?strike/", (), 6),
        ("url:world", (), 2),
        ("NOT url:world AND drone", (), 6),
        ("tag:world", (), 1),
        ("tag:sport AND url:world", (), 0),
        ("@watch:Tagged", (), 1),
        ("ATLEAST/2(/drone/)", (), 2),
        ("(/drone/ NEAR/5 /strike/)", (), 1),
    ],
)
def test_what_rules_articles_out(config: Config, query: str, tags: tuple[str, ...], read: int) -> None:
    """The feed's tags, the address, and a regular expression's own letters; never a word, nor what is ruled out."""
    archive = [
        {
            "title": "A Drone" if number == 0 else "",
            "text": "a drone-strike" if number == 1 else "nothing",
            "url": f"https://a.example/{'world' if number in {2, 5} else 'local'}/{number}",
            "source": "",
            "author": "",
            "feed_url": [*FEEDS, OFF, "https://gone.example/feed", "https://c.example/feed"][number],
            "story": number,
            "quiet": False,
        }
        for number in range(6)
    ]
    root = parse_query(query, concepts=config.concepts, watches=["Tagged"])
    rules = [
        Rule(name="new", root=root, query=query, feeds_tagged=tags),
        Rule(name="old", root=root, query=query, feeds_tagged=tags),
    ]
    assert answer(config, archive, rules, read_all=False).read == read
