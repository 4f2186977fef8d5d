"""Freeing boxed-in territories: where single flips cannot balance, reopen the neighbourhood.

The worst territory and its neighbours (one to three rings of them) are heated up, recombined and
annealed on their own, and the result is kept if the objective gained. Dense cores have few units,
so a round costs little however large the market is. (Large neighbourhood search, Shaw 1998.)
"""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from geo.arrays import Bool
from geo.design.search import Search

_ROUNDS, _FEWER_ROUNDS, _PATIENCE = 400, 24, 60
_REGION = 6000  # units of a neighbourhood beyond its first ring
_EASE = np.geomspace(3e-3, 1.0, 6)  # how far the balance term is eased, round by round
_HEATS = np.geomspace(0.3, 0.05, 6)


def untangle(search: Search, aim: float, enough: float) -> Iterator[tuple[float, float]]:
    """Work on territories that deviate by more than `aim`.

    Yields (largest deviation, fraction done) each round. Ends when none is left, after some rounds
    when all are within `enough`, or when many rounds in a row changed nothing for the better.
    """
    least, since = np.inf, 0
    for turn in range(_ROUNDS):
        worst = search.worst()
        bad = np.flatnonzero((worst > aim) & ~hopeless(search))
        if len(bad) == 0 or (turn >= _FEWER_ROUNDS and worst[bad].max() <= enough):
            return
        if worst[bad].max() < least:
            least, since = float(worst[bad].max()), turn
        if turn - since > _PATIENCE:
            return
        if turn >= _FEWER_ROUNDS:
            bad = bad[worst[bad] > enough]  # from here on only what would be a violation
        bad = bad[np.argsort(-worst[bad], kind="stable")]
        region = np.zeros(len(worst), dtype=bool)
        region[bad[turn % min(len(bad), 8)]] = True
        touch = search.touching()
        for _ in range(1 + turn % 3):
            wider = region | touch[region].any(axis=0)
            if search.sums.units[wider].sum() > _REGION and region.sum() > 1:
                break
            region = wider
        _reopen(search, region, hotter=3.0 ** (min(turn, turn - since) // 6 % 4))
        yield float(worst.max()), turn / _ROUNDS


def hopeless(search: Search) -> Bool:
    """Territories of a single unit that is heavier than any target, shape (p)."""
    heavier = search.sums.load[:, 0] > search.terms.targets[:, 0].max()
    return np.asarray((search.sums.units == 1) & heavier)


def _reopen(search: Search, region: Bool, hotter: float) -> None:
    before, labels = search.energy(), search.labels.copy()
    active = np.flatnonzero(region).astype(np.int32)
    movable = region[search.labels]
    terms = search.terms
    for ease, heat in zip(_EASE, hotter * _HEATS, strict=True):
        search.terms = replace(terms, strength=ease * terms.strength)
        search.recombinations(active, rounds=100 + 20 * len(active), hot=heat, cold=0.6 * heat)
        search.flips(movable, sweeps=10, hot=heat, cold=0.6 * heat)
    search.terms = terms
    search.flips(movable, sweeps=30, hot=0.05, cold=0.003)
    if search.energy() >= before:
        search.adopt(labels)
