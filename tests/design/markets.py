"""Small markets for the solver's tests: grids, discs of cells, and hand-drawn ones."""

import h3
import numpy as np

from geo.arrays import Float, Int32
from geo.cells.adjacency import contiguity_graph
from geo.cells.graph import SHARED_BORDER, CellGraph, graph_from_edges
from geo.cells.index import cell_centers, hex_to_cell
from geo.design.problem import DesignProblem, targets_by_share
from geo.design.repair import repair


def problem_of(
    lat: Float, lng: Float, weight: Float, graph: CellGraph, share: Float, tolerance: float = 0.05
) -> DesignProblem:
    """One measure, potential; targets by `share`."""
    activity = np.asarray(weight, dtype=np.float64).reshape(-1, 1).copy()
    return DesignProblem(
        np.asarray(lat, dtype=np.float64).copy(),
        np.asarray(lng, dtype=np.float64).copy(),
        activity,
        ("potential",),
        graph,
        targets_by_share(activity, np.asarray(share, dtype=np.float64)),
        np.array([tolerance]),
    )


def disc(rings: int, territories: int, seed: int = 0, sigma: float = 1.0) -> DesignProblem:
    """Cells around Kansas City with lognormal potential; about a third of them empty."""
    cells = np.sort(hex_to_cell(sorted(h3.grid_disk(h3.latlng_to_cell(39.1, -94.6, 5), rings))))
    lat, lng = cell_centers(cells)
    rng = np.random.default_rng(seed)
    weight = rng.lognormal(0, sigma, len(cells)) * (rng.random(len(cells)) > 0.33)
    weight[0] += 1.0
    return problem_of(lat, lng, weight, contiguity_graph(cells), np.ones(territories))


def path(weights: list[float], territories: int) -> DesignProblem:
    """Units in a row along the equator, a tenth of a degree apart."""
    n = len(weights)
    at = np.arange(n)
    kind = np.full(n - 1, SHARED_BORDER, dtype=np.uint8)
    graph = graph_from_edges(n, at[:-1], at[1:], kind)
    lng = np.linspace(0.0, 0.1 * (n - 1), n)
    weight = np.array(weights, dtype=np.float64)
    return problem_of(np.zeros(n), lng, weight, graph, np.ones(territories))


def labels_of(*values: int) -> Int32:
    return np.array(values, dtype=np.int32)


def random_graph(rng: np.random.Generator, n: int, extra: int) -> CellGraph:
    """A random tree and at most `extra` further edges."""
    pairs = [(i, int(rng.integers(i))) for i in range(1, n)]
    pairs += [(a, b) for a, b in rng.integers(0, n, (extra, 2)).tolist() if a != b]
    a, b = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
    return graph_from_edges(n, a, b, np.full(len(pairs), SHARED_BORDER, dtype=np.uint8))


def whole(graph: CellGraph, labels: Int32, territories: int) -> Int32:
    """A whole plan near `labels`."""
    n = len(graph)
    near = np.tile(np.arange(territories, dtype=np.int32), (n, 1))
    return repair(graph, labels, np.ones(n), np.zeros(near.shape), near, territories)


def connected_everywhere(graph: CellGraph, labels: Int32, territories: int) -> bool:
    """Whether every territory is non-empty and hangs together, by plain search."""
    for k in range(territories):
        units = set(np.flatnonzero(labels == k).tolist())
        if not units:
            return False
        seen, stack = set(), [min(units)]
        while stack:
            unit = stack.pop()
            if unit in seen:
                continue
            seen.add(unit)
            around = graph.indices[graph.indptr[unit] : graph.indptr[unit + 1]].tolist()
            stack += [other for other in around if other in units]
        if seen != units:
            return False
    return True
