"""Feeds that give summaries only, through the real program: the page's words are matched, and nothing waits for them."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from program import (
    item,
    monitor,
    monitor_json,
    query,
    read_alerts,
    rss,
    serve_documents,
    service,
    wait_for,
    write_config,
)
from servers import Peer, head, reply

SENTENCES = [
    f"The inundation reached village number {n}, whose people had gone to the hills the night before." for n in range(9)
]
PAGE = f"<html lang='en'><head><title>River</title></head><body><article><h1>River news</h1>{''.join(f'<p>{one}</p>' for one in SENTENCES)}</article></body></html>".encode()


def feed_block(url: str) -> str:
    return f'[[feed]]\nurl = "{url}"\nallow_private = true\nfull_text = true\n'


@pytest.fixture
def site(tmp_path: Path):
    """A feed of one summary, its page, and a config that reads pages."""
    documents = {"/feed": b"", "/river": PAGE, "/robots.txt": b"User-agent: *\nDisallow: /closed"}
    with serve_documents(documents) as server:
        documents["/feed"] = rss(item("River news", "What happened.", link=server.url("/river"), guid="1"))
        config = write_config(tmp_path / "config", feeds=[feed_block(server.url("/feed"))])
        yield server, documents, config, tmp_path / "state"


def test_one_pass_reads_the_page_and_alerts_by_its_words(site) -> None:
    server, _, config, state = site
    came = monitor_json("poll", "--config", config, "--state", state)
    assert (came["articles_new"], came["alerts"]) == (1, 1)
    (alert,) = read_alerts(state)
    assert alert["evidence"][0]["words"] == "inundation"
    assert [seen.path for seen in server.server.requests] == ["/feed", "/robots.txt", "/river"]
    assert query(state, "SELECT text FROM article")[0][0].startswith("What happened.\nThe inundation")


def test_without_full_text_no_page_is_asked_for(site) -> None:
    server, _, config, state = site
    write_config(config, feeds=[server.url("/feed")])
    assert monitor_json("poll", "--config", config, "--state", state)["alerts"] == 0
    assert server.requests("/river") == []


def test_a_page_that_its_site_closes_is_not_asked_for_and_the_summary_stands(site) -> None:
    server, documents, config, state = site
    documents["/feed"] = rss(item("Flood", "In short.", link=server.url("/closed/1"), guid="1"))
    assert monitor_json("poll", "--config", config, "--state", state)["alerts"] == 1
    assert server.requests("/closed/1") == []
    shown = monitor_json("feeds", "show", server.url("/feed"), "--config", config, "--state", state)
    assert [row["page"] for row in shown["entries"]] == ["failed: its robots.txt forbids it"]


def test_a_slow_page_delays_neither_polling_nor_the_alert_of_a_summary(site) -> None:
    """The page hangs; the summary is told when the wait is over, and other articles at once."""
    server, documents, config, state = site
    documents["/feed"] = rss(
        item("Flood in the north", "Short.", link=server.hang("/slow"), guid="1"),
        item("Flood " + "in the south " * 150, "Long " * 400, guid="2"),
    )
    write_config(config, feeds=[feed_block(server.url("/feed"))], settings='page_wait = "2 seconds"')
    with service(config, state) as running:
        wait_for(lambda: len(running.alerts()) == 2, alive=lambda: running.process.poll() is None, why=running.said)
        assert len(server.requests("/feed")) > 2
        assert running.alerts()[0]["title"].startswith("Flood in the south")
        assert running.stop() == 0


def test_a_kill_while_a_page_is_read_loses_nothing_and_tells_nothing_twice(site) -> None:
    """Killed with the page half sent; the next start reads it, and the article is told by its words once."""
    server, _, config, state = site
    asked = []

    def half(peer: Peer) -> None:
        asked.append(peer.seen.path)
        peer.send(head(200, {"Content-Length": str(len(PAGE))}) + PAGE[:300])
        peer.wait_for_end()

    server.server.route("/river", half)
    with service(config, state) as running:
        running.wait_for(lambda: asked)
        running.process.kill()
    assert query(state, "SELECT state, token IS NOT NULL FROM page") == [("waiting", 1)]
    server.server.route("/river", reply(PAGE))
    for _ in range(2):
        (state / "service.log").unlink()
        with service(config, state) as running:
            running.wait_for(lambda: running.events("started"))
            running.wait_for(lambda: read_alerts(state))
            running.wait_for(lambda: query(state, "SELECT 1 FROM page WHERE state = 'read'"))
            assert running.stop() == 0
    assert [alert["evidence"][0]["words"] for alert in read_alerts(state)] == ["inundation"]
    assert query(state, "SELECT count(*) FROM article") == [(1,)]


def test_extract_prints_the_article_in_a_file_or_at_an_address(site, tmp_path: Path) -> None:
    server, _, config, _ = site
    write_config(config, feeds=[server.url("/feed")])
    file = tmp_path / "page.html"
    file.write_bytes(PAGE)
    found = monitor_json("feeds", "extract", file, "--url", "https://a.example/river?utm_source=x", "--config", config)
    assert (found["title"], found["language"], found["doubts"]) == ("River news", "en", [])
    assert (found["canonical_url"], found["text"].split("\n")) == ("https://a.example/river", SENTENCES)
    said = monitor("feeds", "extract", file, "--config", config)
    assert SENTENCES[3] in said.stdout
    refused = monitor("feeds", "extract", server.url("/river"), "--config", config)
    assert (refused.returncode, "127.0.0.1" in refused.stderr) == (1, True)
    file.write_text("<p>We use cookies</p><button>Accept all</button>")
    wall = monitor("feeds", "extract", file, "--config", config)
    assert (wall.returncode, "consent wall" in wall.stderr) == (1, True)
    file.write_bytes(b"%PDF-1")
    assert "not a web page" in monitor("feeds", "extract", file, "--config", config).stderr
    assert "can't be read" in monitor("feeds", "extract", tmp_path / "none", "--config", config).stderr


def test_kills_at_any_moment_lose_no_page_and_tell_nothing_twice(tmp_path: Path) -> None:
    """Eight articles whose pages alone hold the watched word; the service is killed again and again while it reads them."""
    chance = random.Random(7)
    documents: dict[str, bytes] = {"/feed": b"", "/robots.txt": b""}
    for n in range(8):
        words = [["".join(chance.choices("abcdefghilmnoprstu", k=7)) for _ in range(14)] for _ in range(9)]
        body = "".join(f"<p>The {' '.join(line)} inundation came.</p>" for line in words)
        documents[f"/page-{n}"] = f"<html><body><article><h1>{words[0][0]}</h1>{body}</article></body></html>".encode()
    with serve_documents(documents) as server:
        documents["/feed"] = rss(
            *(
                item(f"Title {'abcdefgh'[n] * 6} {n}", f"Summary {n}.", link=server.url(f"/page-{n}"), guid=str(n))
                for n in range(8)
            )
        )
        config = write_config(tmp_path / "config", feeds=[feed_block(server.url("/feed"))])
        state = tmp_path / "state"
        for _ in range(6):
            with service(config, state) as running:
                running.wait_for(lambda: running.events("started"))
                with pytest.raises(AssertionError, match="in vain"):
                    running.wait_for(lambda: False, seconds=chance.uniform(0.1, 2.5))
                running.process.kill()
            (state / "service.log").unlink()
        with service(config, state) as running:
            running.wait_for(lambda: running.events("started"))
            running.wait_for(
                lambda: query(state, "SELECT count(*) FROM page WHERE state = 'read'") == [(8,)], seconds=60
            )
            running.wait_for(
                lambda: query(state, "SELECT count(*) FROM delivery WHERE state = 'sent'") == [(8,)], seconds=60
            )
            assert running.stop() == 0
    assert query(state, "SELECT count(*), count(DISTINCT story) FROM article") == [(8, 8)]
    assert query(state, "PRAGMA integrity_check") == [("ok",)]
    assert {alert["title"][-1] for alert in read_alerts(state)} == set("01234567")
