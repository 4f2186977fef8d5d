"""Territories as polygons. Cells are the truth; what is drawn here is disposable."""

from collections.abc import Sequence

import h3.api.basic_int as h3
import numpy as np
import shapely
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from scipy.spatial import KDTree
from shapely import MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry
from shapely.geometry.polygon import orient

from geo.arrays import Float, Int, Int32
from geo.cells.borders import territory_polygons
from geo.cells.dateline import cut_at_dateline
from geo.cells.hierarchy import descendant_count, descendants, parents, resolution_of
from geo.errors import InternalInvariantError

Outline = Polygon | MultiPolygon

DECIMALS = 7  # of a degree: 1 cm, and an edge of the finest cells is 60 of them
MOST_DRAWN = 1_500_000  # cells; beyond, one around a pole is drawn at a coarser resolution
_SAME_VERTEX = 1.5 * 10.0**-DECIMALS


def outlines(cells: Int, labels: Int32, territories: int) -> list[Outline]:
    """The exact outline of each territory, in [longitude, latitude] degrees.

    `cells` (n) unique H3 ids, resolutions may be mixed; `labels` (n) the territory of each in
    0..territories-1, −1 for none. Valid, counterclockwise (RFC 7946), cut at ±180°; neighbours
    share their border vertex by vertex, so there is neither overlap nor sliver. A territory
    without cells is an empty polygon.

    Where resolutions are mixed, each border is drawn by the finer of its sides: see
    `geo.cells.borders`. A mixed market around a pole is drawn by all cells' descendants at the
    finest resolution there is; where those are more than MOST_DRAWN, at the finest that keeps
    within, and cells finer than that lend their ground to the territory that has most of them.
    """
    if len(cells) != len(labels) or (len(labels) and labels.max() >= territories):
        raise InternalInvariantError("cells and labels of the outlines do not fit together")
    cells, labels = np.asarray(cells, np.int64), np.asarray(labels, np.int32)
    raw = _mixed(cells, labels, territories)
    if raw is None:
        raw = _uniform(*_at_one_resolution(cells, labels), territories)
    parts = _with_shared_vertices([part for some in raw for part in some])
    owner = np.repeat(np.arange(territories), [len(some) for some in raw])
    cut: list[list[Polygon]] = [[] for _ in range(territories)]
    for label, part in zip(owner.tolist(), parts, strict=True):
        cut[label].extend(cut_at_dateline(part))
    return [_as_outline(some) for some in cut]


def simplify(shapes: Sequence[Outline], tolerance_deg: float) -> list[Outline]:
    """The same outlines with fewer vertices, shared borders still shared: for low zoom.

    Visvalingam–Whyatt on the whole coverage; `tolerance_deg` is the square root of the largest
    triangle, in square degrees, that may be cut off.
    """
    simple = shapely.coverage_simplify(np.array(shapes, dtype=object), tolerance_deg)
    return [_as_outline(_polygons(shape)) for shape in simple]


def _mixed(cells: Int, labels: Int32, territories: int) -> list[list[Polygon]] | None:
    own = resolution_of(cells)
    if not len(cells) or own.min() == own.max():
        return None
    order = np.argsort(cells)
    return territory_polygons(cells[order], labels[order], territories)


def _uniform(cells: Int, labels: Int32, territories: int) -> list[list[Polygon]]:
    order = np.argsort(labels, kind="stable")
    bounds = np.searchsorted(labels[order], np.arange(territories + 1))
    return [
        _dissolve(cells[order[bounds[label] : bounds[label + 1]]]) for label in range(territories)
    ]


def _at_one_resolution(cells: Int, labels: Int32) -> tuple[Int, Int32]:
    own = resolution_of(cells)
    if not len(cells) or own.min() == own.max():
        return cells, labels
    drawn = int(own.max())
    while descendant_count(cells[own <= drawn], drawn) > MOST_DRAWN:
        drawn -= 1
    coarse = own <= drawn
    fine, holder = descendants(cells[coarse], drawn)
    ground, ground_label = _most_frequent(parents(cells[~coarse], drawn), labels[~coarse])
    return (
        np.concatenate([fine, ground]),
        np.concatenate([labels[coarse][holder], ground_label]),
    )


def _most_frequent(group: Int, labels: Int32) -> tuple[Int, Int32]:
    """Each group once, with its most frequent label (the lowest where several are)."""
    pair, count = np.unique(np.stack([group, labels]), axis=1, return_counts=True)
    order = np.lexsort((pair[1], -count, pair[0]))
    groups, first = np.unique(pair[0][order], return_index=True)
    return groups, pair[1][order][first].astype(np.int32)


def _dissolve(cells: Int) -> list[Polygon]:
    if not len(cells):
        return []
    shape = h3.cells_to_h3shape(cells.tolist())
    pieces = [shape] if isinstance(shape, h3.LatLngPoly) else list(shape)
    return [
        Polygon(_lng_lat(piece.outer), [_lng_lat(hole) for hole in piece.holes]) for piece in pieces
    ]


def _lng_lat(ring: Sequence[tuple[float, float]]) -> Float:
    return np.array(ring, dtype=np.float64)[:, ::-1]


def _with_shared_vertices(polygons: list[Polygon]) -> list[Polygon]:
    """Make vertices that differ by rounding alone one and the same.

    H3 computes a vertex from either cell, and the last digits differ; rounding alone would leave
    the rare pair that straddles a step.
    """
    if not polygons:
        return []
    xy = np.round(shapely.get_coordinates(polygons), DECIMALS) + 0.0  # no negative zero
    unique, which = np.unique(xy, axis=0, return_inverse=True)
    pairs = KDTree(unique).query_pairs(_SAME_VERTEX, output_type="ndarray")
    if len(pairs):
        n = len(unique)
        near = coo_matrix((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(n, n))
        group = connected_components(near, directed=False)[1]
        unique = unique[np.unique(group, return_index=True)[1]][group]
    snapped = shapely.set_coordinates(np.array(polygons, dtype=object), unique[which.ravel()])
    return list(snapped)


def _as_outline(polygons: list[Polygon]) -> Outline:
    """One geometry, rounded to DECIMALS and wound as RFC 7946 wants it."""
    if not polygons:
        return Polygon()
    rounded = shapely.transform(
        np.array(polygons, dtype=object), lambda xy: np.round(xy, DECIMALS) + 0.0
    )
    shapes = [orient(part) for part in rounded]
    return shapes[0] if len(shapes) == 1 else MultiPolygon(shapes)


def _polygons(shape: BaseGeometry) -> list[Polygon]:
    parts = shapely.get_parts(shape)
    return [part for part in parts if isinstance(part, Polygon) and not part.is_empty]
