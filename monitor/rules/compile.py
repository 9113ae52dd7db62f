"""From a watch to a rule, and from rules and concepts to what is evaluated.

On the article's way: nowhere; run when the config is read or a search is asked. The simple form of a watch
(``any``/``all``/``none``) becomes the same syntax tree as a query. Looks at no article.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeVar, cast

import regex

from monitor.errors import QueryError
from monitor.model import WatchConfig
from monitor.rules.concepts import Concept, ConceptProblems, Name, check_concepts
from monitor.rules.document import FIELDS, PROSE, Document
from monitor.rules.grammar import near_names, parse_query
from monitor.rules.lexicon import Lexicon, hooks_of, phrase_cost
from monitor.rules.literals import required_literals
from monitor.rules.pattern import Manner, TermFault, TermPattern, WordTest, parse_name, parse_term
from monitor.rules.plan import (
    AllOf,
    AnyOf,
    CompiledName,
    ConceptLeaf,
    CountOf,
    LanguageLeaf,
    NearOf,
    NotOf,
    Plan,
    RegexLeaf,
    SentenceOf,
    TagLeaf,
    TermLeaf,
    Terms,
    UrlLeaf,
)
from monitor.rules.syntax import (
    TEXT_FIELDS,
    And,
    AtLeast,
    ConceptRef,
    InField,
    Near,
    Node,
    Not,
    Or,
    Regex,
    Sentence,
    Term,
    WatchRef,
    format_rule,
    walk,
)

__all__ = ["Compiler", "Interned", "Rule", "parse_watch"]

MAX_WATCH_DEPTH = 10
MAX_PARTS = 20_000  # of a rule, those of the watches that it names counted each time
_Made = TypeVar("_Made", bound=Plan)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A watch's rule, read and checked. ``languages`` and ``feeds_tagged`` as in :class:`monitor.model.WatchConfig`."""

    name: str
    root: Node
    query: str = ""
    languages: tuple[str, ...] = ()
    feeds_tagged: tuple[str, ...] = ()

    def __str__(self) -> str:
        return format_rule(self.root)

    @property
    def builds_on(self) -> frozenset[str]:
        """The other watches that the query names."""
        return frozenset(node.name for node in walk(self.root) if isinstance(node, WatchRef))

    def takes_language(self, document: Document) -> bool:
        """Whether the watch takes articles in this one's language, or in one of its two likeliest when in doubt."""
        return not self.languages or not set(self.languages).isdisjoint(document.languages)

    def takes_feed(self, document: Document) -> bool:
        """Whether the watch takes articles of feeds with one of this one's tags."""
        if not self.feeds_tagged:
            return True
        tags = {tag.strip().casefold() for tag in document.tags}
        return any(tag.strip().casefold() in tags for tag in self.feeds_tagged)


def parse_watch(watch: WatchConfig, concepts: Mapping[str, Concept], watches: Collection[str] = ()) -> Rule:
    """The rule of a watch, from its query or its simple form.

    ``watches``: the names that ``@watch:`` may use.

    Raises:
        QueryError: the query, or one term of the simple form (then ``query`` is that term).
    """
    terms = (*watch.any, *watch.all, *watch.none)
    if watch.query and terms:
        hint = "keep one of them; in a query, any is OR, all is AND, none is NOT"
        raise QueryError("both a query and any/all/none are given", query=watch.query, position=0, hint=hint)
    root = _simple_form(watch, concepts) if terms else parse_query(watch.query, concepts=concepts, watches=watches)
    return Rule(
        name=watch.name,
        root=root,
        query=watch.query or format_rule(root),
        languages=tuple(regex.split("[-_]", code.casefold())[0] for code in watch.languages),
        feeds_tagged=watch.feeds_tagged,
    )


def _simple_form(watch: WatchConfig, concepts: Mapping[str, Concept]) -> Node:
    if not watch.any and not watch.all:
        hint = "add any = [...] or all = [...]"
        raise QueryError(
            "only none is given: this would meet almost every article", query=watch.none[0], position=0, hint=hint
        )
    either = [_simple_term(term, concepts) for term in watch.any]
    every = [_simple_term(term, concepts) for term in watch.all]
    ruled_out = [_simple_term(term, concepts) for term in watch.none]
    parts: list[Node] = list(every)
    if either:
        parts.append(Or(children=tuple(either)) if len(either) > 1 else either[0])
    if ruled_out:
        parts.append(Not(child=Or(children=tuple(ruled_out)) if len(ruled_out) > 1 else ruled_out[0]))
    return And(children=tuple(parts)) if len(parts) > 1 else parts[0]


def _simple_term(term: str, concepts: Mapping[str, Concept]) -> Node:
    """A term of the simple form: ``@concept``, or words that are never operators."""
    plain = term.strip()
    if plain.startswith("@") and not regex.search(r"\s", plain):
        name = plain[1:]
        if name not in concepts:
            hint = near_names(name, concepts)
            if name.startswith("watch:"):
                hint = "other watches can be named in a query only"
            raise QueryError(f"there is no concept {plain}", query=term, position=0, hint=hint)
        return ConceptRef(name=name, written=plain)
    plain = plain.replace('"', " ").strip()
    try:
        parse_term(plain)
    except TermFault as fault:
        raise QueryError(fault.message, query=term, position=min(fault.offset, len(term)), hint=fault.hint) from None
    return Term(text=plain, written=plain)


@dataclass(frozen=True, slots=True)
class Interned:
    """What a compiler has made so far, by what it was asked for: asked again, it gives the same object."""

    parts: dict[tuple[object, ...], Plan] = field(default_factory=dict)
    patterns: dict[tuple[str, str, str, bool], TermPattern] = field(default_factory=dict)
    words: dict[tuple[object, ...], WordTest] = field(default_factory=dict)
    terms: dict[tuple[TermPattern, ...], Terms] = field(default_factory=dict)
    contexts: dict[tuple[tuple[str, ...], str], Terms | None] = field(default_factory=dict)
    names: dict[str, tuple[CompiledName, ...]] = field(default_factory=dict)
    hooks: dict[str, tuple[Mapping[WordTest, tuple[int, ...]], frozenset[WordTest], float]] = field(
        default_factory=dict
    )

    def copy(self) -> Interned:
        """The same objects; what is made from now on, each keeps for itself."""
        return Interned(
            self.parts.copy(),
            self.patterns.copy(),
            self.words.copy(),
            self.terms.copy(),
            self.contexts.copy(),
            self.names.copy(),
            self.hooks.copy(),
        )


@dataclass(frozen=True, slots=True)
class _Watched:
    """What another watch takes. ``depth``: the watches that name each other in it, itself counted."""

    plan: Plan
    depth: int
    parts: int


class Compiler:
    """Makes plans of syntax trees. Parts that ask for the same become one object."""

    def __init__(
        self, concepts: Mapping[str, Concept], rules: Mapping[str, Rule], interned: Interned | None = None
    ) -> None:
        """``interned``: what was made before, over the same concepts.

        Raises ConceptProblems when concepts use each other in a circle or use what does not exist.
        """
        if interned is None:
            problems = check_concepts(concepts)
            if problems:
                raise ConceptProblems(problems)
        self._concepts = concepts
        self._rules = rules
        self._watched: dict[str, _Watched] = {}
        self.interned = interned.copy() if interned else Interned()

    def rule(self, rule: Rule) -> Plan:
        """The plan of a rule's query, without what the watch says of languages and feeds.

        Raises:
            QueryError: ``@watch:`` names a watch that does not exist, itself, or one too far down.
        """
        plan = self._node(rule.root, TEXT_FIELDS, (rule,))
        self._measure(rule)
        return plan

    def _measure(self, rule: Rule) -> tuple[int, int]:
        """How many watches stand below each other in a rule that is compiled, and of how many parts it is made."""
        depth, parts = 0, 0
        for node in walk(rule.root):
            if isinstance(node, WatchRef):
                named = self._watched[node.name]
                depth, parts = max(depth, named.depth), parts + named.parts
            parts += 1
            if parts > MAX_PARTS:
                raise QueryError(
                    f"with the watches that it names, {rule.name} is made of more than {MAX_PARTS} parts",
                    query=rule.query, position=node.position, hint="make concepts of what they share",
                )  # fmt: skip
        return depth, parts

    def lexicon(self, before: Lexicon | None = None) -> Lexicon:
        """All words that the plans made so far look for. ``before``: of the set whose parts were ``interned``."""
        return Lexicon(self.interned.words.values(), before)

    def _node(self, node: Node, fields: tuple[str, ...], path: tuple[Rule, ...]) -> Plan:
        match node:
            case And(children=children):
                parts = tuple(self._node(child, fields, path) for child in children)
                return self._intern(lambda: AllOf(parts=parts), "and", *parts)
            case Or(children=children):
                parts = tuple(self._node(child, fields, path) for child in children)
                return self._intern(lambda: AnyOf(parts=parts), "or", *parts)
            case Not(child=child):
                part = self._node(child, fields, path)
                return self._intern(lambda: NotOf(part=part), "not", part)
            case InField(field=name, child=child):
                return self._node(child, (name,), path)
            case Near(left=left, right=right, distance=distance, ordered=ordered):
                one, other = self._node(left, fields, path), self._node(right, fields, path)
                written = node.written or format_rule(node)
                return self._intern(
                    lambda: NearOf(written=written, left=one, right=other, distance=distance, ordered=ordered),
                    "near", one, other, distance, ordered, written,
                )  # fmt: skip
            case AtLeast(count=count, child=child):
                part = self._node(child, fields, path)
                written = node.written or format_rule(node)
                return self._intern(
                    lambda: CountOf(written=written, count=count, part=part), "count", count, part, written
                )
            case Sentence(child=child):
                part = self._node(child, fields, path)
                written = node.written or format_rule(node)
                return self._intern(lambda: SentenceOf(written=written, part=part), "sentence", part, written)
            case WatchRef():
                return self._watch(node, path)
            case ConceptRef(name=name):
                return self._concept(node, name, _numbers(fields))
            case Regex(pattern=pattern):
                return self._regex(pattern, () if fields == ("url",) else _numbers(fields))
            case _:
                return self._term(node, fields)

    def _intern(self, make: Callable[[], _Made], *key: object) -> _Made:
        if key not in self.interned.parts:
            self.interned.parts[key] = make()
        return cast("_Made", self.interned.parts[key])

    def _watch(self, node: WatchRef, path: tuple[Rule, ...]) -> Plan:
        """The other watch's plan, with its languages and feeds: what it takes, not only what it asks."""
        query = path[-1].query
        if node.name not in self._rules:
            hint = near_names(node.name, self._rules, "@watch:")
            raise QueryError(f"there is no watch named {node.name}", query=query, position=node.position, hint=hint)
        other = self._rules[node.name]
        if other in path:
            raise QueryError(f"@watch:{node.name} leads back to itself", query=query, position=node.position)
        if len(path) > MAX_WATCH_DEPTH:
            raise QueryError("too many watches name each other in a row", query=query, position=node.position)
        known = self._watched.get(node.name)
        if known is None:
            plan = self._whole(other, path)
            depth, size = self._measure(other)
            known = self._watched[node.name] = _Watched(plan, depth + 1, size)
        elif len(path) + known.depth > MAX_WATCH_DEPTH + 1:
            raise QueryError("too many watches name each other in a row", query=query, position=node.position)
        return known.plan

    def _whole(self, other: Rule, path: tuple[Rule, ...]) -> Plan:
        parts = [self._node(other.root, TEXT_FIELDS, (*path, other))]
        if other.languages:
            languages = tuple(self._language(code, f"lang:{code}") for code in other.languages)
            parts.append(self._intern(lambda: AnyOf(parts=languages), "or", *languages))
        if other.feeds_tagged:
            tags = tuple(self._tag(tag, f"tag:{tag}", wild=False) for tag in other.feeds_tagged)
            parts.append(self._intern(lambda: AnyOf(parts=tags), "or", *tags))
        return self._intern(lambda: AllOf(parts=tuple(parts)), "and", *parts) if len(parts) > 1 else parts[0]

    def _term(self, node: Term, fields: tuple[str, ...]) -> Plan:
        if fields == ("lang",):
            return self._language(regex.split("[-_]", node.text.casefold())[0], f"lang:{node.text}")
        if fields == ("tag",):
            return self._tag(node.text, f"tag:{node.text}", wild=not node.exact)
        if fields == ("url",):
            written = f"url:{node.text}"
            glob = _glob(node.text, wild=not node.exact)
            return self._intern(
                lambda: UrlLeaf(written=written, pattern=regex.compile(glob, regex.IGNORECASE)), written, glob
            )
        numbers = _numbers(fields)
        # A source's or author's name in capitals is often only styled so; there capitals mark nothing.
        capitals = fields[0] in TEXT_FIELDS
        written = node.written or node.text

        def make() -> TermLeaf:
            pattern = parse_term(node.text, exact=node.exact, slop=node.slop, capitals=capitals)
            pattern = self._spoken(pattern, "")
            word, *more = pattern.words
            plain = not more and word.manner is not Manner.EXACT and not word.capital
            lone = word if plain and capitals else None
            pair: tuple[WordTest, WordTest] | None = None
            match pattern.runs:
                case ((one, other),) if numbers == PROSE:
                    pair = one, other
            return TermLeaf(written=written, text=node.text, pattern=pattern, fields=numbers, lone=lone, pair=pair)

        return self._intern(
            make,
            "term", written, node.text, node.exact, node.slop, numbers,
        )  # fmt: skip

    def _regex(self, source: str, fields: tuple[int, ...]) -> RegexLeaf:
        return self._intern(
            lambda: RegexLeaf(
                written=f"/{source}/",
                pattern=regex.compile(source, regex.IGNORECASE),
                literals=required_literals(source),
                fields=fields,
            ),
            "regex", source, fields,
        )  # fmt: skip

    def _language(self, code: str, written: str) -> LanguageLeaf:
        return self._intern(lambda: LanguageLeaf(written=written, code=code), "lang", code, written)

    def _tag(self, tag: str, written: str, *, wild: bool) -> TagLeaf:
        # A star at the end takes all; elsewhere the shortest, so a tag that must end in more words is met by them too.
        glob = _glob(tag.strip(), wild=wild) + (".*" if wild and tag.strip().endswith("*") else "")
        return self._intern(
            lambda: TagLeaf(written=written, pattern=regex.compile(glob, regex.IGNORECASE)), "tag", glob, written
        )

    # --- concepts ---

    def _concept(self, node: ConceptRef, name: str, fields: tuple[int, ...]) -> ConceptLeaf:
        if name not in self._concepts:
            raise QueryError(
                f"there is no concept @{name}", query=f"@{name}", position=0, hint=near_names(name, self._concepts)
            )
        written = node.written or f"@{name}"
        names = self._compiled(name)
        hooks, words, cost = self.interned.hooks[name]

        def make() -> ConceptLeaf:
            return ConceptLeaf(
                written=written, concept=name, names=names, hooks=hooks, words=words, cost=cost, fields=fields
            )

        return self._intern(make, "concept", name, fields, written)

    def _compiled(self, concept: str) -> tuple[CompiledName, ...]:
        """All names of a concept, those of the concepts that it uses among them."""
        if concept not in self.interned.names:
            made: list[CompiledName] = []
            names = self._concepts[concept].names
            # "coalition" is a name in English and French, looked for in all articles: what rules out the one spelling
            # must rule out the other, or nothing is ruled out.
            negatives: dict[tuple[str, ...], list[TermPattern]] = {}
            for name in names:
                spelling = self._spelling(name)
                negatives.setdefault(spelling, []).extend(self._pattern("as written", term) for term in name.negative)
            for name in names:
                if name.uses:
                    made.extend(self._compiled(name.uses))
                    continue
                made.append(
                    CompiledName(
                        text=name.text,
                        language=name.language,
                        pattern=self._pattern("name", name.text, name.language, exact=name.exact),
                        near=self._near(name.near, name.language),
                        within=name.within,
                        negative=self._together(negatives[self._spelling(name)]),
                    )
                )
            self.interned.names[concept] = tuple(dict.fromkeys(made))
            patterns = [name.pattern for name in self.interned.names[concept]]
            hooks = hooks_of(patterns)
            self.interned.hooks[concept] = hooks, frozenset(hooks), sum(map(phrase_cost, patterns))
        return self.interned.names[concept]

    def _spelling(self, name: Name) -> tuple[str, ...]:
        return (name.text,) if name.uses else tuple(word.form for word in self._pattern("name", name.text).words)

    def _near(self, terms: tuple[str, ...], language: str) -> Terms | None:
        key = (terms, language)
        if key not in self.interned.contexts:
            self.interned.contexts[key] = self._together(
                pattern for term in terms for pattern in self._context(term, language)
            )
        return self.interned.contexts[key]

    def _context(self, term: str, language: str) -> list[TermPattern]:
        if term.startswith("@"):
            return [name.pattern for name in self._compiled(term[1:])]
        return [self._pattern("term", term, language)]

    def _together(self, patterns: Iterable[TermPattern]) -> Terms | None:
        key = tuple(dict.fromkeys(patterns))
        if not key:
            return None
        if key not in self.interned.terms:
            hooks = hooks_of(key)
            self.interned.terms[key] = Terms(patterns=key, hooks=hooks, words=frozenset(hooks))
        return self.interned.terms[key]

    def _pattern(self, kind: str, term: str, language: str = "", *, exact: bool = False) -> TermPattern:
        key = (kind, term, language, exact)
        if key not in self.interned.patterns:
            made = parse_name(term, exact=exact) if kind == "name" else parse_term(term, inflect=kind == "term")
            self.interned.patterns[key] = self._spoken(made, language)
        return self.interned.patterns[key]

    def _spoken(self, pattern: TermPattern, language: str) -> TermPattern:
        """The pattern with its words in that language; words that ask for the same become one object."""
        return replace(pattern, runs=tuple(tuple(self._word(word, language) for word in run) for run in pattern.runs))

    def _word(self, word: WordTest, language: str) -> WordTest:
        language = language if word.manner is Manner.INFLECTED else ""
        wildcard = word.pattern.pattern if word.pattern else ""
        key = (word.form, word.manner, word.raw, word.capital, wildcard, language)
        if key not in self.interned.words:
            self.interned.words[key] = replace(word, language=language)
        return self.interned.words[key]


def _numbers(fields: tuple[str, ...]) -> tuple[int, ...]:
    return tuple(FIELDS.index(name) for name in fields)


def _glob(text: str, *, wild: bool) -> str:
    """``*`` and ``?`` as a regular expression that never gives back, so it is linear on hostile URLs."""
    if not wild:
        return regex.escape(text)
    first, *others = ("".join("." if c == "?" else regex.escape(c) for c in part) for part in text.split("*"))
    return first + "".join(f"(?>.*?{part})" for part in others)
