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
    ],
)  # fmt: skip
def test_each_reason_has_its_outcome(said: list[str], outcome: SendOutcome, detail: str) -> None:
    result = read_failure(said)
    assert result.outcome is outcome
    assert detail in result.detail


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
    result = read_failure(["Failed to send X notification: error=429.", f"Response Details:\r\n{body}"])
    assert result.retry_after == (None if wait is None else timedelta(seconds=wait))
