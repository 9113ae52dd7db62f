"""The real program started in no time, for tests that kill it hundreds of times.

A process of its own has the whole program loaded and does no work; for each order it forks, and the fork becomes
``monitor`` with the arguments of the order. So a start costs what the program does and not what Python's imports cost.
The fork can be told to kill itself at its Nth call to the database, or to let that call fail.
"""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from program import environment


class Started:
    """One process of the program; ``over`` is set when it has ended, and ``status`` then says how."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.over = threading.Event()
        self.status = 0

    def kill(self, by: signal.Signals = signal.SIGKILL) -> None:
        """Without warning, or asked to end. Not after its end was told: its number may be another's by then."""
        if not self.over.is_set():
            os.kill(self.pid, by)


class Starter:
    """Starts the program, one process at a time."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self.last: Started | None = None

    def start(
        self, arguments: Sequence[str | Path], log: Path, *, at_call: int | None = None, dies: bool = True
    ) -> Started:
        """Start it, its output at the end of ``log``; at that call to the database it kills itself, or the call fails."""
        order = {"arguments": [*map(str, arguments)], "log": str(log), "at_call": at_call, "dies": dies}
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        self.last = started = Started(self._answer())
        threading.Thread(target=self._wait, args=(started,), daemon=True).start()
        return started

    def _wait(self, started: Started) -> None:
        started.status = self._answer()
        started.over.set()

    def _answer(self) -> int:
        assert self._process.stdout is not None
        return int(self._process.stdout.readline())


@contextmanager
def starter(config: Path) -> Iterator[Starter]:
    """A process that starts others; it has seen ``config``, so that what is made once for each process is made."""
    with subprocess.Popen(
        [sys.executable, __file__, str(config)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=environment(),
    ) as process:
        starts = Starter(process)
        try:
            yield starts
        finally:
            if starts.last is not None:
                starts.last.kill()
                starts.last.over.wait(10)
            process.kill()


# --- in the process that starts others ---


def _serve(config: Path) -> None:
    from monitor.app import plan_of, read_config  # noqa: PLC0415 - loaded here, and not by the tests that order
    from monitor.cli import main  # noqa: PLC0415
    from monitor.text import decide_language  # noqa: PLC0415

    plan_of(read_config(config, os.environ))
    decide_language("Flood", "The river rose.", hint=None)
    for line in sys.stdin:
        order = json.loads(line)
        pid = os.fork()
        if not pid:
            _become(order, main)
        print(pid, flush=True)  # noqa: T201 - the test waits for it
        print(os.waitpid(pid, 0)[1], flush=True)  # noqa: T201


def _become(order: dict, main: Callable[[], None]) -> None:
    """Turn this fork into the program."""
    nothing = os.open(os.devnull, os.O_RDWR)
    log = os.open(order["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    for end, number in ((nothing, 0), (log, 1), (log, 2)):
        os.dup2(end, number)
    sys.argv = ["monitor", *order["arguments"]]
    if (at := order["at_call"]) is not None:
        _strike_at(at, dies=order["dies"])
    code = 0
    try:
        main()
    except SystemExit as ended:
        code = int(ended.code or 0)
    finally:
        os._exit(code)


def _strike_at(number: int, *, dies: bool) -> None:
    from failing import Count, broken_disk, calling  # noqa: PLC0415 - only where it is asked for

    count = Count(number)

    def call(run: Callable[[], sqlite3.Cursor], _statement: str) -> sqlite3.Cursor:
        if count.strikes():
            if not dies:
                raise broken_disk()
            os.kill(os.getpid(), signal.SIGKILL)
        return run()

    sqlite3.connect = partial(sqlite3.connect, factory=calling(call))  # type: ignore[assignment]


if __name__ == "__main__":
    _serve(Path(sys.argv[1]))
