"""The exact models against the enumeration of every plan, drawn by hand and by dice."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import geo.exact.cut_edges
from geo.arrays import Int32
from geo.cells.graph import SHARED_BORDER, CellGraph, graph_from_edges
from geo.design.problem import DesignProblem, Incumbent, targets_by_share
from geo.errors import OptionError
from geo.exact.cut_edges import Search
from geo.exact.instance import MAX_UNITS, instance_of
from geo.exact.master import Cover
from geo.exact.solve import ExactPlan, Objective, solve_exact
from geo.measures.balance import deviations, loads
from geo.measures.compactness import cut_edges
from tests.design.markets import connected_everywhere, path, problem_of

OBJECTIVES: tuple[Objective, ...] = ("inertia", "cut_edges")


def grid(rows: int, columns: int) -> CellGraph:
    at = np.arange(rows * columns).reshape(rows, columns)
    a = np.concatenate([at[:, :-1].ravel(), at[:-1].ravel()])
    b = np.concatenate([at[:, 1:].ravel(), at[1:].ravel()])
    return graph_from_edges(at.size, a, b, np.full(len(a), SHARED_BORDER, dtype=np.uint8))


def market(
    rows: int, columns: int, weight: list[float], share: list[float], tolerance: float
) -> DesignProblem:
    """Units on a grid a tenth of a degree wide, in Kansas."""
    y, x = np.divmod(np.arange(rows * columns), columns)
    return problem_of(
        38 + y / 10, -98 + x / 10, np.array(weight), grid(rows, columns), np.array(share), tolerance
    )


def value_of(problem: DesignProblem, labels: Int32, objective: Objective) -> float:
    if objective == "cut_edges":
        return cut_edges(problem.graph, labels)
    return instance_of(problem).inertia(labels)


def is_plan(problem: DesignProblem, labels: Int32) -> bool:
    p = problem.territories
    off = np.abs(deviations(loads(problem.activity, labels, p), problem.targets))
    balanced = np.isfinite(problem.tolerance)
    within = (off[:, balanced] <= problem.tolerance[balanced] + 4e-10).all()
    locked = problem.locked is None or bool(
        (labels[problem.locked >= 0] == problem.locked[problem.locked >= 0]).all()
    )
    return bool(within) and locked and connected_everywhere(problem.graph, labels, p)


def least(problem: DesignProblem, objective: Objective) -> float:
    """By looking at every assignment; infinite where there is no plan."""
    p = problem.territories
    every = (np.array(labels, dtype=np.int32) for labels in product(range(p), repeat=len(problem)))
    return min(
        (value_of(problem, labels, objective) for labels in every if is_plan(problem, labels)),
        default=np.inf,
    )


def check(problem: DesignProblem, objective: Objective) -> ExactPlan:
    found = solve_exact(problem, objective)
    best = least(problem, objective)
    if np.isinf(best):
        assert found.status == "infeasible"
        assert found.value is None
        return found
    assert found.status == "optimal"
    assert is_plan(problem, found.labels)
    assert found.value == pytest.approx(best, rel=1e-9)
    assert value_of(problem, found.labels, objective) == pytest.approx(best, rel=1e-9)
    assert found.gap == 0.0
    return found


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_known_answer_in_a_row(objective: Objective) -> None:
    found = solve_exact(path([1, 1, 1, 3, 3, 1, 1, 1], 4), objective)
    assert found.status == "optimal"
    assert [len(set(found.labels[part])) for part in (slice(0, 3), slice(5, 8))] == [1, 1]
    if objective == "cut_edges":
        assert found.value == 3


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_a_square_is_halved_across(objective: Objective) -> None:
    found = check(market(3, 4, [1.0] * 12, [1, 1], 0.01), objective)
    assert found.value == (3 if objective == "cut_edges" else found.value)


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_no_plan_with_whole_units_is_proven(objective: Objective) -> None:
    # 7 + 2 + 2 + 2 + 2: neither half can hold 7.5 within a twentieth.
    found = check(market(1, 5, [7, 2, 2, 2, 2], [1, 1], 0.05), objective)
    assert found.status == "infeasible"


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_balanced_only_if_in_pieces_is_infeasible(objective: Objective) -> None:
    # The two heavy ends would have to share a territory.
    check(market(1, 5, [4, 3, 2, 3, 4], [1, 1], 0.01), objective)


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_unequal_targets(objective: Objective) -> None:
    check(market(3, 3, [3, 1, 1, 1, 2, 1, 1, 1, 1], [2, 1], 0.05), objective)
    check(market(2, 4, [2, 1, 1, 1, 1, 1, 1, 1], [3, 2, 4], 0.01), objective)


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_locked_units(objective: Objective) -> None:
    locked = np.full(9, -1, dtype=np.int32)
    locked[[0, 8]] = [1, 1]
    problem = replace(market(3, 3, [1.0] * 9, [1, 1], 0.2), locked=locked)
    found = check(problem, objective)
    assert found.labels[0] == found.labels[8] == 1
    free = solve_exact(replace(problem, locked=None), objective)
    assert free.value is not None
    assert found.value is not None
    assert free.value <= found.value


def test_closed_territories_keep_their_units() -> None:
    was = np.array([0, 0, 1, 1, 1, 2, 2, 2], dtype=np.int32)
    problem = replace(
        market(1, 8, [1.0] * 8, [1, 1, 1], 0.4),
        incumbent=Incumbent(was, np.ones(8)),
        closed=np.array([True, False, False]),
    )
    labels = solve_exact(problem, "cut_edges").labels
    assert np.array_equal(labels == 0, was == 0)


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_several_measures(objective: Objective) -> None:
    one = market(2, 5, [3, 1, 2, 1, 2, 1, 3, 2, 1, 2], [1, 1], 0.12)
    activity = np.column_stack([one.activity[:, 0], [1.5, 1, 2, 1, 1, 1.5, 1, 0, 1, 1]])
    problem = replace(
        one,
        activity=activity,
        measures=("potential", "work"),
        targets=targets_by_share(activity, np.ones(2)),
        tolerance=np.array([0.12, 0.1]),
    )
    check(problem, objective)


def test_fractional_loads_on_the_edge_of_the_tolerance() -> None:
    # 0.1 + 0.2 is not 0.3 to a computer; the limit is met exactly all the same.
    check(market(1, 6, [0.1, 0.2, 0.3, 0.3, 0.2, 0.1], [1, 1, 1, 1], 0.334), "inertia")


def test_one_territory_and_as_many_as_units() -> None:
    assert solve_exact(market(2, 2, [1.0] * 4, [1], 0.1), "cut_edges").value == 0
    assert solve_exact(market(2, 2, [1.0] * 4, [1] * 4, 0.1), "inertia").value == 0


def two_triangles() -> DesignProblem:
    """Six units of weight 1 in two triangles joined by an edge, in pairs; a weightless unit
    beside each side of a triangle. Halves of all six sides would cut 7 edges; a plan needs the
    edge between the triangles.
    """
    sides = [(0, 1), (1, 2), (0, 2), (3, 4), (4, 5), (3, 5)]
    pairs = [*sides, (2, 3)]
    for helper, (a, b) in enumerate(sides, 6):
        pairs += [(helper, a), (helper, b)]
    a, b = np.array(pairs).T
    graph = graph_from_edges(12, a, b, np.full(len(a), SHARED_BORDER, dtype=np.uint8))
    weight = np.repeat([1.0, 0.0], 6)
    return problem_of(np.arange(12) / 10, np.arange(12) / 10, weight, graph, np.ones(3), 0.01)


def test_where_the_relaxation_is_not_enough_it_branches(monkeypatch: pytest.MonkeyPatch) -> None:
    branched = []
    choose = geo.exact.cut_edges.fractional_pair

    def counted(search: Search, cover: Cover) -> tuple[int, int] | None:
        branched.append(choose(search, cover))
        return branched[-1]

    monkeypatch.setattr(geo.exact.cut_edges, "fractional_pair", counted)
    found = solve_exact(two_triangles(), "cut_edges")
    assert (found.status, found.value) == ("optimal", 8)
    assert any(pair is not None for pair in branched)
    assert is_plan(two_triangles(), found.labels)


@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_any_small_market(data: st.DataObject) -> None:
    n = data.draw(st.integers(3, 8))
    p = data.draw(st.integers(2, 3))
    parents = [data.draw(st.integers(max(0, i - 3), i - 1)) for i in range(1, n)]
    extra = data.draw(st.lists(st.tuples(st.integers(0, n - 1), st.integers(0, n - 1)), max_size=n))
    pairs = [(i + 1, parent) for i, parent in enumerate(parents)]
    pairs += [(a, b) for a, b in extra if a != b]
    a, b = (np.array([pair[side] for pair in pairs], dtype=np.int64) for side in (0, 1))
    graph = graph_from_edges(n, a, b, np.full(len(pairs), SHARED_BORDER, dtype=np.uint8))
    weight = [data.draw(st.integers(1, 6)) for _ in range(n)]
    place = [(data.draw(st.integers(0, 9)), data.draw(st.integers(0, 9))) for _ in range(n)]
    lat, lng = np.array(place).T / 10
    share = [data.draw(st.sampled_from([1.0, 1.0, 2.0])) for _ in range(p)]
    problem = problem_of(
        lat, lng, np.array(weight), graph, np.array(share),
        data.draw(st.sampled_from([0.05, 0.2, 0.4])),
    )  # fmt: skip
    for objective in OBJECTIVES:
        check(problem, objective)


def test_no_plan_is_proven_where_presolve_fails() -> None:
    # HiGHS 1.16 gives up on this one (kSolveError) unless its presolve is off.
    pairs = [(1, 0), (2, 0), (3, 0), (4, 1), (5, 3), (6, 4), (7, 5), (1, 5)]
    a, b = (np.array([pair[side] for pair in pairs], dtype=np.int64) for side in (0, 1))
    graph = graph_from_edges(8, a, b, np.full(len(pairs), SHARED_BORDER, dtype=np.uint8))
    lat = np.array([7, 2, 4, 5, 9, 3, 4, 8]) / 10
    lng = np.array([5, 5, 6, 3, 2, 9, 5, 6]) / 10
    weight = np.array([2, 3, 3, 2, 3, 6, 1, 5])
    problem = problem_of(lat, lng, weight, graph, np.array([1.0, 2.0]), 0.05)
    assert check(problem, "inertia").status == "infeasible"


def uneven() -> DesignProblem:
    """A market whose best plan is not met by chance, nor proven by a relaxation alone."""
    weight = np.random.default_rng(3).integers(1, 9, 30).astype(float)
    return market(5, 6, weight.tolist(), [1] * 4, 0.1)


def test_same_seed_same_answer() -> None:
    problem = uneven()
    for objective in OBJECTIVES:
        first, second = (solve_exact(problem, objective, seed=5) for _ in range(2))
        assert np.array_equal(first.labels, second.labels)
        assert (first.value, first.bound) == (second.value, second.bound)


def test_stopped_at_once_it_still_has_a_plan_and_claims_no_more_than_it_knows() -> None:
    least = solve_exact(uneven()).value
    assert least is not None
    found = solve_exact(uneven(), should_stop=lambda: True)
    assert found.status in ("gap", "unknown")
    assert found.bound is None or found.bound <= least
    assert found.value is None or found.value >= least
    assert connected_everywhere(uneven().graph, found.labels, 4)


def test_too_large_is_refused_with_a_remedy() -> None:
    n = MAX_UNITS + 1
    with pytest.raises(OptionError, match=f"at most {MAX_UNITS}") as error:
        solve_exact(path([1.0] * n, 3))
    assert "--resolution" in error.value.hint


def test_a_limit_of_disruption_is_refused() -> None:
    incumbent = Incumbent(np.zeros(4, dtype=np.int32), np.ones(4), 0.5)
    with pytest.raises(OptionError, match="disruption"):
        solve_exact(replace(market(2, 2, [1.0] * 4, [1, 1], 0.1), incumbent=incumbent))
