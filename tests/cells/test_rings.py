import h3.api.basic_int as h3
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.cells.adjacency import neighbors
from geo.cells.hierarchy import descendants


def around(cells: list[int]) -> list[set[int]]:
    row, near = neighbors(np.array(cells, dtype=np.int64))
    assert not (near == np.array(cells, dtype=np.int64)[row]).any()
    return [set(near[row == i].tolist()) for i in range(len(cells))]


@settings(max_examples=300, deadline=None)
@given(
    st.lists(
        st.tuples(st.floats(-90, 90), st.floats(-180, 180), st.integers(0, 15)),
        min_size=1,
        max_size=8,
        unique=True,
    )
)
def test_neighbors_are_those_of_h3(places: list[tuple[float, float, int]]) -> None:
    cells = sorted({h3.latlng_to_cell(*place) for place in places})
    assert around(cells) == [set(h3.grid_ring(cell, 1)) for cell in cells]


@pytest.mark.parametrize("resolution", [0, 1, 2, 3])
def test_neighbors_are_those_of_h3_all_over_the_earth(resolution: int) -> None:
    cells = sorted(h3.uncompact_cells(h3.get_res0_cells(), resolution))
    assert around(cells[::3]) == [set(h3.grid_ring(cell, 1)) for cell in cells[::3]]


@pytest.mark.parametrize("resolution", range(16))
def test_neighbors_beside_pentagons_are_those_of_h3(resolution: int) -> None:
    for pentagon in h3.get_pentagons(resolution)[:4]:
        cells = sorted(h3.grid_disk(pentagon, 2))
        assert around(cells) == [set(h3.grid_ring(cell, 1)) for cell in cells]


@pytest.mark.parametrize("finer", [0, 1, 3])
def test_descendants_are_those_of_h3(finer: int) -> None:
    places = [(50.0, 8.0, 4), (-80.0, 100.0, 2), (0.0, 180.0, 5)]
    cells = [h3.latlng_to_cell(*place) for place in places] + list(h3.get_pentagons(3))
    found, holder = descendants(np.array(cells, dtype=np.int64), 5 + finer)
    for i, cell in enumerate(cells):
        assert found[holder == i].tolist() == sorted(h3.cell_to_children(cell, 5 + finer))
