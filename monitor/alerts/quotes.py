"""The sentences of an article that met a watch, with the met words in their place.

On the article's way: between the evidence of a match and the rendered message. Knows nothing of channels.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from monitor.model import AlertToSend, Evidence

__all__ = ["Quote", "quotes"]

_LONGEST = 360  # characters of a sentence that are shown


@dataclass(frozen=True, slots=True)
class Quote:
    """A sentence cut into parts: (text, whether it was met), in order; joined they are what is shown."""

    field: str
    parts: tuple[tuple[str, bool], ...]


def quotes(alert: AlertToSend, limit: int) -> tuple[Quote, ...]:
    """At most ``limit`` sentences, those with most kinds of met words first, then in the order of the evidence.

    Only headline and text are quoted: that a source or a tag was met is said among the reasons. A headline that is
    met is left out where the text was met too, because it stands above already.
    """
    found: dict[tuple[str, str], list[Evidence]] = {}
    for evidence in alert.evidence:
        if evidence.field in {"title", "body"} and evidence.sentence:
            found.setdefault((evidence.field, evidence.sentence), []).append(evidence)
    if any(field == "body" for field, _ in found):
        found = {key: value for key, value in found.items() if key[0] == "body"}
    best = sorted(found.items(), key=lambda item: -len({evidence.term for evidence in item[1]}))[:limit]
    return tuple(Quote(field, _parts(_original(alert, field), sentence, met)) for (field, sentence), met in best)


def _original(alert: AlertToSend, field: str) -> str:
    return alert.title if field == "title" else alert.text


def _parts(original: str, sentence: str, met: Sequence[Evidence]) -> tuple[tuple[str, bool], ...]:
    spans = _joined(span for evidence in met if (span := _place(original, sentence, evidence)) is not None)
    start, end = _window(len(sentence), spans)
    parts = [("…", False)] if start else []
    at = start
    for first, last in spans:
        if last > end:
            break
        parts += [(sentence[at:first], False), (sentence[first:last], True)]
        at = last
    parts.append((sentence[at:end], False))
    if end < len(sentence):
        parts.append(("…", False))
    return tuple(part for part in parts if part[0])


def _place(original: str, sentence: str, evidence: Evidence) -> tuple[int, int] | None:
    """Where the met words stand in the sentence.

    The evidence's own place decides, so that of two equal words the right one is marked; where the stored text has
    changed since, the first such words in the sentence are.
    """
    first = original.find(sentence, max(0, evidence.start - len(sentence)), evidence.start + len(sentence))
    if 0 <= first <= evidence.start < evidence.end <= first + len(sentence):
        return evidence.start - first, evidence.end - first
    place = sentence.find(evidence.words) if evidence.words else -1
    return (place, place + len(evidence.words)) if place >= 0 else None


def _joined(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    joined: list[tuple[int, int]] = []
    for first, last in sorted(spans):
        if joined and first <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(last, joined[-1][1]))
        else:
            joined.append((first, last))
    return joined


def _window(length: int, spans: Sequence[tuple[int, int]]) -> tuple[int, int]:
    """The part of a long sentence that is shown: round the first met words, a third of the room before them."""
    if length <= _LONGEST:
        return 0, length
    first = spans[0][0] if spans else 0
    start = max(0, min(first - _LONGEST // 3, length - _LONGEST))
    return start, start + _LONGEST
