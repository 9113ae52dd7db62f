"""Polling, side by side: feeds a second, CPU and memory of ours, lemon24's reader, and a bare requests loop.

A local server (a process of its own, whose work is not counted) has feeds of 30 entries, written for this. Four
passes over all of them: the first; unchanged, answered 304; unchanged, whole (the server has no validators); 5 %
changed (one new entry), the rest 304. Each program runs as a process of its own and is measured with all its
children, from its first request on: imports and the making of the config are left out, for they are paid once. Ours
is timed without the judging of articles, which the others don't do, and with one watch: the starter's rules take
memory of their own. A program that is not installed is named and left out; those that are commands start anew for
each pass, so that each of their figures holds a whole start. ``BENCH_READER_PYTHON`` names the Python of an environment
that has lemon24's reader; ``BENCH_POLL_FEEDS`` and ``BENCH_POLL_PROGRAMS`` choose other numbers of feeds and some of
the programs.
"""

from __future__ import annotations

import contextlib
import importlib.util
import json
import os
import resource
import selectors
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from email.utils import formatdate
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.common import ROOT, Row, main

ENTRIES = 30
PASSES = ("first", "unchanged, 304", "unchanged, whole", "5 % changed")
_WORDS = """
river minister harbour council delta border summit harvest railway quarry vaccine tariff ferry glacier parliament
embassy reservoir festival corridor signal archive orchard customs outpost
"""
WORDS = tuple(_WORDS.split())


# --- the server ---


def document(feed: int, version: int) -> bytes:
    """A feed of 30 entries as publishing systems write them: a summary, the text in HTML, an author, subjects.

    1,600 bytes an entry, as many as the recorded news feeds have in the middle. A later version has as many new
    entries on top.
    """
    items = []
    for number in range(version + ENTRIES - 1, version - 1, -1):
        words = [WORDS[(feed * 7 + number * 3 + place * 5) % len(WORDS)] for place in range(110)]
        link = f"https://f{feed}.example/{number}"
        paragraphs = [" ".join(words[start : start + 25]) for start in range(0, 100, 25)]
        text = "".join(
            f'<p>{words_} <a href="{link}?p={place}">{words[place]}</a> <em>{words[-1]}</em>.</p>\n'
            for place, words_ in enumerate(paragraphs)
        )
        date = formatdate(1_792_000_000 + number * 3600, usegmt=True)
        items.append(
            f"<item><title>{' '.join(words[:8])} {number}</title><link>{link}</link>"
            f"<dc:creator><![CDATA[A. {words[0].title()}]]></dc:creator><pubDate>{date}</pubDate>"
            f"<category>{words[1]}</category><category>{words[2]}</category>"
            f'<guid isPermaLink="false">f{feed}-{number}</guid>'
            f"<description><![CDATA[{paragraphs[0]} &#8230;]]></description>"
            f'<content:encoded><![CDATA[<img src="{link}.jpg" alt=""/>{text}]]></content:encoded></item>'
        )
    spaces = 'xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/"'
    head = f'<?xml version="1.0" encoding="utf-8"?><rss version="2.0" {spaces}><channel><title>Feed {feed}</title>'
    return f"{head}<link>https://f{feed}.example/</link>{''.join(items)}</channel></rss>".encode()


def serve(ready: int) -> None:
    """Answer on a free port until standard input closes; ``/state/NAME`` chooses what the feeds do."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=512)
    listener.setblocking(False)
    os.write(ready, f"{listener.getsockname()[1]}\n".encode())
    os.close(ready)
    selector = selectors.DefaultSelector()
    selector.register(listener, selectors.EVENT_READ)
    selector.register(sys.stdin, selectors.EVENT_READ)
    state = "first"
    waiting: dict[socket.socket, bytes] = {}
    while True:
        for key, _ in selector.select():
            if key.fileobj is sys.stdin:
                return
            if key.fileobj is listener:
                with contextlib.suppress(BlockingIOError):
                    sock, _ = listener.accept()
                    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                    waiting[sock] = b""
                    selector.register(sock, selectors.EVENT_READ)
                continue
            sock = key.fileobj
            assert isinstance(sock, socket.socket)
            try:
                data = sock.recv(65_536)
            except OSError:
                data = b""
            head = waiting[sock] + data
            if data and b"\r\n\r\n" not in head:
                waiting[sock] = head
                continue
            keep = False
            if data:
                state, answer, keep = _answer(head, state)
                waiting[sock] = b""
                with contextlib.suppress(OSError):
                    sock.setblocking(True)
                    sock.sendall(answer)
                    sock.setblocking(False)
            if not keep:
                selector.unregister(sock)
                del waiting[sock]
                sock.close()


def _answer(head: bytes, state: str) -> tuple[str, bytes, bool]:
    path = head.split(b" ", 2)[1].decode()
    lower = head.lower()
    keep = b"connection: close" not in lower
    connection = b"" if keep else b"Connection: close\r\n"
    if path.startswith("/state/"):
        return path[7:], b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n" + connection + b"\r\n", keep
    feed = int(path[2:])
    version = int(state == "changed" and feed % 20 == 0)
    tag = f'"{feed}-{version}"'.encode()
    if state != "whole" and b"if-none-match: " + tag in lower:
        return state, b"HTTP/1.1 304 Not Modified\r\nETag: " + tag + b"\r\n" + connection + b"\r\n", keep
    body = document(feed, version)
    validator = b"" if state == "whole" else b"ETag: " + tag + b"\r\n"
    length = f"Content-Type: application/rss+xml\r\nContent-Length: {len(body)}\r\n".encode()
    return state, b"HTTP/1.1 200 OK\r\n" + length + validator + connection + b"\r\n" + body, keep


@contextlib.contextmanager
def served() -> Iterator[int]:
    """The server's port."""
    read, write = os.pipe()
    command = [sys.executable, "-m", "bench.poll", "--serve", str(write)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, pass_fds=[write], cwd=ROOT)
    os.close(write)
    try:
        with os.fdopen(read) as lines:
            yield int(lines.readline())
    finally:
        assert process.stdin is not None
        process.stdin.close()
        process.wait(10)


# --- the programs ---


def poll_ours(urls: Sequence[str], place: Path, *, starter: bool = False) -> Callable[[], None]:
    """Our poller with the service's threads, parser processes and database; the judge left out."""
    from monitor.app import Parts, plan_of, read_config  # noqa: PLC0415 - each program imports its own
    from monitor.app.collection import settle  # noqa: PLC0415
    from monitor.app.passes import poll_feeds  # noqa: PLC0415
    from monitor.clock import SystemClock  # noqa: PLC0415
    from monitor.logs import configure_logs  # noqa: PLC0415

    configure_logs("json", "error")
    config = place / "config"
    if starter:
        shutil.copytree(ROOT / "monitor" / "starter", config)
    else:
        config.mkdir()
        (config / "watches.toml").write_text('[[watch]]\nname = "Flood"\nany = ["flood"]\n')
        (config / "channels.toml").write_text("")
    lines = "".join(f'[[feed]]\nurl = "{url}"\nallow_private = true\n' for url in urls)
    (config / "feeds.toml").write_text(lines)
    (config / "monitor.toml").write_text("per_host = 8\n")
    loaded = read_config(config, os.environ)
    clock = SystemClock()
    plan = plan_of(loaded)
    parts = Parts.make(loaded, place / "state", clock=clock, out=sys.stderr)
    parts.store.sync_feeds(tuple(plan.feeds.values()), clock.now())
    # The reading processes load what they need, as the other programs have loaded theirs.
    parts.parser.parse(document(0, 0), content_type="", url=urls[0])
    settle()  # as the service does at its start

    def look() -> None:
        outcomes = poll_feeds(parts, plan, urls, clock=clock, advance=lambda: None)
        assert len(outcomes) == len(urls)
        assert not any(outcome.fault for outcome in outcomes), [one for one in outcomes if one.fault][:3]

    return look


def poll_with_starter(urls: Sequence[str], place: Path) -> Callable[[], None]:
    """The same with the starter's rules and its library of concepts in memory."""
    return poll_ours(urls, place, starter=True)


def poll_reader(urls: Sequence[str], place: Path) -> Callable[[], None]:
    """lemon24's reader, by its own threads."""
    from reader import make_reader  # noqa: PLC0415

    reader = make_reader(str(place / "reader.sqlite"))
    for url in urls:
        reader.add_feed(url, allow_invalid_url=True)
    return lambda: [None for _ in reader.update_feeds_iter(workers=8, scheduled=False)] and None


def poll_requests(urls: Sequence[str], place: Path) -> Callable[[], None]:  # noqa: ARG001 - keeps nothing
    """A loop over requests: one session, validators kept, nothing parsed and nothing stored."""
    import requests  # noqa: PLC0415

    session = requests.Session()
    tags: dict[str, str] = {}

    def look() -> None:
        for url in urls:
            answer = session.get(url, headers={"If-None-Match": tags[url]} if url in tags else {}, timeout=60)
            assert answer.status_code in {200, 304}
            tags[url] = answer.headers.get("ETag", tags.get(url, ""))

    return look


def poll_newsboat(urls: Sequence[str], place: Path) -> Callable[[], None]:
    """Newsboat with eight threads; the command starts anew for each pass."""
    (place / "urls").write_text("\n".join(urls))
    (place / "settings").write_text("reload-threads 8\nreload-only-visible-feeds no\n")
    files = ["-u", str(place / "urls"), "-c", str(place / "cache.db"), "-C", str(place / "settings")]
    return lambda: _command("newsboat", *files, "-x", "reload", home=place)


def poll_rss2email(urls: Sequence[str], place: Path) -> Callable[[], None]:
    """Rss2email, one feed after the other, without sending mails; the command starts anew for each pass."""
    feeds = "".join(f"[feed.f{number}]\nurl = {url}\n" for number, url in enumerate(urls))
    (place / "settings").write_text("[DEFAULT]\nfrom = a@example.org\nto = a@example.org\n" + feeds)
    files = ["-c", str(place / "settings"), "-d", str(place / "data.json")]
    return lambda: _command("r2e", *files, "run", "--no-send", home=place)


def poll_feed2exec(urls: Sequence[str], place: Path) -> Callable[[], None]:
    """Feed2exec with two processes, its plugins doing nothing; the command starts anew for each pass."""
    feeds = "".join(f"[f{number}]\nurl = {url}\noutput = feed2exec.plugins.null\n" for number, url in enumerate(urls))
    (place / "settings").write_text(feeds)
    files = ["--config", str(place / "settings"), "--database", str(place / "data.db")]
    return lambda: _command("feed2exec", *files, "fetch", "-j", "2", home=place)


def _command(*words: str, home: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    subprocess.run(
        words,
        check=True,
        env={**environment, "HOME": str(home), "LC_ALL": "C.UTF-8"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


PROGRAMS = {
    "ours": poll_ours,
    "ours with the starter": poll_with_starter,
    "reader": poll_reader,
    "newsboat": poll_newsboat,
    "rss2email": poll_rss2email,
    "feed2exec": poll_feed2exec,
    "requests loop": poll_requests,
}
COMMANDS = {"newsboat": "newsboat", "rss2email": "r2e", "feed2exec": "feed2exec"}


def measure(program: str, port: int, count: int, interpreter: str) -> dict[str, dict[str, float]]:
    """The passes of one program, in a process of its own."""
    with TemporaryDirectory() as place:
        command = [interpreter, "-m", "bench.poll", "--program", program, str(port), str(count), place]
        done = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, env={**os.environ})
    found: dict[str, dict[str, float]] = json.loads(done.stdout)
    return found


def run_program(program: str, port: int, count: int, place: Path) -> dict[str, dict[str, float]]:
    """Make the program ready, then time each pass: seconds, CPU seconds with all children, peak memory in MB."""
    urls = [f"http://127.0.0.1:{port}/f{number}" for number in range(count)]
    look = PROGRAMS[program](urls, place)
    found = {}
    watch = _Memory()
    for name, state in zip(PASSES, ("first", "first", "whole", "changed"), strict=True):
        _say_state(port, state)
        watch.peak = 0.0
        cpu, start = _cpu(), time.perf_counter()
        look()
        found[name] = {"seconds": time.perf_counter() - start, "cpu": _cpu() - cpu, "memory": watch.peak}
        if state == "whole":  # what was forgotten there is fetched again, out of the count
            _say_state(port, "first")
            look()
    return found


def _say_state(port: int, state: str) -> None:
    with socket.create_connection(("127.0.0.1", port)) as sock:
        sock.sendall(f"GET /state/{state} HTTP/1.1\r\nConnection: close\r\n\r\n".encode())
        while sock.recv(1000):
            pass


def _family() -> list[int]:
    """This process and all that descend from it."""
    parents: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            fields = stat.read_text().rpartition(")")[2].split()
            parents.setdefault(int(fields[1]), []).append(int(stat.parent.name))
    family, waiting = [], [os.getpid()]
    while waiting:
        family.append(waiting.pop())
        waiting.extend(parents.get(family[-1], []))
    return family


def _cpu() -> float:
    """CPU seconds of this process, its living descendants, and those that have ended."""
    ticks = os.sysconf("SC_CLK_TCK")
    total = 0.0
    for process in _family():
        with contextlib.suppress(OSError):
            fields = (Path("/proc") / str(process) / "stat").read_text().rpartition(")")[2].split()
            total += sum(map(int, fields[11:15])) / ticks
    return total


class _Memory:
    """Looks at the memory of the whole family twice a second: the sum of what each has for itself, and shared once."""

    def __init__(self) -> None:
        self.peak = 0.0
        threading.Thread(target=self._watch, daemon=True).start()

    def _watch(self) -> None:
        while True:
            total = 0.0
            for process in _family():
                with contextlib.suppress(OSError, IndexError):
                    lines = (Path("/proc") / str(process) / "smaps_rollup").read_text().splitlines()
                    total += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1000
            self.peak = max(self.peak, total)
            threading.Event().wait(0.5)


def run(quick: bool) -> Sequence[Row]:
    """Feeds a second, CPU a feed in milliseconds, peak memory of all its processes."""
    interpreter = os.environ.get("BENCH_READER_PYTHON", sys.executable)
    has_reader = importlib.util.find_spec("reader") is not None or interpreter != sys.executable
    rows: list[Row] = []
    wanted = os.environ.get("BENCH_POLL_FEEDS", "200" if quick else "1000,5000")
    programs = os.environ.get("BENCH_POLL_PROGRAMS", ",".join(PROGRAMS)).split(",")
    for count in map(int, wanted.split(",")):
        for program in programs:
            missing = program in COMMANDS and shutil.which(COMMANDS[program]) is None
            if missing or (program == "reader" and not has_reader):
                rows.append({"feeds": count, "program": program, "pass": "not installed: left out"})
                continue
            with served() as port:
                found = measure(program, port, count, interpreter if program == "reader" else sys.executable)
            rows.extend(
                {
                    "feeds": count,
                    "program": program,
                    "pass": name,
                    "feeds/s": count / values["seconds"],
                    "CPU ms a feed": values["cpu"] / count * 1000,
                    "memory MB": values["memory"],
                }
                for name, values in found.items()
            )
    return rows


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_NOFILE, (4096, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
    if sys.argv[1:2] == ["--serve"]:
        serve(int(sys.argv[2]))
    elif sys.argv[1:2] == ["--program"]:
        print(json.dumps(run_program(sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), Path(sys.argv[5]))))
    else:
        main("poll", run)
