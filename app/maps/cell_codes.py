"""H3 ids packed for the page: 100,000 of them in a few hundred kilobytes.

An id is 64 bits, but a JavaScript number holds only 53. The low 52 bits (base cell and digits) say
everything once mode and resolution are known, and the digits finer than the resolution are all 7.
What remains is sorted, and the differences are written as LEB128 in base64.
"""

import base64

import numpy as np

from geo.arrays import Int

_LOW_52_BITS = (1 << 52) - 1


def cell_ids(cells: list[str]) -> Int:
    """H3 indexes from hex strings, shape (n)."""
    return np.fromiter((int(cell, 16) for cell in cells), dtype=np.int64, count=len(cells))


def cell_resolutions(ids: Int) -> Int:
    """Resolution of each id, 0..15, shape (n)."""
    return np.asarray((ids >> 52) & 0xF, dtype=np.int64)


def pack_cells(ids: Int, resolution: int) -> str:
    """Pack ascending H3 ids that are all of `resolution`."""
    keys = (ids & _LOW_52_BITS) >> (3 * (15 - resolution))
    packed = bytearray()
    for step in np.diff(keys, prepend=0).tolist():
        rest = step
        while rest > 127:
            packed.append((rest & 127) | 128)
            rest >>= 7
        packed.append(rest)
    return base64.b64encode(bytes(packed)).decode("ascii")
