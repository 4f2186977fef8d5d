"""Cells as polygons, one by one, for a map program."""

import h3.api.basic_int as h3
from shapely import MultiPolygon, Polygon

from geo.arrays import Int
from geo.cells.dateline import cut_at_dateline


def cell_polygons(cells: Int) -> list[Polygon | MultiPolygon]:
    """The hexagon (or pentagon) of each cell in [longitude, latitude] degrees, cut at ±180°."""
    return [_polygon(cell) for cell in cells.tolist()]


def _polygon(cell: int) -> Polygon | MultiPolygon:
    boundary = h3.cell_to_boundary(cell)
    parts = cut_at_dateline(Polygon([(lng, lat) for lat, lng in boundary]))
    return parts[0] if len(parts) == 1 else MultiPolygon(parts)
