"""Keep-together groups: each becomes one unit before the solve, so no search can part it.

A group's units need not touch. They are first joined along the shortest paths of units between
them (a Steiner tree, each unit taking the nearest way to what is joined already), since a territory
that holds them all and is contiguous must hold some such path; groups whose paths meet become one.
The shortest path is a choice, not a consequence: another plan may lead round the other way.
"""

from dataclasses import dataclass, replace

import numpy as np
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

from geo.arrays import Float, Int, Int32
from geo.cells.graph import CellGraph, graph_from_edges
from geo.design.problem import DesignProblem, Incumbent
from geo.errors import OptionError
from geo.sphere import distance_km, to_lat_lng


@dataclass(frozen=True, eq=False)
class Contraction:
    """A smaller `problem`, and `merged` (n): the unit of it that each original unit went into."""

    problem: DesignProblem
    merged: Int

    def expand(self, labels: Int32) -> Int32:
        """Labels of the original units, (n), from those of the contracted ones."""
        return np.ascontiguousarray(labels[self.merged])


def connected_groups(graph: CellGraph, lat: Float, lng: Float, groups: Int32) -> Int32:
    """The groups, each grown by the units that connect it; int32 (n), numbered from 0, -1 none.

    `graph` must be connected; path lengths are great-circle km between `lat`, `lng` (n).
    """
    rows = graph.rows
    km = distance_km(lat[rows], lng[rows], lat[graph.indices], lng[graph.indices])
    ways = csr_matrix((np.maximum(km, 1e-9), graph.indices, graph.indptr), shape=(len(graph),) * 2)
    parent = np.arange(int(groups.max(initial=-1)) + 1)
    grown = groups.copy()
    if len(parent) == 0:
        return grown
    for group in range(len(parent)):
        units = np.flatnonzero(groups == group)
        for unit in _joining(ways, units).tolist() if len(units) > 1 else ():
            other = grown[unit]
            if other >= 0:
                parent[parent == parent[other]] = parent[group]
            grown[unit] = group
    in_one = np.where(grown >= 0, parent[np.maximum(grown, 0)], -1)
    numbers = np.unique(in_one[in_one >= 0])
    return np.where(in_one >= 0, np.searchsorted(numbers, in_one), -1).astype(np.int32)


def _joining(ways: csr_matrix, units: Int) -> Int:
    """All units of a tree that connects `units`, themselves included."""
    tree, left = {int(units[0])}, set(units[1:].tolist())
    while left:
        km, before, _ = dijkstra(
            ways, indices=sorted(tree), min_only=True, return_predecessors=True
        )
        unit = min(left, key=lambda u: (km[u], u))
        while unit not in tree:
            tree.add(unit)
            unit = int(before[unit])
        left -= tree
    return np.array(sorted(tree), dtype=np.int64)


def contract(problem: DesignProblem) -> Contraction:
    """The problem with each group of `problem.together` (connected) as one unit.

    The unit lies at its members' weighted mean and has their totals. Of the incumbent it has the
    territory that keeps most weight; what the others lose comes off the budget. Raises OptionError
    where two locks, or a pair to be kept apart, meet in one group.
    """
    n = len(problem)
    groups = problem.together
    if groups is None or not (groups >= 0).any():
        return Contraction(replace(problem, together=None), np.arange(n))
    head = np.arange(n)
    for group in range(int(groups.max()) + 1):
        units = np.flatnonzero(groups == group)
        head[units] = units.min(initial=n)
    heads, merged = np.unique(head, return_inverse=True)
    m = len(heads)
    activity = np.stack([np.bincount(merged, column, m) for column in problem.activity.T], axis=1)
    lat, lng = _means(problem, merged, heads)
    a, b, kind = problem.graph.edges()
    a, b = merged[a].astype(np.int32), merged[b].astype(np.int32)
    between = a != b
    smaller = replace(
        problem,
        lat=lat,
        lng=lng,
        activity=np.ascontiguousarray(activity, dtype=np.float64),
        graph=graph_from_edges(m, a[between], b[between], kind[between]),
        incumbent=_incumbent(problem.incumbent, merged, m, problem.territories),
        locked=None if problem.locked is None else _locks(problem.locked, merged, m),
        apart=None if problem.apart is None else _apart(problem.apart, merged),
        together=None,
    )
    return Contraction(smaller, merged.astype(np.int64))


def _means(problem: DesignProblem, merged: Int, heads: Int) -> tuple[Float, Float]:
    """Positions: a lone unit stays exactly where it is."""
    m = len(heads)
    weight = problem.activity[:, 0]
    mass = np.where(np.bincount(merged, weight, m)[merged] > 0, weight, 1.0)
    xyz = problem.xyz()
    sums = np.stack([np.bincount(merged, mass * axis, m) for axis in xyz.T], axis=1)
    lat, lng = to_lat_lng(sums.astype(np.float64))
    alone = np.bincount(merged, minlength=m) == 1
    lat[alone], lng[alone] = problem.lat[heads[alone]], problem.lng[heads[alone]]
    return lat, lng


def _incumbent(incumbent: Incumbent | None, merged: Int, m: int, p: int) -> Incumbent | None:
    if incumbent is None:
        return None
    had = incumbent.labels >= 0
    key = merged[had] * p + incumbent.labels[had]
    keys, at = np.unique(key, return_inverse=True)
    kept = np.bincount(at, incumbent.weight[had])
    count = np.bincount(at)
    order = np.lexsort((keys, -count, -kept, keys // p))
    best = order[np.unique((keys // p)[order], return_index=True)[1]]
    labels = np.full(m, -1, dtype=np.int32)
    weight = np.zeros(m)
    labels[keys[best] // p] = (keys[best] % p).astype(np.int32)
    weight[keys[best] // p] = kept[best]
    total, left = float(incumbent.weight[had].sum()), float(weight.sum())
    budget = incumbent.max_disruption
    if np.isfinite(budget):
        budget = max(0.0, (budget * total - (total - left)) / max(left, 1e-300))
    return Incumbent(labels, weight, budget)


def _locks(locked: Int32, merged: Int, m: int) -> Int32:
    found = np.full(m, -1, dtype=np.int32)
    for unit in np.flatnonzero(locked >= 0).tolist():
        if found[merged[unit]] not in (-1, locked[unit]):
            raise OptionError(
                "a keep-together group holds units that are locked to different territories",
                hint="Lock all of the group to one territory, or take the unit out of the group.",
            )
        found[merged[unit]] = locked[unit]
    return found


def _apart(apart: Int, merged: Int) -> Int:
    pairs = merged[apart].reshape(-1, 2)
    if (pairs[:, 0] == pairs[:, 1]).any():
        raise OptionError(
            "a pair that is to be kept apart is in one keep-together group",
            hint="A group takes in the units on the shortest way between its members; part it.",
        )
    return np.unique(np.sort(pairs, axis=1), axis=0)
