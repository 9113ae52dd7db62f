"""What a person is shown of the state: the facts gathered in one place, and put into words in one place.

Beside the article's way: the commands print these words, and the console sets them on its pages, so that both say the
same. Reads the store and changes nothing; texts that come from feeds are handed on as they are, and whoever shows them
makes them safe for the place.
"""

from __future__ import annotations

from monitor.showing.deliveries import ChannelsNow, DeliveryTold, channels_now, tell_delivery, what_it_waits_for
from monitor.showing.fate import (
    Fate,
    FateTold,
    Miss,
    WatchTold,
    fate_of,
    find_article,
    number_said,
    silence_said,
    tell_fate,
)
from monitor.showing.feeds import Ailment, FeedTrouble, ailments, failing_alike, feed_troubles, of_budget
from monitor.showing.stories import nearest_other, why_in_story

__all__ = [
    "Ailment",
    "ChannelsNow",
    "DeliveryTold",
    "Fate",
    "FateTold",
    "FeedTrouble",
    "Miss",
    "WatchTold",
    "ailments",
    "channels_now",
    "failing_alike",
    "fate_of",
    "feed_troubles",
    "find_article",
    "nearest_other",
    "number_said",
    "of_budget",
    "silence_said",
    "tell_delivery",
    "tell_fate",
    "what_it_waits_for",
    "why_in_story",
]
