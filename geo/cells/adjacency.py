"""Which cells touch: the contiguity graph of any set of cells."""

import h3.api.memview_int as h3
import numpy as np

from geo.arrays import Int
from geo.cells.graph import SHARED_BORDER, CellGraph, graph_from_edges
from geo.cells.hierarchy import parents, resolution_of
from geo.cells.index import cell_to_hex, valid_cells
from geo.errors import GeometryError

_BLOCK = 100_000  # cells at a time: each answer of H3 is an object of its own until joined


def neighbors(cells: Int) -> tuple[Int, Int]:
    """All neighbours on the grid, in the set or not.

    Returns (row, neighbour): `row` the index of the cell, each of shape (about 6 n); the cell
    itself is not among its neighbours. A pentagon has five.
    """
    blocks = [_disks(cells[at : at + _BLOCK]) for at in range(0, max(len(cells), 1), _BLOCK)]
    flat = np.concatenate([some for some, _ in blocks])
    counts = np.concatenate([count for _, count in blocks])
    row = np.repeat(np.arange(len(cells), dtype=np.int64), counts)
    other = flat != cells[row]
    return row[other], flat[other]


def _disks(cells: Int) -> tuple[Int, Int]:
    """Each cell with its neighbours, one after the other, and how many those are."""
    disk = h3.grid_disk
    disks = [disk(cell, 1) for cell in cells.tolist()]
    counts = np.fromiter(map(len, disks), dtype=np.int64, count=len(disks))
    return np.frombuffer(b"".join(disks), dtype=np.int64), counts


def positions_in(cells: Int, wanted: Int) -> Int:
    """Index of each wanted id in the ascending `cells`, −1 where it is not there."""
    if not len(cells):
        return np.full(len(wanted), -1, dtype=np.int64)
    at = np.minimum(np.searchsorted(cells, wanted), len(cells) - 1)
    return np.where(cells[at] == wanted, at, -1)


def contiguity_graph(cells: Int) -> CellGraph:
    """Graph of the cells that share a border; `cells` ascending, unique, shape (n).

    Resolutions may be mixed, where cells have been replaced by their children: a cell stands for
    its descendants, so a fine cell touches a coarse one if one of its grid neighbours descends
    from it. Raises GeometryError for ids that are no cells or not ascending, and where a cell is
    given together with one that holds it.
    """
    cells = np.asarray(cells, dtype=np.int64)
    _check(cells)
    own = resolution_of(cells)
    row, neighbor = neighbors(cells)
    found = positions_in(cells, neighbor)
    # The finer of two cells of different size always sees the coarser among its neighbours'
    # ancestors, so looking upwards alone finds every pair.
    for coarser in np.unique(own)[::-1][1:]:
        open_ = np.flatnonzero((found < 0) & (own[row] > coarser))
        found[open_] = positions_in(cells, parents(neighbor[open_], int(coarser)))
    seen = found >= 0
    a, b = row[seen], found[seen]
    if len(np.unique(own)) == 1:
        once = a < b
        a, b = a[once], b[once]
    return graph_from_edges(len(cells), a, b, np.full(len(a), SHARED_BORDER, dtype=np.uint8))


def _check(cells: Int) -> None:
    if np.any(np.diff(cells) <= 0):
        raise GeometryError("cell ids must be unique and ascending")
    invalid = np.flatnonzero(~valid_cells(cells))
    if len(invalid):
        raise GeometryError(
            f"{cells[invalid[0]]} is not an H3 cell",
            hint="Check that the ids were not rounded: a spreadsheet keeps only 15 digits.",
        )
    own = resolution_of(cells)
    for coarser in np.unique(own)[:-1]:
        inner = cells[own > coarser]
        holder = positions_in(cells, parents(inner, int(coarser)))
        nested = np.flatnonzero(holder >= 0)
        if len(nested):
            outer, within = cell_to_hex(
                np.array([cells[holder[nested[0]]], inner[nested[0]]], dtype=np.int64)
            )
            raise GeometryError(
                f"cell {within} lies within cell {outer}, and both are given",
                hint="Give either a cell or its children, so that each place is there once.",
            )
