"""The cities of the world by name, and the middle of states and countries made of them.

Source: GeoNames, places of 500 people and more (see data/README.md). The keys of a country's names
are stored in order, and read when the country is first asked for.
"""

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from geo.arrays import Bool, Int32
from geo.sphere import distance_km, to_lat_lng, to_xyz

WELL_KNOWN = 15_000  # people; smaller places are not believed without a country
ANYWHERE = "*"  # in place of a country: the well-known places of all


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


@dataclass(frozen=True, eq=False)
class _Names:
    """Keys, ascending; for each the row of its place, and whether it is of an alternate name."""

    keys: list[str]
    rows: Int32
    alternate: Bool

    def named(self, key: str) -> tuple[Named, ...]:
        first, last = bisect_left(self.keys, key), bisect_right(self.keys, key)
        return tuple(
            Named(place_at(row), alternate)
            for row, alternate in zip(
                self.rows[first:last].tolist(), self.alternate[first:last].tolist(), strict=True
            )
        )


def _file(name: str) -> Any:
    """An open Parquet file of the package."""
    data = resources.files("geo.geocode").joinpath("data", name).read_bytes()
    return pq.ParquetFile(pa.BufferReader(data))


@cache
def cities() -> Any:
    """All places as an Arrow table: name, country, state, lat_e5, lng_e5, population."""
    return _file("cities.parquet").read()


@cache
def _columns() -> tuple[Any, ...]:
    names = ("name", "country", "state", "lat_e5", "lng_e5", "population")
    return tuple(cities().column(name).combine_chunks() for name in names)


@lru_cache(maxsize=1 << 14)
def place_at(row: int) -> Place:
    """The place in a row of `cities()`."""
    name, country, state, lat, lng, population = (column[row].as_py() for column in _columns())
    return Place(name, country, state, lat / 1e5, lng / 1e5, population)


@cache
def _names_file() -> tuple[Any, dict[str, int]]:
    file = _file("city_names.parquet")
    countries = file.schema_arrow.metadata[b"countries"].decode().split(",")
    return file, {country: group for group, country in enumerate(countries)}


@cache
def _names(country: str) -> _Names | None:
    file, groups = _names_file()
    if country not in groups:
        return None
    table = file.read_row_group(groups[country])
    return _Names(
        table.column("key").to_pylist(),
        table.column("row").to_numpy(),
        table.column("alternate").to_numpy(),
    )


def _in_country(country: str) -> Any:
    return cities().filter(pc.field("country") == country)


def places_named(key: str, country: str | None) -> tuple[Named, ...]:
    """Places with this key (see `text.key`), in a country or, among the larger ones, anywhere."""
    names = _names(ANYWHERE if country is None else country)
    return names.named(key) if key and names is not None else ()


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
