"""Least moment of inertia: fix by bounds, cut fractions, solve, cut what is in pieces, repeat."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from geo.arrays import Bool, Float, Int32
from geo.exact.bounds import pair_bounds
from geo.exact.hess import HessModel, hess_model, labels_of, multipliers_of
from geo.exact.highs import Answer, Clock, make_integer, solve_lp, solve_mip
from geo.exact.instance import Instance
from geo.exact.separate import Cut, add_cuts, cuts_of_fraction, cuts_of_whole
from geo.progress import Progress, silent

_ROUNDS = 60  # of cutting fractions
_MARGIN = 1e-7  # a pair is dropped only where the bound exceeds the incumbent by this fraction


@dataclass(frozen=True, eq=False)
class Proof:
    """`labels` (n) the best plan or None, `value` its objective, `bound` proven below all plans.

    `status`: optimal, infeasible or gap.
    """

    labels: Int32 | None
    value: float
    bound: float
    status: str


def least_inertia(
    instance: Instance,
    start: Int32 | None,
    clock: Clock,
    *,
    seed: int,
    progress: Progress = silent,
    any_plan: bool = False,
) -> Proof:
    """The plan of least inertia, in measure·km²; with `any_plan` the first plan found will do.

    `start` is a plan within the limits, if one is known.
    """
    best, value = start, instance.inertia(start) if start is not None else np.inf
    scale = (value if best is not None else _typical(instance.cost)) / 1e4 or 1.0
    cost = instance.cost / scale
    cutoff = value / scale
    keep, bound = _by_linear_program(instance, cost, cutoff, clock, seed)
    if keep is None:
        return _proof(best, value, bound * scale, clock)
    hess = hess_model(instance, cost, keep, seed=seed)
    bound = max(bound, _cut_fractions(instance, hess, cutoff, clock))
    make_integer(hess.model, np.arange(hess.model.getNumCol()))
    while bound * scale < value and not clock.over():
        fresh: list[Cut] = []
        answer = solve_mip(
            hess.model, clock, reject=_rejecting(instance, hess, fresh, value / scale)
        )
        if answer.status == "infeasible":
            return _proof(best, value, np.inf, clock)
        bound = max(bound, answer.bound)
        if np.isfinite(bound) and np.isfinite(value):
            gap = max(0.0, value / max(bound * scale, 1e-300) - 1)
            progress("proof", 1 / (1 + gap), f"gap {gap:.3%}")
        if len(answer.values):
            x, y = _parts(instance, hess, answer)
            cuts = cuts_of_whole(instance, hess, x, y)
            if not cuts:
                labels = labels_of(instance, x, y)
                found = instance.inertia(labels)
                if found < value:
                    best, value = labels, found
                if any_plan or answer.status == "optimal":
                    break
            fresh += cuts
        if not fresh:
            break
        add_cuts(hess, fresh)
    return _proof(best, value, bound * scale, clock)


def _proof(labels: Int32 | None, value: float, bound: float, clock: Clock) -> Proof:
    if labels is None:
        proven = np.isposinf(bound) and not clock.over()
        return Proof(None, np.inf, bound, "infeasible" if proven else "gap")
    bound = min(bound, value)
    return Proof(labels, value, bound, "optimal" if bound >= value * (1 - 1e-7) else "gap")


def _typical(cost: Float) -> float:
    return float(np.median(cost, axis=1).sum())


def _by_linear_program(
    instance: Instance, cost: Float, cutoff: float, clock: Clock, seed: int
) -> tuple[Bool | None, float]:
    """Pairs that a plan better than `cutoff` may have (None where there is none), and a bound."""
    n = len(instance)
    shared = instance.allowed.astype(np.float64) @ instance.allowed.T.astype(np.float64) > 0
    relaxed = hess_model(instance, cost, shared, seed=seed)
    answer = solve_lp(relaxed.model, clock)
    if answer.status == "infeasible":
        return None, np.inf
    if answer.status != "optimal":
        return (None, 0.0) if clock.over() else (shared, 0.0)
    bound, pairs = pair_bounds(instance, cost, multipliers_of(relaxed.model, instance))
    limit = cutoff * (1 + _MARGIN) if np.isfinite(cutoff) else np.inf
    keep = shared & (pairs <= limit)
    return (keep if keep.any(axis=1).sum() == n else shared), bound


def _cut_fractions(instance: Instance, hess: HessModel, cutoff: float, clock: Clock) -> float:
    """Add violated separators to the linear program and fix what its reduced costs rule out."""
    bound = -np.inf
    for _ in range(_ROUNDS):
        answer = solve_lp(hess.model, clock)
        if answer.status != "optimal":
            return np.inf if answer.status == "infeasible" else bound
        bound = max(bound, answer.value)
        cuts = cuts_of_fraction(instance, hess, hess.matrix(answer.values))
        if not cuts or clock.over():
            break
        add_cuts(hess, cuts)
    if np.isfinite(cutoff) and answer.status == "optimal":
        reduced = np.array(hess.model.getSolution().col_dual, dtype=np.float64)
        gone = np.flatnonzero(answer.value + np.maximum(reduced, 0.0) > cutoff * (1 + _MARGIN))
        if len(gone):
            zeros = np.zeros(len(gone))
            hess.model.changeColsBounds(len(gone), gone.astype(np.int32), zeros, zeros)
    return bound


def _rejecting(
    instance: Instance, hess: HessModel, fresh: list[Cut], cutoff: float
) -> Callable[[Float, float], bool]:
    """Learn from every solution in pieces; only one below the incumbent ends the run."""

    def reject(values: Float, objective: float) -> bool:
        y = hess.kinds(values, len(instance.count))
        cuts = cuts_of_whole(instance, hess, hess.matrix(values), y)
        fresh.extend(cuts)
        return bool(cuts) and objective < cutoff

    return reject


def _parts(instance: Instance, hess: HessModel, answer: Answer) -> tuple[Float, Float]:
    return hess.matrix(answer.values), hess.kinds(answer.values, len(instance.count))
