"""The starting plan: a balanced power diagram, rounded to whole units and repaired."""

from dataclasses import dataclass, replace

import numpy as np

from geo.arrays import Float, Int32
from geo.cells.graph import CellGraph, graph_from_edges
from geo.design.diagram import Diagram, Points, cheapest_territory, fit_diagram
from geo.design.problem import DesignProblem
from geo.design.repair import heaviest_pieces, repair
from geo.design.seeding import PointCloud, coarsen, first_centers
from geo.sphere import to_xyz

_NEAR = 8  # territories a stray unit may be given to by price
_BARRED = 3  # territories a point can be barred from at a time
_UNBREAKING = 5  # times that broken territories are mended by prices


@dataclass(frozen=True, eq=False)
class Start:
    """A diagram of all units, and the units it was made for."""

    diagram: Diagram
    points: Points


def start_diagram(problem: DesignProblem, rng: np.random.Generator) -> Start:
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
    free = np.full((len(cloud.xyz), _BARRED), -1, np.int32)
    points = Points(cloud.xyz, cloud.weight, targets, free)
    diagram = fit_diagram(
        points, Diagram(centers, np.zeros(p)),
        temperatures=np.geomspace(0.1, 5e-3, 20), near=16, steps=4,
    )  # fmt: skip
    points, diagram = _unbroken(points, diagram, _coarse_graph(problem.graph, cloud), near=16)
    if len(cloud.xyz) == len(xyz):
        return Start(diagram, points)
    points = Points(xyz, weight, targets, points.barred[cloud.member])
    diagram = fit_diagram(
        points, diagram, temperatures=np.geomspace(1e-2, 3e-3, 3), near=8, steps=4
    )
    points, diagram = _unbroken(points, diagram, problem.graph, near=8)
    return Start(diagram, points)


def _coarse_graph(graph: CellGraph, cloud: PointCloud) -> CellGraph:
    a, b, kind = graph.edges()
    a, b = cloud.member[a], cloud.member[b]
    differ = a != b
    return graph_from_edges(len(cloud.xyz), a[differ], b[differ], kind[differ])


def _unbroken(points: Points, diagram: Diagram, graph: CellGraph, near: int) -> tuple[Points, Diagram]:
    """Bar each piece that a territory has beside its heaviest, and move prices and centres."""
    for _ in range(_UNBREAKING):
        owner = cheapest_territory(points, diagram)[:, 0]
        stray = ~heaviest_pieces(graph, owner, points.weight)
        if not stray.any():
            break
        barred = points.barred.copy()
        barred[stray] = np.column_stack([owner[stray], barred[stray, :-1]])
        points = replace(points, barred=barred)
        diagram = fit_diagram(
            points, diagram, temperatures=np.geomspace(1e-2, 3e-3, 3), near=near, steps=4
        )
    return points, diagram


def round_diagram(problem: DesignProblem, start: Start) -> Int32:
    """Whole units to their cheapest territory, then every territory whole and none empty."""
    near = cheapest_territory(start.points, start.diagram, _NEAR)
    cost = _power(problem.xyz(), start.diagram, near)
    weight = problem.activity[:, 0]
    return repair(problem.graph, near[:, 0].copy(), weight, cost, near, problem.territories)


def _power(xyz: Float, diagram: Diagram, near: Int32) -> Float:
    """Power distance of each unit to each territory of `near`, inf where that is -1."""
    squared = ((xyz[:, None, :] - diagram.centers[near]) ** 2).sum(axis=2)
    return np.where(near < 0, np.inf, squared - diagram.prices[near])
