import numpy as np
import pytest

from benchmarks.accounts import heaviest, market_of, us_accounts
from geo.cells.hierarchy import resolution_of


@pytest.mark.parametrize("tolerance", [0.05, 0.001])
def test_a_country_of_cities_is_refined_where_they_are_and_nowhere_else(tolerance: float) -> None:
    accounts = us_accounts(4000, seed=1)
    made = market_of(accounts, 20, tolerance)
    level = resolution_of(made.table.cell)
    plain = market_of(accounts, 20, tolerance, int(level.min()))
    assert made.resolution is None
    assert plain.resolution == level.min()
    single = accounts.potential.max() * 20 / accounts.potential.sum()
    assert heaviest(made, 20) <= max(single + 0.003, 0.026)
    assert heaviest(plain, 20) > 2 * heaviest(made, 20)
    assert len(plain.table) < len(made.table) <= len(plain.table) + 600 * 20
    assert made.table.accounts.sum() == 4000
    assert made.table.activity.sum() == pytest.approx(accounts.potential.sum())
    assert (made.table.accounts[level > level.min()] > 0).mean() > 0.2
    assert np.bincount(level)[level.min()] > 0.85 * len(plain.table)


def test_reps_of_unequal_capacity_need_cells_light_enough_for_the_smallest() -> None:
    accounts = us_accounts(4000, seed=1)
    even = market_of(accounts, 20, 0.05)
    uneven = market_of(accounts, 20, 0.05, smallest_share=0.01)
    assert len(uneven.table) > len(even.table)
    assert heaviest(uneven, 20) <= heaviest(even, 20)


def test_the_same_seed_makes_the_same_accounts() -> None:
    one, other = us_accounts(500, seed=3), us_accounts(500, seed=3)
    assert np.array_equal(one.lat, other.lat)
    assert np.array_equal(one.potential, other.potential)
    assert not np.array_equal(one.lat, us_accounts(500, seed=4).lat)
