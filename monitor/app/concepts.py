"""A concept from a Wikidata item: asks the API once, drafts the concept, and keeps it as a file of the config."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from monitor import __version__
from monitor.config import (
    Config,
    Draft,
    add_concept,
    make_draft,
    project_language,
    read_item,
    request_url,
    say_duration,
    say_size,
    toml_of,
)
from monitor.errors import WikidataError
from monitor.fetch import HttpFetcher
from monitor.model import Fetched, FetchFailed, FetchFault, FetchRequest
from monitor.ports import Clock
from monitor.rules import ANY_LANGUAGE

__all__ = ["ConceptOrder", "add_from_wikidata", "languages_in_use"]

_MOST_BYTES = 5_000_000  # the items with the most names answer with a tenth of it
_FORBIDDEN = 403


@dataclass(frozen=True, slots=True, kw_only=True)
class ConceptOrder:
    """What a person asks for. ``languages`` empty: all. ``allow_private``: the API may lie in our own network."""

    name: str
    item: str
    file: str
    languages: tuple[str, ...] = ()
    api: str
    allow_private: bool = False


def add_from_wikidata(config: Config, order: ConceptOrder, *, clock: Clock) -> tuple[Path, Draft]:
    """Make the file of a new concept; returns it and what it was made of. Nothing is kept when anything fails.

    Raises:
        WikidataError: no item came, or one without a name that was asked for.
        FileExistsError: there is a file of this name; it stays as it is.
        OSError: the file can't be written.
    """
    body = _ask(config, order, clock)
    draft = make_draft(order.name, read_item(body, order.item), wanted=order.languages, in_use=languages_in_use(config))
    path = add_concept(config.root, order.file, toml_of(draft), meant=draft.concept)
    return path, draft


def languages_in_use(config: Config) -> tuple[str, ...]:
    """The languages that a config is about, those of most concepts first.

    At least half of its concepts have names in them, or a feed or a watch states them: one concept may well have names
    in a hundred languages that nobody reads here.
    """
    count: Counter[str] = Counter()
    for concept in config.concepts.values():
        count.update(list(dict.fromkeys(name.language for name in concept.names)))
    of_concepts = [code for code, used in count.most_common() if used * 2 >= len(config.concepts)]
    of_feeds = [feed.language for feed in config.feeds if feed.language]
    of_watches = [code for watch in config.watches for code in watch.languages]
    known = map(project_language, (*of_concepts, *of_feeds, *of_watches))
    return tuple(dict.fromkeys(code for code in known if code and code != ANY_LANGUAGE))


def _ask(config: Config, order: ConceptOrder, clock: Clock) -> bytes:
    """The API's answer, whatever is in it."""
    request = FetchRequest(
        url=request_url(order.api, order.item),
        headers={"Accept": "application/json"},
        allow_private=order.allow_private,
        deadline=config.settings.fetch_deadline,
        max_bytes=_MOST_BYTES,
    )
    fetcher = HttpFetcher(config.settings, clock, __version__, config.root)
    try:
        came = fetcher.fetch(request)
    finally:
        fetcher.close()
    if isinstance(came, Fetched):
        return came.body
    assert isinstance(came, FetchFailed), "nothing conditional was asked"
    raise WikidataError(f"{order.item} could not be looked up: {_why(came, config, order)}", retry=_may_help(came))


def _why(failed: FetchFailed, config: Config, order: ConceptOrder) -> str:
    """The failure in words; the fetcher's own speak of feeds where it is about what a feed may do."""
    match failed.fault:
        case FetchFault.ADDRESS_REFUSED if order.allow_private:
            return "the API's address leads to where none may be asked (link-local, metadata of a cloud, multicast)"
        case FetchFault.ADDRESS_REFUSED:
            return (
                "the API's address leads to this machine or into a private network "
                "(add --allow-private when it is a mirror of your own)"
            )
        case FetchFault.TOO_LARGE:
            return f"the answer is larger than {say_size(_MOST_BYTES)}, so it is no item's names"
        case FetchFault.GONE:
            return "the server says that there is no API at this address any more (410)"
        case _:
            return failed.detail + _advice(failed, config)


def _advice(failed: FetchFailed, config: Config) -> str:
    if failed.retry_after:
        return f"; try again in {say_duration(timedelta(seconds=round(failed.retry_after.total_seconds())))}"
    if failed.status == _FORBIDDEN and not config.settings.user_agent:
        return " (Wikimedia wants to know whom to write to: set user_agent in monitor.toml)"
    return ""


def _may_help(failed: FetchFailed) -> bool:
    return failed.retry_after is not None or failed.fault in {FetchFault.DNS, FetchFault.CONNECT, FetchFault.DEADLINE}
