"""The peers: each takes the rules that it can express, and says how many those were."""

from __future__ import annotations

import contextlib
import os
import pwd
import re
import shutil
import sqlite3
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.matching.material import Text

_TOKEN = re.compile(r'"[^"]*"|\(|\)|[^\s()"]+')
_OPERATORS = {"AND", "OR", "NOT"}


@dataclass(frozen=True, slots=True)
class Measured:
    """Seconds of CPU for so many articles against so many rules, the pairs that met, seconds to take the rules in."""

    rules: int
    articles: int
    seconds: float
    matches: int
    taken_in: float = 0.0


class Missing(Exception):
    """The peer is not installed here; its text says what to install."""


# --- SQLite FTS5: the articles are indexed as a batch, and every rule is asked of them ---


def sqlite_fts5(queries: Sequence[str], texts: Sequence[Text]) -> Measured:
    """Articles in batches, for an index over one article at a time is far slower."""
    asked = [_fts5(query) for query in queries]
    base = sqlite3.connect(":memory:")
    start = time.process_time()
    base.execute("CREATE VIRTUAL TABLE article USING fts5(text, tokenize='porter unicode61')")
    base.executemany("INSERT INTO article VALUES (?)", ((f"{text.title}\n{text.body}",) for text in texts))
    matches = sum(
        base.execute("SELECT count(*) FROM article WHERE article MATCH ?", (one,)).fetchone()[0] for one in asked
    )
    return Measured(len(asked), len(texts), time.process_time() - start, matches)


def _fts5(query: str) -> str:
    return _translated(
        query, lambda word: word if word.startswith('"') else f'"{word.rstrip("*")}"{"*" * word.endswith("*")}'
    ).replace("AND NOT", "NOT")


# --- tantivy: the same, in Rust ---


def tantivy(queries: Sequence[str], texts: Sequence[Text]) -> Measured:
    """Rules with prefixes are left out: its query language has them in phrases only."""
    try:
        import tantivy as engine  # noqa: PLC0415
    except ImportError:
        raise Missing("pip install tantivy") from None
    schema = engine.SchemaBuilder().add_text_field("text", stored=False, tokenizer_name="en_stem").build()
    kept = [query for query in queries if "*" not in query]
    start = time.process_time()
    index = engine.Index(schema)
    writer = index.writer(num_threads=1)
    for text in texts:
        writer.add_document(engine.Document(text=f"{text.title}\n{text.body}"))
    writer.commit()
    writer.wait_merging_threads()
    index.reload()
    indexed = time.process_time() - start
    start = time.process_time()
    asked = [index.parse_query(_translated(query, str), ["text"]) for query in kept]
    taken_in = time.process_time() - start
    start = time.process_time()
    searcher = index.searcher()
    matches = sum(searcher.search(one, limit=1, count=True).count for one in asked)
    return Measured(len(kept), len(texts), indexed + time.process_time() - start, matches, taken_in)


# --- PostgreSQL: rules in a table, one article at a time asked of them ---


def postgres(queries: Sequence[str], texts: Sequence[Text], *, rum: bool) -> Measured:
    """A scan over the rules, or its RUM index over them, in a server of its own that ends with the measurement.

    Rules with phrases or prefixes are left out for RUM: it can't index them.
    """
    if rum:
        queries = [query for query in queries if '"' not in query and "*" not in query]
    with _server() as ask:
        ask("CREATE TABLE rule (id int, query tsquery); CREATE TABLE article (id int, text text);")
        for number, query in enumerate(queries):
            ask.write(f"INSERT INTO rule VALUES ({number}, to_tsquery('english', {_quoted(_tsquery(query))}));\n")
        for number, text in enumerate(texts):
            ask.write(f"INSERT INTO article VALUES ({number}, {_quoted(text.title + chr(10) + text.body)});\n")
        ask("ANALYZE rule;")
        start = ask.cpu()
        if rum:
            ask("CREATE EXTENSION rum; CREATE INDEX ON rule USING rum (query rum_tsquery_ops);")
            ask("SET enable_seqscan = off;")
        taken_in = ask.cpu() - start
        start = ask.cpu()
        matches = ask(
            "SELECT sum((SELECT count(*) FROM rule WHERE rule.query @@ words)) FROM "
            "(SELECT to_tsvector('english', text) AS words FROM article OFFSET 0) AS one;"
        )
        return Measured(len(queries), len(texts), ask.cpu() - start, int(matches), taken_in)


class _Session:
    """A psql session; its backend's CPU time is what counts."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self._backend = 0
        self._backend = int(self("SELECT pg_backend_pid();"))

    def write(self, statements: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(statements)

    def __call__(self, statements: str) -> str:
        """The last line of what the statements print."""
        assert self._process.stdout is not None
        self.write(f"{statements}\n\\echo end-of-answer\n")
        self._process.stdin.flush()
        last = ""
        for line in self._process.stdout:
            if line.strip() == "end-of-answer":
                return last
            last = line.strip()
        raise Missing("PostgreSQL ended while it was asked")

    def cpu(self) -> float:
        fields = Path(f"/proc/{self._backend}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextlib.contextmanager
def _server() -> Iterator[_Session]:
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
    if not programs or shutil.which("psql") is None:
        raise Missing("apt-get install postgresql postgresql-15-rum")
    root = Path(tempfile.mkdtemp(prefix="bench-postgres-"))
    # PostgreSQL does not run as root.
    as_user: list[str] = []
    if os.geteuid() == 0:
        as_user = ["runuser", "-u", "postgres", "--"]
        shutil.chown(root, pwd.getpwnam("postgres").pw_uid)
    data = root / "data"
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": root}
    try:
        initdb = [
            *as_user,
            programs[-1] / "initdb",
            "-D",
            data,
            "-U",
            "bench",
            "--no-sync",
            "-E",
            "UTF8",
            "--locale=C.UTF-8",
        ]
        subprocess.run(initdb, check=True, **quiet)
        options = f"-k {root} -c listen_addresses='' -c fsync=off -c jit=off -c max_parallel_workers_per_gather=0"
        start = [*as_user, programs[-1] / "pg_ctl", "-D", data, "-w", "-o", options, "-l", root / "log", "start"]
        subprocess.run(start, check=True, **quiet)
        try:
            client = ["psql", "-h", root, "-U", "bench", "-d", "postgres", "-qAtX", "-v", "ON_ERROR_STOP=1"]
            with subprocess.Popen(
                [*as_user, *client],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
                cwd=root,
            ) as process:
                yield _Session(process)
        finally:
            subprocess.run(
                [*as_user, programs[-1] / "pg_ctl", "-D", data, "-m", "immediate", "stop"], check=False, **quiet
            )
    finally:
        shutil.rmtree(root, ignore_errors=True)


def _tsquery(query: str) -> str:
    def word(written: str) -> str:
        if written.startswith('"'):
            return "(" + " <-> ".join(f"'{part}'" for part in written.strip('"').split()) + ")"
        return f"'{written.rstrip('*')}'{':*' * written.endswith('*')}"

    return _translated(query, word).replace("AND", "&").replace("OR", "|").replace("NOT", "!")


def _quoted(text: str) -> str:
    return "'" + text.replace("\\", " ").replace("'", "''").replace("\0", " ") + "'"


def _translated(query: str, word) -> str:  # noqa: ANN001
    """A plain rule in another spelling: each word and phrase through ``word``."""
    return " ".join(token if token in _OPERATORS or token in "()" else word(token) for token in _TOKEN.findall(query))
