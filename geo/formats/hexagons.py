"""Cells as polygons, one by one, for a map program."""

import h3.api.basic_int as h3
import numpy as np
import shapely
from shapely import MultiPolygon, Polygon

from geo.arrays import Int
from geo.cells.dateline import cut_at_dateline


def cell_polygons(cells: Int) -> list[Polygon | MultiPolygon]:
    """The hexagon (or pentagon) of each cell in [longitude, latitude] degrees, cut at ±180°."""
    if not len(cells):
        return []
    boundaries = [h3.cell_to_boundary(cell) for cell in cells.tolist()]
    corners = np.array([corner for boundary in boundaries for corner in boundary])[:, ::-1]
    owner = np.repeat(np.arange(len(cells)), [len(boundary) for boundary in boundaries])
    drawn = np.asarray(shapely.polygons(shapely.linearrings(corners, indices=owner)))
    bounds = shapely.bounds(drawn)
    shapes: list[Polygon | MultiPolygon] = drawn.tolist()
    for wide in np.flatnonzero(bounds[:, 2] - bounds[:, 0] > 180).tolist():
        parts = cut_at_dateline(drawn[wide])
        shapes[wide] = parts[0] if len(parts) == 1 else MultiPolygon(parts)
    return shapes
