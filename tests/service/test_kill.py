"""The service is killed without warning, again and again, while a newsroom publishes; nothing may be missing at the receivers.

Ten kills in a newsroom with all its habits; ``test_many_kills.py`` has two hundred in a plainer world.
"""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path

import pytest
from program import query, service, wait_for

from monitor.demo.content import load_newsroom
from monitor.demo.rehearsal import settled, stage

ROUNDS = 1
KILLS_A_ROUND = 10
SPEED = 3.0


@pytest.mark.parametrize("round_number", range(ROUNDS))
def test_nothing_is_lost_and_little_repeated_when_the_service_is_killed_at_any_moment(
    tmp_path: Path, starter_config: Path, round_number: int
) -> None:
    """Each planned event is told, no text twice; an alert arrives twice only where a kill cut a send off."""
    chance = random.Random(round_number)
    newsroom = load_newsroom()
    kills = 0
    with stage(newsroom, tmp_path, starter_config, speed=SPEED) as set_up:
        for _ in range(KILLS_A_ROUND):
            with service(set_up.config, set_up.state) as running:
                # From before the database is open to well into the work. The wait ends early should the service end by itself.
                with pytest.raises(AssertionError, match="in vain"):
                    running.wait_for(lambda: False, seconds=chance.uniform(0.4, 2.6))
                running.process.kill()
                kills += 1
        with service(set_up.config, set_up.state) as running:
            running.wait_for(lambda: settled(set_up), seconds=90)
            assert running.stop() == 0

        assert query(set_up.state, "PRAGMA integrity_check") == [("ok",)]
        assert query(set_up.state, "SELECT count(*) FROM article WHERE state <> 'judged'") == [(0,)]
        told = query(
            set_up.state,
            "SELECT alert.watch, alert.url, delivery.channel, delivery.idempotency_key, delivery.id FROM delivery"
            " JOIN alert ON alert.id = delivery.alert WHERE delivery.state = 'sent'",
        )
        pieces = [(watch, newsroom.piece_at(url), channel) for watch, url, channel, _, _ in told]
        events = {(watch, piece.event, channel) for watch, piece, channel in pieces}
        assert events == {(*alert, channel) for alert in newsroom.planned_alerts() for channel in ("mail", "chat")}
        texts = Counter((watch, piece.story, channel) for watch, piece, channel in pieces)
        assert set(texts.values()) == {1}

        cut_off = dict(
            query(set_up.state, "SELECT delivery, count(*) FROM attempt WHERE outcome = 'unknown' GROUP BY delivery")
        )
        mails = Counter(mail["Message-ID"] for mail in set_up.sinks.mails)
        posts = Counter(post.headers["Idempotency-Key"] for post in set_up.sinks.posts)
        for _, _, channel, key, delivery in told:
            arrived = posts[key] if channel == "chat" else sum(n for name, n in mails.items() if key in name)
            assert 1 <= arrived <= 1 + cut_off.get(delivery, 0), f"delivery {delivery} arrived {arrived} times"
        assert sum(mails.values()) + sum(posts.values()) - len(told) <= sum(cut_off.values())
        assert kills == KILLS_A_ROUND


def test_a_killed_service_leaves_no_process_behind(tmp_path: Path, starter_config: Path) -> None:
    """The parser processes end with the service, however it ends."""
    with stage(load_newsroom(), tmp_path, starter_config, speed=20) as set_up:
        with service(set_up.config, set_up.state) as running:
            running.wait_for(lambda: running.events("feed_read"))
            children = _descendants(running.process.pid)
            assert children
            running.process.kill()
        wait_for(lambda: not [pid for pid in children if _alive(pid)], seconds=10)


def _descendants(pid: int) -> list[int]:
    parents = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parents[int(entry.name)] = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            except OSError:
                continue
    found, todo = [], [pid]
    while todo:
        parent = todo.pop()
        children = [child for child, its in parents.items() if its == parent]
        found += children
        todo += children
    return found


def _alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
