"""GeoJSON (RFC 7946) in and out: the only place that writes [longitude, latitude]."""

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import shapely
from shapely import MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry
from shapely.geometry.polygon import orient

from geo.arrays import Float
from geo.cells.dateline import crosses_dateline, cut_at_dateline, unrolled
from geo.errors import GeometryError

DECIMALS = 7  # of a degree: about 1 cm


def feature(
    identity: str | int, geometry: BaseGeometry, properties: Mapping[str, Any]
) -> dict[str, Any]:
    """One feature; `geometry` in [longitude, latitude] degrees, null where it is empty."""
    return {
        "type": "Feature",
        "id": identity,
        "geometry": _geometry(geometry),
        "properties": {name: _plain(value) for name, value in properties.items()},
    }


def geometries(shapes: Sequence[BaseGeometry | None]) -> list[dict[str, Any] | None]:
    """Many geometries at once, as `feature` writes one; null where there is none."""
    some = np.empty(len(shapes), dtype=object)
    some[:] = shapes
    wound = shapely.orient_polygons(some)
    neat = shapely.transform(wound, lambda xy: np.round(xy, DECIMALS) + 0.0)
    return [
        None if shape is None or shape.is_empty else shape.__geo_interface__
        for shape in neat.tolist()
    ]


def feature_collection(features: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """The features as one document, in the order given."""
    return {"type": "FeatureCollection", "features": list(features)}


def dumps(document: Mapping[str, Any]) -> bytes:
    """The document as UTF-8, the same bytes for the same content; keys keep their order."""
    text = json.dumps(_plain(document), ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text.encode("utf-8", errors="replace") + b"\n"


def read_polygons(document: Mapping[str, Any]) -> Polygon | MultiPolygon:
    """The area that a geometry, Feature or FeatureCollection of polygons covers.

    Overlapping polygons are merged, those across ±180° cut there. In [longitude, latitude]
    degrees. Raises GeometryError for anything that is not an area on Earth.
    """
    polygons = _polygons(document)
    if not polygons:
        raise GeometryError(
            "the boundary holds no polygon",
            hint="Give a Polygon or MultiPolygon, alone or in features.",
        )
    area = shapely.union_all([part for polygon in polygons for part in _wrapped(polygon)])
    parts = [part for part in shapely.get_parts(area) if isinstance(part, Polygon)]
    return parts[0] if len(parts) == 1 else MultiPolygon(parts)


def _geometry(geometry: BaseGeometry) -> dict[str, Any] | None:
    if geometry.is_empty:
        return None
    if isinstance(geometry, Polygon):
        geometry = orient(geometry)
    elif isinstance(geometry, MultiPolygon):
        geometry = MultiPolygon([orient(part) for part in geometry.geoms])
    shape: dict[str, Any] = geometry.__geo_interface__
    return {"type": shape["type"], "coordinates": _rounded(shape["coordinates"])}


def _rounded(value: Any) -> Any:
    if isinstance(value, (tuple, list)):
        return [_rounded(inner) for inner in value]
    return round(value, DECIMALS) + 0.0  # no negative zero


def _plain(value: Any) -> Any:
    """The value with numpy's types made Python's, and null for what JSON cannot say."""
    if isinstance(value, Mapping):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, np.ndarray):
        return _plain(value.tolist())
    if isinstance(value, (list, tuple)):
        return [_plain(inner) for inner in value]
    if isinstance(value, np.generic):
        value = value.item()
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _polygons(document: Any) -> list[Polygon]:
    kind = document.get("type") if isinstance(document, Mapping) else None
    if kind in ("FeatureCollection", "GeometryCollection"):
        members = document.get("features" if kind == "FeatureCollection" else "geometries")
        if isinstance(members, (list, tuple)):
            return [polygon for member in members for polygon in _polygons(member)]
    elif kind == "Feature":
        geometry = document.get("geometry")
        return [] if geometry is None else _polygons(geometry)
    elif kind == "Polygon":
        return [_polygon(document.get("coordinates"))]
    elif kind == "MultiPolygon" and isinstance(document.get("coordinates"), (list, tuple)):
        return [_polygon(rings) for rings in document["coordinates"]]
    raise GeometryError(
        f"the boundary is not made of polygons: found {kind or 'no GeoJSON type'}",
        hint="Give a GeoJSON Polygon or MultiPolygon, alone or in features.",
    )


def _polygon(rings: Any) -> Polygon:
    try:
        loops = [np.array([position[:2] for position in ring], dtype=np.float64) for ring in rings]
        for loop in loops:
            _check_on_earth(loop)
        return Polygon(loops[0], loops[1:])
    except (ValueError, TypeError, IndexError, shapely.errors.GEOSException):
        raise GeometryError(
            "a polygon of the boundary is damaged",
            hint="Each ring is a list of at least four [longitude, latitude] pairs, closed.",
        ) from None


def _check_on_earth(loop: Float) -> None:
    if not np.isfinite(loop).all():
        raise GeometryError(
            "a polygon of the boundary has coordinates that are no numbers",
            hint="Export the boundary again.",
        )
    lng, lat = np.abs(loop).max(axis=0)
    if lat > 90 or lng > 360:
        raise GeometryError(
            f"the boundary leaves the Earth: longitude up to {lng:g}, latitude up to {lat:g}",
            hint="GeoJSON wants [longitude, latitude]: swap the two."
            if lng <= 90 and lat <= 180
            else "Export the boundary in degrees (WGS 84, EPSG:4326), not in metres.",
        )


def _wrapped(polygon: Polygon) -> list[Polygon]:
    if not crosses_dateline(polygon) or _spans_the_map(polygon):
        _require_valid(polygon)
        return [polygon]
    flat = unrolled(polygon)
    if flat is None:
        raise GeometryError(
            "a polygon of the boundary runs around a pole",
            hint="Cut it along ±180°, and close it along the pole's latitude of 90 or -90.",
        )
    _require_valid(flat)
    return cut_at_dateline(flat)


def _spans_the_map(polygon: Polygon) -> bool:
    """Whether long edges are meant as drawn, from −180° to 180°, as of the world's box."""
    west, _, east, _ = polygon.bounds
    return west == -180 and east == 180 and bool(polygon.is_valid)


def _require_valid(polygon: Polygon) -> None:
    if not polygon.is_valid or polygon.area == 0:
        reason = shapely.is_valid_reason(polygon) if not polygon.is_valid else "no area"
        raise GeometryError(
            f"a polygon of the boundary is not valid: {reason} (longitude latitude)",
            hint="Mend it in a GIS, such as with “Fix geometries” of QGIS.",
        )
