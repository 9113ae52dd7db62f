"""Many rules, and the few of them that an article can meet.

On the article's way: *match*. Each rule hangs on leaves of which one must be met if the rule is (its anchors), each of
those on words of which one must stand in the article; only rules whose anchor is met are judged, by
:mod:`monitor.rules.verdict`. So the cost of an article is set by the words that it shares with rules, not by how many
rules there are. A :class:`RuleSet` never changes: an edit makes a new one, swapped as one object.

The anchor is the part that is probably rarest (see :mod:`monitor.rules.lexicon`); of the rules on one, those are passed
over that need other words which the article does not have. A rule without such a part (only ``lang:``, ``tag:``,
``url:``, a regular expression) is judged for every article.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from monitor.errors import NotFound
from monitor.model import Match
from monitor.rules.compile import Compiler, Rule
from monitor.rules.concepts import Concept
from monitor.rules.document import Document
from monitor.rules.evaluate import View
from monitor.rules.explain import Explanation, evidence, explain, nearest_miss
from monitor.rules.lexicon import phrase_cost, rarest_word
from monitor.rules.pattern import WordTest
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
from monitor.rules.verdict import Verdict, verdict

__all__ = ["RuleSet", "build"]

_Anchor = TermLeaf | ConceptLeaf


def build(rules: Iterable[Rule], concepts: Mapping[str, Concept]) -> RuleSet:
    """The rules made ready to match.

    Raises:
        QueryError: a rule names a watch that is not among ``rules``, or watches name each other in a circle.
        ConceptProblems: concepts use each other in a circle, or use what does not exist.
    """
    return RuleSet(tuple(rules), concepts)


class RuleSet:
    """All rules, ready to match. Immutable, and usable by several threads at once."""

    def __init__(self, rules: tuple[Rule, ...], concepts: Mapping[str, Concept]) -> None:
        """Use :func:`build`; it tells what is raised."""
        self.rules = rules
        by_name = {rule.name: rule for rule in rules}
        compiler = Compiler(concepts, by_name)
        self._plans = tuple(compiler.rule(rule) for rule in rules)
        self._numbers = {rule.name: number for number, rule in enumerate(rules)}
        asked = Counter(word for plan in self._plans for word in _asked(plan))
        always: list[_Hung] = []
        hanging: defaultdict[_Anchor, list[_Hung]] = defaultdict(list)
        for number, plan in enumerate(self._plans):
            words, choices = _needs(plan)
            hung = _Hung(number, words, choices, verdict(plan))
            anchors = _anchors(plan, asked)
            if anchors is None:
                always.append(hung)
            else:
                for leaf in anchors[1]:
                    hanging[leaf].append(hung)
        self._always = tuple(always)
        self._hanging = dict(hanging)
        hooks: defaultdict[WordTest, list[_Anchor]] = defaultdict(list)
        for leaf in self._hanging:
            for word in (rarest_word(leaf.pattern, asked),) if isinstance(leaf, TermLeaf) else leaf.hooks:
                hooks[word].append(leaf)
        self._hooks = dict(hooks)
        self._lexicon = compiler.lexicon()

    def match(self, document: Document) -> tuple[Match, ...]:
        """The watches that the article meets, in the order of the rules, each with its evidence."""
        view = View(document, self._lexicon)
        found: list[Match] = []
        for number in self._met(view):
            rule = self.rules[number]
            if rule.takes_language(document) and rule.takes_feed(document):
                found.append(Match(watch=rule.name, evidence=evidence(view, self._plans[number])))
        return tuple(found)

    def explain(self, document: Document, watch: str) -> Explanation:
        """The rule of a watch as a tree, each part met or not.

        Raises:
            NotFound: there is no such watch.
        """
        rule, plan = self._rule(watch)
        return explain(View(document, self._lexicon), rule, plan)

    def miss(self, document: Document, watch: str) -> str:
        """How near the article came to a watch that it does not meet, in words; "" when it meets it.

        Raises:
            NotFound: there is no such watch.
        """
        rule, plan = self._rule(watch)
        return nearest_miss(View(document, self._lexicon), rule, plan)

    def _rule(self, watch: str) -> tuple[Rule, Plan]:
        number = self._numbers.get(watch)
        if number is None:
            raise NotFound(f"there is no watch named {watch}")
        return self.rules[number], self._plans[number]

    def _met(self, view: View) -> list[int]:
        """The rules whose query is met, rising."""
        hits = view.hits
        leaves = {leaf for word in self._hooks.keys() & hits for leaf in self._hooks[word]}
        numbers = {hung.number for hung in self._always if hung.verdict(view)}
        for leaf in leaves:
            within_reach = [
                hung
                for hung in self._hanging[leaf]
                if hits >= hung.words and not any(map(hits.isdisjoint, hung.choices))
            ]
            if within_reach and view.met(leaf):
                numbers.update(hung.number for hung in within_reach if hung.verdict(view))
        return sorted(numbers)


@dataclass(frozen=True, slots=True)
class _Hung:
    """A rule on its anchor: the words that it needs, the sets of which it needs one word, and its verdict."""

    number: int
    words: frozenset[WordTest]
    choices: tuple[frozenset[WordTest], ...]
    verdict: Verdict


# --- what a rule needs ---


def _needs(plan: Plan) -> tuple[frozenset[WordTest], tuple[frozenset[WordTest], ...]]:
    """Words without which the plan can't be met, and sets of words of which it needs one each."""
    match plan:
        case TermLeaf():
            return frozenset(plan.pattern.words), ()
        case ConceptLeaf(words=words):
            return frozenset(), (words,)
        case AllOf(parts=parts):
            found = [_needs(part) for part in parts]
        case NearOf(left=left, right=right):
            found = [_needs(left), _needs(right)]
        case AnyOf(parts=parts):
            return _one_of(parts)
        case CountOf(part=part) | SentenceOf(part=part):
            return _needs(part)
        case _:
            return frozenset(), ()
    words = frozenset[WordTest]().union(*(words for words, _ in found))
    return words, tuple(choice for _, choices in found for choice in choices if words.isdisjoint(choice))


def _one_of(parts: Sequence[Plan]) -> tuple[frozenset[WordTest], tuple[frozenset[WordTest], ...]]:
    """A word of each alternative: one of them must be there. Nothing, when an alternative needs no word."""
    choice: set[WordTest] = set()
    for part in parts:
        words, choices = _needs(part)
        if words:
            choice.add(min(words, key=lambda word: (-len(word.form), word.form)))
        elif choices:
            choice |= min(choices, key=len)
        else:
            return frozenset(), ()
    return frozenset(), (frozenset(choice),)


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


# --- anchors ---


def _anchors(plan: Plan, asked: Mapping[WordTest, int]) -> tuple[float, frozenset[_Anchor]] | None:
    """Leaves of which one is met whenever the plan is, and how often that may be; None when there are none."""
    match plan:
        case TermLeaf():
            return phrase_cost(plan.pattern, asked), frozenset({plan})
        case ConceptLeaf():
            return sum(phrase_cost(name.pattern) for name in plan.names), frozenset({plan})
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


def _rarest(parts: Sequence[Plan], asked: Mapping[WordTest, int]) -> tuple[float, frozenset[_Anchor]] | None:
    known = [found for part in parts if (found := _anchors(part, asked)) is not None]
    return min(known, key=lambda found: found[0], default=None)
