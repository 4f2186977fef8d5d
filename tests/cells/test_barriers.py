"""Barriers in the contiguity graph: what they part, what is bridged, and what the checker says."""

import h3
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo import check
from geo.cells.adjacency import contiguity_graph
from geo.cells.barriers import barrier_lines, crossing, lines_as_geojson, without_crossings
from geo.cells.graph import BRIDGE
from geo.cells.index import cell_centers, hex_to_cell
from geo.errors import GeometryError

CENTRES = [(48.0, 11.0), (-17.0, 180.0), (64.0, -150.0), (0.0, 0.0)]


def line(*places: tuple[float, float]) -> dict[str, object]:
    return {"type": "LineString", "coordinates": [[lng, lat] for lat, lng in places]}


@given(
    center=st.sampled_from(CENTRES),
    ends=st.lists(st.tuples(st.floats(-1, 1), st.floats(-1, 1)), min_size=2, max_size=5),
    turn=st.sampled_from([0.0, 360.0, -360.0]),
)
@settings(max_examples=60, deadline=None)
def test_solver_and_checker_part_the_same_borders(
    center: tuple[float, float], ends: list[tuple[float, float]], turn: float
) -> None:
    cells = np.sort(hex_to_cell(sorted(h3.grid_disk(h3.latlng_to_cell(*center, 5), 4))))
    lat, lng = cell_centers(cells)
    graph = contiguity_graph(cells)
    places = [(center[0] + north, center[1] + east) for north, east in ends]
    if all(abs(x + turn) <= 360 for _, x in places):
        places = [(y, x + turn) for y, x in places]
    lines = barrier_lines(line(*places))
    cut, parted, bridges = without_crossings(graph, lat, lng, lines)
    a, b, _ = graph.edges()
    pairs = list(zip(a.tolist(), b.tolist(), strict=True))
    assert len(check.crossing(lat, lng, pairs, list(lines))) == parted
    assert cut.components()[0] == 1
    left = cut.edges()
    border = left[2] != BRIDGE
    assert int(border.sum()) == len(pairs) - parted
    assert int((~border).sum()) == bridges
    a, b = left[0][border].astype(np.int64), left[1][border].astype(np.int64)
    assert not crossing(lines, lat, lng, a, b).any()
    again = barrier_lines(lines_as_geojson(lines))
    assert without_crossings(graph, lat, lng, again)[1] == parted


def test_a_wall_through_the_middle_leaves_one_bridge() -> None:
    cells = np.sort(hex_to_cell(sorted(h3.grid_disk(h3.latlng_to_cell(48, 11, 5), 4))))
    lat, lng = cell_centers(cells)
    lines = barrier_lines(line((40, 11.0001), (56, 11.0001)))
    cut, parted, bridges = without_crossings(contiguity_graph(cells), lat, lng, lines)
    assert parted > 8
    assert bridges == 1
    a, b, kind = cut.edges()
    same_side = (lng[a] < 11.0001) == (lng[b] < 11.0001)
    assert same_side.sum() == (kind != BRIDGE).sum()


def test_lines_of_every_kind() -> None:
    polygon = {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 0]]]}
    feature = {"type": "Feature", "geometry": polygon, "properties": {"secret": "x"}}
    several = {
        "type": "FeatureCollection",
        "features": [feature, {"type": "Feature", "geometry": None}],
    }
    lines = barrier_lines(several | {"more": 1})
    assert [found.geom_type for found in lines] == ["LineString"]
    assert "secret" not in str(lines_as_geojson(lines))
    both = {"type": "GeometryCollection", "geometries": [polygon, line((0, 0), (1, 1))]}
    assert len(barrier_lines(both)) == 2


@pytest.mark.parametrize(
    "document",
    [{}, {"type": "Point", "coordinates": [0, 0]}, {"type": "LineString", "coordinates": "x"},
     line((0, 0), (0, 400)), line((0, 0), (91, 0)), {"type": "FeatureCollection", "features": [7]}],
)  # fmt: skip
def test_what_is_no_barrier(document: dict[str, object]) -> None:
    with pytest.raises(GeometryError) as caught:
        barrier_lines(document)
    assert caught.value.hint
