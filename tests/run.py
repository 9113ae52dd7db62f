"""Runs all tests, and holds the pure packages to every branch: ``python -m tests.run [pytest arguments]``.

Coverage is measured where tests call the pure packages themselves. The rest runs unmeasured, in a fraction of the time: what an
acceptance test passes through on its way says little of what it holds.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PURE = ["monitor/text/*", "monitor/rules/*", "monitor/feeds/*", "monitor/stories/*", "monitor/alerts/*"]
PURE += ["monitor/config/wikidata.py", "monitor/config/draft.py", "monitor/config/quoting.py"]
MEASURED = ["tests/text", "tests/rules", "tests/feeds", "tests/stories", "tests/alerts", "tests/config"]
MEASURED += ["tests/app/test_backtest_narrowing.py"]


def main() -> int:
    """Run pytest in as many processes as there are cores: what is measured, the coverage of it, and all the rest."""
    pytest = ["pytest", "-n", str(min(4, os.cpu_count() or 1))]
    if sys.argv[1:]:
        return python(*pytest, *sys.argv[1:])
    (ROOT / ".coverage").mkdir(exist_ok=True)
    steps = [
        ["coverage", "erase"],
        ["coverage", "run", "-m", *pytest, *MEASURED],
        ["coverage", "combine", "-q"],
        ["coverage", "report", "--include", ",".join(PURE), "--fail-under=100"],
        [*pytest, *(f"--ignore={folder}" for folder in MEASURED)],
    ]
    return max([python(*step, COVERAGE_PROCESS_START=str(ROOT / "pyproject.toml")) for step in steps])


def python(*module: str, **env: str) -> int:
    """The exit status of a module that is run in the project's root."""
    return subprocess.run([sys.executable, "-m", *module], cwd=ROOT, env=os.environ | env, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
