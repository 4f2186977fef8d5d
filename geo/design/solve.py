"""`solve`: from a problem to a complete, contiguous, balanced plan."""

from collections.abc import Callable, Iterator

import numpy as np

from geo.design.balance import tighten
from geo.design.border import smooth_borders
from geo.design.effort import DEFAULT, Effort
from geo.design.market import make_market
from geo.design.problem import DesignProblem, Plan
from geo.design.region import Weights
from geo.design.score import scale_of
from geo.design.search import Search
from geo.design.start import round_diagram, start_diagram
from geo.progress import Progress, silent

_ZONE = 0.004  # deviations within it cost nothing; below the 0.5 % that is aimed at
_SHARE = 0.6  # of the tolerance, where that is tighter


def never() -> bool:
    """Do not stop early."""
    return False


def solve(
    problem: DesignProblem,
    *,
    seed: int = 0,
    effort: Effort = DEFAULT,
    shape: float = 1.0,
    progress: Progress = silent,
    should_stop: Callable[[], bool] = never,
) -> Plan:
    """Design a plan. Deterministic by `seed`; stopped at any moment it returns the best so far.

    A balanced centroidal power diagram gives the shape; rounding and repair make it a plan;
    annealing of flips smooths the borders and restores the balance; chains of flips and
    recombination free what is boxed in. `shape` above 1 trades balance for compactness and short
    borders, below 1 the other way; the tolerance stays the limit that the search aims below.
    """
    if problem.territories == 1:
        return Plan(np.zeros(len(problem), np.int32), "converged", seed)
    rng = np.random.default_rng(seed)
    progress("shape", 0.0)
    start = start_diagram(problem, rng, effort.lloyd)
    labels = round_diagram(problem, start)
    market = make_market(problem, start.diagram.prices)
    zone = np.minimum(_ZONE * shape, _SHARE * problem.tolerance[np.isfinite(problem.tolerance)])
    weights = Weights(1.0 / zone**2, zone, *scale_of(market, labels))
    search = Search(market, weights, labels, seed)
    for stage, fraction in _stages(search, effort, rng):
        progress(stage, fraction, f"largest deviation {search.worst():.2%}")
        if should_stop():
            return Plan(search.labels, "stopped", seed)
    done = "converged" if (search.beyond() <= 0).all() else "rounds"
    progress("balance", 1.0, f"largest deviation {search.worst():.2%}")
    return Plan(search.labels, done, seed)


def _stages(
    search: Search, effort: Effort, rng: np.random.Generator
) -> Iterator[tuple[str, float]]:
    yield "shape", 1.0
    for fraction in smooth_borders(search, effort, rng):
        yield "border", fraction
    for fraction in tighten(search, effort, rng):
        yield "balance", fraction
