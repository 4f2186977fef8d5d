"""What a planner fixes holds: locks, closed territories, limits, pairs apart, the plan in force."""

from dataclasses import replace

import numpy as np
import pytest

from geo.arrays import Bool, Float, Int32
from geo.design.part import part_foes
from geo.design.problem import DesignProblem, Incumbent, targets_by_share
from geo.design.solve import solve
from geo.errors import OptionError
from geo.measures.balance import deviations, loads
from geo.measures.compactness import cut_edges, rms_km, weighted_centers
from tests.design.markets import connected_everywhere, disc, labels_of, path, whole

MARKET = disc(10, 6)


def off(problem: DesignProblem, labels: Int32) -> Float:
    """Absolute deviations of every territory and measure."""
    load = loads(problem.activity, labels, problem.territories)
    return np.abs(deviations(load, problem.targets))


def assert_sound(problem: DesignProblem, labels: Int32) -> None:
    assert connected_everywhere(problem.graph, labels, problem.territories)
    balanced = np.isfinite(problem.tolerance)
    assert (off(problem, labels) <= problem.tolerance)[:, balanced].all()


def in_force(problem: DesignProblem, labels: Int32, budget: float = np.inf) -> DesignProblem:
    weight = problem.activity[:, 0].copy()
    return replace(problem, incumbent=Incumbent(labels.copy(), weight, budget))


def disruption(problem: DesignProblem, labels: Int32) -> float:
    assert problem.incumbent is not None
    return problem.incumbent.disruption(labels)


def shared(parts: int) -> Int32:
    """A balanced plan of the market for so many territories."""
    share = np.ones(parts)
    return solve(replace(MARKET, targets=targets_by_share(MARKET.activity, share))).labels


def spread_km(problem: DesignProblem, labels: Int32) -> float:
    lat, lng, weight = problem.lat, problem.lng, problem.activity[:, 0]
    return rms_km(lat, lng, weight, labels, weighted_centers(lat, lng, weight, labels, 6))


def compass() -> list[int]:
    """The market's westernmost, easternmost and northernmost unit."""
    return [int(MARKET.lng.argmin()), int(MARKET.lng.argmax()), int(MARKET.lat.argmax())]


# --- locks


@pytest.mark.parametrize("count", [1, 2, 3])
def test_locked_units_are_in_their_territory_however_far_apart(count: int) -> None:
    locked = np.full(len(MARKET), -1, np.int32)
    locked[compass()[:count]] = 4
    problem = replace(MARKET, locked=locked)
    labels = solve(problem).labels
    assert (labels[locked == 4] == 4).all()
    assert_sound(problem, labels)


def test_unit_locked_into_a_territory_across_others_is_reached() -> None:
    before = shared(6)
    west, east, _ = compass()
    locked = np.full(len(MARKET), -1, np.int32)
    locked[east] = before[west]
    problem = in_force(replace(MARKET, locked=locked), before)
    labels = solve(problem).labels
    assert before[east] != before[west]
    assert labels[east] == before[west]
    assert_sound(problem, labels)


def test_locks_of_several_territories_hold_at_once() -> None:
    locked = np.full(len(MARKET), -1, np.int32)
    locked[compass()] = 0, 3, 5
    problem = replace(MARKET, locked=locked)
    labels = solve(problem).labels
    assert labels[compass()].tolist() == [0, 3, 5]
    assert_sound(problem, labels)


def test_locks_that_leave_nothing_for_a_territory_are_refused() -> None:
    locked = labels_of(0, -1, -1, -1, -1, 0)
    with pytest.raises(OptionError, match="locked units"):
        solve(replace(path([1] * 6, 3), locked=locked))


# --- closed territories


def closed(*territories: int) -> Bool:
    return np.isin(np.arange(6), territories)


@pytest.mark.parametrize("shut", [(2,), (0, 3), (0, 1, 2, 3), (0, 1, 2, 3, 4, 5)])
def test_closed_territories_neither_gain_nor_lose_a_unit(shut: tuple[int, ...]) -> None:
    before = shared(6)
    share = np.array([1.0, 1, 1, 1, 1.2, 0.8])
    targets = targets_by_share(MARKET.activity, share)
    problem = in_force(replace(MARKET, targets=targets, closed=closed(*shut)), before)
    labels = solve(problem).labels
    for territory in shut:
        assert np.array_equal(labels == territory, before == territory)
    assert connected_everywhere(MARKET.graph, labels, 6)


def test_the_open_ones_are_balanced_beside_a_closed_one() -> None:
    # The closed one is well above its target; the others share what is left.
    before = whole(MARKET.graph, np.where(MARKET.lng < -94.9, 0, 1 + shared(5)).astype(np.int32), 6)
    had = float(MARKET.activity[before == 0].sum())
    total = float(MARKET.activity.sum())
    targets = np.array([[had], *[[(total - had) / 5]] * 5])
    problem = in_force(replace(MARKET, targets=targets, closed=closed(0)), before)
    labels = solve(problem).labels
    assert np.array_equal(labels == 0, before == 0)
    assert_sound(problem, labels)


def test_units_without_a_territory_do_not_go_to_a_closed_one() -> None:
    before = shared(6)
    vacant = np.where(before == 5, -1, before).astype(np.int32)
    vacant[before == 5] = np.where(MARKET.lat[before == 5] > 39.1, -1, 5)
    labels = solve(in_force(replace(MARKET, closed=closed(1)), vacant)).labels
    assert np.array_equal(labels == 1, before == 1)


# --- the plan in force


def test_a_plan_that_is_balanced_is_kept() -> None:
    problem = in_force(MARKET, shared(6))
    assert disruption(problem, solve(problem, seed=9).labels) == 0.0


def test_a_small_imbalance_is_mended_by_small_moves() -> None:
    before = shared(6)
    rows = MARKET.graph.rows
    rim = np.unique(rows[(before[rows] == 0) & (before[MARKET.graph.indices] == 1)])
    before = before.copy()
    before[rim] = 1
    problem = in_force(MARKET, whole(MARKET.graph, before, 6))
    labels = solve(problem).labels
    # Less changes hands than if the rim went back: it stops where all are within the tolerance.
    assert disruption(problem, labels) < 0.02 < disruption(problem, shared(6))
    assert_sound(problem, labels)


@pytest.mark.parametrize("slack", [1.0, 1.5])
@pytest.mark.parametrize("seed", range(4))
def test_disruption_is_within_the_budget_that_some_balanced_plan_keeps(
    seed: int, slack: float
) -> None:
    rng = np.random.default_rng(seed)
    target = shared(6)
    before = np.where(rng.random(len(MARKET)) < 0.1, rng.integers(0, 6, len(MARKET)), target)
    before = whole(MARKET.graph, before.astype(np.int32), 6)
    budget = slack * disruption(in_force(MARKET, before), target)
    problem = in_force(MARKET, before, budget)
    labels = solve(problem).labels
    assert disruption(problem, labels) <= budget
    assert_sound(problem, labels)


def test_a_budget_too_small_for_the_tolerance_is_used() -> None:
    problem = in_force(MARKET, shared(5), 0.14)  # a sixth of the market would have to move
    labels = solve(problem).labels
    assert 0.12 < disruption(problem, labels) <= 0.14
    # What the new territory has is what moved.
    assert off(problem, labels).max() < 0.25


def test_a_new_territory_gets_its_target() -> None:
    problem = in_force(MARKET, shared(5))
    labels = solve(problem).labels
    assert_sound(problem, labels)
    # A sixth of the market at least must go to it; not much more changes hands.
    assert disruption(problem, labels) < 0.2


def test_a_new_territory_whose_rep_lives_in_the_only_unit_of_another() -> None:
    problem = path([1.0] * 6, 3)
    homes = np.array([[np.nan, np.nan], [np.nan, np.nan], [0.0, 0.0]])
    before = Incumbent(labels_of(0, 1, 1, 1, 1, 1), np.ones(6))
    problem = replace(problem, homes=homes, incumbent=before)
    assert_sound(problem, solve(problem).labels)


def test_a_territory_whose_rep_left_is_given_away() -> None:
    seven = shared(7)
    problem = in_force(MARKET, np.where(seven == 6, -1, seven).astype(np.int32))
    labels = solve(problem).labels
    assert_sound(problem, labels)
    assert disruption(problem, labels) < 0.1


def test_a_plan_in_pieces_is_joined() -> None:
    before = shared(6).copy()
    middle = int(np.argmin((MARKET.lat - 39.1) ** 2 + (MARKET.lng + 94.6) ** 2))
    before[compass()] = before[middle]
    problem = in_force(MARKET, before)
    assert_sound(problem, solve(problem).labels)


# --- limits, pairs apart, two measures


def by_units(tolerance: float) -> DesignProblem:
    """The market with the number of units as the second measure."""
    activity = np.column_stack([MARKET.activity[:, 0], np.ones(len(MARKET))])
    return replace(
        MARKET,
        activity=activity,
        measures=("potential", "units"),
        targets=targets_by_share(activity, np.ones(6)),
        tolerance=np.array([0.05, tolerance]),
    )


def test_limits_of_a_measure_that_is_not_balanced_are_kept() -> None:
    problem = by_units(np.nan)
    assert np.bincount(shared(6)).max() > 62
    assert np.bincount(shared(6)).min() < 48
    high, low = np.full((6, 2), np.nan), np.full((6, 2), np.nan)
    high[:, 1], low[:, 1] = 62, 48
    problem = replace(problem, low=low, high=high)
    labels = solve(problem).labels
    assert_sound(problem, labels)
    assert 48 <= np.bincount(labels).min() <= np.bincount(labels).max() <= 62


@pytest.mark.parametrize("off_target", [0.04, 0.2])
@pytest.mark.parametrize("side", ["low", "high"])
def test_limits_of_one_territory_go_before_its_target(side: str, off_target: float) -> None:
    limit = np.full((6, 1), np.nan)
    limit[2] = (1 + off_target if side == "low" else 1 - off_target) * MARKET.targets[2]
    problem = replace(MARKET, low=limit) if side == "low" else replace(MARKET, high=limit)
    labels = solve(problem).labels
    load = loads(MARKET.activity, labels, 6)[2, 0]
    assert load >= limit[2, 0] if side == "low" else load <= limit[2, 0]
    # What one has more, all others have alike less.
    assert np.delete(off(problem, labels)[:, 0], 2).max() < off_target / 5 + 0.01
    assert connected_everywhere(MARKET.graph, labels, 6)


def test_pairs_near_a_border_are_kept_apart() -> None:
    before = shared(6)
    a, b, _ = MARKET.graph.edges()
    rows = MARKET.graph.rows
    rim = np.unique(rows[before[rows] != before[MARKET.graph.indices]])
    both = (before[a] == before[b]) & (np.isin(a, rim) ^ np.isin(b, rim))
    pairs = np.column_stack([a, b])[both][::40].astype(np.int64)
    assert len(pairs) > 3
    problem = in_force(replace(MARKET, apart=pairs), before)
    labels = solve(problem).labels
    assert (labels[pairs[:, 0]] != labels[pairs[:, 1]]).all()
    assert_sound(problem, labels)


def test_pairs_deep_inside_a_territory_are_parted() -> None:
    problem = disc(16, 4)  # territories of two hundred units, more than the search recombines
    before = solve(problem).labels
    pairs = []
    for k in range(4):
        own = np.flatnonzero(before == k)
        lat, lng = problem.lat[own].mean(), problem.lng[own].mean()
        near = own[np.argsort((problem.lat[own] - lat) ** 2 + (problem.lng[own] - lng) ** 2)]
        pairs.append(near[:2])
    problem = replace(problem, apart=np.array(pairs, dtype=np.int64))
    labels = part_foes(problem, before, 0)
    a, b = np.array(pairs).T
    assert (before[a] == before[b]).all()
    assert (labels[a] != labels[b]).all()
    assert_sound(problem, labels)


def test_a_new_rep_s_territory_stays_around_the_home() -> None:
    homes = np.full((6, 2), np.nan)
    homes[5] = MARKET.lat[compass()[0]], MARKET.lng[compass()[0]]
    problem = replace(in_force(MARKET, shared(5)), homes=homes)
    labels = solve(problem).labels
    assert labels[compass()[0]] == 5
    away = (MARKET.lat - homes[5, 0]) ** 2 + ((MARKET.lng - homes[5, 1]) * 0.78) ** 2
    reach = float(MARKET.activity[labels == 5, 0].sum())
    nearest = np.argsort(away)
    nearest = nearest[np.cumsum(MARKET.activity[nearest, 0]) <= reach]
    own = MARKET.activity[nearest[labels[nearest] == 5], 0].sum()
    assert own > 0.5 * reach
    assert_sound(problem, labels)


# --- how closely


def test_a_tolerance_of_nothing_asks_for_the_most_even_plan_there_is() -> None:
    problem = replace(MARKET, tolerance=np.array([0.0]))
    labels = solve(problem).labels
    assert connected_everywhere(MARKET.graph, labels, 6)
    assert off(problem, labels).max() < 0.003


def test_without_a_tolerance_shape_comes_first() -> None:
    problem = replace(MARKET, tolerance=np.array([np.nan]))
    labels, even = solve(problem).labels, shared(6)
    assert connected_everywhere(MARKET.graph, labels, 6)
    assert off(problem, labels).max() < 0.55
    assert spread_km(problem, labels) < 1.05 * spread_km(problem, even)
    assert cut_edges(MARKET.graph, labels) < cut_edges(MARKET.graph, even)


def test_without_a_tolerance_limits_hold() -> None:
    limit = np.full((6, 1), 1.2) * MARKET.targets
    problem = replace(MARKET, tolerance=np.array([np.nan]), high=limit)
    labels = solve(problem).labels
    assert (loads(MARKET.activity, labels, 6) <= limit).all()
    assert connected_everywhere(MARKET.graph, labels, 6)


@pytest.mark.parametrize(("first", "second"), [(0.05, 0.05), (0.02, 0.2), (0.2, 0.02)])
def test_two_measures_within_their_own_tolerances(first: float, second: float) -> None:
    problem = replace(by_units(second), tolerance=np.array([first, second]))
    assert_sound(problem, solve(problem).labels)
