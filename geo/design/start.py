"""The starting plan: a balanced power diagram, rounded to whole units and repaired."""

import numpy as np

from geo.arrays import Int32
from geo.design.diagram import Diagram, cheapest_territory, fit_diagram
from geo.design.problem import DesignProblem
from geo.design.repair import repair
from geo.design.seeding import coarsen, first_centers
from geo.sphere import to_xyz

_NEAR = 8  # territories a stray unit may be given to by price


def start_diagram(problem: DesignProblem, rng: np.random.Generator) -> Diagram:
    """Fit centres and prices: first on a coarse market, then on all units."""
    p = problem.territories
    xyz = problem.xyz()
    mean = problem.targets[:, 0].mean()
    weight, targets = problem.activity[:, 0] / mean, problem.targets[:, 0] / mean
    cloud = coarsen(xyz, weight, max(3000, 12 * p), heaviest=0.1)
    homes = np.full((p, 3), np.nan)
    if problem.homes is not None:
        homes = to_xyz(problem.homes[:, 0], problem.homes[:, 1])
    centers = first_centers(cloud, targets, homes, rng)
    diagram = fit_diagram(
        cloud.xyz, cloud.weight, targets, Diagram(centers, np.zeros(p)),
        temperatures=np.geomspace(0.1, 5e-3, 20), near=128, steps=6,
    )  # fmt: skip
    if len(cloud.xyz) == len(xyz):
        return diagram
    return fit_diagram(
        xyz, weight, targets, diagram,
        temperatures=np.geomspace(1e-2, 3e-3, 3), near=12, steps=2,
    )  # fmt: skip


def round_diagram(problem: DesignProblem, diagram: Diagram) -> Int32:
    """Whole units to their cheapest territory, then every territory whole and none empty."""
    xyz = problem.xyz()
    near = cheapest_territory(xyz, diagram, _NEAR)
    cost = ((xyz[:, None, :] - diagram.centers[near]) ** 2).sum(axis=2) - diagram.prices[near]
    weight = problem.activity[:, 0]
    return repair(problem.graph, near[:, 0].copy(), weight, cost, near, problem.territories)
