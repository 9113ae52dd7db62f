"""The composition root: the only place that knows every part.

``parts`` puts them together, ``service`` runs them day and night, ``passes`` runs them once, ``replay`` runs recorded
articles through them in simulated time. ``concepts`` starts a concept from Wikidata.
"""

from __future__ import annotations

from monitor.app.collection import paused_collection, settle
from monitor.app.concepts import ConceptOrder, add_from_wikidata
from monitor.app.discovering import Discovery, FoundFeed
from monitor.app.parts import (
    DATABASE,
    Parts,
    plan_of,
    read_config,
    running_process,
    send_test,
    single_instance,
)
from monitor.app.passes import PassResult, one_pass
from monitor.app.replay import Replayed, ReplayInput, read_replay, replay
from monitor.app.service import Service

__all__ = [
    "DATABASE",
    "ConceptOrder",
    "Discovery",
    "FoundFeed",
    "Parts",
    "PassResult",
    "ReplayInput",
    "Replayed",
    "Service",
    "add_from_wikidata",
    "one_pass",
    "paused_collection",
    "plan_of",
    "read_config",
    "read_replay",
    "replay",
    "running_process",
    "send_test",
    "settle",
    "single_instance",
]
