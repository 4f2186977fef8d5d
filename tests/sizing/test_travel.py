import numpy as np
import pytest

from geo.sphere import distance_km
from sales.sizing.model import Travel
from sales.sizing.travel import TOUR_CONSTANT, center_of, km_per_visit, local_density, visit_km


def test_kilometres_computed_by_hand() -> None:
    travel = Travel(speed_kmh=60, road_factor=1.5, stops=4, least_km=0.5)
    # 1.5 · (2·30/4 + 0.7124/√0.04) and 1.5 · (0 + the least 0.5)
    km = km_per_visit(np.array([30.0, 0.0]), np.array([0.04, np.inf]), travel)
    assert km == pytest.approx([1.5 * (15.0 + TOUR_CONSTANT / 0.2), 0.75])


def test_density_of_accounts_at_random_is_found_again() -> None:
    rng = np.random.default_rng(0)
    lat, lng = rng.uniform(-1, 1, 4000), rng.uniform(-1, 1, 4000)
    area = 222.39**2  # km², two degrees on the equator
    inside = (np.abs(lat) < 0.9) & (np.abs(lng) < 0.9)
    density = local_density(lat, lng)[inside]
    assert density.mean() == pytest.approx(4000 / area, rel=0.03)


def test_the_constant_is_that_of_a_real_tour() -> None:
    """A tour by nearest neighbour and 2-opt is a few per cent longer than the formula says."""
    rng = np.random.default_rng(4)
    n, side = 150, 100.0
    lat, lng = rng.uniform(0, side / 111.19, n), rng.uniform(0, side / 111.19, n)
    d = distance_km(lat[:, None], lng[:, None], lat[None, :], lng[None, :])
    left, tour = set(range(1, n)), [0]
    while left:
        tour.append(min(left, key=lambda j: d[tour[-1], j]))
        left.remove(tour[-1])
    better = True
    while better:
        better = False
        for i in range(1, n - 1):
            for j in range(i + 1, n):
                a, b, c, e = tour[i - 1], tour[i], tour[j], tour[(j + 1) % n]
                if d[a, c] + d[b, e] < d[a, b] + d[c, e] - 1e-9:
                    tour[i : j + 1] = tour[i : j + 1][::-1]
                    better = True
    length = sum(d[a, b] for a, b in zip(tour, tour[1:] + tour[:1], strict=True))
    formula = TOUR_CONSTANT * np.sqrt(n * side**2)
    assert 1.0 < length / formula < 1.2  # 2-opt is about 5 % too long, the border adds some


def test_each_territory_is_worked_from_its_own_base() -> None:
    lat, lng = np.array([50.0, 50.0, 50.0]), np.array([10.0, 11.0, 20.0])
    base = np.array([[50.0, 10.0], [50.0, 20.0]])
    travel = Travel(road_factor=1.0, stops=1, least_km=0.0)
    km = visit_km(lat, lng, np.array([0, 0, 1]), base, travel)
    degree = float(distance_km(lat[:1], lng[:1], lat[1:2], lng[1:2])[0])
    between = TOUR_CONSTANT * degree * np.sqrt(np.pi)  # a pair: δ = 1/(π d²)
    assert km[:2] == pytest.approx([between, 2 * degree + between])
    assert km[2] == 0.0  # alone, and at the base


def test_the_middle_is_weighted_and_crosses_the_date_line() -> None:
    lat, lng = center_of(np.zeros(2), np.array([179.0, -179.0]), np.array([1.0, 1.0]))
    assert (lat, abs(lng)) == pytest.approx((0.0, 180.0))
