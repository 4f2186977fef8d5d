"""Pairs that the search left together, deep inside a territory, are parted.

Single flips bring a pair apart only near a border. Here the territory is recombined with each of
its neighbours, however large they are, by cuts that part the pair; the loads are evened out after.
"""

import numpy as np

from geo.arrays import Int, Int32
from geo.design.flips import anneal
from geo.design.market import make_market
from geo.design.problem import DesignProblem
from geo.design.random import RandomState
from geo.design.recombine import recombine
from geo.design.region import Region, adopt
from geo.design.score import energy, weigh
from geo.design.search import Search

_TURNS, _TRIES = 4, 6  # times that all pairs are gone through, and that a neighbourhood is cut
_ROUNDS, _TREES = 40, 4  # recombinations of a neighbourhood, and trees in each
_HOT, _COLD = 2.0, 0.05  # temperatures, in edges


def part_foes(problem: DesignProblem, labels: Int32, seed: int, shape: float = 1.0) -> Int32:
    """The plan `labels` (n) with fewer pairs together, where the rest allows it; else as it was."""
    if problem.apart is None or not len(_together(problem, labels)):
        return labels
    market = make_market(problem, np.zeros(problem.territories), shape)
    search = Search(market, weigh(market, labels), labels.copy(), seed)
    weights = search.weights

    def job(region: Region, state: RandomState) -> None:
        first, before = energy(region, weights), region.labels[:-1].copy()
        m, edge = len(region.units), weights.border
        for _ in range(_TRIES):
            recombine(region, weights, _ROUNDS, _TREES, m, _HOT * edge, _COLD * edge, state)
            anneal(region, weights, 20 * m, 0.3 * edge, 0.02 * edge, state)
            if energy(region, weights) < first - weights.apart / 2:
                return
            adopt(region, before)

    for _ in range(_TURNS):
        for k in np.unique(search.labels[_together(problem, search.labels)]).tolist():
            around = np.flatnonzero(search.touching()[k] & market.open)
            region = np.union1d(around, [k]).astype(np.int32)
            if len(region) > 1:
                search.work([region], job)
    return search.labels


def _together(problem: DesignProblem, labels: Int32) -> Int:
    """One unit of each pair that is in one territory."""
    assert problem.apart is not None
    a, b = problem.apart.reshape(-1, 2).T
    return np.asarray(a[labels[a] == labels[b]])
