"""A person's own template for a message: read, checked, filled in; and why no feed can act through it.

On the article's way: beneath ``overrides``, in place of the program's own form. A template is Jinja2 in its sandbox. It
never gets to see a feed's text: while it runs, a token stands in each text's place, and the text is put in when the
template is done, made harmless for the form. So nothing that a template does can undo that, and no text is ever read
as a template. Reads no files.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from html import escape
from typing import Any

import regex
from jinja2 import StrictUndefined, Template, TemplateError, TemplateSyntaxError, UndefinedError, meta, nodes
from jinja2.exceptions import SecurityError
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment

from monitor.alerts.clean import MENTION, escape_markdown, link_in_text, plain_line, shorten, without_mentions
from monitor.alerts.places import CLOSE, OPEN, look_at_places
from monitor.errors import TemplateFault

__all__ = ["HTML", "MARKDOWN", "NAMES", "PLAIN", "TEXT", "Form", "Own", "Tray", "Words", "compile_template"]

_TOKEN = regex.compile(f"{OPEN}([0-9]+){CLOSE}")
# Some programs pass over a NUL, wherever it stands.
_TORN = regex.compile(f"{_TOKEN.pattern}(*SKIP)(*FAIL)|[{OPEN}{CLOSE}\\0]")
_JOINTS = regex.compile(rf"{MENTION}|<(?=\S)|(?<=\S)>|\]\(")
_NAME = regex.compile(r"[\p{L}\p{N}_]*")
_GAPS = regex.compile(r"\n{3,}")
_TO_THE_HOST = regex.compile(r"[^:]*://[^/?#]*")
_MARKUP_IN_URLS = {ord(sign): f"%{ord(sign):02X}" for sign in "()[]*_~"}
_FILTERS = (
    "abs", "batch", "count", "d", "default", "e", "escape", "first", "float", "groupby", "int", "items", "join", "last",
    "length", "list", "map", "max", "min", "reject", "rejectattr", "round", "select", "selectattr", "slice", "sort",
    "sum", "unique",
)  # fmt: skip
_GLOBALS = ("cycler", "joiner", "namespace")
_LONGEST = 10_000  # characters or items that a multiplication may make
_NO_PART = regex.compile(r"has no (?:attribute|element) '?([^']*)'?$")
_ALONE = (nodes.Extends, nodes.Include, nodes.Import, nodes.FromImport)


NAMES = "docs/messages.md lists the names"


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """One way of writing a message, and how feed text is made harmless for it.

    ``apart``: where two texts side by side could make a mention or a tag, they are kept from it.
    """

    html: bool = False
    apart: bool = False
    words: Callable[[str], str]
    link: Callable[[str], str]


def _link_in_markdown(url: str) -> str:
    # The host stays as it is: only there can brackets mean an address (RFC 3986, 3.2.2), and no markup fits in it.
    host = _TO_THE_HOST.match(url)
    assert host is not None, "the address is a safe one"
    return host[0] + link_in_text(url[host.end() :]).translate(_MARKUP_IN_URLS)


TEXT = Form(apart=True, words=lambda text: without_mentions(plain_line(text)), link=link_in_text)
MARKDOWN = Form(
    apart=True, words=lambda text: escape_markdown(without_mentions(plain_line(text))), link=_link_in_markdown
)
HTML = Form(html=True, words=lambda text: escape(plain_line(text)), link=escape)
PLAIN = Form(words=plain_line, link=str)
"""A title, before it is made harmless as a whole."""


class Words:
    """A feed's text as a template has it: to be shown, compared and shortened, and never to be had itself.

    It is true when there is something to show. ``len`` and ``in`` are about the text as it came, made plain.
    """

    __slots__ = ("_plain", "_token", "_tray")

    def __init__(self, tray: Tray, plain: str, token: str) -> None:
        self._tray = tray
        self._plain = plain
        self._token = token

    def short(self, limit: int) -> Words:
        """At most so many characters of it, cut between words."""
        return self._tray.words(shorten(self._plain, int(limit)))

    def upper(self) -> Words:
        """In capitals."""
        return self._tray.words(self._plain.upper())

    def lower(self) -> Words:
        """In small letters."""
        return self._tray.words(self._plain.lower())

    def __str__(self) -> str:
        return self._token

    __repr__ = __html__ = __str__

    def __bool__(self) -> bool:
        return bool(self._plain)

    def __len__(self) -> int:
        return len(self._plain)

    def __contains__(self, part: object) -> bool:
        return str(part).casefold() in self._plain.casefold()

    def __eq__(self, other: object) -> bool:
        return self._plain == (other._plain if isinstance(other, Words) else other)

    def __lt__(self, other: Words) -> bool:
        return self._plain < other._plain

    def __hash__(self) -> int:
        return hash(self._plain)


@dataclass(frozen=True, slots=True)
class _Held:
    shown: str
    is_link: bool


class Tray:
    """Holds the texts of one message while its template runs."""

    def __init__(self, form: Form) -> None:
        self.form = form
        self._held: list[_Held] = []

    def words(self, text: str) -> Words:
        """A feed's text, shown as plain words."""
        return self.shown(plain_line(text), self.form.words(text))

    def shown(self, plain: str, shown: str) -> Words:
        """A text that is shown in a form made elsewhere, harmless already."""
        return self._hold(plain, _Held(shown, is_link=False))

    def link(self, url: str) -> Words:
        """An address that was found to be safe; empty for none."""
        return self._hold(url, _Held(self.form.link(url) if url else "", is_link=True))

    def _hold(self, plain: str, held: _Held) -> Words:
        self._held.append(held)
        return Words(self, plain, f"{OPEN}{len(self._held) - 1}{CLOSE}")

    def put_in(self, output: str) -> str:
        """The template's output with the texts in their places.

        Raises:
            TemplateFault: a text stands where it would be more than words.
        """
        output = _TORN.sub("", output)
        if self.form.html:
            look_at_places(output, self._is_link)
        if not self.form.apart:
            return _TOKEN.sub(lambda token: self._at(token[1]).shown, output)
        pieces: list[tuple[str, bool]] = []
        for index, piece in enumerate(_TOKEN.split(output)):
            held = self._at(piece) if index % 2 else None
            pieces.append((piece, False) if held is None else (held.shown, not held.is_link))
        return _joined(pieces)

    def _at(self, number: str) -> _Held:
        index = int(number)
        return self._held[index] if index < len(self._held) else _Held("", is_link=False)

    def _is_link(self, token: str) -> bool:
        found = _TOKEN.fullmatch(token)
        return found is not None and self._at(found[1]).is_link


def _joined(pieces: Iterable[tuple[str, bool]]) -> str:
    """Pieces of (text, whether it is a feed's) as one, so that none becomes a mention or a tag with what stands by it.

    What the template says by itself stays: its author may call whom they like.
    """
    text, fed = "", bytearray()
    for piece, is_feed in pieces:
        text += piece
        fed += bytes([is_feed]) * len(piece)

    def apart(joint: regex.Match[str]) -> str:
        first, last = joint.span()
        if joint[0] == "@":
            name = _NAME.match(text, last)
            assert name is not None, "it may be empty"
            return "＠" if any(fed[first : name.end()]) else "@"
        if joint[0] == "](":
            return "] (" if any(fed[first:last]) else "]("
        beside = last if joint[0] == "<" else first - 1
        if not (fed[first] or fed[beside]):
            return joint[0]
        return "‹" if joint[0] == "<" else "›"

    return _JOINTS.sub(apart, text)


class _Environment(ImmutableSandboxedEnvironment):
    """Jinja2 with what a message needs: nothing of the machine, and no filter that takes a text apart.

    Nor anything by which a slip of the pen keeps the service busy for minutes: ranges, powers, endless multiplication.
    """

    intercepted_binops = frozenset({"*", "**"})

    def __init__(self, *, html: bool) -> None:
        super().__init__(autoescape=html, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
        known = self.filters
        self.filters = {name: known[name] for name in _FILTERS}
        self.filters |= {"truncate": _short, "short": _short, "upper": _upper, "lower": _lower}
        self.globals = {name: self.globals[name] for name in _GLOBALS}

    def call_binop(self, _context: Context, operator: str, left: Any, right: Any) -> Any:
        many = max((one for one in (left, right) if isinstance(one, int)), default=0)
        size = max((len(one) for one in (left, right) if isinstance(one, (str, list, tuple))), default=0)
        if operator == "**" or size * many > _LONGEST:
            raise SecurityError(f"{operator} makes too much of it")
        return left * right


def _short(value: Words | str, limit: int = 80) -> Words | str:
    return value.short(limit) if isinstance(value, Words) else shorten(str(value), limit)


def _upper(value: Words | str) -> Words | str:
    return value.upper()


def _lower(value: Words | str) -> Words | str:
    return value.lower()


_ENVIRONMENTS = {html: _Environment(html=html) for html in (False, True)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Own:
    """A person's template that could be read. ``name`` is its file's."""

    name: str
    template: Template

    def fill(self, tray: Tray, values: Mapping[str, Any]) -> str:
        """What it says with these values, in the tray's form; lines that stay empty leave no gap.

        Raises:
            TemplateFault: it failed with these values, or a feed's text stands where it could act.
        """
        try:
            output = self.template.render(values)
        except UndefinedError as error:
            part = _NO_PART.search(str(error))
            said = f"there is no {part[1]} in what it asks" if part else str(error)
            raise TemplateFault(message=said, line=self._line(error), hint=NAMES) from error
        # A person's template may do anything, and none of it may lose an alert.
        except Exception as error:
            said = str(error) or type(error).__name__
            raise TemplateFault(message=f"it fails: {said}", line=self._line(error)) from error
        body = "\n".join(line.rstrip() for line in tray.put_in(output).split("\n"))
        return _GAPS.sub("\n\n", body).strip()

    def _line(self, error: BaseException) -> int:
        line, trace = 0, error.__traceback__
        while trace is not None:
            if trace.tb_frame.f_code.co_filename == self.name:
                line = trace.tb_lineno
            trace = trace.tb_next
        return line


def _meant(name: str, known: Collection[str]) -> str:
    near = get_close_matches(name, known, n=1)
    return f"did you mean {near[0]}?" if near else NAMES


def compile_template(name: str, text: str, *, html: bool, known: Collection[str]) -> Own | list[TemplateFault]:
    """The template, or all that keeps it from being one. ``known`` are the names that it may use."""
    environment = _ENVIRONMENTS[html]
    try:
        tree = environment.parse(text)
        code = environment.compile(text, name, name)
    except TemplateSyntaxError as error:
        return [TemplateFault(message=f"is no Jinja2 template: {error.message}", line=error.lineno)]
    except (TemplateError, RecursionError) as error:
        return [TemplateFault(message=f"is no Jinja2 template: {str(error) or type(error).__name__}")]
    faults = [
        TemplateFault(message="takes in another template", line=node.lineno, hint="each template stands alone")
        for node in tree.find_all(_ALONE)
    ]
    unknown = meta.find_undeclared_variables(tree) - environment.globals.keys() - set(known)
    faults += [
        TemplateFault(message=f"there is nothing called {name_used}", line=line, hint=_meant(name_used, known))
        for name_used, line in {
            node.name: node.lineno for node in reversed(list(tree.find_all(nodes.Name))) if node.name in unknown
        }.items()
    ]
    if faults:
        return sorted(faults, key=lambda fault: fault.line)
    return Own(name=name, template=Template.from_code(environment, code, dict(environment.globals)))
