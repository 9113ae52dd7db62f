"""Learn what the features of the same-story decision are worth, and write ``monitor/stories/weights.py``.

Needs SciPy (the dependency group ``learn``), which the program itself does not. Each labelled set is run through
the very decision of the program, in memory; the stories that it compares an article with are the examples, right where
most of the story's articles are of the article's own. The articles before it lie in their true stories: learning from
the decision's own mistakes too made no fewer of them. A set counts by the square root of its comparisons.

A feature's worth is a line through a few points, so the sum is additive and each share can be shown. ``--validate set``
reports a cross-validation: each set is judged by weights that were learnt from the others alone; ``--validate story``
one in which each article is judged by weights that were learnt without any article of its story. With
``OMP_NUM_THREADS=1`` it is quicker on a machine that does other work too.
"""

from __future__ import annotations

import argparse
import pickle
import pprint
import subprocess
import sys
import zlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
from scipy.optimize import minimize

from bench.common import ROOT, Row, show
from bench.stories import articles, rows_of
from bench.stories_memory import MemoryIndex
from monitor.app.parts import gazetteer
from monitor.model import Article, ArticleState
from monitor.stories import Draft, Fingerprint, Placed, draft, fingerprint, place, placing
from monitor.stories.likeness import Likeness
from monitor.text import decide_language

Table = dict[str, dict[str, tuple[tuple[float, float], ...]]]
SETS = ("h11 by time", "vn", "ecb", "uci", "neus", "ntrex", "basil")
# The same without their texts, so that titles alone are not learnt from one set.
TITLES = ("h11 titles", "ecb titles", "neus titles")
KINDS = ("texts", "titles", "across")
FOLDS = 3
WINDOW = timedelta(days=14)
KNOTS = (0.15, 0.35, 0.6, 0.85)  # quantiles of a feature's values, between which its worth is a straight line
# What the sets hold too little of to teach: an address that both name, or at which one of them stands; a thing of one
# series by another number.
GIVEN: Mapping[str, tuple[tuple[float, float], ...]] = {
    "links": ((0.0, 0.0), (0.5, 0.0), (0.85, 0.4), (1.0, 0.4)),
    "linked": ((0.0, 0.0), (1.0, 0.4)),
    "other_codes": ((0.0, 0.0), (1.0, -8.0)),
}
LEFT_OUT = frozenset({"leading_name", "size", *GIVEN})
PENALTY = 0.3  # on the squares of the weights
LEAST_WORTH = 0.05
MOST_OF_TIME = 2.0  # logits, for each part of its line: that two articles are of one day proves nothing
_START = datetime(2000, 1, 1, tzinfo=UTC)
_NEUS = 1500  # articles: the rest of that set would only make learning longer
_RIVALS = 4  # wrong stories that are learnt from, an article


@dataclass(frozen=True, slots=True)
class Reading:
    """An article as judging reads it, with its true story."""

    row: Mapping[str, Any]
    article: Article
    fingerprint: Fingerprint
    draft: Draft

    @property
    def story(self) -> str:
        """The story that people put it into."""
        return str(self.row["story"])


@dataclass(frozen=True, slots=True)
class Example:
    """A story that an article was compared with, and whether it is the article's."""

    of: str
    kind: str
    features: Mapping[str, float]
    right: bool
    fold: int
    of_set: str


def read(name: str, cache: Path | None) -> list[Reading]:
    """The articles of a set, read; from the cache where they were read before."""
    kept = cache / f"{name.replace(' ', '-')}.pickle" if cache else None
    if kept and kept.exists():
        found: list[Reading] = pickle.loads(kept.read_bytes())
        return found
    rows = articles(name.split(maxsplit=1)[0])
    if name.startswith("neus"):
        rows = rows[:_NEUS]
    if name.endswith("titles"):
        rows = [{**row, "text": ""} for row in rows]
    if name.endswith("by time"):
        rows.sort(key=lambda row: str(row["published"]))
    readings = [_reading(number, row, now) for number, (row, now) in enumerate(_times(rows), start=1)]
    if kept:
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_bytes(pickle.dumps(readings))
    return readings


def _times(rows: Sequence[Mapping[str, Any]]) -> Iterator[tuple[Mapping[str, Any], datetime]]:
    now = _START
    for row in rows:
        now = max(now + timedelta(seconds=1), _published(row) or now)
        yield row, now


def _published(row: Mapping[str, Any]) -> datetime | None:
    return datetime.fromisoformat(row["published"]).astimezone(UTC) if row.get("published") else None


def _reading(number: int, row: Mapping[str, Any], now: datetime) -> Reading:
    title, text, hint = row["title"], row["text"], row.get("language")
    language = decide_language(title, text, hint=hint).code
    article = Article(
        id=number,
        feed_url="",
        key=str(number),
        url=row.get("url") or "",
        canonical_url=row.get("url") or "",
        title=title,
        text=text,
        author="",
        source=row.get("source") or "",
        language_hint=hint,
        language=language,
        published=_published(row),
        discovered=now,
        quiet=False,
        state=ArticleState.NEW,
        story=None,
    )
    return Reading(row, article, fingerprint(title, text), draft(title, text, language, gazetteer=gazetteer()))


def fold_of(story: str) -> int:
    """In which part of the cross-validation a story lies."""
    return zlib.crc32(story.encode()) % FOLDS


def run(
    readings: Sequence[Reading],
    weights: Sequence[Table],
    *,
    told: bool = False,
    see: Callable[[Reading, Placed, Mapping[int, str]], None] | None = None,
) -> dict[str, str]:
    """The story of each article, by one table or by those of the folds.

    ``told``: into their true stories, whatever was decided; ``see`` is shown each.

    It is shown whose story each of the stories made so far is: that of most of its articles.
    """
    index = MemoryIndex()
    found: dict[str, str] = {}
    true: dict[str, int] = {}
    parts: defaultdict[int, Counter[str]] = defaultdict(Counter)
    whose: dict[int, str] = {}
    for one in readings:
        placing.WEIGHTS = weights[fold_of(one.story) % len(weights)]
        placed = place(
            article=one.article,
            fingerprint=one.fingerprint,
            draft=one.draft,
            index=index,
            since=one.article.discovered - WINDOW,
        )
        if see:
            see(one, placed, whose)
        story = placed.verdict.story
        if told:
            story = true.setdefault(one.story, len(true) + 1)
        elif story is None:
            story = len(whose) + 1
        parts[story][one.story] += 1
        whose[story] = parts[story].most_common(1)[0][0]
        index.add(one.article, one.fingerprint, placed, story)
        found[str(one.row["id"])] = str(story)
    return found


def examples(name: str, readings: Sequence[Reading]) -> list[Example]:
    """What a pass over a set teaches."""
    made: list[Example] = []

    def see(one: Reading, placed: Placed, whose: Mapping[int, str]) -> None:
        rivals = 0
        for _, found in sorted(placed.compared, key=lambda pair: -_nearness(pair[1])):
            right = whose[found.story] == one.story
            rivals += not right
            if right or rivals <= _RIVALS:
                features = {feature: round(value, 4) for feature, value in found.features.items()}
                if not one.article.published:
                    # That nothing says when is doubted where it is judged; learnt from, it would be a law of two sets.
                    features["time"] = 1.0
                made.append(Example(str(one.row["id"]), found.kind, features, right, fold_of(one.story), name))

    run(readings, (placing.WEIGHTS,), told=True, see=see)
    return made


def _nearness(found: Likeness) -> float:
    return round(max(found.features["both"], found.features["signs"]), 4)


def gathered(sets: Mapping[str, Sequence[Reading]]) -> list[Example]:
    """What all sets teach: each article compared with the true stories of those before it."""
    with get_context("fork").Pool() as pool:
        return [one for found in pool.starmap(examples, sets.items()) for one in found]


def fit(made: Sequence[Example], shift: Mapping[str, float]) -> Table:
    """The weights that fit these examples."""
    of_kind = {kind: [one for one in made if one.kind == kind] for kind in KINDS}
    # A set alone may hold no article of some kind: that table stays as it is.
    now = placing.WEIGHTS
    return {kind: _fit_kind(found, shift.get(kind, 0.0)) if found else now[kind] for kind, found in of_kind.items()}


def _fit_kind(made: Sequence[Example], shift: float) -> dict[str, tuple[tuple[float, float], ...]]:
    """The lines of one table. They only rise (or, for what speaks against, fall): more agreement is never less."""
    names = sorted(made[0].features.keys() - LEFT_OUT)
    values = np.array([[one.features[name] for name in names] for one in made])
    right = np.array([1.0 if one.right else -1.0 for one in made])
    # And as if all had come at once, as in a day of many feeds: in the sets what is far apart in time is mostly wrong.
    dated = [one.features["time"] < 1 for one in made]
    at_once = values[dated].copy()
    at_once[:, names.index("time")] = 1.0
    sets = Counter(one.of_set for one in made)
    each = np.array([1000.0 / sets[one.of_set] for one in made]) ** 0.5
    values, right = np.concatenate([values, at_once]), np.concatenate([right, right[dated]])
    each = np.concatenate([each, each[dated]])
    ends: dict[str, list[float]] = {}
    columns = [np.ones(len(values))]
    for place_, name in enumerate(names):
        column = 1.0 - values[:, place_] if name.startswith("other") else values[:, place_]
        ends[name] = _points(name, column[(column > 0) & (column < 1)])
        columns += [np.clip((column - low) / (high - low), 0.0, 1.0) for low, high in pairwise(ends[name])]
    matrix = np.stack(columns, axis=1)
    limits = [MOST_OF_TIME if name == "time" else None for name in names for _ in ends[name][1:]]
    rises = _nonnegative(matrix, right, each, limits)
    table: dict[str, tuple[tuple[float, float], ...]] = {"": ()}
    start = float(rises[0]) - shift
    used = 1
    for name in names:
        steps = rises[used : used + len(ends[name]) - 1]
        used += len(steps)
        worth = [0.0, *(round(float(total), 2) for total in np.cumsum(steps))]
        if worth[-1] < LEAST_WORTH:
            continue
        line = list(zip(ends[name], worth, strict=True))
        if name.startswith("other"):
            # Learnt as the absence of what speaks against; shown as what its presence takes away.
            start += worth[-1]
            line = [(round(1.0 - x, 2), round(value - worth[-1], 2)) for x, value in reversed(line)]
        table[name] = tuple(line)
    table[""] = ((0.0, round(start, 2)),)
    return {**table, **GIVEN}


def _points(name: str, values: Any) -> list[float]:
    """Between which values of a feature its line is straight."""
    if name == "time":  # most sets lie at its upper end, each at a place of its own: that is no law
        inner = [0.1, 0.5, 0.75]
    else:
        inner = sorted({round(float(x), 2) for x in np.quantile(values, KNOTS)}) if len(values) > 200 else []
    return [0.0, *(point for point in inner if 0 < point < 1), 1.0]


def _nonnegative(matrix: Any, right: Any, each: Any, limits: Sequence[float | None]) -> Any:
    """Logistic regression whose weights, but for the first, are not negative, nor above their limits."""

    def loss(weights: Any) -> tuple[float, Any]:
        margins = right * (matrix @ weights)
        value = float((each * np.logaddexp(0.0, -margins)).sum()) + PENALTY * float((weights[1:] ** 2).sum())
        slope = -each * right / (1.0 + np.exp(np.clip(margins, -60, 60)))
        gradient = matrix.T @ slope
        gradient[1:] += 2 * PENALTY * weights[1:]
        return value, gradient

    start = np.zeros(matrix.shape[1])
    bounds = [(None, None), *((0.0, limit) for limit in limits)]
    return minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": 120}).x


_HEAD = '''"""What each feature of the same-story decision is worth, in logits: learnt, not written by hand.

Made by ``python -m bench.learn_stories`` from {examples:,} comparisons in {sets} labelled sets
({names}).
docs/accuracy.md tells how well it does.

A row is a feature (:mod:`monitor.stories.likeness`): its worth at some of its values, with straight lines between
them. The row "" is what every comparison begins with. The sum of a table's rows is the logit of the probability that
article and story tell the same event.
"""

from __future__ import annotations

__all__ = ["WEIGHTS", "Line"]

Line = tuple[tuple[float, float], ...]

# "texts": article and story have a text in the same language; "titles": at least one of them has only a title;
# "across": they are of different languages.
WEIGHTS: dict[str, dict[str, Line]] = '''


def write(table: Table, made: Sequence[Example], path: Path) -> None:
    """Write the module that the program reads its weights from."""
    head = _HEAD.format(examples=len(made), sets=len({one.of_set for one in made}), names=", ".join((*SETS, *TITLES)))
    path.write_text(head + pprint.pformat(table, width=110, sort_dicts=False) + "\n", encoding="utf-8")
    subprocess.run([sys.executable, "-m", "ruff", "format", "--quiet", str(path)], check=True)


def main(arguments: Sequence[str] | None = None) -> None:
    """Learn the weights of the same-story decision, and write them."""
    parser = argparse.ArgumentParser(prog="python -m bench.learn_stories", description=main.__doc__)
    parser.add_argument(
        "--validate",
        choices=("story", "set"),
        help="write nothing; report a cross-validation: each story, or each set, judged by weights learnt without it",
    )
    parser.add_argument("--cache", type=Path, help="a folder for the articles as they were read")
    parser.add_argument("--sets", nargs="+", default=(*SETS, *TITLES))
    parser.add_argument("--shift", nargs=3, type=float, default=SHIFT, help="doubt: for texts, titles, across (logits)")
    parser.add_argument("--keep", type=Path, help="a file to keep the examples in, or to take them from")
    parser.add_argument("--out", type=Path, default=ROOT / "monitor" / "stories" / "weights.py")
    parser.add_argument("--json", action="store_true", dest="as_json", help="print one JSON object")
    options = parser.parse_args(arguments)
    sets = {name: read(name, options.cache) for name in options.sets}
    shift = dict(zip(KINDS, options.shift, strict=True))
    if options.keep and options.keep.exists():
        made: list[Example] = pickle.loads(options.keep.read_bytes())
    else:
        made = gathered(sets)
    if options.keep:
        options.keep.write_bytes(pickle.dumps(made))
    if not options.validate:
        write(fit(made, shift), made, options.out)
        return
    table: list[Row] = []
    for name in [name for name in options.sets if not name.endswith("titles")]:
        base, _, order = name.partition(" ")
        others = [one for one in made if one.of_set.split()[0] != base]
        if options.validate == "set":
            weights = [fit(others, shift)]
        else:
            own = [one for one in made if one.of_set.split()[0] == base]
            weights = [fit([*others, *(one for one in own if one.fold != fold)], shift) for fold in range(FOLDS)]
        readings = sets[name]
        rows = rows_of(base, [one.row for one in readings], run(readings, weights))
        table += [{**row, "set": f"{row['set']} {order}".strip()} for row in rows]
    show("learn_stories", table, as_json=options.as_json)


SHIFT = (0.8, 0.1, 2.1)  # logits by which a comparison must be better than even: wrong joins cost more than missed ones

if __name__ == "__main__":
    main()
