"""Runs all tests with coverage and holds the pure packages to every branch: ``python -m tests.run [pytest arguments]``."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PURE = ["monitor/text/*", "monitor/rules/*", "monitor/feeds/*", "monitor/stories/*", "monitor/alerts/*"]
PURE += ["monitor/config/wikidata.py", "monitor/config/draft.py", "monitor/config/quoting.py"]


def main() -> int:
    """Run pytest in as many processes as there are cores, then report the coverage."""
    workers = str(min(4, os.cpu_count() or 1))
    coverage = [sys.executable, "-m", "coverage"]
    (ROOT / ".coverage").mkdir(exist_ok=True)
    subprocess.run([*coverage, "erase"], cwd=ROOT, check=True)
    env = os.environ | {"COVERAGE_PROCESS_START": str(ROOT / "pyproject.toml")}
    tests = subprocess.run(
        [*coverage, "run", "-m", "pytest", "-n", workers, *sys.argv[1:]], cwd=ROOT, env=env, check=False
    )
    if tests.returncode or sys.argv[1:]:
        return tests.returncode
    subprocess.run([*coverage, "combine", "-q"], cwd=ROOT, check=True)
    subprocess.run([*coverage, "report", "--sort=cover"], cwd=ROOT, check=True)
    pure = [*coverage, "report", "--include", ",".join(PURE), "--fail-under=100"]
    return subprocess.run(pure, cwd=ROOT, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
