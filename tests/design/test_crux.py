"""The units that forbid a better balance, against every plan that there is."""

from itertools import product

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.arrays import Int32
from geo.design.crux import Crux, Ground, crux
from geo.design.problem import DesignProblem
from tests.design.markets import connected_everywhere, labels_of, path, problem_of, random_graph


def found_in(problem: DesignProblem, labels: Int32) -> Crux | None:
    graph = problem.graph
    ground = Ground(graph.indptr, graph.indices, problem.activity[:, 0], problem.targets[:, 0])
    return crux(ground, labels)


def least_possible(problem: DesignProblem) -> float:
    """The least largest deviation of all contiguous plans, by trying each."""
    p, weight, target = problem.territories, problem.activity[:, 0], problem.targets[:, 0]
    best = np.inf
    for some in product(range(p), repeat=len(problem)):
        labels = np.array(some, np.int32)
        if len(set(some)) == p and connected_everywhere(problem.graph, labels, p):
            off = np.abs(np.bincount(labels, weight, p) / target - 1).max()
            best = min(best, float(off))
    return best


def test_a_row_of_heavy_units_that_no_cut_divides_evenly() -> None:
    # Pieces of the row: 3, 6, 9. Two territories of nine: 3 + 6 is the best, a third off.
    problem = path([3.0, 3.0, 3.0], 2)
    found = found_in(problem, labels_of(0, 1, 1))
    assert found is not None
    assert abs(found.least - 1 / 3) < 1e-12
    assert found.least == least_possible(problem)


def test_nothing_is_claimed_where_all_is_even() -> None:
    found = found_in(path([1.0, 1.0, 1.0, 1.0], 2), labels_of(0, 0, 0, 1))
    assert found is None or found.least == 0.0


def test_it_finds_the_bound_whichever_plan_it_starts_from() -> None:
    problem = path([5.0, 4.0, 4.0, 5.0, 1.0, 1.0], 2)
    for labels in (labels_of(0, 1, 1, 1, 1, 1), labels_of(0, 0, 0, 1, 1, 1)):
        found = found_in(problem, labels)
        assert found is not None
        assert abs(found.least - least_possible(problem)) < 1e-12


@st.composite
def small(draw: st.DrawFn) -> tuple[DesignProblem, Int32]:
    """A connected graph of a few units of uneven weight, and any plan of it."""
    n, p = draw(st.integers(2, 7)), draw(st.integers(2, 3))
    rng = np.random.default_rng(draw(st.integers(0, 10_000)))
    graph = random_graph(rng, n, draw(st.integers(0, 4)))
    weight = np.array(draw(st.lists(st.integers(1, 9), min_size=n, max_size=n)), np.float64)
    lat, lng = rng.normal(0, 1, (2, n))
    problem = problem_of(lat, lng, weight, graph, np.ones(min(p, n)))
    return problem, np.arange(n, dtype=np.int32) % problem.territories


@settings(max_examples=60, deadline=None)
@given(small())
def test_no_plan_is_better_than_what_is_proven(case: tuple[DesignProblem, Int32]) -> None:
    problem, labels = case
    found = found_in(problem, labels)
    if found is not None:
        assert found.least <= least_possible(problem) + 1e-12
