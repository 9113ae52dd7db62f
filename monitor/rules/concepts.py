"""Concepts: a thing with its names in every language, so that a rule names it once.

On the article's way: nowhere; read with the config. Turns a concept's TOML table into values and says what is wrong
with it, all at once. Looks for nothing in articles; :mod:`monitor.rules.compile` compiles the names.

A table has language codes as keys ("any" for names that belong to no language), each with a list of names::

    [islamic_state]
    en = ["Islamic State", "ISIS", { name = "IS", near = ["jihad*", "Syria"], not = ["IS-LM"] }]
    fr = ["Daech", { name = "État islamique", exact = true, not = ["un État islamique"] }]

- A name is a word or phrase. Its words meet their inflected forms in articles of that language, and their own form
  (accents and case aside) in every article.
- ``*`` at a word's end stands for any ending, after at least three letters, or two when the name has another word of
  three.
- ``~3`` at the end ("end mission ~3") lets up to three other words stand between two neighbours, in order; "end ...
  mission" does the same at that place.
- A name in capitals of up to five letters is met in capitals only.
- "@other" takes over all names of another concept.
- ``near``: one of these must stand within 50 words of it, or in the title; paragraphs don't count. With
  ``within = 6``: in the same paragraph with at most six words between, as NEAR counts.
- ``name`` may be a list of names that share the other keys.
- ``not``: phrases, or single forms, in which it means something else: no name of the same spelling, whatever its
  language, counts inside them. They are met as written, not in other forms, since often the form alone tells
  ("estados islámicos").
- ``exact``: in this spelling only, capitals and endings included.
- The keys ``about`` and ``wikidata`` hold remarks for people.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import regex

from monitor.rules.grammar import near_names
from monitor.rules.pattern import TermFault, parse_name, parse_term
from monitor.text import fold

__all__ = ["ANY_LANGUAGE", "Concept", "ConceptProblems", "Name", "Problem", "build_concept", "check_concepts"]

#: The key for names that belong to no language: a person's name, a product, a ticker.
ANY_LANGUAGE = "any"

_NAME = regex.compile(r"\w[\w-]*")
_LANGUAGE = regex.compile(r"[a-z]{2,3}(?:[-_][A-Za-z0-9]+)*")
_PLAIN = regex.compile(r"(?:\p{L}[\p{L}\p{M}]*+ ?)+")
_WORD = regex.compile(r"\w+")
_LOOSE = regex.compile(r"\s*~\s*\d+\s*$")
_REMARKS = frozenset({"about", "wikidata"})
_KEYS = ("name", "near", "within", "not", "exact")
_MAX_WITHIN = 50
MAX_CONCEPT_DEPTH = 30


class Problem(NamedTuple):
    """One fault in a concept: the path of keys to it ("fr[2].near"), what is wrong, and what to do."""

    path: str
    message: str
    hint: str = ""


class ConceptProblems(ValueError):
    """All that is wrong with a concept, or with how concepts use each other."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("; ".join(f"{one.path}: {one.message}" for one in problems))
        self.problems = problems


@dataclass(frozen=True, slots=True, kw_only=True)
class Name:
    """One name, or a use of another concept when ``text`` begins with "@". ``language`` is ISO 639-1, or "any".

    ``within``: how many words may stand between the name and a ``near`` word; None for the wide neighbourhood.
    """

    text: str
    language: str
    near: tuple[str, ...] = ()
    within: int | None = None
    negative: tuple[str, ...] = ()
    exact: bool = False

    @property
    def uses(self) -> str:
        """The concept that this stands for, or ""."""
        return self.text[1:] if self.text.startswith("@") else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Concept:
    """A thing with its names in every language."""

    name: str
    names: tuple[Name, ...]

    @property
    def uses(self) -> frozenset[str]:
        """The other concepts that this one needs: for its names, or as words that must stand near."""
        near = (word[1:] for name in self.names for word in name.near if word.startswith("@"))
        return frozenset([*(name.uses for name in self.names if name.uses), *near])


def build_concept(name: str, raw: Mapping[str, object]) -> Concept:
    """A concept from its TOML table.

    Raises:
        ConceptProblems: everything that is wrong with it.
    """
    problems: list[Problem] = []
    names: list[Name] = []
    if not _NAME.fullmatch(name):
        problems.append(Problem("", f"{name!r} can't be used with @", "use letters, digits, _ and -"))
    for key, value in raw.items():
        if key in _REMARKS:
            continue
        if key != ANY_LANGUAGE and not _LANGUAGE.fullmatch(key):
            problems.append(Problem(key, "is no language code", f'use two letters such as "fr", or "{ANY_LANGUAGE}"'))
        elif not isinstance(value, list):
            problems.append(Problem(key, "must be a list of names", f'write {key} = ["..."]'))
        else:
            language = regex.split("[-_]", key)[0]
            for index, item in enumerate(value):
                names.extend(_name(item, language, f"{key}[{index}]", problems))
    if not names and not problems:
        problems.append(Problem("", "has no names", 'write en = ["..."]'))
    if problems:
        raise ConceptProblems(tuple(problems))
    return Concept(name=name, names=tuple(dict.fromkeys(names)))


def check_concepts(concepts: Mapping[str, Concept]) -> tuple[Problem, ...]:
    """What is wrong with how concepts use each other: unknown names, and circles. Paths begin with the concept."""
    problems = [
        Problem(concept.name, f"uses @{used}, which does not exist", near_names(used, concepts))
        for concept in concepts.values()
        for used in sorted(concept.uses - concepts.keys())
    ]
    done: dict[str, int] = {}  # with how many stand below each other in it, itself counted
    for start in concepts:
        path: list[str] = []
        stack: list[tuple[str, Iterator[str]]] = []
        if start not in done:
            path.append(start)
            stack.append((start, iter(sorted(concepts[start].uses & concepts.keys()))))
        while stack:
            name, rest = stack[-1]
            for used in rest:
                if used in path:
                    circle = " -> ".join(f"@{one}" for one in [*path[path.index(used) :], used])
                    problems.append(Problem(name, f"uses itself: {circle}", "take one of them out"))
                elif used not in done:
                    path.append(used)
                    stack.append((used, iter(sorted(concepts[used].uses & concepts.keys()))))
                    break
            else:
                done[name] = 1 + max((done.get(used, 0) for used in concepts[name].uses), default=0)
                if done[name] == MAX_CONCEPT_DEPTH + 1:
                    told = f"more than {MAX_CONCEPT_DEPTH} concepts use each other in a row"
                    problems.append(Problem(name, told, "write out the names of one of them"))
                path.pop()
                stack.pop()
    return tuple(problems)


def _name(item: object, language: str, path: str, problems: list[Problem]) -> Iterator[Name]:
    """The name that a list's item gives, if it is one; what is wrong goes to ``problems``."""
    if isinstance(item, str):
        item = {"name": item}
    if not isinstance(item, Mapping):
        problems.append(
            Problem(path, "is neither a name nor a table", 'write "name" or { name = "...", near = [...] }')
        )
        return
    before = len(problems)
    known = f"known are {', '.join(_KEYS)}"
    problems.extend(Problem(f"{path}.{key}", "is not known here", known) for key in item if key not in _KEYS)
    exact = item.get("exact", False)
    if not isinstance(exact, bool):
        problems.append(Problem(f"{path}.exact", "must be true or false"))
    texts = _texts(item, path, problems, exact=exact is True)
    near = _terms(item.get("near", []), f"{path}.near", problems)
    within = item.get("within")
    if within is not None:
        if not isinstance(within, int) or isinstance(within, bool) or not 0 <= within <= _MAX_WITHIN:
            hint = "leave it out for the wide neighbourhood"
            problems.append(Problem(f"{path}.within", f"must be a number of words, 0 to {_MAX_WITHIN}", hint))
        elif not near:
            problems.append(
                Problem(f"{path}.within", "says how close near words stand, and there are none", "add near")
            )
    negative = _terms(item.get("not", []), f"{path}.not", problems)
    problems.extend(
        Problem(f"{path}.not", f"{term}: phrases only, no concepts", "write the phrases out")
        for term in negative
        if term.startswith("@")
    )
    if len(problems) == before:
        spellings = [_spelling(text) for text in texts]
        problems.extend(
            Problem(f"{path}.not", f"{term}: is the name itself, which would never count", "write the longer phrase")
            for term in negative
            if _spelling(term) in spellings
        )
    if len(problems) == before:
        assert within is None or isinstance(within, int)
        for text in texts:
            yield Name(text=text, language=language, near=near, within=within, negative=negative, exact=bool(exact))


def _texts(item: Mapping[str, object], path: str, problems: list[Problem], *, exact: bool) -> tuple[str, ...]:
    """The names of an item, each checked."""
    value = item.get("name")
    several = isinstance(value, list)
    found = value if isinstance(value, list) else [value]
    where = f"{path}.name" if len(item) > 1 or several else path
    texts: list[str] = []
    for index, text in enumerate(found):
        place = f"{where}[{index}]" if several else where
        if not isinstance(text, str):
            told = (
                ("is no text", "put it in quotes") if several else ("is missing or no text", 'write { name = "..." }')
            )
            problems.append(Problem(place if several else f"{path}.name", *told))
            continue
        _check(text, place, problems, exact=exact, gaps=True)
        if text.strip().startswith("@") and len(item) > 1:
            problems.append(Problem(path, "a use of another concept takes no other keys", "give them to its names"))
        texts.append(text.strip())
    if not found:
        problems.append(Problem(f"{path}.name", "holds no name", 'write { name = ["...", "..."] }'))
    return tuple(texts)


def _spelling(name: str) -> list[str]:
    """The words of a name or a phrase, folded: enough to tell whether two are the same."""
    return _WORD.findall(fold(_LOOSE.sub("", name)))


def _terms(value: object, path: str, problems: list[Problem]) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(term, str) for term in value):
        problems.append(Problem(path, "must be a list of words and phrases", 'write ["..."]'))
        return ()
    for index, term in enumerate(value):
        _check(term, f"{path}[{index}]", problems)
    return tuple(term.strip() for term in value)


def _check(term: str, path: str, problems: list[Problem], *, exact: bool = False, gaps: bool = False) -> None:
    if term.strip().startswith("@"):
        if not _NAME.fullmatch(term.strip()[1:]):
            problems.append(Problem(path, f"{term!r} names no concept", "write @name"))
        return
    if _PLAIN.fullmatch(term):
        return  # nothing in it could be wrong, and a library has thousands of such
    try:
        parse_name(term, exact=exact) if gaps else parse_term(term)
    except TermFault as fault:
        problems.append(Problem(path, f"{term!r}: {fault.message}", fault.hint))
