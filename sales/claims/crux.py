"""The claim that a few heavy units forbid a better balance, derived anew."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from geo.arrays import Float
from sales.claims.facts import Facts

_SLACK = 1e-8  # of a deviation: what totals cost in digits


def cruxes(plan: Facts) -> Iterator[str]:
    """Every piece of a territory that a smaller deviation allows has a price of 0 at most."""
    share = plan.targets / plan.targets.sum()
    index = {name: i for i, name in enumerate(plan.ids)}
    for claim in plan.document["certificate"].get("cruxes", ()):
        if unknown := [unit for unit in claim["units"] if unit not in index]:
            yield f"unit {unknown[0]} of the crux is not in the plan"
            continue
        zone = [index[unit] for unit in claim["units"]]
        weight = plan.measure(claim["measure"])
        first = claim["measure"] == plan.measures[0]
        targets = plan.targets if first else share * weight.sum()
        yield from _crux(plan, claim, zone, weight, targets)


def _crux(
    plan: Facts, claim: Mapping[str, Any], zone: Sequence[int], weight: Float, targets: Float
) -> Iterator[str]:
    prices, least = np.array(claim["prices"]), claim["least_max_deviation"] - _SLACK
    place = {unit: i for i, unit in enumerate(zone)}
    near: list[set[int]] = [set() for _ in zone]
    reaches = np.zeros(len(zone), dtype=bool)
    for a, b in plan.borders | plan.bridges:
        for one, other in ((a, b), (b, a)):
            if one in place and other in place:
                near[place[one]].add(place[other])
            elif one in place:
                reaches[place[one]] = True
    heavy = weight[list(zone)]
    # A whole territory within the zone weighs enough; a piece of one that reaches out may not.
    floor, ceiling = (1 - least) * targets.min(), (1 + least) * targets.max()
    most = 0.0
    for piece in _connected(near, heavy, float(ceiling)):
        units = list(piece)
        if reaches[units].any() or heavy[units].sum() >= floor:
            most = max(most, float(prices[units].sum()))
    # At most one piece a unit: together they are priced below what all the units are.
    if not most * len(zone) < prices.sum():
        yield f"a largest deviation below {claim['least_max_deviation']:.4%} is not ruled out"


def _connected(near: Sequence[set[int]], weight: Float, ceiling: float) -> Iterator[frozenset[int]]:
    """All connected sets of units that weigh at most `ceiling`, grown unit by unit."""
    level = {frozenset([i]) for i in range(len(near)) if weight[i] <= ceiling}
    while level:
        yield from level
        level = {
            wider
            for piece in level
            for unit in set().union(*(near[i] for i in piece)) - piece
            if weight[list(wider := piece | {unit})].sum() <= ceiling
        }
