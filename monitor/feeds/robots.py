"""robots.txt: what a site asks programs to leave alone (RFC 9309).

On the article's way: before an article's page is fetched. Feeds are published to be fetched by programs and are not
asked about. Pure: the file comes in as bytes; who fetches it, and how long it counts, is decided elsewhere.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import quote, urlsplit

__all__ = ["ALLOW_ALL", "REFUSE_ALL", "Robots", "read_robots"]

_MOST_BYTES = 512_000  # RFC 9309, section 2.5: at least 500 kibibytes must be read
_MOST_RULES = 5_000
_LONGEST_DELAY = 30.0
_LINE = re.compile(r"\s*([A-Za-z-]+)\s*:\s*([^#]*)")
_NUMBER = re.compile(r"\d{1,4}(?:\.\d{1,3})?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Robots:
    """The rules for one program on one host: (allowed, pattern), and the pause that it asks for between two fetches."""

    rules: tuple[tuple[bool, str], ...] = ()
    pause: timedelta = timedelta(0)

    def allows(self, url: str) -> bool:
        """Whether a page may be fetched: the longest pattern that fits decides; of two as long, the one that allows."""
        parts = urlsplit(url)
        target = _plain(parts.path or "/") + (f"?{_plain(parts.query)}" if parts.query else "")
        if target == "/robots.txt":
            return True
        fitting = [(len(pattern), allowed) for allowed, pattern in self.rules if _fits(pattern, target)]
        return max(fitting)[1] if fitting else True


ALLOW_ALL = Robots()
REFUSE_ALL = Robots(rules=((False, "/"),))


def read_robots(body: bytes, *, agent: str) -> Robots:
    """The rules for the program called ``agent`` (its product token), else those for all; none when there are none."""
    mine: list[tuple[bool, str]] = []
    all_: list[tuple[bool, str]] = []
    pauses = {"mine": 0.0, "all": 0.0}
    named_me = for_me = for_all = False
    in_names = False
    for line in body[:_MOST_BYTES].decode("utf-8", "replace").lstrip("\ufeff").splitlines():
        found = _LINE.match(line)
        if found is None:
            continue
        key, value = found[1].lower(), found[2].strip()
        if key == "user-agent":
            if not in_names:
                for_me = for_all = False
            in_names = True
            for_all = for_all or value == "*"
            for_me = for_me or re.split(r"[/\s]", value.lower())[0] == agent.lower()
            named_me = named_me or for_me
            continue
        in_names = in_names and key not in {"allow", "disallow", "crawl-delay"}
        if key in {"allow", "disallow"} and value:
            rule = (key == "allow", _plain(value))
            mine += [rule] * for_me
            all_ += [rule] * for_all
        elif key == "crawl-delay" and _NUMBER.fullmatch(value):
            pauses["mine"] = float(value) if for_me else pauses["mine"]
            pauses["all"] = float(value) if for_all else pauses["all"]
    seconds = pauses["mine"] if named_me else pauses["all"]
    return Robots(
        rules=tuple(dict.fromkeys(mine if named_me else all_))[:_MOST_RULES],
        pause=timedelta(seconds=min(seconds, _LONGEST_DELAY)),
    )


def _fits(pattern: str, target: str) -> bool:
    """``*`` stands for anything, ``$`` at the end for the end (section 2.2.3). Never goes back, so never slow."""
    ends = pattern.endswith("$")
    first, *parts = pattern.removesuffix("$").split("*")
    if not target.startswith(first):
        return False
    at = len(first)
    for place, part in enumerate(parts):
        if ends and place == len(parts) - 1:
            return len(target) - len(part) >= at and target.endswith(part)
        at = target.find(part, at)
        if at < 0:
            return False
        at += len(part)
    return not ends or at == len(target)


def _plain(path: str) -> str:
    return quote(path, safe="/%?=&;:@!$'()*+,~.-_")
