import h3.api.basic_int as h3
import numpy as np
import pytest

from geo.arrays import Float
from geo.cells.resolution import choose_resolution, resolution_for


def cloud(count: int, spread: float, seed: int = 0) -> tuple[Float, Float]:
    random = np.random.default_rng(seed)
    return 48 + random.normal(0, spread, count), 11 + random.normal(0, spread, count)


@pytest.mark.parametrize("territories", [1, 8, 60, 300])
def test_there_are_cells_enough_for_each_territory(territories: int) -> None:
    lat, lng = cloud(50, 0.5)
    area = 350_000.0
    resolution = resolution_for(lat, lng, np.ones(50), territories, area)
    count = area / h3.average_hexagon_area(resolution)
    assert count >= 100 * territories
    assert count <= 60_000 or count / 7 < 150 * territories


def test_dense_accounts_are_parted_until_no_cell_weighs_much() -> None:
    lat, lng = cloud(20_000, 0.2)
    resolution = resolution_for(lat, lng, np.ones(20_000), 10, 20_000.0)
    finer = resolution_for(lat, lng, np.ones(20_000), 10, 2_000.0)
    assert resolution == 7  # 3,900 cells at 6 suffice in number, but not in weight
    assert finer == 8


def test_accounts_piled_on_one_position_do_not_refine_in_vain() -> None:
    lat, lng = np.repeat([48.0, 49.0, 50.0], 500), np.repeat([11.0, 12.0, 13.0], 500)
    piled = resolution_for(lat, lng, np.ones(1500), 3, 120_000.0)
    assert piled == resolution_for(lat[::500], lng[::500], np.ones(3), 3, 120_000.0) == 5


def test_a_pile_does_not_hide_what_can_be_parted() -> None:
    lat, lng = cloud(20_000, 0.2)
    lat, lng = np.append(lat, np.full(5000, 47.0)), np.append(lng, np.full(5000, 12.0))
    assert resolution_for(lat, lng, np.ones(25_000), 10, 20_000.0) == 7


def test_weightless_accounts_get_the_cells_that_the_count_asks_for() -> None:
    lat, lng = cloud(100, 0.5)
    assert resolution_for(lat, lng, np.zeros(100), 10, 60_000.0) == 6


def test_a_huge_number_of_territories_stays_within_the_cap() -> None:
    lat, lng = cloud(1000, 2)
    resolution = resolution_for(lat, lng, np.ones(1000), 50_000, 350_000.0)
    assert 350_000 / h3.average_hexagon_area(resolution) <= 200_000


def test_a_given_boundary_decides_the_area() -> None:
    lat, lng = cloud(10, 0.01)
    ring = [[5.0, 44.0], [17.0, 44.0], [17.0, 52.0], [5.0, 52.0], [5.0, 44.0]]
    boundary = {"type": "Polygon", "coordinates": [ring]}
    wide = choose_resolution(lat, lng, np.ones(10), 10, boundary=boundary)
    tight = choose_resolution(lat, lng, np.ones(10), 10)
    assert wide < tight
