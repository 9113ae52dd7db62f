"""An article as rules see it: its fields cut into words, its language, its tags.

On the article's way: made once, when an article is matched, and given to every rule. Holds no verdicts; those live in a
:class:`monitor.rules.evaluate.View` for as long as one article is looked at.
"""

from __future__ import annotations

from bisect import bisect_right
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
    met under it, rising. ``title_language`` is set where the title is in another language than the article.
    """

    fields: tuple[FieldText, ...]
    url: str
    tags: tuple[str, ...]
    language: Language
    tokens: tuple[Token, ...]
    bounds: tuple[int, ...]
    forms: dict[str, list[int]]
    title_language: Language | None = None

    @property
    def languages(self) -> tuple[str, ...]:
        """The article's language, and the runner-up when not sure: what watches and ``lang:`` ask for."""
        return _likely(self.language)

    @property
    def inflections(self) -> tuple[str, ...]:
        """In whose inflected forms words are looked for: ``languages``, and all that a very short text may be in."""
        return _inflections(self.language)

    @property
    def title_languages(self) -> tuple[str, ...]:
        """In whose inflected forms the title is read: its own language, if it has one, and the article's."""
        own = _inflections(self.title_language) if self.title_language else ()
        return tuple(dict.fromkeys((*own, *self.inflections)))

    def field_of(self, index: int) -> int:
        """The field that holds the token: an index into :data:`FIELDS`."""
        return bisect_right(self.bounds, index) - 1


def _inflections(language: Language) -> tuple[str, ...]:
    return _likely(language) + (() if language.sure else language.others)


def _likely(language: Language) -> tuple[str, ...]:
    code, runner_up = language.code, language.runner_up
    likely = (code,) if language.sure or runner_up is None else (code, runner_up)
    return tuple(one for one in likely if one != UNKNOWN_LANGUAGE)


def make_document(
    *,
    title: str,
    body: str,
    language: Language,
    source: str = "",
    url: str = "",
    author: str = "",
    tags: Collection[str] = (),
    title_language: Language | None = None,
) -> Document:
    """An article made ready; any text will do, the work grows with its length alone.

    ``title_language``: where the title is in another language; without it, what ``language`` says of the title.
    """
    if title_language is None and language.title is not None:
        title_language = Language(language.title, None, sure=True)
    fields = tuple(text.analyse(part) for part in (title, body, source, author))
    tokens: list[Token] = []
    bounds = [0]
    for field in fields:
        tokens.extend(field.tokens)
        bounds.append(len(tokens))
    forms: dict[str, list[int]] = {}
    for index, token in enumerate(tokens):
        for form in token.forms:
            if form in forms:
                forms[form].append(index)
            else:
                forms[form] = [index]
    return Document(
        fields=fields,
        url=url,
        tags=tuple(tags),
        language=language,
        tokens=tuple(tokens),
        bounds=tuple(bounds),
        forms=forms,
        title_language=title_language,
    )
