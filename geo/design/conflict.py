"""Measures that cannot all be balanced: which unit sets them against each other, and how far.

Take a unit u of a plan that keeps measure i within t of its targets. The territory that holds u has
between (1 - t) and (1 + t) targets of i; u gives it a share, and the rest comes from other units,
each of which brings measure j along. The least and the most of j that can come with it are two
fractional knapsacks (Dantzig 1957): units sorted by j per i, taken until i is full. If even the
best of them misses the target of j, no plan is better in j, whatever its shape: contiguity is not
used, and units may be split, so the bound holds for every plan.
"""

from dataclasses import dataclass

import numpy as np

from geo.arrays import Float, Int
from geo.design.problem import DesignProblem

_MOST_UNITS = 40  # looked at for each pair of measures: those that stand out most
_STEPS = 40  # of the bisection


@dataclass(frozen=True, slots=True)
class Conflict:
    """Whoever keeps measure `kept` within its tolerance misses `other` by `least` at the best.

    Because of `unit`. `needed` is the least tolerance of `kept` for which `other` can be within
    its own as far as this unit is concerned; measures are columns of the activity. NaN where none
    is found below 1.
    """

    unit: int
    kept: int
    other: int
    least: float
    needed: float


def conflicts(problem: DesignProblem) -> tuple[Conflict, ...]:
    """The worst conflict of each ordered pair of balanced measures, where there is one."""
    banded = np.flatnonzero(np.isfinite(problem.tolerance)).tolist()
    found = []
    for kept in banded:
        for other in banded:
            if kept == other or not problem.targets[:, other].all():
                continue
            conflict = _worst(problem, kept, other)
            if conflict is not None:
                found.append(conflict)
    return tuple(found)


def _worst(problem: DesignProblem, kept: int, other: int) -> Conflict | None:
    tolerance, limit = float(problem.tolerance[kept]), float(problem.tolerance[other])
    targets = np.unique(problem.targets[:, [kept, other]], axis=0)
    pair = problem.activity[:, [kept, other]]
    order = _by_ratio(pair)
    bound = {
        unit: least_other(pair, order, unit, targets, tolerance)
        for unit in _standing_out(pair, targets).tolist()
    }
    unit = max(bound, key=lambda u: (bound[u], -u), default=-1)
    if unit < 0 or not limit < bound[unit] < np.inf:
        return None
    low, high = tolerance, 1.0
    if least_other(pair, order, unit, targets, high) > limit:
        low = high = np.nan
    for _ in range(_STEPS if high == 1.0 else 0):
        middle = (low + high) / 2
        if least_other(pair, order, unit, targets, middle) > limit:
            low = middle
        else:
            high = middle
    # Of a bisection the lower end is proven to be too little.
    return Conflict(unit, kept, other, bound[unit], low)


def _by_ratio(pair: Float) -> Int:
    """Units by the second measure per the first, least first; those without the first last."""
    ratio = pair[:, 1] / np.where(pair[:, 0] > 0, pair[:, 0], 1.0)
    return np.lexsort((np.arange(len(pair)), np.where(pair[:, 0] > 0, ratio, np.inf)))


def _standing_out(pair: Float, targets: Float) -> Int:
    """Units whose shares of the two targets are large and far apart."""
    share = pair / targets.mean(axis=0)
    apart = np.abs(share[:, 0] - share[:, 1])
    count = min(_MOST_UNITS, len(pair))
    return np.sort(np.argpartition(-apart, count - 1)[:count])


def least_other(pair: Float, order: Int, unit: int, targets: Float, tolerance: float) -> float:
    """The least deviation in the second measure of a plan within `tolerance` in the first.

    Of the territory that holds `unit`, whichever of `targets` (p, 2) it has; inf where no territory
    can hold it within the tolerance. `pair` (n, 2), `order` by ratio.
    """
    own, with_none = pair[unit], float(pair[pair[:, 0] <= 0, 1].sum())
    rest = order[(order != unit) & (pair[order, 0] > 0)]
    first, second = np.cumsum(pair[rest, 0]), np.cumsum(pair[rest, 1])
    falling = rest[::-1]
    first_down, second_down = np.cumsum(pair[falling, 0]), np.cumsum(pair[falling, 1])
    if own[0] <= 0:  # it is one of those that bring the second measure for nothing
        with_none -= float(own[1])
    best = np.inf
    for target in targets:
        room = (1 + tolerance) * target[0] - own[0]
        need = max(0.0, (1 - tolerance) * target[0] - own[0])
        if room < 0:
            continue
        least = own[1] + _filled(first, second, need)
        most = own[1] + with_none + _filled(first_down, second_down, room)
        best = min(best, max(0.0, least / target[1] - 1, 1 - most / target[1]))
    return float(best)


def _filled(first: Float, second: Float, amount: float) -> float:
    """The second measure of units taken in order until the first is `amount`, the last in part."""
    if amount <= 0 or not len(first):
        return 0.0
    at = int(np.searchsorted(first, amount))
    if at >= len(first):
        return float(second[-1])
    before = (float(first[at - 1]), float(second[at - 1])) if at else (0.0, 0.0)
    part = (amount - before[0]) / max(float(first[at]) - before[0], 1e-300)
    return before[1] + part * (float(second[at]) - before[1])
