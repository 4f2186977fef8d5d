import h3.api.basic_int as h3
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.arrays import Int
from geo.cells.adjacency import contiguity_graph
from geo.cells.graph import CellGraph
from geo.cells.hierarchy import descendants
from geo.errors import GeometryError


def disk(lat: float, lng: float, resolution: int, rings: int) -> Int:
    center = h3.latlng_to_cell(lat, lng, resolution)
    return np.array(sorted(h3.grid_disk(center, rings)), dtype=np.int64)


def pairs(cells: Int, graph: CellGraph) -> set[tuple[int, int]]:
    a, b, _ = graph.edges()
    return set(zip(cells[a].tolist(), cells[b].tolist(), strict=True))


def refined(cells: Int, which: Int, levels: int) -> Int:
    """The cells with some of them replaced by their descendants."""
    fine = [
        descendants(cells[i : i + 1], h3.get_resolution(int(cells[i])) + levels)[0] for i in which
    ]
    return np.sort(np.concatenate([np.delete(cells, which), *fine]))


@settings(max_examples=30, deadline=None)
@given(st.floats(-90, 90), st.floats(-180, 180), st.integers(0, 6), st.integers(0, 4), st.data())
def test_cells_touch_where_h3_says_neighbors(
    lat: float, lng: float, resolution: int, rings: int, data: st.DataObject
) -> None:
    cells = disk(lat, lng, resolution, rings)
    kept = data.draw(st.lists(st.booleans(), min_size=len(cells), max_size=len(cells)))
    cells = cells[np.array(kept, dtype=bool)]
    truth = {
        (a, b)
        for a in cells.tolist()
        for b in cells.tolist()
        if a < b and h3.are_neighbor_cells(a, b)
    }
    assert pairs(cells, contiguity_graph(cells)) == truth


def test_a_pentagon_has_five_neighbors() -> None:
    cells = np.array(sorted(h3.grid_disk(h3.get_pentagons(4)[3], 2)), dtype=np.int64)
    degree = np.diff(contiguity_graph(cells).indptr)
    pentagon = np.flatnonzero(cells == h3.get_pentagons(4)[3])
    assert degree[pentagon].tolist() == [5]


@settings(max_examples=25, deadline=None)
@given(
    st.floats(-88, 88), st.floats(-180, 180), st.lists(st.integers(0, 18), max_size=6), st.data()
)
def test_mixed_cells_touch_where_their_finest_descendants_do(
    lat: float, lng: float, chosen: list[int], data: st.DataObject
) -> None:
    cells = disk(lat, lng, 4, 2)
    which = np.unique(np.array(chosen, dtype=np.int64) % len(cells))
    cells = refined(cells, which, 1)
    once_more = data.draw(st.integers(0, len(cells) - 1))
    if h3.get_resolution(int(cells[once_more])) == 5:
        cells = refined(cells, np.array([once_more]), 1)
    fine, holder = descendants(cells, 6)
    order = np.argsort(fine)
    fine_graph = contiguity_graph(fine[order])
    a, b, _ = fine_graph.edges()
    one, other = holder[order][a], holder[order][b]
    truth = {
        (int(cells[min(i, j)]), int(cells[max(i, j)]))
        for i, j in zip(one.tolist(), other.tolist(), strict=True)
        if i != j
    }
    assert pairs(cells, contiguity_graph(cells)) == truth


def test_a_cell_given_together_with_its_child_is_refused() -> None:
    cells = disk(50, 8, 5, 1)
    child = h3.cell_to_children(int(cells[2]))[3]
    with pytest.raises(GeometryError, match="lies within"):
        contiguity_graph(np.sort(np.append(cells, child)))


@pytest.mark.parametrize("bad", [[5, 3], [7, 7], [12345], [-1]])
def test_ids_that_are_not_ascending_cells_are_refused(bad: list[int]) -> None:
    with pytest.raises(GeometryError):
        contiguity_graph(np.array(bad, dtype=np.int64))


def test_no_cells_make_an_empty_graph() -> None:
    assert len(contiguity_graph(np.empty(0, dtype=np.int64))) == 0
