"""A good plan to begin with: many short annealings from random starts."""

from collections.abc import Callable

import numpy as np

from geo.arrays import Int32
from geo.exact.anneal import CUT_EDGES, INERTIA, anneal
from geo.exact.instance import Instance
from geo.measures.compactness import cut_edges

_RUNS = 60
_STEPS = 4_000  # proposals for each unit
_PENALTY = 60.0  # energy of an excess of one target
_HOT, _COLD = 3.0, 0.05
_UNIT = 3.0  # cut edges that weigh 1


def find_plans(
    instance: Instance, objective: str, compact: float, *, seed: int, stop: Callable[[], bool]
) -> list[tuple[float, Int32]]:
    """Plans within the limits, best first, each with its objective; maybe none.

    `compact` is the moment of a good plan, in or out of the limits, by which energy is scaled.
    """
    rng = np.random.default_rng([seed, 20])
    state = np.array([rng.integers(1, 2**63)], dtype=np.uint64)
    kind = instance.kind
    low, high, target = instance.low[kind], instance.high[kind], instance.target[kind]
    allowed = np.ascontiguousarray(instance.allowed[:, kind])
    by_cut = objective == "cut_edges"
    # A territory's moment weighs as much as the cut edges of a territory usually do.
    scale = 1.0 / _UNIT if by_cut else 8.0 * instance.territories / max(compact, 1e-300)
    found: list[tuple[float, Int32]] = []
    for _ in range(_RUNS):
        if stop():
            break
        labels = _random_start(instance, rng)
        if labels is None:
            continue
        best, value = anneal(
            instance.graph.indptr, instance.graph.indices, instance.activity, low, high, target,
            allowed, instance.cost, CUT_EDGES if by_cut else INERTIA, labels,
            _STEPS * len(instance), _HOT, _COLD, scale, _PENALTY, state,
        )  # fmt: skip
        if np.isfinite(value):
            exact = cut_edges(instance.graph, best) if by_cut else instance.inertia(best)
            found.append((float(exact), best))
    return sorted(found, key=lambda pair: pair[0])


def _random_start(instance: Instance, rng: np.random.Generator) -> Int32 | None:
    """Territories grown at random from random units; None where the locks get in the way."""
    n, graph = len(instance), instance.graph
    allowed = instance.allowed[:, instance.kind]
    labels = np.full(n, -1, dtype=np.int32)
    for k in rng.permutation(instance.territories).tolist():
        free = (labels < 0) & allowed[:, k]
        # Units that only this territory may have come first.
        bound = free & (allowed.sum(axis=1) == 1)
        if not (bound if bound.any() else free).any():
            return None
        labels[rng.choice(np.flatnonzero(bound if bound.any() else free))] = k
    edges = np.column_stack([graph.rows, graph.indices])
    while (labels < 0).any():
        near = edges[(labels[edges[:, 0]] < 0) & (labels[edges[:, 1]] >= 0)]
        near = near[allowed[near[:, 0], labels[near[:, 1]]]]
        if not len(near):
            return None
        unit, other = near[rng.integers(len(near))]
        labels[unit] = labels[other]
    return labels
