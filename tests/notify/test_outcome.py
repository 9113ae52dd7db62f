"""What the words of a failed attempt say about its fate."""

from __future__ import annotations

from datetime import timedelta

import pytest

from monitor.model import SendOutcome
from monitor.notify.outcome import read_failure


@pytest.mark.parametrize(
    ("said", "outcome", "detail"),
    [
        ([], SendOutcome.FAILED, "gave no reason"),
        (["Unable to notify."], SendOutcome.FAILED, "gave no reason"),
        (["A Connection error occurred.", "Socket Exception: (Caused by NewConnectionError('Connection refused'))"],
         SendOutcome.FAILED, "could not be reached"),
        (["Socket Exception: (Caused by ConnectTimeoutError('timed out. (connect timeout=4)'))"],
         SendOutcome.FAILED, "could not be reached"),
        (["Socket Exception: (Caused by NameResolutionError(\"Failed to resolve 'x'\"))"],
         SendOutcome.FAILED, "could not be reached"),
        (["Socket Exception: (Caused by SSLError(SSLCertVerificationError('certificate verify failed')))"],
         SendOutcome.FAILED, "certificate could not be verified"),
        (["Socket Exception: HTTPConnectionPool(host='x', port=1): Read timed out. (read timeout=4.0)"],
         SendOutcome.UNKNOWN, "may have arrived"),
        (["Socket Exception: ('Connection aborted.', RemoteDisconnected('closed without response'))"],
         SendOutcome.UNKNOWN, "may have arrived"),
        (["Failed to send X notification: Gateway, error=504."], SendOutcome.UNKNOWN, "504 (gateway timeout)"),
        (["Failed to send X notification: error=520."], SendOutcome.FAILED, "answered 520"),
        (["Failed: error=500.", "Failed: Too large, error=413."], SendOutcome.REFUSED, "413"),
        (["Socket Exception: (Caused by ProxyError('Unable to connect', NewConnectionError('refused')))"],
         SendOutcome.FAILED, "could not be reached"),
        (["Socket Exception: (Caused by ProxyError('Unable to connect', OSError('Tunnel connection failed: 403')))"],
         SendOutcome.FAILED, "the proxy did not connect"),
        (["Socket Exception: (Caused by ProxyError('Unable to connect to proxy', RemoteDisconnected('closed')))"],
         SendOutcome.UNKNOWN, "may have arrived"),
        (["Socket Exception: (Caused by SSLError(SSLEOFError(8, 'EOF occurred in violation of protocol')))"],
         SendOutcome.UNKNOWN, "may have arrived"),
        (["Socket Exception: (Caused by SSLError(SSLError(1, '[SSL: WRONG_VERSION_NUMBER] wrong version number')))"],
         SendOutcome.FAILED, "no encrypted connection"),
    ],
)  # fmt: skip
def test_each_reason_has_its_outcome(said: list[str], outcome: SendOutcome, detail: str) -> None:
    result = read_failure(logged(said))
    assert result.outcome is outcome
    assert detail in result.detail


def logged(messages: list[str]) -> list[tuple[str, str]]:
    """Apprise gives a status as a warning, and all that it knows beside it as details."""
    return [("WARNING" if "error=" in said and ":\r\n" not in said else "DEBUG", said) for said in messages]


@pytest.mark.parametrize("words", ["error=413", "Read timed out", "Socket Exception: Read timed out", "retry_after=9"])
def test_words_of_a_feed_or_of_an_error_page_decide_nothing(words: str) -> None:
    """They stand in what was posted, in its address, and in what was answered."""
    posted = ("DEBUG", f"Telegram Payload: {{'text': '{words}', 'chat_id': 1}}")
    refused = (
        "DEBUG",
        f"Socket Exception: Max retries exceeded with url: /?{words.replace(' ', '+')} (Connection refused)",
    )
    result = read_failure([posted, refused])
    assert (result.outcome, result.detail) == (SendOutcome.FAILED, "the receiver could not be reached")
    answered = [posted, ("WARNING", "Failed, error=500."), ("DEBUG", f"Response Details:\r\nb'{words}'")]
    result = read_failure(answered)
    assert (result.outcome, result.retry_after) == (SendOutcome.FAILED, None)
    assert "500" in result.detail


@pytest.mark.parametrize(
    ("body", "wait"),
    [
        (r"""b'{"retry_after": 2.5}'""", 2.5),
        (r"""b'{"parameters": {"retry_after": 31}}'""", 31),
        (r"""b'Retry-After: 12'""", 12),
        (r"""b'{"message": "slow down"}'""", None),
    ],
)
def test_a_waiting_time_is_learnt_where_the_answer_tells_one(body: str, wait: float | None) -> None:
    said = ["Failed to send X notification: error=429.", f"Response Details:\r\n{body}"]
    result = read_failure(logged(said))
    assert result.retry_after == (None if wait is None else timedelta(seconds=wait))
