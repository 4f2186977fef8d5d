"""Maps drawn at random: known answers on grids, and laws that every map keeps."""

from collections import Counter

import numpy as np
import pytest
from scipy import stats

from geo.arrays import Float, Int32
from geo.cells.graph import CellGraph
from geo.ensemble.diagnostics import autocorrelation, effective_size, r_hat
from geo.ensemble.market import Market
from geo.ensemble.sample import Chain, sample
from geo.errors import OptionError
from geo.measures.balance import loads
from geo.measures.contiguity import pieces
from tests.cells.mixed import disk
from tests.ensemble.grids import Map, all_maps, as_map, grid, halvings, market, stationary

SIX = np.array([0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3], np.int32)


def test_every_map_of_a_grid_is_reached_as_often_as_recom_says() -> None:
    graph = grid(4, 3)
    maps = all_maps(graph, 3)
    wanted = stationary(graph, maps, 3)
    chain, seen = Chain(market(graph, [3.0] * 4, 0.0), SIX, (1,)), Counter[Map]()
    draws = 20_000
    for _ in range(draws):
        seen[as_map(chain.advance(4))] += 1
    assert set(seen) == {m for m, chance in zip(maps, wanted, strict=True) if chance > 1e-9}
    shares = np.array([seen[found] / draws for found in maps])
    assert np.abs(shares - wanted).sum() / 2 < 0.02  # total variation


@pytest.mark.parametrize(("tolerance", "sizes"), [(0.0, {4}), (0.25, {3, 4, 5})])
def test_two_territories_follow_the_spanning_trees(tolerance: float, sizes: set[int]) -> None:
    graph = grid(4, 2)
    law = halvings(frozenset(range(8)), graph, frozenset(sizes))
    chain = Chain(market(graph, [4.0, 4.0], tolerance), SIX[[0, 0, 0, 0, 3, 3, 3, 3]], (2,))
    draws = 20_000
    seen = Counter(as_map(chain.advance(1)) for _ in range(draws))
    assert set(seen) == set(law)  # two territories are drawn afresh each time
    found = np.array([seen[m] for m in law])
    assert stats.chisquare(found, np.array(list(law.values())) * draws).pvalue > 1e-4


def test_maps_are_contiguous_within_tolerance_and_keep_locks_and_closed_territories() -> None:
    from geo.cells.adjacency import contiguity_graph

    graph = contiguity_graph(disk(50.0, 8.0, 5, 6))
    n, random = len(graph), np.random.default_rng(5)
    weight = random.lognormal(0, 1, (n, 1))
    total = weight.sum()
    free_market = Market(
        graph, weight, np.full((5, 1), 0.10 * total), np.full((5, 1), 0.35 * total),
        np.full(n, -1, np.int32), np.zeros(5, np.bool_),
    )  # fmt: skip
    start = _five(graph, weight)
    free_market.check(start)
    locked = np.full(n, -1, np.int32)
    locked[np.flatnonzero(start == 1)[:3]] = 1
    closed = np.array([False, False, False, False, True])
    kept = Market(graph, weight, free_market.low, free_market.high, locked, closed)
    chain = Chain(kept, start, (3,))
    ever = set()
    for _ in range(100):
        labels = chain.advance(3)
        kept.check(labels)
        assert (pieces(graph, labels, 5) == 1).all()
        assert loads(weight, labels, 5).sum() == pytest.approx(total)
        assert (labels[start == 4] == 4).all()
        assert not (labels[start != 4] == 4).any()
        ever.add(labels.tobytes())
    assert len(ever) > 90


def _five(graph: CellGraph, weight: Float) -> Int32:
    """Five contiguous territories of about equal weight: strips of a walk through the disk."""
    from scipy.sparse.csgraph import breadth_first_order

    order = breadth_first_order(graph.matrix(), 0, directed=False)[0]
    share = np.cumsum(weight[order, 0]) / weight.sum()
    labels = np.empty(len(graph), np.int32)
    labels[order] = np.minimum((share * 5).astype(np.int32), 4)
    return _mended(graph, labels)


def _mended(graph: CellGraph, labels: Int32) -> Int32:
    from scipy.sparse.csgraph import connected_components

    for _ in range(20):
        for k in range(5):
            own = np.flatnonzero(labels == k)
            count, piece = connected_components(graph.matrix()[own][:, own], directed=False)
            for small in range(count):
                if small != np.bincount(piece).argmax():
                    for unit in own[piece == small]:
                        near = labels[graph.indices[graph.indptr[unit] : graph.indptr[unit + 1]]]
                        labels[unit] = next((x for x in near if x != k), k)
    return labels


@pytest.mark.parametrize("tree", ["uniform", "minimal"])
def test_the_same_seed_gives_the_same_maps(tree: str) -> None:
    graph = grid(4, 3)
    found = [
        sample(
            market(graph, [3.0] * 4, 0.0), SIX, lambda labels: labels.astype(np.float64),
            maps=20, thin=2, burn=3, seed=seed, tree=tree,  # type: ignore[arg-type]
        )
        for seed in (7, 7, 8)
    ]  # fmt: skip
    assert np.array_equal(found[0].values, found[1].values)
    assert not np.array_equal(found[0].values, found[2].values)
    assert not np.array_equal(found[0].values[0], found[0].values[1])  # two chains, two walks
    assert found[0].acceptance > 0


def test_a_start_that_is_no_valid_map_is_refused() -> None:
    graph = grid(4, 3)
    with pytest.raises(OptionError, match="hang together"):
        market(graph, [3.0] * 4, 0.0).check(SIX[::-1][[0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11]])
    with pytest.raises(OptionError, match="outside the tolerance"):
        market(graph, [1.0, 5.0, 3.0, 3.0], 0.1).check(SIX)


def test_diagnostics_know_independent_draws_from_a_slow_walk() -> None:
    random = np.random.default_rng(0)
    noise = random.normal(size=(2, 2000))
    walk = np.empty_like(noise)
    walk[:, 0] = noise[:, 0]
    for t in range(1, 2000):
        walk[:, t] = 0.9 * walk[:, t - 1] + noise[:, t]
    assert 3000 < effective_size(noise) <= 4000
    assert effective_size(walk) == pytest.approx(4000 * 0.1 / 1.9, rel=0.4)  # (1-ρ)/(1+ρ)
    assert r_hat(noise) < 1.01
    assert r_hat(noise + np.array([[0.0], [3.0]])) > 1.5
    assert autocorrelation(walk[0])[1] == pytest.approx(0.9, abs=0.05)
    assert effective_size(np.ones((2, 10))) == 20
