"""Realignment: from the plan in force to a balanced one, while little changes hands.

The search starts from the incumbent, and each unit that leaves its territory costs its weight times
a price λ. The price is raised until the disruption is within the budget: a Lagrangian of the
problem "as even as possible with at most so much moved".
"""

from collections.abc import Callable

import numpy as np

from geo.arrays import Float, Int32
from geo.design.diagram import Diagram, Points, cheapest_territory
from geo.design.hold import whole_plan
from geo.design.problem import DesignProblem
from geo.design.search import Search
from geo.measures.balance import deviations, loads
from geo.measures.compactness import weighted_centers
from geo.sphere import to_xyz

LOYALTIES = (100.0, 500.0, 2_500.0, 12_500.0, 62_500.0, 1e6)  # λ, by target moved
_IDLE = (1_000.0, 100.0, 10.0)  # λ where no budget asks for one: moves are for the balance only
_HALVINGS = 3  # of the way between two prices, on a logarithmic scale
_NEAR = 8  # territories a stray unit may be given to
_NOWHERE = 1e7  # km


def incumbent_start(problem: DesignProblem) -> Int32:
    """The incumbent as a whole plan: pieces joined, vacant units given away, new ones carved."""
    assert problem.incumbent is not None
    labels = problem.incumbent.labels
    near, cost = _distances(problem, labels)
    return whole_plan(problem, labels, cost, near)


def loyal_pull(problem: DesignProblem, loyalty: float) -> Float:
    """What it costs each unit to leave its territory, (n): λ for a mean territory's weight."""
    assert problem.incumbent is not None
    weight = problem.incumbent.weight * (problem.incumbent.labels >= 0)
    return loyalty * problem.territories * weight / max(float(weight.sum()), 1e-300)


def priced(
    problem: DesignProblem, at: Callable[[float], Search], stopped: Callable[[], bool]
) -> Search:
    """The search that keeps the incumbent's budget; `at` searches for a price of leaving, λ.

    With a budget the price rises until it is kept; where the tolerance then is not, it is sought
    between the last two, so that the budget is used. If no price keeps it, the least disruptive.
    Without one the price falls until the tolerance is kept; if none keeps it, the most even.
    """
    assert problem.incumbent is not None
    budget = problem.incumbent.max_disruption
    if np.isinf(budget):
        return _cheaper(problem, at, stopped)
    found: list[tuple[float, Search]] = []
    cheaper: float | None = None
    for price in LOYALTIES:
        search = at(price)
        found.append((problem.incumbent.disruption(search.labels), search))
        if stopped():
            return search
        if found[-1][0] <= budget:
            if cheaper is None:
                return search
            return _between(problem, at, stopped, search, cheaper, price)
        cheaper = price
    return min(found, key=lambda entry: entry[0])[1]


def _cheaper(
    problem: DesignProblem, at: Callable[[float], Search], stopped: Callable[[], bool]
) -> Search:
    found: list[tuple[float, Search]] = []
    for price in _IDLE:
        search = at(price)
        found.append((tolerances_off(problem, search.labels), search))
        if stopped() or found[-1][0] <= 1.0:
            return search
    return min(found, key=lambda entry: entry[0])[1]


def _between(
    problem: DesignProblem,
    at: Callable[[float], Search],
    stopped: Callable[[], bool],
    search: Search,
    low: float,
    high: float,
) -> Search:
    """A more even search within the budget, at a price between `low`, which is not, and `high`."""
    assert problem.incumbent is not None
    best = tolerances_off(problem, search.labels)
    for _ in range(_HALVINGS):
        if best <= 1.0 or stopped():
            break
        middle = float(np.sqrt(low * high))
        other = at(middle)
        if problem.incumbent.disruption(other.labels) > problem.incumbent.max_disruption:
            low = middle
            continue
        high, off = middle, tolerances_off(problem, other.labels)
        if off < best:
            search, best = other, off
    return search


def tolerances_off(problem: DesignProblem, labels: Int32) -> float:
    """The largest deviation, in tolerances of its measure; 0 where none asks for one."""
    load = loads(problem.activity, labels, problem.territories)
    off = np.abs(deviations(load, problem.targets)).max(axis=0)
    asked = problem.tolerance > 0
    return float((off[asked] / problem.tolerance[asked]).max(initial=0.0))


def _distances(problem: DesignProblem, labels: Int32) -> tuple[Int32, Float]:
    """The nearest territories of each unit by the centroids of `labels`, and km² (n, c) each."""
    p, weight = problem.territories, problem.activity[:, 0]
    some = labels >= 0
    centers = weighted_centers(problem.lat[some], problem.lng[some], weight[some], labels[some], p)
    # A territory without units is nobody's nearest.
    xyz, places = problem.xyz(), np.nan_to_num(to_xyz(centers[:, 0], centers[:, 1]), nan=_NOWHERE)
    points = Points(xyz, weight, problem.targets[:, 0], np.full((len(xyz), 0), -1, np.int32))
    near = cheapest_territory(points, Diagram(places, np.zeros(p)), _NEAR)
    return near, ((xyz[:, None, :] - places[near]) ** 2).sum(axis=2)
