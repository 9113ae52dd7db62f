"""How the cost of matching an article grows with the number of rules, for narrow rules and for wide ones.

The rules are made of the words of the articles themselves: "selective" ones ask for two or three rarer words together
(AND, phrases, NEAR, NOT), "unselective" ones for any of a few common words, so that an article meets a good share of
them, and "mixed" is nine of the first to one of the second. "starter" is the config that the project ships.
"""

from __future__ import annotations

import os
import random
import time
import tracemalloc
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from bench.common import ROOT, Row, corpus, main
from monitor.app import plan_of, read_config
from monitor.feeds import parse_feed
from monitor.rules import Document, Rule, RuleSet, build, make_document, parse_query
from monitor.text import Language, decide_language

MIXES = ("selective", "mixed", "unselective")
_Text = tuple[str, str, Language]


def run(quick: bool) -> Sequence[Row]:
    """Milliseconds an article, analysis of its text included; seconds and memory to compile the rules."""
    texts = _texts(corpus())
    common, rare = _vocabulary([make_document(title=t, body=b, language=lang) for t, b, lang in texts])
    rows = [_row("starter", texts, lambda: plan_of(read_config(ROOT / "monitor" / "starter", os.environ)).rules, quick)]
    for count in (1_000, 10_000) if quick else (1_000, 10_000, 50_000):
        for mix in MIXES:
            rules = _rules(mix, count, common, rare)
            some = texts[:: 8 if quick else 2]
            rows.append(_row(mix, some, lambda rules=rules: build(rules, {}), quick))
    return rows


def _texts(place: Path) -> list[_Text]:
    found = []
    for path in sorted((place / "corpus/feeds/news").glob("*.xml")):
        for entry in parse_feed(path.read_bytes(), content_type="", url="https://bench.example/feed").entries:
            language = decide_language(entry.title, entry.text, hint=entry.language)
            found.append((entry.title, entry.text, language))
    return found


def _vocabulary(documents: Sequence[Document]) -> tuple[list[str], list[str]]:
    """Words of a hundred articles or more, function words left out; and words of two to twenty."""
    counts = Counter(form for document in documents for form in document.forms if form.isalpha() and len(form) > 3)
    common = [form for form, count in counts.items() if 100 <= count <= len(documents) // 4]
    return sorted(common), sorted(form for form, count in counts.items() if 2 <= count <= 20)


def _rules(mix: str, count: int, common: Sequence[str], rare: Sequence[str]) -> list[Rule]:
    chance = random.Random(f"{mix} {count}")  # the same rules in every run
    rules = []
    for number in range(count):
        wide = mix == "unselective" or (mix == "mixed" and number % 10 == 0)
        query = _wide(chance, common) if wide else _narrow(chance, common, rare)
        rules.append(Rule(name=str(number), root=parse_query(query, concepts={}), query=query))
    return rules


def _wide(chance: random.Random, common: Sequence[str]) -> str:
    one, two, three = chance.sample(common, 3)
    return chance.choice((one, f"{one} OR {two}", f"{one} AND ({two} OR {three})", f"{one} AND NOT {two}"))


def _narrow(chance: random.Random, common: Sequence[str], rare: Sequence[str]) -> str:
    one, two = chance.sample(rare, 2)
    word, other = chance.sample(common, 2)
    return chance.choice(
        (
            f"{one} AND {word}",
            f'"{word} {one}" OR {two}',
            f"{one} NEAR/10 {word} AND {other}",
            f"({one} OR {two}) AND {word} AND NOT {other}",
            f"{one[:4]}* AND {two} AND {word}" if len(one) > 4 else f"{one} AND {two}",
        )
    )


def _row(mix: str, texts: Sequence[_Text], compile_rules: object, quick: bool) -> Row:
    assert callable(compile_rules)
    tracemalloc.start()
    rule_set: RuleSet = compile_rules()
    _, _ = (_once(rule_set, texts[:50]) for _ in range(2))
    memory = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    start = time.perf_counter()
    rule_set = compile_rules()
    compiled = time.perf_counter() - start
    best, matches = min(_once(rule_set, texts) for _ in range(2 if quick else 5))
    return {
        "rules": len(rule_set.rules),
        "mix": mix,
        "articles": len(texts),
        "articles/s": len(texts) / best,
        "ms an article": best / len(texts) * 1000,
        "matches an article": matches / len(texts),
        "memory MB": memory / 1e6,
        "compile s": compiled,
    }


def _once(rule_set: RuleSet, texts: Sequence[_Text]) -> tuple[float, int]:
    start = time.perf_counter()
    matches = 0
    for title, body, language in texts:
        matches += len(rule_set.match(make_document(title=title, body=body, language=language)))
    return time.perf_counter() - start, matches


if __name__ == "__main__":
    main("match", run)
