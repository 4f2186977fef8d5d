"""Random spanning trees of two territories, and what hangs below each of their edges."""

import numpy as np

from geo.design.random import random_unit
from geo.jit import inner


@inner
def random_tree(start, a, b, labels, indptr, indices, order, parent, position, state):
    """Grow a random spanning tree of a ∪ b from the unit `start`; returns its size.

    `order` lists its units, each after its parent; `parent` gives, for each place in `order`, the
    place of the parent (-1 for the first). `position` (n) must hold -1 and does so again after.
    """
    order[0] = start
    parent[0] = -1
    position[start] = 0
    size = 1
    done = 0
    # order[done:size] waits; a random unit of it grows next, every other time a recent one.
    while done < size:
        span = size - done
        if random_unit(state) < 0.5:
            pick = done + int(random_unit(state) * span)
        else:
            pick = size - 1 - int(random_unit(state) * min(span, 3))
        order[pick], order[done] = order[done], order[pick]
        parent[pick], parent[done] = parent[done], parent[pick]
        unit = order[done]
        degree = indptr[unit + 1] - indptr[unit]
        turn = int(random_unit(state) * degree)
        for t in range(degree):
            other = indices[indptr[unit] + (t + turn) % degree]
            if position[other] < 0 and (labels[other] == a or labels[other] == b):
                order[size] = other
                parent[size] = done
                position[other] = 0
                size += 1
        done += 1
    for t in range(size):
        position[order[t]] = -1
    return size


@inner
def sum_subtrees(size, order, parent, activity, xyz, mass, sub_load, sub_moment):
    """Loads (size, q) and moments (size, 4) of the subtree below each unit of the tree."""
    q = activity.shape[1]
    for t in range(size):
        unit = order[t]
        for j in range(q):
            sub_load[t, j] = activity[unit, j]
        for d in range(3):
            sub_moment[t, d] = mass[unit] * xyz[unit, d]
        sub_moment[t, 3] = mass[unit]
    for t in range(size - 1, 0, -1):
        up = np.int64(parent[t])
        for j in range(q):
            sub_load[up, j] += sub_load[t, j]
        for d in range(4):
            sub_moment[up, d] += sub_moment[t, d]


@inner
def count_parted(size, order, parent, place, foe_start, foes, parted):
    """How many pairs of foes the edge above each unit of the tree would part, (size).

    `place` (n + 1) must hold -1 and does so again after.
    """
    parted[:size] = 0
    for t in range(size):
        place[order[t]] = t
    for t in range(size):
        for e in range(foe_start[order[t]], foe_start[order[t] + 1]):
            other = np.int64(place[foes[e]])
            if other <= t:
                continue
            # Every edge on the way between them: up from both, but not above where they meet.
            parted[t] += 1
            parted[other] += 1
            up = np.int64(t)
            while up != other:
                if up > other:
                    up = np.int64(parent[up])
                else:
                    other = np.int64(parent[other])
            parted[up] -= 2
    for t in range(size - 1, 0, -1):
        parted[parent[t]] += parted[t]
    for t in range(size):
        place[order[t]] = -1
