"""Which articles tell the same event: fingerprints and the same-story decision.

On the article's way: after matching, before alerting, inside the transaction that judges (T2). Pure: what is stored is
asked through ``ports.StoryIndex``. It knows copies and near copies; it does not follow a story through wordings or
languages of its own, and it never writes.
"""

from monitor.stories.decide import decide_story
from monitor.stories.fingerprints import Fingerprint, fingerprint

__all__ = ["Fingerprint", "decide_story", "fingerprint"]
