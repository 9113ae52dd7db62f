"""Which channel URLs are taken, in what words the others are refused, and how the chat services are asked to behave."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from receivers import Act, HttpSink
from test_channels import ALERT, DELIVERY, NOW, SECRET, make, post

from monitor.alerts import render
from monitor.model import AlertToSend, Channel, SendOutcome
from monitor.notify import check_channel_url, describe

HOSTILE = "@everyone <!channel> [bank](https://evil.example) *b* _i_ <b>x</b> & {{7*7}}"


class TestCheck:
    @pytest.mark.parametrize(
        "url",
        [
            "log:",
            "terminal:",
            "LOG:",
            "json://hooks.example.org/x",
            "mailto://127.0.0.1:2525?from=a@b.example&to=c@d.example",
            f"mailtos://desk:{SECRET}@mail.example.org?to=desk@example.org",
            "tgram://123456789:abcdefg_hijklmnop/123456",
            "discord://1234567890/abcdefghijklmnop",
            "ntfy://topic",
            "json://93.184.216.34/x",
        ],
    )
    def test_a_url_that_can_be_used_has_no_problem(self, url: str) -> None:
        assert check_channel_url(url) is None

    @pytest.mark.parametrize(
        ("url", "said"),
        [
            (f"log:{SECRET}", "'log:' takes nothing after the colon"),
            (SECRET, "it is no channel URL"),
            (f"{SECRET}:x", "it is no channel URL"),
            (f"{SECRET}://x", "it names no known service"),
            ("slak://a/b/c", "no service is called 'slak'; was 'slack' meant?"),
            ("qqqqqqq://x", "no service is called 'qqqqqqq'"),
            ("https://hooks.chat.example/services/a/b", "'https' is no service: write the service's own form"),
            (f"slack://{SECRET}", "Slack does not take this URL"),
            (f"discord://{SECRET}", "Discord does not take this URL"),
            ("mailto://", "does not take this URL"),
            ("mailto://a:b@mail.example.org?to=x@y.example,z@y.example", "it names 2 recipients"),
            ("json://localhost/x", "allow_private"),
            ("json://hub.localhost/x", "allow_private"),
            ("json://10.0.0.7/x", "allow_private"),
            ("json://169.254.169.254/latest", "allow_private"),
            ("json://[::1]/x", "allow_private"),
            ("json://[::ffff:10.0.0.1]/x", "allow_private"),
            ("json://2130706433/x", "allow_private"),
            ("json://0x7f000001/x", "allow_private"),
        ],
    )
    def test_a_url_that_can_not_be_used_is_refused_in_words_without_its_secret(self, url: str, said: str) -> None:
        problem = check_channel_url(url)
        assert problem is not None
        assert said in problem
        assert SECRET not in problem

    def test_a_private_receiver_may_be_meant(self) -> None:
        assert check_channel_url("json://10.0.0.7/x", allow_private=True) is None

    @pytest.mark.parametrize(
        ("url", "words"),
        [
            ("log:", "desk (file alerts.jsonl)"),
            ("terminal:", "desk (terminal)"),
            (f"mailtos://u:{SECRET}@mail.example.org", "desk (E-Mail)"),
            (SECRET, "desk (unknown service)"),
            (f"{SECRET}://x", "desk (unknown service)"),
        ],
    )
    def test_a_channel_is_described_without_its_url(self, url: str, words: str) -> None:
        assert describe(Channel(name="desk", url=url)) == words


def hostile_alert() -> AlertToSend:
    return replace(ALERT, title=HOSTILE, source=HOSTILE)


@pytest.fixture
def chat(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """Send a hostile alert to a service whose address is a sink of ours; gives the request and the result."""

    def send(target: str, url: str, *acts: Act, path: str = "") -> Any:
        with HttpSink(*acts) as sink:
            monkeypatch.setattr(target, f"http://127.0.0.1:{sink.port}{path}")
            kind = url.partition(":")[0]
            message = render(hostile_alert(), kind=kind, zone="UTC", now=NOW)
            result = make(tmp_path).send(Channel(name="chat", url=url), message, DELIVERY)
            return sink.posted, result, message

    return send


class TestChats:
    def test_discord_is_told_to_take_no_mention_and_gets_markup_as_signs(self, chat: Any) -> None:
        posted, result, _ = chat(
            "apprise.plugins.discord.NotifyDiscord.notify_url", "discord://1234567890/abcdefghijklmnop"
        )
        assert result.outcome is SendOutcome.SENT
        payload = posted[0].json
        assert payload["allowed_mentions"] == {"parse": []}
        assert "@everyone" not in payload["content"]
        assert r"\*b\*" in payload["content"]
        assert len(payload["content"]) <= 2000

    def test_discord_is_asked_once_when_it_says_too_many_requests(self, chat: Any) -> None:
        posted, result, _ = chat(
            "apprise.plugins.discord.NotifyDiscord.notify_url",
            "discord://1234567890/abcdefghijklmnop",
            Act(status=429, body=b'{"message": "You are being rate limited.", "retry_after": 2.5, "global": false}'),
        )
        assert len(posted) == 1
        assert (result.outcome, result.retry_after) == (SendOutcome.FAILED, timedelta(seconds=2.5))

    def test_telegram_gets_the_words_escaped(self, chat: Any) -> None:
        posted, result, _ = chat(
            "apprise.plugins.telegram.NotifyTelegram.notify_url",
            "tgram://123456789:abcdefg_hijklmnop/123456",
            Act(body=b'{"ok": true, "result": {}}'),
            path="/bot",
        )
        assert result.outcome is SendOutcome.SENT
        text = posted[-1].json["text"]
        assert "{{7*7}}" in text
        assert "<b>x</b>" not in text
        assert "＠everyone" in text

    def test_telegrams_waiting_time_is_learnt_from_its_answer(self, chat: Any) -> None:
        body = b'{"ok": false, "error_code": 429, "description": "Too Many", "parameters": {"retry_after": 31}}'
        _, result, _ = chat(
            "apprise.plugins.telegram.NotifyTelegram.notify_url",
            "tgram://123456789:abcdefg_hijklmnop/123456",
            Act(status=429, body=body),
            path="/bot",
        )
        assert (result.outcome, result.retry_after) == (SendOutcome.FAILED, timedelta(seconds=31))

    def test_slack_gets_plain_text(self, chat: Any) -> None:
        posted, result, _ = chat(
            "apprise.plugins.slack.NotifySlack.webhook_url",
            "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/#general",
            Act(body=b"ok"),
            path="/services",
        )
        assert result.outcome is SendOutcome.SENT
        shown = posted[0].body.decode()
        for mention in ("<!channel>", "@everyone", "](https"):
            assert mention not in shown

    def test_a_webhook_gets_no_live_mention_either(self, tmp_path: Path) -> None:
        """Generic webhooks are often bridges to a chat."""
        message = render(hostile_alert(), kind="json", zone="UTC", now=NOW)
        with HttpSink() as sink:
            post(make(tmp_path), sink.apprise_url, message)
            (posted,) = sink.posted
        for mention in ("<!channel>", "@everyone", "](https"):
            assert mention not in posted.json["title"] + posted.json["message"]
