"""Boxes and GeoJSON geometries that a request gives, as shapes to compare with."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely
from shapely import LineString, Point
from shapely.geometry.base import BaseGeometry

from app.errors import BadParameterError

_KINDS = (
    "Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon",
)  # fmt: skip


def box_shape(numbers: Sequence[float]) -> BaseGeometry:
    """The area of a box of 4 numbers (west, south, east, north) or 6 (with heights, unused).

    One whose west is east of its east reaches across ±180°. Raises BadParameterError.
    """
    if len(numbers) not in (4, 6):
        raise _bad(f"a box has 4 or 6 numbers, not {len(numbers)}")
    half = len(numbers) // 2
    low, high = numbers[:half], numbers[half:]
    (west, south), (east, north) = low[:2], high[:2]
    if not all(math.isfinite(value) for value in numbers):
        raise _bad("a box has numbers that are not finite")
    if max(abs(west), abs(east)) > 180 or max(abs(south), abs(north)) > 90:
        raise _bad("a box leaves the Earth")
    if south > north or any(a > b for a, b in zip(low[2:], high[2:], strict=True)):
        raise _bad("a box has its low end above its high end")
    if west <= east:
        return _box(west, south, east, north)
    return shapely.union_all([_box(west, south, 180, north), _box(-180, south, east, north)])


def literal_shape(node: Any) -> BaseGeometry:
    """The shape of a geometry in a filter: GeoJSON, or {bbox: […]}. Raises BadParameterError."""
    if isinstance(node, dict) and set(node) == {"bbox"} and isinstance(node["bbox"], list):
        numbers = [value for value in node["bbox"] if _is_number(value)]
        if len(numbers) != len(node["bbox"]):
            raise _bad("a box has values that are no numbers")
        return box_shape([_float(value) for value in numbers])
    if not isinstance(node, dict) or node.get("type") not in _KINDS:
        raise _bad("a geometry is neither a box nor one that GeoJSON knows")
    try:
        shape = shapely.geometry.shape(node)
    except Exception as error:  # whatever odd nesting makes shapely raise
        raise _bad("the coordinates of a geometry are damaged") from error
    shape = shapely.force_2d(shape)
    places = shapely.get_coordinates(shape)
    if not len(places) or not np.isfinite(places).all():
        raise _bad("a geometry has no place, or one that is no number")
    if (np.abs(places) > (180, 90)).any():
        raise _bad("a geometry leaves the Earth: longitude comes first")
    if not shape.is_valid:
        raise _bad(f"a geometry is not valid: {shapely.is_valid_reason(shape)}")
    return shape


def _box(west: float, south: float, east: float, north: float) -> BaseGeometry:
    if west == east and south == north:
        return Point(west, south)
    if west == east or south == north:
        return LineString([(west, south), (east, north)])
    return shapely.box(west, south, east, north)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _float(value: float) -> float:
    try:
        return float(value)
    except OverflowError:
        return math.inf


def _bad(what: str) -> BadParameterError:
    return BadParameterError(
        what, hint="Longitude comes first: west, south, east, north, in degrees (WGS 84)."
    )
