"""The land of countries and of US states, from the basemap that ships with the product."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import shapely
from shapely import MultiPolygon
from shapely.geometry.base import BaseGeometry

import geo
from geo.arrays import Bool, Float, Int
from geo.cells.lines import Geometries, segments
from geo.sphere import EARTH_RADIUS_KM

BASEMAP = Path(geo.__file__).parent.parent / "data" / "basemap"
USA = "840"
_NEAR_COAST_DEG = 0.25


@dataclass(frozen=True, eq=False)
class Country:
    """A country with its land. `iso` is the ISO 3166-1 numeric code as text, such as "276".

    `regions` are the states where the basemap has them (USA), else empty. All [lng, lat] degrees.
    """

    iso: str
    name: str
    land: BaseGeometry
    regions: tuple[BaseGeometry, ...] = ()


@cache
def countries() -> tuple[Country, ...]:
    """All countries of the basemap, in its order."""
    table = pq.ParquetFile(BASEMAP / "land.parquet").read().to_pydict()
    land = shapely.from_wkb(table["land"])
    regions = [tuple(shapely.from_wkb(regions)) for regions in table["regions"]]
    return tuple(map(Country, table["iso"], table["name"], land, regions))


def land_of(iso: str) -> BaseGeometry:
    """The land of a country by ISO 3166-1 numeric code; empty where the basemap has none."""
    return next((c.land for c in countries() if c.iso == iso), MultiPolygon())


def countries_at(lat: Float, lng: Float) -> Int:
    """Index into `countries()` for each position in degrees, −1 at sea, shape (n).

    A position within about 25 km of a coast counts to the nearest country.
    """
    found = np.full(len(lat), -1, dtype=np.int64)
    for index, country in enumerate(countries()):
        open_ = np.flatnonzero((found < 0) & _within(country, lat, lng))
        if len(open_):
            shapely.prepare(country.land)
            found[open_[shapely.intersects_xy(country.land, lng[open_], lat[open_])]] = index
    at_sea = np.flatnonzero(found < 0)
    coasts, owner = _coasts(lat[at_sea], lng[at_sea])
    asked, hit = coasts.query_nearest(
        np.asarray(shapely.points(lng[at_sea], lat[at_sea])),
        max_distance=_NEAR_COAST_DEG,
        all_matches=False,
    )
    found[at_sea[asked]] = owner[hit]
    return found


def _within(country: Country, lat: Float, lng: Float, margin: float = 0.0) -> Bool:
    west, south, east, north = country.land.bounds
    tall = (lat >= south - margin) & (lat <= north + margin)
    return np.asarray(tall & (lng >= west - margin) & (lng <= east + margin))


def _coasts(lat: Float, lng: Float) -> tuple[shapely.STRtree, Int]:
    """Borders near the positions as lines of two points, and the country that each is of."""
    lines: list[Geometries] = []
    owner: list[int] = []
    for index, country in enumerate(countries()):
        if _within(country, lat, lng, _NEAR_COAST_DEG).any():
            lines.append(segments(country.land))
            owner.append(index)
    counts = [len(some) for some in lines]
    joined = np.concatenate(lines) if lines else np.empty(0, dtype=object)
    return shapely.STRtree(joined), np.repeat(np.array(owner, dtype=np.int64), counts)


def area_km2(shape: BaseGeometry) -> float:
    """Area on the sphere of a polygon in degrees, by Lambert's equal-area cylinder."""
    flat = shapely.transform(
        shape, lambda xy: np.column_stack([np.radians(xy[:, 0]), np.sin(np.radians(xy[:, 1]))])
    )
    return float(flat.area) * EARTH_RADIUS_KM**2
