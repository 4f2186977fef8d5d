"""Recombination: two neighbouring territories are merged and cut apart anew.

After ReCom (DeFord, Duchin, Solomon 2021): a random spanning tree of the union is cut at the edge
that is best for the objective, so both sides hang together by construction. It frees what single
flips cannot: dense cores where a territory is four or five heavy cells.
"""

import numpy as np

from geo.design.random import random_unit
from geo.design.score import apply_flip, foes_in, imbalance, spread
from geo.design.tree import count_parted, random_tree, sum_subtrees
from geo.jit import inner, kernel

_CANDIDATES = 4  # the most unbalanced of so many random territories begins


@inner
def _first_territory(region, weights, state):
    """A random territory, more often one that is out of balance."""
    load = region.load
    a = int(random_unit(state) * len(load))
    for _ in range(_CANDIDATES - 1):
        b = int(random_unit(state) * len(load))
        if imbalance(load[b], b, region, weights) > imbalance(load[a], a, region, weights):
            a = b
    return a


@inner
def _second_territory(a, order, size, labels, indptr, indices, state):
    """The owner across a random border edge of a, whose units are order[:size]; -1 if none."""
    turn = int(random_unit(state) * size)
    for t in range(size):
        unit = order[(t + turn) % size]
        for e in range(indptr[unit], indptr[unit + 1]):
            other = labels[indices[e]]
            if other >= 0 and other != a:
                return np.int64(labels[indices[e]])
    return np.int64(-1)


@inner
def _best_cut(size, sub_load, sub_moment, parted, a, b, region, weights):
    """(value, subtree, whether the subtree becomes a) of the best edge of the tree to cut.

    The last rows of `sub_load` and `sub_moment` are scratch: what is left above the edge.
    """
    rest_load, rest = sub_load[-1], sub_moment[-1]
    best, found, for_a = np.inf, 0, True
    for t in range(1, size):
        for d in range(4):
            rest[d] = sub_moment[0, d] - sub_moment[t, d]
        for j in range(len(rest_load)):
            rest_load[j] = sub_load[0, j] - sub_load[t, j]
        form = weights.shape * (spread(sub_moment[t]) + spread(rest)) - weights.apart * parted[t]
        as_a = form + _value(sub_load[t], rest_load, a, b, region, weights)
        as_b = form + _value(rest_load, sub_load[t], a, b, region, weights)
        if as_a < best:
            best, found, for_a = as_a, t, True
        if as_b < best:
            best, found, for_a = as_b, t, False
    return best, found, for_a


@inner
def _value(in_a, in_b, a, b, region, weights):
    """Balance and price terms if a has the loads `in_a` and b `in_b`."""
    return (
        imbalance(in_a, a, region, weights)
        + imbalance(in_b, b, region, weights)
        - weights.shape * (region.price[a] * in_a[0] + region.price[b] * in_b[0])
    )


@inner
def _mark_subtree(found, for_a, size, order, parent, owner, a, b):
    """Write into `owner` whose each unit becomes; parents stand before their children in order."""
    inside, outside = (a, b) if for_a else (b, a)
    for t in range(size):
        if t == found or (t > found and owner[order[parent[t]]] == inside):
            owner[order[t]] = inside
        else:
            owner[order[t]] = outside


@inner
def _other_terms(size, order, owner, region, weights, a, b):
    """Change of the terms of border and anchors if the units order[:size] go to `owner`."""
    twice = 0
    pull = 0.0
    for t in range(size):
        unit = order[t]
        now, then = region.labels[unit], owner[unit]
        pull += region.pull[unit] * (
            int(then != region.anchor[unit]) - int(now != region.anchor[unit])
        )
        for e in range(region.indptr[unit], region.indptr[unit + 1]):
            other = region.indices[e]
            if region.labels[other] == a or region.labels[other] == b:
                twice += int(owner[other] != then) - int(region.labels[other] != now)
    return pull + weights.border * (twice // 2)


@inner
def _parted_now(size, order, a, b, region):
    """How many pairs of foes the territories a and b, which own order[:size], part now."""
    count = 0
    for t in range(size):
        unit = order[t]
        if region.labels[unit] == a:
            count += foes_in(unit, b, region)
    return count


@inner
def propose(start, a, b, trees, region, weights, order, parent, position, owner, best_owner,
            sub_load, sub_moment, parted, state):  # fmt: skip
    """(change of E, size) of the best of `trees` ways to part a ∪ b, which `best_owner` holds.

    `start` is a unit of a; the units are order[:size]. Size 0 where there is no way.
    """
    labels, load, moment = region.labels, region.load, region.moment
    indptr, indices = region.indptr, region.indices
    best, size = np.inf, 0
    for _ in range(trees):
        size = random_tree(start, a, b, labels, indptr, indices, order, parent, position, state)
        sum_subtrees(
            size, order, parent, region.activity, region.xyz, region.mass, sub_load, sub_moment
        )
        if len(region.foes) > 0:
            count_parted(size, order, parent, position, region.foe_start, region.foes, parted)
        value, found, for_a = _best_cut(size, sub_load, sub_moment, parted, a, b, region, weights)
        if value < best:
            best = value
            _mark_subtree(found, for_a, size, order, parent, owner, a, b)
            for t in range(size):
                best_owner[order[t]] = owner[order[t]]
    if best == np.inf:
        return 0.0, 0
    now = weights.shape * (spread(moment[a]) + spread(moment[b]))
    now += _value(load[a], load[b], a, b, region, weights)
    if len(region.foes) > 0:
        now -= weights.apart * _parted_now(size, order, a, b, region)
    return best - now + _other_terms(size, order, best_owner, region, weights, a, b), size


@kernel
def recombine(region, weights, rounds, trees, most, hot, cold, state):
    """Recombine random neighbouring pairs of territories in place, by Metropolis' rule.

    `trees` spanning trees are tried a round and the best cut of all of them is proposed; pairs of
    more than `most` units are left to single flips, which serve them as well for less.
    """
    m = len(region.mass)
    labels, units = region.labels, region.size
    member = np.full(len(units), -1, np.int32)  # some unit of each territory
    held = np.zeros(len(units), np.bool_)
    for i in range(m):
        member[labels[i]] = i
        held[labels[i]] |= region.fixed[i]
    order, parent = np.empty(m, np.int32), np.empty(m, np.int32)
    position = np.full(m + 1, -1, np.int32)
    owner, best_owner = np.zeros(m + 1, np.int64), np.zeros(m + 1, np.int64)
    sub_load, sub_moment = np.empty((most + 1, region.load.shape[1])), np.empty((most + 1, 4))
    parted = np.zeros(most, np.int64)
    cooling = (cold / hot) ** (1.0 / max(rounds, 1))
    heat = hot
    for _ in range(rounds):
        heat *= cooling
        a = _first_territory(region, weights, state)
        if units[a] >= most or held[a]:
            continue
        start = member[a]
        size = random_tree(
            start, a, a, labels, region.indptr, region.indices, order, parent, position, state
        )
        b = _second_territory(a, order, size, labels, region.indptr, region.indices, state)
        if b < 0 or held[b] or units[a] + units[b] > most:
            continue
        change, size = propose(
            start, a, b, trees, region, weights, order, parent, position, owner, best_owner,
            sub_load, sub_moment, parted, state,
        )  # fmt: skip
        if size == 0 or (change > 0.0 and random_unit(state) >= np.exp(-change / heat)):
            continue
        for t in range(size):
            unit = order[t]
            if best_owner[unit] != labels[unit]:
                apply_flip(unit, labels[unit], best_owner[unit], region)
            member[labels[unit]] = unit
