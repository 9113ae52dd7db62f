"""``monitor run`` as a person's service manager sees it: start, reload, stop, one instance, trouble."""

from __future__ import annotations

import signal
from pathlib import Path

from program import WATCH, item, monitor, rss, serve_documents, service, write_config


def test_the_first_alert_comes_by_itself_and_the_service_stops_in_order(tmp_path: Path) -> None:
    """A feed with a watched word leads to one line in alerts.jsonl; SIGTERM ends the service with exit code 0."""
    with serve_documents(
        {"/feed": rss(item("Flood in the delta", "The river rose.", link="https://a.example/1"))}
    ) as server:
        config = write_config(tmp_path / "config", feeds=[server.url("/feed")])
        with service(config, tmp_path / "state") as running:
            running.wait_for(running.alerts)
            assert running.stop() == 0
        (alert,) = running.alerts()
    assert (alert["watch"], alert["title"], alert["kind"]) == ("Flood", "Flood in the delta", "new")
    assert running.events("stopped")


def test_an_alert_is_told_once_over_restarts_and_further_looks(tmp_path: Path) -> None:
    """The same article in every poll, and after a restart, stays one alert."""
    with serve_documents({"/feed": rss(item("Flood in the delta", link="https://a.example/1"))}) as server:
        config = write_config(tmp_path / "config", feeds=[server.url("/feed")])
        for _ in range(2):
            looks = len(server.requests("/feed"))
            with service(config, tmp_path / "state") as running:
                running.wait_for(lambda looks=looks: len(server.requests("/feed")) >= looks + 3)
                running.wait_for(running.alerts)
                assert running.stop() == 0
        assert len(running.alerts()) == 1


def test_an_edit_of_the_config_comes_into_force_by_itself(tmp_path: Path) -> None:
    """A watch that is added while the service runs finds the next article."""
    documents = {"/feed": rss(item("Flood in the delta", link="https://a.example/1"))}
    with serve_documents(documents) as server:
        config = write_config(tmp_path / "config", feeds=[server.url("/feed")])
        with service(config, tmp_path / "state") as running:
            running.wait_for(running.alerts)
            more = WATCH + '[[watch]]\nname = "Quake"\nany = ["earthquake"]\nchannels = ["log"]\n'
            (config / "watches.toml").write_text(more, encoding="utf-8")
            running.wait_for(lambda: running.events("config_reloaded"))
            documents["/feed"] = rss(item("Earthquake in the hills", link="https://a.example/2"))
            running.wait_for(lambda: len(running.alerts()) == 2)
            assert [alert["watch"] for alert in running.alerts()] == ["Flood", "Quake"]
            assert running.stop() == 0


def test_a_bad_edit_is_refused_in_words_and_the_old_config_goes_on(tmp_path: Path) -> None:
    """The log names file and line; the watch of before still finds its news; a good edit then comes into force."""
    documents = {"/feed": rss(item("Nothing at all", link="https://a.example/1"))}
    with serve_documents(documents) as server:
        config = write_config(tmp_path / "config", feeds=[server.url("/feed")])
        with service(config, tmp_path / "state") as running:
            running.wait_for(lambda: running.events("feed_read"))
            (config / "watches.toml").write_text('[[watch]]\nname = "Flood"\nquery = "flood AND ("\n', encoding="utf-8")
            running.signal(signal.SIGHUP)
            (refused, *_) = running.wait_for(lambda: running.events("config_refused"))
            assert "watches.toml:3" in refused["fault"]
            documents["/feed"] = rss(item("Flood in the delta", link="https://a.example/2"))
            running.wait_for(running.alerts)
            (config / "watches.toml").write_text(WATCH.replace("Flood", "High water"), encoding="utf-8")
            running.signal(signal.SIGHUP)
            running.wait_for(lambda: running.events("config_reloaded"))
            assert running.stop() == 0


def test_a_second_instance_says_who_holds_the_state(tmp_path: Path) -> None:
    """Exit code 1, and the process id of the first."""
    config = write_config(tmp_path / "config")
    with service(config, tmp_path / "state") as running:
        running.wait_for(lambda: running.events("started"))
        second = monitor("run", "--config", config, "--state", tmp_path / "state")
        assert second.returncode == 1
        assert str(running.process.pid) in second.stderr
        assert running.stop() == 0


def test_a_stop_does_not_wait_for_a_feed_that_never_answers(tmp_path: Path) -> None:
    """SIGTERM ends the service within ten seconds while a fetch hangs."""
    with serve_documents({}) as server:
        config = write_config(tmp_path / "config", feeds=[server.hang("/feed")])
        with service(config, tmp_path / "state") as running:
            running.wait_for(lambda: server.requests("/feed"))
            running.signal(signal.SIGTERM)
            assert running.process.wait(timeout=10) == 0


def test_a_new_watch_does_not_alert_on_the_archive_unless_asked(tmp_path: Path) -> None:
    """Two watches come later; only the one with ``backfill`` tells what was stored before it."""
    with serve_documents({"/feed": rss(item("Storm and flood", link="https://a.example/1"))}) as server:
        config = write_config(tmp_path / "config", feeds=[server.url("/feed")])
        with service(config, tmp_path / "state") as running:
            running.wait_for(running.alerts)
            later = '[[watch]]\nname = "Storm"\nany = ["storm"]\nchannels = ["log"]\n'
            asking = later.replace("Storm", "Storm, also before") + 'backfill = "7 days"\n'
            (config / "watches.toml").write_text(WATCH + later + asking, encoding="utf-8")
            running.wait_for(lambda: len(running.alerts()) == 2)
            looks = len(server.requests("/feed"))
            running.wait_for(lambda: len(server.requests("/feed")) > looks + 2)
            assert [alert["watch"] for alert in running.alerts()] == ["Flood", "Storm, also before"]
            assert running.stop() == 0


def test_old_entries_at_the_first_sight_of_a_feed_are_stored_and_not_told(tmp_path: Path) -> None:
    """First sight alerts only on what is younger than a day; the old entry is in the archive."""
    old = item("Flood of old", link="https://a.example/1", date="Mon, 01 Jan 2024 10:00:00 GMT")
    with serve_documents({"/feed": rss(old)}) as server:
        config = write_config(tmp_path / "config", feeds=[server.url("/feed")])
        state = tmp_path / "state"
        done = monitor("poll", "--config", config, "--state", state)
        assert done.returncode == 0, done.stderr
        assert "1 new articles" in done.stdout
        assert "0 alerts" in done.stdout
        assert "Flood of old" in monitor("search", "flood", "--state", state).stdout
