"""Parents and children of cells, by the bits of the H3 index, whole arrays at a time.

An H3 index holds its resolution in bits 52–55 and one digit of three bits per resolution, finest
lowest; unused digits are 7 (h3geo.org, "H3Index Bit Layout").
"""

import h3.api.basic_int as h3
import numpy as np

from geo.arrays import Int

_RESOLUTION_BITS = np.int64(0xF << 52)


def resolution_of(cells: Int) -> Int:
    """The resolution of each cell, 0 to 15, shape (n)."""
    return np.asarray((cells >> 52) & 0xF, dtype=np.int64)


def parents(cells: Int, resolution: int) -> Int:
    """The ancestor of each cell at a resolution not finer than its own, shape (n)."""
    unused = np.int64((1 << 3 * (15 - resolution)) - 1)
    return np.asarray((cells & ~_RESOLUTION_BITS) | np.int64(resolution << 52) | unused, np.int64)


def descendants(cells: Int, resolution: int) -> tuple[Int, Int]:
    """All descendants at a resolution not coarser than any cell's own.

    Returns them with the index of the cell that each belongs to, both of shape (m).
    """
    children = [h3.cell_to_children(cell, resolution) for cell in cells.tolist()]
    counts = np.fromiter((len(some) for some in children), dtype=np.int64, count=len(cells))
    flat = np.fromiter((c for some in children for c in some), np.int64, int(counts.sum()))
    return flat, np.repeat(np.arange(len(cells), dtype=np.int64), counts)


def descendant_count(cells: Int, resolution: int) -> int:
    """How many `descendants` there are, to within the pentagons' missing sixth."""
    return int((7 ** (resolution - resolution_of(cells))).sum())


def coarsened(cells: Int, resolution: int) -> Int:
    """The ancestors at `resolution`, each once, ascending."""
    return np.unique(parents(cells, resolution))
