"""Barriers: lines that contiguity must not cross, such as rivers, ridges and borders."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import shapely
from shapely.errors import ShapelyError
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from geo.arrays import Bool, Float, Int
from geo.cells.graph import BRIDGE, CellGraph, graph_from_edges
from geo.cells.islands import join_islands
from geo.errors import GeometryError

_HINT = "Give LineString or MultiLineString geometries in longitude and latitude (EPSG:4326)."


def barrier_lines(document: Mapping[str, Any]) -> tuple[BaseGeometry, ...]:
    """All lines of a GeoJSON geometry, Feature or FeatureCollection; a polygon counts by its edge.

    Raises GeometryError where there is no line, or a position that is not on Earth.
    """
    lines: list[BaseGeometry] = []
    for geometry in _geometries(document):
        try:
            drawn = shape(geometry)
        except (ValueError, TypeError, KeyError, IndexError, AttributeError, ShapelyError) as error:
            raise GeometryError(f"a barrier is no geometry: {error}", hint=_HINT) from error
        for part in shapely.get_parts(drawn).tolist():
            line = part.boundary if part.geom_type.endswith("Polygon") else part
            if "LineString" in line.geom_type or line.geom_type == "LinearRing":
                lines += [p for p in shapely.get_parts(line).tolist() if not p.is_empty]
    if not lines:
        raise GeometryError("the barriers hold no line", hint=_HINT)
    corners = shapely.get_coordinates(lines)
    limit = np.array([360.0, 90.0])
    if not (np.isfinite(corners).all() and (np.abs(corners) <= limit).all()):
        raise GeometryError("a barrier leaves the Earth", hint=_HINT)
    return tuple(lines)


def lines_as_geojson(lines: tuple[BaseGeometry, ...]) -> dict[str, Any]:
    """The lines as one MultiLineString, without anything else that stood beside them."""
    coordinates = [shapely.get_coordinates(line).tolist() for line in lines]
    return {"type": "MultiLineString", "coordinates": coordinates}


def _geometries(document: Mapping[str, Any]) -> Iterator[Any]:
    kind = document.get("type")
    if kind in ("FeatureCollection", "GeometryCollection"):
        for part in document.get("features" if kind == "FeatureCollection" else "geometries", ()):
            if isinstance(part, Mapping):
                yield from _geometries(part)
    elif kind == "Feature":
        if isinstance(document.get("geometry"), Mapping):
            yield from _geometries(document["geometry"])
    else:
        yield document


def crossing(lines: tuple[BaseGeometry, ...], lat: Float, lng: Float, a: Int, b: Int) -> Bool:
    """Which of the segments from unit a to unit b touch or cross a line, (m).

    A segment is straight on the map of degrees; across ±180° it takes the short way.
    """
    turn = (lng[b] - lng[a] + 180.0) % 360.0 - 180.0
    start = np.stack([lng[a], lat[a]], axis=1)
    ends = np.stack([lng[a] + turn, lat[b]], axis=1)
    tree = shapely.STRtree(list(lines))
    hit = np.zeros(len(a), dtype=bool)
    for shift in (0.0, 360.0, -360.0):
        moved = np.stack([start, ends], axis=1) + np.array([shift, 0.0])
        near = np.flatnonzero((moved[..., 0] >= -361).any(axis=1) & (moved[..., 0] <= 361).any(1))
        segments = shapely.linestrings(moved[near])
        found = tree.query(segments, predicate="intersects")[0]
        hit[near[found]] = True
    return hit


def without_crossings(
    graph: CellGraph, lat: Float, lng: Float, lines: tuple[BaseGeometry, ...]
) -> tuple[CellGraph, int, int]:
    """The graph without edges that cross; (graph, borders removed, bridges).

    Bridges are made anew: parts that the barriers cut off altogether are joined by as few and as
    short ones as can be, since otherwise no contiguous plan would cover them.
    """
    a, b, kind = graph.edges()
    border = kind != BRIDGE
    a, b, kind = a[border].astype(np.int64), b[border].astype(np.int64), kind[border]
    stays = ~crossing(lines, lat, lng, a, b)
    cut = graph_from_edges(len(graph), a[stays], b[stays], kind[stays])
    joined = join_islands(cut, lat, lng)
    return joined, int((~stays).sum()), int((joined.edges()[2] == BRIDGE).sum())
