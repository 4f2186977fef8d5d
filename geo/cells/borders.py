"""The borders of a mixed market as rings: each border is drawn by the finer of its two sides.

The corners of a cell are corners of its descendants too, at every resolution (H3 is nested in its
vertices, though not in its edges). So the edge between two cells, one of which has been replaced by
its children, becomes the path of the children's edges from corner to corner: three in place of one.
Put together, all those edges are a map without gaps or overlaps, on which each cell has the ground
that `geo.cells.holding` gives it.
"""

import h3.api.basic_int as h3
import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from scipy.spatial import KDTree
from shapely import LinearRing, Polygon, prepare

from geo.arrays import Float, Int, Int32
from geo.cells.adjacency import neighbors, positions_in
from geo.cells.hierarchy import ancestors, descendants, parents, resolution_of
from geo.errors import InternalInvariantError
from geo.sphere import EARTH_RADIUS_KM, to_xyz

_SAME_CORNER_KM = 1e-7 * EARTH_RADIUS_KM / 57  # 1 cm; the edge of the finest cells is 58 cm


def territory_polygons(cells: Int, labels: Int32, territories: int) -> list[list[Polygon]] | None:
    """The polygons of each territory, in [longitude, latitude] degrees as H3 gives them.

    `cells` (n) ascending, resolutions mixed; `labels` (n) in 0..territories-1, −1 for none. Edges
    may cross ±180°. None where a territory surrounds a pole: no flat ring can tell in from out.
    """
    start, end, place, owner = _directed(*_all_borders(cells, labels))
    found: list[list[Polygon]] = [[] for _ in range(territories)]
    for label in range(territories):
        own = np.flatnonzero(owner == label)
        rings = [_unrolled(place[ring]) for ring in _rings(start[own], end[own])]
        if any(ring is None for ring in rings):
            return None
        found[label] = _nested([ring for ring in rings if ring is not None])
    return found


def _all_borders(cells: Int, labels: Int32) -> tuple[Int, Int, Int32, Int32]:
    """Edges between territories: (cell, its neighbour on the grid, labels left and right)."""
    replaced = ancestors(cells)
    # A replaced cell of which a part is not in the market is drawn by its children all the same.
    holes = _missing_children(cells, replaced)
    order = np.argsort(np.concatenate([cells, holes]))
    cells = np.concatenate([cells, holes])[order]
    labels = np.concatenate([labels, np.full(len(holes), -1, dtype=np.int32)])[order]
    row, near = neighbors(cells)
    own = resolution_of(cells)
    other = positions_in(cells, near)
    for coarser in np.unique(own)[::-1][1:]:
        open_ = np.flatnonzero((other < 0) & (own[row] > coarser))
        other[open_] = positions_in(cells, parents(near[open_], int(coarser)))
    finer = (other < 0) & (positions_in(replaced, near) >= 0)  # drawn from the other side
    beyond = np.where(other >= 0, labels[np.maximum(other, 0)], np.int32(-1))
    # Of two cells of one size each sees the other.
    twice = (other >= 0) & (own[np.maximum(other, 0)] == own[row]) & (other < row)
    drawn = ~finer & ~twice & (beyond != labels[row])
    return cells[row[drawn]], near[drawn], labels[row[drawn]], beyond[drawn].astype(np.int32)


def _missing_children(cells: Int, replaced: Int) -> Int:
    level = resolution_of(replaced)
    children = [descendants(replaced[level == r], int(r) + 1)[0] for r in np.unique(level)]
    flat = np.concatenate([np.empty(0, np.int64), *children])
    there = (positions_in(cells, flat) >= 0) | (positions_in(replaced, flat) >= 0)
    return flat[~there]


def _directed(cell: Int, near: Int, left: Int32, right: Int32) -> tuple[Int, Int, Float, Int32]:
    """Segments from corner to corner with their territory on the left: (start, end, place, owner).

    `place` (corners, 2) longitude and latitude; an edge between two territories is there twice.
    """
    edges = [
        h3.directed_edge_to_boundary(h3.cells_to_directed_edge(a, b))
        for a, b in zip(cell.tolist(), near.tolist(), strict=True)
    ]
    count = np.fromiter(map(len, edges), dtype=np.int64, count=len(edges))
    flat = np.array([point for edge in edges for point in edge], dtype=np.float64).reshape(-1, 2)
    corner, place = _corners(flat[:, ::-1])
    edge = np.repeat(np.arange(len(edges)), count)
    joined = np.flatnonzero(edge[1:] == edge[:-1])
    start, end, edge = corner[joined], corner[joined + 1], edge[joined]
    apart = start != end
    start, end, edge = start[apart], end[apart], edge[apart]
    owner = np.concatenate([left[edge], right[edge]])
    return np.concatenate([start, end]), np.concatenate([end, start]), place, owner


def _corners(place: Float) -> tuple[Int, Float]:
    """Corners that differ by the last digits of their computation alone are one."""
    n = len(place)
    if not n:
        return np.empty(0, dtype=np.int64), place
    xyz = to_xyz(place[:, 1], place[:, 0])
    pairs = KDTree(xyz).query_pairs(_SAME_CORNER_KM, output_type="ndarray")
    near = coo_matrix((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(n, n))
    corner = connected_components(near, directed=False)[1].astype(np.int64)
    return corner, place[np.unique(corner, return_index=True)[1]]


def _rings(start: Int, end: Int) -> list[Int]:
    """The corners of each closed ring, in order; three edges meet at a corner, two of one owner."""
    following = dict(zip(start.tolist(), end.tolist(), strict=True))
    if len(following) != len(start):
        raise InternalInvariantError("the borders of a territory meet in more than one way")
    rings = []
    while following:
        first, corner = following.popitem()
        ring = [first]
        while corner != first:
            ring.append(corner)
            corner = following.pop(corner)
        rings.append(np.array(ring, dtype=np.int64))
    return rings


def _unrolled(ring: Float) -> Float | None:
    """A ring with longitudes running on across ±180°; None where it runs around a pole."""
    lng = np.unwrap(np.append(ring[:, 0], ring[0, 0]), period=360)
    if abs(lng[-1] - lng[0]) > 180:
        return None
    whole = ring[:, 0] + 360 * np.round((lng[:-1] - ring[:, 0]) / 360)
    return np.column_stack([whole, ring[:, 1]])


def _nested(rings: list[Float]) -> list[Polygon]:
    """Polygons of rings: counterclockwise ones are shells, the others holes in one of them."""
    lines = [LinearRing(ring) for ring in rings]
    outer = [i for i, line in enumerate(lines) if line.is_ccw]
    shells = [Polygon(lines[i]) for i in outer]
    prepare(shells)
    area = np.array([shell.area for shell in shells])
    holes: list[list[Float]] = [[] for _ in shells]
    for hole in (ring for ring, line in zip(rings, lines, strict=True) if not line.is_ccw):
        within = [
            (area[k], k, turn)
            for turn in (0.0, 360.0, -360.0)
            for k, shell in enumerate(shells)
            if shell.contains(Polygon(hole + np.array([turn, 0.0])))
        ]
        if not within:
            raise InternalInvariantError("a hole in a territory lies in none of its pieces")
        _, k, turn = min(within)
        holes[k].append(hole + np.array([turn, 0.0]))
    return [Polygon(rings[i], holes[k]) for k, i in enumerate(outer)]
