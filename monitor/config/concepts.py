"""``concepts/*.toml``: things with their names in every language.

Reads the files and tells faults in their place; what a concept may say is for ``monitor.rules`` to judge.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from monitor.config.document import Document, PackedDocument, read_document
from monitor.config.faults import Faults, in_quotes
from monitor.config.languages import is_language, language_hint
from monitor.config.locate import Place
from monitor.rules import Concept, ConceptProblems, build_concept, check_concepts

__all__ = ["ConceptSource", "ReadConcepts", "read_concepts"]

_REMARKS = ("about", "wikidata")
_STEP = re.compile(r"\[(\d+)\]|([^.\[\]]+)")
_TWO_LETTERS = re.compile(r"[a-z]{2}(?=$|[-_])")


@dataclass(frozen=True, kw_only=True)
class ConceptSource:
    """Where a concept stands, and what it says for people. Its lines are found when they are asked for."""

    name: str
    document: PackedDocument = field(repr=False)
    about: str
    wikidata: str

    @property
    def file(self) -> Path:
        """The file that holds it."""
        return self.document.path

    @cached_property
    def line(self) -> int:
        """The line on which it begins."""
        return self.document.whole.line(self.name)

    @cached_property
    def lines(self) -> Mapping[tuple[str, str], int]:
        """The line of each of its names by language and text."""
        lines: dict[tuple[str, str], int] = {}
        for key, value in self.document.whole.data[self.name].items():
            if key in _REMARKS:
                continue
            language = key.replace("_", "-").partition("-")[0]
            for index, item in enumerate(value if isinstance(value, list) else ()):
                named = item if isinstance(item, str) else item["name"]
                for text in [named] if isinstance(named, str) else named:
                    lines.setdefault((language, text.strip()), self.document.whole.line(self.name, key, index))
        return lines


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadConcepts:
    """All sound concepts, and where each was read, by name."""

    concepts: Mapping[str, Concept]
    sources: Mapping[str, ConceptSource]


@dataclass(frozen=True, slots=True)
class _Met:
    """A concept's name as it was met first, and the concept where it is sound."""

    document: Document
    raw: Mapping[str, Any]
    concept: Concept | None


def read_concepts(paths: Iterable[Path], faults: Faults) -> ReadConcepts:
    """All sound concepts by name. A name that is defined twice is a fault that names both places."""
    met: dict[str, _Met] = {}
    for path in paths:
        document = read_document(path, faults)
        if document is None:
            continue
        if not document.data:
            faults.notice(f"{path}: holds no concept")
        for name, raw in document.data.items():
            _read_one(document, name, raw, met, faults)
    concepts = {name: found.concept for name, found in met.items() if found.concept is not None}
    for problem in check_concepts(concepts):
        # A concept that has faults of its own is there, though it can't be used: nothing more to tell.
        if not any(f"@{name}, which" in problem.message for name in met.keys() - concepts.keys()):
            place = met[problem.path]
            where = f"concept @{problem.path}"
            line = place.document.line(problem.path)
            faults.add(place.document.path, line, where, problem.message, problem.hint)
    documents = {met[name].document.path: met[name].document for name in concepts}
    put_away = {path: PackedDocument.of(document) for path, document in documents.items()}
    sources = {name: _source(name, met[name], put_away[met[name].document.path]) for name in concepts}
    return ReadConcepts(concepts=concepts, sources=sources)


def _source(name: str, met: _Met, document: PackedDocument) -> ConceptSource:
    about, wikidata = (found if isinstance(found := met.raw.get(key), str) else "" for key in _REMARKS)
    return ConceptSource(name=name, document=document, about=about, wikidata=wikidata)


def _read_one(document: Document, name: str, raw: Any, met: dict[str, _Met], faults: Faults) -> None:
    where = f"concept @{name}" if name.isprintable() else "concept"
    if not isinstance(raw, dict):
        said = f"{in_quotes(name)} stands outside of any concept"
        hint = "each concept begins with its name in brackets: [islamic_state]"
        faults.add(document.path, document.line(name), "", said, hint)
        return
    if name in met:
        first = met[name]
        said = f"is defined twice (first in {first.document.path}:{first.document.line(name)})"
        faults.add(document.path, document.line(name), where, said, "rename one, or join them")
        return
    before = faults.count
    strange = [key for key, value in raw.items() if isinstance(value, list) and _is_no_language(key)]
    for key in strange:
        faults.add(document.path, document.line(name, key), where, f"{key}: is not a language", language_hint(key))
    concept: Concept | None = None
    try:
        concept = build_concept(name, {key: value for key, value in raw.items() if key not in strange})
    except ConceptProblems as problems:
        for problem in problems.problems:
            if strange and not problem.path:
                continue  # that it has no names follows from the names under a strange key
            said = f"{problem.path}: {problem.message}" if problem.path else problem.message
            faults.add(document.path, document.line(name, *_place(problem.path)), where, said, problem.hint)
    met[name] = _Met(document, raw, concept if faults.count == before else None)


def _is_no_language(key: str) -> bool:
    """Whether a key is surely meant as a language, and is none."""
    code = _TWO_LETTERS.match(key)
    return not is_language(code[0]) if code else language_hint(key).startswith("did you mean")


def _place(path: str) -> Place:
    """The keys and indexes of a problem's path: "fr[2].near" is ``("fr", 2, "near")``."""
    return tuple(int(step[1]) if step[1] else step[2] for step in _STEP.finditer(path))
