"""`solve_exact`: the best plan of a small instance, with a proof or with a gap."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from geo.arrays import Int32, frozen
from geo.design.problem import DesignProblem
from geo.design.solve import never, solve
from geo.exact.cut_edges import least_cut_edges
from geo.exact.highs import Clock
from geo.exact.incumbent import find_plans
from geo.exact.inertia import Proof, least_inertia
from geo.exact.instance import Instance, instance_of
from geo.measures.compactness import cut_edges
from geo.progress import Progress, silent

Objective = Literal["inertia", "cut_edges"]
Status = Literal["optimal", "gap", "infeasible", "unknown"]


@dataclass(frozen=True, eq=False)
class ExactPlan:
    """What is known of the best plan.

    `status`: *optimal*, `value` is proven least; *gap*, no plan is below `bound`; *infeasible*, it
    is proven that no plan is within the limits; *unknown*, time ran out before one was found. In
    the last two `labels` (n) are those of the ordinary design, out of the limits, and `value` is
    None. `value`, `bound`: measure·km² of Hess's moment, or edges.
    """

    labels: Int32
    objective: Objective
    value: float | None
    bound: float | None
    status: Status

    def __post_init__(self) -> None:
        frozen(self.labels)

    @property
    def gap(self) -> float | None:
        """How far the value may be above the least possible, a fraction of the bound."""
        if self.value is None or self.bound is None:
            return None
        if self.value <= self.bound:
            return 0.0
        return self.value / self.bound - 1.0 if self.bound > 0 else None


def solve_exact(
    problem: DesignProblem,
    objective: Objective = "inertia",
    *,
    time_limit: float | None = None,
    seed: int = 0,
    progress: Progress = silent,
    should_stop: Callable[[], bool] = never,
) -> ExactPlan:
    """The contiguous plan within tolerance of least inertia or cut edges.

    Deterministic by `seed` where neither `time_limit` (seconds) nor `should_stop` ends it. Honours
    `problem.locked` and `problem.closed`. Raises OptionError as `instance_of` does.
    """
    instance = instance_of(problem)
    limit = np.inf if time_limit is None else time_limit
    clock = Clock(time.monotonic() + limit, should_stop)
    ordinary = solve(problem, seed=seed, progress=progress, should_stop=clock.over).labels.copy()
    progress("proof", 0.0)
    plans = _plans(instance, ordinary, objective, seed, clock)
    proof = _prove(instance, plans, objective, seed, clock, progress)
    progress("proof", 1.0)
    if proof.labels is None:
        infeasible = proof.status == "infeasible"
        bound = proof.bound if np.isfinite(proof.bound) and proof.bound > 0 else None
        if objective == "cut_edges":
            bound = None
        return ExactPlan(
            ordinary, objective, None, bound, "infeasible" if infeasible else "unknown"
        )
    status: Status = "optimal" if proof.status == "optimal" else "gap"
    bound = proof.value if status == "optimal" else max(proof.bound, 0.0)
    return ExactPlan(proof.labels.astype(np.int32), objective, proof.value, bound, status)


def _plans(
    instance: Instance, ordinary: Int32, objective: Objective, seed: int, clock: Clock
) -> list[tuple[float, Int32]]:
    """Plans within the limits, best first."""
    compact = instance.inertia(ordinary)
    plans = find_plans(instance, objective, compact, seed=seed, stop=clock.over)
    fitting = [instance.fits(ordinary == k, int(kind)) for k, kind in enumerate(instance.kind)]
    if all(fitting):
        by_cut = objective == "cut_edges"
        value = cut_edges(instance.graph, ordinary) if by_cut else compact
        plans.append((float(value), ordinary))
    return sorted(plans, key=lambda pair: pair[0])


def _prove(
    instance: Instance,
    plans: list[tuple[float, Int32]],
    objective: Objective,
    seed: int,
    clock: Clock,
    progress: Progress,
) -> Proof:
    if objective == "inertia":
        start = plans[0][1] if plans else None
        return least_inertia(instance, start, clock, seed=seed, progress=progress)
    if not plans:
        # Where no plan was met by chance, the other model says whether there is one.
        any_plan = least_inertia(instance, None, clock, seed=seed, progress=progress, any_plan=True)
        if any_plan.labels is None:
            return any_plan
        plans = [(float(cut_edges(instance.graph, any_plan.labels)), any_plan.labels)]
    return least_cut_edges(instance, plans, clock, seed=seed, progress=progress)
