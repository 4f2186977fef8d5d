"""Which cells an area lies in: every point of the area is in one of them."""

import h3.api.basic_int as h3
import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geo.arrays import Bool, Float, Int
from geo.cells.adjacency import neighbors
from geo.cells.hierarchy import descendants, parents, resolution_of
from geo.cells.index import cell_centers
from geo.cells.lines import Geometries, segments
from geo.sphere import EARTH_RADIUS_KM

KM_PER_DEGREE = float(np.pi * EARTH_RADIUS_KM / 180)
_LARGEST = 1.6  # a cell's circumradius over the mean edge of its resolution, at most


def cells_over(area: BaseGeometry, resolution: int, *, within: Int | None = None) -> Int:
    """All cells that have a point of the area, ascending.

    `area` polygons in [longitude, latitude] degrees, cut at ±180°; `within` are cells of one
    coarser resolution, or the same, to whose descendants the answer is limited. Goes down from
    those, or from the 122 coarsest cells: a cell's children lie within it and its neighbours.
    """
    cells = np.sort(np.array(h3.get_res0_cells(), dtype=np.int64))
    start = 0
    if within is not None and len(within):
        cells, start = np.union1d(within, neighbors(within)[1]), h3.get_resolution(int(within[0]))
    whole: list[Int] = []
    for level in range(start, resolution + 1):
        if level > start:
            around = np.union1d(cells, neighbors(cells)[1])
            cells = np.sort(descendants(around, level)[0])
        inside, deep = _inside(cells, area)
        # What lies deep inside does so with all its descendants, and needs no second look.
        whole.append(descendants(cells[deep], resolution)[0])
        cells = cells[inside & ~deep]
    found = np.unique(np.concatenate([*whole, cells]))
    return found if within is None else found[np.isin(parents(found, start), within)]


def overlapping(cells: Int, area: BaseGeometry) -> Bool:
    """Which cells, all of one resolution, have a point of the area; shape (n)."""
    return _inside(cells, area)[0]


def _inside(cells: Int, area: BaseGeometry) -> tuple[Bool, Bool]:
    """Which cells have a point of the area, and which lie in it far from its border; (n) each."""
    if not len(cells) or area.is_empty:
        nowhere = np.zeros(len(cells), dtype=np.bool_)
        return nowhere, nowhere
    shapely.prepare(area)
    lat, lng = cell_centers(cells)
    inside = np.asarray(shapely.contains_xy(area, lng, lat), dtype=np.bool_)
    near, hit = _touched(cells, lat, lng, area)
    deep = inside.copy()
    deep[near] = False
    inside[hit] = True
    return inside, deep


def _touched(cells: Int, lat: Float, lng: Float, area: BaseGeometry) -> tuple[Int, Int]:
    """Positions of the cells that the area's border runs near, and runs through."""
    # A cell near ±180° may meet the area on the other side: it stands there a second time.
    beyond = np.flatnonzero(np.abs(lng) > 90)
    which = np.concatenate([np.arange(len(cells)), beyond])
    shifted = np.concatenate([lng, lng[beyond] - 360 * np.sign(lng[beyond])])
    borders = segments(area)
    reach = _LARGEST * h3.average_hexagon_edge_length(int(resolution_of(cells[:1])[0]))
    tree = shapely.STRtree(np.asarray(shapely.points(shifted, lat[which])))
    near = np.unique(tree.query(borders, predicate="dwithin", distance=_degrees(borders, reach))[1])
    hexagons = _hexagons(cells[which[near]], shifted[near])
    hit = np.unique(shapely.STRtree(hexagons).query(borders, predicate="intersects")[1])
    return np.unique(which[near]), np.unique(which[near[hit]])


def _degrees(borders: Geometries, reach_km: float) -> Float:
    """A distance as degrees of longitude at the cell farthest from the equator that it reaches."""
    box = shapely.bounds(borders)
    high = np.abs(box[:, [1, 3]]).max(axis=1) + reach_km / KM_PER_DEGREE
    narrowing = np.cos(np.radians(np.minimum(high, 90.0)))
    degrees = reach_km / KM_PER_DEGREE / np.maximum(narrowing, 1e-6)
    return np.asarray(np.minimum(degrees, 360.0), dtype=np.float64)


def _hexagons(cells: Int, lng: Float) -> Geometries:
    """Cells as flat polygons around the given longitudes of their centres."""
    corners = [h3.cell_to_boundary(cell) for cell in cells.tolist()]
    ring = np.repeat(np.arange(len(corners)), [len(some) for some in corners])
    flat = np.array([pair for some in corners for pair in some]).reshape(-1, 2)
    x = flat[:, 1]
    x = x - 360 * np.round((x - lng[ring]) / 360)
    return np.asarray(
        shapely.polygons(shapely.linearrings(np.column_stack([x, flat[:, 0]]), indices=ring)),
        dtype=object,
    )
