import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from app.maps.outlines import (
    centre_longitude,
    label_point,
    make_outline,
    near_longitude,
    read_geometries,
    touching,
)

FIJI_WEST = shapely.box(177.0, -18.0, 180.0, -16.0)
FIJI_EAST = shapely.box(-180.0, -18.0, -178.0, -16.0)


@given(st.floats(-180, 180), st.lists(st.floats(-40, 40), min_size=1))
def test_a_plan_is_never_torn(middle: float, offsets: list[float]) -> None:
    lng = (np.array([*offsets, -40.0, 40.0]) + middle + 180) % 360 - 180
    near = near_longitude(lng, centre_longitude(lng))
    assert near.max() - near.min() <= 80 + 1e-6


def test_halves_cut_at_the_antimeridian_are_one_again() -> None:
    outline = make_outline([FIJI_WEST, FIJI_EAST], centre=179.5)
    assert isinstance(outline.geometry, shapely.Polygon)
    assert outline.geometry.bounds == pytest.approx((177.0, -18.0, 182.0, -16.0))
    assert len(outline.rings) == 2


def test_a_ring_is_given_as_differences() -> None:
    outline = make_outline([shapely.Polygon([(8, 50), (9, 50), (9, 51.5)])], centre=8.0)
    (flat,) = outline.rings
    corners = np.cumsum(np.reshape(flat, (-1, 2)), axis=0) / 1e5
    assert {tuple(corner) for corner in corners} == {(8.0, 50.0), (9.0, 50.0), (9.0, 51.5)}


def test_a_name_stands_inside_its_territory_even_if_that_is_bent() -> None:
    bent = shapely.Polygon([(0, 0), (10, 0), (10, 10), (9, 10), (9, 1), (0, 1)])
    point = label_point(bent)
    assert point is not None
    assert bent.contains(shapely.Point(point[1], point[0]))
    assert label_point(shapely.Polygon()) is None


def test_territories_touch_along_a_border_and_across_the_antimeridian() -> None:
    west = make_outline([FIJI_WEST], 179.5).geometry
    east = make_outline([FIJI_EAST], 179.5).geometry
    far = shapely.box(190.0, -18.0, 191.0, -17.0)
    assert touching([west, far, east, shapely.Polygon()]) == [(0, 2)]


def test_geometries_are_found_by_id_and_those_without_shape_are_empty() -> None:
    features = [
        {"id": "T1", "properties": {}, "geometry": shapely.geometry.mapping(FIJI_WEST)},
        {"properties": {"id": "T2"}, "geometry": None},
    ]
    found = read_geometries({"features": features}, ["T1", "T2", "T3"])
    assert [len(found[name]) for name in ("T1", "T2", "T3")] == [1, 0, 0]


def test_a_name_stands_where_the_weight_is_and_not_on_a_larger_island() -> None:
    city, island = shapely.box(-122.6, 37.2, -121.8, 38.0), shapely.box(-156.1, 18.9, -154.8, 20.2)
    territory = shapely.union_all([city, island])
    assert label_point(territory) == pytest.approx((19.55, -155.45), abs=0.1)
    assert label_point(territory, (37.0, -124.0)) == pytest.approx((37.6, -122.2), abs=0.1)
    # The plan is drawn about the date line: the middle is a turn away.
    moved = shapely.transform(territory, lambda points: points + np.array([360.0, 0.0]))
    assert label_point(moved, (37.0, -124.0)) == pytest.approx((37.6, 237.8), abs=0.1)


def test_an_islet_near_the_middle_does_not_bear_the_name() -> None:
    ring = shapely.Polygon([(0, 0), (8, 0), (8, 8), (0, 8)], [[(1, 1), (7, 1), (7, 7), (1, 7)]])
    islet = shapely.box(3.9, 3.9, 4.1, 4.1)
    point = label_point(shapely.union_all([ring, islet]), (4.0, 4.0))
    assert point is not None
    assert ring.contains(shapely.Point(point[1], point[0]))
