"""Realignment: from the plan in force to a balanced one, while little changes hands.

The search starts from the incumbent, and each unit that leaves its territory costs its weight times
a price λ. The price is raised until the disruption is within the budget: a Lagrangian of the
problem "as even as possible with at most so much moved".
"""

import heapq
from collections.abc import Iterator

import numpy as np

from geo.arrays import Bool, Float, Int32
from geo.design.diagram import Diagram, Points, cheapest_territory
from geo.design.hold import held_units, whole_plan
from geo.design.problem import DesignProblem
from geo.measures.compactness import weighted_centers
from geo.sphere import to_xyz

LOYALTIES = (100.0, 500.0, 2_500.0, 12_500.0, 62_500.0, 1e6)  # λ, by target moved
_NEAR = 8  # territories a stray unit may be given to
_FILLED = 0.9  # of its target, up to which a new territory is carved out


def incumbent_start(problem: DesignProblem) -> Int32:
    """The incumbent as a whole plan: pieces joined, vacant units given away, new ones carved out.

    A territory without units begins at its rep's home, or at the far end of the fullest one.
    """
    assert problem.incumbent is not None
    labels = problem.incumbent.labels.copy()
    held = held_units(problem)
    labels[held >= 0] = held[held >= 0]
    for territory in np.flatnonzero(
        np.bincount(labels[labels >= 0], minlength=problem.territories) == 0
    ):
        _carve(problem, labels, int(territory), held)
    near, cost = _distances(problem, labels)
    return whole_plan(problem, labels, cost, near)


def loyal_pull(problem: DesignProblem, loyalty: float) -> Float:
    """What it costs each unit to leave its territory, (n): λ for a mean territory's weight."""
    assert problem.incumbent is not None
    weight = problem.incumbent.weight * (problem.incumbent.labels >= 0)
    return loyalty * problem.territories * weight / max(float(weight.sum()), 1e-300)


def loyalties(problem: DesignProblem) -> Iterator[float]:
    """Prices to try: with a budget all of them, else one that only forbids idle moves."""
    assert problem.incumbent is not None
    yield from LOYALTIES if np.isfinite(problem.incumbent.max_disruption) else LOYALTIES[:1]


def _distances(problem: DesignProblem, labels: Int32) -> tuple[Int32, Float]:
    """The nearest territories of each unit by the centroids of `labels`, and km² (n, c) each."""
    p, weight = problem.territories, problem.activity[:, 0]
    some = labels >= 0
    centers = weighted_centers(problem.lat[some], problem.lng[some], weight[some], labels[some], p)
    xyz, places = problem.xyz(), to_xyz(centers[:, 0], centers[:, 1])
    places[np.isnan(places[:, 0])] = xyz.mean(axis=0)  # carving found no unit to spare
    points = Points(xyz, weight, problem.targets[:, 0], np.full((len(xyz), 0), -1, np.int32))
    near = cheapest_territory(points, Diagram(places, np.zeros(p)), _NEAR)
    return near, ((xyz[:, None, :] - places[near]) ** 2).sum(axis=2)


def _carve(problem: DesignProblem, labels: Int32, territory: int, held: Int32) -> None:
    """Give `territory` the units nearest to its seed, in place, up to most of its target."""
    p, weight = problem.territories, problem.activity[:, 0]
    size = np.bincount(labels[labels >= 0], minlength=p)
    free = held < 0
    if problem.closed is not None:
        free &= ~((labels >= 0) & problem.closed[np.maximum(labels, 0)])
    xyz = problem.xyz()
    seed = _seed_unit(problem, labels, territory, free)
    away = ((xyz - xyz[seed]) ** 2).sum(axis=1)
    queue, seen, load = [(0.0, seed)], {seed}, 0.0
    while queue and load < _FILLED * problem.targets[territory, 0]:
        _, unit = heapq.heappop(queue)
        before = labels[unit]
        if before >= 0 and size[before] == 1:
            continue
        if before >= 0:
            size[before] -= 1
        labels[unit] = territory
        load += float(weight[unit])
        row = slice(problem.graph.indptr[unit], problem.graph.indptr[unit + 1])
        for other in problem.graph.indices[row].tolist():
            if other not in seen and free[other]:
                seen.add(other)
                heapq.heappush(queue, (float(away[other]), other))


def _seed_unit(problem: DesignProblem, labels: Int32, territory: int, free: Bool) -> int:
    xyz = problem.xyz()
    candidates = np.flatnonzero(free)
    if problem.homes is not None and np.isfinite(problem.homes[territory]).all():
        home = to_xyz(problem.homes[territory, :1], problem.homes[territory, 1:])[0]
        return int(candidates[np.argmin(((xyz[candidates] - home) ** 2).sum(axis=1))])
    owned = candidates[labels[candidates] >= 0]
    if len(owned) == 0:
        return int(candidates[0])
    load = np.bincount(labels[owned], problem.activity[owned, 0], problem.territories)
    fullest = owned[labels[owned] == int(np.argmax(load / problem.targets[:, 0]))]
    middle = xyz[fullest].mean(axis=0)
    return int(fullest[np.argmax(((xyz[fullest] - middle) ** 2).sum(axis=1))])
