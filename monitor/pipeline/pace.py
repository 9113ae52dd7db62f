"""The budget of looks worked out: what a look is worth now, and whether the bounds leave room for the budget."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from monitor.feeds import demand_of, fair_price, looks_a_day
from monitor.pipeline.plan import Plan
from monitor.ports import Store

USUAL_LOOKS = 72
"""Looks a day for each feed where the config sets no budget: one every 20 minutes on the average."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """The budget in looks a day, how many come of it, and the price that every feed's interval goes by.

    ``asked``: a person set the budget; else it is the usual one, to aim at and no bound.
    """

    budget: int
    looks: float
    price: float
    asked: bool

    @property
    def over(self) -> bool:
        """The feeds' bounds (``interval_max``) need more looks than the budget has that a person set."""
        return self.asked and self.looks > self.budget * 1.02


def work_out_pace(store: Store, plan: Plan, now: datetime) -> Pace:
    """Share the budget out among the feeds of the plan.

    Raises:
        StoreError: the database refused.
    """
    demands = [
        demand_of(rhythm, feed, asks, now)
        for url, rhythm, asks in store.rhythms()
        if (feed := plan.feeds.get(url)) is not None and url.startswith("http")
    ]
    asked = plan.settings.requests_a_day
    budget = asked or USUAL_LOOKS * max(len(demands), 1)
    price = fair_price(demands, budget)
    return Pace(budget=budget, looks=looks_a_day(demands, price), price=price, asked=asked > 0)
