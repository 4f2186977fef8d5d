"""The cities of the world by name, and the middle of states and countries made of them.

Source: GeoNames, places of 500 people and more (see data/README.md).
"""

from collections import defaultdict
from functools import cache, lru_cache
from importlib import resources
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from geo.geocode.text import is_latin, keys_of_name
from geo.sphere import distance_km, to_lat_lng, to_xyz

WELL_KNOWN = 15_000  # people; smaller places are not believed without a country


class Place(NamedTuple):
    """A city, town or village; `state` is GeoNames' admin1 code; degrees."""

    name: str
    country: str
    state: str
    lat: float
    lng: float
    population: int


class Named(NamedTuple):
    """A place that bears the name asked for, as its own name or as an alternate one."""

    place: Place
    alternate: bool


class Centre(NamedTuple):
    """Where a state's or country's people live on average, and how far the farthest town is."""

    lat: float
    lng: float
    reach_km: float


_Index = dict[str, list[Named]]


@cache
def _cities() -> Any:
    """All places as an Arrow table."""
    file = resources.files("geo.geocode").joinpath("data", "cities.parquet")
    return pq.read_table(pa.BufferReader(file.read_bytes()))


def _places(table: Any) -> list[Place]:
    columns = ("name", "country", "state", "lat_e5", "lng_e5", "population")
    values = zip(*(table.column(c).to_pylist() for c in columns), strict=True)
    return [Place(n, c, s, lat / 1e5, lng / 1e5, p) for n, c, s, lat, lng, p in values]


def _index(table: Any, latin: bool) -> _Index:
    index: _Index = defaultdict(list)
    alternates = table.column("latin" if latin else "other_scripts").to_pylist()
    for place, names in zip(_places(table), alternates, strict=True):
        own = keys_of_name(place.name)
        if latin:
            for key in own:
                index[key].append(Named(place, alternate=False))
        others = {key: None for name in names.split("|") for key in keys_of_name(name)}
        for key in others:
            if key not in own:
                index[key].append(Named(place, alternate=True))
    return dict(index)


def _in_country(country: str) -> Any:
    return _cities().filter(pc.field("country") == country)


@cache
def _country_index(country: str, latin: bool) -> _Index:
    return _index(_in_country(country), latin)


@cache
def _world_index(latin: bool) -> _Index:
    return _index(_cities().filter(pc.field("population") >= WELL_KNOWN), latin)


def places_named(key: str, country: str | None) -> tuple[Named, ...]:
    """Places with this key (see `text.key`), in a country or, among the larger ones, anywhere."""
    if not key:
        return ()
    latin = is_latin(key)
    index = _world_index(latin) if country is None else _country_index(country, latin)
    return tuple(index.get(key, ()))


@lru_cache(maxsize=1 << 13)
def centre(country: str, state: str | None = None) -> Centre | None:
    """Mean position, weighted by population, of a state or country; None if it has no places.

    The mean is taken of vectors on the sphere, so that Fiji lies in Fiji and not in Africa.
    """
    table = _in_country(country)
    if state is not None:
        table = table.filter(pc.field("state") == state)
    if table.num_rows == 0:
        return None
    lat = table.column("lat_e5").to_numpy() / 1e5
    lng = table.column("lng_e5").to_numpy() / 1e5
    people = np.maximum(table.column("population").to_numpy(), 1).astype(np.float64)
    mean = np.average(to_xyz(lat, lng), axis=0, weights=people)
    mid_lat, mid_lng = to_lat_lng(mean)
    reach = distance_km(lat, lng, mid_lat, mid_lng).max()
    return Centre(float(mid_lat), float(mid_lng), float(reach))
