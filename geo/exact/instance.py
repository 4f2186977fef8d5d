"""A small problem as the exact models see it: costs, limits of loads, kinds of territories.

Territories with the same targets and the same permitted units are of one *kind*: to the models
they are alike, and only their number counts.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from pyproj import Geod

from geo.arrays import Bool, Float, Int, Int32
from geo.cells.graph import CellGraph
from geo.design.problem import DesignProblem
from geo.errors import OptionError

MAX_UNITS: Final = 300  # the Hess model has a variable for each pair of units
_WRITTEN: Final = 4e-10  # deviations are written, and judged, with nine decimals
_LARGE: Final = 1e6  # whole numbers up to here stay exact in a linear program


@dataclass(frozen=True, eq=False)
class Instance:
    """n units, p territories, K kinds, q balanced measures.

    `activity` (n, q) in a scale fit for linear programs; `cost` (n, n), w_i·d_ij² of unit i about
    unit j, measure·km², d the geodesic on WGS-84; `kind` (p) of each territory, `count` (K);
    `low`, `high`, `target` (K, q) of a territory's loads; `allowed` (n, K).
    """

    graph: CellGraph
    activity: Float
    cost: Float
    kind: Int
    count: Int
    low: Float
    high: Float
    target: Float
    allowed: Bool

    def __len__(self) -> int:
        return len(self.activity)

    @property
    def territories(self) -> int:
        """p."""
        return len(self.kind)

    def load(self, inside: Bool) -> Float:
        """Loads (q) of the territory `inside` (n)."""
        return np.asarray(self.activity[inside].sum(axis=0), dtype=np.float64)

    def fits(self, inside: Bool, kind: int) -> bool:
        """Whether a territory of this kind may consist of the units `inside` (n)."""
        load = self.load(inside)
        within = (load >= self.low[kind]).all() and (load <= self.high[kind]).all()
        return bool(within and self.allowed[inside, kind].all())

    def inertia(self, labels: Int32) -> float:
        """Hess's moment: of each territory about the best of its own units, in measure·km²."""
        total = 0.0
        for k in range(self.territories):
            own = np.flatnonzero(labels == k)
            total += float(self.cost[np.ix_(own, own)].sum(axis=0).min())
        return total


def instance_of(problem: DesignProblem) -> Instance:
    """The exact models' view of a problem.

    Raises OptionError where it is too large, where no measure is balanced, or where it limits the
    disruption, which the models do not know.
    """
    n = len(problem)
    if n > MAX_UNITS:
        raise OptionError(
            f"{n:,} units are too many to prove an optimum (at most {MAX_UNITS})",
            hint="Leave --exact out, take larger units or a coarser --resolution, or split the"
            " market.",
        )
    if problem.incumbent is not None and np.isfinite(problem.incumbent.max_disruption):
        raise OptionError(
            "an exact design cannot limit the disruption",
            hint="Leave out --exact or --max-disruption; lock what must stay instead.",
        )
    balanced = np.flatnonzero(np.isfinite(problem.tolerance))
    if not len(balanced):
        raise OptionError("an exact design needs a measure to balance", hint="Name it: --balance.")
    activity, targets = problem.activity[:, balanced], problem.targets[:, balanced]
    band = problem.tolerance[balanced] + _WRITTEN
    low, high = (1 - band) * targets, (1 + band) * targets
    whole = (activity == np.rint(activity)).all(axis=0)
    low, high = np.where(whole, np.ceil(low), low), np.where(whole, np.floor(high), high)
    scale = np.where(whole & (targets.max(axis=0) <= _LARGE), 1.0, 1e5 / targets.max(axis=0))
    permitted = _permitted(problem)
    key = np.hstack([targets, permitted.T.astype(np.float64)])
    _, first, kind, count = np.unique(
        key, axis=0, return_index=True, return_inverse=True, return_counts=True
    )
    return Instance(
        problem.graph,
        np.ascontiguousarray(activity * scale),
        squared_km(problem.lat, problem.lng) * problem.activity[:, :1],
        kind.reshape(-1).astype(np.int64),
        count.astype(np.int64),
        low[first] * scale,
        high[first] * scale,
        np.maximum(targets[first] * scale, 1e-9),
        np.ascontiguousarray(permitted[:, first]),
    )


def squared_km(lat: Float, lng: Float) -> Float:
    """Square of the geodesic on WGS-84 between all pairs of places, (n, n) km². Karney 2013."""
    n = len(lat)
    a, b = np.triu_indices(n, 1)
    metres = Geod(ellps="WGS84").inv(lng[a], lat[a], lng[b], lat[b])[2]
    squared = np.zeros((n, n))
    squared[a, b] = squared[b, a] = (np.asarray(metres) / 1000.0) ** 2
    return squared


def _permitted(problem: DesignProblem) -> Bool:
    """Which unit may be in which territory, (n, p): locks, and territories that stay closed."""
    n, p = len(problem), problem.territories
    permitted = np.ones((n, p), dtype=bool)
    if problem.locked is not None:
        held = problem.locked >= 0
        permitted[held] = np.arange(p) == problem.locked[held][:, None]
    if problem.closed is not None and problem.incumbent is not None:
        was = problem.incumbent.labels[:, None] == np.arange(p)
        permitted &= np.where(problem.closed[None, :], was, True)
        shut = problem.closed[np.maximum(problem.incumbent.labels, 0)]
        shut &= problem.incumbent.labels >= 0
        permitted[shut] &= was[shut]
    return permitted
