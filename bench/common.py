"""What the benchmarks share: the machine's name, rows as a table or as JSON, the corpora."""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

Row = dict[str, Any]
ROOT = Path(__file__).resolve().parent.parent


def corpus() -> Path:
    """The folder of the corpora: MONITOR_CORPUS, or ``shared`` beside the checkout."""
    place = Path(os.environ.get("MONITOR_CORPUS") or ROOT.parent / "shared")
    if not (place / "corpus").is_dir():
        sys.exit(f"the recorded feeds are not in {place}; name their folder with MONITOR_CORPUS")
    return place


def main(name: str, run: Callable[[bool], Sequence[Row]]) -> None:
    """Read ``--quick`` and ``--json``, run, print."""
    parser = argparse.ArgumentParser(prog=f"python -m bench.{name}", description=run.__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer repetitions, rougher figures")
    parser.add_argument("--json", action="store_true", dest="as_json", help="print one JSON object")
    options = parser.parse_args()
    show(name, run(options.quick), as_json=options.as_json)


def show(name: str, rows: Sequence[Row], *, as_json: bool) -> None:
    """Print rows as a table, or as one JSON object."""
    if as_json:
        print(json.dumps({"bench": name, "cpu": cpu(), "python": platform.python_version(), "rows": list(rows)}))
        return
    print(f"{name}: {cpu()}, Python {platform.python_version()}")
    columns = list(dict.fromkeys(column for row in rows for column in row))
    cells = [columns, *([_cell(row.get(column, "")) for column in columns] for row in rows)]
    widths = [max(len(line[n]) for line in cells) for n in range(len(columns))]
    for line in cells:
        print("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


def cpu() -> str:
    """The processor's name and the number of cores."""
    info = Path("/proc/cpuinfo")
    names = info.read_text().splitlines() if info.exists() else []
    model = next(
        (line.partition(":")[2].strip() for line in names if line.startswith("model name")), platform.machine()
    )
    return f"{model}, {os.cpu_count()} cores"


def _cell(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.3g}" if value < 100 else f"{value:,.0f}"
    return str(value)
