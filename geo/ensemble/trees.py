"""Random spanning trees of two territories taken together.

`uniform`: every spanning tree equally often, by loop-erased random walks (Wilson 1996). `minimal`:
the least tree under independent uniform weights of the edges (Kruskal), which is not uniform but
what most implementations of ReCom draw. Both leave the tree as `order` (each unit after its
parent) and `parent` (for each place in `order` the place of the parent, -1 for the first).
"""

import numpy as np

from geo.design.random import random_unit
from geo.jit import kernel


@kernel
def collect(start, a, b, labels, indptr, indices, place, member):
    """The units of a ∪ b that hang together with `start`; returns how many.

    `member` lists them, `place` (n, -1 before) says where each stands.
    """
    member[0] = start
    place[start] = 0
    size, done = 1, 0
    while done < size:
        unit = member[done]
        done += 1
        for e in range(indptr[unit], indptr[unit + 1]):
            other = indices[e]
            if place[other] < 0 and (labels[other] == a or labels[other] == b):
                place[other] = size
                member[size] = other
                size += 1
    return size


@kernel
def neighbours(size, indptr, indices, place, member, begin, near):
    """The graph of member[:size] alone, by places; next to i are near[begin[i]:begin[i+1]]."""
    count = 0
    for i in range(size):
        begin[i] = count
        for e in range(indptr[member[i]], indptr[member[i] + 1]):
            if place[indices[e]] >= 0:
                near[count] = place[indices[e]]
                count += 1
    begin[size] = count


@kernel
def uniform_tree(size, begin, near, member, order, parent, rank, follow, state):
    """A uniform spanning tree of member[:size]; `rank`, `follow` (size) are scratch."""
    for i in range(size):
        rank[i] = -1  # place in `order` of those that are in the tree
    root = int(random_unit(state) * size)
    order[0], parent[0], rank[root] = member[root], -1, 0
    done = 1
    for first in range(size):
        here = first
        while rank[here] < 0:  # walk until the tree is met; the last exit of each unit counts
            degree = begin[here + 1] - begin[here]
            follow[here] = near[begin[here] + int(random_unit(state) * degree)]
            here = follow[here]
        count, here = 0, first
        while rank[here] < 0:  # the path without its loops, still to be turned about
            rank[here] = done + count
            count += 1
            here = follow[here]
        end, here = rank[here], first
        for i in range(count):
            at = done + count - 1 - i
            order[at] = member[here]
            parent[at] = end if i == count - 1 else at - 1
            rank[here] = at
            here = follow[here]
        done += count


@kernel
def minimal_tree(size, begin, near, member, order, parent, rank, follow, state):
    """The least spanning tree of member[:size] under random weights of the edges."""
    count = begin[size] // 2
    low, high = np.empty(count, np.int32), np.empty(count, np.int32)
    weight = np.empty(count)
    at = 0
    for i in range(size):
        for e in range(begin[i], begin[i + 1]):
            if near[e] > i:
                low[at], high[at] = i, near[e]
                weight[at] = random_unit(state)
                at += 1
    ends = np.empty(2 * (size - 1), np.int32)  # the tree's edges, two ends each
    degree = np.zeros(size + 1, np.int32)
    for i in range(size):
        follow[i] = i  # union-find
    found = 0
    for e in np.argsort(weight):
        i, j = low[e], high[e]
        while follow[i] != i:
            follow[i] = follow[follow[i]]
            i = follow[i]
        while follow[j] != j:
            follow[j] = follow[follow[j]]
            j = follow[j]
        if i != j:
            follow[i] = j
            ends[2 * found], ends[2 * found + 1] = low[e], high[e]
            degree[low[e] + 1] += 1
            degree[high[e] + 1] += 1
            found += 1
            if found == size - 1:
                break
    start = np.cumsum(degree)
    fill, beside = start.copy(), np.empty(2 * (size - 1), np.int32)
    for e in range(found):
        for side in range(2):
            beside[fill[ends[2 * e + side]]] = ends[2 * e + 1 - side]
            fill[ends[2 * e + side]] += 1
    for i in range(size):
        rank[i] = -1
    root = int(random_unit(state) * size)
    follow[0], parent[0], rank[root] = root, -1, 0  # now the places in `member`, in order
    done, reached = 0, 1
    while done < reached:
        here = follow[done]
        order[done] = member[here]
        for e in range(start[here], start[here + 1]):
            if rank[beside[e]] < 0:
                rank[beside[e]] = reached
                follow[reached] = beside[e]
                parent[reached] = done
                reached += 1
        done += 1
