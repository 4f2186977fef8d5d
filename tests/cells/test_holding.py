import h3.api.basic_int as h3_int
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo import check
from geo.arrays import Float, Int
from geo.cells.hierarchy import ancestors, parents, resolution_of
from geo.cells.holding import cell_index
from geo.cells.index import cell_centers, cell_to_hex, cells_at
from geo.cells.outlines import outlines
from geo.errors import GeometryError
from tests.cells.mixed import PLACES, disk, mixed_market, points_around, split

places = st.sampled_from(PLACES)


def by_the_checker(cells: Int, lat: Float, lng: Float) -> list[str | None]:
    texts = cell_to_hex(cells)
    there, replaced = set(texts), check.replaced_cells(texts)
    levels = range(int(resolution_of(cells).min()), int(resolution_of(cells).max()) + 1)
    return [
        check.holding_cell(y, x, there, replaced, levels)
        for y, x in zip(lat.tolist(), lng.tolist(), strict=True)
    ]


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), places)
def test_the_checker_finds_the_same_cell(seed: int, place: tuple[float, float]) -> None:
    cells = mixed_market(seed, place)
    lat, lng = points_around(seed, cells, 300)
    held = cell_index(cells).holders(lat, lng)
    found = [cell_to_hex(cells[i : i + 1])[0] if i >= 0 else None for i in held.tolist()]
    assert found == by_the_checker(cells, lat, lng)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), places)
def test_every_place_of_the_ground_as_it_was_has_exactly_one_cell(
    seed: int, place: tuple[float, float]
) -> None:
    cells = mixed_market(seed, place)
    coarse = disk(*place, 4, 3)
    lat, lng = points_around(seed, cells, 300)
    held = cell_index(cells).holders(lat, lng)
    inside = np.isin(cells_at(lat, lng, 4), coarse)
    assert (held[inside] >= 0).all()
    # What is held beyond lies in a cell, or a replaced one, that sticks out there.
    known = np.union1d(cells, ancestors(cells))
    beyond = ~inside & (held >= 0)
    sticks = [np.isin(cells_at(lat[beyond], lng[beyond], r), known) for r in range(5, 8)]
    assert np.any(sticks, axis=0).all()


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), places)
def test_nearly_always_the_finest_cell_whose_hexagon_holds_the_place(
    seed: int, place: tuple[float, float]
) -> None:
    cells = mixed_market(seed, place)
    lat, lng = points_around(seed, cells, 500)
    held = cell_index(cells).holders(lat, lng)
    plain = np.full(len(lat), -1)
    for level in range(4, 8):
        at = np.searchsorted(cells, found := cells_at(lat, lng, level))
        hit = cells[np.minimum(at, len(cells) - 1)] == found
        plain[hit] = at[hit]
    hit = plain >= 0
    assert (plain[hit] == held[hit]).mean() > 0.97
    assert hit[held >= 0].mean() > 0.8


def test_centers_lie_in_their_own_cells() -> None:
    for place in PLACES:
        cells = mixed_market(1, place)
        assert cell_index(cells).holders(*cell_centers(cells)).tolist() == list(range(len(cells)))


def test_a_corner_that_children_leave_out_is_the_neighbors() -> None:
    cells = disk(50.0, 8.0, 5, 1)
    middle = int(cells_at(np.array([50.0]), np.array([8.0]), 5)[0])
    fine = split(cells, np.flatnonzero(cells == middle))
    random = np.random.default_rng(0)
    lat, lng = 50 + random.uniform(-0.1, 0.1, 4000), 8 + random.uniform(-0.15, 0.15, 4000)
    within = cells_at(lat, lng, 5) == middle
    reached = parents(cells_at(lat, lng, 6), 5)
    gap = within & (reached != middle)
    assert 0.02 < gap.sum() / within.sum() < 0.2
    index = cell_index(fine)
    assert np.array_equal(index.cells[index.holders(lat[gap], lng[gap])], reached[gap])


def test_at_the_edge_of_the_market_a_left_out_corner_goes_to_the_nearest_child() -> None:
    lone = cells_at(np.array([50.0]), np.array([8.0]), 5)
    far = cells_at(np.array([60.0]), np.array([8.0]), 5)
    fine = np.sort(np.append(split(split(lone, np.array([0])), np.array([0, 3])), far))
    ring = shapely.Polygon([(x, y) for y, x in h3_int.cell_to_boundary(int(lone[0]))])
    random = np.random.default_rng(0)
    west, south, east, north = ring.bounds
    lat, lng = random.uniform(south, north, 3000), random.uniform(west, east, 3000)
    within = cells_at(lat, lng, 5) == lone[0]
    held = cell_index(fine).holders(lat, lng)
    assert (held[within] >= 0).all()
    gap = np.flatnonzero(within & (parents(cells_at(lat, lng, 6), 5) != lone[0]))
    assert len(gap)
    children = np.array(h3_int.cell_to_children(int(lone[0]), 6), dtype=np.int64)
    y, x = cell_centers(children)
    for i in gap:
        best = int(np.argmin((y - lat[i]) ** 2 + (np.cos(np.radians(50)) * (x - lng[i])) ** 2))
        assert parents(fine[held[i] : held[i] + 1], 6)[0] == children[best]


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000), places)
def test_places_are_drawn_in_the_territory_that_has_them(
    seed: int, place: tuple[float, float]
) -> None:
    cells = mixed_market(seed, place)
    labels = np.random.default_rng(seed).integers(0, 3, len(cells)).astype(np.int32)
    shapes = outlines(cells, labels, 3)
    lat, lng = points_around(seed, cells, 1000)
    held = cell_index(cells).holders(lat, lng)
    coarse = disk(*place, 4, 2)  # at the edge, a left out corner is not drawn
    kept = (held >= 0) & np.isin(cells_at(lat, lng, 4), coarse)
    drawn = np.array([shapely.contains_xy(shape, lng, lat) for shape in shapes])
    assert (drawn.sum(axis=0) <= 1).all()
    right = drawn[labels[held[kept]], np.flatnonzero(kept)]
    assert right.mean() > 0.995  # edges are straight on the map, and great circles to H3


def test_a_hole_in_the_market_has_nobody() -> None:
    cells = split(disk(50.0, 8.0, 5, 1), np.array([3]))
    gone = int(np.flatnonzero(resolution_of(cells) == 6)[2])
    y, x = cell_centers(cells[gone : gone + 1])
    assert cell_index(np.delete(cells, gone)).holders(y, x).tolist() == [-1]


def test_no_cells_hold_nothing_and_places_off_the_earth_are_refused() -> None:
    empty = cell_index(np.empty(0, dtype=np.int64))
    assert empty.holders(np.array([50.0]), np.array([8.0])).tolist() == [-1]
    with pytest.raises(GeometryError):
        cell_index(disk(50, 8, 5, 1)).holders(np.array([91.0]), np.array([0.0]))
