"""When a channel lets its deliveries through follows from its config and the moment."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

from monitor.alerts import gate, gates, held_until
from monitor.alerts.when import is_quiet
from monitor.model import Channel, Gather, Priority, Quiet, Rate

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
NIGHT = datetime(2026, 3, 1, 23, tzinfo=UTC)
QUIET = Quiet(start=time(22), end=time(6), zone="UTC")


def channel(**values) -> Channel:
    return Channel(**{"name": "desk", "url": "json://desk.example", **values})


def test_a_plain_channel_is_open_and_gathers_only_a_backlog() -> None:
    found = gate(channel(), NOON)
    assert not found.closed
    assert found.only_until is None
    assert found.gathers == (Gather(until=NOON - timedelta(minutes=10), least=5),)
    assert found.stale == NOON - timedelta(days=7)
    assert found.cap is None


def test_in_quiet_hours_only_what_is_urgent_passes() -> None:
    assert gate(channel(quiet=QUIET), NIGHT).closed
    assert gate(channel(quiet=QUIET), NIGHT).passes == Priority.URGENT.rank
    high = Quiet(start=time(22), end=time(6), zone="UTC", passes=Priority.HIGH)
    assert gate(channel(quiet=high), NIGHT).passes == Priority.HIGH.rank
    assert not is_quiet(channel(), NIGHT)


def test_after_quiet_hours_what_was_held_comes_together() -> None:
    found = gate(channel(quiet=QUIET), NOON)
    assert not found.closed
    assert Gather(until=datetime(2026, 3, 1, 6, tzinfo=UTC), least=2) in found.gathers
    assert [one.until for one in found.gathers] == sorted((one.until for one in found.gathers), reverse=True)


def test_a_digest_takes_what_was_made_until_its_last_time() -> None:
    found = gate(channel(digest="0 8 * * *"), NOON)
    assert found.only_until == datetime(2026, 3, 1, 8, tzinfo=UTC)
    assert found.stale == datetime(2026, 2, 22, 8, tzinfo=UTC), "late from its digest on, not from its making"
    assert found.gathers[0] == Gather(until=NOON, least=2)


def test_a_cap_counts_back_from_now() -> None:
    found = gate(channel(rate=Rate(count=3, span=timedelta(hours=1))), NOON)
    assert (found.cap, found.cap_since) == (3, NOON - timedelta(hours=1))


def test_the_alert_file_takes_each_alert_by_itself_at_any_hour() -> None:
    found = gate(channel(url="log:", quiet=QUIET, digest="0 8 * * *"), NIGHT)
    assert not found.closed
    assert found.passes == 0
    assert found.gathers == ()


def test_each_channel_has_its_gate() -> None:
    assert [one.channel for one in gates([channel(), channel(name="two")], NOON)] == ["desk", "two"]


def test_what_an_alert_waits_for_is_said_with_its_end() -> None:
    """The same decision as the gate's, in words."""
    quiet, normal = channel(quiet=QUIET), Priority.NORMAL
    morning = datetime(2026, 3, 2, 6, tzinfo=UTC)
    assert held_until(quiet, normal, NIGHT, NIGHT) == ("the end of the channel's quiet hours", morning)
    assert held_until(quiet, Priority.URGENT, NIGHT, NIGHT) == ("", None)
    assert held_until(quiet, normal, NIGHT, NOON) == ("", None)
    digest = channel(digest="0 18 * * *", zone="Europe/Paris")
    evening = datetime(2026, 3, 1, 17, tzinfo=UTC)
    assert held_until(digest, normal, NOON, NOON) == ("the channel's next digest", evening)
    assert held_until(digest, normal, NOON, evening) == ("", None)
    capped = channel(rate=Rate(count=1, span=timedelta(hours=1)))
    assert held_until(capped, normal, NOON, NOON, sent=1) == ("its turn: the channel takes only so many messages", None)
    assert held_until(capped, normal, NOON, NOON, sent=0) == ("", None)
    assert held_until(capped, Priority.URGENT, NOON, NOON, sent=1) == ("", None)
    assert held_until(channel(url="log:", quiet=QUIET), normal, NIGHT, NIGHT) == ("", None)
