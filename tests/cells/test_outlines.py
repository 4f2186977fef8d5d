import h3.api.basic_int as h3
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.arrays import Int32
from geo.cells import outlines as module
from geo.cells.dateline import cut_at_dateline
from geo.cells.hierarchy import descendants, resolution_of
from geo.cells.index import cell_centers
from geo.cells.land import area_km2
from geo.cells.outlines import outlines, simplify
from geo.errors import InternalInvariantError
from tests.cells.mixed import PLACES as MIXED
from tests.cells.mixed import disk, mixed_market, split

PLACES = st.sampled_from([(50.0, 8.0), (-17.0, 179.9), (66.0, -179.9), (89.9, 30.0), (-90.0, 0.0)])


def random_labels(seed: int, count: int, territories: int) -> Int32:
    return np.random.default_rng(seed).integers(0, territories, count).astype(np.int32)


def hexagon(cell: int) -> shapely.MultiPolygon:
    ring = [(lng, lat) for lat, lng in h3.cell_to_boundary(cell)]
    return shapely.MultiPolygon(cut_at_dateline(shapely.Polygon(ring)))


@settings(max_examples=40, deadline=None)
@given(PLACES, st.integers(2, 6), st.integers(1, 6), st.integers(1, 4), st.integers(0, 10_000))
def test_outlines_are_valid_disjoint_and_cover_their_cells(
    place: tuple[float, float], resolution: int, rings: int, territories: int, seed: int
) -> None:
    cells = disk(*place, resolution, rings)
    labels = random_labels(seed, len(cells), territories)
    shapes = outlines(cells, labels, territories)
    assert len(shapes) == territories
    assert shapely.is_valid(shapes).all()
    drawn = [shape for shape in shapes if not shape.is_empty]
    assert shapely.coverage_is_valid(drawn)  # no overlap, no sliver, borders shared
    whole = np.sum([shape.area for shape in shapes])
    assert whole == pytest.approx(outlines(cells, labels * 0, 1)[0].area, rel=1e-6)
    for label, shape in enumerate(shapes):
        assert shape.is_empty == (not (labels == label).any())
        lat, lng = cell_centers(cells[labels == label])
        assert shapely.contains_xy(shape, lng, lat).all()
        for part in shapely.get_parts(shape):
            assert part.is_empty or part.exterior.is_ccw


def test_an_outline_is_the_union_of_its_cells() -> None:
    cells = disk(-17.0, 179.9, 4, 4)
    labels = random_labels(1, len(cells), 3)
    for label, shape in enumerate(outlines(cells, labels, 3)):
        union = shapely.union_all([hexagon(cell) for cell in cells[labels == label].tolist()])
        assert shape.symmetric_difference(union).area < 1e-4 * union.area


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000))
def test_other_names_and_another_order_draw_the_same(seed: int) -> None:
    cells = disk(47.0, 11.0, 5, 4)
    labels = random_labels(seed, len(cells), 4)
    first = outlines(cells, labels, 4)
    random = np.random.default_rng(seed)
    order, names = random.permutation(len(cells)), random.permutation(4).astype(np.int32)
    second = outlines(cells[order], names[labels][order], 4)
    for label in range(4):
        assert first[label].normalize().equals(second[names[label]].normalize())


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([*MIXED, (89.9, 30.0)]), st.integers(1, 5))
def test_mixed_resolutions_leave_neither_overlap_nor_sliver(
    seed: int, place: tuple[float, float], times: int
) -> None:
    cells = mixed_market(seed, place, times=times)
    labels = random_labels(seed, len(cells), 3)
    shapes = outlines(cells, labels, 3)
    assert shapely.is_valid(shapes).all()
    assert shapely.coverage_is_valid(shapes)
    for label, shape in enumerate(shapes):
        lat, lng = cell_centers(cells[labels == label])
        assert shapely.contains_xy(shape, lng, lat).all()
        for part in shapely.get_parts(shape):
            assert part.exterior.is_ccw
    if place[0] < 80:
        coarse = disk(*place, 4, 3)
        whole = outlines(coarse, np.zeros(len(coarse), dtype=np.int32), 1)[0]
        assert sum(shape.area for shape in shapes) == pytest.approx(whole.area, rel=1e-2)
        if abs(place[1]) < 170:
            assert isinstance(shapely.union_all(shapes, grid_size=1e-7), shapely.Polygon)
        order = np.random.default_rng(seed).permutation(len(cells))
        for one, other in zip(shapes, outlines(cells[order], labels[order], 3), strict=True):
            assert one.normalize().equals(other.normalize())


def test_a_border_is_drawn_by_its_finer_side() -> None:
    """The replaced cell's outline is that of its children; elsewhere the coarse edges stay."""
    cells = disk(50.0, 8.0, 5, 2)
    middle = np.flatnonzero(cells == h3.latlng_to_cell(50.0, 8.0, 5))
    children = descendants(cells[middle], 6)[0]
    mixed = np.sort(np.concatenate([np.delete(cells, middle), children]))
    inner = np.isin(mixed, children).astype(np.int32)
    ring, core = outlines(mixed, inner, 2)
    assert core.normalize().equals(outlines(children, inner[inner == 1] * 0, 1)[0].normalize())
    coarse_ring, coarse_core = outlines(cells, (cells == cells[middle]).astype(np.int32), 2)
    assert isinstance(ring, shapely.Polygon)
    assert isinstance(coarse_ring, shapely.Polygon)
    assert ring.exterior.normalize().equals(coarse_ring.exterior.normalize())
    assert core.area == pytest.approx(coarse_core.area, rel=1e-3)
    corners = {tuple(xy) for xy in shapely.get_coordinates(coarse_core).tolist()}
    assert corners <= {tuple(xy) for xy in shapely.get_coordinates(core).tolist()}


def test_a_hole_in_place_of_a_fine_cell_is_not_drawn() -> None:
    cells = split(disk(50.0, 8.0, 5, 1), np.array([2]))
    fine = np.flatnonzero(resolution_of(cells) == 6)
    for gone in fine.tolist():
        (shape,) = outlines(np.delete(cells, gone), np.zeros(len(cells) - 1, dtype=np.int32), 1)
        assert shape.is_valid
        y, x = cell_centers(cells[gone : gone + 1])
        assert not shapely.contains_xy(shape, x, y).any()


def test_too_many_fine_cells_around_a_pole_are_drawn_by_the_majority(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    cells = disk(90.0, 0.0, 3, 5)
    labels = random_labels(3, len(cells), 3)
    labels[cells == h3.latlng_to_cell(90.0, 0.0, 3)] = 0
    near = np.isin(cells, disk(90.0, 0.0, 3, 1))
    labels[near] = 0
    plain = outlines(cells, labels, 3)
    fine = descendants(cells[10:11], 5)[0]
    mixed = np.concatenate([np.delete(cells, 10), fine])
    mostly = np.full(len(fine), labels[10], dtype=np.int32)
    mostly[:5] = (labels[10] + 1) % 3
    monkeypatch.setattr(module, "MOST_DRAWN", 100)
    drawn = outlines(mixed, np.concatenate([np.delete(labels, 10), mostly]), 3)
    for one, other in zip(drawn, plain, strict=True):
        assert one.normalize().equals(other.normalize())


def test_a_market_around_the_pole_has_its_area() -> None:
    cells = disk(90.0, 0.0, 2, 2)
    (shape,) = outlines(cells, np.zeros(len(cells), dtype=np.int32), 1)
    truth = sum(h3.cell_area(cell) for cell in cells.tolist())
    assert area_km2(shape) == pytest.approx(truth, rel=0.05)


def test_a_hole_that_another_territory_fills_is_cut_out() -> None:
    cells = disk(0.0, 180.0, 4, 2)
    labels = np.zeros(len(cells), dtype=np.int32)
    labels[cells == h3.latlng_to_cell(0.0, 180.0, 4)] = 1
    ring, core = outlines(cells, labels, 2)
    assert ring.intersection(core).area == 0
    assert len(shapely.get_parts(core)) == 2


def test_no_cells_no_outline() -> None:
    empty = outlines(np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int32), 2)
    assert [shape.is_empty for shape in empty] == [True, True]


def test_cells_of_no_territory_are_not_drawn() -> None:
    cells = disk(50.0, 8.0, 5, 1)
    labels = np.array([-1, 0, -1, -1, -1, -1, -1], dtype=np.int32)
    (shape,) = outlines(cells, labels, 1)
    assert shape.area == pytest.approx(hexagon(int(cells[1])).area, rel=1e-4)


def test_a_label_too_high_is_a_defect() -> None:
    with pytest.raises(InternalInvariantError):
        outlines(disk(50, 8, 5, 0), np.array([3], dtype=np.int32), 2)


def test_simple_outlines_still_share_their_borders() -> None:
    cells = disk(50.0, 8.0, 6, 20)
    lat, lng = cell_centers(cells)
    labels = ((lat > 50).astype(np.int32) + 2 * (lng > 8).astype(np.int32)).astype(np.int32)
    exact = outlines(cells, labels, 4)
    simple = simplify(exact, 0.05)
    assert shapely.get_num_coordinates(simple).sum() < shapely.get_num_coordinates(exact).sum() / 2
    assert shapely.coverage_is_valid(simple)
    assert all(abs(a.area - b.area) < 0.05 * a.area for a, b in zip(exact, simple, strict=True))
