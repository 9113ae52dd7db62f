"""The case that the project is measured by: the French wire article, found by two watches written in English."""

from __future__ import annotations

import json
from pathlib import Path
from xml.sax.saxutils import escape

import pytest
from program import item, monitor, monitor_json, read_alerts, rss, serve_documents, write_config

pytestmark = pytest.mark.corpus
SEED = "seed/armenpress-2024-07-23.fr.txt"
BOTH = {"Coalition withdrawal from Iraq", "Islamic State"}


def test_both_watches_find_it_in_french_and_quote_its_words(corpus: Path, starter_config: Path) -> None:
    """Put as it is, page furniture and all; the evidence stands at its offsets, in its sentence."""
    text = (corpus / SEED).read_text(encoding="utf-8")
    found = monitor_json("match", corpus / SEED, "--config", starter_config)
    assert found["language"] == "fr"
    evidence = {match["watch"]: match["evidence"] for match in found["matches"]}
    assert set(evidence) == BOTH
    for one in (one for each in evidence.values() for one in each):
        assert text[one["start"] : one["end"]] == one["words"]
        assert one["words"] in one["sentence"]
        assert one["language"] == "fr"
    words = {one["words"].casefold() for one in evidence["Coalition withdrawal from Iraq"]}
    assert words & {"conclure la mission de la coalition", "retrait définitif des troupes américaines"}
    assert any(one["words"].casefold() == "état islamique" for one in evidence["Islamic State"])


def _starter_rules(tmp_path: Path, starter_config: Path, feeds: list[str]) -> Path:
    watches = (starter_config / "watches.toml").read_text(encoding="utf-8")
    config = write_config(tmp_path / "config", feeds=feeds, watches=watches)
    (config / "concepts").symlink_to(starter_config / "concepts")
    return config


def test_a_feed_that_carries_it_leads_to_one_alert_a_watch(corpus: Path, starter_config: Path, tmp_path: Path) -> None:
    """Also when it is polled again."""
    title, body = _article(corpus)
    with serve_documents({"/feed": rss(item(title, body, link="https://wire.example/fr/1"), language="fr")}) as server:
        config = _starter_rules(tmp_path, starter_config, [server.url("/feed")])
        for _ in range(2):
            assert monitor("poll", "--config", config, "--state", tmp_path / "state").returncode == 0
    assert sorted(alert["watch"] for alert in read_alerts(tmp_path / "state")) == sorted(BOTH)


def test_four_outlets_with_edited_titles_and_tracking_links_are_one_story(
    corpus: Path, starter_config: Path, tmp_path: Path
) -> None:
    """One alert a watch; the last alert rendered would name the other outlets, and the story holds all four."""
    title, body = _article(corpus)
    carried = {
        "/a": (title, body, "https://wire.example/fr/1?utm_source=rss"),
        "/b": ("Irak : vers la fin de la coalition en 2025", body, "https://journal.example/monde/irak?fbclid=1"),
        "/c": (f"{title} - Le Quotidien", "Par la rédaction\n" + body, "https://quotidien.example/amp/irak"),
        "/d": (
            "Bagdad fixe une échéance à la coalition",
            body + "\nAvec Armenpress",
            "https://site.example/?p=7&xtor=RSS-1",
        ),
    }
    documents = {
        path: rss(item(escape(title), escape(body), link=escape(link)), title=f"Outlet {path}", language="fr")
        for path, (title, body, link) in carried.items()
    }
    with serve_documents(documents) as server:
        config = _starter_rules(tmp_path, starter_config, [server.url(path) for path in carried])
        done = monitor_json("poll", "--config", config, "--state", tmp_path / "state")
    assert (done["articles_new"], done["stories_new"], done["alerts"]) == (4, 1, 2)
    assert sorted(alert["watch"] for alert in read_alerts(tmp_path / "state")) == sorted(BOTH)


def test_replay_prints_a_line_an_article_in_file_order(corpus: Path, starter_config: Path, tmp_path: Path) -> None:
    """The shape that others rely on; the copy joins the first one's story and is not alerted again."""
    title, body = _article(corpus)
    lines = [
        {"id": "a", "title": title, "text": body, "published": "2024-07-23T10:00:00Z"},
        {"id": "b", "title": "Rain in the hills", "text": "It rained.", "source": "Hill Post"},
        {"id": "c", "title": "Irak : la coalition part", "text": body, "language": "fr"},
    ]
    file = tmp_path / "recorded.jsonl"
    file.write_text("\n".join(json.dumps(line, ensure_ascii=False) for line in lines), encoding="utf-8")
    done = monitor("replay", file, "--json", "--config", starter_config)
    assert done.returncode == 0, done.stderr
    a, b, c = map(json.loads, done.stdout.splitlines())
    assert (a["id"], b["id"], c["id"]) == ("a", "b", "c")
    assert a["language"] == c["language"] == "fr"
    assert a["story"] == c["story"] != b["story"]
    assert {alert["watch"] for alert in a["alerts"]} == {match["watch"] for match in a["matches"]} == BOTH
    assert {alert["kind"] for alert in a["alerts"]} == {"new"}
    assert (b["matches"], b["alerts"], c["alerts"]) == ([], [], [])


def _article(corpus: Path) -> tuple[str, str]:
    text = (corpus / SEED).read_text(encoding="utf-8")
    title = text.splitlines()[2]
    return title, text
