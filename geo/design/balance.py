"""Balance to the limit: chains of flips everywhere, then the stubborn neighbourhoods one by one."""

from collections.abc import Iterator

import numpy as np

from geo.design.border import GROUP, anneal_everywhere
from geo.design.chains import chain
from geo.design.effort import Effort
from geo.design.random import RandomState
from geo.design.region import Region
from geo.design.search import Search, halves
from geo.design.untangle import untangle

_LARGEST = 2000  # units of a territory in which chains are still worth their time
_HOT, _COLD = 0.1, 0.01  # temperatures, in edges


def tighten(search: Search, effort: Effort, rng: np.random.Generator) -> Iterator[float]:
    """Bring every territory into the zone, as far as possible; yields the fraction done."""
    weights = search.weights

    def job(region: Region, state: RandomState) -> None:
        chain(region, weights, effort.chains * len(region.territories), _LARGEST, state)

    for turn in range(effort.rounds):
        search.work(halves(search.centroids(), search.counts(), GROUP, rng), job)
        if search.settled():
            break
        if turn % 3 == 2:
            untangle(search, rng)
        else:
            anneal_everywhere(search, weights, effort.proposals, _HOT, _COLD, rng)
        yield (turn + 1) / effort.rounds
