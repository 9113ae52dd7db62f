"""Which articles tell the same event: fingerprints, sketches and the same-story decision.

On the article's way: after matching, before alerting, inside the transaction that judges (T2). Pure: what is stored is
asked through ``ports.StoryIndex``. Copies are known by their wording, other tellings by what they tell, in whatever
language. It never writes.
"""

from monitor.stories.decide import decide_story
from monitor.stories.fingerprints import Fingerprint, fingerprint
from monitor.stories.places import NO_PLACES, Gazetteer
from monitor.stories.placing import Placed, place
from monitor.stories.refrains import another_bearer, host_lines, refrains
from monitor.stories.sketch import Draft, draft

__all__ = [
    "NO_PLACES",
    "Draft",
    "Fingerprint",
    "Gazetteer",
    "Placed",
    "another_bearer",
    "decide_story",
    "draft",
    "fingerprint",
    "host_lines",
    "place",
    "refrains",
]
