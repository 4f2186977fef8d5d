"""Territory outlines as the page draws them: unwrapped around the plan, with label points."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from shapely.geometry import MultiPoint, shape
from shapely.geometry.base import BaseGeometry

from geo.arrays import Float

_SCALE = 100_000  # outlines are drawn to 1e-5 degrees, about a metre


@dataclass(frozen=True, eq=False)
class Outline:
    """One territory's shape in longitudes that run on across ±180°; empty when it has none."""

    geometry: BaseGeometry  # polygons, lng/lat
    rings: list[list[int]]  # each flat: lng, lat, then differences, in 1e-5 degrees; not closed


def centre_longitude(lng: Float) -> float:
    """The longitude opposite to the widest gap in `lng`, so that the plan is not torn by ±180°."""
    if not len(lng):
        return 0.0
    ordered = np.unique(np.mod(lng, 360.0))
    gaps = np.diff(ordered, append=ordered[0] + 360.0)
    widest = int(np.argmax(gaps))
    opposite = ordered[widest] + gaps[widest] / 2 + 180.0
    return float((opposite + 180.0) % 360.0 - 180.0)


def near_longitude(lng: Float, centre: float) -> Float:
    """`lng` moved by whole turns to within 180° of `centre`."""
    return np.asarray(centre + np.mod(lng - centre + 180.0, 360.0) - 180.0, dtype=np.float64)


def read_geometries(
    outlines: Mapping[str, Any], ids: Sequence[str]
) -> dict[str, list[shapely.Polygon]]:
    """The polygons of each territory in a FeatureCollection, as written (cut at ±180°)."""
    found: dict[str, list[shapely.Polygon]] = {territory: [] for territory in ids}
    for feature in outlines.get("features", ()):
        geometry = feature.get("geometry")
        territory = str(feature.get("id", (feature.get("properties") or {}).get("id", "")))
        if geometry and territory in found:
            parts = shapely.get_parts(shape(geometry))
            found[territory] += [p for p in parts if isinstance(p, shapely.Polygon)]
    return found


def make_outline(polygons: Sequence[shapely.Polygon], centre: float) -> Outline:
    """Unwrap one territory's polygons around `centre`, each moved as a whole."""
    moved = []
    for polygon in polygons:
        west, _, east, _ = polygon.bounds
        turns = 360.0 * round((centre - (west + east) / 2) / 360.0)
        moved.append(shapely.transform(polygon, _shift(turns)) if turns else polygon)
    rings = [_flat(np.asarray(ring.coords)) for p in moved for ring in (p.exterior, *p.interiors)]
    return Outline(shapely.union_all(moved, grid_size=1e-7), rings)


def _shift(turns: float) -> Callable[[Float], Float]:
    return lambda points: points + np.array([turns, 0.0])


def _flat(points: Float) -> list[int]:
    whole = np.rint(points[:-1, :2] * _SCALE).astype(np.int64)
    steps = np.diff(whole, axis=0, prepend=np.zeros((1, 2), dtype=np.int64))
    return [int(step) for step in steps.ravel()]


def hull_of_points(lng: Float, lat: Float) -> BaseGeometry:
    """Stand-in for a territory without polygons; used to colour and label, never drawn."""
    return MultiPoint(np.column_stack([lng, lat])).convex_hull if len(lng) else shapely.Polygon()


def label_point(
    geometry: BaseGeometry, middle: tuple[float, float] | None = None
) -> tuple[float, float] | None:
    """Latitude and longitude of the point furthest inside the main part; None when empty.

    The main part is the largest, or rather, where `middle` says where most of the territory's
    weight lies, a large one that is near: a city and not its islands far out at sea.
    """
    if geometry.is_empty:
        return None
    parts = shapely.get_parts(geometry)
    largest = max(parts, key=lambda part: (part.area, part.length))
    if middle is not None and largest.area > 0:
        lat, lng = middle
        lng = float(near_longitude(np.array(lng), (geometry.bounds[0] + geometry.bounds[2]) / 2))
        point = shapely.Point(lng, lat)
        largest = min(parts, key=lambda part: part.distance(point) - math.sqrt(part.area))
    if largest.area == 0:
        return float(largest.centroid.y), float(largest.centroid.x)
    # On a sphere's surface a degree of longitude shrinks with latitude: measure in equal lengths.
    shrink = math.cos(math.radians(min(85.0, abs(largest.centroid.y))))
    flat = shapely.transform(largest, lambda points: points * (shrink, 1.0))
    tolerance = math.sqrt(flat.area) / 50
    centre = shapely.get_point(shapely.maximum_inscribed_circle(flat, tolerance), 0)
    return float(centre.y), float(centre.x) / shrink


def touching(geometries: Sequence[BaseGeometry], reach: float = 0.02) -> list[tuple[int, int]]:
    """Pairs of territories that touch, or nearly do (a strait that the eye jumps over).

    `reach` is the gap that does not count, as a share of a territory's usual diameter.
    """
    boxes = shapely.bounds([geometry for geometry in geometries if not geometry.is_empty])
    if len(boxes) < 2:
        return []
    tree = shapely.STRtree(list(geometries))
    distance = reach * float(np.median(np.hypot(*(boxes[:, 2:] - boxes[:, :2]).T)))
    left, right = tree.query(list(geometries), predicate="dwithin", distance=distance)
    return sorted({(int(a), int(b)) for a, b in zip(left, right, strict=True) if a < b})
