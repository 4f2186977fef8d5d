import h3
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.cells.hierarchy import coarsened, descendants, parents, resolution_of
from geo.cells.index import cell_centers, cell_to_hex, cells_at, hex_to_cell
from geo.errors import GeometryError

latitude = st.floats(-90, 90)
longitude = st.floats(-180, 180)


@given(latitude, longitude, st.integers(0, 15))
def test_cells_are_those_of_h3(lat: float, lng: float, resolution: int) -> None:
    cell = cells_at(np.array([lat]), np.array([lng]), resolution)
    assert cell_to_hex(cell) == [h3.latlng_to_cell(lat, lng, resolution)]
    assert np.array_equal(hex_to_cell(cell_to_hex(cell)), cell)
    y, x = cell_centers(cell)
    assert np.array_equal(cells_at(y, x, resolution), cell)


@pytest.mark.parametrize(
    ("lat", "lng"), [(91.0, 0.0), (0.0, 540.0), (1e308, 0.0), (np.nan, 0.0), (0.0, np.inf)]
)
def test_a_position_that_is_not_on_earth_is_refused(lat: float, lng: float) -> None:
    with pytest.raises(GeometryError, match=r"position 1 .*not on Earth"):
        cells_at(np.array([50.0, lat]), np.array([8.0, lng]), 5)


def test_swapped_positions_are_called_so() -> None:
    with pytest.raises(GeometryError) as caught:
        cells_at(np.array([-157.8]), np.array([21.3]), 5)
    assert "swapped" in caught.value.hint


@pytest.mark.parametrize("resolution", [-1, 16])
def test_a_resolution_that_h3_lacks_is_refused(resolution: int) -> None:
    with pytest.raises(GeometryError, match="resolution"):
        cells_at(np.array([0.0]), np.array([0.0]), resolution)


@pytest.mark.parametrize("text", ["", "zz", "8928308280ffff", "-1", "f" * 16, "8928308280fffff0"])
def test_what_is_no_cell_is_refused(text: str) -> None:
    with pytest.raises(GeometryError, match="not an H3 cell"):
        hex_to_cell(["8928308280fffff", text])


@given(latitude, longitude, st.integers(1, 15), st.data())
def test_parents_are_those_of_h3(lat: float, lng: float, fine: int, data: st.DataObject) -> None:
    coarse = data.draw(st.integers(0, fine))
    cell = cells_at(np.array([lat]), np.array([lng]), fine)
    assert parents(cell, coarse)[0] == h3.api.basic_int.cell_to_parent(int(cell[0]), coarse)
    assert resolution_of(cell)[0] == fine


def test_descendants_lead_back_to_their_cells() -> None:
    pentagon = h3.api.basic_int.get_pentagons(3)[0]
    hexagon = int(cells_at(np.array([50.0]), np.array([8.0]), 4)[0])
    cells = np.array([pentagon, hexagon], dtype=np.int64)
    fine, holder = descendants(cells, 5)
    assert np.bincount(holder).tolist() == [41, 7]
    assert np.array_equal(coarsened(fine[holder == 0], 3), cells[:1])
