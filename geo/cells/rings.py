"""The neighbours of cells on the H3 grid, by arithmetic on their digits, whole arrays at a time.

A cell's digits are steps from its ancestors' centres, each on a lattice seven times as dense as the
one before. To step to a neighbour, the step is added to the finest digit; what the sum exceeds the
seven cells around a centre by is a step on the next coarser lattice, and so on up. Modulo the
coarser lattice the seven digits are the integers modulo 7. Where a step leaves the base cell, and
in base cells with a pentagon, lattices are turned against each other: there H3 itself is asked.
"""

from functools import cache

import h3.api.memview_int as h3
import numpy as np
import numpy.typing as npt

from geo.arrays import Bool, Int
from geo.cells.hierarchy import in_pentagon_base
from geo.jit import kernel

_STEPS = 6
_Table = npt.NDArray[np.int64]


def ring_of_six(cells: Int) -> tuple[Int, Bool]:
    """The six neighbours of each cell, (n, 6), and for which cells they are known, (n)."""
    cells = np.array(cells, dtype=np.int64)  # a copy: one that may be written is compiled for
    near = np.empty((len(cells), _STEPS), dtype=np.int64)
    known = ~in_pentagon_base(cells)
    _step_around(cells, *_tables(), near, known)
    return near, known


@kernel
def _step_around(cells: Int, new: _Table, carry: _Table, near: Int, known: Bool) -> None:
    for row in range(len(cells)):
        cell = cells[row]
        if not known[row]:
            continue
        for step in range(1, 7):
            other, on, level = cell, step, (cell >> 52) & 15
            while on > 0 and level > 0:
                shift = 3 * (15 - level)
                digit, parity = (other >> shift) & 7, level & 1
                other += (new[parity, digit, on] - digit) << shift
                on = carry[parity, digit, on]
                level -= 1
            near[row, step - 1] = other
            if on > 0:
                known[row] = False


def ring_by_h3(cells: Int) -> tuple[Int, Int]:
    """The neighbours one after the other, and how many each cell has: six, a pentagon five."""
    rings = [h3.grid_ring(cell, 1) for cell in cells.tolist()]
    counts = np.fromiter(map(len, rings), dtype=np.int64, count=len(rings))
    return np.frombuffer(b"".join(rings), dtype=np.int64), counts


@cache
def _tables() -> tuple[_Table, _Table]:
    """By parity of the resolution, digit and step: the new digit, and the step to carry up."""
    # A digit is a sum of steps along the axes i (4), j (2) and k (1), which add up to nothing.
    axis = {4: (1, 0), 2: (0, 1), 1: (-1, -1)}
    place = np.array(
        [np.sum([axis[b] for b in axis if digit & b] or [(0, 0)], axis=0) for digit in range(7)]
    )
    # The coarser lattice's axes i and j in steps of the finer one, at even and odd resolutions.
    coarser = np.array([[(3, 1), (-1, 2)], [(2, -1), (1, 3)]])
    new = np.zeros((2, 7, 7), dtype=np.int64)
    carry = np.zeros((2, 7, 7), dtype=np.int64)
    for parity in range(2):
        for digit in range(7):
            for step in range(7):
                target = place[digit] + place[step]
                for up in range(7):
                    rest = target - place[up] @ coarser[parity]
                    match = np.flatnonzero((place == rest).all(axis=1))
                    if len(match):
                        new[parity, digit, step], carry[parity, digit, step] = match[0], up
    return new, carry
