"""Smoothing the borders: annealed flips while the balance, at first loose, is tightened.

Balance is loose at first because the rounded diagram is off by whole units. Tightened at once, a
territory takes the next best unit from whoever is next to it, and a third of the shape is lost;
eased, the imbalance flows along the prices until little is left of it.
"""

from collections.abc import Iterator

import numpy as np

from geo.design.effort import Effort
from geo.design.flips import anneal, border_units
from geo.design.flow import let_flow
from geo.design.random import RandomState
from geo.design.region import Region, Weights
from geo.design.search import Search, halves

GROUP = 12_500  # units that two cores' caches hold
_LOOSEST = 0.1  # deviation that counts 1 at the beginning
_FLOWS = 6  # times that distant territories would even out; the first half is spared
_HOT, _COLD = 0.1, 0.02  # temperatures, in edges


def smooth_borders(search: Search, effort: Effort, rng: np.random.Generator) -> Iterator[float]:
    """Anneal all borders in `effort.borders` rounds; yields the fraction done after each."""
    rounds = effort.borders
    final = search.weights
    heats = np.geomspace(_HOT, _COLD, rounds + 1)
    loosest = np.minimum(1.0, _LOOSEST**-2 / final.strength)
    for k in range(rounds):
        eased = loosest ** (1 - k / max(rounds - 1, 1))
        weights = final._replace(strength=final.strength * eased)
        anneal_everywhere(search, weights, effort.proposals, heats[k], heats[k + 1], rng)
        if (k + 1) * _FLOWS // rounds > k * _FLOWS // rounds and k + 1 > rounds // 2:
            let_flow(search)
        yield (k + 1) / rounds


def anneal_everywhere(
    search: Search,
    weights: Weights,
    proposals: int,
    hot: float,
    cold: float,
    rng: np.random.Generator,
) -> None:
    """Anneal flips in groups of territories, `proposals` per border unit; heats in edges."""

    def job(region: Region, state: RandomState) -> None:
        count = proposals * border_units(region)
        anneal(region, weights, count, hot * weights.border, cold * weights.border, state)

    search.work(halves(search, GROUP, rng), job)
