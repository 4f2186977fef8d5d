"""Simulated annealing of single flips on a small graph: good plans, from which the proof starts.

Every state is a complete and contiguous plan; loads outside their limits are charged, not
forbidden, so that the search can pass between balanced plans. What it finds is an upper bound.
"""

import math

import numpy as np

from geo.exact.whole import stays_whole
from geo.jit import kernel

INERTIA, CUT_EDGES = 0, 1


@kernel
def draw(state):
    """Xorshift64*: the next number in [0, 1)."""
    x = state[0]
    x ^= x >> np.uint64(12)
    x ^= x << np.uint64(25)
    x ^= x >> np.uint64(27)
    state[0] = x
    return float((x * np.uint64(2685821657736338717)) >> np.uint64(11)) / 9007199254740992.0


@kernel
def _best_center(moment, labels, k, cost, unit, sign):
    """Least moment of territory k about one of its units, with `unit` added or taken away."""
    least = np.inf
    for j in range(len(labels)):
        inside = labels[j] == k
        if j == unit:
            inside = sign > 0
        if inside:
            value = moment[k, j] + sign * cost[unit, j]
            least = min(least, value)
    return least


@kernel
def _excess(load, low, high, target, k, unit_load, sign):
    """How far the loads of k are outside their limits, in targets, with a unit added or gone."""
    total = 0.0
    for m in range(load.shape[1]):
        value = load[k, m] + sign * unit_load[m]
        total += max(0.0, value - high[k, m], low[k, m] - value) / target[k, m]
    return total


@kernel
def anneal(
    indptr, indices, activity, low, high, target, allowed, cost, objective, labels, steps, hot,
    cold, scale, penalty, state,
):  # fmt: skip
    """Anneal `labels` in place; returns (best labels within the limits, value), inf if none.

    `cost` (n, n) moment of a unit about each centre; `scale` turns the objective into energy,
    `penalty` the excess of a load, in targets. The temperature falls from `hot` to `cold`.
    """
    n, p = len(labels), len(low)
    load = np.zeros(low.shape)
    moment = np.zeros((p, n))
    for i in range(n):
        load[labels[i]] += activity[i]
        if objective == INERTIA:
            moment[labels[i]] += cost[i]
    nothing = np.zeros(activity.shape[1])
    value = np.zeros(p)
    over = np.zeros(p)
    cut = 0
    for k in range(p):
        over[k] = _excess(load, low, high, target, k, nothing, 1.0)
        if objective == INERTIA:
            least = np.inf
            for j in range(n):
                if labels[j] == k:
                    least = min(least, moment[k, j])
            value[k] = least
    for i in range(n):
        for e in range(indptr[i], indptr[i + 1]):
            if labels[i] < labels[indices[e]]:
                cut += 1
    rows = np.empty(len(indices), np.int32)
    for i in range(n):
        rows[indptr[i] : indptr[i + 1]] = i
    stack = np.empty(n, np.int32)
    seen = np.zeros(n, np.int64)
    best = labels.copy()
    best_value = np.inf
    cooling = (cold / hot) ** (1.0 / max(steps, 1))
    heat = hot
    for step in range(steps):
        heat *= cooling
        if over.sum() == 0.0:
            now = float(cut) if objective == CUT_EDGES else value.sum()
            if now < best_value:
                best_value = now
                best[:] = labels
        edge = int(draw(state) * len(indices))
        unit, other = rows[edge], indices[edge]
        a, b = labels[unit], labels[other]
        if a == b or not allowed[unit, b]:
            continue
        over_a = _excess(load, low, high, target, a, activity[unit], -1.0)
        over_b = _excess(load, low, high, target, b, activity[unit], 1.0)
        change = penalty * (over_a + over_b - over[a] - over[b])
        cuts = 0
        value_a, value_b = 0.0, 0.0
        if objective == CUT_EDGES:
            for e in range(indptr[unit], indptr[unit + 1]):
                near = labels[indices[e]]
                cuts += (near == a) - (near == b)
            change += scale * cuts
        else:
            if change > 40.0 * heat:
                continue
            value_a = _best_center(moment, labels, a, cost, unit, -1.0)
            value_b = _best_center(moment, labels, b, cost, unit, 1.0)
            change += scale * (value_a + value_b - value[a] - value[b])
        if change > 0 and draw(state) >= math.exp(-change / heat):
            continue
        if not stays_whole(indptr, indices, labels, unit, stack, seen, step + 1):
            continue
        labels[unit] = b
        load[a] -= activity[unit]
        load[b] += activity[unit]
        over[a], over[b] = over_a, over_b
        cut += cuts
        if objective == INERTIA:
            moment[a] -= cost[unit]
            moment[b] += cost[unit]
            value[a], value[b] = value_a, value_b
    return best, best_value
