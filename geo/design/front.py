"""The front of disruption against balance: how even can a plan get if so much changes hands?"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from geo.arrays import Float, Int32
from geo.design.contract import contract
from geo.design.disruption import Kept, kept_by, least_disruption
from geo.design.identity import renamed
from geo.design.problem import DesignProblem
from geo.design.solve import never, solve
from geo.errors import OptionError
from geo.measures.balance import deviations, loads
from geo.progress import Progress, silent


@dataclass(frozen=True, eq=False)
class FrontPoint:
    """One plan of the front.

    `budget` the disruption that was allowed, `disruption` the one it has, `max_deviation` over all
    balanced measures; `least` what any plan as even needs at least. All fractions. `labels` (n).
    """

    budget: float
    disruption: float
    max_deviation: float
    least: float
    labels: Int32


def disruption_front(
    problem: DesignProblem,
    budgets: Sequence[float],
    *,
    kept: Kept | None = None,
    seed: int = 0,
    progress: Progress = silent,
    should_stop: Callable[[], bool] = never,
) -> tuple[FrontPoint, ...]:
    """One plan for each budget (a fraction of `kept`, default the incumbent's own weight).

    Raises OptionError where the problem has no incumbent.
    """
    incumbent = problem.incumbent
    if incumbent is None:
        raise OptionError("there is no incumbent to compare with", hint="Give --incumbent.")
    if kept is None:
        kept = kept_by(incumbent.labels, incumbent.weight)
    own = float(incumbent.weight[incumbent.labels >= 0].sum())
    lost = kept.total - own  # units that several territories share lose this whatever is done
    points: list[FrontPoint] = []
    for at, budget in enumerate(sorted(budgets)):
        progress("front", at / len(budgets), f"disruption of {budget:.1%} allowed")
        allowed = max(0.0, (budget * kept.total - lost) / max(own, 1e-300))
        within = replace(incumbent, max_disruption=min(allowed, 1.0))
        small = contract(replace(problem, incumbent=within))
        labels = small.expand(solve(small.problem, seed=seed, should_stop=should_stop).labels)
        points.append(_point(problem, kept, budget, renamed(problem, labels)))
        if should_stop():
            break
    progress("front", 1.0)
    return tuple(points)


def least_by_tolerance(
    problem: DesignProblem, kept: Kept, tolerances: Sequence[float]
) -> tuple[float, ...]:
    """The least disruption of any plan, for each tolerance of all balanced measures; fractions."""
    return tuple(
        least_disruption(replace(problem, tolerance=_all(problem, limit)), kept).bound
        / max(kept.total, 1e-300)
        for limit in tolerances
    )


def _all(problem: DesignProblem, limit: float) -> Float:
    return np.where(np.isfinite(problem.tolerance), limit, np.nan)


def _point(problem: DesignProblem, kept: Kept, budget: float, labels: Int32) -> FrontPoint:
    off = deviations(loads(problem.activity, labels, problem.territories), problem.targets)
    worst = float(np.abs(off[:, np.isfinite(problem.tolerance)]).max())
    least = least_by_tolerance(problem, kept, [worst])[0]
    moved = kept.disruption(labels) / max(kept.total, 1e-300)
    return FrontPoint(budget, moved, worst, least, labels)
