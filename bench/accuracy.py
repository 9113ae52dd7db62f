"""How well the starter's concepts are met in sentences that people have labelled, for each language.

The labelled set is a folder of JSON lines: {"text", "language", "concepts": [..], "absent": [..]?}. "concepts" are all
that the sentence speaks of. With "absent" only the concepts named in either list are judged; without it, or with
``--strict``, every concept that the set names anywhere is judged in each sentence. Each sentence goes through the
production engine as an article of its own, its language decided as an article's is.
"""

from __future__ import annotations

import argparse
import json
import os
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bench.common import ROOT, Row, show
from monitor.app import read_config
from monitor.model import WatchConfig
from monitor.rules import RuleSet, build, make_document, parse_watch
from monitor.text import decide_language

DEFAULT_SET = ROOT / "tests" / "concepts" / "sets"


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelled:
    """A sentence, the concepts that it speaks of, and those it does not; ``absent`` None: all others."""

    text: str
    language: str
    concepts: frozenset[str]
    absent: frozenset[str] | None


@dataclass(slots=True)
class Score:
    """What came of one language's sentences."""

    sentences: int = 0
    wanted: int = 0
    missed: list[tuple[str, str]] = field(default_factory=list)
    wrong: list[tuple[str, str]] = field(default_factory=list)

    @property
    def recall(self) -> float:
        """The share of what was there that was found."""
        return (self.wanted - len(self.missed)) / self.wanted if self.wanted else 1.0

    @property
    def precision(self) -> float:
        """The share of what was found that was there."""
        right = self.wanted - len(self.missed)
        return right / (right + len(self.wrong)) if right + len(self.wrong) else 1.0


def read_set(folder: Path) -> Iterator[Labelled]:
    """The sentences of all ``.jsonl`` files in a folder and below it, or of one file."""
    for path in [folder] if folder.is_file() else sorted(folder.rglob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            yield Labelled(
                text=row["text"],
                language=row["language"],
                concepts=frozenset(row["concepts"]),
                absent=frozenset(row["absent"]) if "absent" in row else None,
            )


def concept_rules(config: Path) -> RuleSet:
    """A rule for each concept of a config."""
    concepts = read_config(config, os.environ).concepts
    return build([parse_watch(WatchConfig(name=name, any=(f"@{name}",)), concepts) for name in concepts], concepts)


def measure(
    rules: RuleSet, sentences: Sequence[Labelled], only: frozenset[str] = frozenset(), *, strict: bool = False
) -> dict[str, Score]:
    """The score of each language; ``only``: judge these concepts alone; ``strict``: judge all in every sentence."""
    known = frozenset[str]().union(*(one.concepts | (one.absent or frozenset()) for one in sentences))
    scores: defaultdict[str, Score] = defaultdict(Score)
    for one in sentences:
        document = make_document(title="", body=one.text, language=decide_language("", one.text))
        met = {match.watch for match in rules.match(document)}
        judged = (known if strict or one.absent is None else one.concepts | one.absent) & (only or known)
        score = scores[one.language]
        score.sentences += 1
        wanted = one.concepts & judged
        score.wanted += len(wanted)
        score.missed += [(concept, one.text) for concept in sorted(wanted - met)]
        score.wrong += [(concept, one.text) for concept in sorted((judged - wanted) & met)]
    return dict(scores)


def table(scores: dict[str, Score]) -> list[Row]:
    """A row for each language, and one for all."""
    whole = Score(
        sentences=sum(one.sentences for one in scores.values()),
        wanted=sum(one.wanted for one in scores.values()),
        missed=[miss for one in scores.values() for miss in one.missed],
        wrong=[wrong for one in scores.values() for wrong in one.wrong],
    )
    return [
        {
            "language": language,
            "sentences": one.sentences,
            "concepts": one.wanted,
            "missed": len(one.missed),
            "wrong": len(one.wrong),
            "recall": one.recall,
            "precision": one.precision,
        }
        for language, one in [*sorted(scores.items()), ("all", whole)]
    ]


def main(arguments: Sequence[str] | None = None) -> None:
    """Print recall and precision for each language."""
    parser = argparse.ArgumentParser(prog="python -m bench.accuracy", description=main.__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=DEFAULT_SET, help="the labelled set, or one file of it")
    parser.add_argument("--config", type=Path, default=ROOT / "config", help="whose concepts are measured")
    parser.add_argument("--concept", action="append", default=[], help="judge this concept alone; may be repeated")
    parser.add_argument("--strict", action="store_true", help="judge every concept of the set in every sentence")
    parser.add_argument("--misses", action="store_true", help="name each miss and each wrong find")
    parser.add_argument("--quick", action="store_true", help="no difference: it is quick")
    parser.add_argument("--json", action="store_true", dest="as_json", help="print one JSON object")
    options = parser.parse_args(arguments)
    sentences = tuple(read_set(options.folder))
    scores = measure(concept_rules(options.config), sentences, frozenset(options.concept), strict=options.strict)
    show("accuracy", table(scores), as_json=options.as_json)
    if options.misses:
        for language, score in sorted(scores.items()):
            for concept, sentence in score.missed:
                print(f"{language}  missed @{concept}: {sentence}")
            for concept, sentence in score.wrong:
                print(f"{language}  wrong  @{concept}: {sentence}")


if __name__ == "__main__":
    main()
