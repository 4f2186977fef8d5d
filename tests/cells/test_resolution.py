import h3.api.basic_int as h3
import pytest

from geo.cells.resolution import MOST_CELLS, resolution_for


@pytest.mark.parametrize("territories", [1, 8, 60, 300])
@pytest.mark.parametrize("area_km2", [300.0, 350_000.0, 8_000_000.0])
def test_there_are_cells_enough_for_each_territory_and_not_many_more(
    territories: int, area_km2: float
) -> None:
    resolution = resolution_for(territories, area_km2)
    count = area_km2 / h3.average_hexagon_area(resolution)
    assert 150 * territories <= count < 7.1 * 150 * territories


def test_a_huge_number_of_territories_stays_within_the_cap() -> None:
    count = 350_000 / h3.average_hexagon_area(resolution_for(50_000, 350_000.0))
    assert MOST_CELLS / 7.1 < count <= MOST_CELLS


def test_the_whole_world_as_one_territory_is_coarse_and_a_yard_is_fine() -> None:
    assert resolution_for(1, 5.1e8) == 1
    assert resolution_for(10, 1e-5) == 15
