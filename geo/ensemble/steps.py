"""One step of ReCom: two neighbouring territories become one, and are cut apart anew."""

import numpy as np

from geo.design.random import random_unit
from geo.ensemble.trees import collect, minimal_tree, neighbours, uniform_tree
from geo.jit import kernel

TRIES = 1000  # draws of an edge for each edge there is, before a border is given up


@kernel
def border_edge(labels, sources, indices, closed, state):
    """A uniformly random edge between two territories neither of which is closed, -1 for none."""
    for _ in range(TRIES * (len(indices) + 1)):
        e = int(random_unit(state) * len(indices))
        a, b = labels[sources[e]], labels[indices[e]]
        if a != b and not closed[a] and not closed[b]:
            return e
    return -1


@kernel
def within(load, low, high):
    """Whether every measure of a territory lies in its band."""
    valid = True
    for j in range(len(load)):
        valid &= low[j] <= load[j] <= high[j]
    return valid


@kernel
def find_cuts(size, order, parent, a, b, activity, lock, low, high, sub, held, cuts):
    """Which edges of the tree leave both sides valid; returns how many.

    cuts[i] is (the place of the upper end of the subtree) · 4 + 1 where the subtree may become a,
    + 2 where it may become b. `sub` (size, q), `held` (size, 2) are scratch: what hangs below.
    """
    q = activity.shape[1]
    for t in range(size):
        unit = order[t]
        for j in range(q):
            sub[t, j] = activity[unit, j]
        held[t, 0], held[t, 1] = int(lock[unit] == a), int(lock[unit] == b)
    for t in range(size - 1, 0, -1):
        up = np.int64(parent[t])
        for j in range(q):
            sub[up, j] += sub[t, j]
        held[up, 0] += held[t, 0]
        held[up, 1] += held[t, 1]
    rest = np.empty(q)
    found = 0
    for t in range(1, size):
        for j in range(q):
            rest[j] = sub[0, j] - sub[t, j]
        may = 0
        if held[t, 1] == 0 and held[t, 0] == held[0, 0]:
            may += int(within(sub[t], low[a], high[a]) and within(rest, low[b], high[b]))
        if held[t, 0] == 0 and held[t, 1] == held[0, 1]:
            may += 2 * int(within(sub[t], low[b], high[b]) and within(rest, low[a], high[a]))
        if may > 0:
            cuts[found] = 4 * t + may
            found += 1
    return found


@kernel
def part(cut, size, order, parent, a, b, labels, below, state):
    """Give the subtree of `cut` to one of the two and the rest to the other."""
    top, may = cut // 4, cut % 4
    for_a = may == 1 or (may == 3 and random_unit(state) < 0.5)
    inside, outside = (a, b) if for_a else (b, a)
    for t in range(size):
        below[t] = t == top or (t > top and below[parent[t]])
        labels[order[t]] = inside if below[t] else outside


@kernel
def walk(steps, trees, uniform, labels, indptr, indices, sources, activity, lock, closed,
         low, high, state, counts):  # fmt: skip
    """Do `steps` steps in place; a step that finds no cut in `trees` trees changes nothing.

    `counts` (3) grows by the steps done, the steps that cut, and the trees drawn.
    """
    n = len(labels)
    place = np.full(n, -1, np.int32)
    member, order, parent = np.empty(n, np.int32), np.empty(n, np.int32), np.empty(n, np.int32)
    rank, follow = np.empty(n, np.int32), np.empty(n, np.int32)
    begin, near = np.empty(n + 1, np.int32), np.empty(len(indices), np.int32)
    below = np.zeros(n, np.bool_)
    sub, held = np.empty((n, activity.shape[1])), np.empty((n, 2), np.int32)
    cuts = np.empty(n, np.int64)
    for _ in range(steps):
        counts[0] += 1
        e = border_edge(labels, sources, indices, closed, state)
        if e < 0:
            continue
        a, b = labels[sources[e]], labels[indices[e]]
        size = collect(sources[e], a, b, labels, indptr, indices, place, member)
        neighbours(size, indptr, indices, place, member, begin, near)
        for _ in range(trees):
            counts[2] += 1
            if uniform:
                uniform_tree(size, begin, near, member, order, parent, rank, follow, state)
            else:
                minimal_tree(size, begin, near, member, order, parent, rank, follow, state)
            found = find_cuts(size, order, parent, a, b, activity, lock, low, high, sub, held, cuts)
            if found > 0:
                counts[1] += 1
                cut = cuts[int(random_unit(state) * found)]
                part(cut, size, order, parent, a, b, labels, below, state)
                break
        for i in range(size):
            place[member[i]] = -1
