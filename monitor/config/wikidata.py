"""What Wikidata says of an item: its names and descriptions, by the languages that this project tells apart.

On the article's way: nowhere; asked when a concept is started from an item. Reads the answer of the API's
``wbgetentities`` and says in words what came instead of one. Everything in an answer may be hostile: what leaves here
are single lines of visible characters. Pure: it is handed the bytes.

It does not judge names and writes no file; ``draft`` beside it does.

Source of the shape: https://www.wikidata.org/w/api.php?action=help&modules=wbgetentities, and Wikibase's ResultBuilder.
"""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit, urlunsplit

from monitor.alerts.clean import plain_line, shorten
from monitor.config.languages import is_language
from monitor.errors import WikidataError
from monitor.feeds.languages import language_code
from monitor.rules import ANY_LANGUAGE

__all__ = ["WIKIDATA_API", "Item", "Term", "item_id", "project_language", "read_item", "request_url"]

WIKIDATA_API = "https://www.wikidata.org/w/api.php"

_ITEM = re.compile(r"[Qq]([1-9][0-9]{0,9})")
_CODE = re.compile(r"[a-z]{2,8}(?:-[a-z0-9]{1,8}){0,3}")
# Wikimedia's own codes, and languages that this project knows under a wider one.
_WIKIMEDIA = {"mul": ANY_LANGUAGE, "simple": "en", "yue": "zh", "fil": "tl", "ckb": "ku"}
# A code that begins like a language's and names another: Min Nan is written in Latin letters, Classical Chinese is not
# the language of news.
_OTHER_LANGUAGES = frozenset({"zh-min-nan", "zh-classical"})
_LEAST_WAIT, _LONGEST_WAIT = 5, 3600  # seconds; what MediaWiki asks for at the least when it lags
_INFO = 200  # characters of a server's words that are shown


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """One name in one language ("any": in all of them). ``label``: the name that the item goes by."""

    language: str
    text: str
    label: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """An item: its labels and then its aliases, those of a language proper before those of its varieties.

    ``asked`` is the id that was asked for; another than ``id`` where Wikidata has joined the two. ``about`` holds its
    descriptions by language; ``unknown`` counts the names of each code that is none of the project's languages.
    """

    id: str
    asked: str
    terms: tuple[Term, ...]
    about: Mapping[str, str]
    unknown: Mapping[str, int]


def item_id(said: str) -> str | None:
    """The id of an item, as Wikidata writes it ("Q42"); None when it is none."""
    found = _ITEM.fullmatch(said.strip())
    return f"Q{found[1]}" if found else None


def request_url(api: str, item: str) -> str:
    """The address to ask for an item's names.

    No ``maxlag`` is sent: that is for programs that can wait, here a person does.

    Raises:
        ValueError: ``api`` is no http(s) address.
    """
    parts = urlsplit(api)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.port == 0:
        raise ValueError("not an http:// or https:// address")
    asked = {"action": "wbgetentities", "ids": item, "props": "labels|aliases|descriptions"}
    query = urlencode({**asked, "format": "json", "formatversion": "2"}, safe="|")
    return urlunsplit(parts._replace(query=f"{parts.query}&{query}" if parts.query else query, fragment=""))


def project_language(code: str) -> str | None:
    """A language's code as this project writes it ("zh" for "zh-hant", "no" for "nb"); None for one that it can't name.

    "any" for "mul", Wikidata's names for all languages.
    """
    if code in _OTHER_LANGUAGES:
        return None
    known = _WIKIMEDIA.get(code)
    if known:
        return known
    found = language_code(code)
    return found if found and is_language(found) else None


def read_item(body: bytes, asked: str) -> Item:
    """The item in an answer to :func:`request_url`.

    Raises:
        WikidataError: the answer holds no such item; the words say what it is instead, and when to ask again.
    """
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError) as error:
        page = body.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"<")
        what = "a web page" if page else "something else"
        raise WikidataError(f"{what} came instead of JSON: is this the address of the API (…/w/api.php)?") from error
    if isinstance(answer, dict) and (answer.get("error") or answer.get("errors")):
        raise _refusal(answer.get("error") or answer.get("errors"))
    entity = _at(_at(answer, "entities"), asked)
    if not isinstance(entity, dict):
        raise WikidataError("JSON came, but no answer about an item: is this the address of the API (…/w/api.php)?")
    if entity.get("missing", False) is not False:  # an empty text in the older form of the answer
        raise WikidataError(f"there is no item {asked} in Wikidata: it was removed, or never made")
    found = item_id(str(entity.get("id", asked)))
    if found is None:
        raise WikidataError("the answer names no item")
    unknown: Counter[str] = Counter()
    terms = tuple(_terms(entity, unknown))
    if not terms:
        raise WikidataError(f"{found} has no name in a language that is known here")
    about: dict[str, str] = {}
    for code, value in _by_code(entity, "descriptions"):
        language = project_language(code)
        line = _line(value)
        if language and line:
            about.setdefault(language, line)
    return Item(id=found, asked=asked, terms=terms, about=about, unknown=dict(unknown))


def _terms(entity: dict[str, Any], unknown: Counter[str]) -> Iterator[Term]:
    for key in ("labels", "aliases"):
        for code, value in _by_code(entity, key):
            lines = filter(None, map(_line, value if isinstance(value, list) else [value]))
            language = project_language(code)
            if language:
                yield from (Term(language=language, text=line, label=key == "labels") for line in lines)
            elif count := sum(1 for _ in lines):
                unknown[code if _CODE.fullmatch(code) else "?"] += count


def _by_code(entity: dict[str, Any], key: str) -> list[tuple[str, Any]]:
    """The values by language code, a language proper before its varieties. PHP writes an empty mapping as a list."""
    values = entity.get(key)
    if not isinstance(values, dict):
        return []
    return sorted(values.items(), key=lambda pair: (pair[0] != project_language(pair[0]), pair[0]))


def _line(value: Any) -> str:
    """The text of one of Wikidata's terms as one plain line; "" where there is none."""
    text = _at(value, "value")
    return plain_line(text) if isinstance(text, str) else ""


def _at(value: Any, key: str) -> Any:
    return value.get(key) if isinstance(value, dict) else None


def _refusal(error: Any) -> WikidataError:
    """An error of the API in words; ``error`` is an object, or in a newer form a list of them."""
    if isinstance(error, list):
        error = error[0]
    code, info = _at(error, "code"), _at(error, "info") or _at(error, "text")
    if code == "maxlag":
        wait = _wait(_at(error, "lag"))
        return WikidataError(f"Wikidata is behind with its own work (maxlag): try again in {wait} s", retry=True)
    if code == "ratelimited":
        return WikidataError("Wikidata wants to be asked less often (ratelimited): try again in a minute", retry=True)
    said = ": ".join(plain_line(part) for part in (code, info) if isinstance(part, str))
    return WikidataError(f"Wikidata's API refused: {shorten(said, _INFO) or 'it does not say why'}")


def _wait(lag: Any) -> int:
    """Seconds until the servers may have caught up; whatever number a server says, between five and an hour."""
    if not isinstance(lag, int | float) or not lag > _LEAST_WAIT:
        return _LEAST_WAIT
    return math.ceil(lag) if lag < _LONGEST_WAIT else _LONGEST_WAIT
