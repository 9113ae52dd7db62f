"""How the cost of matching an article grows with the number of rules, and how peers do on the rules they can express.

See :mod:`bench.matching.material` for the texts and the mixes of rules. Times are of CPU, on one core. For this project
an article's time holds everything that the service does between its text and its matches: the language decision, the
analysis, matching, and the evidence; each row has a process of its own that has read the other texts of the corpora and
five sixths of the articles, and is timed on the rest. For the peers it holds their analysis of the text and the
look-up, without evidence.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Sequence
from functools import partial
from typing import TypeVar

from bench.common import Row, corpus, main
from bench.matching import ours, peers
from bench.matching.material import Text, Words, articles, others, queries, words_of

T = TypeVar("T")
ENGINE = "news watch"
MIXES = ("plain", "mixed", "selective", "unselective")
Peer = Callable[[Sequence[str], Sequence[Text]], peers.Measured]
#: Name, the largest number of rules that it is asked, how many articles of how many rules.
PEERS: tuple[tuple[str, int, Peer], ...] = (
    ("PostgreSQL scan", 10_000, partial(peers.postgres, rum=False)),
    ("PostgreSQL RUM", 10_000, partial(peers.postgres, rum=True)),
    ("SQLite FTS5, batch", 100_000, peers.sqlite_fts5),
    ("tantivy, batch", 100_000, peers.tantivy),
)


def run(quick: bool) -> Sequence[Row]:
    """Articles a second by mix and number of rules, ours and peers'."""
    texts = articles(corpus())
    seen, words = others(corpus()), words_of(texts)
    rows: list[Row] = []
    for count in (1_000, 10_000) if quick else (100, 1_000, 10_000, 100_000):
        rows += [_ours(mix, queries(mix, count, words), texts, seen, 1 if quick else 3) for mix in MIXES]
        some = texts[:40] if quick else texts[:150]
        if count <= 10_000:
            rows.append(_brute(count, some[:20], words))
        for name, most, peer in PEERS:
            if count <= most:
                rows.append(_peer(name, count, texts if "batch" in name else some, words, peer))
    rows.append(_edited(words))
    return rows


def _ours(mix: str, rules: Sequence[str], texts: Sequence[Text], seen: Sequence[Text], folds_timed: int) -> Row:
    folds = [_apart(ours.measure, rules, texts, seen, fold) for fold in range(folds_timed)]
    seconds, timed = sum(one["seconds"] for one in folds), sum(one["articles"] for one in folds)
    return {
        "engine": ENGINE,
        "mix": mix,
        "rules": len(rules),
        "articles/s": timed / seconds,
        "ms an article": seconds / timed * 1000,
        "matches an article": sum(one["matches"] for one in folds) / timed,
        "memory MB": min(one["memory"] for one in folds),
        "compile s": min(one["compile"] for one in folds),
    }


def _brute(count: int, texts: Sequence[Text], words: Sequence[Words]) -> Row:
    seconds, matches = _apart(ours.brute_force, queries("plain", count, words), texts)
    return _row("news watch, no index", count, len(texts), seconds, matches)


def _peer(name: str, count: int, texts: Sequence[Text], words: Sequence[Words], peer: Peer) -> Row:
    try:
        found = _apart(peer, queries("plain", count, words), texts)
    except peers.Missing as missing:
        return {"engine": name, "mix": f"left out: not installed ({missing})", "rules": count}
    return _row(name, found.rules, found.articles, found.seconds, found.matches) | {"compile s": found.taken_in}


def _row(name: str, rules: int, seen: int, seconds: float, matches: int) -> Row:
    return {
        "engine": name,
        "mix": "plain",
        "rules": rules,
        "articles/s": seen / seconds if seconds else None,  # less than the kernel's clock can tell
        "ms an article": seconds / seen * 1000,
        "matches an article": matches / seen,
    }


def _edited(words: Sequence[Words]) -> Row:
    seconds = _apart(ours.edited, queries("mixed", 10_000, words))
    return {"engine": ENGINE, "mix": "mixed, one rule edited", "rules": 10_000, "compile s": seconds}


def _apart(measure: Callable[..., T], *arguments: object) -> T:
    """The result of a measurement in a process of its own, which remembers nothing of the others."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(measure, arguments)


if __name__ == "__main__":
    main("match", run)
