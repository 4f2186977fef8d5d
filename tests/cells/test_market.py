from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.arrays import Float
from geo.cells.holding import cell_index
from geo.cells.market import Market, build_market
from geo.errors import GeometryError, NothingLocatedError


def market(lat: list[float] | Float, lng: list[float] | Float, **options: Any) -> Market:
    y, x = np.array(lat, dtype=np.float64), np.array(lng, dtype=np.float64)
    options.setdefault("territories", 2)
    return build_market(y, x, np.ones((len(y), 1)), ("accounts",), **options)


def holds(made: Market, lat: float, lng: float) -> bool:
    held = cell_index(made.table.cell).holders(np.array([lat]), np.array([lng]))
    return bool(held[0] >= 0)


def box(west: float, south: float, east: float, north: float) -> dict[str, Any]:
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}


@settings(max_examples=25, deadline=None)
@given(
    st.integers(0, 10_000),
    st.integers(1, 40),
    st.sampled_from([(50.0, 8.0), (-17.5, 179.9), (0.0, -30.0), (64.0, -22.0), (40.7, -74.0)]),
    st.sampled_from([0.01, 0.3, 4.0]),
    st.integers(1, 12),
)
def test_the_market_is_connected_and_holds_every_account(
    seed: int, count: int, around: tuple[float, float], spread: float, territories: int
) -> None:
    random = np.random.default_rng(seed)
    lat = around[0] + random.normal(0, spread, count)
    lng = (around[1] + random.normal(0, spread, count) + 180) % 360 - 180
    activity = random.uniform(0, 9, (count, 2))
    made = build_market(lat, lng, activity, ("potential", "visits"), territories=territories)
    assert made.graph.components()[0] == 1
    assert not made.outside.any()
    held = cell_index(made.table.cell).holders(np.round(lat, 6), np.round(lng, 6))
    assert np.array_equal(made.account_cell, held)
    assert made.table.activity.sum(axis=0) == pytest.approx(activity.sum(axis=0))
    assert made.table.accounts.sum() == count
    assert len(made.table) <= 300_000

    order = random.permutation(count)
    again = build_market(
        lat[order], lng[order], activity[order], ("potential", "visits"), territories=territories
    )
    assert np.array_equal(again.table.cell, made.table.cell)
    assert np.array_equal(again.graph.indices, made.graph.indices)
    assert np.array_equal(again.account_cell, made.account_cell[order])


def grid(west: float, south: float, east: float, north: float, steps: int) -> tuple[Float, Float]:
    x, y = np.meshgrid(np.linspace(west, east, steps), np.linspace(south, north, steps))
    return y.ravel(), x.ravel()


def test_accounts_all_over_a_country_get_the_whole_country() -> None:
    made = market(*grid(7.5, 48.2, 13.0, 53.5, 8), territories=5)
    for lat, lng in [(54.7, 9.4), (47.6, 10.3), (51.1, 14.9), (50.8, 6.1)]:
        assert holds(made, lat, lng)
    for lat, lng in [(48.86, 2.35), (55.7, 12.6), (47.4, 8.5)]:  # Paris, Copenhagen, Zürich
        assert not holds(made, lat, lng)


def test_accounts_all_over_one_state_stop_at_its_border() -> None:
    made = market(*grid(-101.5, 37.3, -95.5, 39.7, 6), territories=4)  # Kansas
    assert holds(made, 37.05, -94.7)
    assert not holds(made, 41.3, -96.0)  # Omaha
    assert not holds(made, 36.15, -95.9)  # Tulsa


def test_a_city_gets_the_city_and_its_surroundings() -> None:
    made = market(*grid(-0.14, 51.52, -0.08, 51.57, 10))
    assert holds(made, 51.545, -0.11)
    assert holds(made, 51.574, -0.11)
    assert not holds(made, 51.45, -0.11)


def test_islands_are_joined_by_bridges_and_the_sea_is_no_market() -> None:
    made = market([21.31, 20.88, 19.72, 22.0], [-157.86, -156.46, -155.09, -159.4])
    assert not holds(made, 20.4, -157.5)
    assert any("bridges join islands" in note for note in made.notes)


def test_both_sides_of_the_dateline_are_one_market() -> None:
    made = market([-16.8, -16.8], [179.97, -179.97], resolution=6)
    bridges = [note for note in made.notes if "bridges" in note]
    assert bridges == []
    assert len(made.table) < 2_000


def test_a_lone_account_and_accounts_on_three_continents_stay_small() -> None:
    assert 100 <= len(market([48.1], [11.5], territories=1).table) < 5_000
    far = market([48.1, 40.7, -33.9], [11.5, -74.0, 151.2], territories=3)
    assert 300 <= len(far.table) < 60_000


def test_small_islands_far_apart_get_cells_enough() -> None:
    made = market([-21.2, -18.9], [-159.8, -159.8])  # Rarotonga and Aitutaki
    assert 100 <= len(made.table) < 2_000


def test_an_outlier_does_not_blow_up_the_market() -> None:
    lat, lng = grid(-0.14, 51.52, -0.08, 51.57, 10)
    made = market(np.append(lat, -33.9), np.append(lng, 151.2))
    assert holds(made, 51.545, -0.11)
    assert not holds(made, 51.0, -1.0)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000))
def test_every_point_of_a_given_boundary_is_in_the_market(seed: int) -> None:
    random = np.random.default_rng(seed)
    west, south = random.uniform(-178, 178), random.uniform(-70, 70)
    made = market([south + 0.5], [west + 0.5], boundary=box(west, south, west + 1, south + 1))
    for lat, lng in zip(
        random.uniform(south, south + 1, 50), random.uniform(west, west + 1, 50), strict=True
    ):
        assert holds(made, float(lat), float(lng))


def test_accounts_outside_a_given_boundary_are_flagged_and_not_counted() -> None:
    made = market([50.5, 60.0, 50.6], [8.5, 8.5, 8.6], boundary=box(8, 50, 9, 51))
    assert made.outside.tolist() == [False, True, False]
    assert made.account_cell[1] == -1
    assert made.table.activity.sum() == 2
    assert "1 accounts lie outside the boundary" in made.notes


def test_the_resolution_asked_for_is_used() -> None:
    assert market([50.5], [8.5], resolution=7, territories=1).resolution == 7


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"boundary": box(-180, -90, 180, 90), "resolution": 9}, "too many"),
        ({"boundary": box(100, 10, 101, 11)}, "no account lies within"),
        ({"boundary": {"type": "Point", "coordinates": [8, 50]}}, "not made of polygons"),
        ({"resolution": 16}, "resolution 16"),
    ],
)
def test_an_unusable_boundary_or_resolution_is_refused(options: dict[str, Any], says: str) -> None:
    with pytest.raises(GeometryError, match=says) as caught:
        market([50.5], [8.5], **options)
    assert caught.value.hint


def test_a_boundary_with_latitude_first_is_told_so() -> None:
    with pytest.raises(GeometryError) as caught:
        market([50.5], [8.5], boundary=box(50, 8, 51, 9))
    assert "swapped" in caught.value.hint


def test_no_accounts_make_no_market() -> None:
    with pytest.raises(NothingLocatedError):
        market([], [])
