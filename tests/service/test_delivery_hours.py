"""The real program and its receivers: what waits comes together, at its hour, once; and a person can ask and decide."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from program import item, monitor, monitor_json, query, rss, serve_documents, service, write_config
from receivers import Act, HttpSink, SmtpSink
from servers import reply

STORIES = [
    ("Flood in the northern delta", "Rice farmers moved their cattle to the hills as the river rose overnight."),
    ("Flood shuts a motorway tunnel", "Commuters near the airport waited hours while pumps cleared the road."),
    ("Museum archive saved from flood", "Librarians carried medieval maps upstairs before the cellar filled."),
    ("Insurers count flood claims", "Premiums for coastal homes will climb next spring, analysts expect."),
    ("Flood warning on the island", "Ferries were cancelled and schools closed by order of the mayor."),
    ("Dam engineers deny flood risk", "Inspectors found no crack in the concrete after a week of tests."),
]
FEED = rss(*(item(title, text, link=f"https://a.example/{number}") for number, (title, text) in enumerate(STORIES)))


def channel(name: str, url: str, more: str = "") -> str:
    return f'[{name}]\nurl = "{url}"\nallow_private = true\n{more}\n'


def watch(name: str, word: str, channels: str, more: str = "") -> str:
    return f'[[watch]]\nname = "{name}"\nany = ["{word}"]\nchannels = [{channels}]\n{more}\n'


def clock(moment: datetime) -> str:
    return f"{moment:%H:%M}"


def test_a_backlog_after_an_outage_comes_as_one_digest(tmp_path: Path) -> None:
    """A webhook that answers 500 for a while: then one message with all six, under one key, and the mail is not held up."""
    with (
        serve_documents({"/feed": FEED}) as site,
        HttpSink(*[Act(status=500)] * 3) as hook,
        SmtpSink() as mail,
    ):
        config = write_config(
            tmp_path / "config",
            feeds=[site.url("/feed")],
            watches=watch("Flood", "flood", '"hook", "mail"'),
            channels=channel("hook", hook.apprise_url, 'backlog = "1s"')
            + channel("mail", f"mailto://127.0.0.1:{mail.port}?from=w@example.org&to=d@example.org&mode=insecure"),
        )
        state = tmp_path / "state"
        with service(config, state) as running:
            running.wait_for(lambda: len(mail.mails) == 6)
            running.wait_for(lambda: not query(state, "SELECT 1 FROM delivery WHERE state <> 'sent'"), seconds=120)
            assert running.stop() == 0
        taken = hook.posted[3:]
        said = "".join(one.json["title"] + one.json["message"] for one in taken)
        assert [said.count(title) for title, _ in STORIES] == [1] * 6
        assert any("alerts" in one.json["title"] for one in taken)
        assert len(taken) <= 3
        assert len({one.headers["Idempotency-Key"] for one in taken}) == len(taken)


def test_quiet_hours_hold_all_but_what_is_urgent(tmp_path: Path) -> None:
    now = datetime.now(UTC)
    quiet = f'quiet = {{ from = "{clock(now - timedelta(hours=1))}", to = "{clock(now + timedelta(hours=1))}" }}'
    with serve_documents({"/feed": FEED}) as site, HttpSink() as hook:
        config = write_config(
            tmp_path / "config",
            feeds=[site.url("/feed")],
            watches=watch("Flood", "flood", '"hook"') + watch("Dam", "dam", '"hook"', 'priority = "urgent"'),
            channels=channel("hook", hook.apprise_url, quiet),
        )
        state = tmp_path / "state"
        monitor("poll", "--config", config, "--state", state)
        assert [one.json["title"] for one in hook.posted] == [f"URGENT · Dam: {STORIES[5][0]}"]
        assert query(state, "SELECT count(*) FROM delivery WHERE state = 'pending'") == [(6,)]
        (config / "channels.toml").write_text(channel("hook", hook.apprise_url), encoding="utf-8")
        monitor("poll", "--config", config, "--state", state)
        assert len(hook.posted) == 7, "an edit counts for what waits already"


def test_a_person_asks_why_and_decides_what_becomes_of_deliveries(tmp_path: Path) -> None:
    with serve_documents({"/feed": FEED}) as site, HttpSink(otherwise=Act(status=413)) as hook:
        config = write_config(
            tmp_path / "config",
            feeds=[site.url("/feed")],
            watches=watch("Flood", "flood", '"hook"') + watch("Fire", "fire", '"hook"'),
            channels=channel("hook", hook.apprise_url),
        )
        state = tmp_path / "state"
        both = ("--config", config, "--state", state)
        monitor("poll", *both)
        listed = monitor_json("deliveries", "list", "--dead", "--state", state)["deliveries"]
        assert len(listed) == 6
        assert "413" in listed[0]["detail"]

        fate = monitor_json("why", "https://a.example/0", *both)
        assert fate["title"] == STORIES[0][0]
        assert fate["first_seen"]["feed"] == site.url("/feed")
        assert fate["verdicts"] == [{"watch": "Flood", "reason": "alerted"}]
        assert [one["watch"] for one in fate["misses"]] == ["Fire"]
        (delivery,) = fate["deliveries"]
        assert [one["outcome"] for one in delivery["tries"]] == ["dead"]
        said = monitor("why", str(fate["article"]), *both).stdout
        assert "first seen" in said
        assert "413" in said
        assert "→ hook: given up" in said
        assert "it begins a story" in said
        assert "    it was met by “Flood”\n    it was told\n" in said
        assert monitor("why", "https://a.example/unheard", *both).returncode == 1

        number = str(delivery["delivery"])
        assert "413" in monitor("deliveries", "show", number, "--state", state).stdout
        assert monitor("deliveries", "retry", number, "--state", state).returncode == 0
        assert monitor("deliveries", "drop", number, "--state", state).returncode == 0
        assert monitor("deliveries", "drop", number, "--state", state).returncode == 1
        assert monitor("deliveries", "retry", "--state", state).returncode == 2
        assert monitor("deliveries", "retry", "--channel", "hook", "--state", state).stdout.startswith("5 ")

        for kind, name, said in (
            ("watch", "Flod", "mean 'Flood'?"),
            ("source", "nobody", "no source"),
            ("story", "99", "99"),
        ):
            refused = monitor("silence", "add", kind, name, "--for", "2h", *both)
            assert (refused.returncode, said in refused.stderr) == (1, True)
        silenced = monitor("silence", "add", "watch", "flood", "--for", "2h", "--reason", "exercise", *both)
        assert silenced.returncode == 0
        site.documents["/feed"] = rss(item("Flood at last recedes", "Cleaners shovel mud.", link="https://a.example/9"))
        monitor("poll", *both)
        assert monitor_json("why", "https://a.example/9", *both)["verdicts"][0]["reason"] == "silenced"
        (held,) = monitor_json("silence", "list", "--state", state)
        assert held["reason"] == "exercise"
        said = f"silence {held['id']}: watch Flood by {held['author']} (exercise), until "
        assert said in monitor("status", *both).stdout
        assert monitor_json("status", *both)["silences"] == [held]
        assert said in monitor("why", "https://a.example/9", *both).stdout
        assert monitor("silence", "end", str(held["id"]), "--state", state).returncode == 0
        story = str(fate["story"])
        assert "is acknowledged" in monitor("ack", story, "--author", "Ada", "--state", state).stdout
        assert "before" in monitor("ack", "https://a.example/0", "--state", state).stdout
        assert "    acknowledged by Ada, 20" in monitor("why", "https://a.example/0", *both).stdout
        assert monitor_json("why", "https://a.example/0", *both)["acknowledged"]["author"] == "Ada"
        assert "monitor search" in monitor("ack", "the flood", "--state", state).stderr


def test_the_operator_hears_of_a_channel_that_fails_and_an_edit_that_was_refused(tmp_path: Path) -> None:
    with (
        serve_documents({"/feed": FEED}) as site,
        HttpSink(otherwise=Act(status=500)) as hook,
        HttpSink() as operator,
    ):
        config = write_config(
            tmp_path / "config",
            feeds=[site.url("/feed")],
            watches=watch("Flood", "flood", '"hook"'),
            channels=channel("hook", hook.apprise_url) + channel("ops", operator.apprise_url),
            settings='operator = ["ops"]',
        )
        with service(config, tmp_path / "state") as running:
            (told,) = running.wait_for(lambda: operator.posted, seconds=60)
            assert "channel hook fails" in told.json["message"]
            (config / "watches.toml").write_text("[[watch]]\n", encoding="utf-8")
            running.wait_for(lambda: query(tmp_path / "state", "SELECT 1 FROM notice WHERE topic = 'config'"))
            assert running.stop() == 0
        assert len(operator.posted) == 1, "the second trouble waits for its quarter of an hour"


def test_a_template_that_fails_loses_no_alert_and_its_operator_hears_of_it(tmp_path: Path) -> None:
    """One that was sound by all samples; the others go out in the person's own form."""
    with serve_documents({"/feed": FEED}) as site, HttpSink() as hook, HttpSink() as operator:
        config = write_config(
            tmp_path / "config",
            feeds=[site.url("/feed")],
            watches=watch("Flood", "flood", '"hook"'),
            channels=channel("hook", hook.apprise_url) + channel("ops", operator.apprise_url),
            settings='operator = ["ops"]',
        )
        (config / "templates").mkdir()
        (config / "templates" / "alert.txt").write_text(
            "Mine: {{ headline }}{% if 'Museum' in headline %}{{ outlets[9].name }}{% endif %}", encoding="utf-8"
        )
        assert monitor("check", "--config", config).returncode == 0
        with service(config, tmp_path / "state") as running:
            running.wait_for(lambda: len(hook.posted) == 6)
            (told,) = running.wait_for(lambda: operator.posted, seconds=60)
            assert running.stop() == 0
            assert running.events("template_failed")
        said = [one.json["message"] for one in hook.posted]
        assert sum(one.startswith("Mine: ") for one in said) == 5
        (own,) = (one for one in said if not one.startswith("Mine: "))
        assert "Met: flood" in own
        assert "the template alert.txt failed (line 1: there is no 9 in what it asks)" in told.json["message"]


def test_templates_are_listed_and_the_programs_own_shown(tmp_path: Path) -> None:
    """What is shown is a sound beginning, also for kinds that share a form."""
    config = write_config(tmp_path / "config", watches=watch("Flood", "flood", '"log"'))
    (config / "templates").mkdir()
    for name in ("alert.txt", "update.html", "digest.short", "operator.title"):
        shown = monitor("templates", "show", name)
        assert shown.returncode == 0
        (config / "templates" / name).write_text(shown.stdout, encoding="utf-8")
    rows = {row["name"]: row for row in monitor_json("templates", "list", "--config", config)}
    assert rows["alert.txt"] == {"name": "alert.txt", "yours": True, "channels": ["terminal"]}
    assert not rows["alert.md"]["yours"]
    assert "alert.txt" in monitor("templates", "list", "--config", config).stdout
    assert "did you mean 'alert.html'" in monitor("templates", "show", "alerts.html").stderr


def test_a_channel_and_a_watch_have_templates_of_their_own(tmp_path: Path) -> None:
    """Others are written to as ever; a folder that is not there refuses the config; each message has its story's number."""
    with serve_documents({"/feed": FEED}) as site, HttpSink() as desk, HttpSink() as night:
        config = write_config(
            tmp_path / "config",
            feeds=[site.url("/feed")],
            watches=watch("Museum", "museum", '"desk", "night"', 'priority = "urgent"')
            + watch("Dam", "dam", '"desk", "night"', 'templates = "dams"'),
            channels=channel("desk", desk.apprise_url) + channel("night", night.apprise_url, 'templates = "night"'),
        )
        both = ("--config", config, "--state", tmp_path / "state")
        assert "there is no folder templates/night" in monitor("check", "--config", config).stderr
        for name, text in (("night/alert.txt", "Night: {{ story_line }}"), ("dams/alert.txt", "Dam: {{ headline }}")):
            (config / "templates" / name).parent.mkdir(parents=True)
            (config / "templates" / name).write_text(text, encoding="utf-8")
        assert monitor("check", "--config", config).returncode == 0
        rows = {row["name"]: row for row in monitor_json("templates", "list", "--config", config)}
        assert rows["night/alert.txt"] == {"name": "night/alert.txt", "yours": True, "channels": ["night"]}
        assert rows["dams/alert.txt"]["channels"] == ["desk", "night"]
        monitor("poll", *both)
        said = {one.json["message"].split("\n")[-1] for one in desk.posted}
        (number,) = {words.rpartition(" ")[2] for words in said if words.startswith("Story ")}
        assert said == {
            f"Dam: {STORIES[5][0]}",
            f"Story {number} · to acknowledge: monitor ack {number}",
        }
        assert {one.json["message"] for one in night.posted} == {
            f"Dam: {STORIES[5][0]}",
            f"Night: Story {number} · to acknowledge: monitor ack {number}",
        }
        assert monitor("channels", "test", "night", *both).returncode == 0
        assert night.posted[-1].json["message"] == "Night:"
        assert "is acknowledged" in monitor("ack", number, "--state", tmp_path / "state").stdout


def test_why_says_what_an_alert_waits_for(tmp_path: Path) -> None:
    """In words that lead on: the next digest, the next try, a channel that is gone from the config."""
    with serve_documents({"/feed": FEED}) as site, HttpSink(otherwise=Act(status=500)) as hook:
        config = write_config(
            tmp_path / "config",
            feeds=[site.url("/feed")],
            watches=watch("Flood", "flood", '"hook", "late"'),
            channels=channel("hook", hook.apprise_url) + channel("late", hook.apprise_url, 'digest = "0 8 * * *"'),
        )
        both = ("--config", config, "--state", tmp_path / "state")
        assert "deliveries wait" in monitor("poll", *both).stderr
    said = monitor("why", "https://a.example/5", *both).stdout
    assert "→ hook: not sent yet" in said
    assert "failed, to be tried again: the receiver answered 500" in said
    assert "the channel failed" in said or "next try" in said
    assert "waits for the channel's next digest at" in said
    rated = channel("hook", hook.apprise_url) + channel("late", hook.apprise_url, 'rate = "1 per hour"')
    (config / "channels.toml").write_text(rated, encoding="utf-8")
    said = monitor("why", "https://a.example/5", *both).stdout
    assert "goes out next, if the service runs" in said, "nothing was sent yet that would count"
    listed = monitor("deliveries", "list", *both[2:]).stdout
    assert "monitor why ARTICLE" in listed
    assert "no delivery waits" in monitor("deliveries", "list", "--held", *both[2:]).stdout
    (config / "watches.toml").write_text(watch("Flood", "flood", '"log"'), encoding="utf-8")
    (config / "channels.toml").write_text("", encoding="utf-8")
    assert "is not in the config any more" in monitor("why", "https://a.example/5", *both).stdout


def test_why_says_that_an_alert_waits_for_its_turn_once_all_are_taken(tmp_path: Path) -> None:
    with serve_documents({"/feed": FEED}) as site, HttpSink() as hook:
        config = write_config(
            tmp_path / "config",
            feeds=[site.url("/feed")],
            watches=watch("Flood", "flood", '"hook"'),
            channels=channel("hook", hook.apprise_url, 'rate = "1 per day"'),
        )
        both = ("--config", config, "--state", tmp_path / "state")
        assert monitor("poll", *both).returncode == 0
        assert len(hook.posted) == 1, "what the cap would hold back comes with the last one that it allows"
        site.documents["/feed"] = rss(item("Flood at last recedes", "Cleaners shovel mud.", link="https://a.example/9"))
        assert "1 delivery waits" in monitor("poll", *both).stderr
    assert "waits for its turn: the channel takes only so many" in monitor("why", "https://a.example/9", *both).stdout


def test_a_notice_to_the_operator_survives_a_kill_while_it_is_sent(tmp_path: Path) -> None:
    """It comes again under the same key, and the trouble that goes on is no new one."""
    gone = "[[feed]]\nurl = '{}'\nname = 'The Delta'\nallow_private = true\n"
    with serve_documents({"/feed": b""}) as site, HttpSink(Act(hang=True)) as operator:
        site.server.route("/feed", reply(status=410))
        config = write_config(
            tmp_path / "config",
            feeds=[gone.format(site.url("/feed"))],
            channels=channel("ops", operator.apprise_url),
            settings='operator = ["ops"]',
        )
        state = tmp_path / "state"
        # The first look finds it gone; the upkeep of the second start looks round at once.
        with service(config, state) as running:
            running.wait_for(lambda: running.events("feed_failed"))
            assert running.stop() == 0
        with service(config, state) as running:
            running.wait_for(lambda: operator.posted)
            running.process.kill()
        with service(config, state) as running:
            running.wait_for(lambda: query(state, "SELECT 1 FROM delivery WHERE state = 'sent'"))
            assert running.stop() == 0
        first, second = operator.posted
        assert first.headers["Idempotency-Key"] == second.headers["Idempotency-Key"]
        assert first.json["title"] == second.json["title"] == "News watch: feed The Delta fails: it is gone for good"
        assert query(state, "SELECT kind, (SELECT count(*) FROM notice) FROM alert") == [("notice", 1)]
