"""Polygons across ±180° or around a pole, cut so that a flat map shows them right."""

import antimeridian
import numpy as np
import shapely
from shapely import LinearRing, Point, Polygon
from shapely.affinity import translate
from shapely.geometry.base import BaseGeometry

from geo.arrays import Float


def crosses_dateline(polygon: Polygon) -> bool:
    """Whether an edge takes the short way across ±180°, or longitudes run beyond it."""
    return any(_jumps(shapely.get_coordinates(ring)) for ring in _rings(polygon))


def cut_at_dateline(polygon: Polygon) -> list[Polygon]:
    """The parts of a polygon on either side of ±180°, none crossing it (RFC 7946 §3.1.9).

    Around a pole the exterior must run counterclockwise on the sphere and holes clockwise, as H3
    gives them; the parts then run along the pole (by `antimeridian`). The polygon must be valid
    once unrolled. Edges are straight in longitude and latitude.
    """
    if not crosses_dateline(polygon):
        return [polygon]
    flat = unrolled(polygon)
    if flat is None:
        return _polygons(_around_pole(polygon))
    west, _, east, _ = flat.bounds
    turns = range(int(np.floor((west + 180) / 360)), int(np.ceil((east + 180) / 360)))
    strips = [
        translate(flat.intersection(shapely.box(360 * t - 180, -90, 360 * t + 180, 90)), -360 * t)
        for t in turns
    ]
    return [part for strip in strips for part in _polygons(strip)]


def unrolled(polygon: Polygon) -> Polygon | None:
    """The polygon with longitudes running on beyond ±180° where an edge crosses it.

    None for a polygon around a pole, which no longitudes can unroll.
    """
    rings = [_unrolled(shapely.get_coordinates(ring)) for ring in _rings(polygon)]
    if any(abs(ring[-1, 0] - ring[0, 0]) > 180 for ring in rings):
        return None
    shell = Polygon(rings[0])
    for hole in rings[1:]:
        x, y = hole[0]
        shifts = [s for s in (0, -360, 360) if shell.intersects(Point(x + s, y))]
        hole[:, 0] += shifts[0] if shifts else 0
    return Polygon(rings[0], rings[1:])


def _around_pole(polygon: Polygon) -> BaseGeometry:
    shell = _fixed(polygon.exterior)
    # Holes are cut on their own: given together, one beside the line can get lost.
    holes = [_fixed(hole.reverse()) for hole in polygon.interiors]
    return shell.difference(shapely.union_all(holes)) if holes else shell


def _fixed(ring: LinearRing) -> BaseGeometry:
    fixed: BaseGeometry = antimeridian.fix_polygon(
        Polygon(ring), fix_winding=False, great_circle=False
    )
    return fixed


def _unrolled(ring: Float) -> Float:
    lng = ring[:, 0]
    # Whole turns are added to the longitudes as given, so that the ring still closes exactly.
    turns = np.round((np.unwrap(lng, period=360) - lng) / 360)
    return np.column_stack([lng + 360 * turns, ring[:, 1]])


def _polygons(shape: BaseGeometry) -> list[Polygon]:
    return [part for part in shapely.get_parts(shape) if isinstance(part, Polygon)]


def _rings(polygon: Polygon) -> list[LinearRing]:
    return [] if polygon.is_empty else [polygon.exterior, *polygon.interiors]


def _jumps(xy: Float) -> bool:
    lng = xy[:, 0]
    return bool(np.any(np.abs(np.diff(lng)) > 180) or np.any(np.abs(lng) > 180))
