"""An article as rules see it: its fields cut into words, its language, its tags.

On the article's way: made once, when an article is matched, and given to every rule. Holds no verdicts; those live in a
:class:`monitor.rules.evaluate.View` for as long as one article is looked at.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from monitor import text
from monitor.text import PARAGRAPH_STEP, FieldText, Language

__all__ = ["BODY", "FIELDS", "PROSE", "TITLE", "UNKNOWN_LANGUAGE", "Document", "make_document"]

#: The fields that are made of words, in the order in which evidence is shown.
FIELDS = ("title", "body", "source", "author")

#: Indexes of the fields that tell the news: what a term without a field is looked for in.
TITLE, BODY = PROSE = (0, 1)

#: What :mod:`monitor.text` says of a text without a language.
UNKNOWN_LANGUAGE = "und"


@dataclass(frozen=True, kw_only=True, eq=False)
class Document:
    """An article ready to be matched.

    ``title_language`` is set where the title is in another language than the article.
    """

    fields: tuple[FieldText, ...]
    url: str
    tags: tuple[str, ...]
    language: Language
    title_language: Language | None = None

    @cached_property
    def places(self) -> list[int]:
        """The word position of each word, on which no two paragraphs and no two fields are near."""
        places: list[int] = []
        base = 0
        for field in self.fields:
            for start, end in pairwise((*field.paragraphs, len(field.words))):
                places += [base + step for step in field.steps[start:end]]
                base += PARAGRAPH_STEP
            base += field.steps[-1] + 1 if field.words else 0
        return places

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
    return Document(
        fields=fields,
        url=url,
        tags=tuple(tags),
        language=language,
        title_language=title_language,
    )
