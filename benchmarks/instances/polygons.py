"""Markets whose units are polygons, as postal areas are: small in towns and large between them."""

import numpy as np
import shapely

from benchmarks.instances.potential import account_potential
from benchmarks.instances.types import Instance, equal_targets
from geo.arrays import Float
from geo.cells.graph import SHARED_BORDER, graph_from_edges
from geo.cells.islands import join_islands
from geo.cells.land import area_km2, land_of
from geo.polygons import border_edges

_TOWNS, _IN_TOWNS, _TOWN_DEG = 60, 0.6, 0.25


def voronoi(
    name: str, about: str, *, iso: str, units: int, territories: int, accounts: int, seed: int
) -> Instance:
    """Voronoi polygons of random points in the largest part of a country, clipped to its coast."""
    rng = np.random.default_rng(seed)
    parts = shapely.get_parts(land_of(iso))
    land = parts[np.argmax(shapely.area(parts))]
    shapely.prepare(land)
    points = shapely.MultiPoint(_scattered(land, units, rng))
    cells = shapely.get_parts(shapely.voronoi_polygons(points, extend_to=land.envelope))
    # GEOS returns the polygons in an order of its own.
    cells = cells[np.lexsort(shapely.get_coordinates(shapely.centroid(cells)).T)]
    outlines = shapely.intersection(cells, land)
    inside = shapely.point_on_surface(outlines)
    lng, lat = shapely.get_x(inside), shapely.get_y(inside)
    a, b = border_edges(outlines.tolist()).T
    graph = graph_from_edges(len(outlines), a, b, np.full(len(a), SHARED_BORDER, dtype=np.uint8))
    potential = account_potential(
        lat, lng, rng, accounts=accounts, area_km2=area_km2(land), cities=100, dense=0.5
    )
    problem = equal_targets(lat, lng, potential, join_islands(graph, lat, lng), territories)
    return Instance(name, about, problem, tuple(shapely.to_wkb(outlines).tolist()))


def _scattered(land: shapely.Polygon, units: int, rng: np.random.Generator) -> Float:
    """Points in the land, (units, 2) longitude and latitude: most of them around towns."""
    west, south, east, north = land.bounds
    spread = np.array([east - west, north - south])
    towns = np.array([west, south]) + rng.random((_TOWNS, 2)) * spread
    found = np.empty((0, 2))
    while len(found) < units:
        town = towns[rng.integers(_TOWNS, size=units)]
        near = town + rng.normal(0.0, _TOWN_DEG, (units, 2))
        anywhere = np.array([west, south]) + rng.random((units, 2)) * spread
        drawn = np.where(rng.random((units, 1)) < _IN_TOWNS, near, anywhere)
        found = np.concatenate([found, drawn[shapely.contains_xy(land, drawn[:, 0], drawn[:, 1])]])
    return found[:units]
