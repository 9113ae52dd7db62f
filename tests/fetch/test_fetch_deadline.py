"""The deadline by itself: what happens around the moment in which it passes."""

from __future__ import annotations

import socket
import ssl
import threading
from datetime import timedelta

import pytest
import urllib3

from monitor.clock import SystemClock
from monitor.fetch.connection import Wire, connect
from monitor.fetch.deadline import Deadline
from monitor.fetch.gates import HostGates, Place
from monitor.fetch.problems import FetchProblem, before_answer, in_body, shown_url
from monitor.model import FetchFault


def test_a_connection_made_after_the_cut_is_shut_at_once() -> None:
    """No connection slips through between the cut and its being watched."""
    near, far = socket.socketpair()
    with near, far, Deadline(SystemClock(), timedelta(seconds=30)) as deadline:
        deadline.cut()
        deadline.watch(near)
        assert far.recv(1) == b""


def test_who_waits_after_the_cut_is_woken_at_once() -> None:
    """The same for what is no connection."""
    woken = threading.Event()
    with Deadline(SystemClock(), timedelta(seconds=30)) as deadline:
        deadline.cut()
        deadline.on_cut(woken.set)
    assert woken.is_set()
    assert deadline.passed
    assert deadline.remaining() > 29


def test_no_connection_is_begun_after_the_cut() -> None:
    """A fetch that was cut while it looked a name up goes no further."""
    with Deadline(SystemClock(), timedelta(seconds=30)) as deadline:
        deadline.cut()
        wire = Wire(
            deadline=deadline,
            resolve=lambda *_: [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", 1))],
            guarded=False,
            allow_private=False,
        )
        with pytest.raises(FetchProblem) as caught:
            connect(wire, "127.0.0.1", 1)
    assert caught.value.fault is FetchFault.DEADLINE


def test_closed_gates_let_nobody_in() -> None:
    """A place that is free is not given any more."""
    gates = HostGates(0, SystemClock())
    with gates.place("a", wait=0) as first, gates.place("a", wait=0) as second, gates.place("b", wait=0) as other:
        assert (first, second, other) == (Place.MINE, Place.BUSY, Place.MINE)
    gates.close()
    with gates.place("a", wait=10) as late:
        assert late is Place.BUSY


@pytest.mark.parametrize("explain", [before_answer, in_body])
@pytest.mark.parametrize(
    ("error", "fault"),
    [
        (TimeoutError(), FetchFault.DEADLINE),
        (urllib3.exceptions.ReadTimeoutError(None, "/", "x"), FetchFault.DEADLINE),  # type: ignore[arg-type]
        (ssl.SSLError(1, "[SSL: BAD_RECORD] x"), FetchFault.TLS),
        (urllib3.exceptions.SSLError(OSError("x")), FetchFault.TLS),
    ],
)
def test_foreign_exceptions_have_one_meaning_at_any_moment(explain, error: Exception, fault: FetchFault) -> None:
    """Time and TLS are told apart from a broken answer, however deep the cause stands, and never in foreign words."""
    for wrapped in (error, urllib3.exceptions.ProtocolError("https://me:hush@example.org", error)):
        problem = explain(wrapped, "example.org")
        assert problem.fault is fault
        assert "hush" not in problem.detail


def test_causes_that_go_round_end() -> None:
    """An exception may stand in its own chain of causes."""
    first, second = OSError("a"), OSError("b")
    first.__cause__, second.__cause__ = second, first
    assert before_answer(first, "example.org").fault is FetchFault.CONNECT


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://me:hush@example.org:8/a?token=x#y", "https://example.org:8/a?..."),
        ("file:sample.xml", "file:sample.xml"),
        ("http://[::1", ""),
    ],
)
def test_urls_are_shown_without_what_may_be_secret(url: str, shown: str) -> None:
    """User, password, query and fragment are left out; what can't be taken apart is not shown at all."""
    assert shown_url(url) == shown
