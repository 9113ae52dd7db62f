"""A process that is killed anywhere in the three transactions loses nothing and leaves nothing half-done."""

from __future__ import annotations

import contextlib
import random
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

from store_builders import MINUTE, ManualClock

from monitor.clock import SystemClock
from monitor.model import Gate
from monitor.store import SqliteStore

VICTIM = Path(__file__).with_name("store_victim.py")
KILLS = 12


def killed_at(path: Path, seconds: float) -> None:
    """Run the victim on the database and kill it so long after it began its rounds."""
    with subprocess.Popen(
        [sys.executable, str(VICTIM), str(path)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as victim:
        ready = victim.stdout.readline()
        assert ready == "ready\n", victim.stderr.read()
        with contextlib.suppress(subprocess.TimeoutExpired):
            victim.wait(timeout=seconds)
        victim.kill()
    assert victim.returncode == -signal.SIGKILL, "it worked until it was killed"


def test_nothing_is_lost_or_half_done_by_kills_at_any_moment(tmp_path):
    path = tmp_path / "monitor.db"
    SqliteStore.open(path, clock=ManualClock()).close()
    seed = random.randrange(2**32)
    chance = random.Random(seed)
    rounds = 0
    for _ in range(KILLS):
        killed_at(path, chance.uniform(0.0, 0.15))
        with SqliteStore.open(path, clock=ManualClock()) as store:
            assert store.integrity_check() == (), seed
        db = sqlite3.connect(path)
        rounds = check_laws(db, rounds, seed)
        db.close()
    assert rounds > KILLS, "the victim got to work"
    check_nothing_waits_for_ever(path, seed)


def check_laws(db, rounds_before, seed):
    """What must hold in any state that a kill can leave."""

    def one(sql):
        return db.execute(sql).fetchone()[0]

    rounds = int(one("SELECT coalesce(max(etag), '0') FROM feed") or 0) if one("SELECT count(*) FROM feed") else 0
    assert rounds >= rounds_before, seed
    # T1: a validator never stands without its articles, nor they without it.
    assert one("SELECT count(*) FROM article") == 3 * rounds, seed
    assert one("SELECT count(*) FROM entry JOIN article ON article.id = entry.article") == 3 * rounds, seed
    # T2: a judged article has all that was decided of it; one that waits has nothing.
    judged = one("SELECT count(*) FROM article WHERE state = 'judged'")
    assert one("SELECT count(*) FROM article WHERE (state = 'judged') <> (story IS NOT NULL)") == 0, seed
    for table in ("match", "verdict"):
        assert one(f"SELECT count(*) FROM {table}") == judged, (table, seed)
    assert one("SELECT count(*) FROM shingle") == 40 * judged, seed
    assert (
        one("SELECT count(*) FROM story WHERE articles <> (SELECT count(*) FROM article WHERE story = story.id)") == 0
    )
    # Each story is told once, on both channels.
    stories = one("SELECT count(*) FROM story")
    assert stories * 3 == judged, seed
    assert one("SELECT count(*) FROM alert") == stories, seed
    assert one("SELECT count(*) FROM delivery") == 2 * stories, seed
    # T3: what is sent has its try on record, and nothing else holds a lease without a token.
    assert one("SELECT count(*) FROM delivery WHERE (state = 'sending') <> (token IS NOT NULL)") == 0, seed
    sent = one("SELECT count(*) FROM delivery WHERE state = 'sent'")
    assert one("SELECT count(*) FROM attempt WHERE outcome = 'sent'") == sent, seed
    return rounds


def check_nothing_waits_for_ever(path, seed):
    """A start after the kills takes up whatever was pending or being sent."""
    clock = SystemClock()
    with SqliteStore.open(path, clock=clock) as store:
        store.release_claims()
        status = store.status()
        open_ = sum(count for state, count in status.deliveries.items() if state.value in {"pending", "sending"})
        claimed = 0
        while batch := store.claim_deliveries(
            clock.now(), limit=9, lease=60 * MINUTE, busy=(), channels=[Gate(channel="mail"), Gate(channel="chat")]
        ):
            claimed += len(batch)
        assert claimed == open_, seed
