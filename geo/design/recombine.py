"""Recombination: two neighbouring territories are merged and cut apart anew.

After ReCom (DeFord, Duchin, Solomon 2021): a random spanning tree of the union is cut at the edge
that is best for the objective, so both sides hang together by construction. It frees what single
flips cannot: dense cores where a territory is four or five heavy cells.
"""

import numpy as np

from geo.arrays import Int32
from geo.design.flips import random_unit
from geo.design.score import Neighbours, Sums, Terms, imbalance
from geo.design.tree import random_tree, sum_subtrees
from geo.jit import kernel

_CANDIDATES = 4  # the most unbalanced of so many random territories begins


@kernel
def _first_territory(active, load, targets, strength, state):
    """A random active territory, more often one that is out of balance."""
    a = np.int64(active[int(random_unit(state) * len(active))])
    for _ in range(_CANDIDATES - 1):
        other = np.int64(active[int(random_unit(state) * len(active))])
        if imbalance(load, targets, strength, other) > imbalance(load, targets, strength, a):
            a = other
    return a


@kernel
def _second_territory(a, order, size, labels, indptr, indices, state):
    """The owner across a random border edge of a, whose units are order[:size]; -1 if none."""
    turn = int(random_unit(state) * size)
    for t in range(size):
        unit = order[(t + turn) % size]
        for e in range(indptr[unit], indptr[unit + 1]):
            if labels[indices[e]] != a:
                return np.int64(labels[indices[e]])
    return np.int64(-1)


@kernel
def _spread(moment):
    """The part of the inertia that depends on the cut: -|Σ v x|² / Σ v."""
    if moment[3] <= 0.0:
        return 0.0
    return -(moment[0] ** 2 + moment[1] ** 2 + moment[2] ** 2) / moment[3]


@kernel
def _pair_imbalance(part, whole, a, b, targets, strength):
    """Imbalance if a gets `part` of the loads and b the rest of `whole`."""
    total = 0.0
    for j in range(len(strength)):
        in_a = (part[j] - targets[a, j]) / targets[a, j]
        in_b = (whole[j] - part[j] - targets[b, j]) / targets[b, j]
        total += strength[j] * (in_a * in_a + in_b * in_b)
    return total


@kernel
def _best_cut(size, sub_load, sub_moment, a, b, targets, strength, shape):
    """(value, subtree, whether the subtree becomes a) of the best edge of the tree to cut."""
    rest = np.empty(4)
    best, found, for_a = np.inf, 0, True
    for t in range(1, size):
        for d in range(4):
            rest[d] = sub_moment[0, d] - sub_moment[t, d]
        form = shape * (_spread(sub_moment[t]) + _spread(rest))
        as_a = form + _pair_imbalance(sub_load[t], sub_load[0], a, b, targets, strength)
        as_b = form + _pair_imbalance(sub_load[t], sub_load[0], b, a, targets, strength)
        if as_a < best:
            best, found, for_a = as_a, t, True
        if as_b < best:
            best, found, for_a = as_b, t, False
    return best, found, for_a


@kernel
def _mark_subtree(found, for_a, size, order, parent, owner, a, b):
    """Write into `owner` whose each unit becomes; parents stand before their children in order."""
    inside, outside = (a, b) if for_a else (b, a)
    for t in range(size):
        if t == found or (t > found and owner[order[parent[t]]] == inside):
            owner[order[t]] = inside
        else:
            owner[order[t]] = outside


@kernel
def _longer_border(size, order, labels, owner, indptr, indices, a, b):
    """By how many edges the border between a and b grows."""
    twice = 0
    for t in range(size):
        unit = order[t]
        for e in range(indptr[unit], indptr[unit + 1]):
            other = indices[e]
            if labels[other] == a or labels[other] == b:
                twice += int(owner[other] != owner[unit]) - int(labels[other] != labels[unit])
    return twice // 2


@kernel
def _hand_over(size, order, owner, labels, member, load, moment, units, activity, xyz, mass, a, b):
    """Give the units order[:size] to their new owners and recompute the sums of both."""
    for k in (a, b):
        units[k] = 0
        load[k, :] = 0.0
        moment[k, :] = 0.0
    for t in range(size):
        unit = order[t]
        k = owner[unit]
        labels[unit] = k
        member[k] = unit
        units[k] += 1
        for j in range(load.shape[1]):
            load[k, j] += activity[unit, j]
        for d in range(3):
            moment[k, d] += mass[unit] * xyz[unit, d]
        moment[k, 3] += mass[unit]


@kernel
def _recombine(
    labels, load, moment, units, indptr, indices, xyz, mass, activity, targets, strength,
    shape, border, active, rounds, trees, most, hot, cold, state,
):  # fmt: skip
    n = len(labels)
    member = np.zeros(len(units), np.int32)  # some unit of each territory
    for i in range(n):
        member[labels[i]] = i
    is_active = np.zeros(len(units), np.bool_)
    is_active[active] = True
    order, parent = np.empty(n, np.int32), np.empty(n, np.int32)
    position = np.full(n, -1, np.int32)
    owner, best_owner = np.zeros(n, np.int64), np.zeros(n, np.int64)
    sub_load, sub_moment = np.empty((most, load.shape[1])), np.empty((most, 4))
    cooling = (cold / hot) ** (1.0 / max(rounds, 1))
    heat = hot
    for _ in range(rounds):
        heat *= cooling
        a = _first_territory(active, load, targets, strength, state)
        if units[a] >= most:
            continue
        start = member[a]
        size = random_tree(start, a, a, labels, indptr, indices, order, parent, position, state)
        b = _second_territory(a, order, size, labels, indptr, indices, state)
        if b < 0 or not is_active[b] or units[a] + units[b] > most:
            continue
        now = (
            shape * (_spread(moment[a]) + _spread(moment[b]))
            + imbalance(load, targets, strength, a)
            + imbalance(load, targets, strength, b)
        )
        best = np.inf
        for _ in range(trees):
            size = random_tree(start, a, b, labels, indptr, indices, order, parent, position, state)
            sum_subtrees(size, order, parent, activity, xyz, mass, sub_load, sub_moment)
            value, found, for_a = _best_cut(
                size, sub_load, sub_moment, a, b, targets, strength, shape
            )
            if value < best:
                best = value
                _mark_subtree(found, for_a, size, order, parent, owner, a, b)
                for t in range(size):
                    best_owner[order[t]] = owner[order[t]]
        if best == np.inf:
            continue
        longer = _longer_border(size, order, labels, best_owner, indptr, indices, a, b)
        change = best - now + border * longer
        if change > 0.0 and random_unit(state) >= np.exp(-change / heat):
            continue
        _hand_over(
            size, order, best_owner, labels, member, load, moment, units, activity, xyz, mass, a, b
        )


def recombine(
    terms: Terms,
    graph: Neighbours,
    labels: Int32,
    sums: Sums,
    active: Int32,
    *,
    rounds: int,
    trees: int,
    most: int,
    hot: float,
    cold: float,
    state: np.ndarray[tuple[int], np.dtype[np.uint64]],
) -> None:
    """Recombine random neighbouring pairs of `active` territories in place, by Metropolis' rule.

    `trees` spanning trees are tried a round and the best cut of all of them is proposed; pairs of
    more than `most` units are left to single flips, which serve them as well for less.
    """
    _recombine(
        labels, sums.load, sums.moment, sums.units, graph.indptr, graph.indices, terms.xyz,
        terms.mass, terms.activity, terms.targets, terms.strength, terms.shape, terms.border,
        active, rounds, trees, most, hot, cold, state,
    )  # fmt: skip
