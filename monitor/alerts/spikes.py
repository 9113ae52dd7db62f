"""Whether a watch has more stories in the last hour than its own history explains.

On the article's way: beside it, asked every minute for watches that want to know.

The statistic: stories come as a Poisson process whose rate is not known but for what was counted before. History is the
same hour of the day on each of the last 28 days; the same weekday counts three times, for news has weeks. With a gamma
prior (shape 1/2, the usual one that knows nothing) the number to expect is negative binomial, and there is a spike when
so many or more had a chance under 1 in 10,000. A look each minute at a sliding hour makes about 24 independent looks a
day: a false spike in more than a year. Two floors stand against tiny numbers: at least 5 stories, and at least a week
of history. (A. Gelman and others, Bayesian Data Analysis, 3rd edition, section 2.6.)
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import exp, lgamma, log, log1p

__all__ = ["HISTORY", "Spike", "spike_in"]

HISTORY = timedelta(days=28)
_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)
_FLOOR = 5
_DAYS_NEEDED = 7
_SAME_WEEKDAY = 3.0
_CHANCE = 1e-4


@dataclass(frozen=True, slots=True, kw_only=True)
class Spike:
    """So many stories in the last hour, where so many were to be expected."""

    count: int
    expected: float
    chance: float


def spike_in(times: Sequence[datetime], now: datetime, *, since: datetime) -> Spike | None:
    """The spike at ``now``, if there is one.

    ``times`` are those at which the watch's stories were first met, in order; ``since``: from when on it was looked.
    """
    count = _between(times, now - _HOUR, now)
    days = min(HISTORY, now - since) // _DAY
    if count < _FLOOR or days < _DAYS_NEEDED:
        return None
    total = hours = 0.0
    for back in range(1, days + 1):
        weight = _SAME_WEEKDAY if back % 7 == 0 else 1.0
        total += weight * _between(times, now - back * _DAY - _HOUR, now - back * _DAY)
        hours += weight
    # Weights that are to be as many hours as there were: a day counted thrice does not make us surer.
    scale = days / hours
    shape, rate = total * scale + 0.5, float(days)
    chance = _tail(count, shape, rate)
    if chance >= _CHANCE:
        return None
    return Spike(count=count, expected=total / hours, chance=chance)


def _between(times: Sequence[datetime], start: datetime, end: datetime) -> int:
    return bisect_left(times, end) - bisect_left(times, start)


def _tail(count: int, shape: float, rate: float) -> float:
    """The chance of ``count`` or more under a Poisson law whose rate is gamma with this shape and rate."""
    below = sum(
        exp(
            lgamma(shape + number)
            - lgamma(shape)
            - lgamma(number + 1)
            + shape * (log(rate) - log1p(rate))
            - number * log1p(rate)
        )
        for number in range(count)
    )
    return max(0.0, 1.0 - below)
