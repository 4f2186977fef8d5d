"""Counties with optima from the literature; their source is in tests/data/counties/README.md."""

import pytest

from benchmarks.exact import county_problem
from geo.exact.solve import solve_exact
from geo.measures.balance import deviations, loads
from tests.design.markets import connected_everywhere


@pytest.mark.parametrize(("state", "value"), [("ia", 17_742.754709), ("ok", 21_778.793349)])
def test_least_inertia_of_counties(state: str, value: float) -> None:
    problem = county_problem(state)
    p = problem.territories
    found = solve_exact(problem, "inertia")
    assert found.status == "optimal"
    assert found.value == pytest.approx(value * 1e6, rel=1e-9)
    assert connected_everywhere(problem.graph, found.labels, p)
    off = deviations(loads(problem.activity, found.labels, p), problem.targets)
    assert abs(off).max() <= 0.005
