"""The demo newsroom's outlets, articles and plan, read from ``newsroom/*.toml`` (the fields are explained there)."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib import resources
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlet:
    """An invented paper or agency with one feed, and what is wrong with that feed."""

    id: str
    name: str
    language: str
    format: str
    site: str
    encoding: str = "utf-8"
    fault: str = ""
    delay: float = 0.0
    failures: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """An article as planned: ``watches`` names the watches it meets.

    Pieces of one ``story`` are one text; those of one ``event`` tell the same, in whatever words and language.
    """

    id: str
    outlet: str
    second: float
    title: str
    text: str
    url: str
    guid: str
    watches: tuple[str, ...]
    story: str
    event: str
    revises: bool  # another wording of an entry that its feed has listed before


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoWatch:
    """A watch of the demo; ``rule`` is its line in ``watches.toml``."""

    id: str
    name: str
    rule: str
    priority: str


WATCHES = (
    DemoWatch(
        id="withdrawal",
        name="Coalition withdrawal from Iraq",
        rule="query = '@coalition NEAR/12 @withdrawal AND @iraq'",
        priority="high",
    ),
    DemoWatch(
        id="islamic_state",
        name="Islamic State",
        rule='any = ["@islamic_state"]\nnone = ["IS-LM model"]',
        priority="normal",
    ),
)


@dataclass(frozen=True)
class Newsroom:
    """All outlets and pieces, and what must come of them."""

    outlets: tuple[Outlet, ...]
    pieces: tuple[Piece, ...]
    watches: tuple[DemoWatch, ...] = WATCHES

    @cached_property
    def _outlets(self) -> Mapping[str, Outlet]:
        return {outlet.id: outlet for outlet in self.outlets}

    @cached_property
    def _pieces(self) -> Mapping[str, Piece]:
        return {piece.url: piece for piece in self.pieces}

    def outlet(self, name: str) -> Outlet | None:
        """The outlet of this id."""
        return self._outlets.get(name)

    def piece_at(self, url: str) -> Piece | None:
        """The piece whose link this is."""
        return self._pieces.get(url)

    @cached_property
    def entries(self) -> Mapping[tuple[str, str], Piece]:
        """What the feeds hold at the end: the last wording of each (outlet, guid)."""
        return {(piece.outlet, piece.guid): piece for piece in sorted(self.pieces, key=lambda piece: piece.second)}

    def planned_alerts(self) -> Mapping[tuple[str, str], Piece]:
        """What a person must be told: (watch, event) and a piece that tells it."""
        names = {watch.id: watch.name for watch in self.watches}
        planned: dict[tuple[str, str], Piece] = {}
        for piece in sorted(self.pieces, key=lambda piece: piece.second):
            for watch in piece.watches:
                planned.setdefault((names[watch], piece.event), piece)
        return planned


def load_newsroom() -> Newsroom:
    """The newsroom that comes with the program."""
    folder = resources.files("monitor.demo") / "newsroom"
    plans = [file for file in folder.iterdir() if file.name.endswith(".toml")]
    files = {file.name: tomllib.loads(file.read_text(encoding="utf-8")) for file in plans}
    outlets = tuple(Outlet(**raw) for raw in files.pop("outlets.toml")["outlet"])
    articles = [raw for _, file in sorted(files.items()) for raw in file["article"]]
    return Newsroom(outlets=outlets, pieces=tuple(_pieces(articles, {outlet.id: outlet for outlet in outlets})))


def _pieces(articles: list[dict[str, Any]], outlets: Mapping[str, Outlet]) -> list[Piece]:
    by_id = {raw["id"]: raw for raw in articles}
    pieces = []
    for raw in articles:
        first = raw
        while "revises" in first:
            first = by_id[first["revises"]]
        pieces.append(
            Piece(
                id=raw["id"],
                outlet=raw["outlet"],
                second=raw["second"],
                title=raw["title"],
                text=raw["text"],
                url=outlets[raw["outlet"]].site + first["path"],
                guid=first.get("guid", first["id"]),
                watches=tuple(raw.get("watches", ())),
                revises="revises" in raw,
                story=(story := raw.get("story") or first.get("story") or first["id"]),
                event=raw.get("event") or first.get("event") or story,
            )
        )
    return pieces
