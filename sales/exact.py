"""The best plan of a small instance, and what its certificate says of it."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from geo.arrays import Int32
from geo.design.problem import DesignProblem, Plan
from geo.errors import OptionError
from geo.measures.compactness import cut_edges
from geo.progress import Progress
from sales.request import DesignRequest

if TYPE_CHECKING:
    from geo.exact.solve import ExactPlan


def exact_design(
    problem: DesignProblem,
    request: DesignRequest,
    progress: Progress,
    should_stop: Callable[[], bool],
) -> "tuple[ExactPlan, Plan]":
    """Solve to a proof, or until time is over; raises OptionError where it cannot be proven."""
    from geo.exact.solve import solve_exact  # few plans need its libraries

    assert request.exact is not None
    rules = (problem.together, problem.apart, problem.low, problem.high)
    if any(rule is not None for rule in rules):
        raise OptionError(
            "the proof knows no groups, pairs or limits",
            hint="Leave out --exact, or --together, --apart, --limit and --capacity.",
        )
    found = solve_exact(
        problem,
        request.exact,
        time_limit=request.time_limit,
        seed=request.seed,
        progress=progress,
        should_stop=should_stop,
    )
    return found, Plan(found.labels.copy(), found.status, request.seed)


def exact_certificate(found: "ExactPlan", problem: DesignProblem, labels: Int32) -> dict[str, Any]:
    """`certificate.exact` of plan.json; `labels` (n) are the plan's, in its final order."""
    measure = problem.measures[0]
    by_cut = found.objective == "cut_edges"
    value = found.value
    if value is not None:
        # As whoever reads the files will find it, at the places that they give.
        value = float(cut_edges(problem.graph, labels)) if by_cut else _written(problem, labels)
    bound = value if found.status == "optimal" else found.bound
    gap = None if value is None or not bound else float(np.round(max(value / bound - 1, 0.0), 9))
    if found.status == "optimal":
        gap = 0.0
    return {
        "objective": found.objective,
        "status": found.status,
        "proven": found.status in ("optimal", "infeasible"),
        "measure": measure,
        "unit": "edges" if by_cut else f"{measure}·km²",
        "value": value,
        "bound": bound,
        "gap": gap,
        "statement": _statement(found, value, gap, problem),
    }


def _written(problem: DesignProblem, labels: Int32) -> float:
    """Hess's moment at places of seven decimals, which are the ones written."""
    from geo.exact.instance import squared_km

    cost = squared_km(np.round(problem.lat, 7), np.round(problem.lng, 7))
    cost *= problem.activity[:, :1]
    groups = [np.flatnonzero(labels == k) for k in range(problem.territories)]
    return float(sum(cost[np.ix_(own, own)].sum(axis=0).min() for own in groups))


def _statement(
    found: "ExactPlan", value: float | None, gap: float | None, problem: DesignProblem
) -> str:
    limits = ", ".join(
        f"{name} within ±{limit:.4g} %"
        for name, limit in zip(problem.measures, problem.tolerance * 100, strict=True)
        if np.isfinite(limit)
    )
    if found.status == "infeasible":
        return f"Proven: no plan of whole, connected units has {limits}."
    if value is None:
        return f"Time ran out before a plan with {limits} was found; there may be one."
    if found.objective == "cut_edges":
        said = f"{value:.0f} cut edges"
    else:
        said = f"inertia {value / 1e6:,.6f} million {problem.measures[0]}·km²"
    if found.status == "optimal":
        return f"Proven optimal: {said}, the least of all plans with {limits}."
    room = "no bound yet" if gap is None else f"at most {gap:.2%} above the least possible"
    return f"Time ran out: {said}, {room}."
