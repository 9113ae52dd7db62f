"""How well articles are grouped into stories: `monitor replay` over each labelled set, and its score.

Each set is replayed by the program itself, as a process, with the starter's config, in the order of its file; ``ntrex``
is planted among the English articles of ``neus`` and ``h11``. Scored is B-cubed (Bagga and Baldwin 1998), and how many
stories were swallowed: their first article was put under another story. With ``--cross-validated FILE`` the table of
``bench.learn_stories --validate`` stands beside it.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from bench.common import ROOT, Row, corpus, show

SETS = ("h11", "vn", "ecb", "uci", "neus", "ntrex", "basil")
LATIN = frozenset({"en", "it", "fr", "tr", "de", "es", "pt", "pl"})
_QUICK = 400


def articles(name: str) -> list[dict[str, Any]]:
    """The articles of a set, in the order of its file; for ``ntrex`` those that it is planted among too."""
    if name != "ntrex":
        return _read(name)
    own = sorted(_read(name), key=lambda row: str(row["published"]))
    # The others take the time of the stream that they stand in: their own years lie elsewhere.
    among = [{**row, "published": None, "planted": True} for row in (*_read("neus")[:1500], *_read("h11"))]
    chance = random.Random(5)
    mixed: list[dict[str, Any]] = []
    while own or among:
        mixed.append((own if chance.random() * (len(own) + len(among)) < len(own) else among).pop(0))
    return mixed


def _read(name: str) -> list[dict[str, Any]]:
    path = corpus() / "corpus" / "stories" / f"{name}.jsonl"
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def replayed(rows: Sequence[Mapping[str, Any]], config: Path) -> dict[str, str]:
    """The story of each article, as the program says."""
    with tempfile.NamedTemporaryFile("w", suffix=".jsonl", encoding="utf-8") as file:
        for row in rows:
            file.write(json.dumps({key: value for key, value in row.items() if key not in {"story", "pair"}}) + "\n")
        file.flush()
        command = [sys.executable, "-m", "monitor", "replay", file.name, "--json", "--config", str(config)]
        done = subprocess.run(command, capture_output=True, check=True, cwd=ROOT, text=True)
    return {one["id"]: str(one["story"]) for one in map(json.loads, done.stdout.splitlines())}


def scored(gold: Mapping[str, str], found: Mapping[str, str], order: Iterable[str]) -> dict[str, float]:
    """B-cubed F1, precision, recall and the share of stories swallowed, in per cent."""
    ids = list(order)
    of_gold, of_found = Counter(gold[i] for i in ids), Counter(found[i] for i in ids)
    both = Counter((gold[i], found[i]) for i in ids)
    precision = sum(n * n / of_found[story] for (_, story), n in both.items()) / len(ids)
    recall = sum(n * n / of_gold[story] for (story, _), n in both.items()) / len(ids)
    told: set[str] = set()
    begun: set[str] = set()
    swallowed = 0
    for i in ids:
        swallowed += gold[i] not in begun and found[i] in told
        begun.add(gold[i])
        told.add(found[i])
    return {
        "F1": round(200 * precision * recall / (precision + recall), 1),
        "P": round(100 * precision, 1),
        "R": round(100 * recall, 1),
        "swallowed %": round(100 * swallowed / len(of_gold), 1),
    }


def rows_of(name: str, rows: Sequence[Mapping[str, Any]], found: Mapping[str, str]) -> list[Row]:
    """The table's rows for a set: one, or for ``ntrex`` one for all languages and one for those in Latin script."""
    gold = {row["id"]: row["story"] for row in rows}
    wanted = [row for row in rows if not row.get("planted")]
    groups = {name: wanted}
    if name == "ntrex":
        groups = {"ntrex": wanted, "ntrex, Latin": [row for row in wanted if row["language"] in LATIN]}
    return [
        {
            "set": title,
            "articles": len(group),
            "stories": len({row["story"] for row in group}),
            **scored(gold, found, [row["id"] for row in group]),
        }
        for title, group in groups.items()
    ]


def main(arguments: Sequence[str] | None = None) -> None:
    """Print how well each labelled set is grouped."""
    parser = argparse.ArgumentParser(prog="python -m bench.stories", description=main.__doc__)
    parser.add_argument("sets", nargs="*", default=SETS, help="h11 vn ecb uci neus ntrex basil; all when left out")
    parser.add_argument("--config", type=Path, default=ROOT / "config", help="whose watches and concepts are used")
    parser.add_argument("--quick", action="store_true", help="the first 400 articles of each set")
    parser.add_argument("--json", action="store_true", dest="as_json", help="print one JSON object")
    options = parser.parse_args(arguments)
    table: list[Row] = []
    for name in options.sets or SETS:
        rows = articles(name)[: _QUICK if options.quick else None]
        table += rows_of(name, rows, replayed(rows, options.config))
    show("stories", table, as_json=options.as_json)


if __name__ == "__main__":
    main()
