"""The land of countries and of US states, from the basemap that ships with the product."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pyogrio.raw
import shapely
from shapely import MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry

import geo
from geo.arrays import Bool, Float, Int
from geo.cells.dateline import crosses_dateline, cut_at_dateline, unrolled
from geo.cells.lines import Geometries, segments
from geo.sphere import EARTH_RADIUS_KM

BASEMAP = Path(geo.__file__).parent.parent / "data" / "basemap"
USA = "840"

_LAST_STATE = 56  # FIPS codes beyond are territories, which the world map has as countries

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
    states = tuple(
        land for fips, _, land in _layer("states-10m.json", "states") if int(fips) <= _LAST_STATE
    )
    found = []
    for iso, name, land in _layer("countries-50m.json", "countries"):
        if iso == USA:  # the Census map is more exact, and leaves the Great Lakes out
            union = shapely.union_all(np.array(states, dtype=object))
            found.append(Country(iso, name, union, states))
        else:
            found.append(Country(iso, name, land))
    return tuple(found)


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


def _layer(file: str, layer: str) -> list[tuple[str, str, BaseGeometry]]:
    """Code, name and land of each feature."""
    # Raw, because GeoPandas would be imported for it.
    _, _, shapes, (codes, names) = pyogrio.raw.read(
        BASEMAP / file, layer=layer, columns=["id", "name"]
    )
    lands = map(_mended, shapely.from_wkb(shapes))
    known = [code if isinstance(code, str) else "" for code in codes]
    return list(zip(known, map(str, names), lands, strict=True))


def _mended(land: BaseGeometry) -> BaseGeometry:
    """The land with polygons across ±180° cut there and crossing rings parted."""
    if land.is_valid:
        return land
    parts: list[Polygon] = []
    for part in shapely.get_parts(land):
        flat = unrolled(part) if crosses_dateline(part) else None
        parts.extend([part] if flat is None else cut_at_dateline(flat))
    union = shapely.union_all(shapely.make_valid(parts))
    return MultiPolygon([part for part in shapely.get_parts(union) if isinstance(part, Polygon)])
