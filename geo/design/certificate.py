"""What a plan can prove about itself; `geo.check` evaluates the same claims on its own.

Granularity: the least possible largest deviation, because of the heaviest unit.
Compactness: for the plan's own centres c and any prices μ, every plan whose loads lie within
[lo, hi] = target·(1 ∓ band) has the inertia

    Σ w·d²  ≥  Σ_i w_i · min_k (d_ik² - μ_k) + Σ_k min(lo_k·μ_k, hi_k·μ_k),

units split or not: weak duality of the transportation problem. d is the straight-line distance,
the band the plan's own largest deviation: no plan as well balanced can be that much tighter.
"""

from dataclasses import dataclass

import numpy as np

from geo.arrays import Float, Int32
from geo.design.diagram import Diagram, Points, cheapest_territory, fit_prices
from geo.design.problem import DesignProblem
from geo.measures.balance import deviations, heaviest_share, least_max_deviation, loads
from geo.measures.compactness import weighted_centers
from geo.sphere import to_xyz

_ROUNDING = 1e-14  # some fifty units of the last place


@dataclass(frozen=True, eq=False)
class Certificate:
    """Of the first measure. Inertias in its unit times km², centres (p, 2), prices (p) in km²."""

    heaviest_unit: int
    heaviest_share: float
    least_max_deviation: float
    centers: Float
    prices: Float
    band: float
    inertia: float
    inertia_bound: float

    @property
    def gap(self) -> float:
        """How far the plan's inertia may at most be above the least possible, a fraction."""
        if self.inertia_bound <= 0:
            return 0.0 if self.inertia <= 0 else float("inf")
        return self.inertia / self.inertia_bound - 1.0


def certify(problem: DesignProblem, labels: Int32) -> Certificate:
    """Make the certificate of a complete plan."""
    p = problem.territories
    weight, targets = problem.activity[:, 0], problem.targets[:, 0]
    # Rounded as they are written, so that who reads the file evaluates the same numbers.
    centers = np.round(weighted_centers(problem.lat, problem.lng, weight, labels, p), 7)
    xyz, places = problem.xyz(), to_xyz(centers[:, 0], centers[:, 1])
    load = loads(problem.activity[:, :1], labels, p)
    worst = float(np.abs(deviations(load, problem.targets[:, :1])).max())
    band = float(np.round(np.ceil(worst * 1e9) / 1e9, 9))
    mean = targets.mean()
    free = np.full((len(xyz), 0), -1, np.int32)
    points = Points(xyz, weight / mean, targets / mean, free)
    diagram = fit_prices(points, Diagram(places, np.zeros(p)), temperature=1e-3, near=24, steps=16)
    prices = np.round(_best_shift(diagram.prices, targets, band), 6)
    diagram = Diagram(places, prices)
    unit, share = heaviest_share(weight, targets)
    return Certificate(
        unit,
        share,
        least_max_deviation(weight, targets),
        centers,
        prices,
        band,
        float(weight @ ((xyz - places[labels]) ** 2).sum(axis=1)),
        _bound(points, weight, targets, diagram, band),
    )


def _bound(points: Points, weight: Float, targets: Float, diagram: Diagram, band: float) -> float:
    best = cheapest_territory(points, diagram)[:, 0]
    cost = ((points.xyz - diagram.centers[best]) ** 2).sum(axis=1) - diagram.prices[best]
    # Less what rounding may have added, so that the bound holds for the numbers as they are.
    rounding = _ROUNDING * float(weight @ np.abs(cost) + targets @ np.abs(diagram.prices))
    return float(weight @ cost) + _price_term(diagram.prices, targets, band) - rounding


def _price_term(prices: Float, targets: Float, band: float) -> float:
    extremes = (1 - band) * targets * prices, (1 + band) * targets * prices
    return float(np.minimum(*extremes).sum())


def _best_shift(prices: Float, targets: Float, band: float) -> Float:
    """Prices may all be shifted alike; with a band one shift is best, at one of the kinks."""
    total = targets.sum()
    value = [_price_term(prices - s, targets, band) + total * s for s in prices]
    return np.asarray(prices - prices[int(np.argmax(value))])
