"""How much must change hands: a lower bound on the disruption of every plan within given bands.

`Kept` says how much weight a unit keeps with its rep if it goes to a territory; a plan's disruption
is the total of all units' weight less what it keeps. For prices π (p, q) of the measures in each
territory, every plan whose loads lie within [low, high] has

    disruption ≥ W − Σ_u max_k (kept_uk + π_k·a_u) + Σ_kj min(low_kj·π_kj, high_kj·π_kj),

units split or not, contiguous or not, since the right side only drops constraints (weak duality of
the transportation problem, as for compactness). Good prices are the shadow prices of a flow over
the incumbent's territories: surplus above a band must leave, what is missing below one must arrive.
With one measure that is also the weight, the bound is thus at least max(Σ (load − high)⁺,
Σ (low − load)⁺). Contiguity adds nothing that holds always: two territories that do not touch can
be joined through units without weight.
"""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import coo_matrix, csr_matrix, hstack, vstack

from geo.arrays import Float, Int, Int32, frozen
from geo.design.problem import DesignProblem

_BINS = 64  # units of a territory, from cheap to dear to move, that the flow tells apart
_BLOCK = 1 << 22  # numbers held at once


@dataclass(frozen=True, eq=False)
class Kept:
    """Sparse (m): `unit` keeps `weight` ≥ 0 if it is in `territory`; a pair at most once."""

    unit: Int
    territory: Int
    weight: Float

    def __post_init__(self) -> None:
        for array in (self.unit, self.territory, self.weight):
            frozen(array)

    @property
    def total(self) -> float:
        """All weight that has a territory which lives on."""
        return float(self.weight.sum())

    def disruption(self, labels: Int32) -> float:
        """The weight whose territory changes with `labels` (n)."""
        stays = labels[self.unit] == self.territory
        return float(self.weight[~stays].sum())


@dataclass(frozen=True, eq=False)
class LeastDisruption:
    """`prices` (p, q) of the measures (`columns` of the activity), and the `bound` in weight."""

    columns: Int
    prices: Float
    bound: float


def kept_by(labels: Int32, weight: Float) -> Kept:
    """What is kept where each unit has one incumbent territory; labels -1 keep nothing."""
    unit = np.flatnonzero((labels >= 0) & (weight > 0))
    return Kept(unit, labels[unit].astype(np.int64), weight[unit].copy())


def least_disruption(problem: DesignProblem, kept: Kept) -> LeastDisruption:
    """The bound for the problem's own bands (tolerance, `low`, `high`)."""
    low, high = problem.bands()
    columns = np.flatnonzero(np.isfinite(low).any(axis=0) | np.isfinite(high).any(axis=0))
    activity, low, high = problem.activity[:, columns], low[:, columns], high[:, columns]
    scale = np.maximum(activity.sum(axis=0) / problem.territories, 1e-300)
    prices = _prices(activity / scale, kept, low / scale, high / scale) / scale
    # As a file writes them, so that whoever reads it evaluates the same numbers.
    prices = np.array([[float(f"{value:.12g}") for value in row] for row in prices.tolist()])
    prices = prices.reshape(len(low), len(columns))
    bound = bound_of(activity, kept, prices, low, high)
    if not bound > 0:  # nothing has to move: prices of nothing say so, and exactly
        prices, bound = np.zeros_like(prices), 0.0
    return LeastDisruption(columns, prices, bound)


def bound_of(activity: Float, kept: Kept, prices: Float, low: Float, high: Float) -> float:
    """Evaluate the bound for any prices (p, q): `activity` (n, q), `low`, `high` (p, q)."""
    best = np.empty(len(activity))
    step = max(1, _BLOCK // len(prices))
    for start in range(0, len(activity), step):
        block = slice(start, start + step)
        best[block] = (activity[block] @ prices.T).max(axis=1)
    own = kept.weight + (activity[kept.unit] * prices[kept.territory]).sum(axis=1)
    np.maximum.at(best, kept.unit, own)
    charged = prices != 0  # 0 · inf is nothing
    edge = np.where(prices > 0, low, high)
    terms = np.where(charged, np.where(charged, edge, 0.0) * prices, 0.0)
    return float(kept.total - best.sum() + terms.sum())


def _prices(activity: Float, kept: Kept, low: Float, high: Float) -> Float:
    """Shadow prices of the bands, (p, q); zeros where the bands cannot be kept at all."""
    p, q = low.shape
    unit, territory, gain = _best_entries(kept, len(activity))
    group = _groups(unit, territory, gain, activity)
    count = int(group.max(initial=-1)) + 1
    size = np.stack([np.bincount(group, column, count) for column in activity[unit].T], axis=1)
    price = np.bincount(group, gain, count)
    owner = np.zeros(count, dtype=np.int64)
    owner[group] = territory
    # load_kj = Σ of what the territory has − what leaves + what arrives
    column = np.tile(np.arange(count), q)
    row = (owner[:, None] * q + np.arange(q)).T.ravel()
    leaves = coo_matrix((size.T.ravel(), (row, column)), shape=(p * q, count)).tocsr()
    load = hstack([-leaves, _identity(p * q)]).tocsr()
    has = np.stack([np.bincount(owner, size[:, j], p) for j in range(q)], axis=1).ravel()
    free = activity.sum(axis=0) - size.sum(axis=0)
    flows = hstack([-csr_matrix(size.T), _by_measure(p, q)]).tocsr()
    lower, upper = np.isfinite(low).ravel(), np.isfinite(high).ravel()
    bounds = np.concatenate([(high.ravel() - has)[upper], (has - low.ravel())[lower]])
    found = linprog(  # type: ignore[call-overload]  # its stubs know no sparse matrices
        np.concatenate([price, np.zeros(p * q)]),
        A_ub=vstack([load[upper], -load[lower]]).tocsr(),
        b_ub=bounds,
        A_eq=flows,
        b_eq=free,
        bounds=[(0, 1)] * count + [(0, None)] * (p * q),
        method="highs",
    )
    prices = np.zeros(p * q)
    if found.status == 0:
        shadow = np.asarray(found.ineqlin.marginals, dtype=np.float64)
        above = int(upper.sum())
        prices[upper] += shadow[:above]
        prices[lower] -= shadow[above:]
    return prices.reshape(p, q)


def _best_entries(kept: Kept, n: int) -> tuple[Int, Int, Float]:
    """Per unit the territory that keeps most, and how much more than the second one."""
    order = np.lexsort((kept.territory, -kept.weight, kept.unit))
    unit, first = np.unique(kept.unit[order], return_index=True)
    weight = kept.weight[order]
    second = np.zeros(n)
    following = first + 1
    there = following < len(order)
    same = np.zeros(len(unit), dtype=bool)
    same[there] = kept.unit[order][following[there]] == unit[there]
    second[unit[same]] = weight[following[same]]
    return unit, kept.territory[order][first], weight[first] - second[unit]


def _groups(unit: Int, territory: Int, gain: Float, activity: Float) -> Int:
    """Units of a territory in at most `_BINS` groups, by weight per activity, numbered from 0."""
    ratio = gain / np.maximum(activity[unit].sum(axis=1), 1e-300)
    order = np.lexsort((unit, ratio, territory))
    start = np.searchsorted(territory[order], territory[order])
    place = np.arange(len(order)) - start
    size = np.bincount(territory, minlength=int(territory.max(initial=0)) + 1)[territory[order]]
    key = territory[order] * _BINS + place * _BINS // np.maximum(size, 1)
    group = np.empty(len(order), dtype=np.int64)
    group[order] = np.unique(key, return_inverse=True)[1]
    return group


def _identity(size: int) -> csr_matrix:
    at = np.arange(size)
    return coo_matrix((np.ones(size), (at, at)), shape=(size, size)).tocsr()


def _by_measure(p: int, q: int) -> csr_matrix:
    """Sums what arrives over the territories, for each measure: (q, p·q)."""
    at = np.arange(p * q)
    return coo_matrix((np.ones(p * q), (at % q, at)), shape=(q, p * q)).tocsr()
