"""The console: pages that show what the service knows, for a browser on the same machine.

Beside the article's way: it reads the store as the commands do, shows the same facts in the same words (``showing``),
and changes nothing. A request is one call of ``Console.answer``; whoever listens, and logs what it could not be told,
stands above (``app``). It asks nobody who they are, so it answers only under this machine's own name.
"""

from __future__ import annotations

from monitor.web.console import Console, plain_reply
from monitor.web.pages import Standing

__all__ = ["Console", "Standing", "plain_reply"]
