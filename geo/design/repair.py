"""From any labels to a complete plan: every territory non-empty and in one piece.

Idempotent: a plan that is whole comes back unchanged.
"""

import heapq

import numpy as np

from geo.arrays import Bool, Float, Int32
from geo.cells.graph import CellGraph
from geo.errors import OptionError
from geo.jit import kernel

_LAST = 1e12  # km²: after everything else


def repair(
    graph: CellGraph,
    labels: Int32,
    weight: Float,
    cost: Float,
    near: Int32,
    p: int,
    held: Bool | None = None,
    closed: Bool | None = None,
) -> Int32:
    """Keep each territory's heaviest piece, give the rest to neighbours, fill empty territories.

    `cost` (n, c) is the power distance to the territories `near` (n, c), cheapest first: stray
    units go to the adjoining territory that is cheapest for them. `held` (n) units keep their
    territory whatever it costs; `closed` (p) territories take no strays.
    """
    labels = labels.astype(np.int32).copy()
    held = np.zeros(len(labels), dtype=bool) if held is None else held
    closed = np.zeros(p, dtype=bool) if closed is None else closed
    heft = weight + weight.sum() * held  # the piece with what is held is the one to keep
    for _ in range(p + 1):
        kept = held | heaviest_pieces(graph, labels, heft)
        labels = _grow(graph, np.where(kept, labels, -1).astype(np.int32), cost, near, closed)
        empty = np.flatnonzero(np.bincount(labels, minlength=p) == 0)
        if len(empty) == 0:
            return labels
        labels[_unit_for(int(empty[0]), labels, cost, near, held)] = empty[0]
    raise AssertionError("unreachable: every round fills one territory and empties none")


def heaviest_pieces(graph: CellGraph, labels: Int32, weight: Float) -> Bool:
    """Which units belong to the heaviest connected piece of their territory, shape (n)."""
    piece, heft, owner = _pieces(graph.indptr, graph.indices, labels, weight)
    order = np.lexsort((-heft, owner))
    kept = np.zeros(len(heft), dtype=bool)
    kept[order[np.unique(owner[order], return_index=True)[1]]] = True
    return np.asarray(kept[piece])


@kernel
def _pieces(indptr, indices, labels, weight):
    """Each unit's piece (n), and what each piece weighs and to whom it belongs; a unit counts a

    billionth besides its weight, so that of pieces without weight the largest is the heaviest.
    """
    n = len(labels)
    piece, queue = np.full(n, -1, np.int64), np.empty(n, np.int64)
    heft, owner = np.zeros(n), np.empty(n, np.int64)
    count = 0
    for first in range(n):
        if piece[first] >= 0:
            continue
        piece[first], owner[count] = count, labels[first]
        queue[0] = first
        done, known = 0, 1
        while done < known:
            unit = queue[done]
            done += 1
            heft[count] += weight[unit] + 1e-9
            for e in range(indptr[unit], indptr[unit + 1]):
                other = indices[e]
                if piece[other] < 0 and labels[other] == labels[first]:
                    piece[other] = count
                    queue[known] = other
                    known += 1
        count += 1
    return piece, heft[:count], owner[:count]


def _grow(graph: CellGraph, labels: Int32, cost: Float, near: Int32, closed: Bool) -> Int32:
    """Give each unlabelled unit to an adjoining territory, cheapest first (Prim-like).

    A closed one is taken only where there is no other way.
    """
    heap: list[tuple[float, int, int]] = []

    def offer(unit: int, territory: int) -> None:
        match = np.flatnonzero(near[unit] == territory)
        extra = cost[unit, match[0]] if len(match) else cost[unit, -1] + abs(cost[unit, -1]) + 1.0
        extra += _LAST * closed[territory]
        heapq.heappush(heap, (float(extra - cost[unit, 0]), unit, territory))

    for unit in np.flatnonzero(labels < 0).tolist():
        for other in graph.indices[graph.indptr[unit] : graph.indptr[unit + 1]]:
            if labels[other] >= 0:
                offer(unit, int(labels[other]))
    while heap:
        _, unit, territory = heapq.heappop(heap)
        if labels[unit] >= 0:
            continue
        labels[unit] = territory
        for other in graph.indices[graph.indptr[unit] : graph.indptr[unit + 1]]:
            if labels[other] < 0:
                offer(int(other), territory)
    return labels


def _unit_for(territory: int, labels: Int32, cost: Float, near: Int32, held: Bool) -> int:
    """The unit that minds least to found `territory`; its owner keeps at least one other."""
    spare = (np.bincount(labels)[labels] > 1) & ~held
    match = near == territory
    regret = np.where(match, cost - cost[:, :1], np.inf).min(axis=1)
    if not np.isfinite(regret[spare]).any():
        regret = np.where(spare, np.bincount(labels)[labels] * -1.0, np.inf)
    regret = np.where(spare, regret, np.inf)
    if not spare.any():
        raise OptionError(
            "locked units and the ways between them leave no unit for another territory",
            hint="Lock fewer units, or ask for fewer territories.",
        )
    return int(np.argmin(regret))
