"""An article as rules see it: its fields cut into words, its language, its tags.

On the article's way: made once, when an article is matched, and given to every rule. Holds no verdicts; those live in a
:class:`monitor.rules.evaluate.View` for as long as one article is looked at.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from monitor import text
from monitor.text import FieldText, Language, Token

__all__ = ["FIELDS", "UNKNOWN_LANGUAGE", "Document", "make_document"]

#: The fields that are made of words, in the order in which evidence is shown.
FIELDS = ("title", "body", "source", "author")

#: What :mod:`monitor.text` says of a text without a language.
UNKNOWN_LANGUAGE = "und"


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """An article ready to be matched.

    ``tokens`` are those of all fields, one field after the other as in :data:`FIELDS`; field n has those from
    ``bounds[n]`` up to ``bounds[n + 1]``. ``forms`` gives for each folded form the indexes of the tokens that can be
    met under it, rising.
    """

    fields: tuple[FieldText, ...]
    url: str
    tags: tuple[str, ...]
    language: Language
    tokens: tuple[Token, ...]
    bounds: tuple[int, ...]
    forms: dict[str, list[int]]

    @property
    def languages(self) -> tuple[str, ...]:
        """In whose inflected forms words are looked for: the article's language, and the runner-up when not sure."""
        code, runner_up = self.language.code, self.language.runner_up
        likely = (code,) if self.language.sure or runner_up is None else (code, runner_up)
        return tuple(one for one in likely if one != UNKNOWN_LANGUAGE)

    def field_of(self, index: int) -> int:
        """The field that holds the token: an index into :data:`FIELDS`."""
        return next(number for number, end in enumerate(self.bounds[1:]) if index < end)


def make_document(
    *,
    title: str,
    body: str,
    language: Language,
    source: str = "",
    url: str = "",
    author: str = "",
    tags: Collection[str] = (),
) -> Document:
    """An article made ready; any text will do, the work grows with its length alone."""
    fields = tuple(text.analyse(part) for part in (title, body, source, author))
    tokens: list[Token] = []
    bounds = [0]
    for field in fields:
        tokens.extend(field.tokens)
        bounds.append(len(tokens))
    forms: dict[str, list[int]] = {}
    for index, token in enumerate(tokens):
        for form in dict.fromkeys(token.forms):
            forms.setdefault(form, []).append(index)
    return Document(
        fields=fields,
        url=url,
        tags=tuple(tags),
        language=language,
        tokens=tuple(tokens),
        bounds=tuple(bounds),
        forms=forms,
    )
