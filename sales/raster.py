"""A picture of a plan by which most positions are looked up without asking H3.

The ground is cut into small boxes of latitude and longitude. A box that only one territory's cells
can reach belongs to that territory, one that no cell can reach is outside; what is left, along
borders, is not decided here. So the answer is always that of the cells, only sooner.
"""

from dataclasses import dataclass

import h3.api.basic_int as h3
import numpy as np

from geo.arrays import Float, Int, Int32, frozen
from geo.cells.adjacency import neighbors, positions_in
from geo.cells.hierarchy import descendants, parents, resolution_of
from geo.cells.holding import CellIndex
from geo.jit import kernel

OUTSIDE, UNDECIDED = np.int32(-1), np.int32(-2)
_UNTOUCHED = np.int32(-3)
_MOST_BOXES = 8_000_000
_BOXES_PER_CELL = 3  # along the height of a typical cell
_POLAR = 80.0  # beyond it a box of degrees says little about a cell


@dataclass(frozen=True, eq=False)
class Raster:
    """`boxes` (rows, columns): a territory, OUTSIDE or UNDECIDED; degrees of the first and a box.

    All of the ground outside the picture is outside the market.
    """

    boxes: Int32
    south: float
    west: float
    step: float

    def at(self, lat: Float, lng: Float) -> Int32:
        """Territory of each position on Earth in degrees (n), OUTSIDE or UNDECIDED."""
        found = np.empty(len(lat), dtype=np.int32)
        _read(self.boxes, self.south, self.west, self.step, lat, lng, found)
        return found


def raster(index: CellIndex, owner: Int32) -> Raster | None:
    """Draw the cells; `owner` (n) is the territory of each. None where they are near a pole."""
    cells, reach = index.cells, _reach(index)
    ring = _beyond(index)
    shore = _shore(index)
    drawn = np.concatenate([cells, ring, shore])
    value = np.concatenate([
        owner, np.full(len(ring), OUTSIDE), np.full(len(shore), UNDECIDED),
    ]).astype(np.int32)  # fmt: skip
    bounds = _bounds(drawn, reach)
    if np.abs(bounds[:, :2]).max(initial=0.0) > _POLAR:
        return None
    bounds, value = _split(bounds, value)
    south, west = float(bounds[:, 0].min()), float(bounds[:, 2].min())
    height, width = float(bounds[:, 1].max()) - south, float(bounds[:, 3].max()) - west
    typical = float(np.median(bounds[:, 1] - bounds[:, 0])) / _BOXES_PER_CELL
    step = max(typical, float(np.sqrt(height * width / _MOST_BOXES)))
    rows, columns = int(height / step) + 1, int(width / step) + 1
    boxes = np.full((rows, columns), _UNTOUCHED, dtype=np.int32)
    _draw(boxes, south, west, step, bounds, value)
    boxes[boxes == _UNTOUCHED] = OUTSIDE
    return Raster(frozen(boxes), south, west, step)


def _reach(index: CellIndex) -> float:
    # Edges are arcs, which bulge a little; and where cells have been replaced, a cell also holds
    # the corners by which its children would stick out: a third of its radius at most.
    return 0.2 if len(index.replaced) else 0.03


def _there(index: CellIndex, cells: Int) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Which cells are in the market: as they are, replaced, or within a coarser one."""
    found = (positions_in(index.cells, cells) >= 0) | (positions_in(index.replaced, cells) >= 0)
    own = resolution_of(cells)
    for coarser in np.unique(resolution_of(index.cells))[:-1]:
        finer = np.flatnonzero(~found & (own > coarser))
        found[finer] = positions_in(index.cells, parents(cells[finer], int(coarser))) >= 0
    return found


def _beyond(index: CellIndex) -> Int:
    """Cells beside the market that are not in it, and the holes in what was replaced."""
    near = np.unique(neighbors(index.cells)[1])
    found = near[~_there(index, near)]
    own = resolution_of(index.replaced)
    for level in np.unique(own):
        children = descendants(index.replaced[own == level], int(level) + 1)[0]
        found = np.union1d(found, children[~_there(index, children)])
    return found


def _shore(index: CellIndex) -> Int:
    """Replaced cells at the market's edge, where a corner goes to whoever is nearest."""
    row, near = neighbors(index.replaced)
    return index.replaced[np.unique(row[~_there(index, near)])]


def _bounds(cells: Int, reach: float) -> Float:
    """South, north, west, east of each cell in degrees (n, 4), widened by `reach` of its size.

    East is above 180 where the cell crosses that meridian.
    """
    found = np.empty((len(cells), 4), dtype=np.float64)
    for i, cell in enumerate(cells.tolist()):
        lats, lngs = zip(*h3.cell_to_boundary(cell), strict=True)
        found[i] = min(lats), max(lats), min(lngs), max(lngs)
        if found[i, 3] - found[i, 2] > 180:
            east = [x + 360 if x < 0 else x for x in lngs]
            found[i, 2:] = min(east), max(east)
    margin = reach * (found[:, 1::2] - found[:, ::2])
    found[:, ::2] -= margin
    found[:, 1::2] += margin
    return found


def _split(bounds: Float, value: Int32) -> tuple[Float, Int32]:
    """Give what crosses ±180° its other half on the other side."""
    east, west = bounds[:, 3] > 180, bounds[:, 2] < -180
    other = np.concatenate([bounds[east] - [0, 0, 360, 360], bounds[west] + [0, 0, 360, 360]])
    both = np.concatenate([bounds, other])
    both[:, 2:] = np.clip(both[:, 2:], -180, 180)
    return both, np.concatenate([value, value[east], value[west]])


@kernel
def _draw(
    boxes: Int32, south: float, west: float, step: float, bounds: Float, value: Int32
) -> None:
    for i in range(len(value)):
        top = min(int((bounds[i, 1] - south) / step), boxes.shape[0] - 1)
        right = min(int((bounds[i, 3] - west) / step), boxes.shape[1] - 1)
        for row in range(int((bounds[i, 0] - south) / step), top + 1):
            for column in range(int((bounds[i, 2] - west) / step), right + 1):
                if boxes[row, column] == -3:
                    boxes[row, column] = value[i]
                elif boxes[row, column] != value[i]:
                    boxes[row, column] = -2


@kernel
def _read(
    boxes: Int32, south: float, west: float, step: float, lat: Float, lng: Float, found: Int32
) -> None:
    rows, columns = boxes.shape
    for i in range(len(lat)):
        up, right = (lat[i] - south) / step, (lng[i] - west) / step
        if 0 <= up < rows and 0 <= right < columns:
            found[i] = boxes[int(up), int(right)]
        else:
            found[i] = -1
