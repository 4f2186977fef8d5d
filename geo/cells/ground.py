"""The ground of a market: the boundary given, or the land that the accounts cover."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import h3.api.basic_int as h3
import numpy as np
import shapely
from shapely import MultiPolygon
from shapely.geometry.base import BaseGeometry

from geo.arrays import Float, Int
from geo.cells.adjacency import positions_in
from geo.cells.fill import KM_PER_DEGREE, cells_over, overlapping
from geo.cells.footprint import Footprint, footprint
from geo.cells.hierarchy import FINEST_RESOLUTION, coarsened, descendants
from geo.cells.index import cell_centers, cells_at
from geo.cells.land import Country, area_km2, countries, countries_at
from geo.formats.geojson import read_polygons

MOSTLY = 0.5  # a state, an island or a mainland covered by so much is taken whole
COAST_KM = 2.0  # how exact the basemap's coasts are
_SAMPLES = 24  # points along each side of the grid by which a coverage is estimated


@dataclass(frozen=True, eq=False)
class Ground:
    """Where a market lies: `whole` areas, and of `partly` what is `near` the accounts.

    Areas in [longitude, latitude] degrees, cut at ±180°; `partly` None is anywhere on Earth.
    `countries` names what the accounts lie in, in the order of the basemap.
    """

    whole: BaseGeometry
    partly: BaseGeometry | None
    near: Footprint | None
    area_km2: float
    countries: tuple[str, ...] = ()

    def cells(self, resolution: int) -> Int:
        """All cells that have a point of the ground, ascending."""
        cells = cells_over(self.whole, resolution)
        if self.near is None:
            return cells
        if resolution < self.near.resolution:
            around = coarsened(self.near.cells, resolution)
            if self.partly is not None:
                around = around[overlapping(around, self.partly)]
        elif self.partly is not None:
            around = cells_over(self.partly, resolution, within=self.near.cells)
        else:
            around = descendants(self.near.cells, resolution)[0]
        return np.union1d(cells, around)


def given_ground(boundary: Mapping[str, Any]) -> Ground:
    """The ground within GeoJSON polygons. Raises GeometryError where they are unusable."""
    area = read_polygons(boundary)
    return Ground(area, None, None, area_km2(area))


def derived_ground(lat: Float, lng: Float) -> Ground:
    """The ground that accounts at these positions in degrees cover, shape (n), n ≥ 1.

    It is what lies near them (see `footprint`), clipped to the land of their countries. A state
    (USA), an island or a mainland of which that is the better half is taken whole; and where
    states are, the market ends at the border of the states that have accounts.
    """
    near = footprint(lat, lng)
    cell_km2 = h3.average_hexagon_area(near.resolution)
    # One position of each small cell is enough to tell which countries and states are entered.
    fine = min(near.resolution + 2, FINEST_RESOLUTION)
    one = np.unique(cells_at(lat, lng, fine), return_index=True)[1]
    lat, lng = lat[one], lng[one]
    at = countries_at(lat, lng)
    if not (at >= 0).any():
        return Ground(MultiPolygon(), None, near, len(near.cells) * cell_km2)
    found = [countries()[i] for i in np.unique(at[at >= 0]).tolist()]
    whole: list[BaseGeometry] = []
    partly: list[BaseGeometry] = []
    for country in found:
        taken, clip = _taken(country, near, lat, lng)
        whole.extend(taken)
        partly.append(clip)
    taken_area, clip_area = _with_coast(whole), _with_coast(partly)
    y, x = cell_centers(near.cells)
    extra = shapely.contains_xy(clip_area, x, y) & ~shapely.contains_xy(taken_area, x, y)
    taken_km2 = area_km2(taken_area)
    # Small islands lie between the centres of survey cells, or fill them by a fraction.
    extra_km2 = min(max(int(extra.sum()), 1) * cell_km2, area_km2(clip_area) - taken_km2)
    area = taken_km2 + max(extra_km2, 0.0)
    return Ground(taken_area, clip_area, near, area, tuple(country.name for country in found))


def _taken(
    country: Country, near: Footprint, lat: Float, lng: Float
) -> tuple[list[BaseGeometry], BaseGeometry]:
    """What of a country is taken whole, and what is clipped to the rest of its land."""
    parts = [part for part in shapely.get_parts(country.land) if _mostly(part, near)]
    whole_states = [state for state in country.regions if _mostly(state, near)]
    if not whole_states:
        return parts, country.land
    shapely.prepare(np.array(country.regions, dtype=object))
    entered = [
        state
        for state in country.regions
        if state in whole_states or shapely.intersects_xy(state, lng, lat).any()
    ]
    return parts + whole_states, shapely.union_all(entered)


def _mostly(shape: BaseGeometry, near: Footprint) -> bool:
    """Whether the footprint covers the better half of a shape, by a grid of sample points."""
    covered_km2 = len(near.cells) * h3.average_hexagon_area(near.resolution)
    if area_km2(shape) * MOSTLY > covered_km2:
        return False
    west, south, east, north = shapely.bounds(shape)
    steps = (np.arange(_SAMPLES) + 0.5) / _SAMPLES
    low, high = np.sin(np.radians([south, north]))
    x, sine = np.meshgrid(west + steps * (east - west), low + steps * (high - low))
    y = np.degrees(np.arcsin(sine))
    shapely.prepare(shape)
    within = shapely.contains_xy(shape, x, y)
    if not within.any():
        return False
    cells = cells_at(y[within], x[within], near.resolution)
    return bool((positions_in(near.cells, cells) >= 0).mean() >= MOSTLY)


def _with_coast(shapes: list[BaseGeometry]) -> BaseGeometry:
    """The union, and a strip beyond it as wide as the coast on the map is uncertain."""
    wide = shapely.buffer(np.array(shapes, dtype=object), COAST_KM / KM_PER_DEGREE, quad_segs=2)
    return shapely.clip_by_rect(shapely.union_all(wide), -180, -90, 180, 90)
