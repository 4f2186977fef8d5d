"""The problem as the search sees it: scaled numbers, and which neighbours of a unit touch."""

from dataclasses import dataclass

import numpy as np

from geo.arrays import Bool, Float, Int, Int32
from geo.design.local import contact_masks
from geo.design.problem import DesignProblem

_SPREAD = 0.1  # share of the pull on a centroid that every unit has, whatever its weight


@dataclass(frozen=True, eq=False)
class Market:
    """n units, p territories, q balanced measures.

    `indptr`, `indices`, `masks` the graph; `xyz` (n, 3) km about the centre; `mass` (n) the pull on
    a centroid, summing to p; `activity` (n, q) and `targets` (p, q) as fractions of the mean
    target; `fixed` (n) units that must stay where they are; `anchor` (n) the incumbent's territory,
    -1 none, and `pull` (n) the price of leaving it.
    """

    indptr: Int32
    indices: Int32
    masks: Int
    xyz: Float
    mass: Float
    activity: Float
    targets: Float
    price: Float
    fixed: Bool
    anchor: Int32
    pull: Float


def make_market(problem: DesignProblem, prices: Float) -> Market:
    """Scale the problem; only measures with a tolerance are kept."""
    n, p = len(problem), problem.territories
    balanced = np.isfinite(problem.tolerance)
    mean = problem.targets.mean(axis=0)[balanced]
    xyz = problem.xyz()
    weight = problem.activity[:, 0] / problem.activity[:, 0].sum()
    graph = problem.graph
    anchor = np.full(n, -1, np.int32)
    if problem.incumbent is not None:
        anchor = problem.incumbent.labels
    fixed = np.zeros(n, dtype=bool) if problem.locked is None else problem.locked >= 0
    return Market(
        graph.indptr, graph.indices, contact_masks(graph.indptr, graph.indices),
        np.ascontiguousarray(xyz - xyz.mean(axis=0)),
        ((1 - _SPREAD) * weight + _SPREAD / n) * p,
        np.ascontiguousarray(problem.activity[:, balanced] / mean),
        np.ascontiguousarray(problem.targets[:, balanced] / mean),
        (1 - _SPREAD) * prices,
        fixed, anchor, np.zeros(n),
    )  # fmt: skip
