"""The land of countries and of US states, from the basemap that ships with the product."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pyogrio
import shapely
from shapely import MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry

import geo
from geo.arrays import Float, Int
from geo.cells.dateline import crosses_dateline, cut_at_dateline, unrolled
from geo.sphere import EARTH_RADIUS_KM

BASEMAP = Path(geo.__file__).parent.parent / "data" / "basemap"
USA = "840"

_LAST_STATE = 56  # FIPS codes beyond are territories, which the world map has as countries

# Beyond the coast of the map, which is drawn within about 2 km, an account still counts as there.
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
    """Index into `countries()` for each position in degrees, −1 at sea, shape (n)."""
    points = np.asarray(shapely.points(lng, lat))
    tree = shapely.STRtree([country.land for country in countries()])
    found = np.full(len(points), -1, dtype=np.int64)
    asked, hit = tree.query(points, predicate="intersects")
    found[asked[::-1]] = hit[::-1]  # the first of several, where maps overlap
    at_sea = np.flatnonzero(found < 0)
    asked, hit = tree.query_nearest(points[at_sea], max_distance=_NEAR_COAST_DEG, all_matches=False)
    found[at_sea[asked]] = hit
    return found


def area_km2(shape: BaseGeometry) -> float:
    """Area on the sphere of a polygon in degrees, by Lambert's equal-area cylinder."""
    flat = shapely.transform(
        shape, lambda xy: np.column_stack([np.radians(xy[:, 0]), np.sin(np.radians(xy[:, 1]))])
    )
    return float(flat.area) * EARTH_RADIUS_KM**2


def _layer(file: str, layer: str) -> list[tuple[str, str, BaseGeometry]]:
    """Code, name and land of each feature."""
    frame = pyogrio.read_dataframe(BASEMAP / file, layer=layer)
    lands = [_mended(land) for land in frame.geometry]
    codes = [code if isinstance(code, str) else "" for code in frame["id"]]
    return list(zip(codes, map(str, frame["name"]), lands, strict=True))


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
