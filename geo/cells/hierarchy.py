"""Parents and children of cells, by the bits of the H3 index, whole arrays at a time.

An H3 index holds its resolution in bits 52–55 and one digit of three bits per resolution, finest
lowest; unused digits are 7 (h3geo.org, "H3Index Bit Layout").
"""

from functools import cache

import h3.api.basic_int as h3
import numpy as np

from geo.arrays import Bool, Int

FINEST_RESOLUTION = 15

_RESOLUTION_BITS = np.int64(0xF << 52)
_BASE_SHIFT = 45
_DIGIT_BITS = np.int64((1 << 45) - 1)


def resolution_of(cells: Int) -> Int:
    """The resolution of each cell, 0 to 15, shape (n)."""
    return np.asarray((cells >> 52) & 0xF, dtype=np.int64)


def parents(cells: Int, resolution: int) -> Int:
    """The ancestor of each cell at a resolution not finer than its own, shape (n)."""
    unused = np.int64((1 << 3 * (15 - resolution)) - 1)
    return np.asarray((cells & ~_RESOLUTION_BITS) | np.int64(resolution << 52) | unused, np.int64)


def descendants(cells: Int, resolution: int) -> tuple[Int, Int]:
    """All descendants at a resolution not coarser than any cell's own.

    Returns them with the index of the cell that each belongs to, both of shape (m), by cell and
    then ascending.
    """
    found, holder = np.asarray(cells, dtype=np.int64), np.arange(len(cells), dtype=np.int64)
    own = resolution_of(found)
    for level in range(int(own.min(initial=resolution)) + 1, resolution + 1):
        split = resolution_of(found) < level
        children, parent = _children(found[split], level)
        found = np.concatenate([found[~split], children])
        holder = np.concatenate([holder[~split], holder[split][parent]])
    order = np.lexsort((found, holder))
    return found[order], holder[order]


def _children(cells: Int, level: int) -> tuple[Int, Int]:
    """The children of cells one level coarser than `level`, and the index of each one's parent."""
    shift = 3 * (FINEST_RESOLUTION - level)
    bare = (cells & ~(_RESOLUTION_BITS | np.int64(7 << shift))) | np.int64(level << 52)
    children = bare[:, None] | (np.arange(7, dtype=np.int64) << shift)
    there = np.ones(children.shape, dtype=np.bool_)
    there[_pentagons(cells), 1] = False  # a pentagon has no child along the deleted axis
    parent = np.repeat(np.arange(len(cells), dtype=np.int64), 7).reshape(-1, 7)
    return children[there], parent[there]


def in_pentagon_base(cells: Int) -> Bool:
    """Which cells lie in one of the twelve base cells that are pentagons, shape (n)."""
    return np.asarray(_pentagon_bases()[(cells >> _BASE_SHIFT) & 0x7F], dtype=np.bool_)


def _pentagons(cells: Int) -> Bool:
    """Which cells are pentagons: those of a pentagon's base cell whose digits are all 0."""
    used = 3 * (FINEST_RESOLUTION - resolution_of(cells))
    return np.asarray(in_pentagon_base(cells) & (((cells & _DIGIT_BITS) >> used) == 0), np.bool_)


@cache
def _pentagon_bases() -> Bool:
    found = np.zeros(128, dtype=np.bool_)
    found[[h3.get_base_cell_number(cell) for cell in h3.get_pentagons(0)]] = True
    return found


def ancestors(cells: Int) -> Int:
    """All proper ancestors of the cells, of no coarser resolution than the coarsest cell's.

    Each once, ascending.
    """
    own = resolution_of(cells)
    levels = range(int(own.min(initial=FINEST_RESOLUTION)), int(own.max(initial=0)))
    found = [np.unique(parents(cells[own > level], level)) for level in levels]
    return np.sort(np.concatenate([np.empty(0, np.int64), *found]))


def descendant_count(cells: Int, resolution: int) -> int:
    """How many `descendants` there are, to within the pentagons' missing sixth."""
    return int((7 ** (resolution - resolution_of(cells))).sum())


def coarsened(cells: Int, resolution: int) -> Int:
    """The ancestors at `resolution`, each once, ascending."""
    return np.unique(parents(cells, resolution))
