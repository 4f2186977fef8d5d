"""Simulated annealing of boundary flips: one unit at a time changes to a neighbouring territory.

Kirkpatrick, Gelatt, Vecchi 1983. Contiguity holds at every moment (geo.design.local).
"""

import numpy as np

from geo.design.local import may_leave
from geo.design.random import random_unit
from geo.design.score import apply_flip, flip_change
from geo.jit import inner, kernel


@inner
def _foreign(i, region):
    """How many neighbours of unit i are of another territory of the region; 0 if i is fixed."""
    if region.fixed[i]:
        return 0
    count = 0
    for e in range(region.indptr[i], region.indptr[i + 1]):
        other = region.labels[region.indices[e]]
        count += int(other >= 0 and other != region.labels[i])
    return count


@inner
def border_units(region):
    """How many units could flip."""
    count = 0
    for i in range(len(region.mass)):
        count += int(_foreign(i, region) > 0)
    return count


@kernel
def anneal(region, weights, proposals, hot, cold, state):
    """Flip units at random by Metropolis' rule, from temperature `hot` down to `cold`, in place.

    A proposal is a border unit and one of its edges to another territory.
    """
    m = len(region.mass)
    _flip_at_random(
        region, weights, proposals, hot, cold, state,
        np.full(m, -1, np.int32), np.empty(m, np.int32),
    )  # fmt: skip


@inner
def _flip_at_random(region, weights, proposals, hot, cold, state, place, ring):
    """`ring` (m) holds the border units, and `place` (m) where each stands there, -1 elsewhere."""
    m = len(region.mass)
    size = 0
    for i in range(m):
        if _foreign(i, region) > 0:
            place[i] = size
            ring[size] = i
            size += 1
    labels, indptr, indices = region.labels, region.indptr, region.indices
    cooling = (cold / hot) ** (1.0 / max(proposals, 1))
    heat = hot
    for _ in range(proposals):
        heat *= cooling
        if size == 0:
            break
        i = ring[int(random_unit(state) * size)]
        a = labels[i]
        if region.size[a] == 1:
            continue
        own, foreign = 0, 0
        for e in range(indptr[i], indptr[i + 1]):
            other = labels[indices[e]]
            own += int(other == a)
            foreign += int(other >= 0 and other != a)
        turn = int(random_unit(state) * foreign)
        b = a
        for e in range(indptr[i], indptr[i + 1]):
            other = labels[indices[e]]
            if other >= 0 and other != a:
                if turn == 0:
                    b = other
                    break
                turn -= 1
        new = 0
        for e in range(indptr[i], indptr[i + 1]):
            new += int(labels[indices[e]] == b)
        change = flip_change(i, a, b, own - new, region, weights)
        if change > 0.0 and (change > 30.0 * heat or random_unit(state) >= np.exp(-change / heat)):
            continue
        if not may_leave(i, labels, indptr, indices, region.masks):
            continue
        apply_flip(i, a, b, region)
        for e in range(indptr[i] - 1, indptr[i + 1]):
            s = i if e < indptr[i] else indices[e]
            if s == m:
                continue
            on = _foreign(s, region) > 0
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
