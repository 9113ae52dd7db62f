"""WebSub's questions and signatures: only what we asked for is confirmed, only what the hub signed is believed."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from monitor.feeds import LEASE, Intent, intent_of, lease_of, patience_after, renewal, signed_by
from monitor.model import PushState, Subscription

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
TOPIC = "https://news.example/feed"
ASKED = Subscription(
    token="0" * 32,
    feed=TOPIC,
    hub="https://hub.example/",
    topic=TOPIC,
    callback="https://we.example/push/" + "0" * 32,
    secret="secret",
    state=PushState.ASKED,
    due=NOW,
    pending="subscribe",
)
LEAVING = replace(ASKED, state=PushState.LEAVING, pending="unsubscribe")


def said(mode: str, *, topic: str = TOPIC, challenge: str = "c") -> dict[str, str]:
    return {"hub.mode": mode, "hub.topic": topic, "hub.challenge": challenge}


@pytest.mark.parametrize(
    ("subscription", "parameters", "meant"),
    [
        (ASKED, said("subscribe"), Intent.CONFIRMED),
        (LEAVING, said("unsubscribe"), Intent.ENDED),
        (ASKED, said("denied", challenge=""), Intent.DENIED),
        (LEAVING, said("denied"), Intent.ENDED),
        (ASKED, said("unsubscribe"), Intent.STRANGE),
        (LEAVING, said("subscribe"), Intent.STRANGE),
        (replace(ASKED, pending=""), said("subscribe"), Intent.STRANGE),
        (replace(ASKED, pending=""), said(""), Intent.STRANGE),
        (ASKED, said("subscribe", topic=TOPIC + "2"), Intent.STRANGE),
        (ASKED, said("denied", topic="é"), Intent.STRANGE),
        (ASKED, said("subscribe", challenge=""), Intent.STRANGE),
        (ASKED, said("subscribe", challenge="c" * 2_001), Intent.STRANGE),
        (ASKED, {}, Intent.STRANGE),
    ],
)
def test_only_what_was_asked_for_is_confirmed(
    subscription: Subscription, parameters: dict[str, str], meant: Intent
) -> None:
    assert intent_of(subscription, parameters) is meant


@pytest.mark.parametrize(
    ("seconds", "lease"),
    [
        ("3600", timedelta(hours=1)),
        ("3599", None),
        ("0", None),
        ("99999999999", timedelta(days=60)),
        ("9999999999999", timedelta(days=1)),
        ("-5", timedelta(days=1)),
        ("", timedelta(days=1)),
        ("٣", timedelta(days=1)),
    ],
)
def test_a_lease_is_bounded_whatever_the_hub_says(seconds: str, lease: timedelta | None) -> None:
    """One that would end within the hour is of no use: its renewals would be more than looks."""
    assert lease_of({"hub.lease_seconds": seconds}) == lease


def test_a_lease_is_renewed_well_before_its_end() -> None:
    for chance in (0.0, 0.99):
        assert NOW + LEASE * 0.6 < renewal(NOW, LEASE, chance) <= NOW + LEASE * 0.75


def test_each_try_in_vain_waits_twice_as_long_up_to_a_day() -> None:
    assert patience_after(0, 0.0) == timedelta(minutes=15)
    assert patience_after(1, 0.0) == timedelta(minutes=30)
    assert patience_after(1_000, 0.0) == timedelta(hours=24)


@pytest.mark.parametrize("method", ["sha1", "sha256", "sha384", "sha512"])
def test_a_signature_of_each_method_of_the_standard_is_known(method: str) -> None:
    right = hmac.new(b"secret", b"body", getattr(hashlib, method)).hexdigest()
    assert signed_by("secret", f"{method}={right}", b"body")
    assert signed_by("secret", f" {method.upper()}={right.upper()} ", b"body")
    assert not signed_by("other", f"{method}={right}", b"body")
    assert not signed_by("secret", f"{method}={right}", b"body2")


@pytest.mark.parametrize("header", ["", "sha256", "sha256=", "sha256=é", "md5=" + "0" * 32, "=", "sha256=\ud800"])
def test_no_signature_and_a_strange_one_are_none(header: str) -> None:
    assert not signed_by("secret", header, b"body")
