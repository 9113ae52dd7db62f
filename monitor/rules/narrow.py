"""Which articles need not be read to know that a rule is not met.

On the article's way: nowhere; a backtest asks before it reads an article of the archive (decides its language, cuts and
places its words). Only what is known without reading counts: the tags of the feed, the address, and the letters that a
regular expression can't do without.

It errs on one side only: an article that is ruled out does not meet the rule; one that is let through may not meet it
either. Words rule out nothing. Whether a word is met depends on the article's language, and to find out is most of what
reading costs.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from monitor.rules.compile import Rule
from monitor.rules.document import UNKNOWN_LANGUAGE, make_document
from monitor.rules.index import RuleSet
from monitor.rules.literals import fold_literal
from monitor.rules.plan import AllOf, AnyOf, CountOf, NearOf, Plan, RegexLeaf, SentenceOf, TagLeaf, UrlLeaf
from monitor.text import Language

__all__ = ["Sieve"]


class Sieve:
    """Rules out articles that can't meet any of some rules. Not for several threads at once."""

    def __init__(self, rules: RuleSet, asked: Iterable[str]) -> None:
        """``asked``: the names of the rules that are tried; each must be in the set."""
        self._asked = [(rules.prepared[name].rule, rules.prepared[name].plan) for name in asked]
        self._plans_for: dict[tuple[str, ...], list[Plan]] = {}

    def lets_through(
        self, *, title: str, body: str, source: str = "", url: str = "", author: str = "", tags: Sequence[str] = ()
    ) -> bool:
        """Whether the article may meet one of the rules; False is certain. Takes any text."""
        plans = self._plans_for.get(tuple(tags))
        if plans is None:
            plans = self._plans_for[tuple(tags)] = [plan for rule, plan in self._asked if _takes_feed(rule, tags)]
        seen = _Seen((title, body, source, author), url, tags)
        return any(map(seen.may_meet, plans))


def _takes_feed(rule: Rule, tags: Sequence[str]) -> bool:
    unread = Language(UNKNOWN_LANGUAGE, None, sure=False)
    return rule.takes_feed(make_document(title="", body="", language=unread, tags=tags))


class _Seen:
    """What is known of an article before it is read."""

    def __init__(self, fields: tuple[str, ...], url: str, tags: Sequence[str]) -> None:
        self._fields, self._url, self._tags = fields, url, tags
        self._folded: dict[str, str] = {}

    def may_meet(self, plan: Plan) -> bool:
        """Whether nothing that is known rules the plan out."""
        match plan:
            case AllOf(parts=parts):
                return all(map(self.may_meet, parts))
            case AnyOf(parts=parts):
                return any(map(self.may_meet, parts))
            case NearOf(left=left, right=right):
                return self.may_meet(left) and self.may_meet(right)
            case CountOf(part=part) | SentenceOf(part=part):
                return self.may_meet(part)
            case UrlLeaf(pattern=pattern):
                return pattern.search(self._url) is not None
            case TagLeaf(pattern=pattern):
                return any(map(pattern.fullmatch, self._tags))
            case RegexLeaf(literals=literals, fields=fields):
                places = [self._fields[number] for number in fields] if fields else [self._url]
                return any(literal in self._fold(place) for place in places for literal in literals)
            case _:
                return True

    def _fold(self, place: str) -> str:
        if place not in self._folded:
            self._folded[place] = fold_literal(place)
        return self._folded[place]
