"""From publication to discovery: rules for the time between looks, at equal looks a day.

Feeds are simulated twice. *recorded*: the publishing times that stand in the recorded feeds, each feed from the entry
at its first third on (at most four weeks), a document listing as many entries as a third of the recording. A recording
of less than four hours says nothing of a rhythm and is left out. *modelled*: Poisson feeds whose mean rates are drawn
from the recorded ones (times a lognormal factor), with a daily rhythm (a von Mises bell: the best eight hours hold 60
to 90 %, as they do in the recorded feeds), weekends of a tenth to all of a weekday, and documents of 10 to 50 entries.

Rules, all within the same bounds of 5 minutes and 24 hours, each with the one setting that it has tuned until it comes
to the same looks a day: a fixed interval; miniflux's entry frequency (a week over the week's entries times
SCHEDULER_ENTRY_FREQUENCY_FACTOR, the week's entries reckoned from the mean distance of those of the last seven days);
CommaFeed's adaptive rule (half the mean distance of the listed entries, at most a quarter of the longest interval,
which also holds after 30 days of silence, half of it after 14, a quarter after 7; tuned by its longest interval, then
by its shortest); ours (``monitor.feeds.schedule`` as the service runs it, tuned by the budget's price). Each learns as
it goes: at its first look it knows the document and nothing else. An entry counts by the day: a feed's entries over its
days. An entry that falls out of the document between two looks is missed; it has no delay.

Beside the rules stands a measure, *true rates known*: what evenly spaced looks would come to if it were known before
how much each feed is going to publish (and not when). A rule can do better only where it knows the hours.
"""

from __future__ import annotations

import itertools
import math
import random
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

from bench.common import Row, corpus, main
from monitor.errors import ParseError
from monitor.feeds import learn, next_check, parse_feed
from monitor.model import Feed, Rhythm

HOUR = timedelta(hours=1)
EPOCH = datetime(2026, 2, 2, tzinfo=UTC)  # a Monday
SHORTEST, LONGEST = 5 / 60, 24.0  # hours
CONFIG = Feed(url="https://e.example/", interval_min=SHORTEST * HOUR, interval_max=LONGEST * HOUR)
SHORTEST_RECORDING = 4.0
LOOKS = (12, 24, 48, 72)  # a feed and day; the last is the service's default
KNOWN = "(true rates known)"
SAMPLE = 400  # feeds by which a rule's setting is tuned, from the quietest to the busiest


@dataclass(slots=True)
class Source:
    """A feed: when it publishes, in hours, and how many entries its document lists."""

    times: Sequence[float]
    start: float
    end: float
    window: int


@dataclass(slots=True)
class Look:
    """A look at a feed: its new entries, all that it lists, when the look before was, and when this one is."""

    new: Sequence[float]
    document: Sequence[float]
    looked: float | None
    now: float


class Rule(Protocol):
    """When to look next. One object a feed."""

    def wait(self, look: Look) -> float:
        """Hours until the next look."""


class Fixed:
    """The same interval for all."""

    def __init__(self, setting: float) -> None:
        self.setting = setting

    def wait(self, look: Look) -> float:  # noqa: ARG002 - the protocol's
        """As the rule has it."""
        return self.setting


class Miniflux:
    """By the entries of the last week."""

    def __init__(self, setting: float) -> None:
        self.setting = setting
        self.known: list[float] = []

    def wait(self, look: Look) -> float:
        """As the rule has it."""
        self.known.extend(look.new)
        week = self.known[bisect_right(self.known, look.now - 168) :]
        if len(week) < 2 or week[-1] == week[0]:
            return LONGEST
        weekly = math.ceil(168 / ((week[-1] - week[0]) / (len(week) - 1)))
        return 168 / (weekly * self.setting)


class CommaFeed:
    """By the distance of the listed entries."""

    def __init__(self, setting: float) -> None:
        self.longest = min(setting, LONGEST)
        self.shortest = SHORTEST + max(setting - LONGEST, 0.0)

    def wait(self, look: Look) -> float:
        """As the rule has it."""
        days = (look.now - look.document[-1]) / 24 if look.document else math.inf
        if days >= 30 or len(look.document) < 2:
            found = self.longest
        elif days >= 14:
            found = self.longest / 2
        elif days >= 7:
            found = self.longest / 4
        else:
            distance = (look.document[-1] - look.document[0]) / (len(look.document) - 1)
            found = min(max(distance / 2, self.shortest), self.longest / 4)
        return max(min(found, self.longest), self.shortest)


class Ours:
    """The rule of the service."""

    def __init__(self, setting: float) -> None:
        self.price = setting
        self.rhythm: Rhythm | None = None
        self.interval: timedelta | None = None
        self.closest: timedelta | None = None

    def wait(self, look: Look) -> float:
        """As the rule has it."""
        here, before = EPOCH + look.now * HOUR, None if look.looked is None else EPOCH + look.looked * HOUR
        if self.rhythm is None or look.new:
            times = [EPOCH + time * HOUR for time in look.new]
            self.rhythm = learn(self.rhythm, times, looked=before, now=here, window=len(look.document))
        gap = before is not None and 1 < len(look.document) == len(look.new)
        found = next_check(
            now=here, feed=CONFIG, interval=self.interval, rhythm=self.rhythm, price=self.price,
            gap=here - before if gap and before is not None else None, closest=self.closest, chance=0.5,
        )  # fmt: skip
        self.interval, self.closest = found.interval, found.closest
        return (found.at - here) / HOUR


RULES: dict[str, tuple[Callable[[float], Rule], float, float, bool]] = {
    # the rule, the bounds of its setting, and whether more of it means more looks
    "fixed interval": (Fixed, SHORTEST, LONGEST, False),
    "miniflux, entry frequency": (Miniflux, 1e-3, 1e3, True),
    "CommaFeed, adaptive": (CommaFeed, SHORTEST, 2 * LONGEST, False),
    "ours": (Ours, 1e-2, 1e3, True),
}


def run(quick: bool) -> Sequence[Row]:
    """Mean and 95th percentile of the delay in minutes, and entries missed, at equal looks a day."""
    recorded = recorded_sources()
    sets = {"recorded": recorded, "modelled": modelled_sources(recorded, 500 if quick else 10_000)}
    rows: list[Row] = []
    for (name, sources), looks in itertools.product(sets.items(), LOOKS):
        sample = sorted(sources, key=lambda one: len(one.times))[:: max(1, len(sources) // SAMPLE)]
        group: list[dict[str, str | float]] = []
        for rule, (make, low, high, more) in RULES.items():
            setting = tuned(make, sample, looks, low, high, more=more)
            got, mean, late, missed = simulated(sources, make, setting)
            group.append(
                {
                    "feeds": f"{name} ({len(sources):,})",
                    "looks a feed and day": round(got, 1),
                    "rule": rule,
                    "mean min": round(mean, 2),
                    "p95 min": round(late, 1),
                    "missed %": round(missed * 100, 3),
                }
            )
        group.append(
            {
                "feeds": f"{name} ({len(sources):,})",
                "looks a feed and day": looks,
                "rule": KNOWN,
                "mean min": round(with_known_rates(sources, looks), 2),
            }
        )
        rows.extend(beside_best_peer(group))
    return rows


def beside_best_peer(group: Sequence[Row]) -> list[Row]:
    """The rows of one number of looks, each with its mean delay as a share of the best peer's among all of them."""
    best = min(float(row["mean min"]) for row in group if row["rule"] not in {"ours", KNOWN})
    return [{**row, "of the best peer": round(float(row["mean min"]) / best, 2)} for row in group]


def with_known_rates(sources: Sequence[Source], looks: float) -> float:
    """The mean delay in minutes of evenly spaced looks, spent by each feed's true mean rate as well as they can be."""
    rates = [sum(one.start < time <= one.end for time in one.times) / (one.end - one.start) for one in sources]
    low, high = 1e-4, 1e4
    for _ in range(60):
        price = math.sqrt(low * high)
        paces = [min(max(price * math.sqrt(rate), 1 / LONGEST), 1 / SHORTEST) for rate in rates]
        low, high = (price, high) if sum(paces) * 24 / len(paces) < looks else (low, price)
    return 60 * sum(rate / pace / 2 for rate, pace in zip(rates, paces, strict=True)) / sum(rates)


def recorded_sources() -> list[Source]:
    """The recorded feeds that say when they published."""
    found = []
    for path in sorted((corpus() / "corpus/feeds").glob("*/*.xml")):
        try:
            parsed = parse_feed(path.read_bytes(), content_type="", url="https://e.example/")
        except ParseError:
            continue
        times = sorted((entry.published - EPOCH) / HOUR for entry in parsed.entries if entry.published)
        if len(times) < 6 or times[-1] - times[0] < SHORTEST_RECORDING:
            continue
        start = max(times[len(times) // 3], times[-1] - 28 * 24)
        end = max(times[-1] + (times[-1] - times[0]) / len(times) / 2, start + 1)
        found.append(Source(times=times, start=start, end=end, window=max(5, len(times) // 3)))
    return found


def modelled_sources(recorded: Sequence[Source], count: int) -> list[Source]:
    """Poisson feeds with a daily and a weekly rhythm, like the recorded ones in how much they publish."""
    chance = random.Random(4)
    rates = [24 * (len(one.times) - 1) / (one.times[-1] - one.times[0]) for one in recorded]
    days = 7
    found = []
    for _ in range(count):
        rate = min(400, chance.choice(rates) * math.exp(chance.gauss(0, 0.5))) / 24
        peak, kappa, weekend = chance.uniform(0, 24), chance.uniform(1, 3), chance.uniform(0.1, 1)
        bell = [math.exp(kappa * math.cos((hour - peak) / 12 * math.pi)) for hour in range(24)]
        bell = [value * 24 / sum(bell) for value in bell]
        week = [7 / (5 + 2 * weekend)] * 5 + [7 * weekend / (5 + 2 * weekend)] * 2
        top = rate * max(bell) * max(week)
        window = chance.choice([10, 15, 20, 30, 50])
        time = -max(14 * 24.0, min(20_000.0, 1.5 * window / rate))
        times = []
        while (time := time + chance.expovariate(top)) < days * 24:
            hour = int(time // 1)
            if chance.random() * top < rate * bell[hour % 24] * week[hour // 24 % 7]:
                times.append(time)
        found.append(Source(times=times, start=chance.random(), end=days * 24.0, window=window))
    return found


def simulated(
    sources: Sequence[Source], make: Callable[[float], Rule], setting: float
) -> tuple[float, float, float, float]:
    """Looks a feed and day, mean and 95th percentile of the delay in minutes, the share of entries missed."""
    looks = missed = 0.0
    delays: list[tuple[float, float]] = []
    for source in sources:
        rule, days = make(setting), (source.end - source.start) / 24
        now, looked = source.start, None
        seen = bisect_right(source.times, now)
        new = list(source.times[max(0, seen - source.window) : seen])
        document = new
        count = 0.0
        while now < source.end:
            wait = min(max(rule.wait(Look(new, document, looked, now)), SHORTEST), LONGEST)
            count += min(1.0, (source.end - now) / wait)
            looked, now = now, now + wait
            until = bisect_right(source.times, now)
            document = list(source.times[max(0, until - source.window) : until])
            new = document[-(until - seen) :] if until > seen else []
            delays.extend((now - time, 1 / days) for time in new)
            missed += (until - seen - len(new)) / days
            seen = until
        looks += count / days
    delays.sort()
    total = sum(weight for _, weight in delays)
    mean = sum(delay * weight for delay, weight in delays) / total
    below = itertools.accumulate(weight for _, weight in delays)
    late = next(delay for (delay, _), sum_ in zip(delays, below, strict=True) if sum_ >= 0.95 * total)
    return looks / len(sources), mean * 60, late * 60, missed / (missed + total)


def tuned(
    make: Callable[[float], Rule], sources: Sequence[Source], looks: float, low: float, high: float, *, more: bool
) -> float:
    """The setting at which a rule comes to so many looks a feed and day."""
    for _ in range(24):
        middle = math.sqrt(low * high)
        got = simulated(sources, make, middle)[0]
        if abs(got / looks - 1) < 0.003:
            break
        low, high = (middle, high) if (got < looks) == more else (low, middle)
    return middle


if __name__ == "__main__":
    main("delay", run)
