"""Receivers that are down, refuse, put off or hang: each alert keeps its reason, comes once when it can, and delays no other."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest
from program import item, monitor, monitor_json, rss, serve_documents, service, write_config
from receivers import Act, HttpSink, SilentServer, SmtpSink

FEED = rss(item("Flood in the delta", "The river rose.", link="https://a.example/1"))
NAMES = ("log", "good", "down", "later", "never", "silent", "hook")
WATCH = f'[[watch]]\nname = "Flood"\nany = ["flood"]\nchannels = {list(NAMES)}\n'.replace("'", '"')


def channel(name: str, url: str, more: str = "") -> str:
    return f'[{name}]\nurl = "{url}"\nallow_private = true\n{more}\n'


def mail_url(port: int) -> str:
    return f"mailto://127.0.0.1:{port}?from=watch@example.org&to=desk@example.org&mode=insecure"


def deliveries(config: Path, state: Path) -> dict[str, dict]:
    (alert,) = monitor_json("alerts", "--state", state)
    return {delivery["channel"]: delivery for delivery in alert["deliveries"]}


def test_a_receiver_in_trouble_keeps_its_alert_and_delays_no_other(tmp_path: Path) -> None:
    """A mail server that is down, greylists (4xx), refuses (5xx) or hangs; a webhook that answers 500 at first."""
    with socket.create_server(("127.0.0.1", 0)) as kept:
        free = kept.getsockname()[1]
    with (
        serve_documents({"/feed": FEED}) as site,
        SmtpSink() as good,
        SmtpSink(answers={"rcpt": "451 4.7.1 greylisted, come back later"}) as later,
        SmtpSink(answers={"rcpt": "550 5.1.1 no such user"}) as never,
        SilentServer() as silent,
        HttpSink(Act(status=500)) as hook,
    ):
        channels = "".join(
            [
                channel("good", mail_url(good.port)),
                channel("down", mail_url(free)),
                channel("later", mail_url(later.port)),
                channel("never", mail_url(never.port)),
                channel("silent", mail_url(silent.port)),
                channel("hook", hook.apprise_url),
            ]
        )
        config = write_config(
            tmp_path / "config",
            feeds=[site.url("/feed")],
            watches=WATCH,
            channels=channels,
            settings='send_deadline = "2s"',
        )
        state = tmp_path / "state"
        with service(config, state) as running:
            running.wait_for(running.alerts)
            running.wait_for(lambda: good.mails and hook.posted)
            running.wait_for(lambda: len(running.events("delivery_pending")) >= 5)
            found = deliveries(config, state)
            states = {name: found[name]["state"] for name in NAMES}
            assert states == {
                "log": "sent", "good": "sent", "down": "pending", "later": "pending", "never": "pending",
                "silent": "pending", "hook": "pending",
            }  # fmt: skip
            assert "451" in found["later"]["detail"]
            assert "550" in found["never"]["detail"]
            assert "500" in found["hook"]["detail"]
            for name in ("down", "silent"):
                assert found[name]["detail"]
            shown = monitor("alerts", "--state", state).stdout
            # Not the hook: its second try may be through by now.
            assert "refused the recipient (550)" in " ".join(shown.split())

            later.answers.clear()
            never.answers.clear()
            mended = ("later", "never", "hook")
            running.wait_for(
                lambda: all(deliveries(config, state)[name]["state"] == "sent" for name in mended), seconds=60
            )
            assert running.stop() == 0
        assert [len(sink.mails) for sink in (good, later, never)] == [1, 1, 1]
        assert len(hook.posted) == 2
        assert len(running.alerts()) == 1
        assert hook.posted[0].headers["Idempotency-Key"] == hook.posted[1].headers["Idempotency-Key"]


@pytest.mark.parametrize(("policy", "state_then"), [("hold", "held"), ("resend", "pending")])
def test_a_channel_says_what_becomes_of_an_alert_of_unknown_fate(tmp_path: Path, policy: str, state_then: str) -> None:
    """A webhook that takes the request and never answers: held for a person, or tried again."""
    with serve_documents({"/feed": FEED}) as site, HttpSink(Act(hang=True), otherwise=Act(hang=True)) as hook:
        config = write_config(
            tmp_path / "config",
            feeds=[site.url("/feed")],
            watches='[[watch]]\nname = "Flood"\nany = ["flood"]\nchannels = ["hook"]\n',
            channels=channel("hook", hook.apprise_url, f'on_unknown = "{policy}"'),
            settings='send_deadline = "1s"',
        )
        done = monitor("poll", "--config", config, "--state", tmp_path / "state")
        found = deliveries(config, tmp_path / "state")["hook"]
        assert found["state"] == state_then
        assert "may have arrived" in found["detail"]
        assert done.returncode == (0 if policy == "hold" else 1)
        assert len(hook.posted) == 1


def test_alerts_for_a_channel_that_left_the_config_wait_until_it_is_back(tmp_path: Path) -> None:
    """They are neither lost nor sent elsewhere; ``monitor alerts`` shows them pending."""
    with serve_documents({"/feed": FEED}) as site, HttpSink(Act(status=503), otherwise=Act(status=503)) as hook:
        watches = '[[watch]]\nname = "Flood"\nany = ["flood"]\nchannels = ["hook", "log"]\n'
        config = write_config(
            tmp_path / "config",
            feeds=[site.url("/feed")],
            watches=watches,
            channels=channel("hook", hook.apprise_url),
        )
        state = tmp_path / "state"
        with service(config, state) as running:
            running.wait_for(lambda: running.events("delivery_pending"))
            (config / "channels.toml").write_text("", encoding="utf-8")
            (config / "watches.toml").write_text(watches.replace('"hook", ', ""), encoding="utf-8")
            running.wait_for(lambda: running.events("config_reloaded"))
            assert running.stop() == 0
        assert deliveries(config, state)["hook"]["state"] == "pending"
        hook.then(Act(), Act())
        tried = len(hook.posted)
        with service(config, state) as running:
            running.wait_for(lambda: running.events("started"))
            (config / "channels.toml").write_text(channel("hook", hook.apprise_url), encoding="utf-8")
            running.wait_for(lambda: deliveries(config, state)["hook"]["state"] == "sent", seconds=60)
            assert running.stop() == 0
        assert len(hook.posted) == tried + 1
