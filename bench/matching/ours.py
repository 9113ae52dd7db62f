"""This project's engine, and the same without its index."""

from __future__ import annotations

import gc
import os
import resource
import sys
import time
from collections.abc import Mapping, Sequence

from bench.common import ROOT
from bench.matching.material import Text
from monitor.app import paused_collection, read_config, settle
from monitor.rules import Concept, Rule, RuleSet, build, make_document, parse_query
from monitor.rules.evaluate import View
from monitor.text import decide_language

_UNSEEN = 6  # of so many articles one is kept for measuring


def compiled(queries: Sequence[str]) -> tuple[RuleSet, float]:
    """The rules made ready, and the seconds of CPU that it took from their text on (concepts not counted)."""
    concepts = _concepts() if any("@" in query for query in queries) else {}
    start = time.process_time()
    with paused_collection():
        roots = [parse_query(query, concepts=concepts) for query in queries]
        rules = build([Rule(name=str(number), root=root) for number, root in enumerate(roots)], concepts)
    return rules, time.process_time() - start


def _concepts() -> Mapping[str, Concept]:
    return read_config(ROOT / "config", os.environ).concepts


def measure(queries: Sequence[str], texts: Sequence[Text], seen: Sequence[Text], fold: int) -> dict[str, float]:
    """The language decision, the analysis, and matching with evidence, over articles not seen before.

    ``seen``: what the process has read besides the other articles.
    """
    before = _memory()
    rules, seconds = compiled(queries)
    settle()
    memory = _memory() - before
    unseen = [text for number, text in enumerate(texts) if number % _UNSEEN == fold]
    _match(rules, seen)
    _match(rules, [text for number, text in enumerate(texts) if number % _UNSEEN != fold])
    start = time.process_time()
    matches = _match(rules, unseen)
    return {
        "articles": len(unseen),
        "seconds": time.process_time() - start,
        "matches": matches,
        "compile": seconds,
        "memory": memory,
    }


def edited(queries: Sequence[str]) -> float:
    """Seconds of CPU until a rule that was edited among the others is live."""
    rules, _ = compiled(queries)
    rules.match(_document(Text("", "The service has seen an article in English.")))
    gc.collect()
    middle = len(queries) // 2
    start = time.process_time()
    with paused_collection():
        root = parse_query(f"{queries[middle]} OR flibbertigibbet", concepts=rules.making.concepts)
        changed = Rule(name=str(middle), root=root)
        after = build((*rules.rules[:middle], changed, *rules.rules[middle + 1 :]), rules.making.concepts, rules)
    text = Text("", "A flibbertigibbet was seen.")
    assert [match.watch for match in after.match(_document(text))] == [str(middle)]
    return time.process_time() - start


def brute_force(queries: Sequence[str], texts: Sequence[Text]) -> tuple[float, int]:
    """Every rule judged for every article, by the same evaluation: seconds of CPU, and matches."""
    rules, _ = compiled(queries)
    plans = [one.plan for one in rules.prepared.values()]
    start = time.process_time()
    matches = 0
    for text in texts:
        view = View(_document(text), rules.lexicon)
        matches += sum(view.met(plan) for plan in plans)
    return time.process_time() - start, matches


def _match(rules: RuleSet, texts: Sequence[Text]) -> int:
    return sum(len(rules.match(_document(text))) for text in texts)


def _document(text: Text):  # noqa: ANN202
    return make_document(title=text.title, body=text.body, language=decide_language(text.title, text.body))


def _memory() -> float:
    """The process's memory at its height, in MB."""
    height = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return height / (1e6 if sys.platform == "darwin" else 1e3)
