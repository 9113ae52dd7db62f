"""Hosts that we know more of than their answers say: those that share one limit, and those that mean 429 by 403.

On the article's way: in front of each connection. A publishing platform gives each of its sites a name of its own and
counts all requests together; asking twenty of its sites at once is then asking one server twenty times.

The table is short on purpose: a platform belongs here when it is known to limit across its sites.
"""

from __future__ import annotations

# The end of a host's name -> seconds between the starts of two requests to all hosts with that end.
_SHARED = {
    "blogspot.com": 0.2,
    "bsky.app": 0.5,
    "feedburner.com": 0.2,
    "google.com": 0.5,
    "livejournal.com": 1.0,
    "medium.com": 0.5,
    "reddit.com": 2.0,
    "substack.com": 0.5,
    "tumblr.com": 1.0,
    "wordpress.com": 0.2,
    "youtube.com": 0.5,
}
# They answer 403 to whoever asks too often.
_MEANS_TOO_MANY = ("reddit.com",)


def limit_of(host: str, port: int) -> tuple[str, float]:
    """The name under which requests to a host are counted, and the seconds between the starts of two."""
    name = _ending(host.lower(), tuple(_SHARED))
    return (name, _SHARED[name]) if name else (f"{host}:{port}", 0.0)


def means_too_many(host: str) -> bool:
    """Whether this host's 403 is what others call 429."""
    return bool(_ending(host.lower(), _MEANS_TOO_MANY))


def _ending(host: str, names: tuple[str, ...]) -> str:
    return next((name for name in names if host == name or host.endswith(f".{name}")), "")
