r"""What every match of a regular expression must hold, read from the expression itself.

On the article's way: nowhere; run once when rules are read. A ``/regex/`` costs too much to be tried on every
article, so each must hold a literal of three letters or digits without which it can't match; articles without it are
passed over. Reads the part of the ``regex`` module's syntax that people use, and refuses the rest by name, as well as
expressions that take for ever on some texts (a repeat inside an endless repeat, ``(a+)+``). Searches no text.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import regex

__all__ = ["RegexFault", "fold_literal", "required_literals"]

MIN_LITERAL = 3
MAX_DEPTH = 25
MAX_REPEATS = 1_000  # of one repeat
MAX_UNROLLED = 200_000  # characters that must stand there, repeats written out: millions take seconds to make ready

_QUANTIFIER = regex.compile(r"(?:[*+?]|\{(?P<low>\d*)(?P<comma>,?)(?P<high>\d*)\})[?+]?")
_GROUP = regex.compile(
    r"\((?:\?(?:(?P<plain>:|>|P?<\w+>)|(?P<flags>[a-zA-Z-]+)(?P<end>[:)])|(?P<look><?[=!])))?(?![?*])"
)
_ESCAPE = regex.compile(
    r"\\(?:x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[pPN]\{[^}]*\}|g<\w+>|\d+|[a-zA-Z]|(.))", regex.DOTALL
)
_PIECE = regex.compile(
    r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\{(?P<low>\d*),?(?P<high>\d*)\}|(?P<open>\((?:\?(?:P?<\w+>|[\w<-]*[:=!>]))?)|.",
    regex.DOTALL,
)
_DOTLESS = str.maketrans({"İ": "i", "ı": "i", "I": "i"})


class RegexFault(ValueError):
    """A regular expression that is not taken; ``offset`` counts from its first character."""

    def __init__(self, message: str, *, offset: int = 0, hint: str = "") -> None:
        super().__init__(message)
        self.offset = offset
        self.hint = hint


def fold_literal(text: str) -> str:
    """Text as literals are looked for in it: at least as wide as the regular expression's own disregard of case."""
    return text.translate(_DOTLESS).casefold()


def required_literals(pattern: str) -> tuple[str, ...]:
    """Folded literals of which every match holds at least one.

    Raises:
        RegexFault: bad syntax, no such literal, or a danger of endless search.
    """
    _check_size(pattern)
    try:
        regex.compile(pattern, regex.IGNORECASE)
    except regex.error as fault:
        raise RegexFault(f"the regular expression is not understood: {fault}") from None
    except ValueError as fault:  # the module's own refusal of flags that exclude each other
        raise RegexFault(f"the regular expression is not understood: {fault}") from None
    reader = _Reader(pattern)
    literals = reader.alternatives().literals
    if literals is None:
        raise RegexFault(
            "nothing in this regular expression must stand in every match",
            hint=f"it needs {MIN_LITERAL} letters in a row that are always there, such as /drone[- ]?strike/",
        )
    return literals


def _check_size(pattern: str) -> None:
    """Refuses what would take long only to be understood, before anything tries."""
    # Of each group that is open: how much stands in it so far. What stands side by side adds up; a repeat multiplies
    # what stands before it.
    sizes, last = [0], 0
    for piece in _PIECE.finditer(pattern):
        if piece["open"] is not None:
            sizes.append(0)
            if len(sizes) > MAX_DEPTH + 1:
                hint = "write it with fewer"
                raise RegexFault(
                    f"more than {MAX_DEPTH} parentheses inside each other", offset=piece.start(), hint=hint
                )
            continue
        if piece["low"] is not None:
            _check_repeats(piece)
            last *= max(1, int(piece["low"] or 0)) - 1  # once it is counted already
        else:
            last = sizes.pop() if piece[0] == ")" and len(sizes) > 1 else 1
        sizes[-1] += last
        if sizes[-1] > MAX_UNROLLED:
            told = f"its repeats written out are longer than {MAX_UNROLLED:,} characters"
            raise RegexFault(told, offset=piece.start(), hint="repeat less often")


def _check_repeats(piece: regex.Match[str]) -> None:
    numbers = [number for number in (piece["low"], piece["high"]) if number]
    # Long numbers are not reckoned: to read one of thousands of digits is an error of its own.
    if any(len(number.lstrip("0")) > len(str(MAX_REPEATS)) or int(number) > MAX_REPEATS for number in numbers):
        raise RegexFault(f"more than {MAX_REPEATS} repeats", offset=piece.start(), hint="write * or + for any number")


@dataclass(slots=True)
class _Part:
    """What a stretch of the pattern demands (None: nothing), and whether it can repeat without end."""

    literals: tuple[str, ...] | None = None
    endless: bool = False


@dataclass(slots=True)
class _Branch:
    """The demands of one alternative, gathered from left to right."""

    run: str = ""
    demands: list[tuple[str, ...]] = field(default_factory=list)

    def flush(self, run: str) -> None:
        if sum(letter.isalnum() for letter in run) >= MIN_LITERAL:
            self.demands.append((fold_literal(run),))
        self.run = ""

    def best(self) -> tuple[str, ...] | None:
        return max(self.demands, key=lambda demand: min(map(len, demand)), default=None)


class _Reader:
    """Walks a pattern that the regex module has accepted."""

    def __init__(self, pattern: str) -> None:
        self.pattern = pattern
        self.at = 0

    def alternatives(self) -> _Part:
        """Everything up to the end of the group, or of the pattern."""
        whole = _Part(literals=())
        while True:
            branch, endless = self._branch()
            best = branch.best()
            whole.endless = whole.endless or endless
            whole.literals = None if best is None or whole.literals is None else whole.literals + best
            if self.pattern[self.at : self.at + 1] != "|":
                return whole
            self.at += 1

    def _branch(self) -> tuple[_Branch, bool]:
        branch, endless = _Branch(), False
        while self.at < len(self.pattern) and self.pattern[self.at] not in "|)":
            literal, part = self._atom()
            start = self.at
            quantifier = _QUANTIFIER.match(self.pattern, self.at)
            if self.pattern.startswith("{", self.at) and (quantifier is None or quantifier[0] == "{}"):
                raise RegexFault(
                    "{ is taken for repeats only, such as {2,5}", offset=self.at, hint="write \\{ for itself"
                )
            optional, repeats = False, False
            if quantifier:
                self.at = quantifier.end()
                sign = quantifier[0][0]
                optional = sign in "*?" or (sign == "{" and int(quantifier["low"] or 0) == 0)
                repeats = sign in "*+" or (sign == "{" and bool(quantifier["comma"]) and not quantifier["high"])
            if repeats and part.endless:
                raise RegexFault(
                    "a repeat inside an endless repeat can take for ever", offset=start, hint="limit one: {0,5}"
                )
            endless = endless or repeats or part.endless
            if literal and not quantifier:
                branch.run += literal
                continue
            branch.flush(branch.run + ("" if optional else literal))
            if part.literals and not optional:
                branch.demands.append(part.literals)
        branch.flush(branch.run)
        return branch, endless

    def _atom(self) -> tuple[str, _Part]:
        """One atom: the character when it is a literal, and the demands when it is a group."""
        char = self.pattern[self.at]
        if char == "(":
            return "", self._group()
        if char == "[":
            self._set()
            return "", _Part()
        if char == "\\":
            escape = _ESCAPE.match(self.pattern, self.at)
            assert escape is not None
            self.at = escape.end()
            return escape[1] or "", _Part()
        self.at += 1
        return "" if char in ".^$" else char, _Part()

    def _group(self) -> _Part:
        start = self.at
        opened = _GROUP.match(self.pattern, self.at)
        if opened is None or "x" in (opened["flags"] or ""):
            raise RegexFault(
                "this kind of group is not taken here", offset=start, hint="use (...), (?:...) or (?i:...)"
            )
        self.at = opened.end()
        if opened["end"] == ")":
            return _Part()
        inner = self.alternatives()
        self.at += 1
        return _Part(endless=inner.endless) if opened["look"] else inner

    def _set(self) -> None:
        closed = regex.compile(r"\[\^?\]?(?:\\.|\[:\^?\w+:\]|[^\]\\])*\]", regex.DOTALL).match(self.pattern, self.at)
        assert closed is not None
        self.at = closed.end()
