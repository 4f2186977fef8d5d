"""Polygons across ±180° or around a pole, cut so that a flat map shows them right."""

import antimeridian
import numpy as np
import shapely
from shapely import LinearRing, Polygon
from shapely.geometry.base import BaseGeometry

from geo.arrays import Float


def crosses_dateline(polygon: Polygon) -> bool:
    """Whether an edge takes the short way across ±180°, or longitudes run beyond it."""
    return any(_jumps(shapely.get_coordinates(ring)) for ring in _rings(polygon))


def cut_at_dateline(polygon: Polygon) -> list[Polygon]:
    """The parts of a polygon on either side of ±180°, none crossing it (RFC 7946 §3.1.9).

    The exterior must run counterclockwise on the sphere and holes clockwise, as H3 gives them. A
    pole inside is kept by running along it. Uses `antimeridian`. May return invalid polygons for
    an invalid one.
    """
    if not crosses_dateline(polygon):
        return [polygon]
    shell: BaseGeometry = antimeridian.fix_polygon(Polygon(polygon.exterior), fix_winding=False)
    # Holes are cut on their own: given together, one beside the line can get lost.
    holes = [
        antimeridian.fix_polygon(Polygon(hole.coords[::-1]), fix_winding=False)
        for hole in polygon.interiors
    ]
    if holes:
        shell = shell.difference(shapely.union_all(holes))
    return [part for part in shapely.get_parts(shell) if isinstance(part, Polygon)]


def unrolled(polygon: Polygon) -> Polygon | None:
    """The polygon with longitudes running on beyond ±180° where an edge crosses it.

    None for a polygon around a pole, which no longitudes can unroll.
    """
    shell = _unrolled(shapely.get_coordinates(polygon.exterior))
    if abs(shell[-1, 0] - shell[0, 0]) > 180:
        return None
    holes = [_unrolled(shapely.get_coordinates(hole)) for hole in polygon.interiors]
    middle = shell[:, 0].mean()
    for hole in holes:
        hole[:, 0] += 360 * np.round((middle - hole[:, 0].mean()) / 360)
    return Polygon(shell, holes)


def _unrolled(ring: Float) -> Float:
    return np.column_stack([np.unwrap(ring[:, 0], period=360), ring[:, 1]])


def _rings(polygon: Polygon) -> list[LinearRing]:
    return [] if polygon.is_empty else [polygon.exterior, *polygon.interiors]


def _jumps(xy: Float) -> bool:
    lng = xy[:, 0]
    return bool(np.any(np.abs(np.diff(lng)) > 180) or np.any(np.abs(lng) > 180))
