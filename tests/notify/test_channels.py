"""Sending to real receivers: what arrives, and what is said of each way in which it may fail."""

from __future__ import annotations

import base64
import io
import logging
import threading
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from receivers import Act, HttpSink, RamblingSmtp, SilentServer, SmtpSink, closed_port

from monitor.model import (
    AlertKind,
    AlertToSend,
    Channel,
    ClaimedDelivery,
    Message,
    Priority,
    SendOutcome,
    SendResult,
    Settings,
)
from monitor.notify import ChannelNotifier

NOW = datetime(2024, 7, 23, 12, 0, tzinfo=UTC)
SHORT = timedelta(seconds=0.6)
LONG = timedelta(seconds=10)
SECRET = "s3cret-t0ken"


class FixedClock:
    def now(self) -> datetime:
        return NOW

    def monotonic(self) -> float:
        return 0.0

    def chance(self) -> float:
        return 0.5

    def token(self) -> str:
        return "0" * 32


ALERT = AlertToSend(
    alert_id=1,
    watch="Iraq",
    kind=AlertKind.NEW,
    priority=Priority.HIGH,
    story=1,
    title="Title",
    url="https://agence.example/1",
    source="Agence",
    language="fr",
    published=None,
    discovered=NOW,
    created=NOW,
    text="",
    evidence=(),
    also_in=(),
)
DELIVERY = ClaimedDelivery(
    id=1, token="t", channel="desk", attempts=0, in_doubt=False, idempotency_key="k-1", alert=ALERT
)
TEXT = Message(
    title="Iraq: Été à Bagdad",
    body="«conclure» la mission\n.a line with a dot first\n@ & <b>plain</b>",
    format="text",
    headers={"List-Id": "<watch.1.localhost>"},
)
HTML = replace(TEXT, body="<p>Été <mark>met</mark> &lt;b&gt;</p>", format="html")


@pytest.fixture
def notifier(tmp_path: Path) -> ChannelNotifier:
    return make(tmp_path)


def make(state: Path, deadline: timedelta = LONG, stdout: Any = None) -> ChannelNotifier:
    return ChannelNotifier(Settings(send_deadline=deadline), state, FixedClock(), stdout or io.StringIO())


def post(notifier: ChannelNotifier, url: str, message: Message = TEXT, *, name: str = "desk") -> SendResult:
    return notifier.send(Channel(name=name, url=url, allow_private=True), message, DELIVERY)


class TestWebhook:
    def test_the_message_arrives_as_it_was_rendered_with_its_key(self, notifier: ChannelNotifier) -> None:
        with HttpSink() as sink:
            assert post(notifier, sink.apprise_url) == SendResult(outcome=SendOutcome.SENT)
            (posted,) = sink.posted
        assert (posted.json["title"], posted.json["message"]) == (TEXT.title, TEXT.body)
        assert posted.headers["Idempotency-Key"] == "k-1"

    def test_it_tells_the_alerts_as_data_as_well(self, notifier: ChannelNotifier) -> None:
        with HttpSink() as sink:
            post(notifier, sink.apprise_url)
            (posted,) = sink.posted
        (told,) = posted.json["alerts"]
        assert (told["watch"], told["url"], told["evidence"]) == (ALERT.watch, ALERT.url, [])

    @pytest.mark.parametrize(
        ("header", "wait"),
        [("90", timedelta(seconds=90)), ("Wed, 21 Oct 2099 07:28:00 GMT", None), ("soon", None), ("", None)],
    )
    def test_a_header_that_asks_for_patience_is_heard(
        self, notifier: ChannelNotifier, header: str, wait: timedelta | None
    ) -> None:
        """And is not taken for that of the next answer."""
        with HttpSink(Act(status=429, headers={"Retry-After": header}), Act(status=503)) as sink:
            asked = post(notifier, sink.apprise_url).retry_after
            assert asked == wait or (header.startswith("Wed") and asked is not None and asked > timedelta(days=1))
            assert post(notifier, sink.apprise_url).retry_after is None

    @pytest.mark.parametrize(
        ("act", "outcome", "said", "wait"),
        [
            (Act(status=500), SendOutcome.FAILED, "answered 500", None),
            (Act(status=401), SendOutcome.FAILED, "answered 401", None),
            (Act(status=404), SendOutcome.FAILED, "answered 404", None),
            (Act(status=400), SendOutcome.FAILED, "answered 400", None),
            (Act(status=413), SendOutcome.REFUSED, "answered 413", None),
            (Act(status=504), SendOutcome.UNKNOWN, "may have arrived", None),
            (Act(status=599), SendOutcome.FAILED, "answered 599", None),
            (Act(status=302, headers={"Location": "/elsewhere"}), SendOutcome.FAILED, "answered 302", None),
            (Act(status=429, body=b'{"retry_after": 7.5}'), SendOutcome.FAILED, "429 (too many requests)", 7.5),
            (Act(status=429, headers={"Retry-After": "9"}), SendOutcome.FAILED, "answered 429", 9),
            (Act(status=500, body=b'{"retry_after": 7}'), SendOutcome.FAILED, "answered 500", None),
            (Act(reset=True), SendOutcome.UNKNOWN, "may have arrived", None),
        ],
        ids=lambda value: f"{value.status}{'reset' if value.reset else ''}" if isinstance(value, Act) else "",
    )
    def test_each_answer_has_its_meaning_and_is_asked_for_once(
        self, notifier: ChannelNotifier, act: Act, outcome: SendOutcome, said: str, wait: float | None
    ) -> None:
        with HttpSink(act) as sink:
            result = post(notifier, sink.apprise_url)
            assert len(sink.posted) == 1
        assert (result.outcome, result.retry_after) == (outcome, None if wait is None else timedelta(seconds=wait))
        assert said in result.detail

    def test_a_receiver_that_is_down_got_nothing(self, notifier: ChannelNotifier) -> None:
        with closed_port() as port:
            result = post(notifier, f"json://127.0.0.1:{port}/")
        assert result == SendResult(outcome=SendOutcome.FAILED, detail="the receiver could not be reached")

    def test_a_name_that_does_not_resolve_got_nothing(self, notifier: ChannelNotifier) -> None:
        assert post(notifier, "json://no-such-host.invalid/").outcome is SendOutcome.FAILED

    def test_a_receiver_that_takes_the_request_and_hangs_is_unknown(self, tmp_path: Path) -> None:
        with HttpSink(Act(hang=True)) as sink:
            result = post(make(tmp_path, SHORT), sink.apprise_url)
            assert len(sink.posted) == 1
        assert result.outcome is SendOutcome.UNKNOWN

    def test_a_receiver_that_drips_is_left_at_the_deadline(self, tmp_path: Path) -> None:
        """Each byte comes in time, the answer never does: the deadline is over the whole conversation."""
        with HttpSink(otherwise=Act(drip=0.02)) as sink:
            notifier = make(tmp_path, SHORT)
            result = post(notifier, sink.apprise_url)
            assert result == SendResult(
                outcome=SendOutcome.UNKNOWN, detail="no answer within 0.6 s; it may have arrived"
            )

    def test_tries_that_hang_do_not_pile_up(self, tmp_path: Path) -> None:
        """With three tries still hanging the fourth does not even connect; another channel is not touched by it."""
        notifier = make(tmp_path, timedelta(seconds=0.25))
        with HttpSink(otherwise=Act(drip=0.02)) as slow, HttpSink() as healthy:
            outcomes = [post(notifier, slow.apprise_url).outcome for _ in range(3)]
            assert outcomes == [SendOutcome.UNKNOWN] * 3
            refused = post(notifier, slow.apprise_url)
            assert (refused.outcome, len(slow.posted)) == (SendOutcome.FAILED, 3)
            assert "still hang" in refused.detail
            assert post(notifier, healthy.apprise_url, name="other").outcome is SendOutcome.SENT

    def test_hung_receivers_do_not_delay_a_healthy_one(self, tmp_path: Path) -> None:
        notifier = make(tmp_path)
        with HttpSink(otherwise=Act(hang=True)) as hung, HttpSink() as healthy:
            threads = [
                threading.Thread(target=post, args=(notifier, hung.apprise_url), kwargs={"name": f"hung-{i}"})
                for i in range(8)
            ]
            for thread in threads:
                thread.start()
            hung.wait(8)
            assert post(notifier, healthy.apprise_url).outcome is SendOutcome.SENT
            assert len(hung.posted) == 8
            hung.release()
            for thread in threads:
                thread.join()

    def test_options_in_the_url_can_not_call_a_failure_a_success_or_repeat_it(self, notifier: ChannelNotifier) -> None:
        with HttpSink(otherwise=Act(status=500)) as sink:
            result = post(notifier, f"{sink.apprise_url}?optional=yes&retry=3&wait=0")
            assert len(sink.posted) == 1
        assert result.outcome is SendOutcome.FAILED


class TestMail:
    def test_a_mail_arrives_with_one_stable_message_id(self, notifier: ChannelNotifier) -> None:
        with SmtpSink() as sink:
            assert post(notifier, sink.apprise_url, HTML) == SendResult(outcome=SendOutcome.SENT)
            assert post(notifier, sink.apprise_url, HTML).outcome is SendOutcome.SENT
            first, second = sink.wait(2)
        assert first.message.get_all("Message-ID") == ["<k-1@news-watch.localhost>"]
        assert second.message["Message-ID"] == first.message["Message-ID"]
        assert first.message["List-Id"] == "<watch.1.localhost>"
        assert first.message["Subject"] == TEXT.title
        assert (first.sender, first.recipients) == ("watch@example.org", ("desk@example.org",))
        assert first.part("html").strip() == HTML.body
        assert "Été met <b>" in first.part("plain")

    def test_who_reads_mails_as_text_gets_the_message_made_as_text(self, notifier: ChannelNotifier) -> None:
        """Line by line as it was made, in any script; not what a program made of the HTML."""
        plain = "«conclure» la mission\n\nTrouvé: 洪水 " + "洪" * 400 + "\n.a dot first"
        with SmtpSink() as sink:
            assert post(notifier, sink.apprise_url, replace(HTML, plain=plain)).outcome is SendOutcome.SENT
            (mail,) = sink.wait()
        assert mail.part("plain").replace("\r\n", "\n").rstrip("\n") == plain
        assert mail.part("html").strip() == HTML.body

    def test_a_text_mail_is_not_changed_on_its_way(self, notifier: ChannelNotifier) -> None:
        """Neither a dot at a line's beginning nor markup is eaten."""
        with SmtpSink() as sink:
            post(notifier, sink.apprise_url)
            (mail,) = sink.wait()
        assert mail.message.get_content_type() == "text/plain"
        assert mail.part("plain").replace("\r\n", "\n").rstrip("\n") == TEXT.body

    @pytest.mark.parametrize(
        "title",
        [
            "=?utf-8?B?QmNjOiBldmlsQGUuZXhhbXBsZQ==?=", "=?utf-8?q?=0ABcc=3A_evil?=", "x" * 200, "洪" * 180,
            "Flood " * 30 + "end", "Iraq: المهمة", "plain", "\r\nBcc: evil@example.org",
        ],
    )  # fmt: skip
    def test_a_subject_says_what_the_headline_says_and_nothing_else(
        self, notifier: ChannelNotifier, title: str
    ) -> None:
        """What only looks like an encoded word is not decoded; nothing is folded into the words."""
        with SmtpSink() as sink:
            assert post(notifier, sink.apprise_url, replace(HTML, title=title)).outcome is SendOutcome.SENT
            (mail,) = sink.wait()
        assert mail.message.get_all("Bcc") is None
        assert mail.message.get_all("Subject") == [" ".join(title.split())]

    @pytest.mark.parametrize("form", ["html", "text"])
    @pytest.mark.parametrize("letter", ["洪", "ﷺ", "x"])
    def test_a_long_line_is_no_reason_to_refuse_a_mail(self, notifier: ChannelNotifier, form: str, letter: str) -> None:
        """RFC 5322 allows 998 octets in a line; a quoted sentence in Chinese has more."""
        body = letter * 1_200 if form == "text" else f"<p>{letter * 1_200}</p>"
        with SmtpSink() as sink:
            assert post(notifier, sink.apprise_url, replace(TEXT, body=body, format=form)).outcome is SendOutcome.SENT
            (mail,) = sink.wait()
        assert mail.part("html" if form == "html" else "plain").strip() == body

    def test_a_server_that_asks_for_a_login_gets_it(self, notifier: ChannelNotifier) -> None:
        with SmtpSink(login=("watch", SECRET)) as sink:
            url = sink.apprise_url.replace("://", f"://watch:{SECRET}@")
            assert post(notifier, url).outcome is SendOutcome.SENT
            wrong = post(notifier, sink.apprise_url.replace("://", "://watch:wr0ng@"))
        assert wrong.outcome is SendOutcome.FAILED
        assert wrong.detail == "the mail server refused the login (535 5.7.8)"

    @pytest.mark.parametrize(
        ("step", "reply", "outcome", "said"),
        [
            ("mail", "451 4.7.1 later", SendOutcome.FAILED, "refused while naming the sender (451 4.7.1)"),
            ("rcpt", "550 5.1.1 who?", SendOutcome.FAILED, "refused the recipient (550)"),
            ("data", "451 busy", SendOutcome.FAILED, "(451)"),
            ("data", "554 5.7.1 spam", SendOutcome.FAILED, "(554 5.7.1)"),
            ("data", "552 5.3.4 too big", SendOutcome.REFUSED, "(552 5.3.4)"),
        ],
    )
    def test_each_refusal_names_the_step_and_the_code(
        self, notifier: ChannelNotifier, step: str, reply: str, outcome: SendOutcome, said: str
    ) -> None:
        with SmtpSink(answers={step: reply}) as sink:
            result = post(notifier, sink.apprise_url)
        assert result.outcome is outcome
        assert said in result.detail
        assert reply.rsplit(maxsplit=1)[-1] not in result.detail

    @pytest.mark.parametrize(
        ("step", "outcome"),
        [("mail", SendOutcome.FAILED), ("rcpt", SendOutcome.FAILED), ("data", SendOutcome.UNKNOWN)],
    )
    def test_silence_before_the_message_is_a_failure_and_after_it_unknown(
        self, tmp_path: Path, step: str, outcome: SendOutcome
    ) -> None:
        with SmtpSink(hang=step) as sink:
            result = post(make(tmp_path, SHORT), sink.apprise_url)
            arrived = len(sink.mails)
        assert result.outcome is outcome
        assert arrived == (step == "data")
        assert ("may have arrived" in result.detail) == (step == "data")

    def test_a_server_that_is_down_or_never_greets_got_nothing(self, tmp_path: Path) -> None:
        with closed_port() as port, SilentServer() as silent:
            down = post(make(tmp_path), f"mailto://127.0.0.1:{port}?from=a@b.example&to=c@d.example&mode=insecure")
            mute = post(
                make(tmp_path, SHORT), f"mailto://127.0.0.1:{silent.port}?from=a@b.example&to=c@d.example&mode=insecure"
            )
        assert (down.outcome, mute.outcome) == (SendOutcome.FAILED, SendOutcome.FAILED)
        assert "connecting" in down.detail
        assert "connecting" in mute.detail

    @pytest.mark.parametrize(("step", "outcome"), [("greeting", SendOutcome.FAILED), ("receipt", SendOutcome.UNKNOWN)])
    def test_a_server_that_never_ends_its_answer_is_cut_off_at_the_deadline(
        self, tmp_path: Path, step: str, outcome: SendOutcome
    ) -> None:
        """Each line comes in time, the last one never does; whether it may have arrived depends on the step."""
        with RamblingSmtp(step) as server:
            result = post(make(tmp_path, SHORT), server.apprise_url)
        assert result.outcome is outcome
        assert ("may have arrived" in result.detail) == (step == "receipt")

    def test_encryption_that_the_server_lacks_is_not_done_without(self, notifier: ChannelNotifier) -> None:
        """A login and an alert never travel in the clear because a server says so."""
        with SmtpSink() as sink:
            starttls = post(notifier, sink.apprise_url.replace("mode=insecure", "mode=starttls"))
            tls = post(notifier, sink.apprise_url.replace("mode=insecure", "mode=ssl&verify=no"))
            assert sink.mails == []
        assert starttls.outcome is SendOutcome.FAILED
        assert "while starting encryption" in starttls.detail
        assert tls.outcome is SendOutcome.FAILED
        assert "while connecting" in tls.detail

    def test_what_was_cut_off_at_the_deadline_is_never_handed_over_later(self, tmp_path: Path) -> None:
        """A failed try must not deliver afterwards, or the next one makes two."""
        with SmtpSink(hang="mail") as sink:
            notifier = make(tmp_path, SHORT)
            result = post(notifier, sink.apprise_url)
            assert result.outcome is SendOutcome.FAILED
            sink.hang = ""
            sink.release()
            assert post(notifier, sink.apprise_url).outcome is SendOutcome.SENT
            assert len(sink.wait()) == 1


class TestSecrets:
    def test_no_secret_shows_in_an_answer_or_a_log(
        self, tmp_path: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
    ) -> None:
        """Whatever goes wrong, the URL's secrets stay in the URL, also with every logger at its most talkative."""
        results = []
        with ExitStack() as stack, caplog.at_level(logging.DEBUG, logger="apprise"):
            sink = stack.enter_context(HttpSink(Act(status=500), Act(reset=True), Act(hang=True)))
            mail = stack.enter_context(SmtpSink(login=("watch", "other")))
            port = stack.enter_context(closed_port())
            notifier = make(tmp_path, SHORT)
            hook = f"json://user:{SECRET}@127.0.0.1:{sink.port}/{SECRET}?+X-Token={SECRET}"
            results += [post(notifier, hook) for _ in range(3)]
            results.append(post(notifier, mail.apprise_url.replace("://", f"://watch:{SECRET}@")))
            results.append(post(notifier, f"json://user:{SECRET}@127.0.0.1:{port}/{SECRET}"))
            results.append(post(notifier, f"slack://{SECRET}"))
            results.append(post(notifier, f"{SECRET}"))
            results.append(post(notifier, f"nonsense-{SECRET}://x"))
        assert all(result.outcome is not SendOutcome.SENT for result in results)
        said = "".join(repr(result) for result in results) + caplog.text + "".join(capfd.readouterr())
        encoded = base64.b64encode(f"user:{SECRET}".encode()).decode()
        assert SECRET not in said
        assert encoded not in said

    def test_a_channel_that_can_not_be_used_keeps_its_deliveries_waiting(self, notifier: ChannelNotifier) -> None:
        """A person mends the config; until then the outbox tries again."""
        result = post(notifier, "slak://x")
        assert result.outcome is SendOutcome.FAILED
        assert "unusable: no service is called 'slak'; was 'slack' meant?" in result.detail

    def test_private_addresses_need_the_configs_word(self, notifier: ChannelNotifier) -> None:
        with HttpSink() as sink:
            result = notifier.send(Channel(name="desk", url=sink.apprise_url), TEXT, DELIVERY)
            assert sink.posted == []
        assert "allow_private = true" in result.detail


class TestTerminal:
    def test_an_alert_is_printed_as_a_block(self, tmp_path: Path) -> None:
        out = io.StringIO()
        assert post(make(tmp_path, stdout=out), "terminal:").outcome is SendOutcome.SENT
        assert out.getvalue() == f"\n{TEXT.title}\n{'─' * len(TEXT.title)}\n{TEXT.body}\n"

    def test_a_terminal_that_lacks_letters_shows_the_rest(self, tmp_path: Path) -> None:
        raw = io.BytesIO()
        out = io.TextIOWrapper(raw, encoding="ascii")
        assert post(make(tmp_path, stdout=out), "terminal:").outcome is SendOutcome.SENT
        assert b"Iraq: ?t? ? Bagdad" in raw.getvalue()

    def test_a_closed_terminal_is_a_failure_in_words(self, tmp_path: Path) -> None:
        out = io.StringIO()
        out.close()
        result = post(make(tmp_path, stdout=out), "terminal:")
        assert (result.outcome, result.detail) == (SendOutcome.FAILED, "the terminal is gone (ValueError)")
