"""The starting plan: a balanced power diagram, rounded to whole units and repaired."""

from dataclasses import dataclass, replace

import numpy as np

from geo.arrays import Float, Int32
from geo.cells.graph import CellGraph, graph_from_edges
from geo.design.diagram import Diagram, Points, cheapest_territory, fit_diagram, fit_prices
from geo.design.hold import whole_plan
from geo.design.problem import DesignProblem
from geo.design.repair import heaviest_pieces
from geo.design.seeding import PointCloud, coarsen, first_centers
from geo.design.threads import side_by_side
from geo.sphere import to_xyz

_NEAR = 8  # territories a stray unit may be given to by price
_FEWEST_STARTS, _MOST_STARTS, _STARTED = 2, 4, 200  # starts, and territories begun in all of them
_SOFT, _FIRM = 0.8, 0.02  # temperatures of the coarse diagram, in squared spacings
_LUMP, _PARTINGS = 0.5, 2  # a deviation that whole units do not explain; times it is mended
_BARRED = 6  # territories a point can be barred from at a time
_GRAINS = (0.25, 0.12, 0.06, 0.03, 0.03, 0.03)
_UNBREAKING = 5  # times that broken territories are mended by prices


@dataclass(frozen=True, eq=False)
class Start:
    """All units, and the diagram that shares them out."""

    points: Points
    diagram: Diagram


@dataclass(frozen=True, eq=False)
class Rounded:
    """A whole plan, `labels` (n), the diagram it comes from, and its largest deviation, `lump`."""

    start: Start
    labels: Int32
    lump: float


def start_diagram(problem: DesignProblem, rng: np.random.Generator, lloyd: int) -> Start:
    """Fit centres and prices: first on a coarse market, from several starts, then on all units.

    `lloyd` steps are made on the coarse market; the start of least inertia goes on.
    """
    p = problem.territories
    xyz = problem.xyz()
    mean = problem.targets[:, 0].mean()
    weight, targets = problem.activity[:, 0] / mean, problem.targets[:, 0] / mean
    cloud = coarsen(xyz, weight, max(3000, 12 * p), heaviest=0.1)
    homes = np.full((p, 3), np.nan)
    if problem.homes is not None:
        homes = to_xyz(problem.homes[:, 0], problem.homes[:, 1])
    # One territory at least stays open to every point.
    free: Int32 = np.full((len(cloud.xyz), min(_BARRED, p - 1)), -1, np.int32)
    points = Points(cloud.xyz, cloud.weight, targets, free)
    graph = _coarse_graph(problem.graph, cloud)

    def fit(first: Float) -> tuple[Points, Diagram]:
        diagram = fit_diagram(
            points, Diagram(first, np.zeros(p)),
            temperatures=np.geomspace(_SOFT, _FIRM, lloyd), near=12, steps=2,
        )  # fmt: skip
        return _unbroken(points, diagram, graph, near=16)

    starts = min(max(_STARTED // p, _FEWEST_STARTS), _MOST_STARTS)
    firsts = [first_centers(cloud, targets, homes, rng) for _ in range(starts)]
    points, diagram = min(side_by_side(fit, firsts), key=lambda fitted: _inertia(*fitted))
    if len(cloud.xyz) < len(xyz):
        coarse = replace(points, barred=points.barred[:, :0])
        barred = points.barred[cloud.member]
        points = Points(xyz, weight, targets, barred, cloud.member, coarse)
        diagram = fit_diagram(points, diagram, temperatures=np.array([5e-3]), near=8, steps=4)
        points, diagram = _unbroken(points, diagram, problem.graph, near=8)
    return Start(*_hardened(points, diagram, problem.graph))


def _inertia(points: Points, diagram: Diagram) -> float:
    """What the diagram would cost if loads met the targets: Σ w·(d² - μ) + Σ target·μ."""
    owner = cheapest_territory(points, diagram)[:, :1]
    cost = _power(points.xyz, diagram, owner)[:, 0]
    return float(points.weight @ cost + points.targets @ diagram.prices)


def _coarse_graph(graph: CellGraph, cloud: PointCloud) -> CellGraph:
    a, b, kind = graph.edges()
    one, other = cloud.member[a], cloud.member[b]
    differ = one != other
    return graph_from_edges(len(cloud.xyz), one[differ], other[differ], kind[differ])


def _unbroken(
    points: Points, diagram: Diagram, graph: CellGraph, near: int
) -> tuple[Points, Diagram]:
    """Bar each piece that a territory has beside its heaviest, and move prices and centres."""
    for _ in range(_UNBREAKING):
        points, stray = _barred(points, diagram, graph)
        if stray == 0.0:
            break
        diagram = fit_diagram(points, diagram, temperatures=np.array([5e-3]), near=near, steps=4)
    return points, diagram


def _hardened(points: Points, diagram: Diagram, graph: CellGraph) -> tuple[Points, Diagram]:
    """Prices for whole units: softness is taken away step by step, strays are barred."""
    for grain in _GRAINS:
        diagram = fit_prices(points, diagram, temperature=0.0, near=8, steps=4, grain=grain)
        points = _barred(points, diagram, graph)[0]
    return points, diagram


def _barred(points: Points, diagram: Diagram, graph: CellGraph) -> tuple[Points, float]:
    """Bar the strays from the territories they are cut off from; also returns their weight."""
    owner = cheapest_territory(points, diagram)[:, 0]
    stray = ~heaviest_pieces(graph, owner, points.weight)
    barred = points.barred.copy()
    barred[stray] = np.column_stack([owner[stray], barred[stray, :-1]])
    return replace(points, barred=barred), float(points.weight[stray].sum())


def rounded_start(problem: DesignProblem, rng: np.random.Generator, lloyd: int) -> Rounded:
    """A diagram and the plan it rounds to; where two centres had met, they are parted again."""
    diagram_of = start_diagram(problem, rng, lloyd)
    best = _rounded(problem, diagram_of)
    limit = max(_LUMP, float((problem.activity[:, 0].max() / problem.targets[:, 0]).max()))
    found = best
    for _ in range(_PARTINGS):
        if found.lump <= limit:
            break
        found = _rounded(problem, _parted(problem, found))
        best = min(best, found, key=lambda rounded: rounded.lump)
    return best


def _rounded(problem: DesignProblem, start: Start) -> Rounded:
    """Whole units to their cheapest territory, then every territory whole and none empty."""
    near = cheapest_territory(start.points, start.diagram, _NEAR)
    cost = _power(problem.xyz(), start.diagram, near)
    labels = whole_plan(problem, near[:, 0].copy(), cost, near)
    load = np.bincount(labels, problem.activity[:, 0], problem.territories)
    lump = float(np.abs(load / problem.targets[:, 0] - 1.0).max())
    return Rounded(start, labels, lump)


def _parted(problem: DesignProblem, rounded: Rounded) -> Start:
    """The diagram again, from the centroids that the plan has now that it is whole."""
    points = rounded.start.points
    weight, labels, p = points.weight, rounded.labels, problem.territories
    mass = weight + 1e-9 * weight.sum() / len(weight)
    sums = np.stack([np.bincount(labels, mass * x, p) for x in points.xyz.T], axis=1)
    centers = sums / np.bincount(labels, mass, p)[:, None]
    points = replace(points, barred=np.full_like(points.barred, -1))
    diagram = fit_diagram(
        points, Diagram(centers, rounded.start.diagram.prices),
        temperatures=np.array([2e-2, 1e-2]), near=8, steps=4,
    )  # fmt: skip
    points, diagram = _unbroken(points, diagram, problem.graph, near=8)
    return Start(*_hardened(points, diagram, problem.graph))


def _power(xyz: Float, diagram: Diagram, near: Int32) -> Float:
    """Power distance of each unit to each territory of `near`, inf where that is -1."""
    squared = ((xyz[:, None, :] - diagram.centers[near]) ** 2).sum(axis=2)
    return np.where(near < 0, np.inf, squared - diagram.prices[near])
