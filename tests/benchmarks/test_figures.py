"""The figures of plans small enough to work out by hand."""

import numpy as np
import pytest
import shapely

from benchmarks.figures import figures_of
from benchmarks.instances.types import Instance, equal_targets
from geo.arrays import Int32
from geo.cells.graph import BRIDGE, SHARED_BORDER, graph_from_edges

DEGREE_KM = 111.195


def in_a_row(*, bridge: int | None = None, outlines: tuple[bytes, ...] = ()) -> Instance:
    """Four units of potential 1, 1, 1, 3 along the equator, a degree apart; two territories."""
    a = np.arange(3)
    kind = np.where(a == bridge, BRIDGE, SHARED_BORDER).astype(np.uint8)
    graph = graph_from_edges(4, a, a + 1, kind)
    lng = np.arange(4.0)
    potential = np.array([1.0, 1.0, 1.0, 3.0])
    return Instance("row", "", equal_targets(np.zeros(4), lng, potential, graph, 2), outlines)


def plan(*labels: int) -> Int32:
    return np.array(labels, dtype=np.int32)


def test_two_halves() -> None:
    found = figures_of(in_a_row(), plan(0, 0, 1, 1))
    assert found["max_deviation"] == pytest.approx(1 / 3)
    assert found["mean_deviation"] == pytest.approx(1 / 3)
    assert found["within_half_percent"] == 0
    assert found["noncontiguous"] == found["empty"] == 0
    assert found["cut_edges"] == 1
    # about 0.5° and 2.75°: 2·0.5² + 0.75² + 3·0.25² = 1.25, over a potential of 6
    assert found["rms_km"] == pytest.approx(np.sqrt(1.25 / 6) * DEGREE_KM, rel=1e-3)
    assert found["rms_cells_km"] == pytest.approx(0.5 * DEGREE_KM, rel=1e-3)
    # two hexagons: area 2·1.5·√3, border 10
    assert found["pp"] == pytest.approx(4 * np.pi * 3 * np.sqrt(3) / 100)


def test_exact_balance() -> None:
    found = figures_of(in_a_row(), plan(0, 0, 0, 1))
    assert found["max_deviation"] == pytest.approx(0)
    assert found["within_half_percent"] == 1


def test_broken_territories_are_counted() -> None:
    found = figures_of(in_a_row(), plan(0, 1, 0, 1))
    assert found["noncontiguous"] == 2
    assert found["cut_edges"] == 3


def test_an_empty_territory_is_not_a_broken_one_and_has_no_shape() -> None:
    found = figures_of(in_a_row(), plan(0, 0, 0, 0))
    assert (found["empty"], found["noncontiguous"]) == (1, 0)
    assert found["max_deviation"] == pytest.approx(1)
    assert found["pp"] == pytest.approx(4 * np.pi * 6 * np.sqrt(3) / 18**2)


def test_a_bridge_joins_but_hides_no_side() -> None:
    found = figures_of(in_a_row(bridge=0), plan(0, 0, 1, 1))
    assert found["noncontiguous"] == 0
    apart, together = (4 * np.pi * 3 * np.sqrt(3) / border**2 for border in (12, 10))
    assert found["pp"] == pytest.approx((apart + together) / 2)


def test_polygons_have_their_own_shape() -> None:
    squares = tuple(
        shapely.to_wkb(shapely.box(x - 0.5, -0.5, x + 0.5, 0.5)) for x in np.arange(4.0)
    )
    found = figures_of(in_a_row(outlines=squares), plan(0, 0, 0, 1))
    # a bar of three squares and one square: 4π·3/8² and 4π·1/4²
    assert found["pp"] == pytest.approx((4 * np.pi * 3 / 64 + 4 * np.pi / 16) / 2, rel=1e-3)
