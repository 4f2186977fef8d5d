"""Freeing boxed-in territories: where single flips cannot balance, reopen the neighbourhood.

A territory out of balance and its neighbours (one to three rings of them) are cut out, the balance
term is eased and tightened again while they are recombined and annealed on their own, and the
result is kept if the objective gained. (Large neighbourhood search, Shaw 1998.)
"""

import numpy as np

from geo.arrays import Int, Int32
from geo.design.flips import anneal
from geo.design.random import RandomState
from geo.design.recombine import recombine
from geo.design.region import Region, Weights, adopt
from geo.design.score import energy
from geo.design.search import Search

_REGION = 1500  # units of a neighbourhood beyond its first ring
_AGAIN, _WIDER = 2, 3  # times that the worst are reopened, and how much wider
_EASE, _HEAT = (3e-3, 1.0), (3.0, 0.3)  # the balance term's easing and the heat, in edges
_FAST, _SLOW = (6, 1), (20, 3)  # rounds of cooling, and how many recombinations more in each
_RINGS = 2  # of territories about one that is reopened slowly
_PAIR = 100  # units of two territories that are still worth a recombination


def untangle(search: Search, near: float, far: float, rng: np.random.Generator) -> None:
    """Reopen neighbourhoods around territories `near` zones out, as many as do not overlap.

    Those more than `far` zones out are reopened some times more, and more widely.
    """
    _untangle(search, near, 1, rng)
    for _ in range(_AGAIN):
        _untangle(search, far, _WIDER, rng)


def _untangle(search: Search, least: float, wide: int, rng: np.random.Generator) -> None:
    bad = np.flatnonzero(search.beyond() > least)
    rings = 1 + rng.integers(3, size=search.territories)
    regions = _disjoint(bad[rng.permutation(len(bad))], _REGION * wide, search, rings)
    most = _PAIR * wide
    search.work(regions, lambda region, state: reopen(region, search.weights, most, _FAST, state))


def untangle_slowly(search: Search, far: float) -> None:
    """Reopen the second neighbours of territories more than `far` zones out, and take the time."""
    beyond = search.beyond()
    bad = np.argsort(-beyond, kind="stable")[: int((beyond > far).sum())]
    rings = np.full(search.territories, _RINGS)
    regions = _disjoint(bad, _REGION, search, rings)
    search.work(regions, lambda region, state: reopen(region, search.weights, _PAIR, _SLOW, state))


def _disjoint(centers: Int, most: int, search: Search, rings: Int) -> list[Int32]:
    """Neighbourhoods of some rings around territories, none sharing a territory."""
    touch, count = search.touching(), search.counts()
    free = search.market.open.copy()
    regions = []
    for center in centers.tolist():
        if not free[center]:
            continue
        region = np.zeros(len(free), dtype=bool)
        region[center] = True
        for _ in range(int(rings[center])):
            wider = region | (touch[region].any(axis=0) & free)
            if count[wider].sum() > most and region.sum() > 1:
                break
            region = wider
        if region.sum() > 1:
            free &= ~region
            regions.append(np.flatnonzero(region).astype(np.int32))
    return regions


def reopen(
    region: Region, weights: Weights, most: int, pace: tuple[int, int], state: RandomState
) -> None:
    """Ease the balance, scramble a little, tighten again; keep the result if E gained.

    Pairs of territories of at most `most` units are recombined; `pace` as _FAST and _SLOW.
    """
    before, labels = energy(region, weights), region.labels[:-1].copy()
    m, r, edge = len(region.units), len(region.territories), weights.border
    rounds, more = pace
    eases, heats = np.geomspace(*_EASE, rounds), edge * np.geomspace(*_HEAT, rounds)
    for ease, heat in zip(eases, heats, strict=True):
        eased = weights._replace(strength=ease * weights.strength)
        recombine(region, eased, more * (100 + 20 * r), 3, most, heat, 0.6 * heat, state)
        anneal(region, eased, 5 * m, heat, 0.6 * heat, state)
    anneal(region, weights, 15 * m, 0.3 * edge, 0.02 * edge, state)
    if energy(region, weights) >= before:
        adopt(region, labels)
