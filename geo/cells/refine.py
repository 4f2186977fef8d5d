"""Adaptive cells: where one holds much of a territory's target, its children stand in its place.

So the cells are fine where the weight is and coarse where there is none, and a plan can be
balanced as closely as the accounts allow. A cell is left whole when it holds no more than its limit
or what it holds cannot be parted: one account, several at one position, or next to nothing beside
its heaviest position.
"""

from dataclasses import dataclass

import numpy as np

from geo.arrays import Bool, Float, Int
from geo.cells.adjacency import neighbors, positions_in
from geo.cells.hierarchy import FINEST_RESOLUTION, descendants, parents, resolution_of
from geo.cells.holding import CellIndex, cell_index
from geo.cells.index import cells_at

SHARE_OF_TOLERANCE = 0.5  # of a target: a cell may hold so much of the tightest tolerance,
HEAVIEST_SHARE, LIGHTEST_SHARE = 0.025, 0.005  # but no more and no less of a target than these
WORTH_PARTING = 0.1  # of the limit: what a cell must hold beside its heaviest position
_RELIEF = 1.5  # by so much the limit is raised while it makes too many cells


@dataclass(frozen=True, eq=False)
class Refined:
    """Cells of mixed resolutions, ascending (n), and the index of each position's own, (m)."""

    cells: Int
    holder: Int


def share_limit(tolerance: Float) -> Float:
    """The share of a target that one cell may hold, by measure, shape (q).

    `tolerance` (q) fractions, NaN for a measure that is not balanced, which then has no limit. A
    territory is made of some dozens of such cells at least, so their combinations come far closer
    to its target than any one of them weighs.
    """
    share = np.clip(SHARE_OF_TOLERANCE * tolerance, LIGHTEST_SHARE, HEAVIEST_SHARE)
    return np.where(np.isfinite(tolerance), share, np.inf)


def refine(cells: Int, lat: Float, lng: Float, load: Float, most: int) -> Refined:
    """Replace cells by their children until none that can be parted holds more than its limit.

    `cells` of one resolution, ascending, among them that of every position; `lat`, `lng` distinct
    positions in degrees (m); `load` (m, q) what is there, as multiples of what a cell may hold.
    Where that makes more than `most` cells, the limits are raised until it does not.
    """
    state = _State(cells, lat, lng)
    relief = 1.0
    while not state.settle(load / relief, most):
        relief *= _RELIEF
        state.reset(cells)
    return Refined(state.index.cells, state.holder)


class _State:
    """The cells and who is where, while they change; H3 is asked once for each row and level."""

    def __init__(self, cells: Int, lat: Float, lng: Float) -> None:
        self.lat, self.lng = lat, lng
        self._at: dict[int, Int] = {}
        self.reset(cells)

    def reset(self, cells: Int) -> None:
        self.index = cell_index(cells)
        self.holder = self._holders(self.index, np.arange(len(self.lat), dtype=np.int64))

    def settle(self, load: Float, most: int) -> bool:
        """Refine until nothing is left to do; False as soon as there are too many cells."""
        while len(which := _to_part(self.index.cells, self.holder, load)):
            self._split(which)
            if len(self.index.cells) > most:
                return False
        return True

    def _split(self, which: Int) -> None:
        """Replace the cells at these indexes; only positions in and beside them can move."""
        cells = self.index.cells
        beside = neighbors(cells[which])[1]
        touched = np.zeros(len(cells), dtype=np.bool_)
        touched[which] = True
        for level in range(self.index.coarsest, FINEST_RESOLUTION + 1):
            near = parents(beside[resolution_of(beside) >= level], level)
            held = positions_in(cells, near)
            touched[held[held >= 0]] = True
        moved = touched[self.holder]
        own = resolution_of(cells[which])
        split = [
            descendants(cells[which[own == level]], int(level) + 1)[0] for level in np.unique(own)
        ]
        index = cell_index(np.sort(np.concatenate([np.delete(cells, which), *split])))
        holder = positions_in(index.cells, cells[self.holder])
        rows = np.flatnonzero(moved)
        holder[rows] = self._holders(index, rows)
        # Once the coarsest cells are all replaced, a place at the market's edge may be in none.
        while len(lost := np.flatnonzero(holder < 0)):
            cells = np.union1d(index.cells, self._indexed(index.coarsest, lost))
            held, index = index.cells[np.maximum(holder, 0)], cell_index(cells)
            holder = np.where(holder >= 0, positions_in(index.cells, held), -1)
            holder[lost] = self._holders(index, lost)
        self.index, self.holder = index, holder

    def _holders(self, index: CellIndex, rows: Int) -> Int:
        return index.holders_of(rows, self._indexed, self.lat, self.lng)

    def _indexed(self, resolution: int, rows: Int) -> Int:
        known = self._at.setdefault(resolution, np.zeros(len(self.lat), dtype=np.int64))
        new = rows[known[rows] == 0]
        known[new] = cells_at(self.lat[new], self.lng[new], resolution)
        return known[rows]


def _to_part(cells: Int, holder: Int, load: Float) -> Int:
    """Indexes of the cells that hold too much of some measure, and that finer cells would part."""
    wanted: Bool = np.zeros(len(cells), dtype=np.bool_)
    for column in load.T:
        total = np.bincount(holder, column, len(cells))
        heaviest = np.zeros(len(cells))
        np.maximum.at(heaviest, holder, column)
        wanted |= (total > 1) & (total - heaviest > WORTH_PARTING)
    return np.flatnonzero(wanted & (resolution_of(cells) < FINEST_RESOLUTION))
