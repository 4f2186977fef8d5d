"""Heuristic pricing: connected territories of low reduced cost, by annealing from known ones."""

import math

import numpy as np

from geo.arrays import Bool, Float
from geo.exact.anneal import draw
from geo.exact.instance import Instance
from geo.exact.pricing import Decision
from geo.exact.whole import stays_whole
from geo.jit import kernel

_RUNS = 400
_STEPS = 1_000  # proposals for each unit
_HOT, _COLD, _PENALTY = 2.0, 0.05, 60.0
_GAIN = 1e-6  # a reduced cost below minus this is worth a column


def grow_many(
    instance: Instance, starts: list[tuple[Bool, int]], prize: Float, base: Float,
    decisions: tuple[Decision, ...], state: "np.ndarray[tuple[int], np.dtype[np.uint64]]",
) -> list[Bool]:  # fmt: skip
    """Territories whose value is below the `base` (K) of their kind, from `starts` of a kind."""
    found: dict[bytes, Bool] = {}
    if not starts:
        return []
    pairs = np.array([(a, b, same) for a, b, same in decisions], dtype=np.int64).reshape(-1, 3)
    for _ in range(_RUNS):
        inside, kind = starts[int(draw(state) * len(starts))]
        best, value = _grow(
            instance.graph.indptr, instance.graph.indices, instance.activity, instance.low[kind],
            instance.high[kind], instance.target[kind], prize,
            np.ascontiguousarray(instance.allowed[:, kind]), pairs, inside.copy(),
            _STEPS * len(inside), _HOT,
            _COLD, _PENALTY, state,
        )  # fmt: skip
        if value < base[kind] - _GAIN:
            found[best.tobytes()] = best
    return list(found.values())


@kernel
def _broken(pairs, inside, d):
    """0.02 targets for a decision that the territory does not obey."""
    one, other = inside[pairs[d, 0]], inside[pairs[d, 1]]
    wrong = one != other if pairs[d, 2] else one and other
    return 0.02 if wrong else 0.0


@kernel
def _grow(
    indptr, indices, activity, low, high, target, prize, free, pairs, inside, steps, hot, cold,
    penalty, state,
):  # fmt: skip
    """Anneal the territory `inside` in place; returns (best within limits, its value).

    Value: half its cut edges less its units' `prize` (n).
    """
    n = len(inside)
    q = activity.shape[1]
    load = np.zeros(q)
    value = 0.0
    for i in range(n):
        if inside[i]:
            load += activity[i]
            value -= prize[i]
            for e in range(indptr[i], indptr[i + 1]):
                if not inside[indices[e]]:
                    value += 0.5
    over = 0.0
    for d in range(len(pairs)):
        over += _broken(pairs, inside, d)
    for m in range(q):
        over += max(0.0, load[m] - high[m], low[m] - load[m]) / target[m]
    rows = np.empty(len(indices), np.int32)
    for i in range(n):
        rows[indptr[i] : indptr[i + 1]] = i
    stack = np.empty(n, np.int32)
    seen = np.zeros(n, np.int64)
    best = inside.copy()
    best_value = np.inf
    cooling = (cold / hot) ** (1.0 / max(steps, 1))
    heat = hot
    for step in range(steps):
        heat *= cooling
        if over == 0.0 and value < best_value - 1e-12:
            best_value = value
            best[:] = inside
        edge = int(draw(state) * len(indices))
        a, b = rows[edge], indices[edge]
        if inside[a] == inside[b]:
            continue
        if not free[a]:
            continue
        sign = -1.0 if inside[a] else 1.0
        cuts = 0
        for e in range(indptr[a], indptr[a + 1]):
            cuts += 1 if inside[indices[e]] == inside[a] else -1
        gain = 0.5 * cuts - sign * prize[a]
        out = 0.0
        if len(pairs):
            inside[a] = not inside[a]
            for d in range(len(pairs)):
                out += _broken(pairs, inside, d)
            inside[a] = not inside[a]
        for m in range(q):
            now = load[m] + sign * activity[a, m]
            out += max(0.0, now - high[m], low[m] - now) / target[m]
        change = gain + penalty * (out - over)
        if change > 0 and draw(state) >= math.exp(-change / heat):
            continue
        if sign < 0 and not stays_whole(indptr, indices, inside, a, stack, seen, step + 1):
            continue
        inside[a] = not inside[a]
        load += sign * activity[a]
        value += gain
        over = out
    return best, best_value
