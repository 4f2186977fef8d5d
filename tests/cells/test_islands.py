import h3.api.basic_int as h3
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import minimum_spanning_tree

from geo.arrays import Float, Int
from geo.cells.adjacency import contiguity_graph, shore_of
from geo.cells.graph import BRIDGE, CellGraph, bridge_lengths, graph_from_edges
from geo.cells.hierarchy import parents
from geo.cells.holding import cell_index
from geo.cells.index import cell_centers, cells_at
from geo.cells.islands import join_islands
from geo.sphere import distance_km, to_xyz
from tests.cells.mixed import mixed_market


def spanning_km(graph: CellGraph, lat: Float, lng: Float) -> float:
    """Length of the shortest bridges, by all pairs."""
    count, component = graph.components()
    km = distance_km(lat[:, None], lng[:, None], lat[None], lng[None])
    nearest = np.full((count, count), np.inf)
    np.minimum.at(nearest, (component[:, None], component[None]), km)
    a, b = np.triu_indices(count, 1)
    tree = minimum_spanning_tree(coo_matrix((nearest[a, b], (a, b)), shape=(count, count)))
    return float(tree.sum())


def scattered(seed: int, count: int, lat: float, lng: float, spread: float) -> Int:
    random = np.random.default_rng(seed)
    y = np.clip(lat + random.normal(0, spread, count), -90, 90)
    x = (lng + random.normal(0, spread, count) + 180) % 360 - 180
    return np.unique(cells_at(y, x, 4))


@settings(max_examples=40, deadline=None)
@given(
    st.integers(0, 10_000),
    st.integers(1, 60),
    st.sampled_from([(0.0, 0.0), (-17.0, 179.9), (89.0, 10.0), (52.0, 10.0)]),
    st.sampled_from([0.5, 2.0, 10.0]),
)
def test_bridges_join_all_and_are_as_short_as_can_be(
    seed: int, count: int, around: tuple[float, float], spread: float
) -> None:
    cells = scattered(seed, count, *around, spread)
    lat, lng = cell_centers(cells)
    graph = contiguity_graph(cells)
    joined = join_islands(graph, lat, lng)
    assert joined.components()[0] == 1
    count, component = graph.components()
    a, b, km = bridge_lengths(joined, lat, lng)
    ends = np.sort(np.stack([component[a], component[b]], axis=1), axis=1)
    assert len(np.unique(ends, axis=0)) == len(ends)  # one between two islands at most
    assert (ends[:, 0] != ends[:, 1]).all()
    assert count - 1 <= len(km) <= max(count - 1, 3 * count - 6)
    tree = minimum_spanning_tree(coo_matrix((km, ends.T), shape=(count, count)))
    assert tree.sum() == pytest.approx(spanning_km(graph, lat, lng), abs=1e-6)
    borders = len(joined.edges()[0]) - int((joined.edges()[2] == BRIDGE).sum())
    assert borders == len(graph.edges()[0])


@settings(max_examples=40, deadline=None)
@given(
    st.integers(0, 10_000),
    st.integers(3, 40),
    st.sampled_from([(0.0, 0.0), (-17.0, 179.9), (89.0, 10.0), (52.0, 10.0)]),
    st.sampled_from([0.5, 2.0, 10.0]),
)
def test_islands_that_face_each_other_are_joined_by_their_shortest_clear_bridge(
    seed: int, count: int, around: tuple[float, float], spread: float
) -> None:
    cells = scattered(seed, count, *around, spread)
    lat, lng = cell_centers(cells)
    graph = contiguity_graph(cells)
    component = graph.components()[1]
    xyz = to_xyz(lat, lng)
    clear: dict[tuple[int, int], float] = {}
    for i in range(len(cells)):
        for j in range(i):
            pair = sorted((int(component[i]), int(component[j])))
            length = float(np.linalg.norm(xyz[i] - xyz[j]))
            reach = np.linalg.norm(xyz - (xyz[i] + xyz[j]) / 2, axis=1)
            if pair[0] != pair[1] and (np.delete(reach, [i, j]) > length / 2).all():
                key = (pair[0], pair[1])
                clear[key] = min(length, clear.get(key, np.inf))
    a, b, _ = bridge_lengths(join_islands(graph, lat, lng), lat, lng)
    found = {
        (min(pair), max(pair)): float(np.linalg.norm(xyz[i] - xyz[j]))
        for i, j in zip(a, b, strict=True)
        for pair in [(int(component[i]), int(component[j]))]
    }
    assert found == pytest.approx(clear)


def test_an_island_between_two_others_is_not_passed_over() -> None:
    cells = np.unique(cells_at(np.array([0.0, 0.3, 0.0, 4.0]), np.array([0.0, 3.0, 6.0, 3.0]), 5))
    lat, lng = cell_centers(cells)
    a, b, km = bridge_lengths(join_islands(contiguity_graph(cells), lat, lng), lat, lng)
    assert len(km) == 3  # from the middle to each
    assert km.max() < 500
    assert not any({round(lng[i]), round(lng[j])} == {0, 6} for i, j in zip(a, b, strict=True))


def test_units_in_a_row_along_the_equator_are_joined_in_that_row() -> None:
    lng = np.arange(60.0)
    none = np.empty(0, dtype=np.int64)
    graph = graph_from_edges(60, none, none, np.empty(0, dtype=np.uint8))
    a, b, _ = bridge_lengths(join_islands(graph, lng * 0, lng), lng * 0, lng)
    assert (a.tolist(), b.tolist()) == (list(range(59)), list(range(1, 60)))


def test_thousands_of_islets_get_a_bounded_number_of_bridges() -> None:
    cells = scattered(1, 1600, 0.0, 20.0, 15.0)
    lat, lng = cell_centers(cells)
    graph = contiguity_graph(cells)
    joined = join_islands(graph, lat, lng, shore_of(cells))
    count = graph.components()[0]
    assert count > 1000
    assert joined.components()[0] == 1
    assert count - 1 < len(bridge_lengths(joined, lat, lng)[2]) < 2.2 * count


def test_the_shore_of_mixed_cells_is_where_a_neighbour_is_missing() -> None:
    cells = mixed_market(3, (50.0, 8.0))
    shore = shore_of(cells)
    held = cell_index(cells)
    for cell, at_shore in zip(cells.tolist(), shore.tolist(), strict=True):
        near = np.array(h3.grid_ring(cell, 1), dtype=np.int64)
        inside = np.isin(near, held.replaced) | np.isin(near, cells)
        for level in range(4, h3.get_resolution(cell)):
            inside |= np.isin(parents(near, level), cells)
        assert at_shore == (not inside.all())


def test_the_dateline_is_no_border() -> None:
    cells = np.unique(cells_at(np.array([-17.0, -17.0]), np.array([179.5, -179.5]), 5))
    lat, lng = cell_centers(cells)
    km = bridge_lengths(join_islands(contiguity_graph(cells), lat, lng), lat, lng)[2]
    assert km[0] == pytest.approx(106, abs=20)


def test_two_large_islands_are_joined_shore_to_shore() -> None:
    pieces = [h3.grid_disk(h3.latlng_to_cell(21.0, lng, 6), 12) for lng in (-157.0, -155.0)]
    cells = np.unique(np.array([c for piece in pieces for c in piece], dtype=np.int64))
    lat, lng = cell_centers(cells)
    graph = contiguity_graph(cells)
    joined = join_islands(graph, lat, lng)
    km = bridge_lengths(joined, lat, lng)[2]
    assert km.tolist() == pytest.approx([spanning_km(graph, lat, lng)])


def test_units_without_a_shore_are_joined_too() -> None:
    complete = [(i, j) for i in range(8) for j in range(8) if i < j]
    a = np.array([i for i, _ in complete] + [i + 8 for i, _ in complete], dtype=np.int64)
    b = np.array([j for _, j in complete] + [j + 8 for _, j in complete], dtype=np.int64)
    graph = graph_from_edges(16, a, b, np.zeros(len(a), dtype=np.uint8))
    lat = np.linspace(0, 1.5, 16)
    joined = join_islands(graph, lat, np.zeros(16))
    one, other, _ = bridge_lengths(joined, lat, np.zeros(16))
    assert (one.tolist(), other.tolist()) == ([7], [8])
