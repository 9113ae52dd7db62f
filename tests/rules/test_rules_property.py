"""The law that the whole engine stands on: the index finds exactly what looking at every rule, word by word, finds.

``brute`` below is written from the language's documentation alone, without any of the engine's parts but the cutting of
words and the law of inflection, and tries every stretch of words against every part of every rule.
"""

from __future__ import annotations

from itertools import pairwise, permutations, product

from hypothesis import given, settings
from hypothesis import strategies as st

from monitor import text
from monitor.rules import Concept, Document, Name, Rule, build, format_rule, make_document, parse_query
from monitor.rules.evaluate import View
from monitor.rules.grammar import only_not
from monitor.rules.syntax import And, AtLeast, ConceptRef, InField, Near, Node, Not, Or, Sentence, Term, WatchRef, walk
from monitor.text import Language

FIELDS = ("title", "body", "source", "author")
VOCABULARY = ("iraq", "troops", "troop", "leave", "leaving", "us", "US", "coalition", "state", "states")
Span = tuple[str, int, int]

CONCEPTS = {
    one.name: one
    for one in (
        Concept(
            name="coalition",
            names=(
                Name(text="coalition", language="en", negative=("coalition state",)),
                Name(text="US coalition", language="any"),
                Name(text="leave ... troops", language="fr"),
            ),
        ),
        Concept(
            name="army",
            names=(
                Name(text="US", language="en", near=("troop*", "@coalition")),
                Name(text="leave ... iraq", language="en", near=("troops", "state")),
                Name(text="leaving", language="any", near=("@coalition", "troops state"), within=1),
                Name(text="leave ... state", language="en", near=("iraq",), within=0),
                Name(text="state", language="en", negative=("states",)),
                Name(text="States", language="en", exact=True),
                Name(text="troops leave ~1", language="en"),
            ),
        ),
        Concept(name="both", names=(Name(text="@army", language="any"), Name(text="@coalition", language="any"))),
    )
}


# --- brute force ---


class Brute:
    def __init__(self, document: Document, rules: dict[str, Rule]) -> None:
        self.rules = rules
        self.document = document
        self.tokens = {name: field.tokens for name, field in zip(FIELDS, document.fields, strict=True)}
        self.shouts = {
            name: [field.shouts(len(field.original[: token.end].splitlines()) - 1) for token in field.tokens]
            for name, field in zip(FIELDS, document.fields, strict=True)
        }

    def met(
        self, node: Node, fields: tuple[str, ...] = ("title", "body"), window: tuple[str, int, int] | None = None
    ) -> bool:
        match node:
            case And(children=children):
                return all(self.met(child, fields, window) for child in children)
            case Or(children=children):
                return any(self.met(child, fields, window) for child in children)
            case Not(child=child):
                return not self.met(child, fields, window)
            case InField(field=name, child=child):
                return self.met(child, (name,), window)
            case WatchRef(name=name):
                other = self.rules[name]
                languages = not other.languages or any(code in self.document.languages for code in other.languages)
                return languages and self.met(other.root)
            case AtLeast(count=count, child=child):
                spans = set(self.spans(child, fields))
                return len([one for one in spans if not any(inside(one, other) for other in spans)]) >= count
            case Sentence(child=child):
                return any(self.met(child, fields, sentence) for sentence in self.sentences(child))
            case Term() if fields == ("lang",):
                return node.text in self.document.languages
            case _:
                spans = self.spans(node, fields)
                if window is not None:
                    name, start, end = window
                    spans = [
                        (f, i, j)
                        for f, i, j in spans
                        if f == name and start <= self.tokens[f][i].start and self.tokens[f][j].end <= end
                    ]
                return bool(spans)

    def sentences(self, node: Node) -> set[tuple[str, int, int]]:
        """Those around anything that the node names."""
        texts = dict(zip(FIELDS, self.document.fields, strict=True))
        return {
            (name, *texts[name].sentence(texts[name].tokens[i].start, texts[name].tokens[j].end))
            for leaf in walk(node)
            if isinstance(leaf, Term | ConceptRef)
            for name, i, j in self.spans(leaf, FIELDS[:2])
        }

    def spans(self, node: Node, fields: tuple[str, ...]) -> list[Span]:
        match node:
            case Term(text=term, exact=exact, slop=slop):
                marked = fields[0] in FIELDS[:2]  # a source's capitals mark nothing
                found = self.term(term, "", exact=exact, slop=slop, marked=marked)
                if term == "US" and marked:
                    firm = [(f, i, j) for f, i, j in found if f in FIELDS[:2] and not self.shouts[f][i]]
                    found = found if firm else []
                return [span for span in found if span[0] in fields]
            case ConceptRef(name=name):
                return [span for span in self.concept(name, fields) if span[0] in fields]
            case Or(children=children):
                return [span for child in children for span in self.spans(child, fields)]
            case InField(field=name, child=child):
                return self.spans(child, (name,))
            case Near():
                lefts, rights = self.named(node.left, fields), self.named(node.right, fields)
                return [
                    (one[0], min(one[1], other[1]), max(one[2], other[2]))
                    for (one, concept), (other, another) in product(lefts, rights)
                    if self.near(one, other, node) or (one == other and concept and another and concept != another)
                ]
        raise AssertionError(node)

    def named(self, node: Node, fields: tuple[str, ...]) -> list[tuple[Span, str]]:
        """Spans, with the concept that they name."""
        match node:
            case Or(children=children):
                return [one for child in children for one in self.named(child, fields)]
            case InField(field=name, child=child):
                return self.named(child, (name,))
            case ConceptRef(name=name):
                return [(span, name) for span in self.spans(node, fields)]
            case _:
                return [(span, "") for span in self.spans(node, fields)]

    def near(self, one: Span, other: Span, node: Near) -> bool:
        if one[0] != other[0] or one == other:
            return False
        if node.ordered and (one[1] > other[1] or one[2] > other[2]):
            return False
        overlap = one[1] <= other[2] and other[1] <= one[2]
        return overlap or self.between(one, other) <= node.distance

    def between(self, one: Span, other: Span) -> int:
        tokens = self.tokens[one[0]]
        first, second = sorted((one, other), key=lambda span: span[1])
        return tokens[second[1]].place - tokens[first[2]].place - 1

    def word(
        self, asked: text.Token, met: text.Token, language: str, *, exact: bool, short: bool, caps: bool, titled: bool
    ) -> bool:
        if exact:
            return met.raw == asked.raw
        if caps:
            return asked.forms[0] in met.forms and met.caps
        if asked.forms[0] in met.forms:
            return True
        spoken = self.document.title_languages if titled else self.document.languages
        languages = spoken if not language else {language} & set(spoken)
        return not short and any(text.same_word(asked.forms[0], form, code) for code in languages for form in met.forms)

    def term(
        self, term: str, language: str, *, exact: bool = False, slop: int | None = None, marked: bool = True
    ) -> list[Span]:
        gap, plain = (0, term)
        if " ~" in term:
            plain, number = term.split(" ~")
            gap = int(number)
        pieces = plain.split(" ... ") if " ... " in plain else plain.split() if (gap or slop is not None) else [plain]
        gap = 3 if " ... " in plain else gap
        loud = len(plain.split()) > 1 and plain.isupper()  # all in capitals: they say nothing
        runs = [self.phrase(piece, language, exact=exact, caps=marked and not loud) for piece in pieces]
        found = []
        for choice in product(*runs):
            if len({span[0] for span in choice}) > 1:
                continue
            if slop is None:
                steps = list(pairwise(choice))
                if all(a[2] < b[1] and self.between(a, b) <= gap for a, b in steps):
                    found.append((choice[0][0], choice[0][1], choice[-1][2]))
            elif all(a[2] < b[1] or b[2] < a[1] for a, b in permutations(choice, 2)):
                tokens = self.tokens[choice[0][0]]
                first, last = min(span[1] for span in choice), max(span[2] for span in choice)
                if tokens[last].place - tokens[first].place + 1 - len(choice) <= slop:
                    found.append((choice[0][0], first, last))
        # Where the words are closest.
        return [span for span in found if not any(inside(other, span) for other in found)]

    def phrase(self, phrase: str, language: str, *, exact: bool, caps: bool) -> list[Span]:
        found = []
        wild = phrase.endswith("*")
        asked = text.words(phrase.rstrip("*"))
        for name, tokens in self.tokens.items():
            for i in range(len(tokens) - len(asked) + 1):
                window = tokens[i : i + len(asked)]
                if window[0].paragraph != window[-1].paragraph:
                    continue
                if all(
                    (wild and a is asked[-1] and any(form.startswith(a.forms[0]) for form in m.forms))
                    or self.word(
                        a,
                        m,
                        language,
                        exact=exact,
                        short=len(a.raw) <= 2,
                        caps=caps and a.raw == "US",
                        titled=name == "title",
                    )
                    for a, m in zip(asked, window, strict=True)
                ):
                    found.append((name, i, i + len(asked) - 1))
        return found

    def concept(self, concept: str, fields: tuple[str, ...]) -> list[Span]:
        found: list[tuple[Span, bool]] = []
        for name in self.names(concept):
            cancelled = [span for term in name.negative for span in self.term_as_written(term)]
            near = [span for term in name.near for span in self.context(term, name.language)]
            for span in self.term(name.text, name.language, exact=name.exact):
                if span[0] not in {*FIELDS[:2], *fields} or any(
                    inside(span, other) or span == other for other in cancelled
                ):
                    continue
                own = [
                    one
                    for piece in name.text.split(" ~")[0].replace("...", "").split()
                    if "..." in name.text or "~" in name.text
                    for one in self.phrase(piece, name.language, exact=name.exact, caps=True)
                    if inside(one, span)
                ] or [span]
                if name.near and not any(self.stands_near(span, own, other, name.within) for other in near):
                    continue
                found.append((span, name.text == "US" and self.shouts[span[0]][span[1]]))
        if all(doubtful for _, doubtful in found):
            return []
        return [span for span, _ in found if not any(inside(span, other) for other, _ in found)]

    def term_as_written(self, term: str) -> list[Span]:
        asked = [token.forms[0] for token in text.words(term)]
        return [
            (name, i, i + len(asked) - 1)
            for name, tokens in self.tokens.items()
            for i in range(len(tokens) - len(asked) + 1)
            if [token.forms[0] for token in tokens[i : i + len(asked)]] == asked
            and tokens[i].paragraph == tokens[i + len(asked) - 1].paragraph
        ]

    def context(self, term: str, language: str) -> list[Span]:
        if term.startswith("@"):
            return [
                span for name in self.names(term[1:]) for span in self.term(name.text, name.language, exact=name.exact)
            ]
        return self.term(term, language)

    def stands_near(self, span: Span, own: list[Span], other: Span, within: int | None) -> bool:
        """``own``: the name's own words in the span; what stands between them is near."""
        if any(one[0] == other[0] and one[1] <= other[2] and other[1] <= one[2] for one in own):
            return False
        if within is not None:
            same = span[0] == other[0] and span[0] in FIELDS[:2]
            overlap = span[1] <= other[2] and other[1] <= span[2]
            return same and (overlap or self.between(span, other) <= within)
        if other[0] == "title":
            return True
        if other[0] != "body" or span[0] not in FIELDS[:2]:
            return False
        flat = [token.place - 1000 * token.paragraph for token in self.tokens["body"]]
        return flat[other[1]] <= 50 if span[0] == "title" else abs(flat[other[1]] - flat[span[1]]) <= 50

    def names(self, concept: str) -> list[Name]:
        found = []
        for name in CONCEPTS[concept].names:
            found += self.names(name.uses) if name.uses else [name]
        return found


def inside(inner: Span, outer: Span) -> bool:
    return inner != outer and inner[0] == outer[0] and outer[1] <= inner[1] and inner[2] <= outer[2]


# --- texts and rules of a small world, where everything meets everything ---

words = st.sampled_from(VOCABULARY)
sentences = st.lists(words, min_size=1, max_size=7).map(lambda some: " ".join(some).capitalize() + ".")
shouts = st.lists(words, min_size=2, max_size=5).map(lambda some: " ".join(some).upper())
paragraphs = st.lists(sentences, min_size=1, max_size=2).map(" ".join)
bodies = st.lists(st.one_of(paragraphs, paragraphs, shouts), max_size=3).map("\n".join)
languages = st.sampled_from(
    [
        Language("en", None, sure=True),
        Language("fr", "en", sure=False),
        Language("und", None, sure=False),
    ]
)
documents = st.builds(
    make_document,
    title=st.one_of(st.lists(words, max_size=5).map(" ".join), shouts),
    body=bodies,
    language=languages,
    source=st.sampled_from(["", "US state"]),
    title_language=st.one_of(st.none(), languages),
)

phrases = st.lists(words, min_size=1, max_size=3).map(" ".join)
terms = st.one_of(
    words.map(lambda word: Term(text=word)),
    phrases.map(lambda phrase: Term(text=phrase)),
    st.builds(Term, text=phrases, exact=st.just(True)),
    st.builds(Term, text=phrases, slop=st.integers(0, 4)),
    st.sampled_from(["tro*", "stat*", "leav*", "iraq stat*"]).map(lambda word: Term(text=word)),
)
concepts = st.sampled_from(sorted(CONCEPTS)).map(lambda name: ConceptRef(name=name))


def placed(children: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    return st.one_of(
        st.builds(
            Near,
            left=children,
            right=children,
            distance=st.sampled_from([0, 1, 2, 5]),
            ordered=st.booleans(),
        ),
        st.lists(children, min_size=2, max_size=3).map(lambda some: flat(Or, some)),
    )


def flat(kind: type[And | Or], some: list[Node]) -> Node:
    """AND of ANDs is one AND: what the grammar makes of it."""
    joined: list[Node] = []
    for one in some:
        joined += one.children if isinstance(one, kind) else [one]
    return kind(children=tuple(joined))


leaves = st.one_of(terms, terms, concepts)
places = st.recursive(leaves, placed, max_leaves=4)
in_sentence = st.recursive(
    places,
    lambda children: st.one_of(
        st.lists(children, min_size=2, max_size=3).map(lambda some: flat(And, some)),
        children.map(lambda child: Not(child=child)),
    ),
    max_leaves=3,
)
conditions = st.one_of(
    places,
    places,
    st.builds(AtLeast, count=st.integers(1, 3), child=places),
    in_sentence.filter(lambda node: only_not(node) is None).map(lambda child: Sentence(child=child)),
    st.builds(InField, field=st.sampled_from(["title", "body", "source"]), child=places),
    st.sampled_from(["en", "fr"]).map(lambda code: InField(field="lang", child=Term(text=code))),
    st.just(WatchRef(name="first")),
)
roots = st.recursive(
    conditions,
    lambda children: st.one_of(
        st.lists(children, min_size=2, max_size=3).map(lambda some: flat(And, some)),
        st.lists(children, min_size=2, max_size=3).map(lambda some: flat(Or, some)),
        children.map(lambda child: Not(child=child)),
    ),
    max_leaves=4,
)

FIRST = Rule(name="first", root=Term(text="coalition"), languages=("en",))


@settings(max_examples=300)
@given(documents, st.lists(roots, min_size=1, max_size=6))
def test_the_index_finds_what_trying_every_rule_finds(document: Document, asked: list[Node]) -> None:
    """For all operators, NOT and nested concepts among them, and for many rules that share their parts."""
    rules = (FIRST, *(Rule(name=str(number), root=root) for number, root in enumerate(asked)))
    by_name = {rule.name: rule for rule in rules}
    brute = Brute(document, by_name)
    expected = [
        rule.name
        for rule in rules
        if brute.met(rule.root) and (not rule.languages or set(rule.languages) & set(document.languages))
    ]
    rule_set = build(rules, CONCEPTS)
    assert [match.watch for match in rule_set.match(document)] == expected
    for rule in rules:
        met = rule.name in expected
        assert rule_set.explain(document, rule.name).met is met
        assert (rule_set.miss(document, rule.name) == "") is met


@settings(max_examples=100)
@given(documents, st.lists(roots, min_size=3, max_size=6), st.lists(roots, min_size=1, max_size=3), st.integers(0, 2))
def test_a_set_made_from_an_older_one_meets_what_one_made_anew_meets(
    document: Document, old: list[Node], new: list[Node], at: int
) -> None:
    """Rules edited, added, taken away and moved, ``@watch:`` among them; the older set goes on unchanged."""
    first = (FIRST, *(Rule(name=str(number), root=root) for number, root in enumerate(old)))
    edited = [Rule(name=str(number), root=root) for number, root in enumerate([*old[:at], *new, *old[at + 1 :]])]
    edited.append(Rule(name="first", root=Term(text="state")))
    before = build(first, CONCEPTS)
    expected = before.match(document)
    after = build(edited, CONCEPTS, before)
    assert after.match(document) == build(edited, CONCEPTS).match(document)
    assert build(first, CONCEPTS, after).match(document) == before.match(document) == expected


@settings(max_examples=150)
@given(documents, roots)
def test_evidence_is_a_slice_of_the_original(document: Document, root: Node) -> None:
    """Every piece of evidence quotes the field it names, inside its sentence; title first, then by position."""
    original = dict(zip(FIELDS, (field.original for field in document.fields), strict=True))
    order = {"title": 0, "body": 1, "source": 2, "lang": 3}
    for match in build((FIRST, Rule(name="it", root=root)), CONCEPTS).match(document):
        keys = [(order[one.field], one.start) for one in match.evidence]
        assert keys == sorted(keys)
        for one in match.evidence:
            if one.field != "lang":
                assert original[one.field][one.start : one.end] == one.words
            assert one.words
            assert one.words in one.sentence


@settings(max_examples=150)
@given(roots)
def test_a_rule_as_understood_reads_back_the_same(root: Node) -> None:
    """What ``monitor check --verbose`` prints can be put back into the config and means the same."""
    if only_not(root) is not None:
        return
    assert parse_query(format_rule(root), concepts=CONCEPTS, watches=["first"]) == root


def test_every_occurrence_counts_once_for_a_shared_leaf() -> None:
    """Rules that ask for the same share one leaf, looked for once an article."""
    rules = tuple(
        Rule(name=str(n), root=parse_query(q, concepts={})) for n, q in enumerate(["iraq", "iraq AND us", "us OR iraq"])
    )
    rule_set = build(rules, {})
    one, both, either = (rule_set.prepared[name].plan for name in "012")
    assert len({id(plan) for plan in (one, both.parts[0], either.parts[1])}) == 1
    document = make_document(title="iraq us", body="", language=Language("en", None, sure=True))
    assert View(document, rule_set.lexicon).met(both)
