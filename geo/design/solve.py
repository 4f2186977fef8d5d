"""`solve`: from a problem to a complete, contiguous, balanced plan."""

from collections.abc import Callable, Iterator
from itertools import pairwise

import numpy as np

from geo.arrays import Float
from geo.design.problem import DesignProblem, Plan
from geo.design.score import make_terms, neighbours, sums_of
from geo.design.search import Search
from geo.design.start import round_diagram, start_diagram
from geo.design.untangle import untangle
from geo.progress import Progress, silent

_BORDER = 10.0  # weight of the border's length against the inertia; see docs/algorithm.md
_SPREAD = 0.1  # share of the pull on a centroid that every unit has, whatever its weight
_AIM = 0.1  # the search aims at this part of the tolerance, so that the edge is kept clear of


def never() -> bool:
    """Do not stop early."""
    return False


def solve(
    problem: DesignProblem,
    *,
    seed: int = 0,
    progress: Progress = silent,
    should_stop: Callable[[], bool] = never,
) -> Plan:
    """Design a plan. Deterministic by `seed`; stopped at any moment it returns the best so far.

    A balanced centroidal power diagram gives the shape; rounding and repair make it a plan;
    annealing of flips restores the balance; recombination frees what is boxed in.
    """
    if problem.territories == 1:
        return Plan(np.zeros(len(problem), np.int32), "converged", seed)
    rng = np.random.default_rng(seed)
    progress("shape", 0.0)
    labels = round_diagram(problem, start_diagram(problem, rng))
    p = problem.territories
    weight = problem.activity[:, 0] / problem.activity[:, 0].sum()
    mass = ((1 - _SPREAD) * weight + _SPREAD / len(problem)) * p
    aim = _AIM * problem.tolerance
    terms = make_terms(problem, labels, mass, 0.8 * aim, _BORDER)
    state = np.array([rng.integers(2**63)], dtype=np.uint64)
    around = neighbours(problem.graph)
    search = Search(terms, problem.graph, around, labels, sums_of(terms, labels), state)
    for largest, stage, fraction in _rounds(search, aim):
        progress(stage, fraction, f"largest deviation {largest:.2%}")
        if should_stop():
            return Plan(search.labels, "stopped", seed)
    done = "converged" if _within(search, aim) else "rounds"
    progress("balance", 1.0, f"largest deviation {search.worst().max():.2%}")
    return Plan(search.labels, done, seed)


def _rounds(search: Search, aim: Float) -> Iterator[tuple[float, str, float]]:
    """The plan of the search; yields (largest deviation, stage, fraction) between its steps."""
    everywhere = np.ones(len(search.labels), dtype=bool)
    limit = float(np.nanmin(aim))
    yield float(search.worst().max()), "shape", 1.0
    heats = np.geomspace(0.1, 0.003, 9)
    for step, (hot, cold) in enumerate(pairwise(heats)):
        search.flips(everywhere, sweeps=12, hot=float(hot), cold=float(cold))
        yield float(search.worst().max()), "border", (step + 1) / 8
    for largest, fraction in untangle(search, limit, limit / _AIM):
        yield largest, "balance", fraction
    search.flips(everywhere, sweeps=20, hot=0.02, cold=0.002)


def _within(search: Search, aim: Float) -> bool:
    return bool((np.abs(search.deviations()).max(axis=0) <= aim[np.isfinite(aim)]).all())
