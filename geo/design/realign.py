"""Realignment: from the plan in force to a balanced one, while little changes hands.

The search starts from the incumbent, and each unit that leaves its territory costs its weight times
a price λ. The price is raised until the disruption is within the budget: a Lagrangian of the
problem "as even as possible with at most so much moved".
"""

from collections.abc import Iterator

import numpy as np

from geo.arrays import Float, Int32
from geo.design.diagram import Diagram, Points, cheapest_territory
from geo.design.hold import whole_plan
from geo.design.problem import DesignProblem
from geo.measures.compactness import weighted_centers
from geo.sphere import to_xyz

LOYALTIES = (100.0, 500.0, 2_500.0, 12_500.0, 62_500.0, 1e6)  # λ, by target moved
_IDLE = (1_000.0, 100.0, 10.0)  # λ where no budget asks for one: moves are for the balance only
_NEAR = 8  # territories a stray unit may be given to
_NOWHERE = 1e7  # km


def incumbent_start(problem: DesignProblem) -> Int32:
    """The incumbent as a whole plan: pieces joined, vacant units given away, new ones carved."""
    assert problem.incumbent is not None
    labels = problem.incumbent.labels
    near, cost = _distances(problem, labels)
    return whole_plan(problem, labels, cost, near)


def loyal_pull(problem: DesignProblem, loyalty: float) -> Float:
    """What it costs each unit to leave its territory, (n): λ for a mean territory's weight."""
    assert problem.incumbent is not None
    weight = problem.incumbent.weight * (problem.incumbent.labels >= 0)
    return loyalty * problem.territories * weight / max(float(weight.sum()), 1e-300)


def loyalties(problem: DesignProblem) -> Iterator[float]:
    """Prices to try: with a budget ever dearer, without one dear first."""
    assert problem.incumbent is not None
    yield from LOYALTIES if np.isfinite(problem.incumbent.max_disruption) else _IDLE


def _distances(problem: DesignProblem, labels: Int32) -> tuple[Int32, Float]:
    """The nearest territories of each unit by the centroids of `labels`, and km² (n, c) each."""
    p, weight = problem.territories, problem.activity[:, 0]
    some = labels >= 0
    centers = weighted_centers(problem.lat[some], problem.lng[some], weight[some], labels[some], p)
    # A territory without units is nobody's nearest.
    xyz, places = problem.xyz(), np.nan_to_num(to_xyz(centers[:, 0], centers[:, 1]), nan=_NOWHERE)
    points = Points(xyz, weight, problem.targets[:, 0], np.full((len(xyz), 0), -1, np.int32))
    near = cheapest_territory(points, Diagram(places, np.zeros(p)), _NEAR)
    return near, ((xyz[:, None, :] - places[near]) ** 2).sum(axis=2)
