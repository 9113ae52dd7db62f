"""The product's handshake: the demo ends by itself, offline, with exactly what its newsroom planned."""

from __future__ import annotations

import socket

from program import monitor, monitor_json


def test_the_fast_demo_comes_out_as_planned() -> None:
    """Exit code 0 only then; nothing missing, wrong or repeated."""
    outcome = monitor_json("demo", "--fast")
    assert outcome["as_planned"] is True
    assert outcome["missing"] == outcome["wrong"] == outcome["repeated"] == []
    assert outcome["alerts"] == outcome["mails"] == outcome["posts"] >= outcome["planned_alerts"] > 5
    assert outcome["held_back"]


def test_the_demo_shows_a_person_what_happened() -> None:
    """Alerts as they come, a mail, a post, the table, the verdict; and no trace is left of the ports it used."""
    done = monitor("demo", "--fast")
    assert done.returncode == 0, done.stdout
    for words in ("Islamic State", "Message-ID", "held back", "articles seen", "every event told"):
        assert words in done.stdout
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
