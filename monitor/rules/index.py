"""Many rules, and the few of them that an article can meet.

On the article's way: *match*. Each rule hangs on leaves of which one must be met if the rule is (its anchors), each of
those on words of which one must stand in the article; only rules whose anchor is met are judged, by
:mod:`monitor.rules.evaluate`. So the cost of an article is set by the words that it shares with rules, not by how many
rules there are. A :class:`RuleSet` never changes: an edit makes a new one, swapped as one object.

The anchor is the part that is probably rarest (see :mod:`monitor.rules.lexicon`); of the rules on one, those are passed
over that need other words which the article does not have. A rule without such a part (only ``lang:``, ``tag:``,
``url:``, a regular expression) is judged for every article.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

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
        always: list[int] = []
        hanging: defaultdict[_Anchor, list[int]] = defaultdict(list)
        for number, plan in enumerate(self._plans):
            found = _anchors(plan)
            if found is None:
                always.append(number)
            else:
                for leaf in found[1]:
                    hanging[leaf].append(number)
        self._always = tuple(always)
        self._hanging = dict(hanging)
        hooks: defaultdict[WordTest, list[_Anchor]] = defaultdict(list)
        for leaf in self._hanging:
            for word in (rarest_word(leaf.pattern),) if isinstance(leaf, TermLeaf) else leaf.hooks:
                hooks[word].append(leaf)
        self._hooks = dict(hooks)
        self._needs = tuple(_needs(plan) for plan in self._plans)
        self._lexicon = compiler.lexicon()

    def match(self, document: Document) -> tuple[Match, ...]:
        """The watches that the article meets, in the order of the rules, each with its evidence."""
        view = View(document, self._lexicon)
        found: list[Match] = []
        for number in self._candidates(view):
            rule, plan = self.rules[number], self._plans[number]
            if rule.takes_language(document) and rule.takes_feed(document) and view.met(plan):
                found.append(Match(watch=rule.name, evidence=evidence(view, plan)))
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

    def _candidates(self, view: View) -> list[int]:
        """The rules that may be met, rising."""
        leaves = {leaf for word in view.hits.intersection(self._hooks) for leaf in self._hooks[word]}
        numbers = set(self._always)
        words = view.hits
        for leaf in leaves:
            within_reach = [number for number in self._hanging[leaf] if words >= self._needs[number]]
            if within_reach and view.met(leaf):
                numbers.update(within_reach)
        return sorted(numbers)


# --- what a rule needs ---


def _needs(plan: Plan) -> frozenset[WordTest]:
    """Words without which the plan can't be met."""
    match plan:
        case TermLeaf():
            return frozenset(plan.pattern.words)
        case AllOf(parts=parts):
            return frozenset().union(*map(_needs, parts))
        case NearOf(left=left, right=right):
            return _needs(left) | _needs(right)
        case CountOf(part=part) | SentenceOf(part=part):
            return _needs(part)
        case _:
            return frozenset()


# --- anchors ---


def _anchors(plan: Plan) -> tuple[float, frozenset[_Anchor]] | None:
    """Leaves of which one is met whenever the plan is, and how often that may be; None when there are none."""
    match plan:
        case TermLeaf() | ConceptLeaf():
            return _cost(plan), frozenset({plan})
        case AllOf(parts=parts):
            return _rarest(parts)
        case NearOf(left=left, right=right):
            return _rarest((left, right))
        case AnyOf(parts=parts):
            found = [_anchors(part) for part in parts]
            known = [one for one in found if one is not None]
            if len(known) < len(found):
                return None
            return sum(cost for cost, _ in known), frozenset().union(*(leaves for _, leaves in known))
        case CountOf(part=part) | SentenceOf(part=part):
            return _anchors(part)
        case _:
            return None


def _rarest(parts: Sequence[Plan]) -> tuple[float, frozenset[_Anchor]] | None:
    known = [found for part in parts if (found := _anchors(part)) is not None]
    return min(known, key=lambda found: found[0], default=None)


def _cost(leaf: _Anchor) -> float:
    """A guess at the share of articles that meet the leaf."""
    if isinstance(leaf, TermLeaf):
        return phrase_cost(leaf.pattern)
    return sum(phrase_cost(name.pattern) for name in leaf.names)
