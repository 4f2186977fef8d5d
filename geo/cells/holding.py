"""Which cell of a market holds a position, where cells have been replaced by their children.

Children do not cover quite the ground of their parent: along each edge a corner sticks out and
another is missing. So the finest cell in which a position lies has it; and a position in a missing
corner goes to the neighbour, whose own children reach in there. `geo.cells.borders` draws by the
same rule, so every position of a market is in exactly one cell, the one that is drawn there.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from geo.arrays import Float, Int, frozen
from geo.cells.adjacency import neighbors, positions_in
from geo.cells.hierarchy import ancestors, descendants, parents, resolution_of
from geo.cells.index import cell_centers, cells_at
from geo.sphere import to_xyz

Indexer = Callable[[int, Int], Int]  # (resolution, rows) → the H3 cell of each row's position


@dataclass(frozen=True, eq=False)
class CellIndex:
    """Cells made ready to be asked; resolutions may be mixed.

    `cells` ascending (n); `replaced` the cells that some of them descend from, ascending;
    `busy` by resolution: the replaced cells with their neighbours, where finer ones may lie.
    """

    cells: Int
    replaced: Int
    busy: dict[int, Int]
    coarsest: int

    def holders(self, lat: Float, lng: Float) -> Int:
        """Index of the cell that holds each position in degrees, −1 outside, shape (n).

        Raises GeometryError for a position that is not on Earth.
        """
        lat, lng = np.asarray(lat, dtype=np.float64), np.asarray(lng, dtype=np.float64)
        return self.holders_of(
            np.arange(len(lat), dtype=np.int64),
            lambda resolution, rows: cells_at(lat[rows], lng[rows], resolution),
            lat,
            lng,
        )

    def holders_of(self, rows: Int, at: Indexer, lat: Float, lng: Float) -> Int:
        """The same for some `rows` of the positions, with H3's answers from `at`."""
        found = np.full(len(rows), -1, dtype=np.int64)
        outer = np.zeros(len(rows), dtype=np.int64)  # the finest replaced cell, if that is the last
        active, level = np.arange(len(rows), dtype=np.int64), self.coarsest
        while len(active):
            cell = at(level, rows[active])
            held = positions_in(self.cells, cell)
            replaced = positions_in(self.replaced, cell) >= 0
            known = (held >= 0) | replaced
            found[active[known]] = held[known]
            outer[active[known]] = np.where(replaced[known], cell[known], 0)
            finer = positions_in(self.busy.get(level, _NONE), cell) >= 0
            active, level = active[finer], level + 1
        for gap in np.flatnonzero(outer):
            row = rows[gap : gap + 1]
            found[gap] = self._beside(int(outer[gap]), row, at, lat, lng)
        return found

    def _beside(self, outer: int, row: Int, at: Indexer, lat: Float, lng: Float) -> int:
        """Who has a position that lies in a replaced cell, but in none of its descendants."""
        level = int(resolution_of(np.array([outer]))[0])
        child = at(level + 1, row)
        for coarser in range(level, self.coarsest - 1, -1):
            ancestor = parents(child, coarser)
            if (held := int(positions_in(self.cells, ancestor)[0])) >= 0:
                return held
            if positions_in(self.replaced, ancestor)[0] >= 0:
                return -1  # a hole: the cell there is not in the market
        return self._nearest_within(outer, level, to_xyz(lat[row], lng[row]))

    def _nearest_within(self, outer: int, level: int, place: Float) -> int:
        """At the market's edge nobody reaches in: the nearest of the replaced cell's own."""
        cell = np.array([outer], dtype=np.int64)
        while True:
            level += 1
            children = descendants(cell, level)[0]
            held = positions_in(self.cells, children)
            there = (held >= 0) | (positions_in(self.replaced, children) >= 0)
            children, held = children[there], held[there]
            nearest = int(((to_xyz(*cell_centers(children)) - place) ** 2).sum(axis=1).argmin())
            if held[nearest] >= 0:
                return int(held[nearest])
            cell = children[nearest : nearest + 1]


_NONE = np.empty(0, dtype=np.int64)


def cell_index(cells: Int) -> CellIndex:
    """Make cells ready to be asked: ascending, unique, none within another; shape (n)."""
    cells = np.asarray(cells, dtype=np.int64)
    replaced = ancestors(cells)
    level = resolution_of(replaced)
    busy = {
        int(r): frozen(np.union1d(some := replaced[level == r], neighbors(some)[1]))
        for r in np.unique(level)
    }
    coarsest = int(resolution_of(cells).min(initial=15))
    return CellIndex(frozen(cells), frozen(replaced), busy, coarsest)
