"""The solver as a planner meets it: complete, contiguous, balanced, repeatable, interruptible."""

import os
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.arrays import Int32
from geo.cells.graph import SHARED_BORDER, graph_from_edges
from geo.design.certificate import certify
from geo.design.problem import DesignProblem, targets_by_share
from geo.design.repair import repair
from geo.design.solve import solve
from geo.errors import InputError, OptionError
from geo.measures.balance import deviations, loads
from geo.measures.compactness import rms_km, weighted_centers
from tests.design.markets import connected_everywhere, disc, path, problem_of, random_graph


def largest_deviation(problem: DesignProblem, labels: Int32) -> float:
    load = loads(problem.activity, labels, problem.territories)
    return float(np.abs(deviations(load, problem.targets))[:, 0].max())


@pytest.mark.parametrize(("rings", "territories"), [(8, 3), (12, 10), (20, 25)])
def test_plan_is_complete_contiguous_and_within_tolerance(rings: int, territories: int) -> None:
    problem = disc(rings, territories)
    labels = solve(problem).labels
    assert connected_everywhere(problem.graph, labels, territories)
    assert largest_deviation(problem, labels) <= 0.05


def test_known_answer_in_a_row() -> None:
    problem = path([1, 1, 1, 3, 3, 1, 1, 1], 4)
    labels = solve(problem).labels
    assert largest_deviation(problem, labels) == pytest.approx(0)
    assert connected_everywhere(problem.graph, labels, 4)


def test_boxed_in_core_is_freed() -> None:
    # Heavy cells of 0.2 to 0.45 of a target, as in the middle of a metropolis.
    problem = disc(14, 30, seed=3, sigma=1.2)
    heaviest = problem.activity.max() / problem.targets.max()
    assert 0.2 < heaviest < 1
    assert largest_deviation(problem, solve(problem).labels) <= 0.05


def test_targets_by_capacity() -> None:
    whole = disc(14, 6)
    share = np.array([1.0, 1.0, 2.0, 2.0, 3.0, 0.5])
    problem = replace(whole, targets=targets_by_share(whole.activity, share))
    labels = solve(problem).labels
    load = loads(problem.activity, labels, 6)[:, 0]
    assert load / load.sum() == pytest.approx(share / share.sum(), rel=0.05)


def test_homes_draw_their_territories() -> None:
    whole = disc(14, 2)
    west, east = float(whole.lng.min()), float(whole.lng.max())
    share = np.array([1.0, 3.0])
    problem = replace(
        whole,
        targets=targets_by_share(whole.activity, share),
        homes=np.array([[39.1, east], [39.1, west]]),
    )
    labels = solve(problem).labels
    assert problem.lng[labels == 0].mean() > problem.lng[labels == 1].mean()


def test_two_measures_at_once() -> None:
    one = disc(14, 5)
    rng = np.random.default_rng(5)
    activity = np.column_stack([one.activity[:, 0], rng.integers(0, 4, len(one))]).astype(float)
    problem = replace(
        one,
        activity=activity,
        measures=("potential", "accounts"),
        targets=targets_by_share(activity, np.ones(5)),
        tolerance=np.array([0.05, 0.05]),
    )
    off = np.abs(deviations(loads(activity, solve(problem).labels, 5), problem.targets))
    assert off.max() <= 0.05


def test_heaviest_unit_over_a_target_is_alone_and_the_rest_share_evenly() -> None:
    problem = disc(10, 5)
    weight = problem.activity[:, 0].copy()
    weight[40] = weight.sum()
    heavy = problem_of(problem.lat, problem.lng, weight, problem.graph, np.ones(5))
    labels = solve(heavy).labels
    load = np.sort(loads(heavy.activity, labels, 5)[:, 0])
    assert load[-1] == pytest.approx(weight[40], rel=0.03)
    assert np.ptp(load[:4]) / load[:4].mean() < 0.05
    least = 5 * weight[40] / weight.sum() - 1
    assert certify(heavy, labels).least_max_deviation == pytest.approx(least)


def test_same_seed_same_labels_and_other_seed_other_labels() -> None:
    problem = disc(14, 8)
    first = solve(problem, seed=7).labels
    assert np.array_equal(first, solve(problem, seed=7).labels)
    assert not np.array_equal(first, solve(problem, seed=8).labels)


def test_any_number_of_cores_gives_the_same_labels(monkeypatch: pytest.MonkeyPatch) -> None:
    # Small groups, so that much is done side by side.
    monkeypatch.setattr("geo.design.border.GROUP", 150)
    monkeypatch.setattr("geo.design.balance.GROUP", 150)
    problem = disc(14, 12)
    monkeypatch.setattr(os, "cpu_count", lambda: 1)
    alone = solve(problem).labels
    monkeypatch.setattr(os, "cpu_count", lambda: 4)
    assert np.array_equal(solve(problem).labels, alone)


@pytest.mark.parametrize("seed", range(3))
def test_the_order_of_the_units_does_not_matter(seed: int) -> None:
    whole = disc(12, 10)
    order = np.random.default_rng(seed).permutation(len(whole))
    a, b, kind = whole.graph.edges()
    place = np.argsort(order)
    graph = graph_from_edges(len(whole), place[a], place[b], kind)
    weight = whole.activity[order, 0]
    problem = problem_of(whole.lat[order], whole.lng[order], weight, graph, np.ones(10))
    labels = solve(problem).labels
    assert connected_everywhere(graph, labels, 10)
    assert largest_deviation(problem, labels) <= 0.05


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_repair_makes_whole_and_leaves_whole_plans_alone(data: st.DataObject) -> None:
    n = data.draw(st.integers(1, 12))
    p = data.draw(st.integers(1, n))
    rng = np.random.default_rng(data.draw(st.integers(0, 999)))
    graph = random_graph(rng, n, extra=data.draw(st.integers(0, n)))
    labels = rng.integers(0, p, n).astype(np.int32)
    near = np.argsort(rng.random((n, p)), axis=1)[:, : data.draw(st.integers(1, p))]
    cost = np.sort(rng.random(near.shape), axis=1)
    rest = (rng.random(n), cost, near.astype(np.int32), p)
    once = repair(graph, labels, *rest)
    assert connected_everywhere(graph, once, p)
    assert np.array_equal(repair(graph, once, *rest), once)


@pytest.mark.parametrize("after", [0, 1, 5])
def test_interrupted_at_any_time_the_plan_is_whole(after: int) -> None:
    problem = disc(20, 30)
    calls = iter(range(10_000))
    plan = solve(problem, should_stop=lambda: next(calls) >= after)
    assert plan.stop_reason == "stopped"
    assert connected_everywhere(problem.graph, plan.labels, 30)


def test_progress_grows_and_ends() -> None:
    told: list[tuple[str, float]] = []
    solve(disc(10, 4), progress=lambda stage, fraction, message="": told.append((stage, fraction)))
    assert told[0] == ("shape", 0.0)
    assert told[-1] == ("balance", 1.0)
    for stage in ("shape", "border", "balance"):
        fractions = [f for s, f in told if s == stage]
        assert fractions == sorted(fractions)


def test_more_territories_than_units_is_refused() -> None:
    with pytest.raises(OptionError, match="cannot be made of 3 units"):
        path([1, 1, 1], 4)


def test_market_without_potential_is_refused() -> None:
    with pytest.raises(InputError, match="no potential"):
        path([0, 0, 0], 2)


def test_units_all_at_one_place_are_shared_evenly() -> None:
    for lat, lng in ((0.0, 0.0), (39.123, -94.7)):
        row = path([1.0] * 12, 4)
        problem = replace(row, lat=np.full(12, lat), lng=np.full(12, lng))
        labels = solve(problem).labels
        assert largest_deviation(problem, labels) == pytest.approx(0)
        assert connected_everywhere(problem.graph, labels, 4)


@pytest.mark.parametrize("weights", [[1, 2, 0, 4, 5], [0, 0, 1, 0, 0]])
def test_as_many_territories_as_units(weights: list[float]) -> None:
    assert sorted(solve(path(weights, 5)).labels) == [0, 1, 2, 3, 4]


def test_potential_at_one_unit_only() -> None:
    problem = path([0, 0, 0, 1, 0, 0, 0, 0], 3)
    assert connected_everywhere(problem.graph, solve(problem).labels, 3)


@pytest.mark.parametrize("seed", range(3))
def test_few_territories_on_a_tree_where_strays_are_barred_again_and_again(seed: int) -> None:
    # Once, a unit could be barred from every territory there is.
    rng = np.random.default_rng(seed)
    graph = random_graph(rng, 33, extra=0)
    lat, lng = 80 * rng.uniform(-1, 1, 33), 160 * rng.uniform(-1, 1, 33)
    problem = problem_of(
        lat, lng, rng.random(33) * (rng.random(33) < 0.3) + 1e-9, graph, np.ones(3)
    )
    assert connected_everywhere(graph, solve(problem, effort="quick").labels, 3)


def test_market_in_pieces_is_refused() -> None:
    graph = graph_from_edges(3, np.array([0]), np.array([1]), np.array([SHARED_BORDER]))
    with pytest.raises(InputError, match="hang together"):
        problem_of(np.zeros(3), np.arange(3.0), np.ones(3), graph, np.ones(2))


def test_across_the_antimeridian_like_anywhere_else() -> None:
    there = path([1, 2, 1, 2, 1, 2, 1, 2], 3)
    lng = (there.lng + 179.65 + 180) % 360 - 180
    across = replace(there, lng=lng)
    here_rms, across_rms = (
        rms_km(
            p.lat,
            p.lng,
            p.activity[:, 0],
            labels := solve(p).labels,
            weighted_centers(p.lat, p.lng, p.activity[:, 0], labels, 3),
        )
        for p in (there, across)
    )
    assert across_rms == pytest.approx(here_rms, rel=1e-6)


def test_a_disc_on_the_antimeridian_is_designed_as_well_as_anywhere() -> None:
    here = disc(10, 6)
    across = replace(here, lng=(here.lng + 94.6 + 360) % 360 - 180)
    assert np.ptp(across.lng) > 350
    labels = solve(across).labels
    assert connected_everywhere(across.graph, labels, 6)
    assert largest_deviation(across, labels) <= 0.05
    weight = here.activity[:, 0]
    spread_here, spread_across = (
        rms_km(p.lat, p.lng, weight, found, weighted_centers(p.lat, p.lng, weight, found, 6))
        for p, found in ((here, solve(here).labels), (across, labels))
    )
    assert spread_across == pytest.approx(spread_here, rel=0.05)


@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_any_tree_or_grid_gives_a_whole_plan(data: st.DataObject) -> None:
    n = data.draw(st.integers(1, 20))
    p = data.draw(st.integers(1, n))
    parents = [data.draw(st.integers(0, i - 1)) for i in range(1, n)]
    extra = data.draw(st.lists(st.tuples(st.integers(0, n - 1), st.integers(0, n - 1)), max_size=n))
    pairs = [(i + 1, parent) for i, parent in enumerate(parents)]
    pairs += [(a, b) for a, b in extra if a != b]
    a, b = (np.array([pair[side] for pair in pairs], dtype=np.int64) for side in (0, 1))
    graph = graph_from_edges(n, a, b, np.full(len(pairs), SHARED_BORDER, dtype=np.uint8))
    weight = data.draw(
        st.lists(st.floats(0, 1e9) | st.just(0.0), min_size=n, max_size=n).filter(
            lambda w: sum(w) > 1e-6
        )
    )
    coordinate = st.integers(-80, 80).map(float)
    lat = np.array([data.draw(coordinate) for _ in range(n)])
    lng = np.array([2 * data.draw(coordinate) for _ in range(n)])
    problem = problem_of(lat, lng, np.array(weight), graph, np.ones(p))
    plan = solve(problem, effort="quick")
    assert connected_everywhere(graph, plan.labels, p)
    certificate = certify(problem, plan.labels)
    assert certificate.inertia_bound <= certificate.inertia * (1 + 1e-6) + 1e-3


def test_who_looks_on_sees_whole_plans_and_changes_nothing() -> None:
    problem = disc(12, 8)
    seen: list[Int32] = []
    plan = solve(problem, watch=seen.append)
    assert len(seen) > 3
    for labels in seen:
        assert connected_everywhere(problem.graph, labels, 8)
        assert not labels.flags.writeable
    assert largest_deviation(problem, seen[-1]) <= largest_deviation(problem, seen[0])
    np.testing.assert_array_equal(solve(problem).labels, plan.labels)
