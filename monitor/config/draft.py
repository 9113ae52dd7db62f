"""A concept that is started from a Wikidata item: which of its names may stand, and the file for a person to edit.

On the article's way: nowhere. Brings the names into the order and the form that people write here, once each under the
folding that matching uses. A name that had better not count alone stands behind a #, with the reason. Pure: it makes
the text; ``edit`` writes it.

Nothing in a name acts: it was made plain (``monitor.rules.borrowed``), stands in a quoted string on one line, and what
comes of it is compared with what was meant before the file is kept.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

import regex

from monitor.config.quoting import quoted, quoted_key
from monitor.config.wikidata import Item, Term
from monitor.errors import WikidataError
from monitor.rules import ANY_LANGUAGE, Borrowed, Concept, Doubt, Name, borrow
from monitor.text import inflects

__all__ = ["Draft", "DraftLanguage", "make_draft", "toml_of"]

_LONGEST = 200  # characters; Wikidata itself takes 250
_MOST = 100  # names of one language
_CODES_SHOWN = 12
_WIDTH = 118
# Every noun begins with a capital there, so that a small letter tells nothing.
_NOUNS_IN_CAPITALS = frozenset({"de", "lb"})
# Written in Latin letters, and inflected: there a name that Wikidata gives for all languages is worth having.
_LATIN_CODES = "af az bs ca cs da de en es et eu fi fr ga gl hr hu id is it lt lv ms nl no pl pt ro sk sl sq sv tr uz"
_LATIN = frozenset(_LATIN_CODES.split())
_LATIN_LETTER = regex.compile(r"\p{Latin}")

_Kept = dict[tuple[str, ...], list[Borrowed]]


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftLanguage:
    """The names of one language: those that may stand, and those that had better not count alone, each with its why."""

    code: str
    names: tuple[str, ...]
    doubtful: tuple[tuple[Borrowed, Doubt], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A concept to be, and what became of the names that are not in it.

    ``unasked``: names in languages that were not asked for. ``repeated``: names that another language has already, and
    that would meet nothing more. ``unusable``: names without a letter or digit, or too long. ``too_many``: names past
    the first hundred of a language. ``missing``: languages in use in which the item has no name.
    """

    name: str
    item: Item
    about: str
    languages: tuple[DraftLanguage, ...]
    unasked: int
    repeated: int
    unusable: int
    too_many: int
    missing: tuple[str, ...]

    @property
    def concept(self) -> Concept | None:
        """What the file's reader must find in it; None where every name is in doubt."""
        names = tuple(Name(text=text, language=one.code) for one in self.languages for text in one.names)
        return Concept(name=self.name, names=names) if names else None


def make_draft(name: str, item: Item, *, wanted: Sequence[str] = (), in_use: Sequence[str] = ()) -> Draft:
    """A concept of an item's names: in the languages ``wanted``, in their order; in all when none is named.

    ``in_use``: the languages that the config is about, which then come first.

    Raises:
        WikidataError: the item has no name in a wanted language.
    """
    terms = _by_language(item, _LATIN.intersection(wanted or in_use))
    first = [code for code in wanted or in_use if code in terms]
    others = [] if wanted else sorted(terms.keys() - {*first, ANY_LANGUAGE})
    order = [*first, *others, *([ANY_LANGUAGE] if ANY_LANGUAGE in terms else [])]
    if not order:
        raise WikidataError(f"{item.id} has no name in {', '.join(wanted)}")
    sieve = _Sieve(common=_is_common(item.terms))
    languages = [sieve.language(code, terms[code], complete=code in first) for code in order]
    told = (*(() if wanted else ("en",)), *order, *item.about)
    about = next((item.about[code] for code in told if code in item.about), "")
    return Draft(
        name=name,
        item=item,
        about=about,
        languages=tuple(one for one in languages if one.names or one.doubtful),
        unasked=sum(len(found) for code, found in terms.items() if code not in order),
        repeated=sieve.dropped["repeated"],
        unusable=sieve.dropped["unusable"],
        too_many=sieve.dropped["too many"],
        missing=tuple(code for code in wanted or in_use if code not in terms),
    )


def _by_language(item: Item, latin: Collection[str]) -> dict[str, list[Term]]:
    """The item's names by language; where one of ``latin`` has no label, with those for all languages before its own.

    So Wikidata itself shows an item. Under its language a name is met inflected.
    """
    terms: dict[str, list[Term]] = {}
    for term in item.terms:
        terms.setdefault(term.language, []).append(term)
    for_all = [term for term in terms.get(ANY_LANGUAGE, ()) if _LATIN_LETTER.search(term.text)]
    for code in latin if for_all else ():
        own = terms.get(code, [])
        if not any(term.label for term in own):
            terms[code] = [*for_all, *own]
    return terms


def _is_common(terms: Iterable[Term]) -> bool:
    """Whether the item is a kind of thing (a drone) and no proper name: in most languages its label has no capital."""
    labels = [term.text for term in terms if term.label and term.language not in _NOUNS_IN_CAPITALS]
    return sum(text.islower() for text in labels) > sum(text != text.lower() for text in labels)


class _Sieve:
    """Goes through the languages in order and keeps what adds something. ``dropped`` counts the rest by reason."""

    def __init__(self, *, common: bool) -> None:
        self.dropped: Counter[str] = Counter()
        self._common = common
        self._live: _Kept = {}
        self._doubted: _Kept = {}

    def language(self, code: str, terms: Iterable[Term], *, complete: bool) -> DraftLanguage:
        """The names of one language; with ``complete`` also those that another language has in the same form."""
        live: _Kept = {}
        doubted: list[tuple[Borrowed, Doubt]] = []
        for term in terms:
            borrowed = borrow(term.text) if len(term.text) <= _LONGEST else None
            if borrowed is None:
                self.dropped["unusable"] += 1
            elif doubt := borrowed.doubt(common=self._common):
                doubted.append((borrowed, doubt))
            elif not complete and not inflects(code) and _covered(borrowed, self._live):
                self.dropped["repeated"] += 1
            else:
                _keep(borrowed, live)
        names = [borrowed for group in live.values() for borrowed in group]
        self.dropped["too many"] += len(names[_MOST:])
        for borrowed in names:
            _keep(borrowed, self._live)
        kept = tuple(self._doubtful(doubted, live, complete=complete))
        self.dropped["too many"] += len(kept[_MOST:])
        return DraftLanguage(code=code, names=tuple(borrowed.text for borrowed in names[:_MOST]), doubtful=kept[:_MOST])

    def _doubtful(
        self, doubted: Iterable[tuple[Borrowed, Doubt]], live: _Kept, *, complete: bool
    ) -> Iterator[tuple[Borrowed, Doubt]]:
        """Those that are said nowhere else: in a language that nobody reads here, once for all languages."""
        here: _Kept = {}
        for borrowed, doubt in doubted:
            if _covered(borrowed, live) or _covered(borrowed, here):
                continue
            if not complete and (_covered(borrowed, self._live) or _covered(borrowed, self._doubted)):
                self.dropped["repeated"] += 1
                continue
            _keep(borrowed, here)
            _keep(borrowed, self._doubted)
            yield borrowed, doubt


def _covered(borrowed: Borrowed, kept: _Kept) -> bool:
    return any(one.covers(borrowed) for one in kept.get(borrowed.forms, ()))


def _keep(borrowed: Borrowed, kept: _Kept) -> None:
    """Add a name unless one that is there meets all that it would; it takes the place of those that it makes idle."""
    group = kept.setdefault(borrowed.forms, [])
    if not any(one.covers(borrowed) for one in group):
        group[:] = [*(one for one in group if not borrowed.covers(one)), borrowed]


# --- the file ---


def toml_of(draft: Draft) -> str:
    """The file's text. Where every name is in doubt the whole table stands behind #, for it would have no names."""
    table = [f"[{quoted_key(draft.name)}]"]
    if draft.about:
        table.append(f"about = {quoted(draft.about)}")
    table.append(f"wikidata = {quoted(draft.item.id)}")
    for language in draft.languages:
        if language.code == ANY_LANGUAGE:
            table.append("# In their own form alone, in every language:")
        table += _list(language)
    if draft.concept is None:
        table = [f"# {line}" for line in table]
    return "\n".join([*(f"# {line}".rstrip() for line in _head(draft)), "", *table, ""])


def _head(draft: Draft) -> Iterator[str]:
    yield f"@{draft.name}, started from https://www.wikidata.org/wiki/{draft.item.id} (CC0). It is yours to edit."
    yield ""
    yield "Wikidata names a thing; news also inflects the name, shortens it, and says the capital for the country. Add"
    yield "what your articles say (adjectives, irregular forms), and take out what would meet something else."
    if any(language.doubtful for language in draft.languages):
        yield "A name behind a # had better not count alone: write what must stand close by, then take out the #."
    if draft.concept is None:
        yield "All of them are such names, so the concept as a whole stands behind #."
    if left_out := tuple(_left_out(draft)):
        yield ""
        yield from left_out


def _left_out(draft: Draft) -> Iterator[str]:
    if draft.missing:
        yield f"Wikidata has no name in: {', '.join(draft.missing)}."
    unknown = draft.item.unknown
    if unknown:
        codes = sorted(unknown)
        more = " ..." if len(codes) > _CODES_SHOWN else ""
        shown = ", ".join(codes[:_CODES_SHOWN])
        languages = f"{len(codes)} language{'s' if len(codes) > 1 else ''}"
        yield f"Left out: {_names(sum(unknown.values()))} in {languages} without a two-letter code ({shown}{more})."
    for count, why in (
        (draft.unasked, "in languages that were not asked for"),
        (draft.repeated, "that another language has in the same form"),
        (draft.too_many, f"past the first {_MOST} of a language"),
        (draft.unusable, f"without a letter or digit, or longer than {_LONGEST} characters"),
    ):
        if count:
            yield f"Left out: {_names(count)} {why}."


def _names(count: int) -> str:
    return f"{count} name{'s' if count > 1 else ''}"


def _list(language: DraftLanguage) -> Iterator[str]:
    """A language's list: on one line where it fits, else filled lines; doubtful names on lines of their own."""
    whole = f"{language.code} = [{', '.join(map(quoted, language.names))}]"
    if len(whole) <= _WIDTH and not language.doubtful:
        yield whole
        return
    yield f"{language.code} = ["
    line = " "
    for name in language.names:
        item = f" {quoted(name)},"
        if line.strip() and len(line) + len(item) > _WIDTH:
            yield line
            line = " "
        line += item
    if line.strip():
        yield line
    for borrowed, doubt in language.doubtful:
        near = quoted(borrowed.context or "...")
        yield f"  # {{ name = {quoted(borrowed.text)}, near = [{near}] }},   # {doubt.words}"
    yield "]"
