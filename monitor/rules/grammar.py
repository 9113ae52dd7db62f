"""The query language: a person's line of text becomes a syntax tree, or an error that says what was probably meant.

On the article's way: nowhere; run once when the config is read, and for a search or backtest. Knows the names of
concepts and watches only to say which do not exist; looks at no article.

What binds tightest stands first:

==========================  ======================================================================================
``word`` ``"a phrase"``     the word or phrase in any inflected form of the article's language
``{Exact Case}``            written just so
``wor*`` ``wom?n``          any letters, one letter; after at least three
``"a b"~5``                 all these words, in any order, with at most 5 other words among them
``/regex/``                 a regular expression with at least three letters that every match must hold
``@name`` ``@watch:name``   a concept in any language; whatever meets that other watch
``title:`` ``body:`` ...    also ``source:`` ``url:`` ``author:`` ``lang:`` ``tag:``, before a term or parenthesis
``ATLEAST/3(...)``          in at least three places
``SENTENCE(...)``           within one sentence
``NOT a``
``a NEAR/5 b``              at most 5 words between, in either order; also ``W/5``
``a ONEAR/5 b``             a first; also ``PRE/5`` and ``NEAR/5f``. Several NEAR in a row join from the left
``a AND b``, ``a NOT b``    ``a NOT b`` means ``a AND NOT b``
``a OR b``
==========================  ======================================================================================

So ``@coalition NEAR/12 @withdrawal AND @iraq`` means ``(@coalition NEAR/12 @withdrawal) AND @iraq``. Two terms side by
side are an error: they could mean a phrase, AND, or OR.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from lark import Lark, Token, Tree
from lark.exceptions import UnexpectedToken

from monitor.errors import QueryError
from monitor.rules.literals import RegexFault, required_literals
from monitor.rules.pattern import TermFault, parse_term
from monitor.rules.syntax import (
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
    children_of,
    walk,
)
from monitor.text import nearest

__all__ = ["MAX_DISTANCE", "parse_query"]

#: NEAR/250 reaches over most of an article; more is AND.
MAX_DISTANCE = 250
MAX_LENGTH = 20_000
MAX_DEPTH = 25
MAX_NEAR_CHAIN = 20
MAX_NODES_DEEP = 60  # parts inside each other: all that walks a rule goes down so far
MAX_COUNT = 100

FIELDS = ("title", "body", "source", "url", "author", "lang", "tag")

_GRAMMAR = r"""
start: or_
?or_: and_ (OR and_)*
?and_: near (AND near | NOT+ atom)*
?near: unary (NEAR unary)*
?unary: negation | atom
negation: NOT+ atom
?atom: operand | in_field | at_least | in_sentence
?operand: WORD | PHRASE | SLOP | EXACT | REGEX | CONCEPT | WATCH | STRAY | group
group: LPAR or_ RPAR
in_field: FIELD operand
at_least: ATLEAST group
in_sentence: SENTENCE group

LPAR: "("
RPAR: ")"
AND.9: /(?:AND|&&)(?![^\s()"“”„«»{}])/
OR.9: /(?:OR|\|\|)(?![^\s()"“”„«»{}])/
NOT.9: /NOT(?![^\s()"“”„«»{}])/
NEAR.9: /(?:O?NEAR\/\d+f?|W\/\d+|PRE\/\d+)(?![^\s()"“”„«»{}])/
ATLEAST.9: /ATLEAST\/\d+(?=\s*\()/
SENTENCE.9: /SENTENCE(?=\s*\()/
FIELD.8: /(?:title|body|source|url|author|lang|tag):/i
SLOP.7: /(?:"[^"]*"|“[^“”]*”|„[^“”„]*[“”]|«[^«»]*»)~\d+/
PHRASE.6: /"[^"]*"|“[^“”]*”|„[^“”„]*[“”]|«[^«»]*»/
EXACT.6: /\{[^{}]*\}/
REGEX.6: /\/(?:[^\/\\\n]|\\.)+\/(?=[\s()]|$)/
WATCH.6: /@watch:(?:"[^"]*"|[^\s()"{}]+)/i
CONCEPT.5: /@[^\s()"“”„«»{}]+/
STRAY.4: /["“”„«»{}\/]|@/
WORD.3: /[^\s()"“”„«»{}\/@][^\s()"“”„«»{}]*/
%ignore /\s+/
"""

_PARSER = Lark(_GRAMMAR, parser="lalr", lexer="basic", propagate_positions=False)
_LEXER = Lark(_GRAMMAR, parser=None, lexer="basic")  # a parser's own lexer is made anew for each query

_OPERANDS = frozenset({"WORD", "PHRASE", "SLOP", "EXACT", "REGEX", "CONCEPT", "WATCH", "STRAY"})
_STARTS_OPERAND = _OPERANDS | {"LPAR", "FIELD", "ATLEAST", "SENTENCE"}
_ENDS_OPERAND = _OPERANDS | {"RPAR"}
_TWO_SIDED = frozenset({"AND", "OR", "NEAR"})
_SPELLED_LIKE_NEAR = re.compile(r"(o?near|w|pre|within|adj)\s*/?\s*(\d+)?(f?)(?=[\s()]|$)", re.IGNORECASE)
_SPELLED_LIKE_FIELD = re.compile(r"([A-Za-z]{2,}):(?!/)")
_SPELLED_LIKE_ATLEAST = re.compile(r"atleast\s*/?\s*(\d+)", re.IGNORECASE)
_MOST_DIGITS = 9
_CLOSERS = {'"': '"', "“": "”", "„": "“", "«": "»", "{": "}", "/": "/"}


def parse_query(query: str, *, concepts: Collection[str], watches: Collection[str] = ()) -> Node:
    """The tree of a query.

    ``concepts`` and ``watches`` are the names that may be used with ``@``.

    Raises:
        QueryError: with the character where reading failed, and what was probably meant.
    """
    if not query.strip():
        raise QueryError(
            "the query is empty", query=query, position=0, hint='write what to look for, such as "peace talks"'
        )
    if len(query) > MAX_LENGTH:
        hint = "make concepts of its parts, or several watches"
        raise QueryError(
            f"the query is longer than {MAX_LENGTH} characters", query=query, position=MAX_LENGTH, hint=hint
        )
    return _Reader(query, concepts, watches).read()


def near_names(name: str, known: Collection[str], mark: str = "@") -> str:
    """A hint that lists the known names like this one, or all when they are few."""
    close = nearest(name, known, count=3)
    if close:
        return "did you mean " + " or ".join(f"{mark}{one}" for one in close) + "?"
    if not known:
        return "none is defined"
    few = sorted(known)[:8]
    return "there are " + ", ".join(f"{mark}{one}" for one in few) + (" ..." if len(known) > len(few) else "")


class _Reader:
    """Reads one query. Every error is raised with the query itself, so that it can show the place."""

    def __init__(self, query: str, concepts: Collection[str], watches: Collection[str]) -> None:
        self.query = query
        self.concepts = concepts
        self.watches = watches

    def read(self) -> Node:
        tokens = list(_LEXER.lex(self.query))
        self._check_marks(tokens)
        parser = _PARSER.parse_interactive()
        for index, token in enumerate(tokens):
            try:
                parser.feed_token(token)
            except UnexpectedToken:
                raise self._misplaced(tokens, index) from None
        try:
            tree = parser.feed_token(Token.new_borrow_pos("$END", "", tokens[-1]))
        except UnexpectedToken:
            raise self._cut_short(tokens[-1]) from None
        node, _, _ = self._build(tree.children[0])
        self._check_terms(node)
        lone = only_not(node)
        if lone is not None:
            raise self._error(
                "this would meet almost every article: nothing is asked for, only something ruled out",
                lone.position,
                "add what the article must hold, joined by AND",
            )
        return node

    def _error(self, message: str, position: int, hint: str = "") -> QueryError:
        return QueryError(message, query=self.query, position=position, hint=hint)

    # --- what is wrong, told before and while the grammar reads ---

    def _check_marks(self, tokens: Sequence[Token]) -> None:
        """Quotes, braces and parentheses that nothing closes: told first, since they mislead all that follows."""
        open_at: list[int] = []
        for token in tokens:
            at = _at(token)
            if token.type == "STRAY":
                closer = _CLOSERS.get(token.value)
                if token.value == "@":
                    raise self._error("@ has no name after it", at, near_names("", self.concepts))
                if token.value == "/":
                    hint = "end it with / before a space, or quote the word that begins with /"
                    raise self._error("the regular expression is not closed", at, hint)
                if closer is None:
                    raise self._error(f"{token.value} closes nothing", at, "take it away, or open it before the words")
                raise self._error(
                    f"{token.value} is never closed", at, f"add {closer} after the last word that belongs to it"
                )
            if token.type == "LPAR":
                open_at.append(at)
                if len(open_at) > MAX_DEPTH:
                    raise self._error(
                        f"more than {MAX_DEPTH} parentheses inside each other", at, "make concepts of the parts"
                    )
            elif token.type == "RPAR":
                if not open_at:
                    raise self._error(") closes nothing", at, "take it away, or add ( before")
                open_at.pop()
        if open_at:
            raise self._error("( is never closed", open_at[-1], "add ) after the last word that belongs to it")

    def _misplaced(self, tokens: Sequence[Token], index: int) -> QueryError:
        """The error for a token that can't stand where it stands."""
        token, at = tokens[index], _at(tokens[index])
        before = tokens[index - 1] if index else None
        if before is not None and before.type in _ENDS_OPERAND:
            if token.type in _STARTS_OPERAND:
                return self._side_by_side(before, token)
            # Only NEAR can't follow an operand: after "a NOT b" and after "NOT b" joined by AND's own rule.
            return self._error(f"{token.value} would reach into a NOT", at, "put parentheses: a NOT (b NEAR/5 c)")
        if token.type == "RPAR":
            if before is not None and before.type == "LPAR":
                return self._error(
                    "nothing stands in these parentheses", _at(before), "write words in them or take them away"
                )
            return self._error(
                f"{before} has nothing after it", _at(before or token), "add what it joins, or take it away"
            )
        if before is not None and before.type == "FIELD":
            return self._error(
                f"{before} must stand right before a term or (", at, f"write {before}word or {before}(...)"
            )
        if before is not None and before.type in _TWO_SIDED | {"NOT"}:
            return self._error(
                f"{token} can't follow {before}", at, "one of them is too many, or a term is missing between"
            )
        return self._error(f"{token} has nothing before it", at, "add what it joins, or take it away")

    def _side_by_side(self, before: Token, token: Token) -> QueryError:
        """Two operands with nothing between: mostly an operator that was spelled in another way."""
        for one in (token, before):
            if one.type != "WORD":
                continue
            at = _at(one)
            if one.value.casefold() in {"and", "or", "not"}:
                word = one.value.upper()
                return self._error(
                    f"{one} is read as a word here",
                    at,
                    f"operators are in capitals: {word}; to look for the word, quote it",
                )
            if one.value.upper() == "ANDNOT":
                return self._error("operators stand apart", at, "write AND NOT")
            like = _SPELLED_LIKE_NEAR.match(self.query, at)
            if like and one.value.rstrip("/0123456789fF").casefold() == like[1].casefold():
                operator = {"w": "W", "pre": "PRE", "onear": "ONEAR"}.get(like[1].casefold(), "NEAR")
                meant = f"{operator}/{like[2] or 5}{like[3].lower()}"
                return self._error(f"{one} is read as a word here", at, f"{meant} was probably meant")
            if one.value.casefold() in {"w/s", "w/p"}:
                return self._error(f"{one} is no operator here", at, "SENTENCE(a AND b) or NEAR/30 was probably meant")
        many = _SPELLED_LIKE_ATLEAST.match(self.query, _at(before))
        if many and token.type in {"LPAR", "WORD"}:
            return self._error(
                f"{before} is read as a word here", _at(before), f"ATLEAST/{many[1]}(...) was probably meant"
            )
        if before.value.casefold() == "sentence" and token.type == "LPAR":
            return self._error(f"{before} is read as a word here", _at(before), "SENTENCE(...) was probably meant")
        if before.type == token.type == "WORD":
            hint = f'quote a phrase: "{before} {token}"; or put AND or OR between'
        else:
            hint = "put AND, OR or NEAR/5 between"
        return self._error("two terms stand side by side with nothing to join them", _at(token), hint)

    def _cut_short(self, last: Token) -> QueryError:
        return self._error(f"the query ends after {last}", _at(last), "add what belongs after it, or take it away")

    # --- from the grammar's tree to ours ---

    def _build(self, item: Tree[Token] | Token) -> tuple[Node, int, int]:
        """The node of a part, and the slice of the query that it was written in."""
        if isinstance(item, Token):
            end = _at(item) + len(item)
            return self._leaf(item), _at(item), end
        children = item.children
        if item.data == "group":
            node, _, _ = self._build(children[1])
            return node, _at(children[0]), _at(children[2]) + 1
        if item.data == "negation":
            return self._negation(children)
        if item.data == "near":
            return self._near(children)
        if item.data == "or_":
            parts = [self._build(child) for child in children if not _is(child, "OR")]
            return self._joined(Or, parts)
        if item.data == "and_":
            return self._and(children)
        head = children[0]
        assert isinstance(head, Token)
        child, _, end = self._build(children[1])
        start = _at(head)
        written = self.query[start:end]
        if item.data == "in_field":
            name = head.value[:-1].casefold()
            self._check_field(name, child)
            if isinstance(child, Regex) and name == "url" and re.fullmatch(r"[\w.~-]+", child.pattern):
                # url:/sport/ is a part of a path, slashes and all, to whoever writes it.
                child = Term(text=f"/{child.pattern}/", written=child.written, position=child.position)
            return InField(field=name, child=child, written=written, position=start), start, end
        if item.data == "at_least":
            count = _number(head.value.partition("/")[2])
            if not 1 <= count <= MAX_COUNT:
                raise self._error(f"ATLEAST takes 1 to {MAX_COUNT}", start)
            self._check_placed(child, "ATLEAST")
            return AtLeast(count=count, child=child, written=written, position=start), start, end
        self._check_sentence(child)
        return Sentence(child=child, written=written, position=start), start, end

    def _joined(self, kind: type[And | Or], parts: Sequence[tuple[Node, int, int]]) -> tuple[Node, int, int]:
        start, end = parts[0][1], parts[-1][2]
        flat: list[Node] = []
        for node, _, _ in parts:
            flat.extend(node.children if isinstance(node, kind) else [node])
        return kind(children=tuple(flat), written=self.query[start:end], position=start), start, end

    def _negation(self, children: Sequence[Tree[Token] | Token]) -> tuple[Node, int, int]:
        node, _, end = self._build(children[-1])
        start = _at(children[0])
        for mark in reversed(children[:-1]):
            node = Not(child=node, written=self.query[_at(mark) : end], position=_at(mark))
        self._check_depth(node, start)
        return node, start, end

    def _and(self, children: Sequence[Tree[Token] | Token]) -> tuple[Node, int, int]:
        parts: list[tuple[Node, int, int]] = []
        negations: list[Tree[Token] | Token] = []
        for child in children:
            if _is(child, "NOT"):
                negations.append(child)
            elif not _is(child, "AND"):
                parts.append(self._negation([*negations, child]) if negations else self._build(child))
                negations = []
        return self._joined(And, parts)

    def _near(self, children: Sequence[Tree[Token] | Token]) -> tuple[Node, int, int]:
        if len(children) > 2 * MAX_NEAR_CHAIN + 1:
            raise self._error(f"more than {MAX_NEAR_CHAIN} NEAR in a row", _at(children[1]), "join the parts by AND")
        left, start, end = self._build(children[0])
        for operator, child in zip(children[1::2], children[2::2], strict=True):
            right, _, end = self._build(child)
            spelled = str(operator)
            distance = _number(re.sub(r"\D", "", spelled))
            if distance > MAX_DISTANCE:
                hint = "use AND, or SENTENCE(a AND b)"
                raise self._error(f"NEAR reaches over at most {MAX_DISTANCE} words", _at(operator), hint)
            for side in (left, right):
                self._check_placed(side, spelled)
            left = Near(
                left=left,
                right=right,
                distance=distance,
                ordered=spelled.startswith(("O", "P")) or spelled.endswith("f"),
                written=self.query[start:end],
                position=start,
            )
        self._check_depth(left, start)
        return left, start, end

    def _leaf(self, token: Token) -> Node:
        at, value = _at(token), str(token)
        match token.type:
            case "CONCEPT":
                return self._concept(value, at)
            case "WATCH":
                name = value.partition(":")[2].strip('"')
                if name not in self.watches:
                    raise self._error(f"there is no watch named {name}", at, near_names(name, self.watches, "@watch:"))
                return WatchRef(name=name, written=value, position=at)
            case "REGEX":
                pattern = value[1:-1]
                try:
                    required_literals(pattern)
                except RegexFault as fault:
                    raise self._error(str(fault), at + 1 + fault.offset, fault.hint) from None
                return Regex(pattern=pattern, written=value, position=at)
            case "SLOP":
                inner, _, number = value.rpartition("~")
                slop = _number(number)
                if slop > MAX_DISTANCE:
                    raise self._error(f"~ reaches over at most {MAX_DISTANCE} words", at + len(inner), "use AND")
                term = Term(text=inner[1:-1], slop=slop, written=value, position=at)
            case "PHRASE":
                term = Term(text=value[1:-1], written=value[1:-1], position=at)
            case "EXACT":
                term = Term(text=value[1:-1], exact=True, written=value, position=at)
            case _:
                term = self._word(value, at)
        return term

    def _word(self, value: str, at: int) -> Term:
        field = _SPELLED_LIKE_FIELD.match(value)
        if field:
            name = field[1]
            close = nearest(name, FIELDS)
            hint = f"did you mean {close[0]}: ?" if close else f"fields are {': '.join(FIELDS)}:"
            raise self._error(f"there is no field {name}:", at, f"{hint}; to look for the text itself, quote it")
        if value[0] in "-!+" and len(value) > 1:
            meant = "AND" if value[0] == "+" else "NOT"
            hint = f"write {meant} {value[1:]}; to look for the text itself, quote it"
            raise self._error(f"{value[0]} is no operator here", at, hint)
        return Term(text=value, written=value, position=at)

    def _concept(self, value: str, at: int) -> ConceptRef:
        name = value[1:]
        if name not in self.concepts:
            hints = [near_names(name, self.concepts)]
            others = dict.fromkeys(token.value for token in _LEXER.lex(self.query) if token.type == "CONCEPT")
            hints += [
                f"nor is there {other}: {near_names(other[1:], self.concepts)}"
                for other in others
                if other != value and other[1:] not in self.concepts
            ]
            raise self._error(f"there is no concept {value}", at, "; ".join(hints))
        return ConceptRef(name=name, written=value, position=at)

    # --- what may stand where ---

    def _check_depth(self, node: Node, at: int) -> None:
        if _depth(node) > MAX_NODES_DEEP:
            hint = "make concepts of the parts"
            raise self._error(f"more than {MAX_NODES_DEEP} operators inside each other", at, hint)

    def _check_terms(self, node: Node) -> None:
        """Every term holds something to look for, by the words of its field, or as a part of a URL or tag."""
        outside = {
            id(leaf)
            for part in walk(node)
            if isinstance(part, InField) and part.field in {"url", "tag", "lang"}
            for leaf in walk(part)
        }
        for term in walk(node):
            if not isinstance(term, Term):
                continue
            start = self.query.index(term.text, term.position)
            if id(term) not in outside:
                try:
                    parse_term(term.text, exact=term.exact, slop=term.slop)
                except TermFault as fault:
                    raise self._error(fault.message, start + fault.offset, fault.hint) from None
            elif not any(char.isalnum() for char in term.text):
                raise self._error("there is no letter or digit here to look for", start, "write a part of it")

    def _check_field(self, name: str, child: Node) -> None:
        inner = _find(
            child,
            (InField, WatchRef)
            if name in {"title", "body", "source", "author"}
            else (InField, WatchRef, ConceptRef, Near, AtLeast, Sentence),
        )
        if inner is not None:
            raise self._error(f"{inner.written} can't stand in {name}:", inner.position, "close the field before it")
        if name == "lang":
            for leaf in _leaves(child):
                if not isinstance(leaf, Term) or not re.fullmatch(r"[a-zA-Z]{2,3}(?:[-_]\w+)?", leaf.text):
                    hint = "two letters: en, fr, ar; several: lang:(en OR fr)"
                    raise self._error(f"{leaf.written} is no language code", leaf.position, hint)
        elif name == "tag":
            for leaf in _leaves(child):
                if not isinstance(leaf, Term):
                    raise self._error(f"{leaf.written} is no tag", leaf.position, "write tag:word")

    def _check_placed(self, node: Node, operator: str) -> None:
        """NEAR and ATLEAST join places in the text: a word, phrase, concept, OR of these, or another NEAR."""
        wrong = _find(node, (Not, And, AtLeast, Sentence, WatchRef))
        if wrong is not None:
            hint = "join words, phrases, concepts, or (a OR b)"
            if isinstance(wrong, Not):
                hint = "NOT binds tighter than NEAR: write NOT (a NEAR/5 b)"
            elif isinstance(wrong, And):
                hint = "write (a NEAR/5 c) AND (b NEAR/5 c)"
            raise self._error(f"{wrong.written} can't stand in {operator}", wrong.position, hint)
        self._check_in_text(node, operator)

    def _check_sentence(self, node: Node) -> None:
        wrong = _find(node, (Sentence, WatchRef, AtLeast))
        if wrong is not None:
            raise self._error(
                f"{wrong.written} can't stand in SENTENCE", wrong.position, "put it outside, joined by AND"
            )
        lone = only_not(node)
        if lone is not None:
            raise self._error("SENTENCE needs a word that it holds", lone.position, "write NOT SENTENCE(...)")
        self._check_in_text(node, "SENTENCE")

    def _check_in_text(self, node: Node, operator: str) -> None:
        for part in walk(node):
            if isinstance(part, InField) and part.field not in {"title", "body"}:
                hint = "put it outside, joined by AND"
                raise self._error(
                    f"{part.field}: can't stand in {operator}, which looks into the text", part.position, hint
                )


def _at(item: Tree[Token] | Token) -> int:
    assert isinstance(item, Token)
    assert item.start_pos is not None
    return item.start_pos


def _number(digits: str) -> int:
    """The number, or one past every limit where there are so many digits that Python would not read them."""
    return int(digits) if len(digits) <= _MOST_DIGITS else 10**_MOST_DIGITS


def _depth(node: Node) -> int:
    """How many parts stand inside each other; reckoned without going down by calls, which a rule could exhaust."""
    deepest, level = 0, [node]
    while level:
        deepest += 1
        level = [child for part in level for child in children_of(part)]
    return deepest


def _is(item: Tree[Token] | Token, kind: str) -> bool:
    return isinstance(item, Token) and item.type == kind


def _find(node: Node, kinds: tuple[type, ...]) -> Node | None:
    return next((part for part in walk(node) if isinstance(part, kinds)), None)


def _leaves(node: Node) -> list[Node]:
    return [part for part in walk(node) if isinstance(part, Term | Regex | ConceptRef | WatchRef)]


def only_not(node: Node) -> Node | None:
    """The part through which an article that holds nothing of the rule would meet it; None when there is none."""
    match node:
        case Not(child=child):
            return node if only_not(child) is None else None
        case And(children=children):
            found = [lone for child in children if (lone := only_not(child)) is not None]
            return found[0] if len(found) == len(children) else None
        case Or(children=children):
            return next((lone for child in children if (lone := only_not(child)) is not None), None)
        case InField(child=child):
            return only_not(child)
        case _:
            return None
