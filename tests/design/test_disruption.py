"""Disruption and its bound, contraction of groups, and names of territories: laws and answers."""

import itertools
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo import check
from geo.arrays import Int32
from geo.design.conflict import conflicts
from geo.design.contract import connected_groups, contract
from geo.design.disruption import Kept, bound_of, kept_by, least_disruption
from geo.design.front import disruption_front, least_by_tolerance
from geo.design.identity import renamed
from geo.design.problem import DesignProblem, Incumbent
from geo.design.realign import incumbent_start
from geo.design.solve import solve, stuck
from geo.errors import OptionError
from geo.measures.balance import deviations, loads
from tests.design.markets import connected_everywhere, disc, path


def labels_of(*values: int) -> Int32:
    return np.array(values, dtype=np.int32)


def with_incumbent(
    problem: DesignProblem, labels: Int32, budget: float = np.inf, weight: object = None
) -> DesignProblem:
    own = problem.activity[:, 0] if weight is None else np.asarray(weight, dtype=np.float64)
    return replace(problem, incumbent=Incumbent(labels, own.copy(), budget))


# --- the least disruption


def test_known_answer_surplus_must_leave() -> None:
    # 8 and 2 where 5 and 5 are wanted, 10 % allowed: 2.5 of 10 must go over.
    problem = replace(path([1.0] * 10, 2), tolerance=np.array([0.1]))
    had = labels_of(*[0] * 8, *[1] * 2)
    kept = kept_by(had, problem.activity[:, 0])
    assert least_disruption(problem, kept).bound == pytest.approx(2.5)


def test_known_answer_a_new_territory_grows() -> None:
    problem = replace(path([1.0] * 9, 3), tolerance=np.array([1e-9]))
    kept = kept_by(labels_of(0, 0, 0, 0, 0, 1, 1, 1, 1), problem.activity[:, 0])
    assert least_disruption(problem, kept).bound == pytest.approx(3.0, abs=1e-6)


def test_units_whose_rep_left_move_for_nothing() -> None:
    problem = replace(path([1.0] * 6, 2), tolerance=np.array([1e-9]))
    kept = kept_by(labels_of(0, 0, 0, -1, -1, -1), problem.activity[:, 0])
    found = least_disruption(problem, kept)
    assert found.bound == 0.0
    assert not found.prices.any()


def test_the_weight_need_not_be_the_measure() -> None:
    # Units of equal potential; the cheap ones to move are worth 0.1 each.
    problem = replace(path([1.0] * 6, 2), tolerance=np.array([1e-9]))
    kept = kept_by(labels_of(0, 0, 0, 0, 0, 1), np.array([9.0, 0.1, 9.0, 9.0, 0.1, 9.0]))
    assert least_disruption(problem, kept).bound == pytest.approx(0.2, abs=1e-6)


def test_limits_count_as_bands() -> None:
    problem = path([1.0] * 6, 2)
    low = np.array([[np.nan], [5.0]])
    kept = kept_by(labels_of(0, 0, 0, 1, 1, 1), np.ones(6))
    problem = replace(problem, tolerance=np.array([0.9]), low=low)
    assert least_disruption(problem, kept).bound == pytest.approx(2.0)


@st.composite
def small(draw: st.DrawFn) -> tuple[DesignProblem, Kept]:
    n, p = draw(st.integers(2, 6)), draw(st.integers(1, 3))
    n = max(n, p)
    weights = draw(st.lists(st.integers(0, 9), min_size=n, max_size=n))
    problem = path([float(w) + (i == 0) for i, w in enumerate(weights)], p)
    second = np.array(draw(st.lists(st.integers(0, 5), min_size=n, max_size=n)), dtype=np.float64)
    activity = np.column_stack([problem.activity[:, 0], second + 1])
    targets = np.outer(np.full(p, 1 / p), activity.sum(axis=0))
    tolerance = np.array(
        [draw(st.sampled_from([0.05, 0.3, 0.7])), draw(st.sampled_from([0.2, np.nan]))]
    )
    problem = replace(
        problem, activity=activity, measures=("potential", "hours"), targets=targets,
        tolerance=tolerance,
    )  # fmt: skip
    entries = {
        (u, k): float(draw(st.integers(1, 9)))
        for u in range(n)
        for k in draw(st.lists(st.integers(0, p - 1), max_size=2, unique=True))
    }
    keys = np.array(sorted(entries), dtype=np.int64).reshape(-1, 2)
    worth = np.array([entries[u, k] for u, k in keys.tolist()])
    return problem, Kept(keys[:, 0].copy(), keys[:, 1].copy(), worth)


@given(small())
@settings(max_examples=80, deadline=None)
def test_no_plan_within_the_bands_is_below_the_bound(case: tuple[DesignProblem, Kept]) -> None:
    problem, kept = case
    found = least_disruption(problem, kept)
    low, high = problem.bands()
    for plan in itertools.product(range(problem.territories), repeat=len(problem)):
        labels = labels_of(*plan)
        load = loads(problem.activity, labels, problem.territories)
        if (load >= low - 1e-12).all() and (load <= high + 1e-12).all():
            assert kept.disruption(labels) >= found.bound - 1e-6


@given(small(), st.data())
@settings(max_examples=60, deadline=None)
def test_any_prices_give_a_bound_and_the_checker_agrees(
    case: tuple[DesignProblem, Kept], data: st.DataObject
) -> None:
    problem, kept = case
    low, high = problem.bands()
    banded = np.flatnonzero(np.isfinite(low).any(axis=0))
    size = problem.territories * len(banded)
    prices = np.array(data.draw(st.lists(st.integers(-9, 9), min_size=size, max_size=size)))
    prices = prices.reshape(problem.territories, len(banded)).astype(np.float64)
    ours = bound_of(problem.activity[:, banded], kept, prices, low[:, banded], high[:, banded])
    theirs = check.disruption_bound(
        problem.activity[:, banded],
        list(zip(kept.unit.tolist(), kept.territory.tolist(), kept.weight.tolist(), strict=True)),
        prices, low[:, banded], high[:, banded],
    )  # fmt: skip
    assert ours == pytest.approx(theirs, abs=1e-9)
    best = least_disruption(problem, kept).bound
    feasible = any(
        (load := loads(problem.activity, labels_of(*plan), problem.territories)).any()
        and (load >= low).all()
        and (load <= high).all()
        for plan in itertools.product(range(problem.territories), repeat=len(problem))
    )
    if feasible and len(banded) == 1 and len(set(kept.unit.tolist())) == len(kept.unit):
        assert ours <= best + 1e-6  # with one measure the flow finds the best prices


# --- the front


def test_the_front_says_what_each_budget_buys() -> None:
    problem = disc(8, 4)
    start = np.ascontiguousarray(
        (np.argsort(np.argsort(problem.lng)) * 4 // len(problem)), np.int32
    )
    told: list[float] = []
    points = disruption_front(
        with_incumbent(problem, start), [0.5, 0.1],
        progress=lambda stage, fraction, message="": told.append(fraction),
    )  # fmt: skip
    assert [point.budget for point in points] == [0.1, 0.5]
    assert told == sorted(told)
    for point in points:
        assert connected_everywhere(problem.graph, point.labels, 4)
        assert point.least <= point.disruption + 1e-9
    kept = kept_by(start, problem.activity[:, 0])
    least = least_by_tolerance(problem, kept, [0.01, 0.1, 0.5, 0.99])
    assert list(least) == sorted(least, reverse=True)
    with pytest.raises(OptionError, match="incumbent"):
        disruption_front(problem, [0.1])


# --- names


def test_territories_go_by_what_they_keep() -> None:
    problem = with_incumbent(path([1.0] * 6, 3), labels_of(2, 2, 0, 0, 1, 1))
    assert renamed(problem, labels_of(0, 0, 1, 1, 2, 2)).tolist() == [2, 2, 0, 0, 1, 1]


def test_unequal_targets_are_not_exchanged() -> None:
    problem = path([1.0] * 6, 2)
    problem = replace(problem, targets=np.array([[4.0], [2.0]]))
    found = labels_of(0, 0, 0, 0, 1, 1)
    assert renamed(with_incumbent(problem, 1 - found), found).tolist() == found.tolist()


def test_a_lock_decides_before_the_incumbent() -> None:
    problem = with_incumbent(path([1.0] * 4, 2), labels_of(0, 0, 1, 1))
    locked = replace(problem, locked=labels_of(1, -1, -1, -1))
    assert renamed(locked, labels_of(0, 0, 1, 1)).tolist() == [1, 1, 0, 0]


@given(st.integers(1, 5), st.data())
def test_renaming_never_adds_disruption(p: int, data: st.DataObject) -> None:
    n = 8
    some = st.lists(st.integers(0, p - 1), min_size=n, max_size=n)
    found = labels_of(*data.draw(some))
    found[:p] = np.arange(p)
    problem = with_incumbent(path([1.0] * n, p), labels_of(*data.draw(some)))
    assert problem.incumbent
    after = renamed(problem, found)
    assert problem.incumbent.disruption(after) <= problem.incumbent.disruption(found)
    assert np.unique(np.stack([found, after]), axis=1).shape[1] == p  # a renaming


# --- groups


def test_a_group_takes_in_the_way_between_its_units() -> None:
    problem = path([1.0] * 6, 2)
    groups = labels_of(-1, 0, -1, 0, -1, -1)
    grown = connected_groups(problem.graph, problem.lat, problem.lng, groups)
    assert grown.tolist() == [-1, 0, 0, 0, -1, -1]


def test_groups_that_meet_become_one() -> None:
    problem = path([1.0] * 6, 2)
    groups = labels_of(0, 1, 0, 1, -1, 2)
    grown = connected_groups(problem.graph, problem.lat, problem.lng, groups)
    assert grown.tolist() == [0, 0, 0, 0, -1, 1]


def test_contraction_keeps_totals_and_the_incumbent_of_most_weight() -> None:
    problem = with_incumbent(
        path([1.0, 2.0, 3.0, 4.0], 2), labels_of(0, 0, 1, -1), 0.5, [1.0, 2.0, 2.0, 9.0]
    )
    problem = replace(problem, together=labels_of(-1, 0, 0, -1), locked=labels_of(-1, -1, 1, -1))
    small = contract(problem)
    assert small.problem.activity[:, 0].tolist() == [1.0, 5.0, 4.0]
    assert small.expand(labels_of(0, 1, 0)).tolist() == [0, 1, 1, 0]
    assert small.problem.locked is not None
    assert small.problem.locked.tolist() == [-1, 1, -1]
    incumbent = small.problem.incumbent
    assert incumbent is not None
    assert incumbent.weight.tolist() == [1.0, 2.0, 0.0]
    # Of 5 in all 2.5 may move, and 2 move in any case.
    assert incumbent.max_disruption * 3.0 == pytest.approx(0.5)


def test_groups_that_cannot_be() -> None:
    problem = replace(path([1.0] * 4, 2), together=labels_of(0, 0, -1, -1))
    with pytest.raises(OptionError, match="locked to different"):
        contract(replace(problem, locked=labels_of(0, 1, -1, -1)))
    with pytest.raises(OptionError, match="kept apart"):
        contract(replace(problem, apart=np.array([[0, 1]])))


@given(st.integers(0, 10_000))
@settings(max_examples=20, deadline=None)
def test_contraction_changes_no_load(seed: int) -> None:
    rng = np.random.default_rng(seed)
    problem = disc(4, 3, seed)
    groups = np.where(rng.random(len(problem)) < 0.1, rng.integers(0, 3, len(problem)), -1)
    groups = np.unique(groups, return_inverse=True)[1].astype(np.int32) - 1
    grown = connected_groups(problem.graph, problem.lat, problem.lng, groups)
    again = connected_groups(problem.graph, problem.lat, problem.lng, grown)
    assert np.array_equal(grown, again)
    small = contract(replace(problem, together=grown))
    assert len(small.problem) == len(problem) - sum(
        int((grown == g).sum()) - 1 for g in range(int(grown.max(initial=-1)) + 1)
    )
    labels = rng.integers(0, 3, len(small.problem)).astype(np.int32)
    assert loads(small.problem.activity, labels, 3) == pytest.approx(
        loads(problem.activity, small.expand(labels), 3)
    )


# --- measures in conflict


def two_measures(
    potential: list[float], hours: list[float], p: int, tolerance: tuple[float, float]
) -> DesignProblem:
    activity = np.column_stack([potential, hours]).astype(np.float64)
    return replace(
        path(potential, p), activity=activity, measures=("potential", "hours"),
        targets=np.outer(np.full(p, 1 / p), activity.sum(axis=0)), tolerance=np.array(tolerance),
    )  # fmt: skip


def test_known_answer_all_potential_in_one_place_and_all_hours_elsewhere() -> None:
    # The first unit fills a target of potential; only the hours of units without any fit beside.
    problem = two_measures([4, 1, 1, 1, 1], [0, 3, 3, 3, 3], 2, (0.1, 0.1))
    found = conflicts(problem)
    (hours,) = [c for c in found if c.kept == 0]
    # 0.4 more of potential may come along: 1.2 hours, where 6 are wanted.
    assert (hours.unit, hours.other) == (0, 1)
    assert hours.least == pytest.approx(0.8)
    # For 5.4 hours 1.8 of potential must come along: 5.8 where 4 are wanted.
    assert hours.needed == pytest.approx(0.45, abs=1e-6)


def test_measures_that_agree_are_in_no_conflict() -> None:
    assert conflicts(two_measures([1, 2, 3, 4], [2, 4, 6, 8], 2, (0.1, 0.1))) == ()


@given(small())
@settings(max_examples=80, deadline=None)
def test_no_plan_is_better_than_a_conflict_allows(case: tuple[DesignProblem, Kept]) -> None:
    problem = case[0]
    p = problem.territories
    for conflict in conflicts(problem):
        i, j = conflict.kept, conflict.other
        for plan in itertools.product(range(p), repeat=len(problem)):
            load = loads(problem.activity, labels_of(*plan), p)
            off = np.abs(load / problem.targets - 1).max(axis=0)
            if off[i] <= problem.tolerance[i]:
                assert off[j] >= conflict.least - 1e-9
            if off[j] <= problem.tolerance[j] and np.isfinite(conflict.needed):
                assert off[i] >= conflict.needed - 1e-9


def interleaved(p: int) -> DesignProblem:
    """Heavy cells, and an incumbent that is no map: half the ground is split cell by cell."""
    problem = disc(26, p)
    rng = np.random.default_rng(4)
    weight = rng.lognormal(0, 2.0, len(problem))
    weight = np.minimum(weight, 0.3 * weight.sum() / p)
    start = np.where(
        problem.lng < np.median(problem.lng),
        rng.integers(0, p - 2, len(problem)),
        np.where(problem.lat < 0, p - 2, p - 1),
    )
    even = replace(problem, activity=weight[:, None], targets=np.full((p, 1), weight.sum() / p))
    return with_incumbent(even, start.astype(np.int32))


def test_an_incumbent_that_is_no_map_is_no_excuse() -> None:
    problem = interleaved(60)
    plan = solve(problem, effort="quick")
    off = deviations(loads(problem.activity, plan.labels, 60), problem.targets)
    assert np.abs(off).max() <= problem.tolerance[0]
    assert connected_everywhere(problem.graph, plan.labels, 60)
    # The territories' names are those that keep the most.
    np.testing.assert_array_equal(renamed(problem, plan.labels), plan.labels)


def test_only_what_is_no_map_is_drawn_anew() -> None:
    problem = interleaved(60)
    # Three territories of a good map go to a fourth: as uneven, but each of one piece.
    good = solve(problem, effort="quick").labels
    merged = np.where(np.isin(good, (3, 20, 41)), 2, good).astype(np.int32)
    uneven = with_incumbent(problem, merged)
    begun, whole = incumbent_start(problem), incumbent_start(uneven)
    assert stuck(problem, begun, begun)
    assert not stuck(uneven, whole, whole)
    assert problem.incumbent is not None
    limited = with_incumbent(problem, problem.incumbent.labels, budget=0.5)
    assert not stuck(limited, begun, begun)
