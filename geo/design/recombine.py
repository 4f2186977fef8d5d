"""Recombination: two neighbouring territories are merged and cut apart anew.

After ReCom (DeFord, Duchin, Solomon 2021): a random spanning tree of the union is cut at the edge
that is best for the objective, so both sides hang together by construction. It frees what single
flips cannot: dense cores where a territory is four or five heavy cells.
"""

import numpy as np

from geo.arrays import Int32
from geo.design.flips import random_unit
from geo.design.score import Neighbours, Sums, Terms, imbalance
from geo.jit import kernel


@kernel
def _random_tree(start, a, b, labels, indptr, indices, order, parent, position, state):  # type: ignore[no-untyped-def]
    """Grow a random spanning tree of a ∪ b; `order` lists its units, roots first. Returns size."""
    order[0] = start
    parent[0] = -1
    position[start] = 0
    size = 1
    done = 0
    # Units in order[done:size] wait; a random one of them grows next, most often a recent one.
    while done < size:
        span = size - done
        if random_unit(state) < 0.5:
            pick = done + int(random_unit(state) * span)
        else:
            pick = size - 1 - int(random_unit(state) * min(span, 3))
        unit, up = order[pick], parent[pick]
        order[pick], parent[pick] = order[done], parent[done]
        position[order[pick]] = pick
        order[done], parent[done] = unit, up
        position[unit] = done
        done += 1
        degree = indptr[unit + 1] - indptr[unit]
        turn = int(random_unit(state) * degree)
        for t in range(degree):
            other = indices[indptr[unit] + (t + turn) % degree]
            if position[other] < 0 and (labels[other] == a or labels[other] == b):
                order[size] = other
                parent[size] = unit
                position[other] = size
                size += 1
    return size


@kernel
def _spread(moment):  # type: ignore[no-untyped-def]
    """The part of the inertia that depends on the cut: -|Σ v x|² / Σ v."""
    if moment[3] <= 0.0:
        return 0.0
    return -(moment[0] ** 2 + moment[1] ** 2 + moment[2] ** 2) / moment[3]


@kernel
def _pair_imbalance(part, whole, a, b, targets, strength):  # type: ignore[no-untyped-def]
    """Imbalance if a gets `part` of the loads and b the rest of `whole`."""
    total = 0.0
    for j in range(len(strength)):
        in_a = (part[j] - targets[a, j]) / targets[a, j]
        in_b = (whole[j] - part[j] - targets[b, j]) / targets[b, j]
        total += strength[j] * (in_a * in_a + in_b * in_b)
    return total


@kernel
def _recombine(
    labels, load, moment, units, indptr, indices, xyz, mass, activity, targets, strength,
    shape, border, active, rounds, trees, most, hot, cold, state,
):  # type: ignore[no-untyped-def]  # fmt: skip
    n, p, q = len(labels), len(units), load.shape[1]
    member = np.zeros(p, np.int32)
    for i in range(n):
        member[labels[i]] = i
    order = np.empty(n, np.int32)
    parent = np.empty(n, np.int32)
    position = np.full(n, -1, np.int32)
    sub_load = np.empty((n, q))
    sub_moment = np.empty((n, 4))
    sub_units = np.empty(n, np.int32)
    best_side = np.zeros(n, np.uint8)
    whole = np.empty(q)
    rest = np.empty(4)
    accepted = 0
    cooling = (cold / hot) ** (1.0 / max(rounds, 1))
    heat = hot
    for _ in range(rounds):
        heat *= cooling
        # The first territory: more often one that is out of balance.
        a = np.int64(active[int(random_unit(state) * len(active))])
        for _ in range(3):
            other = np.int64(active[int(random_unit(state) * len(active))])
            if imbalance(load, targets, strength, other) > imbalance(load, targets, strength, a):
                a = other
        if units[a] > most:
            continue
        # The second: the owner across a random border edge, found by a walk through a.
        start = member[a]
        size = _random_tree(start, a, a, labels, indptr, indices, order, parent, position, state)
        b = np.int64(-1)
        turn = int(random_unit(state) * size)
        for t in range(size):
            unit = order[(t + turn) % size]
            for e in range(indptr[unit], indptr[unit + 1]):
                if labels[indices[e]] != a:
                    b = np.int64(labels[indices[e]])
                    break
            if b >= 0:
                break
        for t in range(size):
            position[order[t]] = -1
        if b < 0 or units[a] + units[b] > most:
            continue
        allowed = False
        for t in range(len(active)):
            if active[t] == b:
                allowed = True
                break
        if not allowed:
            continue
        for j in range(q):
            whole[j] = load[a, j] + load[b, j]
        best = np.inf
        best_a = True
        now = (
            shape * (_spread(moment[a]) + _spread(moment[b]))
            + imbalance(load, targets, strength, a)
            + imbalance(load, targets, strength, b)
        )
        for _ in range(trees):
            size = _random_tree(
                start, a, b, labels, indptr, indices, order, parent, position, state
            )
            for t in range(size):
                unit = order[t]
                sub_units[t] = 1
                for j in range(q):
                    sub_load[t, j] = activity[unit, j]
                for d in range(3):
                    sub_moment[t, d] = mass[unit] * xyz[unit, d]
                sub_moment[t, 3] = mass[unit]
            for t in range(size - 1, 0, -1):
                up = position[parent[t]]
                sub_units[up] += sub_units[t]
                for j in range(q):
                    sub_load[up, j] += sub_load[t, j]
                for d in range(4):
                    sub_moment[up, d] += sub_moment[t, d]
            found = -1
            for t in range(1, size):
                for d in range(4):
                    rest[d] = sub_moment[0, d] - sub_moment[t, d]
                form = shape * (_spread(sub_moment[t]) + _spread(rest))
                as_a = form + _pair_imbalance(sub_load[t], whole, a, b, targets, strength)
                as_b = form + _pair_imbalance(sub_load[t], whole, b, a, targets, strength)
                if as_a < best:
                    best, found, best_a = as_a, t, True
                if as_b < best:
                    best, found, best_a = as_b, t, False
            if found >= 0:
                # Units of the subtree are those whose chain of parents meets its root.
                for t in range(size):
                    side = np.uint8(1) if t == found else np.uint8(0)
                    if t > 0 and best_side[parent[t]] == 1 and parent[t] != order[found]:
                        side = np.uint8(1)
                    if t > 0 and parent[t] == order[found]:
                        side = np.uint8(1)
                    best_side[order[t]] = side
            for t in range(size):
                position[order[t]] = -1
        if best == np.inf:
            continue
        # The border before and after, then Metropolis' rule.
        before = 0
        after = 0
        for t in range(size):
            unit = order[t]
            for e in range(indptr[unit], indptr[unit + 1]):
                other = indices[e]
                inside = labels[other] == a or labels[other] == b
                if inside:
                    if labels[other] != labels[unit]:
                        before += 1
                    if best_side[other] != best_side[unit]:
                        after += 1
        change = best - now + border * 0.5 * (after - before)
        if change > 0.0 and random_unit(state) >= np.exp(-change / heat):
            continue
        accepted += 1
        for k in (a, b):
            units[k] = 0
            for j in range(q):
                load[k, j] = 0.0
            for d in range(4):
                moment[k, d] = 0.0
        for t in range(size):
            unit = order[t]
            k = a if (best_side[unit] == 1) == best_a else b
            labels[unit] = k
            member[k] = unit
            units[k] += 1
            for j in range(q):
                load[k, j] += activity[unit, j]
            for d in range(3):
                moment[k, d] += mass[unit] * xyz[unit, d]
            moment[k, 3] += mass[unit]
    return accepted


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
) -> int:
    """Recombine random neighbouring pairs of `active` territories in place; accepted moves.

    `trees` spanning trees are tried a round and the best cut of all of them is proposed; pairs of
    more than `most` units are left to single flips, which serve them as well for less.
    """
    return int(
        _recombine(
            labels, sums.load, sums.moment, sums.units, graph.indptr, graph.indices, terms.xyz,
            terms.mass, terms.activity, terms.targets, terms.strength, terms.shape, terms.border,
            active, rounds, trees, most, hot, cold, state,
        )
    )  # fmt: skip
