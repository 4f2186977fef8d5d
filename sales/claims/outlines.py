"""Claims about territories.geojson: the territories of plan.json, drawn from their units."""

from collections.abc import Iterator
from typing import Any

import h3
import numpy as np
import shapely
from shapely.errors import ShapelyError
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from geo import check
from geo.arrays import Float, Int
from sales.claims.facts import Facts

_INWARD = 0.01  # how far from a cell's corner to its centre must lie inside, at most
_DECIMAL = 2e-7  # degrees that a drawn vertex may be off
_BENT = 0.05  # of a cell's area and width: what the map's curvature adds to it beside finer ones
_POLAR = 80.0  # degrees of latitude beyond which areas in degrees mean little
_BAD_GEOMETRY = (ValueError, TypeError, KeyError, IndexError, AttributeError, ShapelyError)


def outlined(plan: Facts) -> Iterator[str]:
    """The outlines are the territories', valid, apart, and cover their units and no more."""
    features = plan.bundle.outlines["features"]
    if [str(f.get("id")) for f in features] != plan.names:
        yield "territories.geojson does not list the territories of plan.json"
        return
    shapes: dict[str, BaseGeometry] = {}
    for feature, territory in zip(features, plan.territories, strict=True):
        for name in sorted({*territory, *feature["properties"]}):
            if feature["properties"].get(name) != territory.get(name):
                yield f"{territory['id']}: property {name!r} differs from plan.json"
        drawn = _shape(feature.get("geometry"))
        if drawn is None:
            yield f"{territory['id']} has no outline"
            return
        shapes[territory["id"]] = drawn
    if plan.polygons and all(s.geom_type == "MultiPoint" for s in shapes.values()):
        yield from _points(plan, shapes)
        return
    for name, area in shapes.items():
        if not area.geom_type.endswith("Polygon") or not area.is_valid:
            yield f"the outline of {name} is invalid"
            return
    for a, b in check.overlapping(shapes):
        yield f"the outlines of {a} and {b} overlap"
    lat, lng = plan.positions
    for i in check.misplaced(shapes, lat, lng, plan.owner)[:1]:
        yield f"unit {plan.ids[i]} of {plan.owner[i]} lies outside its territory's outline"
    if not plan.polygons:
        yield from _covered(plan, shapes)


def _shape(geometry: Any) -> BaseGeometry | None:
    try:
        drawn: BaseGeometry = shape(geometry)
    except _BAD_GEOMETRY:
        return None
    whole = not drawn.is_empty and bool(np.isfinite(shapely.get_coordinates(drawn)).all())
    return drawn if whole else None


def _points(plan: Facts, shapes: dict[str, BaseGeometry]) -> Iterator[str]:
    """Units without polygons are drawn as their places."""
    lat, lng = plan.positions
    for k, name in enumerate(plan.names):
        own = plan.labels == k
        places = np.round(np.stack([lng[own], lat[own]], axis=1), 7)
        drawn = shapely.get_coordinates(shapes[name])
        if sorted(map(tuple, drawn.tolist())) != sorted(map(tuple, places.tolist())):
            yield f"the points of {name} are not the places of its units"


def _covered(plan: Facts, shapes: dict[str, BaseGeometry]) -> Iterator[str]:
    """An outline holds its cells' corners, and has their area: it is neither shifted nor larger.

    A cell that borders on finer ones gains and loses the small corners by which their edges differ
    from its own, in equal parts but for the curvature of the map.
    """
    cells, labels = plan.ids, plan.labels
    corners, cell = _corners(cells)
    owner = [plan.names[k] for k in labels[cell].tolist()]
    center = np.stack(plan.positions, axis=1)[cell]
    # A cell's own frame of longitudes: at ±180° the corners stay beside the centre.
    lng = center[:, 1] + (corners[:, 1] - center[:, 1] + 180) % 360 - 180
    flat = np.stack([lng, corners[:, 0]], axis=1)
    inward = flat + _INWARD * (center[:, ::-1] - flat)
    in_range = (inward[:, 0] + 180) % 360 - 180
    polar = np.abs(corners[:, 0]) > _POLAR
    if polar.any() and not plan.document["resolution"]:
        return  # drawn by descendants, whose ground is not quite that of the cells
    for i in check.misplaced(shapes, inward[:, 1], in_range, owner):
        if not polar[i]:
            yield f"cell {cells[cell[i]]} of {owner[i]} reaches out of its territory's outline"
            return
    if polar.any():
        return
    area = _areas(flat, cell, len(cells))
    total = np.bincount(labels, area, len(plan.names))
    bent = np.bincount(labels, area * _bend(plan), len(plan.names))
    for k, name in enumerate(plan.names):
        slack = _DECIMAL * shapes[name].length + 1e-7 * total[k] + bent[k]
        if abs(shapes[name].area - total[k]) > slack:
            yield f"the outline of {name} does not have the area of its cells"


def _bend(plan: Facts) -> Float:
    """The fraction by which a cell's area may differ from its hexagon's, (n): 0 but beside finer.

    It shrinks with the cell's width, and grows towards the poles, as the map's distortion does.
    """
    bend = np.zeros(len(plan.ids))
    if plan.levels.min() == plan.levels.max():
        return bend
    a, b = np.array(sorted(plan.borders), dtype=np.int64).reshape(-1, 2).T
    beside = np.concatenate(
        [a[plan.levels[a] < plan.levels[b]], b[plan.levels[b] < plan.levels[a]]]
    )
    width = (
        np.array([h3.average_hexagon_edge_length(level) for level in range(16)]) / check.EARTH_KM
    )
    shrink = np.cos(np.radians(plan.positions[0][beside]))
    bend[beside] = _BENT * width[plan.levels[beside]] / shrink
    return bend


def _corners(cells: list[str]) -> tuple[Float, Int]:
    """Latitude and longitude of all cells' corners, and the index of the cell of each."""
    boundary = [h3.cell_to_boundary(cell) for cell in cells]
    index = np.repeat(np.arange(len(cells)), [len(some) for some in boundary])
    return np.array([corner for some in boundary for corner in some]), index


def _areas(flat: Float, cell: Int, count: int) -> Float:
    """Area of each cell in square degrees, from its corners in a row (shoelace formula)."""
    following = np.arange(1, len(cell) + 1)
    last = np.append(cell[1:] != cell[:-1], True)
    first = np.flatnonzero(np.append(True, cell[1:] != cell[:-1]))
    following[last] = first
    start = flat[first][cell]  # near by, so that no digits are lost
    one, other = flat - start, flat[following] - start
    return np.abs(np.bincount(cell, (one[:, 0] * other[:, 1] - other[:, 0] * one[:, 1]) / 2, count))
