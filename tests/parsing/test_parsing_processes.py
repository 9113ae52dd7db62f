"""Reading in killable processes: the limits hold, the next feed is read, and no process is left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import evil_reads  # workers get pytest's path, with this folder in it
import pytest

from monitor.model import FetchFailed, FetchFault, ParsedFeed, Settings
from monitor.parsing import ProcessParser

URL = "https://example.org/feed"


def parser_with(*, seconds: float = 20, processes: int = 1, memory: int = 1 << 30) -> ProcessParser:
    settings = Settings(parse_processes=processes, parse_deadline=timedelta(seconds=seconds), max_entries=7)
    return ProcessParser(settings, read=evil_reads.read, memory=memory)


@pytest.fixture(scope="module")
def parser() -> Iterator[ProcessParser]:
    made = parser_with()
    yield made
    made.close()


def parse(parser: ProcessParser, body: str) -> ParsedFeed | FetchFailed:
    return parser.parse(body.encode(), content_type="text/xml", url=URL)


def title(parser: ProcessParser, body: str) -> str:
    got = parse(parser, body)
    assert isinstance(got, ParsedFeed), got
    return got.title


def until(condition: Callable[[], bool], seconds: float = 10) -> bool:
    end = time.monotonic() + seconds
    waiting = threading.Event()
    while not condition():
        if time.monotonic() > end:
            return False
        waiting.wait(0.02)
    return True


def alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


def test_a_feed_is_read_with_all_that_is_known_of_it(parser: ProcessParser) -> None:
    """The body, its type, its URL and the cap on entries reach the reader; the feed comes back whole."""
    assert parse(parser, "echo hello") == evil_reads.parsed(f"hello|text/xml|{URL}|7")


def test_it_is_another_process(parser: ProcessParser) -> None:
    """Feeds are read outside the service's process."""
    assert title(parser, "pid") != str(os.getpid())


def test_the_service_itself_is_not_loaded_into_workers(tmp_path: Path) -> None:
    """A worker does not run the main module of its parent, which would load the whole service into it."""
    script = tmp_path / "service.py"
    script.write_text(
        f"import sys; sys.path[:0] = [{str(Path(__file__).parent)!r}]\n"
        "print('main runs', flush=True)\n"
        "import evil_reads\n"
        "from monitor.model import Settings\n"
        "from monitor.parsing import ProcessParser\n"
        "if __name__ == '__main__':\n"
        "    parser = ProcessParser(Settings(parse_processes=2), read=evil_reads.read)\n"
        "    print(parser.parse(b'echo read', content_type='', url='u').title)\n"
        "    parser.close()\n"
    )
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.splitlines() == ["main runs", "read||u|5000"]
    assert done.stderr == ""


def test_what_is_no_feed_says_what_it_is(parser: ProcessParser) -> None:
    """A ParseError's words become the failure's."""
    assert parse(parser, "none") == FetchFailed(
        url=URL, fault=FetchFault.NOT_A_FEED, detail="this is a web page, not a feed"
    )


def test_an_unforeseen_error_concerns_one_feed(parser: ProcessParser) -> None:
    """A fault of the reader that a body provokes is that feed's failure, told without the body's words."""
    got = parse(parser, "bug <script>")
    assert isinstance(got, FetchFailed)
    assert got.fault is FetchFault.NOT_A_FEED
    assert got.detail == "this can't be read as a feed (KeyError)"
    assert title(parser, "echo next").startswith("next|")


@pytest.mark.parametrize("body", ["odd", "odder"])
def test_an_error_that_can_not_travel_is_told_by_another(parser: ProcessParser, body: str) -> None:
    """It neither reaches whoever asked as an error of asking, nor brings its worker down."""
    before = title(parser, "pid")
    got = parse(parser, body)
    assert isinstance(got, FetchFailed)
    assert (got.fault, got.detail) == (FetchFault.NOT_A_FEED, "this can't be read as a feed (RuntimeError)")
    assert title(parser, "pid") == before


@pytest.mark.parametrize("body", ["spin", "stuck"])
def test_one_that_takes_too_long_is_killed(body: str) -> None:
    """At the deadline the worker is killed, in C code too, and the next feed is read."""
    parser = parser_with(seconds=0.4)
    try:
        assert parse(parser, body) == FetchFailed(
            url=URL, fault=FetchFault.PARSE_DEADLINE, detail="reading this feed took longer than 0.4 s"
        )
        assert title(parser, "echo next").startswith("next|")
    finally:
        parser.close()


def test_one_that_needs_too_much_memory_is_stopped() -> None:
    """The memory limit holds, and the next feed is read."""
    parser = parser_with(memory=400_000_000)
    try:
        assert parse(parser, "eat") == FetchFailed(
            url=URL, fault=FetchFault.PARSE_DEADLINE, detail="reading this feed needs more memory than it may have"
        )
        assert title(parser, "echo next").startswith("next|")
    finally:
        parser.close()


def test_one_that_brings_its_process_down_is_told(parser: ProcessParser) -> None:
    """A crash of the worker is that feed's failure; the next feed is read by a new one."""
    before = title(parser, "pid")
    got = parse(parser, "die")
    assert isinstance(got, FetchFailed)
    assert (got.fault, got.detail) == (FetchFault.PARSE_DEADLINE, "reading this feed brought its process down")
    assert title(parser, "pid") != before


def test_killed_idle_workers_are_replaced(parser: ProcessParser) -> None:
    """A worker killed from outside between two feeds costs neither of them."""
    before = int(title(parser, "pid"))
    os.kill(before, signal.SIGKILL)
    assert until(lambda: not alive(before))
    assert title(parser, "echo still here").startswith("still here|")


def test_workers_leave_ctrl_c_to_the_service(parser: ProcessParser) -> None:
    """SIGINT is ignored; SIGTERM ends a worker at once, whatever it is in."""
    assert title(parser, "signals") == f"{int(signal.SIG_IGN)},{int(signal.SIG_DFL)}"


def test_feeds_are_read_side_by_side() -> None:
    """One long feed does not keep a short one waiting while a worker is free."""
    parser = parser_with(seconds=3, processes=2)
    long: list[object] = []
    try:
        title(parser, "echo warm")
        thread = threading.Thread(target=lambda: long.append(parse(parser, "spin")))
        thread.start()
        assert title(parser, "echo short").startswith("short|")
        assert not long
    finally:
        parser.close()
    thread.join(5)
    assert isinstance(long[0], FetchFailed)


def nested(depth: int) -> bytes:
    return b"<rss><channel><title>x</title><item><description>" + b"<b>" * depth + b"</description></item>"


def laughs() -> bytes:
    entities = b'<!ENTITY e0 "ha">' + b"".join(
        b'<!ENTITY e%d "%b">' % (level, b"&e%d;" % (level - 1) * 10) for level in range(1, 10)
    )
    return b"<!DOCTYPE rss [" + entities + b"]><rss><channel><title>&e9;</title></channel></rss>"


@pytest.mark.parametrize("body", [nested(200_000), laughs()], ids=["nested tags", "billion laughs"])
def test_evil_feeds_harm_no_other(body: bytes) -> None:
    """With the real reader, a feed made to exhaust it ends within the deadline, and the next feed is read."""
    parser = ProcessParser(Settings(parse_processes=1, parse_deadline=timedelta(seconds=2)))
    started = time.monotonic()
    try:
        got = parser.parse(body, content_type="application/rss+xml", url=URL)
        assert time.monotonic() - started < 10
        assert isinstance(got, (ParsedFeed, FetchFailed))
        good = b"<rss version='2.0'><channel><title>Fine</title><item><title>One</title></item></channel></rss>"
        feed = parser.parse(good, content_type="application/rss+xml", url=URL)
        assert isinstance(feed, ParsedFeed), feed
        assert (feed.title, [entry.title for entry in feed.entries]) == ("Fine", ["One"])
    finally:
        parser.close()


def test_nothing_starts_before_the_first_feed() -> None:
    """Making and closing a parser starts no process."""
    program = """
import multiprocessing.forkserver
from monitor.model import Settings
from monitor.parsing import ProcessParser
ProcessParser(Settings()).close()
print(multiprocessing.forkserver._forkserver._forkserver_pid)
"""
    command = [sys.executable, "-c", program]
    assert subprocess.run(command, capture_output=True, timeout=60, check=True).stdout == b"None\n"


def test_close_ends_workers_at_once_and_what_waits_for_them() -> None:
    """A worker that is stuck ends with close, long before its deadline; its caller gets a failure, later ones too."""
    parser = parser_with(seconds=60)
    pid = int(title(parser, "pid"))
    got: list[ParsedFeed | FetchFailed] = []
    thread = threading.Thread(target=lambda: got.append(parse(parser, "stuck")))
    thread.start()
    assert until(lambda: _cpu(pid) > 0.1)
    started = time.monotonic()
    parser.close()
    thread.join(5)
    assert time.monotonic() - started < 5
    assert not alive(pid)
    assert isinstance(got[0], FetchFailed)
    assert got[0].detail == "the processes that read feeds ended before they were done"
    assert isinstance(parse(parser, "echo late"), FetchFailed)


def test_a_server_that_is_gone_is_replaced() -> None:
    """When the process that forks the workers was killed, with all of them, the next feed is read by new ones."""
    parser = parser_with()
    try:
        worker = int(title(parser, "pid"))
        server = _parent(worker)
        os.kill(server, signal.SIGKILL)
        os.kill(worker, signal.SIGKILL)
        assert until(lambda: not alive(server) and not alive(worker))
        assert title(parser, "echo again").startswith("again|")
    finally:
        parser.close()


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="reads /proc")
def test_no_worker_outlives_a_killed_service(tmp_path: Path) -> None:
    """After SIGKILL of the service, a worker that is stuck in C code, and the server that forked it, are gone."""
    program = (
        "import sys, threading\n"
        f"sys.path[:0] = [{str(Path(__file__).parent)!r}]\n"
        "import evil_reads\n"
        "from monitor.model import Settings\n"
        "from monitor.parsing import ProcessParser\n"
        "parser = ProcessParser(Settings(parse_processes=1), read=evil_reads.read)\n"
        "print(parser.parse(b'pid', content_type='', url='').title, flush=True)\n"
        "parser.parse(b'stuck', content_type='', url='')\n"
    )
    service = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, cwd=tmp_path)
    assert service.stdout is not None
    with service.stdout as out:
        worker = int(out.readline())
        family = [worker, *_children(service.pid)]
        assert len(family) >= 3  # the worker, the server that forks, the keeper of semaphores
        assert until(lambda: _cpu(worker) > 0.2)
        service.kill()
        service.wait(10)
    until(lambda: not any(alive(pid) for pid in family))
    left = [pid for pid in family if alive(pid)]
    for pid in left:
        os.kill(pid, signal.SIGKILL)
    assert not left


def _cpu(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _parent(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def _children(pid: int) -> list[int]:
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(fields[1]) == pid:
            found.append(int(stat.parent.name))
    return found
