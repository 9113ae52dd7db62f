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
  among the first 50 words of the body. It can't be a part of the name.
- Of names that lie in each other, the longest counts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from monitor import text
from monitor.rules.document import FIELDS, Document
from monitor.rules.literals import fold_literal
from monitor.rules.pattern import Manner, TermPattern, WordTest
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
    UrlLeaf,
)

__all__ = ["NEAR_NAME", "View", "Window"]

#: How many words from a name its ``near`` words may stand.
NEAR_NAME = 50

#: Seconds that one regular expression may take for one field. Past it, the field counts as not matching.
REGEX_TIMEOUT = 0.1

_PARAGRAPH_STEP = 1000
_TITLE, _BODY = _PROSE = (0, 1)

#: A slice of a field's original text, by the field's name.
Window = tuple[str, int, int]


class View:
    """One article, and what has been found in it. Not for use by several threads at once."""

    def __init__(self, document: Document, languages: tuple[str, ...] | None = None) -> None:
        """``languages``: look for the inflected forms of these instead of the article's own."""
        self.document = document
        self.languages = document.languages if languages is None else languages
        self._tokens = document.tokens
        self._ends = document.bounds[1:]
        self._keyed: dict[str, dict[str, list[str]]] = {}
        self._words: dict[tuple[str, Manner, bool, str, str], list[int]] = {}
        self._patterns: dict[tuple[TermPattern, str], list[Span]] = {}
        self._contexts: dict[CompiledName, list[Span]] = {}
        self._places: dict[Plan, list[Place]] = {}
        self._met: dict[Plan, bool] = {}
        self._folded: list[str] | None = None

    # --- rules ---

    def met(self, plan: Plan, window: Window | None = None) -> bool:
        """Whether the article, or a window of it, meets the plan."""
        if window is None:
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
        return [place for place in known if place.field == field and start <= place.start and place.end <= end]

    def sentences(self, plan: SentenceOf) -> list[Window]:
        """The sentences that hold anything of what the plan asks for, by position."""
        found: dict[Window, None] = {}
        for place in sorted(self._leaf_places(plan.part), key=_position):
            field = self.document.fields[FIELDS.index(place.field)]
            found[(place.field, *field.sentence(place.start, place.end))] = None
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
        lefts, rights = self.places(plan.left), self.places(plan.right)
        closest: dict[Span, tuple[int, Place, Place]] = {}
        for pair in pairs(self._tokens, lefts, rights, plan.distance, ordered=plan.ordered):
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
            start=min(one.start, other.start),
            end=max(one.end, other.end),
            term=plan.written,
            alias=f"{one.alias} … {other.alias}",
            concept="",
            language=one.language if one.language == other.language else self.document.language.code,
            parts=(left, right),
            gap=gap,
        )

    # --- leaves ---

    def _term(self, leaf: TermLeaf) -> list[Place]:
        spans = self._spans(leaf.pattern, "")
        if leaf.pattern.acronym:
            spans = [span for span in spans if self.document.field_of(span[0]) in _PROSE]
            if all(self._doubtful(span) for span in spans):
                return []
        language = self.languages[0] if self.languages else self.document.language.code
        return self._made(leaf, ((span, leaf.text, language) for span in spans), "")

    def _concept(self, leaf: ConceptLeaf) -> list[Place]:
        found: list[tuple[Span, CompiledName, bool]] = []
        for name in leaf.names:
            spans = [
                span
                for span in self._spans(name.pattern, name.language)
                if self.document.field_of(span[0]) in {*_PROSE, *leaf.fields}
            ]
            if spans and name.negative:
                around = [other for pattern in name.negative for other in self._spans(pattern, name.language)]
                spans = [span for span in spans if not any(_holds(other, span) for other in around)]
            if spans and name.near:
                spans = [span for span in spans if self._has_near(span, name)]
            found.extend((span, name, name.pattern.acronym and self._doubtful(span)) for span in spans)
        if all(doubtful for _, _, doubtful in found):
            return []
        best: dict[Span, CompiledName] = {}
        for span, name, _ in found:
            known = best.get(span)
            if known is None or (name.language in self.languages and known.language not in self.languages):
                best[span] = name
        chosen = ((span, best[span].text, best[span].language) for span in outermost(best))
        return self._made(leaf, chosen, leaf.concept)

    def _made(self, leaf: TermLeaf | ConceptLeaf, found: Iterable[tuple[Span, str, str]], concept: str) -> list[Place]:
        """The places of spans with the alias and language that met them, in the leaf's own fields."""
        places: list[Place] = []
        for (first, last), alias, language in found:
            number = self.document.field_of(first)
            if number in leaf.fields:
                start, end = self._tokens[first].start, self._tokens[last].end
                places.append(Place(first, last, FIELDS[number], start, end, leaf.written, alias, concept, language))
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
                    places.append(Place(*within, FIELDS[number], start, end, leaf.written, alias, "", language))
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
        low, high = self.document.bounds[number], self.document.bounds[number + 1]
        first = _first(low, high, lambda index: self._tokens[index].end > start)
        last = _first(low, high, lambda index: self._tokens[index].start >= end) - 1
        return (first, last) if first <= last else None

    def _outside(self, field: str, value: str, span: Span, written: str) -> Place:
        start, end = span
        language = self.document.language.code
        return Place(-1, -1, field, start, end, written, value[start:end], "", language)

    def _doubtful(self, span: Span) -> bool:
        """Whether all around the token is in capitals too."""
        field = self.document.field_of(span[0])
        return self.document.fields[field].shouts(span[0] - self.document.bounds[field])

    def _has_near(self, span: Span, name: CompiledName) -> bool:
        known = self._contexts.get(name)
        if known is None:
            found = {other for pattern, language in name.near for other in self._spans(pattern, language)}
            known = self._contexts[name] = sorted(found)
        field, here = self.document.field_of(span[0]), self._flat(span[0])
        for other in known:
            if other[0] <= span[1] and span[0] <= other[1]:
                continue
            theirs = self.document.field_of(other[0])
            if theirs == _TITLE:
                return True
            distance = self._flat(other[0]) if field == _TITLE else abs(self._flat(other[0]) - here)
            if theirs == _BODY and field in _PROSE and distance <= NEAR_NAME:
                return True
        return False

    def _flat(self, index: int) -> int:
        """The word position with paragraph breaks taken out."""
        token = self._tokens[index]
        return token.place - _PARAGRAPH_STEP * token.paragraph

    # --- words ---

    def _spans(self, pattern: TermPattern, language: str) -> list[Span]:
        """Where a term stands, by position; ``language`` "" for a term without a language of its own."""
        key = (pattern, language)
        known = self._patterns.get(key)
        if known is None:
            known = self._patterns[key] = self._search(pattern, language)
        return known

    def _search(self, pattern: TermPattern, language: str) -> list[Span]:
        runs: list[list[Span]] = []
        for run in pattern.runs:
            spans = self._run(run, language)
            if not spans:
                return []
            runs.append(spans)
        if pattern.slop is not None:
            return smallest_windows(self._tokens, runs, pattern.slop, self._ends)
        return in_order(self._tokens, runs, pattern.gaps, self._ends)

    def _run(self, run: Sequence[WordTest], language: str) -> list[Span]:
        found: list[list[int]] = []
        for word in run:
            positions = self.positions(word, language)
            if not positions:
                return []
            found.append(positions)
        if len(run) == 1:
            return [(index, index) for index in found[0]]
        rarest = min(range(len(run)), key=lambda number: len(found[number]))
        sets = [set(positions) for positions in found]
        spans: list[Span] = []
        for index in found[rarest]:
            first = index - rarest
            last = first + len(run) - 1
            if all(first + number in positions for number, positions in enumerate(sets)) and self._together(
                first, last
            ):
                spans.append((first, last))
        return spans

    def _together(self, first: int, last: int) -> bool:
        same_field = self.document.field_of(first) == self.document.field_of(last)
        return same_field and self._tokens[first].paragraph == self._tokens[last].paragraph

    def positions(self, word: WordTest, language: str) -> list[int]:
        """The tokens that a word of a rule is met by, rising."""
        pattern = word.pattern.pattern if word.pattern else word.raw
        key = (word.form, word.manner, word.capital, pattern, language)
        known = self._words.get(key)
        if known is None:
            known = self._words[key] = self._look_up(word, language)
        return known

    def _look_up(self, word: WordTest, language: str) -> list[int]:
        forms = self.document.forms
        tokens = self._tokens
        match word.manner:
            case Manner.FOLDED:
                found = forms.get(word.form, [])
                return [index for index in found if tokens[index].caps] if word.capital else found
            case Manner.EXACT:
                return [index for index in forms.get(word.form, []) if tokens[index].raw == word.raw]
            case Manner.PREFIX:
                return _merged(forms[form] for form in forms if form.startswith(word.form))
            case Manner.WILDCARD:
                assert word.pattern is not None
                fits = word.pattern.fullmatch
                return _merged(forms[form] for form in forms if form.startswith(word.form) and fits(form))
            case _:
                met = {word.form} if word.form in forms else set()
                for code in self.languages if not language else {language}.intersection(self.languages):
                    met.update(self._inflected(word.form, code))
                return _merged(forms[form] for form in met)

    def _inflected(self, form: str, language: str) -> Iterable[str]:
        keyed = self.keyed(language)
        candidates = {other for key in text.keys(form, language) for other in keyed.get(key, ())}
        return (other for other in candidates if text.same_word(form, other, language))

    def keyed(self, language: str) -> dict[str, list[str]]:
        """The article's forms by the keys under which their inflected forms are found in that language."""
        known = self._keyed.get(language)
        if known is None:
            known = self._keyed[language] = {}
            for form in self.document.forms:
                for key in text.keys(form, language):
                    known.setdefault(key, []).append(form)
        return known


def _position(place: Place) -> tuple[int, int, str, str]:
    return (place.first, place.last, place.term, place.alias)


def _holds(outer: Span, inner: Span) -> bool:
    return outer[0] <= inner[0] and inner[1] <= outer[1]


def _merged(lists: Iterable[list[int]]) -> list[int]:
    return sorted({index for found in lists for index in found})


def _first(low: int, high: int, test: Callable[[int], bool]) -> int:
    """The first index in the range for which a test that stays true becomes true; ``high`` when it never does."""
    while low < high:
        middle = (low + high) // 2
        if test(middle):
            high = middle
        else:
            low = middle + 1
    return low
