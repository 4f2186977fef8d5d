"""Where several measures cannot all be met: what is proven, and the best found by weighting."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from geo.arrays import Float, Int32
from geo.design.conflict import conflicts
from geo.design.crux import Ground, crux
from geo.design.problem import DesignProblem, Plan
from geo.measures.balance import deviations, heaviest_share, least_max_deviation, loads
from geo.progress import Progress

_LOOSER = 4.0  # times the tolerance of the measures that are to give way
_LOOSEST = 0.95
_NEAR = 0.01  # a largest deviation that nobody asks the reason of


@dataclass(frozen=True, eq=False)
class Weighing:
    """A plan found with other tolerances: `tolerance` and `reached` (q), the largest deviations."""

    tolerance: Float
    reached: Float
    chosen: bool


def weighings(
    problem: DesignProblem,
    plan: Plan,
    solved: Callable[[DesignProblem], Plan],
    progress: Progress,
    enough: Callable[[], bool],
) -> tuple[Plan, tuple[Weighing, ...]]:
    """The plan that exceeds its tolerances least, and what each weighting of the measures reached.

    Nothing is tried where all is within tolerance or only one measure is balanced.
    """
    banded = np.flatnonzero(np.isfinite(problem.tolerance))
    if len(banded) < 2 or _excess(problem, plan.labels) <= 0 or plan.stop_reason == "stopped":
        return plan, ()
    plans, tolerances = [plan], [problem.tolerance]
    for at, first in enumerate(banded.tolist()):
        if enough():
            break
        progress("weigh", at / len(banded), f"{problem.measures[first]} first")
        loose = np.minimum(problem.tolerance * _LOOSER, _LOOSEST)
        loose[first] = problem.tolerance[first]
        tolerances.append(loose)
        plans.append(solved(replace(problem, tolerance=loose)))
    progress("weigh", 1.0)
    best = min(range(len(plans)), key=lambda k: (_excess(problem, plans[k].labels), k))
    return plans[best], tuple(
        Weighing(limit, _reached(problem, found.labels), k == best)
        for k, (limit, found) in enumerate(zip(tolerances, plans, strict=True))
    )


def _reached(problem: DesignProblem, labels: Int32) -> Float:
    off = deviations(loads(problem.activity, labels, problem.territories), problem.targets)
    return np.asarray(np.abs(off).max(axis=0), dtype=np.float64)


def _excess(problem: DesignProblem, labels: Int32) -> float:
    """How many times its tolerance the worst measure deviates, less 1."""
    banded = np.isfinite(problem.tolerance)
    return float((_reached(problem, labels)[banded] / problem.tolerance[banded]).max() - 1)


def tradeoffs_document(problem: DesignProblem, found: tuple[Weighing, ...]) -> list[dict[str, Any]]:
    """`tradeoffs` of plan.json: what was found, which proves nothing about what was not."""
    banded = np.flatnonzero(np.isfinite(problem.tolerance)).tolist()
    return [
        {
            "tolerance": {problem.measures[j]: float(w.tolerance[j]) for j in banded},
            "reached": {problem.measures[j]: _tidy(w.reached[j]) for j in banded},
            "chosen": w.chosen,
        }
        for w in found
    ]


def granularities(problem: DesignProblem, ids: tuple[str, ...]) -> list[dict[str, Any]]:
    """Of each balanced measure but the first: the heaviest unit, and what it makes unavoidable."""
    listed = []
    for j in np.flatnonzero(np.isfinite(problem.tolerance))[1:].tolist():
        weight, targets = problem.activity[:, j], problem.targets[:, j]
        if not targets.all():
            continue
        unit, share = heaviest_share(weight, targets)
        listed.append(
            {
                "measure": problem.measures[j],
                "heaviest_unit": ids[unit],
                "share_of_target": _tidy(share),
                "least_max_deviation": _tidy(least_max_deviation(weight, targets)),
            }
        )
    return listed


def cruxes_document(
    problem: DesignProblem, labels: Int32, ids: tuple[str, ...]
) -> list[dict[str, Any]]:
    """Of each balanced measure that is not near its targets: the units that forbid it, if any."""
    listed = []
    for j in np.flatnonzero(np.isfinite(problem.tolerance)).tolist():
        if _reached(problem, labels)[j] <= _NEAR or not problem.targets[:, j].all():
            continue
        graph, weight = problem.graph, problem.activity[:, j]
        ground = Ground(graph.indptr, graph.indices, weight, problem.targets[:, j])
        found = crux(ground, labels)
        if found is not None:
            listed.append(
                {
                    "measure": problem.measures[j],
                    "units": [ids[unit] for unit in found.units.tolist()],
                    "prices": found.prices.tolist(),
                    "least_max_deviation": found.least,
                }
            )
    return listed


def conflicts_document(problem: DesignProblem, ids: tuple[str, ...]) -> list[dict[str, Any]]:
    """Pairs of measures that one unit sets against each other: proven for every plan."""
    return [
        {
            "unit": ids[c.unit],
            "measure": problem.measures[c.kept],
            "tolerance": float(problem.tolerance[c.kept]),
            "other": problem.measures[c.other],
            "least_deviation": _tidy(c.least),
            "needed_tolerance": _tidy(c.needed) if np.isfinite(c.needed) else None,
        }
        for c in conflicts(problem)
    ]


def sentence(conflict: Mapping[str, Any], tolerance: Mapping[str, float]) -> str:
    """A conflict in words, with the nearest tolerances that it does not forbid."""
    kept, other = conflict["measure"], conflict["other"]
    words = (
        f"No plan keeps {kept} within {conflict['tolerance']:.2%} and {other} within"
        f" {tolerance[other]:.2%}, because of unit {conflict['unit']}: allow {other}"
        f" {conflict['least_deviation']:.2%}"
    )
    if conflict["needed_tolerance"] is not None:
        words += f", or {kept} {conflict['needed_tolerance']:.2%}"
    return words + ", at least"


def _tidy(value: float) -> float:
    return float(np.round(value, 9))
