"""The ground that a set of positions covers: near them, between them, and in holes among them."""

from dataclasses import dataclass

import h3.api.basic_int as h3
import numpy as np
from scipy.spatial import KDTree

from geo.arrays import Float, Int
from geo.cells.adjacency import contiguity_graph, neighbors, positions_in
from geo.cells.hierarchy import FINEST_RESOLUTION, parents
from geo.cells.index import cells_at
from geo.sphere import chord_to_arc_km, to_xyz

NEIGHBORS_COUNTED = 3  # a position reaches by half as far again as its third nearest neighbour
REACH_FACTOR = 1.5
LEAST_REACH_KM, MOST_REACH_KM, LONE_REACH_KM = 1.0, 300.0, 25.0
OUTLIER_FACTOR = 5.0  # no position reaches farther than so many times the median
CLOSING_FACTOR = 2.0  # gaps narrower than twice this times the median reach are closed
MOST_CELLS = 12_000


@dataclass(frozen=True, eq=False)
class Footprint:
    """Cells at one resolution, ascending, shape (n)."""

    cells: Int
    resolution: int


def footprint(lat: Float, lng: Float) -> Footprint:
    """The ground around positions in degrees, shape (n), n ≥ 1.

    Each position reaches out by its distance to its neighbours, so that dense towns stay tight
    and sparse country is covered; then gaps are closed (morphological closing) and holes filled.
    """
    lat, lng = _distinct(lat, lng)
    reach = _reach_km(lat, lng)
    middle = float(np.median(reach))
    resolution = _resolution_of_spacing(middle / 2)
    finest = cells_at(lat, lng, resolution)
    while True:
        spacing = _spacing_km(resolution)
        rings = np.ceil(reach / spacing).astype(np.int64)
        ground = _disks(parents(finest, resolution), rings)
        if len(ground) <= MOST_CELLS or resolution == 0:
            break
        resolution -= 1
    ground = closed(ground, max(1, round(CLOSING_FACTOR * middle / spacing)))
    return Footprint(with_holes_filled(ground), resolution)


def closed(cells: Int, steps: int) -> Int:
    """Morphological closing: `steps` rings out, then as many back in. Ascending cells."""
    grown = cells
    front = cells
    for _ in range(steps):
        front = np.setdiff1d(neighbors(front)[1], grown)
        grown = np.union1d(grown, front)
    added = np.setdiff1d(grown, cells)
    front = np.setdiff1d(neighbors(front)[1], grown)
    for _ in range(steps):
        front = np.intersect1d(neighbors(front)[1], added)
        added = np.setdiff1d(added, front)
    return np.union1d(cells, added)


def with_holes_filled(cells: Int) -> Int:
    """The cells and what they enclose. A gap larger than the cells themselves is no hole."""
    front = np.setdiff1d(neighbors(cells)[1], cells)
    around = front
    while len(front) and len(around) <= len(cells):
        front = np.setdiff1d(np.setdiff1d(neighbors(front)[1], cells), around)
        around = np.union1d(around, front)
    if not len(around):
        return cells
    count, component = contiguity_graph(around).components()
    open_ = np.zeros(count, dtype=np.bool_)
    open_[component[positions_in(around, front)]] = True
    return np.union1d(cells, around[~open_[component]])


def _distinct(lat: Float, lng: Float) -> tuple[Float, Float]:
    pairs = np.unique(np.round(np.column_stack([lat, lng]), 4), axis=0)
    return np.ascontiguousarray(pairs[:, 0]), np.ascontiguousarray(pairs[:, 1])


def _reach_km(lat: Float, lng: Float) -> Float:
    if len(lat) == 1:
        return np.array([LONE_REACH_KM])
    xyz = to_xyz(lat, lng)
    rank = min(NEIGHBORS_COUNTED, len(lat) - 1) + 1  # the nearest is the position itself
    chord = np.asarray(KDTree(xyz).query(xyz, k=[rank])[0])[:, 0]
    reach = np.clip(REACH_FACTOR * chord_to_arc_km(chord), LEAST_REACH_KM, MOST_REACH_KM)
    middle = np.median(reach)
    return np.asarray(np.clip(reach, middle, OUTLIER_FACTOR * middle), dtype=np.float64)


def _spacing_km(resolution: int) -> float:
    """Mean distance between the centres of neighbours."""
    return float(np.sqrt(3) * h3.average_hexagon_edge_length(resolution))


def _resolution_of_spacing(spacing_km: float) -> int:
    """The coarsest resolution whose cells are not farther apart."""
    return next(
        (r for r in range(FINEST_RESOLUTION) if _spacing_km(r) <= spacing_km), FINEST_RESOLUTION
    )


def _disks(centers: Int, rings: Int) -> Int:
    """All cells within `rings[i]` steps of `centers[i]`, ascending; gives up beyond MOST_CELLS."""
    ground = np.empty(0, dtype=np.int64)
    front = ground
    # Longest reach first: whoever meets a cell first has the most steps left.
    for steps in range(int(rings.max()), -1, -1):
        front = np.setdiff1d(np.union1d(neighbors(front)[1], centers[rings == steps]), ground)
        ground = np.union1d(ground, front)
        if len(ground) > MOST_CELLS:
            break
    return ground
