"""A territory that has no unit yet is carved out of the others."""

import heapq

import numpy as np

from geo.arrays import Bool, Int32
from geo.design.problem import DesignProblem
from geo.sphere import to_xyz

_FILLED = 0.9  # of its target


def carve(problem: DesignProblem, labels: Int32, territory: int, held: Int32) -> None:
    """Give `territory` the units nearest to its seed, in place, up to most of its target.

    It begins at its rep's home, or else at the far end of the fullest territory. `labels` (n), -1
    for a unit that nobody has; `held` (n) the territory that a unit must keep, -1 if free: where
    all is held, nothing is done.
    """
    p, weight = problem.territories, problem.activity[:, 0]
    size = np.bincount(labels[labels >= 0], minlength=p)
    free = held < 0
    if problem.closed is not None:
        free &= ~((labels >= 0) & problem.closed[np.maximum(labels, 0)])
    if not free.any():
        return
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
