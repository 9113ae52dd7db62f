"""Many feeds that can't be reached are one trouble, told once; a feed that fails by itself is told by itself."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from monitor.app.saying import Reach
from monitor.logs import configure_logs
from monitor.model import FetchFault
from monitor.pipeline import PollOutcome, PollResult

NOON = datetime(2026, 2, 3, 12, tzinfo=UTC)


@pytest.fixture
def said() -> Iterator[io.StringIO]:
    stream = io.StringIO()
    configure_logs("json", "info", stream=stream)
    yield stream
    configure_logs("json", "info", stream=io.StringIO())


def events(stream: io.StringIO) -> list[str]:
    return [json.loads(line)["event"] for line in stream.getvalue().splitlines()]


def failed(name: str, fault: FetchFault = FetchFault.DNS) -> PollOutcome:
    return PollOutcome(feed=f"https://{name}.example/", result=PollResult.FAILED, next_check=NOON, fault=fault)


def test_a_network_that_is_gone_is_said_once(said: io.StringIO) -> None:
    """Three feeds are told, then the trouble, then nothing more until one answers."""
    reach = Reach()
    for number in range(30):
        reach.say(failed(f"n{number}"))
    assert events(said) == ["feed_failed"] * 3 + ["network_unreachable"]
    reach.say(PollOutcome(feed="file:a.xml", result=PollResult.READ, next_check=NOON, new=1))
    reach.say(failed("n1"))
    assert events(said)[4:] == ["feed_read"]
    reach.say(PollOutcome(feed="https://a.example/", result=PollResult.READ, next_check=NOON, new=1))
    reach.say(failed("n1"))
    assert events(said)[5:] == ["network_reachable_again", "feed_read", "feed_failed"]


def test_feeds_that_fail_in_their_own_ways_are_each_told(said: io.StringIO) -> None:
    """A server's own trouble shows that there is a network."""
    reach = Reach()
    for number in range(8):
        reach.say(failed(f"n{number}"))
        reach.say(failed(f"s{number}", FetchFault.HTTP_STATUS))
    assert events(said) == ["feed_failed"] * 16


def test_what_was_not_asked_says_nothing_of_the_network_and_a_gap_is_told(said: io.StringIO) -> None:
    """A host that rests was not reached; entries that were missed concern the person."""
    reach = Reach()
    for number in range(4):
        reach.say(failed(f"n{number}"))
    reach.say(PollOutcome(feed="https://a.example/", result=PollResult.PUT_OFF, next_check=NOON, detail="it rests"))
    assert events(said) == ["feed_failed"] * 3 + ["network_unreachable"]
    reach.say(PollOutcome(feed="https://b.example/", result=PollResult.READ, next_check=NOON, new=1, gap="2 missed"))
    assert events(said)[4:] == ["network_reachable_again", "feed_read", "feed_gap"]
