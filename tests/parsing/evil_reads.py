"""Ways of reading a feed that misbehave, for the workers of the parsing tests (found there by name)."""

from __future__ import annotations

import os
import re
import signal
from datetime import timedelta

from monitor.errors import ParseError
from monitor.model import FeedAsks, ParsedFeed


class Odd(Exception):
    """Can be packed and not unpacked: what it keeps is not what it is made of."""

    def __init__(self, one: str, other: str) -> None:
        super().__init__(f"{one} {other}")


class Odder(Exception):
    """Ends whoever packs it, and has no words."""

    def __reduce__(self) -> str:
        raise SystemExit

    def __str__(self) -> str:
        raise KeyError


def parsed(title: str) -> ParsedFeed:
    return ParsedFeed(format="rss", encoding="utf-8", title=title, entries=(), asks=FeedAsks(ttl=timedelta(minutes=1)))


def read(body: bytes, *, content_type: str, url: str, max_entries: int) -> ParsedFeed:
    """Does what the body says, and tells in the title what came of it."""
    order, _, rest = body.decode().partition(" ")
    match order:
        case "echo":
            return parsed(f"{rest}|{content_type}|{url}|{max_entries}")
        case "pid":
            return parsed(str(os.getpid()))
        case "signals":
            return parsed(",".join(str(int(signal.getsignal(one))) for one in (signal.SIGINT, signal.SIGTERM)))
        case "none":
            raise ParseError("this is a web page, not a feed")
        case "odd":
            raise Odd("a", "b")
        case "odder":
            raise Odder
        case "bug":
            raise KeyError(rest)
        case "spin":
            while True:
                pass
        case "stuck":  # in C code that no signal handler of Python can interrupt
            re.match(r"(a+)+$", "a" * 60 + "b")
        case "eat":
            hoard = []
            while True:
                hoard.append(bytearray(50_000_000))
        case "die":
            os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError(order)
