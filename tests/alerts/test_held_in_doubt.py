"""A delivery whose earlier try was cut off is sent again, or held for a person, as its channel says."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from test_alert_decision import claimed

from monitor.alerts import hold_in_doubt, settle
from monitor.model import Channel, DeliveryState, SendOutcome, SendResult

NOW = datetime(2026, 2, 3, tzinfo=UTC)


@pytest.mark.parametrize(
    ("in_doubt", "on_unknown", "held"),
    [(False, "resend", False), (False, "hold", False), (True, "resend", False), (True, "hold", True)],
)
def test_only_a_doubtful_delivery_to_a_cautious_channel_is_held(in_doubt: bool, on_unknown: str, held: bool) -> None:
    """Held unsent, with the reason; everything else goes out."""
    delivery = replace(claimed(), in_doubt=in_doubt)
    outcome = hold_in_doubt(delivery, Channel(name="c", url="log:", on_unknown=on_unknown), NOW)
    assert (outcome is not None) is held
    if outcome:
        assert outcome.state is DeliveryState.HELD
        assert "held for a person" in outcome.detail


@pytest.mark.parametrize("fate", list(SendOutcome))
def test_only_a_try_of_unknown_fate_leaves_doubt(fate: SendOutcome) -> None:
    """The doubt is kept with the outcome, so that the next try knows of it."""
    outcome = settle(claimed(), SendResult(outcome=fate), Channel(name="c", url="log:"), NOW, 0.5)
    assert outcome.in_doubt is (fate is SendOutcome.UNKNOWN)
