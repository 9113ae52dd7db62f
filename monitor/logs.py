"""The log: one event name and its keys on a line, without secrets, and without lines that a feed has forged.

On the article's way: beside all of it. Our own events and those of the libraries (requests, urllib3, Apprise,
APScheduler, feedparser) go through the same steps: known secrets and the passwords in URLs are masked in every key,
value and traceback; control characters, terminal escapes and marks that turn the direction of text are written out as
what they are. So the title of an article can be logged, and stays one value on one line.

It decides nothing, and the pure packages do not log.
"""

from __future__ import annotations

import contextlib
import json
import logging
import re
import sys
import unicodedata
from collections.abc import Callable, Collection, Mapping, MutableMapping
from typing import Any, TextIO
from urllib.parse import quote, quote_plus

import structlog
from structlog.dev import ConsoleRenderer, plain_traceback
from structlog.stdlib import BoundLogger, ProcessorFormatter
from structlog.typing import Processor

FORMATS = ("auto", "console", "json")
LEVELS = ("debug", "info", "warning", "error")
MASK = "***"

_SHORTEST_SECRET = 4  # a shorter one would blot out ordinary words
# These tell too much of URLs, or of each tick, below a warning.
_QUIET = ("apprise", "charset_normalizer", "feedparser", "requests", "urllib3")

# user:password@ in a URL, up to the last @ before the path: passwords hold @ now and then
_USERINFO = re.compile(r"([a-z][a-z0-9+.-]*://)[^\s/?#\"'<>]*@", re.IGNORECASE)
# ?token=... in a URL
_QUERY_SECRET = re.compile(
    r"([?&;](?:[a-z0-9]+[_-])*(?:api_?key|auth|key|pass|passwd|password|pwd|secret|sid|sig|signature|token)=)[^&;#\s\"'<>]+",
    re.IGNORECASE,
)

_Event = MutableMapping[str, Any]


def configure_logs(
    format: str = "auto",  # noqa: A002 (the setting's own name)
    level: str = "info",
    secrets: Callable[[], Collection[str]] = tuple,
    stream: TextIO | None = None,
) -> None:
    """Set up all logging of the process; may be called again, and then replaces what it set up before.

    ``format``: "console" (for people, in colours on a terminal), "json" (one object a line), or "auto": console where
    ``stream`` is a terminal, else JSON. ``level``: "debug", "info", "warning" or "error". ``secrets`` is asked at every
    line for the values to mask (of at least 4 characters), so that a reloaded config counts at once. ``stream`` is
    standard error when left out.

    Raises:
        ValueError: an unknown format or level.
    """
    if format not in FORMATS:
        raise ValueError(f"log format {format!r} is none of {', '.join(FORMATS)}")
    if level.lower() not in LEVELS:
        raise ValueError(f"log level {level!r} is none of {', '.join(LEVELS)}")
    out = sys.stderr if stream is None else stream
    terminal = out.isatty()
    console = format == "console" or (format == "auto" and terminal)

    shared: tuple[Processor, ...] = (
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    )
    handler = _Handler(out)
    handler.setFormatter(
        ProcessorFormatter(
            foreign_pre_chain=[*shared, structlog.stdlib.ExtraAdder()],
            processors=[
                ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                Redactor(secrets),
                neutralise_event,
                _console(colors=terminal) if console else _json,
            ],
        )
    )
    root = logging.getLogger()
    for old in [one for one in root.handlers if isinstance(one, _Handler)]:
        root.removeHandler(old)
        old.close()
    root.addHandler(handler)
    root.setLevel(level.upper())
    for name in _QUIET:
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))
    # A tick that finds the one before it still at work is passed over, as it should be.
    logging.getLogger("apscheduler").setLevel(max(logging.ERROR, root.level))
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.PositionalArgumentsFormatter(),
            ProcessorFormatter.wrap_for_formatter,
        ],
        wrapper_class=BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,  # a logger made before the set-up, or before the next one, obeys it as well
    )


def get_logger(name: str) -> BoundLogger:
    """A logger for a module: ``log.info("feed_fetched", feed=url, status=200)``. One event name, then keys."""
    logger: BoundLogger = structlog.stdlib.get_logger(name)
    return logger


class _Handler(logging.StreamHandler[TextIO]):
    """Ours among the root's handlers."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 (logging's name)
        """Say that a line was lost. The standard way would print the record's raw values, secrets among them."""
        error = sys.exception()
        with contextlib.suppress(OSError, ValueError):  # standard error may be what is closed
            sys.stderr.write(f"a log line of {record.name} was lost ({type(error).__name__})\n")


# --- secrets ---


class Redactor:
    """A structlog processor that masks secrets in every key and value, at any depth, and in tracebacks."""

    def __init__(self, secrets: Callable[[], Collection[str]]) -> None:
        self._secrets = secrets
        self._known: frozenset[str] = frozenset()
        self._pattern: re.Pattern[str] | None = None

    def __call__(self, _logger: object, _method: str, event: _Event) -> _Event:
        """The event with plain, masked values: what is neither number, flag, list nor mapping becomes its text."""
        self.learn()
        return {self.mask(str(key)): self._plain(value) for key, value in event.items()}

    def mask(self, text: str) -> str:
        """The text with known secrets (see ``learn``), the user and password of URLs, and tokens in queries masked."""
        if self._pattern is not None:
            text = self._pattern.sub(MASK, text)
        text = _USERINFO.sub(rf"\g<1>{MASK}@", text)
        return _QUERY_SECRET.sub(rf"\g<1>{MASK}", text)

    def learn(self) -> None:
        """Make the pattern anew when the secrets are others than at the last time."""
        known = frozenset(secret for secret in self._secrets() if len(secret) >= _SHORTEST_SECRET)
        if known == self._known:
            return
        forms = {form for secret in known for form in _forms(secret)}
        # The longest first: one secret may begin with another.
        ordered = sorted(forms, key=lambda form: (-len(form), form))
        self._pattern = re.compile("|".join(map(re.escape, ordered))) if ordered else None
        self._known = known

    def _plain(self, value: object) -> object:
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, (int, float)):
            text = str(value)
            masked = self.mask(text)
            return value if masked == text else masked
        if isinstance(value, Mapping):
            return {self.mask(str(key)): self._plain(inner) for key, inner in value.items()}
        if isinstance(value, (list, tuple, set, frozenset)):
            return [self._plain(inner) for inner in value]
        if isinstance(value, bytes):
            return self.mask(value.decode(errors="backslashreplace"))
        return self.mask(str(value))


def _forms(secret: str) -> frozenset[str]:
    """A secret as it may stand in text: plain, percent-encoded in the usual ways, inside a Python or JSON string."""
    encoded = {quote(secret, safe=""), quote(secret), quote_plus(secret)}
    lower = {re.sub(r"%[0-9A-F]{2}", lambda code: code.group().lower(), form) for form in encoded}
    quoted = {repr(secret)[1:-1], json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1]}
    return frozenset({secret} | encoded | lower | quoted)


# --- hostile text ---


def neutralise(text: str) -> str:
    """The text on one line and without effect on what shows it.

    Control characters (line ends and terminal escapes among them), line and paragraph separators, marks of format
    (direction, zero width) and lone surrogates are written as escapes. Joiners stay: Persian and Indic words and emoji
    are spelt with them, and they change nothing around themselves.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(character if _harmless(character) else _escape(character) for character in text)


def neutralise_event(_logger: object, _method: str, event: _Event) -> _Event:
    """A structlog processor: ``neutralise`` for every key and value; a traceback keeps its own lines."""
    return {
        neutralise(key): (
            [neutralise(line) for line in value.split("\n")]
            if key in {"exception", "stack"} and isinstance(value, str)
            else _neutral(value)
        )
        for key, value in event.items()
    }


def _neutral(value: object) -> object:
    if isinstance(value, str):
        return neutralise(value)
    if isinstance(value, list):
        return [_neutral(inner) for inner in value]
    if isinstance(value, dict):
        return {neutralise(key): _neutral(inner) for key, inner in value.items()}
    return value


def _harmless(character: str) -> bool:
    return character in "\u200c\u200d" or unicodedata.category(character) not in {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}


def _escape(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")


# --- rendering ---


def _json(_logger: object, _method: str, event: _Event) -> str:
    """One object: time, level, event, logger, then the event's own keys; people's scripts are written as they are."""
    head = {name: event.pop(name) for name in ("timestamp", "level", "event", "logger") if name in event}
    for name in ("exception", "stack"):
        if name in event:
            event[name] = "\n".join(event[name])
    return json.dumps({**head, **event}, ensure_ascii=False, default=str)


def _console(*, colors: bool) -> Processor:
    render = ConsoleRenderer(colors=colors, exception_formatter=plain_traceback, sort_keys=False)

    def run(logger: Any, method: str, event: _Event) -> str:
        # Indented, so that no line of a traceback can pass for an event of its own.
        tails = [line for name in ("exception", "stack") for line in event.pop(name, ())]
        first = str(render(logger, method, event))
        return "\n".join([first, *(f"    | {line}" for line in tails)])

    return run
