"""What the stages work by: one checked config, as they need it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from monitor.alerts import Templates
from monitor.model import Channel, Feed, Settings, WatchConfig
from monitor.rules import RuleSet
from monitor.stories import NO_PLACES, Gazetteer


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is in force: one checked config, swapped as a whole."""

    settings: Settings
    feeds: Mapping[str, Feed]
    watches: Mapping[str, WatchConfig]
    channels: Mapping[str, Channel]
    rules: RuleSet
    gazetteer: Gazetteer = NO_PLACES
    templates: Templates = field(default_factory=Templates)
