"""`front`: how even a plan can get if only so much may change hands, and what must at least."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from geo.design.front import FrontPoint, disruption_front, least_by_tolerance
from geo.design.solve import never
from geo.errors import OptionError
from geo.geocode.types import Geocoder
from geo.progress import Progress, silent
from sales.prepare import Source, prepare
from sales.request import DesignRequest

BUDGETS = (0.0, 0.05, 0.1, 0.2, 0.3, 0.5, 1.0)
TOLERANCES = (0.01, 0.02, 0.05, 0.1, 0.2, 0.3)


def front(
    source: Source,
    request: DesignRequest,
    *,
    geocoder: Geocoder,
    budgets: Sequence[float] = BUDGETS,
    tolerances: Sequence[float] = TOLERANCES,
    progress: Progress = silent,
    should_stop: Callable[[], bool] = never,
) -> dict[str, Any]:
    """One plan for each budget, and the least disruption for each tolerance; as JSON.

    Budgets are fractions of the incumbent's weight whose territory lives on. Raises InputError
    and OptionError, the latter where there is no incumbent or a budget is no fraction.
    """
    if request.incumbent is None:
        raise OptionError(
            "there is no plan to compare with",
            hint="Give --incumbent, a plan's directory or a table of accounts with their reps.",
        )
    for budget in budgets:
        if not 0 <= budget <= 1:
            raise OptionError(
                f"--budget {budget:g} is no fraction from 0 to 1", hint="Write 0.1 for 10 %."
            )
    for tolerance in tolerances:
        if not 0 < tolerance < 1:
            raise OptionError(
                f"--tolerance {tolerance:g} is no fraction between 0 and 1",
                hint="Write 0.05 for 5 %.",
            )
    made = prepare(source, request, geocoder, progress)
    kept = made.ruled.kept
    assert kept is not None
    assert made.ruled.holdings is not None
    points = disruption_front(
        made.problem, budgets, kept=kept, seed=request.seed, progress=progress,
        should_stop=should_stop,
    )  # fmt: skip
    ordered = sorted(tolerances)
    least = least_by_tolerance(made.problem, kept, ordered)
    return {
        "measure": made.ruled.holdings.measure,
        "balanced": [goal.measure for goal in request.balance] or [made.problem.measures[0]],
        "territories": made.problem.territories,
        "plans": [_plan(point) for point in points],
        "bounds": [
            {"tolerance": limit, "least_disruption": round(share, 9)}
            for limit, share in zip(ordered, least, strict=True)
        ],
    }


def _plan(point: FrontPoint) -> Mapping[str, Any]:
    return {
        "budget": point.budget,
        "disruption": round(point.disruption, 9),
        "within_budget": point.disruption <= point.budget + 1e-9,
        "max_deviation": round(point.max_deviation, 9),
        "least_disruption": round(point.least, 9),
    }
