"""Channels that hang or fail beside channels that work: the small form of ``bench/delivery.py``, without its clock."""

from __future__ import annotations

from pathlib import Path

from program import query, service

from bench.delivery import FAILING, HANGING, HEALTHY, configure, fill, keys, receivers

EACH = 6


def test_channels_that_hang_or_fail_neither_hold_up_nor_disorder_the_others(tmp_path: Path) -> None:
    """Two senders, ten channels in trouble: each healthy channel gets all of its alerts, once and in their order."""
    channels = [*HANGING, *FAILING, *HEALTHY]
    with receivers() as (port, taken):
        fill(tmp_path / "state", channels, EACH)
        # No receiver that hangs is given up while the test lasts: all the others are served beside them.
        configure(tmp_path / "config", channels, port, 'send_threads = 2\nsend_deadline = "5 minutes"')
        with service(tmp_path / "config", tmp_path / "state") as running:
            running.wait_for(lambda: len(keys(taken)) == EACH * len(HEALTHY), seconds=60)
            running.wait_for(
                lambda: (
                    not query(running.state, "SELECT 1 FROM delivery WHERE channel GLOB 'good*' AND state <> 'sent'")
                )
            )
    for name in HEALTHY:
        assert [message.title for message in taken if message.path == f"/{name}"] == [
            f"Flood number {number}" for number in range(EACH)
        ]
    waiting = dict(
        query(tmp_path / "state", "SELECT channel, count(*) FROM delivery WHERE state <> 'sent' GROUP BY channel")
    )
    assert waiting == dict.fromkeys([*HANGING, *FAILING], EACH)
    tried = query(
        tmp_path / "state", "SELECT channel, sum(attempts) FROM delivery GROUP BY channel HAVING sum(attempts) > 3"
    )
    assert {name for name, _ in tried} == set(HEALTHY), "a channel in trouble is left alone after three tries"
