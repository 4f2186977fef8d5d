import h3.api.basic_int as h3
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import minimum_spanning_tree

from geo.arrays import Float, Int
from geo.cells.adjacency import contiguity_graph
from geo.cells.graph import BRIDGE, CellGraph, bridge_lengths, graph_from_edges
from geo.cells.index import cell_centers, cells_at
from geo.cells.islands import join_islands
from geo.sphere import distance_km


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
    km = bridge_lengths(joined, lat, lng)[2]
    assert len(km) == graph.components()[0] - 1
    assert km.sum() == pytest.approx(spanning_km(graph, lat, lng), abs=1e-6)
    borders = len(joined.edges()[0]) - int((joined.edges()[2] == BRIDGE).sum())
    assert borders == len(graph.edges()[0])


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
