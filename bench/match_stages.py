"""Where the time goes between an article's text and its matches, over the texts and rules of :mod:`bench.match`.

CPU time by stage for articles that the process has not read before ("new"), and for the same ones once more ("known"):
the difference is what words cost that are met for the first time. Each row of new ones is one reading, so that other
work on the machine shows in it; those of known ones are the least of several.
"""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Sequence
from itertools import pairwise

from bench.common import Row, corpus, main
from bench.matching import ours
from bench.matching.material import Text, articles, others, queries, words_of
from monitor.app import settle
from monitor.rules import RuleSet, make_document
from monitor.rules.evaluate import View
from monitor.rules.explain import evidence
from monitor.text import decide_language

STAGES = ("language", "document", "words", "verdicts", "evidence")
_AGAIN = 5


def run(quick: bool) -> Sequence[Row]:
    """Milliseconds an article by stage, mix and number of rules."""
    texts, seen = articles(corpus()), others(corpus())[:: 4 if quick else 1]
    words = words_of(texts)
    rows: list[Row] = []
    for mix, count in (("selective", 1_000), ("mixed", 10_000), ("plain", 10_000)):
        with multiprocessing.get_context("spawn").Pool(1) as pool:  # which remembers no words
            rows += pool.apply(_rows, (mix, queries(mix, count, words), texts, seen))
    return rows


def _rows(mix: str, asked: Sequence[str], texts: Sequence[Text], seen: Sequence[Text]) -> list[Row]:
    rules, _ = ours.compiled(asked)
    settle()
    new = texts[::6]
    for text in (*seen, *(text for number, text in enumerate(texts) if number % 6)):
        _timed(rules, text)
    first = [_timed(rules, text) for text in new]
    again = [[_timed(rules, text) for text in new] for _ in range(_AGAIN)]
    least = [[min(stage) for stage in zip(*one, strict=True)] for one in zip(*again, strict=True)]
    return [
        {"rules": f"{len(asked)} {mix}", "articles": kind, "all": sum(map(sum, times)) / len(new)}
        | {stage: sum(column) / len(new) for stage, column in zip(STAGES, zip(*times, strict=True), strict=True)}
        for kind, times in (("new", first), ("known", least))
    ]


def _timed(rules: RuleSet, text: Text) -> list[float]:
    """Milliseconds of each stage."""
    clock = [time.process_time()]
    language = decide_language(text.title, text.body)
    clock.append(time.process_time())
    document = make_document(title=text.title, body=text.body, language=language)
    clock.append(time.process_time())
    view = View(document, rules.lexicon)
    clock.append(time.process_time())
    met = rules.met(view)
    clock.append(time.process_time())
    for number in met:
        evidence(view, rules.prepared[rules.rules[number].name].plan)
    clock.append(time.process_time())
    return [(after - before) * 1000 for before, after in pairwise(clock)]


if __name__ == "__main__":
    main("match_stages", run)
