"""Which cells touch: the contiguity graph of any set of cells."""

import numpy as np

from geo.arrays import Bool, Int
from geo.cells.graph import SHARED_BORDER, CellGraph, graph_from_edges
from geo.cells.hierarchy import ancestors, parents, resolution_of
from geo.cells.index import cell_to_hex, valid_cells
from geo.cells.rings import ring_by_h3, ring_of_six
from geo.errors import GeometryError


def neighbors(cells: Int) -> tuple[Int, Int]:
    """All neighbours on the grid, in the set or not.

    Returns (row, neighbour): `row` the index of the cell, each of shape (about 6 n), in no order;
    the cell itself is not among its neighbours. A pentagon has five.
    """
    cells = np.asarray(cells, dtype=np.int64)
    six, known = ring_of_six(cells)
    plain, other = np.flatnonzero(known), np.flatnonzero(~known)
    near, counts = ring_by_h3(cells[other])
    row = np.concatenate([np.repeat(plain, 6), np.repeat(other, counts)])
    return row, np.concatenate([six[plain].ravel(), near])


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


def shore_of(cells: Int) -> Bool:
    """Which cells have a neighbour on the grid that is not in the set, (n); cells as above."""
    row, neighbor = neighbors(cells)
    own = resolution_of(cells)
    there = (positions_in(cells, neighbor) >= 0) | (positions_in(ancestors(cells), neighbor) >= 0)
    for coarser in np.unique(own)[:-1]:
        open_ = np.flatnonzero(~there & (own[row] > coarser))
        there[open_] = positions_in(cells, parents(neighbor[open_], int(coarser))) >= 0
    shore = np.zeros(len(cells), dtype=np.bool_)
    shore[row[~there]] = True
    return shore


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
