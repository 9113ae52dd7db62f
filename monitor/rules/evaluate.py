"""Whether an article meets a rule: one article, looked at by any number of rules.

On the article's way: *match*. A :class:`View` lives as long as one article is looked at and remembers every answer,
so a leaf that many rules share is looked for once. It is the only place that decides what meets what: alerts, search,
backtest, and explaining all ask it. It does not choose which rules to look at (:mod:`monitor.rules.index` does).

The laws beyond those of :mod:`monitor.rules.pattern` and :mod:`monitor.rules.places`:

- A term's words are met in the inflected forms of the article's language, or of both likeliest when in doubt. A
  concept's names are met under their own form in every article, and in inflected forms in articles of the name's
  language.
- Where all is in capitals, an acronym proves nothing: it counts there only if the same acronym stands elsewhere in
  title or body in the usual spelling, or another name of the same concept stands anywhere.
- A concept's ``near`` word may stand in the title, within 50 words in the same field, or, for a name in the title,
  among the first 50 words of the body; with ``within``, only so many words off in the same paragraph. It can't be a
  part of the name; what stands in a name's gaps is none.
- Of names that lie in each other, the longest counts.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from operator import contains, itemgetter
from typing import NamedTuple

from monitor.model import Evidence
from monitor.rules.document import BODY, FIELDS, PROSE, Document
from monitor.rules.lexicon import Lexicon
from monitor.rules.literals import fold_literal
from monitor.rules.pattern import TermPattern, WordTest
from monitor.rules.places import MAX_PLACES, Place, Span, in_order, outermost, pairs, smallest_windows
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
from monitor.rules.reading import Reading

__all__ = ["NEAR_NAME", "View", "Window"]

#: How many words from a name its ``near`` words may stand.
NEAR_NAME = 50

#: Seconds that one regular expression may take for one field. Past it, the field counts as not matching.
REGEX_TIMEOUT = 0.5

#: A slice of a field's original text, by the field's name.
Window = tuple[str, int, int]


class View(Reading):
    """One article, and what has been found in it. Not for use by several threads at once.

    ``found``: terms that are known to be met, for those who ask for any of several.
    """

    def __init__(self, document: Document, lexicon: Lexicon, languages: tuple[str, ...] | None = None) -> None:
        """``lexicon``: of the plans that will be asked about. ``languages``: look for the inflected forms of these
        instead of the article's own.
        """
        super().__init__(document, lexicon, languages)
        self.found: set[Plan] = set()
        self._patterns: dict[TermPattern, list[Span]] = {}
        self._gapped: dict[TermPattern, list[list[Span]]] = {}
        self._terms: dict[Terms, list[Span]] = {}
        self._contexts: dict[Terms, _Context] = {}
        self._places: dict[Plan, list[Place]] = {}
        self._slices: dict[Plan, defaultdict[str, list[tuple[int, int, Place]]]] = {}
        # What monitor.rules.explain has told of this article: many rules share their parts.
        self.told: dict[Plan, tuple[Evidence, ...]] = {}
        self.parts_told: dict[Plan, list[tuple[tuple[int, int, int, str], Evidence]]] = {}
        self.quoted: dict[Place, tuple[tuple[int, int, int, str], Evidence]] = {}
        self._met: dict[Plan, bool] = {}
        self._lacking: dict[frozenset[WordTest], bool] = {}
        self._folded: list[str] | None = None

    # --- rules ---

    def lacks(self, words: frozenset[WordTest]) -> bool:
        """Whether none of the words stands anywhere; the many words of a concept are asked for by many rules."""
        known = self._lacking.get(words)
        if known is None:
            known = self._lacking[words] = self.hits.isdisjoint(words)
        return known

    def met(self, plan: Plan, window: Window | None = None) -> bool:
        """Whether the article, or a window of it, meets the plan."""
        if window is None:
            if isinstance(plan, TermLeaf):
                return self.has(plan)
            known = self._met.get(plan)
            if known is None:
                known = self._met[plan] = self._judge(plan, None)
            return known
        return self._judge(plan, window)

    def _judge(self, plan: Plan, window: Window | None) -> bool:
        match plan:
            case AllOf(parts=parts):
                return all(self.met(part, window) for part in parts)
            case AnyOf(parts=parts):
                return any(self.met(part, window) for part in parts)
            case NotOf(part=part):
                return not self.met(part, window)
            case SentenceOf():
                return any(self.met(plan.part, sentence) for sentence in self.sentences(plan))
            case ConceptLeaf(fields=fields) if window is None and fields == PROSE and plan not in self._places:
                return any(not doubtful for _, _, doubtful in self._named(plan))  # the first will do
            case _:
                return bool(self.places(plan, window))

    def places(self, plan: Plan, window: Window | None = None) -> list[Place]:
        """Where a leaf, an OR of leaves, a NEAR or an ATLEAST is met, by position."""
        known = self._places.get(plan)
        if known is None:
            known = self._places[plan] = self._find(plan)
        if window is None:
            return known
        field, start, end = window
        slices = self._slices.get(plan)
        if slices is None:
            slices = self._slices[plan] = defaultdict(list)
            for place in known:
                slices[place.field].append((*self.slice(place), place))
            for some in slices.values():
                some.sort(key=itemgetter(0))  # words are in order, expressions within one word may not be
        # By position: of the places that begin in the window, those that end in it.
        here = slices.get(field, [])
        begin = bisect_left(here, start, key=itemgetter(0))
        stop = bisect_left(here, end, key=itemgetter(0))
        return [place for _, last, place in here[begin:stop] if last <= end]

    def slice(self, place: Place) -> Span:
        """The slice of its field's original text that a place takes."""
        if place.parts:
            one, other = (self.slice(part) for part in place.parts)
            return min(one[0], other[0]), max(one[1], other[1])
        return place.slice or (self._slice(place.first)[0], self._slice(place.last)[1])

    def has(self, leaf: TermLeaf) -> bool:
        """Whether a term stands in the leaf's own fields; without finding all the places where one will do."""
        if leaf.lone is not None and leaf.fields == PROSE:
            return leaf.lone in self.present
        if not self.hits.issuperset(leaf.pattern.words):
            return False
        known = self._met.get(leaf)
        if known is None:
            known = self._met[leaf] = self._follow(*leaf.pair) if leaf.pair else bool(self.term_spans(leaf))
        return known

    def _follow(self, one: WordTest, other: WordTest) -> bool:
        """Whether one word stands right before another in title or body; both stand somewhere."""
        seconds, end = self._stands[other], self._prose_end
        for index in self._stands[one]:
            if index + 1 in seconds and index + 1 < end and self._together(index, index + 1):
                return True
        return False

    def term_spans(self, leaf: TermLeaf) -> list[Span]:
        """Where a term stands in the leaf's own fields: what :meth:`places` tells, by far more cheaply."""
        spans = self._spans(leaf.pattern)
        if leaf.pattern.acronym:
            spans = [span for span in spans if span[0] < self._prose_end]
            if all(self._doubtful(span) for span in spans):
                return []
        if leaf.fields == PROSE:
            return (
                spans if not spans or spans[-1][0] < self._prose_end else [s for s in spans if s[0] < self._prose_end]
            )
        return [span for span in spans if self._field_of(span[0]) in leaf.fields]

    def sentences(self, plan: SentenceOf) -> list[Window]:
        """The sentences that hold anything of what the plan asks for, by position."""
        found: dict[Window, None] = {}
        for place in sorted(self._leaf_places(plan.part), key=_position):
            field = self.document.fields[FIELDS.index(place.field)]
            found[(place.field, *field.sentence(*self.slice(place)))] = None
        return list(found)[:MAX_PLACES]

    def _leaf_places(self, plan: Plan) -> list[Place]:
        match plan:
            case AllOf(parts=parts) | AnyOf(parts=parts):
                return [place for part in parts for place in self._leaf_places(part)]
            case NotOf(part=part):
                return self._leaf_places(part)
            case NearOf(left=left, right=right):
                return self._leaf_places(left) + self._leaf_places(right)
            case _:
                return self.places(plan)

    def _find(self, plan: Plan) -> list[Place]:
        match plan:
            case TermLeaf():
                return self._term(plan)
            case ConceptLeaf():
                return self._concept(plan)
            case RegexLeaf():
                return self._regex(plan)
            case UrlLeaf():
                found = plan.pattern.search(self.document.url)
                return [self._outside("url", self.document.url, found.span(), plan.written)] if found else []
            case LanguageLeaf():
                met = [code for code in self.document.languages if code == plan.code]
                return [self._outside("lang", code, (0, len(code)), plan.written) for code in met]
            case TagLeaf():
                tags = [tag for tag in self.document.tags if plan.pattern.fullmatch(tag)]
                return [self._outside("tag", tag, (0, len(tag)), plan.written) for tag in tags]
            case AnyOf(parts=parts):
                return sorted({place for part in parts for place in self.places(part)}, key=_position)[:MAX_PLACES]
            case NearOf():
                return self._pairs(plan)
            case _:
                assert isinstance(plan, CountOf)  # nothing else has places: the grammar sees to it
                places = self.places(plan.part)
                whole = outermost((place.first, place.last) for place in places)
                return places if len(whole) >= plan.count else []

    def _pairs(self, plan: NearOf) -> list[Place]:
        lefts = self.places(plan.left)
        rights = self.places(plan.right) if lefts else []
        closest: dict[Span, tuple[int, Place, Place]] = {}
        for pair in pairs(self.positions, lefts, rights, plan.distance, ordered=plan.ordered):
            gap, left, right = pair
            span = (min(left.first, right.first), max(left.last, right.last))
            known = closest.get(span)
            if known is None or gap < known[0]:
                closest[span] = pair
        return [self._joined(plan, span, *closest[span]) for span in sorted(closest)[:MAX_PLACES]]

    def _joined(self, plan: NearOf, span: Span, gap: int, left: Place, right: Place) -> Place:
        one, other = sorted((left, right), key=_position)
        return Place(
            first=span[0],
            last=span[1],
            field=one.field,
            term=plan.written,
            alias=f"{one.alias} … {other.alias}",
            concept="",
            language=one.language if one.language == other.language else self.document.language.code,
            parts=(left, right),
            gap=gap,
        )

    # --- leaves ---

    def _term(self, leaf: TermLeaf) -> list[Place]:
        return self._made(leaf, ((span, leaf.text, self.language) for span in self.term_spans(leaf)[:MAX_PLACES]), "")

    def _concept(self, leaf: ConceptLeaf) -> list[Place]:
        found = list(self._named(leaf))
        if all(doubtful for _, _, doubtful in found):
            return []
        best: dict[Span, CompiledName] = {}
        for span, name, _ in found:
            known = best.get(span)
            if known is None or (name.language in self.spoken and known.language not in self.spoken):
                best[span] = name
        chosen = ((span, best[span].text, best[span].language) for span in outermost(best))
        return self._made(leaf, chosen, leaf.concept)

    def _named(self, leaf: ConceptLeaf) -> Iterator[tuple[Span, CompiledName, bool]]:
        """Where each name of a concept stands, and whether it is an acronym that proves nothing there."""
        fields = {*PROSE, *leaf.fields}
        for number in self._within_reach(leaf):
            name = leaf.names[number]
            spans = self._spans(name.pattern)
            if spans and spans[-1][0] >= self._prose_end:
                spans = [span for span in spans if self._field_of(span[0]) in fields]
            if spans and name.negative:
                around = outermost(self._found(name.negative))
                spans = [span for span in spans if not _in_any(span, around)]
            for span in spans:
                if name.near is None or self._has_near(span, name):
                    yield span, name, name.pattern.acronym and self._doubtful(span)

    def _made(self, leaf: TermLeaf | ConceptLeaf, found: Iterable[tuple[Span, str, str]], concept: str) -> list[Place]:
        """The places of spans with the alias and language that met them, in the leaf's own fields."""
        places: list[Place] = []
        for (first, last), alias, language in found:
            number = self._field_of(first)
            if number in leaf.fields:
                places.append(Place(first, last, FIELDS[number], leaf.written, alias, concept, language))
        return places[:MAX_PLACES]

    def _regex(self, leaf: RegexLeaf) -> list[Place]:
        if self._folded is None:
            self._folded = [fold_literal(field.original) for field in self.document.fields]
        if not leaf.fields:
            url = self.document.url
            return [
                self._outside("url", url, span, leaf.written) for span in self._matches(leaf, url, fold_literal(url))
            ]
        places: list[Place] = []
        for number in leaf.fields:
            original = self.document.fields[number].original
            for start, end in self._matches(leaf, original, self._folded[number]):
                within = self._within(number, start, end)
                if within is not None:
                    alias = leaf.pattern.pattern
                    language = self.document.language.code
                    places.append(Place(*within, FIELDS[number], leaf.written, alias, "", language, (start, end)))
        return places[:MAX_PLACES]

    @staticmethod
    def _matches(leaf: RegexLeaf, original: str, folded: str) -> list[Span]:
        if not any(literal in folded for literal in leaf.literals):
            return []
        spans: list[Span] = []
        try:
            for found in leaf.pattern.finditer(original, timeout=REGEX_TIMEOUT):
                if found.end() > found.start():
                    spans.append(found.span())
                if len(spans) == MAX_PLACES:
                    break
        except TimeoutError:
            # What was found before the clock ran out depends on the machine's mood; a rule must not.
            return []
        return spans

    def _within(self, number: int, start: int, end: int) -> Span | None:
        """The tokens of a field that a slice of its text touches."""
        low, high = self._in_order.bounds[number], self._in_order.bounds[number + 1]
        first = _first(low, high, lambda index: self._slice(index)[1] > start)
        last = _first(low, high, lambda index: self._slice(index)[0] >= end) - 1
        return (first, last) if first <= last else None

    def _outside(self, field: str, value: str, span: Span, written: str) -> Place:
        return Place(-1, -1, field, written, value[slice(*span)], "", self.document.language.code, span)

    def _doubtful(self, span: Span) -> bool:
        """Whether all around the token is in capitals too."""
        _, field, line, _ = self._line_of(span[0])
        return field.shouts(line)

    def _has_near(self, span: Span, name: CompiledName) -> bool:
        assert name.near is not None
        context = self._contexts.get(name.near)
        if context is None:
            context = self._contexts[name.near] = self._context(self._found(name.near))
        pattern = name.pattern
        if name.within is not None:
            return any(self._apart(span, pattern, other) for other in self._close(span, context, name.within))
        if any(self._apart(span, pattern, other) for other in context.in_title):
            return True
        if span[0] >= self._prose_end:
            return False
        if span[0] < self._in_order.bounds[BODY]:
            low, high = 0, NEAR_NAME
        else:
            low, high = self._flat(span[0]) - NEAR_NAME, self._flat(span[0]) + NEAR_NAME
        first, last = bisect_left(context.flats, low), bisect_right(context.flats, high)
        return any(self._apart(span, pattern, other) for other in context.in_body[first:last])

    def _context(self, spans: Sequence[Span]) -> _Context:
        begin, end = self._in_order.bounds[BODY], self._prose_end
        in_body = [span for span in spans if begin <= span[0] < end]
        return _Context(
            [span for span in spans if span[0] < begin],
            in_body,
            [self._flat(span[0]) for span in in_body],
            max((self.positions[last] - self.positions[first] for first, last in spans), default=0),
        )

    def _close(self, span: Span, context: _Context, within: int) -> list[Span]:
        """The ``near`` words with at most so many words between them and a span, in its paragraph."""
        places = self.positions
        here, there = places[span[0]], places[span[1]]
        spans = context.in_title if span[0] < self._in_order.bounds[BODY] else context.in_body
        first = bisect_left(spans, here - within - 1 - context.widest, key=lambda other: places[other[0]])
        last = bisect_right(spans, there + within + 1, key=lambda other: places[other[0]])
        return [other for other in spans[first:last] if here - places[other[1]] - 1 <= within]

    def _apart(self, span: Span, pattern: TermPattern, other: Span) -> bool:
        """Whether another place shares no word with a name's; what stands in the name's gaps is none of its words."""
        if other[1] < span[0] or span[1] < other[0]:
            return True
        if not pattern.gaps:
            return False
        return not any(
            first <= other[1] and other[0] <= last
            for run in self._runs_of_gapped(pattern)
            for first, last in run[bisect_left(run, span) : bisect_right(run, (span[1], span[1]))]
            if last <= span[1]
        )

    def _runs_of_gapped(self, pattern: TermPattern) -> list[list[Span]]:
        """Where each run of a name with gaps stands; looked for once, for each of its places asks."""
        known = self._gapped.get(pattern)
        if known is None:
            known = self._gapped[pattern] = self._runs(pattern)
        return known

    # --- words ---

    def _within_reach(self, terms: Terms | ConceptLeaf) -> list[int]:
        """The numbers of the terms or names that hang on a word which the article has, rising."""
        return sorted({number for word in terms.words & self.hits for number in terms.hooks[word]})

    def _found(self, terms: Terms) -> list[Span]:
        """Where any of the terms stands, by position."""
        known = self._terms.get(terms)
        if known is None:
            near = (terms.patterns[number] for number in self._within_reach(terms))
            known = self._terms[terms] = sorted({span for pattern in near for span in self._spans(pattern)})
        return known

    def _spans(self, pattern: TermPattern) -> list[Span]:
        """Where a term stands, by position."""
        known = self._patterns.get(pattern)
        if known is None:
            found = self._look_for(pattern) if self.hits.issuperset(pattern.words) else []
            known = self._patterns[pattern] = found
        return known

    def _look_for(self, pattern: TermPattern) -> list[Span]:
        if len(pattern.runs) == 1:
            return self._run(pattern.runs[0])
        runs = self._runs(pattern)
        if not runs:
            return []
        if pattern.slop is not None:
            return smallest_windows(self.positions, runs, pattern.slop)
        return in_order(self.positions, runs, pattern.gaps)

    def _runs(self, pattern: TermPattern) -> list[list[Span]]:
        """Where each of a term's runs stands; nothing when one of them is missing."""
        runs: list[list[Span]] = []
        for run in pattern.runs:
            spans = self._run(run)
            if not spans:
                return []
            runs.append(spans)
        return runs

    def _run(self, run: Sequence[WordTest]) -> list[Span]:
        if len(run) == 1:
            return [(index, index) for index in self._stands[run[0]]]
        met_at, stands = self._in_order.met_at, self._stands
        if len(run) == 2:
            one, other = run
            return [
                (index, index + 1)
                for index in stands[one]
                if index + 1 < len(met_at) and other in met_at[index + 1] and self._together(index, index + 1)
            ]
        indexes, rarest = min(((stands[word], number) for number, word in enumerate(run)), key=_fewest)
        spans: list[Span] = []
        for index in indexes:
            first = index - rarest
            here = met_at[first : first + len(run)] if first >= 0 else ()
            last = index - rarest + len(run) - 1
            if len(here) == len(run) and all(map(contains, here, run)) and self._together(first, last):
                spans.append((first, last))
        return spans


class _Context(NamedTuple):
    """Where ``near`` words stand. ``flats``: for each in the body, its word position without paragraph breaks.

    ``widest``: how far the longest of them reaches, in words.
    """

    in_title: list[Span]
    in_body: list[Span]
    flats: list[int]
    widest: int


def _position(place: Place) -> tuple[int, int, str, str]:
    return (place.first, place.last, place.term, place.alias)


def _in_any(span: Span, around: Sequence[Span]) -> bool:
    """Whether one of some spans, none of them in another, holds this one: of those that begin no later, the last."""
    before = bisect_right(around, span[0], key=itemgetter(0))
    return before > 0 and _holds(around[before - 1], span)


def _holds(outer: Span, inner: Span) -> bool:
    return outer[0] <= inner[0] and inner[1] <= outer[1]


def _fewest(found: tuple[Sequence[int], int]) -> int:
    return len(found[0])


def _first(low: int, high: int, test: Callable[[int], bool]) -> int:
    """The first index in the range for which a test that stays true becomes true; ``high`` when it never does."""
    while low < high:
        middle = (low + high) // 2
        if test(middle):
            high = middle
        else:
            low = middle + 1
    return low
