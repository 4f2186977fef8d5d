"""Laws of the search's parts: what is kept up to date equals what is computed anew."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.arrays import Int32
from geo.cells.graph import CellGraph
from geo.design.borderlists import border_lists, flip_listed
from geo.design.chains import chain
from geo.design.flips import anneal
from geo.design.flow import let_flow
from geo.design.local import contact_masks, may_leave
from geo.design.market import Market, make_market
from geo.design.random import RandomState, stream
from geo.design.recombine import propose, recombine
from geo.design.region import Region, Weights, adopt, cut_out, recount
from geo.design.repair import heaviest_pieces
from geo.design.score import apply_flip, energy, flip_change, weigh
from geo.design.search import Search
from geo.design.untangle import reopen
from geo.measures.compactness import polsby_popper
from tests.design.markets import (
    connected_everywhere,
    disc,
    labels_of,
    path,
    problem_of,
    random_graph,
    whole,
)

Move = Callable[[Region, Weights, RandomState, float], object]

MOVES: dict[str, Move] = {
    "anneal": lambda region, weights, state, heat: anneal(
        region, weights, 400, heat, heat / 9, state
    ),
    "chain": lambda region, weights, state, heat: chain(region, weights, 60, 1000, state),
    "recombine": lambda region, weights, state, heat: recombine(
        region, weights, 60, 2, 100, heat, heat / 9, state
    ),
    "reopen": lambda region, weights, state, heat: reopen(region, weights, 300, (6, 1), state),
}


@st.composite
def tiny(draw: st.DrawFn) -> tuple[CellGraph, Market, Int32]:
    """A market with every term of the objective, and a whole plan of it."""
    n = draw(st.integers(5, 14))
    p = draw(st.integers(2, 5))
    rng = np.random.default_rng(draw(st.integers(0, 999)))
    graph = random_graph(rng, n, extra=n)
    lat, lng = rng.uniform(-2, 2, n), rng.uniform(-2, 2, n)
    problem = problem_of(lat, lng, rng.integers(0, 4, n) + (np.arange(n) == 0), graph, np.ones(p))
    activity = np.column_stack([problem.activity[:, 0], rng.integers(1, 4, n)]).astype(np.float64)
    targets = rng.uniform(1, 3, (p, 2))
    problem = replace(
        problem,
        activity=activity,
        measures=("potential", "accounts"),
        targets=targets * activity.sum(axis=0) / targets.sum(axis=0),
        tolerance=np.array([0.05, 0.2]),
        low=np.where(rng.random((p, 2)) < 0.3, 1.0, np.nan),
        high=np.where(rng.random((p, 2)) < 0.3, 3.0, np.nan),
        apart=np.sort([rng.permutation(n)[:2] for _ in range(5)]),
    )
    market = replace(
        make_market(problem, 1000 * rng.standard_normal(p)),
        anchor=rng.integers(-1, p, n).astype(np.int32),
        fixed=rng.random(n) < 0.2,
    )
    pull = np.where(market.anchor >= 0, 5 * rng.random(n), 0.0)
    labels = whole(graph, rng.integers(0, p, n).astype(np.int32), p)
    return graph, replace(market, pull=pull), labels


def cut(market: Market, labels: Int32, *territories: int) -> Region:
    units = np.flatnonzero(np.isin(labels, territories)).astype(np.int32)
    return cut_out(market, labels, units, labels_of(*territories))


def assert_sums_are_a_recount(region: Region) -> None:
    load, moment, size = (np.empty_like(a) for a in (region.load, region.moment, region.size))
    recount(region.labels, region.activity, region.xyz, region.mass, load, moment, size)
    assert region.load == pytest.approx(load, abs=1e-9)
    assert region.moment == pytest.approx(moment, abs=1e-7)
    assert np.array_equal(region.size, size)


def assert_whole_and_held(
    graph: CellGraph, market: Market, before: Int32, after: Int32, inside: Int32
) -> None:
    outside = ~np.isin(before, inside)
    assert connected_everywhere(graph, after, len(market.targets))
    assert np.array_equal(after[market.fixed], before[market.fixed])
    assert np.array_equal(after[outside], before[outside])


@pytest.mark.parametrize("name", MOVES)
@settings(max_examples=50, deadline=None)
@given(drawn=tiny(), seed=st.integers(0, 99), hot=st.sampled_from([0.01, 1.0, 100.0]))
def test_moves_keep_the_sums_the_pieces_and_what_is_fixed(
    name: str, drawn: tuple[CellGraph, Market, Int32], seed: int, hot: float
) -> None:
    graph, market, labels = drawn
    weights = weigh(market, labels)
    before = labels.copy()
    inside = np.arange(max(2, len(market.targets) - 1), dtype=np.int32)
    region = cut(market, labels, *inside.tolist())
    MOVES[name](region, weights, stream(seed), hot * weights.border)
    assert_sums_are_a_recount(region)
    assert region.labels[-1] == -1
    labels[region.units] = region.territories[region.labels[:-1]]
    assert_whole_and_held(graph, market, before, labels, inside)


@settings(max_examples=50, deadline=None)
@given(drawn=tiny(), closed=st.booleans())
def test_flows_keep_the_pieces_what_is_fixed_and_what_is_closed(
    drawn: tuple[CellGraph, Market, Int32], closed: bool
) -> None:
    graph, market, labels = drawn
    free = np.arange(len(market.targets)) != (0 if closed else -1)
    market = replace(market, open=free)
    before = labels.copy()
    let_flow(Search(market, weigh(market, labels), labels, seed=0))
    inside = np.flatnonzero(free).astype(np.int32)
    assert_whole_and_held(graph, market, before, labels, inside)


def test_flow_carries_a_surplus_past_full_territories() -> None:
    # Light units in a row; the first territory has 12 too many, the last 12 too few.
    problem = path([1.0] * 800, 4)
    labels = np.repeat(labels_of(0, 1, 2, 3), [212, 200, 200, 188])
    market = make_market(problem, np.zeros(4))
    let_flow(Search(market, weigh(market, labels), labels, seed=0))
    assert np.bincount(labels).tolist() == [200, 200, 200, 200]


@settings(max_examples=60, deadline=None)
@given(drawn=tiny())
def test_the_increment_of_every_flip_is_the_difference_of_energies(
    drawn: tuple[CellGraph, Market, Int32],
) -> None:
    _, market, labels = drawn
    weights = weigh(market, labels)
    everything = cut(market, labels, *range(len(market.targets)))
    for region in (everything, cut(market, labels, 0, 1)):
        now = energy(region, weights)
        for i in range(len(region.units)):
            a = int(region.labels[i])
            around = region.labels[region.indices[region.indptr[i] : region.indptr[i + 1]]]
            if region.size[a] == 1:
                continue
            for b in set(range(len(region.size))) - {a}:
                more = int((around == a).sum() - (around == b).sum())
                change = flip_change(i, a, b, more, region, weights)
                apply_flip(i, a, b, region)
                then = energy(region, weights)
                apply_flip(i, b, a, region)
                largest = max(abs(now), abs(then), abs(change))
                assert change == pytest.approx(then - now, abs=1e-9 * largest)


@pytest.mark.parametrize("name", MOVES)
@settings(max_examples=50, deadline=None)
@given(drawn=tiny(), seed=st.integers(0, 99))
def test_cold_moves_never_make_it_worse(
    name: str, drawn: tuple[CellGraph, Market, Int32], seed: int
) -> None:
    _, market, labels = drawn
    weights = weigh(market, labels)
    region = cut(market, labels, *range(len(market.targets)))
    before = energy(region, weights)
    MOVES[name](region, weights, stream(seed), 1e-12)
    assert energy(region, weights) <= before + 1e-9 * (1 + abs(before))


@pytest.mark.parametrize("name", MOVES)
def test_moves_do_move_and_gain(name: str) -> None:
    market = make_market(problem := disc(8, 6), np.zeros(6))
    rng = np.random.default_rng(1)
    labels = whole(problem.graph, rng.integers(0, 6, len(problem)).astype(np.int32), 6)
    weights = weigh(market, labels)
    region = cut(market, labels, *range(6))
    before = energy(region, weights)
    MOVES[name](region, weights, stream(1), 0.02 * weights.border)
    assert energy(region, weights) < 0.9 * before


@pytest.mark.parametrize("name", MOVES)
def test_regions_that_share_no_territory_in_either_order_or_side_by_side(name: str) -> None:
    market = make_market(problem := disc(8, 6), np.zeros(6))
    rng = np.random.default_rng(2)
    begun = whole(problem.graph, rng.integers(0, 6, len(problem)).astype(np.int32), 6)
    weights = weigh(market, begun)
    sides = ((0, 1, 2), (3, 4, 5))

    def work(labels: Int32, numbers: list[int], seen: Int32) -> None:
        for number in numbers:
            region = cut(market, seen, *sides[number])
            MOVES[name](region, weights, stream(number), weights.border)
            labels[region.units] = region.territories[region.labels[:-1]]

    forth, back, beside = begun.copy(), begun.copy(), begun.copy()
    work(forth, [0, 1], forth)
    work(back, [1, 0], back)
    work(beside, [0, 1], begun)
    assert np.array_equal(forth, back)
    assert np.array_equal(forth, beside)
    assert not np.array_equal(forth, begun)


@settings(max_examples=50, deadline=None)
@given(drawn=tiny(), seed=st.integers(0, 99))
def test_border_lists_follow_the_flips(drawn: tuple[CellGraph, Market, Int32], seed: int) -> None:
    _, market, labels = drawn
    region = cut(market, labels, *range(len(market.targets)))
    rng = np.random.default_rng(seed)
    kept = border_lists(region)
    for _ in range(10):
        flip_listed(rng.integers(len(labels)), rng.integers(len(region.size)), region, *kept)

    def listed(head: Int32, after: Int32, before: Int32) -> list[set[int]]:
        return [set(run(int(first), after)) for first in head]

    def run(unit: int, after: Int32) -> Iterator[int]:
        while unit >= 0:
            yield unit
            unit = int(after[unit])

    assert listed(*kept) == listed(*border_lists(region))


def test_adopted_labels_bring_their_sums() -> None:
    problem = path([1, 2, 3, 4], 2)
    market = make_market(problem, np.zeros(2))
    region = cut(market, labels_of(0, 0, 1, 1), 0, 1)
    adopt(region, labels_of(0, 1, 1, 1))
    assert_sums_are_a_recount(region)
    assert region.load[:, 0].tolist() == pytest.approx([0.2, 1.8])


def test_middle_of_a_row_may_not_leave_and_its_end_may() -> None:
    graph = path([1, 1, 1, 1], 2).graph
    masks = contact_masks(graph.indptr, graph.indices)
    labels = labels_of(0, 0, 0, 1)
    may = [may_leave(i, labels, graph.indptr, graph.indices, masks) for i in range(4)]
    assert may == [True, False, True, False]


def test_heaviest_piece_is_kept_and_a_whole_plan_stays_as_it_is() -> None:
    problem = path([1, 5, 1, 1, 1], 2)
    kept = heaviest_pieces(problem.graph, labels_of(0, 0, 1, 0, 1), problem.activity[:, 0])
    assert kept.tolist() == [True, True, True, False, False]
    assert heaviest_pieces(problem.graph, labels_of(0, 0, 1, 1, 1), problem.activity[:, 0]).all()


def test_polsby_popper_of_one_hexagon_and_of_a_disc() -> None:
    problem = disc(30, 2)
    alone = np.zeros(len(problem), dtype=np.int32)
    disc_value = polsby_popper(problem.graph, alone, 1)[0]
    assert 0.65 < disc_value <= 0.69
    alone[100] = 1
    assert polsby_popper(problem.graph, alone, 2)[1] == pytest.approx(0.9069, abs=1e-4)


@settings(max_examples=60, deadline=None)
@given(tiny(), st.integers(0, 99))
def test_a_recombination_changes_the_objective_by_what_was_said(
    made: tuple[CellGraph, Market, Int32], seed: int
) -> None:
    graph, market, labels = made
    p = len(market.targets)
    every = np.arange(p, dtype=np.int32)
    region = cut_out(market, labels, np.arange(len(labels), dtype=np.int32), every)
    # Pairs that count for much, so that their term is seen among the others.
    weights = weigh(market, labels)._replace(apart=1e4)
    a = int(labels[0])
    b = next((int(k) for k in labels[graph.indices[: graph.indptr[1]]] if k != a), None)
    if b is None:
        return
    m = len(labels)
    owner, best = np.zeros(m + 1, np.int64), np.zeros(m + 1, np.int64)
    order, parent = np.empty(m, np.int32), np.empty(m, np.int32)
    before = energy(region, weights)
    change, size = propose(
        0, a, b, 3, region, weights, order, parent, np.full(m + 1, -1, np.int32), owner, best,
        np.empty((m + 1, 2)), np.empty((m + 1, 4)), np.zeros(m, np.int64), stream(seed, 0, 0),
    )  # fmt: skip
    after = region.labels[:-1].copy()
    after[order[:size]] = best[order[:size]]
    adopt(region, after)
    assert energy(region, weights) - before == pytest.approx(change, rel=1e-9, abs=1e-4)
