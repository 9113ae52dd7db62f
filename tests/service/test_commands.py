"""The commands: their exit codes, the JSON shapes that others rely on, and words for whoever types something wrong."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest
from program import item, monitor, monitor_json, read_alerts, rss, serve_documents, write_config
from servers import MisbehavingServer, reply

POLL_KEYS = {
    "feeds", "fetched", "unchanged", "failed", "articles_new", "stories_new", "alerts", "deliveries_sent", "deliveries_pending",
}  # fmt: skip
PUBLIC = '[[feed]]\nurl = "https://b.example/rss"\ninterval_min = "1 minute"\ninterval_max = "1 hour"\n'
EVIDENCE_KEYS = {"term", "alias", "concept", "language", "field", "start", "end", "words", "sentence"}
LOG_KEYS = {
    "time", "watch", "kind", "priority", "story", "title", "url", "source", "language", "published", "evidence", "also_in",
}  # fmt: skip


@pytest.fixture
def flooded(tmp_path: Path):
    """A config and a state with one alert in it, and the site that it came from."""
    feed = rss(
        item("Flood in the delta", "The river rose over its banks.", link="https://a.example/1"), title="Delta News"
    )
    with serve_documents({"/feed": feed}) as server:
        config = write_config(tmp_path / "config", feeds=[server.url("/feed")])
        places = ("--config", config, "--state", tmp_path / "state")
        yield monitor_json("poll", *places), places, server


def test_poll_prints_what_the_pass_came_to(flooded) -> None:
    """The documented keys; a second pass finds nothing new."""
    first, places, _ = flooded
    assert set(first) >= POLL_KEYS
    assert [first[key] for key in ("feeds", "fetched", "articles_new", "alerts", "deliveries_sent")] == [1, 1, 1, 1, 1]
    second = monitor_json("poll", *places)
    assert [second[key] for key in ("unchanged", "articles_new", "alerts", "deliveries_sent")] == [1, 0, 0, 0]


def test_the_log_channel_has_the_documented_shape(flooded) -> None:
    """One JSON line a message, with evidence that stands at its place."""
    _, places, _ = flooded
    (line,) = read_alerts(places[3])
    assert set(line) >= LOG_KEYS
    (evidence,) = line["evidence"]
    assert set(evidence) >= EVIDENCE_KEYS
    assert (evidence["field"], evidence["words"], line["source"], line["also_in"]) == (
        "title",
        "Flood",
        "Delta News",
        [],
    )


def test_alerts_search_status_and_feeds_show_the_state(flooded) -> None:
    """For people as a table, for programs as JSON."""
    _, places, server = flooded
    state = places[2:]
    (alert,) = monitor_json("alerts", *state)
    assert (alert["watch"], alert["title"]) == ("Flood", "Flood in the delta")
    assert "Flood in the delta" in monitor("alerts", *state).stdout
    (found,) = monitor_json("search", "river", *state)
    assert found["title"] == "Flood in the delta"
    assert monitor("search", "volcano", *state).returncode == 1
    for hostile in ("C++", "AT&T", "a:b", '"', "(", "NEAR(", "*", "title:"):
        assert monitor("search", *state, "--", hostile).returncode in {0, 1}
    status = monitor_json("status", *places)
    assert (status["counts"]["articles"], status["counts"]["alerts"], status["running"]) == (1, 1, None)
    (feed,) = monitor_json("feeds", "list", *places)
    assert (feed["url"], feed["articles"], feed["failures"]) == (server.url("/feed"), 1, 0)


@pytest.mark.parametrize("said", [str(2**63), "9" * 5_000], ids=["of 64 bits", "endless"])
def test_a_number_that_no_row_has_is_told_so(flooded, said: str) -> None:
    """Exit code 1 and a sentence for a person, however large the number is."""
    _, places, _ = flooded
    state = places[2:]
    commands = [
        ["ack", said, *state],
        ["why", said, *places],
        ["silence", "add", "story", said, "--for", "1h", *places],
    ]
    if len(said) < 4000:  # of more digits than these click says itself that they are no integer
        commands += [
            ["silence", "end", said, *state],
            ["stories", "show", said, *state],
            ["stories", "merge", said, "1", *state],
            ["stories", "split", said, *state],
            ["deliveries", "show", said, *state],
            ["deliveries", "retry", said, *state],
            ["deliveries", "drop", said, *state],
        ]
    for command in commands:
        done = monitor(*command)
        assert (done.returncode, done.stdout) == (1, ""), command
        assert done.stderr.startswith("monitor: "), done.stderr[-300:]
        assert "there is no " in done.stderr or "no such delivery" in done.stderr or "no article" in done.stderr


def test_a_command_on_an_empty_state_says_that_there_is_none(tmp_path: Path) -> None:
    """Exit code 1 and a sentence; no database is made by asking."""
    done = monitor("alerts", "--state", tmp_path / "state")
    assert (done.returncode, done.stdout) == (1, "")
    assert "no database" in done.stderr
    assert not (tmp_path / "state").exists()


def test_backup_copies_everything_for_its_owner_alone(flooded, tmp_path: Path) -> None:
    """The copy works as a state of its own, is not readable by others, and never overwrites."""
    _, places, _ = flooded
    target = tmp_path / "copy" / "monitor.db"
    target.parent.mkdir()
    assert monitor("backup", target, *places[2:]).returncode == 0
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert len(monitor_json("alerts", "--state", target.parent)) == 1
    again = monitor("backup", target, *places[2:])
    assert again.returncode == 1
    assert "already there" in again.stderr


def test_match_says_yes_and_no_with_reasons(tmp_path: Path) -> None:
    """Exit 0 with evidence when a watch is met, 1 with the nearest miss when none is; from a file, standard input, a URL."""
    config = write_config(tmp_path / "config")
    yes = monitor_json("match", "-", "--config", config, stdin=b"The floods came at night.")
    assert set(yes) >= {"language", "matches", "misses"}
    ((evidence,),) = [match["evidence"] for match in yes["matches"]]
    assert (evidence["words"], evidence["start"], evidence["end"], evidence["field"]) == ("floods", 4, 10, "body")
    no = monitor_json("match", "-", "--config", config, stdin=b"A dry day.", expect=1)
    assert [miss["watch"] for miss in no["misses"]] == ["Flood"]
    assert no["misses"][0]["why"]
    explained = monitor("match", "-", "--explain", "--config", config, stdin=b"The floods came at night.")
    assert explained.returncode == 0
    assert "floods" in explained.stdout
    assert monitor("match", tmp_path / "nowhere.txt", "--config", config).returncode == 1


def test_feeds_are_added_imported_exported_and_parsed(tmp_path: Path) -> None:
    """What is added is in the config at once; OPML goes out and comes in again; twice is once."""
    with serve_documents(
        {"/feed": rss(item("Flood", guid="g1", link="https://a.example/1"), title="Delta & Co")}
    ) as server:
        config = write_config(tmp_path / "config", feeds=[PUBLIC])
        url = server.url("/feed")
        (config / "feeds.toml").write_text(
            (config / "feeds.toml").read_text().replace("allow_private = true", "").replace('"200ms"', '"1 minute"')
        )
        refused = monitor("feeds", "add", url, "--config", config)
        assert refused.returncode == 1
        assert "127.0.0.1" in refused.stderr
        assert "--allow-private permits" in refused.stderr
        assert monitor("feeds", "add", url, "--allow-private", "--tag", "delta", "--config", config).returncode == 0
        assert monitor("feeds", "add", url, "--unchecked", "--config", config).returncode == 1
        opml = tmp_path / "feeds.opml"
        assert monitor("feeds", "export", opml, "--config", config).returncode == 0
        other = write_config(tmp_path / "other", feeds=[PUBLIC])
        (other / "feeds.toml").write_text(PUBLIC, encoding="utf-8")
        done = monitor("feeds", "import", opml, "--config", other)
        assert "1 feeds added, 1 were there already" in done.stdout
        (mine,) = [
            feed for feed in monitor_json("feeds", "list", "--config", other, "--state", tmp_path) if feed["url"] == url
        ]
        assert mine["tags"] == ["delta"]
        recorded = tmp_path / "recorded.xml"
        recorded.write_bytes(rss(item("Flood", guid="g1", link="https://a.example/1"), title="Delta"))
        parsed = monitor_json("feeds", "parse", recorded)
        assert (parsed["format"], parsed["title"], parsed["problems"]) == ("rss", "Delta", [])
        assert {"id", "url", "title", "text", "author", "published", "language"} <= set(parsed["entries"][0])


def test_channels_are_listed_without_their_urls_and_can_be_tested(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The secret in a channel's URL shows nowhere."""
    monkeypatch.setenv("CHAT_TOKEN", "s3cr3t-t0ken")
    channels = '[chat]\nurl = "json://localhost:9/${env:CHAT_TOKEN}"\nallow_private = true\n'
    config = write_config(tmp_path / "config", channels=channels)
    listed = monitor("channels", "list", "--config", config)
    assert "chat" in listed.stdout
    assert monitor("channels", "test", "log", "--config", config, "--state", tmp_path / "state").returncode == 0
    assert len(read_alerts(tmp_path / "state")) == 1
    failed = monitor("channels", "test", "chat", "--config", config, "--state", tmp_path / "state")
    assert failed.returncode == 1
    unknown = monitor("channels", "test", "chart", "--config", config, "--state", tmp_path / "state")
    assert "did you mean 'chat'" in unknown.stderr
    for done in (listed, failed, unknown):
        assert "s3cr3t" not in done.stdout + done.stderr


def test_init_makes_a_config_that_passes_its_check(tmp_path: Path) -> None:
    """The starter is free of faults; a second init touches nothing."""
    assert monitor("init", tmp_path / "mine").returncode == 0
    checked = monitor("check", "--verbose", "--config", tmp_path / "mine" / "config")
    assert checked.returncode == 0, checked.stderr
    assert "Coalition withdrawal from Iraq" in checked.stdout
    assert monitor("init", tmp_path / "mine").returncode == 1


def test_every_fault_of_a_config_is_told_at_once(tmp_path: Path) -> None:
    """Exit code 2; file, line, what, and what was probably meant."""
    watches = (
        '[[watch]]\nname = "A"\nquery = "flood NEAR 5 rain"\n\n[[watch]]\nname = "B"\nany = ["x"]\nchanels = ["log"]\n'
    )
    config = write_config(tmp_path / "config", watches=watches, settings="fetch_treads = 4")
    done = monitor("check", "--config", config)
    assert done.returncode == 2
    assert "watches.toml:3" in done.stderr
    assert "NEAR/5" in done.stderr
    assert "watches.toml:8" in done.stderr
    assert "channels" in done.stderr
    assert "monitor.toml:2" in done.stderr
    assert "fetch_threads" in done.stderr


@pytest.mark.parametrize(
    "command",
    [
        "run",
        "poll",
        "check",
        "match",
        "replay",
        "search",
        "alerts",
        "status",
        "init",
        "backup",
        "demo",
        "feeds",
        "channels",
        "concepts",
    ],
)
def test_every_command_explains_itself(command: str) -> None:
    """Help texts exist, and wrong usage ends with 2."""
    helped = monitor(command, "--help")
    assert helped.returncode == 0
    assert len(helped.stdout) > 150
    assert monitor(command, "--no-such-option").returncode == 2


def test_a_replay_line_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    """The number of the line and the fault; exit code 1."""
    config = write_config(tmp_path / "config")
    file = tmp_path / "recorded.jsonl"
    file.write_text(json.dumps({"id": 1, "title": "A", "text": "B"}) + "\n{broken\n", encoding="utf-8")
    done = monitor("replay", file, "--config", config)
    assert done.returncode == 1
    assert "line 2" in done.stderr


def test_health_and_show_tell_how_feeds_stand(tmp_path: Path) -> None:
    """What is wrong, and why the next look is when it is."""
    with MisbehavingServer() as server:
        feed = b"<rss><channel><title>Delta</title><ttl>90</ttl><item><guid>1</guid><title>Flood</title></item></channel></rss>"
        good, bad = server.route("/good", reply(feed)), server.route("/bad", reply(status=500))
        config = write_config(tmp_path / "config", feeds=[good, bad])
        places = ("--config", config, "--state", tmp_path / "state")
        monitor("poll", *places)
        told = monitor_json("feeds", "health", *places)
        assert (told["feeds"], [(one["url"], one["kind"]) for one in told["ailments"]]) == (2, [(bad, "failing")])
        assert "500" in monitor("feeds", "health", *places).stdout
        shown = monitor("feeds", "show", good, *places).stdout
        assert "because: " in shown
        assert "no look within 90 minutes" in shown
        assert monitor_json("feeds", "show", bad, *places)["ailments"][0]["kind"] == "failing"


def test_a_feed_with_guids_that_drift_is_told_once_and_shown_as_such(tmp_path: Path) -> None:
    """Through the real program: three looks, each with other guids for the same articles and one more article."""
    documents = {"/feed": b""}
    with serve_documents(documents) as server:
        config = write_config(tmp_path / "config", feeds=[server.url("/feed")])
        places = ("--config", config, "--state", tmp_path / "state")
        came = []
        for look in range(3):
            items = (
                item(f"Flood number {n}", "Water.", link=f"https://a.example/flood-in-place-{n}", guid=f"{look}.{n}")
                for n in range(3 + look)
            )
            documents["/feed"] = rss(*items, title="Delta")
            came.append(monitor_json("poll", *places)["articles_new"])
        assert came == [3, 1, 1]
        shown = monitor_json("feeds", "show", server.url("/feed"), *places)
        assert shown["identity"].startswith("its guids do not hold")
        assert {row["reason"] for row in shown["entries"]} == {"new", "key-drifts"}
        assert len(shown["entries"]) == 5
        said = monitor("feeds", "show", server.url("/feed"), *places)
        assert "key-drifts" in said.stdout
        missing = monitor("feeds", "show", "https://nowhere.example/", *places)
        assert (missing.returncode, "there is no feed" in missing.stderr) == (1, True)
