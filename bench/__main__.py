"""Run every benchmark, quick, one after another."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

if __name__ == "__main__":
    names = sorted(path.stem for path in Path(__file__).parent.glob("[a-z]*.py") if path.stem != "common")
    for name in names:
        subprocess.run([sys.executable, "-m", f"bench.{name}", *(sys.argv[1:] or ["--quick"])], check=True)
        print(flush=True)
