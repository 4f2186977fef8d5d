"""Balance to the limit: flows between distant territories, chains within reach, and what is left

neighbourhood by neighbourhood; after each, the borders are smoothed again.
"""

from collections.abc import Iterator

import numpy as np

from geo.design.border import GROUP, anneal_everywhere
from geo.design.chains import chain
from geo.design.crux import Ground, crux
from geo.design.effort import Effort
from geo.design.flow import let_flow
from geo.design.market import squeezed
from geo.design.random import RandomState
from geo.design.region import Region
from geo.design.score import firmer
from geo.design.search import Search, halves
from geo.design.untangle import untangle, untangle_slowly

_LARGEST = 2000  # units of a territory in which chains are still worth their time
_HOT, _COLD = 0.3, 0.02  # temperatures, in edges
_LEAST = 3  # rounds in any case, if so many are asked for
_NEAR, _FAR = 0.25, 4.0  # zones beyond the zone that will do, and that will not
_CLOSE = 0.005  # a worst deviation so near the least possible one is left alone
_EASY, _SQUEEZE = 0.7, 0.25  # zones beyond, and what is left of a zone then
_FIRMER = 4  # times that a limit which does not hold yet is made to count more
_SQUEEZES = 4  # rounds in which that is tried, while each gains


def tighten(search: Search, effort: Effort, rng: np.random.Generator) -> Iterator[float]:
    """Bring every territory near the zone, as far as possible; yields the fraction done."""

    def chains(region: Region, state: RandomState) -> None:
        chain(region, search.weights, effort.chains * len(region.territories), _LARGEST, state)

    def round_of_moves() -> None:
        let_flow(search)
        anneal_everywhere(search, search.weights, effort.proposals, _HOT, _COLD, rng)
        search.work(halves(search, GROUP, rng), chains)

    fewest, since = search.territories + 1, 0
    for turn in range(effort.rounds):
        round_of_moves()
        beyond = search.beyond()
        count = int((beyond > _NEAR).sum())
        fewest, since = (count, 0) if count < fewest else (fewest, since + 1)
        patience = effort.patience * (2 if (beyond > _FAR).any() else 1)
        if turn + 1 >= _LEAST and (count == 0 or since >= patience):
            break
        untangle(search, _NEAR, _FAR, rng)
        yield (turn + 1) / effort.rounds
    for _ in range(effort.rescues):
        if not (search.beyond() > _FAR).any() or search.worst() <= _least(search) + _CLOSE:
            break
        untangle_slowly(search, _FAR)
        yield 1.0
    anneal_everywhere(search, search.weights, effort.polish, _HOT, _COLD, rng)
    yield 1.0
    for _ in range(_FIRMER):
        if search.within_limits():
            break
        search.weights = firmer(search.weights)
        round_of_moves()
        yield 1.0
    if not search.market.pull.any() and (search.beyond() <= _EASY).all():
        # Where balance comes with ease and nobody minds the moves, a part of the zone will do.
        before, labels, standing = search.market, search.labels.copy(), _standing(search)
        search.market = squeezed(before, _SQUEEZE)
        for _ in range(_SQUEEZES):
            round_of_moves()
            anneal_everywhere(search, search.weights, effort.proposals, _COLD, _COLD / 4, rng)
            if _standing(search) >= standing:
                break
            labels, standing = search.labels.copy(), _standing(search)
            yield 1.0
        search.market, search.labels = before, labels


def _standing(search: Search) -> tuple[bool, float]:
    """How good the plan is, less is better: limits first, then the worst deviation."""
    return not search.within_limits(), search.worst()


def _least(search: Search) -> float:
    """What the crux of the first measure proves the worst deviation to be at least."""
    market = search.market
    ground = Ground(market.indptr, market.indices, market.activity[:, 0], market.targets[:, 0])
    found = crux(ground, search.labels)
    return found.least if found else 0.0
