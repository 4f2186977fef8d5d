"""Simulated annealing of boundary flips: one unit at a time changes to a neighbouring territory.

Kirkpatrick, Gelatt, Vecchi 1983. Contiguity holds at every moment (geo.design.local).
"""

import numpy as np

from geo.arrays import Bool, Int32
from geo.design.local import may_leave
from geo.design.score import Neighbours, Sums, Terms, apply_flip, flip_balance, flip_inertia
from geo.jit import kernel


@kernel
def random_unit(state):
    """Next number in [0, 1) of a splitmix64 stream kept in `state` (1, uint64)."""
    state[0] += np.uint64(0x9E3779B97F4A7C15)
    z = state[0]
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    z = z ^ (z >> np.uint64(31))
    return float(z >> np.uint64(11)) * (1.0 / 9007199254740992.0)


@kernel
def _is_border(i, labels, indptr, indices, movable):
    if not movable[i]:
        return False
    for e in range(indptr[i], indptr[i + 1]):
        if labels[indices[e]] != labels[i] and movable[indices[e]]:
            return True
    return False


@kernel
def _anneal(
    labels, load, moment, units, indptr, indices, masks, xyz, mass, activity, targets, strength,
    shape, border, movable, proposals, hot, cold, state,
):  # fmt: skip
    n = len(labels)
    place = np.full(n, -1, np.int32)
    ring = np.empty(n, np.int32)
    size = 0
    for i in range(n):
        if _is_border(i, labels, indptr, indices, movable):
            place[i] = size
            ring[size] = i
            size += 1
    cooling = (cold / hot) ** (1.0 / max(proposals, 1))
    heat = hot
    for _ in range(proposals):
        heat *= cooling
        if size == 0:
            break
        i = ring[int(random_unit(state) * size)]
        a = labels[i]
        first, degree = indptr[i], indptr[i + 1] - indptr[i]
        pick = indices[first + int(random_unit(state) * degree)]
        b = labels[pick]
        if b == a or units[a] == 1 or not movable[pick]:
            continue
        own = 0
        new = 0
        for e in range(first, first + degree):
            other = labels[indices[e]]
            if other == a:
                own += 1
            elif other == b:
                new += 1
        change = (
            border * (own - new)
            + shape * flip_inertia(i, a, b, moment, xyz, mass)
            + flip_balance(i, a, b, load, activity, targets, strength)
        )
        if change > 0.0 and (change > 30.0 * heat or random_unit(state) >= np.exp(-change / heat)):
            continue
        if not may_leave(i, labels, indptr, indices, masks):
            continue
        apply_flip(i, a, b, labels, load, moment, units, activity, xyz, mass)
        for e in range(first - 1, first + degree):
            s = i if e < first else indices[e]
            on = _is_border(s, labels, indptr, indices, movable)
            if on and place[s] < 0:
                place[s] = size
                ring[size] = s
                size += 1
            elif not on and place[s] >= 0:
                size -= 1
                last = ring[size]
                ring[place[s]] = last
                place[last] = place[s]
                place[s] = -1


def anneal(
    terms: Terms,
    graph: Neighbours,
    labels: Int32,
    sums: Sums,
    movable: Bool,
    *,
    proposals: int,
    hot: float,
    cold: float,
    state: np.ndarray[tuple[int], np.dtype[np.uint64]],
) -> None:
    """Anneal `labels` in place, from temperature `hot` to `cold`, within the `movable` units."""
    _anneal(
        labels, sums.load, sums.moment, sums.units, graph.indptr, graph.indices, graph.masks,
        terms.xyz, terms.mass, terms.activity, terms.targets, terms.strength, terms.shape,
        terms.border, movable, proposals, hot, cold, state,
    )  # fmt: skip
