import h3.api.basic_int as h3
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo import check
from geo.arrays import Float, Int
from geo.cells.adjacency import contiguity_graph
from geo.cells.hierarchy import ancestors, descendants, resolution_of
from geo.cells.holding import cell_index
from geo.cells.index import cell_to_hex, cells_at
from geo.cells.refine import WORTH_PARTING, refine, share_limit
from tests.cells.mixed import PLACES, disk, mixed_market

ROOMY = 100_000


def towns(seed: int, place: tuple[float, float], count: int) -> tuple[Float, Float]:
    """Distinct positions in three towns of different width around a place."""
    random = np.random.default_rng(seed)
    width = np.array([0.3, 0.02, 0.0005])[random.integers(0, 3, count)]
    middle = np.array([[0.0, 0.0], [0.2, -0.2], [-0.25, 0.1]])[random.integers(0, 3, count)]
    at = np.array(place) + middle + random.normal(0, 1, (count, 2)) * width[:, None]
    at = np.unique(np.round(at, 6), axis=0)
    return at[:, 0].copy(), (at[:, 1] + 180) % 360 - 180


def market_of(lat: Float, lng: Float, place: tuple[float, float]) -> Int:
    return np.union1d(disk(*place, 5, 4), cells_at(lat, lng, 5))


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from(PLACES), st.integers(2, 300), st.floats(0.005, 0.4))
def test_no_cell_holds_too_much_that_could_be_parted(
    seed: int, place: tuple[float, float], count: int, share: float
) -> None:
    lat, lng = towns(seed, place, count)
    weight = np.random.default_rng(seed).lognormal(0, 1, (len(lat), 2))
    load = weight / weight.sum(axis=0) / share
    before = market_of(lat, lng, place)
    made = refine(before, lat, lng, load, ROOMY)
    cells, level = made.cells, resolution_of(made.cells)
    assert np.array_equal(cells, np.unique(cells))
    assert check.nested_cells(cell_to_hex(cells)) == []
    # The same ground: every child of a replaced cell is there, or has itself been replaced.
    replaced = ancestors(cells)
    for r in np.unique(resolution_of(replaced)):
        children = descendants(replaced[resolution_of(replaced) == r], int(r) + 1)[0]
        assert np.isin(children, np.concatenate([cells, replaced])).all()
    roots = np.union1d(cells, replaced)
    assert np.isin(before, roots).all()
    # Every position in the one cell that the look-up finds.
    assert np.array_equal(made.holder, cell_index(cells).holders(lat, lng))
    assert (made.holder >= 0).all()
    for column in load.T:
        total = np.bincount(made.holder, column, len(cells))
        assert total.sum() == pytest.approx(column.sum())
        heaviest = np.zeros(len(cells))
        np.maximum.at(heaviest, made.holder, column)
        assert ((total <= 1) | (total - heaviest <= WORTH_PARTING) | (level == 15)).all()
    # Nobody is refined without cause: a child without positions is no finer than its siblings.
    assert level.max() == 5 or np.isin(made.holder, np.flatnonzero(level == level.max())).any()


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from(PLACES))
def test_another_order_changes_nothing(seed: int, place: tuple[float, float]) -> None:
    lat, lng = towns(seed, place, 120)
    load = np.random.default_rng(seed).lognormal(0, 1, (len(lat), 1))
    before = market_of(lat, lng, place)
    order = np.random.default_rng(seed + 1).permutation(len(lat))
    one = refine(before, lat, lng, load / 4, ROOMY)
    other = refine(before, lat[order], lng[order], load[order] / 4, ROOMY)
    assert np.array_equal(one.cells, other.cells)
    assert np.array_equal(one.holder[order], other.holder)


def test_a_pile_at_one_position_stays_whole_and_its_neighbours_are_parted_from_it() -> None:
    y, x = h3.cell_to_latlng(h3.latlng_to_cell(50.0, 8.0, 5))
    lat, lng = np.array([y, y + 0.003, y + 0.2]), np.array([x, x, x + 0.3])
    before = market_of(lat, lng, (50.0, 8.0))
    alone = refine(before, lat, lng, np.array([[30.0], [0.0], [0.5]]), ROOMY)
    assert np.array_equal(alone.cells, before)
    made = refine(before, lat, lng, np.array([[30.0], [0.9], [0.5]]), ROOMY)
    assert made.holder[0] != made.holder[1]
    level = resolution_of(made.cells)[made.holder]
    assert level[0] == level[1] == 9  # 330 m apart
    assert level[2] == 5
    assert len(made.cells) == len(before) + 4 * 6


def test_what_lies_beside_a_pile_but_weighs_next_to_nothing_is_left_there() -> None:
    lat, lng = np.array([50.0, 50.000002]), np.array([8.0, 8.0])
    before = market_of(lat, lng, (50.0, 8.0))
    made = refine(before, lat, lng, np.array([[30.0], [0.05]]), ROOMY)
    assert np.array_equal(made.cells, before)


def test_two_heavy_accounts_in_one_yard_end_at_the_finest_cells() -> None:
    lat, lng = np.array([50.0, 50.000001]), np.array([8.0, 8.0])
    before = market_of(lat, lng, (50.0, 8.0))
    made = refine(before, lat, lng, np.array([[3.0], [3.0]]), ROOMY)
    assert resolution_of(made.cells).max() == 15
    assert len(made.cells) <= len(before) + 6 * 12


def test_the_limit_is_raised_where_cells_would_be_too_many() -> None:
    random = np.random.default_rng(0)
    at = np.unique(np.round(np.array([50.0, 8.0]) + random.normal(0, 0.3, (3000, 2)), 6), axis=0)
    lat, lng = at[:, 0].copy(), at[:, 1].copy()
    before = market_of(lat, lng, (50.0, 8.0))
    load = np.full((len(lat), 1), 0.9)
    free = refine(before, lat, lng, load, ROOMY)
    bound = refine(before, lat, lng, load, len(before) + 300)
    assert len(before) < len(bound.cells) <= len(before) + 300 < len(free.cells)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from(PLACES))
def test_the_graph_of_mixed_cells_is_that_of_the_checker(
    seed: int, place: tuple[float, float]
) -> None:
    cells = mixed_market(seed, place)
    graph = contiguity_graph(cells)
    a, b, _ = graph.edges()
    pairs = list(zip(a.tolist(), b.tolist(), strict=True))
    assert pairs == check.neighbour_pairs(cell_to_hex(cells))
    assert graph.components()[0] == 1


def test_every_fine_cell_at_the_border_of_a_coarse_one_is_joined_to_it() -> None:
    cells = disk(50.0, 8.0, 4, 1)
    fine = descendants(cells[1:2], 7)[0]
    mixed = np.sort(np.concatenate([np.delete(cells, 1), fine]))
    graph = contiguity_graph(mixed)
    own = {int(cell) for cell in fine}
    edge = [cell for cell in own if not set(h3.grid_ring(cell, 1)) <= own]
    coarse = set(np.flatnonzero(resolution_of(mixed) == 4).tolist())
    inner = 0
    for cell in edge:
        at = int(np.searchsorted(mixed, cell))
        near = set(graph.indices[graph.indptr[at] : graph.indptr[at + 1]].tolist())
        beyond = {h3.cell_to_parent(c, 4) for c in h3.grid_ring(cell, 1)} & set(cells.tolist())
        wanted = {int(np.searchsorted(mixed, c)) for c in beyond if c != int(cells[1])}
        assert near & coarse == wanted
        inner += bool(wanted)
    assert inner >= 40


def test_the_limit_follows_the_tolerance_within_bounds() -> None:
    limit = share_limit(np.array([0.03, 0.5, 0.001, np.nan]))
    assert limit.tolist() == [0.015, 0.025, 0.005, np.inf]
