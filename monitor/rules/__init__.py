"""Rules: what a person asked for, and whether an article meets it, and why.

On the article's way: *match*. A query (:mod:`.grammar`) or the simple form of a watch becomes a syntax tree
(:mod:`.syntax`); with the concepts (:mod:`.concepts`) it is compiled (:mod:`.compile`) into leaves that are looked
for in an article (:mod:`.plan`, :mod:`.evaluate`); :mod:`.index` finds which of many rules need looking at;
:mod:`.explain` tells why an article met a rule or did not. Apart from that way, :mod:`.usage` tells what a concept
takes in and who uses it, :mod:`.borrowed` judges names that others wrote, and :mod:`.narrow` rules out articles unread.
Pure: no I/O, no clock, no logging.
"""

from __future__ import annotations

from monitor.rules.borrowed import Borrowed, Doubt, borrow
from monitor.rules.compile import Rule, parse_watch
from monitor.rules.concepts import ANY_LANGUAGE, Concept, ConceptProblems, Name, Problem, build_concept, check_concepts
from monitor.rules.document import Document, make_document
from monitor.rules.explain import Explanation
from monitor.rules.grammar import parse_query
from monitor.rules.index import RuleSet, build
from monitor.rules.narrow import Sieve
from monitor.rules.syntax import Node, format_rule
from monitor.rules.usage import ConceptUse, TakenIn, WatchUse, concept_uses, taken_in, watch_uses

__all__ = [
    "ANY_LANGUAGE",
    "Borrowed",
    "Concept",
    "ConceptProblems",
    "ConceptUse",
    "Document",
    "Doubt",
    "Explanation",
    "Name",
    "Node",
    "Problem",
    "Rule",
    "RuleSet",
    "Sieve",
    "TakenIn",
    "WatchUse",
    "borrow",
    "build",
    "build_concept",
    "check_concepts",
    "concept_uses",
    "format_rule",
    "make_document",
    "parse_query",
    "parse_watch",
    "taken_in",
    "watch_uses",
]
