"""Why an article met a rule, or how near it came.

On the article's way: *match*, after the verdict: the evidence stands in every alert, the tree and the nearest miss
answer a person's "why?". Asks the same :class:`monitor.rules.evaluate.View` that judged; decides nothing itself. The
words come from feeds: they are handed on as text with control characters taken out, and whoever shows them must
escape them for the place where they are shown.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from monitor.model import Evidence
from monitor.rules.compile import Rule
from monitor.rules.document import FIELDS
from monitor.rules.evaluate import View, Window
from monitor.rules.places import Place, closest, outermost
from monitor.rules.plan import (
    AllOf,
    AnyOf,
    ConceptLeaf,
    CountOf,
    LanguageLeaf,
    Leaf,
    NearOf,
    NotOf,
    Plan,
    RegexLeaf,
    SentenceOf,
    TermLeaf,
)
from monitor.text import PARAGRAPH_STEP

__all__ = ["Explained", "Explanation", "evidence", "explain", "nearest_miss"]

#: Pieces of evidence for one leaf of a rule.
MAX_EVIDENCE = 3

_FIELD_ORDER = {name: number for number, name in enumerate((*FIELDS, "url", "lang", "tag"))}


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """One part of a rule: as written or its operator, whether the article meets it, and with which words.

    ``missed``: by how much a NEAR was missed.
    """

    label: str
    met: bool
    missed: str = ""
    evidence: tuple[Evidence, ...] = ()
    parts: tuple[Explained, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """A rule as a tree over one article. ``refused``: which of the watch's limits (languages, feeds) was not met."""

    watch: str
    met: bool
    tree: Explained
    refused: str = ""

    def lines(self) -> list[str]:
        """The tree for a terminal: ✓ met, ✗ unmet, with the words in their sentence."""
        lines = [f"{_mark(met=self.met)} {_plain(self.watch)}"]
        if self.refused:
            lines.append(f"  ✗ {self.refused}")
        lines.extend(_lines(self.tree, "  "))
        return lines


def evidence(view: View, plan: Plan) -> tuple[Evidence, ...]:
    """The words that met a plan: title first, then by position; at most three for each leaf."""
    known = view.told.get(plan)
    if known is None:
        told = dict(_told(view, plan))
        known = view.told[plan] = _at_most(told[order] for order in sorted(told))
    return known


def _at_most(told: Iterable[Evidence]) -> tuple[Evidence, ...]:
    """The first few of each term."""
    counts: dict[str, int] = {}
    chosen: list[Evidence] = []
    for one in told:
        counts[one.term] = counts.get(one.term, 0) + 1
        if counts[one.term] <= MAX_EVIDENCE:
            chosen.append(one)
    return tuple(chosen)


def explain(view: View, rule: Rule, plan: Plan) -> Explanation:
    """The rule's tree over the article."""
    refused = _refused(view, rule)
    met = not refused and view.met(plan)
    return Explanation(watch=rule.name, met=met, tree=_tree(view, plan), refused="; ".join(refused))


def nearest_miss(view: View, rule: Rule, plan: Plan) -> str:
    """How near the article came, in words; "" when it meets the rule."""
    refused = _refused(view, rule)
    if view.met(plan):
        return f"all of the query is met; {'; '.join(refused)}" if refused else ""
    met, total, reasons = _progress(view, plan)
    why = "; ".join([*reasons, *refused])
    return why if total == 1 else f"{met} of {total} conditions are met: {why}"


# --- evidence ---


# Where evidence stands in its order, and for whom it speaks: two with the same are the same.
_Order = tuple[int, int, int, str]


def _told(view: View, plan: Plan, window: Window | None = None) -> Sequence[tuple[_Order, Evidence]]:
    """What tells how a met plan is met; nothing for parts that are not met, or ruled out."""
    match plan:
        case AllOf(parts=parts):
            return [one for part in parts for one in _told(view, part, window)]
        case AnyOf(parts=parts):
            return [one for part in parts if view.met(part, window) for one in _told(view, part, window)]
        case NotOf():
            return ()
        case SentenceOf(part=part):
            sentences = [sentence for sentence in view.sentences(plan) if view.met(part, sentence)]
            return [one for sentence in sentences[:MAX_EVIDENCE] for one in _told(view, part, sentence)]
        case _ if window is None:
            known = view.parts_told.get(plan)
            if known is None:
                known = view.parts_told[plan] = _part_told(view, plan)
            return known
        case _:
            return [_quoted_place(view, place) for place in _shown(view, plan, window)]


def _part_told(view: View, plan: Plan) -> list[tuple[_Order, Evidence]]:
    if not isinstance(plan, TermLeaf):
        return [_quoted_place(view, place) for place in _shown(view, plan, None)]
    told = []
    for first, last in view.term_spans(plan)[:MAX_EVIDENCE]:
        field, start, end, words, sentence = view.quote(first, last)
        one = Evidence(
            term=plan.written,
            alias=plan.text,
            concept="",
            language=view.language,
            field=FIELDS[field],
            start=start,
            end=end,
            words=words,
            sentence=sentence,
        )
        told.append(((field, start, -end, plan.written), one))
    return told


def _shown(view: View, plan: Plan, window: Window | None) -> list[Place]:
    """The places of a leaf, or of what joins leaves, that are shown: a NEAR's closest, and few of each leaf."""
    places = view.places(plan, window)
    if isinstance(plan, NearOf):
        joined = sorted(places, key=lambda place: (place.gap, place.first, place.last))
        return [joined[0], *_few(leaf for place in joined for leaf in _leaves(place))]
    return list(_few(leaf for place in places for leaf in _leaves(place)))


def _quoted_place(view: View, place: Place) -> tuple[_Order, Evidence]:
    known = view.quoted.get(place)
    if known is None:
        start, end = view.slice(place)
        order = (_FIELD_ORDER[place.field], start, -end, place.term)
        known = view.quoted[place] = (order, _as_evidence(view, place))
    return known


def _leaves(place: Place) -> Iterator[Place]:
    if not place.parts:
        yield place
    for part in place.parts:
        yield from _leaves(part)


def _few(places: Iterator[Place]) -> Iterator[Place]:
    """The first few different places of each term."""
    seen: dict[str, set[Place]] = {}
    for place in places:
        known = seen.setdefault(place.term, set())
        if place not in known and len(known) < MAX_EVIDENCE:
            known.add(place)
            yield place


def _as_evidence(view: View, place: Place) -> Evidence:
    start, end = view.slice(place)
    if place.first < 0:
        text = view.document.url if place.field == "url" else place.alias
        sentence = 0, len(text)
    else:
        field = view.document.fields[_FIELD_ORDER[place.field]]
        text, sentence = field.original, field.sentence(start, end)
    return Evidence(
        term=place.term,
        alias=place.alias,
        concept=place.concept,
        language=place.language,
        field=place.field,
        start=start,
        end=end,
        words=text[start:end],
        sentence=text[slice(*sentence)],
    )


# --- the tree ---


def _tree(view: View, plan: Plan) -> Explained:
    parts: Sequence[Plan] = ()
    own = False  # whether the part is met at places of its own, beyond those of its parts
    match plan:
        case AllOf():
            label, parts = "AND", plan.parts
        case AnyOf():
            label, parts = "OR", plan.parts
        case NotOf():
            label, parts = "NOT", (plan.part,)
        case NearOf():
            label, parts, own = plan.written, (plan.left, plan.right), True
        case CountOf() | SentenceOf():
            label, parts = plan.written, (plan.part,)
        case _:
            label, own = _label(plan), True
    met = view.met(plan)
    found = evidence(view, plan) if own and met else ()
    if isinstance(plan, NearOf):
        found = tuple(one for one in found if one.term == plan.written)
    missed = ""
    if isinstance(plan, NearOf) and not met and view.met(plan.left) and view.met(plan.right):
        missed = _how_far(view, plan)
    return Explained(
        label=label, met=met, missed=missed, evidence=found, parts=tuple(_tree(view, part) for part in parts)
    )


def _label(leaf: Leaf) -> str:
    if isinstance(leaf, TermLeaf | ConceptLeaf | RegexLeaf) and leaf.fields != (0, 1):
        return f"{FIELDS[leaf.fields[0]] if leaf.fields else 'url'}:{leaf.written}"
    return leaf.written


def _lines(part: Explained, indent: str) -> Iterator[str]:
    missed = f" ({part.missed})" if part.missed else ""
    yield f"{indent}{_mark(met=part.met)} {_plain(part.label)}{missed}"
    for one in part.evidence:
        by = f"{one.alias}, {one.language}" if one.alias != one.words else one.language
        where = f"{one.field} {one.start}-{one.end}"
        yield f"{indent}    {where}: “{_plain(one.words)}” ({_plain(by)}) in: {_plain(one.sentence)}"
    for child in part.parts:
        yield from _lines(child, indent + "  ")


def _mark(*, met: bool) -> str:
    return "✓" if met else "✗"


def _plain(text: str) -> str:
    """One line without control, bidirectional, or unassigned characters: hostile text can't move the cursor."""
    kept = "".join(
        " " if char.isspace() else char for char in text if char.isspace() or unicodedata.category(char)[0] != "C"
    )
    return " ".join(kept.split())


# --- the nearest miss ---


def _progress(view: View, plan: Plan) -> tuple[int, int, list[str]]:
    """How many of how many conditions are met, and for each that is not, why."""
    if view.met(plan):
        return (count := _size(plan)), count, []
    match plan:
        case AllOf(parts=parts):
            # What is ruled out and absent, as it nearly always is, brings no article nearer.
            return _sum([_progress(view, part) for part in parts if not (isinstance(part, NotOf) and view.met(part))])
        case AnyOf(parts=parts):
            best = max((_progress(view, part) for part in parts), key=lambda one: (one[0] / one[1], one[0]))
            if best[0]:
                return best
            return 0, 1, [f"none of {', '.join(_quoted(part) for part in parts)} was found"]
        case NotOf(part=part):
            return 0, 1, [f"{_quoted(part)} is ruled out, and was found"]
        case NearOf(left=left, right=right):
            if view.met(left) and view.met(right):
                size = _size(plan)
                where = "after" if plan.ordered else "near"
                far = f" ({words})" if (words := _how_far(view, plan)) else ""
                return size - 1, size, [f"{_quoted(right)} was not found {where} {_quoted(left)}{far}"]
            return _sum([_progress(view, left), _progress(view, right)])
        case CountOf(part=part, count=count):
            found = len(outermost((place.first, place.last) for place in view.places(part)))
            return 0, 1, [f"{_quoted(part)} was found in {found} places, not {count}"]
        case SentenceOf(part=part):
            if not view.met(part):
                return _progress(view, part)
            return 0, 1, [f"no one sentence holds {_quoted(part)}"]
        case LanguageLeaf():
            return 0, 1, [f"the article is in {_language(view)}, not {plan.code}"]
        case _:
            return 0, 1, [_not_found(view, plan)]


def _how_far(view: View, near: NearOf) -> str:
    """By what a NEAR was missed both sides of which are met; empty where no two of their places are in its order."""
    gap = closest(view.document.places, view.places(near.left), view.places(near.right), ordered=near.ordered)
    if gap is None:
        return ""
    if gap >= PARAGRAPH_STEP:
        return f"a paragraph's end or {PARAGRAPH_STEP:,} words between"
    return f"{gap} {'word' if gap == 1 else 'words'} between, {near.distance} allowed"


def _sum(parts: Sequence[tuple[int, int, list[str]]]) -> tuple[int, int, list[str]]:
    reasons = [reason for _, _, why in parts for reason in why]
    return sum(met for met, _, _ in parts), sum(total for _, total, _ in parts), reasons


def _size(plan: Plan) -> int:
    """Into how many conditions a plan counts: its parts that must be met together."""
    match plan:
        case AllOf(parts=parts):
            return sum(_size(part) for part in parts)
        case NearOf(left=left, right=right):
            return _size(left) + _size(right)
        case _:
            return 1


def _not_found(view: View, leaf: Leaf) -> str:
    """Says, too, when the article's language alone stood between a concept and its words."""
    told = f"{_quoted(leaf)} was not found"
    if isinstance(leaf, ConceptLeaf):
        for language in sorted({name.language for name in leaf.names} - set(view.languages)):
            places = View(view.document, view.lexicon, (language,)).places(leaf)
            if places:
                return f"{told}; its name in {places[0].language} was, in an article taken for {_language(view)}"
    return told


def _language(view: View) -> str:
    return " or ".join(view.document.languages) or "no known language"


def _quoted(plan: Plan) -> str:
    match plan:
        case AllOf(parts=parts):
            return " with ".join(_quoted(part) for part in parts)
        case AnyOf(parts=parts):
            return " or ".join(_quoted(part) for part in parts)
        case NotOf(part=part):
            return f"not {_quoted(part)}"
        case NearOf() | CountOf() | SentenceOf():
            return f"'{plan.written}'"
        case _:
            return f"'{_label(plan)}'"


def _refused(view: View, rule: Rule) -> list[str]:
    refused: list[str] = []
    if not rule.takes_language(view.document):
        refused.append(f"the article is in {_language(view)}; the watch takes {', '.join(rule.languages)}")
    if not rule.takes_feed(view.document):
        tags = ", ".join(view.document.tags) or "nothing"
        refused.append(f"the feed is tagged {tags}; the watch takes {', '.join(rule.feeds_tagged)}")
    return refused
