"""What a planner fixes, the solver keeps wherever that is easily possible.

Tests of the command line see to it that a breach is said; these, that there is none.
"""

from dataclasses import replace

import numpy as np
import pytest

from geo.arrays import Int32
from geo.design.problem import DesignProblem, Incumbent
from geo.design.solve import solve
from geo.measures.balance import deviations, loads
from tests.design.markets import connected_everywhere, disc

P = 5
PROBLEM = disc(12, P)


@pytest.fixture(scope="module")
def before() -> Int32:
    """A plan in force, of another seed and so of other borders than `solve` finds by itself."""
    return solve(PROBLEM, seed=11).labels


def in_force(labels: Int32, most: float = np.inf) -> Incumbent:
    return Incumbent(labels.copy(), PROBLEM.activity[:, 0].copy(), most)


def worst(problem: DesignProblem, labels: Int32) -> float:
    return float(np.abs(deviations(loads(problem.activity, labels, P), problem.targets)).max())


def whole(problem: DesignProblem, seed: int = 0) -> Int32:
    labels = solve(problem, seed=seed).labels
    assert connected_everywhere(problem.graph, labels, P)
    return labels


def test_locked_units_stay_where_they_are_locked(before: Int32) -> None:
    locked = np.full(len(PROBLEM), -1, np.int32)
    locked[::9] = before[::9]
    labels = whole(replace(PROBLEM, locked=locked, incumbent=in_force(before)))
    assert (labels[::9] == before[::9]).all()
    assert worst(PROBLEM, labels) <= 0.05


def test_a_closed_territory_neither_gains_nor_loses(before: Int32) -> None:
    closed = np.arange(P) == 2
    labels = whole(replace(PROBLEM, closed=closed, incumbent=in_force(before)))
    assert np.array_equal(labels == 2, before == 2)
    assert worst(PROBLEM, labels) <= 0.05


def test_pairs_are_kept_apart(before: Int32) -> None:
    a, b, _ = PROBLEM.graph.edges()
    across = before[a] != before[b]
    at_border = np.isin(a, np.concatenate([a[across], b[across]]))
    near = np.flatnonzero(at_border & ~across)[[3, 17, 40]]  # neighbours, and a border beside them
    apart = np.stack([a[near], b[near]], axis=1).astype(np.int64)
    labels = whole(replace(PROBLEM, apart=apart))
    assert (labels[apart[:, 0]] != labels[apart[:, 1]]).all()
    assert worst(PROBLEM, labels) <= 0.05


def test_limits_of_another_measure_hold() -> None:
    rng = np.random.default_rng(4)
    activity = np.column_stack([PROBLEM.activity[:, 0], rng.integers(0, 5, len(PROBLEM))])
    targets = np.repeat(activity.sum(axis=0)[None, :] / P, P, axis=0)
    nothing = np.full(P, np.nan)
    problem = replace(
        PROBLEM,
        activity=activity.astype(float),
        measures=("potential", "visits"),
        targets=targets,
        tolerance=np.array([0.1, np.nan]),
        low=np.column_stack([nothing, 0.9 * targets[:, 1]]),
        high=np.column_stack([nothing, 1.1 * targets[:, 1]]),
    )
    visits = loads(problem.activity, whole(problem), P)[:, 1]
    assert (np.abs(visits / targets[:, 1] - 1) <= 0.1).all()


@pytest.mark.parametrize("most", [0.0, 0.05])
def test_no_more_changes_hands_than_allowed(before: Int32, most: float) -> None:
    incumbent = in_force(before, most)
    labels = whole(replace(PROBLEM, incumbent=incumbent))
    assert incumbent.disruption(labels) <= most + 1e-12


def grown(labels: Int32) -> Int32:
    """The same plan after territory 0 took units of its neighbours, a fifth of a target."""
    a, b, _ = PROBLEM.graph.edges()
    labels = labels.copy()
    while loads(PROBLEM.activity, labels, P)[0, 0] < 1.2 * PROBLEM.targets[0, 0]:
        beside = np.union1d(b[labels[a] == 0], a[labels[b] == 0])
        for unit in beside[labels[beside] != 0].tolist():
            tried = labels.copy()
            tried[unit] = 0
            if connected_everywhere(PROBLEM.graph, tried, P):
                labels = tried
                break
    return labels


def test_an_unbalanced_plan_is_mended_within_its_budget(before: Int32) -> None:
    labels = grown(before)
    incumbent = in_force(labels, 0.15)
    found = whole(replace(PROBLEM, incumbent=incumbent))
    assert worst(PROBLEM, found) <= 0.05 < worst(PROBLEM, labels)
    assert incumbent.disruption(found) <= 0.15
