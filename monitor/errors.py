"""The errors that the news watch raises, drawn as one tree.

::

    MonitorError
    ├── ConfigError            one fault in a config file (file, line, what, hint)
    ├── ConfigErrors           all the faults of one load, together
    ├── TemplateFault          a person's template that can't be read, or failed (line, what, hint)
    ├── QueryError             a watch query that can't be understood (position, hint)
    ├── ParseError             bytes that hold no feed
    ├── StoreError             the database refused
    │   ├── StoreFull          the disk (or ``max_page_count``) is full; a retry may help
    │   ├── StoreBusy          another process holds the database; a retry may help
    │   └── StoreDamaged       not our database, a newer schema, or a damaged file
    ├── InstanceRunning        another service holds this state directory
    ├── NotFound               a name that a person gave does not exist
    └── WikidataError          no item came: the network, the API, or an answer that is none; says when to ask again

Foreign exceptions are translated into these once, at the edge where they arise. A dead feed and a refused delivery are
expected, so they are values (``FetchFailed``, ``SendResult``), not exceptions. No message here ever holds a secret.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


class MonitorError(Exception):
    """Base of all errors that this program raises on purpose.

    ``retry`` says whether the same call may succeed later without a person's doing.
    """

    retry = False


@dataclass(kw_only=True, eq=False)
class ConfigError(MonitorError):
    """One fault in a config file, told so that a person can mend it.

    ``where`` names the thing it concerns ("watch 'Islamic State'", "channel desk-mail"), empty for the file as a whole;
    ``line`` is 1-based, 0 where no line can be named; ``hint`` says what was probably meant, or what to do.
    """

    file: Path
    line: int = 0
    where: str = ""
    message: str = ""
    hint: str = ""

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else str(self.file)
        where = f" {self.where}:" if self.where else ""
        hint = f" ({self.hint})" if self.hint else ""
        return f"{place}:{where} {self.message}{hint}"


class ConfigErrors(MonitorError):
    """All faults that one load of the config met, in file and line order."""

    def __init__(self, errors: tuple[ConfigError, ...]) -> None:
        super().__init__("\n".join(str(error) for error in errors))
        self.errors = errors


@dataclass(kw_only=True, eq=False)
class TemplateFault(MonitorError):
    """What is wrong with a person's template; ``line`` 0 where none can be named; ``hint`` says what to do."""

    message: str
    line: int = 0
    hint: str = ""

    def __str__(self) -> str:
        return f"line {self.line}: {self.message}" if self.line else self.message


class QueryError(MonitorError):
    """A query that can't be understood.

    ``position`` is the 0-based character in ``query`` where reading failed; ``hint`` says what was probably meant.
    ``str()`` gives the message, the query's line, and a caret under the character.
    """

    def __init__(self, message: str, *, query: str, position: int, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.query = query
        self.position = position
        self.hint = hint

    def __str__(self) -> str:
        hint = f" ({self.hint})" if self.hint else ""
        start = self.query.rfind("\n", 0, self.position) + 1
        line = self.query[start:].partition("\n")[0].replace("\t", " ")
        return f"{self.message}{hint}\n    {line}\n    {' ' * (self.position - start)}^"


class ParseError(MonitorError):
    """Bytes that hold no feed; the message says what they are instead."""


class StoreError(MonitorError):
    """The database refused; nothing of the refused transaction was kept."""


class StoreFull(StoreError):
    """The disk, or the allowed size of the database, is full."""

    retry = True


class StoreBusy(StoreError):
    """Another process held the database for longer than the busy time-out."""

    retry = True


class StoreDamaged(StoreError):
    """The file is not a database of ours, is damaged, or was made by a newer version."""


class InstanceRunning(MonitorError):
    """Another service already runs on this state directory."""


class NotFound(MonitorError):
    """A feed, watch, channel or article that a person named does not exist; the message lists near names."""


class WikidataError(MonitorError):
    """Wikidata, or what answers in its place, gave no item; the message says why, and when to ask again."""

    def __init__(self, message: str, *, retry: bool = False) -> None:
        super().__init__(message)
        self.retry = retry
