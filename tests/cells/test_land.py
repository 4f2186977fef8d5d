import hashlib
import re

import numpy as np
import pytest
import shapely

from geo.cells.land import BASEMAP, area_km2, countries, countries_at, land_of
from scripts.make_land_table import drawn_countries


@pytest.mark.parametrize(
    ("place", "lat", "lng", "country"),
    [
        ("Berlin", 52.52, 13.40, "Germany"),
        ("San Juan", 18.40, -66.06, "Puerto Rico"),
        ("Honolulu", 21.31, -157.86, "United States of America"),
        ("Suva", -18.14, 178.43, "Fiji"),
        ("Fiji beyond 180°", -16.85, -179.97, "Fiji"),
        ("a pier off Brighton", 50.81, -0.14, "United Kingdom"),
        ("the middle of the Atlantic", 30.0, -40.0, None),
    ],
)
def test_positions_are_in_their_country(
    place: str, lat: float, lng: float, country: str | None
) -> None:
    at = int(countries_at(np.array([lat]), np.array([lng]))[0])
    assert (countries()[at].name if at >= 0 else None) == country


@pytest.mark.parametrize(
    ("iso", "official_km2"),
    [("276", 357_000), ("242", 18_300), ("643", 17_000_000), ("840", 9_200_000)],
)
def test_the_land_of_countries_is_as_large_as_it_should_be(iso: str, official_km2: float) -> None:
    assert area_km2(land_of(iso)) == pytest.approx(official_km2, rel=0.03)


def test_all_land_is_valid_and_on_the_map() -> None:
    lands = np.array([country.land for country in countries()], dtype=object)
    assert shapely.is_valid(lands).all()
    west, south, east, north = shapely.total_bounds(lands)
    assert west >= -180
    assert east <= 180
    assert south >= -90
    assert north <= 90


def test_a_country_that_is_not_there_has_no_land() -> None:
    assert land_of("999").is_empty


def test_the_files_are_those_that_the_readme_names() -> None:
    readme = (BASEMAP / "README.md").read_text(encoding="utf-8")
    named = dict(re.findall(r"`([\w-]+\.json)`.*`([0-9a-f]{64})`", readme))
    found = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in BASEMAP.glob("*.json")
    }
    assert named == found


def test_the_table_of_land_is_what_the_basemap_draws() -> None:
    for stored, drawn in zip(countries(), drawn_countries(), strict=True):
        assert (stored.iso, stored.name) == (drawn.iso, drawn.name)
        assert stored.land.equals_exact(drawn.land, 1e-9)
        assert len(stored.regions) == len(drawn.regions)
        for one, other in zip(stored.regions, drawn.regions, strict=True):
            assert one.equals_exact(other, 1e-9)
