import h3.api.basic_int as h3
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.cells.fill import cells_over
from geo.cells.hierarchy import parents
from geo.cells.index import cells_at
from geo.formats.geojson import read_polygons


def star(seed: int, lat: float, lng: float, radius: float) -> shapely.Polygon:
    random = np.random.default_rng(seed)
    angle = np.sort(random.uniform(0, 2 * np.pi, 9))
    reach = radius * random.uniform(0.2, 1, 9)
    return shapely.Polygon(
        np.column_stack([lng + reach * np.cos(angle), lat + reach * np.sin(angle)])
    )


@settings(max_examples=25, deadline=None)
@given(
    st.integers(0, 10_000),
    st.sampled_from([(50.0, 8.0), (-17.0, 179.6), (70.0, -179.9), (0.0, 0.0)]),
    st.sampled_from([0.05, 0.6, 3.0]),
)
def test_every_point_of_an_area_is_in_one_of_its_cells(
    seed: int, at: tuple[float, float], radius: float
) -> None:
    drawn = star(seed, *at, radius)
    if not drawn.is_valid:
        return
    area = read_polygons(shapely.geometry.mapping(drawn))
    cells = cells_over(area, 5)
    random = np.random.default_rng(seed)
    west, south, east, north = drawn.bounds
    x, y = random.uniform(west, east, 400), random.uniform(south, north, 400)
    inside = shapely.contains_xy(drawn, x, y)
    x = (x + 180) % 360 - 180
    assert np.isin(cells_at(y[inside], x[inside], 5), cells).all()


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([0.02, 0.5, 2.0]))
def test_no_cell_is_there_without_a_point_of_the_area(seed: int, radius: float) -> None:
    area = star(seed, 47.0, 11.0, radius)
    if not area.is_valid:
        return
    shape = h3.geo_to_h3shape(area)
    truth = h3.h3shape_to_cells_experimental(shape, 5, contain="overlap")
    assert cells_over(area, 5).tolist() == sorted(truth)


@pytest.mark.parametrize("resolution", [0, 1, 2])
def test_the_whole_world_is_every_cell(resolution: int) -> None:
    world = shapely.box(-180, -90, 180, 90)
    assert len(cells_over(world, resolution)) == h3.get_num_cells(resolution)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([0.3, 2.0]))
def test_within_given_cells_the_answer_is_their_share(seed: int, radius: float) -> None:
    area = star(seed, 47.0, 11.0, radius)
    if not area.is_valid:
        return
    disk = h3.grid_disk(h3.latlng_to_cell(47.2, 11.0, 3), 1)
    within = np.array(sorted(disk), dtype=np.int64)
    everywhere = cells_over(area, 5)
    share = everywhere[np.isin(parents(everywhere, 3), within)]
    assert np.array_equal(cells_over(area, 5, within=within), share)
