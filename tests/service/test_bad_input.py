"""Every bad feed gets a clear word, keeps nothing from the good one beside it, and is read again once it is mended."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from program import item, monitor, monitor_json, query, read_alerts, rss, write_config
from servers import MisbehavingServer, Script, drip, gzip_bomb, hang, packed, redirect, reply

GOOD = rss(item("Flood in the delta", "The river rose.", link="https://good.example/1"))
MENDED = rss(item("Flood in the hills", "The brook rose.", link="https://bad.example/1"))
LAUGHS = (
    b'<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY lol "lol">'
    + b"".join(
        b'<!ENTITY lol%d "%s">' % (n, b"&lol%s;" % (str(n - 1).encode() if n > 1 else b"") * 10) for n in range(1, 10)
    )
    + b"]><rss version='2.0'><channel><title>&lol9;</title></channel></rss>"
)
ARABIC = rss(item("فيضان في الدلتا", "ارتفع منسوب النهر.", link="https://bad.example/ar"), language="ar")

# (what it is, how it answers, what the person is told; "" where it is read all the same)
CASES: list[tuple[str, Script, str]] = [
    ("an HTML page", reply(b"<!doctype html><html><body>Hello</body></html>"), "HTML"),
    ("nothing but blanks", reply(b"   \n"), "nothing but blanks"),
    ("0 bytes", reply(b""), "empty"),
    ("a gzip bomb", gzip_bomb(300), "max_feed_bytes"),
    ("a host that never answers", hang(), "within the time allowed"),
    ("a byte a second", drip(GOOD, every=0.2), "within the time allowed"),
    ("a redirect to itself", redirect("/bad"), "redirect"),
    ("a redirect to the metadata address", redirect("http://169.254.169.254/latest/meta-data"), "169.254.169.254"),
    ("200,000 nested tags", reply(b"<rss><channel>" + b"<a>" * 200_000), "nest"),
    ("a server error", reply(b"", status=500), "500"),
    ("a JSON that is no feed", reply(b'{"error": "no"}', headers={"Content-Type": "application/json"}), "JSON"),
    ("random bytes", reply(bytes(range(256)) * 40), ""),
]


@pytest.mark.parametrize(("script", "words"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_a_bad_feed_is_told_in_words_and_harms_no_other(tmp_path: Path, script: Script, words: str) -> None:
    """The good feed's alert comes; the bad one's fault stands in the list; once mended it is read and alerts."""
    with MisbehavingServer() as server:
        server.route("/good", reply(GOOD))
        server.route("/bad", script)
        settings = 'fetch_deadline = "2s"\nparse_deadline = "5s"\nmax_feed_bytes = "20 MB"'
        feeds = [server.url("/good"), server.url("/bad")]
        config, state = write_config(tmp_path / "config", feeds=feeds, settings=settings), tmp_path / "state"
        places = ("--config", config, "--state", state)

        done = monitor("poll", *places)
        assert [alert["title"] for alert in read_alerts(state)] == ["Flood in the delta"], done.stderr
        (feed,) = [feed for feed in monitor_json("feeds", "list", *places) if feed["url"].endswith("/bad")]
        assert feed["failures"] == 1, feed
        assert words.lower() in feed["error"].lower()
        assert feed["error"] in done.stderr

        server.route("/bad", reply(MENDED))
        assert monitor("poll", *places).returncode == 0
        assert [alert["title"] for alert in read_alerts(state)] == ["Flood in the delta", "Flood in the hills"]


def _truncated(document: bytes) -> bytes:
    return document[: document.rindex(b"<item>") + 30]


READ_ALL_THE_SAME: list[tuple[str, Callable[[], Script], list[str]]] = [
    (
        "cut off in its last item",
        lambda: reply(
            _truncated(rss(item("Flood one", guid="1"), item("Flood two", guid="2"), item("Flood three", guid="3")))
        ),
        ["Flood one", "Flood two"],
    ),
    ("billion laughs", lambda: reply(LAUGHS), []),
    (
        "one bad byte in Arabic",
        lambda: reply(ARABIC.replace("النهر".encode(), "الن\xff".encode("latin-1", "ignore") + b"\xff")),
        ["فيضان في الدلتا"],
    ),
    (
        "windows-1251 that says utf-8",
        lambda: reply(rss(item("Наводнение в дельте: flood", guid="1"), language="ru").decode().encode("cp1251")),
        ["Наводнение в дельте: flood"],
    ),
    ("gzip as it should be", lambda: packed(GOOD), ["Flood in the delta"]),
]


@pytest.mark.parametrize(
    ("script", "titles"), [case[1:] for case in READ_ALL_THE_SAME], ids=[case[0] for case in READ_ALL_THE_SAME]
)
def test_what_can_be_read_of_a_damaged_feed_is_read(
    tmp_path: Path, script: Callable[[], Script], titles: list[str]
) -> None:
    """Damage costs the damaged part and nothing else."""
    watches = '[[watch]]\nname = "Flood"\nany = ["flood", "فيضان"]\nchannels = ["log"]\n'
    with MisbehavingServer() as server:
        server.route("/feed", script())
        config = write_config(tmp_path / "config", feeds=[server.url("/feed")], watches=watches)
        monitor("poll", "--config", config, "--state", tmp_path / "state")
    assert sorted(alert["title"] for alert in read_alerts(tmp_path / "state")) == sorted(titles)


def test_a_feed_of_50_000_items_is_bounded_and_says_so(tmp_path: Path) -> None:
    """The newest entries up to the cap are stored, and the feed's problems say that it was cut."""
    body = rss(*(item(f"Flood number {n}", guid=str(n)) for n in range(50_000)))
    with MisbehavingServer() as server:
        server.route("/feed", reply(gzip.compress(body), headers={"Content-Encoding": "gzip"}))
        config, state = (
            write_config(tmp_path / "config", feeds=[server.url("/feed")], settings="max_entries = 500"),
            tmp_path / "state",
        )
        monitor("poll", "--config", config, "--state", state)
        assert query(state, "SELECT count(*) FROM article") == [(500,)]
        (problems,) = query(state, "SELECT problems FROM feed")[0]
        assert any("50" in problem for problem in json.loads(problems))
