"""What the demo shows: the alerts as they come, one real mail and one real post, and the outcome against the plan."""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from monitor.app import DATABASE
from monitor.clock import SystemClock
from monitor.demo.content import Newsroom
from monitor.demo.serving import NewsroomServer
from monitor.demo.sinks import ChatPost, Sinks
from monitor.model import StoryReason
from monitor.store import AlertRow, HeldBack, SqliteStore, Status

_ALL = 100_000
_WHY = {
    StoryReason.SAME_URL: "the same address",
    StoryReason.SAME_TEXT: "the same text",
    StoryReason.NEAR_TEXT: "nearly the same text",
    StoryReason.SAME_TITLE: "the same headline",
    StoryReason.SAME_ARTICLE: "an edit of the same article",
    StoryReason.SAME_EVENT: "the same event",
    StoryReason.NEW: "-",
}
_OUT = Console(highlight=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of the demo. The last three are what differs from the plan: sentences for people."""

    articles: int
    planned_articles: int
    stories: int
    alerts: int
    planned_alerts: int
    mails: int
    posts: int
    held_back: tuple[HeldBack, ...]
    told: tuple[AlertRow, ...]
    missing: tuple[str, ...]
    wrong: tuple[str, ...]
    repeated: tuple[str, ...]

    @property
    def as_planned(self) -> bool:
        """Every planned event was told, no text of it twice, and nothing else."""
        complete = self.articles == self.planned_articles and self.mails == self.posts == self.alerts
        return complete and not (self.missing or self.wrong or self.repeated)


def compare(server: NewsroomServer, sinks: Sinks, state: Path) -> Outcome:
    """Hold what is stored and what arrived against what the newsroom planned."""
    newsroom = server.newsroom
    with SqliteStore.open(state / DATABASE, clock=SystemClock()) as store:
        told = store.alerts(_ALL)
        held = store.held_back(limit=_ALL)
        status: Status = store.status()
    planned = newsroom.planned_alerts()
    came: defaultdict[tuple[str, str], list[AlertRow]] = defaultdict(list)
    told_of: set[tuple[str, str]] = set()
    wrong: list[str] = []
    for alert in told:
        piece = newsroom.piece_at(alert.url)
        if piece is None or (alert.watch, piece.event) not in planned:
            wrong.append(f"{alert.watch}: {alert.title} ({alert.source})")
        else:
            came[alert.watch, piece.story].append(alert)
            told_of.add((alert.watch, piece.event))
    arrived = Counter(mail["Message-ID"] for mail in sinks.mails)
    repeats = [f"mail {subject}" for subject, count in arrived.items() if count > 1]
    return Outcome(
        articles=status.articles,
        planned_articles=len(newsroom.entries),
        stories=status.stories,
        alerts=len(told),
        planned_alerts=len(planned),
        mails=len(sinks.mails),
        posts=len(sinks.posts),
        held_back=held,
        told=told,
        missing=tuple(
            f"{watch}: {piece.title}" for (watch, event), piece in planned.items() if (watch, event) not in told_of
        ),
        wrong=tuple(wrong),
        repeated=(*(f"{watch}: {alerts[0].title}" for (watch, _), alerts in came.items() if len(alerts) > 1), *repeats),
    )


def print_opening(newsroom: Newsroom, speed: float) -> None:
    """What is about to happen."""
    edits = len(newsroom.pieces) - len(newsroom.entries)
    changed = f" and change {edits} of them" if edits else ""
    languages = sorted({outlet.language for outlet in newsroom.outlets})
    _OUT.print(
        f"A newsroom opens on this machine: {len(newsroom.outlets)} outlets in {len(languages)} languages "
        f"({' '.join(languages)}) will publish {len(newsroom.entries)} articles in {60 / speed:.0f} seconds{changed}."
    )
    for watch in newsroom.watches:
        rule = escape(watch.rule.replace("\n", ", "))
        _OUT.print(f"  watch [bold cyan]{escape(watch.name)}[/]: {rule}", soft_wrap=True)
    _OUT.print("The service starts. Its alerts, as the chat receives them:\n")


def print_alert(post: ChatPost) -> None:
    """One alert as the chat got it, in short: watch and headline, who reports it, the words in their sentence."""
    watch, _, headline = str(post.payload.get("title", "")).partition(": ")
    facts, *rest = [line.strip() for line in str(post.payload.get("message", "")).splitlines() if line.strip()]
    source, *_, language = facts.split(" · ")
    quote = next((line for line in rest if "«" in line), "")
    _OUT.print(Text.assemble(("● ", "green"), (f"{watch}  ", "bold cyan"), (headline, "bold")))
    _OUT.print(Text(f"  {source} · {language}", style="dim"))
    if quote:
        _OUT.print(Padding(_marked(_short(quote, 180)), (0, 0, 0, 2), expand=False))


def _marked(quote: str) -> Text:
    """The sentence with the met words in colour where there are colours, between their marks elsewhere."""
    if not _OUT.is_terminal:
        return Text(quote)
    parts = re.split("«([^«»]*)»", quote)
    return Text.assemble(*((part, "bold yellow" if number % 2 else "") for number, part in enumerate(parts)))


def print_ending(outcome: Outcome, sinks: Sinks) -> None:
    """One message in full, the table, and the verdict."""
    if sinks.mails:
        _show("one of the mails, as the mail server got it", _mail_text(sinks))
    if sinks.posts:
        payload = json.dumps(sinks.posts[0].payload, ensure_ascii=False, indent=1)
        _show("one of the posts, as the webhook got it", _short(payload, 1200))
    _OUT.print(_held_table(outcome.held_back))
    table = Table(box=None, pad_edge=False, show_header=False)
    for name, value in _figures(outcome).items():
        table.add_row(name, value)
    _OUT.print(table)
    for kind, sentences in (("missing", outcome.missing), ("wrong", outcome.wrong), ("repeated", outcome.repeated)):
        for sentence in sentences:
            _OUT.print(Text(f"{kind}: {sentence}", style="red"))
    verdict = "every event told, no text twice, nothing else" if outcome.as_planned else "NOT what the newsroom planned"
    _OUT.print(Text(f"\n{verdict}", style="bold green" if outcome.as_planned else "bold red"))


def _show(title: str, text: str) -> None:
    _OUT.print(Panel(Text(text), title=title, title_align="left"))


def _figures(outcome: Outcome) -> Mapping[str, str]:
    held = len({row.article for row in outcome.held_back})
    events = f"{outcome.planned_alerts - len(outcome.missing)} of {outcome.planned_alerts}"
    return {
        "articles seen": f"{outcome.articles} of {outcome.planned_articles}",
        "stories": str(outcome.stories),
        "alerts": f"{outcome.alerts}, on {events} events",
        "mails, posts": f"{outcome.mails}, {outcome.posts}",
        "held back as duplicates": f"{len(outcome.held_back)}, of {held} articles",
    }


def _held_table(held: tuple[HeldBack, ...]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("held back, not told twice", "from"):
        table.add_column(name, no_wrap=True, overflow="ellipsis")
    table.add_column("because it is", no_wrap=True, min_width=max(map(len, _WHY.values())))
    # An article that met two watches is held back for both, and shown once.
    for row in {row.article: row for row in held}.values():
        table.add_row(*map(Text, (_short(row.title, 46), _short(row.source, 24), _WHY[row.same_story_by])))
    return table


def _mail_text(sinks: Sinks) -> str:
    mail = sinks.mails[0]
    headers = "\n".join(f"{name}: {mail[name]}" for name in ("From", "To", "Subject", "Message-ID") if mail[name])
    part = mail.get_body(preferencelist=("plain", "html"))
    return _short(f"{headers}\n\n{part.get_content() if part else ''}", 1600)


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def outcome_data(outcome: Outcome) -> dict[str, object]:
    """The outcome for programs."""
    return {
        "as_planned": outcome.as_planned,
        "articles": outcome.articles,
        "stories": outcome.stories,
        "alerts": outcome.alerts,
        "planned_alerts": outcome.planned_alerts,
        "mails": outcome.mails,
        "posts": outcome.posts,
        "held_back": [{"watch": row.watch, "title": row.title, "why": row.reason} for row in outcome.held_back],
        "missing": outcome.missing,
        "wrong": outcome.wrong,
        "repeated": outcome.repeated,
    }
