"""Many rules, and the few of them that an article can meet.

On the article's way: *match*. Each rule hangs on leaves of which one must be met if the rule is (its anchors), each of
those on words of which one must stand in the article; only rules whose anchor is met are judged, by
:mod:`monitor.rules.verdict`. So the cost of an article is set by the words that it shares with rules, not by how many
rules there are. A :class:`RuleSet` never changes: an edit makes a new one, swapped as one object.

The anchor is the part that is probably rarest (see :mod:`monitor.rules.lexicon`). A term is looked for first, for it
costs little and may bring several rules; of the rules on an anchor, those are passed over that sets of words rule out.
What hangs on an anchor knows that its words are there, and that it is met. With many rules most of the time goes into
fetching what was not touched for long from memory, so that few things are touched for each. A rule without such a part
(only ``lang:``, ``tag:``, ``url:``, a regular expression) is judged for every article.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from monitor.errors import NotFound
from monitor.model import Match
from monitor.rules.compile import Compiler, Interned, Rule
from monitor.rules.concepts import Concept
from monitor.rules.document import Document
from monitor.rules.evaluate import View
from monitor.rules.explain import Explanation, evidence, explain, nearest_miss
from monitor.rules.lexicon import Lexicon, phrase_cost, word_cost
from monitor.rules.pattern import TermPattern, WordTest
from monitor.rules.plan import (
    AllOf,
    AnyOf,
    ConceptLeaf,
    CountOf,
    NearOf,
    Plan,
    SentenceOf,
    TermLeaf,
)
from monitor.rules.verdict import Anchor, Screen, Verdict, lets_through, lone_word, screens, verdict, words_of

__all__ = ["RuleSet", "build"]

#: A rule's number, and what is left of it where the leaf that it hangs on is met.
_Hanging = tuple[int, Screen]


def build(rules: Iterable[Rule], concepts: Mapping[str, Concept], before: RuleSet | None = None) -> RuleSet:
    """The rules made ready to match.

    ``before``: a set that most of the rules were in already; what did not change is taken over from it.

    Raises:
        QueryError: a rule names a watch that is not among ``rules``, or watches name each other in a circle.
        ConceptProblems: concepts use each other in a circle, or use what does not exist.
    """
    rules = tuple(rules)
    by_name = {rule.name: rule for rule in rules}
    # Every edit leaves what it replaced among what is interned: after as many as there are rules, begin anew.
    if before is not None and before.making.edits < len(rules) and before.making.concepts == concepts:
        compiler = Compiler(concepts, by_name, before.making.interned)
        kept = {rule.name: old for rule in rules if (old := before.prepared.get(rule.name)) and old.serves(rule)}
        plans = {rule.name: compiler.rule(rule) for rule in rules if rule.name not in kept}
        asked, edits = before.making.asked, before.making.edits + len(plans)
        lexicon = compiler.lexicon(before.lexicon)
    else:
        compiler = Compiler(concepts, by_name)
        kept = {}
        plans = {rule.name: compiler.rule(rule) for rule in rules}
        asked, edits = Counter(word for plan in plans.values() for word in _asked(plan)), 0
        lexicon = compiler.lexicon()
    prepared = {rule.name: kept.get(rule.name) or _prepare(rule, plans[rule.name], asked) for rule in rules}
    making = _Making(concepts=concepts, interned=compiler.interned, asked=asked, edits=edits)
    return RuleSet(prepared, lexicon, making)


class RuleSet:
    """All rules, ready to match. Immutable, and usable by several threads at once."""

    def __init__(self, prepared: Mapping[str, _Prepared], lexicon: Lexicon, making: _Making) -> None:
        """Use :func:`build`."""
        self.prepared = prepared
        self.making = making
        self.rules = tuple(one.rule for one in prepared.values())
        self.lexicon = lexicon
        self._always, anchored = _anchored(prepared.values())
        alone: defaultdict[WordTest, list[_Hanging]] = defaultdict(list)
        terms: defaultdict[WordTest, list[tuple[WordTest, _Anchored]]] = defaultdict(list)
        concepts: defaultdict[WordTest, list[_Anchored]] = defaultdict(list)
        for one in anchored:
            leaf = one.leaf
            if isinstance(leaf, ConceptLeaf):
                for word in leaf.words:
                    concepts[word].append(one)
            elif (lone := lone_word(leaf)) is not None:
                alone[lone] += one.rules
            else:
                word, other = _two_rarest(leaf.pattern, making.asked)
                terms[word].append((other, one))
        self._alone, self._terms, self._concepts = dict(alone), dict(terms), dict(concepts)
        # To find what two sets share costs less than to ask a table for each word.
        self._alone_words, self._words_of_terms = frozenset(alone), frozenset(terms)
        self._words_of_concepts = frozenset(concepts)

    def match(self, document: Document) -> tuple[Match, ...]:
        """The watches that the article meets, in the order of the rules, each with its evidence."""
        view = View(document, self.lexicon)
        found: list[Match] = []
        for number in self.met(view):
            rule = self.rules[number]
            if rule.takes_language(document) and rule.takes_feed(document):
                found.append(Match(watch=rule.name, evidence=evidence(view, self.prepared[rule.name].plan)))
        return tuple(found)

    def match_one(self, document: Document, watch: str) -> Match | None:
        """The match with one watch, if the article meets it.

        Raises:
            NotFound: there is no such watch.
        """
        one = self._one(watch)
        view = View(document, self.lexicon)
        if not (one.rule.takes_language(document) and one.rule.takes_feed(document) and view.met(one.plan)):
            return None
        return Match(watch=watch, evidence=evidence(view, one.plan))

    def explain(self, document: Document, watch: str) -> Explanation:
        """The rule of a watch as a tree, each part met or not.

        Raises:
            NotFound: there is no such watch.
        """
        one = self._one(watch)
        return explain(View(document, self.lexicon), one.rule, one.plan)

    def miss(self, document: Document, watch: str) -> str:
        """How near the article came to a watch that it does not meet, in words; "" when it meets it.

        Raises:
            NotFound: there is no such watch.
        """
        one = self._one(watch)
        return nearest_miss(View(document, self.lexicon), one.rule, one.plan)

    def _one(self, watch: str) -> _Prepared:
        if watch not in self.prepared:
            raise NotFound(f"there is no watch named {watch}")
        return self.prepared[watch]

    def met(self, view: View) -> list[int]:
        """The rules whose query is met, rising."""
        hits, found = view.hits, view.found
        numbers = {number for number, met in self._always if met(view)}
        hanging = [self._alone[word] for word in self._alone_words & view.present]
        for word in self._words_of_terms & hits:
            for other, one in self._terms[word]:
                if other in hits and hits >= one.words and one.verdict(view):
                    found.add(one.leaf)
                    hanging.append(one.rules)
        for number, screen in chain.from_iterable(hanging):
            if lets_through(screen, view) and all(verdict(view) for verdict in screen.rest):
                numbers.add(number)
        # A concept costs more to find than what hangs on it to rule out.
        words = self._words_of_concepts & hits
        for one in set[_Anchored]().union(*map(self._concepts.__getitem__, words)):
            left = [(number, screen.rest) for number, screen in one.rules if lets_through(screen, view)]
            if left and one.verdict(view):
                found.add(one.leaf)
                numbers.update(number for number, rest in left if all(verdict(view) for verdict in rest))
        return sorted(numbers)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Prepared:
    """A rule made ready.

    ``anchors``: leaves of which one is met whenever the rule is, each with what is left of the rule where that one is
    met; None when it has none. ``alone``: it builds on no other watch.
    """

    rule: Rule
    plan: Plan
    anchors: tuple[tuple[Anchor, Screen], ...] | None
    alone: bool

    def serves(self, rule: Rule) -> bool:
        """Whether this is what would be made of a rule anew."""
        return self.alone and (self.rule is rule or self.rule == rule)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Making:
    """How a set was made, for the next one.

    ``asked``: how many rules asked for a word when all were compiled; ``edits``: how many were compiled since.
    """

    concepts: Mapping[str, Concept]
    interned: Interned
    asked: Mapping[WordTest, int]
    edits: int


def _prepare(rule: Rule, plan: Plan, asked: Mapping[WordTest, int]) -> _Prepared:
    anchors = _anchors(plan, asked)
    return _Prepared(
        rule=rule,
        plan=plan,
        anchors=screens(plan, anchors[1]) if anchors else None,
        alone=not rule.builds_on,
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Anchored:
    """The rules that hang on one leaf: of each its number, and what is left of it where the leaf is met.

    ``words``: all that must be there for the leaf to be met, if they are known. ``verdict``: the leaf's own.
    """

    leaf: Anchor
    verdict: Verdict
    words: frozenset[WordTest]
    rules: list[_Hanging]


def _anchored(rules: Iterable[_Prepared]) -> tuple[list[tuple[int, Verdict]], list[_Anchored]]:
    """The verdicts of rules without an anchor, and the other rules by theirs."""
    always: list[tuple[int, Verdict]] = []
    hanging: defaultdict[Anchor, list[_Hanging]] = defaultdict(list)
    for number, rule in enumerate(rules):
        if rule.anchors is None:
            always.append((number, verdict(rule.plan)))
        for leaf, left in rule.anchors or ():
            hanging[leaf].append((number, left))
    return always, [_Anchored(leaf, verdict(leaf), words_of(leaf), found) for leaf, found in hanging.items()]


def _two_rarest(pattern: TermPattern, asked: Mapping[WordTest, int]) -> tuple[WordTest, WordTest]:
    """The two words of a term that fewest articles are likely to hold; its only one twice."""
    first, *others = sorted(pattern.words, key=lambda word: word_cost(word, asked))
    return first, others[0] if others else first


# --- anchors ---


def _asked(plan: Plan) -> frozenset[WordTest]:
    """The words of a rule's own terms."""
    match plan:
        case TermLeaf():
            return frozenset(plan.pattern.words)
        case AllOf(parts=parts) | AnyOf(parts=parts):
            return frozenset[WordTest]().union(*map(_asked, parts))
        case NearOf(left=left, right=right):
            return _asked(left) | _asked(right)
        case CountOf(part=part) | SentenceOf(part=part):
            return _asked(part)
        case _:
            return frozenset()


def _anchors(plan: Plan, asked: Mapping[WordTest, int]) -> tuple[float, frozenset[Anchor]] | None:
    """Leaves of which one is met whenever the plan is, and how often that may be; None when there are none."""
    match plan:
        case TermLeaf():
            return phrase_cost(plan.pattern, asked), frozenset({plan})
        case ConceptLeaf():
            return plan.cost, frozenset({plan})
        case AllOf(parts=parts):
            return _rarest(parts, asked)
        case NearOf(left=left, right=right):
            return _rarest((left, right), asked)
        case AnyOf(parts=parts):
            found = [_anchors(part, asked) for part in parts]
            known = [one for one in found if one is not None]
            if len(known) < len(found):
                return None
            return sum(cost for cost, _ in known), frozenset().union(*(leaves for _, leaves in known))
        case CountOf(part=part) | SentenceOf(part=part):
            return _anchors(part, asked)
        case _:
            return None


def _rarest(parts: Sequence[Plan], asked: Mapping[WordTest, int]) -> tuple[float, frozenset[Anchor]] | None:
    known = [found for part in parts if (found := _anchors(part, asked)) is not None]
    return min(known, key=lambda found: found[0], default=None)
